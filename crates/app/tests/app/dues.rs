//! What time brings.

use choba_app::{DueReport, Whose};
use choba_outside::scripted::Twist;
use choba_store::sql::{Statement, Type, Value};
use jiff::SignedDuration;

use crate::on_both;
use crate::support::{Bench, all_rows, hanako, noon, rakuten, time, write_row};

on_both!(
    a_lot_is_told_of_two_weeks_before_its_end_and_booked_after_it,
    a_renewed_balance_is_told_of_and_booked_at_its_new_end,
    what_was_granted_for_a_few_days_is_not_told_of,
    one_process_is_the_worker_until_its_lease_lapses,
    two_workers_at_once_do_nothing_twice,
    an_order_that_is_not_paid_in_time_is_cancelled,
    a_lost_answer_about_an_order_is_asked_for_again,
    a_due_that_fails_waits_and_keeps_nothing_from_being_done,
    many_lots_end_in_several_rounds,
);

static EVENTS: Statement = Statement::new(
    "test: events of a customer",
    &[("customer_id", Type::Text), ("kind", Type::Text)],
    "SELECT :row, e.subject FROM {rows} JOIN events AS e ON e.customer_id = :customer_id AND e.kind = :kind
     ORDER BY e.event_id",
);

static NO_SUCH_MARKET: Statement = Statement::new(
    "test: a due of a market that is not open",
    &[("customer_id", Type::Text), ("due_at", Type::Int)],
    "INSERT INTO dues (customer_id, kind, subject, market, due_at, attempts)
     SELECT :customer_id, 'lot_expiry', 'x', 'closed', :due_at, 0 FROM {rows}",
);

static ATTEMPTS: Statement = Statement::new(
    "test: attempts at dues",
    &[("customer_id", Type::Text)],
    "SELECT :row, d.attempts FROM {rows} JOIN dues AS d ON d.customer_id = :customer_id",
);

async fn events(bench: &Bench, customer_id: &str, kind: &str) -> Vec<String> {
    let row: Vec<Value> = vec![customer_id.into(), kind.into()];
    let rows = all_rows(&bench.counter, &EVENTS, row).await;
    let mut subjects: Vec<String> = rows.iter().map(|row| row.text(0).unwrap().to_owned()).collect();
    subjects.sort();
    subjects
}

async fn work(bench: &Bench, at: &str) -> DueReport {
    bench.counter.do_what_is_due("worker", time(at), 100).await.unwrap()
}

async fn expired(bench: &Bench, at: &str) -> i64 {
    let balances = bench.counter.balances_now(&hanako(), time(at)).await.unwrap();
    balances.iter().map(|balance| balance.expired.units()).sum()
}

async fn a_lot_is_told_of_two_weeks_before_its_end_and_booked_after_it(bench: Bench) {
    let lot = bench.grant(&hanako(), "rakuten:limited", 300, Some("2026-12-31T23:59:59+09:00")).await;
    assert_eq!(work(&bench, "2026-12-17T23:59:58+09:00").await.lots, 0);
    assert_eq!(work(&bench, "2026-12-17T23:59:59+09:00").await.lots, 1);
    assert_eq!(events(&bench, "hanako", "wallet.expiring").await, std::slice::from_ref(&lot));
    assert_eq!(work(&bench, "2026-12-31T23:59:59+09:00").await.lots, 0);
    let report = work(&bench, "2027-01-01T00:00:00+09:00").await;
    assert_eq!((report.lots, report.failed, report.more), (1, 0, false));
    assert_eq!(events(&bench, "hanako", "wallet.expired").await, [lot]);
    assert_eq!(events(&bench, "hanako", "wallet.expiring").await.len(), 1);
    assert_eq!(expired(&bench, "2027-01-01T00:00:00+09:00").await, 300);
    assert_eq!(work(&bench, "2030-01-01T00:00:00+09:00").await.lots, 0);
}

async fn a_renewed_balance_is_told_of_and_booked_at_its_new_end(bench: Bench) {
    let first = time("2026-11-21T12:00:00+09:00");
    let old = bench.grant_at(&hanako(), "rakuten:ordinary", 100, None, first).await;
    let renewing = time("2027-03-05T09:00:00+09:00");
    let new = bench.grant_at(&hanako(), "rakuten:ordinary", 50, None, renewing).await;
    work(&bench, "2027-10-31T23:59:59+09:00").await;
    assert_eq!(events(&bench, "hanako", "wallet.expiring").await, Vec::<String>::new());
    work(&bench, "2027-11-01T00:00:00+09:00").await;
    assert_eq!(expired(&bench, "2027-11-01T00:00:00+09:00").await, 0);
    work(&bench, "2028-02-20T00:00:00+09:00").await;
    assert_eq!(events(&bench, "hanako", "wallet.expiring").await, [old, new]);
    work(&bench, "2028-03-01T00:00:00+09:00").await;
    assert_eq!(events(&bench, "hanako", "wallet.expired").await.len(), 2);
    assert_eq!(events(&bench, "hanako", "wallet.expiring").await.len(), 2);
}

async fn what_was_granted_for_a_few_days_is_not_told_of(bench: Bench) {
    bench.grant(&hanako(), "rakuten:limited", 300, Some("2026-11-30T23:59:59+09:00")).await;
    assert_eq!(work(&bench, "2026-11-30T23:59:59+09:00").await.lots, 0);
    assert_eq!(work(&bench, "2026-12-01T00:00:00+09:00").await.lots, 1);
    assert!(events(&bench, "hanako", "wallet.expiring").await.is_empty());
}

