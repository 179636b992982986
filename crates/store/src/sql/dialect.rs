//! All that differs between the texts for SQLite and those for PostgreSQL.
//!
//! It knows no table: it turns the tokens of statements and migrations into each database's words.

use super::value::Type;

/// One of the two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

/// A statement in the words of one database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rendered {
    pub text: String,
    /// Which column each parameter takes; the number of columns stands for the row's place.
    pub uses: Vec<usize>,
}

/// Settings of every connection to SQLite. Without `recursive_triggers` a `REPLACE` deletes rows unseen by
/// the triggers that refuse it; a schema that was tampered with must not run functions.
pub(super) const SQLITE_SETTINGS: &str = "
    PRAGMA foreign_keys = ON;
    PRAGMA recursive_triggers = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16384;
";

/// Settings of the connection that writes to PostgreSQL. Its statements find rows by key for a handful of
/// input rows, and their plans are kept: a scan or a hash that was right for the empty table of the first
/// minute would stay when the table is large.
pub(super) const POSTGRES_WRITER_SETTINGS: &str = "
    SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
    SET plan_cache_mode = force_generic_plan; SET jit = off;
";

/// Settings of a connection that reads everything. Its statements walk along keys from page to page; a plan that
/// scans or hashes a whole table would be paid with every page.
pub(super) const POSTGRES_SNAPSHOT_SETTINGS: &str = "
    SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;
    SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off;
";

/// Begins a transaction that sees one moment and only reads. The moment is that of its first statement.
pub(super) const POSTGRES_SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1;";

