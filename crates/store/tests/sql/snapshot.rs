//! Looking at one moment, and filling tables in one transaction.

use choba_store::sql::{Snapshot, StoreError, Value};

use crate::counters::{Add, COUNT, ENSURE, MIGRATIONS, count};
use crate::databases::{Database, options};
use crate::on_both;

on_both!(
    a_snapshot_stays_at_its_moment_while_others_write,
    a_snapshot_opened_by_its_address_makes_nothing,
    nothing_can_be_written_through_a_snapshot,
    what_is_filled_is_there_all_at_once,
    a_filling_that_fails_leaves_nothing,
    a_snapshot_does_not_outlive_a_newer_program,
);

async fn counted(snapshot: &mut Snapshot, customer_id: &str) -> Option<i64> {
    let rows = snapshot.read(&COUNT, vec![vec![customer_id.into()]]).await.unwrap();
    rows.first().map(|row| row.int(0).unwrap())
}

async fn a_snapshot_stays_at_its_moment_while_others_write(database: Database) {
    let store = database.open().await;
    store.perform(Add::one("hanako", "1")).await.unwrap();
    let mut snapshot = store.snapshot().await.unwrap();
    store.perform(Add::one("hanako", "2")).await.unwrap();
    store.perform(Add::one("taro", "1")).await.unwrap();
    assert_eq!(counted(&mut snapshot, "hanako").await, Some(1));
    assert_eq!(counted(&mut snapshot, "taro").await, None);
    let mut by_address = Snapshot::open(&database.url, MIGRATIONS, &options()).await.unwrap();
    assert_eq!(counted(&mut by_address, "hanako").await, Some(2));
}

async fn a_snapshot_opened_by_its_address_makes_nothing(database: Database) {
    for _ in 0..2 {
        match Snapshot::open(&database.url, MIGRATIONS, &options()).await.unwrap_err() {
            StoreError::NotMigrated { database: 0, program: 2 } => {}
            StoreError::Unavailable { reason } => assert!(reason.contains("there is no file"), "{reason}"),
            other => panic!("{other:?}"),
        }
    }
    database.migrate(&MIGRATIONS[..1]).await.unwrap().close().await;
    let behind = Snapshot::open(&database.url, MIGRATIONS, &options()).await.unwrap_err();
    assert_eq!(behind, StoreError::NotMigrated { database: 1, program: 2 });
}

async fn a_snapshot_does_not_outlive_a_newer_program(database: Database) {
    database.open().await.close().await;
    let older = Snapshot::open(&database.url, &MIGRATIONS[..1], &options()).await.unwrap_err();
    assert_eq!(older, StoreError::NewerDatabase { database: 2, program: 1 });
}

async fn nothing_can_be_written_through_a_snapshot(database: Database) {
    let store = database.open().await;
    let mut snapshot = store.snapshot().await.unwrap();
    snapshot.read(&ENSURE, vec![vec!["hanako".into()]]).await.unwrap_err();
    assert_eq!(count(&store, "hanako").await, 0);
}

fn customers(range: std::ops::Range<i64>) -> Vec<Vec<Value>> {
    range.map(|number| vec![format!("customer-{number}").into()]).collect()
}

async fn what_is_filled_is_there_all_at_once(database: Database) {
    let store = database.open().await;
    let filled = store.fill(vec!["counters"], |filling| {
        filling.write(&ENSURE, customers(0..700))?;
        filling.write(&ENSURE, customers(700..1_000))?;
        filling.read(&COUNT, customers(999..1_001)).map(|rows| rows.len())
    });
    assert_eq!(filled.await, Ok::<usize, StoreError>(1));
    let mut snapshot = store.snapshot().await.unwrap();
    assert_eq!(snapshot.read(&COUNT, customers(0..1_001)).await.unwrap().len(), 1_000);
    assert_eq!(store.perform(Add::one("customer-7", "1")).await, Ok(1));
}

async fn a_filling_that_fails_leaves_nothing(database: Database) {
    let store = database.open().await;
    let failed = store.fill(vec!["counters"], |filling| {
        filling.write(&ENSURE, customers(0..10))?;
        Err::<(), _>(StoreError::Closed)
    });
    assert_eq!(failed.await, Err(StoreError::Closed));
    assert_eq!(count(&store, "customer-0").await, 0);
    assert_eq!(store.perform(Add::one("customer-0", "1")).await, Ok(1));
}
