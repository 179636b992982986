//! What the provider of payments tells by itself: twice, late, in any order, about things known and unknown.

use choba_app::{AppError, Heard, PaymentHook};
use choba_engine::order::{EndTrouble, HowEnded, PaymentState};
use choba_outside::record::{
    Authorization, AuthorizationState, Capture, Konbini, KonbiniState, Refund, RefundState,
};
use choba_outside::scripted::Twist;
use choba_outside::webhook::{Event, Message, WebhookFault, WebhookHeaders, WebhookSecret};
use choba_store::books::{AskRow, asks_of_order};
use jiff::{SignedDuration, Timestamp};

use crate::on_both;
use crate::support::{Bench, books_are_fine, hanako, noon, rakuten, ship_and_deliver};

on_both!(
    a_payment_at_a_counter_is_taken_in_once,
    a_payment_told_before_our_own_answer_came_is_taken_in,
    a_payment_of_another_amount_is_for_staff,
    money_for_a_cancelled_order_has_to_be_sent_back,
    a_chargeback_is_for_staff_and_closed_by_them,
    a_promise_taken_back_is_for_staff_unless_all_is_paid,
    a_refund_that_arrived_is_told_once,
    what_is_unknown_is_acknowledged,
    what_is_not_signed_or_old_changes_nothing,
);

fn secret() -> WebhookSecret {
    WebhookSecret::read(&WebhookSecret::text_of(&[9; 32])).unwrap()
}

async fn hear(bench: &Bench, id: &str, event: Event, at: Timestamp) -> Result<Heard, AppError> {
    let body = serde_json::to_vec(&Message { timestamp: noon(), event }).unwrap();
    let timestamp = at.as_second().to_string();
    let signature = secret().sign(id, at.as_second(), &body).unwrap();
    let headers = WebhookHeaders { id, timestamp: &timestamp, signature: &signature };
    let hook = PaymentHook { provider: "card", headers, body: &body };
    bench.counter.hear_payment_provider(&[secret()], hook, at).await
}

async fn asks(bench: &Bench, order_id: &str) -> Vec<AskRow> {
    asks_of_order(bench.counter.store(), "hanako", order_id).await.unwrap()
}

async fn state(bench: &Bench, order_id: &str) -> PaymentState {
    bench.order(&hanako(), order_id).await.order.payment.state
}

fn paid(order_id: &str, id: &str, amount: u64) -> Event {
    Event::KonbiniPaid(Konbini {
        id: id.to_owned(),
        payment_number: "1".to_owned(),
        amount,
        deadline: noon(),
        reference: order_id.to_owned(),
        state: KonbiniState::Paid,
    })
}

async fn waiting(bench: &Bench) -> (String, String) {
    let order = bench.place(&hanako(), &rakuten().line("A@shop-a", 5_000, 1).by("konbini"), noon()).await;
    let reference = asks(bench, &order.order_id).await[0].reference.clone().unwrap();
    (order.order_id, reference)
}

async fn a_payment_at_a_counter_is_taken_in_once(bench: Bench) {
    let (order, konbini) = waiting(&bench).await;
    let event = || paid(&order, &konbini, 5_000);
    assert_eq!(hear(&bench, "m1", event(), noon()).await, Ok(Heard::TakenIn));
    assert_eq!(hear(&bench, "m1", event(), noon()).await, Ok(Heard::TakenIn));
    assert_eq!(hear(&bench, "m2", event(), noon()).await, Ok(Heard::TakenIn));
    let payment = bench.order(&hanako(), &order).await.order.payment;
    assert_eq!((payment.state, payment.received.units()), (PaymentState::Paid, 5_000));
    let other = hear(&bench, "m1", paid(&order, &konbini, 4_999), noon()).await;
    assert_eq!(other, Err(AppError::KeyReused));
    books_are_fine(&bench).await;
}