impl Dialect {
    /// Begins a transaction that writes.
    pub fn begin(self) -> &'static str {
        match self {
            // Without IMMEDIATE two writers both read, and the second fails when it writes.
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN ISOLATION LEVEL READ COMMITTED",
        }
    }

    /// Run first in a transaction that others may not write to these tables beside.
    pub fn alone_with(self, tables: &[&str]) -> String {
        match self {
            Self::Postgres if !tables.is_empty() => {
                format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", tables.join(", "))
            }
            // A transaction of SQLite that began IMMEDIATE is the only one that writes.
            Self::Sqlite | Self::Postgres => String::new(),
        }
    }

    /// Run first in the transaction that migrates: one process after the other, however long it takes.
    pub fn migration_lock(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => {
                "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0;
                 SELECT pg_advisory_xact_lock(7166071520241017);"
            }
        }
    }

    /// The text of a statement. Errors say what is wrong with it.
    pub fn statement(self, columns: &[(&str, Type)], sql: &str) -> Result<Rendered, String> {
        self.statement_behind(0, columns, sql)
    }

    /// The text of a statement that stands in another one, behind so many of PostgreSQL's parameters.
    pub fn statement_behind(
        self,
        parameters: usize,
        columns: &[(&str, Type)],
        sql: &str,
    ) -> Result<Rendered, String> {
        let mut rendered = Rendered { text: String::with_capacity(sql.len()), uses: Vec::new() };
        let pieces = pieces(sql)?;
        if self == Self::Postgres {
            let numbered = pieces.contains(&Piece::Parameter("row"));
            rendered.uses = (0..columns.len().saturating_add(usize::from(numbered))).collect();
        }
        let mut has_rows = false;
        for piece in pieces {
            match piece {
                Piece::Plain(text) => rendered.text.push_str(&self.plain(text)),
                Piece::Quoted(text) => rendered.text.push_str(text),
                Piece::Parameter(name) => self.parameter(columns, name, &mut rendered)?,
                Piece::Token("rows") => {
                    has_rows = true;
                    let rows = self.rows(parameters, columns, rendered.uses.len());
                    rendered.text.push_str(&rows);
                }
                Piece::Token(token) => rendered.text.push_str(&self.lock(token)?),
            }
        }
        if has_rows { Ok(rendered) } else { Err("the text has no {rows}".to_owned()) }
    }

    /// SQLite binds the row's values themselves, so a subquery sees them without `LATERAL`.
    fn plain(self, text: &str) -> String {
        match self {
            Self::Sqlite => text.replace("LATERAL ", ""),
            Self::Postgres => text.to_owned(),
        }
    }

    fn parameter(self, columns: &[(&str, Type)], name: &str, into: &mut Rendered) -> Result<(), String> {
        let column = if name == "row" {
            columns.len()
        } else {
            let place = columns.iter().position(|(column, _)| *column == name);
            place.ok_or_else(|| format!("there is no column {name}"))?
        };
        if self == Self::Postgres {
            into.text.push_str(&format!("r.in_{name}"));
            return Ok(());
        }
        let used = into.uses.iter().position(|used| *used == column).unwrap_or_else(|| {
            into.uses.push(column);
            into.uses.len().saturating_sub(1)
        });
        into.text.push_str(&format!("?{}", used.saturating_add(1)));
        Ok(())
    }

    /// Input columns have a prefix, because `SET amount = amount + :amount` would be ambiguous without. The arrays are
    /// all equally long; taken apart in a list of columns they go side by side, where in `FROM` each would be laid down
    /// in a store of its own first.
    fn rows(self, parameters: usize, columns: &[(&str, Type)], uses: usize) -> String {
        if self == Self::Sqlite {
            return "(SELECT 1) AS r".to_owned();
        }
        let all = columns.iter().copied().chain([("row", Type::Int)]).take(uses);
        let array =
            |(place, (name, column))| format!("unnest(${place}::{}[]) AS in_{name}", postgres_type(column));
        let arrays: Vec<String> = (parameters.saturating_add(1)..).zip(all).map(array).collect();
        format!("(SELECT {}) AS r", arrays.join(", "))
    }

    fn lock(self, token: &str) -> Result<String, String> {
        match (token.split_once(' '), self) {
            (Some(("lock", _)), Self::Sqlite) => Ok(String::new()),
            (Some(("lock", table)), Self::Postgres) => Ok(format!("FOR UPDATE OF {table}")),
            _ => Err(format!("there is no token {{{token}}}")),
        }
    }

    /// The text of a migration. Errors name the token that there is not.
    ///
    /// - `{text}` is the type of a text that is compared and ordered by its bytes, as SQLite does by itself.
    /// - `{clustered}` after a table's closing bracket keeps its rows in the order of the primary key, where
    ///   the database can.
    /// - `{clustered_roomy}` is that for a table whose rows are changed often: it leaves them room to change in
    ///   their place.
    /// - `{document}` is the type of a long text that nothing searches in.
    /// - `{documents}` after a table's closing bracket keeps compressed documents of usual size in their rows.
    /// - `{append_only TABLE}` makes the table refuse every change and removal of a row.
    /// - `{each_of COLUMN}` in `FROM` joins the items of a list in JSON, each of which is a list itself; of an item,
    ///   `{place_in_list}` is its place from 0, `{text_of_list N}` and `{number_of_list N}` are what stands at N.
    /// - What stands between `{sqlite}` and `{both}` is for SQLite only.
    pub fn migration(self, sql: &str) -> Result<String, String> {
        let mut text = String::with_capacity(sql.len());
        let mut is_for_us = true;
        for piece in pieces(sql)? {
            match piece {
                Piece::Token("both") => is_for_us = true,
                Piece::Token("sqlite") => is_for_us = self == Self::Sqlite,
                _ if !is_for_us => {}
                Piece::Plain(part) | Piece::Quoted(part) => text.push_str(part),
                Piece::Parameter(name) => return Err(format!("a migration has no parameter :{name}")),
                Piece::Token(token) => text.push_str(&self.migration_token(token)?),
            }
        }
        Ok(text)
    }

    fn migration_token(self, token: &str) -> Result<String, String> {
        match (token.split_once(' '), token, self) {
            (Some(("append_only", table)), _, Self::Sqlite) => Ok(append_only_sqlite(table)),
            (Some(("append_only", table)), _, Self::Postgres) => Ok(append_only_postgres(table)),
            (Some(("each_of", column)), _, _) => Ok(self.each_of(column)),
            (Some(("text_of_list", place)), _, Self::Sqlite) => {
                Ok(format!("json_extract(j.value, '$[{place}]')"))
            }
            (Some(("text_of_list", place)), _, Self::Postgres) => {
                Ok(format!("(j.value ->> {place}) COLLATE \"C\""))
            }
            (Some(("number_of_list", place)), _, Self::Sqlite) => {
                Ok(format!("json_extract(j.value, '$[{place}]')"))
            }
            (Some(("number_of_list", place)), _, Self::Postgres) => {
                Ok(format!("CAST(j.value ->> {place} AS bigint)"))
            }
            (None, "place_in_list", Self::Sqlite) => Ok("j.key".to_owned()),
            (None, "place_in_list", Self::Postgres) => Ok("j.place - 1".to_owned()),
            (None, "text", Self::Sqlite) => Ok("TEXT".to_owned()),
            (None, "text", Self::Postgres) => Ok("TEXT COLLATE \"C\"".to_owned()),
            (None, "clustered", Self::Sqlite) => Ok("WITHOUT ROWID".to_owned()),
            (None, "clustered", Self::Postgres) => Ok(String::new()),
            (None, "clustered_roomy", Self::Sqlite) => Ok("WITHOUT ROWID".to_owned()),
            (None, "clustered_roomy", Self::Postgres) => Ok("WITH (fillfactor = 70)".to_owned()),
            (None, "documents", Self::Sqlite) => Ok(String::new()),
            (None, "documents", Self::Postgres) => Ok("WITH (toast_tuple_target = 3000)".to_owned()),
            (None, "document", Self::Sqlite) => Ok("TEXT".to_owned()),
            (None, "document", Self::Postgres) => Ok("TEXT COMPRESSION lz4".to_owned()),
            _ => Err(format!("there is no token {{{token}}}")),
        }
    }
}

