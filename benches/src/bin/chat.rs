//! What open chats cost: `cargo run --release -p choba-benches --bin chat`.
//!
//! 2,000 chats are open at once, and both sides of each listen. In each somebody says something every ten seconds, customers
//! and agents by turns, and both sides let themselves be seen every thirty. The service is a process of its own, so that its
//! memory can be read; when a line was said stands in the line.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use choba_app::{Caller, Counter, Entropy, KnownMarket, Role, Secrets};
use choba_benches::report;
use choba_formats::market_files;
use choba_outside::books::{BookOptions, Books};
use choba_outside::scripted::Scripted;
use choba_server::{Clock, Doorkeeper, Limits, Listening, NotLetIn, Service, serve};
use choba_store::sql::Options;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

type Failed = Box<dyn std::error::Error + Send + Sync>;

const CHATS: usize = 2_000;
const AGENTS: usize = 100;
const SENDERS: usize = 32;
const SAID_EVERY: Duration = Duration::from_secs(10);
const SEEN_EVERY: Duration = Duration::from_secs(30);
const TALK_FOR: Duration = Duration::from_secs(35);
/// What is said before this is not counted: until then everybody comes at once.
const COUNT_FROM: Duration = Duration::from_secs(3);

const P99_MS: f64 = 200.0;
const RESIDENT_MIB: f64 = 150.0;

fn main() -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match std::env::args().nth(1) {
        Some(database) => runtime.block_on(be_the_service(&database)),
        None => runtime.block_on(measure()),
    }
}

/// Lets everybody in who says who they are: `c7` is a customer, `s7` somebody of the desk.
struct Anybody;

impl Doorkeeper for Anybody {
    fn caller<'d>(
        &'d self,
        bearer: &'d str,
        _: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Result<Caller, NotLetIn>> + Send + 'd>> {
        let caller = match bearer.starts_with('s') {
            true => Caller::Staff { staff_id: bearer.to_owned(), role: Role::Agent },
            false => Caller::customer(bearer),
        };
        Box::pin(std::future::ready(Ok(caller)))
    }
}

/// Bytes that follow from one another: ids have to differ, nothing is secret here.
struct Counting(AtomicUsize);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed) as u64;
            let mixed = (next ^ (next >> 30)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// Serves until standard input ends. It is noon when it begins, so that the desk is open whenever this is run.
#[allow(clippy::disallowed_methods)] // a bench is what the clock is for
async fn be_the_service(database: &str) -> Result<(), Failed> {
    let (begin, noon) = (Instant::now(), "2026-11-21T12:00:00+09:00".parse::<Timestamp>()?);
    let now = move || noon + SignedDuration::try_from(begin.elapsed()).unwrap_or(SignedDuration::ZERO);
    let files = market_files::sample("rakuten-style").ok_or("the sample market")?;
    let files = files.into_iter().map(|file| (file.path, file.text)).collect();
    let market = KnownMarket::from_files(files).map_err(|error| format!("{error:?}"))?;
    let outside = Arc::new(Scripted::new(Books::new(BookOptions::default()), noon));
    let options = Options::at(noon.as_millisecond());
    let (entropy, secrets) = (Arc::new(Counting(AtomicUsize::new(1))), Secrets { codes: [7; 32] });
    let counter = Counter::open(database, options, vec![market], outside, entropy, secrets).await?;
    let mut service = Service::new(counter, Clock::new(now), Arc::new(Anybody));
    service.limits = Arc::new(Limits::new(u32::MAX));
    let listening =
        Listening { address: SocketAddr::from(([127, 0, 0, 1], 0)), tls: None, connections_max: 10_000 };
    let running = serve(service, listening, "bench").await?;
    println!("{}", running.address);
    std::io::stdout().flush()?;
    tokio::task::spawn_blocking(|| std::io::stdin().lines().for_each(drop)).await?;
    Ok(running.stop().await?)
}

/// The service in a process of its own.
struct Served {
    child: Child,
    address: SocketAddr,
}

impl Served {
    fn start(database: &str) -> Result<Self, Failed> {
        let mut command = Command::new(std::env::current_exe()?);
        // As the unit and the image set it.
        command.env("MALLOC_ARENA_MAX", "2");
        let mut child = command.arg(database).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        Ok(Self { address: line.trim().parse()?, child })
    }

    /// The most memory that it ever had, in MiB.
    fn resident(&self) -> Result<f64, Failed> {
        self.memory("VmHWM:")
    }

    /// What of its memory is the program's own text, in MiB: much where it is built without `--release`.
    fn text(&self) -> Result<f64, Failed> {
        self.memory("RssFile:")
    }

    fn memory(&self, what: &'static str) -> Result<f64, Failed> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(what)).ok_or(what)?;
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// A connection that stays open.
struct Asking {
    stream: TcpStream,
    buffer: Vec<u8>,
    keys: usize,
}

static CONNECTIONS: AtomicUsize = AtomicUsize::new(0);

impl Asking {
    async fn connect(address: SocketAddr) -> Result<Self, Failed> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let keys = CONNECTIONS.fetch_add(1, Ordering::Relaxed) * 1_000_000;
        Ok(Self { stream, buffer: Vec::with_capacity(8 * 1024), keys })
    }

    async fn ask(&mut self, method: &str, who: &str, path: &str, body: &Value) -> Result<Value, Failed> {
        self.keys += 1;
        let (body, key) = (body.to_string(), self.keys);
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {who}\r\ncontent-type: application/json\r\n\
             idempotency-key: k{key}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the connection ended".into());
            }
            let Some(head) = self.buffer.windows(4).position(|part| part == b"\r\n\r\n") else { continue };
            let text = String::from_utf8_lossy(&self.buffer[..head]).to_ascii_lowercase();
            let length = text.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
            let length: usize = length.ok_or("an answer without a length")?.parse()?;
            if self.buffer.len() >= head + 4 + length {
                let body = &self.buffer[head + 4..];
                let fine = text.starts_with("http/1.1 20");
                let told = || String::from_utf8_lossy(body).into_owned();
                return if fine { Ok(serde_json::from_slice(body)?) } else { Err(told().into()) };
            }
        }
    }
}

