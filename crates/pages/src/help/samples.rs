//! Samples of help's pages.

use super::article::{ArticlePage, GlossaryPage, Term};
use super::check::CheckPage;
use super::contents::{ContentsPage, HitShown, NamedArticle, Shelf, TextPart};
use super::judged::Judged;
use super::number::Number;
use crate::fields::Faults;
use crate::frame::{Frame, Room};
use crate::samples::{Sample, both};

fn named() -> Vec<NamedArticle> {
    vec![NamedArticle { id: "cancel-order".to_owned(), title: "<Cancel>".to_owned() }]
}

fn contents(frame: Frame, question: &str, hits: Vec<HitShown>) -> ContentsPage {
    let shelves = vec![Shelf { name: "<Orders>".to_owned(), articles: named() }];
    ContentsPage { frame, question: question.to_owned(), hits, shelves }
}

fn hit() -> HitShown {
    let part = |text: &str, marked| TextPart { text: text.to_owned(), marked };
    HitShown {
        id: "cancel-order".to_owned(),
        title: vec![part("<Cancel>", true)],
        snippet: vec![part("before it is ", false), part("shipped", true)],
    }
}

fn check(frame: Frame) -> CheckPage {
    let judged = |verdict| Judged {
        text: "<b>https://x.example</b>".to_owned(),
        verdict,
        sentence: "Do not open it.".to_owned(),
        signs: vec!["Another port.".to_owned()],
    };
    CheckPage {
        frame,
        text: "</textarea><script>".to_owned(),
        judged: ["lookalike", "unknown", "official"].map(judged).into(),
        number: "\"><script>".to_owned(),
        answer: Some(Number {
            text: "4000-0000-000O".to_owned(),
            sentence: "One of Yamato's.".to_owned(),
            carrier: Some("Yamato".to_owned()),
            display: "4000-0000-0000".to_owned(),
            is_valid: false,
            read_as: vec![("O".to_owned(), "0".to_owned())],
            corrections: vec!["400000000002".to_owned()],
            track_url: Some("https://example.com/".to_owned()),
            orders: vec!["250-1234567-1234567".to_owned()],
        }),
        faults: Faults::one("text", "no"),
    }
}

pub fn all() -> Vec<Sample> {
    let mut samples = both("help", Room::Shopper, |frame| contents(frame, "", Vec::new()));
    samples.extend(both("help, found", Room::Shopper, |frame| contents(frame, "<q>", vec![hit()])));
    samples.extend(both("help, nothing found", Room::Shopper, |frame| contents(frame, "<q>", Vec::new())));
    samples.extend(both("article", Room::Shopper, |frame| ArticlePage {
        frame,
        title: "<Cancel>".to_owned(),
        is_glossary: true,
        html: "<p>text</p>".to_owned(),
        related: named(),
    }));
    samples.extend(both("glossary", Room::Shopper, |frame| GlossaryPage {
        frame,
        terms: vec![Term { id: "term".to_owned(), title: "<t>".to_owned(), html: "<p>x</p>".to_owned() }],
    }));
    samples.extend(both("check", Room::Shopper, check));
    samples
}
