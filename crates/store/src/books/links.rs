//! Links to partners' programs, and what partners are asked about them, written down before they are asked.

use choba_engine::books::HeldLink;
use choba_engine::money::Points;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::customer::read_link;
use super::just_write::just_write;
use super::{millis, timestamp};
use crate::sql::{Read, Row, Statement, Store, StoreError, Type, Value, Write};

const LINK: &[(&str, Type)] = &[("customer_id", Type::Text), ("market", Type::Text), ("program", Type::Text)];

static NEW: Statement = Statement::new(
    "link a program",
    &[("customer_id", Type::Text), ("market", Type::Text), ("program", Type::Text), ("account", Type::Text)],
    "INSERT INTO links (customer_id, market, program, account, always_use, balance, earned_last_3_months,
                        earned_this_month)
     SELECT :customer_id, :market, :program, :account, 0, 0, 0, 0 FROM {rows}",
)
.order(12)
.one_each();

static END: Statement = Statement::new(
    "unlink a program",
    LINK,
    "DELETE FROM links WHERE (customer_id, market, program) IN (SELECT :customer_id, :market, :program FROM {rows})",
)
.order(13)
.one_each();

static ALWAYS_USE: Statement = Statement::new(
    "always use a program",
    &[
        ("customer_id", Type::Text),
        ("market", Type::Text),
        ("program", Type::Text),
        ("always_use", Type::Int),
    ],
    "UPDATE links SET always_use = :always_use FROM {rows}
     WHERE links.customer_id = :customer_id AND links.market = :market AND links.program = :program",
)
.order(14)
.one_each();

static SEEN: Statement = Statement::new(
    "what a partner said of a balance",
    &[
        ("customer_id", Type::Text),
        ("market", Type::Text),
        ("program", Type::Text),
        ("account", Type::Text),
        ("balance", Type::Int),
        ("earned_last_3_months", Type::Int),
        ("earned_this_month", Type::Int),
        ("seen_at", Type::Int),
    ],
    "UPDATE links SET balance = :balance, earned_last_3_months = :earned_last_3_months,
                      earned_this_month = :earned_this_month, seen_at = :seen_at
     FROM {rows} WHERE links.customer_id = :customer_id AND links.market = :market
       AND links.program = :program AND links.account = :account
       AND (links.seen_at IS NULL OR links.seen_at <= :seen_at)",
)
.order(15);

static OF_CUSTOMER: Statement = Statement::new(
    "links of a customer with their times",
    &[("customer_id", Type::Text), ("market", Type::Text)],
    "SELECT :row, l.program, l.account, l.always_use, l.balance, l.earned_last_3_months, l.earned_this_month,
            l.seen_at
     FROM {rows} JOIN links AS l ON l.customer_id = :customer_id AND l.market = :market
     ORDER BY l.program",
);

static WRITE_DOWN: Statement = Statement::new(
    "write down an ask about a link",
    &[
        ("customer_id", Type::Text),
        ("ask_id", Type::Text),
        ("market", Type::Text),
        ("program", Type::Text),
        ("ask", Type::Text),
        ("next_at", Type::Int),
    ],
    "INSERT INTO link_asks (customer_id, ask_id, market, program, ask, state, attempts, next_at)
     SELECT :customer_id, :ask_id, :market, :program, :ask, 'open', 0, :next_at FROM {rows} WHERE true
     ON CONFLICT (customer_id, ask_id) DO UPDATE SET ask = excluded.ask, state = 'open', outcome = NULL",
)
.order(53)
.one_each();

static SETTLE: Statement = Statement::new(
    "settle an ask about a link",
    &[("customer_id", Type::Text), ("ask_id", Type::Text), ("outcome", Type::Text)],
    "UPDATE link_asks SET state = 'settled', ask = NULL, outcome = :outcome
     FROM {rows} WHERE link_asks.customer_id = :customer_id AND link_asks.ask_id = :ask_id
       AND link_asks.state = 'open'",
)
.order(54)
.one_each();

static POSTPONE: Statement = Statement::new(
    "try an ask about a link again later",
    &[("customer_id", Type::Text), ("ask_id", Type::Text), ("next_at", Type::Int)],
    "UPDATE link_asks SET attempts = attempts + 1, next_at = :next_at
     FROM {rows} WHERE link_asks.customer_id = :customer_id AND link_asks.ask_id = :ask_id
       AND link_asks.state = 'open'",
)
.order(55);

