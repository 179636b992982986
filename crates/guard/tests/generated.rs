//! Look-alikes and variants made from each official domain by rule, as registrars of fakes do.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is a failure with a name")]

use choba_guard::{Judgement, Kind, Official, check_as};
use proptest::prelude::*;
use url::{Host, Url};

const DOMAINS: [&str; 7] = [
    "example-shop.co.jp",
    "amazon.co.jp",
    "amazon.com",
    "rakuten.co.jp",
    "rakuten.ne.jp",
    "yodobashi.com",
    "kurashi-no-mise.jp",
];

fn official() -> Official {
    Official::from_list(DOMAINS).unwrap()
}

fn judged(official: &Official, link: &str) -> Judgement {
    check_as(Kind::Url, official, link).unwrap().verdict
}

fn letters(label: &str) -> Vec<char> {
    label.chars().collect()
}

/// Every label that one trick makes of another.
fn tricks(label: &str) -> Vec<(&'static str, String)> {
    let mut made = Vec::new();
    for at in 0..label.len() {
        let (head, tail) = label.split_at(at);
        made.push(("omission", format!("{head}{}", &tail[1..])));
        made.push(("repetition", format!("{head}{}{tail}", &tail[..1])));
        made.extend(('a'..='z').map(|c| ("insertion", format!("{head}{c}{tail}"))));
        made.extend(('a'..='z').map(|c| ("replacement", format!("{head}{c}{}", &tail[1..]))));
        made.push(("hyphen", format!("{head}-{tail}")));
        made.push(("dot", format!("{head}.{tail}")));
        made.extend(
            glyphs(&tail[..1]).iter().map(|glyph| ("homoglyph", format!("{head}{glyph}{}", &tail[1..]))),
        );
        let mut swapped = letters(label);
        if at + 1 < swapped.len() {
            swapped.swap(at, at + 1);
            made.push(("swap", swapped.into_iter().collect()));
        }
    }
    made.extend(
        ["login", "security", "jp", "公式", "ん"].map(|word| ("addition", format!("{label}-{word}"))),
    );
    made.extend(["login", "my", "公式"].map(|word| ("addition", format!("{word}{label}"))));
    made
}

/// What a letter is replaced by: digits, pairs, accents, Cyrillic and Greek.
fn glyphs(letter: &str) -> &'static [&'static str] {
    match letter {
        "a" => &["а", "ɑ", "à", "á", "ä", "4", "ạ", "ａ"],
        "b" => &["8", "6", "Ь", "ḃ"],
        "c" => &["с", "ϲ", "ç", "ć"],
        "d" => &["cl", "ԁ", "ď"],
        "e" => &["е", "3", "é", "ê", "ё", "ẹ"],
        "g" => &["9", "ġ", "ɡ"],
        "h" => &["һ", "ḥ"],
        "i" => &["1", "l", "і", "ı", "í", "ï"],
        "k" => &["κ", "ķ", "к"],
        "l" => &["1", "ӏ", "ḷ"],
        "m" => &["rn", "nn", "ṃ", "ｍ"],
        "n" => &["ñ", "ń", "ո"],
        "o" => &["0", "о", "ο", "ö", "ø", "օ"],
        "p" => &["р", "ρ", "ṗ"],
        "r" => &["ŕ", "г", "ř"],
        "s" => &["5", "ѕ", "ś", "ş"],
        "t" => &["7", "ţ", "т"],
        "u" => &["υ", "ü", "ս", "ù"],
        "x" => &["х", "ẋ"],
        "y" => &["у", "ý", "ү"],
        "z" => &["2", "ž", "ʐ", "ᴢ"],
        "-" => &["‐", "‑", "–", "−", "ー", "一", "_", "--"],
        _ => &[],
    }
}

/// Hosts made from a domain; none of them is the shop's.
fn fakes(domain: &str) -> Vec<(&'static str, String)> {
    let (label, suffix) = domain.split_once('.').unwrap();
    let same_suffix = tricks(label).into_iter().map(|(trick, label)| (trick, format!("{label}.{suffix}")));
    let elsewhere = tricks(label).into_iter().map(|(trick, label)| (trick, format!("{label}.evil.test")));
    let mut made: Vec<_> = same_suffix.chain(elsewhere).collect();
    made.extend(
        ["net", "org", "shop", "xyz", "top", "cn", "info"].map(|tld| ("other TLD", format!("{label}.{tld}"))),
    );
    made.push(("subdomain", format!("{domain}.evil.test")));
    made.push(("subdomain", format!("www.{label}.evil.test")));
    made.push(("subdomain", format!("{domain}んlogin.evil.test")));
    made
}

/// A trick may lead back to an official name (`rakuten` with a letter added and another…): those are left out.
fn is_official_name(host: &str) -> bool {
    let Ok(Host::Domain(name)) = Host::parse(host) else { return false };
    DOMAINS.iter().any(|domain| name == *domain || name.ends_with(&format!(".{domain}")))
}

