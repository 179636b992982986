//! Entering the pages with the code of a hand-over.

use choba_store::books;
use jiff::Timestamp;

use super::open_session::{ComesFrom, Opening};
use super::session::read_language;
use super::{HandOverCode, Session, SessionSubject, SessionToken};
use crate::{AppError, Counter};

impl Counter {
    /// Opens a session of the customer who was handed over, with the cart that came along. A code opens one session.
    ///
    /// # Errors
    /// [`AppError::NotFound`], which does not repeat the code, where there is no such code, it was used or its time is
    /// over; what the database answers.
    pub async fn enter(
        &self,
        code: &HandOverCode,
        device: &str,
        at: Timestamp,
    ) -> Result<(SessionToken, Session), AppError> {
        let missing = || AppError::not_found("hand-over", "…");
        let code_hash = code.hash(self)?;
        let handed = books::handover(&self.store, &code_hash).await?.ok_or_else(missing)?;
        let opening = Opening {
            subject: SessionSubject::Customer { customer_id: handed.customer_id },
            market: handed.market,
            language: read_language(&handed.language).ok_or_else(missing)?,
            device: device.to_owned(),
            // Whether it is still good is decided while nobody else uses it.
            from: ComesFrom::HandOver(code_hash),
        };
        self.open_session(opening, at).await
    }
}
