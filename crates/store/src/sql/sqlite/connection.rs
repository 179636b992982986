//! Opening connections to the file, and running statements on them.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql};

use super::super::dialect::{Dialect, SQLITE_SETTINGS};
use super::super::error::{Fault, StoreError};
use super::super::group::Group;
use super::super::row::Row;
use super::super::statement::Statement;
use super::super::value::Value;
use super::fault::fault;

const CACHED_STATEMENTS: usize = 256;

/// How often, and after what pause, a file that others are opening is tried again.
const OPENING_TRIES: u32 = 50;
const OPENING_PAUSE: Duration = Duration::from_millis(20);

/// Opens the file to write, and makes it where it is not there. `durable` is given up for passing databases.
pub(super) fn to_write(path: &Path, busy: Duration, durable: bool) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = open(path, flags, busy)?;
    let journal = "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 268435456; PRAGMA wal_autocheckpoint = 65536;";
    let synchronous = if durable { "PRAGMA synchronous = FULL;" } else { "PRAGMA synchronous = OFF;" };
    set_when_free(&connection, journal)?;
    set(&connection, synchronous)?;
    Ok(connection)
}

/// Opens the file to move its journal.
pub(super) fn to_move(path: &Path, busy: Duration) -> Result<Connection, StoreError> {
    open(path, OpenFlags::SQLITE_OPEN_READ_WRITE, busy)
}

/// Opens the file to read only.
pub(super) fn to_read(path: &Path, busy: Duration) -> Result<Connection, StoreError> {
    // Read-only connections cannot take part in WAL where they would have to make its files themselves.
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE, busy)?;
    set(&connection, "PRAGMA query_only = ON;")?;
    Ok(connection)
}

/// How many pages the journal beside the file holds, and how many of them are in the file.
pub(super) struct Moved {
    pub pages: i64,
    pub moved: i64,
}

/// Moves what the journal beside the file holds into the file, as far as nobody is in the way.
pub(super) fn checkpoint(connection: &Connection) -> Option<Moved> {
    // What cannot be moved now is moved the next time; the writer itself moves it when it becomes too much.
    let moved = |row: &rusqlite::Row<'_>| Ok(Moved { pages: row.get(1)?, moved: row.get(2)? });
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], moved).ok()
}

/// Copies the file as it is now.
pub(super) fn copy_into(path: &Path, target: &Path) -> Result<(), StoreError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE, Duration::from_secs(5))?;
    let target = target.to_string_lossy();
    connection.execute("VACUUM INTO ?1", [target]).map_err(|error| fault("backup", &error))?;
    Ok(())
}

fn open(path: &Path, flags: OpenFlags, busy: Duration) -> Result<Connection, StoreError> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
        connection.busy_timeout(busy)?;
        connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        // Else statements are planned anew whenever other values are bound, which is each time.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.execute_batch(SQLITE_SETTINGS)?;
        Ok(connection)
    });
    opened.map_err(|error| StoreError::Unavailable {
        reason: format!("the file {} cannot be opened: {error}", path.display()),
    })
}

/// Runs settings.
pub(super) fn set(connection: &Connection, settings: &str) -> Result<(), StoreError> {
    connection.execute_batch(settings).map_err(|error| StoreError::from(fault("settings", &error)))
}

/// Runs settings that need the file for themselves. SQLite does not wait for that by itself where others open
/// the file at the same moment.
fn set_when_free(connection: &Connection, settings: &str) -> Result<(), StoreError> {
    for _ in 0..OPENING_TRIES {
        match connection.execute_batch(settings) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => sleep(OPENING_PAUSE),
            done => return done.map_err(|error| StoreError::from(fault("settings", &error))),
        }
    }
    set(connection, settings)
}

/// Runs a statement for each of its rows, and gives back all results.
pub(super) fn query(connection: &Connection, group: &Group) -> Result<Vec<Row>, Fault> {
    let mut found = Vec::new();
    let rendered = group.statement.rendered(Dialect::Sqlite)?;
    let name = group.statement.name;
    let mut prepared = connection.prepare_cached(&rendered.text).map_err(|error| fault(name, &error))?;
    for (place, row) in group.rows.iter().enumerate() {
        bind(&mut prepared, &rendered.uses, row, place).map_err(|error| fault(name, &error))?;
        let columns = prepared.column_count();
        let mut results = prepared.raw_query();
        while let Some(result) = results.next().map_err(|error| fault(name, &error))? {
            found.push(read(group.statement, result, columns)?);
        }
    }
    Ok(found)
}

/// Runs a statement for each of its rows.
pub(super) fn execute(connection: &Connection, group: &Group) -> Result<(), Fault> {
    let rendered = group.statement.rendered(Dialect::Sqlite)?;
    let name = group.statement.name;
    let mut prepared = connection.prepare_cached(&rendered.text).map_err(|error| fault(name, &error))?;
    for (place, row) in group.rows.iter().enumerate() {
        bind(&mut prepared, &rendered.uses, row, place).map_err(|error| fault(name, &error))?;
        let touched = prepared.raw_execute().map_err(|error| fault(name, &error))?;
        group.statement.expect(u64::try_from(touched).unwrap_or(u64::MAX), 1)?;
    }
    Ok(())
}

fn bind(
    prepared: &mut rusqlite::Statement<'_>,
    uses: &[usize],
    row: &[Value],
    place: usize,
) -> rusqlite::Result<()> {
    for (parameter, column) in (1_usize..).zip(uses) {
        match row.get(*column) {
            Some(value) => prepared.raw_bind_parameter(parameter, value)?,
            None => prepared.raw_bind_parameter(parameter, i64::try_from(place).unwrap_or(i64::MAX))?,
        }
    }
    Ok(())
}

fn read(statement: &'static Statement, result: &rusqlite::Row<'_>, columns: usize) -> Result<Row, Fault> {
    let value = |column| {
        let found = result.get_ref(column).map_err(|error| fault(statement.name, &error))?;
        let unreadable = StoreError::Unreadable { statement: statement.name, column };
        match found {
            ValueRef::Null => Ok(Value::Null),
            ValueRef::Integer(number) => Ok(Value::Int(number)),
            ValueRef::Text(text) => {
                Ok(Value::Text(String::from_utf8(text.to_vec()).map_err(|_| unreadable)?))
            }
            ValueRef::Real(_) | ValueRef::Blob(_) => Err(Fault::Refused(unreadable)),
        }
    };
    Ok(Row::new(statement, (0..columns).map(value).collect::<Result<_, _>>()?)?)
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(rusqlite::types::ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}
