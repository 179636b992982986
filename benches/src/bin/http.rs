//! What HTTP costs: `cargo run --release -p choba-benches --bin http`.
//!
//! Callers on connections that stay open ask the service in the same process, on a real socket of this machine. Quotes are set
//! in ratio to an echo of the same body behind the same layers, orders to the use case called directly.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use choba_app::{PlaceOrder, PlaceOutcome, Right};
use choba_benches::report;
use choba_benches::settle::{Shop, TOTAL};
use choba_server::identity::{Identities, Issuers};
use choba_server::{Clock, Limits, Service, api};
use choba_testbed::{Durability, Postgres};
use jiff::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

type Failed = Box<dyn std::error::Error + Send + Sync>;

const CALLERS: usize = 64;
const CUSTOMERS: usize = 2_000;
const SECONDS: u64 = 6;

fn main() -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let directory = tempfile::tempdir()?;
        let sqlite =
            Shop::open(&format!("sqlite:{}", directory.path().join("books.db").display()), CUSTOMERS).await?;
        quotes(&sqlite).await?;
        orders("SQLite", &sqlite).await?;
        let cluster = Postgres::start_with(Durability::Durable);
        orders("PostgreSQL", &Shop::open(&cluster.create_database(), CUSTOMERS).await?).await
    })
}

/// A service over a shop, on a port of its own, and the token of a key that may do everything.
async fn served(shop: &Shop) -> Result<(SocketAddr, String), Failed> {
    let counter = shop.counter().clone();
    let make = choba_app::MakeApiKey {
        name: "bench".to_owned(),
        rights: Right::all().collect(),
        expires_at: None,
        key: None,
    };
    let made = counter.make_api_key(&choba_app::Caller::Itself, make, now()).await?;
    let identities = Identities::new(Issuers::new(&[], None)?, counter.clone());
    let mut service = Service::new(counter, Clock::new(now), Arc::new(identities));
    service.limits = Arc::new(Limits::new(u32::MAX));
    let echo = Router::new().route("/echo", post(async |body: Bytes| body));
    let router = api::router_with(service, echo).into_make_service_with_connect_info::<SocketAddr>();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((address, made.secret.reveal().to_owned()))
}

#[allow(clippy::disallowed_methods)] // a bench is what the clock is for
fn now() -> Timestamp {
    Timestamp::now()
}

async fn quotes(shop: &Shop) -> Result<(), Failed> {
    let (address, token) = served(shop).await?;
    let body = shop.next_order()?.request;
    let ask = |path: &str| request(path, &token, "", &body);
    let (echo, quote) = (Arc::new(ask("/echo")), Arc::new(ask("/v1/quotes")));
    let each = Duration::from_secs(SECONDS);
    let mut ratios = Vec::new();
    for _ in 0..3 {
        let (echo, quote) = (Arc::clone(&echo), Arc::clone(&quote));
        let echoes = per_second(address, each, move || Ok(echo.to_vec())).await?;
        let quotes = per_second(address, each, move || Ok(quote.to_vec())).await?;
        println!("quotes: {quotes:.0}/s, echoes: {echoes:.0}/s");
        ratios.push(quotes / echoes);
    }
    ratios.sort_by(f64::total_cmp);
    let ratio = ratios.get(1).copied().unwrap_or_default();
    report("POST /v1/quotes ÷ echo of the same body, per second", ratio, "≥ 0.6", ratio >= 0.6);
    Ok(())
}

async fn orders(what: &str, shop: &Shop) -> Result<(), Failed> {
    let (address, token) = served(shop).await?;
    let each = Duration::from_secs(SECONDS);
    let mut ratios = Vec::new();
    for _ in 0..3 {
        let direct = directly(shop, each).await?;
        let (shop, token) = (shop.clone(), token.clone());
        let over_http = per_second(address, each, move || {
            let order = shop.next_order()?;
            Ok(request("/v1/orders", &token, &order.key.key, &order_body(&order)))
        });
        let over_http = over_http.await?;
        println!("{what}: orders over HTTP {over_http:.0}/s, directly {direct:.0}/s");
        ratios.push(over_http / direct);
    }
    ratios.sort_by(f64::total_cmp);
    let ratio = ratios.get(1).copied().unwrap_or_default();
    let what = format!("orders over HTTP ÷ directly, {what}");
    report(&what, ratio, "≥ 0.7", ratio >= 0.7);
    Ok(())
}

fn order_body(order: &PlaceOrder) -> Vec<u8> {
    let request = String::from_utf8_lossy(&order.request);
    let customer = &order.whose.customer_id;
    format!(
        "{{\"customer_id\":\"{customer}\",\"request\":{request},\"expected\":{{\"total\":{TOTAL}}},\
         \"card_token\":\"tok_ok\"}}"
    )
    .into_bytes()
}

/// Orders a second, by the use case itself.
#[allow(clippy::disallowed_methods)] // a bench is what the clock is for
async fn directly(shop: &Shop, time: Duration) -> Result<f64, Failed> {
    let (begin, placed) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..CALLERS {
        let (shop, placed) = (shop.clone(), Arc::clone(&placed));
        callers.spawn(async move {
            while begin.elapsed() < time {
                match shop.counter().place_order(shop.next_order()?, now()).await? {
                    PlaceOutcome::Placed(..) => placed.fetch_add(1, Ordering::Relaxed),
                    other => return Err(Failed::from(format!("not placed: {other:?}"))),
                };
            }
            Ok(())
        });
    }
    while let Some(ended) = callers.join_next().await {
        ended??;
    }
    Ok(placed.load(Ordering::Relaxed) as f64 / begin.elapsed().as_secs_f64())
}

fn request(path: &str, token: &str, key: &str, body: &[u8]) -> Vec<u8> {
    let key = if key.is_empty() { String::new() } else { format!("idempotency-key: {key}\r\n") };
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n{key}\
         content-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}

/// Answers a second to callers who ask again as soon as they are answered.
#[allow(clippy::disallowed_methods)] // a bench is what the clock is for
async fn per_second(
    address: SocketAddr,
    time: Duration,
    next: impl Fn() -> Result<Vec<u8>, Failed> + Send + Sync + 'static,
) -> Result<f64, Failed> {
    let (begin, next) = (Instant::now(), Arc::new(next));
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..CALLERS {
        let next = Arc::clone(&next);
        callers.spawn(async move {
            let mut stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let (mut buffer, mut count) = (Vec::with_capacity(64 * 1024), 0_u64);
            while begin.elapsed() < time {
                stream.write_all(&next()?).await?;
                read_answer(&mut stream, &mut buffer).await?;
                count += 1;
            }
            Ok::<u64, Failed>(count)
        });
    }
    let mut answered = 0;
    while let Some(count) = callers.join_next().await {
        answered += count??;
    }
    Ok(answered as f64 / begin.elapsed().as_secs_f64())
}

/// Reads one answer that says how long it is; anything but success is a failure of the bench.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<(), Failed> {
    buffer.clear();
    loop {
        let read = stream.read_buf(buffer).await?;
        if read == 0 {
            return Err("the connection ended".into());
        }
        let Some(head) = buffer.windows(4).position(|part| part == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
        let length = text.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        let length: usize = length.ok_or("an answer without a length")?.parse()?;
        if buffer.len() >= head + 4 + length {
            let fine = text.starts_with("http/1.1 20");
            return if fine { Ok(()) } else { Err(String::from_utf8_lossy(buffer).into_owned().into()) };
        }
    }
}