#[test]
fn generated_look_alikes_are_never_official_and_nearly_all_named() {
    let official = official();
    let (mut named, mut all) = (0, 0);
    let mut missed = Vec::new();
    for domain in DOMAINS {
        for (trick, host) in fakes(domain).into_iter().filter(|(_, host)| !is_official_name(host)) {
            let verdict = judged(&official, &format!("https://{host}/"));
            assert_ne!(verdict, Judgement::Official, "{trick}: {host}");
            all += 1;
            if verdict == Judgement::Lookalike {
                named += 1;
            } else {
                missed.push(format!("{trick}: {host}"));
            }
        }
    }
    println!("{named} of {all} named; missed: {missed:#?}");
    assert!(named * 100 >= all * 97, "{named} of {all}: {missed:#?}");
}

#[test]
fn every_spelling_of_the_official_domains_is_official() {
    let official = official();
    for domain in DOMAINS {
        for host in variants(domain) {
            for link in links_to(&host) {
                assert_eq!(judged(&official, &link), Judgement::Official, "{link}");
            }
        }
    }
}

fn variants(domain: &str) -> Vec<String> {
    let wide: String = domain.chars().map(full_width).collect();
    let alternating = domain.chars().enumerate();
    let mixed = alternating.map(|(at, c)| if at % 2 == 0 { c.to_ascii_uppercase() } else { c }).collect();
    let mut made = vec![domain.to_owned(), domain.to_uppercase(), mixed, wide, format!("{domain}.")];
    made.extend(["。", "．", "｡"].map(|dot| domain.replace('.', dot)));
    made.extend(
        ["www", "a.b.c", "xn--t8jz542a", "商品", "amaz0n", "_x"].map(|below| format!("{below}.{domain}")),
    );
    made
}

fn full_width(c: char) -> char {
    char::from_u32(u32::from(c) + 0xfee0).unwrap()
}

fn links_to(host: &str) -> Vec<String> {
    let plain =
        [host.to_owned(), format!("https://{host}"), format!("http://{host}/"), format!("  {host}/a?b=c#d ")];
    let ports =
        [format!("https://{host}:443/"), format!("http://{host}:80"), format!("HTTPS://{host}/?next=/cart")];
    plain.into_iter().chain(ports).collect()
}

/// The host a browser would go to, read independently of the crate.
fn host_of(text: &str) -> Option<String> {
    let text = text.trim();
    let url = match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => url,
        _ if text.starts_with("//") => Url::parse(&format!("https:{text}")).ok()?,
        _ => Url::parse(&format!("https://{text}")).ok()?,
    };
    Some(url.host_str()?.trim_end_matches('.').to_owned())
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "https://",
        "http:",
        "//",
        "/",
        "\\",
        "@",
        ":",
        ":443",
        "?",
        "#",
        "%",
        "%2e",
        "%40",
        "%00",
        ".",
        "。",
        "．",
        "..",
        "-",
        "example-shop",
        ".co.jp",
        "example-shop.co.jp",
        "amazon.com",
        "evil.test",
        "xn--",
        "ん",
        "ー",
        "\u{200b}",
        "\u{202e}",
        "\u{ad}",
        "\t",
        " ",
        "[",
        "]",
        "<",
        ">",
        ",",
        ";",
        "(",
        ")",
        "\"",
        "0120",
        "-899-543",
        "+81",
        "tel:",
        "mailto:",
        "info@",
        "?u=",
        "=?UTF-8?B?",
        "?=",
        "а",
        "0",
        "1",
        "l",
        "data:",
        "￥",
        "／",
        "＠",
    ]);
    let any = prop_oneof![4 => piece.prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    prop::collection::vec(any, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(4096), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn official_means_that_the_host_is_the_shops(text in pieces()) {
        let official = Official::from_list(["example-shop.co.jp", "amazon.com", "0120-899-543"]).unwrap();
        if judged(&official, &text) == Judgement::Official {
            let host = host_of(&text).unwrap();
            let covered = ["example-shop.co.jp", "amazon.com"]
                .iter().any(|domain| host == *domain || host.ends_with(&format!(".{domain}")));
            prop_assert!(covered, "{text:?} → {host}");
        }
    }

    #[test]
    fn no_text_of_any_kind_panics(text in prop_oneof![pieces(), any::<String>()]) {
        let official = Official::from_list(["example-shop.co.jp", "amazon.com", "0120-899-543"]).unwrap();
        for kind in [Kind::Url, Kind::Phone, Kind::Email] {
            let verdict = check_as(kind, &official, &text).unwrap();
            let message = verdict.message();
            prop_assert!(!message.ja.is_empty() && !message.en.is_empty());
        }
        prop_assert!(choba_guard::check(&official, &text).is_ok());
    }

    #[test]
    fn an_official_sender_has_one_plain_address_at_the_shop(text in pieces()) {
        let official = Official::from_list(["example-shop.co.jp", "amazon.com"]).unwrap();
        if check_as(Kind::Email, &official, &text).unwrap().verdict == Judgement::Official {
            prop_assert_eq!(text.matches(['@', '＠']).count() + text.matches("%40").count(), 1, "{:?}", text);
        }
    }
}
