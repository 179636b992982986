//! Rows in, as one array for each column; rows out.

use tokio_postgres::types::{ToSql, Type as PostgresType};

use super::super::dialect::{Dialect, Rendered};
use super::super::error::StoreError;
use super::super::group::Group;
use super::super::row::Row;
use super::super::statement::Statement;
use super::super::value::{Type, Value};

/// A column of all input rows.
#[derive(Debug)]
pub(super) enum Column<'a> {
    Text(Vec<Option<&'a str>>),
    Int(Vec<Option<i64>>),
}

impl Column<'_> {
    pub fn parameter(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Text(texts) => texts,
            Self::Int(numbers) => numbers,
        }
    }
}

/// The columns of a group's rows, and last the places of the rows, where the statement asks for them.
pub(super) fn columns(group: &Group) -> Vec<Column<'_>> {
    let of_statement = group.statement.columns;
    let given = of_statement.iter().enumerate();
    let mut columns: Vec<_> = given.map(|(place, (_, column))| of_type(group, place, *column)).collect();
    let numbered = |rendered: &Rendered| rendered.uses.contains(&of_statement.len());
    if group.statement.rendered(Dialect::Postgres).is_ok_and(numbered) {
        columns.push(Column::Int((0..).map(Some).take(group.rows.len()).collect()));
    }
    columns
}

fn of_type(group: &Group, place: usize, column: Type) -> Column<'_> {
    let values = group.rows.iter().map(|row| row.get(place));
    match column {
        Type::Text => Column::Text(values.map(as_text).collect()),
        Type::Int => Column::Int(values.map(as_int).collect()),
    }
}

fn as_text(value: Option<&Value>) -> Option<&str> {
    match value {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

fn as_int(value: Option<&Value>) -> Option<i64> {
    match value {
        Some(Value::Int(number)) => Some(*number),
        _ => None,
    }
}

/// A result in our own values.
pub(super) fn read(statement: &'static Statement, result: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let value =
        |column| value(result, column).ok_or(StoreError::Unreadable { statement: statement.name, column });
    Row::new(statement, (0..result.len()).map(value).collect::<Result<_, _>>()?)
}

fn value(result: &tokio_postgres::Row, column: usize) -> Option<Value> {
    let found = result.columns().get(column)?;
    match *found.type_() {
        PostgresType::INT8 => result.try_get::<_, Option<i64>>(column).ok().map(Value::from),
        PostgresType::INT4 => result.try_get::<_, Option<i32>>(column).ok().map(|n| n.map(i64::from).into()),
        PostgresType::BOOL => result.try_get::<_, Option<bool>>(column).ok().map(Value::from),
        PostgresType::TEXT | PostgresType::VARCHAR => {
            result.try_get::<_, Option<String>>(column).ok().map(Value::from)
        }
        _ => None,
    }
}
