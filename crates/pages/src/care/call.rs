//! `/contact/call`: asking to be called, at a number that was verified, as soon as possible or at a time of one's own.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use choba_app::{AppError, CallbackOutcome, CallbackRefusal, RequestCallback, Right, VerificationRefusal};
use choba_server::{Problem, Service};
use jiff::Timestamp;

use super::contact::AskedAbout;
use super::offers::{Way, ways};
use crate::fields::{Faults, Fields};
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{page, page_with};
use crate::visitor::Shopper;

/// Where one asks to be called.
#[derive(Template)]
#[template(path = "care/call.html")]
pub struct CallPage {
    pub frame: Frame,
    pub asked: AskedAbout,
    pub number: String,
    /// Times to choose from, by day.
    pub days: Vec<(String, Vec<CallTime>)>,
    /// The chosen time; empty for as soon as possible.
    pub call_at: String,
    /// How a call is possible now.
    pub way: Option<Way>,
    pub key: String,
    /// Whether the number has to be verified before.
    pub verifies: bool,
    /// The code that was sent, where the demo plays the phone.
    pub shown_code: Option<String>,
    pub faults: Faults,
}

/// A time at which one may be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallTime {
    pub at: Timestamp,
    pub told: String,
}

impl CallPage {
    async fn of(service: &Service, shopper: &Shopper, fields: &Fields) -> Result<Self, Problem> {
        let (counter, now) = (&service.counter, service.clock.now());
        let (whose, asked) = (shopper.whose(Right::CasesRead)?, AskedAbout::of(fields));
        let frame = Frame::of(&shopper.visitor, Room::Shopper, "/cases");
        let offers = counter.contact_offers(&whose, &asked.question, now).await?;
        let callback = offers.iter().find(|offer| offer.channel == choba_care::offer::Channel::Callback);
        let from = callback.and_then(|offer| offer.opens_at).unwrap_or(now).max(now);
        let times = counter.call_times(&whose.market, &asked.question, from)?;
        Ok(Self {
            days: by_day(&frame, times),
            way: ways(&frame, &offers).into_iter().find(|way| way.channel == "callback"),
            number: fields.one("number").to_owned(),
            call_at: fields.one("call_at").to_owned(),
            key: counter.draw_session_token().reveal().to_owned(),
            verifies: false,
            shown_code: None,
            faults: Faults::none(),
            asked,
            frame,
        })
    }
}

fn by_day(frame: &Frame, times: Vec<Timestamp>) -> Vec<(String, Vec<CallTime>)> {
    let mut days: Vec<(String, Vec<CallTime>)> = Vec::new();
    for at in times {
        let (day, time) = (frame.day_of(&at), CallTime { at, told: frame.instant(&at) });
        match days.last_mut() {
            Some((last, times)) if *last == day => times.push(time),
            _ => days.push((day, vec![time])),
        }
    }
    days
}

pub async fn ask_page(
    State(service): State<Service>,
    shopper: Shopper,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    page(&CallPage::of(&service, &shopper, &query).await?)
}

pub async fn ask(
    State(service): State<Service>,
    shopper: Shopper,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let mut call = CallPage::of(&service, &shopper, &fields).await?;
    let verifies = !fields.one("code").is_empty() || fields.says("step", "verify");
    if verifies && let Some(fault) = verify(&service, &shopper, &fields, &call.frame).await? {
        call.verifies = true;
        call.faults = Faults::one("code", fault);
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &call);
    }
    match request(&service, &shopper, &fields).await {
        Ok(CallbackOutcome::Requested(own) | CallbackOutcome::AlreadyWaiting(own)) => {
            return Ok(Redirect::to(&format!("/calls/{}", own.callback_id)).into_response());
        }
        Ok(CallbackOutcome::NewOffers { .. }) => {
            call.faults = Faults::one("call_at", call.frame.say("care-call-not-then"));
        }
        Err(AppError::Callback(CallbackRefusal::NumberNotVerified)) => call.verifies = true,
        Err(error) => call.faults = told(&call.frame, error)?,
    }
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &call)
}

