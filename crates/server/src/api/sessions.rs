//! `/v1/handovers` and `/v1/sessions`: how a shop sends its customers to the pages, and who is signed in there.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use choba_app::{Caller, HandOver, HandedOver, Right, Session};
use choba_formats::language::Language;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::quote_shapes::{QuoteLine, QuotePay};
use crate::extract::{Asking, IdempotencyKey, Page, Params, PathOf, RawJson, read_json};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(hand_over)).routes(routes!(list)).routes(routes!(end))
}

/// A customer to be handed over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "customer_id": "hanako",
    "market": "rakuten-style",
    "language": "ja",
    "cart": {
        "lines": [{"id": "1", "sku": "A", "seller": "shop-a", "kind": "physical", "unit_price": 2000, "quantity": 2,
            "tax_rate": "0.10"}],
        "pay": {"method": {"type": "card"}}
    }
}))]
struct CustomerToHandOver {
    /// Who; a customer's own token says it.
    customer_id: Option<String>,
    /// Into which market.
    market: String,
    /// `ja` or `en`.
    language: String,
    /// What they have in the cart; at most 64 KiB.
    #[schema(value_type = Option<HandedCart>)]
    cart: Option<Box<RawValue>>,
}

/// The cart's part of a quote's request.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "lines": [{"id": "1", "sku": "A", "seller": "shop-a", "kind": "physical", "unit_price": 2000, "quantity": 2,
        "tax_rate": "0.10"}]
}))]
struct HandedCart {
    /// The goods.
    lines: Vec<QuoteLine>,
    /// How it is to be paid, as far as that is chosen.
    pay: Option<QuotePay>,
}

/// A customer handed over.
#[derive(Serialize, ToSchema)]
struct CustomerHandedOver {
    /// Where to send the customer's browser, below the address of the pages. It opens a session once.
    #[schema(example = "/enter/…")]
    url_path: String,
    /// From then on it opens nothing.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl From<HandedOver> for CustomerHandedOver {
    fn from(handed: HandedOver) -> Self {
        Self { url_path: format!("/enter/{}", handed.code.reveal()), expires_at: handed.expires_at }
    }
}

/// Hand a customer over to the pages
///
/// For a shop whose own site knows the customer: the browser that is sent to `url_path` is signed in, with the cart. It is good
/// once, for two minutes. Programs hand over any customer, a customer's own token that customer; staff nobody.
#[utoipa::path(
    post,
    path = "/v1/handovers",
    operation_id = "hand_over_customer",
    tag = "Sessions",
    security(("bearer" = ["orders:write"])),
    params(("Idempotency-Key" = String, Header, description = "New for each time a customer is sent")),
    request_body = CustomerToHandOver,
    responses((status = 201, description = "The way in", body = CustomerHandedOver)),
)]
async fn hand_over(
    State(service): State<Service>,
    Asking(caller): Asking,
    key: IdempotencyKey,
    RawJson(bytes): RawJson,
) -> Result<impl IntoResponse, Problem> {
    caller.needs(Right::OrdersWrite)?;
    let body: CustomerToHandOver = read_json(&bytes)?;
    let customer_id = who(&caller, body.customer_id)?;
    let hand_over = HandOver {
        key: key.of("hand_over", &customer_id, &bytes)?,
        language: language(&body.language)?,
        market: body.market,
        cart: body.cart.map(|cart| cart.get().to_owned()),
        customer_id,
        caller,
    };
    let handed = service.counter.hand_over(hand_over, service.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(CustomerHandedOver::from(handed))))
}

fn who(caller: &Caller, named: Option<String>) -> Result<String, Problem> {
    match (named, caller) {
        (Some(customer_id), _) => Ok(customer_id),
        (None, Caller::Customer { customer_id }) => Ok(customer_id.clone()),
        (None, _) => Err(Problem::field("/customer_id", "needed: who is handed over")),
    }
}

fn language(tag: &str) -> Result<Language, Problem> {
    let known = [Language::Ja, Language::En].into_iter().find(|language| language.tag() == tag);
    known.ok_or_else(|| Problem::field("/language", "expected `ja` or `en`"))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SessionsQuery {
    /// Whose; without it the caller's own.
    customer_id: Option<String>,
}

/// A browser that is signed in.
#[derive(Debug, Serialize, ToSchema)]
struct SessionShown {
    /// Its name, which opens nothing.
    session_id: String,
    market: String,
    /// `ja` or `en`.
    language: String,
    /// What it runs on, coarsely.
    #[schema(example = "Chrome, Windows")]
    device: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = String, format = DateTime)]
    seen_at: Timestamp,
    /// When it ends if it is not used any more.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
}

impl From<Session> for SessionShown {
    fn from(session: Session) -> Self {
        Self {
            session_id: session.session_id,
            market: session.market,
            language: session.language.tag().to_owned(),
            device: session.device,
            created_at: session.created_at,
            seen_at: session.seen_at,
            ends_at: session.ends_at,
        }
    }
}

/// List open sessions
///
/// The browsers in which a customer is signed in, the last used first; for staff without `customer_id`, their own. Nobody has
/// more than 50, so there is one page.
#[utoipa::path(
    get,
    path = "/v1/sessions",
    operation_id = "list_sessions",
    tag = "Sessions",
    security(("bearer" = ["cases:read"])),
    params(SessionsQuery),
    responses((status = 200, description = "The sessions", body = Page<SessionShown>)),
)]
async fn list(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<SessionsQuery>,
) -> Result<Json<Page<SessionShown>>, Problem> {
    let at = service.clock.now();
    let sessions = service.counter.list_sessions(&caller, query.customer_id.as_deref(), at).await?;
    Ok(Json(Page { data: sessions.into_iter().map(SessionShown::from).collect(), next: None }))
}

/// End a session
///
/// One's own; a customer's by staff and programs with the right. That browser is signed out at once, and its cart is gone.
/// Ending it again changes nothing.
#[utoipa::path(
    delete,
    path = "/v1/sessions/{session_id}",
    operation_id = "end_session",
    tag = "Sessions",
    security(("bearer" = ["cases:write"])),
    params(("session_id" = String, Path, description = "Which session")),
    responses((status = 204, description = "It is ended")),
)]
async fn end(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(session_id): PathOf<String>,
) -> Result<StatusCode, Problem> {
    service.counter.end_session_by_id(&caller, &session_id, service.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
