//! Where the books are: the one argument for it, and how its faults are told.
//!
//! An address may hold a password, so it is never repeated: not in errors, and not by the parser of arguments,
//! which therefore takes every text.

use anyhow::{Context as _, anyhow};
use choba_app::AppError;
use choba_store::books::MIGRATIONS;
use choba_store::sql::{Options, Snapshot, Store, StoreError};
use jiff::Timestamp;

/// The database with the books.
#[derive(Clone, clap::Args)]
pub struct Database {
    /// The database: `sqlite:PATH`, or `postgres://USER@HOST/NAME` (with `?sslmode=require` it is encrypted).
    #[arg(long = "db", value_name = "URL")]
    url: String,
}

impl Database {
    /// The books as they are now; nothing is made or changed.
    pub async fn snapshot(&self) -> anyhow::Result<Snapshot> {
        Snapshot::open(&self.url, &MIGRATIONS, &options()).await.map_err(explained)
    }

    /// A store that writes; its tables are made where there are none.
    pub async fn store(&self) -> anyhow::Result<Store> {
        Store::open(&self.url, &MIGRATIONS, options()).await.map_err(explained)
    }
}

fn options() -> Options {
    Options::at(now().as_millisecond())
}

/// Now.
#[expect(clippy::disallowed_methods, reason = "only the command line reads the clock")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Waits for work with a database.
pub fn wait_for<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("the runtime cannot be started")?.block_on(work)
}

/// An error of a database with what to do about it.
pub fn explained(error: StoreError) -> anyhow::Error {
    let hint = match &error {
        StoreError::Address { .. } => "--db takes sqlite:PATH or postgres://USER@HOST/NAME",
        StoreError::Unavailable { .. } => "see that the database is there, runs, and lets this user in",
        StoreError::NotMigrated { .. } => "`choba serve` and `choba restore` make the tables",
        StoreError::NewerDatabase { .. } => "use the choba that made these tables",
        StoreError::MigrationChanged { .. } => "the tables were made by another build of choba; use that one",
        _ => return anyhow!("--db: {error}"),
    };
    anyhow!("--db: {error}\nhint: {hint}")
}

/// An error of a use case with what to do about it.
pub fn explained_app(error: AppError) -> anyhow::Error {
    match error {
        AppError::Store(error) => explained(error),
        other => anyhow!(other),
    }
}