#[allow(clippy::disallowed_methods)] // a bench is what the clock is for
async fn measure() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    let served = Served::start(&format!("sqlite:{}", directory.path().join("books.db").display()))?;
    let address = served.address;
    println!("resident at first: {:.0} MiB", served.resident()?);
    let chats = Arc::new(opened(address).await?);
    println!("resident with {CHATS} chats: {:.0} MiB", served.resident()?);
    let begin = Instant::now();
    let (tell, mut told) = mpsc::unbounded_channel();
    let doors = Arc::new(Semaphore::new(64));
    for (number, chat) in chats.iter().enumerate() {
        for who in [customer(number), agent(number)] {
            tokio::spawn(listen(address, who, chat.clone(), begin, tell.clone(), Arc::clone(&doors)));
        }
    }
    let mut senders = JoinSet::new();
    for sender in 0..SENDERS {
        senders.spawn(talk(address, sender, Arc::clone(&chats), begin));
    }
    let mut said = 0;
    while let Some(ended) = senders.join_next().await {
        said += ended??;
    }
    // What was said last is under way.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let most = served.resident()?;
    let (mut heard, mut delays) = (0, Vec::new());
    while let Ok((at, delay)) = told.try_recv() {
        heard += 1;
        if at > COUNT_FROM {
            delays.push(delay.as_secs_f64() * 1_000.0);
        }
    }
    delays.sort_by(f64::total_cmp);
    let part = |part: f64| delays.get(((delays.len() as f64) * part) as usize).copied().unwrap_or(f64::MAX);
    println!(
        "said {said}, heard {heard} times; delivered in p50 {:.1} ms, p99 {:.1} ms",
        part(0.5),
        part(0.99)
    );
    let lost = 2 * said - heard;
    println!("of its memory {:.0} MiB is the program's text", served.text()?);
    report("lines that a listener did not hear", f64::from(lost), "0", lost == 0);
    report("delivery, p99, in milliseconds", part(0.99), "< 200", part(0.99) < P99_MS);
    report("resident memory of the service at its most, in MiB", most, "< 150", most < RESIDENT_MIB);
    Ok(())
}

fn customer(number: usize) -> String {
    format!("c{number}")
}

fn agent(number: usize) -> String {
    format!("s{}", number % AGENTS)
}

