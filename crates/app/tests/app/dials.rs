//! Calls that a dialler makes: one for each accepting, whatever crashes and is lost in between.

use std::sync::Arc;

use choba_app::{AppError, CallReport, Counter, Heard};
use choba_care::callback::Outcome;
use choba_outside::dialler::{DialEvent, DialFault, DialSide};
use choba_outside::webhook::{WebhookHeaders, WebhookSecret};
use jiff::{SignedDuration, Timestamp};

use crate::on_both;
use crate::support::{Asked, Bench, TestDialler, be_there, books_are_fine, hanako, time, told};

on_both!(
    the_dialler_is_asked_with_the_accepting_and_the_agent_sees_no_number,
    a_crash_between_the_decision_and_the_dial_asks_again_under_the_same_id,
    what_the_dialler_tells_goes_to_the_call_once,
    a_line_that_is_lost_goes_on_in_the_same_case_with_the_same_agent,
    a_dialler_that_is_away_is_asked_again_until_it_is_too_late,
    where_the_dialler_may_have_been_reached_no_other_call_is_made,
    what_the_dialler_has_not_signed_is_not_believed,
    a_call_that_is_reported_otherwise_is_not_asked_for_any_more,
);

const NUMBER: &str = "090-1234-5678";

fn at(clock: &str) -> Timestamp {
    time(&format!("2026-11-24T{clock}+09:00"))
}

/// A desk with a dialler, and a call-back that is offered to aki.
async fn offered(bench: &Bench) -> (Counter, Arc<TestDialler>, String) {
    let dialler = Arc::new(TestDialler::default());
    let counter = bench.counter.clone().with_dialler(Arc::<TestDialler>::clone(&dialler));
    be_there(&counter, "aki", &["desk"], at("10:00:00")).await;
    bench.verify(&hanako(), NUMBER, at("10:00:00")).await;
    bench.call_me(&hanako(), NUMBER, "k", at("10:00:00")).await;
    let id = bench.next("aki", at("10:00:00")).await.unwrap().callback_id;
    (counter, dialler, id)
}

async fn accepted(counter: &Counter, id: &str) {
    counter.accept_callback("rakuten-style", "aki", id, at("10:00:10")).await.unwrap();
}

async fn state(bench: &Bench, id: &str) -> &'static str {
    bench.counter.own_callback(&hanako(), id, at("10:00:20")).await.unwrap().state
}

async fn the_dialler_is_asked_with_the_accepting_and_the_agent_sees_no_number(bench: Bench) {
    let (counter, dialler, id) = offered(&bench).await;
    let card = counter.accept_callback("rakuten-style", "aki", &id, at("10:00:10")).await.unwrap();
    assert_eq!((card.state, card.dial.as_deref(), card.words.is_some()), ("dialling", None, true));
    let orders = dialler.orders();
    let [order] = orders.as_slice() else { panic!("{orders:?}") };
    assert_eq!((order.number.as_str(), order.agent.as_str()), ("+819012345678", "aki"));
    assert_eq!(order.void_at, at("10:01:10"));
    // The answer was lost, and the agent asks again: still the same call.
    counter.accept_callback("rakuten-style", "aki", &id, at("10:00:11")).await.unwrap();
    assert_eq!(counter.send_dials(at("10:05:00"), 10).await.unwrap(), 0);
    assert_eq!(dialler.orders().len(), 1);
}

async fn a_crash_between_the_decision_and_the_dial_asks_again_under_the_same_id(bench: Bench) {
    let (counter, dialler, id) = offered(&bench).await;
    dialler.next(&[Asked::Silence]);
    // The process dies after it has asked, before it has heard anything.
    tokio::select! {
        _ = counter.accept_callback("rakuten-style", "aki", &id, at("10:00:10")) => panic!("it hears nothing"),
        () = dialler.asked.notified() => {}
    }
    let other = bench.another(2).await.with_dialler(Arc::<TestDialler>::clone(&dialler));
    for clock in ["10:00:20", "10:00:39"] {
        assert_eq!(other.send_dials(at(clock), 10).await.unwrap(), 0);
    }
    let (one, two) =
        tokio::join!(other.send_dials(at("10:00:40"), 10), counter.send_dials(at("10:00:40"), 10));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!((dialler.orders().len(), dialler.calls()), (2, 1));
    assert_eq!(other.send_dials(at("10:09:00"), 10).await.unwrap(), 0);
    let own = bench.counter.own_callback(&hanako(), &id, at("10:00:41")).await.unwrap();
    assert_eq!((own.state, own.attempts), ("dialling", 1));
}

async fn what_the_dialler_tells_goes_to_the_call_once(bench: Bench) {
    let (counter, dialler, id) = offered(&bench).await;
    accepted(&counter, &id).await;
    let dial = dialler.orders()[0].dial_id.clone();
    told(&counter, &dial, DialEvent::Ringing, at("10:00:12")).await.unwrap();
    assert_eq!(state(&bench, &id).await, "dialling");
    for _ in 0..2 {
        assert_eq!(told(&counter, &dial, DialEvent::Busy, at("10:00:20")).await, Ok(Heard::TakenIn));
        assert_eq!(state(&bench, &id).await, "retry_wait");
    }
    // Late and of a call that is over: nothing comes of it.
    told(&counter, &dial, DialEvent::Answered, at("10:00:21")).await.unwrap();
    assert_eq!(state(&bench, &id).await, "retry_wait");
    assert_eq!(told(&counter, "dial_nobodys", DialEvent::Busy, at("10:00:22")).await, Ok(Heard::Unknown));
    // The next dial has an id of its own.
    be_there(&counter, "aki", &["desk"], at("10:10:20")).await;
    assert_eq!(bench.next("aki", at("10:10:20")).await.unwrap().callback_id, id);
    counter.accept_callback("rakuten-style", "aki", &id, at("10:10:21")).await.unwrap();
    assert_eq!(dialler.calls(), 2);
    told(&counter, &dial, DialEvent::NoAnswer, at("10:10:22")).await.unwrap();
    assert_eq!(state(&bench, &id).await, "dialling");
    let second = dialler.orders()[1].dial_id.clone();
    told(&counter, &second, DialEvent::Answered, at("10:10:25")).await.unwrap();
    let words = CallReport::Answered { words_said: true };
    bench.report("aki", &id, words, at("10:10:30")).await.unwrap();
    let ended = DialEvent::Ended { by: DialSide::Agent, seconds: 90 };
    told(&counter, &second, ended, at("10:12:00")).await.unwrap();
    assert_eq!(state(&bench, &id).await, "completed");
    books_are_fine(&bench).await;
}

