//! Macros: run on a case, and published by whoever leads.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::response::Response;
use choba_app::{AppError, Macro, MacroStep};
use choba_care::case::Priority;
use choba_server::{Problem, Service};

use super::case::{Typed, refused};
use super::names::key_of;
use super::queue::priority_word;
use super::templates::again;
use crate::fields::{Faults, Fields};
use crate::form::Form;
use crate::page::done;
use crate::visitor::Staff;

pub async fn run(
    State(service): State<Service>,
    staff: Staff,
    Path(case_id): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let key = key_of(&fields, "desk.macro", &case_id)?;
    let seen = (case_id.as_str(), fields.one("version").parse().unwrap_or(0));
    let (name, now) = (fields.one("macro"), service.clock.now());
    match service.counter.run_macro(&staff.caller, seen, name, &BTreeMap::new(), key, now).await {
        Ok(_) => Ok(done(&format!("/desk/cases/{case_id}"), "desk-macro-run")),
        Err(error) => refused(&service, &staff, &case_id, error, Typed::default()).await,
    }
}

/// Publishes a macro: a step a line, such as `note: 確認中` or `wait`.
pub async fn publish(
    State(service): State<Service>,
    staff: Staff,
    Form(fields): Form,
) -> Result<Response, Problem> {
    staff.caller.may(choba_app::Right::CareLead)?;
    let frame = crate::frame::Frame::of(&staff.visitor, crate::frame::Room::Desk, "/desk/templates");
    let steps: Option<Vec<MacroStep>> =
        fields.one("steps").lines().filter(|line| !line.trim().is_empty()).map(step).collect();
    let Some(steps) = steps else {
        return again(&service, &staff, &fields, Faults::one("steps", frame.say("desk-fault-steps"))).await;
    };
    let (key, title) = (fields.one("macro_key").to_owned(), fields.one("macro_title").to_owned());
    let new = Macro { key, title, version: 0, steps };
    let (market, now) = (&staff.visitor.market, service.clock.now());
    match service.counter.publish_macro(&staff.caller, market, new, now).await {
        Ok(_) => Ok(done("/desk/templates", "desk-macro-published")),
        Err(AppError::Field { field, .. }) => {
            let faults = match field.trim_start_matches('/').split('/').next() {
                Some("key") => Faults::one("macro_key", frame.say("desk-fault-key")),
                Some("title") => Faults::one("macro_title", frame.say("desk-fault-title")),
                _ => Faults::one("steps", frame.say("desk-fault-steps")),
            };
            again(&service, &staff, &fields, faults).await
        }
        Err(error) => Err(error.into()),
    }
}

/// A step as it is written in a line.
fn step(line: &str) -> Option<MacroStep> {
    let (word, rest) = line.split_once([':', '：']).unwrap_or((line, ""));
    let rest = rest.trim();
    let said = || (!rest.is_empty()).then(|| rest.to_owned());
    Some(match word.trim() {
        "reply" => MacroStep::Reply { template: said()? },
        "note" => MacroStep::Note { text: said()? },
        "priority" => {
            let priority = Priority::ALL.into_iter().find(|priority| priority_word(*priority) == rest)?;
            MacroStep::Priority { priority }
        }
        "queue" => {
            let (queue, reason) = rest.split_once(' ')?;
            MacroStep::Queue { queue: queue.to_owned(), reason: reason.trim().to_owned() }
        }
        "wait" => MacroStep::WaitForCustomer,
        "solve" => {
            let (disposition, template) = rest.split_once(' ')?;
            MacroStep::Solve { disposition: disposition.to_owned(), template: template.trim().to_owned() }
        }
        _ => return None,
    })
}

/// A step as it is written in a line.
pub fn line_of(step: &MacroStep) -> String {
    match step {
        MacroStep::Reply { template } => format!("reply: {template}"),
        MacroStep::Note { text } => format!("note: {text}"),
        MacroStep::Priority { priority } => format!("priority: {}", priority_word(*priority)),
        MacroStep::Queue { queue, reason } => format!("queue: {queue} {reason}"),
        MacroStep::WaitForCustomer => "wait".to_owned(),
        MacroStep::Solve { disposition, template } => format!("solve: {disposition} {template}"),
    }
}

/// What was typed into the form of macros.
pub fn typed(fields: &Fields) -> (String, String, String) {
    let one = |name| fields.one(name).to_owned();
    (one("macro_key"), one("macro_title"), one("steps"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_read_as_it_is_written() {
        for line in [
            "reply: acknowledge",
            "note: 確認中",
            "priority: high",
            "queue: leads 判断が必要",
            "wait",
            "solve: delivered acknowledge",
        ] {
            assert_eq!(line_of(&step(line).unwrap()), line);
        }
        for wrong in ["reply", "note: ", "priority: loud", "queue: leads", "dance"] {
            assert_eq!(step(wrong), None, "{wrong}");
        }
    }
}
