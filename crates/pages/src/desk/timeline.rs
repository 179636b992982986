//! What happened to a customer's cases, each event in a sentence.

use choba_app::{DeskCase, DeskEvent};
use choba_care::case::{Actor, CaseChange, WaitingFor};
use jiff::Timestamp;

use super::names::Names;
use super::queue::priority_word;
use crate::frame::Frame;

/// Something that happened, as the desk reads it.
pub struct EventShown {
    pub at: Timestamp,
    /// Who did it: a message's id, or a name.
    pub who: String,
    /// `theirs`, `mine`, `note` or `told`.
    pub class: &'static str,
    /// What, in a sentence; empty where the words themselves are all.
    pub what: String,
    /// Words that somebody wrote.
    pub words: Option<String>,
    /// Another case of the customer, by its number.
    pub other_case: Option<(String, String)>,
    /// A chat that belongs to it.
    pub chat_id: Option<String>,
}

/// The timeline of a case with its customer's other cases.
pub fn timeline(frame: &Frame, names: &Names, case: &DeskCase) -> Vec<EventShown> {
    let events = case.timeline.iter();
    let shown = events.filter_map(|event| {
        let mut shown = shown(frame, names, event)?;
        shown.other_case = other_case(case, &event.case_id);
        Some(shown)
    });
    shown.collect()
}

fn other_case(case: &DeskCase, case_id: &str) -> Option<(String, String)> {
    if case.public.case_id == case_id {
        return None;
    }
    let other = case.cases.iter().find(|other| other.case_id == case_id)?;
    Some((other.case_id.clone(), other.number.clone()))
}

fn shown(frame: &Frame, names: &Names, event: &DeskEvent) -> Option<EventShown> {
    let change: CaseChange = serde_json::from_value(event.event.clone()).ok()?;
    let by: Actor = serde_json::from_value(event.event.get("by")?.clone()).ok()?;
    let (what, words) = said(frame, names, &change);
    let class = match (&change, &by) {
        (CaseChange::Said { .. }, Actor::Customer) => "theirs",
        (CaseChange::Said { .. } | CaseChange::Solved { .. }, _) => "mine",
        (CaseChange::Noted { .. }, _) => "note",
        _ => "told",
    };
    let chat_id = match &change {
        CaseChange::TranscriptFrozen { chat_id, .. } => Some(chat_id.clone()),
        _ => None,
    };
    Some(EventShown { at: event.at, who: who(frame, &by), class, what, words, other_case: None, chat_id })
}

fn who(frame: &Frame, by: &Actor) -> String {
    match by {
        Actor::Customer => frame.say("desk-by-customer").to_string(),
        Actor::Agent { staff_id, alias } => frame
            .say("desk-by-agent")
            .with("staff", staff_id.clone())
            .with("alias", alias.clone())
            .to_string(),
        Actor::System => frame.say("desk-by-system").to_string(),
        Actor::Carrier { carrier } => carrier.clone(),
    }
}

