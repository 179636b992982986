//! A clock that goes back between operations.

use choba_app::{ShipOrder, Whose};
use choba_engine::order::{CancelBy, LinePart, PaymentState, Shipping};
use choba_outside::scripted::Twist;
use choba_store::books;
use jiff::{SignedDuration, Timestamp};

use crate::on_both;
use crate::support::{Bench, amazon, noon, taro};
use crate::truth::{ask_until_all_is_answered, books_are_fine, ledger_of, outside_agrees};

on_both!(
    entries_never_go_back_in_time,
    what_was_asked_first_is_asked_first_though_the_clock_went_back,
    a_worker_with_an_older_clock_ends_nothing_too_early,
);

fn hours(count: i64) -> Timestamp {
    noon() + SignedDuration::from_hours(count)
}

/// Ships so many of line 1.
pub fn shipping(whose: &Whose, order_id: &str, quantity: i64) -> ShipOrder {
    ShipOrder {
        customer_id: whose.customer_id.clone(),
        order_id: order_id.to_owned(),
        shipping: Shipping {
            seller: "amazon".to_owned(),
            parts: Some(vec![LinePart { line_id: "1".to_owned(), quantity }]),
            carrier: None,
            tracking_numbers: Vec::new(),
        },
        by: "amazon".to_owned(),
        key: None,
    }
}

async fn entries_never_go_back_in_time(bench: Bench) {
    let whose = taro();
    let counter = &bench.counter;
    for (step, at) in [0, 100, -100, 50, -2_000, 99, 0].into_iter().enumerate() {
        let at = hours(at);
        bench.grant_at(&whose, "gift", 1_000, Some("2036-11-21T23:59:59+09:00"), at).await;
        let price = 400 + i64::try_from(step).unwrap();
        let cart = amazon().line("X@amazon", price, 2).stored("gift", 100).by("card");
        let order = bench.place(&whose, &cart, at).await;
        counter
            .ship_order(shipping(&whose, &order.order_id, 1), at - SignedDuration::from_hours(3))
            .await
            .unwrap();
        let by = CancelBy::Seller;
        let at = at - SignedDuration::from_hours(9);
        counter.cancel_order("taro", &order.order_id, None, by, "amazon", None, at).await.unwrap();
    }
    ask_until_all_is_answered(counter, hours(200)).await;
    let entries =
        books::entries_of_customer(counter.store(), "taro", "amazon-style", "", 1_000).await.unwrap();
    assert!(entries.len() > 28, "{}", entries.len());
    let last = entries.iter().map(|entry| entry.made_at).max().unwrap();
    assert!(last >= hours(100).as_millisecond());
    // From the first with the latest time on, nothing was made earlier.
    let granted_last =
        bench.grant_at(&whose, "gift", 1, Some("2036-11-21T23:59:59+09:00"), hours(-3_000)).await;
    let (lot, postings) = books::lot_postings(counter.store(), "taro", &granted_last).await.unwrap().unwrap();
    assert!(lot.granted_at.as_millisecond() >= last && postings[0].at.as_millisecond() >= last);
    outside_agrees(counter, &ledger_of(&bench.outside), &[whose]).await;
    books_are_fine(counter).await;
}

/// The card's provider is away when the first parcel leaves. Then the clock goes back, and all goes back to the
/// customer: the refund must not be asked before what it is about.
async fn what_was_asked_first_is_asked_first_though_the_clock_went_back(bench: Bench) {
    let (whose, counter) = (taro(), &bench.counter);
    let order = bench.place(&whose, &amazon().line("X@amazon", 5_000, 2).by("card"), noon()).await;
    bench.outside.next(Some("card"), Some("capture"), Twist::LoseRequest);
    counter.ship_order(shipping(&whose, &order.order_id, 1), hours(2)).await.unwrap();
    let shipment = bench.order(&whose, &order.order_id).await.order.shipments[0].shipment_id.clone();
    counter.deliver_order("taro", &order.order_id, &shipment, "yamato", hours(2)).await.unwrap();
    let by = CancelBy::Seller;
    counter.cancel_order("taro", &order.order_id, None, by, "amazon", None, hours(1)).await.unwrap();
    let staff = counter.refund_by_staff(
        "taro",
        &order.order_id,
        "1",
        choba_engine::money::Money::new(700),
        "sato",
        None,
        hours(1),
    );
    staff.await.unwrap();
    ask_until_all_is_answered(counter, hours(3)).await;
    let kept = bench.order(&whose, &order.order_id).await.order;
    assert!(kept.troubles.is_empty(), "{:?}", kept.troubles);
    outside_agrees(counter, &ledger_of(&bench.outside), &[whose]).await;
    books_are_fine(counter).await;
}

async fn a_worker_with_an_older_clock_ends_nothing_too_early(bench: Bench) {
    let (whose, counter) = (taro(), &bench.counter);
    bench.grant(&whose, "gift", 1_000, Some("2026-11-30T23:59:59+09:00")).await;
    let order = bench.place(&whose, &amazon().line("X@amazon", 5_000, 1).by("konbini"), noon()).await;
    // One worker's clock is far ahead and books the end; the order's deadline passes for it as well.
    counter.do_what_is_due("ahead", hours(24 * 30), 100).await.unwrap();
    counter.stop_doing_what_is_due("ahead", hours(24 * 30)).await.unwrap();
    counter.do_what_is_due("behind", hours(1), 100).await.unwrap();
    let kept = bench.order(&whose, &order.order_id).await.order;
    assert_eq!(kept.payment.state, PaymentState::Refused);
    // What is granted by the older clock lives on in the order of the books.
    bench.grant_at(&whose, "gift", 500, Some("2036-11-21T23:59:59+09:00"), hours(2)).await;
    let balances = counter.balances_now(&whose, hours(24 * 31)).await.unwrap();
    let gift = balances.iter().find(|balance| balance.program == "gift").unwrap();
    assert_eq!((gift.available.units(), gift.expired.units()), (500, 1_000));
    books_are_fine(counter).await;
}
