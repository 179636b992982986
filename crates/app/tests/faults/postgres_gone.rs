//! PostgreSQL that is restarted, that crashes, and connections that are cut at the worst moments, while orders are
//! placed, shipped and cancelled.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use choba_app::{Counter, Secrets, Whose};
use choba_outside::books::{BookOptions, Books};
use choba_outside::scripted::Scripted;
use choba_testbed::{Postgres, Proxy};
use jiff::SignedDuration;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::errands::{Errand, MARKET, What, whose};
use crate::partner_away::link;
use crate::support::{Seeded, noon, sample};
use crate::truth::{
    ask_until_all_is_answered, books_are_fine, ledger_of, options, orders_of, outside_agrees,
};

/// A counter whose customers are linked with the partner.
async fn open(url: &str, customers: &[Whose]) -> (Counter, Arc<Scripted>) {
    let outside = Arc::new(Scripted::new(Books::new(BookOptions::default()), noon()));
    let (markets, secrets) = (vec![sample(MARKET)], Secrets { codes: [7; 32] });
    let (entropy, parties) = (Arc::new(Seeded::new(1)), Arc::clone(&outside));
    let counter = Counter::open(url, options(noon()), markets, parties, entropy, secrets).await.unwrap();
    for whose in customers {
        link(&counter, whose).await;
    }
    (counter, outside)
}

fn customers(count: usize) -> Vec<Whose> {
    (0..count).map(|number| whose(&format!("c{number}"))).collect()
}

fn first(whose: &Whose) -> Errand {
    Errand { customer_id: whose.customer_id.clone(), turn: 0, what: What::Place }
}

type Acknowledged = Vec<(Errand, Value)>;

/// So many errands between one disturbance and the next, and as many after the last.
const BETWEEN: usize = 60;
const DISTURBANCES: usize = 3;

async fn run_until_the_end(counter: Counter, mut errand: Errand, done: Arc<AtomicUsize>) -> Acknowledged {
    let mut acknowledged = Vec::new();
    while done.load(Ordering::Relaxed) < BETWEEN * (DISTURBANCES + 1) {
        let answer = errand.run_until_done(&counter).await;
        let next = errand.next(&answer, &mut Vec::new());
        acknowledged.push((errand, answer));
        done.fetch_add(1, Ordering::Relaxed);
        errand = next;
    }
    acknowledged
}

/// Each answer is given again, each order is there once and as it was answered, and all books agree.
async fn nothing_is_lost_or_doubled(
    counter: &Counter,
    outside: &Scripted,
    customers: &[Whose],
    acknowledged: &Acknowledged,
) {
    let mut placed: BTreeMap<&str, usize> = BTreeMap::new();
    for (errand, answer) in acknowledged {
        assert_eq!(errand.run_until_done(counter).await, *answer, "{errand:?}");
        if errand.what == What::Place {
            *placed.entry(&errand.customer_id).or_default() += 1;
        }
    }
    for whose in customers {
        let orders = orders_of(counter, whose).await;
        assert_eq!(orders.len(), placed.get(&*whose.customer_id).copied().unwrap_or(0), "{whose:?}");
    }
    ask_until_all_is_answered(counter, noon() + SignedDuration::from_hours(24 * 28)).await;
    outside_agrees(counter, &ledger_of(outside), customers).await;
    books_are_fine(counter).await;
}

/// Customers go on while the server is disturbed again and again.
async fn under_load(disturb: fn(&Postgres)) {
    let postgres = Postgres::start();
    let customers = customers(24);
    let (counter, outside) = open(&postgres.create_database(), &customers).await;
    let done = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    for whose in &customers {
        tasks.spawn(run_until_the_end(counter.clone(), first(whose), Arc::clone(&done)));
    }
    let disturbing = tokio::task::spawn_blocking(move || {
        for turn in 1..=DISTURBANCES {
            while done.load(Ordering::Relaxed) < BETWEEN * turn {
                std::thread::sleep(Duration::from_millis(2));
            }
            disturb(&postgres);
        }
        postgres
    });
    let acknowledged = tasks.join_all().await.concat();
    let _postgres = disturbing.await.unwrap();
    assert!(counter.store().counts().retries > 0);
    nothing_is_lost_or_doubled(&counter, &outside, &customers, &acknowledged).await;
    counter.store().close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_restarted_under_orders_loses_and_doubles_nothing() {
    under_load(Postgres::restart).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_crashes_under_orders_loses_and_doubles_nothing() {
    under_load(|postgres| {
        postgres.kill();
        postgres.resume();
    })
    .await;
}

/// What happens to the network.
type Fault = Box<dyn Fn(&Proxy) + Send>;

/// Lets one customer go through errands, each with a fault of the network before it.
async fn with_faults(faults: impl Iterator<Item = Fault>) {
    let postgres = Postgres::shared();
    let proxy = Proxy::to(postgres.port());
    let customers = customers(1);
    let (counter, outside) = open(&proxy.through(&postgres.create_database()), &customers).await;
    let (mut errand, mut acknowledged) = (first(&customers[0]), Vec::new());
    for fault in faults {
        fault(&proxy);
        let answer = errand.run_until_done(&counter).await;
        let next = errand.next(&answer, &mut Vec::new());
        acknowledged.push((errand, answer));
        errand = next;
    }
    proxy.forward();
    nothing_is_lost_or_doubled(&counter, &outside, &customers, &acknowledged).await;
    counter.store().close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_cut_at_each_commit_lose_and_double_nothing() {
    let faults = (0..60).map(|turn| -> Fault {
        match turn % 2 {
            0 => Box::new(|proxy: &Proxy| proxy.cut_before("COMMIT")),
            _ => Box::new(|proxy: &Proxy| proxy.cut_behind("COMMIT")),
        }
    });
    with_faults(faults).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_cut_after_any_number_of_bytes_lose_and_double_nothing() {
    let faults = (0..120_usize)
        .map(|turn| -> Fault { Box::new(move |proxy: &Proxy| proxy.cut_after_bytes(turn * 211 % 9_001)) });
    with_faults(faults).await;
}
