//! The listener against clients that are slow, too many, or send what is no HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // tests

use std::future::{Future, ready};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use choba_app::{Caller, Counter, Entropy, KnownMarket, Secrets};
use choba_formats::market_files;
use choba_outside::books::{BookOptions, Books};
use choba_outside::scripted::Scripted;
use choba_server::{Clock, Doorkeeper, Listening, NotLetIn, Running, Service, serve};
use choba_store::sql::Options;
use jiff::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

struct Nobody;

impl Doorkeeper for Nobody {
    fn caller<'d>(
        &'d self,
        _: &'d str,
        _: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Result<Caller, NotLetIn>> + Send + 'd>> {
        Box::pin(ready(Err(NotLetIn::NotValid)))
    }
}

struct Sevens;

impl Entropy for Sevens {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

async fn running(connections_max: usize) -> Running {
    let noon: Timestamp = "2026-11-21T12:00:00+09:00".parse().unwrap();
    let files = market_files::sample("rakuten-style").unwrap();
    let files = files.into_iter().map(|file| (file.path, file.text)).collect();
    let outside = Arc::new(Scripted::new(Books::new(BookOptions::default()), noon));
    let counter = Counter::open(
        "sqlite::memory:",
        Options::at(noon.as_millisecond()),
        vec![KnownMarket::from_files(files).unwrap()],
        outside,
        Arc::new(Sevens),
        Secrets { codes: [7; 32] },
    );
    let service = Service::new(counter.await.unwrap(), Clock::new(move || noon), Arc::new(Nobody));
    let listening = Listening { address: SocketAddr::from(([127, 0, 0, 1], 0)), tls: None, connections_max };
    serve(service, listening, "test").await.unwrap()
}

async fn send(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// All that is answered until the connection is closed.
async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A connection that is reset has nothing more to say.
    let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut bytes)).await.expect("an end");
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn is_served(address: SocketAddr) -> bool {
    let request = b"GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    answer(&mut send(address, request).await).await.starts_with("HTTP/1.1 200")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_http_is_refused_and_others_are_served() {
    let running = running(100).await;
    let long = [b"GET /".as_slice(), &vec![b'a'; 1 << 20], b" HTTP/1.1\r\n\r\n"].concat();
    let headers = [b"GET / HTTP/1.1\r\n".as_slice(), &b"a: b\r\n".repeat(1000), b"\r\n"].concat();
    let garbage: [&[u8]; 6] = [
        b"\x16\x03\x01\x02\x00\x01",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"POST /v1/guard HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
        &long,
        &headers,
    ];
    for bytes in garbage {
        let mut stream = send(running.address, bytes).await;
        stream.shutdown().await.unwrap();
        let answered = answer(&mut stream).await;
        assert!(answered.is_empty() || answered.starts_with("HTTP/1.1 4"), "{answered}");
        assert!(is_served(running.address).await);
    }
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_that_never_end_are_cut_off_while_others_are_served() {
    let running = running(1_000).await;
    let mut slow = Vec::new();
    for _ in 0..300 {
        slow.push(send(running.address, b"GET /healthz HTTP/1.1\r\nhost: a\r\nx: ").await);
    }
    assert!(is_served(running.address).await);
    for mut stream in slow {
        let answered = answer(&mut stream).await;
        assert!(answered.is_empty() || answered.starts_with("HTTP/1.1 408"), "{answered}");
    }
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_connections_than_are_let_in_are_closed_at_once() {
    let running = running(3).await;
    let held: Vec<TcpStream> = {
        let mut held = Vec::new();
        for _ in 0..3 {
            let mut stream = send(running.address, b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await;
            let mut first = [0; 12];
            stream.read_exact(&mut first).await.unwrap();
            held.push(stream);
        }
        held
    };
    assert!(!is_served(running.address).await);
    drop(held);
    for _ in 0..100 {
        if is_served(running.address).await {
            running.stop().await.unwrap();
            return;
        }
    }
    panic!("the places were not given back");
}

#[tokio::test]
async fn a_body_that_is_announced_as_huge_is_refused_before_it_comes() {
    let running = running(64).await;
    let head = b"POST /v1/quotes HTTP/1.1\r\nhost: choba\r\ncontent-type: application/json\r\ncontent-length: 10000000000\r\n\r\n";
    let mut stream = send(running.address, head).await;
    let answer = answer(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("too_large"), "{answer}");
    running.stop().await.unwrap();
}
