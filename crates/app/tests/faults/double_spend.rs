//! The same value spent by many at once.

use std::sync::Arc;

use choba_app::{Counter, PlaceOutcome, Whose};
use choba_engine::money::Money;
use choba_engine::order::{Expected, TenderName};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::on_both;
use crate::support::{Bench, Cart, amazon, hanako, noon, rakuten, taro};
use crate::truth::{ask_until_all_is_answered, books_are_fine, ledger_of, orders_of, outside_agrees};

on_both!(
    of_a_thousand_orders_for_a_gift_balance_exactly_those_it_pays_are_placed,
    of_a_thousand_orders_for_points_in_many_lots_exactly_those_they_pay_are_placed,
    two_processes_spend_one_balance_once,
    all_of_a_balance_goes_to_whoever_comes_first_and_a_card_pays_the_rest,
    one_key_sent_by_many_at_once_is_one_order,
    what_ends_soonest_is_spent_first_however_many_lots_never_end,
);

const TASKS: usize = 64;

/// What came of many orders.
#[derive(Default)]
struct Outcomes {
    placed: Vec<String>,
    refused: Vec<Value>,
}

/// Places a cart so many times, from 64 tasks spread over the counters, each with a key of its own.
async fn place_at_once(
    bench: Bench,
    counters: &[Counter],
    whose: &Whose,
    cart: &Cart,
    count: usize,
) -> (Bench, Outcomes) {
    let total = bench.total(whose, cart, noon()).await;
    let bench = Arc::new(bench);
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let (bench, counter) = (Arc::clone(&bench), counters[task % counters.len()].clone());
        let (whose, cart) = (whose.clone(), cart.clone());
        tasks.spawn(async move {
            let mut outcomes = Vec::new();
            for turn in (task..count).step_by(TASKS) {
                let expected = Expected { total, ..Expected::default() };
                let placing = bench.placing(&whose, &cart, expected, &format!("once-{turn}"));
                outcomes.push(counter.place_order(placing, noon()).await.unwrap());
            }
            outcomes
        });
    }
    let mut outcomes = Outcomes::default();
    for outcome in tasks.join_all().await.into_iter().flatten() {
        match outcome {
            PlaceOutcome::Placed(order, _) => outcomes.placed.push(order.order_id),
            PlaceOutcome::NewQuote(quote) => outcomes.refused.push(serde_json::from_str(&quote).unwrap()),
            refused @ PlaceOutcome::PaymentRefused { .. } => panic!("{refused:?}"),
        }
    }
    (Arc::into_inner(bench).unwrap(), outcomes)
}

async fn available(counter: &Counter, whose: &Whose) -> i64 {
    let balances = counter.balances_now(whose, noon()).await.unwrap();
    balances.iter().map(|balance| balance.available.units()).sum()
}

/// What stored value paid of all orders, in yen.
async fn paid_by(counter: &Counter, whose: &Whose, program: &str) -> i64 {
    let program = TenderName::Program(program.to_owned());
    let orders = orders_of(counter, whose).await;
    let tenders = orders.iter().flat_map(|order| &order.tenders);
    tenders.filter(|tender| tender.tender == program).map(|tender| tender.amount.units()).sum()
}

async fn of_a_thousand_orders_for_a_gift_balance_exactly_those_it_pays_are_placed(bench: Bench) {
    let whose = taro();
    for _ in 0..5 {
        bench.grant(&whose, "gift", 20_000, Some("2036-11-21T23:59:59+09:00")).await;
    }
    let cart = amazon().line("X:digital@amazon", 400, 1).stored("gift", "all");
    let counters = [bench.counter.clone()];
    let (bench, outcomes) = place_at_once(bench, &counters, &whose, &cart, 1_000).await;
    assert_eq!((outcomes.placed.len(), outcomes.refused.len()), (250, 750));
    assert!(outcomes.refused.iter().all(|quote| quote["due"] == 400), "{:#}", outcomes.refused[0]);
    assert_eq!(available(&bench.counter, &whose).await, 0);
    assert_eq!(paid_by(&bench.counter, &whose, "gift").await, 100_000);
    assert_eq!(books_are_fine(&bench.counter).await.orders, 250);
}

