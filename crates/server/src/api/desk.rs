//! `/v1/callbacks/desk`: agents at the desk, who take the next call-back, dial on their own phone and report.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use choba_app::{
    AtTheDesk, CallReport, CallbackCard, CareReport, PRESENT_FOR, PresentAgent, QueueSnapshot, Right,
};
use choba_care::callback::{EndedBy, Outcome};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::contact::WaitShown;
use super::programs::All;
use super::wallet::InMarket;
use crate::extract::{Asking, Body, Params, PathOf};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(presence, present))
        .routes(routes!(next))
        .routes(routes!(accept))
        .routes(routes!(decline))
        .routes(routes!(report))
        .routes(routes!(queues))
        .routes(routes!(care_report))
}

/// An agent at the desk.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"market": "rakuten-style", "queues": ["desk"], "ready": true, "calls": true, "chats_max": 3}))]
struct Presence {
    market: String,
    /// None to leave.
    queues: Vec<String>,
    /// Whether something new is taken.
    ready: bool,
    calls: bool,
    #[schema(minimum = 0, maximum = 100)]
    chats_max: i64,
}

/// Until when an agent counts as being there.
#[derive(Serialize, ToSchema)]
struct PresentUntil {
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// To be said again before that, every so many seconds.
    seconds: i64,
}

/// Say that one is at the desk
///
/// It ends by itself: an agent whose program stops is nobody whom customers are told to wait for.
#[utoipa::path(
    put,
    path = "/v1/callbacks/desk/presence",
    operation_id = "be_at_the_desk",
    tag = "Desk",
    security(("bearer" = ["care:desk"])),
    request_body = Presence,
    responses((status = 200, description = "It is known", body = PresentUntil)),
)]
async fn presence(
    State(service): State<Service>,
    Asking(caller): Asking,
    Body(body): Body<Presence>,
) -> Result<Json<PresentUntil>, Problem> {
    caller.may(Right::CareDesk)?;
    let desk = AtTheDesk {
        market: body.market,
        agent: caller.by(),
        queues: body.queues,
        ready: body.ready,
        calls: body.calls,
        chats_max: body.chats_max,
    };
    let expires_at = service.counter.be_at_the_desk(desk, service.clock.now()).await?;
    Ok(Json(PresentUntil { expires_at, seconds: PRESENT_FOR.as_secs() / 3 }))
}

/// Somebody at the desk.
#[derive(Debug, Serialize, ToSchema)]
struct PresentShown {
    #[schema(example = "staff:sato")]
    agent: String,
    queues: Vec<String>,
    /// Whether something new is taken.
    ready: bool,
    calls: bool,
    chats_max: i64,
    /// They have a call-back at the moment.
    is_calling: bool,
    /// Until when this is known.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl From<PresentAgent> for PresentShown {
    fn from(present: PresentAgent) -> Self {
        let PresentAgent { agent, queues, ready, calls, chats_max, is_calling, expires_at } = present;
        Self { agent, queues, ready, calls, chats_max, is_calling, expires_at }
    }
}

/// List who is at the desk
#[utoipa::path(
    get,
    path = "/v1/callbacks/desk/presence",
    operation_id = "who_is_at_the_desk",
    tag = "Desk",
    security(("bearer" = ["care:desk"]), ("bearer" = ["care:lead"])),
    params(InMarket),
    responses((status = 200, description = "Those who said so within 90 seconds", body = All<PresentShown>)),
)]
async fn present(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<InMarket>,
) -> Result<Json<All<PresentShown>>, Problem> {
    let present = service.counter.who_is_at_the_desk(&caller, &query.market, service.clock.now()).await?;
    Ok(Json(All { data: present.into_iter().map(PresentShown::from).collect() }))
}

