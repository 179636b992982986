//! Migrations: numbered texts that make and change the tables, each applied once.

use sha2::{Digest, Sha256};

use super::error::{Fault, StoreError};
use super::group::Group;
use super::row::Row;
use super::session::Session;
use super::statement::Statement;
use super::value::{Type, Value};

/// A change of the tables. Once a database has it, its text never changes.
///
/// The text is the same for both databases, but for what stands between `{sqlite}` and `{both}`. `{text}` stands
/// for a text column that is ordered by its bytes, `{append_only TABLE}` makes a table refuse every change and
/// removal of its rows, and `{clustered}` after the closing bracket of a table keeps its rows in the order of the
/// primary key where the database can; `{clustered_roomy}` is that for rows that change often. `{document}` stands
/// for a long text that nothing searches in.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// From 1, without gaps.
    pub number: u32,
    /// What it is about, in a few words.
    pub name: &'static str,
    /// The statements.
    pub sql: &'static str,
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS migrations (
    number BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    applied_at BIGINT NOT NULL
)";

pub(super) static APPLIED: Statement = Statement::new(
    "migrations that the database has",
    &[],
    "SELECT :row, m.number, m.digest FROM {rows} CROSS JOIN migrations AS m ORDER BY m.number",
);

static RECORD: Statement = Statement::new(
    "record a migration",
    &[("number", Type::Int), ("name", Type::Text), ("digest", Type::Text), ("applied_at", Type::Int)],
    "INSERT INTO migrations (number, name, digest, applied_at)
     SELECT :number, :name, :digest, :applied_at FROM {rows}",
)
.one_each();

/// A migration that the database has.
struct Applied {
    number: u32,
    digest: String,
}

/// Brings a database to the last migration, in one transaction and one process at a time.
pub(super) fn migrate(
    session: &mut impl Session,
    migrations: &'static [Migration],
    applied_at: i64,
) -> Result<(), StoreError> {
    let migrated = in_transaction(session, migrations, applied_at);
    if migrated.is_err() {
        session.roll_back();
    }
    migrated
}

fn in_transaction(
    session: &mut impl Session,
    migrations: &'static [Migration],
    applied_at: i64,
) -> Result<(), StoreError> {
    session.begin(&[])?;
    session.script(dialect(session).migration_lock())?;
    session.script(TABLE)?;
    let applied = session.read(&[Group::new(&APPLIED, vec![Vec::new()])?])?;
    let applied = applied.iter().flatten().map(Applied::read).collect::<Result<Vec<_>, _>>()?;
    for migration in missing(&applied, migrations)? {
        apply(session, migration, applied_at)?;
    }
    Ok(session.commit()?)
}

/// Whether a database has all migrations, from what reading them gave.
pub(super) fn check_migrated(
    applied: Result<Vec<Row>, Fault>,
    migrations: &'static [Migration],
) -> Result<(), StoreError> {
    let program = migrations.last().map_or(0, |last| last.number);
    let applied = match applied {
        Ok(rows) => rows.iter().map(Applied::read).collect::<Result<Vec<_>, _>>()?,
        // There is not even a table of migrations.
        Err(Fault::Refused(StoreError::Statement { .. })) => Vec::new(),
        Err(fault) => return Err(fault.into()),
    };
    let database = applied.last().map_or(0, |last| last.number);
    match missing(&applied, migrations)? {
        [] => Ok(()),
        _ => Err(StoreError::NotMigrated { database, program }),
    }
}

fn dialect<S: Session>(_: &S) -> super::dialect::Dialect {
    S::DIALECT
}

fn apply(
    session: &mut impl Session,
    migration: &'static Migration,
    applied_at: i64,
) -> Result<(), StoreError> {
    let &Migration { number, name, sql } = migration;
    let failed = |reason: String| StoreError::MigrationFailed { number, name, reason };
    let text = dialect(session).migration(sql).map_err(failed)?;
    session.script(&text).map_err(|fault| failed(reason(fault)))?;
    let row = vec![number.into(), name.into(), Value::Text(digest(migration)), applied_at.into()];
    Ok(session.write(&[Group::new(&RECORD, vec![row])?])?)
}

fn reason(fault: Fault) -> String {
    match fault {
        Fault::Refused(StoreError::Statement { fault, .. }) => fault,
        other => StoreError::from(other).to_string(),
    }
}

/// What the program has and the database has not; or why they do not belong together.
fn missing(
    applied: &[Applied],
    migrations: &'static [Migration],
) -> Result<&'static [Migration], StoreError> {
    if !migrations.iter().zip(1..).all(|(migration, number)| migration.number == number) {
        return Err(StoreError::Defect { reason: "migrations are not numbered 1, 2, 3 …".to_owned() });
    }
    let database = applied.last().map_or(0, |last| last.number);
    let program = migrations.last().map_or(0, |last| last.number);
    if database > program {
        return Err(StoreError::NewerDatabase { database, program });
    }
    match applied.iter().zip(migrations).find(|(applied, migration)| applied.digest != digest(migration)) {
        Some((_, &Migration { number, name, .. })) => Err(StoreError::MigrationChanged { number, name }),
        None => Ok(migrations.get(applied.len()..).unwrap_or(&[])),
    }
}

/// The digest of the text as it is written, so that both databases have the same.
fn digest(migration: &Migration) -> String {
    Sha256::digest(migration.sql).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Applied {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let number = row.int(0)?;
        // A number that no program can have counts as newer than all.
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        Ok(Self { number, digest: row.text(1)?.to_owned() })
    }
}
