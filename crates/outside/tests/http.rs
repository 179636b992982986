//! The client against the sandbox, over real connections.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is a failure with a name")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use choba_outside::client::{BreakerSettings, BreakerState, Limits, Outside, Party, Patience, Transport};
use choba_outside::record::{AuthorizationState, HoldState, RefundState};
use choba_outside::sandbox::FaultKind;
use choba_outside::{Ask, AskError, LookedUp, RefusalCode, Reply};
use support::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::Instant;

#[tokio::test]
async fn a_card_payment_is_authorised_captured_by_shipment_and_partly_refunded() {
    let (sandbox, outside) = both().await;
    let auth = authorised(outside.ask(&CARD, "o1/auth", &authorise(5000, "tok_ok")).await);
    assert_eq!((auth.state, auth.amount, auth.captured), (AuthorizationState::Authorised, 5000, 0));
    let first = captured(outside.ask(&CARD, "o1/s1", &capture(&auth.id, 3000)).await);
    captured(outside.ask(&CARD, "o1/s2", &capture(&auth.id, 1500)).await);
    let beyond = outside.ask(&CARD, "o1/s3", &capture(&auth.id, 501)).await;
    assert_eq!(refusal(beyond), (RefusalCode::MoreThanLeft, Some(500)));
    let void = Ask::Void { authorization: auth.id.clone() };
    let voided = authorised(outside.ask(&CARD, "o1/void", &void).await);
    assert_eq!((voided.state, voided.captured, voided.voided), (AuthorizationState::Voided, 4500, 500));
    let late = outside.ask(&CARD, "o1/s4", &capture(&auth.id, 1)).await;
    assert_eq!(refusal(late).0, RefusalCode::NotOpen);
    match outside.ask(&CARD, "o1/r1", &refund(&first.id, 1000)).await {
        Ok(Reply::Refund(refund)) => assert_eq!(refund.state, RefundState::Pending),
        other => panic!("{other:?}"),
    }
    let too_much = outside.ask(&CARD, "o1/r2", &refund(&first.id, 2001)).await;
    assert_eq!(refusal(too_much), (RefusalCode::MoreThanLeft, Some(2000)));
    assert_eq!(count(&sandbox, "/card/refunds"), 1);
}

#[tokio::test]
async fn a_declined_card_is_an_answer_with_its_code() {
    let (sandbox, outside) = both().await;
    for (token, word) in [("tok_declined", "insufficient_funds"), ("tok_other", "unknown_token")] {
        match outside.ask(&CARD, token, &authorise(5000, token)).await {
            Err(AskError::Declined { code, .. }) => assert_eq!(code, word),
            other => panic!("{other:?}"),
        }
    }
    fault(&sandbox, "authorise", 1, FaultKind::Decline { code: "fraud".to_owned() });
    let declined = outside.ask(&CARD, "x", &authorise(5000, "tok_ok")).await;
    assert!(matches!(&declined, Err(AskError::Declined { code, .. }) if code == "fraud"), "{declined:?}");
    let again = outside.ask(&CARD, "x", &authorise(5000, "tok_ok")).await;
    assert_eq!(again, declined, "the same key gives the same answer, though the fault is over");
}

#[tokio::test]
async fn points_are_held_captured_in_part_and_the_rest_is_free_again() {
    let (_sandbox, outside) = both().await;
    let held_points = held(outside.ask(&PARTNER, "h", &hold("taro", 800)).await);
    assert_eq!(points_of(&outside, "taro").await, (10_000, 9_200));
    let capture = Ask::HoldCapture { hold: held_points.id.clone(), points: 300 };
    let ended = held(outside.ask(&PARTNER, "c", &capture).await);
    assert_eq!((ended.state, ended.captured), (HoldState::Captured, 300));
    assert_eq!(points_of(&outside, "taro").await, (9_700, 9_700));
    let release = Ask::HoldRelease { hold: held_points.id };
    assert_eq!(refusal(outside.ask(&PARTNER, "r", &release).await).0, RefusalCode::NotOpen);
    let beyond = outside.ask(&PARTNER, "h2", &hold("taro", 9_701)).await;
    assert_eq!(refusal(beyond), (RefusalCode::InsufficientPoints, Some(9_700)));
}

