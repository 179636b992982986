//! Call-backs, from the request to the end of the call.

use choba_app::{
    AppError, CallReport, CallbackOutcome, CallbackRefusal, Caller, NowCalling, RequestCallback, Whose,
};
use choba_care::callback::{EndedBy, Outcome, Refused};
use choba_care::offer::{Channel, Open};
use jiff::{SignedDuration, Timestamp};

use crate::on_both;
use crate::support::{Bench, all_rows, be_there, hanako, request, time};
use choba_store::books::AuditFilter;
use choba_store::sql::{Statement, Type};

on_both!(
    a_customer_is_called_and_knows_by_the_words_that_it_is_the_shop,
    only_verified_numbers_are_called,
    what_agents_do_is_on_the_audit_log,
    a_number_is_nowhere_in_the_books,
    the_same_request_twice_is_one_and_a_second_one_shows_the_first,
    a_flood_of_requests_for_one_number_leaves_one_call_back,
    what_is_not_offered_any_more_is_answered_with_what_is,
    agents_take_who_waits_longest_and_never_two,
    two_agents_never_dial_the_same_number,
    who_does_not_answer_is_tried_three_times_and_then_it_ends,
    a_call_that_breaks_off_goes_on_with_the_same_agent_place_and_case,
    who_does_not_want_to_be_called_is_not_called_again,
    an_agent_who_vanished_leaves_the_place_to_the_next,
    a_cancelled_call_back_is_cancelled_once_and_only_by_its_customer,
    no_more_calls_are_made_than_a_day_may_cost,
    requests_have_limits,
    nobody_could_call_is_an_end_as_well,
    the_desk_reports_waits_and_promises,
);

const NUMBER: &str = "090-1234-5678";
const OTHER: &str = "090-8765-4321";

fn at(clock: &str) -> Timestamp {
    time(&format!("2026-11-24T{clock}+09:00"))
}

fn ichiro() -> Whose {
    Whose::new("ichiro", "rakuten-style")
}

async fn waiting(bench: &Bench, whose: &Whose, number: &str, clock: &str) -> String {
    bench.verify(whose, number, at(clock)).await;
    bench.call_me(whose, number, &format!("{}-{clock}", whose.customer_id), at(clock)).await.callback_id
}

async fn desk_of_aki(bench: &Bench, clock: &str) {
    be_there(&bench.counter, "aki", &["desk"], at(clock)).await;
}

/// A call of aki that rings.
async fn ringing(bench: &Bench, clock: &str) -> String {
    desk_of_aki(bench, clock).await;
    let id = bench.next("aki", at(clock)).await.unwrap().callback_id;
    bench.accept("aki", &id, at(clock)).await.unwrap();
    id
}

fn refusal<T>(answer: Result<T, AppError>) -> Option<CallbackRefusal> {
    match answer {
        Err(AppError::Callback(refusal)) => Some(refusal),
        _ => None,
    }
}

const ANSWERED: CallReport = CallReport::Answered { words_said: true };

fn hung_up(by: EndedBy, summary: bool) -> CallReport {
    CallReport::HungUp { by, summary, agent_last_at: None }
}

async fn a_customer_is_called_and_knows_by_the_words_that_it_is_the_shop(bench: Bench) {
    desk_of_aki(&bench, "10:00:00").await;
    let id = waiting(&bench, &hanako(), NUMBER, "10:00:00").await;
    let own = bench.counter.own_callback(&hanako(), &id, at("10:00:10")).await.unwrap();
    assert_eq!((own.state, own.place, own.number_masked.as_str()), ("queued", Some(1), "••••5678"));
    let words = own.words.unwrap();
    let nobody = NowCalling { calling: false, since: None, words: None };
    assert_eq!(bench.counter.now_calling(&hanako()).await.unwrap(), nobody);

    let offered = bench.next("aki", at("10:00:20")).await.unwrap();
    assert_eq!((offered.state, offered.dial, offered.words), ("offered", None, None));
    let card = bench.accept("aki", &id, at("10:00:30")).await.unwrap();
    assert_eq!(
        (card.dial.as_deref(), card.words.as_deref()),
        (Some("tel:+819012345678"), Some(words.as_str()))
    );
    let calling = bench.counter.now_calling(&hanako()).await.unwrap();
    assert_eq!((calling.calling, calling.words.as_deref()), (true, Some(words.as_str())));
    assert!(!bench.counter.now_calling(&ichiro()).await.unwrap().calling);

    let silent = CallReport::Answered { words_said: false };
    let unsaid = bench.report("aki", &id, silent, at("10:00:40")).await;
    assert_eq!(refusal(unsaid), Some(CallbackRefusal::State(Refused::WordsNotSaid)));
    let talking = bench.report("aki", &id, ANSWERED, at("10:00:45")).await.unwrap();
    assert_eq!((talking.state, talking.dial, talking.words), ("connected", None, None));
    assert_eq!(bench.counter.now_calling(&hanako()).await.unwrap().words, None);
    bench.report("aki", &id, hung_up(EndedBy::Agent, true), at("10:05:00")).await.unwrap();
    let own = bench.counter.own_callback(&hanako(), &id, at("10:06:00")).await.unwrap();
    assert_eq!((own.state, own.words), ("completed", None));
    assert!(!bench.counter.now_calling(&hanako()).await.unwrap().calling);
}

