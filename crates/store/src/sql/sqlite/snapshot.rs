//! A connection that stays in one reading transaction.

use std::time::Duration;

use rusqlite::Connection;
use tokio::task::spawn_blocking;

use super::super::error::{Fault, StoreError};
use super::super::group::Group;
use super::super::row::Row;
use super::{Place, connection};

/// The file as it was when this was opened: in WAL mode writers go on beside it.
pub(in super::super) struct SqliteSnapshot {
    /// Away while a statement runs; lost, if its caller went away meanwhile.
    connection: Option<Connection>,
    /// A passing file stays as long as someone looks at it.
    _place: Place,
}

impl SqliteSnapshot {
    pub async fn open(place: Place, busy: Duration) -> Result<Self, StoreError> {
        let path = place.path.clone();
        let opening = spawn_blocking(move || {
            let connection = connection::to_read(&path, busy)?;
            // The moment is that of the first read.
            connection::set(&connection, "BEGIN; SELECT count(*) FROM sqlite_schema;")?;
            Ok::<_, StoreError>(connection)
        });
        let connection =
            opening.await.map_err(|error| StoreError::Defect { reason: error.to_string() })??;
        Ok(Self { connection: Some(connection), _place: place })
    }

    pub async fn read(&mut self, group: Group) -> Result<Vec<Row>, Fault> {
        let connection = self.connection.take().ok_or(StoreError::Closed)?;
        let reading = spawn_blocking(move || {
            let rows = connection::query(&connection, &group);
            (connection, rows)
        });
        let read = reading.await.map_err(|error| StoreError::Defect { reason: error.to_string() })?;
        self.connection = Some(read.0);
        read.1
    }
}