async fn request(service: &Service, shopper: &Shopper, fields: &Fields) -> Result<CallbackOutcome, AppError> {
    let asked = AskedAbout::of(fields);
    let whose =
        shopper.caller.acting_for(&shopper.customer_id, &shopper.visitor.market, Right::CasesWrite)?;
    let call_at = fields.one("call_at");
    let call_at = call_at.parse::<Timestamp>().ok().filter(|_| !call_at.is_empty());
    let request = RequestCallback {
        whose,
        question: asked.question.clone(),
        order_id: asked.order_id().map(str::to_owned),
        case_id: None,
        number: fields.one("number").to_owned(),
        language: shopper.visitor.language.tag().to_owned(),
        call_at,
        address: shopper.visitor.address.clone(),
        key: fields.one("key").to_owned(),
    };
    service.counter.request_callback(request, service.clock.now()).await
}

/// What is wrong with a request, at its field.
fn told(frame: &Frame, error: AppError) -> Result<Faults, Problem> {
    match error {
        AppError::Field { field, .. } if field == "/number" => {
            Ok(Faults::one("number", frame.say("care-number-none")))
        }
        AppError::Field { field, .. } if field == "/call_at" => {
            Ok(Faults::one("call_at", frame.say("care-call-not-then")))
        }
        AppError::Callback(CallbackRefusal::CallsUsedUp) => {
            Ok(Faults::one("number", frame.say("care-because-calls-used-up")))
        }
        AppError::Callback(
            CallbackRefusal::NumberRegion | CallbackRefusal::NumberKind | CallbackRefusal::NumberNotCalled,
        ) => Ok(Faults::one("number", frame.say("care-number-not-called"))),
        AppError::TooManyTries { again_at } => Ok(Faults::one("number", later(frame, again_at))),
        AppError::KeyReused => Ok(Faults::one("number", frame.say("care-again"))),
        other => Err(other.into()),
    }
}

fn later(frame: &Frame, again_at: i64) -> String {
    let again_at = Timestamp::from_millisecond(again_at).unwrap_or(Timestamp::MAX);
    frame.say("care-later").with("at", frame.instant(&again_at)).to_string()
}

async fn verify(
    service: &Service,
    shopper: &Shopper,
    fields: &Fields,
    frame: &Frame,
) -> Result<Option<String>, Problem> {
    let whose = shopper.whose(Right::CasesWrite)?;
    let (number, code, address) = (fields.one("number"), fields.one("code"), &shopper.visitor.address);
    match service.counter.verify_number(&whose, number, code, address, service.clock.now()).await {
        Ok(()) => Ok(None),
        Err(AppError::Verification(refusal)) => Ok(Some(
            match refusal {
                VerificationRefusal::Wrong { tries_left } => {
                    frame.say("care-code-wrong").with("tries", tries_left.to_string())
                }
                VerificationRefusal::TriedTooOften => frame.say("care-code-too-often"),
                VerificationRefusal::NoCode => frame.say("care-code-none"),
            }
            .to_string(),
        )),
        Err(AppError::TooManyTries { again_at }) => Ok(Some(later(frame, again_at))),
        Err(AppError::Field { field, .. }) if field == "/number" => {
            Ok(Some(frame.say("care-number-none").to_string()))
        }
        Err(AppError::Field { .. }) => Ok(Some(frame.say("care-code-six").to_string())),
        Err(error) => Err(error.into()),
    }
}

/// The demo plays the phone: the code is shown instead of sent. Elsewhere the marketplace's own program sends it.
pub async fn code(
    State(service): State<Service>,
    shopper: Shopper,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let mut call = CallPage::of(&service, &shopper, &fields).await?;
    if !call.frame.is_demo {
        return Err(Problem::not_found("Codes are sent by the marketplace's own program."));
    }
    call.verifies = true;
    let (whose, address) = (shopper.whose(Right::CasesWrite)?, &shopper.visitor.address);
    match service.counter.ask_number_code(&whose, &call.number, address, service.clock.now()).await {
        Ok(code) => call.shown_code = Some(code.reveal().to_owned()),
        Err(error) => call.faults = told(&call.frame, error)?,
    }
    page(&call)
}