async fn what_agents_do_is_on_the_audit_log(bench: Bench) {
    desk_of_aki(&bench, "10:00:00").await;
    let id = waiting(&bench, &hanako(), NUMBER, "10:00:00").await;
    ringing(&bench, "10:00:10").await;
    let refused = bench.accept("ben", &id, at("10:00:11")).await;
    assert_eq!(refusal(refused), Some(CallbackRefusal::State(Refused::WrongState)));
    bench.report("aki", &id, CallReport::NotAnswered(Outcome::Busy), at("10:00:20")).await.unwrap();
    let log = bench.counter.audit_log(&Caller::Itself, &AuditFilter::default(), None, 10).await.unwrap();
    let rows: Vec<_> = log
        .iter()
        .filter(|row| row.subject == id)
        .map(|row| (row.made_by.as_str(), row.action.as_str(), row.customer_id.as_deref()))
        .collect();
    assert_eq!(
        rows,
        [("aki", "callback.report", Some("hanako")), ("aki", "callback.accept", Some("hanako"))]
    );
    assert!(log.iter().all(|row| !format!("{row:?}").contains("12345678")));
}

async fn only_verified_numbers_are_called(bench: Bench) {
    desk_of_aki(&bench, "10:00:00").await;
    let ask = |whose: &Whose, number: &str| {
        bench.counter.request_callback(request(whose, number, "k"), at("10:00:00"))
    };
    assert_eq!(refusal(ask(&hanako(), NUMBER).await), Some(CallbackRefusal::NumberNotVerified));
    assert_eq!(refusal(ask(&hanako(), "0990-504-123").await), Some(CallbackRefusal::NumberKind));
    assert_eq!(refusal(ask(&hanako(), "+1 650 253 0000").await), Some(CallbackRefusal::NumberRegion));
    bench.verify(&ichiro(), NUMBER, at("10:00:00")).await;
    assert_eq!(refusal(ask(&hanako(), NUMBER).await), Some(CallbackRefusal::NumberNotVerified));
    let wrong = bench.counter.ask_number_code(&hanako(), NUMBER, "192.0.2.1", at("10:01:00")).await.unwrap();
    let other =
        bench.counter.verify_number(&hanako(), OTHER, wrong.reveal(), "192.0.2.1", at("10:01:00")).await;
    assert!(matches!(other, Err(AppError::Verification(_))));
    bench.verify(&hanako(), NUMBER, at("10:02:00")).await;
    assert!(matches!(ask(&hanako(), "０９０−１２３４−５６７８").await, Ok(CallbackOutcome::Requested(_))));
}

static EVERYTHING: Statement = Statement::new(
    "test: documents of call-backs",
    &[("like", Type::Text)],
    "SELECT :row, c.document, c.number_hash FROM {rows} CROSS JOIN callbacks AS c WHERE c.document LIKE :like",
);

async fn a_number_is_nowhere_in_the_books(bench: Bench) {
    desk_of_aki(&bench, "10:00:00").await;
    waiting(&bench, &hanako(), NUMBER, "10:00:00").await;
    let rows = all_rows(&bench.counter, &EVERYTHING, vec!["%hanako%".into()]).await;
    assert_eq!(rows.len(), 1);
    for column in [0, 1] {
        assert!(!rows[0].text(column).unwrap().contains("12345678"));
    }
    assert!(!format!("{:?}", request(&hanako(), NUMBER, "k")).contains("1234"));
}

