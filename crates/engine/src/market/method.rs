//! What pays the rest.

use super::{Name, Pays, UsualDays};
use crate::money::Money;

/// A way to pay what stored value does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// Which one; a market has at most one of each type.
    pub method_type: MethodType,
    /// What customers call it.
    pub name: Name,
    /// Due whenever the method is chosen; tax included.
    pub fee: Money,
    /// Which charges it accepts.
    pub pays: Pays,
    /// Accepted card brands; any where it names none.
    pub brands: Option<Vec<String>>,
    /// The order waits for payment until the last second of the day so many days after it was placed; nothing
    /// where it does not wait.
    pub pay_within_days: Option<i32>,
    /// Days until a refund to it shows, where that is known.
    pub refund_days: Option<UsualDays>,
    /// The rule a trace names for its fee: `methods.cod.fee`.
    pub fee_rule: String,
    /// The rule named where it pays: `methods.cod`.
    pub rule: String,
}

/// Types of method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodType {
    /// A credit or debit card.
    Card,
    /// Cash on delivery.
    Cod,
    /// Konbini, ATM, net bank, e-money: paid in advance at a counter.
    Konbini,
    /// Deferred payment.
    Deferred,
}

impl MethodType {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Card, Self::Cod, Self::Konbini, Self::Deferred];

    /// Its id.
    pub fn id(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Cod => "cod",
            Self::Konbini => "konbini",
            Self::Deferred => "deferred",
        }
    }
}
