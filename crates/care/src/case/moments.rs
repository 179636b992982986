//! What of a case's events service levels care about: deadlines are reckoned from these, and kept nowhere.

use jiff::Timestamp;

use super::{Actor, CallStep, CaseChange, CaseEvent, WaitingFor};
use crate::sla::{Happening, Moment};

/// The moments of a case, in the order in which they are told. An opening is one of them, and so is every word of either
/// side and every step of a call-back that counts, but no note.
pub fn moments(events: &[CaseEvent]) -> Vec<Moment> {
    let mut moments: Vec<Moment> = Vec::with_capacity(events.len());
    let mut solved = false;
    for event in events {
        let told = match &event.change {
            CaseChange::CallStepped { step, .. } => called(step, event.at),
            _ => happening(event, solved).map(|what| Moment { at: event.at, what }).into_iter().collect(),
        };
        if let CaseChange::CallStepped { step: CallStep::Ended { .. }, .. } = &event.change {
            // A call that was given up before its time is promised no more.
            moments.retain(|moment| moment.what != Happening::CallbackDue || moment.at <= event.at);
        }
        for moment in &told {
            match moment.what {
                Happening::Solved => solved = true,
                Happening::Reopened => solved = false,
                _ => {}
            }
        }
        moments.extend(told);
    }
    moments
}

fn happening(event: &CaseEvent, solved: bool) -> Option<Happening> {
    match &event.change {
        CaseChange::Solved { .. } => Some(Happening::Solved),
        CaseChange::Reopened => Some(Happening::Reopened),
        // Words of thanks after it was solved want no answer.
        CaseChange::Said { .. } if event.by == Actor::Customer && !solved => Some(Happening::CustomerWrote),
        CaseChange::Said { .. } if matches!(event.by, Actor::Agent { .. }) => Some(Happening::StaffReplied),
        CaseChange::UnverifiedAccepted { .. } => Some(Happening::CustomerWrote),
        CaseChange::Opened { .. } => Some(Happening::Opened),
        CaseChange::Waits { waiting: WaitingFor::Customer } => Some(Happening::CustomerAsked),
        CaseChange::Waits { waiting: WaitingFor::ThirdParty { .. } } => Some(Happening::OnHold),
        CaseChange::Resumed { .. } | CaseChange::SplitFrom { .. } => Some(Happening::Resumed),
        CaseChange::Closed | CaseChange::MergedInto { .. } => Some(Happening::Ended),
        _ => None,
    }
}

/// Talking to the customer keeps the promise to call, and is an answer like a written one.
fn called(step: &CallStep, at: Timestamp) -> Vec<Moment> {
    let now = |what| Moment { at, what };
    match step {
        CallStep::Asked { due_at } | CallStep::AskedAgain { due_at } => {
            vec![Moment { at: *due_at, what: Happening::CallbackDue }]
        }
        CallStep::Answered => vec![now(Happening::CalledBack), now(Happening::StaffReplied)],
        CallStep::Ended { .. } => vec![now(Happening::CallbackEnded)],
        CallStep::Accepted { .. } | CallStep::PickedUp | CallStep::NotAnswered { .. } => Vec::new(),
    }
}
