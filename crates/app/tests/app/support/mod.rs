//! A counter for tests, on either database, and short words for what tests do again and again.
#![allow(dead_code)] // each test file uses its own part

mod cart;
mod database;
mod desk;
mod dialler;
mod parcels;
mod randomness;
mod rows;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use choba_app::{
    Counter, GrantValue, Granter, Key, KnownMarket, PlaceOrder, PlaceOutcome, PlacedOrder, Secrets, Whose,
};
use choba_engine::market::{LotKind, Market};
use choba_engine::money::{Money, Points};
use choba_engine::order::Expected;
use choba_formats::market_files;
use choba_outside::books::{BookOptions, Books};
use choba_outside::scripted::Scripted;
use choba_store::books::OrderRow;
use jiff::Timestamp;

pub use cart::{Cart, amazon, rakuten};
pub use database::Database;
pub use desk::{be_there, request};
pub use dialler::{Asked, TestDialler, dialler_secret, told};
pub use parcels::{NUMBER, OTHER, news, one_thing, sent_at};
pub use randomness::Seeded;
pub use rows::{all_rows, write_row};

/// A counter with both sample markets, and what stands around it.
pub struct Bench {
    pub counter: Counter,
    pub outside: Arc<Scripted>,
    pub database: Database,
    keys: AtomicU64,
}

/// Noon of 21 November 2026 in Japan, when tests begin.
pub fn noon() -> Timestamp {
    time("2026-11-21T12:00:00+09:00")
}

/// A time, as written.
pub fn time(text: &str) -> Timestamp {
    text.parse().expect("a time such as 2026-11-21T12:00:00+09:00")
}

/// Hanako in `rakuten-style`.
pub fn hanako() -> Whose {
    Whose::new("hanako", "rakuten-style")
}

/// Taro in `amazon-style`.
pub fn taro() -> Whose {
    Whose::new("taro", "amazon-style")
}

/// A sample market as it is known.
pub fn sample(name: &str) -> KnownMarket {
    let files = market_files::sample(name).expect("a sample market");
    KnownMarket::from_files(files.into_iter().map(|file| (file.path, file.text)).collect()).unwrap()
}

/// A sample market with one text of its files in the place of another.
pub fn sample_with(name: &str, from: &str, to: &str) -> KnownMarket {
    let files = market_files::sample(name).expect("a sample market");
    assert!(files.iter().any(|file| file.text.contains(from)), "no {from} in the files of {name}");
    let files = files.into_iter().map(|file| (file.path, file.text.replace(from, to)));
    KnownMarket::from_files(files.collect()).unwrap()
}

impl Bench {
    /// Opens a counter on a database.
    pub async fn open(database: Database) -> Self {
        let outside = Arc::new(Scripted::new(Books::new(BookOptions::default()), noon()));
        let counter = counter_on(&database, Arc::clone(&outside), 1).await;
        Self { counter, outside, database, keys: AtomicU64::new(1) }
    }

    /// A second process on the same database, with the same outside parties.
    pub async fn another(&self, seed: u64) -> Counter {
        counter_on(&self.database, Arc::clone(&self.outside), seed).await
    }

    /// A process on the same database that has other secrets.
    pub async fn with_secrets(&self, secrets: Secrets) -> Counter {
        counter_with(&self.database, Arc::clone(&self.outside), 5, secrets).await
    }

    /// A key that was never used before, for a body that does not matter.
    pub fn key(&self, use_case: &str, subject: &str) -> Key {
        let number = self.keys.fetch_add(1, Ordering::Relaxed);
        Key::new(&format!("key-{number}"), use_case, subject, b"").unwrap()
    }

    /// An open market.
    pub fn market(&self, name: &str) -> Arc<Market> {
        self.counter.markets().get(name).unwrap()
    }

    /// Grants points at once; `what` is `program` or `program:kind`.
    pub async fn grant(&self, whose: &Whose, what: &str, points: i64, expires_at: Option<&str>) -> String {
        self.grant_at(whose, what, points, expires_at, noon()).await
    }

    /// Grants points at a time; answers the lot's id.
    pub async fn grant_at(
        &self,
        whose: &Whose,
        what: &str,
        points: i64,
        expires_at: Option<&str>,
        at: Timestamp,
    ) -> String {
        let (program, kind) = program_and_kind(what);
        let grant = GrantValue {
            whose: whose.clone(),
            program,
            kind,
            points: Points::new(points),
            available_at: None,
            expires_at: expires_at.map(time),
            reason: "test".to_owned(),
            by: Granter::Campaign("test".to_owned()),
            key: self.key("grant_value", &whose.customer_id),
        };
        self.counter.grant_value(grant, at).await.unwrap().lot_id
    }

