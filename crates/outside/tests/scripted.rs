//! The parties in memory do what the sandbox does, and what a script adds.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is a failure with a name")]

mod support;

use choba_outside::books::{BookOptions, Books};
use choba_outside::scripted::{Scripted, Twist};
use choba_outside::{AskError, Counterparties, LookedUp};
use support::*;

fn scripted() -> Scripted {
    Scripted::new(Books::new(BookOptions::default()), "2026-11-20T12:00:00+09:00".parse().unwrap())
}

fn holds(parties: &Scripted) -> usize {
    parties.books(|books| {
        let ledger = serde_json::to_value(books.ledger()).unwrap();
        ledger.pointer("/partners/d-point/holds").map_or(0, |holds| holds.as_object().unwrap().len())
    })
}

#[tokio::test]
async fn without_a_script_money_behaves_as_in_the_sandbox() {
    let parties = scripted();
    let in_memory = parties.ask(&PARTNER, "h", &hold("taro", 20_000)).await;
    let (_sandbox, outside) = both().await;
    let over_http = Counterparties::ask(&outside, &PARTNER, "h", &hold("taro", 20_000)).await;
    assert_eq!(in_memory, over_http);
    let declined = parties.ask(&CARD, "a", &authorise(1, "tok_declined")).await;
    assert!(matches!(declined, Err(AskError::Declined { .. })));
}

#[tokio::test]
async fn a_lost_answer_was_done_and_a_lost_request_was_not() {
    let parties = scripted();
    parties.next(None, Some("hold"), Twist::LoseAnswer);
    assert!(is_unknown(&parties.ask(&PARTNER, "1", &hold("taro", 1)).await));
    parties.next(Some("d-point"), None, Twist::LoseRequest);
    assert!(is_unknown(&parties.ask(&PARTNER, "2", &hold("taro", 1)).await));
    let looked_up = |key: &'static str| parties.look_up(&PARTNER, key, Box::leak(Box::new(hold("taro", 1))));
    assert!(matches!(looked_up("1").await, Ok(LookedUp::Answered(Ok(_)))));
    assert_eq!(looked_up("2").await, Ok(LookedUp::NeverSeen));
    assert_eq!((holds(&parties), parties.heard().len()), (1, 2));
}

#[tokio::test]
async fn a_late_request_is_done_after_what_came_in_between() {
    let parties = scripted();
    parties.next(None, None, Twist::Late);
    assert!(is_unknown(&parties.ask(&PARTNER, "1", &hold("taro", 1)).await));
    assert_eq!(holds(&parties), 0);
    held(parties.ask(&PARTNER, "1", &hold("taro", 1)).await);
    parties.deliver_late();
    assert_eq!(holds(&parties), 1, "the same key is done once, however late it comes");
}

#[tokio::test]
async fn a_request_that_arrives_twice_is_done_once_and_one_to_a_party_that_is_away_never() {
    let parties = scripted();
    parties.next(None, None, Twist::Twice);
    held(parties.ask(&PARTNER, "1", &hold("taro", 1)).await);
    parties.next(None, None, Twist::Away);
    assert!(is_unavailable(&parties.ask(&PARTNER, "2", &hold("taro", 1)).await));
    parties.next(None, None, Twist::Answer(Box::new(Err(AskError::Misconfigured { why: "x".to_owned() }))));
    assert!(parties.ask(&PARTNER, "3", &hold("taro", 1)).await.is_err());
    assert_eq!(holds(&parties), 1);
}