async fn a_payment_told_before_our_own_answer_came_is_taken_in(bench: Bench) {
    bench.outside.next(Some("card"), Some("konbini_open"), Twist::LoseAnswer);
    let order = bench.place(&hanako(), &rakuten().line("A@shop-a", 5_000, 1).by("konbini"), noon()).await;
    assert_eq!(state(&bench, &order.order_id).await, PaymentState::Asking);
    // The provider's id, which nobody here has heard.
    let ledger = bench.outside.books(|books| serde_json::to_value(books.ledger().card).unwrap());
    let konbini = ledger["konbini"].as_object().unwrap().keys().next().unwrap().clone();
    assert_eq!(hear(&bench, "m1", paid(&order.order_id, &konbini, 5_000), noon()).await, Ok(Heard::TakenIn));
    assert_eq!(state(&bench, &order.order_id).await, PaymentState::Paid);
}

async fn a_payment_of_another_amount_is_for_staff(bench: Bench) {
    let (order, konbini) = waiting(&bench).await;
    assert_eq!(hear(&bench, "m1", paid(&order, &konbini, 4_000), noon()).await, Ok(Heard::TakenIn));
    assert_eq!(state(&bench, &order).await, PaymentState::AwaitingPayment);
    let found = bench.counter.orders_in_trouble("rakuten-style", None, 10).await.unwrap();
    assert_eq!(found[0].troubles[0].code, "another_amount");
}

async fn money_for_a_cancelled_order_has_to_be_sent_back(bench: Bench) {
    let (order, konbini) = waiting(&bench).await;
    let after = noon() + SignedDuration::from_hours(5 * 24);
    bench.counter.do_what_is_due("worker", after, 100).await.unwrap();
    assert_eq!(state(&bench, &order).await, PaymentState::Refused);
    assert_eq!(hear(&bench, "m1", paid(&order, &konbini, 5_000), after).await, Ok(Heard::TakenIn));
    let kept = bench.order(&hanako(), &order).await.order;
    assert!(kept.history.iter().any(|happened| happened.what == "paid_too_late"));
}

/// An order paid by card and shipped; the provider's ids of promise and payment.
async fn captured(bench: &Bench) -> (String, String, String) {
    let order =
        bench.place(&hanako(), &rakuten().line("A@shop-a", 5_000, 1).by("card"), noon()).await.order_id;
    ship_and_deliver(bench, "hanako", &order, "shop-a", noon()).await;
    let references: Vec<String> =
        asks(bench, &order).await.into_iter().filter_map(|row| row.reference).collect();
    (order, references[0].clone(), references[1].clone())
}

async fn a_chargeback_is_for_staff_and_closed_by_them(bench: Bench) {
    let (order, authorization, id) = captured(&bench).await;
    let event = || {
        Event::Chargeback(Capture {
            id: id.clone(),
            authorization: authorization.clone(),
            amount: 5_000,
            refunded: 0,
            charged_back: 5_000,
        })
    };
    for message in ["m1", "m1", "m2"] {
        assert_eq!(hear(&bench, message, event(), noon()).await, Ok(Heard::TakenIn));
    }
    let found = bench.counter.orders_in_trouble("rakuten-style", None, 10).await.unwrap();
    let troubles = &found[0].troubles;
    assert_eq!((troubles.len(), troubles[0].code.as_str()), (1, "chargeback"));
    let ask = &troubles[0].ask_id;
    assert!(bench.counter.ask_again("hanako", &order, ask, "sato", noon()).await.is_err());
    let note = Some("won by the shop".to_owned());
    bench.counter.end_trouble("hanako", &order, ask, EndTrouble::Closed, note, "sato", noon()).await.unwrap();
    let ended = bench.order(&hanako(), &order).await.order.troubles[0].ended.clone().unwrap();
    assert_eq!(ended.how, HowEnded::Closed);
    books_are_fine(&bench).await;
}

