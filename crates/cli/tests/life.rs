//! `choba books life`: an order lives the same on both databases, and its books agree at the end.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in a test a panic is a failure"
)]

mod support;

use choba_testbed::Postgres;
use serde_json::Value;
use support::{Run, choba, directory};

fn life(url: &str, arguments: &[&str]) -> Run {
    let run = choba(&[&["books", "life", "--db", url], arguments].concat(), "");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    run
}

/// The same life in memory, in a file and on a server.
fn everywhere(name: &str, arguments: &[&str]) -> Run {
    let file = format!("sqlite:{}", directory(name).join("life.sqlite").display());
    let in_memory = choba(&[&["books", "life"], arguments].concat(), "");
    for url in [file, Postgres::shared().create_database()] {
        let run = life(&url, arguments);
        assert_eq!(run.stdout, in_memory.stdout, "{url}");
        let verified = choba(&["books", "verify", "--db", &url], "");
        assert_eq!(verified.status, 0, "{}", verified.stdout);
    }
    in_memory
}

#[test]
fn a_life_at_the_stores_is_told_in_japanese() {
    let run = everywhere("life-stores-ja", &["--lang", "ja"]);
    insta::assert_snapshot!("rakuten_style_ja", run.stdout);
}

#[test]
fn a_life_at_the_stores_is_told_in_english() {
    let run = everywhere("life-stores-en", &["--lang", "en"]);
    insta::assert_snapshot!("rakuten_style_en", run.stdout);
}

#[test]
fn a_life_with_a_gift_card_and_a_partner_is_told_in_japanese() {
    let run = everywhere("life-gift-ja", &["--market", "amazon-style", "--lang", "ja"]);
    insta::assert_snapshot!("amazon_style_ja", run.stdout);
}

#[test]
fn a_life_with_a_gift_card_and_a_partner_is_told_in_english() {
    let run = everywhere("life-gift-en", &["--market", "amazon-style", "--lang", "en"]);
    insta::assert_snapshot!("amazon_style_en", run.stdout);
}

/// What all postings of a life have come to, by account and unit.
fn sum(steps: &[Value], account: &str, unit: &str) -> i64 {
    let entries = steps.iter().filter_map(|step| step["entries"].as_array()).flatten();
    let postings = entries.flat_map(|entry| entry["postings"].as_array().unwrap());
    postings
        .filter(|posting| posting["account"] == account && posting["unit"] == unit)
        .map(|posting| posting["amount"].as_i64().unwrap())
        .sum()
}

#[test]
fn a_line_for_each_step_lets_others_add_up_the_books() {
    let steps = everywhere("life-json", &["--json"]).answers();
    let (last, steps) = steps.split_last().unwrap();
    assert_eq!((&last["step"], &last["books"]["differences"]), (&"verified".into(), &0.into()));
    let held = &steps.last().unwrap()["balances"];
    assert_eq!(held[0]["available"], 1_031);
    assert_eq!((&held[1]["available"], &held[1]["expired"]), (&0.into(), &200.into()));
    assert_eq!(sum(steps, "wallet:rakuten", "rakuten"), 1_031);
    let payment = &steps.last().unwrap()["order"]["payment"];
    let here = payment["received"].as_i64().unwrap() - payment["refunded"].as_i64().unwrap();
    assert_eq!(sum(steps, "method:card:received", "JPY"), here);
    assert_eq!(sum(steps, "seller:shop-a", "JPY") + sum(steps, "seller:shop-b", "JPY"), -(here + 400));
}

#[test]
fn every_entry_of_a_life_adds_up_to_nothing_in_each_unit() {
    for market in ["rakuten-style", "amazon-style"] {
        let run = choba(&["books", "life", "--json", "--market", market], "");
        for step in run.answers() {
            for entry in step["entries"].as_array().into_iter().flatten() {
                let of_one = [serde_json::json!({ "entries": [entry] })];
                for posting in entry["postings"].as_array().unwrap() {
                    let unit = posting["unit"].as_str().unwrap();
                    let accounts = entry["postings"].as_array().unwrap().iter();
                    let mut names: Vec<&str> =
                        accounts.map(|posting| posting["account"].as_str().unwrap()).collect();
                    names.sort_unstable();
                    names.dedup();
                    let total: i64 = names.iter().map(|account| sum(&of_one, account, unit)).sum();
                    assert_eq!(total, 0, "{entry}");
                }
            }
        }
    }
}

#[test]
fn books_with_customers_in_them_are_left_alone() {
    let url = Postgres::shared().create_database();
    life(&url, &[]);
    let before = choba(&["export", "journal", "--db", &url], "").stdout;
    for market in ["rakuten-style", "amazon-style"] {
        let run = choba(&["books", "life", "--db", &url, "--market", market], "");
        assert_eq!((run.status, run.stdout.as_str()), (2, ""));
        assert!(run.stderr.contains("there are customers in these books"), "{}", run.stderr);
        assert!(run.stderr.contains("\nhint: "), "{}", run.stderr);
    }
    assert_eq!(choba(&["export", "journal", "--db", &url], "").stdout, before);
}

#[test]
fn a_password_is_not_repeated() {
    for url in ["mysql://u:geheim@localhost/x", "postgres://u:geheim@127.0.0.1:1/x"] {
        let run = choba(&["books", "life", "--db", url], "");
        assert_eq!((run.status, run.stdout.as_str()), (2, ""));
        assert!(!run.stderr.contains("geheim") && run.stderr.contains("\nhint: "), "{}", run.stderr);
    }
}
