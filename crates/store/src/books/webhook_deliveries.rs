//! Messages that wait for endpoints, and what became of them.
//!
//! Whoever sends a message claims it first, by moving the time of its next try beyond the end of this one. A process
//! that dies in between leaves a message that is due again when its claim lapses: it may be sent twice, with the same
//! id, and is never lost.

use super::unknown;
use super::webhook_endpoints::key_of;
use super::write_together;
use crate::sql::{Row, Statement, Store, StoreError, Type, Value, Write};

static QUEUE: Statement = Statement::new(
    "queue a webhook message",
    &[
        ("endpoint_id", Type::Text),
        ("message_id", Type::Text),
        ("seq", Type::Int),
        ("kind", Type::Text),
        ("body", Type::Text),
        ("queued_at", Type::Int),
    ],
    "INSERT INTO webhook_deliveries (endpoint_id, message_id, seq, kind, body, state, attempts, next_at, queued_at)
     SELECT :endpoint_id, :message_id, :seq, :kind, :body, 'waiting', 0, :queued_at, :queued_at
     FROM {rows} WHERE true ON CONFLICT DO NOTHING",
)
.order(110);

/// What waits already goes on waiting as it is.
static REPLAY: Statement = Statement::new(
    "send a webhook message again",
    &[
        ("endpoint_id", Type::Text),
        ("message_id", Type::Text),
        ("seq", Type::Int),
        ("kind", Type::Text),
        ("body", Type::Text),
        ("queued_at", Type::Int),
    ],
    "INSERT INTO webhook_deliveries (endpoint_id, message_id, seq, kind, body, state, attempts, next_at, queued_at)
     SELECT :endpoint_id, :message_id, :seq, :kind, :body, 'waiting', 0, :queued_at, :queued_at
     FROM {rows} WHERE true
     ON CONFLICT (endpoint_id, message_id) DO UPDATE SET state = 'waiting', attempts = 0,
        next_at = excluded.next_at, queued_at = excluded.queued_at
     WHERE webhook_deliveries.state <> 'waiting'",
)
.order(111);

static CLAIM: Statement = Statement::new(
    "claim a webhook message",
    &[
        ("endpoint_id", Type::Text),
        ("message_id", Type::Text),
        ("attempts", Type::Int),
        ("next_at", Type::Int),
        ("lapses_at", Type::Int),
    ],
    "UPDATE webhook_deliveries SET attempts = :attempts + 1, next_at = :lapses_at
     FROM {rows} WHERE webhook_deliveries.endpoint_id = :endpoint_id
       AND webhook_deliveries.message_id = :message_id AND webhook_deliveries.state = 'waiting'
       AND webhook_deliveries.attempts = :attempts AND webhook_deliveries.next_at = :next_at",
)
.order(112)
.one_each();

/// Also where another process has claimed it meanwhile: it has arrived.
static DELIVERED: Statement = Statement::new(
    "a webhook message was delivered",
    &[
        ("endpoint_id", Type::Text),
        ("message_id", Type::Text),
        ("status", Type::Int),
        ("tried_at", Type::Int),
    ],
    "UPDATE webhook_deliveries SET state = 'delivered', status = :status, fault = NULL, tried_at = :tried_at
     FROM {rows} WHERE webhook_deliveries.endpoint_id = :endpoint_id
       AND webhook_deliveries.message_id = :message_id AND webhook_deliveries.state = 'waiting'",
)
.order(113);

static FAILED: Statement = Statement::new(
    "a webhook message was not delivered",
    &[
        ("endpoint_id", Type::Text),
        ("message_id", Type::Text),
        ("attempts", Type::Int),
        ("state", Type::Text),
        ("next_at", Type::Int),
        ("status", Type::Int),
        ("fault", Type::Text),
        ("tried_at", Type::Int),
    ],
    "UPDATE webhook_deliveries SET state = :state, next_at = :next_at, status = :status, fault = :fault,
            tried_at = :tried_at
     FROM {rows} WHERE webhook_deliveries.endpoint_id = :endpoint_id
       AND webhook_deliveries.message_id = :message_id AND webhook_deliveries.state = 'waiting'
       AND webhook_deliveries.attempts = :attempts",
)
.order(114);

static REMOVE_ALL: Statement = Statement::new(
    "remove the messages of an endpoint",
    &[("endpoint_id", Type::Text)],
    "DELETE FROM webhook_deliveries WHERE endpoint_id IN (SELECT :endpoint_id FROM {rows})",
)
.order(115);

