//! Reports over all customers.

use std::collections::BTreeMap;

use choba_app::{LiabilityReport, ProgramLiability, SellerPayable, Whose};
use choba_engine::money::Money;
use choba_engine::order::CancelBy;
use choba_store::books::{lot_sums, next_range};
use jiff::{SignedDuration, Timestamp};

use crate::on_both;
use crate::support::{Bench, noon, rakuten, ship_and_deliver, time};

on_both!(
    what_is_owed_is_known_at_any_instant,
    liability_is_the_sum_of_all_wallets,
    each_month_tells_what_was_granted_spent_and_expired,
    each_month_tells_what_ways_of_paying_paid_and_got_back,
    the_forecast_of_the_market_is_the_sum_of_all_wallets,
    uses_of_coupons_are_counted,
    a_market_without_customers_owes_nothing,
    ranges_of_customers_leave_nobody_out_and_count_nobody_twice,
);

const MARKET: &str = "rakuten-style";

fn customer(number: usize) -> Whose {
    Whose::new(&format!("customer-{number}"), MARKET)
}

fn hours(hours: i64) -> Timestamp {
    noon() + SignedDuration::from_hours(hours)
}

/// Some customers with points of both kinds; every other one buys, every fourth cancels.
async fn populate(bench: &Bench) {
    for number in 0..8 {
        let whose = customer(number);
        let points = 100 + i64::try_from(number).unwrap();
        let ends = Some("2026-12-31T23:59:59+09:00");
        bench.grant_at(&whose, "rakuten:limited", points, ends, hours(0)).await;
        bench.grant_at(&whose, "rakuten:ordinary", 50, None, hours(1)).await;
        if number % 2 == 0 {
            let cart = rakuten().line("A@shop-a", 4_000, 1).stored("rakuten", 120).by("cod");
            let order = bench.place(&whose, &cart, hours(2)).await;
            if number % 4 == 0 {
                let by = CancelBy::Customer;
                let cancelled = bench.counter.cancel_order(
                    &whose.customer_id,
                    &order.order_id,
                    None,
                    by,
                    "customer",
                    None,
                    hours(3),
                );
                cancelled.await.unwrap();
            }
        }
    }
}

async fn liability(bench: &Bench, at: Timestamp) -> LiabilityReport {
    bench.counter.liability_report(MARKET, at).await.unwrap()
}

async fn what_is_owed_is_known_at_any_instant(bench: Bench) {
    populate(&bench).await;
    assert_eq!(liability(&bench, noon() - SignedDuration::from_secs(1)).await.programs, []);
    let before = liability(&bench, hours(1)).await;
    let granted = ProgramLiability {
        program: "rakuten".to_owned(),
        available: 828 + 400,
        worth: 1_228,
        ..ProgramLiability::default()
    };
    assert_eq!(before.programs, [granted]);
    assert_eq!(before.sellers, []);
    let bought = liability(&bench, hours(2)).await;
    assert_eq!(bought.programs[0].available, 1_228 - 4 * 120);
    assert_eq!(bought.programs[0].pending, 4 * 36);
    assert_eq!(bought.sellers, [SellerPayable { seller: "shop-a".to_owned(), amount: 16_000 }]);
    let cancelled = liability(&bench, hours(3)).await;
    assert_eq!(cancelled.programs[0].available, 1_228 - 2 * 120);
    assert_eq!(cancelled.sellers[0].amount, 8_000);
    let ended = liability(&bench, time("2027-01-01T00:00:00+09:00")).await;
    assert!(ended.programs[0].ended > 0);
}

async fn liability_is_the_sum_of_all_wallets(bench: Bench) {
    populate(&bench).await;
    for at in [hours(0), hours(1), hours(2), hours(3), time("2026-12-12T00:00:00+09:00")] {
        let (mut pending, mut available) = (0, 0);
        for number in 0..8 {
            for held in bench.counter.wallet_at(&customer(number), at).await.unwrap().balances {
                pending += held.announced.units() + held.pending.units();
                available += held.available.units();
            }
        }
        let report = liability(&bench, at).await;
        assert_eq!((report.programs[0].pending, report.programs[0].available), (pending, available), "{at}");
    }
}

