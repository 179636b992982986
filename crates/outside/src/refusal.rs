//! How an ask can fail, told apart by what is known about its effect.

use serde::{Deserialize, Serialize};

/// The party understood and said no; nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    /// Why, for programs.
    pub code: RefusalCode,
    /// Why, for people who run a shop; not for customers.
    pub detail: String,
    /// How much would have been possible, where that is the question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<u64>,
}

impl Refusal {
    /// A refusal without figures.
    pub fn new(code: RefusalCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), available: None }
    }

    /// A refusal because so much was asked for that only this is possible.
    pub fn more_than(code: RefusalCode, available: u64, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), available: Some(available) }
    }
}

/// Why a party said no. Codes are added, never renamed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// The member has too few points that are not held; `available` says how many.
    InsufficientPoints,
    /// More than is left of the authorization, capture or hold; `available` says how much is.
    MoreThanLeft,
    /// It was voided, captured, released, paid or has lapsed.
    NotOpen,
    /// No authorization, capture, refund, payment number, hold or request of this name.
    UnknownId,
    /// No member of this name.
    UnknownAccount,
    /// The member is no longer linked with the shop.
    NotLinked,
    /// The one-time code means nothing.
    LinkCodeUnknown,
    /// The one-time code was used before.
    LinkCodeUsed,
    /// The deadline of a payment number is not in the future.
    DeadlinePassed,
    /// An amount of nothing, a currency of another form, a text too long.
    Unusable,
    /// The same idempotency key came before with another request.
    KeyReused,
    /// What this version has no name for.
    #[serde(untagged)]
    Other(String),
}

/// Why there is no [`Reply`](crate::Reply).
///
/// The first two are answers: nothing was done, and asking again with the same key gives the same answer. `Unavailable`
/// and `Misconfigured` mean that certainly nothing was done, and asking later may help. Only after `Unknown` may it have
/// been done: ask again with the same key, or look the key up, before anything else is decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum AskError {
    /// The card's issuer said no.
    #[error("declined: {code}")]
    Declined {
        /// The provider's name for the attempt.
        authorization: String,
        /// The provider's word for why, such as `insufficient_funds`.
        code: String,
    },
    /// The party said no.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// The time was over or the answer was lost: it may have been done.
    #[error("nobody knows whether it was done: {why}")]
    Unknown {
        /// What happened; without secrets.
        why: String,
    },
    /// Certainly not done: there was no connection, or the party is overloaded, or it was not asked because it has
    /// failed too often.
    #[error("not done: {why}")]
    Unavailable {
        /// What happened; without secrets.
        why: String,
        /// When it may be worth asking again, in milliseconds from now, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    },
    /// Certainly not done, and will not be until somebody changes the settings: a wrong token, a wrong address, an
    /// unknown party, a key that is none.
    #[error("not done, the settings are wrong: {why}")]
    Misconfigured {
        /// What is wrong; without secrets.
        why: String,
    },
}

impl AskError {
    /// Whether the party itself answered, for ever.
    pub fn is_answer(&self) -> bool {
        matches!(self, Self::Declined { .. } | Self::Refused(_))
    }

    /// Whether it may have been done.
    pub fn may_have_been_done(&self) -> bool {
        matches!(self, Self::Unknown { .. })
    }
}
