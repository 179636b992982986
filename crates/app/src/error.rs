//! What a use case can answer instead of doing what was asked.

use choba_care::attachment::AttachmentFault;
use choba_care::case::CaseRefusal;
use choba_care::chat::ChatRefusal;
use choba_care::guided::GuidedFault;
use choba_care::reply_template::TemplateFault;
use choba_engine::books::{GrantRefusal, RedeemRefusal};
use choba_engine::money::Money;
use choba_engine::order::OrderRefusal;
use choba_formats::request::Fault;
use choba_store::sql::StoreError;

use crate::CallbackRefusal;

use crate::VerificationRefusal;

/// A use case did not do what was asked; nothing was changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AppError {
    /// There is no such market.
    #[error("market: there is no market {name:?}")]
    UnknownMarket {
        /// As named.
        name: String,
    },
    /// There is no such thing, or it belongs to someone else: which of both is not told.
    #[error("there is no {what} {id:?}")]
    NotFound {
        /// What kind of thing.
        what: &'static str,
        /// As named.
        id: String,
    },
    /// The caller may not do this.
    #[error("this needs the right {right}")]
    NotAllowed {
        /// What is missing.
        right: &'static str,
    },
    /// It has changed since the caller saw it.
    #[error("it has changed since it was seen")]
    Changed,
    /// A field cannot be used.
    #[error("{field}: {fault}")]
    Field {
        /// Its place, as a JSON pointer.
        field: String,
        /// What is wrong, and what was expected.
        fault: String,
    },
    /// A request cannot be read.
    #[error("{0}")]
    Request(Fault),
    /// A cart cannot be priced.
    #[error("{0}")]
    Unpriceable(String),
    /// The idempotency key was used before, with another body.
    #[error("this idempotency key was used before for another request")]
    KeyReused,
    /// Something cannot be done to an order.
    #[error("{0}")]
    Order(#[from] OrderRefusal),
    /// Value cannot be granted or adjusted.
    #[error("{0}")]
    Grant(#[from] GrantRefusal),
    /// It is worth more than one member of staff may decide: an adjustment, which a second person approves.
    #[error("worth more than {} yen: ask for an adjustment, which a second person approves", above.units())]
    NeedsSecondPerson {
        /// What one person may decide, in yen.
        above: Money,
    },
    /// An adjustment was decided before, otherwise or by someone else.
    #[error("the adjustment was {state} by {decided_by}")]
    AlreadyDecided {
        /// `approved` or `rejected`.
        state: &'static str,
        /// By whom.
        decided_by: String,
    },
    /// A program is linked already.
    #[error("{program} is linked already")]
    AlreadyLinked {
        /// Which.
        program: String,
    },
    /// A partner's program cannot be linked or asked.
    #[error("{party} said no: {code}")]
    PartyRefused {
        /// Which.
        party: String,
        /// Its code.
        code: String,
    },
    /// A message is not signed by whom it should be.
    #[error("the message cannot be trusted")]
    NotSigned,
    /// A guided check cannot go on as asked.
    #[error("{0}")]
    Check(GuidedFault),
    /// A gift card cannot be redeemed.
    #[error("{0}")]
    Redeem(#[from] RedeemRefusal),
    /// Too many tries; not before the time given, in epoch milliseconds.
    #[error("too many tries; try again later")]
    TooManyTries {
        /// When to try again.
        again_at: i64,
    },
    /// A verification code does not prove anything.
    #[error("{0}")]
    Verification(#[from] VerificationRefusal),
    /// An API key was made before under the same idempotency key; its secret was shown then.
    #[error("the key {key_id} was made before, and its secret was shown then: rotate it to get another")]
    MadeBefore {
        /// Which key.
        key_id: String,
    },
    /// A party that the request needs cannot be reached.
    #[error("{party} cannot be reached at the moment")]
    PartyUnavailable {
        /// Which.
        party: String,
    },
    /// A message is not one that is trusted, or cannot be read.
    #[error("{0}")]
    Hook(#[from] choba_outside::webhook::WebhookFault),
    /// Somebody else changed it since it was looked at.
    #[error("it was changed meanwhile: look at it again")]
    ChangedMeanwhile,
    /// The next event that a reader would get is not there any more.
    #[error("events before {oldest} are forgotten: read from there, and look things up that were missed")]
    EventsForgotten {
        /// The cursor from which on events are there.
        oldest: String,
    },
    /// The market's version that an order was placed under is not there.
    #[error("the market version {version:?} of the order is not known here")]
    UnknownVersion {
        /// Which.
        version: String,
    },
    /// A customer cannot be called.
    #[error("{0}")]
    Callback(#[from] CallbackRefusal),
    /// A case does not take a step.
    #[error("{0}")]
    Case(#[from] CaseRefusal),
    /// A chat does not take a step.
    #[error("{0}")]
    Chat(#[from] ChatRefusal),
    /// A template cannot be used.
    #[error("{0}")]
    Template(#[from] TemplateFault),
    /// A file cannot be attached.
    #[error("{0}")]
    Attachment(#[from] AttachmentFault),
    /// The books cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The program itself is at fault.
    #[error("a fault of the program: {0}")]
    Defect(String),
}

impl AppError {
    pub(crate) fn field(field: &str, fault: impl Into<String>) -> Self {
        Self::Field { field: field.to_owned(), fault: fault.into() }
    }

    pub(crate) fn not_found(what: &'static str, id: &str) -> Self {
        Self::NotFound { what, id: id.to_owned() }
    }
}