static FIND: Statement = Statement::new(
    "an ask about a link",
    &[("customer_id", Type::Text), ("ask_id", Type::Text)],
    "SELECT :row, a.customer_id, a.ask_id, a.market, a.program, a.ask, a.outcome, a.attempts
     FROM {rows} JOIN link_asks AS a ON a.customer_id = :customer_id AND a.ask_id = :ask_id",
);

static OPEN_OF: Statement = Statement::new(
    "the open ask about a link",
    LINK,
    "SELECT :row, a.customer_id, a.ask_id, a.market, a.program, a.ask, a.outcome, a.attempts
     FROM {rows} JOIN link_asks AS a ON a.customer_id = :customer_id AND a.market = :market
       AND a.program = :program AND a.state = 'open'",
);

static OPEN: Statement = Statement::new(
    "open asks about links until a time",
    &[("until", Type::Int), ("most", Type::Int)],
    "SELECT :row, a.customer_id, a.ask_id, a.market, a.program, a.ask, a.outcome, a.attempts
     FROM {rows} CROSS JOIN LATERAL (
        SELECT customer_id, ask_id, market, program, ask, outcome, attempts
        FROM link_asks WHERE state = 'open' AND next_at <= :until ORDER BY next_at LIMIT :most) AS a",
);

/// A link with the time at which its partner was last heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRow {
    /// The link.
    pub link: HeldLink,
    /// When the partner said what its balance is.
    pub seen_at: Option<Timestamp>,
}

/// What a partner is asked about a link.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum LinkAsk {
    /// Link the account that a one-time code was shown to.
    Link {
        /// The code; forgotten once it is answered.
        code: String,
    },
    /// Forget a link that has ended.
    Unlink {
        /// The partner's name for the customer.
        account: String,
    },
}

impl std::fmt::Debug for LinkAsk {
    /// The code is a secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Link { .. } => "Link(…)",
            Self::Unlink { .. } => "Unlink(…)",
        })
    }
}

/// How it went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum LinkOutcome {
    /// The program is linked.
    Linked {
        /// The partner's name for the customer.
        account: String,
    },
    /// The partner has forgotten the link.
    Unlinked,
    /// The answer was no.
    Refused {
        /// The partner's code.
        code: String,
    },
    /// Certainly not done; it may be written down again.
    NotDone,
}

/// An ask about a link as it is kept. There is at most one open ask for each program of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkAskRow {
    /// Whose link.
    pub customer_id: String,
    /// Unique for the customer; also the idempotency key.
    pub ask_id: String,
    /// In which market.
    pub market: String,
    /// Which program.
    pub program: String,
    /// What is asked, while it is open.
    pub ask: Option<LinkAsk>,
    /// The answer.
    pub outcome: Option<LinkOutcome>,
    /// How often it was tried in vain.
    pub attempts: i64,
}

impl LinkAskRow {
    /// The read that finds an ask within a decision; [`LinkAskRow::read`] reads its rows.
    pub fn find(customer_id: &str, ask_id: &str) -> Read {
        FIND.read(vec![customer_id.into(), ask_id.into()])
    }

    /// The read that finds the open ask about a program within a decision.
    pub fn find_open(customer_id: &str, market: &str, program: &str) -> Read {
        OPEN_OF.read(vec![customer_id.into(), market.into(), program.into()])
    }

    /// An ask from a row.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] or [`StoreError::Defect`] where it is no such ask.
    pub fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            customer_id: row.text(0)?.to_owned(),
            ask_id: row.text(1)?.to_owned(),
            market: row.text(2)?.to_owned(),
            program: row.text(3)?.to_owned(),
            ask: row.optional_text(4)?.map(serde_json::from_str).transpose().map_err(defect)?,
            outcome: row.optional_text(5)?.map(serde_json::from_str).transpose().map_err(defect)?,
            attempts: row.int(6)?,
        })
    }

    /// The write by which it waits to be asked, not before a time.
    ///
    /// # Errors
    /// [`StoreError::Defect`] where it cannot be put into words.
    pub fn write_down(&self, at: Timestamp) -> Result<Write, StoreError> {
        let ask = self.ask.as_ref().map(serde_json::to_string).transpose().map_err(defect)?;
        let row: Vec<Value> = vec![
            (&self.customer_id).into(),
            (&self.ask_id).into(),
            (&self.market).into(),
            (&self.program).into(),
            ask.into(),
            millis(at).into(),
        ];
        Ok(WRITE_DOWN.write(row))
    }

    /// The write that keeps its answer.
    ///
    /// # Errors
    /// [`StoreError::Defect`] where it cannot be put into words.
    pub fn settled_with(&self, outcome: &LinkOutcome) -> Result<Write, StoreError> {
        let outcome = serde_json::to_string(outcome).map_err(defect)?;
        let row: Vec<Value> = vec![(&self.customer_id).into(), (&self.ask_id).into(), outcome.into()];
        Ok(SETTLE.write(row))
    }
}

