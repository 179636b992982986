//! Wallets at any instant, statements, histories of lots.

use choba_app::{AdjustBalance, AppError, HeldBalance, Statement, StatementQuery, Whose};
use choba_engine::market::LotKind;
use choba_engine::order::CancelBy;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::on_both;
use crate::support::{Bench, hanako, noon, rakuten, time};

on_both!(
    a_wallet_is_known_at_any_instant,
    a_renewed_balance_is_right_in_the_past_and_in_the_future,
    what_expires_when_is_told_by_month,
    a_statement_is_read_page_by_page_either_way,
    a_cursor_that_is_none_is_refused,
    the_history_of_a_lot_is_its_owners_only,
    the_journal_says_of_every_instant_what_the_lots_said_then,
);

fn shown(balances: &[HeldBalance]) -> Vec<String> {
    let mut shown: Vec<String> = balances
        .iter()
        .map(|held| {
            let kind = held.kind.map_or("none", |kind| match kind {
                LotKind::Limited => "limited",
                LotKind::Exchanged => "exchanged",
                LotKind::Ordinary => "ordinary",
            });
            let announced = held.announced.units();
            let announced = if announced > 0 { format!("({announced})") } else { String::new() };
            let (pending, available) = (held.pending.units(), held.available.units());
            let expired = held.expired.units();
            format!("{}:{kind} {announced}{pending}+{available}-{expired}", held.program)
        })
        .collect();
    shown.sort();
    shown
}

async fn at(bench: &Bench, whose: &Whose, at: Timestamp) -> Vec<String> {
    shown(&bench.counter.wallet_at(whose, at).await.unwrap().balances)
}

async fn at_text(bench: &Bench, text: &str) -> Vec<String> {
    at(bench, &hanako(), time(text)).await
}

async fn a_wallet_is_known_at_any_instant(bench: Bench) {
    bench.grant(&hanako(), "rakuten:limited", 300, Some("2026-12-31T23:59:59+09:00")).await;
    let later = noon() + SignedDuration::from_hours(1);
    let cart = rakuten().line("A@shop-a", 2_000, 1).stored("rakuten", 200).by("cod");
    bench.place(&hanako(), &cart, later).await;
    assert_eq!(at(&bench, &hanako(), noon() - SignedDuration::from_secs(1)).await, Vec::<String>::new());
    assert_eq!(at(&bench, &hanako(), noon()).await, ["rakuten:limited 0+300-0"]);
    assert_eq!(
        at_text(&bench, "2026-12-10T00:00:00+09:00").await,
        ["rakuten:limited 0+100-0", "rakuten:ordinary 18+0-0"]
    );
    assert_eq!(
        at_text(&bench, "2026-12-12T00:00:00+09:00").await,
        ["rakuten:limited 0+100-0", "rakuten:ordinary 0+18-0"]
    );
    assert_eq!(
        at_text(&bench, "2027-01-01T00:00:00+09:00").await,
        ["rakuten:limited 0+0-100", "rakuten:ordinary 0+18-0"]
    );
    let other = Whose::new("jiro", "rakuten-style");
    assert_eq!(at(&bench, &other, later).await, Vec::<String>::new());
}

async fn a_renewed_balance_is_right_in_the_past_and_in_the_future(bench: Bench) {
    bench.grant_at(&hanako(), "rakuten:ordinary", 100, None, noon()).await;
    assert_eq!(at_text(&bench, "2027-10-31T23:59:59+09:00").await, ["rakuten:ordinary 0+100-0"]);
    assert_eq!(at_text(&bench, "2027-11-01T00:00:00+09:00").await, ["rakuten:ordinary 0+0-100"]);
    let renewing = time("2027-10-20T00:00:00+09:00");
    bench.grant_at(&hanako(), "rakuten:ordinary", 5, None, renewing).await;
    assert_eq!(at_text(&bench, "2027-10-19T00:00:00+09:00").await, ["rakuten:ordinary 0+100-0"]);
    assert_eq!(at_text(&bench, "2027-11-01T00:00:00+09:00").await, ["rakuten:ordinary 0+105-0"]);
    assert_eq!(at_text(&bench, "2028-09-30T23:59:59+09:00").await, ["rakuten:ordinary 0+105-0"]);
    assert_eq!(at_text(&bench, "2028-10-01T00:00:00+09:00").await, ["rakuten:ordinary 0+0-105"]);
}

