//! Quotas of coupons: uses are reserved before an order is placed, confirmed together with it, and given back.
//!
//! All customers share a coupon's quota, so its row would be the place where they wait for each other. Therefore
//! who wants a use stands in a queue, and each transaction serves all who have gathered, in the order in which
//! they came. Only the reservation touches the shared row: an order is confirmed, and a cancelled one returned,
//! by a row of its own within the customer's transaction.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::millis;
use crate::sql::{Decided, Read, Row, Statement, Store, StoreError, Type, Value, Work, Write};

const COUPON: &[(&str, Type)] = &[("market", Type::Text), ("coupon_id", Type::Text)];
const USE: &[(&str, Type)] = &[("market", Type::Text), ("coupon_id", Type::Text), ("order_id", Type::Text)];

static MAKE: Statement = Statement::new(
    "make a quota",
    COUPON,
    "INSERT INTO quotas (market, coupon_id, quota, taken)
     SELECT :market, :coupon_id, 0, 0 FROM {rows} WHERE true
     ON CONFLICT DO NOTHING",
)
.order(3);

static LOCK: Statement = Statement::new(
    "lock a quota",
    COUPON,
    "SELECT :row, q.quota, q.taken
     FROM {rows} JOIN quotas AS q ON q.market = :market AND q.coupon_id = :coupon_id
     ORDER BY q.market, q.coupon_id {lock q}",
)
.order(4);

/// Uses that came back with cancelled orders.
static LOCK_RETURNED: Statement = Statement::new(
    "lock returned uses of a coupon",
    COUPON,
    "SELECT :row, u.order_id
     FROM {rows} JOIN quota_uses AS u
       ON u.market = :market AND u.coupon_id = :coupon_id AND u.state = 'returned'
     ORDER BY u.market, u.coupon_id, u.order_id {lock u}",
)
.order(5);

static LOCK_USE: Statement = Statement::new(
    "lock a use of a coupon",
    USE,
    "SELECT :row, u.state
     FROM {rows} JOIN quota_uses AS u
       ON u.market = :market AND u.coupon_id = :coupon_id AND u.order_id = :order_id
     ORDER BY u.market, u.coupon_id, u.order_id {lock u}",
)
.order(6);

static COUNT: Statement = Statement::new(
    "count the uses of a coupon",
    &[("market", Type::Text), ("coupon_id", Type::Text), ("quota", Type::Int), ("taken", Type::Int)],
    "UPDATE quotas SET quota = :quota, taken = :taken
     FROM {rows} WHERE quotas.market = :market AND quotas.coupon_id = :coupon_id",
)
.order(70)
.one_each();

static FORGET_USE: Statement = Statement::new(
    "forget a use of a coupon",
    USE,
    "DELETE FROM quota_uses
     WHERE (market, coupon_id, order_id) IN (SELECT :market, :coupon_id, :order_id FROM {rows})",
)
.order(71)
.one_each();

static NEW_USE: Statement = Statement::new(
    "reserve a use of a coupon",
    &[
        ("market", Type::Text),
        ("coupon_id", Type::Text),
        ("order_id", Type::Text),
        ("customer_id", Type::Text),
        ("reserved_at", Type::Int),
    ],
    "INSERT INTO quota_uses (market, coupon_id, order_id, customer_id, state, reserved_at)
     SELECT :market, :coupon_id, :order_id, :customer_id, 'reserved', :reserved_at FROM {rows}",
)
.order(72)
.one_each();

/// Fails where the reservation has lapsed: then somebody else may have the use.
static CONFIRM: Statement = Statement::new(
    "confirm a use of a coupon",
    USE,
    "UPDATE quota_uses SET state = 'confirmed'
     FROM {rows} WHERE quota_uses.market = :market AND quota_uses.coupon_id = :coupon_id
       AND quota_uses.order_id = :order_id AND quota_uses.state = 'reserved'",
)
.order(73)
.one_each();

