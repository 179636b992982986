//! `official-contacts.json`: the list, when it was made, how long it holds, and a signature over exactly that.

use data_encoding::BASE64;
use ed25519_dalek::Signer;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::key::{PublicKey, SecretKey};
use crate::contact::Contact;
use crate::official::Official;

/// The version of the format.
const VERSION: u32 = 1;
const ALGORITHM: &str = "Ed25519";
/// From this long before the end on, the list should be published anew.
const NEARING_HOURS: i64 = 30 * 24;

/// What is signed.
///
/// The fields stand in alphabetical order, which makes the compact JSON of this type canonical: keys sorted, no
/// blanks, no numbers but one integer, nothing but ASCII in the strings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficialContacts {
    /// Domains, each with everything below it, in ASCII.
    pub domains: Vec<String>,
    /// After this moment the list must not be relied on.
    pub expires_at: Timestamp,
    /// When the list was made.
    pub issued_at: Timestamp,
    /// Phone numbers in E.164.
    pub phones: Vec<String>,
    /// Mail addresses outside those domains.
    pub senders: Vec<String>,
    /// Version of this format.
    pub version: u32,
}

/// A signature and what is needed to check it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// `Ed25519`.
    pub algorithm: String,
    /// The public key in base64: which key signed, not whose it is. Trust only a key got another way.
    pub public_key: String,
    /// The 64 bytes in base64.
    pub value: String,
}

/// A list with its signature: the whole file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedContacts {
    /// What is signed.
    pub payload: OfficialContacts,
    /// Over the canonical JSON of the payload.
    pub signature: Signature,
}

/// Why a list is not published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPublishable {
    /// Nobody could rely on it.
    #[error("the list would expire before it is issued")]
    ExpiresBeforeIssue,
    /// There is nothing to publish.
    #[error("the list has no contacts")]
    Empty,
}

/// Why a signed list does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// Not the JSON of this format.
    #[error("not an official-contacts file: {0}")]
    Unreadable(String),
    /// A version or algorithm that this program does not know.
    #[error("version {version} with {algorithm} is not known here")]
    UnknownVersion {
        /// The version found.
        version: u32,
        /// The algorithm found.
        algorithm: String,
    },
    /// Signed, if at all, by somebody else, or changed since.
    #[error("the signature does not match: the list was changed, or signed with another key")]
    BadSignature,
}

/// Whether a list can be relied on at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Yes, for more than 30 days to come.
    Valid,
    /// Yes, but it should be published anew.
    ExpiresSoon {
        /// Whole days left.
        days: i64,
    },
    /// No longer.
    Expired,
}

impl OfficialContacts {
    /// Takes the contacts of an official list, sorted. Times are cut to whole seconds.
    ///
    /// # Errors
    /// [`NotPublishable`]
    pub fn new(
        official: &Official,
        issued_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Self, NotPublishable> {
        let (issued_at, expires_at) = (whole_seconds(issued_at), whole_seconds(expires_at));
        if expires_at <= issued_at {
            return Err(NotPublishable::ExpiresBeforeIssue);
        }
        let mut list = Self {
            domains: vec![],
            expires_at,
            issued_at,
            phones: vec![],
            senders: vec![],
            version: VERSION,
        };
        for contact in official.contacts() {
            match contact {
                Contact::Domain(domain) => list.domains.push(domain.clone()),
                Contact::Phone(number) => list.phones.push(number.clone()),
                Contact::Sender(address) => list.senders.push(address.clone()),
            }
        }
        list.domains.sort_unstable();
        list.phones.sort_unstable();
        list.senders.sort_unstable();
        if official.contacts().next().is_none() { Err(NotPublishable::Empty) } else { Ok(list) }
    }

    /// The bytes that are signed.
    #[must_use]
    pub fn canonical(&self) -> String {
        // Strings, lists of strings and an integer: there is nothing in it that JSON cannot hold.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Signs the list.
    #[must_use]
    pub fn signed(self, key: &SecretKey) -> SignedContacts {
        let value = BASE64.encode(&key.0.sign(self.canonical().as_bytes()).to_bytes());
        let signature =
            Signature { algorithm: ALGORITHM.to_owned(), public_key: key.public().to_base64(), value };
        SignedContacts { payload: self, signature }
    }

    /// Whether the list holds at a moment.
    #[must_use]
    pub fn validity(&self, now: Timestamp) -> Validity {
        let left: SignedDuration = self.expires_at.duration_since(now);
        match left.as_hours() {
            _ if left <= SignedDuration::ZERO => Validity::Expired,
            hours if hours < NEARING_HOURS => Validity::ExpiresSoon { days: hours / 24 },
            _ => Validity::Valid,
        }
    }
}

impl SignedContacts {
    /// Reads a file. Unknown and repeated fields are refused: what is read is exactly what was signed.
    ///
    /// # Errors
    /// [`NotVerified::Unreadable`]
    pub fn from_json(text: &str) -> Result<Self, NotVerified> {
        serde_json::from_str(text).map_err(|error| NotVerified::Unreadable(error.to_string()))
    }

    /// The text of the file.
    #[must_use]
    pub fn to_json(&self) -> String {
        // As in `canonical`: nothing in it can fail.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Checks the signature. Whether the list still holds is [`OfficialContacts::validity`].
    ///
    /// # Errors
    /// [`NotVerified`]
    pub fn verify(&self, key: &PublicKey) -> Result<(), NotVerified> {
        let (version, algorithm) = (self.payload.version, &self.signature.algorithm);
        if version != VERSION || algorithm != ALGORITHM {
            return Err(NotVerified::UnknownVersion { version, algorithm: algorithm.clone() });
        }
        let bytes = BASE64.decode(self.signature.value.as_bytes()).map_err(|_| NotVerified::BadSignature)?;
        let signature =
            ed25519_dalek::Signature::from_slice(&bytes).map_err(|_| NotVerified::BadSignature)?;
        key.0
            .verify_strict(self.payload.canonical().as_bytes(), &signature)
            .map_err(|_| NotVerified::BadSignature)
    }
}

fn whole_seconds(time: Timestamp) -> Timestamp {
    // The second of a valid time is a valid time.
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
