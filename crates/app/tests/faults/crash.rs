//! A process that is killed while it works, two hundred times: what it had answered is there, once and whole.
//!
//! The process is this test program itself, started anew with the name of [`child_of_a_crash`] and a job in its
//! environment. It writes what it is about to do and each answer to its output before it goes on. The parties
//! outside are a sandbox here, whose books outlive every child.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use choba_app::{Counter, IssueGiftCards, IssueOutcome, Key, LinkProgram, Secrets, Whose};
use choba_engine::money::Money;
use choba_outside::books::{BookOptions, Role};
use choba_outside::client::{Outside, Party, Patience, Transport};
use choba_outside::sandbox::{Clock, Fault, FaultKind, Sandbox, SandboxOptions};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::errands::{Errand, MARKET, What, whose};
use crate::support::{Database, Seeded, noon, sample};
use crate::truth::{PARTNER, ask_until_all_is_answered, books_are_fine, options, orders_of, outside_agrees};

const JOB: &str = "CHOBA_TEST_CRASH_JOB";
const TOKEN: &str = "token-of-the-test";
const CUSTOMERS: usize = 4;

/// Databases, and rounds on each: a hundred children for SQLite, a hundred for PostgreSQL.
const DATABASES: i64 = 5;
const ROUNDS: i64 = 20;

/// What a child is to do: go on with these errands, one for each customer.
#[derive(Debug, Serialize, Deserialize)]
struct Job {
    url: String,
    card: String,
    partner: String,
    seed: u64,
    errands: Vec<(Errand, Vec<String>)>,
}

/// What a child writes.
#[derive(Debug, Serialize, Deserialize)]
enum Line {
    Tries(Errand),
    Answered(Errand, Value),
}

async fn open(url: &str, card: &str, partner: &str, seed: u64) -> Counter {
    let party = |name: &str, url: &str| {
        let party = Party::new(name.into(), url, TOKEN.into(), Transport::Encrypted).unwrap();
        // A busy machine is no party that is away.
        let patience = Patience { customer_waits: Duration::from_secs(20), ..Patience::default() };
        party.with_patience(patience)
    };
    let outside = Outside::new(vec![party("card", card), party(PARTNER, partner)], seed).unwrap();
    let (markets, secrets) = (vec![sample(MARKET)], Secrets { codes: [7; 32] });
    let entropy = Arc::new(Seeded::new(seed));
    Counter::open(url, options(noon()), markets, Arc::new(outside), entropy, secrets).await.unwrap()
}

/// Does nothing in a run of the tests; does a job where there is one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_of_a_crash() {
    let Ok(job) = std::env::var(JOB) else { return };
    let job: Job = serde_json::from_str(&job).unwrap();
    let counter = open(&job.url, &job.card, &job.partner, job.seed).await;
    let mut tasks = JoinSet::new();
    for (errand, codes) in job.errands {
        tasks.spawn(go_on(counter.clone(), errand, codes));
    }
    tasks.join_all().await;
}

async fn go_on(counter: Counter, mut errand: Errand, mut codes: Vec<String>) {
    loop {
        write(&Line::Tries(errand.clone()));
        let answer = errand.run_until_done(&counter).await;
        write(&Line::Answered(errand.clone(), answer.clone()));
        errand = errand.next(&answer, &mut codes);
    }
}

/// One write for a whole line: what a killed process has written is in the pipe.
fn write(line: &Line) {
    let line = format!("\n{}\n", serde_json::to_string(line).unwrap());
    std::io::stdout().lock().write_all(line.as_bytes()).and_then(|()| std::io::stdout().flush()).unwrap();
}

/// The world around the children of one database.
struct World {
    database: Database,
    sandbox: Arc<Sandbox>,
    customers: Vec<Whose>,
    /// What each customer does next, and the codes for it.
    next: BTreeMap<String, (Errand, Vec<String>)>,
    answered: Vec<(Errand, Value)>,
}