fn declined_later(order_id: &str, id: &str) -> Event {
    Event::AuthorizationDeclinedLater(Authorization {
        id: id.to_owned(),
        state: AuthorizationState::DeclinedLater,
        amount: 5_000,
        captured: 0,
        voided: 0,
        currency: "JPY".to_owned(),
        reference: order_id.to_owned(),
        decline_code: Some("stolen".to_owned()),
    })
}

async fn a_promise_taken_back_is_for_staff_unless_all_is_paid(bench: Bench) {
    let order =
        bench.place(&hanako(), &rakuten().line("A@shop-a", 5_000, 1).by("card"), noon()).await.order_id;
    let id = asks(&bench, &order).await[0].reference.clone().unwrap();
    assert_eq!(hear(&bench, "m1", declined_later(&order, &id), noon()).await, Ok(Heard::TakenIn));
    let found = bench.counter.orders_in_trouble("rakuten-style", None, 10).await.unwrap();
    assert_eq!((found.len(), found[0].troubles[0].code.as_str()), (1, "declined_later"));
    let (paid, authorization, _) = captured(&bench).await;
    assert_eq!(hear(&bench, "m2", declined_later(&paid, &authorization), noon()).await, Ok(Heard::TakenIn));
    assert_eq!(bench.counter.orders_in_trouble("rakuten-style", None, 10).await.unwrap().len(), 1);
}

async fn a_refund_that_arrived_is_told_once(bench: Bench) {
    let (order, _, capture) = captured(&bench).await;
    let amount = choba_engine::money::Money::new(1_000);
    bench.counter.refund_by_staff("hanako", &order, "1", amount, "sato", None, noon()).await.unwrap();
    let row = asks(&bench, &order).await.pop().unwrap();
    let event = || {
        Event::RefundSettled(Refund {
            id: row.reference.clone().unwrap(),
            capture: capture.clone(),
            amount: 1_000,
            state: RefundState::Settled,
        })
    };
    for message in ["m1", "m2"] {
        assert_eq!(hear(&bench, message, event(), noon()).await, Ok(Heard::TakenIn));
    }
    let history = bench.order(&hanako(), &order).await.order.history;
    assert_eq!(history.iter().filter(|happened| happened.what == "refund_settled").count(), 1);
}

async fn what_is_unknown_is_acknowledged(bench: Bench) {
    assert_eq!(hear(&bench, "m1", paid("ord_x", "kon_x", 1), noon()).await, Ok(Heard::Unknown));
    assert_eq!(hear(&bench, "m2", declined_later("ord_x", "auth_x"), noon()).await, Ok(Heard::Unknown));
    assert_eq!(hear(&bench, "m3", Event::Other, noon()).await, Ok(Heard::NothingToDo));
}

async fn what_is_not_signed_or_old_changes_nothing(bench: Bench) {
    let (order, konbini) = waiting(&bench).await;
    let body =
        serde_json::to_vec(&Message { timestamp: noon(), event: paid(&order, &konbini, 5_000) }).unwrap();
    let timestamp = noon().as_second().to_string();
    let stranger = WebhookSecret::read(&WebhookSecret::text_of(&[1; 32])).unwrap();
    let forged = stranger.sign("m1", noon().as_second(), &body).unwrap();
    let genuine = secret().sign("m1", noon().as_second(), &body).unwrap();
    let late = noon() + SignedDuration::from_secs(301);
    for (signature, at, fault) in
        [(&forged, noon(), WebhookFault::Signature), (&genuine, late, WebhookFault::Time)]
    {
        let headers = WebhookHeaders { id: "m1", timestamp: &timestamp, signature };
        let hook = PaymentHook { provider: "card", headers, body: &body };
        let heard = bench.counter.hear_payment_provider(&[secret()], hook, at).await;
        assert_eq!(heard, Err(AppError::Hook(fault)));
    }
    assert_eq!(state(&bench, &order).await, PaymentState::AwaitingPayment);
}
