//! What the desk did in a period, and how many people it takes.

use choba_care::callback::Callback;
use choba_care::staffing::{QueueTerms, StaffingReport, report};
use choba_store::books;
use jiff::Timestamp;
use serde::Serialize;

use crate::contact_offers::hours_of;
use crate::{AppError, Counter};

/// Rows that are read at once.
const PAGE: i64 = 500;

/// The longest period of a report, in days.
pub const CARE_REPORT_DAYS_MAX: i64 = 93;

/// A queue over a period.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CareReport {
    /// Which queue.
    pub queue: String,
    /// What it did, and how many people it takes.
    #[serde(flatten)]
    pub report: StaffingReport,
}

impl Counter {
    /// Reports on each queue of a market over a period, its end not in it.
    ///
    /// # Errors
    /// [`AppError::Field`] for a period that ends before it begins or is longer than [`CARE_REPORT_DAYS_MAX`], and what
    /// the database answers.
    pub async fn care_report(
        &self,
        market: &str,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<CareReport>, AppError> {
        let hours = until.duration_since(from).as_hours();
        if until <= from || hours > CARE_REPORT_DAYS_MAX.saturating_mul(24) {
            return Err(AppError::field(
                "/until",
                "expected an end after the beginning, at most 93 days later",
            ));
        }
        let (care, zone) = (self.markets.care(market)?, self.markets.get(market)?.time_zone.clone());
        let mut reports = Vec::new();
        for queue in care.queues.values() {
            let callbacks = self.callbacks_between(market, &queue.queue_id, from, until).await?;
            let target = queue.targets.callback.unwrap_or(15).saturating_mul(60);
            let terms = QueueTerms {
                calendar: hours_of(&care, queue)?.calendar,
                target_seconds: u32::try_from(target).unwrap_or(u32::MAX),
                service_percent: queue.service_percent,
                handle_seconds: queue.handle_seconds,
            };
            let report = report(&callbacks, &terms, &zone, (from, until));
            reports.push(CareReport { queue: queue.queue_id.clone(), report });
        }
        Ok(reports)
    }

    async fn callbacks_between(
        &self,
        market: &str,
        queue: &str,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Callback>, AppError> {
        let mut found: Vec<Callback> = Vec::new();
        loop {
            let last = found.last().map(|last| (last.due_at, last.callback_id.clone()));
            let (at, after) = last.unwrap_or((from, String::new()));
            let page = books::callbacks_of_queue(&self.store, market, queue, (at, &after), until, PAGE);
            let page = page.await?;
            let full = i64::try_from(page.len()).is_ok_and(|rows| rows >= PAGE);
            found.extend(page.into_iter().map(|row| row.callback));
            if !full {
                return Ok(found);
            }
        }
    }
}
