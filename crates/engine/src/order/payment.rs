//! The payment by the method, as it is kept with its order.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::is_default;
use crate::market::MethodType;
use crate::money::Money;

/// How far the payment by the method is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// Others are asked: the card's provider, partners.
    Asking,
    /// The customer has to pay at a konbini before the deadline.
    AwaitingPayment,
    /// It is promised: by the card, on delivery, later.
    Authorised,
    /// It is paid, or stored value paid all.
    Paid,
    /// It was refused or not made in time.
    Refused,
}

impl PaymentState {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Asking => "asking",
            Self::AwaitingPayment => "awaiting_payment",
            Self::Authorised => "authorised",
            Self::Paid => "paid",
            Self::Refused => "refused",
        }
    }
}

/// The payment by the method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Which, where one was chosen.
    #[serde(default, skip_serializing_if = "is_default")]
    pub method: Option<MethodType>,
    /// How far it is.
    pub state: PaymentState,
    /// Promised and not received.
    #[serde(default, skip_serializing_if = "is_default")]
    pub promised: Money,
    /// Received.
    #[serde(default, skip_serializing_if = "is_default")]
    pub received: Money,
    /// Given back of what was received.
    #[serde(default, skip_serializing_if = "is_default")]
    pub refunded: Money,
    /// Asks that have to be answered before the order stands.
    #[serde(default, skip_serializing_if = "is_default")]
    pub open_asks: Vec<String>,
    /// The ask by which a card promised to pay.
    #[serde(default, skip_serializing_if = "is_default")]
    pub authorise_ask: Option<String>,
    /// The ask that opened a payment at a counter.
    #[serde(default, skip_serializing_if = "is_default")]
    pub konbini_ask: Option<String>,
    /// Its provider's number for paying at a counter.
    #[serde(default, skip_serializing_if = "is_default")]
    pub payment_number: Option<String>,
    /// The last second for paying.
    #[serde(default, skip_serializing_if = "is_default")]
    pub deadline: Option<Timestamp>,
    /// Payments by card of what was promised, a shipment each.
    #[serde(default, skip_serializing_if = "is_default")]
    pub captures: Vec<Capture>,
    /// Whether the card has been asked to forget what it promised and does not have to pay.
    #[serde(default, skip_serializing_if = "is_default")]
    pub let_go: bool,
}

/// A payment by card of what was promised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// The ask for it.
    pub ask_id: String,
    /// How much.
    pub amount: Money,
    /// What of it went back.
    #[serde(default, skip_serializing_if = "is_default")]
    pub refunded: Money,
    /// Whether the provider has paid.
    #[serde(default, skip_serializing_if = "is_default")]
    pub done: bool,
    /// It was paid another way, so that the provider can give nothing of it back.
    #[serde(default, skip_serializing_if = "is_default")]
    pub otherwise: bool,
}
