//! What only SQLite does.

use choba_store::sql::{Decided, Statement, Store, StoreError, Type, Value};

use crate::counters::{Add, MIGRATIONS, count};
use crate::databases::{Database, options};
use crate::works::Parts;

static FILL: Statement = Statement::new(
    "fill the disk",
    &[("entry_id", Type::Text), ("note", Type::Text)],
    "INSERT INTO counters (customer_id, count) SELECT :entry_id || :note, 0 FROM {rows}",
);
static EMPTY: Statement = Statement::new(
    "empty the disk",
    &[("count", Type::Int)],
    "DELETE FROM counters WHERE (count) IN (SELECT :count FROM {rows})",
);

fn fill(place: usize) -> Parts<()> {
    let row = [Value::from(format!("{place} ")), Value::from("x".repeat(100_000))];
    Parts::new("c", Vec::new(), move |_| Ok(Decided::Write(vec![FILL.write(row.clone())], ())))
}

#[tokio::test]
async fn a_full_disk_is_told_and_when_there_is_room_it_goes_on() {
    let database = Database::sqlite();
    let mut options = options();
    options.pages_max = Some(200);
    let store = database.open_with(options).await;
    let mut filled = 0;
    let error = loop {
        match store.perform(fill(filled)).await {
            Ok(()) => filled += 1,
            Err(error) => break error,
        }
    };
    let StoreError::Unavailable { reason } = error else { panic!("{error}") };
    assert!(reason.contains("the disk is full"), "{reason}");
    assert!(filled > 1);

    let empty = Parts::new("c", Vec::new(), |_| Ok(Decided::Write(vec![EMPTY.write([Value::Int(0)])], ())));
    store.perform(empty).await.unwrap();
    assert_eq!(store.perform(Add::one("c", "first")).await, Ok(1));
    store.perform(fill(0)).await.unwrap();
}

#[tokio::test]
async fn a_backup_is_taken_while_the_store_writes() {
    let database = Database::sqlite();
    let directory = tempfile::tempdir().unwrap();
    let copy = directory.path().join("copy.sqlite");
    let store = database.open().await;
    store.perform(Add::one("c", "first")).await.unwrap();
    let writing = (0..50).map(|request| store.perform(Add::one("d", format!("r{request}"))));
    let (backup, _) = tokio::join!(store.backup_to(&copy), async {
        for work in writing {
            work.await.unwrap();
        }
    });
    backup.unwrap();
    let restored = Store::open(&format!("sqlite:{}", copy.display()), MIGRATIONS, options()).await.unwrap();
    assert_eq!(count(&restored, "c").await, 1);
    assert_eq!(restored.perform(Add::one("c", "second")).await, Ok(2));
    let again = store.backup_to(&copy).await.unwrap_err();
    assert!(matches!(again, StoreError::Unavailable { .. }), "{again}");
}

#[tokio::test]
async fn a_database_in_memory_is_shared_by_writer_and_readers_and_by_nobody_else() {
    let store = Store::open("sqlite::memory:", MIGRATIONS, options()).await.unwrap();
    let other = Store::open("sqlite::memory:", MIGRATIONS, options()).await.unwrap();
    store.perform(Add::one("c", "first")).await.unwrap();
    assert_eq!((count(&store, "c").await, count(&other, "c").await), (1, 0));
}

#[tokio::test]
async fn an_address_that_is_none_is_refused() {
    for url in ["", "mysql://host/db", "sqlite:", "postgres://localhost/db?sslmode=perhaps"] {
        let error = Store::open(url, MIGRATIONS, options()).await.unwrap_err();
        assert!(matches!(error, StoreError::Address { .. }), "{url}: {error}");
    }
    let error = Store::open("sqlite:/nowhere/at/all.sqlite", MIGRATIONS, options()).await.unwrap_err();
    assert!(error.to_string().contains("/nowhere/at/all.sqlite"), "{error}");
}
