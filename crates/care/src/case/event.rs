//! What happens to a case. The events are its history, and there is no other.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::CallStep;
use super::chain::hash_of;
use super::levels::LevelResult;
use crate::sla::Metric;

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "actor", rename_all = "snake_case")]
pub enum Actor {
    /// The customer whose case it is.
    Customer,
    /// A member of staff.
    Agent {
        /// Who.
        staff_id: String,
        /// The name under which customers know them; never their own.
        alias: String,
    },
    /// The program itself.
    System,
    /// A carrier, by its id.
    Carrier {
        /// Which.
        carrier: String,
    },
}

/// Which way something was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The form on the pages.
    Form,
    /// Electronic mail.
    Mail,
    /// A chat.
    Chat,
    /// The telephone.
    Phone,
}

/// How much a case presses; later ones more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// May wait.
    Low,
    /// As most.
    #[default]
    Normal,
    /// Before others.
    High,
    /// Safety, fraud, or a promise that was broken.
    Urgent,
}

impl Priority {
    /// All of them, the least pressing first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Normal, Self::High, Self::Urgent];

    /// Its place among them.
    pub fn rank(self) -> i64 {
        match self {
            Self::Low => 0,
            Self::Normal => 1,
            Self::High => 2,
            Self::Urgent => 3,
        }
    }

    /// The next more pressing one.
    #[must_use]
    pub fn raised(self) -> Self {
        match self {
            Self::Low => Self::Normal,
            Self::Normal => Self::High,
            Self::High | Self::Urgent => Self::Urgent,
        }
    }
}

/// What a case is about, as it was when it was opened. Facts are gathered by the program, not asked of the customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    /// The topic, by its key.
    pub topic: String,
    /// The question, by its key.
    pub question: String,
    /// The order, where it is about one.
    pub order_id: Option<String>,
    /// The language of the customer: `ja` or `en`.
    pub language: String,
    /// Which way it came.
    pub channel: Channel,
    /// In which queue it begins.
    pub queue: String,
    /// What it needs somebody to know.
    pub skill: Option<String>,
    /// How much it presses.
    pub priority: Priority,
    /// Answers of guided checks and what else the customer gave.
    pub evidence: Value,
    /// The order, its parcels and the wallet, as they were.
    pub facts: Value,
    /// The closed case that it goes on from.
    pub follow_up_of: Option<CaseLink>,
}

/// Another case of the same customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseLink {
    /// Its id.
    pub case_id: String,
    /// Its number, for people.
    pub number: String,
}

/// The version of a template from which a reply was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateUsed {
    /// Which.
    pub key: String,
    /// Its version.
    pub version: u32,
    /// In which language.
    pub language: String,
}

/// To whom a case is passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EscalationKind {
    /// To somebody who knows more of the matter.
    Functional,
    /// To somebody who decides more.
    Hierarchical,
}

