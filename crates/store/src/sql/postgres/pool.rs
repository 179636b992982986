//! The connections that read beside the writers.

use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, PoolError, RecyclingMethod, Runtime, TimeoutType};

use super::super::dialect::Dialect;
use super::super::error::{Fault, StoreError};
use super::super::group::Group;
use super::super::options::Options;
use super::super::patience::delays;
use super::super::row::Row;
use super::Address;
use super::columns::{columns, read};
use super::fault::fault;

/// Connections for reads.
pub(in super::super) struct Pool {
    connections: deadpool_postgres::Pool,
    patience: Duration,
    step_timeout: Duration,
}

impl Pool {
    pub fn new(address: &Address, options: &Options) -> Result<Self, StoreError> {
        let fast = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_connect(address.config.clone(), address.connector.clone(), fast);
        let connections = deadpool_postgres::Pool::builder(manager)
            .max_size(options.readers.get())
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(address.step_timeout))
            .create_timeout(Some(address.step_timeout))
            .build()
            .map_err(|error| StoreError::Defect { reason: error.to_string() })?;
        Ok(Self { connections, patience: options.patience, step_timeout: address.step_timeout })
    }

    /// Runs a statement, and again while connections are lost: reading twice does no harm.
    pub async fn read(&self, group: &Group) -> Result<Vec<Row>, StoreError> {
        let mut delays = delays(self.patience);
        loop {
            let fault = match self.attempt(group).await {
                Ok(rows) => return Ok(rows),
                Err(fault @ Fault::Lost(_)) => fault,
                Err(fault) => return Err(fault.into()),
            };
            let Some(delay) = delays.next() else { return Err(fault.into()) };
            tokio::time::sleep(delay).await;
        }
    }

    async fn attempt(&self, group: &Group) -> Result<Vec<Row>, Fault> {
        let connection = self.connections.get().await.map_err(unobtainable)?;
        match tokio::time::timeout(self.step_timeout, run(&connection, group)).await {
            Ok(Err(fault @ Fault::Lost(_))) => {
                drop(Object::take(connection));
                Err(fault)
            }
            Ok(outcome) => outcome,
            Err(_) => {
                drop(Object::take(connection));
                Err(Fault::Lost("PostgreSQL does not answer".to_owned()))
            }
        }
    }

    pub fn close(&self) {
        self.connections.close();
    }
}

async fn run(connection: &Object, group: &Group) -> Result<Vec<Row>, Fault> {
    let name = group.statement.name;
    let text = &group.statement.rendered(Dialect::Postgres)?.text;
    let prepared = connection.prepare_cached(text).await.map_err(|error| fault(name, &error))?;
    let columns = columns(group);
    let parameters: Vec<_> = columns.iter().map(|column| column.parameter()).collect();
    let rows = connection.query(&prepared, &parameters).await.map_err(|error| fault(name, &error))?;
    Ok(rows.iter().map(|row| read(group.statement, row)).collect::<Result<_, _>>()?)
}

fn unobtainable(error: PoolError) -> Fault {
    match error {
        PoolError::Timeout(TimeoutType::Wait) => Fault::Refused(StoreError::Busy),
        PoolError::Closed => Fault::Refused(StoreError::Closed),
        PoolError::Backend(error) => fault("connect", &error),
        other => Fault::Lost(other.to_string()),
    }
}
