//! Who is at the desk: a heartbeat that ends by itself, not a flag that somebody may forget.

use jiff::Timestamp;

use super::locked::write_together;
use super::{millis, timestamp};
use crate::sql::{Row, Statement, Store, StoreError, Type, Value};

static LEAVE: Statement = Statement::new(
    "leave the queues of a market",
    &[("market", Type::Text), ("agent_id", Type::Text)],
    "DELETE FROM agent_presence WHERE (market, queue, agent_id) IN (
       SELECT p.market, p.queue, p.agent_id FROM {rows} JOIN agent_presence AS p
         ON p.market = :market AND p.agent_id = :agent_id)",
)
.order(150);

static ENTER: Statement = Statement::new(
    "serve a queue",
    &[
        ("market", Type::Text),
        ("queue", Type::Text),
        ("agent_id", Type::Text),
        ("status", Type::Text),
        ("calls", Type::Int),
        ("chats_max", Type::Int),
        ("expires_at", Type::Int),
    ],
    "INSERT INTO agent_presence (market, queue, agent_id, status, calls, chats_max, expires_at)
     SELECT :market, :queue, :agent_id, :status, :calls, :chats_max, :expires_at FROM {rows}",
)
.order(151)
.one_each();

static OF_QUEUE: Statement = Statement::new(
    "who serves a queue",
    &[("market", Type::Text), ("queue", Type::Text), ("now", Type::Int)],
    "SELECT :row, p.queue, p.agent_id, p.status, p.calls, p.chats_max, p.expires_at, c.callback_id
     FROM {rows} JOIN agent_presence AS p ON p.market = :market AND p.queue = :queue AND p.expires_at > :now
     LEFT JOIN callbacks AS c ON c.agent_id = p.agent_id
     ORDER BY p.agent_id",
);

static OF_AGENT: Statement = Statement::new(
    "which queues an agent serves",
    &[("market", Type::Text), ("agent_id", Type::Text), ("now", Type::Int)],
    "SELECT :row, p.queue, p.agent_id, p.status, p.calls, p.chats_max, p.expires_at, c.callback_id
     FROM {rows} JOIN agent_presence AS p ON p.market = :market AND p.agent_id = :agent_id AND p.expires_at > :now
     LEFT JOIN callbacks AS c ON c.agent_id = p.agent_id
     ORDER BY p.queue",
);

static OF_MARKET: Statement = Statement::new(
    "who is at the desk",
    &[("market", Type::Text), ("now", Type::Int)],
    "SELECT :row, p.queue, p.agent_id, p.status, p.calls, p.chats_max, p.expires_at, c.callback_id
     FROM {rows} JOIN agent_presence AS p ON p.market = :market AND p.expires_at > :now
     LEFT JOIN callbacks AS c ON c.agent_id = p.agent_id
     ORDER BY p.agent_id, p.queue",
);

/// An agent who serves a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceRow {
    /// Which queue.
    pub queue: String,
    /// Who.
    pub agent_id: String,
    /// Whether they take something new.
    pub ready: bool,
    /// Whether they make calls.
    pub calls: bool,
    /// How many chats they have at once.
    pub chats_max: i64,
    /// Until when this is true.
    pub expires_at: Timestamp,
    /// Whether they have a call-back at the moment.
    pub is_calling: bool,
}

impl PresenceRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            queue: row.text(0)?.to_owned(),
            agent_id: row.text(1)?.to_owned(),
            ready: row.text(2)? == "ready",
            calls: row.int(3)? == 1,
            chats_max: row.int(4)?,
            expires_at: timestamp(row.int(5)?)?,
            is_calling: row.optional_text(6)?.is_some(),
        })
    }
}

/// An agent's presence in a market: which queues they serve until when. Without queues they have left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// In which market.
    pub market: String,
    /// Who.
    pub agent_id: String,
    /// Which queues.
    pub queues: Vec<String>,
    /// Whether they take something new.
    pub ready: bool,
    /// Whether they make calls.
    pub calls: bool,
    /// How many chats they have at once.
    pub chats_max: i64,
    /// Until when this is true.
    pub expires_at: Timestamp,
}

/// Keeps an agent's presence in the place of what was known.
///
/// # Errors
/// See [`StoreError`].
pub async fn keep_presence(store: &Store, presence: &Presence) -> Result<(), StoreError> {
    let whose = || -> Vec<Value> { vec![(&presence.market).into(), (&presence.agent_id).into()] };
    let mut writes = vec![LEAVE.write(whose())];
    for queue in &presence.queues {
        let row: Vec<Value> = vec![
            (&presence.market).into(),
            queue.into(),
            (&presence.agent_id).into(),
            if presence.ready { "ready" } else { "busy" }.into(),
            presence.calls.into(),
            presence.chats_max.into(),
            millis(presence.expires_at).into(),
        ];
        writes.push(ENTER.write(row));
    }
    write_together(store, &format!("@agent {}", presence.agent_id), writes).await
}

/// Who is at the desk of a market now, a row for each queue that somebody serves.
///
/// # Errors
/// See [`StoreError`].
pub async fn present_in_market(
    store: &Store,
    market: &str,
    now: Timestamp,
) -> Result<Vec<PresenceRow>, StoreError> {
    let row: Vec<Value> = vec![market.into(), millis(now).into()];
    store.read(&OF_MARKET, vec![row]).await?.iter().map(PresenceRow::read).collect()
}

/// Who serves a queue now.
///
/// # Errors
/// See [`StoreError`].
pub async fn agents_of_queue(
    store: &Store,
    market: &str,
    queue: &str,
    now: Timestamp,
) -> Result<Vec<PresenceRow>, StoreError> {
    let row: Vec<Value> = vec![market.into(), queue.into(), millis(now).into()];
    store.read(&OF_QUEUE, vec![row]).await?.iter().map(PresenceRow::read).collect()
}

/// Which queues an agent serves now.
///
/// # Errors
/// See [`StoreError`].
pub async fn queues_of_agent(
    store: &Store,
    market: &str,
    agent_id: &str,
    now: Timestamp,
) -> Result<Vec<PresenceRow>, StoreError> {
    let row: Vec<Value> = vec![market.into(), agent_id.into(), millis(now).into()];
    store.read(&OF_AGENT, vec![row]).await?.iter().map(PresenceRow::read).collect()
}
