//! How fast orders are placed: `cargo run --release -p choba-benches --bin settle`.
//!
//! An order has three lines, a coupon, points and a card; placing it writes the order with its quote, journal,
//! lots, events, what is due, and what the card's provider will be asked. Everything is durable (fsync on) before
//! a caller is answered. Beside it runs, on the same cluster and in the same run, PostgreSQL's own `pgbench`;
//! and on SQLite a bare loop that inserts the same rows. What is compared takes turns, and medians are compared.
//!
//! `settle --orders 1000000` fills the database first, and measures one customer with 10,000 lots. `settle --only
//! postgres` and `--only sqlite` measure one database alone.

use std::time::{Duration, Instant};

use choba_benches::report;
use choba_benches::settle::{Bare, Load, Pgbench, Placed, Shop, fill};
use choba_testbed::{Durability, Postgres};

type Failed = Box<dyn std::error::Error + Send + Sync>;

const CALLERS: usize = 64;
const CUSTOMERS: usize = 20_000;
/// Of one turn.
const SECONDS: u64 = 4;
const TURNS: usize = 5;

#[allow(clippy::disallowed_methods)] // a bench is what the clock is for
fn main() -> Result<(), Failed> {
    let begin = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    runtime.block_on(async {
        match arguments[..] {
            [] => {
                postgres().await?;
                sqlite().await
            }
            ["--only", "postgres"] => postgres().await,
            ["--only", "sqlite"] => sqlite().await,
            ["--orders", number] => large(number.parse()?).await,
            _ => Err("usage: settle [--only postgres | --only sqlite | --orders NUMBER]".into()),
        }
    })?;
    println!("(all of it took {:.0} s)", begin.elapsed().as_secs_f64());
    Ok(())
}

async fn postgres() -> Result<(), Failed> {
    let cluster = Postgres::start_with(Durability::Durable);
    let shop = Shop::open(&cluster.create_database(), CUSTOMERS).await?;
    let peer = Pgbench::prepare(&cluster)?;
    shop.run(Load::Callers(CALLERS), Duration::from_secs(2)).await?;
    // Turn by turn, so that both see the same machine.
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        theirs.push(peer.run(SECONDS)?);
        let placed = shop.run(Load::Callers(CALLERS), Duration::from_secs(SECONDS)).await?;
        tell("PostgreSQL, 64 callers", &placed);
        ours.push(placed.per_second());
    }
    let (transactions, orders) = (middle(&mut theirs), middle(&mut ours));
    println!(
        "PostgreSQL, medians: pgbench (tpcb-like, prepared, 16 clients, scale 10) {transactions:.0} \
         transactions/s ({:.0} to {:.0}), {orders:.0} orders/s ({:.0} to {:.0})",
        theirs[0],
        theirs[TURNS - 1],
        ours[0],
        ours[TURNS - 1]
    );
    let ratio = orders / transactions;
    report("orders/s on PostgreSQL ÷ pgbench transactions/s", ratio, "≥ 2", ratio >= 2.0);
    let half = shop.run(Load::PerSecond(orders / 2.0), Duration::from_secs(SECONDS)).await?;
    tell("PostgreSQL, half that load", &half);
    let p99 = half.percentile(99).as_secs_f64() * 1_000.0;
    report("p99 at half the load on PostgreSQL, ms", p99, "< 100", p99 < 100.0);
    println!("round trips of an order: at most {}", shop.round_trips_of_one_order().await?);
    Ok(())
}

async fn sqlite() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("books.db");
    let shop = Shop::open(&format!("sqlite:{}", path.display()), CUSTOMERS).await?;
    let (mut singles, mut fulls, mut batch) = (Vec::new(), Vec::new(), 1);
    for _ in 0..TURNS {
        let single = shop.run(Load::Callers(1), Duration::from_secs(SECONDS)).await?;
        tell("SQLite, 1 caller", &single);
        let full = shop.run(Load::Callers(CALLERS), Duration::from_secs(SECONDS)).await?;
        tell("SQLite, 64 callers", &full);
        singles.push(single.per_second());
        fulls.push(full.per_second());
        batch = full.mean_batch();
    }
    let (single, full) = (middle(&mut singles), middle(&mut fulls));
    let grouped = full / single;
    report("orders/s on SQLite, 64 callers ÷ 1 caller", grouped, "≥ 5", grouped >= 5.0);
    let half = shop.run(Load::PerSecond(full / 2.0), Duration::from_secs(SECONDS)).await?;
    let p99 = half.percentile(99).as_secs_f64() * 1_000.0;
    report("p99 at half the load on SQLite, ms", p99, "< 100", p99 < 100.0);
    shop.close().await?;
    let bare = Bare::read(&path)?;
    let one = bare.insert_again(&directory.path().join("one.db"), 1, Duration::from_secs(SECONDS))?;
    let rate = bare.insert_again(&directory.path().join("bare.db"), batch, Duration::from_secs(SECONDS))?;
    println!(
        "SQLite: a bare loop that inserts the same rows, {batch} orders a transaction: {rate:.0} orders/s, {:.1} times \
         as many as with one ({one:.0})",
        rate / one
    );
    let ratio = full / rate;
    report("orders/s on SQLite ÷ the bare loop", ratio, "≥ 0.5", ratio >= 0.5);
    Ok(())
}

/// Placing in a large database, by a customer with very many lots, against placing in an empty one.
async fn large(orders: usize) -> Result<(), Failed> {
    let cluster = Postgres::start_with(Durability::Durable);
    let empty = Shop::open(&cluster.create_database(), CUSTOMERS).await?;
    let url = cluster.create_database();
    let shop = Shop::open(&url, CUSTOMERS).await?;
    let time = fill(&cluster, &url, &shop, orders, 10_000).await?;
    println!("filled with {orders} orders and a customer with 10,000 lots in {:.0} s", time.as_secs_f64());
    // Turn by turn, so that both see the same machine.
    let (mut small, mut big, mut rich, mut plain) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..5 {
        small.push(empty.run(Load::Callers(CALLERS), Duration::from_secs(3)).await?.per_second());
        big.push(shop.run(Load::Callers(CALLERS), Duration::from_secs(3)).await?.per_second());
        plain.push(empty.run(Load::One("customer-0"), Duration::from_secs(2)).await?.per_second());
        rich.push(shop.run(Load::One("rich"), Duration::from_secs(2)).await?.per_second());
    }
    let cost = |few: &mut Vec<f64>, many: &mut Vec<f64>| middle(few) / middle(many);
    let by_all = cost(&mut small, &mut big);
    report("cost of placing with so many orders ÷ empty, 64 callers", by_all, "≤ 1.3", by_all <= 1.3);
    let by_one = cost(&mut plain, &mut rich);
    report("cost of placing with 10,000 lots ÷ with one, 1 caller", by_one, "≤ 1.3", by_one <= 1.3);
    Ok(())
}

fn middle(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn tell(what: &str, placed: &Placed) {
    println!(
        "{what}: {:.0} orders/s, p50 {:.1} ms, p99 {:.1} ms, {} orders a transaction",
        placed.per_second(),
        placed.percentile(50).as_secs_f64() * 1_000.0,
        placed.percentile(99).as_secs_f64() * 1_000.0,
        placed.mean_batch(),
    );
}
