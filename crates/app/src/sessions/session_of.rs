//! The session that a browser's token opens.

use choba_store::books::{self, SessionRow};
use jiff::{SignedDuration, Timestamp};

use super::session::is_open;
use super::{Session, SessionSubject, SessionToken};
use crate::secrets::Hashed;
use crate::{AppError, Counter};

/// That a session was used is kept so often at most.
const TOUCHED_EVERY: SignedDuration = SignedDuration::from_mins(1);

impl Counter {
    /// The session of a token; nothing where the token is unknown or the session is over, which is not told apart. To be
    /// used lengthens the session.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn session_of(&self, token: &SessionToken, at: Timestamp) -> Result<Option<Session>, AppError> {
        let found = books::session(&self.store, &token.hash(&self.secrets)?).await?;
        let Some(mut row) = found.filter(|row| is_open(row, at)) else { return Ok(None) };
        // What the database found is compared once more, with the same work wherever it differs.
        if !self.secrets.is_hash_of(&row.token_hash, Hashed::SessionToken, token.reveal())? {
            return Ok(None);
        }
        if at.duration_since(row.seen_at) >= TOUCHED_EVERY {
            self.touch(&mut row, at).await?;
        }
        Session::of_row(row).map(Some)
    }

    /// Nobody is turned away because this could not be kept; the next request tries again.
    async fn touch(&self, row: &mut SessionRow, at: Timestamp) -> Result<(), AppError> {
        let ends_at = SessionSubject::of_row(row)?.ends_at(at, row.expires_at);
        if books::session_was_used(&self.store, &row.token_hash, at, ends_at).await.is_ok() {
            (row.seen_at, row.ends_at) = (at, ends_at);
        }
        Ok(())
    }
}
