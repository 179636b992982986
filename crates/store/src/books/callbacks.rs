//! Requests to be called: kept as documents, with what is searched by beside them.
//!
//! That there is at most one open request for a number, for a customer and for an agent, unique indexes keep. A change
//! locks its request and compares the version that it was decided on.

use choba_care::callback::Callback;
use jiff::Timestamp;

use super::millis;
use crate::sql::{Read, Row, Statement, Store, StoreError, Type, Value, Write};

const COLUMNS: &[(&str, Type)] = &[
    ("callback_id", Type::Text),
    ("market", Type::Text),
    ("queue", Type::Text),
    ("customer_id", Type::Text),
    ("number_hash", Type::Text),
    ("state", Type::Text),
    ("open", Type::Int),
    ("agent_id", Type::Text),
    ("urgent", Type::Int),
    ("place_at", Type::Int),
    ("due_at", Type::Int),
    ("next_at", Type::Int),
    ("version", Type::Int),
    ("document", Type::Text),
];

/// After changes, so that a call that broke off can go on under a request of its own.
static INSERT: Statement = Statement::new(
    "insert a call-back",
    COLUMNS,
    "INSERT INTO callbacks (callback_id, market, queue, customer_id, number_hash, state, open, agent_id, urgent,
                            place_at, due_at, next_at, version, document)
     SELECT :callback_id, :market, :queue, :customer_id, :number_hash, :state, :open, :agent_id, :urgent, :place_at,
            :due_at, :next_at, :version, :document FROM {rows}",
)
.order(141)
.one_each();

static UPDATE: Statement = Statement::new(
    "change a call-back",
    &[
        ("callback_id", Type::Text),
        ("state", Type::Text),
        ("open", Type::Int),
        ("agent_id", Type::Text),
        ("next_at", Type::Int),
        ("before", Type::Int),
        ("version", Type::Int),
        ("document", Type::Text),
    ],
    "UPDATE callbacks SET state = :state, open = :open, agent_id = :agent_id, next_at = :next_at, version = :version,
            document = :document
     FROM {rows} WHERE callbacks.callback_id = :callback_id AND callbacks.version = :before",
)
.order(140)
.one_each();

static FIND: Statement = Statement::new(
    "a call-back",
    &[("callback_id", Type::Text)],
    "SELECT :row, c.number_hash, c.document FROM {rows} JOIN callbacks AS c ON c.callback_id = :callback_id",
);

static OPEN_OF_CUSTOMER: Statement = Statement::new(
    "the open call-back of a customer",
    &[("customer_id", Type::Text), ("market", Type::Text)],
    "SELECT :row, c.number_hash, c.document FROM {rows} JOIN callbacks AS c
       ON c.customer_id = :customer_id AND c.market = :market AND c.open = 1",
);

static OF_AGENT: Statement = Statement::new(
    "the call-back of an agent",
    &[("agent_id", Type::Text)],
    "SELECT :row, c.number_hash, c.document FROM {rows} JOIN callbacks AS c ON c.agent_id = :agent_id",
);

static WAITING: Statement = Statement::new(
    "call-backs that wait",
    &[("market", Type::Text), ("queue", Type::Text), ("most", Type::Int)],
    "SELECT :row, c.number_hash, c.document FROM {rows} CROSS JOIN LATERAL (
        SELECT callback_id, number_hash, document, urgent, place_at FROM callbacks
        WHERE market = :market AND queue = :queue AND state = 'queued'
        ORDER BY urgent DESC, place_at, callback_id LIMIT :most) AS c
     ORDER BY c.urgent DESC, c.place_at, c.callback_id",
);

static DUE: Statement = Statement::new(
    "call-backs that time changes",
    &[("until", Type::Int), ("most", Type::Int)],
    "SELECT :row, c.number_hash, c.document FROM {rows} CROSS JOIN LATERAL (
        SELECT number_hash, document, next_at FROM callbacks
        WHERE open = 1 AND next_at <= :until ORDER BY next_at LIMIT :most) AS c
     ORDER BY c.next_at",
);

