//! Coupons that customers hold, and quotas that all of them share.

use choba_app::{AppError, Counter, KnownMarket, PlaceOutcome, PlacedOrder, QuotaReport, Whose};
use choba_engine::money::Money;
use choba_engine::order::{CancelBy, Expected, PaymentState};
use choba_formats::market_files;
use choba_store::books::{QuotaUse, Quotas};
use choba_store::sql::{Decided, Read, Row, Statement, StoreError, Type, Value, Work};
use jiff::{SignedDuration, Timestamp};

use crate::on_both;
use crate::support::{Bench, Cart, all_rows, hanako, noon, rakuten};

on_both!(
    a_coupon_given_twice_is_held_once,
    a_coupon_that_the_market_does_not_have_is_not_given,
    of_two_hundred_who_place_at_once_fifty_have_the_coupon,
    two_processes_share_a_quota,
    the_last_use_is_placed_by_who_reserved_it,
    a_use_that_an_order_does_not_need_is_given_back,
    a_reservation_without_an_order_lapses,
    a_lapsed_reservation_places_nothing,
    a_refused_payment_gives_the_use_back,
    a_cancelled_order_gives_the_use_back_where_the_coupon_comes_back,
    a_repeated_key_is_answered_when_the_quota_is_used_up,
    reserving_twice_for_one_order_counts_once,
);

static COUNT: Statement = Statement::new(
    "test: uses of a coupon",
    &[("coupon_id", Type::Text)],
    "SELECT :row, q.taken, count(u.order_id) FROM {rows} JOIN quotas AS q ON q.coupon_id = :coupon_id
     LEFT JOIN quota_uses AS u ON u.coupon_id = q.coupon_id GROUP BY :row, q.taken",
);

/// 500 yen off at shop A for the first so many.
async fn open_market(bench: &Bench, quota: i64, coupons_return: bool) {
    open_market_at(&bench.counter, quota, coupons_return).await;
}

async fn open_market_at(counter: &Counter, quota: i64, coupons_return: bool) {
    let files = market_files::sample("rakuten-style").unwrap().into_iter().map(|file| {
        let text = match &*file.path {
            path if path.ends_with("coupons.toml") => format!(
                "{}\n[coupons.FEW]\nname = {{ ja = \"先着\", en = \"first come\" }}\nyen = 500\n\
                 store = \"shop-a\"\nquota = {quota}\n",
                file.text
            ),
            _ => file.text.replace("coupons_return = false", &format!("coupons_return = {coupons_return}")),
        };
        (file.path, text)
    });
    let known = KnownMarket::from_files(files.collect()).unwrap();
    counter.open_market(known, noon()).await.unwrap();
}

fn with_coupon() -> Cart {
    rakuten().line("A@shop-a", 4_000, 1).coupon("FEW").by("card")
}

fn customer(number: usize) -> Whose {
    Whose::new(&format!("customer-{number:03}"), "rakuten-style")
}

/// Places with the coupon, expecting what it takes off.
async fn place(bench: &Bench, whose: &Whose, at: Timestamp) -> PlaceOutcome {
    let expected = Expected { total: Money::new(3_500), ..Expected::default() };
    let key = format!("{} {}", whose.customer_id, at.as_millisecond()).replace(' ', "-");
    let placing = bench.placing(whose, &with_coupon(), expected, &key);
    bench.counter.place_order(placing, at).await.unwrap()
}

async fn placed(bench: &Bench, whose: &Whose) -> PlacedOrder {
    match place(bench, whose, noon()).await {
        PlaceOutcome::Placed(order, PaymentState::Authorised) => order,
        other => panic!("expected an order, found {other:?}"),
    }
}

fn is_used_up(outcome: &PlaceOutcome) -> bool {
    matches!(outcome, PlaceOutcome::NewQuote(quote) if quote.contains("quota_used_up"))
}

/// What is counted, and the rows there are.
async fn uses(bench: &Bench) -> (i64, i64) {
    let row = all_rows(&bench.counter, &COUNT, vec![Value::from("FEW")]).await.remove(0);
    (row.int(0).unwrap(), row.int(1).unwrap())
}

async fn a_coupon_given_twice_is_held_once(bench: Bench) {
    open_market(&bench, 1, false).await;
    for _ in 0..2 {
        bench.counter.give_coupon(&hanako(), "FEW", noon()).await.unwrap();
    }
    placed(&bench, &hanako()).await;
    bench.counter.give_coupon(&hanako(), "FEW", noon()).await.unwrap();
    let held = bench.counter.coupons_of(&hanako()).await.unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!((&*held[0].coupon_id, held[0].uses, held[0].uses_by_all), ("FEW", 1, 1));
}

