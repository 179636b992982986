//! Proving that a phone number is the customer's own, by a code that is sent to it: nobody can have others called.

use choba_store::books;
use jiff::Timestamp;

use crate::call_number::CallNumber;
use crate::{AppError, Counter, Matter, VerificationCode, Whose};

/// What the code is for.
const PURPOSE: &str = "call_number";

impl Counter {
    /// Makes a code for a number. Whoever calls sends it there, with its purpose, and keeps it nowhere.
    ///
    /// # Errors
    /// [`AppError::Field`] and [`AppError::Callback`] for a number that is not called, [`AppError::TooManyTries`], and
    /// what the database answers.
    pub async fn ask_number_code(
        &self,
        whose: &Whose,
        number: &str,
        address: &str,
        at: Timestamp,
    ) -> Result<VerificationCode, AppError> {
        let (matter, _) = self.number_matter(whose, number)?;
        self.ask_verification_code(&matter, address, at).await
    }

    /// Checks the code that was sent to a number; from then on the customer may be called there.
    ///
    /// # Errors
    /// [`AppError::Verification`], [`AppError::Field`], [`AppError::TooManyTries`], and what the database answers.
    pub async fn verify_number(
        &self,
        whose: &Whose,
        number: &str,
        code: &str,
        address: &str,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let (matter, number_hash) = self.number_matter(whose, number)?;
        self.check_verification_code(&matter, code, address, at).await?;
        Ok(books::keep_verified_number(&self.store, &whose.customer_id, &number_hash, at).await?)
    }

    fn number_matter(&self, whose: &Whose, number: &str) -> Result<(Matter, String), AppError> {
        let care = self.markets.care(&whose.market)?;
        let number_hash = self.number_hash(&CallNumber::read(number, &care.calls.regions)?)?;
        let (customer_id, purpose) = (whose.customer_id.clone(), PURPOSE.to_owned());
        Ok((Matter { customer_id, purpose, subject: number_hash.clone() }, number_hash))
    }
}