async fn one_process_is_the_worker_until_its_lease_lapses(bench: Bench) {
    let another = bench.another(2).await;
    let held = |report: DueReport| report.held_by_another;
    let at = |seconds| noon() + SignedDuration::from_secs(seconds);
    assert!(!held(bench.counter.do_what_is_due("one", at(0), 10).await.unwrap()));
    assert!(held(another.do_what_is_due("other", at(30), 10).await.unwrap()));
    assert!(!held(bench.counter.do_what_is_due("one", at(50), 10).await.unwrap()));
    assert!(held(another.do_what_is_due("other", at(109), 10).await.unwrap()));
    assert!(!held(another.do_what_is_due("other", at(110), 10).await.unwrap()));
    assert!(held(bench.counter.do_what_is_due("one", at(111), 10).await.unwrap()));
    another.stop_doing_what_is_due("other", at(112)).await.unwrap();
    assert!(!held(bench.counter.do_what_is_due("one", at(112), 10).await.unwrap()));
}

async fn two_workers_at_once_do_nothing_twice(bench: Bench) {
    for _ in 0..20 {
        bench.grant(&hanako(), "rakuten:limited", 7, Some("2026-12-31T23:59:59+09:00")).await;
    }
    let another = bench.another(2).await;
    for at in ["2026-12-20T00:00:00+09:00", "2027-01-01T00:00:00+09:00"] {
        // Two holders of one lease stand for a process that does not know that it has lost it.
        let (one, other) = tokio::join!(
            bench.counter.do_what_is_due("worker", time(at), 100),
            another.do_what_is_due("worker", time(at), 100),
        );
        assert_eq!((one.unwrap().failed, other.unwrap().failed), (0, 0));
    }
    assert_eq!(events(&bench, "hanako", "wallet.expiring").await.len(), 20);
    assert_eq!(events(&bench, "hanako", "wallet.expired").await.len(), 20);
    assert_eq!(expired(&bench, "2027-01-01T00:00:00+09:00").await, 140);
}

async fn an_order_that_is_not_paid_in_time_is_cancelled(bench: Bench) {
    bench.grant(&hanako(), "rakuten:limited", 300, Some("2026-12-31T23:59:59+09:00")).await;
    let cart = rakuten().line("A@shop-a", 5_000, 1).stored("rakuten", "all").by("konbini");
    let order = bench.place(&hanako(), &cart, noon()).await;
    assert_eq!(work(&bench, "2026-11-24T23:59:59+09:00").await.deadlines, 0);
    let report = work(&bench, "2026-11-25T00:00:00+09:00").await;
    assert_eq!((report.deadlines, report.failed), (1, 0));
    let kept = bench.order(&hanako(), &order.order_id).await.order;
    assert!(kept.cancelled_at.is_some());
    let balances = bench.counter.balances_now(&hanako(), time("2026-11-25T00:00:00+09:00")).await.unwrap();
    assert_eq!(balances.iter().map(|balance| balance.available.units()).sum::<i64>(), 300);
    assert_eq!(work(&bench, "2026-11-25T00:00:01+09:00").await.deadlines, 0);
}

async fn a_lost_answer_about_an_order_is_asked_for_again(bench: Bench) {
    let cart = rakuten().line("A@shop-a", 5_000, 1).by("card");
    bench.outside.next(Some("card"), Some("authorise"), Twist::LoseAnswer);
    let order = bench.place(&hanako(), &cart, noon()).await;
    let asking = bench.order(&hanako(), &order.order_id).await.order.payment.state;
    assert_eq!(asking.code(), "asking");
    let report = bench.counter.do_what_is_due("worker", noon() + SignedDuration::from_secs(5), 10).await;
    assert_eq!(report.unwrap().asks.answered, 1);
    assert_eq!(bench.order(&hanako(), &order.order_id).await.order.payment.state.code(), "authorised");
}

async fn a_due_that_fails_waits_and_keeps_nothing_from_being_done(bench: Bench) {
    let row: Vec<Value> = vec!["a".into(), 0_i64.into()];
    write_row(&bench.counter, "a", NO_SUCH_MARKET.write(row)).await;
    bench.grant(&hanako(), "rakuten:limited", 300, Some("2026-11-30T23:59:59+09:00")).await;
    let report = work(&bench, "2026-12-01T00:00:00+09:00").await;
    assert_eq!((report.lots, report.failed), (1, 1));
    assert_eq!(work(&bench, "2026-12-01T00:00:01+09:00").await.failed, 0);
    assert_eq!(work(&bench, "2026-12-01T00:00:02+09:00").await.failed, 1);
    let attempts = all_rows(&bench.counter, &ATTEMPTS, vec!["a".into()]).await;
    assert_eq!(attempts[0].int(0).unwrap(), 2);
}

async fn many_lots_end_in_several_rounds(bench: Bench) {
    let customers = [hanako(), Whose::new("jiro", "rakuten-style")];
    for whose in &customers {
        for _ in 0..5 {
            bench.grant(whose, "rakuten:limited", 1, Some("2026-11-30T23:59:59+09:00")).await;
        }
    }
    let at = time("2026-12-01T00:00:00+09:00");
    let mut lots = 0;
    loop {
        let report = bench.counter.do_what_is_due("worker", at, 4).await.unwrap();
        lots += report.lots;
        if !report.more {
            break;
        }
    }
    assert_eq!(lots, 10);
}
