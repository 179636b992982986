//! What can go wrong with a database, as the callers of a store see it.

/// Which rule of the tables was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstraintKind {
    /// The key is already there.
    Unique,
    /// A `CHECK` does not hold.
    Check,
    /// What the row refers to is not there.
    ForeignKey,
    /// A value is missing.
    NotNull,
    /// The table refuses it, for instance because it is append-only.
    Refused,
}

/// An error of a store. It can be given to many callers, so it is `Clone` and carries texts, not causes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// More is queued than the store takes on; nothing was done.
    #[error("too much is waiting to be saved; try again soon")]
    Busy,
    /// The store is being closed; nothing was done.
    #[error("the store is closed")]
    Closed,
    /// A write did not touch exactly one row for each of its input rows; nothing was saved.
    #[error("\"{statement}\" did not find the rows as they were expected")]
    Conflict {
        /// Which write.
        statement: &'static str,
    },
    /// A rule of the tables was broken; nothing was saved.
    #[error("\"{statement}\" broke a rule of the tables ({kind:?}): {message}")]
    Constraint {
        /// Which write.
        statement: &'static str,
        /// Which kind of rule.
        kind: ConstraintKind,
        /// The database's own words.
        message: String,
    },
    /// The database cannot be reached or cannot write. Whether the work was saved is unknown.
    #[error("the database is not available: {reason}")]
    Unavailable {
        /// What it said.
        reason: String,
    },
    /// The program itself is at fault; nothing was saved.
    #[error("a fault of the program: {reason}")]
    Defect {
        /// What happened.
        reason: String,
    },
    /// A result is not of the expected type.
    #[error("column {column} of \"{statement}\" cannot be read as what is expected")]
    Unreadable {
        /// Which statement.
        statement: &'static str,
        /// Which column, from 0.
        column: usize,
    },
    /// A statement is not right, or its row does not fit.
    #[error("\"{statement}\" cannot be run: {fault}")]
    Statement {
        /// Which statement.
        statement: &'static str,
        /// What is wrong.
        fault: String,
    },
    /// A migration that the database has was changed in the program since.
    #[error("migration {number} ({name}) was changed after it had been applied to this database")]
    MigrationChanged {
        /// Its number.
        number: u32,
        /// Its name in the program.
        name: &'static str,
    },
    /// A migration could not be applied; the database is as it was before.
    #[error("migration {number} ({name}) could not be applied: {reason}")]
    MigrationFailed {
        /// Its number.
        number: u32,
        /// Its name.
        name: &'static str,
        /// Why.
        reason: String,
    },
    /// The database was used by a newer program.
    #[error(
        "the database is at migration {database}, but this program knows only up to {program}: use a newer program"
    )]
    NewerDatabase {
        /// The last migration of the database.
        database: u32,
        /// The last migration of the program.
        program: u32,
    },
    /// The database lacks tables, and was opened only to be looked at.
    #[error("the database is at migration {database}, but this program needs {program}")]
    NotMigrated {
        /// The last migration of the database; 0 if it has no tables of ours.
        database: u32,
        /// The last migration of the program.
        program: u32,
    },
    /// The address of the database cannot be used.
    #[error("the address of the database cannot be used: {reason}")]
    Address {
        /// What is wrong with it.
        reason: String,
    },
    /// It can be done on one of the databases only.
    #[error("{what} is not possible with this database")]
    Unsupported {
        /// What was asked for.
        what: &'static str,
    },
}

/// What a failed step of a transaction means for the works in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The connection is gone: connect again and repeat all of it.
    Lost(String),
    /// Another transaction was in the way: repeat it, one work at a time.
    Contended(String),
    /// The database cannot write for anyone: answer all, repeat nothing.
    Unable(String),
    /// One of the works is at fault: repeat one at a time, so that only this one gets the error.
    Refused(StoreError),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(error) => error,
            Fault::Lost(reason) | Fault::Contended(reason) | Fault::Unable(reason) => {
                Self::Unavailable { reason }
            }
        }
    }
}