async fn a_coupon_that_the_market_does_not_have_is_not_given(bench: Bench) {
    let refused = bench.counter.give_coupon(&hanako(), "NONE", noon()).await;
    assert!(matches!(refused, Err(AppError::NotFound { what: "coupon", .. })));
    assert_eq!(bench.counter.coupons_of(&hanako()).await, Ok(Vec::new()));
}

async fn of_two_hundred_who_place_at_once_fifty_have_the_coupon(bench: Bench) {
    open_market(&bench, 50, false).await;
    for number in 0..200 {
        bench.counter.give_coupon(&customer(number), "FEW", noon()).await.unwrap();
    }
    let mut tasks = Vec::new();
    for number in 0..200 {
        let expected = Expected { total: Money::new(3_500), ..Expected::default() };
        let placing = bench.placing(&customer(number), &with_coupon(), expected, "k");
        let counter = bench.counter.clone();
        tasks.push(tokio::spawn(async move { counter.place_order(placing, noon()).await }));
    }
    let (mut placed, mut refused) = (0, 0);
    for task in tasks {
        match task.await.unwrap().unwrap() {
            PlaceOutcome::Placed(..) => placed += 1,
            other => {
                assert!(is_used_up(&other), "{other:?}");
                refused += 1;
            }
        }
    }
    assert_eq!((placed, refused), (50, 150));
    assert_eq!(uses(&bench).await, (50, 50));
}

async fn two_processes_share_a_quota(bench: Bench) {
    open_market(&bench, 7, false).await;
    let another = bench.another(2).await;
    open_market_at(&another, 7, false).await;
    for number in 0..20 {
        bench.counter.give_coupon(&customer(number), "FEW", noon()).await.unwrap();
    }
    let mut tasks = Vec::new();
    for number in 0..20 {
        let expected = Expected { total: Money::new(3_500), ..Expected::default() };
        let placing = bench.placing(&customer(number), &with_coupon(), expected, "k");
        let counter = if number % 2 == 0 { bench.counter.clone() } else { another.clone() };
        tasks.push(tokio::spawn(async move { counter.place_order(placing, noon()).await }));
    }
    let mut placed = 0;
    for task in tasks {
        placed += usize::from(matches!(task.await.unwrap().unwrap(), PlaceOutcome::Placed(..)));
    }
    assert_eq!(placed, 7);
    assert_eq!(uses(&bench).await, (7, 7));
}

async fn the_last_use_is_placed_by_who_reserved_it(bench: Bench) {
    open_market(&bench, 2, false).await;
    for number in 0..3 {
        bench.counter.give_coupon(&customer(number), "FEW", noon()).await.unwrap();
    }
    let order = placed(&bench, &customer(0)).await;
    assert_eq!(bench.order(&customer(0), &order.order_id).await.order.coupons, ["FEW"]);
    placed(&bench, &customer(1)).await;
    assert!(is_used_up(&place(&bench, &customer(2), noon()).await));
    assert_eq!(uses(&bench).await, (2, 2));
}

async fn a_use_that_an_order_does_not_need_is_given_back(bench: Bench) {
    open_market(&bench, 1, false).await;
    bench.counter.give_coupon(&hanako(), "FEW", noon()).await.unwrap();
    let elsewhere = rakuten().line("B@shop-b", 5_000, 1).coupon("FEW").by("card");
    bench.place(&hanako(), &elsewhere, noon()).await;
    assert_eq!(uses(&bench).await, (0, 0));
    let expected = Expected { total: Money::new(1), ..Expected::default() };
    let other = bench.placing(&hanako(), &with_coupon(), expected, "other");
    let outcome = bench.counter.place_order(other, noon()).await.unwrap();
    assert!(matches!(outcome, PlaceOutcome::NewQuote(_)) && !is_used_up(&outcome));
    assert_eq!(uses(&bench).await, (0, 0));
    placed(&bench, &hanako()).await;
    assert_eq!(uses(&bench).await, (1, 1));
}

fn of_order(order_id: &str) -> QuotaUse {
    QuotaUse {
        market: "rakuten-style".to_owned(),
        coupon_id: "FEW".to_owned(),
        order_id: order_id.to_owned(),
    }
}

/// Takes the first step of placing and no other.
async fn only_reserve(bench: &Bench, order_id: &str) -> bool {
    let quotas = Quotas::default();
    quotas.reserve(bench.counter.store(), &of_order(order_id), "whoever", 1, noon()).await.unwrap()
}

