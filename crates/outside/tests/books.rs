//! The money of the books: whatever is asked, in whatever order, nothing comes from nothing and nothing is lost.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is a failure with a name")]

mod support;

use choba_outside::books::{BookOptions, Books, Change, Play, Role, Tampering};
use choba_outside::record::{AuthorizationState, Balance, CreditReason, Hold, HoldState, KonbiniState};
use choba_outside::webhook::Event;
use choba_outside::{Ask, Refusal, RefusalCode, Reply};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::Value;
use support::{authorise, balance, capture, credit, debit, hold, refund};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn noon() -> Timestamp {
    at("2026-11-20T12:00:00+09:00")
}

fn partner() -> Role {
    Role::Partner("d-point".to_owned())
}

fn books() -> Books {
    Books::new(BookOptions::default())
}

fn ask(books: &mut Books, at: Timestamp, key: &str, ask: &Ask) -> Result<Reply, Refusal> {
    let role = match ask {
        Ask::Hold { .. }
        | Ask::HoldCapture { .. }
        | Ask::HoldRelease { .. }
        | Ask::SeeHold { .. }
        | Ask::Credit { .. }
        | Ask::Debit { .. }
        | Ask::Balance { .. } => partner(),
        _ => Role::Card,
    };
    books.ask(at, &role, key, ask, &Tampering::default())
}

fn held(reply: Result<Reply, Refusal>) -> Hold {
    match reply {
        Ok(Reply::Hold(hold)) => hold,
        other => panic!("{other:?}"),
    }
}

