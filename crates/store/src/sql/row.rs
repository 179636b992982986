//! A row of a result.

use super::error::StoreError;
use super::statement::Statement;
use super::value::Value;

/// A row of a result, without the first column that says which input row it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    statement: &'static str,
    ordinal: usize,
    values: Vec<Value>,
}

impl Row {
    /// A row as it comes from a database, with the place of its input row first.
    pub(super) fn new(statement: &'static Statement, mut values: Vec<Value>) -> Result<Self, StoreError> {
        let unreadable = StoreError::Unreadable { statement: statement.name, column: 0 };
        if values.is_empty() {
            return Err(unreadable);
        }
        let Value::Int(ordinal) = values.remove(0) else { return Err(unreadable) };
        let ordinal = usize::try_from(ordinal).map_err(|_| unreadable)?;
        Ok(Self { statement: statement.name, ordinal, values })
    }

    /// The place, from 0, of the input row that it answers.
    pub fn ordinal(&self) -> usize {
        self.ordinal
    }

    /// The whole number in a column; column 0 is the one after `:row`.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] where there is no such column, it is empty, or it is a text.
    pub fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.optional_int(column)?.ok_or_else(|| self.unreadable(column))
    }

    /// The text in a column; column 0 is the one after `:row`.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] where there is no such column, it is empty, or it is a number.
    pub fn text(&self, column: usize) -> Result<&str, StoreError> {
        self.optional_text(column)?.ok_or_else(|| self.unreadable(column))
    }

    /// The whole number in a column, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] where there is no such column or it is a text.
    pub fn optional_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.values.get(column) {
            Some(Value::Int(number)) => Ok(Some(*number)),
            Some(Value::Null) => Ok(None),
            _ => Err(self.unreadable(column)),
        }
    }

    /// The text in a column, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] where there is no such column or it is a number.
    pub fn optional_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        match self.values.get(column) {
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Null) => Ok(None),
            _ => Err(self.unreadable(column)),
        }
    }

    fn unreadable(&self, column: usize) -> StoreError {
        StoreError::Unreadable { statement: self.statement, column }
    }
}