static AHEAD: Statement = Statement::new(
    "call-backs ahead of a place",
    &[
        ("market", Type::Text),
        ("queue", Type::Text),
        ("urgent", Type::Int),
        ("place_at", Type::Int),
        ("callback_id", Type::Text),
    ],
    "SELECT :row, CAST(count(c.callback_id) AS bigint) FROM {rows} LEFT JOIN callbacks AS c
       ON c.market = :market AND c.queue = :queue AND c.state IN ('queued', 'offered')
      AND (c.urgent > :urgent OR (c.urgent = :urgent AND (c.place_at, c.callback_id) < (:place_at, :callback_id)))
     GROUP BY :row",
);

static OF_QUEUE: Statement = Statement::new(
    "call-backs of a queue in a period",
    &[
        ("market", Type::Text),
        ("queue", Type::Text),
        ("from_at", Type::Int),
        ("after", Type::Text),
        ("until", Type::Int),
        ("most", Type::Int),
    ],
    "SELECT :row, c.number_hash, c.document FROM {rows} CROSS JOIN LATERAL (
        SELECT number_hash, document, due_at, callback_id FROM callbacks
        WHERE market = :market AND queue = :queue AND (due_at, callback_id) > (:from_at, :after) AND due_at < :until
        ORDER BY due_at, callback_id LIMIT :most) AS c
     ORDER BY c.due_at, c.callback_id",
);

static LAST: Statement = Statement::new(
    "the last call-back of a customer",
    &[("customer_id", Type::Text), ("market", Type::Text)],
    "SELECT :row, c.number_hash, c.document FROM {rows} CROSS JOIN LATERAL (
        SELECT number_hash, document FROM callbacks WHERE customer_id = :customer_id AND market = :market
        ORDER BY callback_id DESC LIMIT 1) AS c",
);

static NOT_CALLED: Statement = Statement::new(
    "a number that is not called",
    &[("number_hash", Type::Text)],
    "SELECT :row, n.since FROM {rows} JOIN numbers_not_called AS n ON n.number_hash = :number_hash",
);

static DO_NOT_CALL: Statement = Statement::new(
    "do not call a number",
    &[("number_hash", Type::Text), ("since", Type::Int)],
    "INSERT INTO numbers_not_called (number_hash, since) SELECT :number_hash, :since FROM {rows} WHERE true
     ON CONFLICT DO NOTHING",
)
.order(142);

static VERIFIED: Statement = Statement::new(
    "a verified number",
    &[("customer_id", Type::Text), ("number_hash", Type::Text)],
    "SELECT :row, v.verified_at FROM {rows} JOIN verified_numbers AS v
       ON v.customer_id = :customer_id AND v.number_hash = :number_hash",
);

static VERIFY: Statement = Statement::new(
    "keep a verified number",
    &[("customer_id", Type::Text), ("number_hash", Type::Text), ("verified_at", Type::Int)],
    "INSERT INTO verified_numbers (customer_id, number_hash, verified_at)
     SELECT :customer_id, :number_hash, :verified_at FROM {rows} WHERE true
     ON CONFLICT (customer_id, number_hash) DO UPDATE SET verified_at = excluded.verified_at",
)
.order(143);

/// A request as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackRow {
    /// A keyed hash of its number.
    pub number_hash: String,
    /// The request.
    pub callback: Callback,
}

impl CallbackRow {
    /// A request from its row.
    ///
    /// # Errors
    /// The row is none of a request.
    pub fn read(row: &Row) -> Result<Self, StoreError> {
        let callback = serde_json::from_str(row.text(1)?);
        let defect = |error| StoreError::Defect { reason: format!("a call-back in the database: {error}") };
        Ok(Self { number_hash: row.text(0)?.to_owned(), callback: callback.map_err(defect)? })
    }

