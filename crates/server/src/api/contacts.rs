//! `/v1/customers/{customer_id}/contact`: how a customer is written to.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use choba_app::{Contact, ContactWanted};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Asking, Body, Params, PathOf};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(show, set, erase))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct InMarket {
    /// In which market.
    market: String,
}

/// How a customer is written to.
#[derive(Serialize, ToSchema)]
struct ContactShown {
    /// Whole for the customer; covered for others.
    #[schema(example = "h***@e***.jp")]
    email: String,
    /// `ja` or `en`.
    language: String,
    /// Whether the customer wants to hear of value that will expire.
    points_notices: bool,
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
}

impl From<Contact> for ContactShown {
    fn from(contact: Contact) -> Self {
        let Contact { email, language, points_notices, changed_at } = contact;
        Self { email, language, points_notices, changed_at }
    }
}

/// Show how a customer is written to
#[utoipa::path(
    get,
    path = "/v1/customers/{customer_id}/contact",
    operation_id = "show_contact",
    tag = "Contacts",
    security(("bearer" = ["orders:read"])),
    params(("customer_id" = String, Path, description = "Whose"), InMarket),
    responses((status = 200, description = "The contact", body = ContactShown)),
)]
async fn show(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(customer_id): PathOf<String>,
    Params(query): Params<InMarket>,
) -> Result<Json<ContactShown>, Problem> {
    let contact = service.counter.contact(&caller, &customer_id, &query.market).await?;
    Ok(Json(contact.into()))
}

/// A contact to be kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "hanako@example.jp", "language": "ja", "points_notices": true}))]
struct ContactToSet {
    #[schema(max_length = 254)]
    email: String,
    /// `ja` or `en`.
    language: String,
    /// Whether the customer wants to hear of value that will expire.
    #[serde(default)]
    points_notices: bool,
}

/// Set how a customer is written to
#[utoipa::path(
    put,
    path = "/v1/customers/{customer_id}/contact",
    operation_id = "set_contact",
    tag = "Contacts",
    security(("bearer" = ["orders:write"])),
    params(("customer_id" = String, Path, description = "Whose"), InMarket),
    request_body = ContactToSet,
    responses((status = 200, description = "The contact", body = ContactShown)),
)]
async fn set(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(customer_id): PathOf<String>,
    Params(query): Params<InMarket>,
    Body(body): Body<ContactToSet>,
) -> Result<Json<ContactShown>, Problem> {
    let ContactToSet { email, language, points_notices } = body;
    let wanted = ContactWanted { email, language, points_notices };
    let at = service.clock.now();
    let set = service.counter.set_contact(&caller, &customer_id, &query.market, &wanted, at).await?;
    Ok(Json(set.into()))
}

/// Erase how a customer is written to
///
/// Nothing is sent any more. Erasing it again changes nothing.
#[utoipa::path(
    delete,
    path = "/v1/customers/{customer_id}/contact",
    operation_id = "erase_contact",
    tag = "Contacts",
    security(("bearer" = ["orders:write"])),
    params(("customer_id" = String, Path, description = "Whose"), InMarket),
    responses((status = 204, description = "It is erased")),
)]
async fn erase(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(customer_id): PathOf<String>,
    Params(query): Params<InMarket>,
) -> Result<StatusCode, Problem> {
    let at = service.clock.now();
    service.counter.erase_contact(&caller, &customer_id, &query.market, at).await?;
    Ok(StatusCode::NO_CONTENT)
}
