//! The list of the books' tables is what the database has.

use choba_store::books::{MIGRATIONS, TABLES, TABLES_LEFT_OUT};
use choba_store::sql::Store;

use crate::databases::{Database, options};

/// Names of all tables, and of a table's columns in the order of its key and then of the table.
fn tables(path: &str) -> Vec<(String, Vec<String>, usize)> {
    let connection = rusqlite::Connection::open(path).unwrap();
    let names =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let mut statement = connection.prepare(names).unwrap();
    let names: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let columns = "SELECT name, pk FROM pragma_table_info(?1) ORDER BY pk = 0, pk, cid";
    let of = |table: String| {
        let mut statement = connection.prepare(columns).unwrap();
        let rows = statement.query_map([&table], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?))).unwrap();
        let rows: Vec<(String, i64)> = rows.map(Result::unwrap).collect();
        let key = rows.iter().filter(|(_, place)| *place > 0).count();
        (table, rows.into_iter().map(|(name, _)| name).collect(), key)
    };
    names.into_iter().map(of).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_takes_every_column_of_every_table() {
    let database = Database::sqlite();
    let store = Store::open(&database.url, &MIGRATIONS, options()).await.unwrap();
    store.close().await;
    let mut there = tables(database.url.strip_prefix("sqlite:").unwrap());
    there.retain(|(name, ..)| name != "migrations" && !TABLES_LEFT_OUT.contains(&name.as_str()));
    let mut listed: Vec<(String, Vec<String>, usize)> = TABLES
        .iter()
        .map(|table| {
            let columns = table.columns.iter().map(|(name, _)| (*name).to_owned()).collect();
            (table.name.to_owned(), columns, table.key_columns())
        })
        .collect();
    listed.sort();
    let names = |tables: &[(String, Vec<String>, usize)]| -> Vec<String> {
        tables.iter().map(|(name, ..)| name.clone()).collect()
    };
    assert_eq!(names(&listed), names(&there));
    for (mut listed, mut there) in listed.into_iter().zip(there) {
        listed.1[listed.2..].sort();
        there.1[there.2..].sort();
        assert_eq!(listed, there);
    }
}

/// Tables that were laid out anew in a later version, with what a row of each is.
const LAID_OUT_ANEW: [(&str, &str); 4] = [
    (
        "lots",
        "('hanako', ?1, 'm', 'points', 'limited', 9, 5, 1, 2, 10, 10, 10, NULL, 0, 0, 'order', 'ord_1')",
    ),
    (
        "entries",
        "('hanako', ?1, 'm', 10, 'granted', NULL, 'note', 'staff',
          '[[\"wallet:points\",\"points\",\"lot_1\",9],[\"granted:points\",\"points\",null,-9]]')",
    ),
    ("idempotency_keys", "('hanako', ?1, 'digest', '{}', 10)"),
    ("asks", "('hanako', ?1, 'ord_1', 'm', 'payments', '{}', 'open', NULL, 'ref', 0, 10, 1)"),
];

/// All rows of a table, as text.
fn rows_of(connection: &rusqlite::Connection, table: &str) -> Vec<String> {
    let mut rows = connection.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2, 3")).unwrap();
    let columns = rows.column_count();
    let as_text = |row: &rusqlite::Row<'_>| {
        (0..columns).map(|column| row.get(column)).collect::<Result<Vec<rusqlite::types::Value>, _>>()
    };
    rows.query_map([], as_text).unwrap().map(|row| format!("{:?}", row.unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_from_before_tables_were_laid_out_anew_are_all_there() {
    let database = Database::sqlite();
    let path = database.url.strip_prefix("sqlite:").unwrap();
    let store = Store::open(&database.url, &MIGRATIONS[..12], options()).await.unwrap();
    store.close().await;
    let connection = rusqlite::Connection::open(path).unwrap();
    for (table, row) in LAID_OUT_ANEW {
        for id in ["b", "a", "c"] {
            connection.execute(&format!("INSERT INTO {table} VALUES {row}"), [id]).unwrap();
        }
    }
    let all = |connection: &rusqlite::Connection| {
        let tables = LAID_OUT_ANEW.iter().map(|(table, _)| *table).chain(["postings"]);
        tables.map(|table| rows_of(connection, table)).collect::<Vec<_>>()
    };
    let before = all(&connection);
    drop(connection);

    let store = Store::open(&database.url, &MIGRATIONS, options()).await.unwrap();
    store.close().await;
    let connection = rusqlite::Connection::open(path).unwrap();
    assert_eq!(all(&connection), before);
    assert_eq!(before.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 3, 3, 6]);
    for (table, row) in LAID_OUT_ANEW {
        let again = connection.execute(&format!("INSERT INTO {table} VALUES {row}"), ["a"]).unwrap_err();
        assert!(again.to_string().contains("UNIQUE"), "{table}: {again}");
        connection.query_row(&format!("SELECT max(rowid) FROM {table}"), [], |_| Ok(())).unwrap();
    }
    let changed = connection.execute("UPDATE entries SET note = 'other'", []).unwrap_err();
    assert!(changed.to_string().contains("append-only"), "{changed}");
}
