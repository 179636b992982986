//! Call-backs and guided checks belong to cases: what happens to them is on the history of one.

use choba_app::{AppError, CallReport, CallbackOutcome, Caller, RequestCallback, Role};
use choba_care::callback::{End, EndedBy, Outcome};
use choba_care::case::{Actor, CallStep, Case, CaseChange, CaseEvent, Channel};
use choba_store::books;
use jiff::Timestamp;

use crate::on_both;
use crate::support::{Bench, NUMBER as PARCEL, be_there, books_are_fine, hanako, news, request, time};

on_both!(
    a_call_back_opens_a_case_and_each_of_its_steps_is_on_it,
    a_call_that_broke_off_goes_on_in_the_same_case,
    who_says_that_it_is_solved_is_not_called_any_more,
    an_agent_sees_the_call_that_they_have_and_nobody_elses,
    who_comes_again_within_half_an_hour_goes_on_in_the_same_case,
    a_call_for_a_case_is_for_ones_own_open_case_only,
    what_a_check_found_out_is_on_the_case_that_is_opened_by_itself,
);

const NUMBER: &str = "090-1234-5678";

fn at(clock: &str) -> Timestamp {
    time(&format!("2026-11-24T{clock}+09:00"))
}

fn caller() -> Caller {
    Caller::customer("hanako")
}

fn agent() -> Caller {
    Caller::Staff { staff_id: "sato".to_owned(), role: Role::Agent }
}

async fn cases(bench: &Bench) -> Vec<(Case, Vec<CaseEvent>)> {
    let listed = bench.counter.customer_cases(&caller(), &hanako(), None, 10).await.unwrap();
    let mut cases = Vec::new();
    for listed in listed {
        let found = books::case_of_customer(bench.counter.store(), "hanako", &listed.case_id).await.unwrap();
        cases.push(found.unwrap());
    }
    cases
}

fn steps(events: &[CaseEvent]) -> Vec<(CallStep, Actor)> {
    let step = |event: &CaseEvent| match &event.change {
        CaseChange::CallStepped { step, .. } => Some((*step, event.by.clone())),
        _ => None,
    };
    events.iter().filter_map(step).collect()
}

async fn called(bench: &Bench, key: &str, clock: &str) -> String {
    be_there(&bench.counter, "aki", &["desk"], at(clock)).await;
    bench.verify(&hanako(), NUMBER, at(clock)).await;
    bench.call_me(&hanako(), NUMBER, key, at(clock)).await;
    let id = bench.next("aki", at(clock)).await.unwrap().callback_id;
    bench.accept("aki", &id, at(clock)).await.unwrap();
    id
}

const ANSWERED: CallReport = CallReport::Answered { words_said: true };

fn hung_up(by: EndedBy, summary: bool) -> CallReport {
    CallReport::HungUp { by, summary, agent_last_at: None }
}

async fn a_call_back_opens_a_case_and_each_of_its_steps_is_on_it(bench: Bench) {
    let id = called(&bench, "k", "10:00:00").await;
    bench.report("aki", &id, CallReport::NotAnswered(Outcome::Busy), at("10:00:30")).await.unwrap();
    be_there(&bench.counter, "aki", &["desk"], at("10:10:30")).await;
    let card = bench.next("aki", at("10:10:30")).await.unwrap();
    bench.accept("aki", &id, at("10:10:31")).await.unwrap();
    bench.report("aki", &id, ANSWERED, at("10:10:40")).await.unwrap();
    bench.report("aki", &id, hung_up(EndedBy::Agent, true), at("10:13:40")).await.unwrap();
    let cases = cases(&bench).await;
    let [(case, events)] = cases.as_slice() else { panic!("{} cases", cases.len()) };
    assert_eq!(card.case_id.as_deref(), Some(case.case_id.as_str()));
    assert_eq!((case.opening.channel, case.opening.queue.as_str()), (Channel::Phone, "desk"));
    let told = steps(events);
    let alias = match &told[1].1 {
        Actor::Agent { staff_id, alias } if staff_id == "aki" => alias.clone(),
        other => panic!("{other:?}"),
    };
    assert!(choba_app::alias_is_valid(&alias));
    let only: Vec<CallStep> = told.into_iter().map(|(step, _)| step).collect();
    assert_eq!(
        only,
        [
            CallStep::Asked { due_at: at("10:00:00") },
            CallStep::Accepted { attempt: 1 },
            CallStep::NotAnswered { outcome: Outcome::Busy, again_at: Some(at("10:10:30")) },
            CallStep::Accepted { attempt: 2 },
            CallStep::Answered,
            CallStep::Ended { how: End::Completed, talked_seconds: Some(180) },
        ]
    );
    // Talking is an answer: the case waits for nobody.
    assert_eq!((case.state.code(), case.first_reply_at), ("open", Some(at("10:10:40"))));
    let public = bench.counter.customer_case(&caller(), &case.case_id).await.unwrap();
    assert!(!serde_json::to_string(&public).unwrap().contains("aki"));
    books_are_fine(&bench).await;
}