/// A call-back as an agent sees it.
#[derive(Debug, Serialize, ToSchema)]
struct CallCardShown {
    callback_id: String,
    #[schema(example = "offered")]
    state: String,
    customer_id: String,
    queue: String,
    question: String,
    order_id: Option<String>,
    case_id: Option<String>,
    language: String,
    urgent: bool,
    /// Since when the customer waits.
    #[schema(value_type = String, format = DateTime)]
    place_at: Timestamp,
    /// Except for its end.
    number: String,
    /// What to dial; only for the agent who has accepted, while it rings.
    #[schema(example = "tel:+819012345678")]
    dial: Option<String>,
    /// To be said first, before anything is asked.
    words: Option<String>,
    attempts: u32,
    attempts_max: u32,
    #[schema(value_type = Option<String>, format = DateTime)]
    accept_until: Option<Timestamp>,
    follows: Option<String>,
    /// What was tried before.
    #[schema(value_type = Vec<Object>)]
    calls: Vec<Value>,
}

impl From<CallbackCard> for CallCardShown {
    fn from(card: CallbackCard) -> Self {
        let calls = card.calls.iter().filter_map(|call| serde_json::to_value(call).ok());
        Self {
            calls: calls.collect(),
            callback_id: card.callback_id,
            state: card.state.to_owned(),
            customer_id: card.customer_id,
            queue: card.queue,
            question: card.question,
            order_id: card.order_id,
            case_id: card.case_id,
            language: card.language,
            urgent: card.urgent,
            place_at: card.place_at,
            number: card.number_masked,
            dial: card.dial,
            words: card.words,
            attempts: card.attempts,
            attempts_max: card.attempts_max,
            accept_until: card.accept_until,
            follows: card.follows,
        }
    }
}

/// The next call-back, if there is one.
#[derive(Debug, Serialize, ToSchema)]
struct NextShown {
    callback: Option<CallCardShown>,
}

/// Take the next call-back
///
/// The one that the agent has, else the one that waits longest in their queues; what is urgent comes first. It is
/// offered to them for a while.
#[utoipa::path(
    post,
    path = "/v1/callbacks/desk/next",
    operation_id = "next_callback",
    tag = "Desk",
    security(("bearer" = ["care:desk"])),
    params(InMarket),
    responses((status = 200, description = "The next one, or none", body = NextShown)),
)]
async fn next(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<InMarket>,
) -> Result<Json<NextShown>, Problem> {
    caller.may(Right::CareDesk)?;
    let next = service.counter.next_callback(&query.market, &caller.by(), service.clock.now()).await?;
    Ok(Json(NextShown { callback: next.map(CallCardShown::from) }))
}

/// Accept a call-back
///
/// It is saved before the number is shown: nobody else dials it.
#[utoipa::path(
    post,
    path = "/v1/callbacks/{callback}/accept",
    operation_id = "accept_callback",
    tag = "Desk",
    security(("bearer" = ["care:desk"])),
    params(("callback" = String, Path, description = "The call-back"), InMarket),
    responses((status = 200, description = "With the number to dial and the words to say first", body = CallCardShown)),
)]
async fn accept(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(callback): PathOf<String>,
    Params(query): Params<InMarket>,
) -> Result<Json<CallCardShown>, Problem> {
    caller.may(Right::CareDesk)?;
    let now = service.clock.now();
    Ok(Json(service.counter.accept_callback(&query.market, &caller.by(), &callback, now).await?.into()))
}

/// Decline a call-back
///
/// That is no attempt; it keeps its place.
#[utoipa::path(
    post,
    path = "/v1/callbacks/{callback}/decline",
    operation_id = "decline_callback",
    tag = "Desk",
    security(("bearer" = ["care:desk"])),
    params(("callback" = String, Path, description = "The call-back"), InMarket),
    responses((status = 204, description = "It is offered to others")),
)]
async fn decline(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(callback): PathOf<String>,
    Params(query): Params<InMarket>,
) -> Result<StatusCode, Problem> {
    caller.may(Right::CareDesk)?;
    service.counter.decline_callback(&query.market, &caller.by(), &callback, service.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What an agent reports of a call.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "report", deny_unknown_fields)]
