//! Where the books are: the one argument for it, and how its faults are told.
//!
//! An address may hold a password, so it is never repeated: not in errors, and not by the parser of arguments,
//! which therefore takes every text.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use choba_app::{AppError, Counter, Secrets};
use choba_outside::books::{BookOptions, Books};
use choba_outside::scripted::Scripted;
use choba_store::books::MIGRATIONS;
use choba_store::sql::{Options, Snapshot, Store, StoreError};
use jiff::Timestamp;

use crate::data_directory::{DataDirectory, SystemEntropy};

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

/// The books of a service on this machine, and its keys. Without arguments they are where `choba serve` puts them.
#[derive(Clone, clap::Args)]
pub struct Kept {
    /// The database: `sqlite:PATH`, or `postgres://USER@HOST/NAME`; CHOBA_DB or the embedded one without it.
    #[arg(long = "db", value_name = "URL")]
    url: Option<String>,

    /// Where the keys of the service are kept; CHOBA_DATA or choba-data without it.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Kept {
    /// The books as they are now; nothing is made or changed.
    pub async fn snapshot(&self) -> anyhow::Result<Snapshot> {
        Snapshot::open(&self.url(), &MIGRATIONS, &options()).await.map_err(explained)
    }

    /// A counter without markets that asks nobody outside: for what needs neither.
    pub async fn counter(&self) -> anyhow::Result<Counter> {
        let data = DataDirectory::found(&self.directory())?;
        let outside = Arc::new(Scripted::new(Books::new(BookOptions::default()), now()));
        let entropy = Arc::new(SystemEntropy);
        let counter =
            Counter::open(&self.url(), options(), Vec::new(), outside, entropy, data.secrets()).await;
        counter.map_err(explained_app)
    }

    /// The service's keys for hashes and seals, where they are here.
    pub fn secrets_if_there(&self) -> anyhow::Result<Option<Secrets>> {
        Ok(DataDirectory::if_there(&self.directory())?.map(|data| data.secrets()))
    }

    fn url(&self) -> String {
        let named = self.url.clone().or_else(|| env::var("CHOBA_DB").ok().filter(|url| !url.is_empty()));
        named.unwrap_or_else(|| DataDirectory::database_in(&self.directory()))
    }

    fn directory(&self) -> PathBuf {
        data_directory(self.data.as_deref())
    }
}

/// The data directory that is named, or that of the environment, or the usual one.
pub fn data_directory(named: Option<&Path>) -> PathBuf {
    let set = || env::var_os("CHOBA_DATA").filter(|set| !set.is_empty()).map(PathBuf::from);
    named.map(Path::to_owned).or_else(set).unwrap_or_else(|| PathBuf::from("choba-data"))
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
