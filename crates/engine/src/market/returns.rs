//! What may be sent back, for how long, and what is deducted.

use super::Kinds;
use crate::rate::Rate;

/// Terms of returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnPolicy {
    /// So many days after the day of delivery a return may be asked for.
    pub window_days: i32,
    /// A return that has not arrived so many days after it was asked for is withdrawn.
    pub arrive_within_days: i32,
    /// Accepted reasons, each once.
    pub reasons: Vec<ReturnReason>,
    /// What is deducted after inspection.
    pub deductions: Deductions,
    /// Kinds of item that are never taken back.
    pub kinds_never: Kinds,
}

/// What is deducted from the refund of a returned item, as parts of it. Together never more than all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deductions {
    /// It was opened or used.
    pub opened: Rate,
    /// Parts of it are missing.
    pub missing_parts: Rate,
}

/// Why something is sent back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnReason {
    /// The customer does not want it any more.
    ChangedMind,
    /// It does not work.
    Defective,
    /// Something else was sent.
    WrongItem,
    /// It was damaged on its way.
    Damaged,
    /// It is not what was described.
    NotAsDescribed,
    /// It arrived too late.
    ArrivedLate,
}

impl ReturnReason {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::ChangedMind,
        Self::Defective,
        Self::WrongItem,
        Self::Damaged,
        Self::NotAsDescribed,
        Self::ArrivedLate,
    ];

    /// Its id.
    pub fn id(self) -> &'static str {
        match self {
            Self::ChangedMind => "changed_mind",
            Self::Defective => "defective",
            Self::WrongItem => "wrong_item",
            Self::Damaged => "damaged",
            Self::NotAsDescribed => "not_as_described",
            Self::ArrivedLate => "arrived_late",
        }
    }

    /// Whether the seller answers for it. Towards the customer that holds for what a carrier did, too.
    pub fn is_fault_of_seller(self) -> bool {
        self != Self::ChangedMind
    }
}