async fn each_month_tells_what_was_granted_spent_and_expired(bench: Bench) {
    populate(&bench).await;
    let at = time("2027-01-01T00:00:00+09:00");
    bench.counter.do_what_is_due("worker", time("2026-12-20T00:00:00+09:00"), 1_000).await.unwrap();
    bench.counter.do_what_is_due("worker", at, 1_000).await.unwrap();
    let from = time("2026-11-01T00:00:00+09:00");
    let until = time("2027-02-01T00:00:00+09:00");
    let months = bench.counter.value_report(MARKET, from, until).await.unwrap();
    let shown: Vec<String> = months
        .iter()
        .map(|row| {
            let (granted, back) = (row.granted, row.taken_back);
            format!("{} +{granted} -{back} spent {} back {}", row.month, row.spent, row.returned)
        })
        .collect();
    assert_eq!(shown, ["2026-11-01 +1372 -72 spent 480 back 240", "2027-01-01 +0 -0 spent 0 back 0"]);
    // Those who bought and kept used their limited points first.
    assert_eq!(months[1].expired, 828 - 102 - 106);
    let first_hour = bench.counter.value_report(MARKET, hours(0), hours(1)).await.unwrap();
    assert_eq!(first_hour[0].granted, 828);
}

async fn each_month_tells_what_ways_of_paying_paid_and_got_back(bench: Bench) {
    for number in 0..2 {
        let whose = customer(number);
        let cart = rakuten().line("A@shop-a", 4_000, 1).by("card");
        let order = bench.place(&whose, &cart, hours(1)).await.order_id;
        ship_and_deliver(&bench, &whose.customer_id, &order, "shop-a", hours(2)).await;
        if number == 0 {
            let (amount, counter) = (Money::new(300), &bench.counter);
            counter
                .refund_by_staff(&whose.customer_id, &order, "1", amount, "sato", None, hours(3))
                .await
                .unwrap();
        }
    }
    // Only promised: nothing has been paid yet.
    bench.place(&customer(2), &rakuten().line("A@shop-a", 4_000, 1).by("konbini"), hours(1)).await;
    let settled = bench.counter.settlement_report(MARKET, hours(0), hours(24)).await.unwrap();
    let [card] = settled.as_slice() else { panic!("{settled:?}") };
    assert_eq!((card.method.as_str(), card.received, card.given_back), ("card", 8_000, 300));
    assert_eq!(card.month, jiff::civil::date(2026, 11, 1));
    let before = bench.counter.settlement_report(MARKET, hours(-24), hours(0)).await.unwrap();
    assert_eq!(before, []);
    // The report of value is of value only.
    assert!(
        bench
            .counter
            .value_report(MARKET, hours(0), hours(24))
            .await
            .unwrap()
            .iter()
            .all(|row| row.spent == 0)
    );
}

async fn the_forecast_of_the_market_is_the_sum_of_all_wallets(bench: Bench) {
    populate(&bench).await;
    let mut sums = BTreeMap::new();
    for number in 0..8 {
        for row in bench.counter.wallet_at(&customer(number), hours(4)).await.unwrap().expiring {
            *sums.entry((row.month, row.program, row.kind.map(|kind| format!("{kind:?}")))).or_insert(0) +=
                row.points.units();
        }
    }
    let forecast = bench.counter.expiry_forecast(MARKET, hours(4)).await.unwrap();
    let forecast: BTreeMap<_, _> = forecast
        .into_iter()
        .map(|row| ((row.month, row.program, row.kind.map(|kind| format!("{kind:?}"))), row.points.units()))
        .collect();
    assert_eq!(forecast, sums);
}

async fn uses_of_coupons_are_counted(bench: Bench) {
    for number in 0..3 {
        bench.give_coupon(&customer(number), "SHOPA500").await;
    }
    let cart = rakuten().line("A@shop-a", 4_000, 1).coupon("SHOPA500").by("cod");
    bench.place(&customer(1), &cart, noon()).await;
    let report = bench.counter.coupon_report(MARKET).await.unwrap();
    assert_eq!(report.len(), 1);
    assert_eq!((report[0].holders, report[0].uses, report[0].quota), (3, 1, None));
}

async fn a_market_without_customers_owes_nothing(bench: Bench) {
    let report = liability(&bench, noon()).await;
    assert_eq!((report.programs.len(), report.sellers.len()), (0, 0));
    assert!(bench.counter.expiry_forecast(MARKET, noon()).await.unwrap().is_empty());
}

async fn ranges_of_customers_leave_nobody_out_and_count_nobody_twice(bench: Bench) {
    populate(&bench).await;
    let whole = liability(&bench, hours(4)).await.programs[0].available;
    for most in [1, 2, 3, 8, 9] {
        let (mut after, mut available) = (Some(String::new()), 0);
        while let Some(id) = after {
            let range = next_range(bench.counter.store(), &id, most).await.unwrap();
            let sums = lot_sums(bench.counter.store(), &range, MARKET, hours(4)).await.unwrap();
            available += sums.iter().map(|sum| sum.available).sum::<i64>();
            after = range.next_after().map(str::to_owned);
        }
        assert_eq!(available, whole, "{most} customers at once");
    }
}
