//! Calls that a dialler is asked to make: written together with the accepting of the call-back, asked for afterwards.

use jiff::Timestamp;

use super::just_write::just_write;
use super::{millis, timestamp, unknown};
use crate::sql::{Row, Statement, Store, StoreError, Type, Value, Write};

const ROW: &[(&str, Type)] = &[
    ("dial_id", Type::Text),
    ("callback_id", Type::Text),
    ("customer_id", Type::Text),
    ("market", Type::Text),
    ("agent_id", Type::Text),
    ("attempt", Type::Int),
    ("asked_at", Type::Int),
    ("void_at", Type::Int),
];

static NEW: Statement = Statement::new(
    "note a call for the dialler",
    ROW,
    "INSERT INTO dials (dial_id, callback_id, customer_id, market, agent_id, attempt, state, tries, unsure, asked_at,
                        void_at, next_at)
     SELECT :dial_id, :callback_id, :customer_id, :market, :agent_id, :attempt, 'asked', 0, 0, :asked_at, :void_at,
            :asked_at FROM {rows}",
)
.order(144)
.one_each();

/// Guarded by how often it was tried, so that of two processes one asks.
static CLAIM: Statement = Statement::new(
    "claim a call for the dialler",
    &[("dial_id", Type::Text), ("seen", Type::Int), ("next_at", Type::Int)],
    "UPDATE dials SET tries = tries + 1, next_at = :next_at
     FROM {rows} WHERE dials.dial_id = :dial_id AND dials.tries = :seen AND dials.state = 'asked'",
)
.order(145)
.one_each();

static SETTLE: Statement = Statement::new(
    "say how a call for the dialler stands",
    &[("dial_id", Type::Text), ("state", Type::Text), ("unsure", Type::Int), ("next_at", Type::Int)],
    "UPDATE dials SET state = :state, unsure = CASE WHEN :unsure = 1 THEN 1 ELSE unsure END, next_at = :next_at
     FROM {rows} WHERE dials.dial_id = :dial_id AND dials.state = 'asked'",
)
.order(146);

static FIND: Statement = Statement::new(
    "a call for the dialler",
    &[("dial_id", Type::Text)],
    "SELECT :row, d.dial_id, d.callback_id, d.customer_id, d.market, d.agent_id, d.attempt, d.state, d.tries, d.unsure,
            d.void_at
     FROM {rows} JOIN dials AS d ON d.dial_id = :dial_id",
);

static DUE: Statement = Statement::new(
    "calls for the dialler that are due",
    &[("until", Type::Int), ("most", Type::Int)],
    "SELECT :row, d.dial_id, d.callback_id, d.customer_id, d.market, d.agent_id, d.attempt, d.state, d.tries, d.unsure,
            d.void_at
     FROM {rows} CROSS JOIN LATERAL (
        SELECT * FROM dials WHERE next_at IS NOT NULL AND next_at <= :until
        ORDER BY next_at, dial_id LIMIT :most) AS d
     ORDER BY d.dial_id",
);

/// Where a call for the dialler stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialState {
    /// The dialler has to be asked.
    Asked,
    /// The dialler has it.
    Taken,
    /// The dialler will not make it.
    Failed,
    /// It is not wanted any more.
    Over,
}

impl DialState {
    fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Taken => "taken",
            Self::Failed => "failed",
            Self::Over => "over",
        }
    }

    fn read(word: &str) -> Result<Self, StoreError> {
        let known = [Self::Asked, Self::Taken, Self::Failed, Self::Over];
        known
            .into_iter()
            .find(|state| state.word() == word)
            .ok_or_else(|| unknown("the state of a dial", word))
    }
}

/// A call for the dialler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialRow {
    /// Its id.
    pub dial_id: String,
    /// Of which call-back.
    pub callback_id: String,
    /// Whose.
    pub customer_id: String,
    /// In which market.
    pub market: String,
    /// The agent who is put through.
    pub agent_id: String,
    /// Which dial of the call-back it is, from 1.
    pub attempt: u32,
    /// Where it stands.
    pub state: DialState,
    /// How often the dialler was asked.
    pub tries: i64,
    /// Whether a try may have reached the dialler without our having heard of it.
    pub unsure: bool,
    /// After this no call is begun.
    pub void_at: Timestamp,
}

impl DialRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let text = |column| row.text(column).map(str::to_owned);
        Ok(Self {
            dial_id: text(0)?,
            callback_id: text(1)?,
            customer_id: text(2)?,
            market: text(3)?,
            agent_id: text(4)?,
            attempt: u32::try_from(row.int(5)?).unwrap_or_default(),
            state: DialState::read(row.text(6)?)?,
            tries: row.int(7)?,
            unsure: row.int(8)? == 1,
            void_at: timestamp(row.int(9)?)?,
        })
    }

    /// The write that notes a new one, to be asked for from now on.
    pub fn noted(&self, at: Timestamp) -> Write {
        let row: Vec<Value> = vec![
            (&self.dial_id).into(),
            (&self.callback_id).into(),
            (&self.customer_id).into(),
            (&self.market).into(),
            (&self.agent_id).into(),
            i64::from(self.attempt).into(),
            millis(at).into(),
            millis(self.void_at).into(),
        ];
        NEW.write(row)
    }
}

/// Takes a call to ask the dialler for it, until a time; false where another process has it.
///
/// # Errors
/// See [`StoreError`].
pub async fn claim_dial(store: &Store, dial: &DialRow, until: Timestamp) -> Result<bool, StoreError> {
    let row: Vec<Value> = vec![(&dial.dial_id).into(), dial.tries.into(), millis(until).into()];
    match just_write(store, &key(&dial.dial_id), CLAIM.write(row)).await {
        Err(StoreError::Conflict { .. }) => Ok(false),
        other => other.map(|()| true),
    }
}

/// Says how a call stands, and when to ask again where it still is to be asked for.
///
/// # Errors
/// See [`StoreError`].
pub async fn settle_dial(
    store: &Store,
    dial_id: &str,
    state: DialState,
    unsure: bool,
    again_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    let row: Vec<Value> =
        vec![dial_id.into(), state.word().into(), unsure.into(), again_at.map(millis).into()];
    just_write(store, &key(dial_id), SETTLE.write(row)).await
}

fn key(dial_id: &str) -> String {
    format!("@dial {dial_id}")
}

/// A call for the dialler.
///
/// # Errors
/// See [`StoreError`].
pub async fn dial(store: &Store, dial_id: &str) -> Result<Option<DialRow>, StoreError> {
    store.read(&FIND, vec![vec![dial_id.into()]]).await?.first().map(DialRow::read).transpose()
}

/// Calls that the dialler has to be asked for by now.
///
/// # Errors
/// See [`StoreError`].
pub async fn due_dials(store: &Store, until: Timestamp, most: i64) -> Result<Vec<DialRow>, StoreError> {
    let rows = store.read(&DUE, vec![vec![millis(until).into(), most.into()]]).await?;
    rows.iter().map(DialRow::read).collect()
}
