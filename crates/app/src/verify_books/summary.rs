//! What the books hold, counted while they are checked.

use std::collections::BTreeMap;

use choba_store::books::{BookTotals, ValueSum};
use serde::Serialize;

use super::Difference;

/// What the books hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BooksSummary {
    /// Customers, once for each of their markets.
    pub customers: i64,
    /// Orders.
    pub orders: i64,
    /// Cases.
    pub cases: i64,
    /// Lots.
    pub lots: i64,
    /// Entries of the journal.
    pub entries: i64,
    /// Their postings.
    pub postings: i64,
    /// Value that customers hold, by market and program.
    pub value: Vec<ProgramValue>,
    /// How many differences were told.
    pub differences: u64,
}

/// Value that customers hold of a program: neither spent nor booked as expired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProgramValue {
    /// In which market.
    pub market: String,
    /// Of which program.
    pub program: String,
    /// How much, in points of the program.
    pub points: i64,
}

impl BooksSummary {
    /// Whether nothing differs.
    pub fn is_fine(&self) -> bool {
        self.differences == 0
    }

    pub(super) fn add(&mut self, totals: &BookTotals) {
        self.customers = self.customers.saturating_add(totals.customers);
        self.lots = self.lots.saturating_add(totals.lots);
        self.entries = self.entries.saturating_add(totals.entries);
        self.postings = self.postings.saturating_add(totals.postings);
    }
}

/// Adds the value of some customers; sorted by market and program.
pub(super) fn add_values(values: &mut Vec<ProgramValue>, more: &[ValueSum]) {
    for sum in more {
        let key = (&sum.market, &sum.program);
        match values.binary_search_by(|known| (&known.market, &known.program).cmp(&key)) {
            Ok(place) => {
                if let Some(known) = values.get_mut(place) {
                    known.points = known.points.saturating_add(sum.points);
                }
            }
            Err(place) => values.insert(
                place,
                ProgramValue { market: sum.market.clone(), program: sum.program.clone(), points: sum.points },
            ),
        }
    }
}

/// The value of gift cards that can be redeemed: by the journal of all customers, and by the cards.
#[derive(Debug, Default)]
pub(super) struct CardValue {
    sums: BTreeMap<(String, String), (i128, i128)>,
}

impl CardValue {
    pub fn posted(&mut self, sums: &[ValueSum]) {
        sums.iter().for_each(|sum| self.entry(sum).0 += i128::from(sum.points));
    }

    pub fn kept(&mut self, sums: &[ValueSum]) {
        sums.iter().for_each(|sum| self.entry(sum).1 += i128::from(sum.points));
    }

    fn entry(&mut self, sum: &ValueSum) -> &mut (i128, i128) {
        self.sums.entry((sum.market.clone(), sum.program.clone())).or_default()
    }

    pub fn differences(&self) -> Vec<Difference> {
        let differ = self.sums.iter().filter(|(_, (posted, kept))| posted != kept);
        differ
            .map(|((market, program), (posted, kept))| Difference {
                customer_id: None,
                subject: "gift cards",
                id: format!("of {program} in {market}"),
                what: "value that can be redeemed".to_owned(),
                expected: posted.to_string(),
                found: kept.to_string(),
            })
            .collect()
    }
}
