//! `/v1/callbacks`: asked for by customers, seen, given up; numbers verified; is the shop calling me now?

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use choba_app::{CallbackOutcome, Caller, NowCalling, OwnCallback, RequestCallback, Right};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::contact::{OfferShown, WaitShown, whose};
use crate::extract::{Address, Asking, Body, IdempotencyKey, Params, PathOf};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(request))
        .routes(routes!(see))
        .routes(routes!(cancel))
        .routes(routes!(now_calling))
        .routes(routes!(ask_code))
        .routes(routes!(verify))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OfCustomerInMarket {
    #[param(example = "rakuten-style")]
    market: String,
    /// Whose it is; a customer's own token says it.
    customer_id: Option<String>,
}

/// A customer wants to be called.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"market": "rakuten-style", "question": "other", "number": "090-1234-5678", "language": "ja"}))]
struct ToRequest {
    market: String,
    /// Who; a customer's own token says it.
    customer_id: Option<String>,
    /// An id of the contact topics' questions.
    question: String,
    order_id: Option<String>,
    /// An open case of the customer's that it is about; without it one is opened, or goes on.
    case_id: Option<String>,
    /// As typed. The customer has proved before that it is theirs.
    number: String,
    /// `ja` or `en`.
    language: LanguageWord,
    /// When; as soon as possible without it.
    #[schema(value_type = Option<String>, format = DateTime)]
    call_at: Option<Timestamp>,
    /// The address that the customer comes from, where a program asks for them; kept as a keyed hash only.
    address: Option<String>,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum LanguageWord {
    Ja,
    En,
}

/// A call-back as its customer sees it.
#[derive(Debug, Serialize, ToSchema)]
struct CallbackShown {
    callback_id: String,
    question: String,
    order_id: Option<String>,
    /// `scheduled`, `queued`, `offered`, `dialling`, `connected`, `retry_wait`; over: `completed`, `dropped`,
    /// `exhausted`, `cancelled`, `superseded`, `expired`, `opted_out`.
    #[schema(example = "queued")]
    state: String,
    /// Except for its end.
    number: String,
    /// From 1, while it waits in the queue.
    place: Option<u32>,
    /// How long it still takes.
    wait: Option<WaitShown>,
    /// How long it was said to take.
    quoted: Option<WaitShown>,
    /// From when on a call was promised.
    #[schema(value_type = String, format = DateTime)]
    due_at: Timestamp,
    /// When it ends if nobody can call.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    next_call_at: Option<Timestamp>,
    attempts: u32,
    attempts_max: u32,
    /// A real caller says these words first.
    #[schema(example = "りんご やま")]
    words: Option<String>,
    /// The call-back whose call broke off.
    follows: Option<String>,
}

impl From<OwnCallback> for CallbackShown {
    fn from(own: OwnCallback) -> Self {
        Self {
            callback_id: own.callback_id,
            question: own.question,
            order_id: own.order_id,
            state: own.state.to_owned(),
            number: own.number_masked,
            place: own.place,
            wait: own.wait.map(WaitShown::from),
            quoted: own.quoted.map(WaitShown::from),
            due_at: own.due_at,
            expires_at: own.expires_at,
            next_call_at: own.next_call_at,
            attempts: own.attempts,
            attempts_max: own.attempts_max,
            words: own.words,
            follows: own.follows,
        }
    }
}

/// What came of a request.
#[derive(Debug, Serialize, ToSchema)]
struct RequestedShown {
    /// `requested`, `already_waiting` (for the one shown), or `new_offers`: that is not possible any more.
    #[schema(example = "requested")]
    outcome: &'static str,
    callback: Option<CallbackShown>,
    /// The ways that are open now, where the one that was chosen is not.
    offers: Vec<OfferShown>,
}

impl From<CallbackOutcome> for RequestedShown {
    fn from(outcome: CallbackOutcome) -> Self {
        let shown =
            |outcome, own: OwnCallback| Self { outcome, callback: Some(own.into()), offers: Vec::new() };
        match outcome {
            CallbackOutcome::Requested(own) => shown("requested", *own),
            CallbackOutcome::AlreadyWaiting(own) => shown("already_waiting", *own),
            CallbackOutcome::NewOffers { offers } => Self {
                outcome: "new_offers",
                callback: None,
                offers: offers.into_iter().map(OfferShown::from).collect(),
            },
        }
    }
}

/// Ask to be called
///
/// A customer has one call-back at a time. Where what was chosen is not possible any more, the answer is what is.
#[utoipa::path(
    post,
    path = "/v1/callbacks",
    operation_id = "request_callback",
    tag = "Care",
    security(("bearer" = ["cases:write"])),
    params(("Idempotency-Key" = String, Header, description = "New for each request")),
    request_body = ToRequest,
    responses(
        (status = 201, description = "The customer will be called", body = RequestedShown),
        (status = 200, description = "The customer waits for a call already, or other ways are open", body = RequestedShown),
    ),
)]
async fn request(
    State(service): State<Service>,
    Asking(caller): Asking,
    Address(peer): Address,
    IdempotencyKey(key): IdempotencyKey,
    Body(body): Body<ToRequest>,
) -> Result<impl IntoResponse, Problem> {
    let whose = whose(&caller, body.customer_id, &body.market, Right::CasesWrite)?;
    let request = RequestCallback {
        whose,
        question: body.question,
        order_id: body.order_id,
        case_id: body.case_id,
        number: body.number,
        language: match body.language {
            LanguageWord::Ja => "ja".to_owned(),
            LanguageWord::En => "en".to_owned(),
        },
        call_at: body.call_at,
        address: address_of(&caller, body.address, peer),
        key,
    };
    let outcome = service.counter.request_callback(request, service.clock.now()).await?;
    let status = match outcome {
        CallbackOutcome::Requested(_) => StatusCode::CREATED,
        _ => StatusCode::OK,
    };
    Ok((status, Json(RequestedShown::from(outcome))))
}

