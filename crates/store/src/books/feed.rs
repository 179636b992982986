//! The feed: all events in one order, each at a place without gaps before it.
//!
//! Ids of events follow clocks, and transactions commit in another order than they began. So an event gets its place
//! only once it is committed, by whoever publishes: under the lock of the feed's row, in a transaction of its own. A
//! place is therefore committed only after all places before it, and a reader who has seen a place will never be
//! shown an earlier one afterwards. Any process may publish, and several at once do nothing twice.

use choba_engine::books::EventData;
use jiff::Timestamp;

use super::{millis, timestamp};
use crate::sql::{Decided, Read, Row, Statement, Store, StoreError, Topic, Type, Value, Work, Write};

/// Events got places in the feed.
pub const FEED: Topic = Topic(1);

/// The only feed there is.
const EVENTS: &str = "events";

const NAME: &[(&str, Type)] = &[("name", Type::Text)];

static MAKE: Statement = Statement::new(
    "make the feed",
    NAME,
    "INSERT INTO feed (name, last_seq, forgotten_seq) SELECT :name, 0, 0 FROM {rows} WHERE true
     ON CONFLICT DO NOTHING",
)
.order(92);

static LOCK: Statement = Statement::new(
    "lock the feed",
    NAME,
    "SELECT :row, f.last_seq, f.forgotten_seq FROM {rows} JOIN feed AS f ON f.name = :name {lock f}",
)
.order(93);

static BOUNDS: Statement = Statement::new(
    "bounds of the feed",
    NAME,
    "SELECT :row, f.last_seq, f.forgotten_seq FROM {rows} JOIN feed AS f ON f.name = :name",
);

static UNTOLD: Statement = Statement::new(
    "events that are not in the feed",
    &[("most", Type::Int)],
    "SELECT :row, e.event_id, e.customer_id
     FROM {rows} CROSS JOIN LATERAL (
        SELECT event_id, customer_id FROM events WHERE told = 0 ORDER BY event_id LIMIT :most) AS e
     ORDER BY e.event_id, e.customer_id",
);

static NUMBER: Statement = Statement::new(
    "give an event its place",
    &[("event_id", Type::Text), ("customer_id", Type::Text), ("seq", Type::Int), ("told_at", Type::Int)],
    "UPDATE events SET told = 1, seq = :seq, told_at = :told_at
     FROM {rows} WHERE events.event_id = :event_id AND events.customer_id = :customer_id AND events.told = 0",
)
.order(94)
.one_each();

static MOVE: Statement = Statement::new(
    "move the feed on",
    &[("name", Type::Text), ("last_seq", Type::Int)],
    "UPDATE feed SET last_seq = :last_seq FROM {rows} WHERE feed.name = :name",
)
.order(95)
.one_each()
.announces(FEED);

static SPAN: Statement = Statement::new(
    "a span of the feed",
    &[("after", Type::Int), ("until", Type::Int)],
    "SELECT :row, e.seq, e.event_id, e.customer_id, e.market, e.kind, e.subject, e.data, e.happened_at, e.told_at
     FROM {rows} JOIN events AS e ON e.seq > :after AND e.seq <= :until
     ORDER BY e.seq",
);

static OF_CUSTOMER: Statement = Statement::new(
    "events of a customer in the feed",
    &[("customer_id", Type::Text), ("after", Type::Int), ("until", Type::Int), ("most", Type::Int)],
    "SELECT :row, e.seq, e.event_id, e.customer_id, e.market, e.kind, e.subject, e.data, e.happened_at, e.told_at
     FROM {rows} CROSS JOIN LATERAL (
        SELECT seq, event_id, customer_id, market, kind, subject, data, happened_at, told_at FROM events
        WHERE customer_id = :customer_id AND seq > :after AND seq <= :until ORDER BY seq LIMIT :most) AS e
     ORDER BY e.seq",
);

static READERS: Statement = Statement::new(
    "how far all have read",
    &[],
    "SELECT :row, q.seq FROM {rows} CROSS JOIN feed_readers AS q",
);