async fn a_call_that_broke_off_goes_on_in_the_same_case(bench: Bench) {
    let id = called(&bench, "k", "10:00:00").await;
    bench.report("aki", &id, ANSWERED, at("10:00:20")).await.unwrap();
    bench.report("aki", &id, hung_up(EndedBy::ConnectionLost, false), at("10:00:50")).await.unwrap();
    be_there(&bench.counter, "aki", &["desk"], at("10:01:20")).await;
    let again = bench.next("aki", at("10:01:20")).await.unwrap();
    let cases = cases(&bench).await;
    let [(case, events)] = cases.as_slice() else { panic!("{} cases", cases.len()) };
    assert_eq!(again.case_id.as_deref(), Some(case.case_id.as_str()));
    let told: Vec<CallStep> = steps(events).into_iter().map(|(step, _)| step).skip(3).collect();
    assert_eq!(
        told,
        [
            CallStep::Ended { how: End::Dropped, talked_seconds: Some(30) },
            CallStep::AskedAgain { due_at: at("10:01:20") },
        ]
    );
}

async fn who_says_that_it_is_solved_is_not_called_any_more(bench: Bench) {
    be_there(&bench.counter, "aki", &["desk"], at("10:00:00")).await;
    bench.verify(&hanako(), NUMBER, at("10:00:00")).await;
    let id = bench.call_me(&hanako(), NUMBER, "k", at("10:00:00")).await.callback_id;
    let case_id = cases(&bench).await[0].0.case_id.clone();
    bench.counter.customer_solves_case(&caller(), &case_id, at("10:01:00")).await.unwrap();
    assert_eq!(bench.counter.open_callback_of(&hanako(), at("10:01:00")).await, Ok(None));
    assert_eq!(bench.counter.own_callback(&hanako(), &id, at("10:01:00")).await.unwrap().state, "superseded");
    be_there(&bench.counter, "aki", &["desk"], at("10:01:00")).await;
    assert!(bench.next("aki", at("10:01:00")).await.is_none());
    // While the phone rings, the call goes on.
    bench.counter.reopen_case(&caller(), &case_id, at("10:02:00")).await.unwrap();
    let ringing = called(&bench, "l", "10:02:00").await;
    bench.counter.customer_solves_case(&caller(), &case_id, at("10:02:10")).await.unwrap();
    let own = bench.counter.own_callback(&hanako(), &ringing, at("10:02:10")).await.unwrap();
    assert_eq!(own.state, "dialling");
    books_are_fine(&bench).await;
}

