//! Cases: their events, and what is searched by beside them.

use choba_care::case::{Case, CaseEvent, CaseTerms, Levels, fold};
use jiff::{SignedDuration, Timestamp};

use super::{millis, timestamp};
use crate::sql::{Read, Row, Statement, Store, StoreError, Type, Value, Write};

/// An action of which nobody told what came of it is done again after so long.
const TELL_AGAIN: SignedDuration = SignedDuration::from_secs(60);

const ROW: &[(&str, Type)] = &[
    ("customer_id", Type::Text),
    ("case_id", Type::Text),
    ("market", Type::Text),
    ("number", Type::Text),
    ("topic", Type::Text),
    ("question", Type::Text),
    ("order_id", Type::Text),
    ("state", Type::Text),
    ("queue", Type::Text),
    ("skill", Type::Text),
    ("priority", Type::Int),
    ("owner", Type::Text),
    ("opened_at", Type::Int),
    ("changed_at", Type::Int),
    ("unanswered_since", Type::Int),
    ("due_at", Type::Int),
    ("version", Type::Int),
    ("last_hash", Type::Text),
    ("ends_at", Type::Int),
    ("is_near", Type::Int),
    ("waiting_actions", Type::Int),
];

static INSERT: Statement = Statement::new(
    "insert a case",
    ROW,
    "INSERT INTO cases (customer_id, case_id, market, number, topic, question, order_id, state, queue, skill, priority,
                        owner, opened_at, changed_at, unanswered_since, due_at, version, last_hash, ends_at,
                        is_near, waiting_actions)
     SELECT :customer_id, :case_id, :market, :number, :topic, :question, :order_id, :state, :queue, :skill, :priority,
            :owner, :opened_at, :changed_at, :unanswered_since, :due_at, :version, :last_hash, :ends_at,
            :is_near, :waiting_actions FROM {rows}",
)
.order(90)
.one_each();

static UPDATE: Statement = Statement::new(
    "update a case",
    &[
        ("customer_id", Type::Text),
        ("case_id", Type::Text),
        ("seen", Type::Int),
        ("state", Type::Text),
        ("queue", Type::Text),
        ("skill", Type::Text),
        ("priority", Type::Int),
        ("owner", Type::Text),
        ("changed_at", Type::Int),
        ("unanswered_since", Type::Int),
        ("due_at", Type::Int),
        ("version", Type::Int),
        ("last_hash", Type::Text),
        ("ends_at", Type::Int),
        ("is_near", Type::Int),
        ("waiting_actions", Type::Int),
    ],
    "UPDATE cases SET state = :state, queue = :queue, skill = :skill, priority = :priority, owner = :owner,
                      changed_at = :changed_at, unanswered_since = :unanswered_since, due_at = :due_at,
                      version = :version, last_hash = :last_hash, ends_at = :ends_at, is_near = :is_near,
                      waiting_actions = :waiting_actions
     FROM {rows} WHERE cases.customer_id = :customer_id AND cases.case_id = :case_id AND cases.version = :seen",
)
.order(91)
.one_each();

static NUMBER: Statement = Statement::new(
    "keep a case number",
    &[("number", Type::Text), ("customer_id", Type::Text), ("case_id", Type::Text)],
    "INSERT INTO case_numbers (number, customer_id, case_id)
     SELECT :number, :customer_id, :case_id FROM {rows}",
)
.order(92)
.one_each();

static EVENT: Statement = Statement::new(
    "insert an event of a case",
    &[
        ("customer_id", Type::Text),
        ("case_id", Type::Text),
        ("seq", Type::Int),
        ("happened_at", Type::Int),
        ("document", Type::Text),
        ("prev_hash", Type::Text),
        ("hash", Type::Text),
    ],
    "INSERT INTO case_events (customer_id, case_id, seq, happened_at, document, prev_hash, hash)
     SELECT :customer_id, :case_id, :seq, :happened_at, :document, :prev_hash, :hash FROM {rows}",
)
.order(93)
.one_each();

static EVENTS: Statement = Statement::new(
    "events of a case",
    &[("customer_id", Type::Text), ("case_id", Type::Text)],
    "SELECT :row, e.seq, e.happened_at, e.document, e.prev_hash, e.hash
     FROM {rows} JOIN case_events AS e ON e.customer_id = :customer_id AND e.case_id = :case_id
     ORDER BY e.seq",
);