static OLDEST_UNTOLD: Statement = Statement::new(
    "the oldest event that is not in the feed",
    &[],
    "SELECT :row, e.happened_at FROM {rows} CROSS JOIN LATERAL (
        SELECT happened_at FROM events WHERE told = 0 ORDER BY event_id LIMIT 1) AS e",
);

/// What nobody needs any more of a span: the last place of it that was told before a time.
static OLD: Statement = Statement::new(
    "the last old event of a span",
    &[("after", Type::Int), ("until", Type::Int), ("before", Type::Int)],
    "SELECT :row, e.seq FROM {rows} JOIN events AS e
       ON e.seq > :after AND e.seq <= :until AND e.told_at < :before
     ORDER BY e.seq",
);

static FORGET: Statement = Statement::new(
    "forget a span of the feed",
    &[("after", Type::Int), ("until", Type::Int)],
    "DELETE FROM events WHERE (event_id, customer_id) IN
        (SELECT e.event_id, e.customer_id FROM {rows} JOIN events AS e ON e.seq > :after AND e.seq <= :until)",
)
.order(96);

static FORGOTTEN: Statement = Statement::new(
    "note what the feed has forgotten",
    &[("name", Type::Text), ("forgotten_seq", Type::Int)],
    "UPDATE feed SET forgotten_seq = :forgotten_seq FROM {rows} WHERE feed.name = :name",
)
.order(97)
.one_each();

static MAKE_READER: Statement = Statement::new(
    "make a reader of the feed",
    NAME,
    "INSERT INTO feed_readers (name, seq) SELECT :name, 0 FROM {rows} WHERE true ON CONFLICT DO NOTHING",
)
.order(90);

static LOCK_READER: Statement = Statement::new(
    "lock a reader of the feed",
    NAME,
    "SELECT :row, q.seq FROM {rows} JOIN feed_readers AS q ON q.name = :name {lock q}",
)
.order(91);

static MOVE_READER: Statement = Statement::new(
    "move a reader of the feed on",
    &[("name", Type::Text), ("seq", Type::Int)],
    "UPDATE feed_readers SET seq = :seq FROM {rows} WHERE feed_readers.name = :name",
)
.order(98)
.one_each();

/// An event with its place in the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedEvent {
    /// Its place, from 1.
    pub seq: i64,
    /// Its id.
    pub event_id: String,
    /// Whose.
    pub customer_id: String,
    /// In which market.
    pub market: String,
    /// What happened, as a code.
    pub kind: String,
    /// To which order, lot, card or program.
    pub subject: String,
    /// What else is told.
    pub data: EventData,
    /// When it happened.
    pub happened_at: Timestamp,
    /// When it got its place.
    pub told_at: Timestamp,
}

/// How far the feed is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeedBounds {
    /// The last place; 0 before the first event.
    pub last: i64,
    /// Places up to here are forgotten.
    pub forgotten: i64,
}

impl FeedBounds {
    fn read(row: Option<&Row>) -> Result<Self, StoreError> {
        row.map_or(Ok(Self::default()), |row| Ok(Self { last: row.int(0)?, forgotten: row.int(1)? }))
    }
}

fn read_event(row: &Row) -> Result<FeedEvent, StoreError> {
    let defect = |error: serde_json::Error| StoreError::Defect { reason: format!("an event: {error}") };
    let data = row.optional_text(6)?.map(serde_json::from_str).transpose().map_err(defect)?;
    Ok(FeedEvent {
        seq: row.int(0)?,
        event_id: row.text(1)?.to_owned(),
        customer_id: row.text(2)?.to_owned(),
        market: row.text(3)?.to_owned(),
        kind: row.text(4)?.to_owned(),
        subject: row.text(5)?.to_owned(),
        data: data.unwrap_or_default(),
        happened_at: timestamp(row.int(7)?)?,
        told_at: timestamp(row.int(8)?)?,
    })
}

fn lock_feed() -> Vec<Read> {
    vec![MAKE.read(vec![EVENTS.into()]), LOCK.read(vec![EVENTS.into()])]
}