impl Dialect {
    fn each_of(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("CROSS JOIN json_each({column}) AS j"),
            Self::Postgres => {
                let items = format!("jsonb_array_elements(CAST({column} AS jsonb))");
                format!("CROSS JOIN LATERAL {items} WITH ORDINALITY AS j (value, place)")
            }
        }
    }
}

fn postgres_type(column: Type) -> &'static str {
    match column {
        Type::Text => "text",
        Type::Int => "bigint",
    }
}

fn append_only_sqlite(table: &str) -> String {
    let trigger = |event: &str| {
        format!(
            "CREATE TRIGGER {table}_refuses_{} BEFORE {event} ON {table} BEGIN
               SELECT RAISE(ABORT, '{table} is append-only: {event} is refused');
             END;",
            event.to_lowercase()
        )
    };
    [trigger("UPDATE"), trigger("DELETE")].join("\n")
}

fn append_only_postgres(table: &str) -> String {
    format!(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
           RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP;
         END $$;
         CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table}
           FOR EACH ROW EXECUTE FUNCTION refuse_change();
         CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table}
           FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
    )
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Plain(&'a str),
    /// A quoted text or name, or a comment: nothing in it means anything to us.
    Quoted(&'a str),
    /// `:name`.
    Parameter(&'a str),
    /// What stands between `{` and `}`.
    Token(&'a str),
}

fn pieces(sql: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut found = Vec::new();
    let mut rest = sql;
    while !rest.is_empty() {
        let (piece, after) = next_piece(rest)?;
        found.push(piece);
        rest = after;
    }
    Ok(found)
}

fn next_piece(rest: &str) -> Result<(Piece<'_>, &str), String> {
    let quoted = |length| Ok((Piece::Quoted(head(rest, length)), tail(rest, length)));
    if let Some(after) = rest.strip_prefix('{') {
        let (token, after) = after.split_once('}').ok_or("a { is not closed")?;
        return Ok((Piece::Token(token), after));
    }
    if let Some(quote) = rest.chars().next().filter(|first| matches!(first, '\'' | '"')) {
        let end = tail(rest, 1).find(quote).ok_or_else(|| format!("a {quote} is not closed"))?;
        return quoted(end.saturating_add(2));
    }
    if rest.starts_with("--") {
        return quoted(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("::") {
        return quoted(2);
    }
    if let Some(after) = rest.strip_prefix(':') {
        let length = after.find(|letter: char| !is_name(letter)).unwrap_or(after.len());
        return if length == 0 {
            quoted(1)
        } else {
            Ok((Piece::Parameter(head(after, length)), tail(after, length)))
        };
    }
    let length = starts_of_pieces(rest);
    Ok((Piece::Plain(head(rest, length)), tail(rest, length)))
}

/// The length of what is plain at the start. A single `-` is plain.
fn starts_of_pieces(rest: &str) -> usize {
    let special = |(place, letter): &(usize, char)| {
        matches!(letter, '{' | '\'' | '"' | ':') || tail(rest, *place).starts_with("--")
    };
    rest.char_indices().find(special).map_or(rest.len(), |(place, _)| place)
}

fn is_name(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_'
}

fn head(text: &str, length: usize) -> &str {
    text.get(..length).unwrap_or(text)
}

fn tail(text: &str, length: usize) -> &str {
    text.get(length..).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[(&str, Type)] = &[("customer_id", Type::Text), ("amount", Type::Int)];

    fn rendered(dialect: Dialect, sql: &str) -> String {
        dialect.statement(COLUMNS, sql).unwrap().text
    }

    #[test]
    fn rows_are_arrays_in_postgres_and_one_row_in_sqlite() {
        let sql =
            "UPDATE lots SET amount = amount - :amount FROM {rows} WHERE lots.customer_id = :customer_id";
        assert_eq!(
            rendered(Dialect::Postgres, sql),
            "UPDATE lots SET amount = amount - r.in_amount FROM (SELECT unnest($1::text[]) AS in_customer_id, \
             unnest($2::bigint[]) AS in_amount) AS r \
             WHERE lots.customer_id = r.in_customer_id"
        );
        assert_eq!(
            rendered(Dialect::Sqlite, sql),
            "UPDATE lots SET amount = amount - ?1 FROM (SELECT 1) AS r WHERE lots.customer_id = ?2"
        );
    }

    #[test]
    fn places_of_rows_are_sent_to_postgres_where_they_are_asked_for() {
        let sql = "SELECT :row FROM {rows} JOIN lots ON lots.customer_id = :customer_id";
        let rendered = Dialect::Postgres.statement(COLUMNS, sql).unwrap();
        assert!(rendered.text.contains("unnest($3::bigint[]) AS in_row"), "{}", rendered.text);
        assert_eq!(rendered.uses, [0, 1, 2]);
    }

    #[test]
    fn sqlite_binds_each_column_once_and_only_what_is_used() {
        let sql = "SELECT :row, :amount, :amount FROM {rows}";
        let rendered = Dialect::Sqlite.statement(COLUMNS, sql).unwrap();
        assert_eq!(rendered.text, "SELECT ?1, ?2, ?2 FROM (SELECT 1) AS r");
        assert_eq!(rendered.uses, [2, 1]);
    }

    #[test]
    fn a_lock_is_a_word_of_postgres_only() {
        let sql = "SELECT :row FROM {rows} JOIN c ON c.id = :customer_id ORDER BY c.id {lock c}";
        assert!(rendered(Dialect::Postgres, sql).ends_with("ORDER BY c.id FOR UPDATE OF c"));
        assert!(rendered(Dialect::Sqlite, sql).ends_with("ORDER BY c.id "));
    }

    #[test]
    fn lateral_is_a_word_of_postgres_only() {
        let sql = "SELECT :row FROM {rows} CROSS JOIN LATERAL (SELECT 1) AS l";
        assert!(rendered(Dialect::Postgres, sql).ends_with("CROSS JOIN LATERAL (SELECT 1) AS l"));
        assert!(rendered(Dialect::Sqlite, sql).ends_with("CROSS JOIN (SELECT 1) AS l"));
    }

    #[test]
    fn casts_quotes_and_comments_hold_no_parameters() {
        let sql = "SELECT :row, ':amount {x}', \":amount\", 1::bigint -- :amount\n FROM {rows}";
        assert_eq!(
            rendered(Dialect::Sqlite, sql),
            "SELECT ?1, ':amount {x}', \":amount\", 1::bigint -- :amount\n FROM (SELECT 1) AS r"
        );
    }

    #[test]
    fn a_part_of_a_migration_can_be_for_sqlite_only() {
        let sql = "A {text}; {sqlite}B {clustered};{both} C";
        assert_eq!(Dialect::Sqlite.migration(sql).unwrap(), "A TEXT; B WITHOUT ROWID; C");
        assert_eq!(Dialect::Postgres.migration(sql).unwrap(), "A TEXT COLLATE \"C\";  C");
    }

    #[test]
    fn what_is_not_there_is_named() {
        let fault = |sql| Dialect::Postgres.statement(COLUMNS, sql).unwrap_err();
        assert_eq!(fault("SELECT :row, :price FROM {rows}"), "there is no column price");
        assert_eq!(fault("SELECT 1"), "the text has no {rows}");
        assert_eq!(fault("SELECT :row FROM {row}"), "there is no token {row}");
        assert_eq!(fault("SELECT 'x FROM {rows}"), "a ' is not closed");
    }
}
