//! A large database: very many orders, and one customer with very many lots.

use std::time::{Duration, Instant};

use choba_testbed::Postgres;

use super::Shop;

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// The columns that make the rows of one order those of another: its customer, its ids, its number.
const COPIES: [(&str, &[&str]); 8] = [
    ("idempotency_keys", &["customer_id", "idempotency_key"]),
    ("lots", &["customer_id", "lot_id"]),
    ("orders", &["customer_id", "order_id"]),
    ("order_numbers", &["customer_id", "order_id"]),
    ("entries", &["customer_id", "entry_id"]),
    ("asks", &["customer_id", "ask_id"]),
    ("events", &["customer_id", "event_id"]),
    ("dues", &["customer_id", "subject"]),
];

/// Copies the rows of one order so many times, as if others had placed it, and gives a customer so many lots.
/// The copies' documents name the first order; nothing reads them.
#[allow(clippy::disallowed_methods)] // a bench is what the clock is for
pub async fn fill(
    cluster: &Postgres,
    url: &str,
    shop: &Shop,
    orders: usize,
    lots: usize,
) -> Result<Duration, Failed> {
    let begin = Instant::now();
    shop.welcome("rich", lots).await?;
    shop.welcome("template", 1).await?;
    shop.place("template").await?;
    let database = url.rsplit('/').next().and_then(|name| name.split('?').next()).unwrap_or_default();
    for (table, keys) in COPIES {
        let columns = cluster.query(
            database,
            &format!(
                "SELECT column_name FROM information_schema.columns WHERE table_name = '{table}'
                 ORDER BY ordinal_position"
            ),
        );
        let columns: Vec<&str> = columns.split_whitespace().collect();
        let values: Vec<String> = columns
            .iter()
            .map(|column| match *column {
                // Beyond all places that are taken while the bench runs.
                "place" | "number_place" => format!("t.{column} + 1000000000 + g"),
                key if keys.contains(&key) => format!("t.{key} || '-' || g"),
                other => format!("t.{other}"),
            })
            .collect();
        cluster.query(
            database,
            &format!(
                "INSERT INTO {table} ({}) SELECT {} FROM {table} AS t, generate_series(1, {orders}) AS g
                 WHERE t.customer_id = 'template'",
                columns.join(", "),
                values.join(", "),
            ),
        );
    }
    cluster.query(database, "VACUUM ANALYZE");
    Ok(begin.elapsed())
}