static OPEN_LIKE: Statement = Statement::new(
    "open cases of a question and an order",
    &[
        ("customer_id", Type::Text),
        ("market", Type::Text),
        ("question", Type::Text),
        ("order_id", Type::Text),
    ],
    "SELECT :row, c.case_id
     FROM {rows} JOIN cases AS c ON c.customer_id = :customer_id AND c.market = :market AND c.question = :question
        AND c.order_id = :order_id AND c.state IN ('new', 'open', 'pending_customer', 'on_hold')
     ORDER BY c.case_id",
);

static WHOSE: Statement = Statement::new(
    "whose a case is",
    &[("case_id", Type::Text)],
    "SELECT :row, c.customer_id, c.market FROM {rows} JOIN cases AS c ON c.case_id = :case_id",
);

static BY_NUMBER: Statement = Statement::new(
    "whose case a number is",
    &[("number", Type::Text)],
    "SELECT :row, n.customer_id, n.case_id FROM {rows} JOIN case_numbers AS n ON n.number = :number",
);

static ONE: Statement = Statement::new(
    "the row of a case",
    &[("customer_id", Type::Text), ("case_id", Type::Text)],
    "SELECT :row, c.customer_id, c.case_id, c.market, c.number, c.topic, c.question, c.order_id, c.state, c.queue,
            c.skill, c.priority, c.owner, c.opened_at, c.changed_at, c.unanswered_since, c.due_at, c.version,
            c.last_hash, c.ends_at, c.is_near, c.waiting_actions
     FROM {rows} JOIN cases AS c ON c.customer_id = :customer_id AND c.case_id = :case_id",
);

static OF_CUSTOMER: Statement = Statement::new(
    "cases of a customer",
    &[("customer_id", Type::Text), ("market", Type::Text), ("before", Type::Text), ("most", Type::Int)],
    "SELECT :row, c.customer_id, c.case_id, c.market, c.number, c.topic, c.question, c.order_id, c.state, c.queue,
            c.skill, c.priority, c.owner, c.opened_at, c.changed_at, c.unanswered_since, c.due_at, c.version,
            c.last_hash, c.ends_at, c.is_near, c.waiting_actions
     FROM {rows} CROSS JOIN LATERAL (
        SELECT * FROM cases WHERE customer_id = :customer_id AND market = :market
          AND (:before = '' OR case_id < :before) ORDER BY case_id DESC LIMIT :most) AS c
     ORDER BY c.case_id DESC",
);

static AT_THE_DESK: Statement = Statement::new(
    "open cases of a queue",
    &[
        ("market", Type::Text),
        ("queue", Type::Text),
        ("owner", Type::Text),
        ("unowned", Type::Int),
        ("skill", Type::Text),
        ("state", Type::Text),
        ("near", Type::Int),
        ("waiting", Type::Int),
        ("after", Type::Text),
        ("most", Type::Int),
    ],
    "SELECT :row, c.customer_id, c.case_id, c.market, c.number, c.topic, c.question, c.order_id, c.state, c.queue,
            c.skill, c.priority, c.owner, c.opened_at, c.changed_at, c.unanswered_since, c.due_at, c.version,
            c.last_hash, c.ends_at, c.is_near, c.waiting_actions
     FROM {rows} CROSS JOIN LATERAL (
        SELECT * FROM cases
        WHERE market = :market AND state IN ('new', 'open', 'pending_customer', 'on_hold')
          AND (:queue = '' OR queue = :queue) AND (:owner = '' OR owner = :owner)
          AND (:unowned = 0 OR owner = '')
          AND (:skill = '' OR skill = :skill) AND (:state = '' OR state = :state)
          AND (:near = 0 OR is_near = 1) AND (:waiting = 0 OR waiting_actions > 0)
          AND (:after = '' OR (CASE WHEN priority > 2 THEN 0 ELSE 1 END, COALESCE(ends_at, 9223372036854775807), case_id)
             > (SELECT CASE WHEN a.priority > 2 THEN 0 ELSE 1 END, COALESCE(a.ends_at, 9223372036854775807), a.case_id
                FROM cases AS a WHERE a.case_id = :after LIMIT 1))
        ORDER BY CASE WHEN priority > 2 THEN 0 ELSE 1 END, COALESCE(ends_at, 9223372036854775807), case_id
        LIMIT :most) AS c
     ORDER BY CASE WHEN c.priority > 2 THEN 0 ELSE 1 END, COALESCE(c.ends_at, 9223372036854775807), c.case_id",
);

