//! Somebody refuses, or does not answer, what has to happen anyway: staff see it and act on it.

use choba_app::AppError;
use choba_engine::order::{EndTrouble, OrderRefusal, PaymentState, UNANSWERED};
use choba_outside::scripted::Twist;
use jiff::{SignedDuration, Timestamp};

use crate::on_both;
use crate::support::{Bench, books_are_fine, hanako, noon, rakuten, ship_and_deliver};

on_both!(
    a_refused_capture_is_found_by_staff_and_asked_for_again,
    money_that_a_card_did_not_pay_is_booked_as_it_came,
    what_is_left_of_a_promise_is_let_go_at_the_provider,
    a_party_that_stays_away_for_a_day_is_left_alone_until_staff_ask_again,
    staff_give_an_order_up_whose_card_is_never_answered,
);

async fn placed(bench: &Bench) -> String {
    let cart = rakuten().line("X@shop-a", 3_000, 1).line("Y@shop-a", 2_000, 1).by("card");
    bench.place(&hanako(), &cart, noon()).await.order_id
}

/// Ships everything; the card does not pay.
async fn refused(bench: &Bench) -> (String, String) {
    let order = placed(bench).await;
    bench.outside.next(Some("card"), Some("capture"), Twist::Decline("insufficient_funds".to_owned()));
    ship_and_deliver(bench, "hanako", &order, "shop-a", noon()).await;
    let found = bench.counter.orders_in_trouble("rakuten-style", None, 10).await.unwrap();
    assert_eq!((found.len(), found[0].order_id.as_str()), (1, order.as_str()));
    assert_eq!(found[0].troubles[0].code, "insufficient_funds");
    (order, found[0].troubles[0].ask_id.clone())
}

async fn payment(bench: &Bench, order: &str) -> (PaymentState, i64) {
    let payment = bench.order(&hanako(), order).await.order.payment;
    (payment.state, payment.received.units())
}

async fn nothing_is_in_trouble(bench: &Bench) {
    assert_eq!(bench.counter.orders_in_trouble("rakuten-style", None, 10).await.unwrap(), []);
    books_are_fine(bench).await;
}

fn heard(bench: &Bench, operation: &str) -> usize {
    bench.outside.heard().iter().filter(|heard| heard.ask.operation() == operation).count()
}

async fn a_refused_capture_is_found_by_staff_and_asked_for_again(bench: Bench) {
    let (order, ask) = refused(&bench).await;
    assert_eq!(payment(&bench, &order).await, (PaymentState::Authorised, 0));
    let after = Some(("hanako", order.as_str()));
    assert_eq!(bench.counter.orders_in_trouble("rakuten-style", after, 10).await.unwrap(), []);
    bench.counter.ask_again("hanako", &order, &ask, "sato", noon()).await.unwrap();
    assert_eq!(payment(&bench, &order).await, (PaymentState::Paid, 5_000));
    let twice = bench.counter.ask_again("hanako", &order, &ask, "sato", noon()).await;
    assert_eq!(twice, Err(AppError::Order(OrderRefusal::NoTrouble { ask })));
    nothing_is_in_trouble(&bench).await;
}

async fn money_that_a_card_did_not_pay_is_booked_as_it_came(bench: Bench) {
    let (order, ask) = refused(&bench).await;
    let end = |how| bench.counter.end_trouble("hanako", &order, &ask, how, None, "sato", noon());
    let code = "insufficient_funds".to_owned();
    assert_eq!(end(EndTrouble::Closed).await, Err(AppError::Order(OrderRefusal::WrongTrouble { code })));
    end(EndTrouble::PaidOtherwise).await.unwrap();
    assert_eq!(payment(&bench, &order).await, (PaymentState::Paid, 5_000));
    assert_eq!(heard(&bench, "void"), 1);
    nothing_is_in_trouble(&bench).await;
}

async fn what_is_left_of_a_promise_is_let_go_at_the_provider(bench: Bench) {
    let order = placed(&bench).await;
    let parts = Some(vec![choba_engine::order::LinePart { line_id: "2".to_owned(), quantity: 1 }]);
    let by = choba_engine::order::CancelBy::Customer;
    bench.counter.cancel_order("hanako", &order, parts, by, "customer", None, noon()).await.unwrap();
    assert_eq!(heard(&bench, "void"), 0);
    ship_and_deliver(&bench, "hanako", &order, "shop-a", noon()).await;
    assert_eq!((payment(&bench, &order).await, heard(&bench, "void")), ((PaymentState::Paid, 3_000), 1));
    books_are_fine(&bench).await;
}

/// An order whose card is not heard of for a day; answers what staff see of it.
async fn never_answered(bench: &Bench) -> (String, String, Timestamp) {
    for _ in 0..30 {
        bench.outside.next(Some("card"), Some("authorise"), Twist::LoseRequest);
    }
    let order = placed(bench).await;
    let (mut at, mut resting) = (noon(), 0);
    for _ in 0..20 {
        at += SignedDuration::from_hours(5);
        resting += bench.counter.do_what_is_due("worker", at, 100).await.unwrap().asks.resting;
    }
    assert_eq!((resting, heard(bench, "authorise")), (1, 12));
    let found = bench.counter.orders_in_trouble("rakuten-style", None, 10).await.unwrap();
    assert_eq!(found[0].troubles[0].code, UNANSWERED);
    assert_eq!(payment(bench, &order).await, (PaymentState::Asking, 0));
    books_are_fine(bench).await;
    (order, found[0].troubles[0].ask_id.clone(), at)
}

async fn a_party_that_stays_away_for_a_day_is_left_alone_until_staff_ask_again(bench: Bench) {
    let (order, ask, at) = never_answered(&bench).await;
    // Still away: the worker has patience again.
    bench.counter.ask_again("hanako", &order, &ask, "sato", at).await.unwrap();
    assert_eq!(payment(&bench, &order).await, (PaymentState::Asking, 0));
    bench.outside.as_usual();
    let later = at + SignedDuration::from_secs(2);
    assert_eq!(bench.counter.do_what_is_due("worker", later, 100).await.unwrap().asks.answered, 1);
    assert_eq!(payment(&bench, &order).await, (PaymentState::Authorised, 0));
    nothing_is_in_trouble(&bench).await;
}

async fn staff_give_an_order_up_whose_card_is_never_answered(bench: Bench) {
    let (order, ask, at) = never_answered(&bench).await;
    let closed =
        bench.counter.end_trouble("hanako", &order, &ask, EndTrouble::Closed, None, "sato", at).await;
    let code = UNANSWERED.to_owned();
    assert_eq!(closed, Err(AppError::Order(OrderRefusal::WrongTrouble { code })));
    bench.counter.give_up_waiting("hanako", &order, &ask, "sato", at).await.unwrap();
    assert_eq!(payment(&bench, &order).await, (PaymentState::Refused, 0));
    let twice = bench.counter.give_up_waiting("hanako", &order, &ask, "sato", at).await;
    assert_eq!(twice, Err(AppError::Order(OrderRefusal::NoTrouble { ask })));
    nothing_is_in_trouble(&bench).await;
}