async fn the_same_request_twice_is_one_and_a_second_one_shows_the_first(bench: Bench) {
    desk_of_aki(&bench, "10:00:00").await;
    bench.verify(&hanako(), NUMBER, at("10:00:00")).await;
    bench.verify(&hanako(), OTHER, at("10:00:00")).await;
    let first = bench.call_me(&hanako(), NUMBER, "k1", at("10:00:00")).await;
    let again = bench.call_me(&hanako(), NUMBER, "k1", at("10:00:05")).await;
    assert_eq!(first.callback_id, again.callback_id);
    let reused = bench.counter.request_callback(request(&hanako(), OTHER, "k1"), at("10:00:06")).await;
    assert_eq!(reused, Err(AppError::KeyReused));
    let second =
        bench.counter.request_callback(request(&hanako(), OTHER, "k2"), at("10:00:07")).await.unwrap();
    assert!(matches!(second, CallbackOutcome::AlreadyWaiting(own) if own.callback_id == first.callback_id));
    let offers = bench.counter.contact_offers(&hanako(), "other", at("10:00:08")).await.unwrap();
    assert_eq!((offers[0].channel, offers[0].open), (Channel::Callback, Open::Waiting));
    let open = bench.counter.open_callback_of(&hanako(), at("10:00:08")).await.unwrap();
    assert_eq!(open.map(|own| own.callback_id), Some(first.callback_id));
    assert_eq!(bench.counter.open_callback_of(&ichiro(), at("10:00:08")).await, Ok(None));
}

async fn a_flood_of_requests_for_one_number_leaves_one_call_back(bench: Bench) {
    desk_of_aki(&bench, "10:00:00").await;
    bench.verify(&hanako(), NUMBER, at("10:00:00")).await;
    bench.verify(&ichiro(), NUMBER, at("10:00:00")).await;
    let mut running = tokio::task::JoinSet::new();
    for place in 0..40 {
        let (counter, whose) = (bench.counter.clone(), if place % 2 == 0 { hanako() } else { ichiro() });
        running.spawn(async move {
            counter.request_callback(request(&whose, NUMBER, &format!("flood-{place}")), at("10:00:01")).await
        });
    }
    let answers = running.join_all().await;
    let made = answers.iter().filter(|answer| matches!(answer, Ok(CallbackOutcome::Requested(_)))).count();
    assert_eq!(made, 1);
    assert_eq!(all_rows(&bench.counter, &EVERYTHING, vec!["%".into()]).await.len(), 1);
}

async fn what_is_not_offered_any_more_is_answered_with_what_is(bench: Bench) {
    bench.verify(&hanako(), NUMBER, at("17:59:00")).await;
    desk_of_aki(&bench, "17:59:00").await;
    let asked = |call_at: Option<&str>, key: &str| {
        let request = RequestCallback { call_at: call_at.map(time), ..request(&hanako(), NUMBER, key) };
        bench.counter.request_callback(request, at("18:00:00"))
    };
    match asked(None, "k1").await.unwrap() {
        CallbackOutcome::NewOffers { offers } => assert_eq!(offers[0].open, Open::ScheduledOnly),
        other => panic!("expected new offers, found {other:?}"),
    }
    for wrong in ["2026-11-24T19:00:00+09:00", "2026-11-24T17:00:00+09:00", "2026-12-24T10:00:00+09:00"] {
        assert!(matches!(asked(Some(wrong), "k2").await, Err(AppError::Field { .. })), "{wrong}");
    }
    let chosen = asked(Some("2026-11-25T10:30:00+09:00"), "k3").await.unwrap();
    let CallbackOutcome::Requested(own) = chosen else { panic!("expected a call-back") };
    assert_eq!(
        (own.state, own.place, own.next_call_at),
        ("scheduled", None, Some(time("2026-11-25T10:30:00+09:00")))
    );
    let morning = time("2026-11-25T10:29:00+09:00");
    be_there(&bench.counter, "aki", &["desk"], morning).await;
    assert!(bench.next("aki", morning).await.is_none());
    let offered = bench.next("aki", time("2026-11-25T10:30:00+09:00")).await.unwrap();
    assert_eq!(offered.callback_id, own.callback_id);
}

