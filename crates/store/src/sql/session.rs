//! What a writer asks of its connection, whichever database it goes to.

use super::dialect::Dialect;
use super::error::Fault;
use super::group::{Group, Results};

/// A connection that writes, one transaction at a time. After a fault the transaction has to be rolled back.
pub(super) trait Session: Send {
    const DIALECT: Dialect;

    /// Begins a transaction, and runs reads in it in the order given.
    fn begin(&mut self, reads: &[Group]) -> Result<Results, Fault>;

    /// Runs reads in the transaction.
    fn read(&mut self, reads: &[Group]) -> Result<Results, Fault>;

    /// Runs writes in the transaction in the order given; each touches as many rows as it has to.
    fn write(&mut self, writes: &[Group]) -> Result<(), Fault>;

    /// Runs a text of many statements in the transaction, however long it takes.
    fn script(&mut self, text: &str) -> Result<(), Fault>;

    /// Runs writes and commits in one step, where the database can do that with these; whether it has. A fault does not
    /// tell which write is at fault.
    fn write_and_commit(&mut self, _writes: &[Group]) -> Result<bool, Fault> {
        Ok(false)
    }

    /// After it all writes of the transaction are durable. Where the connection was lost meanwhile, whether
    /// they are is unknown.
    fn commit(&mut self) -> Result<(), Fault>;

    /// Ends the transaction without its writes. A connection that cannot do so is given up for a new one.
    fn roll_back(&mut self);

    /// Leaves the database tidy.
    fn close(&mut self);
}
