//! Why a step is not taken.

use super::{Agent, CaseLink, Said};

/// A step that a case does not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseRefusal {
    /// Somebody said something since the version that was seen.
    #[error("somebody wrote meanwhile: the case is at version {version} now")]
    Moved {
        /// The version now.
        version: u32,
        /// What was said meanwhile.
        said: Vec<Said>,
    },
    /// It is over: an answer begins a new case.
    #[error("the case is closed; a new one goes on from it")]
    Closed,
    /// All further goes to another case.
    #[error("the case goes on as {}", into.number)]
    Merged {
        /// Which.
        into: CaseLink,
    },
    /// Somebody else of the desk has it.
    #[error("{} has the case", by.alias)]
    Taken {
        /// Who.
        by: Agent,
    },
    /// Such a step cannot be taken from where it stands.
    #[error("a case that is {state} cannot take this step: {step}")]
    NotNow {
        /// Where it stands.
        state: &'static str,
        /// Which step.
        step: &'static str,
    },
    /// A text is missing.
    #[error("{field} is empty")]
    Empty {
        /// Which, as a JSON pointer.
        field: &'static str,
    },
    /// A text is too long.
    #[error("{field} is longer than {most} bytes")]
    TooLong {
        /// Which, as a JSON pointer.
        field: &'static str,
        /// How long it may be.
        most: usize,
    },
    /// A placeholder stands in a reply where its value should be.
    #[error("the reply has a placeholder that nobody filled in: {name}")]
    Placeholder {
        /// Which.
        name: String,
    },
    /// Too much has happened to it.
    #[error("the case has {most} events already; solve it and go on in a new one")]
    Full {
        /// How many it may have.
        most: u32,
    },
    /// There are enough attachments.
    #[error("the case has {most} attachments already")]
    TooManyAttachments {
        /// How many it may have.
        most: usize,
    },
    /// Nothing was passed on.
    #[error("nothing waits to be taken over")]
    NothingEscalated,
    /// A case cannot be merged into itself, or in a circle.
    #[error("a case cannot be merged into itself")]
    MergedWithItself,
    /// It was not merged into that case.
    #[error("the case was not merged")]
    NotMerged,
    /// The merge was too long ago.
    #[error("a merge can be taken back for a while only, and that is over")]
    MergeTooLongAgo,
    /// There is no such action, mail or escalation on the case.
    #[error("there is no such {what} on the case")]
    Unknown {
        /// What kind of thing.
        what: &'static str,
    },
    /// The action was decided before.
    #[error("the action is {state} already")]
    ActionDecided {
        /// How.
        state: &'static str,
    },
    /// Who asked may not be the one who agrees.
    #[error("whoever asked for it cannot be the second person")]
    SamePerson,
}

impl CaseRefusal {
    /// Its code, by which programs tell it from others. Codes are added, never renamed.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Moved { .. } => "case_moved",
            Self::Closed => "case_closed",
            Self::Merged { .. } => "case_merged",
            Self::Taken { .. } => "case_taken",
            Self::NotNow { .. } => "case_not_now",
            Self::Empty { .. } => "text_empty",
            Self::TooLong { .. } => "text_too_long",
            Self::Placeholder { .. } => "placeholder_left",
            Self::Full { .. } => "case_full",
            Self::TooManyAttachments { .. } => "too_many_attachments",
            Self::NothingEscalated => "nothing_escalated",
            Self::MergedWithItself => "merged_with_itself",
            Self::NotMerged => "not_merged",
            Self::MergeTooLongAgo => "merge_too_long_ago",
            Self::Unknown { .. } => "unknown_on_case",
            Self::ActionDecided { .. } => "action_decided",
            Self::SamePerson => "same_person",
        }
    }
}
