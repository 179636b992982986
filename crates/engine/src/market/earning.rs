//! What a program gives for an order, and when it can be used.

use super::{Kinds, LotKind, Name, SellerTypes};
use crate::money::{Money, Points};
use crate::rate::Rate;

/// One rule of earning; each rule's grant is a record of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarningRule {
    /// Such as `base`.
    pub id: String,
    /// What customers call it, where it has a name for them.
    pub name: Option<Name>,
    /// Its full name in the market: `programs.rakuten.earn.base`.
    pub rule: String,
    /// How much.
    pub earning: Earning,
    /// For what and whom.
    pub conditions: Conditions,
    /// The kind of lot it gives.
    pub kind: Option<LotKind>,
    /// When it can be used.
    pub grant: Grant,
    /// When it ends.
    pub expires: Expiry,
}

impl EarningRule {
    /// Whether it is the rule by which an item's or seller's multiplier counts.
    pub fn is_multiplier(&self) -> bool {
        matches!(&self.earning, Earning::PerLine(PerLine { factor: Factor::Multiplier, .. }))
    }
}

/// For what and whom a rule of earning holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// Whose goods.
    pub seller_types: SellerTypes,
    /// What kinds of goods.
    pub item_kinds: Kinds,
    /// Only for members of these ranks; for all where it names none.
    pub ranks: Vec<String>,
}

/// How much a rule gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Earning {
    /// So many points per line.
    PerLine(PerLine),
    /// A part of what was paid, once per order.
    PerPayment(PerPayment),
}

/// Points per line: one for so many yen without tax, times a factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PerLine {
    /// Yen without tax for a point.
    pub yen_per_point: Money,
    /// How many times the base.
    pub factor: Factor,
}

/// How many times a line's base a rule gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// So many times.
    Fixed(Rate),
    /// What the item's multiplier, or else the seller's, gives beyond the base.
    Multiplier,
}

/// A partner's points: a part of what was paid, with a minimum, ranks and caps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PerPayment {
    /// Nothing below this, tax included, after coupons.
    pub minimum: Money,
    /// The part.
    pub rate: Rate,
    /// The most for one payment, before the rank's multiplier.
    pub cap: Option<Points>,
    /// Ranks by points earned in the last three months, highest first; the last holds from nothing on.
    pub ranks: Vec<RankTier>,
}

/// What a rank of a partner's program gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankTier {
    /// From so many points earned in the last three months.
    pub from: Points,
    /// How many stars.
    pub stars: i64,
    /// How many times the points, and the cap of a payment.
    pub multiplier: Rate,
    /// The most for a month.
    pub cap_month: Option<Points>,
}

/// When a grant can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Pending from the start of the day after the order, available so many days after that.
    AfterOrder {
        /// Days of pending.
        days: i32,
    },
    /// Available so many days after shipment.
    AfterShipment {
        /// Days after shipment.
        days: i32,
    },
    /// Granted on a day of the next month.
    NextMonth {
        /// 1 to 28.
        day: i8,
    },
}

/// When a grant ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// Never, or at the partner's own time.
    Never,
    /// With the last second of a month, counting from the month in which it becomes available: 1 is that
    /// month, 12 the twelfth.
    EndOfMonth {
        /// Which month.
        months: i32,
    },
}
