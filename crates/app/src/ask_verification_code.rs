//! Making a code that proves who is asking, for the caller that sends it.

use std::fmt;

use choba_store::books;
use jiff::Timestamp;

use crate::code_attempts::network_of;
use crate::entropy::digits;
use crate::limit::Limit;
use crate::secrets::Hashed;
use crate::verification::{CODE_DIGITS, send};
use crate::{AppError, Counter};

/// What a code proves: who, for which purpose, about what. A code for one matter is worth nothing for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matter {
    /// Whose word it is: the customer, or where there is none, what stands for them, such as an order's number.
    pub customer_id: String,
    /// For what, as a word: `open_case`, `see_parcel`.
    pub purpose: String,
    /// About what: the order, the amount, the session; everything that must not change between asking and proving.
    pub subject: String,
}

/// A code, to be sent at once and kept nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct VerificationCode {
    code: String,
    /// From then on it is not good any more.
    pub expires_at: Timestamp,
}

impl VerificationCode {
    /// The code itself, for the message that is sent.
    pub fn reveal(&self) -> &str {
        &self.code
    }
}

impl fmt::Debug for VerificationCode {
    /// Never the code: it would be in logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("VerificationCode")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl Matter {
    /// What the books know of it.
    pub(crate) fn challenge(&self, counter: &Counter) -> Result<String, AppError> {
        let word = |letter: u8| letter.is_ascii_lowercase() || letter == b'_';
        if self.customer_id.is_empty() || self.purpose.is_empty() || !self.purpose.bytes().all(word) {
            return Err(AppError::Defect("a code without a customer or a purpose".to_owned()));
        }
        // Lengths keep one matter from being written as another.
        let Self { customer_id, purpose, subject } = self;
        let matter = format!("{}:{customer_id}{}:{purpose}{subject}", customer_id.len(), purpose.len());
        counter.secrets.hash(Hashed::VerificationChallenge, &matter)
    }
}

impl Counter {
    /// Makes a code, which ends the one before it. Whoever calls sends it to where the customer is known to be reached,
    /// with the purpose in the message, and never writes it anywhere else.
    ///
    /// # Errors
    /// [`AppError::TooManyTries`] where too many were asked for, and what the database answers.
    pub async fn ask_verification_code(
        &self,
        matter: &Matter,
        address: &str,
        at: Timestamp,
    ) -> Result<VerificationCode, AppError> {
        let challenge = matter.challenge(self)?;
        let limits = self.verification;
        let counted = [
            self.limit_of_address("asked", limits.asked_from_address, address)?,
            self.limit_of_customer("sent", limits.sent_to_customer, &matter.customer_id)?,
            ("@sent all".to_owned(), limits.sent_to_all),
        ];
        self.count_within(&counted, at).await?;
        let code = digits(&*self.entropy, CODE_DIGITS);
        let hash = self.secrets.hash(Hashed::VerificationCode, &format!("{challenge}:{code}"))?;
        let sent = books::change_verification_code(&self.store, &challenge, move |known| {
            match send(&known, &hash, at) {
                Ok(row) => (Some(row.clone()), Ok(row.expires_at)),
                Err(again_at) => (None, Err(AppError::TooManyTries { again_at })),
            }
        });
        Ok(VerificationCode { code, expires_at: sent.await?? })
    }

    pub(crate) fn limit_of_customer(
        &self,
        what: &str,
        limit: Limit,
        customer_id: &str,
    ) -> Result<(String, Limit), AppError> {
        let customer = self.secrets.hash(Hashed::VerifyingCustomer, customer_id)?;
        Ok((format!("@{what} {customer}"), limit))
    }

    pub(crate) fn limit_of_address(
        &self,
        what: &str,
        limit: Limit,
        address: &str,
    ) -> Result<(String, Limit), AppError> {
        let address = self.secrets.hash(Hashed::VerifyingAddress, &network_of(address))?;
        Ok((format!("@{what} {address}"), limit))
    }

    /// Counts one more of each subject, one after the other; where one has no room, of none.
    pub(crate) async fn count_within(
        &self,
        subjects: &[(String, Limit)],
        at: Timestamp,
    ) -> Result<(), AppError> {
        for (place, (subject, limit)) in subjects.iter().enumerate() {
            let (limit, now) = (*limit, at.as_millisecond());
            let admitted = books::count(&self.store, subject, vec![subject.clone()], move |known| {
                let known = known.first().copied().unwrap_or_default();
                match limit.admit(known, now) {
                    Ok(counted) => (vec![counted], Vec::new(), Ok(())),
                    Err(again_at) => (Vec::new(), Vec::new(), Err(AppError::TooManyTries { again_at })),
                }
            });
            if let Err(error) = admitted.await? {
                self.take_back(subjects.get(..place).unwrap_or_default(), at).await?;
                return Err(error);
            }
        }
        Ok(())
    }

    /// Takes back what was counted a moment ago.
    pub(crate) async fn take_back(
        &self,
        subjects: &[(String, Limit)],
        at: Timestamp,
    ) -> Result<(), AppError> {
        for (subject, limit) in subjects {
            let (limit, now) = (*limit, at.as_millisecond());
            books::count(&self.store, subject, vec![subject.clone()], move |known| {
                let known = known.first().copied().unwrap_or_default();
                (vec![limit.take_back(known, now)], Vec::new(), ())
            })
            .await?;
        }
        Ok(())
    }

    /// Forgets codes and counts that say nothing any more; answers how many. For the worker of what is due.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn forget_verifications(&self, at: Timestamp, most: i64) -> Result<usize, AppError> {
        let codes = books::forget_verification_codes(&self.store, at, most).await?;
        Ok(codes.saturating_add(books::forget_limits(&self.store, at, most).await?))
    }
}
