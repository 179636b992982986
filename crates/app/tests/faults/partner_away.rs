//! Partners and a card provider that answer late, twice, never, or are away.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use choba_app::{AppError, Counter, LinkProgram, PlaceOutcome, PlacedOrder, Secrets, Whose};
use choba_engine::order::{CancelBy, Expected, PaymentState};
use choba_outside::scripted::{Scripted, Twist};
use choba_outside::{Answering, Ask, Counterparties, LookingUp, PartyName};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::clock_set_back::shipping;
use crate::on_both;
use crate::support::{Bench, Cart, Seeded, amazon, noon, sample, taro};
use crate::truth::{PARTNER, ask_until_all_is_answered, books_are_fine, ledger_of, options, outside_agrees};

on_both!(
    an_order_that_needs_no_partner_is_placed_while_the_partner_hangs,
    an_order_that_uses_a_partner_by_habit_is_placed_without_it_while_it_is_away,
    every_way_of_losing_an_answer_at_every_step_loses_and_doubles_nothing,
    a_caller_that_goes_away_while_a_partner_is_asked_leaves_nothing_held,
    a_card_that_was_asked_by_a_process_that_died_is_let_go,
    a_partner_that_answers_one_worker_and_is_away_for_another_holds_nothing,
    many_workers_at_once_do_each_thing_once,
);

/// Parties of which one may hang: it does what it is asked, and does not answer until it is let go.
struct Hanging {
    inner: Arc<Scripted>,
    party: &'static str,
    hangs: AtomicBool,
    asked: Notify,
    let_go: Notify,
}

impl Hanging {
    fn new(inner: &Arc<Scripted>, party: &'static str) -> Arc<Self> {
        let (inner, hangs) = (Arc::clone(inner), AtomicBool::new(true));
        Arc::new(Self { inner, party, hangs, asked: Notify::new(), let_go: Notify::new() })
    }
}

impl Counterparties for Hanging {
    fn ask<'a>(&'a self, party: &'a PartyName, key: &'a str, ask: &'a Ask) -> Answering<'a> {
        Box::pin(async move {
            let answer = self.inner.ask(party, key, ask).await;
            if party.as_str() == self.party && !ask.only_reads() && self.hangs.load(Ordering::SeqCst) {
                self.asked.notify_one();
                self.let_go.notified().await;
            }
            answer
        })
    }

    fn look_up<'a>(&'a self, party: &'a PartyName, key: &'a str, ask: &'a Ask) -> LookingUp<'a> {
        self.inner.look_up(party, key, ask)
    }
}

/// A process on the bench's database whose outside parties are these.
async fn process(bench: &Bench, outside: Arc<dyn Counterparties>, seed: u64) -> Counter {
    let (markets, secrets) = (vec![sample("amazon-style")], Secrets { codes: [7; 32] });
    let entropy = Arc::new(Seeded::new(seed));
    Counter::open(&bench.database.url, options(noon()), markets, outside, entropy, secrets).await.unwrap()
}

/// Links the partner's program.
pub async fn link(counter: &Counter, whose: &Whose) {
    let code = format!("LINK-mbr_{}-1", whose.customer_id);
    let link = LinkProgram {
        whose: whose.clone(),
        program: PARTNER.to_owned(),
        key: choba_app::Key::new("link", "link_program", PARTNER, code.as_bytes()).unwrap(),
        code: code.as_str().into(),
    };
    counter.link_program(link, noon()).await.unwrap();
}

fn with_points(price: i64, points: i64) -> Cart {
    amazon().line("X@amazon", price, 2).stored(PARTNER, points).by("card")
}

async fn cod(counter: &Counter, bench: &Bench, whose: &Whose, price: i64) -> Result<PlaceOutcome, AppError> {
    let cart = amazon().line("X@amazon", price, 1).by("cod");
    let total = bench.total(whose, &cart, noon()).await;
    let expected = Expected { total, ..Expected::default() };
    counter.place_order(bench.placing(whose, &cart, expected, &format!("cod-{price}")), noon()).await
}

fn later(minutes: i64) -> Timestamp {
    noon() + SignedDuration::from_mins(minutes)
}

