//! What a customer sees of their stored value: balances at any instant, what expires when, the statement, and
//! the history of a lot.

use choba_engine::books::{
    self as rules, Balance, BooksError, CustomerBooks, EntryReason, Forecast, Lot, Renewals,
};
use choba_engine::market::LotKind;
use choba_engine::money::Points;
use choba_store::books::{self, StatementLine, StatementPage, StatementPlace};
use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::{AppError, Counter, Whose};

/// The most rows of one page.
const ROWS_MAX: i64 = 500;

/// What a customer holds at an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wallet {
    /// The instant.
    pub at: Timestamp,
    /// By program and kind.
    pub balances: Vec<HeldBalance>,
    /// The lots with something in them, usable or not yet.
    pub lots: Vec<HeldLot>,
    /// Points that were taken back after they had been spent.
    pub owed: Vec<OwedPoints>,
    /// What expires when, if nothing is spent and nothing more is granted.
    pub expiring: Vec<ExpiringValue>,
}

/// What is held of one kind of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldBalance {
    /// Of which program.
    pub program: String,
    /// Of which kind.
    pub kind: Option<LotKind>,
    /// Earned, but not seen as pending yet.
    pub announced: Points,
    /// Seen but not usable yet.
    pub pending: Points,
    /// Usable.
    pub available: Points,
    /// Not usable any more.
    pub expired: Points,
}

/// Value granted together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldLot {
    /// Its id.
    pub lot_id: String,
    /// Of which program.
    pub program: String,
    /// Of which kind.
    pub kind: Option<LotKind>,
    /// How much was granted.
    pub granted: Points,
    /// How much is left.
    pub remaining: Points,
    /// When it was granted.
    pub granted_at: Timestamp,
    /// Seen as pending from then on.
    pub pending_at: Timestamp,
    /// Usable from then on.
    pub available_at: Timestamp,
    /// Its last usable second, as known at that instant.
    pub expires_at: Option<Timestamp>,
    /// What it comes from: `order`, `gift_card`, `grant`, `grace`.
    pub origin: &'static str,
    /// Of these, which.
    pub origin_id: String,
}

/// Points that are owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwedPoints {
    /// Of which program.
    pub program: String,
    /// How many.
    pub points: Points,
}

/// What expires in one month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExpiringValue {
    /// The first day of the month; nothing for what never expires.
    pub month: Option<Date>,
    /// Of which program.
    pub program: String,
    /// Of which kind.
    pub kind: Option<LotKind>,
    /// How much.
    pub points: Points,
}

/// Which rows of a statement are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatementQuery {
    /// Of one program only.
    pub program: Option<String>,
    /// Newest first; otherwise oldest first.
    pub newest_first: bool,
    /// [`Statement::next`] of the page before.
    pub after: Option<String>,
    /// At most so many, up to 500.
    pub most: i64,
}

/// A page of a customer's statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Its rows.
    pub rows: Vec<StatementEntry>,
    /// Where the next page begins; nothing after the last one.
    pub next: Option<String>,
}

/// A row of a statement: what an entry did to a program's balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatementEntry {
    /// The entry.
    pub entry_id: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: EntryReason,
    /// For which order.
    pub order_id: Option<String>,
    /// Its number.
    pub order_number: Option<String>,
    /// What a person wrote about it.
    pub note: Option<String>,
    /// Of which program.
    pub program: String,
    /// Points that came (above zero) or went.
    pub points: i64,
    /// The balance after it: announced, pending and available together.
    pub balance: i64,
}

/// A lot with everything that happened to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LotStory {
    /// The lot as it is.
    pub lot: HeldLot,
    /// What was posted to it, oldest first.
    pub rows: Vec<LotStoryRow>,
}

/// Something that was posted to a lot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LotStoryRow {
    /// The entry.
    pub entry_id: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: EntryReason,
    /// For which order.
    pub order_id: Option<String>,
    /// What a person wrote about it.
    pub note: Option<String>,
    /// Points that came (above zero) or went.
    pub points: i64,
    /// What was in it then.
    pub balance: i64,
}

impl Counter {
    /// What a customer holds at any instant: past ones from the journal, future ones from what is known now.
    /// Costs one pass over the customer's journal.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`], and what the database answers.
    pub async fn wallet_at(&self, whose: &Whose, at: Timestamp) -> Result<Wallet, AppError> {
        let market = self.markets.get(&whose.market)?;
        let (customer_id, name) = (&whose.customer_id, &whose.market);
        let histories = books::lots_as_posted(&self.store, customer_id, name, at).await?;
        let owed = books::debts_at(&self.store, customer_id, name, at).await?;
        let wallet = rules::wallet_at(&histories, &market, at).map_err(defect)?;
        let expiring = wallet.forecast(&market).map_err(defect)?;
        Ok(Wallet {
            at,
            balances: wallet.balances.into_iter().map(HeldBalance::from).collect(),
            lots: wallet.lots.into_iter().map(|(lot, expires_at)| held_lot(lot, expires_at)).collect(),
            owed: owed.into_iter().map(|(program, points)| OwedPoints { program, points }).collect(),
            expiring: expiring.into_iter().map(ExpiringValue::from).collect(),
        })
    }

