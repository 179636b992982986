//! `/calls/{id}`: how a call-back stands, live; giving it up; and whether the shop is calling at this moment.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use choba_app::{AppError, NowCalling, OwnCallback, Right};
use choba_server::{Problem, Service};
use jiff::Timestamp;

use super::offers::band;
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{done, page};
use crate::visitor::Shopper;

/// A call-back of the shopper's.
#[derive(Template)]
#[template(path = "care/calling.html", blocks = ["state"])]
pub struct CallingPage {
    pub frame: Frame,
    pub call: CallShown,
    pub now_calling: bool,
    /// The call-back that goes on where this one's call broke off.
    pub goes_on_as: Option<String>,
}

/// How a call-back stands.
pub struct CallShown {
    pub id: String,
    pub state: &'static str,
    pub is_over: bool,
    pub can_cancel: bool,
    pub number: String,
    pub place: Option<String>,
    pub wait: Option<String>,
    pub quoted: Option<String>,
    pub due_at: Timestamp,
    pub next_call_at: Option<Timestamp>,
    pub attempts: String,
    pub attempts_max: String,
    pub words: Option<String>,
}

impl CallShown {
    fn of(frame: &Frame, own: OwnCallback) -> Self {
        let waits = matches!(own.state, "scheduled" | "queued" | "offered" | "retry_wait");
        Self {
            is_over: !waits && !matches!(own.state, "dialling" | "connected"),
            can_cancel: waits,
            state: own.standing(),
            number: own.number_masked,
            place: own.place.map(|place| place.to_string()),
            wait: own.wait.map(|wait| band(frame, wait)),
            quoted: own.quoted.map(|wait| band(frame, wait)),
            due_at: own.due_at,
            next_call_at: own.next_call_at,
            attempts: own.attempts.to_string(),
            attempts_max: own.attempts_max.to_string(),
            words: own.words,
            id: own.callback_id,
        }
    }
}

pub async fn show(
    State(service): State<Service>,
    shopper: Shopper,
    Path(call): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (whose, now) = (shopper.whose(Right::CasesRead)?, service.clock.now());
    let own = service.counter.own_callback(&whose, &call, now).await?;
    let frame = Frame::of(&shopper.visitor, Room::Shopper, "/cases");
    let now_calling = service.counter.now_calling(&whose).await?.calling;
    let open = service.counter.open_callback_of(&whose, now).await?;
    let goes_on = open.filter(|open| open.follows.as_ref() == Some(&own.callback_id));
    let goes_on_as = goes_on.map(|open| open.callback_id);
    let calling = CallingPage { call: CallShown::of(&frame, own), frame, now_calling, goes_on_as };
    match headers.contains_key("hx-request") {
        true => page(&calling.as_state()),
        false => page(&calling),
    }
}

pub async fn cancel(
    State(service): State<Service>,
    shopper: Shopper,
    Path(call): Path<String>,
    _: Form,
) -> Result<Response, Problem> {
    let whose = shopper.whose(Right::CasesWrite)?;
    let path = format!("/calls/{call}");
    match service.counter.cancel_callback(&whose, &call, service.clock.now()).await {
        Ok(_) => Ok(done(&path, "care-call-cancelled")),
        // The phone rings already, or it is over: the page says so.
        Err(AppError::Callback(_)) => Ok(done(&path, "care-call-too-late")),
        Err(error) => Err(error.into()),
    }
}

/// Whether the shop is calling at this moment.
#[derive(Template)]
#[template(path = "care/now_calling.html", blocks = ["answer"])]
pub struct NowCallingPage {
    pub frame: Frame,
    pub calling: bool,
    pub since: Option<Timestamp>,
    pub words: Option<String>,
}

pub async fn calling(
    State(service): State<Service>,
    shopper: Shopper,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let whose = shopper.whose(Right::CasesRead)?;
    let NowCalling { calling, since, words } = service.counter.now_calling(&whose).await?;
    let frame = Frame::of(&shopper.visitor, Room::Shopper, "/cases");
    let calling = NowCallingPage { frame, calling, since, words };
    match headers.contains_key("hx-request") {
        true => page(&calling.as_answer()),
        false => page(&calling),
    }
}