fn first(rows: &[Vec<Row>], read: usize) -> Option<&Row> {
    rows.get(read).and_then(|rows| rows.first())
}

struct Publish {
    at: i64,
    most: i64,
}

impl Work for Publish {
    type Answer = usize;

    fn key(&self) -> &str {
        "@feed"
    }

    fn locks(&self) -> Vec<Read> {
        lock_feed()
    }

    fn reads(&self) -> Vec<Read> {
        vec![UNTOLD.read(vec![self.most.into()])]
    }

    fn decide(&mut self, rows: &[Vec<Row>]) -> Result<Decided<usize>, StoreError> {
        let bounds = FeedBounds::read(first(rows, 1))?;
        let untold = rows.get(2).map_or(&[][..], Vec::as_slice);
        if untold.is_empty() {
            return Ok(Decided::Nothing(0));
        }
        let mut last = bounds.last;
        let mut writes = Vec::with_capacity(untold.len().saturating_add(1));
        for row in untold {
            last = last.saturating_add(1);
            let row: Vec<Value> = vec![row.text(0)?.into(), row.text(1)?.into(), last.into(), self.at.into()];
            writes.push(NUMBER.write(row));
        }
        writes.push(MOVE.write(vec![EVENTS.into(), last.into()]));
        Ok(Decided::Write(writes, untold.len()))
    }
}

/// Gives committed events their places, at most so many; answers how many.
///
/// # Errors
/// See [`StoreError`].
pub async fn publish_events(store: &Store, at: Timestamp, most: i64) -> Result<usize, StoreError> {
    store.perform(Publish { at: millis(at), most }).await
}

/// How far the feed is.
///
/// # Errors
/// See [`StoreError`].
pub async fn feed_bounds(store: &Store) -> Result<FeedBounds, StoreError> {
    let rows = store.read(&BOUNDS, vec![vec![EVENTS.into()]]).await?;
    FeedBounds::read(rows.first())
}

/// The events after a place up to another, all customers', in order.
///
/// # Errors
/// See [`StoreError`].
pub async fn span_of_feed(store: &Store, after: i64, until: i64) -> Result<Vec<FeedEvent>, StoreError> {
    store.read(&SPAN, vec![vec![after.into(), until.into()]]).await?.iter().map(read_event).collect()
}

/// A customer's events after a place up to another, in order, at most so many.
///
/// # Errors
/// See [`StoreError`].
pub async fn feed_of_customer(
    store: &Store,
    customer_id: &str,
    after: i64,
    until: i64,
    most: i64,
) -> Result<Vec<FeedEvent>, StoreError> {
    let row: Vec<Value> = vec![customer_id.into(), after.into(), until.into(), most.into()];
    store.read(&OF_CUSTOMER, vec![row]).await?.iter().map(read_event).collect()
}

/// How far each of those has read who pass events on.
///
/// # Errors
/// See [`StoreError`].
pub async fn feed_readers(store: &Store) -> Result<Vec<i64>, StoreError> {
    store.read(&READERS, vec![Vec::new()]).await?.iter().map(|row| row.int(0)).collect()
}

struct Forget {
    before: i64,
    most: i64,
}

impl Forget {
    /// Nothing is forgotten that somebody who passes events on has not read.
    fn span(&self, bounds: FeedBounds, readers: &[Row]) -> Result<(i64, i64), StoreError> {
        let mut until = bounds.last.min(bounds.forgotten.saturating_add(self.most));
        for reader in readers {
            until = until.min(reader.int(0)?);
        }
        Ok((bounds.forgotten, until))
    }
}

impl Work for Forget {
    type Answer = i64;

    fn key(&self) -> &str {
        "@feed"
    }

    fn locks(&self) -> Vec<Read> {
        lock_feed()
    }

    fn reads(&self) -> Vec<Read> {
        vec![READERS.read(Vec::new())]
    }

