//! Corrections of balances.

use choba_app::{AdjustBalance, Adjusted, AppError, HeldBalance};
use choba_engine::books::GrantRefusal;
use choba_engine::market::LotKind;
use choba_engine::money::Points;

use crate::on_both;
use crate::support::{Bench, hanako, noon, time};

on_both!(
    a_small_correction_is_made_at_once_and_only_once,
    a_large_correction_waits_for_another_person,
    a_rejected_correction_is_never_made,
    of_two_who_decide_at_once_one_is_first,
    a_correction_takes_no_more_than_is_available,
    a_correction_without_a_reason_is_not_made,
);

fn correction(bench: &Bench, points: i64) -> AdjustBalance {
    AdjustBalance {
        whose: hanako(),
        program: "rakuten".to_owned(),
        kind: Some(LotKind::Limited),
        points,
        expires_at: Some(time("2026-12-31T23:59:59+09:00")),
        reason: "the parcel came late".to_owned(),
        by: "keiko".to_owned(),
        key: bench.key("adjust_balance", "hanako"),
    }
}

async fn available(bench: &Bench) -> i64 {
    let balances = bench.counter.balances_now(&hanako(), noon()).await.unwrap();
    balances.iter().map(|balance: &HeldBalance| balance.available.units()).sum()
}

async fn waiting_id(bench: &Bench, points: i64) -> String {
    match bench.counter.adjust_balance(correction(bench, points), noon()).await.unwrap() {
        Adjusted::Waiting { adjustment_id } => adjustment_id,
        other => panic!("expected it to wait, found {other:?}"),
    }
}

async fn a_small_correction_is_made_at_once_and_only_once(bench: Bench) {
    let small = correction(&bench, 10_000);
    for _ in 0..2 {
        assert_eq!(bench.counter.adjust_balance(small.clone(), noon()).await, Ok(Adjusted::Made));
    }
    assert_eq!(available(&bench).await, 10_000);
    let fewer = correction(&bench, -4_000);
    assert_eq!(bench.counter.adjust_balance(fewer, noon()).await, Ok(Adjusted::Made));
    assert_eq!(available(&bench).await, 6_000);
}

async fn a_large_correction_waits_for_another_person(bench: Bench) {
    let large = correction(&bench, 10_001);
    let first = bench.counter.adjust_balance(large.clone(), noon()).await.unwrap();
    assert_eq!(bench.counter.adjust_balance(large, noon()).await, Ok(first.clone()));
    let Adjusted::Waiting { adjustment_id } = first else { panic!("expected it to wait") };
    let waiting = bench.counter.waiting_adjustments("rakuten-style", None, 10).await.unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!((waiting[0].points, waiting[0].asked_by.as_str()), (10_001, "keiko"));
    assert_eq!(available(&bench).await, 0);

    let alone = bench.counter.approve_adjustment(&adjustment_id, "keiko", noon()).await;
    assert_eq!(alone, Err(AppError::Grant(GrantRefusal::SamePerson)));
    for _ in 0..2 {
        let made = bench.counter.approve_adjustment(&adjustment_id, "taro", noon()).await;
        assert_eq!(made, Ok(Adjusted::Made));
    }
    assert_eq!(available(&bench).await, 10_001);
    assert!(bench.counter.waiting_adjustments("rakuten-style", None, 10).await.unwrap().is_empty());
    let late = bench.counter.reject_adjustment(&adjustment_id, "jiro", noon()).await;
    let decided_by = "taro".to_owned();
    assert_eq!(late, Err(AppError::AlreadyDecided { state: "approved", decided_by }));
}

async fn a_rejected_correction_is_never_made(bench: Bench) {
    let id = waiting_id(&bench, 20_000).await;
    for _ in 0..2 {
        // Who asked may think better of it.
        assert_eq!(bench.counter.reject_adjustment(&id, "keiko", noon()).await, Ok(Adjusted::Rejected));
    }
    let late = bench.counter.approve_adjustment(&id, "taro", noon()).await;
    let decided_by = "keiko".to_owned();
    assert_eq!(late, Err(AppError::AlreadyDecided { state: "rejected", decided_by }));
    assert_eq!(available(&bench).await, 0);
    let unknown = bench.counter.approve_adjustment("adj_none", "taro", noon()).await;
    assert!(matches!(unknown, Err(AppError::NotFound { .. })));
}

async fn of_two_who_decide_at_once_one_is_first(bench: Bench) {
    let id = waiting_id(&bench, 20_000).await;
    let another = bench.another(2).await;
    let (one, other) = tokio::join!(
        bench.counter.approve_adjustment(&id, "taro", noon()),
        another.reject_adjustment(&id, "jiro", noon()),
    );
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    assert_eq!(available(&bench).await, if one.is_ok() { 20_000 } else { 0 });
}

async fn a_correction_takes_no_more_than_is_available(bench: Bench) {
    bench.grant(&hanako(), "rakuten:limited", 300, Some("2026-12-31T23:59:59+09:00")).await;
    let refused = bench.counter.adjust_balance(correction(&bench, -301), noon()).await;
    assert_eq!(refused, Err(AppError::Grant(GrantRefusal::TooLittle { available: 300 })));
    let nothing = bench.counter.adjust_balance(correction(&bench, 0), noon()).await;
    assert_eq!(nothing, Err(AppError::Grant(GrantRefusal::Nothing)));
    assert_eq!(Points::new(available(&bench).await), Points::new(300));
}

async fn a_correction_without_a_reason_is_not_made(bench: Bench) {
    let silent = AdjustBalance { reason: " ".to_owned(), ..correction(&bench, 5) };
    let refused = bench.counter.adjust_balance(silent, noon()).await;
    assert_eq!(refused, Err(AppError::Grant(GrantRefusal::NoReason)));
}
