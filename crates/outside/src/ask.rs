//! What is asked of outside parties, as plain values, and the one trait through which use cases ask.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::record::{
    Authorization, Balance, Capture, Credit, CreditReason, Debit, Hold, Konbini, Link, Refund,
};
use crate::refusal::AskError;
use crate::secret::Secret;

/// The name by which a shop's settings know an outside party, such as `card` or `d-point`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PartyName(String);

impl PartyName {
    /// The name as a text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for PartyName {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl fmt::Display for PartyName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// One thing wanted of a party. Money is in the currency's smallest unit, points are points; both at least 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Ask {
    /// Card: keep money ready. Answers [`Reply::Authorization`] or [`AskError::Declined`].
    Authorise {
        /// How much.
        amount: u64,
        /// ISO 4217, such as `JPY`.
        currency: String,
        /// The shop's own name for what is paid, such as an order number.
        reference: String,
        /// The provider's token for the card.
        card_token: Secret,
    },
    /// Card: take money that is kept ready; several times up to the authorised amount. Answers [`Reply::Capture`].
    Capture {
        /// Of which authorization.
        authorization: String,
        /// How much.
        amount: u64,
    },
    /// Card: let go of what is not captured. Answers [`Reply::Authorization`].
    Void {
        /// Which authorization.
        authorization: String,
    },
    /// Card: give back what was captured; several times up to the captured amount. Answers [`Reply::Refund`].
    Refund {
        /// Of which capture.
        capture: String,
        /// How much.
        amount: u64,
    },
    /// Card provider: a number to pay at a convenience store. Answers [`Reply::Konbini`].
    KonbiniOpen {
        /// How much is to be paid.
        amount: u64,
        /// Until when it can be paid.
        deadline: Timestamp,
        /// The shop's own name for what is paid.
        reference: String,
    },
    /// Card provider: the number must not be paid any more. Answers [`Reply::Konbini`], or refuses when it was paid.
    KonbiniCancel {
        /// Which number, by the provider's name for it.
        konbini: String,
    },
    /// Card: how an authorization stands. Answers [`Reply::Authorization`].
    SeeAuthorization {
        /// Which one.
        authorization: String,
    },
    /// Card: how a capture stands. Answers [`Reply::Capture`].
    SeeCapture {
        /// Which one.
        capture: String,
    },
    /// Card: how a refund stands. Answers [`Reply::Refund`].
    SeeRefund {
        /// Which one.
        refund: String,
    },
    /// Card provider: how a payment number stands. Answers [`Reply::Konbini`].
    SeeKonbini {
        /// Which one.
        konbini: String,
    },
    /// Partner: what a member has. Answers [`Reply::Balance`].
    Balance {
        /// Whose.
        account: String,
    },
    /// Partner: keep points ready. Answers [`Reply::Hold`].
    Hold {
        /// Whose.
        account: String,
        /// How many.
        points: u64,
        /// The shop's own name for what is paid.
        reference: String,
    },
    /// Partner: take held points, once; the rest is released. Answers [`Reply::Hold`].
    HoldCapture {
        /// Which hold.
        hold: String,
        /// How many, up to what is held.
        points: u64,
    },
    /// Partner: let go of held points. Answers [`Reply::Hold`].
    HoldRelease {
        /// Which hold.
        hold: String,
    },
    /// Partner: how a hold stands. Answers [`Reply::Hold`].
    SeeHold {
        /// Which one.
        hold: String,
    },
    /// Partner: give points. Answers [`Reply::Credit`].
    Credit {
        /// To whom.
        account: String,
        /// How many.
        points: u64,
        /// The shop's own name for what they are given for.
        reference: String,
        /// Why.
        reason: CreditReason,
    },
    /// Partner: take points back, as many as are there. Answers [`Reply::Debit`].
    Debit {
        /// From whom.
        account: String,
        /// How many.
        points: u64,
        /// The shop's own name for what they are taken back for.
        reference: String,
    },
    /// Partner: use a one-time code that the partner showed to the member. Answers [`Reply::Link`].
    Link {
        /// The code.
        code: Secret,
    },
    /// Partner: the shop will not use the account any more. Answers [`Reply::Unlinked`].
    Unlink {
        /// Which account.
        account: String,
    },
}

