//! What PostgreSQL's errors mean for a transaction.

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use super::super::error::{ConstraintKind, Fault, StoreError};

/// What an error of a statement means. What the server did not say itself comes from the connection.
pub(super) fn fault(statement: &'static str, error: &Error) -> Fault {
    match error.as_db_error() {
        Some(said) => of_server(statement, said),
        None => Fault::Lost(with_causes(error)),
    }
}

/// The fault that explains the others: in an aborted transaction all statements after the first fail.
pub(super) fn gravest(faults: impl Iterator<Item = (Fault, bool)>) -> Option<Fault> {
    let (mut first, mut consequence) = (None, None);
    for (fault, is_consequence) in faults {
        match fault {
            Fault::Lost(_) => return Some(fault),
            _ if is_consequence => consequence = consequence.or(Some(fault)),
            _ => first = first.or(Some(fault)),
        }
    }
    first.or(consequence)
}

/// Whether it failed only because a statement before it had.
pub(super) fn is_consequence(error: &Error) -> bool {
    error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION)
}

fn of_server(statement: &'static str, error: &DbError) -> Fault {
    let message = error.message().to_owned();
    if let Some(kind) = constraint(error.code()) {
        return Fault::Refused(StoreError::Constraint { statement, kind, message });
    }
    match error.code() {
        &SqlState::T_R_DEADLOCK_DETECTED
        | &SqlState::T_R_SERIALIZATION_FAILURE
        | &SqlState::LOCK_NOT_AVAILABLE
        | &SqlState::QUERY_CANCELED => Fault::Contended(message),
        code if is_lost(code) => Fault::Lost(message),
        code if ["53", "58", "XX"].iter().any(|class| code.code().starts_with(class)) => {
            Fault::Unable(message)
        }
        code => {
            Fault::Refused(StoreError::Statement { statement, fault: format!("{message} ({})", code.code()) })
        }
    }
}

fn constraint(code: &SqlState) -> Option<ConstraintKind> {
    match code {
        &SqlState::UNIQUE_VIOLATION | &SqlState::CARDINALITY_VIOLATION => Some(ConstraintKind::Unique),
        &SqlState::CHECK_VIOLATION => Some(ConstraintKind::Check),
        &SqlState::FOREIGN_KEY_VIOLATION => Some(ConstraintKind::ForeignKey),
        &SqlState::NOT_NULL_VIOLATION => Some(ConstraintKind::NotNull),
        &SqlState::RAISE_EXCEPTION => Some(ConstraintKind::Refused),
        _ => None,
    }
}

/// A server that goes down, comes up, or became a standby; a plan or a prepared statement that a change of the
/// tables made useless. A new connection helps.
fn is_lost(code: &SqlState) -> bool {
    let states = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::FEATURE_NOT_SUPPORTED,
        SqlState::INVALID_SQL_STATEMENT_NAME,
        SqlState::TOO_MANY_CONNECTIONS,
    ];
    states.contains(code) || code.code().starts_with("08")
}

fn with_causes(error: &Error) -> String {
    let cause = std::error::Error::source(error).map_or(String::new(), |cause| format!(": {cause}"));
    format!("{error}{cause}")
}