/// For whom a case waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum WaitingFor {
    /// The customer, who was asked something.
    Customer,
    /// Somebody else, such as a carrier.
    ThirdParty {
        /// Who.
        who: String,
    },
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum CaseChange {
    /// It began.
    Opened {
        /// The number for people.
        number: String,
        /// What it is about.
        opening: Box<Opening>,
    },
    /// The customer or an agent said something that both can read.
    Said {
        /// Which way.
        channel: Channel,
        /// Plain text. What must not be kept was masked before.
        text: String,
        /// The template that it was made from.
        template: Option<TemplateUsed>,
        /// Attachments, by id.
        attachments: Vec<String>,
    },
    /// A mail came whose sender could not be made sure of. Nobody but staff sees it.
    UnverifiedCame {
        /// The sender's domain; the rest of the address is not kept.
        from_domain: String,
        /// Plain text, masked as all others.
        text: String,
    },
    /// Staff found that such a mail is the customer's.
    UnverifiedAccepted {
        /// The number of the event with which it came.
        came: u32,
    },
    /// Something that only staff read.
    Noted {
        /// Plain text.
        text: String,
    },
    /// Somebody has it now.
    Assigned {
        /// Who.
        staff_id: String,
        /// As whom customers know them.
        alias: String,
    },
    /// Nobody has it any more.
    Unassigned,
    /// It is in a queue now.
    Queued {
        /// Which.
        queue: String,
        /// What it needs somebody to know.
        skill: Option<String>,
        /// Why.
        reason: String,
    },
    /// It presses more or less.
    PriorityChanged {
        /// Now.
        priority: Priority,
    },
    /// It is passed on.
    Escalated {
        /// To whom.
        kind: EscalationKind,
        /// The queue it was in.
        from_queue: String,
        /// The queue it goes to.
        to_queue: String,
        /// What it needs somebody to know.
        skill: Option<String>,
        /// Whether whoever has it stays until somebody takes it.
        warm: bool,
        /// Why.
        reason: String,
    },
    /// Somebody took what was passed on, and has it now.
    EscalationAccepted {
        /// Who.
        staff_id: String,
        /// As whom customers know them.
        alias: String,
    },
    /// It waits.
    Waits {
        /// For whom.
        waiting: WaitingFor,
    },
    /// What it waited for has come.
    Resumed {
        /// What.
        reason: String,
    },
    /// It is solved.
    Solved {
        /// What came of it, in one word of the desk's list.
        disposition: String,
        /// What was done, for the customer.
        summary: String,
    },
    /// It is not solved after all.
    Reopened,
    /// It is over.
    Closed,
    /// All further goes to another case.
    MergedInto {
        /// Which.
        case: CaseLink,
        /// Why.
        reason: String,
    },
    /// Another case goes on in this one.
    MergedFrom {
        /// Which.
        case: CaseLink,
        /// Why.
        reason: String,
    },
    /// It goes on by itself again.
    SplitFrom {
        /// From which.
        case: CaseLink,
    },
    /// Another case goes on by itself again.
    SplitOff {
        /// Which.
        case: CaseLink,
    },
    /// A new case goes on where this closed one ended.
    FollowedUp {
        /// Which.
        case: CaseLink,
    },
    /// A call or a chat belongs to it.
    ContactLinked {
        /// Which way.
        channel: Channel,
        /// Its id.
        contact_id: String,
    },
    /// A chat ended; this is what was said.
    TranscriptFrozen {
        /// Which chat.
        chat_id: String,
        /// The digest of the transcript.
        sha256: String,
    },
    /// A file belongs to it.
    AttachmentAdded {
        /// Its id.
        attachment_id: String,
        /// As it is called.
        name: String,
        /// What it is.
        media_type: String,
        /// How many bytes.
        bytes: u64,
        /// Of its content.
        sha256: String,
    },
    /// Something is to be done to the order or the wallet.
    ActionAsked {
        /// The action's id, also its idempotency key.
        action_id: String,
        /// What, in the words of whoever does it.
        action: Value,
        /// Why.
        reason: String,
        /// Whether it waits for a second person.
        needs_second_person: bool,
    },
    /// A second person agreed.
    ActionApproved {
        /// To which.
        action_id: String,
    },
    /// A second person did not agree.
    ActionRejected {
        /// To which.
        action_id: String,
    },
    /// It was done.
    ActionDone {
        /// Which.
        action_id: String,
        /// What came of it.
        result: Value,
    },
    /// It could not be done.
    ActionRefused {
        /// Which.
        action_id: String,
        /// Why.
        reason: String,
    },
    /// A step of a call-back that belongs to it.
    CallStepped {
        /// Which call-back.
        callback_id: String,
        /// The step.
        #[serde(flatten)]
        step: CallStep,
    },
    /// What a guided check found out: nothing of it has to be asked again.
    CheckAttached {
        /// Of which run.
        run_id: String,
        /// Whether the run had ended.
        ended: bool,
        /// All that it found out.
        evidence: Value,
    },
    /// Most of the time in which a promise has to be kept has passed.
    LevelWarned {
        /// Which.
        metric: Metric,
        /// Which time, from 1.
        cycle: u32,
        /// By when it has to be kept.
        due_at: Timestamp,
    },
    /// A promise was missed while it was under way.
    LevelMissed {
        /// Which.
        metric: Metric,
        /// Which time, from 1.
        cycle: u32,
        /// When.
        missed_at: Timestamp,
    },
    /// What was promised and what came of it, at the end.
    Measured {
        /// All of it.
        results: Vec<LevelResult>,
    },
    /// Somebody saw personal data that is masked otherwise.
    Revealed {
        /// What.
        what: String,
        /// Why.
        reason: String,
    },
}

/// Who did what, as it is kept.
#[derive(Serialize, Deserialize)]
struct Document<C> {
    by: Actor,
    #[serde(flatten)]
    change: C,
}

/// Something that happened to a case, in its place of the chain.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseEvent {
    /// From 1, without gaps.
    pub seq: u32,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub by: Actor,
    /// What.
    pub change: CaseChange,
    /// As it is kept: the text that the hash is of.
    pub document: String,
    /// The hash of the event before.
    pub prev_hash: String,
    /// The hash of this one.
    pub hash: String,
}

impl CaseEvent {
    /// The event after another.
    ///
    /// # Errors
    /// Where a value cannot be written as JSON, which none of ours does.
    pub fn after(
        case_id: &str,
        (seq, prev_hash): (u32, &str),
        by: Actor,
        change: CaseChange,
        at: Timestamp,
    ) -> Result<Self, serde_json::Error> {
        let document = serde_json::to_string(&Document { by: by.clone(), change: &change })?;
        let hash = hash_of(prev_hash, case_id, seq, at, &document);
        Ok(Self { seq, at, by, change, document, prev_hash: prev_hash.to_owned(), hash })
    }

    /// An event from what is kept of it. Whether it belongs there is for [`super::verify_chain`].
    ///
    /// # Errors
    /// The document is none of an event.
    pub fn read(
        seq: u32,
        at: Timestamp,
        document: &str,
        prev_hash: &str,
        hash: &str,
    ) -> Result<Self, serde_json::Error> {
        let Document { by, change } = serde_json::from_str::<Document<CaseChange>>(document)?;
        let (document, prev_hash, hash) = (document.to_owned(), prev_hash.to_owned(), hash.to_owned());
        Ok(Self { seq, at, by, change, document, prev_hash, hash })
    }
}
