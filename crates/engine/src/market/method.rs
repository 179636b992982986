//! What pays the rest.

use super::{Name, Pays};
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
    /// The rule a trace names for its fee: `methods.cod.fee`.
    pub fee_rule: String,
    /// The rule named where it pays: `methods.cod`.
    pub rule: String,
}

/// Types of method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
