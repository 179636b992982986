//! A shop with customers who hold coupons and points, and callers who place their orders.

mod bare;
mod fill;
mod peer;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use choba_app::{
    Counter, Entropy, GrantValue, Granter, Key, KnownMarket, PlaceOrder, PlaceOutcome, Secrets, Whose,
};
use choba_engine::market::LotKind;
use choba_engine::money::{Money, Points};
use choba_engine::order::Expected;
use choba_outside::books::{BookOptions, Books};
use choba_outside::scripted::Scripted;
use choba_store::sql::Options;
use jiff::{SignedDuration, Timestamp};

pub use bare::Bare;
pub use fill::fill;
pub use peer::Pgbench;

type Failed = Box<dyn std::error::Error + Send + Sync>;

const MARKET: &str = "rakuten-style";
/// What an order of the bench costs.
pub const TOTAL: i64 = 6_880;

/// So many customers come at once.
const ARRIVING: usize = 256;

const BEGIN: &str = "2026-11-21T03:00:00Z";

/// A coupon that may be used again and again.
const COUPON: &str = "
[coupons.BENCH]
name = { ja = \"100円OFF\", en = \"100 yen off\" }
yen = 100
store = \"shop-a\"
";

/// How the orders come.
#[derive(Clone, Copy, Debug)]
pub enum Load<'l> {
    /// So many callers, each with the next order when the last one is answered.
    Callers(usize),
    /// So many orders a second, whether the last ones are answered or not.
    PerSecond(f64),
    /// One caller with the orders of one customer.
    One(&'l str),
}

/// What came of a run.
#[derive(Debug)]
pub struct Placed {
    latencies: Vec<Duration>,
    time: Duration,
    mean_batch: usize,
}

impl Placed {
    /// Orders a second.
    pub fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.time.as_secs_f64()
    }

    /// So many of a hundred were answered within this time.
    pub fn percentile(&self, of_hundred: usize) -> Duration {
        let place = self.latencies.len() * of_hundred / 100;
        self.latencies.get(place).or(self.latencies.last()).copied().unwrap_or_default()
    }

    /// Orders in a transaction, on average.
    pub fn mean_batch(&self) -> usize {
        self.mean_batch
    }
}

/// A shop with customers.
#[derive(Clone)]
pub struct Shop {
    counter: Counter,
    customers: usize,
    next: Arc<AtomicU64>,
}

/// Quick and repeatable; not for anything secret.
struct Seeded(Mutex<u64>);

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for part in bytes.chunks_mut(8) {
            // splitmix64
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = *state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            part.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes()[..part.len()]);
        }
    }
}

impl Shop {
    /// Opens the books and gives each customer a coupon and points.
    #[allow(clippy::disallowed_methods)] // a bench is what the clock is for
    pub async fn open(url: &str, customers: usize) -> Result<Self, Failed> {
        let market = KnownMarket::from_files(market_files()?)?;
        let at: Timestamp = BEGIN.parse()?;
        let options = Options::at(at.as_millisecond());
        let outside = Scripted::new(Books::new(BookOptions::default()), at);
        let seed = Timestamp::now().as_nanosecond() as u64;
        let entropy = Arc::new(Seeded(Mutex::new(seed)));
        let secrets = Secrets::draw(&*entropy);
        let counter = Counter::open(url, options, vec![market], Arc::new(outside), entropy, secrets).await?;
        let shop = Self { counter, customers, next: Arc::default() };
        let mut arriving = tokio::task::JoinSet::new();
        for first in 0..ARRIVING {
            let shop = shop.clone();
            arriving.spawn(async move {
                for customer in (first..customers).step_by(ARRIVING) {
                    shop.welcome(&format!("customer-{customer}"), 1).await?;
                }
                Ok::<_, Failed>(())
            });
        }
        while let Some(welcomed) = arriving.join_next().await {
            welcomed??;
        }
        Ok(shop)
    }

    /// A customer with a coupon and so many lots of points.
    pub async fn welcome(&self, customer: &str, lots: usize) -> Result<(), Failed> {
        let at = self.now();
        let whose = Whose::new(customer, MARKET);
        self.counter.give_coupon(&whose, "BENCH", at).await?;
        for lot in 0..lots {
            let expires_at = at.checked_add(SignedDuration::from_hours(24 * 300))?;
            let grant = GrantValue {
                whose: whose.clone(),
                program: "rakuten".to_owned(),
                kind: Some(LotKind::Limited),
                points: Points::new(1_000_000_000),
                available_at: None,
                expires_at: Some(expires_at),
                reason: "bench".to_owned(),
                by: Granter::Campaign("bench".to_owned()),
                key: Key::new(&format!("welcome-{lot}"), "grant", customer, b"")?,
            };
            self.counter.grant_value(grant, at).await?;
        }
        Ok(())
    }

    /// The counter.
    pub fn counter(&self) -> &Counter {
        &self.counter
    }

    fn now(&self) -> Timestamp {
        let millis = i64::try_from(self.next.load(Ordering::Relaxed)).unwrap_or(0);
        let begin: Timestamp = BEGIN.parse().unwrap_or(Timestamp::UNIX_EPOCH);
        begin.checked_add(SignedDuration::from_millis(millis)).unwrap_or(begin)
    }

