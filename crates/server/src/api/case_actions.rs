//! `/v1/cases/{case}/actions`: what the desk does to the order or the wallet from a case, with a second person where the role
//! or the amount needs one.

use axum::Json;
use axum::extract::State;
use choba_app::{CaseAction, CaseStepped};
use choba_engine::market::LotKind;
use choba_engine::money::{Money, Points};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::cases::CaseAfter;
use super::order_life::ReasonShape;
use super::order_shapes::LinePartShape;
use crate::extract::{Asking, Body, IdempotencyKey, PathOf, RawJson, read_json};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(act)).routes(routes!(decide))
}

/// Something to be done from a case, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"action": {"action": "refund", "line_id": "1", "amount": 300}, "reason": "箱がつぶれていた"}))]
struct ToAct {
    action: CaseActionShape,
    /// It stands on the case, the entry and the audit log.
    reason: String,
}

/// Something to be done to the case's order or its customer's wallet.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
enum CaseActionShape {
    /// Cancel some lines, or all that is open.
    CancelOrder { lines: Option<Vec<LinePartShape>> },
    /// Let the customer send something back.
    RequestReturn { lines: Vec<LinePartShape>, reason: ReasonShape },
    /// Give back a part of a line's price.
    Refund {
        line_id: String,
        /// Yen.
        #[schema(minimum = 1)]
        amount: i64,
    },
    /// Let the carrier come again.
    Redeliver {
        shipment_id: String,
        #[schema(value_type = String, format = Date)]
        day: Date,
        /// One that is offered for the shipment.
        slot: String,
        /// Whether the customer has the carrier's slip: without it a carrier comes again only where it says that nobody
        /// was in.
        #[serde(default)]
        has_slip: bool,
    },
    /// Give points for the trouble.
    GiveGoodwill {
        program: String,
        #[schema(value_type = Option<String>, example = "limited")]
        kind: Option<LotKind>,
        #[schema(minimum = 1)]
        points: i64,
        /// Their last usable second.
        #[schema(value_type = Option<String>, format = DateTime)]
        expires_at: Option<Timestamp>,
    },
}

impl CaseActionShape {
    fn read(self) -> Result<CaseAction, Problem> {
        Ok(match self {
            Self::CancelOrder { lines } => {
                let parts = lines.map(|lines| lines.into_iter().map(Into::into).collect());
                CaseAction::CancelOrder { parts }
            }
            Self::RequestReturn { lines, reason } => {
                let parts = lines.into_iter().map(Into::into).collect();
                CaseAction::RequestReturn { parts, reason: reason.into() }
            }
            Self::Refund { line_id, amount } => {
                CaseAction::Refund { line_id, amount: Money::new(above_zero("/action/amount", amount)?) }
            }
            Self::Redeliver { shipment_id, day, slot, has_slip } => {
                CaseAction::Redeliver { shipment_id, day, slot, has_slip }
            }
            Self::GiveGoodwill { program, kind, points, expires_at } => {
                let points = Points::new(above_zero("/action/points", points)?);
                CaseAction::GiveGoodwill { program, kind, points, expires_at }
            }
        })
    }
}

fn above_zero(pointer: &str, number: i64) -> Result<i64, Problem> {
    if number < 1 { Err(Problem::field(pointer, "expected 1 or more")) } else { Ok(number) }
}

/// A case after an action was asked for or decided.
#[derive(Serialize, ToSchema)]
struct ActedOn {
    action_id: String,
    /// With what came of it in `actions` of the case at the desk.
    case: CaseAfter,
}

fn acted_on((action_id, stepped): (String, CaseStepped)) -> Json<ActedOn> {
    Json(ActedOn { action_id, case: stepped.into() })
}

/// Do something from a case
///
/// Once for each key. Where the caller's role may not decide it, or it is worth more than one person may decide, it waits for
/// a second person. That the order or the wallet refuses it is no error: it stands on the case, with its reason.
#[utoipa::path(
    post,
    path = "/v1/cases/{case}/actions",
    operation_id = "act_on_case",
    tag = "Cases at the desk",
    security(("bearer" = ["care:desk"])),
    params(
        ("case" = String, Path, description = "The case"),
        ("Idempotency-Key" = String, Header, description = "New for each action"),
    ),
    request_body = ToAct,
    responses((status = 200, description = "It is done, refused or waits", body = ActedOn)),
)]
async fn act(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(case): PathOf<String>,
    key: IdempotencyKey,
    RawJson(bytes): RawJson,
) -> Result<Json<ActedOn>, Problem> {
    let body: ToAct = read_json(&bytes)?;
    let key = key.of("act_on_case", &case, &bytes)?;
    let (action, at) = (body.action.read()?, service.clock.now());
    Ok(acted_on(service.counter.act_on_case(&caller, &case, action, &body.reason, key, at).await?))
}

/// What a second person says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"agrees": true}))]
struct SecondPerson {
    agrees: bool,
}

/// Decide about an action that waits
///
/// By a second person who has the right to do it alone; what moves value needs `value:approve` as well. Whoever asked can take
/// it back, but not agree (`same_person`).
#[utoipa::path(
    post,
    path = "/v1/cases/{case}/actions/{action}/decision",
    operation_id = "decide_case_action",
    tag = "Cases at the desk",
    security(("bearer" = ["care:desk"])),
    params(
        ("case" = String, Path, description = "The case"),
        ("action" = String, Path, description = "The action's id"),
    ),
    request_body = SecondPerson,
    responses((status = 200, description = "It is decided", body = ActedOn)),
)]
async fn decide(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf((case, action)): PathOf<(String, String)>,
    Body(body): Body<SecondPerson>,
) -> Result<Json<ActedOn>, Problem> {
    let at = service.clock.now();
    let stepped = service.counter.decide_case_action(&caller, (&case, &action), body.agrees, at).await?;
    Ok(acted_on((action, stepped)))
}
