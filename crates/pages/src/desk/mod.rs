//! The desk: agents and specialists see what waits, answer cases, call back, chat, and look customers up.
//!
//! - `queue` is what waits, and who is there.
//! - `case` is one screen for a case; `timeline` says what happened to it, `steps` and `actions` do something with it.
//! - `calls` and `chats` are live contacts; `chat_events` is a chat as a stream.
//! - `customers` and `templates` are what agents look up.

mod act;
mod acting;
mod actions;
mod calls;
mod case;
mod case_facts;
mod chat_events;
mod chats;
mod customers;
mod macros;
mod names;
mod presence;
mod queue;
mod reply;
mod steps;
mod templates;
mod timeline;

#[cfg(test)]
pub mod samples;

use axum::Router;
use axum::routing::{get, post};
use choba_server::Service;

/// The routes of the desk.
pub fn routes() -> Router<Service> {
    Router::new()
        .route("/desk", get(queue::show))
        .route("/desk/next", post(queue::next))
        .route("/desk/presence", post(presence::change))
        .route("/desk/presence/beat", post(presence::beat))
        .route("/desk/customers", get(customers::show))
        .route("/desk/templates", get(templates::show).post(templates::publish))
        .route("/desk/templates/macros", post(macros::publish))
        .merge(of_cases())
        .merge(of_contacts())
}

fn of_cases() -> Router<Service> {
    Router::new()
        .route("/desk/cases/{case}", get(case::show))
        .route("/desk/cases/{case}/reply", post(reply::reply))
        .route("/desk/cases/{case}/note", post(reply::note))
        .route("/desk/cases/{case}/preview", post(reply::preview))
        .route("/desk/cases/{case}/step", post(steps::step))
        .route("/desk/cases/{case}/solve", post(steps::solve))
        .route("/desk/cases/{case}/merge", post(steps::merge))
        .route("/desk/cases/{case}/merge/undo", post(steps::undo_merge))
        .route("/desk/cases/{case}/macro", post(macros::run))
        .route("/desk/cases/{case}/reveal", post(steps::reveal))
        .route("/desk/cases/{case}/actions/preview", post(actions::preview))
        .route("/desk/cases/{case}/actions", post(actions::act))
        .route("/desk/cases/{case}/actions/{action}", post(actions::decide))
}

fn of_contacts() -> Router<Service> {
    Router::new()
        .route("/desk/calls", get(calls::show))
        .route("/desk/calls/next", post(calls::next))
        .route("/desk/calls/{call}/accept", post(calls::accept))
        .route("/desk/calls/{call}/decline", post(calls::decline))
        .route("/desk/calls/{call}/report", post(calls::report))
        .route("/desk/chats", get(chats::show))
        .route("/desk/chats/next", post(chats::next))
        .route("/desk/chats/{chat}", get(chats::one))
        .route("/desk/chats/{chat}/events", get(chat_events::events))
        .route("/desk/chats/{chat}/take", post(chats::take))
        .route("/desk/chats/{chat}/say", post(chats::say))
        .route("/desk/chats/{chat}/typing", post(chats::typing))
        .route("/desk/chats/{chat}/give-back", post(chats::give_back))
        .route("/desk/chats/{chat}/end", post(chats::end))
}
