//! Corrections: what is offered, in which order, and how often it is what was meant.
#![allow(clippy::expect_used)] // a test may fail loudly

mod numbers;

use choba_parcel::parse;
use numbers::{Draw, grouped, made_up};

fn corrections(text: &str) -> Vec<String> {
    parse(text).corrections().iter().map(ToString::to_string).collect()
}

#[test]
fn a_valid_number_has_none() {
    for number in ["1234-5678-9013", "EE471108151FR", "DA1234567890", "1Z5R89390357567127"] {
        assert_eq!(corrections(number), Vec::<String>::new());
    }
}

#[test]
fn what_is_no_parcel_has_none() {
    for number in ["250-1234567-1234567", "123456", "090-1234-5678", "", "hello", "🎁"] {
        assert_eq!(corrections(number), Vec::<String>::new());
    }
}

#[test]
fn the_check_digit_alone_comes_first_for_a_postal_number() {
    assert_eq!(corrections("DA123456789JP").first().map(String::as_str), Some("DA123456785JP"));
}

#[test]
fn a_letter_typed_as_a_digit_is_found() {
    assert_eq!(corrections("R8123456785GB").first().map(String::as_str), Some("RB123456785GB"));
    assert!(
        corrections("EE47110S151FR").contains(&"EE471105151FR".to_string())
            || corrections("EE47110B151FR").contains(&"EE471108151FR".to_string())
    );
    assert_eq!(corrections("125R89390357567127").first().map(String::as_str), Some("1Z5R89390357567127"));
}

#[test]
fn a_last_digit_no_remainder_reaches_has_its_repair() {
    // A remainder of seven is 0 to 6: a last digit of 7, 8 or 9 can only itself be wrong, or have changed places.
    assert_eq!(corrections("1234-5678-9017").first().map(String::as_str), Some("123456789013"));
}

/// How often the number meant is offered, of so many slips of one kind.
fn share_found(recipe: &str, groups: &[usize], slip: impl Fn(&mut Draw, &str) -> String) -> (usize, usize) {
    let mut draw = Draw::new(7);
    let (mut tried, mut found) = (0, 0);
    while tried < 200 {
        let number = made_up(&mut draw, recipe);
        let typed = slip(&mut draw, &number);
        let text = if groups.is_empty() { typed.clone() } else { grouped(&typed, groups, "-") };
        if typed == number || parse(&text).is_valid() || parse(&text).not_a_parcel().is_some() {
            continue;
        }
        tried += 1;
        found += usize::from(corrections(&text).contains(&number));
    }
    (found, tried)
}

fn swapped(draw: &mut Draw, number: &str) -> String {
    let mut symbols = number.as_bytes().to_vec();
    let at = draw.below(symbols.len() - 1);
    symbols.swap(at, at + 1);
    String::from_utf8(symbols).expect("ASCII")
}

fn next_key(draw: &mut Draw, number: &str) -> String {
    let at = loop {
        let at = draw.below(number.len());
        if number.as_bytes()[at].is_ascii_digit() {
            break at;
        }
    };
    let key = "1234567890".find(&number[at..=at]).expect("a digit");
    let next = if key == 9 { 8 } else { key + 1 };
    format!("{}{}{}", &number[..at], &"1234567890"[next..=next], &number[at + 1..])
}

fn doubled(draw: &mut Draw, number: &str) -> String {
    let at = draw.below(number.len());
    format!("{}{}", &number[..=at], &number[at..])
}

fn last_left_out(_: &mut Draw, number: &str) -> String {
    number[..number.len() - 1].to_string()
}

/// Recipe, printed groups, the slip, and the least share in percent.
type Expected = (&'static str, &'static [usize], fn(&mut Draw, &str) -> String, usize);

#[test]
fn the_number_meant_is_mostly_among_the_ten() {
    let expected: [Expected; 9] = [
        ("yamato", &[4, 4, 4], swapped, 95),
        ("yamato", &[4, 4, 4], next_key, 85),
        ("yamato", &[4, 4, 4], doubled, 90),
        ("yamato", &[4, 4, 4], last_left_out, 90),
        ("japan-post s10", &[], swapped, 90),
        ("japan-post s10", &[], next_key, 90),
        ("japan-post s10", &[], doubled, 80),
        ("ups", &[], swapped, 80),
        ("usps", &[], swapped, 90),
    ];
    let mut report = Vec::new();
    for (recipe, groups, slip, least) in expected {
        let (found, tried) = share_found(recipe, groups, slip);
        report.push((recipe, found * 100 / tried, least));
    }
    println!("{report:?}");
    assert!(report.iter().all(|(_, share, least)| share >= least), "{report:?}");
}
