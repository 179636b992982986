//! `/v1/webhooks`: endpoints that get events, their secrets, what was sent to them and what was not.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use choba_app::{EndpointWanted, EndpointWithSecret, Replay, SECRETS_OVERLAP, ShownEndpoint};
use choba_store::books::{DeliveryState, WebhookDelivery};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{
    Asking, Body, IdempotencyKey, IfMatch, Page, Params, PathOf, RawJson, etag, limit, read_json,
};
use crate::{Problem, Service};

/// The longest overlap of two secrets, in seconds: a week.
const OVERLAP_MAX: i64 = 604_800;

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(list, make))
        .routes(routes!(show, change, remove))
        .routes(routes!(rotate))
        .routes(routes!(test))
        .routes(routes!(deliveries))
        .routes(routes!(replay))
}

/// An endpoint as it is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"url": "https://example.com/hooks", "types": ["order.placed", "order.shipped"]}))]
struct EndpointToKeep {
    /// Where messages go: `https`, to a host of the open internet.
    #[schema(max_length = 2048)]
    url: String,
    /// Kinds of events; all where it names none.
    #[serde(default)]
    types: Vec<String>,
    /// Events of this market only.
    market: Option<String>,
    /// What it is for.
    #[serde(default)]
    #[schema(max_length = 500)]
    description: String,
    /// Whether messages are sent.
    #[serde(default = "yes")]
    enabled: bool,
}

fn yes() -> bool {
    true
}

impl From<EndpointToKeep> for EndpointWanted {
    fn from(body: EndpointToKeep) -> Self {
        let EndpointToKeep { url, types, market, description, enabled } = body;
        Self { url, kinds: types, market, description, enabled }
    }
}

/// An endpoint, without its secret.
#[derive(Debug, Serialize, ToSchema)]
struct EndpointShown {
    endpoint_id: String,
    url: String,
    types: Vec<String>,
    market: Option<String>,
    description: String,
    enabled: bool,
    /// `disabled` by its owner, `gone` (it answered 410) or `failing` for days.
    disabled_because: Option<String>,
    /// Since when nothing has reached it.
    #[schema(value_type = Option<String>, format = DateTime)]
    failing_since: Option<Timestamp>,
    /// Until when the secret before signs too.
    #[schema(value_type = Option<String>, format = DateTime)]
    secret_before_until: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Counts its changes; also in the `ETag`.
    version: i64,
}

impl From<ShownEndpoint> for EndpointShown {
    fn from(endpoint: ShownEndpoint) -> Self {
        let wanted = endpoint.wanted;
        Self {
            endpoint_id: endpoint.endpoint_id,
            url: wanted.url,
            types: wanted.kinds,
            market: wanted.market,
            description: wanted.description,
            enabled: wanted.enabled,
            disabled_because: endpoint.disabled_because,
            failing_since: endpoint.failing_since,
            secret_before_until: endpoint.secret_before_until,
            created_at: endpoint.created_at,
            version: endpoint.version,
        }
    }
}

/// An endpoint with its secret.
#[derive(Serialize, ToSchema)]
struct EndpointWithSecretShown {
    endpoint: EndpointShown,
    /// `whsec_…`, with which messages are verified. It is shown now and never again; absent where the request repeats
    /// one after the secret has changed.
    secret: Option<String>,
}

impl From<EndpointWithSecret> for EndpointWithSecretShown {
    fn from(made: EndpointWithSecret) -> Self {
        Self { endpoint: made.endpoint.into(), secret: made.secret }
    }
}

/// List webhook endpoints
#[utoipa::path(
    get,
    path = "/v1/webhooks",
    operation_id = "list_webhooks",
    tag = "Webhooks",
    security(("bearer" = ["webhooks:manage"])),
    responses((status = 200, description = "All endpoints, at most 100", body = Page<EndpointShown>)),
)]
async fn list(
    State(service): State<Service>,
    Asking(caller): Asking,
) -> Result<Json<Page<EndpointShown>>, Problem> {
    let endpoints = service.counter.list_endpoints(&caller).await?;
    let data = endpoints.into_iter().map(EndpointShown::from).collect();
    Ok(Json(Page { data, next: None }))
}

/// Make a webhook endpoint
///
/// It gets what happens from now on, by the Standard Webhooks specification. The answer has its secret, which is shown once;
/// the same `Idempotency-Key` and body show it again as long as it has not changed.
#[utoipa::path(
    post,
    path = "/v1/webhooks",
    operation_id = "make_webhook",
    tag = "Webhooks",
    security(("bearer" = ["webhooks:manage"])),
    params(("Idempotency-Key" = String, Header, description = "New for each endpoint")),
    request_body = EndpointToKeep,
    responses((status = 201, description = "It is made", body = EndpointWithSecretShown)),
)]
async fn make(
    State(service): State<Service>,
    Asking(caller): Asking,
    key: IdempotencyKey,
    RawJson(bytes): RawJson,
) -> Result<impl IntoResponse, Problem> {
    let body: EndpointToKeep = read_json(&bytes)?;
    let key = key.of("make_endpoint", &caller.by(), &bytes)?;
    let settings = service.telling.hook_settings();
    let made =
        service.counter.make_endpoint(&caller, &body.into(), &settings, &key, service.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(EndpointWithSecretShown::from(made))))
}