async fn agents_take_who_waits_longest_and_never_two(bench: Bench) {
    desk_of_aki(&bench, "10:00:00").await;
    be_there(&bench.counter, "ben", &["desk", "safety"], at("10:00:00")).await;
    let first = waiting(&bench, &hanako(), NUMBER, "10:00:00").await;
    let second = waiting(&bench, &ichiro(), OTHER, "10:00:05").await;
    let own = bench.counter.own_callback(&ichiro(), &second, at("10:00:06")).await.unwrap();
    assert_eq!(own.place, Some(2));
    assert_eq!(bench.next("aki", at("10:00:10")).await.unwrap().callback_id, first);
    assert_eq!(bench.next("aki", at("10:00:11")).await.unwrap().callback_id, first);
    assert_eq!(bench.next("ben", at("10:00:12")).await.unwrap().callback_id, second);
    // Declined, it keeps its place before all who came later.
    bench.counter.decline_callback("rakuten-style", "aki", &first, at("10:00:13")).await.unwrap();
    bench.counter.decline_callback("rakuten-style", "ben", &second, at("10:00:13")).await.unwrap();
    assert_eq!(bench.next("ben", at("10:00:14")).await.unwrap().callback_id, first);
    let absent = bench.counter.next_callback("rakuten-style", "cho", at("10:00:15")).await;
    assert_eq!(refusal(absent), Some(CallbackRefusal::NotAtTheDesk));
}

async fn two_agents_never_dial_the_same_number(bench: Bench) {
    let other = bench.another(2).await;
    desk_of_aki(&bench, "10:00:00").await;
    be_there(&bench.counter, "ben", &["desk"], at("10:00:00")).await;
    let id = waiting(&bench, &hanako(), NUMBER, "10:00:00").await;
    let (one, two) = tokio::join!(
        bench.counter.next_callback("rakuten-style", "aki", at("10:00:10")),
        other.next_callback("rakuten-style", "ben", at("10:00:10")),
    );
    let offered: Vec<_> = [one.unwrap(), two.unwrap()].into_iter().flatten().collect();
    assert_eq!(offered.len(), 1);
    let (aki, ben) = tokio::join!(
        bench.counter.accept_callback("rakuten-style", "aki", &id, at("10:00:20")),
        other.accept_callback("rakuten-style", "ben", &id, at("10:00:20")),
    );
    assert_eq!([aki.is_ok(), ben.is_ok()].iter().filter(|dials| **dials).count(), 1);
    let own = bench.counter.own_callback(&hanako(), &id, at("10:00:21")).await.unwrap();
    assert_eq!((own.attempts, own.state), (1, "dialling"));
    // Asking again because the answer was lost is no second dial.
    let agent = if aki.is_ok() { "aki" } else { "ben" };
    assert!(bench.accept(agent, &id, at("10:00:22")).await.unwrap().dial.is_some());
    assert_eq!(bench.counter.own_callback(&hanako(), &id, at("10:00:23")).await.unwrap().attempts, 1);
}

async fn who_does_not_answer_is_tried_three_times_and_then_it_ends(bench: Bench) {
    desk_of_aki(&bench, "10:00:00").await;
    let id = waiting(&bench, &hanako(), NUMBER, "10:00:00").await;
    for (attempt, clock) in ["10:00:00", "10:10:00", "10:20:00"].iter().enumerate() {
        assert_eq!(ringing(&bench, clock).await, id);
        let missed = CallReport::NotAnswered(Outcome::NoAnswer);
        bench.report("aki", &id, missed, at(clock)).await.unwrap();
        assert!(bench.next("aki", at(clock)).await.is_none());
        let own = bench.counter.own_callback(&hanako(), &id, at(clock)).await.unwrap();
        assert_eq!(own.attempts, u32::try_from(attempt).unwrap() + 1);
    }
    let own = bench.counter.own_callback(&hanako(), &id, at("10:30:00")).await.unwrap();
    assert_eq!((own.state, own.words), ("exhausted", None));
    // Another one can be asked for at once.
    assert_ne!(bench.call_me(&hanako(), NUMBER, "again", at("10:20:30")).await.callback_id, id);
}

