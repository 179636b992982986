//! A service for tests, over an embedded database, and short words for asking it.
#![allow(dead_code)] // each test file uses its own part

mod doorkeeper;
mod randomness;
mod stream;

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use choba_app::{Counter, KnownMarket, Secrets};
use choba_formats::market_files;
use choba_outside::books::{BookOptions, Books};
use choba_outside::scripted::Scripted;
use choba_server::{Clock, Service, api};
use choba_store::sql::Options;
use choba_testbed::Postgres;
use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::Value;
use tower::ServiceExt as _;

pub use doorkeeper::Table;
use randomness::Seeded;
pub use stream::{Sent, Stream};

/// Noon of 21 November 2026 in Japan, when tests begin.
pub const NOON: &str = "2026-11-21T12:00:00+09:00";

/// A picture of one pixel.
pub const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0xd, 0xa, 0x1a, 0xa, 0x0, 0x0, 0x0, 0xd, 0x49, 0x48, 0x44, 0x52, 0x0, 0x0, 0x0,
    0x1, 0x0, 0x0, 0x0, 0x1, 0x8, 0x6, 0x0, 0x0, 0x0, 0x1f, 0x15, 0xc4, 0x89, 0x0, 0x0, 0x0, 0xd, 0x49, 0x44,
    0x41, 0x54, 0x78, 0xda, 0x63, 0x64, 0xf8, 0xcf, 0x50, 0xf, 0x0, 0x3, 0x86, 0x1, 0x80, 0x5a, 0x34, 0x7d,
    0x6b, 0x0, 0x0, 0x0, 0x0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

/// Metrics are kept once for the whole program of tests.
static METRICS: LazyLock<PrometheusHandle> =
    LazyLock::new(|| choba_server::recorder().unwrap().install_recorder().unwrap());

/// A service with both sample markets.
pub struct Bench {
    pub service: Service,
    pub router: Router,
    pub outside: Arc<Scripted>,
    pub database_url: String,
    now: Arc<AtomicI64>,
    keys: AtomicU64,
    _directory: Option<tempfile::TempDir>,
}

/// What was answered.
#[derive(Debug)]
pub struct Answered {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answered {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The body as JSON, of an answer that must have this status.
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.bytes));
        if self.bytes.is_empty() { Value::Null } else { self.json() }
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Bench {
    /// On the embedded database.
    pub async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", directory.path().join("test.sqlite").display());
        Self::on(url, Some(directory)).await
    }

    /// On PostgreSQL.
    pub async fn on_postgres() -> Self {
        Self::on(Postgres::shared().create_database(), None).await
    }

    async fn on(url: String, directory: Option<tempfile::TempDir>) -> Self {
        let noon: Timestamp = NOON.parse().unwrap();
        let outside = Arc::new(Scripted::new(Books::new(BookOptions::default()), noon));
        let counter = counter(&url, outside.clone(), 1).await;
        let now = Arc::new(AtomicI64::new(noon.as_millisecond()));
        let told = Arc::clone(&now);
        let clock = Clock::new(move || Timestamp::from_millisecond(told.load(Ordering::SeqCst)).unwrap());
        let mut service = Service::new(counter, clock, Arc::new(Table));
        service.metrics = Some(METRICS.clone());
        let router = api::router(service.clone());
        Self {
            service,
            router,
            outside,
            database_url: url,
            now,
            keys: AtomicU64::new(1),
            _directory: directory,
        }
    }

    /// The counter of another process on the same database.
    pub async fn another(&self) -> Counter {
        counter(&self.database_url, self.outside.clone(), 2).await
    }

    /// It is this time from now on.
    pub fn it_is(&self, time: &str) {
        let time: Timestamp = time.parse().unwrap();
        self.now.store(time.as_millisecond(), Ordering::SeqCst);
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Answered {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answered { status: parts.status, headers: parts.headers, bytes }
    }

    /// Asks as someone; see [`Table`] for who there is.
    pub async fn get(&self, who: &str, path: &str) -> Answered {
        self.send(request(Method::GET, who, path).body(Body::empty()).unwrap()).await
    }

    /// Posts JSON as someone, under a new key.
    pub async fn post(&self, who: &str, path: &str, body: &Value) -> Answered {
        self.write(Method::POST, who, path, &self.key(), body).await
    }

    /// Writes JSON as someone, under a key.
    pub async fn write(&self, method: Method, who: &str, path: &str, key: &str, body: &Value) -> Answered {
        let request = request(method, who, path)
            .header("content-type", "application/json")
            .header("idempotency-key", key);
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Sends a file as someone, under a new key.
    pub async fn upload(&self, who: &str, path: &str, bytes: &[u8]) -> Answered {
        let request = request(Method::POST, who, path)
            .header("content-type", "application/octet-stream")
            .header("idempotency-key", self.key());
        self.send(request.body(Body::from(bytes.to_vec())).unwrap()).await
    }

    /// A key that was never used before.
    pub fn key(&self) -> String {
        format!("key-{}", self.keys.fetch_add(1, Ordering::Relaxed))
    }
}

fn request(method: Method, who: &str, path: &str) -> axum::http::request::Builder {
    let request = Request::builder().method(method).uri(path);
    if who.is_empty() { request } else { request.header("authorization", format!("Bearer {who}")) }
}

fn sample(name: &str) -> KnownMarket {
    let files = market_files::sample(name).expect("a sample market");
    KnownMarket::from_files(files.into_iter().map(|file| (file.path, file.text)).collect()).unwrap()
}

async fn counter(url: &str, outside: Arc<Scripted>, seed: u64) -> Counter {
    let noon: Timestamp = NOON.parse().unwrap();
    let mut options = Options::at(noon.as_millisecond());
    options.writers = NonZeroUsize::MIN;
    let markets = vec![sample("rakuten-style"), sample("amazon-style")];
    let (entropy, secrets) = (Arc::new(Seeded::new(seed)), Secrets { codes: [7; 32] });
    Counter::open(url, options, markets, outside, entropy, secrets).await.unwrap()
}
