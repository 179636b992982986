//! Who sent the secret of a key.

use choba_store::books;
use jiff::Timestamp;

use crate::secrets::Hashed;
use crate::{ApiKey, ApiKeySecret, ApiKeyState, AppError, Caller, Counter};

/// When a key was used is kept by the hour: it is to show which keys nobody needs, not when programs run.
const USED_BY: i64 = 3_600;

impl Counter {
    /// The program that a secret belongs to; nothing where the secret is unknown or over, which is not told apart.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn caller_of_api_key(
        &self,
        secret: &ApiKeySecret,
        at: Timestamp,
    ) -> Result<Option<Caller>, AppError> {
        let found = books::api_key_of_secret(&self.store, &secret.hash(&self.secrets)?).await?;
        let Some(found) = found else { return Ok(None) };
        // What the database found is compared once more, with the same work wherever it differs.
        let same = self.secrets.is_hash_of(&found.secret_hash, Hashed::ApiKeySecret, secret.reveal())?;
        let over = found.valid_until.is_some_and(|valid_until| at >= valid_until);
        let row = found.key.clone();
        let key = ApiKey::from(found.key);
        if !same || over || key.state(at) != ApiKeyState::Active {
            return Ok(None);
        }
        let hour = hour_of(at);
        if key.used_at.is_none_or(|used_at| used_at < hour) {
            let write = vec![row.used(hour)];
            // Nobody is turned away because this could not be kept; the next request tries again.
            let _ = books::write_together(&self.store, &format!("@api_key {}", key.key_id), write).await;
        }
        Ok(Some(Caller::Machine { key_id: key.key_id, rights: key.rights }))
    }
}

fn hour_of(at: Timestamp) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second.saturating_sub(second.rem_euclid(USED_BY))).unwrap_or(at)
}