    /// Gives a customer a coupon of the market.
    pub async fn give_coupon(&self, whose: &Whose, coupon_id: &str) {
        rows::give_coupon(&self.counter, whose, coupon_id).await;
    }

    /// Gives a customer a member rank.
    pub async fn set_rank(&self, whose: &Whose, rank: &str) {
        rows::set_rank(&self.counter, whose, rank).await;
    }

    /// The total of a cart as it is quoted to the customer now.
    pub async fn total(&self, whose: &Whose, cart: &Cart, at: Timestamp) -> Money {
        let impossible = Expected { total: Money::new(-1), ..Expected::default() };
        let probe = self.placing(whose, cart, impossible, "probe");
        match self.counter.place_order(probe, at).await.unwrap() {
            PlaceOutcome::NewQuote(quote) => {
                let quote: serde_json::Value = serde_json::from_str(&quote).unwrap();
                Money::new(quote["total"].as_i64().unwrap())
            }
            other => panic!("expected a quote, found {other:?}"),
        }
    }

    /// What placing a cart takes, under a key.
    pub fn placing(&self, whose: &Whose, cart: &Cart, expected: Expected, key: &str) -> PlaceOrder {
        let request = cart.bytes();
        PlaceOrder {
            whose: whose.clone(),
            expected,
            card_token: Some("tok_ok".to_owned()),
            key: Key::new(key, "place_order", &whose.customer_id, &request).unwrap(),
            request,
        }
    }

    /// Places a cart, whatever it costs; the key is made from the cart and the time.
    pub async fn try_place(&self, whose: &Whose, cart: &Cart, at: Timestamp) -> PlaceOutcome {
        let total = self.total(whose, cart, at).await;
        let expected = Expected { total, ..Expected::default() };
        let key = format!("{}@{}", cart.name(), at.as_millisecond());
        let placing = self.placing(whose, cart, expected, &key);
        self.counter.place_order(placing, at).await.unwrap()
    }

    /// Places a cart, whatever it costs, and insists that it is placed.
    pub async fn place(&self, whose: &Whose, cart: &Cart, at: Timestamp) -> PlacedOrder {
        match self.try_place(whose, cart, at).await {
            PlaceOutcome::Placed(order, _) => order,
            other => panic!("expected an order, found {other:?}"),
        }
    }

    /// An order as it is kept.
    pub async fn order(&self, whose: &Whose, order_id: &str) -> OrderRow {
        let row = choba_store::books::order_of_customer(self.counter.store(), &whose.customer_id, order_id);
        row.await.unwrap().expect("the order")
    }
}

async fn counter_on(database: &Database, outside: Arc<Scripted>, seed: u64) -> Counter {
    counter_with(database, outside, seed, Secrets { codes: [7; 32] }).await
}

async fn counter_with(database: &Database, outside: Arc<Scripted>, seed: u64, secrets: Secrets) -> Counter {
    let markets = vec![sample("rakuten-style"), sample("amazon-style")];
    let entropy = Arc::new(Seeded::new(seed));
    let options = database::options(noon());
    Counter::open(&database.url, options, markets, outside, entropy, secrets).await.unwrap()
}

fn program_and_kind(what: &str) -> (String, Option<LotKind>) {
    let (program, kind) = what.split_once(':').map_or((what, None), |(program, kind)| (program, Some(kind)));
    let kind = kind.map(|kind| match kind {
        "limited" => LotKind::Limited,
        "exchanged" => LotKind::Exchanged,
        "ordinary" => LotKind::Ordinary,
        other => panic!("no kind {other}"),
    });
    (program.to_owned(), kind)
}

/// Ships and delivers all that is open of a seller.
pub async fn ship_and_deliver(bench: &Bench, customer: &str, order: &str, seller: &str, at: Timestamp) {
    let ship = choba_app::ShipOrder {
        customer_id: customer.to_owned(),
        order_id: order.to_owned(),
        shipping: choba_engine::order::Shipping {
            seller: seller.to_owned(),
            parts: None,
            carrier: None,
            tracking_numbers: Vec::new(),
        },
        by: seller.to_owned(),
        key: None,
    };
    bench.counter.ship_order(ship, at).await.unwrap();
    let known = choba_store::books::order_of_customer(bench.counter.store(), customer, order).await;
    let shipment = known.unwrap().unwrap().order.shipments.last().unwrap().shipment_id.clone();
    bench.counter.deliver_order(customer, order, &shipment, "yamato", at).await.unwrap();
}

/// Whatever was done, the books fit together.
pub async fn books_are_fine(bench: &Bench) {
    let mut differences = Vec::new();
    let mut tell = |news| {
        if let choba_app::BooksNews::Differs(difference) = news {
            differences.push(difference.to_string());
        }
    };
    choba_app::verify_books(bench.counter.store(), &mut tell).await.unwrap();
    assert!(differences.is_empty(), "{differences:#?}");
}