/// The sentence of an event, and the words that somebody wrote with it.
fn said(frame: &Frame, names: &Names, change: &CaseChange) -> (String, Option<String>) {
    let say = |id: &str| frame.say(&format!("desk-event-{id}"));
    let told = |said: crate::words::Said| (said.to_string(), None);
    let because = |said: crate::words::Said, why: &str| (said.to_string(), Some(why.to_owned()));
    match change {
        CaseChange::Opened { number, opening } => told(
            say("opened").with("number", number.clone()).with("question", names.question(&opening.question)),
        ),
        CaseChange::Said { channel, text, .. } => because(frame.say_of("desk-said", word(channel)), text),
        CaseChange::UnverifiedCame { from_domain, text } => {
            because(say("unverified-came").with("domain", from_domain.clone()), text)
        }
        CaseChange::UnverifiedAccepted { .. } => told(say("unverified-accepted")),
        CaseChange::Noted { text } => because(say("noted"), text),
        CaseChange::Assigned { staff_id, .. } => told(say("assigned").with("staff", staff_id.clone())),
        CaseChange::Unassigned => told(say("unassigned")),
        CaseChange::Queued { queue, reason, .. } => {
            because(say("queued").with("queue", names.queue(queue)), reason)
        }
        CaseChange::PriorityChanged { priority } => {
            let priority = frame.say_of("desk-priority", priority_word(*priority)).to_string();
            told(say("priority").with("priority", priority))
        }
        CaseChange::Escalated { to_queue, reason, .. } => {
            because(say("escalated").with("queue", names.queue(to_queue)), reason)
        }
        CaseChange::EscalationAccepted { staff_id, .. } => {
            told(say("escalation-accepted").with("staff", staff_id.clone()))
        }
        CaseChange::Waits { waiting: WaitingFor::Customer } => told(say("waits-customer")),
        CaseChange::Waits { waiting: WaitingFor::ThirdParty { who } } => {
            told(say("waits-other").with("who", who.clone()))
        }
        CaseChange::Resumed { reason } => because(say("resumed"), reason),
        CaseChange::Solved { summary, .. } if summary.is_empty() => told(say("solved-by-customer")),
        CaseChange::Solved { summary, .. } => because(say("solved"), summary),
        CaseChange::Reopened => told(say("reopened")),
        CaseChange::Closed => told(say("closed")),
        CaseChange::MergedInto { case, reason } => {
            because(say("merged-into").with("number", case.number.clone()), reason)
        }
        CaseChange::MergedFrom { case, reason } => {
            because(say("merged-from").with("number", case.number.clone()), reason)
        }
        CaseChange::SplitFrom { case } | CaseChange::SplitOff { case } => {
            told(say("split").with("number", case.number.clone()))
        }
        CaseChange::FollowedUp { case } => told(say("followed-up").with("number", case.number.clone())),
        other => of_records(frame, other),
    }
}

/// What is recorded beside words and steps: contacts, files, actions, calls, looks.
fn of_records(frame: &Frame, change: &CaseChange) -> (String, Option<String>) {
    let say = |id: &str| frame.say(&format!("desk-event-{id}"));
    let told = |said: crate::words::Said| (said.to_string(), None);
    match change {
        CaseChange::ContactLinked { channel, .. } => told(frame.say_of("desk-linked", word(channel))),
        CaseChange::TranscriptFrozen { .. } => told(say("transcript")),
        CaseChange::AttachmentAdded { name, .. } => told(say("attached").with("name", name.clone())),
        CaseChange::ActionAsked { action, reason, needs_second_person, .. } => {
            let what = super::act::said_of_value(frame, action);
            let id = if *needs_second_person { "action-waits" } else { "action-asked" };
            (say(id).with("what", what).to_string(), Some(reason.clone()))
        }
        CaseChange::ActionApproved { .. } => told(say("action-approved")),
        CaseChange::ActionRejected { .. } => told(say("action-rejected")),
        CaseChange::ActionDone { .. } => told(say("action-done")),
        CaseChange::ActionRefused { reason, .. } => (say("action-refused").to_string(), Some(reason.clone())),
        CaseChange::CallStepped { step, .. } => {
            let id = format!("desk-call-step-{}", step.code()).replace('_', "-");
            told(frame.say(if frame.has(&id) { &id } else { "desk-call-step-other" }))
        }
        CaseChange::CheckAttached { .. } => told(say("check")),
        CaseChange::LevelWarned { metric, due_at, .. } => {
            let metric = frame.say_of("desk-metric", word(metric)).to_string();
            told(say("level-warned").with("metric", metric).with("due", frame.instant(due_at)))
        }
        CaseChange::LevelMissed { metric, .. } => {
            let metric = frame.say_of("desk-metric", word(metric)).to_string();
            told(say("level-missed").with("metric", metric))
        }
        CaseChange::Revealed { reason, .. } => (say("revealed").to_string(), Some(reason.clone())),
        _ => told(say("measured")),
    }
}

/// A word of the wire, such as `first_reply`.
pub fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