/// Show a webhook endpoint
#[utoipa::path(
    get,
    path = "/v1/webhooks/{endpoint_id}",
    operation_id = "show_webhook",
    tag = "Webhooks",
    security(("bearer" = ["webhooks:manage"])),
    params(("endpoint_id" = String, Path, description = "Which endpoint")),
    responses((status = 200, description = "The endpoint", body = EndpointShown)),
)]
async fn show(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(endpoint_id): PathOf<String>,
) -> Result<impl IntoResponse, Problem> {
    let endpoint = service.counter.show_endpoint(&caller, &endpoint_id).await?;
    Ok((etag(endpoint.version), Json(EndpointShown::from(endpoint))))
}

/// Change a webhook endpoint
///
/// What it missed while it was disabled is sent by a replay.
#[utoipa::path(
    put,
    path = "/v1/webhooks/{endpoint_id}",
    operation_id = "change_webhook",
    tag = "Webhooks",
    security(("bearer" = ["webhooks:manage"])),
    params(
        ("endpoint_id" = String, Path, description = "Which endpoint"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that was seen"),
    ),
    request_body = EndpointToKeep,
    responses((status = 200, description = "The endpoint", body = EndpointShown)),
)]
async fn change(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(endpoint_id): PathOf<String>,
    IfMatch(version): IfMatch,
    Body(body): Body<EndpointToKeep>,
) -> Result<impl IntoResponse, Problem> {
    let (settings, at) = (service.telling.hook_settings(), service.clock.now());
    let changed =
        service.counter.change_endpoint(&caller, &endpoint_id, version, &body.into(), &settings, at).await?;
    Ok((etag(changed.version), Json(EndpointShown::from(changed))))
}

/// Remove a webhook endpoint
///
/// With all that waits for it. Removing it again changes nothing.
#[utoipa::path(
    delete,
    path = "/v1/webhooks/{endpoint_id}",
    operation_id = "remove_webhook",
    tag = "Webhooks",
    security(("bearer" = ["webhooks:manage"])),
    params(("endpoint_id" = String, Path, description = "Which endpoint")),
    responses((status = 204, description = "It is removed")),
)]
async fn remove(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(endpoint_id): PathOf<String>,
) -> Result<StatusCode, Problem> {
    service.counter.remove_endpoint(&caller, &endpoint_id, service.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How a secret changes.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"overlap_seconds": 86400}))]
struct EndpointToRotate {
    /// How long the secret before signs too; a day without it.
    #[schema(minimum = 0, maximum = 604_800)]
    overlap_seconds: Option<i64>,
}

/// Give a webhook endpoint another secret
///
/// Both sign for a while, so that nothing is refused meanwhile. Repeated within that time it gives yet another, and the one that
/// was in use before goes on signing.
#[utoipa::path(
    post,
    path = "/v1/webhooks/{endpoint_id}/rotate",
    operation_id = "rotate_webhook_secret",
    tag = "Webhooks",
    security(("bearer" = ["webhooks:manage"])),
    params(
        ("endpoint_id" = String, Path, description = "Which endpoint"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version that was seen"),
    ),
    request_body = EndpointToRotate,
    responses((status = 200, description = "The endpoint with its new secret", body = EndpointWithSecretShown)),
)]
async fn rotate(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(endpoint_id): PathOf<String>,
    IfMatch(version): IfMatch,
    Body(body): Body<EndpointToRotate>,
) -> Result<Json<EndpointWithSecretShown>, Problem> {
    let overlap = match body.overlap_seconds {
        None => SECRETS_OVERLAP,
        Some(seconds) if (0..=OVERLAP_MAX).contains(&seconds) => SignedDuration::from_secs(seconds),
        Some(_) => return Err(Problem::field("/overlap_seconds", format!("expected 0 to {OVERLAP_MAX}"))),
    };
    let at = service.clock.now();
    let rotated = service.counter.rotate_secret(&caller, &endpoint_id, version, overlap, at).await?;
    Ok(Json(rotated.into()))
}

/// A message that was queued.
#[derive(Debug, Serialize, ToSchema)]
struct QueuedShown {
    /// Its `webhook-id`.
    message_id: String,
}

