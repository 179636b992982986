//! The HTTP API: a file for each noun, with the requests, the answers and the controllers of its operations.

#![allow(unused_qualifications, reason = "utoipa's macros qualify names")]

mod admission;
mod attachments;
mod audit;
mod callbacks;
mod carrier_hooks;
mod case_actions;
mod case_desk;
mod case_templates;
mod cases;
mod chat_stream;
mod chats;
mod contact;
mod contacts;
mod desk;
mod docs;
mod events;
mod gift_cards;
mod guard;
mod health;
mod help;
mod hooks;
mod keys;
mod mail_hook;
mod markets;
mod metrics;
mod openapi;
mod order_life;
mod order_shapes;
mod orders;
mod parcels;
mod plans;
mod programs;
mod quote_shapes;
mod quotes;
mod reports;
mod sessions;
mod shared;
mod shipments;
mod trail;
mod troubles;
mod wallet;
mod webhooks;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Uri;
use axum::middleware;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{Problem, Service};

/// The largest body of a request, in bytes.
const BODY_MAX: usize = 2 * 1024 * 1024;

/// All operations, described.
fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::with_openapi(openapi::head())
        .merge(quotes::operations())
        .merge(plans::operations())
        .merge(orders::operations())
        .merge(order_life::operations())
        .merge(parcels::operations())
        .merge(shipments::operations())
        .merge(shared::operations())
        .merge(carrier_hooks::operations())
        .merge(wallet::operations())
        .merge(programs::operations())
        .merge(gift_cards::operations())
        .merge(troubles::operations())
        .merge(reports::operations())
        .merge(markets::operations())
        .merge(guard::operations())
        .merge(contact::operations())
        .merge(callbacks::operations())
        .merge(desk::operations())
        .merge(cases::operations())
        .merge(attachments::operations())
        .merge(case_desk::operations())
        .merge(case_actions::operations())
        .merge(case_templates::operations())
        .merge(chats::operations())
        .merge(help::operations())
        .merge(keys::operations())
        .merge(sessions::operations())
        .merge(audit::operations())
        .merge(events::operations())
        .merge(webhooks::operations())
        .merge(hooks::operations())
        .merge(mail_hook::operations())
        .merge(contacts::operations())
}

/// The description of the API: OpenAPI 3.1.
pub fn description() -> OpenApi {
    openapi::completed(operations().into_openapi())
}

/// Everything that is served.
pub fn router(service: Service) -> Router {
    router_with(service, Router::new())
}

/// The same with more behind the same door, which is not described.
pub fn router_with(service: Service, more: Router<Service>) -> Router {
    let (described, description) = operations().split_for_parts();
    let description = openapi::completed(description);
    described
        .merge(metrics::routes())
        .merge(more)
        .layer(middleware::from_fn_with_state(service.clone(), admission::admit))
        .merge(docs::routes(&description))
        .merge(health::routes())
        .fallback(nothing_here)
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(CatchPanicLayer::custom(trail::panicked))
        .layer(middleware::from_fn(trail::follow))
        .with_state(service)
}

async fn nothing_here(uri: Uri) -> Problem {
    let path: String = uri.path().chars().take(200).collect();
    Problem::not_found(format!("There is nothing at {path}; /docs lists what there is."))
}

async fn no_such_method() -> Problem {
    let title = "The method is not one of this path";
    Problem::new(
        axum::http::StatusCode::METHOD_NOT_ALLOWED,
        "method",
        title,
        "See the header `Allow`, and /docs.",
    )
}
