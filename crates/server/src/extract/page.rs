//! Lists come in pages.

use serde::Serialize;
use utoipa::ToSchema;

use crate::Problem;

/// Rows of a page where the caller names no number.
pub const PAGE_DEFAULT: i64 = 50;

/// The most rows of a page.
pub const PAGE_MAX: i64 = 200;

/// A page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// To be sent as `after` for the next page; nothing after the last one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page from one row more than were asked for: that there is one more tells that the list goes on.
    pub fn cut(mut rows: Vec<T>, limit: i64, cursor: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let goes_on = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| goes_on).map(cursor);
        Self { data: rows, next }
    }

    /// The same page with its rows as they are shown.
    pub fn map<U>(self, shown: impl FnMut(T) -> U) -> Page<U> {
        Page { data: self.data.into_iter().map(shown).collect(), next: self.next }
    }
}

/// How many rows a page has.
///
/// # Errors
/// 422 beyond the limits.
pub fn limit(asked: Option<i64>) -> Result<i64, Problem> {
    match asked.unwrap_or(PAGE_DEFAULT) {
        limit if (1..=PAGE_MAX).contains(&limit) => Ok(limit),
        _ => Err(Problem::field("#limit", format!("expected 1 to {PAGE_MAX}"))),
    }
}
