//! What others are asked, written down before they are asked.

use choba_engine::books::{Ask, AskOutcome, Party};
use jiff::Timestamp;

use super::just_write::just_write;
use super::{millis, unknown};
use crate::sql::{Row, Statement, Store, StoreError, Type, Value, Write};

static NEW: Statement = Statement::new(
    "write down an ask",
    &[
        ("customer_id", Type::Text),
        ("ask_id", Type::Text),
        ("order_id", Type::Text),
        ("market", Type::Text),
        ("party", Type::Text),
        ("ask", Type::Text),
        ("next_at", Type::Int),
        ("turn", Type::Int),
    ],
    "INSERT INTO asks (customer_id, ask_id, order_id, market, party, ask, state, attempts, next_at, turn)
     SELECT :customer_id, :ask_id, :order_id, :market, :party, :ask, 'open', 0, :next_at, :turn FROM {rows}",
)
.order(50)
.one_each();

static SETTLE: Statement = Statement::new(
    "settle an ask",
    &[
        ("customer_id", Type::Text),
        ("order_id", Type::Text),
        ("ask_id", Type::Text),
        ("outcome", Type::Text),
        ("reference", Type::Text),
    ],
    "UPDATE asks SET state = 'settled', outcome = :outcome, reference = :reference
     FROM {rows} WHERE asks.customer_id = :customer_id AND asks.order_id = :order_id AND asks.ask_id = :ask_id
       AND asks.state = 'open'",
)
.order(51)
.one_each();

static POSTPONE: Statement = Statement::new(
    "try an ask again later",
    &[("customer_id", Type::Text), ("order_id", Type::Text), ("ask_id", Type::Text), ("next_at", Type::Int)],
    "UPDATE asks SET attempts = attempts + 1, next_at = :next_at
     FROM {rows} WHERE asks.customer_id = :customer_id AND asks.order_id = :order_id AND asks.ask_id = :ask_id
       AND asks.state = 'open'",
)
.order(52);

static AT_ONCE: Statement = Statement::new(
    "try an ask at once",
    &[("customer_id", Type::Text), ("order_id", Type::Text), ("ask_id", Type::Text), ("next_at", Type::Int)],
    "UPDATE asks SET attempts = 0, next_at = :next_at
     FROM {rows} WHERE asks.customer_id = :customer_id AND asks.order_id = :order_id AND asks.ask_id = :ask_id
       AND asks.state = 'open'",
)
.order(53);

/// As they were written; those of one operation by their ids.
pub(super) static OF_ORDER: Statement = Statement::new(
    "asks of an order",
    &[("customer_id", Type::Text), ("order_id", Type::Text)],
    "SELECT :row, a.customer_id, a.ask_id, a.order_id, a.market, a.party, a.ask, a.state, a.outcome, a.reference,
            a.attempts, a.next_at
     FROM {rows} JOIN asks AS a ON a.customer_id = :customer_id AND a.order_id = :order_id
     ORDER BY a.turn, a.ask_id",
);

static OPEN: Statement = Statement::new(
    "open asks until a time",
    &[("until", Type::Int), ("most", Type::Int)],
    "SELECT :row, a.customer_id, a.ask_id, a.order_id, a.market, a.party, a.ask, a.state, a.outcome, a.reference,
            a.attempts, a.next_at
     FROM {rows} CROSS JOIN LATERAL (
        SELECT customer_id, ask_id, order_id, market, party, ask, state, outcome, reference, attempts, next_at
        FROM asks WHERE state = 'open' AND next_at <= :until ORDER BY next_at LIMIT :most) AS a",
);

/// When an ask that rests is tried again: not before somebody says so.
pub const NEVER: Timestamp = Timestamp::MAX;

static BY_REFERENCE: Statement = Statement::new(
    "asks by the other side's id",
    &[("reference", Type::Text), ("party", Type::Text)],
    "SELECT :row, a.customer_id, a.ask_id, a.order_id, a.market, a.party, a.ask, a.state, a.outcome, a.reference,
            a.attempts, a.next_at
     FROM {rows} JOIN asks AS a ON a.reference = :reference AND a.party = :party
     ORDER BY a.customer_id, a.order_id, a.ask_id",
);

/// Few asks are open at a time, so that they can be looked through.
static OPEN_OF_ORDER: Statement = Statement::new(
    "open asks of an order whose customer is not known",
    &[("order_id", Type::Text)],
    "SELECT :row, a.customer_id, a.ask_id, a.order_id, a.market, a.party, a.ask, a.state, a.outcome, a.reference,
            a.attempts, a.next_at
     FROM {rows} JOIN asks AS a ON a.state = 'open' AND a.order_id = :order_id
     ORDER BY a.turn, a.ask_id",
);

/// An ask as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskRow {
    /// Whose order it is for.
    pub customer_id: String,
    /// In which market.
    pub market: String,
    /// What is asked of whom.
    pub ask: Ask,
    /// Whether it has been answered, or is not asked any more.
    pub settled: bool,
    /// The answer.
    pub outcome: Option<AskOutcome>,
    /// The other side's id for it.
    pub reference: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// Not tried again before, in epoch milliseconds.
    pub next_at: i64,
}

