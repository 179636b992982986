//! What happens to the tables when a store is opened.

use choba_store::sql::{Migration, Statement, StoreError};

use crate::counters::{Add, MIGRATIONS, count};
use crate::databases::Database;
use crate::on_both;

on_both!(
    a_migration_is_applied_once,
    many_that_open_an_empty_database_at_once_agree,
    a_newer_database_is_refused,
    a_changed_migration_is_refused,
    a_migration_that_fails_leaves_nothing_behind,
    numbers_have_no_gaps,
);

static APPLIED: Statement = Statement::new(
    "applied migrations",
    &[],
    "SELECT :row, m.number, m.name, m.applied_at FROM {rows} CROSS JOIN migrations AS m ORDER BY m.number",
);

async fn a_migration_is_applied_once(database: Database) {
    let older = database.migrate(&MIGRATIONS[..1]).await.unwrap();
    older.perform(Add::one("c", "first")).await.unwrap();
    older.close().await;
    for _ in 0..2 {
        let store = database.open().await;
        assert_eq!(count(&store, "c").await, 1);
        let applied = store.read(&APPLIED, vec![Vec::new()]).await.unwrap();
        assert_eq!(applied.len(), 2);
        assert_eq!((applied[1].text(1), applied[1].int(2)), (Ok("journal"), Ok(1_790_000_000_000)));
        store.close().await;
    }
}

async fn many_that_open_an_empty_database_at_once_agree(database: Database) {
    let (one, two, three, four) =
        tokio::join!(database.open(), database.open(), database.open(), database.open());
    for (store, request) in [(&one, "1"), (&two, "2"), (&three, "3"), (&four, "4")] {
        store.perform(Add::one("c", request)).await.unwrap();
    }
    assert_eq!(count(&four, "c").await, 4);
}

async fn a_newer_database_is_refused(database: Database) {
    database.open().await.close().await;
    let error = database.migrate(&MIGRATIONS[..1]).await.unwrap_err();
    assert_eq!(error, StoreError::NewerDatabase { database: 2, program: 1 });
    assert!(error.to_string().contains("use a newer program"));
}

async fn a_changed_migration_is_refused(database: Database) {
    static CHANGED: [Migration; 2] =
        [MIGRATIONS[0], Migration { number: 2, name: "journal", sql: "CREATE TABLE journal (id BIGINT)" }];
    database.open().await.close().await;
    let error = database.migrate(&CHANGED).await.unwrap_err();
    assert_eq!(error, StoreError::MigrationChanged { number: 2, name: "journal" });
}

async fn a_migration_that_fails_leaves_nothing_behind(database: Database) {
    static FAILING: [Migration; 2] = [
        MIGRATIONS[0],
        Migration { number: 2, name: "wrong", sql: "CREATE TABLE t (id BIGINT); CREATE TABEL u" },
    ];
    let error = database.migrate(&FAILING).await.unwrap_err();
    assert!(matches!(error, StoreError::MigrationFailed { number: 2, name: "wrong", .. }), "{error}");
    assert_eq!(count(&database.open().await, "c").await, 0);
}

async fn numbers_have_no_gaps(database: Database) {
    let error = database.migrate(&MIGRATIONS[1..]).await.unwrap_err();
    assert!(matches!(error, StoreError::Defect { .. }), "{error}");
}
