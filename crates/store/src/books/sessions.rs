//! Sessions of browsers, found by a keyed hash of their cookie.
//!
//! Whether a session is still good is not decided here: rows are found whether they are over or not.

use jiff::Timestamp;

use super::handovers::{self, HandoverRow};
use super::locked::Locked;
use super::{millis, timestamp};
use crate::sql::{Read, Row, Statement, Store, StoreError, Type, Value, Write};

/// The columns of a session, in the order in which they are read.
macro_rules! session {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " s.token_hash, s.session_id, s.subject_kind, s.subject_id, s.role, s.market, s.language, s.device,
              s.cart, s.version, s.created_at, s.seen_at, s.expires_at, s.ends_at, s.ended_at ",
            $after
        )
    };
}

static NEW: Statement = Statement::new(
    "insert a session",
    &[
        ("token_hash", Type::Text),
        ("session_id", Type::Text),
        ("subject_kind", Type::Text),
        ("subject_id", Type::Text),
        ("role", Type::Text),
        ("market", Type::Text),
        ("language", Type::Text),
        ("device", Type::Text),
        ("cart", Type::Text),
        ("version", Type::Int),
        ("created_at", Type::Int),
        ("seen_at", Type::Int),
        ("expires_at", Type::Int),
        ("ends_at", Type::Int),
    ],
    "INSERT INTO sessions (token_hash, session_id, subject_kind, subject_id, role, market, language, device, cart,
                           version, created_at, seen_at, expires_at, ends_at)
     SELECT :token_hash, :session_id, :subject_kind, :subject_id, :role, :market, :language, :device, :cart,
            :version, :created_at, :seen_at, :expires_at, :ends_at FROM {rows}",
)
.order(130)
.one_each();

static LOCK: Statement = Statement::new(
    "lock a session",
    &[("token_hash", Type::Text)],
    session!(
        "SELECT :row,",
        "FROM {rows} JOIN sessions AS s ON s.token_hash = :token_hash ORDER BY s.token_hash {lock s}"
    ),
)
.order(131);

static LOCK_OF_SUBJECT: Statement = Statement::new(
    "lock the open sessions of a subject",
    &[("subject_kind", Type::Text), ("subject_id", Type::Text), ("at", Type::Int)],
    session!(
        "SELECT :row,",
        "FROM {rows} JOIN sessions AS s
              ON s.subject_kind = :subject_kind AND s.subject_id = :subject_id AND s.ends_at > :at
         WHERE s.ended_at IS NULL
         ORDER BY s.token_hash {lock s}"
    ),
)
.order(132);

static FIND: Statement = Statement::new(
    "a session",
    &[("token_hash", Type::Text)],
    session!("SELECT :row,", "FROM {rows} JOIN sessions AS s ON s.token_hash = :token_hash"),
);

static BY_ID: Statement = Statement::new(
    "a session by its id",
    &[("session_id", Type::Text)],
    session!("SELECT :row,", "FROM {rows} JOIN sessions AS s ON s.session_id = :session_id"),
);

static OF_SUBJECT: Statement = Statement::new(
    "the open sessions of a subject",
    &[("subject_kind", Type::Text), ("subject_id", Type::Text), ("at", Type::Int)],
    session!(
        "SELECT :row,",
        "FROM {rows} JOIN sessions AS s
              ON s.subject_kind = :subject_kind AND s.subject_id = :subject_id AND s.ends_at > :at
         WHERE s.ended_at IS NULL
         ORDER BY s.seen_at DESC, s.session_id DESC"
    ),
);

/// Only of an open session, and only on top of the cart that was seen.
static KEEP: Statement = Statement::new(
    "keep a session",
    &[
        ("token_hash", Type::Text),
        ("market", Type::Text),
        ("language", Type::Text),
        ("cart", Type::Text),
        ("version", Type::Int),
        ("version_seen", Type::Int),
    ],
    "UPDATE sessions SET market = :market, language = :language, cart = :cart, version = :version
     FROM {rows} WHERE sessions.token_hash = :token_hash AND sessions.version = :version_seen
       AND sessions.ended_at IS NULL",
)
.order(133)
.one_each();

static SEEN: Statement = Statement::new(
    "a session was used",
    &[("token_hash", Type::Text), ("seen_at", Type::Int), ("ends_at", Type::Int)],
    "UPDATE sessions SET seen_at = :seen_at, ends_at = :ends_at
     FROM {rows} WHERE sessions.token_hash = :token_hash AND sessions.seen_at < :seen_at
       AND sessions.ended_at IS NULL",
)
.order(134);

