//! Every page, rendered from samples in both languages, and what must hold for each.

use askama::Template;
use choba_formats::language::Language;
use jiff::tz::TimeZone;

use crate::entrance::{ShownPerson, SignInPage};
use crate::fields::Faults;
use crate::frame::{Frame, Room};
use crate::page::{ProblemPage, StaleForm};

/// The frame of a sample.
pub fn frame(language: Language, room: Room) -> Frame {
    Frame {
        language,
        room,
        market: "rakuten-style".to_owned(),
        markets: vec!["amazon-style".to_owned(), "rakuten-style".to_owned()],
        zone: TimeZone::get("Asia/Tokyo").unwrap(),
        who: Some("hanako".to_owned()),
        nav: crate::frame::nav(room, "/orders"),
        form_token: "token-of-the-form".to_owned(),
        asked_for: "/orders?page=2".to_owned(),
        done: Some("done-signed-out".to_owned()),
        is_demo: true,
        in_cart: 2,
    }
}

/// A rendered page.
pub struct Sample {
    /// What it is.
    pub name: &'static str,
    /// Its language.
    pub language: Language,
    /// Its text.
    pub html: String,
}

/// Renders a page in both languages.
pub fn both<T: Template>(name: &'static str, room: Room, page: impl Fn(Frame) -> T) -> Vec<Sample> {
    let sample = |language| Sample { name, language, html: page(frame(language, room)).render().unwrap() };
    [Language::Ja, Language::En].into_iter().map(sample).collect()
}

/// All pages. Whoever makes a page adds its sample.
fn all() -> Vec<Sample> {
    [
        shell(),
        crate::wallet::samples::all(),
        crate::help::samples::all(),
        crate::care::samples::all(),
        crate::account::samples::all(),
        crate::shop::samples::all(),
        crate::counter::samples::all(),
        crate::orders::samples::all(),
        crate::office::samples::all(),
        crate::desk::samples::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn shell() -> Vec<Sample> {
    let people = || {
        vec![ShownPerson {
            place: 0,
            name: "hanako".to_owned(),
            role: "role-customer".to_owned(),
            market: None,
        }]
    };
    let mut samples = both("sign in", Room::Shopper, |frame| SignInPage {
        frame,
        next: "/".to_owned(),
        people: people(),
        faults: Faults::one("token", "<b>no</b>"),
    });
    samples.extend(both("problem", Room::Desk, |frame| ProblemPage {
        frame,
        title: "title".to_owned(),
        message: "message".to_owned(),
        detail: Some("<script>".to_owned()),
        status: 409,
    }));
    for is_signed_out in [false, true] {
        samples.extend(both("stale form", Room::Shopper, |frame| StaleForm {
            frame,
            action: "/wallet/redeem".to_owned(),
            fields: vec![("code".to_owned(), "\"><script>alert(1)</script>".to_owned())],
            is_signed_out,
        }));
    }
    samples
}

#[test]
fn every_form_that_changes_something_carries_its_token() {
    for Sample { name, html, .. } in all() {
        let lower = html.to_lowercase();
        for form in lower.split("<form").skip(1) {
            let (tag, rest) = form.split_once('>').unwrap();
            let body = rest.split("</form").next().unwrap();
            if tag.contains("method=\"post\"") {
                assert!(body.contains("name=\"form_token\" value=\"token-of-the-form\""), "{name}: {tag}");
            } else {
                assert!(!body.contains("form_token"), "{name}: a token would be in an address: {tag}");
            }
        }
    }
}

#[test]
fn no_page_has_code_or_style_inside_or_anything_from_elsewhere() {
    for Sample { name, html, .. } in all() {
        for forbidden in
            [" style=", " onclick=", " onchange=", "<style", "javascript:", "src=\"http", "href=\"http://"]
        {
            assert!(!html.contains(forbidden), "{name} has {forbidden}");
        }
        for script in html.split("<script").skip(1) {
            assert!(script.starts_with(" src=\"/assets/"), "{name}: {}", &script[..40.min(script.len())]);
        }
    }
}

#[test]
fn every_page_is_said_whole_in_its_language() {
    for Sample { name, language, html } in all() {
        assert!(!html.contains('⟦') && !html.contains("{ $"), "{name} lacks words: {:?}", missing(&html));
        assert!(html.contains(&format!("<html lang=\"{}\">", language.tag())), "{name}");
        assert_eq!(html.matches("<h1").count(), 1, "{name} has one heading of the page");
        assert!(html.contains("<title>") && html.contains("<main id=\"content\""), "{name}");
    }
}

fn missing(html: &str) -> Vec<&str> {
    let marked = html.split('⟦').skip(1).filter_map(|rest| rest.split('⟧').next());
    let unfilled = html.match_indices("{ $").map(|(at, _)| html.get(at..at + 30).unwrap_or_default());
    marked.chain(unfilled).collect()
}
