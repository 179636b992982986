//! The audit log: rows written together with what they tell of, and the chain that a worker links them into.
//!
//! How a hash is made is not known here.

use jiff::Timestamp;

use super::locked::Locked;
use super::{millis, timestamp};
use crate::sql::{Row, Snapshot, Statement, Store, StoreError, Type, Value, Write};

const ROW_ID: &[(&str, Type)] = &[("row_id", Type::Text)];

static NEW: Statement = Statement::new(
    "insert an audit row",
    &[
        ("row_id", Type::Text),
        ("happened_at", Type::Int),
        ("made_by", Type::Text),
        ("action", Type::Text),
        ("subject", Type::Text),
        ("customer_id", Type::Text),
        ("reason", Type::Text),
        ("details", Type::Text),
    ],
    "INSERT INTO audit_rows (row_id, happened_at, made_by, action, subject, customer_id, reason, details)
     SELECT :row_id, :happened_at, :made_by, :action, :subject, :customer_id, :reason, :details FROM {rows}",
)
.order(120)
.one_each();

static WAIT: Statement = Statement::new(
    "let an audit row wait",
    ROW_ID,
    "INSERT INTO audit_waiting (row_id) SELECT :row_id FROM {rows}",
)
.order(121)
.one_each();

static MAKE_HEAD: Statement = Statement::new(
    "make the audit log's head",
    &[("hash", Type::Text), ("seal", Type::Text)],
    "INSERT INTO audit_heads (chain, place, hash, seal) SELECT 'audit', 0, :hash, :seal FROM {rows} WHERE true
     ON CONFLICT DO NOTHING",
)
.order(118);

static LOCK_HEAD: Statement = Statement::new(
    "lock the audit log's head",
    &[],
    "SELECT :row, h.place, h.hash, h.seal
     FROM {rows} JOIN audit_heads AS h ON h.chain = 'audit' {lock h}",
)
.order(119);

/// Read as a lock, so that it sees what was committed before the head was locked.
static WAITING: Statement = Statement::new(
    "audit rows that wait",
    &[("most", Type::Int)],
    "SELECT :row, a.row_id, a.happened_at, a.made_by, a.action, a.subject, a.customer_id, a.reason, a.details
     FROM {rows} CROSS JOIN LATERAL (
        SELECT w.row_id AS row_id, d.happened_at AS happened_at, d.made_by AS made_by, d.action AS action,
               d.subject AS subject, d.customer_id AS customer_id, d.reason AS reason, d.details AS details
        FROM audit_waiting AS w JOIN audit_rows AS d ON d.row_id = w.row_id
        ORDER BY w.row_id LIMIT :most) AS a
     ORDER BY a.row_id",
)
.order(120);

static LINK: Statement = Statement::new(
    "link an audit row",
    &[("place", Type::Int), ("row_id", Type::Text), ("hash", Type::Text)],
    "INSERT INTO audit_links (place, row_id, hash) SELECT :place, :row_id, :hash FROM {rows}",
)
.order(122)
.one_each();

static WAIT_NO_MORE: Statement = Statement::new(
    "an audit row waits no more",
    ROW_ID,
    "DELETE FROM audit_waiting WHERE row_id IN (SELECT :row_id FROM {rows})",
)
.order(123)
.one_each();

static MOVE_HEAD: Statement = Statement::new(
    "move the audit log's head",
    &[("place", Type::Int), ("hash", Type::Text), ("seal", Type::Text)],
    "UPDATE audit_heads SET place = :place, hash = :hash, seal = :seal
     FROM {rows} WHERE audit_heads.chain = 'audit'",
)
.order(124)
.one_each();

static HEAD: Statement = Statement::new(
    "the audit log's head",
    &[],
    "SELECT :row, h.place, h.hash, h.seal FROM {rows} JOIN audit_heads AS h ON h.chain = 'audit'",
);

