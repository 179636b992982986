//! Why something cannot be done to an order.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{GroupState, PaymentState, ReturnState};
use crate::books::{BooksError, Unbalanced};
use crate::calendar::OutOfCalendar;
use crate::market::ItemKind;
use crate::money::Overflow;
use crate::tracking::ParcelStatus;

/// Something cannot be done to an order; nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderRefusal {
    /// The order has no such line.
    #[error("the order has no line {line:?}")]
    UnknownLine {
        /// As named.
        line: String,
    },
    /// The order has no such seller.
    #[error("the order has nothing of seller {seller:?}")]
    UnknownSeller {
        /// As named.
        seller: String,
    },
    /// The order has no such shipment.
    #[error("the order has no shipment {shipment:?}")]
    UnknownShipment {
        /// As named.
        shipment: String,
    },
    /// The order has no such return.
    #[error("the order has no return {number:?}")]
    UnknownReturn {
        /// As named.
        number: String,
    },
    /// Nothing was named, or nothing is left to do.
    #[error("there is nothing left to do it with")]
    Nothing,
    /// A quantity is not one that is there.
    #[error("line {line:?}: quantity must be between 1 and {left}")]
    WrongQuantity {
        /// Which line.
        line: String,
        /// How many there are.
        left: i64,
    },
    /// It is too late to cancel; it can be returned once it has arrived.
    #[error("line {line:?} can no longer be cancelled: it is {}", state.code())]
    TooLateToCancel {
        /// Which line.
        line: String,
        /// How far it is.
        state: GroupState,
    },
    /// Such items are never cancelled.
    #[error("line {line:?}: items of this kind cannot be cancelled")]
    NeverCancelled {
        /// Which line.
        line: String,
        /// Its kind.
        kind: ItemKind,
    },
    /// The payment is not in the state for it.
    #[error("the payment is {}", state.code())]
    WrongPaymentState {
        /// How far it is.
        state: PaymentState,
    },
    /// The seller's part is not in the state for it.
    #[error("the seller's part of the order is {}", state.code())]
    WrongState {
        /// How far it is.
        state: GroupState,
    },
    /// It has not arrived.
    #[error("line {line:?}: only {delivered} have arrived and are not on their way back")]
    NotDelivered {
        /// Which line.
        line: String,
        /// How many.
        delivered: i64,
    },
    /// The time for returns is over.
    #[error("the time for returning line {line:?} is over")]
    ReturnWindowOver {
        /// Which line.
        line: String,
        /// Its last second.
        until: Timestamp,
    },
    /// Such items are never taken back.
    #[error("line {line:?}: items of this kind cannot be returned")]
    NeverReturned {
        /// Which line.
        line: String,
        /// Its kind.
        kind: ItemKind,
    },
    /// The seller does not accept that reason.
    #[error("the seller does not take goods back for that reason")]
    ReasonNotAccepted,
    /// The return is not in the state for it.
    #[error("the return is {}", state.code())]
    WrongReturnState {
        /// How far it is.
        state: ReturnState,
    },
    /// The order has no such trouble, or it has ended.
    #[error("nothing is in trouble with ask {ask:?}")]
    NoTrouble {
        /// As named.
        ask: String,
    },
    /// A trouble cannot be ended so.
    #[error("the trouble {code:?} cannot be ended so")]
    WrongTrouble {
        /// Its code.
        code: String,
    },
    /// More than was paid and has not gone back.
    #[error("at most {most} can go back")]
    TooMuch {
        /// The most.
        most: i64,
    },
    /// The parcel does not wait to be delivered again.
    #[error("the parcel does not wait to be delivered again: it is {}", status.code())]
    NotForRedelivery {
        /// How far it is.
        status: ParcelStatus,
    },
    /// The carrier does not deliver then, or it is too late to ask.
    #[error("{slot:?} on {day} is not among the slots offered")]
    SlotNotOffered {
        /// The day asked for.
        day: Date,
        /// The slot asked for.
        slot: String,
    },
    /// The books cannot be kept.
    #[error(transparent)]
    Books(#[from] BooksError),
}

impl OrderRefusal {
    /// Its code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownLine { .. } => "unknown_line",
            Self::UnknownSeller { .. } => "unknown_seller",
            Self::UnknownShipment { .. } => "unknown_shipment",
            Self::UnknownReturn { .. } => "unknown_return",
            Self::Nothing => "nothing_left",
            Self::WrongQuantity { .. } => "wrong_quantity",
            Self::TooLateToCancel { .. } => "too_late_to_cancel",
            Self::NeverCancelled { .. } => "never_cancelled",
            Self::WrongPaymentState { .. } => "wrong_payment_state",
            Self::WrongState { .. } => "wrong_state",
            Self::NotDelivered { .. } => "not_delivered",
            Self::ReturnWindowOver { .. } => "return_window_over",
            Self::NeverReturned { .. } => "never_returned",
            Self::ReasonNotAccepted => "reason_not_accepted",
            Self::WrongReturnState { .. } => "wrong_return_state",
            Self::NoTrouble { .. } => "no_trouble",
            Self::WrongTrouble { .. } => "wrong_trouble",
            Self::TooMuch { .. } => "too_much",
            Self::NotForRedelivery { .. } => "not_for_redelivery",
            Self::SlotNotOffered { .. } => "slot_not_offered",
            Self::Books(_) => "books",
        }
    }
}

impl From<Overflow> for OrderRefusal {
    fn from(error: Overflow) -> Self {
        Self::Books(error.into())
    }
}

impl From<OutOfCalendar> for OrderRefusal {
    fn from(error: OutOfCalendar) -> Self {
        Self::Books(error.into())
    }
}

impl From<Unbalanced> for OrderRefusal {
    fn from(error: Unbalanced) -> Self {
        Self::Books(error.into())
    }
}
