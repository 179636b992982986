//! Kinds of stored value.

use super::{EarningRule, MethodType, Name, Pays, Renewal, UsualDays};
use crate::rate::Rate;

/// One kind of stored value: a gift-card balance, own points, a partner's points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its place among the market's programs; set by the market.
    pub index: usize,
    /// Such as `d-point`.
    pub id: String,
    /// What customers call it.
    pub name: Name,
    /// Who holds it.
    pub held: Held,
    /// What it is counted in.
    pub unit: Unit,
    /// Yen per unit; what it pays is rounded down to whole yen.
    pub value: Rate,
    /// The order in which its kinds of lot are used; lots of no kind come last.
    pub kinds: Vec<LotKind>,
    /// Which charges it accepts.
    pub pays: Pays,
    /// It pays only beside this method.
    pub needs_method: Option<NeedsMethod>,
    /// What it gives for an order.
    pub earning: Vec<EarningRule>,
    /// The kind whose whole balance every grant renews; nothing where no balance is renewed.
    pub renews: Option<Renewal>,
    /// Days until a refund to it shows, where that is known.
    pub refund_days: Option<UsualDays>,
    /// The rule a trace names where it pays: `programs.d-point`.
    pub rule: String,
}

impl Program {
    /// Whether an item's or seller's multiplier counts here.
    pub fn has_multiplier_rule(&self) -> bool {
        self.earning.iter().any(EarningRule::is_multiplier)
    }
}

/// Who holds the value of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// This market, in lots.
    Here,
    /// A partner; the customer links an account.
    Partner,
}

/// What a program counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Yen of a balance.
    Yen,
    /// Points.
    Point,
}

/// Kinds of lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LotKind {
    /// Granted for a campaign; ends on its own day.
    Limited,
    /// Exchanged from elsewhere; ends on its own day.
    Exchanged,
    /// Ordinary: every new grant renews it.
    Ordinary,
}

impl LotKind {
    /// All of them, in the order of use that is usual.
    pub const ALL: [Self; 3] = [Self::Limited, Self::Exchanged, Self::Ordinary];
}

/// A method that a program wants beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedsMethod {
    /// Its type.
    pub method_type: MethodType,
    /// Its card brand.
    pub brand: Option<String>,
    /// A card that is linked to the program.
    pub linked: bool,
}