static DUE: Statement = Statement::new(
    "cases that time changes",
    &[("until", Type::Int), ("most", Type::Int)],
    "SELECT :row, c.customer_id, c.market, c.case_id
     FROM {rows} CROSS JOIN LATERAL (
        SELECT customer_id, market, case_id, due_at FROM cases
        WHERE due_at IS NOT NULL AND due_at <= :until ORDER BY due_at, case_id LIMIT :most) AS c",
);

/// What is kept of a case beside its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// Whose.
    pub customer_id: String,
    /// Its id.
    pub case_id: String,
    /// In which market.
    pub market: String,
    /// Its number, for people.
    pub number: String,
    /// What it is about, by key.
    pub topic: String,
    /// What it is about, by key.
    pub question: String,
    /// The order; empty where it is about none.
    pub order_id: String,
    /// Where it stands.
    pub state: String,
    /// In which queue.
    pub queue: String,
    /// What it needs somebody to know; empty where nothing.
    pub skill: String,
    /// How much it presses, from 0 to 3.
    pub priority: i64,
    /// Who has it; empty where nobody.
    pub owner: String,
    /// When it was opened, in epoch milliseconds.
    pub opened_at: i64,
    /// When something last happened, in epoch milliseconds.
    pub changed_at: i64,
    /// The oldest word that nobody answered, in epoch milliseconds.
    pub unanswered_since: Option<i64>,
    /// When time will change it, in epoch milliseconds.
    pub due_at: Option<i64>,
    /// The number of its last event.
    pub version: i64,
    /// The hash of its last event.
    pub last_hash: String,
    /// When the first of its service levels ends, in epoch milliseconds.
    pub ends_at: Option<i64>,
    /// Whether little time is left for one of them, or none.
    pub is_near: bool,
    /// How many of its actions wait for a second person.
    pub waiting_actions: i64,
}

impl CaseRow {
    /// What is kept of a case.
    pub fn of(customer_id: &str, market: &str, case: &Case, levels: &Levels, terms: &CaseTerms) -> Self {
        let acting = case.open_actions().next().and_then(|_| case.changed_at.checked_add(TELL_AGAIN).ok());
        let due_at = case.due_at(terms).into_iter().chain(acting).chain(levels.look_at).min();
        Self {
            customer_id: customer_id.to_owned(),
            case_id: case.case_id.clone(),
            market: market.to_owned(),
            number: case.number.clone(),
            topic: case.opening.topic.clone(),
            question: case.opening.question.clone(),
            order_id: case.opening.order_id.clone().unwrap_or_default(),
            state: case.state.code().to_owned(),
            queue: case.queue.clone(),
            skill: case.skill.clone().unwrap_or_default(),
            priority: case.priority.rank(),
            owner: case.owner.as_ref().map(|owner| owner.staff_id.clone()).unwrap_or_default(),
            opened_at: millis(case.opened_at),
            changed_at: millis(case.changed_at),
            unanswered_since: case.unanswered_since.map(millis),
            due_at: due_at.map(millis),
            version: i64::from(case.version),
            last_hash: case.last_hash.clone(),
            ends_at: levels.ends_at.map(millis),
            is_near: levels.is_near,
            waiting_actions: i64::try_from(case.waiting_actions().count()).unwrap_or(i64::MAX),
        }
    }

    fn read(row: &Row) -> Result<Self, StoreError> {
        let text = |column| row.text(column).map(str::to_owned);
        Ok(Self {
            customer_id: text(0)?,
            case_id: text(1)?,
            market: text(2)?,
            number: text(3)?,
            topic: text(4)?,
            question: text(5)?,
            order_id: text(6)?,
            state: text(7)?,
            queue: text(8)?,
            skill: text(9)?,
            priority: row.int(10)?,
            owner: text(11)?,
            opened_at: row.int(12)?,
            changed_at: row.int(13)?,
            unanswered_since: row.optional_int(14)?,
            due_at: row.optional_int(15)?,
            version: row.int(16)?,
            last_hash: text(17)?,
            ends_at: row.optional_int(18)?,
            is_near: row.int(19)? != 0,
            waiting_actions: row.int(20)?,
        })
    }

