//! The connections that read beside the writer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::super::error::StoreError;
use super::super::group::Group;
use super::super::options::Options;
use super::super::row::Row;
use super::{Place, connection};

/// A few connections that only read, each used by one caller at a time.
#[derive(Debug)]
pub(in super::super) struct Readers {
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub fn open(place: &Place, options: &Options) -> Result<Self, StoreError> {
        let readers = options.readers.get();
        let open = |_| connection::to_read(&place.path, options.lock_timeout);
        let idle = (0..readers).map(open).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { permits: Arc::new(Semaphore::new(readers)), idle: Arc::new(Mutex::new(idle)) })
    }

    /// Runs a statement. Where the caller goes away meanwhile, the connection still comes back.
    pub async fn read(&self, group: Group) -> Result<Vec<Row>, StoreError> {
        let permits = Arc::clone(&self.permits);
        let permit = permits.acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let idle = Arc::clone(&self.idle);
        let reading = spawn_blocking(move || {
            let connection = lock(&idle).pop().ok_or(StoreError::Closed)?;
            let rows = connection::query(&connection, &group);
            lock(&idle).push(connection);
            drop(permit);
            Ok(rows?)
        });
        reading.await.map_err(|error| StoreError::Defect { reason: error.to_string() })?
    }

    /// Ends all reading.
    pub fn close(&self) {
        self.permits.close();
        lock(&self.idle).clear();
    }
}

fn lock(idle: &Mutex<Vec<Connection>>) -> MutexGuard<'_, Vec<Connection>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}
