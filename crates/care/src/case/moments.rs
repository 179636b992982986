//! What of a case's events service levels care about: deadlines are reckoned from these, and kept nowhere.

use super::{Actor, CaseChange, CaseEvent, WaitingFor};
use crate::sla::{Happening, Moment};

/// The moments of a case, in order. An opening is one of them, and so is every word of either side, but no note.
pub fn moments(events: &[CaseEvent]) -> Vec<Moment> {
    let mut moments: Vec<Moment> = Vec::with_capacity(events.len());
    let mut solved = false;
    for event in events {
        let what = match &event.change {
            CaseChange::Solved { .. } => Some(Happening::Solved),
            CaseChange::Reopened => Some(Happening::Reopened),
            // Words of thanks after it was solved want no answer.
            CaseChange::Said { .. } if event.by == Actor::Customer && !solved => {
                Some(Happening::CustomerWrote)
            }
            CaseChange::Said { .. } if matches!(event.by, Actor::Agent { .. }) => {
                Some(Happening::StaffReplied)
            }
            CaseChange::UnverifiedAccepted { .. } => Some(Happening::CustomerWrote),
            CaseChange::Opened { .. } => Some(Happening::Opened),
            CaseChange::Waits { waiting: WaitingFor::Customer } => Some(Happening::CustomerAsked),
            CaseChange::Waits { waiting: WaitingFor::ThirdParty { .. } } => Some(Happening::OnHold),
            CaseChange::Resumed { .. } | CaseChange::SplitFrom { .. } => Some(Happening::Resumed),
            CaseChange::Closed | CaseChange::MergedInto { .. } => Some(Happening::Ended),
            _ => None,
        };
        match what {
            Some(Happening::Solved) => solved = true,
            Some(Happening::Reopened) => solved = false,
            _ => {}
        }
        moments.extend(what.map(|what| Moment { at: event.at, what }));
    }
    moments
}
