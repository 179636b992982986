//! Changing an open session: its language, its market.

use choba_formats::language::Language;
use choba_store::books::{self, SessionLocks, SessionRow};
use jiff::Timestamp;

use super::session::is_open;
use super::{Session, SessionToken};
use crate::{AppError, Counter};

impl Counter {
    /// Chooses the language of a session.
    ///
    /// # Errors
    /// [`AppError::NotFound`] where the session is over, and what the database answers.
    pub async fn choose_language(
        &self,
        token: &SessionToken,
        language: Language,
        at: Timestamp,
    ) -> Result<Session, AppError> {
        let choose = move |row| Ok(SessionRow { language: language.tag().to_owned(), ..row });
        self.change_session(token, choose, at).await
    }

    /// Chooses the market of a session. A cart is of one market: in another it is empty.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`]; [`AppError::NotFound`] where the session is over; what the database answers.
    pub async fn choose_market(
        &self,
        token: &SessionToken,
        market: &str,
        at: Timestamp,
    ) -> Result<Session, AppError> {
        self.markets.get(market)?;
        let market = market.to_owned();
        let choose = move |row: SessionRow| {
            if row.market == market {
                return Ok(row);
            }
            let version = row.version.saturating_add(i64::from(row.cart.is_some()));
            Ok(SessionRow { market: market.clone(), cart: None, version, ..row })
        };
        self.change_session(token, choose, at).await
    }

    /// Changes an open session while nobody else does. `change` may be asked more than once, from the start.
    pub(super) async fn change_session(
        &self,
        token: &SessionToken,
        mut change: impl FnMut(SessionRow) -> Result<SessionRow, AppError> + Send + 'static,
        at: Timestamp,
    ) -> Result<Session, AppError> {
        let locks = SessionLocks { tokens: vec![token.hash(&self.secrets)?], ..SessionLocks::default() };
        let changed = books::change_sessions(&self.store, locks, move |locked| {
            let known = locked.sessions.into_iter().find(|row| is_open(row, at));
            let Some(known) = known else { return (Vec::new(), Err(AppError::not_found("session", "…"))) };
            let (before, version_seen) = (known.clone(), known.version);
            match change(known) {
                Ok(row) if row == before => (Vec::new(), Ok(row)),
                Ok(row) => (vec![row.keep(version_seen)], Ok(row)),
                Err(error) => (Vec::new(), Err(error)),
            }
        });
        Session::of_row(changed.await??)
    }
}
