//! Why a customer cannot be called.

use choba_care::callback::Refused;

/// Why a customer cannot be called, or an agent cannot do what was asked with a call-back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackRefusal {
    /// The number is of a region that is not called.
    #[error("numbers of this region are not called")]
    NumberRegion,
    /// The number costs more than a call to a person, or is no person's.
    #[error("numbers of this kind are not called")]
    NumberKind,
    /// The customer has not proved that the number is theirs.
    #[error("the number has to be verified first")]
    NumberNotVerified,
    /// Whoever has the number does not want to be called, or waits for a call already: which of both is not told.
    #[error("this number cannot be called")]
    NumberNotCalled,
    /// No more calls can be made today.
    #[error("no more calls can be made today")]
    CallsUsedUp,
    /// The agent does not serve any queue now.
    #[error("say first that you are at the desk")]
    NotAtTheDesk,
    /// It is not at a state for this.
    #[error("{0}")]
    State(#[from] Refused),
}

impl CallbackRefusal {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::NumberRegion => "number_region",
            Self::NumberKind => "number_kind",
            Self::NumberNotVerified => "number_not_verified",
            Self::NumberNotCalled => "number_not_called",
            Self::CallsUsedUp => "calls_used_up",
            Self::NotAtTheDesk => "not_at_the_desk",
            Self::State(Refused::WrongState) => "callback_state",
            Self::State(Refused::NotYours) => "callback_of_another",
            Self::State(Refused::Closed) => "callback_closed",
            Self::State(Refused::TooLate) => "callback_too_late",
            Self::State(Refused::NoAttemptLeft) => "callback_no_attempt_left",
            Self::State(Refused::WordsNotSaid) => "callback_words_not_said",
        }
    }
}
