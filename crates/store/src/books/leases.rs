//! Leases: which of several processes does a work that one alone should do.
//!
//! A lease keeps processes from doing the same work side by side; it does not keep them from doing it twice. One
//! whose clock is wrong, or who was held up, may still work on a lease that lapsed. So whatever is done under a
//! lease must bear being done twice.

use jiff::Timestamp;

use super::millis;
use crate::sql::{self, Read, Row, Statement, Store, StoreError, Type, Value, Work};

static MAKE: Statement = Statement::new(
    "make a lease",
    &[("name", Type::Text)],
    "INSERT INTO leases (name, holder, held_until) SELECT :name, '', 0 FROM {rows} WHERE true
     ON CONFLICT DO NOTHING",
)
.order(1);

static LOCK: Statement = Statement::new(
    "lock a lease",
    &[("name", Type::Text)],
    "SELECT :row, l.holder, l.held_until FROM {rows} JOIN leases AS l ON l.name = :name {lock l}",
)
.order(2);

static HOLD: Statement = Statement::new(
    "hold a lease",
    &[("name", Type::Text), ("holder", Type::Text), ("held_until", Type::Int)],
    "UPDATE leases SET holder = :holder, held_until = :held_until FROM {rows} WHERE leases.name = :name",
)
.order(90)
.one_each();

struct Lease {
    key: String,
    name: String,
    holder: String,
    at: i64,
    until: i64,
}

impl Work for Lease {
    type Answer = bool;

    fn key(&self) -> &str {
        &self.key
    }

    fn locks(&self) -> Vec<Read> {
        vec![MAKE.read(vec![(&self.name).into()]), LOCK.read(vec![(&self.name).into()])]
    }

    fn reads(&self) -> Vec<Read> {
        Vec::new()
    }

    fn decide(&mut self, rows: &[Vec<Row>]) -> Result<sql::Decided<bool>, StoreError> {
        let row = rows.get(1).and_then(|rows| rows.first());
        let held = row.map(|row| Ok::<_, StoreError>((row.text(0)?.to_owned(), row.int(1)?))).transpose()?;
        let by_others = held.is_some_and(|(holder, until)| holder != self.holder && self.at < until);
        if by_others {
            return Ok(sql::Decided::Nothing(false));
        }
        let row: Vec<Value> = vec![(&self.name).into(), (&self.holder).into(), self.until.into()];
        Ok(sql::Decided::Write(vec![HOLD.write(row)], true))
    }
}

/// Takes a lease, or takes it for longer; answers whether it is held now. One that has lapsed is taken over.
///
/// # Errors
/// See [`StoreError`].
pub async fn take_lease(
    store: &Store,
    name: &str,
    holder: &str,
    at: Timestamp,
    until: Timestamp,
) -> Result<bool, StoreError> {
    let (key, at, until) = (format!("@lease {name}"), millis(at), millis(until));
    store.perform(Lease { key, name: name.to_owned(), holder: holder.to_owned(), at, until }).await
}

/// Gives a lease back, if it is still held, so that another process need not wait until it lapses.
///
/// # Errors
/// See [`StoreError`].
pub async fn give_back_lease(
    store: &Store,
    name: &str,
    holder: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    take_lease(store, name, holder, at, at).await.map(drop)
}