async fn a_reservation_without_an_order_lapses(bench: Bench) {
    open_market(&bench, 1, false).await;
    bench.counter.give_coupon(&hanako(), "FEW", noon()).await.unwrap();
    assert!(only_reserve(&bench, "ord_lost").await);
    assert!(is_used_up(&place(&bench, &hanako(), noon()).await));
    let minute = |count| noon() + SignedDuration::from_mins(count);
    assert_eq!(bench.counter.tidy_quotas(minute(5), 10).await, Ok(QuotaReport::default()));
    let report = QuotaReport { lapsed: 1, returned: 0 };
    assert_eq!(bench.counter.tidy_quotas(minute(6), 10).await, Ok(report));
    assert_eq!(uses(&bench).await, (0, 0));
    placed(&bench, &hanako()).await;
    assert_eq!(bench.counter.tidy_quotas(minute(60), 10).await, Ok(QuotaReport::default()));
    assert_eq!(uses(&bench).await, (1, 1));
}

/// What an order writes that was placed with a reservation.
struct Confirm;

impl Work for Confirm {
    type Answer = ();

    fn key(&self) -> &str {
        "whoever"
    }

    fn reads(&self) -> Vec<Read> {
        Vec::new()
    }

    fn decide(&mut self, _: &[Vec<Row>]) -> Result<Decided<()>, StoreError> {
        Ok(Decided::Write(vec![of_order("ord_slow").confirmed()], ()))
    }
}

async fn a_lapsed_reservation_places_nothing(bench: Bench) {
    open_market(&bench, 1, false).await;
    assert!(only_reserve(&bench, "ord_slow").await);
    let late = noon() + SignedDuration::from_mins(6);
    bench.counter.tidy_quotas(late, 10).await.unwrap();
    let confirmed = bench.counter.store().perform(Confirm).await;
    assert!(matches!(confirmed, Err(StoreError::Conflict { .. })));
    assert_eq!(uses(&bench).await, (0, 0));
}

async fn a_refused_payment_gives_the_use_back(bench: Bench) {
    open_market(&bench, 1, false).await;
    bench.counter.give_coupon(&hanako(), "FEW", noon()).await.unwrap();
    let expected = Expected { total: Money::new(3_500), ..Expected::default() };
    let mut declined = bench.placing(&hanako(), &with_coupon(), expected, "declined");
    declined.card_token = Some("tok_declined".to_owned());
    let outcome = bench.counter.place_order(declined, noon()).await.unwrap();
    assert!(matches!(outcome, PlaceOutcome::PaymentRefused { .. }), "{outcome:?}");
    assert_eq!(bench.counter.coupons_of(&hanako()).await.unwrap()[0].uses_by_all, 0);
    placed(&bench, &hanako()).await;
    assert_eq!(uses(&bench).await, (1, 1));
}

async fn a_cancelled_order_gives_the_use_back_where_the_coupon_comes_back(bench: Bench) {
    for (coupons_return, number) in [(false, 1), (true, 2)] {
        open_market(&bench, 2, coupons_return).await;
        let whose = customer(number);
        bench.counter.give_coupon(&whose, "FEW", noon()).await.unwrap();
        let order = placed(&bench, &whose).await;
        let by = CancelBy::Customer;
        let cancelling = bench.counter.cancel_order(
            &whose.customer_id,
            &order.order_id,
            None,
            by,
            "customer",
            None,
            noon(),
        );
        cancelling.await.unwrap();
    }
    let held = bench.counter.coupons_of(&customer(2)).await.unwrap();
    assert_eq!((held[0].uses, held[0].uses_by_all), (0, 1));
    assert_eq!(uses(&bench).await, (2, 2));
    let report = QuotaReport { lapsed: 0, returned: 1 };
    assert_eq!(bench.counter.tidy_quotas(noon(), 10).await, Ok(report));
    assert_eq!(uses(&bench).await, (1, 1));
}

async fn a_repeated_key_is_answered_when_the_quota_is_used_up(bench: Bench) {
    open_market(&bench, 1, false).await;
    bench.counter.give_coupon(&hanako(), "FEW", noon()).await.unwrap();
    let order = placed(&bench, &hanako()).await;
    assert_eq!(placed(&bench, &hanako()).await, order);
    assert_eq!(uses(&bench).await, (1, 1));
}

async fn reserving_twice_for_one_order_counts_once(bench: Bench) {
    open_market(&bench, 1, false).await;
    assert!(only_reserve(&bench, "ord_one").await);
    assert!(only_reserve(&bench, "ord_one").await);
    assert!(!only_reserve(&bench, "ord_two").await);
    assert_eq!(uses(&bench).await, (1, 1));
}
