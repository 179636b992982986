//! Starting a session, and signing in where a browser has one.

use choba_formats::language::Language;
use jiff::{SignedDuration, Timestamp};

use super::open_session::{ComesFrom, Opening};
use super::{Session, SessionSubject, SessionToken};
use crate::{AppError, Counter, Limit};

/// How many anonymous sessions begin from an address (an IPv6 /64 counts as one): an office and its visitors do, who
/// fills the books with them does not.
pub const ANONYMOUS_SESSIONS: Limit = Limit::new(300, SignedDuration::from_hours(1));

/// A session that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartSession {
    /// Whose it is. Whoever asks has seen to it that it is they.
    pub subject: SessionSubject,
    /// In which market, one that is open.
    pub market: String,
    /// In which language.
    pub language: Language,
    /// What it runs on, coarsely, as `Chrome, Windows`; what is beyond 80 letters is not kept.
    pub device: String,
    /// The address that asks. It is counted where nobody is known, and not kept with the session.
    pub address: String,
}

impl StartSession {
    fn opening(self, from: ComesFrom) -> Opening {
        let Self { subject, market, language, device, .. } = self;
        Opening { subject, market, language, device, from }
    }
}

impl Counter {
    /// Starts a session for a browser that has none.
    ///
    /// Customers' end after 30 days, or 7 days unused; those of staff after 12 hours, or one unused; anonymous ones after
    /// 7 days. Nobody has more than [`SESSIONS_MAX`](super::SESSIONS_MAX).
    ///
    /// # Errors
    /// [`AppError::TooManyTries`] beyond [`ANONYMOUS_SESSIONS`], [`AppError::UnknownMarket`], and what the database
    /// answers.
    pub async fn start_session(
        &self,
        start: StartSession,
        at: Timestamp,
    ) -> Result<(SessionToken, Session), AppError> {
        self.admit_anonymous(&start, at).await?;
        self.open_session(start.opening(ComesFrom::Nothing), at).await
    }

    /// Signs in: a new session with a new token takes the place of the one that the browser had, so that whoever knew
    /// the old token has nothing. The cart goes along within a market, unless it was another's.
    ///
    /// # Errors
    /// As [`Counter::start_session`].
    pub async fn sign_in_session(
        &self,
        before: &SessionToken,
        start: StartSession,
        at: Timestamp,
    ) -> Result<(SessionToken, Session), AppError> {
        self.admit_anonymous(&start, at).await?;
        let before = before.hash(&self.secrets)?;
        self.open_session(start.opening(ComesFrom::Session(before)), at).await
    }

    async fn admit_anonymous(&self, start: &StartSession, at: Timestamp) -> Result<(), AppError> {
        if start.subject != SessionSubject::Anonymous {
            return Ok(());
        }
        let limit = self.limit_of_address("sessions", ANONYMOUS_SESSIONS, &start.address)?;
        self.count_within(&[limit], at).await
    }
}
