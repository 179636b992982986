//! What SQLite's errors mean for a transaction.

use rusqlite::{Error, ErrorCode, ffi};

use super::super::error::{ConstraintKind, Fault, StoreError};

/// What an error of a statement means.
pub(super) fn fault(statement: &'static str, error: &Error) -> Fault {
    match error.sqlite_error() {
        Some(code) => coded(statement, code, error.to_string()),
        None => Fault::Refused(StoreError::Statement { statement, fault: error.to_string() }),
    }
}

fn coded(statement: &'static str, error: &ffi::Error, message: String) -> Fault {
    match error.code {
        ErrorCode::ConstraintViolation => {
            Fault::Refused(StoreError::Constraint { statement, kind: kind(error.extended_code), message })
        }
        ErrorCode::DiskFull => Fault::Unable(format!("the disk is full ({message})")),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Fault::Unable(format!("another process holds the file ({message})"))
        }
        ErrorCode::SystemIoFailure
        | ErrorCode::ReadOnly
        | ErrorCode::CannotOpen
        | ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::OutOfMemory
        | ErrorCode::PermissionDenied
        | ErrorCode::FileLockingProtocolFailed => Fault::Unable(message),
        _ => Fault::Refused(StoreError::Statement { statement, fault: message }),
    }
}

fn kind(extended_code: i32) -> ConstraintKind {
    match extended_code {
        ffi::SQLITE_CONSTRAINT_CHECK => ConstraintKind::Check,
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => ConstraintKind::ForeignKey,
        ffi::SQLITE_CONSTRAINT_NOTNULL => ConstraintKind::NotNull,
        ffi::SQLITE_CONSTRAINT_TRIGGER => ConstraintKind::Refused,
        _ => ConstraintKind::Unique,
    }
}