async fn what_expires_when_is_told_by_month(bench: Bench) {
    bench.grant(&hanako(), "rakuten:limited", 300, Some("2026-12-05T23:59:59+09:00")).await;
    bench.grant(&hanako(), "rakuten:limited", 40, Some("2026-12-31T23:59:59+09:00")).await;
    bench.grant(&hanako(), "rakuten:ordinary", 7, None).await;
    let wallet = bench.counter.wallet_at(&hanako(), noon()).await.unwrap();
    let rows = wallet.expiring.iter().map(|row| format!("{} {}", row.month.unwrap(), row.points.units()));
    assert_eq!(rows.collect::<Vec<_>>(), ["2026-12-01 340", "2027-10-01 7"]);
    let market = bench.counter.expiry_forecast("rakuten-style", noon()).await.unwrap();
    assert_eq!(market, wallet.expiring);
}

async fn page(bench: &Bench, query: &StatementQuery) -> Statement {
    bench.counter.statement(&hanako(), query).await.unwrap()
}

async fn all_rows(bench: &Bench, newest_first: bool, most: i64) -> Vec<String> {
    let mut query = StatementQuery { newest_first, most, ..StatementQuery::default() };
    let mut rows = Vec::new();
    loop {
        let statement = page(bench, &query).await;
        rows.extend(statement.rows.iter().map(|row| format!("{:+} = {}", row.points, row.balance)));
        match statement.next {
            Some(next) => query.after = Some(next),
            None => return rows,
        }
    }
}

async fn a_statement_is_read_page_by_page_either_way(bench: Bench) {
    for minute in 0..5 {
        let at = noon() + SignedDuration::from_mins(minute);
        bench.grant_at(&hanako(), "rakuten:limited", 10, Some("2026-12-31T23:59:59+09:00"), at).await;
    }
    let later = noon() + SignedDuration::from_hours(1);
    let cart = rakuten().line("A@shop-a", 2_000, 1).stored("rakuten", 25).by("cod");
    let order = bench.place(&hanako(), &cart, later).await;
    let oldest = all_rows(&bench, false, 2).await;
    let expected = ["+10 = 10", "+10 = 20", "+10 = 30", "+10 = 40", "+10 = 50", "-25 = 25", "+18 = 43"];
    assert_eq!(oldest, expected);
    let mut newest = all_rows(&bench, true, 3).await;
    newest.reverse();
    assert_eq!(newest, expected);
    let query = StatementQuery { newest_first: true, most: 1, ..StatementQuery::default() };
    let last = page(&bench, &query).await;
    assert_eq!(last.rows[0].order_number.as_deref(), Some(order.number.as_str()));
    let none = StatementQuery { program: Some("other".to_owned()), most: 10, ..StatementQuery::default() };
    assert_eq!(page(&bench, &none).await, Statement { rows: Vec::new(), next: None });
}

async fn a_cursor_that_is_none_is_refused(bench: Bench) {
    for after in ["", "x", "ä", "MQ"] {
        let query = StatementQuery { after: Some(after.to_owned()), most: 1, ..StatementQuery::default() };
        let refused = bench.counter.statement(&hanako(), &query).await;
        assert!(matches!(refused, Err(AppError::Field { ref field, .. }) if field == "/after"), "{after}");
    }
}

async fn the_history_of_a_lot_is_its_owners_only(bench: Bench) {
    let lot_id = bench.grant(&hanako(), "rakuten:limited", 300, Some("2026-12-31T23:59:59+09:00")).await;
    let cart = rakuten().line("A@shop-a", 2_000, 1).stored("rakuten", 200).by("cod");
    let order = bench.place(&hanako(), &cart, noon()).await;
    let story = bench.counter.lot_story(&hanako(), &lot_id).await.unwrap();
    let rows: Vec<_> = story.rows.iter().map(|row| (row.points, row.balance, row.order_id.clone())).collect();
    assert_eq!(rows, [(300, 300, None), (-200, 100, Some(order.order_id))]);
    for other in [Whose::new("jiro", "rakuten-style"), Whose::new("hanako", "amazon-style")] {
        let refused = bench.counter.lot_story(&other, &lot_id).await;
        assert!(matches!(refused, Err(AppError::NotFound { .. })));
    }
}