/// Touches nothing for a coupon without a quota.
static RETURN: Statement = Statement::new(
    "return a use of a coupon",
    USE,
    "UPDATE quota_uses SET state = 'returned'
     FROM {rows} WHERE quota_uses.market = :market AND quota_uses.coupon_id = :coupon_id
       AND quota_uses.order_id = :order_id AND quota_uses.state = 'confirmed'",
)
.order(74);

static STATE: Statement = Statement::new(
    "how a use of a coupon stands",
    USE,
    "SELECT :row, u.state
     FROM {rows} JOIN quota_uses AS u
       ON u.market = :market AND u.coupon_id = :coupon_id AND u.order_id = :order_id",
);

static LAPSED: Statement = Statement::new(
    "reserved uses until a time",
    &[("until", Type::Int), ("most", Type::Int)],
    "SELECT :row, u.market, u.coupon_id, u.order_id
     FROM {rows} CROSS JOIN LATERAL (
        SELECT market, coupon_id, order_id FROM quota_uses
        WHERE state = 'reserved' AND reserved_at < :until ORDER BY reserved_at LIMIT :most) AS u",
);

static RETURNED: Statement = Statement::new(
    "returned uses",
    &[("most", Type::Int)],
    "SELECT :row, u.market, u.coupon_id, u.order_id
     FROM {rows} CROSS JOIN LATERAL (
        SELECT market, coupon_id, order_id FROM quota_uses
        WHERE state = 'returned' ORDER BY market, coupon_id, order_id LIMIT :most) AS u",
);

/// A use of a coupon by an order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuotaUse {
    /// In which market.
    pub market: String,
    /// Of which coupon.
    pub coupon_id: String,
    /// By which order.
    pub order_id: String,
}

impl QuotaUse {
    fn row(&self) -> Vec<Value> {
        vec![(&self.market).into(), (&self.coupon_id).into(), (&self.order_id).into()]
    }

    /// The write that confirms it, to be saved together with its order. Where the reservation has lapsed
    /// meanwhile, the whole transaction fails with [`StoreError::Conflict`].
    pub fn confirmed(&self) -> Write {
        CONFIRM.write(self.row())
    }

    /// The write that gives it back, to be saved together with the cancellation of its order.
    pub(super) fn returned(&self) -> Write {
        RETURN.write(self.row())
    }
}

/// What a caller wants of a coupon's quota.
#[derive(Clone, Debug)]
enum Wish {
    Reserve { customer_id: String, quota: i64, at: Timestamp },
    GiveBack,
}

struct Call {
    order_id: String,
    wish: Wish,
    reply: oneshot::Sender<Result<bool, StoreError>>,
}

/// Who waits for one coupon. A work that stands in the store's queue will serve all of them.
#[derive(Default)]
struct Line {
    waiting: Vec<Call>,
    work_stands: bool,
}

/// The queues before the quotas. Clones are the same queues.
#[derive(Clone, Default)]
pub struct Quotas {
    lines: Arc<Mutex<HashMap<(String, String), Line>>>,
}

impl std::fmt::Debug for Quotas {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Quotas").finish_non_exhaustive()
    }
}