async fn a_call_that_breaks_off_goes_on_with_the_same_agent_place_and_case(bench: Bench) {
    desk_of_aki(&bench, "10:00:00").await;
    be_there(&bench.counter, "ben", &["desk"], at("10:00:50")).await;
    waiting(&bench, &hanako(), NUMBER, "10:00:00").await;
    let id = ringing(&bench, "10:00:10").await;
    waiting(&bench, &ichiro(), OTHER, "10:00:11").await;
    let first_case = bench.report("aki", &id, ANSWERED, at("10:00:20")).await.unwrap().case_id;
    assert!(first_case.is_some());
    bench.report("aki", &id, hung_up(EndedBy::ConnectionLost, false), at("10:00:50")).await.unwrap();
    let before = bench.counter.own_callback(&hanako(), &id, at("10:00:51")).await.unwrap();
    assert_eq!(before.state, "dropped");
    desk_of_aki(&bench, "10:01:20").await;
    // Ben takes who is not kept for aki.
    assert_eq!(bench.next("ben", at("10:01:20")).await.unwrap().customer_id, "ichiro");
    let again = bench.next("aki", at("10:01:20")).await.unwrap();
    assert_eq!((again.customer_id.as_str(), again.case_id), ("hanako", first_case));
    assert_eq!((again.follows.as_deref(), again.place_at), (Some(id.as_str()), at("10:00:00")));
    let card = bench.accept("aki", &again.callback_id, at("10:01:25")).await.unwrap();
    assert!(card.words.is_some() && card.dial.is_some());
}

async fn who_does_not_want_to_be_called_is_not_called_again(bench: Bench) {
    desk_of_aki(&bench, "10:00:00").await;
    waiting(&bench, &hanako(), NUMBER, "10:00:00").await;
    let id = ringing(&bench, "10:00:10").await;
    let ended =
        bench.report("aki", &id, CallReport::NotAnswered(Outcome::OptOut), at("10:00:20")).await.unwrap();
    assert_eq!(ended.state, "opted_out");
    let again = bench.counter.request_callback(request(&hanako(), NUMBER, "k2"), at("10:00:30")).await;
    assert_eq!(refusal(again), Some(CallbackRefusal::NumberNotCalled));
}

async fn an_agent_who_vanished_leaves_the_place_to_the_next(bench: Bench) {
    desk_of_aki(&bench, "10:00:00").await;
    let id = waiting(&bench, &hanako(), NUMBER, "10:00:00").await;
    bench.next("aki", at("10:00:10")).await.unwrap();
    // Offered and not accepted: the next one gets it after a minute.
    be_there(&bench.counter, "ben", &["desk"], at("10:01:09")).await;
    assert!(bench.next("ben", at("10:01:09")).await.is_none());
    assert_eq!(bench.next("ben", at("10:01:10")).await.unwrap().callback_id, id);
    let late = bench.accept("aki", &id, at("10:01:11")).await;
    assert_eq!(refusal(late), Some(CallbackRefusal::State(Refused::NotYours)));
    // Dialled and never reported: over once nothing can ring any more, and tried again.
    bench.accept("ben", &id, at("10:01:12")).await.unwrap();
    desk_of_aki(&bench, "10:11:11").await;
    assert!(bench.next("aki", at("10:11:11")).await.is_none());
    assert_eq!(bench.counter.own_callback(&hanako(), &id, at("10:11:11")).await.unwrap().state, "dialling");
    assert_eq!(bench.counter.wake_callbacks(at("10:11:12"), 10).await.unwrap(), 1);
    let own = bench.counter.own_callback(&hanako(), &id, at("10:11:12")).await.unwrap();
    assert_eq!((own.state, own.attempts), ("retry_wait", 1));
}

async fn a_cancelled_call_back_is_cancelled_once_and_only_by_its_customer(bench: Bench) {
    desk_of_aki(&bench, "10:00:00").await;
    let id = waiting(&bench, &hanako(), NUMBER, "10:00:00").await;
    for other in [ichiro(), Whose::new("hanako", "amazon-style")] {
        let found = bench.counter.cancel_callback(&other, &id, at("10:00:10")).await;
        assert!(matches!(found, Err(AppError::NotFound { .. })));
        let seen = bench.counter.own_callback(&other, &id, at("10:00:10")).await;
        assert!(matches!(seen, Err(AppError::NotFound { .. })));
    }
    for _ in 0..2 {
        let own = bench.counter.cancel_callback(&hanako(), &id, at("10:00:20")).await.unwrap();
        assert_eq!(own.state, "cancelled");
    }
    assert!(bench.next("aki", at("10:00:30")).await.is_none());
    let other = waiting(&bench, &hanako(), OTHER, "10:00:40").await;
    ringing(&bench, "10:00:41").await;
    let rings = bench.counter.cancel_callback(&hanako(), &other, at("10:00:42")).await;
    assert_eq!(refusal(rings), Some(CallbackRefusal::State(Refused::WrongState)));
}