#[tokio::test]
async fn points_are_given_and_clawed_back_as_far_as_they_are_there() {
    let (_sandbox, outside) = both().await;
    let empty = outside.ask(&PARTNER, "h", &hold("mbr_poor", 1)).await;
    assert_eq!(refusal(empty), (RefusalCode::InsufficientPoints, Some(0)));
    outside.ask(&PARTNER, "c", &credit("mbr_poor", 120)).await.unwrap();
    held(outside.ask(&PARTNER, "h2", &hold("mbr_poor", 50)).await);
    match outside.ask(&PARTNER, "d", &debit("mbr_poor", 100)).await {
        Ok(Reply::Debit(debit)) => assert_eq!((debit.taken, debit.missing), (70, 30)),
        other => panic!("{other:?}"),
    }
    assert_eq!(points_of(&outside, "mbr_poor").await, (50, 0));
}

#[tokio::test]
async fn an_account_is_linked_with_a_code_once_and_unlinked() {
    let (_sandbox, outside) = both().await;
    let link = Ask::Link { code: "LINK-hanako-1".into() };
    assert!(
        matches!(outside.ask(&PARTNER, "l1", &link).await, Ok(Reply::Link(link)) if link.account == "hanako")
    );
    assert_eq!(refusal(outside.ask(&PARTNER, "l2", &link).await).0, RefusalCode::LinkCodeUsed);
    let nonsense = Ask::Link { code: "hanako".into() };
    assert_eq!(refusal(outside.ask(&PARTNER, "l3", &nonsense).await).0, RefusalCode::LinkCodeUnknown);
    let unlink = Ask::Unlink { account: "hanako".to_owned() };
    assert_eq!(outside.ask(&PARTNER, "u1", &unlink).await, Ok(Reply::Unlinked));
    assert_eq!(outside.ask(&PARTNER, "u1", &unlink).await, Ok(Reply::Unlinked));
    assert_eq!(refusal(outside.ask(&PARTNER, "h", &hold("hanako", 1)).await).0, RefusalCode::NotLinked);
    assert!(outside.ask(&PARTNER, "c", &credit("hanako", 1)).await.is_ok(), "points can still be given back");
}