    /// What a customer holds now, from the lots alone, without the journal.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`], and what the database answers.
    pub async fn balances_now(&self, whose: &Whose, at: Timestamp) -> Result<Vec<HeldBalance>, AppError> {
        let market = self.markets.get(&whose.market)?;
        let lots = books::all_lots_of_customer(&self.store, &whose.customer_id, &whose.market).await?;
        let renewals = Renewals::of(&lots);
        let customer = CustomerBooks { lots, renewals, ..CustomerBooks::default() };
        let balances = rules::balances(&customer, &market, at).map_err(defect)?;
        Ok(balances.into_iter().map(HeldBalance::from).collect())
    }

    /// A page of a customer's statement. What has expired stands in it once it is booked, soon after its end;
    /// balances know it at once. Costs one pass over the customer's journal.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`], [`AppError::Field`] for a cursor that is none, and what the database
    /// answers.
    pub async fn statement(&self, whose: &Whose, query: &StatementQuery) -> Result<Statement, AppError> {
        self.markets.get(&whose.market)?;
        let most = query.most.clamp(1, ROWS_MAX);
        let after = query.after.as_deref().map(place).transpose()?;
        // One row more tells whether there is a next page.
        let page = StatementPage {
            program: query.program.clone(),
            newest_first: query.newest_first,
            after,
            most: most.saturating_add(1),
        };
        let mut lines =
            books::statement_of_customer(&self.store, &whose.customer_id, &whose.market, &page).await?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let goes_on = lines.len() > most;
        lines.truncate(most);
        let next = lines.last().filter(|_| goes_on).map(|line| cursor(&StatementPlace::of(&line.row)));
        Ok(Statement { rows: lines.into_iter().map(StatementEntry::from).collect(), next })
    }

    /// A lot of a customer, and everything that happened to it.
    ///
    /// # Errors
    /// [`AppError::NotFound`] where there is none or it is another customer's, and what the database answers.
    pub async fn lot_story(&self, whose: &Whose, lot_id: &str) -> Result<LotStory, AppError> {
        let market = self.markets.get(&whose.market)?;
        let found = books::lot_postings(&self.store, &whose.customer_id, lot_id).await?;
        let found = found.filter(|(lot, _)| lot.market == market.name);
        let (lot, postings) = found.ok_or_else(|| AppError::not_found("lot", lot_id))?;
        let mut balance = 0_i64;
        let rows = postings.into_iter().map(|posting| {
            balance = balance.saturating_add(posting.points);
            LotStoryRow {
                entry_id: posting.entry_id,
                at: posting.at,
                reason: posting.reason,
                order_id: posting.order_id,
                note: posting.note,
                points: posting.points,
                balance,
            }
        });
        let rows = rows.collect();
        let expires_at = lot.expires_at;
        Ok(LotStory { lot: held_lot(lot, expires_at), rows })
    }
}

pub(crate) fn defect(error: BooksError) -> AppError {
    AppError::Defect(error.to_string())
}

impl From<Balance> for HeldBalance {
    fn from(balance: Balance) -> Self {
        let Balance { program, kind, announced, pending, available, expired } = balance;
        Self { program, kind, announced, pending, available, expired }
    }
}

impl From<Forecast> for ExpiringValue {
    fn from(forecast: Forecast) -> Self {
        let Forecast { month, program, kind, points } = forecast;
        Self { month, program, kind, points }
    }
}

impl From<StatementLine> for StatementEntry {
    fn from(line: StatementLine) -> Self {
        let StatementLine { row, order_number } = line;
        Self {
            entry_id: row.entry_id,
            at: row.at,
            reason: row.reason,
            order_id: row.order_id,
            order_number,
            note: row.note,
            program: row.program,
            points: row.points,
            balance: row.balance,
        }
    }
}

fn held_lot(lot: Lot, expires_at: Option<Timestamp>) -> HeldLot {
    let (origin, origin_id) = lot.origin.parts();
    let origin_id = origin_id.to_owned();
    HeldLot {
        origin,
        origin_id,
        lot_id: lot.lot_id,
        program: lot.program,
        kind: lot.kind,
        granted: lot.granted,
        remaining: lot.remaining,
        granted_at: lot.granted_at,
        pending_at: lot.pending_at,
        available_at: lot.available_at,
        expires_at,
    }
}

fn cursor(place: &StatementPlace) -> String {
    let text = format!("{}\n{}\n{}", place.made_at, place.entry_id, place.program);
    BASE64URL_NOPAD.encode(text.as_bytes())
}

fn place(cursor: &str) -> Result<StatementPlace, AppError> {
    let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).unwrap_or_default();
    let text = String::from_utf8(bytes).unwrap_or_default();
    let mut parts = text.splitn(3, '\n');
    let made_at = parts.next().and_then(|part| part.parse().ok());
    match (made_at, parts.next(), parts.next()) {
        (Some(made_at), Some(entry_id), Some(program)) => {
            Ok(StatementPlace { made_at, entry_id: entry_id.to_owned(), program: program.to_owned() })
        }
        _ => Err(AppError::field("/after", "expected `next` of an earlier page")),
    }
}
