//! A parcel that counts as delivered and is not there.

use choba_app::{AppError, Caller, MissingCheck};
use choba_care::guided::{GuidedFault, Outcome, Position, evidence};

use crate::on_both;
use crate::support::{Bench, NUMBER, OTHER, hanako, news, time};

on_both!(
    a_check_is_kept_waits_resumes_by_itself_and_ends_with_evidence,
    facts_of_the_order_answer_first,
    a_check_is_the_customers_own,
);

const TOLD: [(&str, &str); 8] = [
    ("address", "right"),
    ("locker", "empty"),
    ("post_box", "not_there"),
    ("building_manager", "not_there"),
    ("household", "not_there"),
    ("neighbours", "not_there"),
    ("absence_slip", "none"),
    ("urgent", "no"),
];

fn me() -> Caller {
    Caller::customer("hanako")
}

async fn delivered(bench: &Bench) -> String {
    let (_, shipment) = bench.sent(&hanako(), "yamato", &[NUMBER]).await;
    bench.hear(vec![news(NUMBER, "2026-11-23T10:00:00+09:00", "配達完了（宅配ボックス）")]).await;
    shipment
}

fn code(check: &MissingCheck) -> &str {
    match &check.run.position {
        Position::Ended { outcome, .. } => outcome.code(),
        other => panic!("not ended: {other:?}"),
    }
}

async fn a_check_is_kept_waits_resumes_by_itself_and_ends_with_evidence(bench: Bench) {
    let shipment = delivered(&bench).await;
    let now = time("2026-11-23T20:00:00+09:00");
    let counter = &bench.counter;
    let begun = counter.start_missing_check(&me(), &shipment, now).await.unwrap();
    let again = counter.start_missing_check(&me(), &shipment, now).await.unwrap();
    assert_eq!(begun.run, again.run);
    for (node, chosen) in TOLD {
        counter.answer_missing_check(&me(), &shipment, node, chosen, now).await.unwrap();
        // Sent again, it is no fault; out of turn, it is.
        counter.answer_missing_check(&me(), &shipment, node, chosen, now).await.unwrap();
        let out_of_turn = counter.answer_missing_check(&me(), &shipment, "arrived", "yes", now).await;
        assert!(matches!(out_of_turn, Err(AppError::Check(GuidedFault::NotThere { .. }))));
    }
    let until = time("2026-11-25T10:00:00+09:00");
    let waiting = counter.missing_check(&me(), &shipment, now).await.unwrap();
    assert_eq!(waiting.run.position, Position::Waiting { node: "wait".to_owned(), until });

    let early = counter.do_what_is_due("w", time("2026-11-25T09:59:00+09:00"), 10).await.unwrap();
    assert_eq!(early.checks, 0);
    let due = counter.do_what_is_due("w", until, 10).await.unwrap();
    assert_eq!((due.checks, due.failed), (1, 0));
    let resumed = counter.missing_check(&me(), &shipment, until).await.unwrap();
    assert_eq!(resumed.run.position, Position::Asking { node: "arrived".to_owned() });
    let ended = counter.answer_missing_check(&me(), &shipment, "arrived", "no", until).await.unwrap();
    assert_eq!(code(&ended), "not_received");
    let told = evidence(ended.flow, &ended.run);
    assert!(matches!(told.outcome, Some(Outcome::Human { .. })));
    assert!(TOLD.iter().all(|(node, _)| told.steps.iter().any(|step| step.node == *node)));
    // What has ended can begin anew.
    let anew = counter.start_missing_check(&me(), &shipment, until).await.unwrap();
    assert_ne!(anew.run.run_id, ended.run.run_id);
}

async fn facts_of_the_order_answer_first(bench: Bench) {
    let (_, shipment) = bench.sent(&hanako(), "yamato", &[NUMBER, OTHER]).await;
    let now = time("2026-11-23T20:00:00+09:00");
    let on_its_way = bench.counter.start_missing_check(&me(), &shipment, now).await.unwrap();
    assert_eq!(code(&on_its_way), "still_on_its_way");
    bench.hear(vec![news(NUMBER, "2026-11-23T10:00:00+09:00", "配達完了")]).await;
    bench.hear(vec![news(OTHER, "2026-11-23T10:00:00+09:00", "配達完了")]).await;
    let now = time("2026-11-23T21:00:00+09:00");
    bench.counter.start_missing_check(&me(), &shipment, now).await.unwrap();
    let check = bench.counter.answer_missing_check(&me(), &shipment, "address", "right", now).await.unwrap();
    assert_eq!(check.run.position, Position::Asking { node: "entrance".to_owned() });
}

async fn a_check_is_the_customers_own(bench: Bench) {
    let shipment = delivered(&bench).await;
    let now = time("2026-11-23T20:00:00+09:00");
    bench.counter.start_missing_check(&me(), &shipment, now).await.unwrap();
    let taro = Caller::customer("taro");
    let see = bench.counter.missing_check(&taro, &shipment, now).await;
    let answer = bench.counter.answer_missing_check(&taro, &shipment, "address", "right", now).await;
    for outcome in [see.err(), answer.err()] {
        assert!(matches!(outcome, Some(AppError::NotFound { .. })), "{outcome:?}");
    }
}