async fn a_line_that_is_lost_goes_on_in_the_same_case_with_the_same_agent(bench: Bench) {
    let (counter, dialler, id) = offered(&bench).await;
    accepted(&counter, &id).await;
    let dial = dialler.orders()[0].dial_id.clone();
    // What happened before it may come later, or never.
    told(&counter, &dial, DialEvent::Dropped { seconds: 4 }, at("10:00:20")).await.unwrap();
    assert_eq!(state(&bench, &id).await, "dropped");
    told(&counter, &dial, DialEvent::Answered, at("10:00:21")).await.unwrap();
    be_there(&counter, "ben", &["desk"], at("10:00:50")).await;
    be_there(&counter, "aki", &["desk"], at("10:00:50")).await;
    assert!(bench.next("ben", at("10:00:50")).await.is_none());
    let again = bench.next("aki", at("10:00:50")).await.unwrap();
    assert_eq!((again.follows.as_deref(), again.case_id.is_some()), (Some(id.as_str()), true));
    let (caller, whose) = (choba_app::Caller::customer("hanako"), hanako());
    assert_eq!(counter.customer_cases(&caller, &whose, None, 10).await.unwrap().len(), 1);
}

async fn a_dialler_that_is_away_is_asked_again_until_it_is_too_late(bench: Bench) {
    let (counter, dialler, id) = offered(&bench).await;
    dialler.next(&[Asked::Answer(Err(DialFault::Later)); 20]);
    accepted(&counter, &id).await;
    let mut now = at("10:00:10");
    while now < at("10:01:30") {
        now += SignedDuration::from_secs(1);
        counter.send_dials(now, 10).await.unwrap();
    }
    let tries = dialler.orders().len();
    assert!((3..10).contains(&tries) && dialler.calls() == 1, "{tries}");
    // Certainly nobody was called, so the customer is tried again.
    let own = bench.counter.own_callback(&hanako(), &id, now).await.unwrap();
    assert_eq!((own.state, own.attempts), ("retry_wait", 1));
    assert_eq!(counter.send_dials(at("11:00:00"), 10).await.unwrap(), 0);
}

async fn where_the_dialler_may_have_been_reached_no_other_call_is_made(bench: Bench) {
    let (counter, dialler, id) = offered(&bench).await;
    dialler.next(&[Asked::Answer(Err(DialFault::Unsure)), Asked::Answer(Err(DialFault::Refused))]);
    accepted(&counter, &id).await;
    counter.send_dials(at("10:00:12"), 10).await.unwrap();
    assert_eq!((dialler.orders().len(), state(&bench, &id).await), (2, "dialling"));
    be_there(&counter, "ben", &["desk"], at("10:00:30")).await;
    assert!(bench.next("ben", at("10:00:30")).await.is_none());
    // What it tells after all is heard.
    let dial = dialler.orders()[0].dial_id.clone();
    told(&counter, &dial, DialEvent::NoAnswer, at("10:00:40")).await.unwrap();
    assert_eq!(state(&bench, &id).await, "retry_wait");
}

async fn what_the_dialler_has_not_signed_is_not_believed(bench: Bench) {
    let (counter, dialler, id) = offered(&bench).await;
    accepted(&counter, &id).await;
    let dial = dialler.orders()[0].dial_id.clone();
    let body = format!("{{\"type\": \"dial.busy\", \"data\": {{\"dial_id\": \"{dial}\"}}}}");
    let now = at("10:00:12");
    let foreign = WebhookSecret::read(&WebhookSecret::text_of(&[8; 32])).unwrap();
    let signature = foreign.sign("m", now.as_second(), body.as_bytes()).unwrap();
    let timestamp = now.as_second().to_string();
    let headers = WebhookHeaders { id: "m", timestamp: &timestamp, signature: &signature };
    let secrets = [crate::support::dialler_secret()];
    let refused = counter.hear_dialler(&secrets, headers, body.as_bytes(), now).await;
    assert!(matches!(refused, Err(AppError::Hook(_))), "{refused:?}");
    assert_eq!(state(&bench, &id).await, "dialling");
}

async fn a_call_that_is_reported_otherwise_is_not_asked_for_any_more(bench: Bench) {
    let (counter, dialler, id) = offered(&bench).await;
    dialler.next(&[Asked::Answer(Err(DialFault::Later))]);
    accepted(&counter, &id).await;
    bench.report("aki", &id, CallReport::NotAnswered(Outcome::Failed), at("10:00:11")).await.unwrap();
    counter.send_dials(at("10:00:12"), 10).await.unwrap();
    assert_eq!(dialler.orders().len(), 1);
    assert_eq!(counter.send_dials(at("10:05:00"), 10).await.unwrap(), 0);
}
