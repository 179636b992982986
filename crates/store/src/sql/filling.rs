//! One transaction with very many writes, given part by part by one caller: for tables that are filled anew.

use super::dialect::Dialect;
use super::error::StoreError;
use super::group::Group;
use super::row::Row;
use super::session::Session;
use super::statement::Statement;
use super::value::Value;

/// A transaction that is being filled. Nobody sees anything of it before it is complete.
pub struct Filling<'s> {
    session: &'s mut dyn Writing,
}

impl Filling<'_> {
    /// Writes rows with one statement.
    ///
    /// # Errors
    /// See [`StoreError`]. After an error the whole transaction comes to nothing.
    pub fn write(&mut self, statement: &'static Statement, rows: Vec<Vec<Value>>) -> Result<(), StoreError> {
        self.session.write_rows(Group::new(statement, rows)?)
    }

    /// Reads what is there, with what this transaction has written.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn read(
        &mut self,
        statement: &'static Statement,
        rows: Vec<Vec<Value>>,
    ) -> Result<Vec<Row>, StoreError> {
        self.session.read_rows(Group::new(statement, rows)?)
    }
}

impl std::fmt::Debug for Filling<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Filling").finish_non_exhaustive()
    }
}

/// A session of either database.
trait Writing {
    fn write_rows(&mut self, group: Group) -> Result<(), StoreError>;
    fn read_rows(&mut self, group: Group) -> Result<Vec<Row>, StoreError>;
}

impl<S: Session> Writing for S {
    fn write_rows(&mut self, group: Group) -> Result<(), StoreError> {
        Ok(self.write(&[group])?)
    }

    fn read_rows(&mut self, group: Group) -> Result<Vec<Row>, StoreError> {
        Ok(self.read(&[group])?.into_iter().flatten().collect())
    }
}

/// Runs `fill` in a transaction that keeps all others from writing to these tables, and commits it if `fill`
/// succeeds.
pub(super) fn fill<S: Session, T, E: From<StoreError>>(
    session: &mut S,
    tables: &[&str],
    fill: impl FnOnce(&mut Filling<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let filled = begin(session, tables).map_err(E::from).and_then(|()| fill(&mut Filling { session }));
    let committed = filled.and_then(|filled| {
        session.commit().map_err(|fault| E::from(fault.into()))?;
        Ok(filled)
    });
    if committed.is_err() {
        session.roll_back();
    }
    session.close();
    committed
}

fn begin<S: Session>(session: &mut S, tables: &[&str]) -> Result<(), StoreError> {
    let dialect: Dialect = S::DIALECT;
    session.begin(&[])?;
    Ok(session.script(&dialect.alone_with(tables))?)
}