static FORGET: Statement = Statement::new(
    "forget a webhook message",
    &[("endpoint_id", Type::Text), ("message_id", Type::Text)],
    "DELETE FROM webhook_deliveries WHERE state <> 'waiting'
       AND (endpoint_id, message_id) IN (SELECT :endpoint_id, :message_id FROM {rows})",
)
.order(116);

static OLD: Statement = Statement::new(
    "old webhook messages",
    &[("before", Type::Int), ("most", Type::Int)],
    "SELECT :row, d.endpoint_id, d.message_id
     FROM {rows} CROSS JOIN LATERAL (
        SELECT endpoint_id, message_id FROM webhook_deliveries
        WHERE queued_at < :before AND state <> 'waiting' ORDER BY queued_at LIMIT :most) AS d",
);

static DUE: Statement = Statement::new(
    "webhook messages that are due",
    &[("endpoint_id", Type::Text), ("until", Type::Int), ("most", Type::Int)],
    "SELECT :row, d.endpoint_id, d.message_id, d.seq, d.kind, d.body, d.state, d.attempts, d.next_at, d.queued_at,
            d.tried_at, d.status, d.fault
     FROM {rows} CROSS JOIN LATERAL (
        SELECT * FROM webhook_deliveries
        WHERE endpoint_id = :endpoint_id AND state = 'waiting' AND next_at <= :until
        ORDER BY next_at, message_id LIMIT :most) AS d
     ORDER BY d.next_at, d.seq, d.message_id",
);

static LIST: Statement = Statement::new(
    "webhook messages of an endpoint",
    &[("endpoint_id", Type::Text), ("state", Type::Text), ("before", Type::Text), ("most", Type::Int)],
    "SELECT :row, d.endpoint_id, d.message_id, d.seq, d.kind, d.body, d.state, d.attempts, d.next_at, d.queued_at,
            d.tried_at, d.status, d.fault
     FROM {rows} CROSS JOIN LATERAL (
        SELECT * FROM webhook_deliveries
        WHERE endpoint_id = :endpoint_id AND (:state IS NULL OR state = :state)
          AND (:before IS NULL OR message_id < :before)
        ORDER BY message_id DESC LIMIT :most) AS d
     ORDER BY d.message_id DESC",
);

static FIND: Statement = Statement::new(
    "a webhook message",
    &[("endpoint_id", Type::Text), ("message_id", Type::Text)],
    "SELECT :row, d.endpoint_id, d.message_id, d.seq, d.kind, d.body, d.state, d.attempts, d.next_at, d.queued_at,
            d.tried_at, d.status, d.fault
     FROM {rows} JOIN webhook_deliveries AS d ON d.endpoint_id = :endpoint_id AND d.message_id = :message_id",
);

/// What has become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// It is sent, or sent again, when its time comes.
    Waiting,
    /// The endpoint said that it has it.
    Delivered,
    /// It is not tried any more, unless somebody asks for it.
    Dead,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Delivered, Self::Dead];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

/// A message for an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// For which endpoint.
    pub endpoint_id: String,
    /// The same whenever it is sent: the event's id.
    pub message_id: String,
    /// The event's place in the feed; none of a test.
    pub seq: Option<i64>,
    /// The kind of event.
    pub kind: String,
    /// What is sent.
    pub body: String,
    /// What has become of it.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next, in epoch milliseconds.
    pub next_at: i64,
    /// When it was queued, in epoch milliseconds.
    pub queued_at: i64,
    /// When it was last tried, in epoch milliseconds.
    pub tried_at: Option<i64>,
    /// The status that the endpoint answered last.
    pub status: Option<i64>,
    /// What went wrong last.
    pub fault: Option<String>,
}