async fn of_a_thousand_orders_for_points_in_many_lots_exactly_those_they_pay_are_placed(bench: Bench) {
    let whose = hanako();
    // More lots than are loaded at first, of sizes that no price fits.
    let lots = [37, 113, 271, 7, 89, 401, 3, 59].iter().cycle().take(80);
    let mut held = 0;
    for (place, points) in lots.enumerate() {
        let (kind, end) = match place % 2 {
            0 => ("rakuten:limited", Some("2026-12-31T23:59:59+09:00")),
            _ => ("rakuten:ordinary", None),
        };
        bench.grant(&whose, kind, *points, end).await;
        held += points;
    }
    let cart = rakuten().line("A:digital@shop-a", 170, 1).stored("rakuten", 170);
    let counters = [bench.counter.clone()];
    let (bench, outcomes) = place_at_once(bench, &counters, &whose, &cart, 1_000).await;
    let total = bench.total(&whose, &cart, noon()).await.units();
    assert_eq!(total, 170, "nothing but the goods is paid");
    assert_eq!(i64::try_from(outcomes.placed.len()).unwrap(), held / 170);
    assert_eq!(outcomes.placed.len() + outcomes.refused.len(), 1_000);
    assert!(outcomes.refused.iter().all(|quote| quote["due"].as_i64().unwrap() > 0));
    assert_eq!(paid_by(&bench.counter, &whose, "rakuten").await, held / 170 * 170);
    books_are_fine(&bench.counter).await;
}

async fn two_processes_spend_one_balance_once(bench: Bench) {
    let whose = taro();
    bench.grant(&whose, "gift", 40_100, Some("2036-11-21T23:59:59+09:00")).await;
    let cart = amazon().line("X:digital@amazon", 400, 1).stored("gift", 400);
    let counters = [bench.counter.clone(), bench.another(2).await];
    let (bench, outcomes) = place_at_once(bench, &counters, &whose, &cart, 1_000).await;
    assert_eq!((outcomes.placed.len(), outcomes.refused.len()), (100, 900));
    assert!(outcomes.refused.iter().all(|quote| quote["due"] == 300));
    assert_eq!(available(&bench.counter, &whose).await, 100);
    assert_eq!(books_are_fine(&bench.counter).await.orders, 100);
}

async fn all_of_a_balance_goes_to_whoever_comes_first_and_a_card_pays_the_rest(bench: Bench) {
    let whose = taro();
    bench.grant(&whose, "gift", 10_050, Some("2036-11-21T23:59:59+09:00")).await;
    let cart = amazon().line("X:digital@amazon", 400, 1).stored("gift", "all").by("card");
    let counters = [bench.counter.clone(), bench.another(2).await];
    let (bench, outcomes) = place_at_once(bench, &counters, &whose, &cart, 128).await;
    assert_eq!(outcomes.placed.len(), 128);
    assert_eq!(paid_by(&bench.counter, &whose, "gift").await, 10_050);
    assert_eq!(available(&bench.counter, &whose).await, 0);
    ask_until_all_is_answered(&bench.counter, noon()).await;
    outside_agrees(&bench.counter, &ledger_of(&bench.outside), &[whose]).await;
    books_are_fine(&bench.counter).await;
}

async fn one_key_sent_by_many_at_once_is_one_order(bench: Bench) {
    let whose = taro();
    bench.grant(&whose, "gift", 10_000, Some("2036-11-21T23:59:59+09:00")).await;
    let cart = amazon().line("X:digital@amazon", 400, 1).stored("gift", 400);
    let expected = Expected { total: Money::new(400), ..Expected::default() };
    let counters = [bench.counter.clone(), bench.another(2).await];
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let counter = counters[task % 2].clone();
        let placing = bench.placing(&whose, &cart, expected.clone(), "the-one-key");
        tasks.spawn(async move { counter.place_order(placing, noon()).await });
    }
    let ids = tasks.join_all().await.into_iter().map(|outcome| match outcome.unwrap() {
        PlaceOutcome::Placed(order, _) => order.order_id,
        other => panic!("{other:?}"),
    });
    let mut ids: Vec<String> = ids.collect();
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(orders_of(&bench.counter, &whose).await.len(), 1);
    assert_eq!(available(&bench.counter, &whose).await, 9_600);
}

/// More lots than are loaded at first.
async fn what_ends_soonest_is_spent_first_however_many_lots_never_end(bench: Bench) {
    let whose = taro();
    for _ in 0..60 {
        bench.grant(&whose, "gift", 100, None).await;
    }
    let ends = bench.grant(&whose, "gift", 100, Some("2026-12-01T23:59:59+09:00")).await;
    let cart = amazon().line("X:digital@amazon", 100, 1).stored("gift", "all");
    let order = bench.place(&whose, &cart, noon()).await;
    let kept = bench.order(&whose, &order.order_id).await.order;
    let used: Vec<&str> = kept.tenders[0].lots.iter().map(|lot| lot.lot_id.as_str()).collect();
    assert_eq!(used, [ends]);
}