static CHAIN: Statement = Statement::new(
    "a page of the audit log's chain",
    &[("after", Type::Int), ("most", Type::Int)],
    "SELECT :row, a.row_id, a.happened_at, a.made_by, a.action, a.subject, a.customer_id, a.reason, a.details,
            l.place, l.row_id, l.hash
     FROM {rows} CROSS JOIN LATERAL (
        SELECT place, row_id, hash FROM audit_links WHERE place > :after ORDER BY place LIMIT :most) AS l
     LEFT JOIN audit_rows AS a ON a.row_id = l.row_id
     ORDER BY l.place",
);

static UNLINKED: Statement = Statement::new(
    "audit rows that are neither linked nor wait",
    &[("most", Type::Int)],
    "SELECT :row, x.row_id
     FROM {rows} CROSS JOIN LATERAL (
        SELECT d.row_id AS row_id FROM audit_rows AS d
             LEFT JOIN audit_links AS l ON l.row_id = d.row_id
             LEFT JOIN audit_waiting AS w ON w.row_id = d.row_id
        WHERE l.row_id IS NULL AND w.row_id IS NULL ORDER BY d.row_id LIMIT :most) AS x
     ORDER BY x.row_id",
);

static LOST: Statement = Statement::new(
    "audit rows that wait and are not there",
    &[("most", Type::Int)],
    "SELECT :row, x.row_id
     FROM {rows} CROSS JOIN LATERAL (
        SELECT w.row_id AS row_id FROM audit_waiting AS w LEFT JOIN audit_rows AS d ON d.row_id = w.row_id
        WHERE d.row_id IS NULL ORDER BY w.row_id LIMIT :most) AS x
     ORDER BY x.row_id",
);

static COUNT_WAITING: Statement = Statement::new(
    "count audit rows that wait",
    &[],
    "SELECT :row, (SELECT CAST(count(*) AS bigint) FROM audit_waiting) FROM {rows}",
);

const FILTER: &[(&str, Type)] = &[
    ("customer_id", Type::Text),
    ("made_by", Type::Text),
    ("subject", Type::Text),
    ("action", Type::Text),
    ("before", Type::Text),
    ("most", Type::Int),
];

/// A page that an index leads to; what is empty is not asked for.
macro_rules! page {
    ($name:literal, $led_by:literal) => {
        Statement::new(
            $name,
            FILTER,
            concat!(
                "SELECT :row, a.row_id, a.happened_at, a.made_by, a.action, a.subject, a.customer_id, a.reason,
                        a.details
                 FROM {rows} CROSS JOIN LATERAL (
                    SELECT row_id, happened_at, made_by, action, subject, customer_id, reason, details
                    FROM audit_rows WHERE ",
                $led_by,
                " row_id < :before AND (:customer_id = '' OR customer_id = :customer_id)
                      AND (:made_by = '' OR made_by = :made_by) AND (:subject = '' OR subject = :subject)
                      AND (:action = '' OR action = :action)
                    ORDER BY row_id DESC LIMIT :most) AS a
                 ORDER BY a.row_id DESC"
            ),
        )
    };
}

static PAGE: Statement = page!("a page of the audit log", "");
static PAGE_OF_CUSTOMER: Statement =
    page!("a page of the audit log about a customer", "customer_id = :customer_id AND");
static PAGE_MADE_BY: Statement = page!("a page of the audit log by someone", "made_by = :made_by AND");

/// Greater than every id.
const AFTER_ALL: &str = "~";

/// What somebody did, or whose data they looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// The row; later ones are greater, as far as clocks agree.
    pub row_id: String,
    /// When.
    pub happened_at: Timestamp,
    /// Who: `staff:…`, `key:…` or `system`.
    pub made_by: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// Whose things it was about, if anybody's.
    pub customer_id: Option<String>,
    /// Why, where a reason is needed.
    pub reason: Option<String>,
    /// More about it, as JSON; never a secret, and nothing personal.
    pub details: Option<String>,
}

