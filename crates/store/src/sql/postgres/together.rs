//! The writes of many works as few commands.
//!
//! A command that holds other ones (`WITH … AS (INSERT …), …`) is sent, answered and closed once for all of them. They
//! see the tables as they were before it, in no order, so only such writes stand in one command that keep to one table
//! each, no two of them to the same.

use super::super::dialect::Dialect;
use super::super::error::StoreError;
use super::super::group::Group;
use super::super::statement::Statement;

/// What errors call such a command. A batch that fails is done again work by work, and each write with its own name.
pub(super) const NAME: &str = "writes of a batch";

/// The groups by command, in the order in which these have to be run; nothing where one of them has to stand alone.
pub(super) fn commands(writes: &[Group]) -> Option<Vec<Vec<&Group>>> {
    let mut commands: Vec<Vec<&Group>> = Vec::new();
    let mut tables: Vec<Vec<&str>> = Vec::new();
    for group in writes {
        let table = only_table(group.statement.sql)?;
        // Behind the last command that writes to the same table, if there is one.
        let place =
            tables.iter().rposition(|those| those.contains(&table)).map_or(0, |last| last.saturating_add(1));
        if place == commands.len() {
            commands.push(Vec::new());
            tables.push(Vec::new());
        }
        commands.get_mut(place)?.push(group);
        tables.get_mut(place)?.push(table);
    }
    Some(commands)
}

/// The table that a write keeps to, if it takes nothing from any other one.
fn only_table(sql: &str) -> Option<&str> {
    let mut words = sql.split_whitespace();
    let table = match (words.next()?, words.next()?) {
        ("INSERT", "INTO") => words.next()?,
        ("UPDATE", table) => table,
        _ => return None,
    };
    let sources = words.filter(|word| matches!(*word, "FROM" | "JOIN")).count();
    let keeps_to_it = sources == 1 && sql.contains("FROM {rows}") && !sql.contains("{rows},");
    keeps_to_it.then_some(table.split_once('(').map_or(table, |(name, _)| name))
}

/// The text of a command. Where a write touches more or fewer rows than it has to, the command fails.
pub(super) fn text(statements: &[&'static Statement]) -> Result<String, StoreError> {
    let (mut parts, mut checks, mut parameters) = (Vec::new(), Vec::new(), 0_usize);
    for (place, statement) in statements.iter().enumerate() {
        let unfit = |fault: String| StoreError::Statement { statement: statement.name, fault };
        let rendered = Dialect::Postgres.statement_behind(parameters, statement.columns, statement.sql);
        let rendered = rendered.map_err(unfit)?;
        let first = parameters.saturating_add(1);
        parameters = parameters.saturating_add(rendered.uses.len());
        if !statement.is_counted() {
            parts.push(format!("w{place} AS ({})", rendered.text));
            continue;
        }
        parts.push(format!("w{place} AS ({} RETURNING 1)", rendered.text));
        checks.push(format!("(SELECT count(*) FROM w{place}) = cardinality(${first})"));
    }
    let fits = if checks.is_empty() { "true".to_owned() } else { checks.join(" AND ") };
    Ok(format!("WITH {} SELECT 1 / CAST({fits} AS int)", parts.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{Type, Value};

    const COLUMNS: &[(&str, Type)] = &[("customer_id", Type::Text), ("points", Type::Int)];

    static NEW: Statement = Statement::new(
        "new",
        COLUMNS,
        "INSERT INTO lots (customer_id, points) SELECT :customer_id, :points FROM {rows}",
    )
    .one_each();
    static CHANGE: Statement = Statement::new(
        "change",
        COLUMNS,
        "UPDATE lots SET points = :points FROM {rows} WHERE lots.customer_id = :customer_id",
    )
    .one_each();
    static TELL: Statement = Statement::new(
        "tell",
        COLUMNS,
        "INSERT INTO events (customer_id) SELECT :customer_id FROM {rows} WHERE true ON CONFLICT DO NOTHING",
    );
    static FROM_OTHERS: Statement = Statement::new(
        "from others",
        COLUMNS,
        "INSERT INTO events (customer_id) SELECT c.customer_id FROM {rows} JOIN customers AS c ON true",
    );
    static BESIDE_OTHERS: Statement = Statement::new(
        "beside others",
        COLUMNS,
        "UPDATE lots SET points = c.points FROM {rows}, customers AS c WHERE lots.customer_id = c.customer_id",
    );
    static END: Statement = Statement::new(
        "end",
        COLUMNS,
        "DELETE FROM events WHERE (customer_id) IN (SELECT :customer_id FROM {rows})",
    );

    fn group(statement: &'static Statement) -> Group {
        Group::new(statement, vec![vec![Value::from("hanako"), Value::Int(1)]]).unwrap()
    }

    fn names(writes: &[Group]) -> Option<Vec<Vec<&'static str>>> {
        let names = |groups: Vec<&Group>| groups.iter().map(|group| group.statement.name).collect();
        commands(writes).map(|commands| commands.into_iter().map(names).collect())
    }

    #[test]
    fn no_command_writes_to_a_table_twice() {
        let writes = [group(&NEW), group(&CHANGE), group(&TELL), group(&CHANGE)];
        assert_eq!(names(&writes), Some(vec![vec!["new", "tell"], vec!["change"], vec!["change"]]));
    }

    #[test]
    fn what_looks_at_other_tables_or_removes_stands_alone() {
        assert_eq!(names(&[group(&NEW), group(&FROM_OTHERS)]), None);
        assert_eq!(names(&[group(&NEW), group(&BESIDE_OTHERS)]), None);
        assert_eq!(names(&[group(&NEW), group(&END)]), None);
    }

    #[test]
    fn rows_that_were_not_there_fail_the_command() {
        assert_eq!(
            text(&[&TELL, &CHANGE]).unwrap(),
            "WITH w0 AS (INSERT INTO events (customer_id) SELECT r.in_customer_id FROM (SELECT unnest($1::text[]) AS \
             in_customer_id, unnest($2::bigint[]) AS in_points) AS r WHERE true ON CONFLICT DO NOTHING), \
             w1 AS (UPDATE lots SET points = r.in_points FROM (SELECT unnest($3::text[]) AS in_customer_id, \
             unnest($4::bigint[]) AS in_points) AS r WHERE lots.customer_id = r.in_customer_id RETURNING 1) \
             SELECT 1 / CAST((SELECT count(*) FROM w1) = cardinality($3) AS int)"
        );
    }
}
