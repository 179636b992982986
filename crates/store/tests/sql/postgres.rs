//! What only PostgreSQL does: a network that fails, a server that goes down, other processes that lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use choba_store::sql::{Decided, Options, Store, StoreError};
use choba_testbed::{Postgres, Proxy};
use tokio::task::JoinSet;

use crate::counters::{Add, MIGRATIONS, SET, count};
use crate::databases::options;
use crate::works::{Parts, together};

async fn open(url: &str, options: Options) -> Store {
    Store::open(url, MIGRATIONS, options).await.unwrap()
}

/// A store behind a proxy, with one counter that stands at 1.
async fn behind_a_proxy(options: Options) -> (Proxy, Store) {
    let postgres = Postgres::shared();
    let proxy = Proxy::to(postgres.port());
    let store = open(&proxy.through(&postgres.create_database()), options).await;
    assert_eq!(store.perform(Add::one("c", "first")).await, Ok(1));
    (proxy, store)
}

#[tokio::test]
async fn a_work_costs_three_round_trips() {
    let store = open(&Postgres::shared().create_database(), options()).await;
    // The first time statements are prepared as well.
    store.perform(Add::one("c", "first")).await.unwrap();
    let before = store.counts().round_trips;
    store.perform(Add::one("c", "second")).await.unwrap();
    assert_eq!(store.counts().round_trips - before, 3);
}

#[tokio::test]
async fn a_hundred_works_that_meet_cost_two_round_trips() {
    let store = open(&Postgres::shared().create_database(), options()).await;
    let works = |request: &str| {
        (0..100).map(|customer| Add::one(format!("c{customer}"), request)).collect::<Vec<_>>()
    };
    // The first time statements are prepared as well.
    assert!(together(&store, works("first")).await.iter().all(Result::is_ok));
    let before = store.counts().round_trips;
    assert!(together(&store, works("second")).await.iter().all(Result::is_ok));
    // What holds the writer up until all have met begins and rolls back.
    assert_eq!(store.counts().round_trips - before, 2 + 2);
    assert_eq!(count(&store, "c99").await, 2);
}

#[tokio::test]
async fn a_connection_cut_before_the_commit_loses_nothing() {
    let (proxy, store) = behind_a_proxy(options()).await;
    proxy.cut_before("COMMIT");
    assert_eq!(store.perform(Add::one("c", "second")).await, Ok(2));
    assert!(!proxy.is_waiting_to_cut());
    assert_eq!(count(&store, "c").await, 2);
    assert!(store.counts().retries > 0);
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_not_done_twice() {
    let (proxy, store) = behind_a_proxy(options()).await;
    let works: Vec<_> = ["c", "d", "e"].map(|customer| Add::one(customer, "second")).to_vec();
    proxy.cut_behind("COMMIT");
    let answers = together(&store, works).await;
    assert_eq!(answers, [Ok(2), Ok(1), Ok(1)]);
    assert!(!proxy.is_waiting_to_cut());
    assert_eq!((count(&store, "c").await, count(&store, "e").await), (2, 1));
}

#[tokio::test]
async fn a_connection_cut_anywhere_loses_and_doubles_nothing() {
    let (proxy, store) = behind_a_proxy(options()).await;
    for (request, bytes) in (0..40).map(|step| (step, step * 37 % 900)) {
        proxy.cut_after_bytes(bytes);
        let answer = store.perform(Add::one("c", format!("r{request}"))).await;
        assert_eq!(answer, Ok(i64::from(u32::try_from(request).unwrap()) + 2));
    }
    proxy.forward();
    assert_eq!(count(&store, "c").await, 41);
}

#[tokio::test]
async fn a_network_that_stalls_is_given_up_and_the_work_is_repeated() {
    let mut options = options();
    (options.statement_timeout, options.lock_timeout) =
        (Duration::from_millis(300), Duration::from_millis(200));
    let (proxy, store) = behind_a_proxy(options).await;
    proxy.stall();
    let work = tokio::spawn({
        let store = store.clone();
        async move { store.perform(Add::one("c", "second")).await }
    });
    while store.counts().retries == 0 {
        tokio::task::yield_now().await;
    }
    proxy.forward();
    assert_eq!(work.await.unwrap(), Ok(2));
}

#[tokio::test]
async fn a_server_that_stays_away_is_told_and_then_used_again() {
    let mut options = options();
    options.patience = Duration::from_millis(200);
    let (proxy, store) = behind_a_proxy(options).await;
    proxy.down();
    let error = store.perform(Add::one("c", "second")).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    proxy.forward();
    assert_eq!(store.perform(Add::one("c", "second")).await, Ok(2));
    assert_eq!(count(&store, "c").await, 2);
}

/// Adds to the counter of a customer until told to stop; how often it was acknowledged.
async fn add_until(store: Store, customer: String, over: Arc<AtomicBool>) -> (String, i64) {
    let mut acknowledged = 0;
    while !over.load(Ordering::Relaxed) {
        let add = Add::one(customer.as_str(), format!("r{acknowledged}"));
        acknowledged += 1;
        assert_eq!(store.perform(add).await, Ok(acknowledged));
    }
    (customer, acknowledged)
}

/// 40 customers go on while the server is disturbed three times.
async fn under_load(disturb: fn(&Postgres)) {
    let postgres = Postgres::start();
    let store = open(&postgres.create_database(), Options::at(0)).await;
    let over = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for customer in 0..40 {
        tasks.spawn(add_until(store.clone(), format!("c{customer}"), Arc::clone(&over)));
    }
    let disturbing = tokio::task::spawn_blocking(move || {
        (0..3).for_each(|_| disturb(&postgres));
        postgres
    });
    let _postgres = disturbing.await.unwrap();
    over.store(true, Ordering::Relaxed);
    for (customer, acknowledged) in tasks.join_all().await {
        assert_eq!(count(&store, &customer).await, acknowledged);
    }
    assert!(store.counts().retries > 0);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_restarted_under_load_loses_nothing() {
    under_load(Postgres::restart).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_crashes_under_load_loses_nothing() {
    under_load(|postgres| {
        postgres.kill();
        postgres.resume();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_held_by_others_hinders_only_its_customer() {
    let mut options = options();
    options.lock_timeout = Duration::from_millis(200);
    let url = Postgres::shared().create_database();
    let store = open(&url, options).await;
    for customer in ["a", "b", "c"] {
        store.perform(Add::one(customer, "first")).await.unwrap();
    }
    let (locking, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    locking.batch_execute("BEGIN; SELECT * FROM counters WHERE customer_id = 'b' FOR UPDATE").await.unwrap();
    let works = ["a", "b", "c"].map(|customer| Add::one(customer, "second")).to_vec();
    let answers = together(&store, works).await;
    assert_eq!((&answers[0], &answers[2]), (&Ok(2), &Ok(2)));
    assert!(matches!(answers[1], Err(StoreError::Unavailable { .. })), "{:?}", answers[1]);
    locking.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(store.perform(Add::one("b", "second")).await, Ok(2));
}

#[tokio::test]
async fn two_writes_of_one_row_conflict_instead_of_losing_one() {
    let store = open(&Postgres::shared().create_database(), options()).await;
    store.perform(Add::one("c", "first")).await.unwrap();
    let work = Parts::new("c", Vec::new(), |_| {
        let write = |count: i64| SET.write(["c".into(), 1_i64.into(), count.into()]);
        Ok(Decided::Write(vec![write(2), write(3)], ()))
    });
    assert_eq!(store.perform(work).await, Err(StoreError::Conflict { statement: "set a counter" }));
}
