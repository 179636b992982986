//! Idempotency keys: the same key with the same body gives the same answer for ever; another body is refused.

use choba_store::books::KeyRecord;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::AppError;

/// A caller's key, with a digest of what was asked under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// As sent.
    pub key: String,
    /// Of the use case, its subject and the body.
    pub body_digest: String,
}

/// The longest key that is accepted, in bytes.
pub const KEY_LENGTH_MAX: usize = 200;

impl Key {
    /// A key for a use case, about a subject, with a body.
    ///
    /// # Errors
    /// [`AppError::Field`] where the key is empty, too long or not printable ASCII.
    pub fn new(key: &str, use_case: &str, subject: &str, body: &[u8]) -> Result<Self, AppError> {
        let printable = key.bytes().all(|byte| byte.is_ascii_graphic());
        if key.is_empty() || key.len() > KEY_LENGTH_MAX || !printable {
            let fault = format!("expected 1 to {KEY_LENGTH_MAX} printable ASCII characters without spaces");
            return Err(AppError::field("Idempotency-Key", fault));
        }
        let mut digest = Sha256::new();
        for part in [use_case.as_bytes(), subject.as_bytes(), body] {
            digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(part);
        }
        let body_digest = data_encoding::BASE64URL_NOPAD.encode(&digest.finalize());
        Ok(Self { key: key.to_owned(), body_digest })
    }

    /// The answer that was given before, if this was asked before.
    pub(crate) fn answered(&self, record: Option<&KeyRecord>) -> Result<Option<String>, AppError> {
        match record {
            None => Ok(None),
            Some(record) if record.body_digest == self.body_digest => Ok(Some(record.answer.clone())),
            Some(_) => Err(AppError::KeyReused),
        }
    }

    /// The answer that was given before, read back.
    pub(crate) fn answer_before<A: DeserializeOwned>(
        &self,
        record: Option<&KeyRecord>,
    ) -> Result<Option<A>, AppError> {
        let answer = self.answered(record)?;
        let read = |answer: String| serde_json::from_str(&answer);
        answer.map(read).transpose().map_err(|error| AppError::Defect(error.to_string()))
    }

    /// The record of an answer.
    pub(crate) fn keep(&self, answer: &impl Serialize) -> Result<(String, KeyRecord), AppError> {
        let text = serde_json::to_string(answer).map_err(|error| AppError::Defect(error.to_string()))?;
        Ok(self.record(text))
    }

    pub(crate) fn record(&self, answer: String) -> (String, KeyRecord) {
        (self.key.clone(), KeyRecord { body_digest: self.body_digest.clone(), answer })
    }
}
