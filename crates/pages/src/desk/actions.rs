//! What the desk does to the order or the wallet: shown first, then confirmed, and decided by a second person where it takes one.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use choba_app::CaseAction;
use choba_server::{Problem, Service};

use super::act;
use super::acting::Acting;
use super::case::{Typed, refused, shown};
use super::names::{key_of, new_key};
use crate::fields::{Faults, Fields};
use crate::form::{Form, TOKEN};
use crate::frame::{Frame, Room};
use crate::page::{done, page};
use crate::visitor::Staff;

/// What is about to be done.
#[derive(Template)]
#[template(path = "desk/confirm.html")]
pub struct ConfirmPage {
    pub frame: Frame,
    pub case_id: String,
    pub number: String,
    pub what: String,
    pub reason: String,
    pub needs_second_person: bool,
    pub fields: Vec<(String, String)>,
    pub key: String,
}

/// The action of a form, or the case's page again with what is wrong.
async fn read(
    service: &Service,
    staff: &Staff,
    case_id: &str,
    fields: &Fields,
) -> Result<Result<CaseAction, Response>, Problem> {
    let frame = Frame::of(&staff.visitor, Room::Desk, "/desk");
    let missing = fields.one("reason").is_empty();
    let faults = match act::read(&frame, fields) {
        Ok(_) if missing => Faults::one("reason", frame.say("desk-fault-reason")),
        Ok(action) => return Ok(Ok(action)),
        Err(faults) => faults,
    };
    let typed = Typed { notice: faults.first().map(str::to_owned), ..typed(fields, faults) };
    Ok(Err(shown(service, staff, case_id, StatusCode::UNPROCESSABLE_ENTITY, typed).await?))
}

/// What was typed, for the case's page again.
fn typed(fields: &Fields, faults: Faults) -> Typed {
    Typed { acting: Acting { fields: fields.clone(), faults }, ..Typed::default() }
}

/// Says what would be done and whether somebody else has to agree; nothing is done yet.
pub async fn preview(
    State(service): State<Service>,
    staff: Staff,
    Path(case_id): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let action = match read(&service, &staff, &case_id, &fields).await? {
        Ok(action) => action,
        Err(again) => return Ok(again),
    };
    let frame = Frame::of(&staff.visitor, Room::Desk, "/desk");
    let case = service.counter.desk_case(&staff.caller, &case_id, service.clock.now()).await?;
    let needs = service.counter.case_action_needs_second_person(&staff.caller, &case.market, &action);
    let needs_second_person = match needs {
        Ok(needs) => needs,
        Err(error) => {
            return refused(&service, &staff, &case_id, error, typed(&fields, Faults::none())).await;
        }
    };
    let sent = fields.iter().filter(|(name, _)| *name != TOKEN && *name != "key");
    page(&ConfirmPage {
        what: act::said(&frame, &action),
        reason: fields.one("reason").to_owned(),
        number: case.public.number,
        fields: sent.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        key: new_key(&service.counter),
        needs_second_person,
        case_id,
        frame,
    })
}

/// Does it, or asks for a second person.
pub async fn act(
    State(service): State<Service>,
    staff: Staff,
    Path(case_id): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let action = match read(&service, &staff, &case_id, &fields).await? {
        Ok(action) => action,
        Err(again) => return Ok(again),
    };
    let key = key_of(&fields, "desk.act", &case_id)?;
    let (reason, now) = (fields.one("reason"), service.clock.now());
    match service.counter.act_on_case(&staff.caller, &case_id, action, reason, key, now).await {
        Ok((action_id, _)) => told(&service, &staff, &case_id, &action_id).await,
        Err(error) => refused(&service, &staff, &case_id, error, typed(&fields, Faults::none())).await,
    }
}

/// A second person agrees or does not.
pub async fn decide(
    State(service): State<Service>,
    staff: Staff,
    Path((case_id, action_id)): Path<(String, String)>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let (agrees, now) = (fields.says("agrees", "yes"), service.clock.now());
    let both = (case_id.as_str(), action_id.as_str());
    match service.counter.decide_case_action(&staff.caller, both, agrees, now).await {
        Ok(_) => told(&service, &staff, &case_id, &action_id).await,
        Err(error) => refused(&service, &staff, &case_id, error, Typed::default()).await,
    }
}

/// Back to the case, with what came of the action.
async fn told(service: &Service, staff: &Staff, case_id: &str, action_id: &str) -> Result<Response, Problem> {
    let case = service.counter.desk_case(&staff.caller, case_id, service.clock.now()).await?;
    let state = case.actions.iter().find(|action| action.action_id == action_id).map(|action| action.state);
    Ok(done(&format!("/desk/cases/{case_id}"), &format!("desk-action-{}", state.unwrap_or("open"))))
}
