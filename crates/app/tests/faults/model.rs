//! Thousands of random steps, each also done to the engine's books in memory: the store and the memory must never
//! differ, neither in what they hold nor in what they refuse.
//!
//! A failing run says its seed; `CHOBA_TEST_SEED` runs that one alone.

mod chance;
mod compare;
mod deeds;
mod shadow;
mod twin;
mod witness;

use crate::support::Database;
use crate::truth::{ask_until_all_is_answered, books_are_fine, ledger_of, outside_agrees};
use chance::Chance;
use jiff::SignedDuration;
use twin::Twin;

/// Steps of one run, and how often everything is compared.
const STEPS: usize = 250;
const COMPARED_EVERY: usize = 10;

async fn run(database: &str, seed: u64) {
    eprintln!("CHOBA_TEST_SEED={seed} on {database}");
    let mut chance = Chance::new(seed);
    let mut twin = Twin::open(database, &mut chance).await;
    for step in 1..=STEPS {
        twin.step(&mut chance).await;
        if step % COMPARED_EVERY == 0 {
            twin.compare().await;
        }
    }
    end(twin).await;
}

/// Everything is answered, and everybody's books agree.
async fn end(mut twin: Twin) {
    twin.outside.as_usual();
    twin.outside.deliver_late();
    for _ in 0..12 {
        twin.wait(SignedDuration::from_hours(5)).await;
    }
    twin.compare().await;
    ask_until_all_is_answered(&twin.counter, twin.now).await;
    outside_agrees(&twin.counter, &ledger_of(&twin.outside), &twin.customers).await;
    let summary = books_are_fine(&twin.counter).await;
    println!("{summary:?}; {:?}", twin.done);
}

fn seeds() -> Vec<u64> {
    match std::env::var("CHOBA_TEST_SEED") {
        Ok(seed) => vec![seed.parse().expect("CHOBA_TEST_SEED is a number")],
        Err(_) => (1..=6).collect(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_store_never_differs_from_books_in_memory_on_sqlite() {
    for seed in seeds() {
        run("sqlite::memory:", seed).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_store_never_differs_from_books_in_memory_on_postgres() {
    for seed in seeds() {
        run(&Database::postgres().url, seed).await;
    }
}