/// Opens all chats, each taken by its agent.
async fn opened(address: SocketAddr) -> Result<Vec<String>, Failed> {
    let mut asking = JoinSet::new();
    let next = Arc::new(AtomicUsize::new(0));
    let mut first = Asking::connect(address).await?;
    for number in 0..AGENTS {
        let there = json!({"market": "rakuten-style", "queues": ["desk"], "ready": true, "calls": false, "chats_max": 100});
        first.ask("PUT", &agent(number), "/v1/callbacks/desk/presence", &there).await?;
    }
    for _ in 0..SENDERS {
        let next = Arc::clone(&next);
        asking.spawn(async move {
            let (mut asking, mut opened) = (Asking::connect(address).await?, Vec::new());
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= CHATS {
                    return Ok::<_, Failed>(opened);
                }
                let who = customer(number);
                let open = json!({"market": "rakuten-style", "topic": "other", "question": "other", "language": "ja"});
                let case = asking.ask("POST", &who, "/v1/cases", &open).await?["case_id"].clone();
                let asked = asking.ask("POST", &who, "/v1/chats", &json!({"case_id": case})).await?;
                let chat = asked["chat"]["chat_id"].as_str().ok_or_else(|| asked.to_string())?.to_owned();
                asking.ask("POST", &agent(number), &format!("/v1/chats/{chat}/take"), &json!({})).await?;
                opened.push((number, chat));
            }
        });
    }
    let mut all = Vec::new();
    while let Some(opened) = asking.join_next().await {
        all.extend(opened??);
    }
    all.sort();
    Ok(all.into_iter().map(|(_, chat)| chat).collect())
}

/// Says something in every so many chats in turn, and lets both sides be seen. Gives how much was said.
#[allow(clippy::disallowed_methods)] // a bench is what the clock is for
async fn talk(
    address: SocketAddr,
    sender: usize,
    chats: Arc<Vec<String>>,
    begin: Instant,
) -> Result<i32, Failed> {
    let (mut asking, mut said, mut round) = (Asking::connect(address).await?, 0, 0_u32);
    let own: Vec<usize> = (0..chats.len()).filter(|number| number % SENDERS == sender).collect();
    loop {
        for (place, number) in own.iter().enumerate() {
            // Spread over the ten seconds.
            let due = SAID_EVERY * round + SAID_EVERY.mul_f64(place as f64 / own.len() as f64);
            if due > TALK_FOR {
                return Ok(said);
            }
            tokio::time::sleep(due.saturating_sub(begin.elapsed())).await;
            let who = if round % 2 == 0 { customer(*number) } else { agent(*number) };
            let path = format!("/v1/chats/{}", chats[*number]);
            let line =
                json!({"client_id": format!("m{round}"), "text": begin.elapsed().as_nanos().to_string()});
            asking.ask("POST", &who, &format!("{path}/messages"), &line).await?;
            said += 1;
            if round % (SEEN_EVERY.as_secs() / SAID_EVERY.as_secs()) as u32 == 1 {
                for who in [customer(*number), agent(*number)] {
                    asking.ask("POST", &who, &format!("{path}/seen"), &json!({})).await?;
                }
            }
        }
        round += 1;
    }
}

/// Listens to a chat, and tells for each line when it was said and how long it took.
async fn listen(
    address: SocketAddr,
    who: String,
    chat: String,
    begin: Instant,
    tell: mpsc::UnboundedSender<(Duration, Duration)>,
    doors: Arc<Semaphore>,
) -> Result<(), Failed> {
    let mut door = Some(doors.acquire_owned().await?);
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "GET /v1/chats/{chat}/events HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {who}\r\naccept: text/event-stream\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut text = Vec::new();
    while stream.read_buf(&mut text).await? > 0 {
        drop(door.take());
        while let Some(end) = text.windows(2).position(|pair| pair == b"\n\n") {
            let event: Vec<u8> = text.drain(..end + 2).collect();
            let event = String::from_utf8_lossy(&event);
            let Some((_, data)) = event.split_once("data: ") else { continue };
            let line: Value = serde_json::from_str(data.trim_end())?;
            if let Some(said) = line["text"].as_str().and_then(|said| said.parse().ok()) {
                let said = Duration::from_nanos(said);
                let _ = tell.send((said, begin.elapsed().saturating_sub(said)));
            }
        }
    }
    Ok(())
}
