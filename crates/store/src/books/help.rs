//! Questions to the help that found nothing, and the help that is in force.

use super::just_write::just_write;
use crate::sql::{Row, Statement, Store, StoreError, Type, Value};

/// The most different questions that are kept of a market, a language and a day.
pub const QUESTIONS_PER_DAY_MAX: i64 = 1_000;

/// What is full keeps counting what it knows, and takes in nothing new: who asks nonsense all day fills no disk.
static COUNT: Statement = Statement::new(
    "count a question that found nothing",
    &[
        ("market", Type::Text),
        ("language", Type::Text),
        ("day", Type::Text),
        ("question", Type::Text),
        ("most", Type::Int),
    ],
    "INSERT INTO help_searches (market, language, day, question, times)
     SELECT :market, :language, :day, :question, 1 FROM {rows}
     WHERE (SELECT count(*) FROM help_searches AS s
            WHERE s.market = :market AND s.language = :language AND s.day = :day) < :most
        OR EXISTS (SELECT 1 FROM help_searches AS s
            WHERE s.market = :market AND s.language = :language AND s.day = :day AND s.question = :question)
     ON CONFLICT (market, language, day, question) DO UPDATE SET times = help_searches.times + 1",
);

static FORGET: Statement = Statement::new(
    "forget questions that found nothing",
    &[("before", Type::Text)],
    "DELETE FROM help_searches WHERE day < (SELECT max(:before) FROM {rows})",
);

static SEARCHES: Statement = Statement::new(
    "questions that found nothing",
    &[("market", Type::Text), ("from_day", Type::Text), ("until_day", Type::Text), ("most", Type::Int)],
    "SELECT :row, s.language, s.question, s.times, s.last_day
     FROM {rows} CROSS JOIN LATERAL (
        SELECT language, question, CAST(sum(times) AS bigint) AS times, max(day) AS last_day FROM help_searches
        WHERE market = :market AND day >= :from_day AND day < :until_day
        GROUP BY language, question ORDER BY sum(times) DESC, language, question LIMIT :most) AS s",
);

static ACTIVATE: Statement = Statement::new(
    "activate help",
    &[("market", Type::Text), ("version", Type::Text), ("files", Type::Text)],
    "INSERT INTO active_help (market, version, files) SELECT :market, :version, :files FROM {rows} WHERE true
     ON CONFLICT (market) DO UPDATE SET version = excluded.version, files = excluded.files",
);

static ACTIVE: Statement = Statement::new(
    "help in force",
    &[],
    "SELECT :row, a.market, a.version FROM {rows} CROSS JOIN active_help AS a ORDER BY a.market",
);

static FILES: Statement = Statement::new(
    "files of the help in force",
    &[("market", Type::Text)],
    "SELECT :row, a.files FROM {rows} JOIN active_help AS a ON a.market = :market",
);

/// A question that found nothing, with how often it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpSearchRow {
    /// In which language.
    pub language: String,
    /// As it was kept: cut, and nothing personal in it.
    pub question: String,
    /// How often.
    pub times: i64,
    /// On which day last, as `2026-11-21`.
    pub last_day: String,
}

/// Counts a question that found nothing.
///
/// # Errors
/// See [`StoreError`].
pub async fn count_help_search(
    store: &Store,
    market: &str,
    language: &str,
    day: &str,
    question: &str,
) -> Result<(), StoreError> {
    let row: Vec<Value> =
        vec![market.into(), language.into(), day.into(), question.into(), QUESTIONS_PER_DAY_MAX.into()];
    just_write(store, &format!("@help {market} {language} {question}"), COUNT.write(row)).await
}

/// Forgets what was asked before a day.
///
/// # Errors
/// See [`StoreError`].
pub async fn forget_help_searches(store: &Store, before: &str) -> Result<(), StoreError> {
    just_write(store, "@help", FORGET.write(vec![before.into()])).await
}

/// The questions of a market that found nothing, from a day until another, those asked most often first.
///
/// # Errors
/// See [`StoreError`].
pub async fn help_searches(
    store: &Store,
    market: &str,
    from: &str,
    until: &str,
    most: i64,
) -> Result<Vec<HelpSearchRow>, StoreError> {
    let asked: Vec<Value> = vec![market.into(), from.into(), until.into(), most.into()];
    let rows = store.read(&SEARCHES, vec![asked]).await?;
    let read = |row: &Row| {
        Ok(HelpSearchRow {
            language: row.text(0)?.to_owned(),
            question: row.text(1)?.to_owned(),
            times: row.int(2)?,
            last_day: row.text(3)?.to_owned(),
        })
    };
    rows.iter().map(read).collect()
}

/// Puts help in force, with its files as JSON.
///
/// # Errors
/// See [`StoreError`].
pub async fn activate_help(
    store: &Store,
    market: &str,
    version: &str,
    files: &str,
) -> Result<(), StoreError> {
    let row: Vec<Value> = vec![market.into(), version.into(), files.into()];
    just_write(store, &format!("@market {market}"), ACTIVATE.write(row)).await
}

/// The versions of help that were put in force, by market.
///
/// # Errors
/// See [`StoreError`].
pub async fn active_help(store: &Store) -> Result<Vec<(String, String)>, StoreError> {
    let rows = store.read(&ACTIVE, vec![Vec::new()]).await?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).collect()
}

/// The files of the help that was put in force for a market, as JSON.
///
/// # Errors
/// See [`StoreError`].
pub async fn active_help_files(store: &Store, market: &str) -> Result<Option<String>, StoreError> {
    let rows = store.read(&FILES, vec![vec![market.into()]]).await?;
    rows.first().map(|row| row.text(0).map(str::to_owned)).transpose()
}
