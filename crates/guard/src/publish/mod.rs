//! Publishing the official list, so that others can check it: a signed `official-contacts.json` and an RFC 9116
//! `security.txt`, made from the same list.
//!
//! Nothing here reads a clock or a file: the time and the key are parameters.

mod contacts;
mod key;
mod security_txt;

pub use contacts::{NotPublishable, NotVerified, OfficialContacts, Signature, SignedContacts, Validity};
pub use key::{KeyFault, PublicKey, SecretKey};
pub use security_txt::{SecurityTxtFault, security_txt};
