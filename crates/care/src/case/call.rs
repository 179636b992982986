//! What of a call-back belongs on its case: each step of it, told by comparing the request before and after.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::callback::{Callback, End, Outcome, State};

/// A step of a call-back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case")]
pub enum CallStep {
    /// The customer asked to be called.
    Asked {
        /// From when on a call was promised.
        due_at: Timestamp,
    },
    /// A call that broke off is made again, as a request of its own.
    AskedAgain {
        /// From when on.
        due_at: Timestamp,
    },
    /// An agent took it: from here on the number is dialled.
    Accepted {
        /// Which dial it is, from 1.
        attempt: u32,
    },
    /// Somebody picked up; the words were not said yet.
    PickedUp,
    /// The customer answered, and the agent said the words.
    Answered,
    /// Nobody answered.
    NotAnswered {
        /// What came of it.
        outcome: Outcome,
        /// When it is tried again, if it is.
        again_at: Option<Timestamp>,
    },
    /// It is over.
    Ended {
        /// How.
        how: End,
        /// How long they talked, where they did.
        talked_seconds: Option<i64>,
    },
}

impl CallStep {
    /// Its word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Asked { .. } => "asked",
            Self::AskedAgain { .. } => "asked_again",
            Self::Accepted { .. } => "accepted",
            Self::PickedUp => "picked_up",
            Self::Answered => "answered",
            Self::NotAnswered { .. } => "not_answered",
            Self::Ended { how, .. } => how.word(),
        }
    }
}

/// The step with which a request begins.
pub fn first_step(callback: &Callback) -> CallStep {
    let due_at = callback.due_at;
    if callback.follows.is_some() { CallStep::AskedAgain { due_at } } else { CallStep::Asked { due_at } }
}

/// The steps from a request to what became of it; none where only its place in the desk's round changed.
pub fn call_steps(before: &Callback, after: &Callback) -> Vec<CallStep> {
    let mut steps = Vec::new();
    if after.attempts > before.attempts {
        steps.push(CallStep::Accepted { attempt: after.attempts });
    }
    let picked_up = |callback: &Callback| callback.calls.last().and_then(|call| call.picked_up_at).is_some();
    if picked_up(after) && !picked_up(before) {
        steps.push(CallStep::PickedUp);
    }
    let talks = |callback: &Callback| matches!(callback.state, State::Connected { .. });
    if talks(after) && !talks(before) {
        steps.push(CallStep::Answered);
    }
    if let State::Dialling { .. } = before.state {
        steps.extend(not_answered(after));
    }
    if let (true, State::Ended { how, .. }) = (before.is_open(), &after.state) {
        steps.push(CallStep::Ended { how: *how, talked_seconds: talked_seconds(after) });
    }
    steps
}

fn not_answered(after: &Callback) -> Option<CallStep> {
    let call = after.calls.last()?;
    let outcome = call.outcome.filter(|outcome| call.ended_at.is_some() && *outcome != Outcome::Answered)?;
    let again_at = match after.state {
        State::RetryWait { until } => Some(until),
        _ => None,
    };
    Some(CallStep::NotAnswered { outcome, again_at })
}

fn talked_seconds(after: &Callback) -> Option<i64> {
    let call = after.calls.last()?;
    let from = call.answered_at.or(call.picked_up_at)?;
    Some(call.ended_at?.duration_since(from).as_secs())
}