impl Quotas {
    /// Reserves a use for an order that is about to be placed, if any is left. Reserving it twice for one order
    /// counts once.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn reserve(
        &self,
        store: &Store,
        wanted: &QuotaUse,
        customer_id: &str,
        quota: i64,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let wish = Wish::Reserve { customer_id: customer_id.to_owned(), quota, at };
        self.call(store, wanted, wish).await
    }

    /// Gives back a use that is reserved; one that is confirmed stays. Answers whether there was any.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn give_back(&self, store: &Store, reserved: &QuotaUse) -> Result<bool, StoreError> {
        self.call(store, reserved, Wish::GiveBack).await
    }

    async fn call(&self, store: &Store, of: &QuotaUse, wish: Wish) -> Result<bool, StoreError> {
        let (reply, answer) = oneshot::channel();
        let coupon = (of.market.clone(), of.coupon_id.clone());
        let call = Call { order_id: of.order_id.clone(), wish, reply };
        if self.join(&coupon, call) {
            self.submit(store, coupon);
        }
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Stands in line; answers whether a work has to be submitted.
    fn join(&self, coupon: &(String, String), call: Call) -> bool {
        let mut lines = self.lines();
        let line = lines.entry(coupon.clone()).or_default();
        line.waiting.push(call);
        !std::mem::replace(&mut line.work_stands, true)
    }

    fn submit(&self, store: &Store, coupon: (String, String)) {
        let served = Arc::new(Mutex::new(None));
        let work = QuotaWork {
            key: format!("@quota {} {}", coupon.0, coupon.1),
            coupon: coupon.clone(),
            quotas: self.clone(),
            served: Arc::clone(&served),
        };
        let quotas = self.clone();
        store.submit(work, move |outcome| {
            // A work that the store did not take on has not served anyone yet.
            let calls = quotas.serve(&served, &coupon, std::mem::take);
            for (place, call) in calls.into_iter().enumerate() {
                let answer = outcome.as_ref().map(|granted| granted.get(place).copied().unwrap_or(false));
                // Nobody may be waiting any more; then the reservation lapses.
                let _ = call.reply.send(answer.map_err(Clone::clone));
            }
        });
    }

    /// Gives those whom a work serves: all who stand in line when it is asked for the first time.
    fn serve<T>(
        &self,
        served: &Served,
        coupon: &(String, String),
        with: impl FnOnce(&mut Vec<Call>) -> T,
    ) -> T {
        let mut served = served.lock().unwrap_or_else(PoisonError::into_inner);
        with(served.get_or_insert_with(|| self.lines().remove(coupon).unwrap_or_default().waiting))
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<(String, String), Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nothing before the work has begun.
type Served = Mutex<Option<Vec<Call>>>;

/// Serves all who have gathered for a coupon when it begins.
struct QuotaWork {
    key: String,
    coupon: (String, String),
    quotas: Quotas,
    served: Arc<Served>,
}

impl Work for QuotaWork {
    type Answer = Vec<bool>;

    fn key(&self) -> &str {
        &self.key
    }

    fn locks(&self) -> Vec<Read> {
        let coupon = || -> Vec<Value> { vec![(&self.coupon.0).into(), (&self.coupon.1).into()] };
        let mut locks = vec![MAKE.read(coupon()), LOCK.read(coupon()), LOCK_RETURNED.read(coupon())];
        let order = |call: &Call| LOCK_USE.read(self.used_by(&call.order_id).row());
        self.serve(|calls| locks.extend(calls.iter().map(order)));
        locks
    }

    fn reads(&self) -> Vec<Read> {
        Vec::new()
    }

    fn decide(&mut self, rows: &[Vec<Row>]) -> Result<Decided<Vec<bool>>, StoreError> {
        let mut count = Count::read(rows)?;
        let known: Vec<Option<&str>> = rows
            .iter()
            .skip(3)
            .map(|rows| rows.first().map(|row| row.text(0)).transpose())
            .collect::<Result<_, _>>()?;
        let granted = self.serve(|calls| {
            // What comes back first can go to those who wait.
            let mut granted = vec![false; calls.len()];
            for reserves in [false, true] {
                for ((call, known), granted) in calls.iter().zip(&known).zip(&mut granted) {
                    if matches!(call.wish, Wish::Reserve { .. }) == reserves {
                        *granted = count.grant(call, *known);
                    }
                }
            }
            granted
        });
        Ok(Decided::Write(self.writes(&count), granted))
    }
}

impl QuotaWork {
    fn serve<T>(&self, with: impl FnOnce(&mut Vec<Call>) -> T) -> T {
        self.quotas.serve(&self.served, &self.coupon, with)
    }

    fn used_by(&self, order_id: &str) -> QuotaUse {
        let (market, coupon_id) = self.coupon.clone();
        QuotaUse { market, coupon_id, order_id: order_id.to_owned() }
    }

    fn writes(&self, count: &Count) -> Vec<Write> {
        if count.forgotten.is_empty() && count.reserved.is_empty() {
            return Vec::new();
        }
        let quota = count.quota.max(count.taken);
        let row: Vec<Value> =
            vec![(&self.coupon.0).into(), (&self.coupon.1).into(), quota.into(), count.taken.into()];
        let mut writes = vec![COUNT.write(row)];
        writes.extend(count.forgotten.iter().map(|order| FORGET_USE.write(self.used_by(order).row())));
        writes.extend(count.reserved.iter().map(|(order, customer_id, at)| {
            let mut row = self.used_by(order).row();
            row.extend([customer_id.into(), millis(*at).into()]);
            NEW_USE.write(row)
        }));
        writes
    }
}

/// A coupon's uses while callers are served.
struct Count {
    quota: i64,
    taken: i64,
    forgotten: Vec<String>,
    reserved: Vec<(String, String, Timestamp)>,
}

impl Count {
    /// As locked; uses that came back are swept at once.
    fn read(rows: &[Vec<Row>]) -> Result<Self, StoreError> {
        let missing = || StoreError::Defect { reason: "a quota is not there after it was made".to_owned() };
        let row = rows.get(1).and_then(|rows| rows.first()).ok_or_else(missing)?;
        let returned = rows.get(2).into_iter().flatten();
        let forgotten: Vec<String> =
            returned.map(|row| row.text(0).map(str::to_owned)).collect::<Result<_, _>>()?;
        let back = i64::try_from(forgotten.len()).unwrap_or(i64::MAX);
        let taken = row.int(1)?.saturating_sub(back);
        Ok(Self { quota: row.int(0)?, taken, forgotten, reserved: Vec::new() })
    }

    fn grant(&mut self, call: &Call, known: Option<&str>) -> bool {
        match &call.wish {
            Wish::GiveBack => self.give_back(&call.order_id, known),
            Wish::Reserve { customer_id, quota, at } => match known {
                Some(state) => state != "returned",
                None => self.reserve(&call.order_id, customer_id, *quota, *at),
            },
        }
    }

    fn give_back(&mut self, order_id: &str, known: Option<&str>) -> bool {
        let here = known == Some("reserved") && !self.forgotten.iter().any(|order| order == order_id);
        if here {
            self.taken = self.taken.saturating_sub(1);
            self.forgotten.push(order_id.to_owned());
        }
        here
    }

    fn reserve(&mut self, order_id: &str, customer_id: &str, quota: i64, at: Timestamp) -> bool {
        self.quota = quota;
        if self.reserved.iter().any(|(order, _, _)| order == order_id) {
            return true;
        }
        let left = self.taken < quota;
        if left {
            self.taken = self.taken.saturating_add(1);
            self.reserved.push((order_id.to_owned(), customer_id.to_owned(), at));
        }
        left
    }
}

/// Those of some uses that are reserved and not confirmed.
///
/// # Errors
/// See [`StoreError`].
pub async fn uses_not_confirmed(store: &Store, uses: &[QuotaUse]) -> Result<Vec<QuotaUse>, StoreError> {
    let rows = store.read(&STATE, uses.iter().map(QuotaUse::row).collect()).await?;
    let mut open = Vec::new();
    for row in rows {
        if row.text(0)? == "reserved" {
            open.extend(uses.get(row.ordinal()).cloned());
        }
    }
    Ok(open)
}

/// Uses that were reserved before a time and never confirmed, the oldest first.
///
/// # Errors
/// See [`StoreError`].
pub async fn lapsed_uses(store: &Store, until: Timestamp, most: i64) -> Result<Vec<QuotaUse>, StoreError> {
    store.read(&LAPSED, vec![vec![millis(until).into(), most.into()]]).await?.iter().map(read_use).collect()
}

/// Uses that came back with cancelled orders and wait to be swept.
///
/// # Errors
/// See [`StoreError`].
pub async fn returned_uses(store: &Store, most: i64) -> Result<Vec<QuotaUse>, StoreError> {
    store.read(&RETURNED, vec![vec![most.into()]]).await?.iter().map(read_use).collect()
}

fn read_use(row: &Row) -> Result<QuotaUse, StoreError> {
    Ok(QuotaUse {
        market: row.text(0)?.to_owned(),
        coupon_id: row.text(1)?.to_owned(),
        order_id: row.text(2)?.to_owned(),
    })
}
