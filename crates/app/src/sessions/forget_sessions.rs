//! Forgetting sessions and hand-overs that have been over for long.

use choba_store::books;
use jiff::{SignedDuration, Timestamp};

use crate::{AppError, Counter};

/// How long what is over is kept: a customer may ask who was signed in.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Counter {
    /// Forgets sessions and hand-overs that have been over for 30 days, of each at most so many; answers how many. For
    /// the worker that forgets.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn forget_sessions(&self, at: Timestamp, most: i64) -> Result<usize, AppError> {
        let until = at.checked_sub(KEPT_FOR).unwrap_or(at);
        let sessions = books::forget_sessions(&self.store, until, most).await?;
        Ok(sessions.saturating_add(books::forget_handovers(&self.store, until, most).await?))
    }
}