impl Ask {
    /// Whether it only reads: then it needs no idempotency key, and a lost answer is no loss.
    pub fn only_reads(&self) -> bool {
        matches!(
            self,
            Self::SeeAuthorization { .. }
                | Self::SeeCapture { .. }
                | Self::SeeRefund { .. }
                | Self::SeeKonbini { .. }
                | Self::SeeHold { .. }
                | Self::Balance { .. }
        )
    }

    /// Whether a customer is waiting while it is asked.
    pub fn customer_waits(&self) -> bool {
        matches!(
            self,
            Self::Authorise { .. }
                | Self::KonbiniOpen { .. }
                | Self::Balance { .. }
                | Self::Hold { .. }
                | Self::Link { .. }
        )
    }

    /// Its name in logs, metrics and the sandbox's faults.
    pub fn operation(&self) -> &'static str {
        match self {
            Self::Authorise { .. } => "authorise",
            Self::Capture { .. } => "capture",
            Self::Void { .. } => "void",
            Self::Refund { .. } => "refund",
            Self::KonbiniOpen { .. } => "konbini_open",
            Self::KonbiniCancel { .. } => "konbini_cancel",
            Self::SeeAuthorization { .. } => "see_authorization",
            Self::SeeCapture { .. } => "see_capture",
            Self::SeeRefund { .. } => "see_refund",
            Self::SeeKonbini { .. } => "see_konbini",
            Self::Balance { .. } => "balance",
            Self::Hold { .. } => "hold",
            Self::HoldCapture { .. } => "hold_capture",
            Self::HoldRelease { .. } => "hold_release",
            Self::SeeHold { .. } => "see_hold",
            Self::Credit { .. } => "credit",
            Self::Debit { .. } => "debit",
            Self::Link { .. } => "link",
            Self::Unlink { .. } => "unlink",
        }
    }
}

/// What came of an ask, as it stood right after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub enum Reply {
    /// Of [`Ask::Authorise`], [`Ask::Void`] and [`Ask::SeeAuthorization`].
    Authorization(Authorization),
    /// Of [`Ask::Capture`] and [`Ask::SeeCapture`].
    Capture(Capture),
    /// Of [`Ask::Refund`] and [`Ask::SeeRefund`].
    Refund(Refund),
    /// Of [`Ask::KonbiniOpen`], [`Ask::KonbiniCancel`] and [`Ask::SeeKonbini`].
    Konbini(Konbini),
    /// Of [`Ask::Balance`].
    Balance(Balance),
    /// Of [`Ask::Hold`], [`Ask::HoldCapture`], [`Ask::HoldRelease`] and [`Ask::SeeHold`].
    Hold(Hold),
    /// Of [`Ask::Credit`].
    Credit(Credit),
    /// Of [`Ask::Debit`].
    Debit(Debit),
    /// Of [`Ask::Link`].
    Link(Link),
    /// Of [`Ask::Unlink`].
    Unlinked,
}

/// What a party knows of an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookedUp {
    /// No request with this key has arrived *yet*; one may still be on its way.
    NeverSeen,
    /// This was its answer, and will be again.
    Answered(Result<Reply, AskError>),
}

/// An answer to come.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Result<Reply, AskError>> + Send + 'a>>;

/// What is known of a key, to come.
pub type LookingUp<'a> = Pin<Box<dyn Future<Output = Result<LookedUp, AskError>> + Send + 'a>>;

/// The outside parties, as use cases see them.
pub trait Counterparties: Send + Sync {
    /// Asks a party. The same key with the same ask is done once, however often it is asked.
    fn ask<'a>(&'a self, party: &'a PartyName, idempotency_key: &'a str, ask: &'a Ask) -> Answering<'a>;

    /// What a party answered to this ask under this key, without asking it again.
    fn look_up<'a>(&'a self, party: &'a PartyName, idempotency_key: &'a str, ask: &'a Ask) -> LookingUp<'a>;
}
