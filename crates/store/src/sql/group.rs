//! A statement with all the input rows that are to be run with it at once.

use super::error::StoreError;
use super::row::Row;
use super::statement::Statement;
use super::value::Value;

/// A statement and its input rows. The place of a row is what `:row` stands for.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub statement: &'static Statement,
    pub rows: Vec<Vec<Value>>,
}

impl Group {
    /// A statement with rows that fit it.
    pub fn new(statement: &'static Statement, rows: Vec<Vec<Value>>) -> Result<Self, StoreError> {
        rows.iter().try_for_each(|row| statement.accept(row))?;
        Ok(Self { statement, rows })
    }
}

/// The results of several groups, in their order.
pub(super) type Results = Vec<Vec<Row>>;
