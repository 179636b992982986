//! Messages to customers that wait to be sent, and what became of them. No address and no text is kept.

use choba_engine::books::EventData;

use super::just_write::just_write;
use super::unknown;
use super::write_together;
use crate::sql::{Row, Statement, Store, StoreError, Type, Value, Write};

static QUEUE: Statement = Statement::new(
    "queue a message",
    &[
        ("customer_id", Type::Text),
        ("about", Type::Text),
        ("template", Type::Text),
        ("market", Type::Text),
        ("subject", Type::Text),
        ("data", Type::Text),
        ("next_at", Type::Int),
        ("queued_at", Type::Int),
    ],
    "INSERT INTO messages (customer_id, about, template, market, subject, data, state, attempts, next_at, queued_at)
     SELECT :customer_id, :about, :template, :market, :subject, :data, 'queued', 0, :next_at, :queued_at
     FROM {rows} WHERE true ON CONFLICT DO NOTHING",
)
.order(122);

static CLAIM: Statement = Statement::new(
    "claim a message",
    &[
        ("customer_id", Type::Text),
        ("about", Type::Text),
        ("template", Type::Text),
        ("attempts", Type::Int),
        ("next_at", Type::Int),
        ("lapses_at", Type::Int),
    ],
    "UPDATE messages SET attempts = :attempts + 1, next_at = :lapses_at
     FROM {rows} WHERE messages.customer_id = :customer_id AND messages.about = :about
       AND messages.template = :template AND messages.state = 'queued' AND messages.attempts = :attempts
       AND messages.next_at = :next_at",
)
.order(123)
.one_each();

static END: Statement = Statement::new(
    "a message is done",
    &[
        ("customer_id", Type::Text),
        ("about", Type::Text),
        ("template", Type::Text),
        ("state", Type::Text),
        ("next_at", Type::Int),
        ("done_at", Type::Int),
        ("fault", Type::Text),
    ],
    "UPDATE messages SET state = :state, next_at = :next_at, done_at = :done_at, fault = :fault
     FROM {rows} WHERE messages.customer_id = :customer_id AND messages.about = :about
       AND messages.template = :template AND messages.state = 'queued'",
)
.order(124);

static DUE: Statement = Statement::new(
    "messages that are due",
    &[("until", Type::Int), ("most", Type::Int)],
    "SELECT :row, m.customer_id, m.about, m.template, m.market, m.subject, m.data, m.state, m.attempts, m.next_at,
            m.queued_at, m.fault
     FROM {rows} CROSS JOIN LATERAL (
        SELECT * FROM messages WHERE state = 'queued' AND next_at <= :until ORDER BY next_at LIMIT :most) AS m
     ORDER BY m.next_at, m.customer_id, m.about",
);

static OF_CUSTOMER: Statement = Statement::new(
    "messages to a customer",
    &[("customer_id", Type::Text), ("most", Type::Int)],
    "SELECT :row, m.customer_id, m.about, m.template, m.market, m.subject, m.data, m.state, m.attempts, m.next_at,
            m.queued_at, m.fault
     FROM {rows} CROSS JOIN LATERAL (
        SELECT * FROM messages WHERE customer_id = :customer_id ORDER BY about DESC, template LIMIT :most) AS m
     ORDER BY m.about DESC, m.template",
);

static OLD: Statement = Statement::new(
    "old messages",
    &[("before", Type::Int), ("most", Type::Int)],
    "SELECT :row, m.customer_id, m.about, m.template
     FROM {rows} CROSS JOIN LATERAL (
        SELECT customer_id, about, template FROM messages
        WHERE queued_at < :before AND state <> 'queued' ORDER BY queued_at LIMIT :most) AS m",
);

static FORGET: Statement = Statement::new(
    "forget a message",
    &[("customer_id", Type::Text), ("about", Type::Text), ("template", Type::Text)],
    "DELETE FROM messages WHERE state <> 'queued'
       AND (customer_id, about, template) IN (SELECT :customer_id, :about, :template FROM {rows})",
)
.order(125);

/// What has become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageState {
    /// It is sent, or sent again, when its time comes.
    Queued,
    /// The mail server has taken it.
    Sent,
    /// It cannot be sent, or was tried too often.
    Failed,
    /// There was nobody to send it to, or nothing to say any more.
    Skipped,
}