    fn decide(&mut self, rows: &[Vec<Row>]) -> Result<Decided<i64>, StoreError> {
        let bounds = FeedBounds::read(first(rows, 1))?;
        let (after, until) = self.span(bounds, rows.get(2).map_or(&[], Vec::as_slice))?;
        let Some(old) = rows.get(3) else {
            return Ok(Decided::ReadMore(vec![OLD.read(vec![
                after.into(),
                until.into(),
                self.before.into(),
            ])]));
        };
        let Some(last) = old.last().map(|row| row.int(0)).transpose()? else {
            return Ok(Decided::Nothing(0));
        };
        let writes = vec![
            FORGET.write(vec![after.into(), last.into()]),
            FORGOTTEN.write(vec![EVENTS.into(), last.into()]),
        ];
        Ok(Decided::Write(writes, last.saturating_sub(after)))
    }
}

/// Forgets events that were told before a time, at most so many, the oldest first; answers how many.
///
/// # Errors
/// See [`StoreError`].
pub async fn forget_events(store: &Store, before: Timestamp, most: i64) -> Result<i64, StoreError> {
    store.perform(Forget { before: millis(before), most }).await
}

struct TakeIn<F> {
    key: String,
    name: &'static str,
    most: i64,
    also: Vec<Read>,
    take_in: F,
}

impl<F> Work for TakeIn<F>
where
    F: FnMut(&[FeedEvent], &[Vec<Row>]) -> Result<Vec<Write>, StoreError> + Send + 'static,
{
    type Answer = usize;

    fn key(&self) -> &str {
        &self.key
    }

    fn locks(&self) -> Vec<Read> {
        vec![MAKE_READER.read(vec![self.name.into()]), LOCK_READER.read(vec![self.name.into()])]
    }

    fn reads(&self) -> Vec<Read> {
        let mut reads = vec![BOUNDS.read(vec![EVENTS.into()])];
        reads.extend(self.also.iter().cloned());
        reads
    }

    fn decide(&mut self, rows: &[Vec<Row>]) -> Result<Decided<usize>, StoreError> {
        let known = self.also.len().saturating_add(3);
        let seq = first(rows, 1).map_or(Ok(0), |row| row.int(0))?;
        let bounds = FeedBounds::read(first(rows, 2))?;
        let Some(span) = rows.get(known) else {
            let (after, until) = (seq.max(bounds.forgotten), bounds.last.min(seq.saturating_add(self.most)));
            if until <= after {
                return Ok(Decided::Nothing(0));
            }
            return Ok(Decided::ReadMore(vec![SPAN.read(vec![after.into(), until.into()])]));
        };
        let events: Vec<FeedEvent> = span.iter().map(read_event).collect::<Result<_, _>>()?;
        let Some(last) = events.last() else { return Ok(Decided::Nothing(0)) };
        let mut writes = (self.take_in)(&events, rows.get(3..known).unwrap_or_default())?;
        writes.push(MOVE_READER.write(vec![self.name.into(), last.seq.into()]));
        Ok(Decided::Write(writes, events.len()))
    }
}

/// Lets one of those who pass events on take in what it has not seen, at most so many events: what it writes is
/// committed together with how far it has read. Gets the events in order, and what `also` finds. Answers how many
/// events it took in. `take_in` may be called again from the start.
///
/// # Errors
/// See [`StoreError`].
pub async fn take_in_events<F>(
    store: &Store,
    name: &'static str,
    most: i64,
    also: Vec<Read>,
    take_in: F,
) -> Result<usize, StoreError>
where
    F: FnMut(&[FeedEvent], &[Vec<Row>]) -> Result<Vec<Write>, StoreError> + Send + 'static,
{
    store.perform(TakeIn { key: format!("@reader {name}"), name, most, also, take_in }).await
}

/// When the oldest event happened that is not in the feed yet, if there is one.
///
/// # Errors
/// See [`StoreError`].
pub async fn oldest_untold_event(store: &Store) -> Result<Option<Timestamp>, StoreError> {
    let rows = store.read(&OLDEST_UNTOLD, vec![Vec::new()]).await?;
    rows.first().map(|row| timestamp(row.int(0)?)).transpose()
}
