//! Adjustments of balances that wait for a second person, and what became of them.

use choba_engine::books::Adjustment;
use choba_engine::market::LotKind;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{millis, timestamp, unknown};
use crate::sql::{Read, Row, Statement, Store, StoreError, Type, Value, Write};

static ASK_FOR: Statement = Statement::new(
    "ask for an adjustment",
    &[
        ("adjustment_id", Type::Text),
        ("customer_id", Type::Text),
        ("market", Type::Text),
        ("adjustment", Type::Text),
        ("asked_by", Type::Text),
        ("asked_at", Type::Int),
    ],
    "INSERT INTO adjustments (adjustment_id, customer_id, market, adjustment, state, asked_by, asked_at)
     SELECT :adjustment_id, :customer_id, :market, :adjustment, 'waiting', :asked_by, :asked_at FROM {rows}",
)
.order(70)
.one_each();

static DECIDE: Statement = Statement::new(
    "decide about an adjustment",
    &[
        ("adjustment_id", Type::Text),
        ("state", Type::Text),
        ("decided_by", Type::Text),
        ("decided_at", Type::Int),
    ],
    "UPDATE adjustments SET state = :state, decided_by = :decided_by, decided_at = :decided_at
     FROM {rows} WHERE adjustments.adjustment_id = :adjustment_id AND adjustments.state = 'waiting'",
)
.order(71)
.one_each();

static FIND: Statement = Statement::new(
    "an adjustment",
    &[("adjustment_id", Type::Text)],
    "SELECT :row, a.adjustment_id, a.customer_id, a.market, a.adjustment, a.state, a.asked_by, a.asked_at,
            a.decided_by, a.decided_at
     FROM {rows} JOIN adjustments AS a ON a.adjustment_id = :adjustment_id",
);

static WAITING: Statement = Statement::new(
    "adjustments that wait",
    &[("market", Type::Text), ("after", Type::Text), ("most", Type::Int)],
    "SELECT :row, a.adjustment_id, a.customer_id, a.market, a.adjustment, a.state, a.asked_by, a.asked_at,
            a.decided_by, a.decided_at
     FROM {rows} CROSS JOIN LATERAL (
        SELECT adjustment_id, customer_id, market, adjustment, state, asked_by, asked_at, decided_by, decided_at
        FROM adjustments WHERE state = 'waiting' AND market = :market AND adjustment_id > :after
        ORDER BY adjustment_id LIMIT :most) AS a
     ORDER BY a.adjustment_id",
);

/// What has become of an adjustment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdjustmentState {
    /// It waits for a second person.
    Waiting,
    /// It was made.
    Approved {
        /// Who approved it.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// It will not be made.
    Rejected {
        /// Who said so.
        by: String,
        /// When.
        at: Timestamp,
    },
}

/// An adjustment that needed a second person.
#[derive(Clone, Debug)]
pub struct AdjustmentRow {
    /// Its id.
    pub adjustment_id: String,
    /// Whose balance.
    pub customer_id: String,
    /// In which market.
    pub market: String,
    /// What is to be done; without who approves it.
    pub adjustment: Adjustment,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// What has become of it.
    pub state: AdjustmentState,
}

/// An adjustment in the words of the database.
#[derive(Serialize, Deserialize)]
struct Document {
    program: String,
    kind: Option<LotKind>,
    points: i64,
    expires_at: Option<Timestamp>,
    reason: String,
}

impl AdjustmentRow {
    /// The read that finds an adjustment within a decision; [`AdjustmentRow::read`] reads its rows.
    pub fn find(adjustment_id: &str) -> Read {
        FIND.read(vec![adjustment_id.into()])
    }

    /// An adjustment from a row.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] or [`StoreError::Defect`] where it is no adjustment.
    pub fn read(row: &Row) -> Result<Self, StoreError> {
        let document: Document = serde_json::from_str(row.text(3)?).map_err(defect)?;
        Ok(Self {
            adjustment_id: row.text(0)?.to_owned(),
            customer_id: row.text(1)?.to_owned(),
            market: row.text(2)?.to_owned(),
            adjustment: Adjustment {
                program: document.program,
                kind: document.kind,
                points: document.points,
                expires_at: document.expires_at,
                reason: document.reason,
                asked_by: row.text(5)?.to_owned(),
                approved_by: None,
            },
            asked_at: timestamp(row.int(6)?)?,
            state: read_state(row)?,
        })
    }

    /// The write by which it begins to wait.
    ///
    /// # Errors
    /// [`StoreError::Defect`] where it cannot be put into words.
    pub fn wait(&self) -> Result<Write, StoreError> {
        let adjustment = &self.adjustment;
        let document = Document {
            program: adjustment.program.clone(),
            kind: adjustment.kind,
            points: adjustment.points,
            expires_at: adjustment.expires_at,
            reason: adjustment.reason.clone(),
        };
        let row: Vec<Value> = vec![
            (&self.adjustment_id).into(),
            (&self.customer_id).into(),
            (&self.market).into(),
            serde_json::to_string(&document).map_err(defect)?.into(),
            (&adjustment.asked_by).into(),
            millis(self.asked_at).into(),
        ];
        Ok(ASK_FOR.write(row))
    }

    /// The write by which it is approved, beside what it changes.
    pub fn approve(&self, by: &str, at: Timestamp) -> Write {
        self.decide("approved", by, at)
    }

    /// The write by which it is rejected.
    pub fn reject(&self, by: &str, at: Timestamp) -> Write {
        self.decide("rejected", by, at)
    }

    fn decide(&self, state: &str, by: &str, at: Timestamp) -> Write {
        let row: Vec<Value> = vec![(&self.adjustment_id).into(), state.into(), by.into(), millis(at).into()];
        DECIDE.write(row)
    }
}

fn read_state(row: &Row) -> Result<AdjustmentState, StoreError> {
    let decided = || Ok::<_, StoreError>((row.text(7)?.to_owned(), timestamp(row.int(8)?)?));
    match row.text(4)? {
        "waiting" => Ok(AdjustmentState::Waiting),
        "approved" => decided().map(|(by, at)| AdjustmentState::Approved { by, at }),
        "rejected" => decided().map(|(by, at)| AdjustmentState::Rejected { by, at }),
        other => Err(unknown("state of an adjustment", other)),
    }
}

fn defect(error: serde_json::Error) -> StoreError {
    StoreError::Defect { reason: format!("an adjustment in the database: {error}") }
}

/// An adjustment that needed a second person.
///
/// # Errors
/// See [`StoreError`].
pub async fn adjustment(store: &Store, adjustment_id: &str) -> Result<Option<AdjustmentRow>, StoreError> {
    let rows = store.read(&FIND, vec![vec![adjustment_id.into()]]).await?;
    rows.first().map(AdjustmentRow::read).transpose()
}

/// Adjustments of a market that wait, the oldest first, those after an id.
///
/// # Errors
/// See [`StoreError`].
pub async fn adjustments_waiting(
    store: &Store,
    market: &str,
    after: &str,
    most: i64,
) -> Result<Vec<AdjustmentRow>, StoreError> {
    let row: Vec<Value> = vec![market.into(), after.into(), most.into()];
    store.read(&WAITING, vec![row]).await?.iter().map(AdjustmentRow::read).collect()
}