/// Something that happens to a wallet.
#[derive(Clone, Debug)]
enum Step {
    GrantLimited { points: i64, days: i64 },
    GrantOrdinary { points: i64 },
    Buy { price: i64, points: i64 },
    CancelLast,
    Take { points: i64 },
    Work,
    Wait { hours: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (1_i64..500, 0_i64..90).prop_map(|(points, days)| Step::GrantLimited { points, days }),
        2 => (1_i64..500).prop_map(|points| Step::GrantOrdinary { points }),
        3 => (300_i64..9_000, 0_i64..400).prop_map(|(price, points)| Step::Buy { price, points }),
        2 => Just(Step::CancelLast),
        1 => (1_i64..100).prop_map(|points| Step::Take { points }),
        1 => Just(Step::Work),
        4 => (1_i64..6_000).prop_map(|hours| Step::Wait { hours }),
    ]
}

struct Life<'b> {
    bench: &'b Bench,
    whose: Whose,
    now: Timestamp,
    orders: Vec<String>,
}

impl Life<'_> {
    async fn live(&mut self, step: &Step) {
        let (bench, whose) = (self.bench, self.whose.clone());
        self.now += SignedDuration::from_secs(1);
        match step {
            Step::GrantLimited { points, days } => {
                let ends = (self.now + SignedDuration::from_hours(24 * days)).to_string();
                bench.grant_at(&whose, "rakuten:limited", *points, Some(&ends), self.now).await;
            }
            Step::GrantOrdinary { points } => {
                bench.grant_at(&whose, "rakuten:ordinary", *points, None, self.now).await;
            }
            Step::Buy { price, points } => {
                let cart = rakuten().line("A@shop-a", *price, 1).by("cod");
                let cart = if *points > 0 { cart.stored("rakuten", *points) } else { cart };
                self.orders.push(bench.place(&whose, &cart, self.now).await.order_id);
            }
            Step::CancelLast => {
                let Some(order_id) = self.orders.pop() else { return };
                let by = CancelBy::Customer;
                let cancelled = bench.counter.cancel_order(
                    &whose.customer_id,
                    &order_id,
                    None,
                    by,
                    "customer",
                    None,
                    self.now,
                );
                cancelled.await.unwrap();
            }
            Step::Take { points } => {
                let take = AdjustBalance {
                    whose,
                    program: "rakuten".to_owned(),
                    kind: Some(LotKind::Ordinary),
                    points: -points,
                    expires_at: None,
                    reason: "test".to_owned(),
                    by: "keiko".to_owned(),
                    key: bench.key("adjust_balance", "test"),
                };
                // There may be too little.
                let _ = bench.counter.adjust_balance(take, self.now).await;
            }
            Step::Work => {
                bench.counter.do_what_is_due("worker", self.now, 1_000).await.unwrap();
            }
            Step::Wait { hours } => self.now += SignedDuration::from_hours(*hours),
        }
    }
}

async fn the_journal_says_of_every_instant_what_the_lots_said_then(bench: Bench) {
    let mut runner = TestRunner::deterministic();
    let lives = prop::collection::vec(step(), 1..30);
    for number in 0..15 {
        let steps = lives.new_tree(&mut runner).unwrap().current();
        let whose = Whose::new(&format!("customer-{number}"), "rakuten-style");
        let mut life = Life { bench: &bench, whose: whose.clone(), now: noon(), orders: Vec::new() };
        let mut seen = Vec::new();
        for step in &steps {
            life.live(step).await;
            let by_lots = shown(&bench.counter.balances_now(&whose, life.now).await.unwrap());
            assert_eq!(at(&bench, &whose, life.now).await, by_lots, "now, after {step:?} of {steps:?}");
            seen.push((life.now, by_lots));
        }
        for (then, by_lots) in &seen {
            assert_eq!(at(&bench, &whose, *then).await, *by_lots, "as of {then} in {steps:?}");
        }
    }
}