fn defect(error: serde_json::Error) -> StoreError {
    StoreError::Defect { reason: format!("an ask about a link in the database: {error}") }
}

fn of_link(customer_id: &str, market: &str, program: &str) -> Vec<Value> {
    vec![customer_id.into(), market.into(), program.into()]
}

/// The write by which a program is linked.
pub fn new_link(customer_id: &str, market: &str, program: &str, account: &str) -> Write {
    let mut row = of_link(customer_id, market, program);
    row.push(account.into());
    NEW.write(row)
}

/// The write by which a link ends.
pub fn end_link(customer_id: &str, market: &str, program: &str) -> Write {
    END.write(of_link(customer_id, market, program))
}

/// The write of the setting whether to use all of a program wherever a request says nothing of it.
pub fn always_use(customer_id: &str, market: &str, program: &str, always: bool) -> Write {
    let mut row = of_link(customer_id, market, program);
    row.push(always.into());
    ALWAYS_USE.write(row)
}

/// Keeps what a partner said of a balance, if the link is still to that account and nothing newer is kept.
///
/// # Errors
/// See [`StoreError`].
pub async fn keep_partner_balance(
    store: &Store,
    customer_id: &str,
    market: &str,
    link: &HeldLink,
    seen_at: Timestamp,
) -> Result<(), StoreError> {
    let mut row = of_link(customer_id, market, &link.program);
    let points = |points: Points| Value::from(points.units());
    row.extend([
        (&link.account).into(),
        points(link.balance),
        points(link.earned_last_3_months),
        points(link.earned_this_month),
        millis(seen_at).into(),
    ]);
    just_write(store, customer_id, SEEN.write(row)).await
}

/// The programs that a customer has linked, with what the partners last said and when.
///
/// # Errors
/// See [`StoreError`].
pub async fn links_with_times(
    store: &Store,
    customer_id: &str,
    market: &str,
) -> Result<Vec<LinkRow>, StoreError> {
    let rows = store.read(&OF_CUSTOMER, vec![vec![customer_id.into(), market.into()]]).await?;
    let read = |row: &Row| {
        let seen_at = row.optional_int(6)?.map(timestamp).transpose()?;
        Ok(LinkRow { link: read_link(row)?, seen_at })
    };
    rows.iter().map(read).collect()
}

/// An ask about a link.
///
/// # Errors
/// See [`StoreError`].
pub async fn link_ask(
    store: &Store,
    customer_id: &str,
    ask_id: &str,
) -> Result<Option<LinkAskRow>, StoreError> {
    let rows = store.read(&FIND, vec![vec![customer_id.into(), ask_id.into()]]).await?;
    rows.first().map(LinkAskRow::read).transpose()
}

/// The open ask about a program of a customer, if there is one.
///
/// # Errors
/// See [`StoreError`].
pub async fn open_link_ask(
    store: &Store,
    customer_id: &str,
    market: &str,
    program: &str,
) -> Result<Option<LinkAskRow>, StoreError> {
    let rows = store.read(&OPEN_OF, vec![of_link(customer_id, market, program)]).await?;
    rows.first().map(LinkAskRow::read).transpose()
}

/// Open asks about links whose time has come, the oldest first.
///
/// # Errors
/// See [`StoreError`].
pub async fn open_link_asks(
    store: &Store,
    until: Timestamp,
    most: i64,
) -> Result<Vec<LinkAskRow>, StoreError> {
    let row: Vec<Value> = vec![millis(until).into(), most.into()];
    store.read(&OPEN, vec![row]).await?.iter().map(LinkAskRow::read).collect()
}

/// Lets an ask about a link be tried again later, if it is still open.
///
/// # Errors
/// See [`StoreError`].
pub async fn postpone_link_ask(
    store: &Store,
    ask: &LinkAskRow,
    next_at: Timestamp,
) -> Result<(), StoreError> {
    let row: Vec<Value> = vec![(&ask.customer_id).into(), (&ask.ask_id).into(), millis(next_at).into()];
    just_write(store, &ask.customer_id, POSTPONE.write(row)).await
}
