//! Ending a key at once, with all its secrets.

use choba_store::books::{self, ApiKeyRow};
use jiff::Timestamp;

use crate::audit_log::Action;
use crate::{ApiKey, AppError, Caller, Counter, Right};

impl Counter {
    /// Ends a key. Ending it again changes nothing.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::NotFound`], and what the database answers.
    pub async fn end_api_key(
        &self,
        caller: &Caller,
        key_id: &str,
        at: Timestamp,
    ) -> Result<ApiKey, AppError> {
        caller.may(Right::KeysManage)?;
        let told = self.audit_row(caller, Action::new("key.ended", key_id), at).append();
        let missing = AppError::not_found("key", key_id);
        let end = move |known: Option<ApiKeyRow>| match known {
            None => (Vec::new(), Err(missing.clone())),
            Some(row) if row.ended_at.is_some() => (Vec::new(), Ok(row)),
            Some(row) => {
                let writes = [row.end(at)].into_iter().chain(told.clone()).collect();
                (writes, Ok(ApiKeyRow { ended_at: Some(at), ..row }))
            }
        };
        Ok(books::change_api_key(&self.store, key_id, end).await??.into())
    }
}
