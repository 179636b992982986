//! The power of each check digit: the share of single substitutions and swaps it catches, and that the crate catches
//! exactly what the arithmetic can.
#![allow(clippy::expect_used)] // a test may fail loudly

mod numbers;

use numbers::Draw;

type Recipe = (&'static str, usize, fn(&str) -> char, f64, f64);

/// Recipe, the places of the body's first digit and of the check digit, carrier, check character.
type Checked = (&'static str, usize, usize, &'static str, fn(&str) -> char);

fn digit(value: u32) -> char {
    char::from_digit(value, 10).expect("a digit")
}

/// Rule, digits in the body, check character, and the least share of substitutions and swaps caught.
const RULES: [Recipe; 7] = [
    // 0/7, 1/8 and 2/9 are the same to a division by seven: 6 of 90.
    ("mod 7", 11, |body| digit(numbers::seven(body)), 0.93, 0.93),
    ("weighted mod 11", 8, |body| digit(numbers::postal(body)), 0.97, 0.97),
    ("GS1", 15, |body| digit(numbers::gs1(body)), 1.0, 0.88),
    ("Luhn", 11, |body| digit(numbers::luhn(body)), 1.0, 0.97),
    // Doubling without casting out nines maps 0 and 5 alike.
    ("UPS", 15, |body| digit(numbers::ups(body)), 0.93, 0.88),
    ("FedEx", 11, |body| digit(numbers::fedex(body)), 0.96, 0.95),
    ("mod 37,36", 14, numbers::mod37, 1.0, 0.99),
];

#[test]
fn each_rule_catches_the_share_it_must() {
    for (name, length, check, substitutions, swaps) in RULES {
        let (mut wrong, mut wrong_caught, mut swapped, mut swapped_caught) = (0, 0, 0, 0);
        let mut draw = Draw::new(11);
        for _ in 0..150 {
            let body = draw.digits(length);
            let right = check(&body);
            for at in 0..length {
                for other in "0123456789".chars().filter(|other| !body[at..].starts_with(*other)) {
                    wrong += 1;
                    wrong_caught +=
                        usize::from(check(&format!("{}{other}{}", &body[..at], &body[at + 1..])) != right);
                }
                if at > 0 && body.as_bytes()[at] != body.as_bytes()[at - 1] {
                    let mut symbols = body.clone().into_bytes();
                    symbols.swap(at, at - 1);
                    swapped += 1;
                    swapped_caught +=
                        usize::from(check(std::str::from_utf8(&symbols).expect("ASCII")) != right);
                }
            }
        }
        let share = |caught: usize, all: usize| caught as f64 / all as f64;
        println!("{name}: {:.4} {:.4}", share(wrong_caught, wrong), share(swapped_caught, swapped));
        assert!(share(wrong_caught, wrong) >= substitutions, "{name}: {}", share(wrong_caught, wrong));
        assert!(share(swapped_caught, swapped) >= swaps, "{name}: {}", share(swapped_caught, swapped));
    }
}

/// Every substitution and swap of made-up numbers: the crate says valid exactly where the rule, worked out here, does.
#[test]
fn the_crate_catches_what_the_rule_catches() {
    let carriers: [Checked; 4] = [
        ("yamato", 0, 11, "yamato", |body| digit(numbers::seven(body))),
        ("japan-post s10", 2, 10, "japan-post", |body| digit(numbers::postal(body))),
        ("ups", 2, 17, "ups", |body| digit(numbers::ups(body))),
        ("canada-post", 0, 15, "canada-post", |body| digit(numbers::gs1(body))),
    ];
    let mut draw = Draw::new(13);
    for (recipe, from, at, carrier, check) in carriers {
        for _ in 0..20 {
            let number = numbers::made_up(&mut draw, recipe);
            for place in (from..=at).filter(|place| number.as_bytes()[*place].is_ascii_digit()) {
                for other in "0123456789".chars() {
                    let changed = format!("{}{other}{}", &number[..place], &number[place + 1..]);
                    let right = changed[at..].starts_with(check(&changed[from..at]));
                    let answer = choba_parcel::parse(&changed);
                    let mut candidates = answer.candidates().iter();
                    let ours = candidates.find(|one| one.carrier().id() == carrier && one.check().is_some());
                    let passes = ours.is_some_and(|one| one.is_valid());
                    assert!(passes == right || answer.not_a_parcel().is_some(), "{changed} {answer:?}");
                }
            }
        }
    }
}