/// What was in the cart goes with the session.
static END: Statement = Statement::new(
    "end a session",
    &[("token_hash", Type::Text), ("ended_at", Type::Int)],
    "UPDATE sessions SET ended_at = :ended_at, ends_at = :ended_at, cart = NULL
     FROM {rows} WHERE sessions.token_hash = :token_hash AND sessions.ended_at IS NULL",
)
.order(135);

/// Only as it was seen: a session that was used meanwhile is not forgotten.
static FORGET: Statement = Statement::new(
    "forget a session",
    &[("token_hash", Type::Text), ("ends_at", Type::Int)],
    "DELETE FROM sessions WHERE (token_hash, ends_at) IN (SELECT :token_hash, :ends_at FROM {rows})",
)
.order(136);

static FORGETTABLE: Statement = Statement::new(
    "sessions to forget",
    &[("until", Type::Int), ("most", Type::Int)],
    "SELECT :row, s.token_hash, s.ends_at
     FROM {rows} CROSS JOIN LATERAL (
        SELECT token_hash, ends_at FROM sessions
        WHERE ends_at < :until ORDER BY ends_at LIMIT :most) AS s",
);

/// A session as it is kept. What its words mean is known to who decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// A keyed hash of its cookie.
    pub token_hash: String,
    /// Its id, which opens nothing.
    pub session_id: String,
    /// `anonymous`, `customer` or `staff`.
    pub subject_kind: String,
    /// Whose it is; nobody's where it is anonymous.
    pub subject_id: Option<String>,
    /// The role of staff.
    pub role: Option<String>,
    /// In which market.
    pub market: String,
    /// `ja` or `en`.
    pub language: String,
    /// What it runs on, coarsely.
    pub device: String,
    /// The cart, as JSON.
    pub cart: Option<String>,
    /// How often the cart was changed.
    pub version: i64,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, coarsely.
    pub seen_at: Timestamp,
    /// When it ends however much it is used.
    pub expires_at: Timestamp,
    /// When it ends as things stand, or did.
    pub ends_at: Timestamp,
    /// When somebody ended it.
    pub ended_at: Option<Timestamp>,
}

impl SessionRow {
    /// The write that inserts it.
    pub fn insert(&self) -> Write {
        let row: Vec<Value> = vec![
            (&self.token_hash).into(),
            (&self.session_id).into(),
            (&self.subject_kind).into(),
            self.subject_id.as_deref().into(),
            self.role.as_deref().into(),
            (&self.market).into(),
            (&self.language).into(),
            (&self.device).into(),
            self.cart.as_deref().into(),
            self.version.into(),
            millis(self.created_at).into(),
            millis(self.seen_at).into(),
            millis(self.expires_at).into(),
            millis(self.ends_at).into(),
        ];
        NEW.write(row)
    }

    /// The write that keeps its market, language and cart, where the cart still is the one of `version_seen`.
    pub fn keep(&self, version_seen: i64) -> Write {
        let row: Vec<Value> = vec![
            (&self.token_hash).into(),
            (&self.market).into(),
            (&self.language).into(),
            self.cart.as_deref().into(),
            self.version.into(),
            version_seen.into(),
        ];
        KEEP.write(row)
    }

    /// The write that ends it.
    pub fn end(&self, at: Timestamp) -> Write {
        END.write(vec![Value::from(&self.token_hash), millis(at).into()])
    }

    fn read(row: &Row) -> Result<Self, StoreError> {
        let optional = |column| row.optional_text(column).map(|text| text.map(str::to_owned));
        Ok(Self {
            token_hash: row.text(0)?.to_owned(),
            session_id: row.text(1)?.to_owned(),
            subject_kind: row.text(2)?.to_owned(),
            subject_id: optional(3)?,
            role: optional(4)?,
            market: row.text(5)?.to_owned(),
            language: row.text(6)?.to_owned(),
            device: row.text(7)?.to_owned(),
            cart: optional(8)?,
            version: row.int(9)?,
            created_at: timestamp(row.int(10)?)?,
            seen_at: timestamp(row.int(11)?)?,
            expires_at: timestamp(row.int(12)?)?,
            ends_at: timestamp(row.int(13)?)?,
            ended_at: row.optional_int(14)?.map(timestamp).transpose()?,
        })
    }
}

/// A session by the keyed hash of its cookie, whether it is over or not.
///
/// # Errors
/// See [`StoreError`].
pub async fn session(store: &Store, token_hash: &str) -> Result<Option<SessionRow>, StoreError> {
    let rows = store.read(&FIND, vec![vec![token_hash.into()]]).await?;
    rows.first().map(SessionRow::read).transpose()
}

/// A session by its id, whether it is over or not.
///
/// # Errors
/// See [`StoreError`].
pub async fn session_by_id(store: &Store, session_id: &str) -> Result<Option<SessionRow>, StoreError> {
    let rows = store.read(&BY_ID, vec![vec![session_id.into()]]).await?;
    rows.first().map(SessionRow::read).transpose()
}