async fn no_more_calls_are_made_than_a_day_may_cost(bench: Bench) {
    let small = crate::support::sample_with("rakuten-style", "yen_per_day = 30_000", "yen_per_day = 60");
    bench.counter.open_market(small, at("09:00:00")).await.unwrap();
    desk_of_aki(&bench, "10:00:00").await;
    let id = waiting(&bench, &hanako(), NUMBER, "10:00:00").await;
    for clock in ["10:00:00", "10:10:00"] {
        ringing(&bench, clock).await;
        bench.report("aki", &id, CallReport::NotAnswered(Outcome::Busy), at(clock)).await.unwrap();
    }
    desk_of_aki(&bench, "10:20:00").await;
    bench.next("aki", at("10:20:00")).await.unwrap();
    let third = bench.accept("aki", &id, at("10:20:01")).await;
    assert_eq!(refusal(third), Some(CallbackRefusal::CallsUsedUp));
    let offers = bench.counter.contact_offers(&ichiro(), "other", at("10:20:02")).await.unwrap();
    let callback = offers.iter().find(|offer| offer.channel == Channel::Callback).unwrap();
    assert_eq!(callback.open, Open::Hidden);
}

async fn requests_have_limits(bench: Bench) {
    desk_of_aki(&bench, "10:00:00").await;
    bench.verify(&hanako(), NUMBER, at("10:00:00")).await;
    for place in 0..3 {
        let own = bench.call_me(&hanako(), NUMBER, &format!("k{place}"), at("10:00:01")).await;
        bench.counter.cancel_callback(&hanako(), &own.callback_id, at("10:00:02")).await.unwrap();
    }
    let fourth = bench.counter.request_callback(request(&hanako(), NUMBER, "k4"), at("10:00:03")).await;
    assert!(matches!(fourth, Err(AppError::TooManyTries { .. })));
}

async fn nobody_could_call_is_an_end_as_well(bench: Bench) {
    desk_of_aki(&bench, "10:00:00").await;
    let id = waiting(&bench, &hanako(), NUMBER, "10:00:00").await;
    let tomorrow = at("10:00:00") + SignedDuration::from_hours(24);
    let report =
        bench.counter.do_what_is_due("worker", tomorrow - SignedDuration::from_secs(1), 10).await.unwrap();
    assert_eq!(report.callbacks, 0);
    let report = bench.counter.do_what_is_due("worker", tomorrow, 10).await.unwrap();
    assert_eq!(report.callbacks, 1);
    assert_eq!(bench.counter.own_callback(&hanako(), &id, tomorrow).await.unwrap().state, "expired");
}

async fn the_desk_reports_waits_and_promises(bench: Bench) {
    desk_of_aki(&bench, "10:00:00").await;
    waiting(&bench, &hanako(), NUMBER, "10:00:00").await;
    let given_up = waiting(&bench, &ichiro(), OTHER, "10:00:01").await;
    bench.counter.cancel_callback(&ichiro(), &given_up, at("10:00:30")).await.unwrap();
    let id = ringing(&bench, "10:01:00").await;
    bench.report("aki", &id, ANSWERED, at("10:01:10")).await.unwrap();
    bench.report("aki", &id, hung_up(EndedBy::Agent, true), at("10:04:10")).await.unwrap();
    let (from, until) = (time("2026-11-24T00:00:00+09:00"), time("2026-11-25T00:00:00+09:00"));
    let reports = bench.counter.care_report("rakuten-style", from, until).await.unwrap();
    let desk = &reports.iter().find(|report| report.queue == "desk").unwrap().report;
    assert_eq!((desk.arrivals, desk.answered, desk.abandoned), (2, 1, 1));
    assert_eq!((desk.wait_p50, desk.handle_seconds, desk.within_target_percent), (Some(70), 190, Some(100)));
    let backwards = bench.counter.care_report("rakuten-style", until, from).await;
    assert!(matches!(backwards, Err(AppError::Field { .. })));
}
