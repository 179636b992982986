//! Whether the books can be read.

use choba_store::books;

use crate::{AppError, Counter};

impl Counter {
    /// Reads the least there is.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn is_ready(&self) -> Result<(), AppError> {
        books::market_version(&self.store, "").await?;
        Ok(())
    }
}
