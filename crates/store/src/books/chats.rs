//! Chats and their lines.

use choba_care::chat::{
    Chat, ChatAgent, ChatLine, ChatState, ChatTerms, EndReason, LineFrom, LineKind, steps,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{millis, timestamp, unknown};
use crate::sql::{Read, Row, Statement, Store, StoreError, Type, Value, Write};

const ROW: &[(&str, Type)] = &[
    ("customer_id", Type::Text),
    ("chat_id", Type::Text),
    ("market", Type::Text),
    ("case_id", Type::Text),
    ("state", Type::Text),
    ("staff_id", Type::Text),
    ("alias", Type::Text),
    ("end_reason", Type::Text),
    ("queued_at", Type::Int),
    ("front", Type::Int),
    ("last_seq", Type::Int),
    ("customer_seen_at", Type::Int),
    ("agent_seen_at", Type::Int),
    ("last_said_at", Type::Int),
    ("warned_at", Type::Int),
    ("due_at", Type::Int),
    ("transcript_sha256", Type::Text),
];

/// A new chat, or the one there is as it is now.
static KEEP: Statement = Statement::new(
    "keep a chat",
    ROW,
    "INSERT INTO chats (customer_id, chat_id, market, case_id, state, staff_id, alias, end_reason, queued_at, front,
                        last_seq, customer_seen_at, agent_seen_at, last_said_at, warned_at, due_at, transcript_sha256)
     SELECT :customer_id, :chat_id, :market, :case_id, :state, :staff_id, :alias, :end_reason, :queued_at, :front,
            :last_seq, :customer_seen_at, :agent_seen_at, :last_said_at, :warned_at, :due_at, :transcript_sha256
     FROM {rows} WHERE true
     ON CONFLICT (customer_id, chat_id) DO UPDATE SET state = excluded.state, staff_id = excluded.staff_id,
        alias = excluded.alias, end_reason = excluded.end_reason, front = excluded.front,
        last_seq = excluded.last_seq, customer_seen_at = excluded.customer_seen_at,
        agent_seen_at = excluded.agent_seen_at, last_said_at = excluded.last_said_at,
        warned_at = excluded.warned_at, due_at = excluded.due_at, transcript_sha256 = excluded.transcript_sha256",
)
.order(95)
.one_each();

static LINE: Statement = Statement::new(
    "insert a line of a chat",
    &[
        ("customer_id", Type::Text),
        ("chat_id", Type::Text),
        ("seq", Type::Int),
        ("said_at", Type::Int),
        ("sender", Type::Text),
        ("client_id", Type::Text),
        ("document", Type::Text),
    ],
    "INSERT INTO chat_lines (customer_id, chat_id, seq, said_at, sender, client_id, document)
     SELECT :customer_id, :chat_id, :seq, :said_at, :sender, :client_id, :document FROM {rows}",
)
.order(96)
.one_each();

static ONE: Statement = Statement::new(
    "a chat",
    &[("customer_id", Type::Text), ("chat_id", Type::Text)],
    "SELECT :row, c.chat_id, c.case_id, c.state, c.staff_id, c.alias, c.end_reason, c.queued_at, c.front, c.last_seq,
            c.customer_seen_at, c.agent_seen_at, c.last_said_at, c.warned_at, c.transcript_sha256
     FROM {rows} JOIN chats AS c ON c.customer_id = :customer_id AND c.chat_id = :chat_id",
);

static OPEN_OF: Statement = Statement::new(
    "the open chat of a customer",
    &[("customer_id", Type::Text), ("market", Type::Text)],
    "SELECT :row, c.chat_id, c.case_id, c.state, c.staff_id, c.alias, c.end_reason, c.queued_at, c.front, c.last_seq,
            c.customer_seen_at, c.agent_seen_at, c.last_said_at, c.warned_at, c.transcript_sha256
     FROM {rows} JOIN chats AS c ON c.customer_id = :customer_id AND c.market = :market AND c.state <> 'ended'",
);

static WHOSE: Statement = Statement::new(
    "whose a chat is",
    &[("chat_id", Type::Text)],
    "SELECT :row, c.customer_id, c.market FROM {rows} JOIN chats AS c ON c.chat_id = :chat_id",
);

static LINES: Statement = Statement::new(
    "lines of a chat after one",
    &[("customer_id", Type::Text), ("chat_id", Type::Text), ("after", Type::Int), ("most", Type::Int)],
    "SELECT :row, l.seq, l.said_at, l.client_id, l.document
     FROM {rows} CROSS JOIN LATERAL (
        SELECT seq, said_at, client_id, document FROM chat_lines
        WHERE customer_id = :customer_id AND chat_id = :chat_id AND seq > :after ORDER BY seq LIMIT :most) AS l
     ORDER BY l.seq",
);

