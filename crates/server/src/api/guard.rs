//! `/v1/guard`: is this really the shop?

use axum::Json;
use axum::extract::State;
use choba_guard::{Kind, Official, Verdict, check, check_as};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::Body;
use crate::problem::InBoth;
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(judge))
}

/// A link, a phone number or a mail sender.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"market": "amazon-style", "input": "https://amaz0n.co.jp/login"}))]
struct GuardRequest {
    /// Whose official contacts count.
    market: String,
    /// What it is; found out without it.
    kind: Option<GuardKind>,
    /// As it was pasted.
    input: String,
}

/// What a text is.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum GuardKind {
    /// A link.
    Url,
    /// A phone number.
    Phone,
    /// A mail sender.
    Email,
}

impl From<GuardKind> for Kind {
    fn from(kind: GuardKind) -> Self {
        match kind {
            GuardKind::Url => Self::Url,
            GuardKind::Phone => Self::Phone,
            GuardKind::Email => Self::Email,
        }
    }
}

/// What it is.
#[derive(Debug, Serialize, ToSchema)]
struct GuardAnswer {
    /// As it was asked.
    input: String,
    /// `url`, `phone` or `email`.
    kind: String,
    /// `official`, `lookalike` or `unknown`.
    verdict: String,
    /// Which official contact it resembles.
    resembles: Option<String>,
    /// What was seen of it.
    signs: Vec<String>,
    /// What a customer is told.
    message: InBoth,
}

/// Is this really the shop?
///
/// Judges a link, a phone number or a mail sender against the market's official contacts. Opens nothing and asks nobody.
#[utoipa::path(
    post,
    path = "/v1/guard",
    operation_id = "judge_contact",
    tag = "Safety",
    request_body = GuardRequest,
    responses((status = 200, description = "The verdict", body = GuardAnswer)),
)]
async fn judge(
    State(service): State<Service>,
    Body(request): Body<GuardRequest>,
) -> Result<Json<serde_json::Value>, Problem> {
    let market = service.counter.markets().get(&request.market)?;
    let contacts: Vec<String> =
        market.contacts.domains.iter().chain(&market.contacts.phones).cloned().collect();
    let official = Official::from_list(&contacts).map_err(|_| Problem::defect("a market's contacts"))?;
    let verdict: Result<Verdict, _> = match request.kind {
        Some(kind) => check_as(kind.into(), &official, &request.input),
        None => check(&official, &request.input),
    };
    let verdict = verdict.map_err(|fault| Problem::field("/input", fault.to_string()))?;
    serde_json::to_value(&verdict).map(Json).map_err(|error| Problem::defect(&error.to_string()))
}
