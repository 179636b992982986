//! The one connection that writes.

use rusqlite::Connection;

use super::super::dialect::Dialect;
use super::super::error::{Fault, StoreError};
use super::super::group::{Group, Results};
use super::super::options::Options;
use super::super::session::Session;
use super::checkpoints::Checkpoints;
use super::fault::fault;
use super::{Place, connection};

/// A writer of the file. Its transactions begin `IMMEDIATE`, so what it reads nobody else can change.
pub(in super::super) struct SqliteSession {
    connection: Connection,
    /// A passing file is never moved.
    checkpoints: Option<Checkpoints>,
    /// A passing file stays until its writer is done.
    _place: Place,
}

impl SqliteSession {
    pub fn open(place: &Place, options: &Options) -> Result<Self, StoreError> {
        let connection = connection::to_write(&place.path, options.lock_timeout, place.passing.is_none())?;
        if let Some(pages) = options.pages_max {
            connection::set(&connection, &format!("PRAGMA max_page_count = {pages}"))?;
        }
        let lasting = place.passing.is_none();
        let checkpoints =
            lasting.then(|| Checkpoints::begin(&place.path, options.lock_timeout)).transpose()?;
        Ok(Self { connection, checkpoints, _place: place.clone() })
    }

    fn run(&self, name: &'static str, text: &str) -> Result<(), Fault> {
        let run = self.connection.prepare_cached(text).and_then(|mut prepared| prepared.raw_execute());
        run.map(|_| ()).map_err(|error| fault(name, &error))
    }
}

impl Session for SqliteSession {
    const DIALECT: Dialect = Dialect::Sqlite;

    fn begin(&mut self, reads: &[Group]) -> Result<Results, Fault> {
        if self.checkpoints.as_ref().is_some_and(Checkpoints::little_is_left) {
            connection::checkpoint(&self.connection);
        }
        self.run("begin", Self::DIALECT.begin())?;
        self.read(reads)
    }

    fn read(&mut self, reads: &[Group]) -> Result<Results, Fault> {
        reads.iter().map(|group| connection::query(&self.connection, group)).collect()
    }

    fn write(&mut self, writes: &[Group]) -> Result<(), Fault> {
        writes.iter().try_for_each(|group| connection::execute(&self.connection, group))
    }

    fn script(&mut self, text: &str) -> Result<(), Fault> {
        self.connection.execute_batch(text).map_err(|error| fault("script", &error))
    }

    fn commit(&mut self) -> Result<(), Fault> {
        self.run("commit", "COMMIT")
    }

    fn roll_back(&mut self) {
        // Grave errors have already ended the transaction by themselves.
        if !self.connection.is_autocommit() {
            let _ = self.run("roll back", "ROLLBACK");
        }
    }

    fn close(&mut self) {
        // A checkpoint that others hold up is made up for when the file is next opened.
        let _ = connection::set(&self.connection, "PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);");
    }
}
