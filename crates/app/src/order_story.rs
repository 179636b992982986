//! Where each yen of an order came from and went: the quote as the customer saw it, with its trace, and all that
//! happened since.

use std::collections::BTreeMap;

use choba_engine::books::EntryReason;
use choba_engine::order::Order;
use choba_store::books::{self, EntryRow};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{AppError, Counter, Whose};

/// Everything about an order.
#[derive(Clone, Debug, Serialize)]
pub struct OrderStory {
    /// The order as it is: lines, payment, shipments, returns, refunds and history.
    pub order: Order,
    /// The quote that it was placed with, as it was answered, with the trace of its total.
    pub quote: Box<RawValue>,
    /// The entries made for it, oldest first.
    pub entries: Vec<OrderEntry>,
    /// What accounts have come to by these entries. In each unit they add up to zero.
    pub accounts: Vec<OrderAccount>,
}

/// An entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderEntry {
    /// Its id.
    pub entry_id: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: EntryReason,
    /// What a person wrote about it.
    pub note: Option<String>,
    /// Who did it.
    pub by: String,
    /// What moved.
    pub postings: Vec<OrderPosting>,
}

/// Moves an amount to (above zero) or from an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderPosting {
    /// Such as `seller:shop-a`.
    pub account: String,
    /// `JPY`, or the program whose points are counted.
    pub unit: String,
    /// Of which lot.
    pub lot_id: Option<String>,
    /// How much.
    pub amount: i64,
}

/// What an account has come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderAccount {
    /// Which.
    pub account: String,
    /// In which unit.
    pub unit: String,
    /// How much.
    pub amount: i64,
}

impl Counter {
    /// An order of a customer, and where each of its yen came from and went.
    ///
    /// # Errors
    /// [`AppError::NotFound`] where there is none or it is another customer's, and what the database answers.
    pub async fn order_story(&self, whose: &Whose, order_id: &str) -> Result<OrderStory, AppError> {
        let row = books::order_of_customer(&self.store, &whose.customer_id, order_id).await?;
        let row = row.filter(|row| row.order.market == whose.market);
        let row = row.ok_or_else(|| AppError::not_found("order", order_id))?;
        let entries = books::entries_of_order(&self.store, &whose.customer_id, order_id).await?;
        let quote = RawValue::from_string(row.quote).map_err(|error| AppError::Defect(error.to_string()))?;
        let entries = entries.into_iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        Ok(OrderStory { order: row.order, quote, accounts: accounts(&entries), entries })
    }

    /// As [`Counter::order_story`], for those who know only the order's number.
    ///
    /// # Errors
    /// As [`Counter::order_story`].
    pub async fn order_story_by_number(&self, whose: &Whose, number: &str) -> Result<OrderStory, AppError> {
        let found = books::order_by_number(&self.store, number).await?;
        let found = found.filter(|(customer_id, _)| *customer_id == whose.customer_id);
        let (_, order_id) = found.ok_or_else(|| AppError::not_found("order", number))?;
        self.order_story(whose, &order_id).await
    }
}

fn entry(row: EntryRow) -> Result<OrderEntry, AppError> {
    let at = Timestamp::from_millisecond(row.made_at);
    let postings = row.postings.into_iter().map(|posting| OrderPosting {
        account: posting.account,
        unit: posting.unit,
        lot_id: posting.lot_id,
        amount: posting.amount,
    });
    Ok(OrderEntry {
        entry_id: row.entry_id,
        at: at.map_err(|error| AppError::Defect(error.to_string()))?,
        reason: row.reason,
        note: row.note,
        by: row.made_by,
        postings: postings.collect(),
    })
}

fn accounts(entries: &[OrderEntry]) -> Vec<OrderAccount> {
    let mut sums: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for posting in entries.iter().flat_map(|entry| &entry.postings) {
        let sum = sums.entry((&posting.unit, &posting.account)).or_default();
        *sum = sum.saturating_add(posting.amount);
    }
    let moved = sums.into_iter().filter(|(_, amount)| *amount != 0);
    moved
        .map(|((unit, account), amount)| OrderAccount {
            account: account.to_owned(),
            unit: unit.to_owned(),
            amount,
        })
        .collect()
}
