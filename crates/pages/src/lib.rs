//! The pages of choba: what shoppers, agents and operators see in a browser.
//!
//! A page calls the same use cases as the API, shows what came of them in the visitor's language, and decides nothing.
//! Everything works without JavaScript, except what is live. A page is HTML from a template that is checked when it is
//! compiled; its words come from the message files under `messages/`.
//!
//! - `visit` goes around every page: whose session it is, the language, the headers, and errors as pages.
//! - `frame` is what every page has: words, figures, navigation, the token of its forms.
//! - `form` reads what was posted, and takes nothing without that token.

mod account;
mod assets;
mod care;
mod chart;
mod chat_stream;
mod counter;
mod desk;
mod entrance;
mod fields;
mod form;
mod frame;
mod help;
mod kept_form;
mod office;
mod orders;
mod page;
mod settings;
mod shop;
mod visit;
mod visitor;
mod wallet;
mod words;

#[cfg(test)]
mod samples;

use axum::Router;
use axum::middleware;
use choba_server::{Service, api};

pub use settings::{DemoPerson, Settings};

/// Everything that is served: the API, and pages around it.
pub fn router(service: Service, settings: Settings) -> Router {
    let house = page::House::new(service.clone(), settings);
    let rooms = Router::new()
        .merge(assets::routes())
        .merge(entrance::routes())
        .merge(wallet::routes())
        .merge(help::routes())
        .merge(care::routes())
        .merge(account::routes())
        .merge(shop::routes())
        .merge(counter::routes())
        .merge(orders::routes())
        .merge(office::routes())
        .merge(desk::routes());
    api::router_with(service, rooms).layer(middleware::from_fn_with_state(house, visit::visit))
}
