//! Checking a code that proves who is asking.
//!
//! A try is counted as wrong before the code is looked at, and forgiven when it turns out to be right: a thousand tries
//! at once are counted before the first of them is answered.

use choba_store::books;
use jiff::Timestamp;

use crate::secrets::Hashed;
use crate::verification::{CODE_DIGITS, attempt};
use crate::{AppError, Counter, Matter};

/// Longer texts are no code, however much of them is spaces.
const TYPED_LENGTH_MAX: usize = 60;

impl Counter {
    /// Checks a code, as typed: full-width digits, spaces and dashes between them are read. A code that is right is used
    /// up by it.
    ///
    /// # Errors
    /// [`AppError::Verification`]; [`AppError::Field`] for what cannot be a code, which counts as no try;
    /// [`AppError::TooManyTries`] after many wrong tries for the customer, from the address or of all together; what the
    /// database answers.
    pub async fn check_verification_code(
        &self,
        matter: &Matter,
        typed: &str,
        address: &str,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let challenge = matter.challenge(self)?;
        let code = read_code(typed).ok_or_else(|| {
            AppError::field("/code", format!("expected the {CODE_DIGITS} digits of the code that was sent"))
        })?;
        let limits = self.verification;
        let counted = [
            self.limit_of_address("wrong", limits.wrong_from_address, address)?,
            self.limit_of_customer("wrong", limits.wrong_for_customer, &matter.customer_id)?,
            ("@wrong all".to_owned(), limits.wrong_of_all),
        ];
        self.count_within(&counted, at).await?;
        let (secrets, text) = (self.secrets.clone(), format!("{challenge}:{code}"));
        let checked = books::change_verification_code(&self.store, &challenge, move |known| {
            attempt(known, at, |hash| {
                secrets.is_hash_of(hash, Hashed::VerificationCode, &text).unwrap_or(false)
            })
        });
        checked.await??;
        self.take_back(&counted, at).await
    }
}

fn read_code(typed: &str) -> Option<String> {
    if typed.len() > TYPED_LENGTH_MAX {
        return None;
    }
    let between = |letter: &char| letter.is_whitespace() || matches!(letter, '-' | 'ー' | '−' | '‐' | '－');
    let digit = |letter: char| match letter {
        '0'..='9' => Some(letter),
        '０'..='９' => char::from_digit(u32::from(letter).checked_sub(u32::from('０'))?, 10),
        _ => None,
    };
    let digits: Option<String> = typed.chars().filter(|letter| !between(letter)).map(digit).collect();
    digits.filter(|digits| digits.len() == CODE_DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for typed in ["012345", " 012 345\n", "012-345", "０１２３４５", "０１２ー３４５"] {
            assert_eq!(read_code(typed).as_deref(), Some("012345"), "{typed:?}");
        }
        for typed in ["", "01234", "0123456", "O12345", "٠١٢٣٤٥", &" ".repeat(61)] {
            assert_eq!(read_code(typed), None, "{typed:?}");
        }
    }
}