impl AuditRow {
    /// The writes that append it to the log.
    pub fn append(&self) -> [Write; 2] {
        let row: Vec<Value> = vec![
            (&self.row_id).into(),
            millis(self.happened_at).into(),
            (&self.made_by).into(),
            (&self.action).into(),
            (&self.subject).into(),
            self.customer_id.as_deref().into(),
            self.reason.as_deref().into(),
            self.details.as_deref().into(),
        ];
        [NEW.write(row), WAIT.write(vec![Value::from(&self.row_id)])]
    }

    fn read(row: &Row) -> Result<Self, StoreError> {
        let optional = |column| row.optional_text(column).map(|text| text.map(str::to_owned));
        Ok(Self {
            row_id: row.text(0)?.to_owned(),
            happened_at: timestamp(row.int(1)?)?,
            made_by: row.text(2)?.to_owned(),
            action: row.text(3)?.to_owned(),
            subject: row.text(4)?.to_owned(),
            customer_id: optional(5)?,
            reason: optional(6)?,
            details: optional(7)?,
        })
    }
}

/// The end of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// The last place; 0 before the first.
    pub place: i64,
    /// The last hash.
    pub hash: String,
    /// A keyed hash of both.
    pub seal: String,
}

impl AuditHead {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { place: row.int(0)?, hash: row.text(1)?.to_owned(), seal: row.text(2)?.to_owned() })
    }
}

/// A link of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLink {
    /// Its place, from 1.
    pub place: i64,
    /// The row that it links.
    pub row_id: String,
    /// Covers the hash before it, the place and the row.
    pub hash: String,
}

/// What a linking comes to: links in the order of their places, and the head after them.
pub type Linked = (Vec<AuditLink>, AuditHead);

/// Links rows that wait to the chain, at most so many; answers how many. `empty` is the head of an empty chain.
///
/// # Errors
/// See [`StoreError`].
pub async fn link_audit_rows(
    store: &Store,
    empty: AuditHead,
    most: i64,
    mut link: impl FnMut(AuditHead, &[AuditRow]) -> Result<Linked, StoreError> + Send + 'static,
) -> Result<usize, StoreError> {
    let make: Vec<Value> = vec![(&empty.hash).into(), (&empty.seal).into()];
    let locks = vec![MAKE_HEAD.read(make), LOCK_HEAD.read(Vec::new()), WAITING.read(vec![Value::from(most)])];
    let decide = move |rows: &[Vec<Row>]| {
        let head = rows.get(1).and_then(|rows| rows.first()).map(AuditHead::read).transpose()?;
        let waiting: Vec<AuditRow> =
            rows.get(2).into_iter().flatten().map(AuditRow::read).collect::<Result<_, _>>()?;
        if waiting.is_empty() {
            return Ok((Vec::new(), 0));
        }
        let (links, head) = link(head.unwrap_or_else(|| empty.clone()), &waiting)?;
        let mut writes: Vec<Write> = links.iter().flat_map(writes_of).collect();
        writes.push(MOVE_HEAD.write(vec![head.place.into(), head.hash.into(), head.seal.into()]));
        Ok((writes, links.len()))
    };
    store.perform(Locked { key: "@audit".to_owned(), locks, decide }).await
}

fn writes_of(link: &AuditLink) -> [Write; 2] {
    let row: Vec<Value> = vec![link.place.into(), (&link.row_id).into(), (&link.hash).into()];
    [LINK.write(row), WAIT_NO_MORE.write(vec![Value::from(&link.row_id)])]
}

/// Which rows of the log are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// About this customer.
    pub customer_id: Option<String>,
    /// By this one.
    pub made_by: Option<String>,
    /// About this subject.
    pub subject: Option<String>,
    /// Of this action.
    pub action: Option<String>,
}

