//! Care as shoppers see it: from a problem to a person, calls, chats, and cases.

mod call;
mod calling;
mod case;
mod case_list;
mod chat;
mod chat_events;
mod contact;
mod facts;
mod line;
mod offers;
mod posted;
#[cfg(test)]
pub mod samples;

pub use posted::Posted;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use choba_server::Service;

/// The routes of care.
pub fn routes() -> Router<Service> {
    let with_files = Router::new()
        .route("/cases/{case}", get(case::show).post(case::say))
        .layer(DefaultBodyLimit::max(posted::BODY_MAX));
    Router::new()
        .route("/contact", get(contact::show))
        .route("/contact/call", get(call::ask_page).post(call::ask))
        .route("/contact/code", post(call::code))
        .route("/contact/calling", get(calling::calling))
        .route("/calls/{call}", get(calling::show))
        .route("/calls/{call}/cancel", post(calling::cancel))
        .route("/chats", post(chat::start))
        .route("/chats/{chat}", get(chat::show).post(chat::say))
        .route("/chats/{chat}/events", get(chat_events::events))
        .route("/chats/{chat}/typing", post(chat::typing))
        .route("/chats/{chat}/end", post(chat::end))
        .route("/cases", get(case_list::show).post(case::open))
        .route("/cases/{case}/solved", post(case::solved))
        .route("/cases/{case}/reopen", post(case::reopen))
        .route("/cases/{case}/files/{file}", get(case::file))
        .merge(with_files)
}