static SAID_BEFORE: Statement = Statement::new(
    "a line of a chat by its sender's name for it",
    &[
        ("customer_id", Type::Text),
        ("chat_id", Type::Text),
        ("sender", Type::Text),
        ("client_id", Type::Text),
    ],
    "SELECT :row, l.seq, l.said_at, l.client_id, l.document
     FROM {rows} JOIN chat_lines AS l ON l.customer_id = :customer_id AND l.chat_id = :chat_id
        AND l.sender = :sender AND l.client_id = :client_id",
);

static WAITING: Statement = Statement::new(
    "chats that wait",
    &[("market", Type::Text), ("most", Type::Int)],
    "SELECT :row, c.customer_id, c.market, c.chat_id, c.case_id, c.queued_at
     FROM {rows} CROSS JOIN LATERAL (
        SELECT customer_id, market, chat_id, case_id, front, queued_at FROM chats
        WHERE market = :market AND state = 'queued' ORDER BY front DESC, queued_at, chat_id LIMIT :most) AS c
     ORDER BY c.front DESC, c.queued_at, c.chat_id",
);

static AHEAD: Statement = Statement::new(
    "how many chats wait before one",
    &[("market", Type::Text), ("front", Type::Int), ("queued_at", Type::Int), ("chat_id", Type::Text)],
    "SELECT :row, (SELECT CAST(count(*) AS bigint) FROM chats
        WHERE market = :market AND state = 'queued' AND (front > :front OR (front = :front
          AND (queued_at < :queued_at OR (queued_at = :queued_at AND chat_id < :chat_id)))))
     FROM {rows}",
);

static WAITING_COUNT: Statement = Statement::new(
    "how many chats wait",
    &[("market", Type::Text)],
    "SELECT :row, (SELECT CAST(count(*) AS bigint) FROM chats WHERE market = :market AND state = 'queued')
     FROM {rows}",
);

static OF_AGENT: Statement = Statement::new(
    "how many chats an agent has",
    &[("staff_id", Type::Text)],
    "SELECT :row, :staff_id, (SELECT CAST(count(*) AS bigint) FROM chats
        WHERE staff_id = :staff_id AND state IN ('assigned', 'active'))
     FROM {rows}",
);

static OPEN_OF_AGENT: Statement = Statement::new(
    "the chats that an agent has",
    &[("market", Type::Text), ("staff_id", Type::Text), ("most", Type::Int)],
    "SELECT :row, c.customer_id, c.market, c.chat_id, c.case_id, c.queued_at
     FROM {rows} CROSS JOIN LATERAL (
        SELECT customer_id, market, chat_id, case_id, queued_at FROM chats
        WHERE staff_id = :staff_id AND state IN ('assigned', 'active') AND market = :market
        ORDER BY queued_at, chat_id LIMIT :most) AS c
     ORDER BY c.queued_at, c.chat_id",
);

static LAST_LINES: Statement = Statement::new(
    "how far chats are",
    &[("chat_id", Type::Text)],
    "SELECT :row, c.chat_id, c.last_seq FROM {rows} JOIN chats AS c ON c.chat_id = :chat_id",
);

static DUE: Statement = Statement::new(
    "chats that time changes",
    &[("until", Type::Int), ("most", Type::Int)],
    "SELECT :row, c.customer_id, c.market, c.chat_id, c.case_id, c.queued_at
     FROM {rows} CROSS JOIN LATERAL (
        SELECT customer_id, market, chat_id, case_id, queued_at, due_at FROM chats
        WHERE due_at IS NOT NULL AND due_at <= :until ORDER BY due_at, chat_id LIMIT :most) AS c",
);

#[derive(Serialize, Deserialize)]
struct Document {
    from: LineFrom,
    line: LineKind,
}

/// A chat as it is found in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedChat {
    /// Whose.
    pub customer_id: String,
    /// In which market.
    pub market: String,
    /// Which.
    pub chat_id: String,
    /// Its case.
    pub case_id: String,
    /// Since when it has waited.
    pub queued_at: Timestamp,
}

/// The read of a chat within a decision; [`read_chat`] reads its rows.
pub fn find_chat(customer_id: &str, chat_id: &str) -> Read {
    ONE.read(vec![customer_id.into(), chat_id.into()])
}

/// The read of a customer's open chat within a decision; [`read_chat`] reads its rows.
pub fn find_open_chat(customer_id: &str, market: &str) -> Read {
    OPEN_OF.read(vec![customer_id.into(), market.into()])
}

/// The read of a line that was perhaps said before; [`read_line`] reads its rows.
pub fn find_line(customer_id: &str, chat_id: &str, from: &LineFrom, client_id: &str) -> Read {
    SAID_BEFORE.read(vec![customer_id.into(), chat_id.into(), from.code().into(), client_id.into()])
}