    /// Places orders for some time.
    #[allow(clippy::disallowed_methods)] // a bench is what the clock is for
    pub async fn run(&self, load: Load<'_>, time: Duration) -> Result<Placed, Failed> {
        let (before, begin) = (self.counter.store().counts(), Instant::now());
        let mut latencies = match load {
            Load::Callers(callers) => self.callers(callers, begin + time).await?,
            Load::PerSecond(rate) => self.paced(rate, begin, time).await?,
            Load::One(customer) => {
                let mut latencies = Vec::new();
                while begin.elapsed() < time {
                    latencies.push(self.place(customer).await?);
                }
                latencies
            }
        };
        latencies.sort_unstable();
        let after = self.counter.store().counts();
        let batches = (after.batches - before.batches).max(1);
        let mean_batch = usize::try_from((after.works - before.works) / batches)?.max(1);
        Ok(Placed { latencies, time: begin.elapsed(), mean_batch })
    }

    #[allow(clippy::disallowed_methods)] // a bench is what the clock is for
    async fn callers(&self, callers: usize, end: Instant) -> Result<Vec<Duration>, Failed> {
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..callers {
            let shop = self.clone();
            running.spawn(async move {
                let mut latencies = Vec::new();
                while Instant::now() < end {
                    latencies.push(shop.place(&shop.any_customer()).await?);
                }
                Ok::<_, Failed>(latencies)
            });
        }
        gather(running).await
    }

    /// Latencies count from when an order should have come, so that a stall counts for all it delays.
    async fn paced(&self, rate: f64, begin: Instant, time: Duration) -> Result<Vec<Duration>, Failed> {
        let mut running = tokio::task::JoinSet::new();
        let mut number = 0_u32;
        loop {
            let due = Duration::from_secs_f64(f64::from(number) / rate);
            if due > time {
                return gather(running).await;
            }
            tokio::time::sleep_until((begin + due).into()).await;
            let shop = self.clone();
            running.spawn(async move {
                shop.place(&shop.any_customer()).await?;
                Ok::<_, Failed>(vec![begin.elapsed().saturating_sub(due)])
            });
            number += 1;
        }
    }

    fn any_customer(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        // A large odd step walks through all customers in no obvious order.
        format!("customer-{}", number.wrapping_mul(7_919) % self.customers as u64)
    }

    fn order_of(&self, customer: &str) -> Result<PlaceOrder, Failed> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        Ok(PlaceOrder {
            whose: Whose::new(customer, MARKET),
            request: request(),
            expected: Expected { total: Money::new(TOTAL), tenders: None, market_version: None },
            card_token: Some("tok_ok".to_owned()),
            key: Key::new(&format!("bench-{number}"), "place", customer, b"")?,
        })
    }

    /// The next order of any customer.
    pub fn next_order(&self) -> Result<PlaceOrder, Failed> {
        self.order_of(&self.any_customer())
    }

    #[allow(clippy::disallowed_methods)] // a bench is what the clock is for
    async fn place(&self, customer: &str) -> Result<Duration, Failed> {
        let place = self.order_of(customer)?;
        let begin = Instant::now();
        match self.counter.place_and_ask_later(place, self.now()).await? {
            PlaceOutcome::Placed(..) => Ok(begin.elapsed()),
            other => Err(format!("an order was not placed: {other:?}").into()),
        }
    }

    /// What one order costs in round trips to the database.
    pub async fn round_trips_of_one_order(&self) -> Result<u64, Failed> {
        let before = self.counter.store().counts().round_trips;
        self.place("customer-0").await?;
        Ok(self.counter.store().counts().round_trips - before)
    }

    /// Writes what is open and lets go of the database.
    pub async fn close(self) -> Result<(), Failed> {
        self.counter.store().close().await;
        Ok(())
    }
}

async fn gather(
    mut running: tokio::task::JoinSet<Result<Vec<Duration>, Failed>>,
) -> Result<Vec<Duration>, Failed> {
    let mut latencies = Vec::new();
    while let Some(done) = running.join_next().await {
        latencies.extend(done??);
    }
    Ok(latencies)
}

fn market_files() -> Result<Vec<(String, String)>, Failed> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../markets/rakuten-style"))? {
        let path = entry?.path();
        if !path.is_file() {
            continue; // help: prices do not depend on it
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut text = std::fs::read_to_string(&path)?;
        if name == "coupons.toml" {
            text.push_str(COUPON);
        }
        files.push((name, text));
    }
    files.sort();
    Ok(files)
}

/// Three lines of one store, a coupon, 500 points, and a card for the rest.
fn request() -> Vec<u8> {
    br#"{"market": "rakuten-style", "at": "2026-11-21T12:00:00+09:00", "customer": {"id": "bench"},
"lines": [
 {"id": "1", "sku": "cup", "seller": "shop-a", "kind": "physical", "unit_price": 1980, "quantity": 2, "tax_rate": "0.10", "tax_included": true},
 {"id": "2", "sku": "tea", "seller": "shop-a", "kind": "physical", "unit_price": 980, "quantity": 1, "tax_rate": "0.08", "tax_included": true},
 {"id": "3", "sku": "pot", "seller": "shop-a", "kind": "physical", "unit_price": 2040, "quantity": 1, "tax_rate": "0.10", "tax_included": true}],
"pay": {"coupons": ["BENCH"], "stored": [{"program": "rakuten", "amount": 500}], "method": {"type": "card", "brand": "JCB"}}}"#
        .to_vec()
}
