//! What goes into and comes out of a statement: whole numbers, texts, and nothing else.
//!
//! Times are epoch milliseconds, money is whole yen, JSON is text. There are no floats in the databases.

/// The type of a column of a statement's input rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `TEXT`.
    Text,
    /// `BIGINT`.
    Int,
}

/// A value of an input or an output row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
}

impl Value {
    /// Whether the value may stand in a column of the type. `Null` may stand in every column.
    pub fn fits(&self, column: Type) -> bool {
        matches!((self, column), (Self::Null, _) | (Self::Int(_), Type::Int) | (Self::Text(_), Type::Text))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(i64::from(number))
    }
}

impl From<bool> for Value {
    /// `1` or `0`: the databases disagree about a type for it.
    fn from(truth: bool) -> Self {
        Self::Int(i64::from(truth))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<V: Into<Self>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
