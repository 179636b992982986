//! Tracking numbers as they are kept, and what they say by themselves.

use choba_engine::market::Name;
use choba_engine::tracking::CarrierKind;
use choba_parcel::{Answer, Carrier, Hints, parse, parse_with};

use crate::AppError;

/// The longest number that is read, in characters.
const NUMBER_LENGTH_MAX: usize = 64;

/// Ways of sending that have no tracking, by id: adding one is adding a row.
const UNTRACKED: [&str; 4] = ["ordinary-mail", "yu-mail", "hikyaku-yu-mail", "hikyaku-mail"];

/// A number as it is kept and looked for: half width, upper case, letters and digits only, misread ones put right
/// as far as the number itself says so. It does not depend on who is said to carry it.
///
/// # Errors
/// [`AppError::Field`] for an empty or overlong number.
pub(crate) fn normal_number(field: &str, text: &str) -> Result<String, AppError> {
    let expected = || {
        AppError::field(field, format!("expected a number of 1 to {NUMBER_LENGTH_MAX} letters and digits"))
    };
    if text.chars().count() > NUMBER_LENGTH_MAX {
        return Err(expected());
    }
    let read = parse(text).normalized().to_owned();
    let plain = || text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let number = if read.is_empty() { plain() } else { read };
    if number.is_empty() { Err(expected()) } else { Ok(number) }
}

/// Normal forms of several numbers, each once.
pub(crate) fn normal_numbers(field: &str, texts: &[String]) -> Result<Vec<String>, AppError> {
    let mut numbers: Vec<String> = Vec::with_capacity(texts.len());
    for (place, text) in texts.iter().enumerate() {
        let number = normal_number(&format!("{field}/{place}"), text)?;
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    Ok(numbers)
}

/// What a number says when it is known who carries it.
pub(crate) struct NumberOfCarrier {
    /// As the carrier prints it.
    pub display: String,
    /// Whether it can be one of that carrier; of a carrier not known here, whether nothing speaks against it.
    pub valid: bool,
    /// The carrier's page for it.
    pub track_url: Option<String>,
}

/// What a number says when it is known who carries it.
pub(crate) fn number_of_carrier(number: &str, carrier: Option<&str>) -> NumberOfCarrier {
    let known = carrier.and_then(Carrier::from_id);
    let carriers: Vec<Carrier> = known.into_iter().collect();
    let answer = parse_with(number, &Hints::none().used_by_market(&carriers));
    NumberOfCarrier {
        display: answer.display().to_string(),
        valid: is_valid(&answer, carrier, known),
        track_url: track_url(&answer, known),
    }
}

fn is_valid(answer: &Answer<'_>, named: Option<&str>, known: Option<Carrier>) -> bool {
    match (named, known) {
        (_, Some(carrier)) => {
            answer.candidates().iter().any(|candidate| candidate.carrier() == carrier && candidate.is_valid())
        }
        // Nothing is known of how that carrier numbers its parcels.
        (Some(_), None) => true,
        (None, None) => answer.is_valid(),
    }
}

fn track_url(answer: &Answer<'_>, known: Option<Carrier>) -> Option<String> {
    let carrier = known?;
    let candidate = answer.candidates().iter().find(|candidate| candidate.carrier() == carrier)?;
    answer.track_url_of(candidate)
}

/// What is known of a way of sending, by its id.
pub(crate) fn carrier_kind(carrier: &str) -> CarrierKind {
    if UNTRACKED.contains(&carrier) {
        CarrierKind::Untracked
    } else if Carrier::from_id(carrier).is_some() {
        CarrierKind::Tracked
    } else {
        CarrierKind::Unknown
    }
}

/// What customers call a carrier; its id where it is not known here.
pub(crate) fn carrier_name(carrier: &str) -> Name {
    match Carrier::from_id(carrier) {
        Some(known) => Name { ja: known.name_ja().to_owned(), en: known.name().to_owned() },
        None => Name { ja: carrier.to_owned(), en: carrier.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_it_is_typed_a_number_is_kept_alike() {
        for typed in ["4000-0000-0002", "４０００００００ ０００２", "400000000002"] {
            assert_eq!(normal_number("", typed).unwrap(), "400000000002", "{typed}");
        }
        assert_eq!(normal_number("", "eg725089303jp").unwrap(), "EG725089303JP");
        assert!(normal_number("/n", "  -- ").is_err());
        assert!(normal_number("/n", &"1".repeat(65)).is_err());
    }

    #[test]
    fn a_number_is_judged_by_its_carrier() {
        let of = |number: &str, carrier| number_of_carrier(number, carrier);
        assert!(of("400000000002", Some("yamato")).valid);
        assert!(!of("400000000001", Some("yamato")).valid);
        assert!(of("anything9", Some("no-such-carrier")).valid);
        assert!(of("400000000002", Some("yamato")).track_url.unwrap().contains("400000000002"));
        assert_eq!(of("400000000002", Some("yamato")).display, "4000-0000-0002");
    }

    #[test]
    fn ordinary_mail_has_no_tracking() {
        assert_eq!(carrier_kind("ordinary-mail"), CarrierKind::Untracked);
        assert_eq!(carrier_kind("sagawa"), CarrierKind::Tracked);
        assert_eq!(carrier_kind("uncle"), CarrierKind::Unknown);
    }
}