/// The read of all lines of a chat within a decision.
pub fn find_lines(customer_id: &str, chat_id: &str, after: u32, most: i64) -> Read {
    LINES.read(vec![customer_id.into(), chat_id.into(), after.into(), most.into()])
}

/// A chat from a row.
///
/// # Errors
/// [`StoreError`] where it is none.
pub fn read_chat(row: &Row) -> Result<Chat, StoreError> {
    let agent = || {
        Ok::<_, StoreError>(ChatAgent { staff_id: row.text(3)?.to_owned(), alias: row.text(4)?.to_owned() })
    };
    let state = match row.text(2)? {
        "queued" => ChatState::Queued,
        "assigned" => ChatState::Assigned(agent()?),
        "active" => ChatState::Active(agent()?),
        "ended" => ChatState::Ended(read_reason(row.text(5)?)?),
        other => return Err(unknown("state of a chat", other)),
    };
    let optional = |column| row.optional_int(column)?.map(timestamp).transpose();
    let number = |seq: i64| u32::try_from(seq).map_err(|_| unknown("number of a line", &seq.to_string()));
    Ok(Chat {
        chat_id: row.text(0)?.to_owned(),
        case_id: row.text(1)?.to_owned(),
        state,
        queued_at: timestamp(row.int(6)?)?,
        front: row.int(7)? != 0,
        last_seq: number(row.int(8)?)?,
        customer_seen_at: timestamp(row.int(9)?)?,
        agent_seen_at: optional(10)?,
        last_said_at: timestamp(row.int(11)?)?,
        warned_at: optional(12)?,
        transcript_sha256: row.optional_text(13)?.map(str::to_owned),
    })
}

fn read_reason(word: &str) -> Result<EndReason, StoreError> {
    let found = EndReason::ALL.into_iter().find(|reason| reason.code() == word);
    found.ok_or_else(|| unknown("end of a chat", word))
}

/// A line from a row.
///
/// # Errors
/// [`StoreError`] where it is none.
pub fn read_line(row: &Row) -> Result<ChatLine, StoreError> {
    let defect = |reason: String| StoreError::Defect { reason: format!("a line of a chat: {reason}") };
    let Document { from, line } =
        serde_json::from_str(row.text(3)?).map_err(|error| defect(error.to_string()))?;
    let seq = u32::try_from(row.int(0)?).map_err(|error| defect(error.to_string()))?;
    let (at, client_id) = (timestamp(row.int(1)?)?, row.optional_text(2)?.map(str::to_owned));
    Ok(ChatLine { seq, at, from, kind: line, client_id })
}

/// The writes of a chat as it is now, with its new lines.
///
/// # Errors
/// [`StoreError::Defect`] where a line cannot be written as JSON.
pub fn write_chat(
    customer_id: &str,
    market: &str,
    chat: &Chat,
    lines: &[ChatLine],
    terms: &ChatTerms,
) -> Result<Vec<Write>, StoreError> {
    let agent = chat.state.agent();
    let reason = if let ChatState::Ended(reason) = &chat.state { reason.code() } else { "" };
    let row: Vec<Value> = vec![
        customer_id.into(),
        (&chat.chat_id).into(),
        market.into(),
        (&chat.case_id).into(),
        chat.state.code().into(),
        agent.map_or("", |agent| &agent.staff_id).into(),
        agent.map_or("", |agent| &agent.alias).into(),
        reason.into(),
        millis(chat.queued_at).into(),
        chat.front.into(),
        chat.last_seq.into(),
        millis(chat.customer_seen_at).into(),
        chat.agent_seen_at.map(millis).into(),
        millis(chat.last_said_at).into(),
        chat.warned_at.map(millis).into(),
        steps::due_at(chat, terms).map(millis).into(),
        chat.transcript_sha256.as_ref().into(),
    ];
    let mut writes = vec![KEEP.write(row)];
    for line in lines {
        writes.push(write_line(customer_id, &chat.chat_id, line)?);
    }
    Ok(writes)
}

fn write_line(customer_id: &str, chat_id: &str, line: &ChatLine) -> Result<Write, StoreError> {
    let document = Document { from: line.from.clone(), line: line.kind.clone() };
    let document = serde_json::to_string(&document);
    let document = document.map_err(|error| StoreError::Defect { reason: error.to_string() })?;
    let row: Vec<Value> = vec![
        customer_id.into(),
        chat_id.into(),
        line.seq.into(),
        millis(line.at).into(),
        line.from.code().into(),
        line.client_id.as_ref().into(),
        document.into(),
    ];
    Ok(LINE.write(row))
}

/// Whose a chat is: the customer and the market.
///
/// # Errors
/// See [`StoreError`].
pub async fn whose_chat(store: &Store, chat_id: &str) -> Result<Option<(String, String)>, StoreError> {
    let rows = store.read(&WHOSE, vec![vec![chat_id.into()]]).await?;
    rows.first().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).transpose()
}