/// Whose sessions: the kind and the id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionsOf {
    /// `customer` or `staff`.
    pub kind: &'static str,
    /// Who.
    pub id: String,
}

impl SessionsOf {
    fn named(&self, at: Timestamp) -> Vec<Value> {
        vec![self.kind.into(), (&self.id).into(), millis(at).into()]
    }
}

/// The sessions of a subject that are open at an instant, the last used first.
///
/// # Errors
/// See [`StoreError`].
pub async fn open_sessions(
    store: &Store,
    of: &SessionsOf,
    at: Timestamp,
) -> Result<Vec<SessionRow>, StoreError> {
    let rows = store.read(&OF_SUBJECT, vec![of.named(at)]).await?;
    rows.iter().map(SessionRow::read).collect()
}

/// Keeps when a session was used, and until when it is good thereby.
///
/// # Errors
/// See [`StoreError`].
pub async fn session_was_used(
    store: &Store,
    token_hash: &str,
    seen_at: Timestamp,
    ends_at: Timestamp,
) -> Result<(), StoreError> {
    let row: Vec<Value> = vec![token_hash.into(), millis(seen_at).into(), millis(ends_at).into()];
    super::write_together(store, &format!("@session {token_hash}"), vec![SEEN.write(row)]).await
}

/// What is decided about together, and by nobody else meanwhile.
#[derive(Clone, Debug, Default)]
pub struct SessionLocks {
    /// A hand-over, by the keyed hash of its code.
    pub handover: Option<String>,
    /// Single sessions, by the keyed hashes of their cookies.
    pub tokens: Vec<String>,
    /// All open sessions of a subject, at an instant.
    pub of: Option<(SessionsOf, Timestamp)>,
}

/// What was locked, as far as it is there.
#[derive(Clone, Debug, Default)]
pub struct LockedSessions {
    /// The hand-over.
    pub handover: Option<HandoverRow>,
    /// The sessions, each once.
    pub sessions: Vec<SessionRow>,
}

impl SessionLocks {
    fn key(&self) -> String {
        match (&self.of, self.tokens.first(), &self.handover) {
            (Some((of, _)), ..) => format!("@sessions {} {}", of.kind, of.id),
            (None, Some(token), _) => format!("@session {token}"),
            (None, None, handover) => format!("@handover {}", handover.as_deref().unwrap_or_default()),
        }
    }

    fn reads(&self) -> Vec<Read> {
        let handover = self.handover.iter().map(|hash| handovers::LOCK.read(vec![hash.into()]));
        let tokens = self.tokens.iter().map(|hash| LOCK.read(vec![hash.into()]));
        let of = self.of.iter().map(|(of, at)| LOCK_OF_SUBJECT.read(of.named(*at)));
        handover.chain(tokens).chain(of).collect()
    }

    /// What the reads found: those of the hand-over come first, if there is one.
    fn found(&self, rows: &[Vec<Row>]) -> Result<LockedSessions, StoreError> {
        let (handovers, sessions) = rows.split_at(self.handover.iter().count().min(rows.len()));
        let handover = handovers.iter().flatten().next().map(HandoverRow::read).transpose()?;
        let mut found = LockedSessions { handover, sessions: Vec::new() };
        for row in sessions.iter().flatten() {
            let session = SessionRow::read(row)?;
            if !found.sessions.iter().any(|known| known.token_hash == session.token_hash) {
                found.sessions.push(session);
            }
        }
        Ok(found)
    }
}

/// Decides about sessions and a hand-over while nobody else does. It may be decided more than once, from the start.
///
/// # Errors
/// See [`StoreError`].
pub async fn change_sessions<A: Send + 'static>(
    store: &Store,
    locks: SessionLocks,
    mut decide: impl FnMut(LockedSessions) -> (Vec<Write>, A) + Send + 'static,
) -> Result<A, StoreError> {
    let (key, reads) = (locks.key(), locks.reads());
    let decide = move |rows: &[Vec<Row>]| Ok(decide(locks.found(rows)?));
    store.perform(Locked { key, locks: reads, decide }).await
}

/// Forgets sessions that ended before a time; answers how many.
///
/// # Errors
/// See [`StoreError`].
pub async fn forget_sessions(store: &Store, until: Timestamp, most: i64) -> Result<usize, StoreError> {
    let rows = store.read(&FORGETTABLE, vec![vec![millis(until).into(), most.into()]]).await?;
    let forget = |row: &Row| Ok(FORGET.write(vec![row.text(0)?.into(), row.int(1)?.into()]));
    let writes = rows.iter().map(forget).collect::<Result<Vec<_>, StoreError>>()?;
    super::write_together(store, "@sessions", writes).await?;
    Ok(rows.len())
}
