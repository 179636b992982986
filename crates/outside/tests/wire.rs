//! What the client writes is what the sandbox reads, and the other way round.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is a failure with a name")]

mod support;

use choba_outside::record::{CreditReason, Link};
use choba_outside::wire::{
    Method, NoAsk, answer_of, call_of, card_ask_of, looked_up_of, outcome_of, partner_ask_of,
};
use choba_outside::{Ask, AskError, Refusal, RefusalCode, Reply};
use support::{authorise, balance, capture, credit, debit, hold, refund};

fn every_ask() -> Vec<Ask> {
    let id = || "id_1".to_owned();
    vec![
        authorise(100, "tok_ok"),
        capture("id_1", 1),
        Ask::Void { authorization: id() },
        refund("id_1", 1),
        Ask::KonbiniOpen {
            amount: 1,
            deadline: "2026-11-23T00:00:00Z".parse().unwrap(),
            reference: "o".to_owned(),
        },
        Ask::KonbiniCancel { konbini: id() },
        Ask::SeeAuthorization { authorization: id() },
        Ask::SeeCapture { capture: id() },
        Ask::SeeRefund { refund: id() },
        Ask::SeeKonbini { konbini: id() },
        balance("taro"),
        hold("taro", 1),
        Ask::HoldCapture { hold: id(), points: 1 },
        Ask::HoldRelease { hold: id() },
        Ask::SeeHold { hold: id() },
        credit("taro", 1),
        Ask::Credit {
            account: "taro".to_owned(),
            points: 1,
            reference: "o".to_owned(),
            reason: CreditReason::Goodwill,
        },
        debit("taro", 1),
        Ask::Link { code: "LINK-taro-1".into() },
        Ask::Unlink { account: "taro".to_owned() },
    ]
}

fn read(ask: &Ask, body: Option<&[u8]>) -> [Result<Ask, NoAsk>; 2] {
    let call = call_of(ask);
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    let written = call.body.map(|body| body.to_string()).unwrap_or_default();
    let body = body.unwrap_or(written.as_bytes());
    [card_ask_of(call.method, &path, body), partner_ask_of(call.method, &path, body)]
}

#[test]
fn every_ask_is_read_as_it_was_written_and_by_one_kind_of_party() {
    for ask in every_ask() {
        let understood: Vec<Ask> = read(&ask, None).into_iter().flatten().collect();
        assert_eq!(understood, [ask]);
    }
}

#[test]
fn every_ask_is_the_same_after_being_kept_in_a_database() {
    for ask in every_ask() {
        let kept = serde_json::to_string(&ask).unwrap();
        assert_eq!(serde_json::from_str::<Ask>(&kept).unwrap(), ask, "{kept}");
    }
}

#[test]
fn every_kind_of_failure_is_the_same_after_being_kept_in_a_database() {
    let refused = |code| AskError::Refused(Refusal { code, detail: "why".to_owned(), available: None });
    let why = || "why".to_owned();
    for error in [
        AskError::Declined { authorization: "auth_1".to_owned(), code: "fraud".to_owned() },
        refused(RefusalCode::MoreThanLeft),
        refused(RefusalCode::Other("something_new".to_owned())),
        AskError::Unknown { why: why() },
        AskError::Unavailable { why: why(), retry_after_ms: Some(3) },
        AskError::Unavailable { why: why(), retry_after_ms: None },
        AskError::Misconfigured { why: why() },
    ] {
        let kept = serde_json::to_string(&error).unwrap();
        assert_eq!(serde_json::from_str::<AskError>(&kept).unwrap(), error, "{kept}");
    }
}

#[test]
fn no_secret_is_in_what_is_shown_of_an_ask() {
    for ask in every_ask() {
        let shown = format!("{ask:?}");
        assert!(!shown.contains("tok_ok") && !shown.contains("LINK-"), "{shown}");
    }
}

#[test]
fn a_body_with_an_unknown_or_wrong_field_is_told() {
    for body in [r#"{"amount": 1, "amonut": 2}"#, r#"{"amount": -1}"#, r#"{"amount": 1.5}"#, "", "[]"] {
        let [card, _] = read(&capture("id_1", 1), Some(body.as_bytes()));
        assert!(matches!(card, Err(NoAsk::Body(_))), "{body}: {card:?}");
    }
    assert_eq!(card_ask_of(Method::Post, &["nothing"], b"{}"), Err(NoAsk::NoSuchCall));
}

#[test]
fn answers_and_refusals_are_read_as_they_were_told() {
    let link = Ask::Link { code: "LINK-taro-1".into() };
    let reply = Ok(Reply::Link(Link { account: "taro".to_owned() }));
    let refused = |code| Err(Refusal { code, detail: "why".to_owned(), available: Some(3) });
    let outcomes = [
        reply,
        refused(RefusalCode::InsufficientPoints),
        refused(RefusalCode::UnknownAccount),
        refused(RefusalCode::KeyReused),
        refused(RefusalCode::Other("something_new".to_owned())),
    ];
    for outcome in outcomes {
        let told = answer_of(&link, &outcome);
        let read = outcome_of(&link, told.status, None, told.body.to_string().as_bytes());
        assert_eq!(read, outcome.map_err(AskError::Refused));
    }
}

/// What is known after each status, for an ask that changes something.
#[test]
fn every_status_says_whether_it_may_have_been_done() {
    let refusal = br#"{"code": "unknown_id", "detail": "x"}"#;
    let outcome = |status: u16, body: &[u8]| outcome_of(&hold("taro", 1), status, None, body).unwrap_err();
    for status in [200, 201, 408, 500, 502, 504] {
        assert!(matches!(outcome(status, b"?"), AskError::Unknown { .. }), "{status}");
    }
    for status in [429, 503] {
        assert!(matches!(outcome(status, b"?"), AskError::Unavailable { .. }), "{status}");
    }
    for status in [301, 400, 401, 403, 404, 405, 413, 451] {
        assert!(matches!(outcome(status, b"<html>"), AskError::Misconfigured { .. }), "{status}");
    }
    for status in [404, 409, 422] {
        assert!(matches!(outcome(status, refusal), AskError::Refused(_)), "{status}");
    }
    let no_such_call = outcome(404, br#"{"code": "no_such_call", "detail": "x"}"#);
    assert!(matches!(no_such_call, AskError::Misconfigured { .. }), "{no_such_call:?}");
    let at_it = outcome(409, br#"{"code": "request_in_progress", "detail": "x"}"#);
    assert!(matches!(at_it, AskError::Unknown { .. }), "{at_it:?}");
}

#[test]
fn a_look_up_of_a_key_that_was_never_seen_is_not_one_of_a_wrong_address() {
    let ask = hold("taro", 1);
    let never = looked_up_of(&ask, 404, None, br#"{"code": "unknown_id", "detail": "x"}"#);
    assert_eq!(never, Ok(None));
    let elsewhere = looked_up_of(&ask, 404, None, b"<html>");
    assert!(matches!(elsewhere, Err(AskError::Misconfigured { .. })), "{elsewhere:?}");
}
