//! A case as its customer sees it: a type of its own, so that nothing of the desk's can slip into it.

use jiff::Timestamp;
use serde::Serialize;

use super::{Case, CaseChange, CaseEvent, CaseLink, CaseState, CaseTerms, Channel};

/// A case as its customer sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PublicCase {
    /// Its id.
    pub case_id: String,
    /// Its number, for people.
    pub number: String,
    /// Counts what happened to it.
    pub version: u32,
    /// What it is about, by key.
    pub topic: String,
    /// What it is about, by key.
    pub question: String,
    /// The order that it is about.
    pub order_id: Option<String>,
    /// `new`, `open`, `pending_customer`, `on_hold`, `solved`, `closed` or `merged`.
    pub state: &'static str,
    /// What was done, where it is solved.
    pub summary: Option<String>,
    /// Until when an answer opens it again, where it is solved.
    pub reopens_until: Option<Timestamp>,
    /// The case that goes on in its place.
    pub continues_as: Option<CaseLink>,
    /// The case that it goes on from.
    pub follow_up_of: Option<CaseLink>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When something last happened that the customer sees.
    pub changed_at: Timestamp,
    /// What was said and what happened, in order.
    pub lines: Vec<PublicLine>,
}

/// Something in a case that its customer sees.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub enum PublicLine {
    /// Somebody said something.
    Message(PublicMessage),
    /// It was passed on to others, under the same number.
    Moved {
        /// When.
        at: Timestamp,
        /// To which queue, by key.
        queue: String,
    },
    /// It is solved.
    Solved {
        /// When.
        at: Timestamp,
        /// What was done.
        summary: String,
    },
    /// It is open again.
    Reopened {
        /// When.
        at: Timestamp,
    },
    /// Something was done to the order or the wallet.
    Done {
        /// When.
        at: Timestamp,
        /// What, by its word.
        action: String,
    },
    /// A step of a call-back.
    Call {
        /// When.
        at: Timestamp,
        /// Which call-back.
        callback_id: String,
        /// The step, by its word.
        step: &'static str,
    },
    /// A file was added.
    Attachment {
        /// When.
        at: Timestamp,
        /// Which.
        attachment_id: String,
        /// As it is called.
        name: String,
        /// What it is.
        media_type: String,
    },
    /// Another case goes on in this one.
    Joined {
        /// When.
        at: Timestamp,
        /// Which.
        case: CaseLink,
    },
}

/// Something said in a case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PublicMessage {
    /// Its place in the case.
    pub seq: u32,
    /// When.
    pub at: Timestamp,
    /// The agent's public name; nothing where the customer said it.
    pub agent: Option<String>,
    /// Which way.
    pub channel: Channel,
    /// Plain text.
    pub text: String,
    /// Attachments, by id.
    pub attachments: Vec<String>,
}

/// The case as its customer sees it.
pub fn public_view(case: &Case, events: &[CaseEvent], terms: &CaseTerms) -> PublicCase {
    let lines: Vec<_> = events.iter().filter_map(|event| line(case, event)).collect();
    let summary = match &case.state {
        CaseState::Solved { summary, .. } => Some(summary.clone()),
        _ => None,
    };
    let continues_as = match &case.state {
        CaseState::Merged { into, .. } => Some(into.clone()),
        _ => case.followed_up_by.clone(),
    };
    let seen = events.iter().filter(|event| line(case, event).is_some()).map(|event| event.at);
    PublicCase {
        case_id: case.case_id.clone(),
        number: case.number.clone(),
        version: case.version,
        topic: case.opening.topic.clone(),
        question: case.opening.question.clone(),
        order_id: case.opening.order_id.clone(),
        state: case.state.code(),
        summary,
        reopens_until: case.due_at(terms),
        continues_as,
        follow_up_of: case.opening.follow_up_of.clone(),
        opened_at: case.opened_at,
        changed_at: seen.max().unwrap_or(case.opened_at),
        lines,
    }
}

fn line(case: &Case, event: &CaseEvent) -> Option<PublicLine> {
    let at = event.at;
    Some(match &event.change {
        CaseChange::Said { .. } | CaseChange::UnverifiedAccepted { .. } => {
            PublicLine::Message(message(case, event.seq)?)
        }
        CaseChange::Escalated { to_queue: queue, .. } => PublicLine::Moved { at, queue: queue.clone() },
        CaseChange::Solved { summary, .. } => PublicLine::Solved { at, summary: summary.clone() },
        CaseChange::Reopened => PublicLine::Reopened { at },
        CaseChange::ActionDone { action_id, .. } => {
            let action = case.action(action_id).ok()?.action.get("action")?.as_str()?.to_owned();
            PublicLine::Done { at, action }
        }
        CaseChange::AttachmentAdded { attachment_id, name, media_type, .. } => PublicLine::Attachment {
            at,
            attachment_id: attachment_id.clone(),
            name: name.clone(),
            media_type: media_type.clone(),
        },
        CaseChange::CallStepped { callback_id, step } => {
            PublicLine::Call { at, callback_id: callback_id.clone(), step: step.code() }
        }
        CaseChange::MergedFrom { case: other, .. } => PublicLine::Joined { at, case: other.clone() },
        _ => return None,
    })
}

fn message(case: &Case, seq: u32) -> Option<PublicMessage> {
    let said = case.said.iter().find(|said| said.seq == seq)?;
    Some(PublicMessage {
        seq,
        at: said.at,
        agent: said.agent.as_ref().map(|agent| agent.alias.clone()),
        channel: said.channel,
        text: said.text.clone(),
        attachments: said.attachments.clone(),
    })
}