fn balance_of(books: &mut Books, at: Timestamp, account: &str) -> Balance {
    match ask(books, at, "", &balance(account)) {
        Ok(Reply::Balance(balance)) => balance,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_hold_lapses_at_its_time_and_cannot_be_captured_then() {
    let mut books = books();
    let open = held(ask(&mut books, noon(), "h", &hold("taro", 400)));
    let before = open.expires_at - SignedDuration::from_secs(1);
    assert_eq!(balance_of(&mut books, before, "taro").available, 9_600);
    let capture = Ask::HoldCapture { hold: open.id.clone(), points: 400 };
    let late = ask(&mut books, open.expires_at, "c", &capture);
    assert_eq!(late.unwrap_err().code, RefusalCode::NotOpen);
    let seen = held(ask(&mut books, open.expires_at, "", &Ask::SeeHold { hold: open.id.clone() }));
    assert_eq!((seen.state, seen.captured), (HoldState::Lapsed, 0));
    assert_eq!(balance_of(&mut books, open.expires_at, "taro").available, 10_000);
    let again = held(ask(&mut books, open.expires_at, "h", &hold("taro", 400)));
    assert_eq!(again, open, "the answer of the key stays what it was");
}

#[test]
fn a_clock_that_goes_back_brings_nothing_back() {
    let mut books = books();
    let open = held(ask(&mut books, noon(), "h", &hold("taro", 400)));
    books.pass_time(open.expires_at);
    books.pass_time(noon());
    assert_eq!(held(ask(&mut books, noon(), "", &Ask::SeeHold { hold: open.id })).state, HoldState::Lapsed);
}

#[test]
fn what_was_earned_counts_by_calendar_months_of_japan() {
    let mut books = books();
    // 00:30 on the first of November in Japan is still October in London.
    for (key, when, points) in [
        ("july", "2026-07-31T23:59:00+09:00", 1),
        ("august", "2026-08-01T00:00:00+09:00", 10),
        ("october", "2026-10-31T23:59:59+09:00", 100),
        ("november", "2026-11-01T00:30:00+09:00", 1000),
    ] {
        ask(&mut books, at(when), key, &credit("taro", points)).unwrap();
    }
    let returned = Ask::Credit {
        account: "taro".to_owned(),
        points: 5,
        reference: "o".to_owned(),
        reason: CreditReason::Returned,
    };
    ask(&mut books, noon(), "returned", &returned).unwrap();
    let now = balance_of(&mut books, noon(), "taro");
    assert_eq!((now.earned_last_3_months, now.earned_this_month), (110, 1000));
    assert_eq!(now.balance, 11_116);
}

#[test]
fn a_payment_number_is_paid_once_or_expires_or_is_cancelled() {
    let mut books = books();
    let open = |books: &mut Books, key: &str| {
        let open = Ask::KonbiniOpen {
            amount: 3_000,
            deadline: at("2026-11-23T00:00:00+09:00"),
            reference: "o".to_owned(),
        };
        match ask(books, noon(), key, &open) {
            Ok(Reply::Konbini(konbini)) => konbini,
            other => panic!("{other:?}"),
        }
    };
    let [paid, expired, cancelled] = ["1", "2", "3"].map(|key| open(&mut books, key));
    let pay = |konbini: &str| Play::KonbiniPaid { konbini: konbini.to_owned() };
    books.play(noon(), &pay(&paid.id)).unwrap();
    assert_eq!(books.play(noon(), &pay(&paid.id)).unwrap_err().code, RefusalCode::NotOpen);
    let cancel = |konbini: &str| Ask::KonbiniCancel { konbini: konbini.to_owned() };
    ask(&mut books, noon(), "c3", &cancel(&cancelled.id)).unwrap();
    assert_eq!(ask(&mut books, noon(), "c1", &cancel(&paid.id)).unwrap_err().code, RefusalCode::NotOpen);
    books.pass_time(expired.deadline);
    assert!(books.play(expired.deadline, &pay(&expired.id)).is_err());
    let told: Vec<_> = books.outbox().messages().iter().map(|message| &message.message.event).collect();
    let [Event::KonbiniPaid(first), Event::KonbiniExpired(second)] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!((first.state, second.state), (KonbiniState::Paid, KonbiniState::Expired));
    assert_ne!(paid.payment_number, expired.payment_number);
}

#[test]
fn a_yes_that_is_taken_back_leaves_nothing_to_capture() {
    let mut books = books();
    let Ok(Reply::Authorization(auth)) = ask(&mut books, noon(), "a", &authorise(500, "tok_declined_later"))
    else {
        panic!("it is authorised at first");
    };
    assert_eq!(auth.state, AuthorizationState::Authorised);
    let late = ask(&mut books, noon(), "c", &capture(&auth.id, 500));
    assert_eq!(late.unwrap_err().code, RefusalCode::NotOpen);
    let told = &books.outbox().messages()[0].message.event;
    assert!(matches!(told, Event::AuthorizationDeclinedLater(told) if told.id == auth.id), "{told:?}");
}

#[test]
fn what_was_charged_back_is_not_refunded_again() {
    let mut books = books();
    ask(&mut books, noon(), "a", &authorise(500, "tok_ok")).unwrap();
    ask(&mut books, noon(), "c", &capture("auth_0_1", 500)).unwrap();
    let taken = Play::Chargeback { capture: "cap_0_2".to_owned(), amount: 400 };
    books.play(noon(), &taken).unwrap();
    let beyond = ask(&mut books, noon(), "r", &refund("cap_0_2", 101)).unwrap_err();
    assert_eq!((beyond.code, beyond.available), (RefusalCode::MoreThanLeft, Some(100)));
}

#[test]
fn amounts_of_nothing_and_beyond_exactness_are_refused() {
    let mut books = books();
    for (key, amount) in [("0", 0), ("max", u64::MAX)] {
        let refusal = ask(&mut books, noon(), key, &authorise(amount, "tok_ok")).unwrap_err();
        assert_eq!(refusal.code, RefusalCode::Unusable);
        assert_eq!(
            ask(&mut books, noon(), key, &hold("taro", amount)).unwrap_err().code,
            RefusalCode::Unusable
        );
    }
}

#[test]
fn a_party_is_not_asked_what_another_kind_is_for() {
    let mut books = books();
    let wrong = books.ask(noon(), &partner(), "k", &authorise(1, "tok_ok"), &Tampering::default());
    assert_eq!(wrong.unwrap_err().code, RefusalCode::Unusable);
}

/// A name that is not given yet: which of the things that are there by then.
fn any_of(kind: &'static str) -> impl Strategy<Value = String> + Clone {
    (0_usize..8).prop_map(move |number| format!("{kind}#{number}"))
}

/// The name of a thing that is there, where there is one of its kind.
fn aimed(ledger: &Value, name: &str) -> Option<String> {
    let (kind, number) = name.split_once('#')?;
    let records = match kind {
        "hold" => ledger.pointer("/partners/d-point/holds")?,
        kind => ledger.pointer(&format!("/card/{kind}"))?,
    };
    let names: Vec<&String> = records.as_object()?.keys().collect();
    names.get(number.parse::<usize>().unwrap() % names.len().max(1)).map(|name| (*name).clone())
}

/// Puts names of things that are there into a change.
fn aim(books: &Books, change: &Change) -> Change {
    let ledger = serde_json::to_value(books.ledger()).unwrap();
    let mut kept = serde_json::to_value(change).unwrap();
    for part in ["/ask", "/play"] {
        let fields = kept.pointer_mut(part).and_then(Value::as_object_mut);
        for (_, field) in fields.into_iter().flatten() {
            if let Some(name) = field.as_str().and_then(|name| aimed(&ledger, name)) {
                *field = Value::String(name);
            }
        }
    }
    serde_json::from_value(kept).unwrap()
}

fn any_ask() -> impl Strategy<Value = Ask> {
    let id = any_of;
    let amount = prop_oneof![8 => 1_u64..300, 1 => Just(0), 1 => Just(u64::MAX)];
    let token = prop_oneof![4 => Just("tok_ok"), 1 => Just("tok_declined"), 1 => Just("tok_declined_later")];
    let account = prop_oneof![Just("taro"), Just("hanako"), Just("mbr_poor"), Just("mbr_unknown")];
    let deadline = (0_i64..100).prop_map(|hours| noon() + SignedDuration::from_hours(hours));
    prop_oneof![
        (amount.clone(), token).prop_map(|(amount, token)| authorise(amount, token)),
        (id("authorizations"), amount.clone()).prop_map(|(id, amount)| capture(&id, amount)),
        id("authorizations").prop_map(|authorization| Ask::Void { authorization }),
        (id("captures"), amount.clone()).prop_map(|(id, amount)| refund(&id, amount)),
        (amount.clone(), deadline).prop_map(|(amount, deadline)| Ask::KonbiniOpen {
            amount,
            deadline,
            reference: "o".to_owned()
        }),
        id("konbini").prop_map(|konbini| Ask::KonbiniCancel { konbini }),
        (account.clone(), amount.clone()).prop_map(|(account, points)| hold(account, points)),
        (id("hold"), amount.clone()).prop_map(|(hold, points)| Ask::HoldCapture { hold, points }),
        id("hold").prop_map(|hold| Ask::HoldRelease { hold }),
        (account.clone(), amount.clone()).prop_map(|(account, points)| credit(account, points)),
        (account, amount).prop_map(|(account, points)| debit(account, points)),
    ]
}

fn any_play() -> impl Strategy<Value = Play> {
    prop_oneof![
        any_of("konbini").prop_map(|konbini| Play::KonbiniPaid { konbini }),
        (any_of("captures"), 0_u64..200).prop_map(|(capture, amount)| Play::Chargeback { capture, amount }),
        any_of("authorizations").prop_map(|authorization| Play::DeclineLater { authorization }),
        (0_u32..200_000).prop_map(|seconds| Play::Wait { seconds }),
        (0_u64..900).prop_map(|balance| Play::SetBalance {
            program: "d-point".to_owned(),
            account: "taro".to_owned(),
            balance
        }),
    ]
}

/// Books in which points run out and holds lapse within a test.
fn small_books() -> Books {
    Books::new(BookOptions { start_balance: 500, hold_seconds: 300_000, ..BookOptions::default() })
}

fn role_of(ask: &Ask) -> Role {
    match ask {
        Ask::Hold { .. }
        | Ask::HoldCapture { .. }
        | Ask::HoldRelease { .. }
        | Ask::Credit { .. }
        | Ask::Debit { .. } => partner(),
        _ => Role::Card,
    }
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        8 => (any_ask(), 0_u32..400).prop_map(|(ask, key)| Change::Asked {
            role: role_of(&ask),
            key: key.to_string(),
            ask,
            tampering: Tampering::default()
        }),
        2 => any_play().prop_map(|play| Change::Played { play }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn books_stay_true_whatever_happens(changes in prop::collection::vec((any_change(), 0_i64..20_000), 1..80)) {
        let mut books = small_books();
        let mut now = noon();
        for (change, seconds) in &changes {
            now += SignedDuration::from_secs(*seconds);
            let change = aim(&books, change);
            books.replay(now, &change);
            prop_assert_eq!(books.broken_invariants(), Vec::<String>::new(), "after {:?}", change);
        }
    }

    #[test]
    fn the_same_changes_make_the_same_books_and_a_repeated_one_changes_nothing(
        changes in prop::collection::vec(any_change(), 1..40),
    ) {
        let [mut once, mut twice] = [small_books(), small_books()];
        for change in &changes {
            let change = aim(&once, change);
            once.replay(noon(), &change);
            twice.replay(noon(), &change);
            if let Change::Asked { .. } = change {
                twice.replay(noon(), &change);
            }
        }
        let shown = |books: &Books| serde_json::to_string(&books.ledger()).unwrap();
        prop_assert_eq!(shown(&once), shown(&twice));
    }

    #[test]
    fn a_change_is_the_same_after_being_kept(change in any_change()) {
        let kept = serde_json::to_string(&change).unwrap();
        prop_assert_eq!(serde_json::from_str::<Change>(&kept).unwrap(), change);
    }
}
