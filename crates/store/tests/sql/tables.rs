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