    /// The write that inserts it; breaks a unique rule where the number or the customer has an open one.
    ///
    /// # Errors
    /// None for a request that can be written.
    pub fn inserted(&self) -> Result<Write, StoreError> {
        let callback = &self.callback;
        let row: Vec<Value> = vec![
            (&callback.callback_id).into(),
            (&callback.market).into(),
            (&callback.queue).into(),
            (&callback.customer_id).into(),
            (&self.number_hash).into(),
            callback.state.word().into(),
            callback.is_open().into(),
            callback.agent().into(),
            callback.urgent.into(),
            millis(callback.place_at).into(),
            millis(callback.due_at).into(),
            callback.next_at().map(millis).into(),
            callback.version.into(),
            document(callback)?.into(),
        ];
        Ok(INSERT.write(row))
    }
}

fn document(callback: &Callback) -> Result<String, StoreError> {
    serde_json::to_string(callback).map_err(|error| StoreError::Defect { reason: error.to_string() })
}

fn changed(before: &Callback, after: &Callback) -> Result<Write, StoreError> {
    let row: Vec<Value> = vec![
        (&after.callback_id).into(),
        after.state.word().into(),
        after.is_open().into(),
        after.agent().into(),
        after.next_at().map(millis).into(),
        before.version.into(),
        after.version.into(),
        document(after)?.into(),
    ];
    Ok(UPDATE.write(row))
}

/// What comes of a change: the request as it will be, perhaps another one that goes on with it.
#[derive(Clone, Debug)]
pub struct CallbackChange<A> {
    /// As it will be; nothing where nothing changes.
    pub after: Option<Callback>,
    /// Another request for the same number.
    pub next: Option<Callback>,
    /// Its number is not called any more.
    pub do_not_call: bool,
    /// Writes of other parts of the books, such as a row of the audit log.
    pub more: Vec<Write>,
    /// For the caller.
    pub answer: A,
}

impl<A> CallbackChange<A> {
    /// Nothing changes.
    pub fn nothing(answer: A) -> Self {
        Self { after: None, next: None, do_not_call: false, more: Vec::new(), answer }
    }
}

/// The read of a request within a decision of its customer; its row is for [`CallbackRow::read`].
pub fn find_callback(callback_id: &str) -> Read {
    FIND.read(vec![callback_id.into()])
}

/// The writes of a change.
///
/// # Errors
/// None for a request that can be written.
pub fn callback_writes<A>(
    before: &CallbackRow,
    change: &CallbackChange<A>,
    at: Timestamp,
) -> Result<Vec<Write>, StoreError> {
    let number_hash = &before.number_hash;
    let mut writes = change.more.clone();
    if let Some(after) = &change.after {
        writes.push(changed(&before.callback, after)?);
    }
    if let Some(next) = &change.next {
        let next = CallbackRow { number_hash: number_hash.clone(), callback: next.clone() };
        writes.push(next.inserted()?);
    }
    if change.do_not_call {
        writes.push(DO_NOT_CALL.write(vec![number_hash.into(), millis(at).into()]));
    }
    Ok(writes)
}

async fn one(
    store: &Store,
    statement: &'static Statement,
    row: Vec<Value>,
) -> Result<Option<CallbackRow>, StoreError> {
    store.read(statement, vec![row]).await?.first().map(CallbackRow::read).transpose()
}

async fn many(
    store: &Store,
    statement: &'static Statement,
    row: Vec<Value>,
) -> Result<Vec<CallbackRow>, StoreError> {
    store.read(statement, vec![row]).await?.iter().map(CallbackRow::read).collect()
}

/// A request.
///
/// # Errors
/// See [`StoreError`].
pub async fn callback(store: &Store, callback_id: &str) -> Result<Option<CallbackRow>, StoreError> {
    one(store, &FIND, vec![callback_id.into()]).await
}