#[tokio::test]
async fn the_same_key_with_another_ask_is_refused_and_keys_of_parties_are_apart() {
    let (_sandbox, outside) = both().await;
    authorised(outside.ask(&CARD, "k", &authorise(5000, "tok_ok")).await);
    let other = outside.ask(&CARD, "k", &authorise(5001, "tok_ok")).await;
    assert_eq!(refusal(other).0, RefusalCode::KeyReused);
    held(outside.ask(&PARTNER, "k", &hold("taro", 1)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_tasks_with_one_key_have_one_effect_and_one_answer() {
    let (sandbox, outside) = both().await;
    let outside = Arc::new(outside);
    let ask = || {
        let outside = Arc::clone(&outside);
        tokio::spawn(async move { outside.ask(&PARTNER, "one", &hold("taro", 100)).await })
    };
    let tasks: Vec<_> = (0..16).map(|_| ask()).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(held(task.await.unwrap()));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(count(&sandbox, "/partners/d-point/holds"), 1);
    assert_eq!(points_of(&outside, "taro").await, (10_000, 9_900));
}

#[tokio::test]
async fn a_party_that_is_down_for_a_moment_is_asked_again() {
    let (sandbox, outside) = both().await;
    fault(&sandbox, "hold", 2, FaultKind::Down);
    held(outside.ask(&PARTNER, "k", &hold("taro", 100)).await);
    let condition = outside.condition(&PARTNER).unwrap();
    assert_eq!((condition.failed, condition.answered), (2, 1));
}

#[tokio::test]
async fn a_party_that_stays_down_has_certainly_done_nothing() {
    let (sandbox, outside) = both().await;
    fault(&sandbox, "hold", 3, FaultKind::Down);
    let reply = outside.ask(&PARTNER, "k", &hold("taro", 100)).await;
    assert!(is_unavailable(&reply), "{reply:?}");
    assert_eq!(count(&sandbox, "/partners/d-point/holds"), 0);
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_done() {
    let sandbox = sandbox().await;
    let outside = outside(&sandbox, |party| party);
    drop(sandbox);
    tokio::task::yield_now().await;
    let reply = outside.ask(&CARD, "k", &authorise(5000, "tok_ok")).await;
    assert!(is_unavailable(&reply), "{reply:?}");
}

#[tokio::test]
async fn a_lost_answer_is_fetched_by_asking_again_and_the_work_is_done_once() {
    let (sandbox, outside) = both().await;
    fault(&sandbox, "authorise", 2, FaultKind::AnswerLostAfterDoing);
    authorised(outside.ask(&CARD, "k", &authorise(5000, "tok_ok")).await);
    assert_eq!(count(&sandbox, "/card/authorizations"), 1);
}

#[tokio::test]
async fn an_answer_that_stays_lost_is_unknown_and_found_by_its_key() {
    let sandbox = sandbox().await;
    let outside = outside(&sandbox, |party| party.with_limits(no_retries()));
    let ask = authorise(5000, "tok_ok");
    fault(&sandbox, "authorise", 1, FaultKind::AnswerLostAfterDoing);
    assert!(is_unknown(&outside.ask(&CARD, "done", &ask).await));
    fault(&sandbox, "authorise", 1, FaultKind::Close);
    assert!(is_unknown(&outside.ask(&CARD, "not-done", &ask).await));
    let LookedUp::Answered(found) = outside.look_up(&CARD, "done", &ask).await.unwrap() else {
        panic!("it was done");
    };
    assert_eq!(outside.look_up(&CARD, "not-done", &ask).await, Ok(LookedUp::NeverSeen));
    assert_eq!(outside.ask(&CARD, "done", &ask).await, found, "asked again, it is the same");
    assert_eq!(count(&sandbox, "/card/authorizations"), 1);
}

#[tokio::test]
async fn a_refusal_is_found_by_its_key_too() {
    let (_sandbox, outside) = both().await;
    let refused = outside.ask(&PARTNER, "k", &hold("mbr_poor", 5)).await;
    let found = outside.look_up(&PARTNER, "k", &hold("mbr_poor", 5)).await;
    assert_eq!(found, Ok(LookedUp::Answered(refused)));
}

#[tokio::test]
async fn a_lost_answer_stays_unknown_though_the_party_is_down_afterwards() {
    let (sandbox, outside) = both().await;
    fault(&sandbox, "authorise", 1, FaultKind::AnswerLostAfterDoing);
    fault(&sandbox, "authorise", 2, FaultKind::Down);
    let reply = outside.ask(&CARD, "k", &authorise(5000, "tok_ok")).await;
    assert!(is_unknown(&reply), "{reply:?}");
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_unknown() {
    let sandbox = sandbox().await;
    let outside = outside(&sandbox, |party| party.with_limits(no_retries()));
    fault(&sandbox, "hold", 1, FaultKind::WrongJson);
    assert!(is_unknown(&outside.ask(&PARTNER, "k", &hold("taro", 100)).await));
    held(outside.ask(&PARTNER, "k", &hold("taro", 100)).await);
    assert_eq!(points_of(&outside, "taro").await, (10_000, 9_900));
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_read() {
    let sandbox = sandbox().await;
    let limits = Limits { answer_bytes_max: 40, ..no_retries() };
    let outside = outside(&sandbox, |party| party.with_limits(limits));
    assert!(is_unknown(&outside.ask(&PARTNER, "k", &hold("taro", 100)).await));
}

#[tokio::test]
async fn a_slow_party_costs_no_more_than_the_patience_and_is_unknown() {
    let sandbox = sandbox().await;
    let outside = outside(&sandbox, |party| party.with_patience(impatient()));
    fault(&sandbox, "hold", 1, FaultKind::Slow { ms: 2000 });
    let begun = Instant::now();
    assert!(is_unknown(&outside.ask(&PARTNER, "k", &hold("taro", 100)).await));
    assert!(begun.elapsed() < Duration::from_millis(1500), "{:?}", begun.elapsed());
    assert!(is_unknown(&outside.ask(&CARD, "k", &authorise(5000, "tok_slow")).await));
    let answered = outside.look_up(&PARTNER, "k", &hold("taro", 100)).await;
    assert!(matches!(answered, Ok(LookedUp::Answered(Ok(_)))), "{answered:?}");
}

#[tokio::test]
async fn a_lost_balance_is_only_unavailable_because_nothing_was_to_be_done() {
    let (sandbox, outside) = both().await;
    fault(&sandbox, "balance", 3, FaultKind::Close);
    assert!(is_unavailable(&outside.ask(&PARTNER, "", &balance("taro")).await));
}

#[tokio::test]
async fn too_many_requests_tells_when_to_come_again_and_is_no_illness() {
    let (sandbox, outside) = both().await;
    fault(&sandbox, "hold", 1, FaultKind::RateLimited { retry_after_seconds: 3 });
    match outside.ask(&PARTNER, "k", &hold("taro", 100)).await {
        Err(AskError::Unavailable { retry_after_ms, .. }) => assert_eq!(retry_after_ms, Some(3000)),
        other => panic!("{other:?}"),
    }
    assert_eq!(outside.condition(&PARTNER).unwrap().failures_in_a_row, 0);
    fault(&sandbox, "hold", 1, FaultKind::RateLimited { retry_after_seconds: 0 });
    held(outside.ask(&PARTNER, "k", &hold("taro", 100)).await);
}

#[tokio::test]
async fn a_wrong_token_address_party_or_key_is_a_matter_of_settings() {
    let sandbox = sandbox().await;
    let party = |name: &str, url: String, token: &str| {
        Party::new(name.into(), &url, token.into(), Transport::Encrypted).unwrap()
    };
    let base = format!("http://{}", sandbox.address());
    let parties = vec![
        party("wrong-token", format!("{base}/card"), "other"),
        party("wrong-address", format!("{base}/nowhere"), TOKEN),
        party("right", format!("{base}/card/"), TOKEN),
    ];
    let outside = Outside::new(parties, 1).unwrap();
    for (name, key) in
        [("wrong-token", "k"), ("wrong-address", "k"), ("nobody", "k"), ("right", "a b"), ("right", "")]
    {
        let reply = outside.ask(&name.into(), key, &authorise(5000, "tok_ok")).await;
        assert!(matches!(reply, Err(AskError::Misconfigured { .. })), "{name}: {reply:?}");
    }
    authorised(outside.ask(&"right".into(), "k", &authorise(5000, "tok_ok")).await);
}

#[tokio::test]
async fn names_in_a_path_stay_names() {
    let (_sandbox, outside) = both().await;
    for (key, account) in [("1", "../../card"), ("2/2", "a/b"), ("3", "太郎 ?#%2F"), ("4", "...")] {
        let reply = held(outside.ask(&PARTNER, key, &hold(account, 1)).await);
        assert_eq!(reply.account, account);
        let found = outside.look_up(&PARTNER, key, &hold(account, 1)).await;
        assert_eq!(found, Ok(LookedUp::Answered(Ok(Reply::Hold(reply)))));
    }
    for account in ["", ".", ".."] {
        let reply = outside.ask(&PARTNER, "5", &hold(account, 1)).await;
        assert!(matches!(reply, Err(AskError::Misconfigured { .. })), "{account}: {reply:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await.unwrap();
        let answer = b"HTTP/1.1 307 x\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.unwrap();
    });
    let party = Party::new(CARD.clone(), &base, TOKEN.into(), Transport::Encrypted).unwrap();
    let reply = Outside::new(vec![party], 1).unwrap().ask(&CARD, "k", &authorise(1, "tok_ok")).await;
    assert!(matches!(reply, Err(AskError::Misconfigured { .. })), "{reply:?}");
}

fn quick_breaker() -> BreakerSettings {
    BreakerSettings { failures_in_a_row: 3, pause: Duration::from_millis(400), ..BreakerSettings::default() }
}

#[tokio::test]
async fn a_party_that_stays_down_is_left_alone_and_found_again() {
    let sandbox = sandbox().await;
    let outside = outside(&sandbox, |party| party.with_breaker(quick_breaker()).with_limits(no_retries()));
    fault(&sandbox, "hold", 3, FaultKind::Down);
    for key in ["1", "2", "3"] {
        assert!(is_unavailable(&outside.ask(&PARTNER, key, &hold("taro", 1)).await));
    }
    let begun = Instant::now();
    for _ in 0..100 {
        let reply = outside.ask(&PARTNER, "4", &hold("taro", 1)).await;
        assert!(matches!(reply, Err(AskError::Unavailable { retry_after_ms: Some(_), .. })), "{reply:?}");
    }
    assert!(begun.elapsed() < Duration::from_millis(200), "{:?} for 100", begun.elapsed());
    let condition = outside.condition(&PARTNER).unwrap();
    assert_eq!((condition.breaker, condition.turned_away), (BreakerState::Open, 100));
    assert_eq!(outside.condition(&CARD).unwrap().breaker, BreakerState::Closed, "each party has its own");
    tokio::time::sleep(Duration::from_millis(450)).await;
    held(outside.ask(&PARTNER, "4", &hold("taro", 1)).await);
    assert_eq!(outside.condition(&PARTNER).unwrap().breaker, BreakerState::Closed);
}

#[tokio::test]
async fn refusals_never_open_the_breaker() {
    let sandbox = sandbox().await;
    let outside = outside(&sandbox, |party| party.with_breaker(quick_breaker()));
    for attempt in 0..10 {
        let reply = outside.ask(&PARTNER, &attempt.to_string(), &hold("mbr_poor", 1)).await;
        assert_eq!(refusal(reply).0, RefusalCode::InsufficientPoints);
    }
}

#[tokio::test]
async fn asks_that_were_given_up_leave_slots_and_breaker_as_they_were() {
    let sandbox = sandbox().await;
    let outside = outside(&sandbox, |party| party.with_breaker(quick_breaker()).with_limits(no_retries()));
    fault(&sandbox, "hold", 10, FaultKind::Slow { ms: 2000 });
    for key in ["1", "2", "3", "4", "5"] {
        let ask = hold("taro", 1);
        let given_up = tokio::time::timeout(Duration::from_millis(5), outside.ask(&PARTNER, key, &ask)).await;
        assert!(given_up.is_err());
    }
    let condition = outside.condition(&PARTNER).unwrap();
    assert_eq!((condition.breaker, condition.in_flight), (BreakerState::Closed, 0));
}

#[tokio::test]
async fn a_slow_party_cannot_hold_more_tasks_than_it_has_slots() {
    let sandbox = sandbox().await;
    let limits = Limits { in_flight_max: 2, ..no_retries() };
    let patience = Patience { customer_waits: Duration::from_secs(2), ..impatient() };
    let outside = Arc::new(outside(&sandbox, |party| party.with_limits(limits).with_patience(patience)));
    fault(&sandbox, "hold", 2, FaultKind::Slow { ms: 300 });
    let ask = |key: &'static str| {
        let outside = Arc::clone(&outside);
        tokio::spawn(async move { outside.ask(&PARTNER, key, &hold("taro", 1)).await })
    };
    let slow = [ask("1"), ask("2")];
    while outside.condition(&PARTNER).unwrap().in_flight < 2 {
        tokio::task::yield_now().await;
    }
    let crowded_out = outside.ask(&PARTNER, "3", &hold("taro", 1)).await;
    assert!(is_unavailable(&crowded_out), "{crowded_out:?}");
    assert_eq!(outside.condition(&PARTNER).unwrap().crowded_out, 1);
    authorised(outside.ask(&CARD, "4", &authorise(1, "tok_ok")).await);
    for task in slow {
        held(task.await.unwrap());
    }
}
