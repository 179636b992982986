//! Tokens of forms: what a page's form sends beside the browser's cookie, so that no other site can send it.

use super::SessionToken;
use crate::secrets::Hashed;
use crate::{AppError, Counter};

impl Counter {
    /// A token for a browser that has no session yet: it opens nothing, but forms can be bound to it.
    pub fn draw_session_token(&self) -> SessionToken {
        SessionToken::draw(&*self.entropy)
    }

    /// What forms send that are shown to the browser of this token. It says nothing about the token.
    ///
    /// # Errors
    /// [`AppError::Defect`] only.
    pub fn form_token(&self, token: &SessionToken) -> Result<String, AppError> {
        self.secrets.hash(Hashed::FormToken, token.reveal())
    }

    /// Whether a form was shown to the browser of this token; it takes as long wherever it differs.
    pub fn form_token_fits(&self, token: &SessionToken, sent: &str) -> bool {
        self.secrets.is_hash_of(sent, Hashed::FormToken, token.reveal()).unwrap_or(false)
    }
}
