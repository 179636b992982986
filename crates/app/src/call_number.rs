//! Phone numbers of customers: read, judged, known by a keyed hash, sealed.
//!
//! A number is written nowhere but sealed: with a key that is not in the database, bound to its customer.

use std::fmt;

use phonenumber::country;
use phonenumber::{Mode, PhoneNumber, Type};

use crate::secrets::Hashed;
use crate::{AppError, CallbackRefusal, Counter};

/// Longer texts are no number, however much of them is spaces.
const TYPED_LENGTH_MAX: usize = 60;

/// A number that can be called, as `+81…`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct CallNumber(String);

impl fmt::Debug for CallNumber {
    /// Never the number: it would be in logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CallNumber(…)")
    }
}

impl CallNumber {
    /// Reads a number as typed. One without a country is of the first region.
    pub fn read(typed: &str, regions: &[String]) -> Result<Self, AppError> {
        let no_number = || AppError::field("/number", "expected a phone number, such as 03-1234-5678");
        if typed.len() > TYPED_LENGTH_MAX {
            return Err(no_number());
        }
        let home = regions.first().and_then(|region| region.parse::<country::Id>().ok());
        let plain: String = typed.chars().map(plain).collect();
        let number = phonenumber::parse(home, plain.trim()).map_err(|_| no_number())?;
        if !number.is_valid() || number.extension().is_some() {
            return Err(no_number());
        }
        judge(&number, regions)?;
        Ok(Self(number.format().mode(Mode::E164).to_string()))
    }

    /// As it is dialled.
    pub fn e164(&self) -> &str {
        &self.0
    }

    /// As it is shown to those who need not dial it.
    pub fn masked(&self) -> String {
        let last = self.0.len().saturating_sub(4);
        format!("••••{}", self.0.get(last..).unwrap_or_default())
    }
}

/// Full-width letters and all that is typed for a dash, as ASCII.
fn plain(letter: char) -> char {
    match letter {
        'ー' | '−' | '‐' | '–' | '―' => '-',
        '\u{3000}' => ' ',
        '！'..='～' => u32::from(letter).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(letter),
        other => other,
    }
}

/// What costs more than a call to a person, and what is no person's.
fn judge(number: &PhoneNumber, regions: &[String]) -> Result<(), CallbackRefusal> {
    let region = number.country().id().map(|id| id.as_ref().to_owned());
    if !region.is_some_and(|region| regions.contains(&region)) {
        return Err(CallbackRefusal::NumberRegion);
    }
    match number.number_type(&phonenumber::metadata::DATABASE) {
        Type::FixedLine | Type::Mobile | Type::FixedLineOrMobile | Type::Voip | Type::PersonalNumber => {
            Ok(())
        }
        _ => Err(CallbackRefusal::NumberKind),
    }
}

impl Counter {
    /// By which a number is found, without being known.
    pub(crate) fn number_hash(&self, number: &CallNumber) -> Result<String, AppError> {
        self.secrets.hash(Hashed::PhoneNumber, &number.0)
    }

    /// Seals a number for a customer.
    pub(crate) fn seal_number(&self, number: &CallNumber, customer_id: &str) -> Result<String, AppError> {
        self.secrets.seal(&*self.entropy, &sealed_for(customer_id), &number.0)
    }

    /// Opens a sealed number of a customer.
    pub(crate) fn open_number(&self, sealed: &str, customer_id: &str) -> Result<CallNumber, AppError> {
        self.secrets.unseal(&sealed_for(customer_id), sealed).map(CallNumber)
    }
}

/// What the seal is bound to: the number of one customer does not open as another's, or as another kind of secret.
fn sealed_for(customer_id: &str) -> String {
    format!("call number of {customer_id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> Result<String, AppError> {
        CallNumber::read(typed, &["JP".to_owned()]).map(|number| number.e164().to_owned())
    }

    #[test]
    fn numbers_are_read_as_people_type_them() {
        for typed in [
            "090-1234-5678",
            " 09012345678 ",
            "０９０−１２３４−５６７８",
            "090ー1234ー5678",
            "+81 90 1234 5678",
        ] {
            assert_eq!(read(typed).as_deref(), Ok("+819012345678"), "{typed}");
        }
        assert_eq!(read("03-1234-5678").as_deref(), Ok("+81312345678"));
        assert_eq!(read("050-3123-4567").as_deref(), Ok("+815031234567"));
    }

    #[test]
    fn numbers_that_cost_more_or_are_elsewhere_are_not_called() {
        let kind = Err(AppError::Callback(CallbackRefusal::NumberKind));
        for typed in ["0990-504-123", "0120-000-123", "0570-000-123"] {
            assert_eq!(read(typed), kind, "{typed}");
        }
        let region = Err(AppError::Callback(CallbackRefusal::NumberRegion));
        for typed in ["+1 212 555 2368", "+44 20 7946 0018", "+883 5100 0000 0000"] {
            assert!(read(typed) == region || matches!(read(typed), Err(AppError::Field { .. })), "{typed}");
        }
        assert_eq!(read("+1 650 253 0000"), region);
    }

    #[test]
    fn what_is_no_number_is_said_to_be_none() {
        for typed in ["", "110", "119", "12345", "090-1234", "call me", "03-1234-5678 x12", &"0".repeat(61)] {
            assert!(matches!(read(typed), Err(AppError::Field { .. })), "{typed}");
        }
    }

    #[test]
    fn a_number_is_not_shown_where_it_need_not_be() {
        let number = CallNumber::read("090-1234-5678", &["JP".to_owned()]).unwrap();
        assert_eq!((number.masked().as_str(), format!("{number:?}").as_str()), ("••••5678", "CallNumber(…)"));
    }
}
