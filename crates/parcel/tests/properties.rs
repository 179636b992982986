//! Promises that hold for any text.

use choba_parcel::{find, parse};
use proptest::prelude::*;

/// Texts that look like what people paste: symbols, gaps, labels, and anything at all.
fn pasted() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[0-9]{1,14}",
        2 => "[A-Z]{1,4}",
        1 => "[a-zOIl|]{1,3}",
        2 => "[-  ー－_.]{1,2}",
        1 => "[０-９]{1,12}",
        1 => prop_oneof![Just("お問い合わせ番号:"), Just("佐川急便"), Just("TEL "), Just("No."), Just("1Z"), Just("注文番号")]
            .prop_map(str::to_string),
        1 => "\\PC{0,3}",
    ];
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

fn promises(text: &str) -> Result<(), TestCaseError> {
    let answer = parse(text);
    let normal = answer.normalized().to_string();
    prop_assert!(
        normal.bytes().all(|symbol| symbol.is_ascii_digit() || symbol.is_ascii_uppercase() || symbol == b'|')
    );
    prop_assert_eq!(parse(&normal).normalized().to_string(), normal.clone(), "normalising is idempotent");
    prop_assert!(text.get(answer.range()).is_some());
    let corrections = answer.corrections();
    prop_assert!(corrections.len() <= 10);
    prop_assert!(!answer.is_valid() || corrections.is_empty());
    for correction in &corrections {
        prop_assert!(parse(correction).is_valid(), "{} for {:?}", correction, text);
    }
    for reading in answer.read_as() {
        prop_assert_eq!(normal.chars().nth(reading.at), Some(reading.to));
    }
    prop_assert!(answer.candidates().iter().all(|one| (0.0..=1.0).contains(&one.confidence())));
    prop_assert!(answer.not_a_parcel().is_none() || answer.carrier().is_none());
    let mut last = 0;
    for found in find(text) {
        prop_assert!(found.range.start >= last);
        prop_assert_eq!(text.get(found.range.clone()), Some(found.answer.input()));
        last = found.range.end;
    }
    Ok(())
}

#[test]
fn hold_for_texts_that_once_read_differently_the_second_time() {
    for text in ["AAAA0000ーNo.0000000000No.", "決済id@A\u{e}05|||||||||01D", "+Id000000"] {
        promises(text).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hold_for_what_people_paste(text in pasted()) {
        promises(&text)?;
    }

    #[test]
    fn hold_for_anything(text in any::<String>()) {
        promises(&text)?;
    }

    #[test]
    fn what_is_displayed_reads_back(text in pasted()) {
        let answer = parse(&text);
        if !answer.is_valid() {
            return Ok(());
        }
        let again = answer.display().to_string();
        prop_assert_eq!(parse(&again).normalized().to_string(), answer.normalized().to_string());
    }
}
