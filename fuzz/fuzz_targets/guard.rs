//! Any bytes at all: an answer, never a panic; and official means that a browser would land at the shop.
#![no_main]

use std::sync::LazyLock;

use choba_guard::{Judgement, Kind, Official, check, check_as};
use libfuzzer_sys::fuzz_target;
use url::{Host, Url};

const DOMAINS: [&str; 3] = ["example-shop.co.jp", "amazon.com", "rakuten.co.jp"];

static OFFICIAL: LazyLock<Official> = LazyLock::new(|| {
    let phones = ["0120-899-543", "+81 3-6362-0300"];
    Official::from_list(DOMAINS.into_iter().chain(phones)).expect("the list is fixed and has no fault")
});

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let text = &text[..text.floor_char_boundary(choba_guard::INPUT_BYTES_MAX)];
    for kind in [Kind::Url, Kind::Phone, Kind::Email] {
        let verdict = check_as(kind, &OFFICIAL, text).expect("the text is short enough");
        assert!(!verdict.message().ja.is_empty());
        if verdict.verdict == Judgement::Official {
            check_official(kind, text);
        }
    }
    assert!(check(&OFFICIAL, text).is_ok());
});

/// Reads the text once more, by the shortest way, and compares.
fn check_official(kind: Kind, text: &str) {
    match kind {
        Kind::Url => assert_shop(&host_of(text), text),
        Kind::Email => {
            assert_eq!(text.matches(['@', '＠']).count() + text.matches("%40").count(), 1, "{text:?}");
        }
        Kind::Phone => assert!(!text.contains(['\\', '\u{200b}', '\u{202e}']), "{text:?}"),
    }
}

fn host_of(text: &str) -> Option<String> {
    let text = text.trim();
    let as_it_stands = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let with_scheme = || Url::parse(&format!("https://{}", text.trim_start_matches('/'))).ok();
    match as_it_stands.or_else(with_scheme)?.host()? {
        Host::Domain(name) => Some(name.trim_end_matches('.').to_owned()),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

fn assert_shop(host: &Option<String>, text: &str) {
    let covered = host.as_ref().is_some_and(|host| {
        DOMAINS.iter().any(|domain| host == domain || host.ends_with(&format!(".{domain}")))
    });
    assert!(covered, "{text:?} goes to {host:?}");
}
