//! A case as it is after all that happened to it.

use jiff::{SignedDuration, Timestamp};

use super::action::ActionOnCase;
use super::event::{CaseLink, Channel, EscalationKind, Opening, Priority, TemplateUsed};
use super::levels::LevelResult;
use crate::sla::Metric;

/// A member of staff who has a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Who.
    pub staff_id: String,
    /// As whom customers know them.
    pub alias: String,
}

/// Where a case stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseState {
    /// Nobody has looked at it.
    New,
    /// It is worked on.
    Open,
    /// The customer was asked something.
    PendingCustomer,
    /// Somebody else has to do something.
    OnHold {
        /// Who.
        who: String,
    },
    /// It is solved, as far as the desk knows.
    Solved {
        /// When.
        at: Timestamp,
        /// What came of it.
        disposition: String,
        /// What was done, for the customer.
        summary: String,
    },
    /// It is over. It never opens again.
    Closed {
        /// When.
        at: Timestamp,
    },
    /// Everything further goes to another case.
    Merged {
        /// Which.
        into: CaseLink,
        /// When.
        at: Timestamp,
        /// Where it stood before.
        before: Box<CaseState>,
    },
}

impl CaseState {
    /// Its word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::PendingCustomer => "pending_customer",
            Self::OnHold { .. } => "on_hold",
            Self::Solved { .. } => "solved",
            Self::Closed { .. } => "closed",
            Self::Merged { .. } => "merged",
        }
    }

    /// Whether the matter is still open: neither solved nor over.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::New | Self::Open | Self::PendingCustomer | Self::OnHold { .. })
    }
}

/// Something that customer and staff can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The number of the event.
    pub seq: u32,
    /// When.
    pub at: Timestamp,
    /// The agent who said it; the customer where there is none.
    pub agent: Option<Agent>,
    /// Which way.
    pub channel: Channel,
    /// Plain text.
    pub text: String,
    /// The template that it was made from.
    pub template: Option<TemplateUsed>,
    /// Attachments, by id.
    pub attachments: Vec<String>,
}

/// A mail whose sender could not be made sure of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unverified {
    /// The number of the event.
    pub came: u32,
    /// When.
    pub at: Timestamp,
    /// The sender's domain.
    pub from_domain: String,
    /// Plain text.
    pub text: String,
    /// Whether staff found that it is the customer's.
    pub accepted: bool,
}

/// Passed on, and not yet taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// To whom.
    pub kind: EscalationKind,
    /// Where it was.
    pub from_queue: String,
    /// Where it goes.
    pub to_queue: String,
    /// Whether whoever has it stays until somebody takes it.
    pub warm: bool,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// A guided check whose findings belong to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachedCheck {
    /// The run.
    pub run_id: String,
    /// Whether it had ended.
    pub ended: bool,
}

/// A case.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its id, such as `cas_…`.
    pub case_id: String,
    /// Its number, for people.
    pub number: String,
    /// What it is about.
    pub opening: Opening,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When something last happened.
    pub changed_at: Timestamp,
    /// The number of its last event.
    pub version: u32,
    /// The hash of its last event.
    pub last_hash: String,
    /// Where it stands.
    pub state: CaseState,
    /// In which queue.
    pub queue: String,
    /// What it needs somebody to know.
    pub skill: Option<String>,
    /// How much it presses.
    pub priority: Priority,
    /// Who has it.
    pub owner: Option<Agent>,
    /// Passed on, and not yet taken.
    pub escalation: Option<Escalation>,
    /// When an agent first said something to the customer.
    pub first_reply_at: Option<Timestamp>,
    /// The oldest word of the customer that nobody has answered.
    pub unanswered_since: Option<Timestamp>,
    /// What was said.
    pub said: Vec<Said>,
    /// Mails whose senders could not be made sure of.
    pub unverified: Vec<Unverified>,
    /// What was done, or is to be done, to the order or the wallet.
    pub actions: Vec<ActionOnCase>,
    /// Files, by id.
    pub attachments: Vec<String>,
    /// Cases that go on in this one, and since when.
    pub merged_here: Vec<(CaseLink, Timestamp)>,
    /// The case that goes on from this closed one.
    pub followed_up_by: Option<CaseLink>,
    /// Guided checks, each as it was attached last.
    pub checks: Vec<AttachedCheck>,
    /// Promises of which it was told that little time is left: which, and which time of it.
    pub warned: Vec<(Metric, u32)>,
    /// Promises that were missed while they were under way: which, and which time of it.
    pub missed: Vec<(Metric, u32)>,
    /// What was promised and what came of it, as it was when the case last ended.
    pub results: Vec<LevelResult>,
}

/// What the desk has decided about cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseTerms {
    /// After so long a solved case is over, and an answer to it begins a new one.
    pub reopen_window: SignedDuration,
    /// For so long a merge can be taken back.
    pub merge_undo: SignedDuration,
    /// A text is no longer than so many bytes.
    pub text_max: usize,
    /// A case has no more events than so many; a longer one is followed up by a new one.
    pub events_max: u32,
    /// A case has no more attachments than so many.
    pub attachments_max: usize,
}

impl Default for CaseTerms {
    fn default() -> Self {
        Self {
            reopen_window: SignedDuration::from_hours(7 * 24),
            merge_undo: SignedDuration::from_hours(24),
            text_max: 20_000,
            events_max: 2_000,
            attachments_max: 20,
        }
    }
}

impl Case {
    /// What was said after an event.
    pub fn said_since(&self, version: u32) -> impl Iterator<Item = &Said> {
        self.said.iter().filter(move |said| said.seq > version)
    }

    /// Whether what a run found out is on the case, as far as the run has come.
    pub fn has_check(&self, run_id: &str, ended: bool) -> bool {
        self.checks.iter().any(|check| check.run_id == run_id && (check.ended || !ended))
    }

    /// The case as a link.
    pub fn link(&self) -> CaseLink {
        CaseLink { case_id: self.case_id.clone(), number: self.number.clone() }
    }

    /// When time itself will change it: a solved case is over after its window.
    pub fn due_at(&self, terms: &CaseTerms) -> Option<Timestamp> {
        match &self.state {
            CaseState::Solved { at, .. } => at.checked_add(terms.reopen_window).ok(),
            _ => None,
        }
    }
}
