//! The whole database as it is at one moment, read for as long as it takes.
//!
//! What reads millions of rows goes from page to page by key, so that memory does not grow with the tables. All
//! pages see the same moment, whatever is written meanwhile. Nothing can be written through it.

use super::error::{Fault, StoreError};
use super::group::Group;
use super::migration::{Migration, check_migrated};
use super::options::Options;
use super::postgres::{Address, PostgresSnapshot};
use super::row::Row;
use super::sqlite::{Place, SqliteSnapshot};
use super::statement::Statement;
use super::value::Value;

/// The database at one moment. It holds a connection of its own and, on SQLite, what was written since in the
/// file's journal; so it should not be kept longer than it is needed.
pub struct Snapshot {
    held: Held,
}

enum Held {
    Sqlite(SqliteSnapshot),
    Postgres(PostgresSnapshot),
}

impl Snapshot {
    /// Looks at a database that has to be there and to have all tables: nothing is made or changed.
    ///
    /// # Errors
    /// [`StoreError::Address`], [`StoreError::Unavailable`], [`StoreError::NotMigrated`],
    /// [`StoreError::NewerDatabase`] or [`StoreError::MigrationChanged`].
    pub async fn open(
        url: &str,
        migrations: &'static [Migration],
        options: &Options,
    ) -> Result<Self, StoreError> {
        let mut snapshot = match Database::named(url, options)? {
            Database::Sqlite(place) => Self::of_sqlite(&place, options).await?,
            Database::Postgres(address) => Self::of_postgres(&address).await?,
        };
        snapshot.check(migrations).await?;
        Ok(snapshot)
    }

    pub(super) async fn of_sqlite(place: &Place, options: &Options) -> Result<Self, StoreError> {
        if !place.path.is_file() {
            let reason = format!("there is no file {}", place.path.display());
            return Err(StoreError::Unavailable { reason });
        }
        let opened = SqliteSnapshot::open(place.clone(), options.lock_timeout).await?;
        Ok(Self { held: Held::Sqlite(opened) })
    }

    pub(super) async fn of_postgres(address: &Address) -> Result<Self, StoreError> {
        Ok(Self { held: Held::Postgres(PostgresSnapshot::open(address).await?) })
    }

    async fn check(&mut self, migrations: &'static [Migration]) -> Result<(), StoreError> {
        let applied = self.run(Group::new(&super::migration::APPLIED, vec![Vec::new()])?).await;
        check_migrated(applied, migrations)
    }

    /// Runs a statement for some rows, as [`Store::read`](super::Store::read) does, at the snapshot's moment.
    ///
    /// # Errors
    /// [`StoreError::Statement`], [`StoreError::Unreadable`] or [`StoreError::Unavailable`].
    pub async fn read(
        &mut self,
        statement: &'static Statement,
        rows: Vec<Vec<Value>>,
    ) -> Result<Vec<Row>, StoreError> {
        Ok(self.run(Group::new(statement, rows)?).await?)
    }

    async fn run(&mut self, group: Group) -> Result<Vec<Row>, Fault> {
        match &mut self.held {
            Held::Sqlite(held) => held.read(group).await,
            Held::Postgres(held) => held.read(&group).await,
        }
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Snapshot").finish_non_exhaustive()
    }
}

/// Which database an address names.
pub(super) enum Database {
    Sqlite(Place),
    Postgres(Box<Address>),
}

impl Database {
    pub fn named(url: &str, options: &Options) -> Result<Self, StoreError> {
        if let Some(name) = url.strip_prefix("sqlite:") {
            return Place::named(name).map(Self::Sqlite);
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Address::parse(url, options).map(Box::new).map(Self::Postgres);
        }
        let reason = "it starts with neither sqlite: nor postgres://".to_owned();
        Err(StoreError::Address { reason })
    }
}
