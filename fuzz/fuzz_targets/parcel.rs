//! Any bytes at all: an answer, never a panic, and the promises of every answer kept.
#![no_main]

use choba_parcel::{Country, Hints, find, parse, parse_with};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    check(&text);
    for found in find(&text) {
        assert_eq!(text.get(found.range.clone()), Some(found.answer.input()));
    }
    let _ = parse_with(&text, &Hints::none().in_country(Country::JAPAN)).message();
});

fn check(text: &str) {
    let answer = parse(text);
    assert!(text.get(answer.range()).is_some());
    let corrections = answer.corrections();
    assert!(corrections.len() <= 10);
    assert!(!answer.is_valid() || corrections.is_empty());
    for correction in &corrections {
        assert!(parse(correction).is_valid(), "{correction} for {text:?}");
    }
    let again = answer.normalized().to_owned();
    assert_eq!(parse(&again).normalized(), again, "normalising is idempotent: {text:?}");
    for reading in answer.read_as() {
        assert_eq!(answer.normalized().chars().nth(reading.at), Some(reading.to));
    }
    let _ = (answer.display().to_string(), answer.track_url(), answer.message());
}
