//! What a browser sends: 256 random bits as text.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;

use crate::secrets::Hashed;
use crate::{AppError, Entropy, Secrets};

const RANDOM_BYTES: usize = 32;

/// The secret of a session. It is told to one browser, and kept only as a keyed hash.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(String);

impl SessionToken {
    /// A new token, which opens nothing yet.
    pub(crate) fn draw(entropy: &dyn Entropy) -> Self {
        let mut random = [0_u8; RANDOM_BYTES];
        entropy.fill(&mut random);
        Self(BASE64URL_NOPAD.encode(&random))
    }

    /// What a browser sent. Nothing where it cannot be a token.
    pub fn read(sent: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(sent.as_bytes()).ok()?;
        (bytes.len() == RANDOM_BYTES).then(|| Self(sent.to_owned()))
    }

    /// The token itself, for the cookie.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the books know of it.
    pub(super) fn hash(&self, secrets: &Secrets) -> Result<String, AppError> {
        secrets.hash(Hashed::SessionToken, &self.0)
    }
}

impl fmt::Debug for SessionToken {
    /// Never the token: it would be in logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SessionToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0xA7);
        }
    }

    #[test]
    fn a_token_is_read_as_it_is_shown_and_not_otherwise() {
        let token = SessionToken::draw(&Fixed);
        let shown = token.reveal().to_owned();
        assert_eq!(SessionToken::read(&shown), Some(token));
        for other in [&shown[1..], &format!("{shown}A"), &format!(" {shown}"), "", "あ"] {
            assert_eq!(SessionToken::read(other), None);
        }
    }

    #[test]
    fn a_token_is_not_shown_in_logs() {
        assert_eq!(format!("{:?}", SessionToken::draw(&Fixed)), "SessionToken(..)");
    }
}
