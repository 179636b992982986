//! Mail to customers in both languages: every mail has its words, and says figures as they are.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use choba_engine::market::Market;
use choba_engine::money::Points;
use choba_formats::language::Language;
use choba_formats::mail::{MailExpiring, MailLinks, MailTemplate, Mails};
use choba_formats::market_files;
use choba_formats::sentences::sentences;

fn market() -> Market {
    market_files::check(&market_files::sample("rakuten-style").unwrap()).unwrap()
}

fn links() -> MailLinks {
    MailLinks { base_url: "https://shop.example".to_owned() }
}

#[test]
fn every_mail_has_a_subject_and_a_beginning_in_both_languages() {
    for language in [Language::Ja, Language::En] {
        for template in MailTemplate::ALL {
            for part in ["subject", "lead"] {
                let id = format!("mail-{}-{part}", template.code());
                assert!(sentences(language).plain(&id).is_some(), "{id} in {language:?}");
            }
        }
    }
}

#[test]
fn both_languages_have_the_same_words() {
    let ids = |text: &str| -> Vec<String> {
        let mut ids: Vec<String> =
            text.lines().filter_map(|line| line.split_once(" = ")).map(|(id, _)| id.to_owned()).collect();
        ids.sort();
        ids
    };
    let (ja, en) = (include_str!("../messages/mail/ja.ftl"), include_str!("../messages/mail/en.ftl"));
    assert_eq!(ids(ja), ids(en));
    assert!(ids(ja).len() > 40);
}

#[test]
fn a_template_is_found_by_its_code() {
    for template in MailTemplate::ALL {
        assert_eq!(MailTemplate::from_code(template.code()), Some(template));
    }
}

#[test]
fn expiring_value_is_told_with_its_last_second() {
    let (market, links) = (market(), links());
    let expires_at = "2026-12-31T23:59:59+09:00".parse().unwrap();
    let lots = [MailExpiring { program: "rakuten", points: Points::new(1_234), expires_at }];
    let mail = Mails::new(&market, Language::En, &links).points_expiring(&lots);
    assert_eq!(mail.subject, "Some of your balance will expire soon");
    for part in ["1,234 points", "Thu 31 Dec 2026, 23:59", "https://shop.example/wallet", "/account/contact"]
    {
        assert!(mail.text.contains(part) && mail.html.contains(part), "{part} in {}", mail.text);
    }
    assert!(mail.html.starts_with("<!doctype html>\n<html lang=\"en\">"));
}

#[test]
fn news_of_a_case_say_nothing_of_what_is_in_it() {
    let (market, links) = (market(), links());
    let mail = Mails::new(&market, Language::Ja, &links).case_news("C-1");
    assert_eq!(mail.subject, "お問い合わせについてのご連絡(C-1)");
    assert!(mail.text.contains("https://shop.example/cases/C-1"));
    assert!(!mail.text.contains("mail-"), "{}", mail.text);
}