async fn an_order_that_needs_no_partner_is_placed_while_the_partner_hangs(bench: Bench) {
    let hanging = Hanging::new(&bench.outside, PARTNER);
    let counter = process(&bench, Arc::clone(&hanging) as Arc<dyn Counterparties>, 7).await;
    let whose = taro();
    link(&bench.counter, &whose).await;
    let total = bench.total(&whose, &with_points(3_000, 100), noon()).await;
    let expected = Expected { total, ..Expected::default() };
    let placing = bench.placing(&whose, &with_points(3_000, 100), expected, "hangs");
    let waiting = tokio::spawn({
        let counter = counter.clone();
        async move { counter.place_order(placing, noon()).await }
    });
    hanging.asked.notified().await;
    // The same customer and others place orders; none of them waits.
    for (place, whose) in [taro(), Whose::new("jiro", "amazon-style")].iter().enumerate() {
        let price = 4_000 + i64::try_from(place).unwrap();
        let placed = cod(&counter, &bench, whose, price).await.unwrap();
        assert!(matches!(placed, PlaceOutcome::Placed(_, PaymentState::Authorised)), "{placed:?}");
    }
    assert!(!waiting.is_finished());
    hanging.hangs.store(false, Ordering::SeqCst);
    hanging.let_go.notify_waiters();
    let placed = waiting.await.unwrap().unwrap();
    assert!(matches!(placed, PlaceOutcome::Placed(_, PaymentState::Authorised)), "{placed:?}");
    ask_until_all_is_answered(&counter, later(1)).await;
    outside_agrees(&counter, &ledger_of(&bench.outside), &[whose]).await;
    books_are_fine(&counter).await;
}

async fn an_order_that_uses_a_partner_by_habit_is_placed_without_it_while_it_is_away(bench: Bench) {
    let whose = taro();
    link(&bench.counter, &whose).await;
    bench.counter.always_use_program(&whose, PARTNER, true, noon()).await.unwrap();
    bench.outside.next(Some(PARTNER), Some("balance"), Twist::Away);
    bench.outside.next(Some(PARTNER), Some("balance"), Twist::LoseAnswer);
    let cart = amazon().line("X@amazon", 5_000, 1).by("card");
    let order = bench.place(&whose, &cart, noon()).await;
    let kept = bench.order(&whose, &order.order_id).await.order;
    assert_eq!(kept.payment.promised, kept.total);
    // Who names it is told instead.
    bench.outside.next(Some(PARTNER), Some("balance"), Twist::Away);
    let placing = bench.placing(&whose, &with_points(3_000, 100), Expected::default(), "named");
    let refused = bench.counter.place_order(placing, noon()).await;
    assert!(matches!(refused, Err(AppError::PartyUnavailable { .. })), "{refused:?}");
}

/// Who is asked what in the life of an order with points and a card, a part of it cancelled.
const STEPS: [(&str, &str); 6] = [
    (PARTNER, "hold"),
    ("card", "authorise"),
    (PARTNER, "hold_capture"),
    ("card", "capture"),
    ("card", "refund"),
    (PARTNER, "credit"),
];

fn twists() -> Vec<Vec<Twist>> {
    vec![
        vec![Twist::LoseAnswer],
        vec![Twist::LoseRequest],
        vec![Twist::Late],
        vec![Twist::Twice],
        vec![Twist::Away],
        vec![Twist::LoseAnswer, Twist::Away],
        vec![Twist::Late, Twist::Away, Twist::LoseAnswer],
        vec![Twist::LoseRequest, Twist::LoseRequest, Twist::Twice],
    ]
}

/// Places an order, ships one, cancels the other, refunds a part; whatever is refused on the way ends there.
async fn live(bench: &Bench, whose: &Whose, price: i64) {
    let counter = &bench.counter;
    let PlaceOutcome::Placed(order, _) = bench.try_place(whose, &with_points(price, 700), noon()).await
    else {
        return;
    };
    bench.outside.deliver_late();
    counter.ask_what_is_open(later(1), 100).await.unwrap();
    bench.outside.deliver_late();
    ask_until_all_is_answered(counter, later(20)).await;
    let PlacedOrder { order_id, .. } = order;
    if counter.ship_order(shipping(whose, &order_id, 1), later(30)).await.is_err() {
        return;
    }
    bench.outside.deliver_late();
    counter.ask_what_is_open(later(31), 100).await.unwrap();
    let by = CancelBy::Seller;
    counter.cancel_order(&whose.customer_id, &order_id, None, by, "amazon", None, later(40)).await.unwrap();
    let amount = choba_engine::money::Money::new(900);
    let refund = counter.refund_by_staff(&whose.customer_id, &order_id, "1", amount, "sato", None, later(41));
    refund.await.unwrap();
    bench.outside.deliver_late();
}

