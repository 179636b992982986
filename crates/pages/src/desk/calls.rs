//! Call-backs: the next one, the words to say first, the number to dial, and what came of it.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use choba_app::{AppError, CallReport, CallbackCard, CallbackRefusal, OwnCallback, QueueSnapshot, Right};
use choba_care::callback::{EndedBy, Outcome};
use choba_server::{Problem, Service};
use jiff::Timestamp;

use super::names::{Names, key_of, new_key};
use super::presence::Standing;
use crate::fields::Fields;
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{done, page_with};
use crate::visitor::Staff;

/// Call-backs at the desk.
#[derive(Template)]
#[template(path = "desk/calls.html")]
pub struct CallsPage {
    pub frame: Frame,
    pub standing: Standing,
    pub call: Option<CallShown>,
    pub last: Option<LastCall>,
    pub queues: Vec<(String, QueueSnapshot)>,
    pub notice: Option<String>,
    pub key: String,
}

/// The call-back that one has.
pub struct CallShown {
    pub card: CallbackCard,
    pub question: String,
    pub queue: String,
    pub tried: Vec<(Timestamp, String)>,
}

impl CallShown {
    /// The number as it is dialled; only while it is.
    pub fn number(&self) -> &str {
        self.card.dial.as_deref().map_or("", |dial| dial.trim_start_matches("tel:"))
    }
}

/// What came of the call before.
pub struct LastCall {
    pub state: &'static str,
    pub attempts: u32,
    pub attempts_max: u32,
    pub next_call_at: Option<Timestamp>,
}

impl From<OwnCallback> for LastCall {
    fn from(own: OwnCallback) -> Self {
        let state = own.standing();
        let OwnCallback { attempts, attempts_max, next_call_at, .. } = own;
        Self { state, attempts, attempts_max, next_call_at }
    }
}

impl CallsPage {
    async fn of(
        service: &Service,
        staff: &Staff,
        last: &str,
        notice: Option<String>,
    ) -> Result<Self, AppError> {
        let (counter, market, now) = (&service.counter, &staff.visitor.market, service.clock.now());
        let frame = Frame::of(&staff.visitor, Room::Desk, "/desk/calls");
        let names = Names::of(counter, market, frame.language);
        let call = counter.own_call(&staff.caller, market).await?;
        let queues = counter.care_queues(market, now).await?;
        let queues = queues.into_iter().map(|queue| (names.queue(&queue.queue), queue)).collect();
        let last = last_call(service, staff, last).await?;
        let standing = Standing::of(service, staff).await?;
        let call = call.map(|card| shown_call(&frame, &names, card));
        Ok(Self { call, last, queues, notice, standing, key: new_key(counter), frame })
    }
}

fn shown_call(frame: &Frame, names: &Names, card: CallbackCard) -> CallShown {
    let tried = card.calls.iter().filter(|call| call.ended_at.is_some()).map(|call| {
        let outcome = call.outcome.map(|outcome| super::timeline::word(&outcome)).unwrap_or_default();
        let id = format!("desk-outcome-{outcome}").replace('_', "-");
        (call.dialled_at, frame.say(if frame.has(&id) { &id } else { "desk-outcome-failed" }).to_string())
    });
    CallShown {
        tried: tried.collect(),
        question: names.question(&card.question),
        queue: names.queue(&card.queue),
        card,
    }
}