#[schema(example = json!({"report": "answered", "words_said": true}))]
enum Report {
    /// The customer answered.
    Answered {
        /// The agent said the words first.
        words_said: bool,
    },
    /// It rang and nobody answered.
    NoAnswer,
    /// The line was busy.
    Busy,
    /// A machine answered.
    Voicemail,
    /// Whoever answered does not want to be called.
    OptOut,
    /// It could not be dialled.
    Failed,
    /// The call is over.
    HungUp {
        /// Who or what ended it: `customer`, `agent`, `connection_lost`.
        #[schema(value_type = String, example = "agent")]
        by: EndedBy,
        /// It is written up.
        summary: bool,
        /// What the agent last did before the end.
        #[schema(value_type = Option<String>, format = DateTime)]
        agent_last_at: Option<Timestamp>,
    },
}

impl From<Report> for CallReport {
    fn from(report: Report) -> Self {
        match report {
            Report::Answered { words_said } => Self::Answered { words_said },
            Report::NoAnswer => Self::NotAnswered(Outcome::NoAnswer),
            Report::Busy => Self::NotAnswered(Outcome::Busy),
            Report::Voicemail => Self::NotAnswered(Outcome::Voicemail),
            Report::OptOut => Self::NotAnswered(Outcome::OptOut),
            Report::Failed => Self::NotAnswered(Outcome::Failed),
            Report::HungUp { by, summary, agent_last_at } => Self::HungUp { by, summary, agent_last_at },
        }
    }
}

/// Report how a call goes
///
/// A call that broke off goes on as another call-back at the same place, for the same agent first.
#[utoipa::path(
    post,
    path = "/v1/callbacks/{callback}/report",
    operation_id = "report_call",
    tag = "Desk",
    security(("bearer" = ["care:desk"])),
    params(("callback" = String, Path, description = "The call-back"), InMarket),
    request_body = Report,
    responses((status = 200, description = "How it stands now", body = CallCardShown)),
)]
async fn report(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(callback): PathOf<String>,
    Params(query): Params<InMarket>,
    Body(body): Body<Report>,
) -> Result<Json<CallCardShown>, Problem> {
    caller.may(Right::CareDesk)?;
    let (agent, now) = (caller.by(), service.clock.now());
    Ok(Json(service.counter.report_call(&query.market, &agent, &callback, body.into(), now).await?.into()))
}

/// A queue as it is now.
#[derive(Debug, Serialize, ToSchema)]
struct QueueShown {
    queue: String,
    /// Its people work at this hour.
    open: bool,
    /// Agents who make calls, and of these who are free.
    staffed: u32,
    free: u32,
    waiting: u32,
    chat_staffed: u32,
    chat_free: u32,
    /// How long one who comes now waits.
    wait: Option<WaitShown>,
}

impl From<QueueSnapshot> for QueueShown {
    fn from(snapshot: QueueSnapshot) -> Self {
        Self {
            queue: snapshot.queue,
            open: snapshot.open,
            staffed: snapshot.load.staffed,
            free: snapshot.load.free,
            waiting: snapshot.load.waiting,
            chat_staffed: snapshot.load.chat_staffed,
            chat_free: snapshot.load.chat_free,
            wait: snapshot.wait.map(WaitShown::from),
        }
    }
}

