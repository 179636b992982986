//! Ending sessions: this one, one of one's own by its id, all others.

use choba_store::books::{self, SessionLocks, SessionRow};
use jiff::Timestamp;

use super::session::is_open;
use super::{SessionSubject, SessionToken};
use crate::{AppError, Caller, Counter, Right};

impl Counter {
    /// Ends the session of a token. Ending it again, or one that there is not, changes nothing.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn end_session(&self, token: &SessionToken, at: Timestamp) -> Result<(), AppError> {
        let locks = SessionLocks { tokens: vec![token.hash(&self.secrets)?], ..SessionLocks::default() };
        self.end_locked(locks, None, |_| true, at).await.map(drop)
    }

    /// Ends a session by its id: one's own, or with the right `cases:write` a customer's. Ending it again changes nothing.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`] without the right, whether there is such a session or not; [`AppError::NotFound`] for one
    /// that there is not or that is another's; what the database answers.
    pub async fn end_session_by_id(
        &self,
        caller: &Caller,
        session_id: &str,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let missing = || AppError::not_found("session", session_id);
        let found = books::session_by_id(&self.store, session_id).await?;
        let subject = found.as_ref().map(SessionSubject::of_row).transpose()?;
        match &subject {
            Some(subject) if is_of(caller, subject) => {}
            Some(SessionSubject::Customer { customer_id }) => {
                caller.needs(Right::CasesWrite)?;
                caller.acting_for(customer_id, "", Right::CasesWrite).map_err(|_| missing())?;
            }
            _ => {
                caller.needs(Right::CasesWrite)?;
                return Err(missing());
            }
        }
        let locks = SessionLocks {
            tokens: found.into_iter().map(|row| row.token_hash).collect(),
            ..SessionLocks::default()
        };
        self.end_locked(locks, Some(caller.clone()), |_| true, at).await.map(drop)
    }

    /// Ends all sessions of whose the token's session is, but that one; answers how many.
    ///
    /// # Errors
    /// [`AppError::NotFound`] where the session is over, and what the database answers.
    pub async fn end_other_sessions(&self, token: &SessionToken, at: Timestamp) -> Result<usize, AppError> {
        let over = || AppError::not_found("session", "…");
        let own = books::session(&self.store, &token.hash(&self.secrets)?).await?;
        let own = own.filter(|row| is_open(row, at)).ok_or_else(over)?;
        let Some(of) = SessionSubject::of_row(&own)?.named() else { return Ok(0) };
        let locks = SessionLocks { of: Some((of, at)), ..SessionLocks::default() };
        self.end_locked(locks, None, move |row| row.token_hash != own.token_hash, at).await
    }

    /// Ends those locked sessions that are meant; without `by` each is ended by whose it is.
    async fn end_locked(
        &self,
        locks: SessionLocks,
        by: Option<Caller>,
        meant: impl Fn(&SessionRow) -> bool + Send + 'static,
        at: Timestamp,
    ) -> Result<usize, AppError> {
        let counter = self.clone();
        let ended = books::change_sessions(&self.store, locks, move |locked| {
            let open = locked.sessions.iter().filter(|row| is_open(row, at) && meant(row));
            let ended: Vec<&SessionRow> = open.collect();
            let own = |row| SessionSubject::of_row(row).ok().and_then(|subject| subject.caller());
            let writes = |row| counter.ending(row, by.clone().or_else(|| own(row)).as_ref(), at);
            (ended.iter().copied().flat_map(writes).collect(), ended.len())
        });
        Ok(ended.await?)
    }
}

/// Whether a session is the caller's own.
fn is_of(caller: &Caller, subject: &SessionSubject) -> bool {
    match (caller, subject) {
        (Caller::Customer { customer_id: caller }, SessionSubject::Customer { customer_id }) => {
            caller == customer_id
        }
        (Caller::Staff { staff_id: caller, .. }, SessionSubject::Staff { staff_id, .. }) => {
            caller == staff_id
        }
        _ => false,
    }
}
