//! Steps on a case's way: take it, give it back, pass it on, let it wait, merge it, solve it, see what is masked.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use choba_app::{AppError, Route};
use choba_care::case::{EscalationKind, Priority, WaitingFor};
use choba_server::{Problem, Service};

use super::case::{Typed, refused, shown};
use super::names::key_of;
use super::queue::priority_word;
use crate::fields::Fields;
use crate::form::Form;
use crate::page::done;
use crate::visitor::Staff;

pub async fn step(
    State(service): State<Service>,
    staff: Staff,
    Path(case_id): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let Some((route, said)) = route(&fields) else {
        return Err(Problem::field("/step", "no step of a case"));
    };
    let stepped = service.counter.route_case(&staff.caller, &case_id, route, service.clock.now()).await;
    after(&service, &staff, &case_id, stepped, said).await
}

async fn after<T>(
    service: &Service,
    staff: &Staff,
    case_id: &str,
    stepped: Result<T, AppError>,
    said: &str,
) -> Result<Response, Problem> {
    match stepped {
        Ok(_) => Ok(done(&format!("/desk/cases/{case_id}"), said)),
        Err(error) => refused(service, staff, case_id, error, Typed::default()).await,
    }
}

/// The step that a form names, and what is said once it is taken.
fn route(fields: &Fields) -> Option<(Route, &'static str)> {
    let text = |name| fields.one(name).to_owned();
    let skill = Some(text("skill")).filter(|skill| !skill.is_empty());
    Some(match fields.one("step") {
        "take" => (Route::Take, "desk-taken"),
        "release" => (Route::Release, "desk-released"),
        "assign" => (Route::Assign { staff_id: text("staff") }, "desk-assigned"),
        "queue" => (Route::Queue { queue: text("queue"), skill, reason: text("reason") }, "desk-moved"),
        "priority" => {
            let named = |priority: &Priority| priority_word(*priority) == fields.one("priority");
            (Route::Priority(Priority::ALL.into_iter().find(named)?), "desk-priority-set")
        }
        "escalate" => {
            let kind = match fields.one("kind") {
                "hierarchical" => EscalationKind::Hierarchical,
                _ => EscalationKind::Functional,
            };
            (Route::Escalate { kind, queue: text("queue"), skill, reason: text("reason") }, "desk-escalated")
        }
        "accept" => (Route::Accept, "desk-taken"),
        "wait" if fields.one("who").is_empty() => (Route::Wait(WaitingFor::Customer), "desk-waits"),
        "wait" => (Route::Wait(WaitingFor::ThirdParty { who: text("who") }), "desk-waits"),
        "resume" => (Route::Resume { reason: text("reason") }, "desk-resumed"),
        "accept_mail" => (Route::AcceptMail { came: fields.one("came").parse().ok()? }, "desk-mail-accepted"),
        _ => return None,
    })
}

pub async fn solve(
    State(service): State<Service>,
    staff: Staff,
    Path(case_id): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let key = key_of(&fields, "desk.solve", &case_id)?;
    let (what, now) = ((fields.one("disposition"), fields.one("summary")), service.clock.now());
    let solved = service.counter.solve_case(&staff.caller, &case_id, what, key, now).await;
    after(&service, &staff, &case_id, solved, "desk-solved").await
}

pub async fn merge(
    State(service): State<Service>,
    staff: Staff,
    Path(case_id): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let key = key_of(&fields, "desk.merge", &case_id)?;
    let (both, now) = ((case_id.as_str(), fields.one("into")), service.clock.now());
    let merged = service.counter.merge_cases(&staff.caller, both, fields.one("reason"), key, now).await;
    after(&service, &staff, &case_id, merged, "desk-merged").await
}

pub async fn undo_merge(
    State(service): State<Service>,
    staff: Staff,
    Path(case_id): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let both = (case_id.as_str(), fields.one("into"));
    let undone = service.counter.undo_merge(&staff.caller, both, service.clock.now()).await;
    // Whoever undoes it from the case merged into stays there.
    let seen = if fields.one("from") == "into" { fields.one("into") } else { &case_id };
    after(&service, &staff, seen, undone, "desk-merge-undone").await
}

/// Shows what is masked, once, for a reason. It is written down before it is shown.
pub async fn reveal(
    State(service): State<Service>,
    staff: Staff,
    Path(case_id): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let (reason, now) = (fields.one("reason"), service.clock.now());
    match service.counter.reveal_parcels(&staff.caller, &case_id, reason, now).await {
        Ok(revealed) => {
            let typed = Typed { revealed, ..Typed::default() };
            shown(&service, &staff, &case_id, StatusCode::OK, typed).await
        }
        Err(error) => refused(&service, &staff, &case_id, error, Typed::default()).await,
    }
}