/// A customer cannot say that they come from elsewhere.
fn address_of(caller: &Caller, told: Option<String>, peer: String) -> String {
    told.filter(|_| !matches!(caller, Caller::Customer { .. })).unwrap_or(peer)
}

/// Show a call-back
#[utoipa::path(
    get,
    path = "/v1/callbacks/{callback}",
    operation_id = "show_callback",
    tag = "Care",
    security(("bearer" = ["cases:read"])),
    params(("callback" = String, Path, description = "The call-back"), OfCustomerInMarket),
    responses((status = 200, description = "How it stands", body = CallbackShown)),
)]
async fn see(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(callback): PathOf<String>,
    Params(query): Params<OfCustomerInMarket>,
) -> Result<Json<CallbackShown>, Problem> {
    let whose = whose(&caller, query.customer_id, &query.market, Right::CasesRead)?;
    Ok(Json(service.counter.own_callback(&whose, &callback, service.clock.now()).await?.into()))
}

/// Give a call-back up
///
/// Doing so twice is doing it once. While the phone rings it is too late.
#[utoipa::path(
    post,
    path = "/v1/callbacks/{callback}/cancel",
    operation_id = "cancel_callback",
    tag = "Care",
    security(("bearer" = ["cases:write"])),
    params(("callback" = String, Path, description = "The call-back"), OfCustomerInMarket),
    responses((status = 200, description = "It is over", body = CallbackShown)),
)]
async fn cancel(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(callback): PathOf<String>,
    Params(query): Params<OfCustomerInMarket>,
) -> Result<Json<CallbackShown>, Problem> {
    let whose = whose(&caller, query.customer_id, &query.market, Right::CasesWrite)?;
    Ok(Json(service.counter.cancel_callback(&whose, &callback, service.clock.now()).await?.into()))
}

/// Whether the shop is calling now.
#[derive(Debug, Serialize, ToSchema)]
struct NowCallingShown {
    /// Where it is false, whoever calls is not the shop.
    calling: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// A real caller says these words first; none once they were said.
    words: Option<String>,
}

