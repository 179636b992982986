//! `/v1/keys`: API keys of programs. Their secrets are shown once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use choba_app::{ApiKey, GRACE_USUAL, MadeApiKey, MakeApiKey, Right};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Asking, IdempotencyKey, Page, Params, PathOf, RawJson, limit, read_json};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(list, make)).routes(routes!(rotate)).routes(routes!(end))
}

/// A key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
struct KeyShown {
    key_id: String,
    /// What people call it.
    name: String,
    /// What it may do.
    #[schema(example = json!(["orders:read", "quotes"]))]
    rights: Vec<String>,
    /// `active`, `expired` or `ended`.
    state: String,
    #[schema(value_type = String, format = DateTime)]
    made_at: Timestamp,
    made_by: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// The hour in which it was last used.
    #[schema(value_type = Option<String>, format = DateTime)]
    used_at: Option<Timestamp>,
}

impl KeyShown {
    fn at(key: ApiKey, at: Timestamp) -> Self {
        Self {
            state: key.state(at).as_str().to_owned(),
            rights: key.rights.iter().map(|right| right.as_str().to_owned()).collect(),
            key_id: key.key_id,
            name: key.name,
            made_at: key.made_at,
            made_by: key.made_by,
            expires_at: key.expires_at,
            ended_at: key.ended_at,
            used_at: key.used_at,
        }
    }
}

/// A key with its secret.
#[derive(Serialize, ToSchema)]
struct MadeKey {
    key: KeyShown,
    /// What programs send as their bearer token. It is shown now and never again.
    #[schema(example = "choba_live_…")]
    secret: String,
}

impl MadeKey {
    fn at(made: MadeApiKey, at: Timestamp) -> Self {
        Self { secret: made.secret.reveal().to_owned(), key: KeyShown::at(made.key, at) }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct KeysQuery {
    /// `next` of the page before.
    after: Option<String>,
    /// Rows of the page, 50 without it.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// List keys
///
/// Those that are over too; never with a secret.
#[utoipa::path(
    get,
    path = "/v1/keys",
    operation_id = "list_keys",
    tag = "Keys",
    security(("bearer" = ["keys:manage"])),
    params(KeysQuery),
    responses((status = 200, description = "A page of keys", body = Page<KeyShown>)),
)]
async fn list(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<KeysQuery>,
) -> Result<Json<Page<KeyShown>>, Problem> {
    caller.may(Right::KeysManage)?;
    let (limit, at) = (limit(query.limit)?, service.clock.now());
    let keys = service.counter.api_keys(&caller, query.after.as_deref(), limit.saturating_add(1)).await?;
    let keys = keys.into_iter().map(|key| KeyShown::at(key, at)).collect();
    Ok(Json(Page::cut(keys, limit, |key| key.key_id.clone())))
}

/// A key that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "the shop's backend", "rights": ["quotes", "markets:read"]}))]
struct ToMake {
    /// What people call it.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What it may do: no more than who makes it.
    #[schema(min_items = 1)]
    rights: Vec<String>,
    /// When it ends by itself; never without it.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// Make a key
///
/// Nobody gives a right that they do not have. Repeated under the same `Idempotency-Key` it is answered with `made_before`:
/// the secret was shown, and cannot be shown again.
#[utoipa::path(
    post,
    path = "/v1/keys",
    operation_id = "make_key",
    tag = "Keys",
    security(("bearer" = ["keys:manage"])),
    params(("Idempotency-Key" = String, Header, description = "New for each key")),
    request_body = ToMake,
    responses((status = 201, description = "It is made", body = MadeKey)),
)]
async fn make(
    State(service): State<Service>,
    Asking(caller): Asking,
    key: IdempotencyKey,
    RawJson(bytes): RawJson,
) -> Result<impl IntoResponse, Problem> {
    caller.may(Right::KeysManage)?;
    let body: ToMake = read_json(&bytes)?;
    let make = MakeApiKey {
        rights: rights(&body.rights)?,
        name: body.name,
        expires_at: body.expires_at,
        key: Some(key.of("make_api_key", &caller.by(), &bytes)?),
    };
    let at = service.clock.now();
    let made = service.counter.make_api_key(&caller, make, at).await?;
    Ok((StatusCode::CREATED, Json(MadeKey::at(made, at))))
}

fn rights(words: &[String]) -> Result<Vec<Right>, Problem> {
    let read = |(place, word): (usize, &String)| {
        Right::read(word).ok_or_else(|| {
            let all: Vec<&str> = Right::all().map(Right::as_str).collect();
            Problem::field(&format!("/rights/{place}"), format!("expected one of {}", all.join(", ")))
        })
    };
    words.iter().enumerate().map(read).collect()
}

/// How a key is rotated.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"grace_seconds": 3600}))]
struct ToRotate {
    /// How long the old secret stays good; a day without it, 0 to end it at once.
    #[schema(minimum = 0, maximum = 2_592_000)]
    grace_seconds: Option<i64>,
}

/// Give a key another secret
///
/// The old secret stays good for a while, so that programs can take the new one in turn. Repeating it gives yet another.
#[utoipa::path(
    post,
    path = "/v1/keys/{key_id}/rotate",
    operation_id = "rotate_key",
    tag = "Keys",
    security(("bearer" = ["keys:manage"])),
    params(("key_id" = String, Path, description = "Which key")),
    request_body = ToRotate,
    responses((status = 200, description = "The key with its new secret", body = MadeKey)),
)]
async fn rotate(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(key_id): PathOf<String>,
    RawJson(bytes): RawJson,
) -> Result<Json<MadeKey>, Problem> {
    caller.may(Right::KeysManage)?;
    let body: ToRotate = read_json(&bytes)?;
    let grace = body.grace_seconds.map_or(GRACE_USUAL, SignedDuration::from_secs);
    let at = service.clock.now();
    let made = service.counter.rotate_api_key(&caller, &key_id, grace, at).await?;
    Ok(Json(MadeKey::at(made, at)))
}

/// End a key
///
/// At once, with all its secrets. Ending it again changes nothing.
#[utoipa::path(
    delete,
    path = "/v1/keys/{key_id}",
    operation_id = "end_key",
    tag = "Keys",
    security(("bearer" = ["keys:manage"])),
    params(("key_id" = String, Path, description = "Which key")),
    responses((status = 200, description = "The key, ended", body = KeyShown)),
)]
async fn end(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(key_id): PathOf<String>,
) -> Result<Json<KeyShown>, Problem> {
    let at = service.clock.now();
    Ok(Json(KeyShown::at(service.counter.end_api_key(&caller, &key_id, at).await?, at)))
}