impl World {
    async fn open(&self) -> Counter {
        // Every process draws other ids.
        static SEEDS: AtomicI64 = AtomicI64::new(1);
        let seed = SEEDS.fetch_add(1, Ordering::Relaxed).unsigned_abs();
        open(&self.database.url, &self.card(), &self.partner(), seed << 20).await
    }

    fn card(&self) -> String {
        self.sandbox.base_url(&Role::Card)
    }

    fn partner(&self) -> String {
        self.sandbox.base_url(&Role::Partner(PARTNER.to_owned()))
    }

    async fn begin(database: Database, sandbox: Arc<Sandbox>, name: &str) -> Self {
        let customers: Vec<Whose> = (0..CUSTOMERS).map(|number| whose(&format!("{name}-{number}"))).collect();
        let first =
            |whose: &Whose| Errand { customer_id: whose.customer_id.clone(), turn: 0, what: What::Place };
        let next = customers.iter().map(|whose| (whose.customer_id.clone(), (first(whose), Vec::new())));
        let mut world = Self { database, sandbox, next: next.collect(), customers, answered: Vec::new() };
        let counter = world.open().await;
        for whose in &world.customers {
            link(&counter, whose).await;
            world.next.get_mut(&whose.customer_id).unwrap().1 = cards(&counter, whose).await;
        }
        counter.store().close().await;
        world
    }

    fn start_child(&self, seed: i64) -> Child {
        // Now and then an answer is lost as well: never so many that a child gives one up.
        for operation in ["authorise", "hold"].into_iter().filter(|_| seed % 5 == 0) {
            self.sandbox.play_fault(Fault::next(operation, FaultKind::AnswerLostAfterDoing));
        }
        let (url, card, partner) = (self.database.url.clone(), self.card(), self.partner());
        let errands = self.next.values().cloned().collect();
        let job = Job { url, card, partner, seed: seed.unsigned_abs(), errands };
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "crash::child_of_a_crash", "--nocapture", "--test-threads=1"]);
        child.env(JOB, serde_json::to_string(&job).unwrap()).stdin(Stdio::null()).stdout(Stdio::piped());
        child.spawn().unwrap()
    }

    /// Lets a child work and kills it; what it had written is known afterwards.
    fn run_child(&mut self, seed: i64) {
        let mut child = self.start_child(seed);
        let output = BufReader::new(child.stdout.take().unwrap());
        // Some die while they open the database, most a while after their first answer.
        let works_for = Duration::from_millis((seed.unsigned_abs().wrapping_mul(7_919)) % 260);
        let (first, begun) = std::sync::mpsc::channel();
        let reading = std::thread::spawn(move || {
            let lines = output.lines().map_while(Result::ok).filter_map(|line| {
                let line = serde_json::from_str(&line).ok()?;
                let _ = first.send(());
                Some(line)
            });
            lines.collect::<Vec<Line>>()
        });
        if seed % 10 != 0 {
            let _ = begun.recv_timeout(Duration::from_secs(20));
        }
        std::thread::sleep(works_for);
        child.kill().unwrap();
        let status = child.wait().unwrap();
        assert!(status.code().is_none(), "the child ended by itself: {status}");
        for line in reading.join().unwrap() {
            self.heard(line);
        }
    }

    fn heard(&mut self, line: Line) {
        match line {
            Line::Tries(errand) => {
                let (next, _) = self.next.get_mut(&errand.customer_id).unwrap();
                *next = errand;
            }
            Line::Answered(errand, answer) => {
                let (next, codes) = self.next.get_mut(&errand.customer_id).unwrap();
                *next = errand.next(&answer, codes);
                self.answered.push((errand, answer));
            }
        }
    }

    /// Opens the books again: each answer is given once more, what was under way is repeated, and everything fits.
    async fn check(&mut self, answered_before: usize) {
        let counter = self.open().await;
        for (errand, answer) in &self.answered[answered_before..] {
            assert_eq!(errand.run_until_done(&counter).await, *answer, "{errand:?}");
        }
        let under_way: Vec<Errand> = self.next.values().map(|(errand, _)| errand.clone()).collect();
        for errand in under_way {
            let answer = errand.run_until_done(&counter).await;
            self.heard(Line::Answered(errand, answer));
        }
        ask_until_all_is_answered(&counter, noon() + SignedDuration::from_hours(24 * 28)).await;
        books_are_fine(&counter).await;
        counter.store().close().await;
    }

    /// All orders that were ever answered are there once, and those outside have done each thing once.
    async fn end(&self) -> usize {
        let counter = self.open().await;
        for whose in &self.customers {
            let there = orders_of(&counter, whose).await.into_iter().map(|order| order.order_id);
            let mut there: Vec<String> = there.collect();
            let mine = self.answered.iter().filter(|(errand, _)| errand.customer_id == whose.customer_id);
            let placed = mine.filter(|(errand, _)| errand.what == What::Place);
            let mut placed: Vec<String> =
                placed.map(|(_, answer)| answer["order_id"].as_str().unwrap().to_owned()).collect();
            there.sort();
            placed.sort();
            assert_eq!(there, placed);
        }
        outside_agrees(&counter, &self.sandbox.ledger(), &self.customers).await;
        let orders = books_are_fine(&counter).await.orders;
        counter.store().close().await;
        usize::try_from(orders).unwrap()
    }
}

