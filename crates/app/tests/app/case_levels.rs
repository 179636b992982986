//! What is promised for cases: by when somebody answers, what is kept of it, who hears where it was not kept.

use choba_app::{Caller, DeskReply, OpenCase, OpenedCase, Role, Route};
use choba_care::case::{CaseChange, Channel, verify_chain};
use choba_care::sla::Metric;
use choba_store::books::{self, DeskQuery};
use jiff::Timestamp;
use serde_json::json;

use crate::on_both;
use crate::support::{Bench, books_are_fine, hanako, time};

on_both!(
    the_desk_sees_first_what_ends_first,
    little_time_left_is_told_once_and_can_be_looked_for,
    a_missed_promise_is_told_once_and_goes_to_those_who_decide_more,
    what_was_promised_is_kept_with_the_solution,
    a_case_begins_in_the_queue_that_answers_its_question,
);

/// On Tuesday, 24 November 2026, a day on which the desk works from nine to six.
fn at(clock: &str) -> Timestamp {
    time(&format!("2026-11-24T{clock}:00+09:00"))
}

fn caller() -> Caller {
    Caller::customer("hanako")
}

fn agent() -> Caller {
    Caller::Staff { staff_id: "sato".to_owned(), role: Role::Agent }
}

async fn opened(bench: &Bench, (topic, question): (&str, &str), clock: &str) -> OpenedCase {
    let open = OpenCase {
        topic: topic.to_owned(),
        question: question.to_owned(),
        order_id: None,
        text: Some("困っています".to_owned()),
        language: "ja".to_owned(),
        channel: Channel::Form,
        evidence: json!({}),
    };
    let key = bench.key("open_case", "hanako");
    bench.counter.open_case(&caller(), &hanako(), open, key, at(clock)).await.unwrap()
}

async fn replied(bench: &Bench, case: &OpenedCase, clock: &str) {
    let reply = DeskReply {
        version: case.version,
        text: "お調べします。".to_owned(),
        template: None,
        attachments: Vec::new(),
        asks_customer: false,
    };
    let key = bench.key("reply", &case.case_id);
    bench.counter.reply_in_case(&agent(), &case.case_id, reply, key, at(clock)).await.unwrap();
}

async fn listed(bench: &Bench, query: &DeskQuery) -> Vec<(String, Option<Timestamp>)> {
    let cases = bench.counter.desk_cases(&agent(), "rakuten-style", query, 10).await.unwrap();
    cases.into_iter().map(|listed| (listed.case.case_id, listed.ends_at)).collect()
}

async fn the_desk_sees_first_what_ends_first(bench: Bench) {
    let slow = opened(&bench, ("other", "other"), "09:00").await;
    let quick = opened(&bench, ("payment", "payment-other"), "09:30").await;
    let safety = opened(&bench, ("safety", "suspicious"), "11:00").await;
    // Answered, so that only the solution is waited for, in five days' working time.
    replied(&bench, &slow, "10:00").await;
    let all = listed(&bench, &DeskQuery::default()).await;
    let ids: Vec<&str> = all.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, [&safety.case_id, &quick.case_id, &slow.case_id]);
    assert!(all.iter().all(|(_, ends_at)| ends_at.is_some()));
    let after = |id: &str| DeskQuery { after: Some(id.to_owned()), ..DeskQuery::default() };
    for (place, (id, _)) in all.iter().enumerate() {
        assert_eq!(listed(&bench, &after(id)).await, all[place + 1..]);
    }
    let seen = bench.counter.desk_case(&agent(), &quick.case_id, at("12:00")).await.unwrap();
    let first = seen.levels.iter().find(|timer| timer.metric == Metric::FirstReply).unwrap();
    assert!(first.due_at.is_some() && !first.is_missed());
}