/// A chat of a customer.
///
/// # Errors
/// See [`StoreError`].
pub async fn chat_of_customer(
    store: &Store,
    customer_id: &str,
    chat_id: &str,
) -> Result<Option<Chat>, StoreError> {
    let rows = store.read(&ONE, vec![vec![customer_id.into(), chat_id.into()]]).await?;
    rows.first().map(read_chat).transpose()
}

/// Lines of a chat after one, at most so many.
///
/// # Errors
/// See [`StoreError`].
pub async fn chat_lines(
    store: &Store,
    customer_id: &str,
    chat_id: &str,
    after: u32,
    most: i64,
) -> Result<Vec<ChatLine>, StoreError> {
    let row: Vec<Value> = vec![customer_id.into(), chat_id.into(), after.into(), most.into()];
    store.read(&LINES, vec![row]).await?.iter().map(read_line).collect()
}

/// Chats of a market that wait, in their order.
///
/// # Errors
/// See [`StoreError`].
pub async fn waiting_chats(store: &Store, market: &str, most: i64) -> Result<Vec<ListedChat>, StoreError> {
    store.read(&WAITING, vec![vec![market.into(), most.into()]]).await?.iter().map(read_listed).collect()
}

/// How many chats wait before one.
///
/// # Errors
/// See [`StoreError`].
pub async fn chats_ahead(store: &Store, market: &str, chat: &Chat) -> Result<i64, StoreError> {
    let row: Vec<Value> =
        vec![market.into(), chat.front.into(), millis(chat.queued_at).into(), (&chat.chat_id).into()];
    store.read(&AHEAD, vec![row]).await?.first().map_or(Ok(0), |row| row.int(0))
}

/// How many chats of a market wait.
///
/// # Errors
/// See [`StoreError`].
pub async fn chats_that_wait(store: &Store, market: &str) -> Result<i64, StoreError> {
    let rows = store.read(&WAITING_COUNT, vec![vec![market.into()]]).await?;
    rows.first().map_or(Ok(0), |row| row.int(0))
}

/// How many chats each of some members of staff has.
///
/// # Errors
/// See [`StoreError`].
pub async fn chats_of_agents(store: &Store, staff_ids: &[String]) -> Result<Vec<(String, i64)>, StoreError> {
    let asked = staff_ids.iter().map(|staff_id| vec![staff_id.into()]).collect();
    let read = |row: &Row| Ok((row.text(0)?.to_owned(), row.int(1)?));
    store.read(&OF_AGENT, asked).await?.iter().map(read).collect()
}

/// The chats of a market that an agent has, the oldest first.
///
/// # Errors
/// See [`StoreError`].
pub async fn open_chats_of_agent(
    store: &Store,
    market: &str,
    staff_id: &str,
    most: i64,
) -> Result<Vec<ListedChat>, StoreError> {
    let row: Vec<Value> = vec![market.into(), staff_id.into(), most.into()];
    store.read(&OPEN_OF_AGENT, vec![row]).await?.iter().map(read_listed).collect()
}

/// The read of a customer's open chat, outside of a decision.
///
/// # Errors
/// See [`StoreError`].
pub async fn open_chat_of(
    store: &Store,
    customer_id: &str,
    market: &str,
) -> Result<Option<Chat>, StoreError> {
    let rows = store.read(&OPEN_OF, vec![vec![customer_id.into(), market.into()]]).await?;
    rows.first().map(read_chat).transpose()
}

/// The number of the last line of each of some chats.
///
/// # Errors
/// See [`StoreError`].
pub async fn last_lines(store: &Store, chat_ids: &[String]) -> Result<Vec<(String, u32)>, StoreError> {
    let asked = chat_ids.iter().map(|chat_id| vec![chat_id.into()]).collect();
    let read = |row: &Row| {
        let seq = u32::try_from(row.int(1)?).map_err(|_| unknown("number of a line", "a chat's last"))?;
        Ok((row.text(0)?.to_owned(), seq))
    };
    store.read(&LAST_LINES, asked).await?.iter().map(read).collect()
}

/// Chats that time changes by an instant.
///
/// # Errors
/// See [`StoreError`].
pub async fn due_chats(store: &Store, until: Timestamp, most: i64) -> Result<Vec<ListedChat>, StoreError> {
    store.read(&DUE, vec![vec![millis(until).into(), most.into()]]).await?.iter().map(read_listed).collect()
}

fn read_listed(row: &Row) -> Result<ListedChat, StoreError> {
    Ok(ListedChat {
        customer_id: row.text(0)?.to_owned(),
        market: row.text(1)?.to_owned(),
        chat_id: row.text(2)?.to_owned(),
        case_id: row.text(3)?.to_owned(),
        queued_at: timestamp(row.int(4)?)?,
    })
}
