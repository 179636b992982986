//! Amounts and programs as a wallet shows them.

use choba_engine::market::{LotKind, Market, Unit};
use choba_formats::language::Language;

use crate::frame::Frame;

/// A program by name, with what it is counted in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedProgram {
    /// Its id.
    pub id: String,
    /// What customers call it.
    pub name: String,
    /// What it is counted in.
    pub unit: Unit,
}

impl NamedProgram {
    /// A program of a market. One that the market has no more keeps its id for a name.
    pub fn of(market: &Market, language: Language, id: &str) -> Self {
        let known = market.programs.iter().find(|program| program.id == id);
        Self {
            id: id.to_owned(),
            name: known.map_or(id, |program| language.name(&program.name)).to_owned(),
            unit: known.map_or(Unit::Point, |program| program.unit),
        }
    }

    /// `2,500円`, `400ポイント`.
    pub fn amount(&self, frame: &Frame, amount: &i64) -> String {
        match self.unit {
            Unit::Yen => frame.yen(*amount),
            Unit::Point => frame.say("wallet-points").with("points", frame.number(*amount)).to_string(),
        }
    }

    /// The same with a sign: what came or went.
    pub fn change(&self, frame: &Frame, amount: &i64) -> String {
        let sign = if *amount < 0 { "−" } else { "+" };
        let amount = i64::try_from(amount.unsigned_abs()).unwrap_or(i64::MAX);
        format!("{sign}{}", self.amount(frame, &amount))
    }
}

/// The word of a kind in messages.
pub fn kind_word(kind: Option<LotKind>) -> Option<&'static str> {
    kind.map(|kind| match kind {
        LotKind::Limited => "limited",
        LotKind::Exchanged => "exchanged",
        LotKind::Ordinary => "ordinary",
    })
}