async fn little_time_left_is_told_once_and_can_be_looked_for(bench: Bench) {
    let case = opened(&bench, ("other", "other"), "09:00").await;
    let near = DeskQuery { near: true, ..DeskQuery::default() };
    let (_, ends_at) = listed(&bench, &DeskQuery::default()).await.remove(0);
    let promised = ends_at.unwrap().duration_since(at("09:00")).as_secs();
    let passed = |percent: i64| at("09:00") + jiff::SignedDuration::from_secs(promised * percent / 100 + 2);
    assert_eq!(bench.counter.tend_cases(passed(74), 10).await.unwrap().cases, 0);
    assert_eq!(listed(&bench, &near).await, []);
    for _ in 0..3 {
        assert_eq!(bench.counter.tend_cases(passed(75), 10).await.unwrap().failed, 0);
    }
    let (_, events) =
        books::case_of_customer(bench.counter.store(), "hanako", &case.case_id).await.unwrap().unwrap();
    let told: Vec<_> = events.iter().skip(2).map(|event| &event.change).collect();
    let due_at = ends_at.unwrap();
    assert_eq!(told, [&CaseChange::LevelWarned { metric: Metric::FirstReply, cycle: 1, due_at }]);
    assert_eq!(listed(&bench, &near).await.len(), 1);
    // Answered in time: it is near no more.
    replied(&bench, &OpenedCase { version: 3, ..case }, "16:30").await;
    assert_eq!(listed(&bench, &near).await, []);
    books_are_fine(&bench).await;
}

async fn a_missed_promise_is_told_once_and_goes_to_those_who_decide_more(bench: Bench) {
    let case = opened(&bench, ("other", "other"), "09:00").await;
    let (_, ends_at) = listed(&bench, &DeskQuery::default()).await.remove(0);
    let ends_at = ends_at.unwrap();
    // Due exactly now is in time.
    bench.counter.tend_cases(ends_at, 10).await.unwrap();
    assert_eq!(bench.counter.tend_cases(ends_at, 10).await.unwrap().cases, 0);
    let late = ends_at + jiff::SignedDuration::from_secs(1);
    for _ in 0..3 {
        assert_eq!(bench.counter.tend_cases(late, 10).await.unwrap().failed, 0);
    }
    let (kept, events) =
        books::case_of_customer(bench.counter.store(), "hanako", &case.case_id).await.unwrap().unwrap();
    let missed: Vec<_> =
        events.iter().filter(|event| matches!(event.change, CaseChange::LevelMissed { .. })).collect();
    let near = events.iter().filter(|event| matches!(event.change, CaseChange::LevelWarned { .. }));
    assert_eq!(near.count(), 1);
    let passed_on = events.iter().filter(|event| matches!(event.change, CaseChange::Escalated { .. }));
    assert_eq!((missed.len(), passed_on.count()), (1, 1));
    assert_eq!((kept.queue.as_str(), kept.priority.rank()), ("leads", 2));
    assert_eq!(verify_chain(&case.case_id, &events), Ok(()));
    books_are_fine(&bench).await;
}

async fn what_was_promised_is_kept_with_the_solution(bench: Bench) {
    let case = opened(&bench, ("other", "other"), "09:00").await;
    replied(&bench, &case, "09:40").await;
    let key = bench.key("solve", &case.case_id);
    let (id, counter) = (case.case_id.as_str(), &bench.counter);
    counter.solve_case(&agent(), id, ("answered", "お答えしました。"), key, at("10:00")).await.unwrap();
    let seen = counter.desk_case(&agent(), id, at("12:00")).await.unwrap();
    let of = |metric| seen.results.iter().find(|result| result.metric == metric).unwrap();
    let first = of(Metric::FirstReply);
    assert_eq!((first.done_at, first.used_seconds, first.missed_at), (Some(at("09:40")), 40 * 60, None));
    assert_eq!(of(Metric::Resolution).used_seconds, 60 * 60);
    // Nothing is left that could be missed.
    let week = at("10:00") + jiff::SignedDuration::from_hours(6 * 24);
    assert_eq!(counter.tend_cases(week, 10).await.unwrap().cases, 0);
}

async fn a_case_begins_in_the_queue_that_answers_its_question(bench: Bench) {
    let case = opened(&bench, ("safety", "suspicious"), "09:00").await;
    let row = books::case_row(bench.counter.store(), "hanako", &case.case_id).await.unwrap().unwrap();
    assert_eq!((row.queue.as_str(), row.priority), ("safety", 3));
    let route = Route::Queue { queue: "nobody".to_owned(), skill: None, reason: "x".to_owned() };
    let lost = bench.counter.route_case(&agent(), &case.case_id, route, at("09:10")).await;
    assert!(matches!(lost, Err(choba_app::AppError::Field { .. })), "{lost:?}");
}