    fn insert(self) -> [Write; 2] {
        let number: Vec<Value> =
            vec![(&self.number).into(), (&self.customer_id).into(), (&self.case_id).into()];
        let row: Vec<Value> = vec![
            self.customer_id.into(),
            self.case_id.into(),
            self.market.into(),
            self.number.into(),
            self.topic.into(),
            self.question.into(),
            self.order_id.into(),
            self.state.into(),
            self.queue.into(),
            self.skill.into(),
            self.priority.into(),
            self.owner.into(),
            self.opened_at.into(),
            self.changed_at.into(),
            self.unanswered_since.into(),
            self.due_at.into(),
            self.version.into(),
            self.last_hash.into(),
            self.ends_at.into(),
            self.is_near.into(),
            self.waiting_actions.into(),
        ];
        [INSERT.write(row), NUMBER.write(number)]
    }

    fn update(self, seen: i64) -> Write {
        let row: Vec<Value> = vec![
            self.customer_id.into(),
            self.case_id.into(),
            seen.into(),
            self.state.into(),
            self.queue.into(),
            self.skill.into(),
            self.priority.into(),
            self.owner.into(),
            self.changed_at.into(),
            self.unanswered_since.into(),
            self.due_at.into(),
            self.version.into(),
            self.last_hash.into(),
            self.ends_at.into(),
            self.is_near.into(),
            self.waiting_actions.into(),
        ];
        UPDATE.write(row)
    }
}

/// The read of a case's events within a decision; [`read_case`] makes the case of them.
pub fn events_of(customer_id: &str, case_id: &str) -> Read {
    EVENTS.read(vec![customer_id.into(), case_id.into()])
}

/// The read of open cases of the same question and order, the oldest first; its rows have their ids.
pub fn open_like(customer_id: &str, market: &str, question: &str, order_id: &str) -> Read {
    OPEN_LIKE.read(vec![customer_id.into(), market.into(), question.into(), order_id.into()])
}

/// The events that rows are.
///
/// # Errors
/// [`StoreError::Unreadable`] or [`StoreError::Defect`] where they are none.
pub fn read_events(rows: &[Row]) -> Result<Vec<CaseEvent>, StoreError> {
    rows.iter().map(read_event).collect()
}

fn read_event(row: &Row) -> Result<CaseEvent, StoreError> {
    let defect = |reason: String| StoreError::Defect { reason: format!("an event of a case: {reason}") };
    let seq = u32::try_from(row.int(0)?).map_err(|error| defect(error.to_string()))?;
    let at = timestamp(row.int(1)?)?;
    CaseEvent::read(seq, at, row.text(2)?, row.text(3)?, row.text(4)?)
        .map_err(|error| defect(error.to_string()))
}

/// The case that the rows of its events make, with the events; nothing where there are none.
///
/// # Errors
/// [`StoreError`] where they are no case.
pub fn read_case(case_id: &str, rows: &[Row]) -> Result<Option<(Case, Vec<CaseEvent>)>, StoreError> {
    if rows.is_empty() {
        return Ok(None);
    }
    let events = read_events(rows)?;
    let case = fold(case_id, &events).map_err(|error| StoreError::Defect { reason: error.to_string() })?;
    Ok(Some((case, events)))
}

/// The writes of new events, with the case as it is after them; where there is no new one, of how its service levels
/// stand.
pub fn write_case(
    customer_id: &str,
    market: &str,
    case: &Case,
    events: &[CaseEvent],
    levels: &Levels,
    terms: &CaseTerms,
) -> Vec<Write> {
    let row = CaseRow::of(customer_id, market, case, levels, terms);
    let Some(first) = events.first() else { return vec![row.update(i64::from(case.version))] };
    let mut writes: Vec<Write> = match first.seq {
        1 => row.insert().into(),
        seq => vec![row.update(i64::from(seq).saturating_sub(1))],
    };
    writes.extend(events.iter().map(|event| {
        let row: Vec<Value> = vec![
            customer_id.into(),
            (&case.case_id).into(),
            event.seq.into(),
            millis(event.at).into(),
            (&event.document).into(),
            (&event.prev_hash).into(),
            (&event.hash).into(),
        ];
        EVENT.write(row)
    }));
    writes
}