/// Look at the queues
#[utoipa::path(
    get,
    path = "/v1/callbacks/desk/queues",
    operation_id = "care_queues",
    tag = "Desk",
    security(("bearer" = ["care:desk"]), ("bearer" = ["care:lead"])),
    params(InMarket),
    responses((status = 200, description = "Each queue as it is now", body = All<QueueShown>)),
)]
async fn queues(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<InMarket>,
) -> Result<Json<All<QueueShown>>, Problem> {
    caller.may(Right::CareDesk).or_else(|_| caller.may(Right::CareLead))?;
    let queues = service.counter.care_queues(&query.market, service.clock.now()).await?;
    Ok(Json(All { data: queues.into_iter().map(QueueShown::from).collect() }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PeriodQuery {
    #[param(example = "rakuten-style")]
    market: String,
    #[param(value_type = String, format = DateTime)]
    from: Timestamp,
    /// Not in it; at most 93 days later.
    #[param(value_type = String, format = DateTime)]
    until: Timestamp,
}

/// A queue over a period.
#[derive(Debug, Serialize, ToSchema)]
struct CareReportShown {
    queue: String,
    arrivals: u32,
    answered: u32,
    /// Given up before anybody called.
    abandoned: u32,
    /// Nobody could call, or nobody answered.
    failed: u32,
    /// Calls that broke off.
    dropped: u32,
    /// Seconds.
    wait_p50: Option<u32>,
    wait_p90: Option<u32>,
    within_target_percent: Option<u32>,
    /// Mean seconds of a contact.
    handle_seconds: u32,
    /// What customers were told against what came.
    quotes: QuotesShown,
    /// By hour of the day, in the market's time zone.
    hours: Vec<HourShown>,
}

/// What customers were told against what came.
#[derive(Debug, Serialize, ToSchema)]
struct QuotesShown {
    told: u32,
    /// Called before the band began: 65 at most.
    before_p50_percent: Option<u32>,
    /// Called before the band ended: 80 at least.
    before_p90_percent: Option<u32>,
    kept: Option<bool>,
    /// Mean seconds that were estimated for those who were told: the half-way point of each band.
    estimated_seconds: Option<u32>,
    /// Mean seconds that they really waited.
    waited_seconds: Option<u32>,
    /// The estimate in a hundred parts of the wait: above 100 it was told too long.
    estimate_percent: Option<u32>,
}

/// An hour of the day.
#[derive(Debug, Serialize, ToSchema)]
struct HourShown {
    hour: i8,
    arrivals_per_day: f64,
    /// The fewest people who keep the target, by Erlang C.
    agents: Option<u32>,
}

impl From<CareReport> for CareReportShown {
    fn from(CareReport { queue, report }: CareReport) -> Self {
        let hour = |hour: choba_care::staffing::HourOfDay| HourShown {
            hour: hour.hour,
            arrivals_per_day: hour.arrivals_per_day,
            agents: hour.agents,
        };
        Self {
            queue,
            arrivals: report.arrivals,
            answered: report.answered,
            abandoned: report.abandoned,
            failed: report.failed,
            dropped: report.dropped,
            wait_p50: report.wait_p50,
            wait_p90: report.wait_p90,
            within_target_percent: report.within_target_percent,
            handle_seconds: report.handle_seconds,
            quotes: QuotesShown {
                told: report.quotes.told,
                before_p50_percent: report.quotes.before_p50_percent,
                before_p90_percent: report.quotes.before_p90_percent,
                kept: report.quotes.kept,
                estimated_seconds: report.quotes.estimated_seconds,
                waited_seconds: report.quotes.waited_seconds,
                estimate_percent: report.quotes.estimate_percent,
            },
            hours: report.hours.into_iter().map(hour).collect(),
        }
    }
}

/// Report on the desk
///
/// Arrivals, waits, who gave up, promises kept, and how many people it takes.
#[utoipa::path(
    get,
    path = "/v1/reports/care",
    operation_id = "care_report",
    tag = "Reports",
    security(("bearer" = ["reports:read"])),
    params(PeriodQuery),
    responses((status = 200, description = "Each queue over the period", body = All<CareReportShown>)),
)]
async fn care_report(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<PeriodQuery>,
) -> Result<Json<All<CareReportShown>>, Problem> {
    caller.may(Right::ReportsRead)?;
    let reports = service.counter.care_report(&query.market, query.from, query.until).await?;
    Ok(Json(All { data: reports.into_iter().map(CareReportShown::from).collect() }))
}