/// The open request of a customer in a market.
///
/// # Errors
/// See [`StoreError`].
pub async fn open_callback(
    store: &Store,
    customer_id: &str,
    market: &str,
) -> Result<Option<CallbackRow>, StoreError> {
    one(store, &OPEN_OF_CUSTOMER, vec![customer_id.into(), market.into()]).await
}

/// The request that a customer made last.
///
/// # Errors
/// See [`StoreError`].
pub async fn last_callback(
    store: &Store,
    customer_id: &str,
    market: &str,
) -> Result<Option<CallbackRow>, StoreError> {
    one(store, &LAST, vec![customer_id.into(), market.into()]).await
}

/// The request that an agent has.
///
/// # Errors
/// See [`StoreError`].
pub async fn callback_of_agent(store: &Store, agent_id: &str) -> Result<Option<CallbackRow>, StoreError> {
    one(store, &OF_AGENT, vec![agent_id.into()]).await
}

/// The requests that wait in a queue for an agent, in their order.
///
/// # Errors
/// See [`StoreError`].
pub async fn waiting_callbacks(
    store: &Store,
    market: &str,
    queue: &str,
    most: i64,
) -> Result<Vec<CallbackRow>, StoreError> {
    many(store, &WAITING, vec![market.into(), queue.into(), most.into()]).await
}

/// The requests that time has changed by now.
///
/// # Errors
/// See [`StoreError`].
pub async fn due_callbacks(
    store: &Store,
    until: Timestamp,
    most: i64,
) -> Result<Vec<CallbackRow>, StoreError> {
    many(store, &DUE, vec![millis(until).into(), most.into()]).await
}

/// How many wait before a place in a queue. A place after all ids of its instant is `callback_id` `~`.
///
/// # Errors
/// See [`StoreError`].
pub async fn callbacks_ahead(
    store: &Store,
    market: &str,
    queue: &str,
    urgent: bool,
    place_at: Timestamp,
    callback_id: &str,
) -> Result<i64, StoreError> {
    let row: Vec<Value> =
        vec![market.into(), queue.into(), urgent.into(), millis(place_at).into(), callback_id.into()];
    store.read(&AHEAD, vec![row]).await?.first().map_or(Ok(0), |row| row.int(0))
}

/// The requests of a queue that came due in `[from, until)`, after a place among them.
///
/// # Errors
/// See [`StoreError`].
pub async fn callbacks_of_queue(
    store: &Store,
    market: &str,
    queue: &str,
    (from, after): (Timestamp, &str),
    until: Timestamp,
    most: i64,
) -> Result<Vec<CallbackRow>, StoreError> {
    let row: Vec<Value> = vec![
        market.into(),
        queue.into(),
        millis(from).into(),
        after.into(),
        millis(until).into(),
        most.into(),
    ];
    many(store, &OF_QUEUE, row).await
}

/// Whether a number is not to be called.
///
/// # Errors
/// See [`StoreError`].
pub async fn is_not_called(store: &Store, number_hash: &str) -> Result<bool, StoreError> {
    Ok(!store.read(&NOT_CALLED, vec![vec![number_hash.into()]]).await?.is_empty())
}

/// Whether a customer has proved that a number is theirs.
///
/// # Errors
/// See [`StoreError`].
pub async fn is_verified_number(
    store: &Store,
    customer_id: &str,
    number_hash: &str,
) -> Result<bool, StoreError> {
    Ok(!store.read(&VERIFIED, vec![vec![customer_id.into(), number_hash.into()]]).await?.is_empty())
}

/// Keeps that a customer has proved that a number is theirs.
///
/// # Errors
/// See [`StoreError`].
pub async fn keep_verified_number(
    store: &Store,
    customer_id: &str,
    number_hash: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let row: Vec<Value> = vec![customer_id.into(), number_hash.into(), millis(at).into()];
    super::just_write::just_write(store, customer_id, VERIFY.write(row)).await
}