impl From<NowCalling> for NowCallingShown {
    fn from(NowCalling { calling, since, words }: NowCalling) -> Self {
        Self { calling, since, words }
    }
}

/// Ask whether the shop is calling
///
/// At this moment, for the customer whose phone rings.
#[utoipa::path(
    get,
    path = "/v1/callbacks/now-calling",
    operation_id = "now_calling",
    tag = "Care",
    security(("bearer" = ["cases:read"])),
    params(OfCustomerInMarket),
    responses((status = 200, description = "Whether it does", body = NowCallingShown)),
)]
async fn now_calling(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<OfCustomerInMarket>,
) -> Result<Json<NowCallingShown>, Problem> {
    let whose = whose(&caller, query.customer_id, &query.market, Right::CasesRead)?;
    Ok(Json(service.counter.now_calling(&whose).await?.into()))
}

/// A number for which a code is to be sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"market": "rakuten-style", "customer_id": "hanako", "number": "090-1234-5678"}))]
struct ToAskCode {
    market: String,
    customer_id: String,
    number: String,
    /// The address that the customer comes from; kept as a keyed hash only.
    address: Option<String>,
}

/// A code, to be sent to the number at once and kept nowhere.
#[derive(Serialize, ToSchema)]
struct CodeShown {
    code: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Make a code for a number
///
/// For the shop's own program that sends text messages: neither customers nor staff can ask for it. The message names
/// what the code is for, and that staff never ask for it.
#[utoipa::path(
    post,
    path = "/v1/callbacks/numbers/code",
    operation_id = "ask_number_code",
    tag = "Care",
    security(("bearer" = ["cases:write"])),
    request_body = ToAskCode,
    responses((status = 200, description = "The code", body = CodeShown)),
)]
async fn ask_code(
    State(service): State<Service>,
    Asking(caller): Asking,
    Address(peer): Address,
    Body(body): Body<ToAskCode>,
) -> Result<Json<CodeShown>, Problem> {
    let whose = whose(&caller, Some(body.customer_id), &body.market, Right::CasesWrite)?;
    if !matches!(caller, Caller::Machine { .. }) {
        let detail = "A code goes to the phone, by the shop's own program, to nobody else.";
        return Err(Problem::new(StatusCode::FORBIDDEN, "not_allowed", "The caller may not do this", detail));
    }
    let address = body.address.unwrap_or(peer);
    let code = service.counter.ask_number_code(&whose, &body.number, &address, service.clock.now()).await?;
    Ok(Json(CodeShown { code: code.reveal().to_owned(), expires_at: code.expires_at }))
}

/// A code that came by text message.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"market": "rakuten-style", "number": "090-1234-5678", "code": "012345"}))]
struct ToVerify {
    market: String,
    /// Who; a customer's own token says it.
    customer_id: Option<String>,
    number: String,
    /// As typed.
    code: String,
}

/// Verify a number
///
/// From then on the customer may be called there.
#[utoipa::path(
    post,
    path = "/v1/callbacks/numbers/verify",
    operation_id = "verify_number",
    tag = "Care",
    security(("bearer" = ["cases:write"])),
    request_body = ToVerify,
    responses((status = 204, description = "It is the customer's")),
)]
async fn verify(
    State(service): State<Service>,
    Asking(caller): Asking,
    Address(peer): Address,
    Body(body): Body<ToVerify>,
) -> Result<StatusCode, Problem> {
    let whose = whose(&caller, body.customer_id, &body.market, Right::CasesWrite)?;
    // Members of staff have no use for a code.
    if matches!(caller, Caller::Staff { .. }) {
        let detail = "Only the customer types the code.";
        return Err(Problem::new(StatusCode::FORBIDDEN, "not_allowed", "The caller may not do this", detail));
    }
    service.counter.verify_number(&whose, &body.number, &body.code, &peer, service.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
