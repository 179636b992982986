//! Long and malicious texts: an answer in linear time, or a refusal.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is a failure with a name")]
#![expect(clippy::disallowed_methods, reason = "these tests measure time")]

use std::time::{Duration, Instant};

use choba_guard::{INPUT_BYTES_MAX, Kind, Official, TooLong, check, check_as};

fn official() -> Official {
    Official::from_list(["example-shop.co.jp", "amazon.co.jp", "kurashi-no-mise.jp", "0120-899-543"]).unwrap()
}

type Growing = fn(usize) -> String;

/// Texts that grow with a number, each of them a trap for quadratic code.
fn traps() -> Vec<(&'static str, Growing)> {
    vec![
        ("subdomains", |n| format!("https://{}evil.test/", "a.".repeat(n / 2))),
        ("subdomains of the shop", |n| format!("https://{}example-shop.co.jp/", "a.".repeat(n / 2))),
        ("near names as subdomains", |n| format!("https://{}evil.test/", "exbmpke-shpp.".repeat(n / 13))),
        ("hyphens", |n| format!("https://{}.test/", "a-".repeat(n / 2))),
        ("one long label", |n| format!("https://{}.test/", "a".repeat(n))),
        ("one long Japanese label", |n| format!("https://{}.test/", "楽".repeat(n / 3))),
        ("punycode", |n| format!("https://xn--{}.test/", "a9".repeat(n / 2))),
        ("punycode labels", |n| format!("https://{}test/", "xn--t8jz542a.".repeat(n / 13))),
        ("parameters", |n| format!("https://example-shop.co.jp/?{}", "a=b&".repeat(n / 4))),
        ("redirects in a row", |n| format!("https://evil.test/?{}", "u=https://a.test&".repeat(n / 17))),
        ("redirects in each other", |n| "https://example-shop.co.jp/?u=".repeat(n / 30)),
        ("links in a path", |n| "https://evil.test/".repeat(n / 18)),
        ("percent signs", |n| format!("https://evil.test/?u=%{}", "25".repeat(n / 2))),
        ("at signs", |n| format!("https://evil.test/{}", "@a".repeat(n / 2))),
        ("slashes", |n| format!("https://evil.test{}", "/".repeat(n))),
        ("accents", |n| format!("https://a{}.test/", "\u{301}".repeat(n / 2))),
        ("mixed accents", |n| "\u{301}\u{323}".repeat(n / 4)),
        ("overrides", |n| "\u{202e}".repeat(n / 3)),
        ("digits", |n| "0120899543".repeat(n / 10)),
        ("brackets", |n| "(".repeat(n)),
        ("mailboxes", |n| "a@b.test,".repeat(n / 9)),
        ("encoded words", |n| "=?utf-8?B?".repeat(n / 10)),
        ("words", |n| "ab ".repeat(n / 3)),
        ("names", |n| "amazn example ".repeat(n / 14)),
    ]
}

fn time_of(official: &Official, kind: Kind, text: &str) -> Duration {
    let once = || {
        let start = Instant::now();
        check_as(kind, official, text).unwrap();
        start.elapsed()
    };
    (0..3).map(|_| once()).min().unwrap()
}

#[test]
fn twice_the_text_costs_about_twice_the_time() {
    let official = official();
    for (trap, text) in traps() {
        for kind in [Kind::Url, Kind::Phone, Kind::Email] {
            let quarter = time_of(&official, kind, &text(INPUT_BYTES_MAX / 4));
            let whole = time_of(&official, kind, &text(INPUT_BYTES_MAX - 64));
            // Linear is 4, quadratic 16; the slack of two milliseconds is for a busy machine.
            assert!(
                whole < quarter * 10 + Duration::from_millis(2),
                "{trap} as {kind:?}: {quarter:?}, {whole:?}"
            );
            println!("{whole:>12?} {kind:?} {trap}");
        }
    }
}

#[test]
fn up_to_64_kib_there_is_an_answer_and_beyond_a_refusal() {
    let official = official();
    assert!(check(&official, &"a".repeat(INPUT_BYTES_MAX)).is_ok());
    let refusal = check(&official, &"a".repeat(INPUT_BYTES_MAX + 1));
    assert_eq!(refusal, Err(TooLong { bytes: INPUT_BYTES_MAX + 1 }));
}

#[test]
fn ten_thousand_subdomains_of_the_shop_are_the_shop() {
    let link = format!("https://{}example-shop.co.jp/", "a.".repeat(10_000));
    assert_eq!(check(&official(), &link).unwrap().verdict, choba_guard::Judgement::Official);
}
