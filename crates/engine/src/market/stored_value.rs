//! What a market decides about gift cards, renewed points and adjustments by staff.

use super::LotKind;
use crate::money::Money;

/// Terms of the market's gift cards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiftCardPolicy {
    /// The program that a card's balance goes to, by id: held here and counted in yen.
    pub program: String,
    /// The balance expires so many years after the card is issued.
    pub expires_years: i32,
    /// The least amount of one card, above zero.
    pub amount_min: Money,
    /// The largest amount of one card; not below `amount_min`.
    pub amount_max: Money,
}

/// Adjustments of stored value by staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdjustmentPolicy {
    /// An adjustment worth more than so many yen needs a second person.
    pub second_person_above: Money,
}

/// Every grant of this kind renews the whole balance of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// Which kind of lot.
    pub kind: LotKind,
    /// The balance ends with the last second of a month, counting from the month of the newest grant: 1 is
    /// that month, 12 the twelfth.
    pub months: i32,
}