async fn link(counter: &Counter, whose: &Whose) {
    let code = format!("LINK-{}-1", whose.customer_id);
    let link = LinkProgram {
        whose: whose.clone(),
        program: PARTNER.to_owned(),
        key: Key::new("link", "link_program", PARTNER, b"").unwrap(),
        code: code.as_str().into(),
    };
    counter.link_program(link, noon()).await.unwrap();
}

/// Codes of gift cards for a customer.
async fn cards(counter: &Counter, whose: &Whose) -> Vec<String> {
    let issue = IssueGiftCards {
        market: MARKET.to_owned(),
        count: 60,
        amount: Money::new(1_000),
        active_from: None,
        note: None,
        by: "keiko".to_owned(),
        key: Key::new(&format!("cards-{}", whose.customer_id), "issue_gift_cards", MARKET, b"").unwrap(),
    };
    match counter.issue_gift_cards(issue, noon()).await.unwrap() {
        IssueOutcome::Issued(batch) => batch.cards.iter().map(|card| card.code.in_groups()).collect(),
        other => panic!("{other:?}"),
    }
}

async fn sandbox() -> Arc<Sandbox> {
    let clock: Clock = Arc::new(noon);
    let books = BookOptions { start_balance: 1_000_000_000, ..BookOptions::default() };
    let options = SandboxOptions { books, ..SandboxOptions::new(clock, TOKEN) };
    Arc::new(Sandbox::bind("127.0.0.1:0".parse().unwrap(), options).await.unwrap())
}

/// A hundred children, one after the other, on several databases of a kind.
async fn a_hundred_children(kind: &str, database: fn() -> Database) {
    let (sandbox, mut answered, mut orders) = (sandbox().await, 0, 0);
    let kind_seed = if kind == "sqlite" { 1 << 40 } else { 1 << 41 };
    for number in 0..DATABASES {
        let name = format!("{kind}{number}");
        let mut world = World::begin(database(), Arc::clone(&sandbox), &name).await;
        for round in 0..ROUNDS {
            let before = world.answered.len();
            let seed = kind_seed + number * 1_000 + round;
            world = tokio::task::spawn_blocking(move || {
                world.run_child(seed);
                world
            })
            .await
            .unwrap();
            answered += world.answered.len() - before;
            world.check(before).await;
        }
        orders += world.end().await;
    }
    println!(
        "{kind}: {} children killed, {answered} answers before their ends, {orders} orders",
        DATABASES * ROUNDS
    );
    assert!(answered > 500, "{answered}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_killed_at_any_moment_loses_and_doubles_nothing_on_sqlite() {
    a_hundred_children("sqlite", Database::sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_killed_at_any_moment_loses_and_doubles_nothing_on_postgres() {
    a_hundred_children("postgres", Database::postgres).await;
}
