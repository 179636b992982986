//! A connection that stays in one reading transaction.

use std::collections::HashMap;

use tokio::task::JoinHandle;
use tokio_postgres::Client;

use super::super::dialect::{Dialect, POSTGRES_SNAPSHOT, POSTGRES_SNAPSHOT_SETTINGS};
use super::super::error::{Fault, StoreError};
use super::super::group::Group;
use super::super::row::Row;
use super::Address;
use super::columns::{columns, read};
use super::fault::fault;

/// The database as it was when this was opened.
pub(in super::super) struct PostgresSnapshot {
    client: Client,
    task: JoinHandle<()>,
    prepared: HashMap<&'static str, tokio_postgres::Statement>,
}

impl PostgresSnapshot {
    pub async fn open(address: &Address) -> Result<Self, StoreError> {
        let opening = tokio::time::timeout(address.step_timeout, address.connector.open(&address.config));
        let out_of_time = |_| Fault::Lost("PostgreSQL does not answer".to_owned());
        let (client, task) = opening.await.map_err(out_of_time)?.map_err(|error| fault("connect", &error))?;
        let snapshot = Self { client, task, prepared: HashMap::new() };
        for text in [POSTGRES_SNAPSHOT_SETTINGS, POSTGRES_SNAPSHOT] {
            snapshot.client.batch_execute(text).await.map_err(|error| fault("begin", &error))?;
        }
        Ok(snapshot)
    }

    /// However long it takes: a sum over all rows is no lost connection, and keep-alives find one.
    pub async fn read(&mut self, group: &Group) -> Result<Vec<Row>, Fault> {
        let name = group.statement.name;
        let text = group.statement.rendered(Dialect::Postgres)?.text.as_str();
        if !self.prepared.contains_key(text) {
            let prepared = self.client.prepare(text).await.map_err(|error| fault(name, &error))?;
            self.prepared.insert(text, prepared);
        }
        let prepared = self.prepared.get(text).ok_or(StoreError::Closed)?;
        let columns = columns(group);
        let parameters: Vec<_> = columns.iter().map(|column| column.parameter()).collect();
        let rows = self.client.query(prepared, &parameters).await.map_err(|error| fault(name, &error))?;
        Ok(rows.iter().map(|row| read(group.statement, row)).collect::<Result<_, _>>()?)
    }
}

impl Drop for PostgresSnapshot {
    fn drop(&mut self) {
        self.task.abort();
    }
}