/// Test a webhook endpoint
///
/// Sends it a message of type `webhook.test`. What became of it stands among its deliveries.
#[utoipa::path(
    post,
    path = "/v1/webhooks/{endpoint_id}/test",
    operation_id = "test_webhook",
    tag = "Webhooks",
    security(("bearer" = ["webhooks:manage"])),
    params(("endpoint_id" = String, Path, description = "Which endpoint")),
    responses((status = 202, description = "It is queued", body = QueuedShown)),
)]
async fn test(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(endpoint_id): PathOf<String>,
) -> Result<impl IntoResponse, Problem> {
    let message_id = service.counter.test_endpoint(&caller, &endpoint_id, service.clock.now()).await?;
    Ok((StatusCode::ACCEPTED, Json(QueuedShown { message_id })))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DeliveriesQuery {
    /// `waiting`, `delivered` or `dead`; all without it.
    state: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// Rows of the page, 50 without it.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// A message, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
struct DeliveryShown {
    /// Its `webhook-id`: the event's id.
    message_id: String,
    /// The kind of event.
    #[serde(rename = "type")]
    kind: String,
    /// `waiting`, `delivered`, or `dead`: not tried any more.
    state: String,
    /// How often it was tried.
    attempts: i64,
    /// The status that was answered last.
    status: Option<i64>,
    /// What went wrong last, as a code.
    fault: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    queued_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    tried_at: Option<Timestamp>,
    /// When it is tried next, while it waits.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_at: Option<Timestamp>,
    /// What is sent.
    #[schema(value_type = Object)]
    body: serde_json::Value,
}

impl TryFrom<WebhookDelivery> for DeliveryShown {
    type Error = Problem;

    fn try_from(delivery: WebhookDelivery) -> Result<Self, Problem> {
        let time = |millis: i64| {
            Timestamp::from_millisecond(millis).map_err(|error| Problem::defect(&error.to_string()))
        };
        let waits = delivery.state == DeliveryState::Waiting;
        Ok(Self {
            state: delivery.state.code().to_owned(),
            attempts: delivery.attempts,
            status: delivery.status,
            queued_at: time(delivery.queued_at)?,
            tried_at: delivery.tried_at.map(time).transpose()?,
            next_at: waits.then(|| time(delivery.next_at)).transpose()?,
            body: serde_json::from_str(&delivery.body)
                .map_err(|error| Problem::defect(&error.to_string()))?,
            message_id: delivery.message_id,
            kind: delivery.kind,
            fault: delivery.fault,
        })
    }
}

/// List what was sent to a webhook endpoint
///
/// The newest first. Dead letters are those of state `dead`.
#[utoipa::path(
    get,
    path = "/v1/webhooks/{endpoint_id}/deliveries",
    operation_id = "list_webhook_deliveries",
    tag = "Webhooks",
    security(("bearer" = ["webhooks:manage"])),
    params(("endpoint_id" = String, Path, description = "Which endpoint"), DeliveriesQuery),
    responses((status = 200, description = "A page of messages", body = Page<DeliveryShown>)),
)]
async fn deliveries(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(endpoint_id): PathOf<String>,
    Params(query): Params<DeliveriesQuery>,
) -> Result<Json<Page<DeliveryShown>>, Problem> {
    let (limit, state) = (limit(query.limit)?, query.state.as_deref().map(state).transpose()?);
    let (counter, before) = (&service.counter, query.after.as_deref());
    let found =
        counter.webhook_deliveries(&caller, &endpoint_id, state, before, limit.saturating_add(1)).await?;
    let rows = found.into_iter().map(DeliveryShown::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Json(Page::cut(rows, limit, |row| row.message_id.clone())))
}

fn state(word: &str) -> Result<DeliveryState, Problem> {
    let unknown = || Problem::field("#state", "expected waiting, delivered or dead");
    DeliveryState::ALL.into_iter().find(|state| state.code() == word).ok_or_else(unknown)
}

/// What is to be sent again: one of both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"since": "2026-11-21T00:00:00+09:00"}))]
struct ToReplay {
    /// One message.
    message_id: Option<String>,
    /// All events told since then that the endpoint wants, at most 10,000.
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
}

/// What is sent again.
#[derive(Debug, Serialize, ToSchema)]
struct ReplayedShown {
    /// How many messages are queued.
    queued: usize,
}

/// Send to a webhook endpoint again
///
/// With the ids that messages had, by which the endpoint knows what it has already.
#[utoipa::path(
    post,
    path = "/v1/webhooks/{endpoint_id}/replay",
    operation_id = "replay_webhooks",
    tag = "Webhooks",
    security(("bearer" = ["webhooks:manage"])),
    params(("endpoint_id" = String, Path, description = "Which endpoint")),
    request_body = ToReplay,
    responses((status = 202, description = "They are queued", body = ReplayedShown)),
)]
async fn replay(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(endpoint_id): PathOf<String>,
    Body(body): Body<ToReplay>,
) -> Result<impl IntoResponse, Problem> {
    let what = match (body.message_id, body.since) {
        (Some(message_id), None) => Replay::One(message_id),
        (None, Some(since)) => Replay::Since(since),
        _ => return Err(Problem::field("", "expected either message_id or since")),
    };
    let at = service.clock.now();
    let queued = service.counter.replay_webhooks(&caller, &endpoint_id, &what, at).await?;
    Ok((StatusCode::ACCEPTED, Json(ReplayedShown { queued })))
}
