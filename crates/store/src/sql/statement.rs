//! A statement: one text for both databases, which works on many rows at once.

use std::sync::OnceLock;

use super::dialect::{Dialect, Rendered};
use super::error::StoreError;
use super::topics::Topic;
use super::value::{Type, Value};

/// How many rows a write has to touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expects {
    /// Any number of rows, also none.
    Any,
    /// Exactly one row for each input row; otherwise [`StoreError::Conflict`].
    OneEach,
}

/// A statement, written once for both databases. It is a `static` with a name of its own.
///
/// - `{rows}` is the source of input rows. It stands exactly where a table may stand in `FROM`.
/// - `:name` is a column of the input row, `:row` is the row's place among those given, from 0.
/// - `{lock t}` at the end of a `SELECT` locks the rows of table or alias `t` until the transaction ends.
///
/// The first column of a `SELECT` is `:row`, so that each result finds the row that asked for it.
///
/// What keeps a text portable: whole sums are cast (`CAST(sum(x) AS bigint)`), `INSERT … SELECT … FROM {rows}
/// WHERE true ON CONFLICT …` has its `WHERE`, a `DELETE` names its rows by `WHERE (a, b) IN (SELECT :a, :b FROM
/// {rows})`, `LATERAL` is in capitals, and no input row touches what another of the same statement touches:
/// PostgreSQL applies only one of them, which [`Statement::one_each`] turns into a conflict.
///
/// ```
/// use choba_store::sql::{Statement, Type};
///
/// static TAKE: Statement = Statement::new(
///     "take from a lot",
///     &[("customer_id", Type::Text), ("lot_id", Type::Text), ("taken", Type::Int)],
///     "UPDATE lots SET remaining = remaining - :taken FROM {rows}
///      WHERE lots.customer_id = :customer_id AND lots.lot_id = :lot_id",
/// )
/// .order(20)
/// .one_each();
///
/// assert!(TAKE.check().is_ok());
/// ```
#[derive(Debug)]
pub struct Statement {
    /// What errors call it.
    pub name: &'static str,
    /// The columns of an input row, in the order in which values are given.
    pub columns: &'static [(&'static str, Type)],
    /// The text, with `{rows}` and `:name`.
    pub sql: &'static str,
    /// How many rows it has to touch.
    pub expects: Expects,
    /// Where it stands among the writes of a transaction, and among its locks: small ones come first.
    pub order: u16,
    /// Whoever waits for this in the same process is woken once such a write is durable.
    pub announces: Option<Topic>,
    sqlite: OnceLock<Result<Rendered, String>>,
    postgres: OnceLock<Result<Rendered, String>>,
}

impl Statement {
    /// A statement that may touch any number of rows, of order 0.
    pub const fn new(
        name: &'static str,
        columns: &'static [(&'static str, Type)],
        sql: &'static str,
    ) -> Self {
        let expects = Expects::Any;
        Self {
            name,
            columns,
            sql,
            expects,
            order: 0,
            announces: None,
            sqlite: OnceLock::new(),
            postgres: OnceLock::new(),
        }
    }

    /// With a place among the writes of a transaction.
    #[must_use]
    pub const fn order(mut self, order: u16) -> Self {
        self.order = order;
        self
    }

    /// Touching exactly one row for each input row.
    #[must_use]
    pub const fn one_each(mut self) -> Self {
        self.expects = Expects::OneEach;
        self
    }

    /// Waking those who wait for a topic, once its write is durable.
    #[must_use]
    pub const fn announces(mut self, topic: Topic) -> Self {
        self.announces = Some(topic);
        self
    }

    /// A read of this statement for one input row.
    pub fn read(&'static self, row: impl Into<Vec<Value>>) -> Read {
        Read { statement: self, row: row.into() }
    }

    /// A write of this statement of one input row.
    pub fn write(&'static self, row: impl Into<Vec<Value>>) -> Write {
        Write { statement: self, row: row.into() }
    }

    /// Whether the text can be put into the words of both databases.
    ///
    /// # Errors
    /// [`StoreError::Statement`] where it lacks `{rows}`, or names a column or a token that there is not.
    pub fn check(&self) -> Result<(), StoreError> {
        self.rendered(Dialect::Sqlite)?;
        self.rendered(Dialect::Postgres)?;
        Ok(())
    }

    /// The text in the words of a database, made once.
    pub(super) fn rendered(&self, dialect: Dialect) -> Result<&Rendered, StoreError> {
        let cell = match dialect {
            Dialect::Sqlite => &self.sqlite,
            Dialect::Postgres => &self.postgres,
        };
        let rendered = cell.get_or_init(|| dialect.statement(self.columns, self.sql));
        rendered
            .as_ref()
            .map_err(|fault| StoreError::Statement { statement: self.name, fault: fault.clone() })
    }

    /// Whether a row has the columns of this statement.
    pub(super) fn accept(&self, row: &[Value]) -> Result<(), StoreError> {
        if row.len() != self.columns.len() {
            let fault = format!("a row of {} values, expected {}", row.len(), self.columns.len());
            return Err(StoreError::Statement { statement: self.name, fault });
        }
        match row.iter().zip(self.columns).find(|(value, (_, column))| !value.fits(*column)) {
            None => Ok(()),
            Some((_, (name, column))) => {
                let fault = format!("the value of {name} is not of type {column:?}");
                Err(StoreError::Statement { statement: self.name, fault })
            }
        }
    }

    /// Whether it has to be counted what it touches. New rows are as many as are given, or it fails.
    pub(super) fn is_counted(&self) -> bool {
        let only_adds = self.sql.starts_with("INSERT") && !self.sql.contains("ON CONFLICT");
        self.expects == Expects::OneEach && !only_adds
    }

    /// Whether so many touched rows are what is expected for so many input rows.
    pub(super) fn expect(&self, touched: u64, rows: usize) -> Result<(), StoreError> {
        match self.expects {
            Expects::OneEach if u64::try_from(rows) != Ok(touched) => {
                Err(StoreError::Conflict { statement: self.name })
            }
            _ => Ok(()),
        }
    }
}

/// A read asked for by a work: a statement and one input row.
#[derive(Clone, Debug)]
pub struct Read {
    /// What is asked.
    pub statement: &'static Statement,
    /// The values of its columns.
    pub row: Vec<Value>,
}

/// A write decided by a work: a statement and one input row.
#[derive(Clone, Debug)]
pub struct Write {
    /// What is written.
    pub statement: &'static Statement,
    /// The values of its columns.
    pub row: Vec<Value>,
}
