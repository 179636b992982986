//! The keys that there are, without their secrets.

use choba_store::books;

use crate::{ApiKey, AppError, Caller, Counter, Right};

impl Counter {
    /// Keys by id: those after one, at most so many; ended ones too.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], and what the database answers.
    pub async fn api_keys(
        &self,
        caller: &Caller,
        after: Option<&str>,
        most: i64,
    ) -> Result<Vec<ApiKey>, AppError> {
        caller.may(Right::KeysManage)?;
        let rows = books::api_keys(&self.store, after.unwrap_or(""), most).await?;
        Ok(rows.into_iter().map(ApiKey::from).collect())
    }
}
