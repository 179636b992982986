//! Giving a key another secret; the one it had stays good for a while, so that programs can take the new one in turn.

use choba_store::books::{self, ApiKeyRow};
use jiff::{SignedDuration, Timestamp};

use crate::audit_log::Action;
use crate::{ApiKey, ApiKeySecret, ApiKeyState, AppError, Caller, Counter, MadeApiKey, Right};

/// How long the old secret stays good where nobody says otherwise.
pub const GRACE_USUAL: SignedDuration = SignedDuration::from_hours(24);

/// How long it may stay good at most.
pub const GRACE_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Counter {
    /// Gives a key another secret. Those it has are good for `grace` from now on, or shorter where they were to end
    /// sooner; none means that they end at once.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`]; [`AppError::NotFound`], also for a key that is over; [`AppError::Field`]; what the
    /// database answers.
    pub async fn rotate_api_key(
        &self,
        caller: &Caller,
        key_id: &str,
        grace: SignedDuration,
        at: Timestamp,
    ) -> Result<MadeApiKey, AppError> {
        caller.may(Right::KeysManage)?;
        if grace.is_negative() || grace > GRACE_MAX {
            let fault = format!("expected 0 to {} seconds", GRACE_MAX.as_secs());
            return Err(AppError::field("/grace_seconds", fault));
        }
        let old_until = at.checked_add(grace).map_err(|error| AppError::Defect(error.to_string()))?;
        let secret = ApiKeySecret::draw(&*self.entropy);
        let hash = secret.hash(&self.secrets)?;
        let action = Action::new("key.rotated", key_id)
            .with_details(serde_json::json!({ "old_secret_until": old_until }));
        let told = self.audit_row(caller, action, at).append();
        let (caller, missing) = (caller.clone(), AppError::not_found("key", key_id));
        let rotate = move |known: Option<ApiKeyRow>| match judge(&caller, known, at, &missing) {
            Err(error) => (Vec::new(), Err(error)),
            Ok(row) => {
                let mut writes = row.rotate(&hash, at, old_until);
                writes.extend(told.clone());
                (writes, Ok(row.into()))
            }
        };
        let key: ApiKey = books::change_api_key(&self.store, key_id, rotate).await??;
        Ok(MadeApiKey { key, secret })
    }
}

/// A key that is good, and may do no more than who gives it a secret.
fn judge(
    caller: &Caller,
    known: Option<ApiKeyRow>,
    at: Timestamp,
    missing: &AppError,
) -> Result<ApiKeyRow, AppError> {
    let row = known.ok_or_else(|| missing.clone())?;
    let key = ApiKey::from(row.clone());
    if key.state(at) != ApiKeyState::Active {
        return Err(missing.clone());
    }
    match key.rights.iter().find(|right| !caller.has(**right)) {
        Some(right) => Err(AppError::NotAllowed { right: right.as_str() }),
        None => Ok(row),
    }
}
