//! Searching help, and the list of what it could not answer.

use choba_formats::language::Language;
use choba_help::{Found, masked};
use choba_store::books::{self, HelpSearchRow};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::{AppError, Counter};

/// The most articles that one search tells.
pub const HELP_HITS_MAX: usize = 20;

/// How long it is kept what found nothing.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The most rows of the report.
const ROWS_MAX: i64 = 1_000;

impl Counter {
    /// Looks for articles. A question that finds nothing is counted, without what may be personal in it.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`].
    pub async fn search_help(
        &self,
        market: &str,
        language: Language,
        question: &str,
        limit: usize,
        at: Timestamp,
    ) -> Result<Found, AppError> {
        let help = self.markets.help(market)?;
        let found = help.library(language).search(question, limit.clamp(1, HELP_HITS_MAX));
        let kept = masked(question);
        if found.hits.is_empty() && !kept.is_empty() {
            let zone = self.markets.get(market)?.time_zone.clone();
            let day = zone.to_datetime(at).date().to_string();
            // A customer's answer does not wait for the count, nor fail with it: one count more or less changes nothing.
            let _ = books::count_help_search(&self.store, market, language.tag(), &day, &kept).await;
        }
        Ok(found)
    }

    /// What found nothing from a day until another, which is not included; what was asked most often comes first.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`], and what the database answers.
    pub async fn help_searches(
        &self,
        market: &str,
        from: Date,
        until: Date,
    ) -> Result<Vec<HelpSearchRow>, AppError> {
        self.markets.get(market)?;
        let (from, until) = (from.to_string(), until.to_string());
        Ok(books::help_searches(&self.store, market, &from, &until, ROWS_MAX).await?)
    }

    /// Forgets what was asked more than 90 days ago. For the worker of what is due.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn forget_help_searches(&self, at: Timestamp) -> Result<(), AppError> {
        let before = at.saturating_sub(KEPT_FOR).map_err(|error| AppError::Defect(error.to_string()))?;
        let before = jiff::tz::TimeZone::UTC.to_datetime(before).date().to_string();
        Ok(books::forget_help_searches(&self.store, &before).await?)
    }
}