impl MessageState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Sent, Self::Failed, Self::Skipped];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// A message to a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRow {
    /// To whom.
    pub customer_id: String,
    /// What it is about: an event, or a lot in a month. With the template its key.
    pub about: String,
    /// Which text.
    pub template: String,
    /// In which market.
    pub market: String,
    /// The order, lot, card or case.
    pub subject: String,
    /// What the event told.
    pub data: EventData,
    /// What has become of it.
    pub state: MessageState,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next, in epoch milliseconds.
    pub next_at: i64,
    /// When it was queued, in epoch milliseconds.
    pub queued_at: i64,
    /// What went wrong last.
    pub fault: Option<String>,
}

impl MessageRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let code = row.text(6)?;
        let state = MessageState::ALL.into_iter().find(|state| state.code() == code);
        let defect = |error: serde_json::Error| StoreError::Defect { reason: format!("a message: {error}") };
        Ok(Self {
            customer_id: row.text(0)?.to_owned(),
            about: row.text(1)?.to_owned(),
            template: row.text(2)?.to_owned(),
            market: row.text(3)?.to_owned(),
            subject: row.text(4)?.to_owned(),
            data: serde_json::from_str(row.text(5)?).map_err(defect)?,
            state: state.ok_or_else(|| unknown("state of a message", code))?,
            attempts: row.int(7)?,
            next_at: row.int(8)?,
            queued_at: row.int(9)?,
            fault: row.optional_text(10)?.map(str::to_owned),
        })
    }

    fn key(&self) -> Vec<Value> {
        vec![(&self.customer_id).into(), (&self.about).into(), (&self.template).into()]
    }

    /// The write that queues it, unless it was queued before.
    ///
    /// # Errors
    /// [`StoreError::Defect`] where its data cannot be put into words.
    pub fn queue(&self) -> Result<Write, StoreError> {
        let defect = |error: serde_json::Error| StoreError::Defect { reason: error.to_string() };
        let mut row = self.key();
        row.extend([
            (&self.market).into(),
            (&self.subject).into(),
            serde_json::to_string(&self.data).map_err(defect)?.into(),
            self.next_at.into(),
            self.queued_at.into(),
        ]);
        Ok(QUEUE.write(row))
    }
}

/// Takes a message for one try, until a time; false where another process has it.
///
/// # Errors
/// See [`StoreError`].
pub async fn claim_message(store: &Store, message: &MessageRow, lapses_at: i64) -> Result<bool, StoreError> {
    let mut row = message.key();
    row.extend([message.attempts.into(), message.next_at.into(), lapses_at.into()]);
    match just_write(store, &message.customer_id, CLAIM.write(row)).await {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Notes what became of a message. One that stays queued is tried again at `next_at`.
///
/// # Errors
/// See [`StoreError`].
pub async fn end_message(
    store: &Store,
    message: &MessageRow,
    state: MessageState,
    next_at: i64,
    fault: Option<&str>,
    at: i64,
) -> Result<(), StoreError> {
    let done_at = (state != MessageState::Queued).then_some(at);
    let mut row = message.key();
    row.extend([state.code().into(), next_at.into(), done_at.into(), fault.into()]);
    just_write(store, &message.customer_id, END.write(row)).await
}

/// Messages that are due, the oldest first.
///
/// # Errors
/// See [`StoreError`].
pub async fn due_messages(store: &Store, until: i64, most: i64) -> Result<Vec<MessageRow>, StoreError> {
    store.read(&DUE, vec![vec![until.into(), most.into()]]).await?.iter().map(MessageRow::read).collect()
}

/// The newest messages to a customer.
///
/// # Errors
/// See [`StoreError`].
pub async fn messages_of_customer(
    store: &Store,
    customer_id: &str,
    most: i64,
) -> Result<Vec<MessageRow>, StoreError> {
    let row: Vec<Value> = vec![customer_id.into(), most.into()];
    store.read(&OF_CUSTOMER, vec![row]).await?.iter().map(MessageRow::read).collect()
}

/// Forgets messages queued before a time that are done; answers how many.
///
/// # Errors
/// See [`StoreError`].
pub async fn forget_messages(store: &Store, before: i64, most: i64) -> Result<usize, StoreError> {
    let rows = store.read(&OLD, vec![vec![before.into(), most.into()]]).await?;
    let mut writes = Vec::with_capacity(rows.len());
    for row in &rows {
        writes.push(FORGET.write(vec![row.text(0)?.into(), row.text(1)?.into(), row.text(2)?.into()]));
    }
    if !writes.is_empty() {
        write_together(store, "@messages", writes).await?;
    }
    Ok(rows.len())
}