/// Whose a case is: the customer and the market.
///
/// # Errors
/// See [`StoreError`].
pub async fn whose_case(store: &Store, case_id: &str) -> Result<Option<(String, String)>, StoreError> {
    let rows = store.read(&WHOSE, vec![vec![case_id.into()]]).await?;
    rows.first().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).transpose()
}

/// Whose case a number is: the customer and the case's id.
///
/// # Errors
/// See [`StoreError`].
pub async fn case_by_number(store: &Store, number: &str) -> Result<Option<(String, String)>, StoreError> {
    let rows = store.read(&BY_NUMBER, vec![vec![number.into()]]).await?;
    rows.first().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).transpose()
}

/// A case of a customer, with its events.
///
/// # Errors
/// See [`StoreError`].
pub async fn case_of_customer(
    store: &Store,
    customer_id: &str,
    case_id: &str,
) -> Result<Option<(Case, Vec<CaseEvent>)>, StoreError> {
    let rows = store.read(&EVENTS, vec![vec![customer_id.into(), case_id.into()]]).await?;
    read_case(case_id, &rows)
}

/// What is kept of a case beside its events.
///
/// # Errors
/// See [`StoreError`].
pub async fn case_row(
    store: &Store,
    customer_id: &str,
    case_id: &str,
) -> Result<Option<CaseRow>, StoreError> {
    let rows = store.read(&ONE, vec![vec![customer_id.into(), case_id.into()]]).await?;
    rows.first().map(CaseRow::read).transpose()
}

/// Cases of a customer, the newest first: those before an id.
///
/// # Errors
/// See [`StoreError`].
pub async fn cases_of_customer(
    store: &Store,
    customer_id: &str,
    market: &str,
    before: &str,
    most: i64,
) -> Result<Vec<CaseRow>, StoreError> {
    let row: Vec<Value> = vec![customer_id.into(), market.into(), before.into(), most.into()];
    store.read(&OF_CUSTOMER, vec![row]).await?.iter().map(CaseRow::read).collect()
}

/// Which open cases of a market are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeskQuery {
    /// In this queue only.
    pub queue: Option<String>,
    /// Of this owner only.
    pub owner: Option<String>,
    /// Only those that nobody has.
    pub unowned: bool,
    /// Only those that need somebody to know this.
    pub skill: Option<String>,
    /// Only those in this state.
    pub state: Option<String>,
    /// Only those that have little time left, or none.
    pub near: bool,
    /// Only those with an action that waits for a second person.
    pub waiting: bool,
    /// After the case with this id, the last one seen.
    pub after: Option<String>,
}

/// Open cases of a market: the urgent ones first, then those whose service levels end first, then the oldest.
///
/// # Errors
/// See [`StoreError`].
pub async fn cases_at_the_desk(
    store: &Store,
    market: &str,
    query: &DeskQuery,
    most: i64,
) -> Result<Vec<CaseRow>, StoreError> {
    let row: Vec<Value> = vec![
        market.into(),
        query.queue.clone().unwrap_or_default().into(),
        query.owner.clone().unwrap_or_default().into(),
        query.unowned.into(),
        query.skill.clone().unwrap_or_default().into(),
        query.state.clone().unwrap_or_default().into(),
        query.near.into(),
        query.waiting.into(),
        query.after.clone().unwrap_or_default().into(),
        most.into(),
    ];
    store.read(&AT_THE_DESK, vec![row]).await?.iter().map(CaseRow::read).collect()
}

/// A case that time changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueCase {
    /// Whose.
    pub customer_id: String,
    /// In which market.
    pub market: String,
    /// Which.
    pub case_id: String,
}

/// Cases that time changes by an instant.
///
/// # Errors
/// See [`StoreError`].
pub async fn due_cases(store: &Store, until: Timestamp, most: i64) -> Result<Vec<DueCase>, StoreError> {
    let rows = store.read(&DUE, vec![vec![millis(until).into(), most.into()]]).await?;
    let read = |row: &Row| {
        let (customer_id, market) = (row.text(0)?.to_owned(), row.text(1)?.to_owned());
        Ok(DueCase { customer_id, market, case_id: row.text(2)?.to_owned() })
    };
    rows.iter().map(read).collect()
}
