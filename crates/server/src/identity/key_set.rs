//! The keys of an issuer, kept for a while and fetched anew where they are old or a token names one that is not known.
//!
//! Tokens with made-up keys cannot make us ask the issuer again and again, and an issuer that cannot be reached for a while
//! keeps nobody out whose key is known.

use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::fetch::Place;
use super::key::{Key, KeysFault, read_keys};

/// How long keys are used without asking again.
const FRESH_FOR: SignedDuration = SignedDuration::from_mins(10);

/// How long they are used where the issuer cannot be reached.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// How long at least between two askings.
const ASK_AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(30);

/// The keys of an issuer.
#[derive(Debug)]
pub(super) enum KeySet {
    /// They are told once and for all.
    Fixed(Arc<Vec<Key>>),
    /// They are fetched.
    Fetched(Box<Fetched>),
}

#[derive(Debug)]
pub(super) struct Fetched {
    place: Place,
    kept: RwLock<Kept>,
    /// When the issuer was last asked; held while it is being asked, so that one asks for all.
    asked_at: Mutex<Option<Timestamp>>,
}

#[derive(Clone, Debug, Default)]
struct Kept {
    keys: Arc<Vec<Key>>,
    at: Option<Timestamp>,
}

impl KeySet {
    /// Keys that are told.
    pub fn fixed(set: &[u8]) -> Result<Self, KeysFault> {
        read_keys(set).map(|keys| Self::Fixed(Arc::new(keys)))
    }

    /// Keys that are fetched when they are needed first.
    pub fn fetched(url: &str) -> Result<Self, KeysFault> {
        let place = Place::at(url)?;
        let fetched = Fetched { place, kept: RwLock::default(), asked_at: Mutex::default() };
        Ok(Self::Fetched(Box::new(fetched)))
    }

    /// The keys, among which there is one of that id if the issuer has it.
    pub async fn with(&self, key_id: Option<&str>, at: Timestamp) -> Result<Arc<Vec<Key>>, KeysFault> {
        match self {
            Self::Fixed(keys) => Ok(Arc::clone(keys)),
            Self::Fetched(fetched) => fetched.with(key_id, at).await,
        }
    }
}

impl Fetched {
    async fn with(&self, key_id: Option<&str>, at: Timestamp) -> Result<Arc<Vec<Key>>, KeysFault> {
        let kept = self.kept();
        if kept.is_younger_than(FRESH_FOR, at) && kept.has(key_id) {
            return Ok(kept.keys);
        }
        let asked = self.ask(key_id, at).await;
        let kept = self.kept();
        if kept.is_younger_than(KEPT_FOR, at) {
            return Ok(kept.keys);
        }
        asked.map(|()| kept.keys)
    }

    /// Asks the issuer, unless somebody just did.
    async fn ask(&self, key_id: Option<&str>, at: Timestamp) -> Result<(), KeysFault> {
        let mut asked_at = self.asked_at.lock().await;
        let kept = self.kept();
        if kept.is_younger_than(FRESH_FOR, at) && kept.has(key_id) {
            return Ok(());
        }
        if asked_at.is_some_and(|asked_at| is_within(ASK_AGAIN_AFTER, asked_at, at)) {
            return Err(KeysFault("the issuer was asked a moment ago".to_owned()));
        }
        *asked_at = Some(at);
        match self.place.fetch().await {
            Ok(keys) => {
                let kept = Kept { keys: Arc::new(keys), at: Some(at) };
                *self.kept.write().unwrap_or_else(PoisonError::into_inner) = kept;
                Ok(())
            }
            Err(fault) => {
                tracing::warn!(%fault, "the keys of an issuer cannot be fetched");
                Err(fault)
            }
        }
    }

    fn kept(&self) -> Kept {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Kept {
    fn is_younger_than(&self, age: SignedDuration, at: Timestamp) -> bool {
        self.at.is_some_and(|fetched_at| is_within(age, fetched_at, at))
    }

    fn has(&self, key_id: Option<&str>) -> bool {
        key_id.is_none() || self.keys.iter().any(|key| key.key_id.as_deref() == key_id)
    }
}

/// A clock that went back makes nothing old, and nothing younger than it is.
fn is_within(age: SignedDuration, since: Timestamp, at: Timestamp) -> bool {
    at.duration_since(since) < age
}