async fn an_agent_sees_the_call_that_they_have_and_nobody_elses(bench: Bench) {
    let (counter, sato) = (&bench.counter, agent());
    assert_eq!(counter.own_call(&sato, "rakuten-style").await, Ok(None));
    be_there(counter, &sato.by(), &["desk"], at("10:00:00")).await;
    bench.verify(&hanako(), NUMBER, at("10:00:00")).await;
    let id = bench.call_me(&hanako(), NUMBER, "k", at("10:00:00")).await.callback_id;
    // Asking offers nothing.
    assert_eq!(counter.own_call(&sato, "rakuten-style").await, Ok(None));
    bench.next(&sato.by(), at("10:00:10")).await.unwrap();
    let offered = counter.own_call(&sato, "rakuten-style").await.unwrap().unwrap();
    assert_eq!((offered.callback_id.as_str(), offered.state, offered.dial), (id.as_str(), "offered", None));
    bench.accept(&sato.by(), &id, at("10:00:20")).await.unwrap();
    let rings = counter.own_call(&sato, "rakuten-style").await.unwrap().unwrap();
    assert!(rings.dial.is_some() && rings.words.is_some());
    assert_eq!(counter.own_call(&sato, "amazon-style").await, Ok(None));
    let other = Caller::Staff { staff_id: "abe".to_owned(), role: Role::Agent };
    assert_eq!(counter.own_call(&other, "rakuten-style").await, Ok(None));
    assert!(matches!(counter.own_call(&caller(), "rakuten-style").await, Err(AppError::NotAllowed { .. })));
}

async fn who_comes_again_within_half_an_hour_goes_on_in_the_same_case(bench: Bench) {
    let id = called(&bench, "k1", "10:00:00").await;
    bench.report("aki", &id, ANSWERED, at("10:00:20")).await.unwrap();
    bench.report("aki", &id, hung_up(EndedBy::Agent, true), at("10:05:00")).await.unwrap();
    let ask = |question: &str, key: &str, clock: &str| {
        let request = RequestCallback { question: question.to_owned(), ..request(&hanako(), NUMBER, key) };
        bench.counter.request_callback(request, at(clock))
    };
    be_there(&bench.counter, "aki", &["desk"], at("10:35:00")).await;
    let again = ask("points-missing", "k2", "10:35:00").await;
    // Half an hour after the end it still is the same matter, whatever it is called.
    let Ok(CallbackOutcome::Requested(own)) = again else { panic!("{again:?}") };
    assert_eq!(cases(&bench).await.len(), 1);
    bench.counter.cancel_callback(&hanako(), &own.callback_id, at("10:36:00")).await.unwrap();
    be_there(&bench.counter, "aki", &["desk"], at("11:06:01")).await;
    ask("points-missing", "k3", "11:06:01").await.unwrap();
    assert_eq!(cases(&bench).await.len(), 2);
}

async fn a_call_for_a_case_is_for_ones_own_open_case_only(bench: Bench) {
    be_there(&bench.counter, "aki", &["desk"], at("10:00:00")).await;
    bench.verify(&hanako(), NUMBER, at("10:00:00")).await;
    for nobodys in ["cas_nobodys", ""] {
        let request =
            RequestCallback { case_id: Some(nobodys.to_owned()), ..request(&hanako(), NUMBER, "k") };
        let refused = bench.counter.request_callback(request, at("10:00:00")).await;
        assert!(matches!(refused, Err(AppError::NotFound { what: "case", .. })), "{refused:?}");
    }
    assert!(cases(&bench).await.is_empty());
}

async fn what_a_check_found_out_is_on_the_case_that_is_opened_by_itself(bench: Bench) {
    let (_, shipment) = bench.sent(&hanako(), "yamato", &[PARCEL]).await;
    bench.hear(vec![news(PARCEL, "2026-11-23T10:00:00+09:00", "配達完了（宅配ボックス）")]).await;
    let now = time("2026-11-23T20:00:00+09:00");
    bench.counter.start_missing_check(&caller(), &shipment, now).await.unwrap();
    for (node, chosen) in [("address", "right"), ("locker", "does_not_open")] {
        bench.counter.answer_missing_check(&caller(), &shipment, node, chosen, now).await.unwrap();
    }
    for _ in 0..2 {
        let report = bench.counter.do_what_is_due("w", now, 10).await.unwrap();
        assert_eq!(report.failed, 0);
    }
    let cases = cases(&bench).await;
    let [(case, _)] = cases.as_slice() else { panic!("{} cases", cases.len()) };
    assert_eq!((case.opening.question.as_str(), case.queue.as_str()), ("not-received", "parcels"));
    let seen = bench.counter.desk_case(&agent(), &case.case_id, now).await.unwrap();
    assert_eq!(seen.checks.len(), 1);
    let steps = seen.checks[0]["steps"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["node"] == "locker" && step["answer_text"]["ja"].is_string()));
}