impl WebhookDelivery {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let code = row.text(5)?;
        let state = DeliveryState::ALL.into_iter().find(|state| state.code() == code);
        Ok(Self {
            endpoint_id: row.text(0)?.to_owned(),
            message_id: row.text(1)?.to_owned(),
            seq: row.optional_int(2)?,
            kind: row.text(3)?.to_owned(),
            body: row.text(4)?.to_owned(),
            state: state.ok_or_else(|| unknown("state of a webhook message", code))?,
            attempts: row.int(6)?,
            next_at: row.int(7)?,
            queued_at: row.int(8)?,
            tried_at: row.optional_int(9)?,
            status: row.optional_int(10)?,
            fault: row.optional_text(11)?.map(str::to_owned),
        })
    }

    fn row(&self) -> Vec<Value> {
        vec![
            (&self.endpoint_id).into(),
            (&self.message_id).into(),
            self.seq.into(),
            (&self.kind).into(),
            (&self.body).into(),
            self.queued_at.into(),
        ]
    }

    /// The write that queues it, unless it was queued before.
    pub fn queue(&self) -> Write {
        QUEUE.write(self.row())
    }

    /// The write that queues it, also where it was delivered or given up before.
    pub fn replay(&self) -> Write {
        REPLAY.write(self.row())
    }

    /// The write that notes that it has arrived.
    pub fn delivered(&self, status: i64, at: i64) -> Write {
        let row: Vec<Value> =
            vec![(&self.endpoint_id).into(), (&self.message_id).into(), status.into(), at.into()];
        DELIVERED.write(row)
    }

    /// The write that notes that it has not arrived. It is as it was when it was claimed.
    pub fn failed(&self, next: Option<i64>, status: Option<i64>, fault: &str, at: i64) -> Write {
        let state = if next.is_some() { DeliveryState::Waiting } else { DeliveryState::Dead };
        let row: Vec<Value> = vec![
            (&self.endpoint_id).into(),
            (&self.message_id).into(),
            self.attempts.saturating_add(1).into(),
            state.code().into(),
            next.unwrap_or(self.next_at).into(),
            status.into(),
            fault.into(),
            at.into(),
        ];
        FAILED.write(row)
    }
}

pub(super) fn remove_all(endpoint_id: &str) -> Write {
    REMOVE_ALL.write(vec![endpoint_id.into()])
}

/// Takes a message for one try, until a time; false where another process has it.
///
/// # Errors
/// See [`StoreError`].
pub async fn claim_delivery(
    store: &Store,
    delivery: &WebhookDelivery,
    lapses_at: i64,
) -> Result<bool, StoreError> {
    let row: Vec<Value> = vec![
        (&delivery.endpoint_id).into(),
        (&delivery.message_id).into(),
        delivery.attempts.into(),
        delivery.next_at.into(),
        lapses_at.into(),
    ];
    match write_together(store, &key_of(&delivery.endpoint_id), vec![CLAIM.write(row)]).await {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Writes about the messages of one endpoint, together.
///
/// # Errors
/// See [`StoreError`].
pub async fn write_about_endpoint(
    store: &Store,
    endpoint_id: &str,
    writes: Vec<Write>,
) -> Result<(), StoreError> {
    write_together(store, &key_of(endpoint_id), writes).await
}

/// The messages of an endpoint that are due, at most so many, in the order in which they are to be sent.
///
/// # Errors
/// See [`StoreError`].
pub async fn due_deliveries(
    store: &Store,
    endpoint_id: &str,
    until: i64,
    most: i64,
) -> Result<Vec<WebhookDelivery>, StoreError> {
    let row: Vec<Value> = vec![endpoint_id.into(), until.into(), most.into()];
    store.read(&DUE, vec![row]).await?.iter().map(WebhookDelivery::read).collect()
}

/// Messages of an endpoint, perhaps of one state only, the newest first, those before an id.
///
/// # Errors
/// See [`StoreError`].
pub async fn deliveries_of_endpoint(
    store: &Store,
    endpoint_id: &str,
    state: Option<DeliveryState>,
    before: Option<&str>,
    most: i64,
) -> Result<Vec<WebhookDelivery>, StoreError> {
    let state = state.map(DeliveryState::code);
    let row: Vec<Value> = vec![endpoint_id.into(), state.into(), before.into(), most.into()];
    store.read(&LIST, vec![row]).await?.iter().map(WebhookDelivery::read).collect()
}

/// A message for an endpoint.
///
/// # Errors
/// See [`StoreError`].
pub async fn delivery(
    store: &Store,
    endpoint_id: &str,
    message_id: &str,
) -> Result<Option<WebhookDelivery>, StoreError> {
    let rows = store.read(&FIND, vec![vec![endpoint_id.into(), message_id.into()]]).await?;
    rows.first().map(WebhookDelivery::read).transpose()
}

/// Forgets messages queued before a time that do not wait any more; answers how many.
///
/// # Errors
/// See [`StoreError`].
pub async fn forget_deliveries(store: &Store, before: i64, most: i64) -> Result<usize, StoreError> {
    let rows = store.read(&OLD, vec![vec![before.into(), most.into()]]).await?;
    let mut writes = Vec::with_capacity(rows.len());
    for row in &rows {
        writes.push(FORGET.write(vec![row.text(0)?.into(), row.text(1)?.into()]));
    }
    if !writes.is_empty() {
        write_together(store, "@webhooks", writes).await?;
    }
    Ok(rows.len())
}