/// Rows of the log, the newest first: those before a row, at most so many.
///
/// # Errors
/// See [`StoreError`].
pub async fn audit_rows(
    store: &Store,
    filter: &AuditFilter,
    before: Option<&str>,
    most: i64,
) -> Result<Vec<AuditRow>, StoreError> {
    let (statement, row) = asked(filter, before, most);
    store.read(statement, vec![row]).await?.iter().map(AuditRow::read).collect()
}

/// As [`audit_rows`], at a snapshot's moment.
///
/// # Errors
/// See [`StoreError`].
pub async fn audit_rows_at(
    snapshot: &mut Snapshot,
    filter: &AuditFilter,
    before: Option<&str>,
    most: i64,
) -> Result<Vec<AuditRow>, StoreError> {
    let (statement, row) = asked(filter, before, most);
    snapshot.read(statement, vec![row]).await?.iter().map(AuditRow::read).collect()
}

/// The statement for which there is an index.
fn asked(filter: &AuditFilter, before: Option<&str>, most: i64) -> (&'static Statement, Vec<Value>) {
    let statement = match (&filter.customer_id, &filter.made_by) {
        (Some(_), _) => &PAGE_OF_CUSTOMER,
        (None, Some(_)) => &PAGE_MADE_BY,
        (None, None) => &PAGE,
    };
    let fields = [&filter.customer_id, &filter.made_by, &filter.subject, &filter.action];
    let mut row: Vec<Value> = fields.into_iter().map(|field| field.as_deref().unwrap_or("").into()).collect();
    row.extend([before.unwrap_or(AFTER_ALL).into(), most.into()]);
    (statement, row)
}

/// The chain at one moment, to be checked.
pub struct AuditChain {
    snapshot: Snapshot,
}

/// A link with its row, if that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLinkWithRow {
    /// The link.
    pub link: AuditLink,
    /// Its row.
    pub row: Option<AuditRow>,
}

impl AuditChain {
    /// The chain of a snapshot.
    pub fn of(snapshot: Snapshot) -> Self {
        Self { snapshot }
    }

    /// The head, if anything was ever linked.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn head(&mut self) -> Result<Option<AuditHead>, StoreError> {
        let rows = self.snapshot.read(&HEAD, vec![Vec::new()]).await?;
        rows.first().map(AuditHead::read).transpose()
    }

    /// The next links after a place, with their rows.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn links(&mut self, after: i64, most: i64) -> Result<Vec<AuditLinkWithRow>, StoreError> {
        let rows = self.snapshot.read(&CHAIN, vec![vec![after.into(), most.into()]]).await?;
        let read = |row: &Row| {
            let link = AuditLink {
                place: row.int(8)?,
                row_id: row.text(9)?.to_owned(),
                hash: row.text(10)?.to_owned(),
            };
            let there = row.optional_text(0)?.is_some();
            Ok(AuditLinkWithRow { link, row: there.then(|| AuditRow::read(row)).transpose()? })
        };
        rows.iter().map(read).collect()
    }

    /// Rows that came into the log past the program, and those that wait and are not there: at most so many of each.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn strays(&mut self, most: i64) -> Result<(Vec<String>, Vec<String>), StoreError> {
        let ids = |rows: Vec<Row>| rows.iter().map(|row| row.text(0).map(str::to_owned)).collect();
        let unlinked: Result<Vec<String>, StoreError> =
            ids(self.snapshot.read(&UNLINKED, vec![vec![most.into()]]).await?);
        let lost: Result<Vec<String>, StoreError> =
            ids(self.snapshot.read(&LOST, vec![vec![most.into()]]).await?);
        Ok((unlinked?, lost?))
    }

    /// How many rows wait to be linked.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn waiting(&mut self) -> Result<i64, StoreError> {
        let rows = self.snapshot.read(&COUNT_WAITING, vec![Vec::new()]).await?;
        rows.first().map_or(Ok(0), |row| row.int(0))
    }
}