impl AskRow {
    /// The write that keeps its answer; none where it is not asked any more.
    ///
    /// # Errors
    /// [`StoreError::Defect`] where the answer cannot be put into words.
    pub fn settled_with(&self, outcome: Option<&AskOutcome>) -> Result<Write, StoreError> {
        let text = outcome.map(serde_json::to_string).transpose().map_err(defect)?;
        let reference = match outcome {
            Some(AskOutcome::Done { reference, .. }) => reference.clone(),
            _ => None,
        };
        let row: Vec<Value> = vec![
            (&self.customer_id).into(),
            (&self.ask.order_id).into(),
            (&self.ask.ask_id).into(),
            text.into(),
            reference.into(),
        ];
        Ok(SETTLE.write(row))
    }
}

fn defect(error: serde_json::Error) -> StoreError {
    StoreError::Defect { reason: format!("an ask in the database: {error}") }
}

impl AskRow {
    /// The write by which it is tried at a time, with as much patience as at first, if it is still open.
    pub fn tried_at_once(&self, at: Timestamp) -> Write {
        AT_ONCE.write(self.row(at))
    }

    /// The write by which it was tried in vain and is tried again at a time, if it is still open.
    pub fn tried_again(&self, next_at: Timestamp) -> Write {
        POSTPONE.write(self.row(next_at))
    }

    fn row(&self, at: Timestamp) -> Vec<Value> {
        let ask = &self.ask;
        vec![(&self.customer_id).into(), (&ask.order_id).into(), (&ask.ask_id).into(), millis(at).into()]
    }
}

pub(super) fn write_ask(
    customer_id: &str,
    market: &str,
    at: Timestamp,
    ask: &Ask,
    turn: i64,
) -> Result<Write, StoreError> {
    let row: Vec<Value> = vec![
        customer_id.into(),
        (&ask.ask_id).into(),
        (&ask.order_id).into(),
        market.into(),
        ask.party.code().into(),
        serde_json::to_string(&ask.kind).map_err(defect)?.into(),
        millis(at).into(),
        turn.into(),
    ];
    Ok(NEW.write(row))
}

pub(super) fn read_ask(row: &Row) -> Result<AskRow, StoreError> {
    let party = row.text(4)?;
    let outcome = row.optional_text(7)?;
    Ok(AskRow {
        customer_id: row.text(0)?.to_owned(),
        market: row.text(3)?.to_owned(),
        ask: Ask {
            ask_id: row.text(1)?.to_owned(),
            order_id: row.text(2)?.to_owned(),
            party: Party::from_code(party).ok_or_else(|| unknown("party", party))?,
            kind: serde_json::from_str(row.text(5)?).map_err(defect)?,
        },
        settled: row.text(6)? != "open",
        outcome: outcome.map(serde_json::from_str).transpose().map_err(defect)?,
        reference: row.optional_text(8)?.map(str::to_owned),
        attempts: row.int(9)?,
        next_at: row.int(10)?,
    })
}

/// The asks of an order, in their order.
///
/// # Errors
/// See [`StoreError`].
pub async fn asks_of_order(
    store: &Store,
    customer_id: &str,
    order_id: &str,
) -> Result<Vec<AskRow>, StoreError> {
    let row: Vec<Value> = vec![customer_id.into(), order_id.into()];
    store.read(&OF_ORDER, vec![row]).await?.iter().map(read_ask).collect()
}

/// Lets an ask be tried again later, if it is still open.
///
/// # Errors
/// See [`StoreError`].
pub async fn postpone(store: &Store, ask: &AskRow, next_at: Timestamp) -> Result<(), StoreError> {
    just_write(store, &ask.customer_id, ask.tried_again(next_at)).await
}

/// Open asks whose time has come, the oldest first.
///
/// # Errors
/// See [`StoreError`].
pub async fn open_asks(store: &Store, until: Timestamp, most: i64) -> Result<Vec<AskRow>, StoreError> {
    let row: Vec<Value> = vec![millis(until).into(), most.into()];
    store.read(&OPEN, vec![row]).await?.iter().map(read_ask).collect()
}

/// What was asked of a party that it knows by an id of its own.
///
/// # Errors
/// See [`StoreError`].
pub async fn asks_by_reference(
    store: &Store,
    party: &Party,
    reference: &str,
) -> Result<Vec<AskRow>, StoreError> {
    let row: Vec<Value> = vec![reference.into(), party.code().into()];
    store.read(&BY_REFERENCE, vec![row]).await?.iter().map(read_ask).collect()
}

/// What is asked for an order and not answered, whoever's it is.
///
/// # Errors
/// See [`StoreError`].
pub async fn open_asks_of_order(store: &Store, order_id: &str) -> Result<Vec<AskRow>, StoreError> {
    store.read(&OPEN_OF_ORDER, vec![vec![order_id.into()]]).await?.iter().map(read_ask).collect()
}
