//! Making a key for a program; its secret is shown once.

use choba_store::books::{self, ApiKeyRow};
use jiff::Timestamp;

use crate::audit_log::Action;
use crate::entropy::{in_letters, new_id};
use crate::{ApiKey, ApiKeySecret, AppError, Caller, Counter, Key, Right};

/// The longest name of a key, in letters.
const NAME_LENGTH_MAX: usize = 100;

/// A key that is wanted.
#[derive(Clone, Debug)]
pub struct MakeApiKey {
    /// What people call it.
    pub name: String,
    /// What it may do; no more than who makes it.
    pub rights: Vec<Right>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// The caller's key. A repetition makes no second key, but the secret is not shown again.
    pub key: Option<Key>,
}

/// A key with its secret, which nobody can see again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeApiKey {
    /// The key.
    pub key: ApiKey,
    /// What its programs send.
    pub secret: ApiKeySecret,
}

impl Counter {
    /// Makes a key.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`] without the right to manage keys, or to something that the key may do;
    /// [`AppError::Field`]; [`AppError::MadeBefore`]; what the database answers.
    pub async fn make_api_key(
        &self,
        caller: &Caller,
        make: MakeApiKey,
        at: Timestamp,
    ) -> Result<MadeApiKey, AppError> {
        may_give(caller, &make.rights)?;
        let name = checked_name(&make.name)?;
        check_end(make.expires_at, at)?;
        let key = ApiKey {
            key_id: self.id_of_new_key(caller, make.key.as_ref(), at),
            name,
            rights: in_order(make.rights)?,
            made_at: at,
            made_by: caller.by(),
            expires_at: make.expires_at,
            ended_at: None,
            used_at: None,
        };
        let secret = ApiKeySecret::draw(&*self.entropy);
        let words: Vec<&str> = key.rights.iter().map(|right| right.as_str()).collect();
        let action = Action::new("key.made", &key.key_id).with_details(
            serde_json::json!({ "name": key.name, "rights": words, "expires_at": key.expires_at }),
        );
        let mut writes = key.row().insert(&secret.hash(&self.secrets)?);
        writes.extend(self.audit_row(caller, action, at).append());
        let made =
            books::change_api_key(&self.store, &key.key_id, move |known: Option<ApiKeyRow>| match known {
                Some(known) => (Vec::new(), Err(AppError::MadeBefore { key_id: known.key_id })),
                None => (writes.clone(), Ok(())),
            });
        made.await??;
        Ok(MadeApiKey { key, secret })
    }

    /// The same for the same idempotency key of the same caller.
    fn id_of_new_key(&self, caller: &Caller, key: Option<&Key>, at: Timestamp) -> String {
        let Some(key) = key else { return format!("key_{}", new_id(&*self.entropy, at)) };
        let digest = <sha2::Sha256 as sha2::Digest>::digest(format!("{}\0{}", caller.by(), key.key));
        let letters: String = in_letters(&digest).chars().take(26).collect();
        format!("key_{letters}")
    }
}

/// Nobody gives a right that they do not have.
fn may_give(caller: &Caller, rights: &[Right]) -> Result<(), AppError> {
    caller.may(Right::KeysManage)?;
    rights.iter().try_for_each(|right| match caller.has(*right) {
        true => Ok(()),
        false => Err(AppError::NotAllowed { right: right.as_str() }),
    })
}

fn checked_name(name: &str) -> Result<String, AppError> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > NAME_LENGTH_MAX || name.chars().any(char::is_control) {
        let fault = format!("expected 1 to {NAME_LENGTH_MAX} letters without control characters");
        return Err(AppError::field("/name", fault));
    }
    Ok(name.to_owned())
}

fn check_end(expires_at: Option<Timestamp>, at: Timestamp) -> Result<(), AppError> {
    match expires_at {
        Some(expires_at) if expires_at <= at => {
            Err(AppError::field("/expires_at", "expected a time to come"))
        }
        _ => Ok(()),
    }
}

fn in_order(mut rights: Vec<Right>) -> Result<Vec<Right>, AppError> {
    if rights.is_empty() {
        return Err(AppError::field("/rights", "expected at least one right"));
    }
    rights.sort_unstable();
    rights.dedup();
    Ok(rights)
}
