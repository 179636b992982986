//! A bare loop that inserts the rows of orders once more, with no rule and no decision: what SQLite itself can
//! do in transactions of that size.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Tables to which placing an order adds rows, and the column that tells whose order it is.
const TABLES: [(&str, &str); 8] = [
    ("idempotency_keys", "json_extract(answer, '$.order_id')"),
    ("lots", "origin_id"),
    ("orders", "order_id"),
    ("order_numbers", "order_id"),
    ("entries", "order_id"),
    ("asks", "order_id"),
    ("events", "subject"),
    ("dues", "substr(subject, 1, 30)"),
];

/// How many orders are read.
const ORDERS: i64 = 20_000;

/// The rows of orders, table by table.
#[derive(Debug)]
pub struct Bare {
    orders: Vec<Vec<(usize, Vec<Value>)>>,
    schema: Vec<String>,
    columns: Vec<usize>,
}

impl Bare {
    /// Reads the rows of the last orders from a database.
    pub fn read(path: &Path) -> Result<Self, Failed> {
        let from = Connection::open(path)?;
        let mut ids = from.prepare("SELECT order_id FROM orders ORDER BY order_id DESC LIMIT ?1")?;
        let ids: Vec<String> = ids.query_map([ORDERS], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let place: std::collections::HashMap<String, usize> =
            ids.iter().enumerate().map(|(place, id)| (id.clone(), place)).collect();
        let mut orders = vec![Vec::new(); ids.len()];
        let mut columns = Vec::new();
        for (table, (name, order)) in TABLES.iter().enumerate() {
            let mut rows = from.prepare(&format!("SELECT {order}, * FROM {name}"))?;
            let count = rows.column_count();
            columns.push(count - 1);
            let mut rows = rows.query([])?;
            while let Some(row) = rows.next()? {
                let order: Option<String> = row.get(0)?;
                let Some(place) = order.and_then(|order| place.get(&order)) else { continue };
                let values = (1..count).map(|column| row.get(column)).collect::<Result<Vec<Value>, _>>()?;
                orders[*place].push((table, values));
            }
        }
        let mut schema = from
            .prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND type IN ('table', 'index')")?;
        let schema = schema.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(Self { orders, schema, columns })
    }

    /// Inserts them into a new database, so many orders in a transaction; answers orders a second.
    #[allow(clippy::disallowed_methods)] // a bench is what the clock is for
    pub fn insert_again(&self, path: &Path, batch: usize, most: Duration) -> Result<f64, Failed> {
        let mut into = Connection::open(path)?;
        into.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768;",
        )?;
        for text in self.schema.iter().filter(|text| !text.contains("sqlite_")) {
            into.execute_batch(text)?;
        }
        let inserts: Vec<String> = TABLES
            .iter()
            .zip(&self.columns)
            .map(|((table, _), columns)| {
                let places = vec!["?"; *columns].join(", ");
                format!("INSERT INTO {table} VALUES ({places})")
            })
            .collect();
        into.set_prepared_statement_cache_capacity(TABLES.len());
        let begin = Instant::now();
        let mut done = 0;
        for orders in self.orders.chunks(batch) {
            let transaction = into.transaction()?;
            for (table, values) in orders.iter().flatten() {
                transaction.prepare_cached(&inserts[*table])?.execute(params_from_iter(values))?;
            }
            transaction.commit()?;
            done += orders.len();
            if begin.elapsed() > most {
                break;
            }
        }
        Ok(done as f64 / begin.elapsed().as_secs_f64())
    }
}