/// `customer/call-back`, as the report left it in the address.
async fn last_call(service: &Service, staff: &Staff, last: &str) -> Result<Option<LastCall>, AppError> {
    let Some((customer_id, callback_id)) = last.rsplit_once('/') else { return Ok(None) };
    let whose = staff.caller.acting_for(customer_id, &staff.visitor.market, Right::CasesRead)?;
    match service.counter.own_callback(&whose, callback_id, service.clock.now()).await {
        Ok(own) => Ok(Some(own.into())),
        Err(AppError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

pub async fn show(
    State(service): State<Service>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    page_with(StatusCode::OK, &CallsPage::of(&service, &staff, query.one("last"), None).await?)
}

/// The page again with why it was not done.
async fn refused(service: &Service, staff: &Staff, error: AppError) -> Result<Response, Problem> {
    let frame = Frame::of(&staff.visitor, Room::Desk, "/desk/calls");
    let AppError::Callback(refusal) = &error else { return Err(error.into()) };
    let notice = match refusal {
        CallbackRefusal::NotAtTheDesk => frame.say("desk-call-not-there").to_string(),
        other => frame.say("desk-call-refused").with("detail", other.to_string()).to_string(),
    };
    page_with(StatusCode::CONFLICT, &CallsPage::of(service, staff, "", Some(notice)).await?)
}

pub async fn next(State(service): State<Service>, staff: Staff, _: Form) -> Result<Response, Problem> {
    staff.caller.may(Right::CareDesk)?;
    let (market, agent) = (&staff.visitor.market, staff.caller.by());
    match service.counter.next_callback(market, &agent, service.clock.now()).await {
        Ok(Some(_)) => Ok(Redirect::to("/desk/calls").into_response()),
        Ok(None) => Ok(done("/desk/calls", "desk-no-calls")),
        Err(error) => refused(&service, &staff, error).await,
    }
}

pub async fn accept(
    State(service): State<Service>,
    staff: Staff,
    Path(call): Path<String>,
    _: Form,
) -> Result<Response, Problem> {
    staff.caller.may(Right::CareDesk)?;
    let (market, agent) = (&staff.visitor.market, staff.caller.by());
    match service.counter.accept_callback(market, &agent, &call, service.clock.now()).await {
        Ok(_) => Ok(Redirect::to("/desk/calls").into_response()),
        Err(error) => refused(&service, &staff, error).await,
    }
}

pub async fn decline(
    State(service): State<Service>,
    staff: Staff,
    Path(call): Path<String>,
    _: Form,
) -> Result<Response, Problem> {
    staff.caller.may(Right::CareDesk)?;
    let (market, agent) = (&staff.visitor.market, staff.caller.by());
    match service.counter.decline_callback(market, &agent, &call, service.clock.now()).await {
        Ok(()) => Ok(done("/desk/calls", "desk-call-declined")),
        Err(error) => refused(&service, &staff, error).await,
    }
}

pub async fn report(
    State(service): State<Service>,
    staff: Staff,
    Path(call): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    staff.caller.may(Right::CareDesk)?;
    let Some(report) = read(&fields) else { return Err(Problem::field("/report", "no report of a call")) };
    if !fields.one("summary").is_empty() && !fields.one("case").is_empty() {
        let key = key_of(&fields, "desk.call", &call)?;
        let (case, text, now) = (fields.one("case"), fields.one("summary"), service.clock.now());
        service.counter.note_in_case(&staff.caller, case, text, key, now).await?;
    }
    let (market, agent) = (&staff.visitor.market, staff.caller.by());
    match service.counter.report_call(market, &agent, &call, report, service.clock.now()).await {
        Ok(card) if card.state == "connected" => Ok(done("/desk/calls", "desk-call-connected")),
        Ok(card) => {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("last", &format!("{}/{}", card.customer_id, card.callback_id));
            Ok(done(&format!("/desk/calls?{}", query.finish()), "desk-call-reported"))
        }
        Err(error) => refused(&service, &staff, error).await,
    }
}

/// What a form reports of a call.
fn read(fields: &Fields) -> Option<CallReport> {
    let hung_up = |by| CallReport::HungUp {
        by,
        summary: !fields.one("summary").is_empty() || fields.says("written", "yes"),
        agent_last_at: None,
    };
    Some(match fields.one("report") {
        "answered" => CallReport::Answered { words_said: fields.says("words", "said") },
        "no_answer" => CallReport::NotAnswered(Outcome::NoAnswer),
        "busy" => CallReport::NotAnswered(Outcome::Busy),
        "voicemail" => CallReport::NotAnswered(Outcome::Voicemail),
        "failed" => CallReport::NotAnswered(Outcome::Failed),
        "opt_out" => CallReport::NotAnswered(Outcome::OptOut),
        "over" => hung_up(EndedBy::Agent),
        "customer" => hung_up(EndedBy::Customer),
        "dropped" => hung_up(EndedBy::ConnectionLost),
        _ => return None,
    })
}