async fn every_way_of_losing_an_answer_at_every_step_loses_and_doubles_nothing(bench: Bench) {
    let whose = taro();
    link(&bench.counter, &whose).await;
    let mut price = 3_000;
    for (party, operation) in STEPS {
        for twists in twists() {
            for twist in twists {
                bench.outside.next(Some(party), Some(operation), twist);
            }
            price += 1;
            live(&bench, &whose, price).await;
            // What an order never came to be asked is not for the next one.
            bench.outside.as_usual();
            ask_until_all_is_answered(&bench.counter, later(50)).await;
            bench.outside.deliver_late();
            outside_agrees(&bench.counter, &ledger_of(&bench.outside), std::slice::from_ref(&whose)).await;
        }
    }
    books_are_fine(&bench.counter).await;
}

/// The partner holds the points, and whoever had asked is gone; then the partner is away for a while.
async fn a_caller_that_goes_away_while_a_partner_is_asked_leaves_nothing_held(bench: Bench) {
    asked_by_one_that_died(bench, PARTNER).await;
}

async fn a_card_that_was_asked_by_a_process_that_died_is_let_go(bench: Bench) {
    asked_by_one_that_died(bench, "card").await;
}

async fn asked_by_one_that_died(bench: Bench, party: &'static str) {
    let hanging = Hanging::new(&bench.outside, party);
    let counter = process(&bench, Arc::clone(&hanging) as Arc<dyn Counterparties>, 7).await;
    let whose = taro();
    link(&bench.counter, &whose).await;
    let total = bench.total(&whose, &with_points(3_000, 100), noon()).await;
    let expected = Expected { total, ..Expected::default() };
    let placing = bench.placing(&whose, &with_points(3_000, 100), expected, "dies");
    let waiting = tokio::spawn(async move { counter.place_order(placing, noon()).await });
    hanging.asked.notified().await;
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    bench.outside.next(Some(party), None, Twist::Away);
    bench.outside.next(Some(party), None, Twist::Away);
    bench.counter.ask_what_is_open(later(1), 100).await.unwrap();
    ask_until_all_is_answered(&bench.counter, later(2)).await;
    outside_agrees(&bench.counter, &ledger_of(&bench.outside), &[whose]).await;
    books_are_fine(&bench.counter).await;
}

/// One process has asked and waits for the answer, while the worker of another asks as well and is turned away.
async fn a_partner_that_answers_one_worker_and_is_away_for_another_holds_nothing(bench: Bench) {
    let hanging = Hanging::new(&bench.outside, PARTNER);
    let counter = process(&bench, Arc::clone(&hanging) as Arc<dyn Counterparties>, 7).await;
    let whose = taro();
    link(&bench.counter, &whose).await;
    let total = bench.total(&whose, &with_points(3_000, 100), noon()).await;
    let expected = Expected { total, ..Expected::default() };
    let placing = bench.placing(&whose, &with_points(3_000, 100), expected, "both");
    let waiting = tokio::spawn(async move { counter.place_order(placing, noon()).await });
    hanging.asked.notified().await;
    bench.outside.next(Some(PARTNER), None, Twist::Away);
    bench.counter.ask_what_is_open(later(1), 100).await.unwrap();
    hanging.hangs.store(false, Ordering::SeqCst);
    hanging.let_go.notify_waiters();
    waiting.await.unwrap().unwrap();
    ask_until_all_is_answered(&bench.counter, later(2)).await;
    outside_agrees(&bench.counter, &ledger_of(&bench.outside), &[whose]).await;
    books_are_fine(&bench.counter).await;
}

async fn many_workers_at_once_do_each_thing_once(bench: Bench) {
    let customers: Vec<Whose> =
        (0..8).map(|number| Whose::new(&format!("c{number}"), "amazon-style")).collect();
    for (place, whose) in customers.iter().enumerate() {
        link(&bench.counter, whose).await;
        for turn in 0..4 {
            let cart = with_points(3_000 + turn, 100 + i64::try_from(place).unwrap());
            let total = bench.total(whose, &cart, noon()).await;
            let expected = Expected { total, ..Expected::default() };
            let placing = bench.placing(whose, &cart, expected, &format!("later-{turn}"));
            bench.counter.place_and_ask_later(placing, noon()).await.unwrap();
        }
    }
    let mut workers = JoinSet::new();
    for seed in 0..4 {
        let worker = if seed % 2 == 0 { bench.counter.clone() } else { bench.another(seed + 50).await };
        workers.spawn(async move { worker.ask_what_is_open(later(1), 1_000).await.unwrap() });
    }
    workers.join_all().await;
    ask_until_all_is_answered(&bench.counter, later(2)).await;
    outside_agrees(&bench.counter, &ledger_of(&bench.outside), &customers).await;
    assert_eq!(books_are_fine(&bench.counter).await.orders, 32);
}
