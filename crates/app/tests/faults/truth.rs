//! What must be true of the books after any accident, and of the books of those outside.

use std::num::NonZeroUsize;

use choba_app::{BooksNews, BooksSummary, Counter, Whose, verify_books};
use choba_engine::books::Account;
use choba_engine::money::{Money, Points};
use choba_engine::order::{Order, PaymentState, TenderName};
use choba_outside::scripted::Scripted;
use choba_store::books;
use choba_store::sql::Options;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// The partner whose points are used.
pub const PARTNER: &str = "d-point";

/// How tests open a store.
pub fn options(at: Timestamp) -> Options {
    let mut options = Options::at(at.as_millisecond());
    options.readers = NonZeroUsize::new(2).unwrap();
    options
}

/// Checks the books as `choba books verify` does.
pub async fn books_are_fine(counter: &Counter) -> BooksSummary {
    let mut differences = Vec::new();
    let mut tell = |news| {
        if let BooksNews::Differs(difference) = news {
            differences.push(difference.to_string());
        }
    };
    let summary = verify_books(counter.store(), &mut tell).await.unwrap();
    assert!(differences.is_empty(), "{differences:#?}");
    summary
}

/// All orders of a customer, the oldest id first.
pub async fn orders_of(counter: &Counter, whose: &Whose) -> Vec<Order> {
    let rows =
        books::orders_of_customer(counter.store(), &whose.customer_id, &whose.market, "", None, 100_000);
    let mut orders: Vec<Order> = rows.await.unwrap().into_iter().map(|row| row.order).collect();
    orders.reverse();
    orders
}

/// Lets the worker ask until nothing is open, and answers when that was.
pub async fn ask_until_all_is_answered(counter: &Counter, from: Timestamp) -> Timestamp {
    let mut at = from;
    for _ in 0..40 {
        counter.ask_what_is_open(at, 100_000).await.unwrap();
        if books::open_asks(counter.store(), Timestamp::MAX, 1).await.unwrap().is_empty() {
            return at;
        }
        at += SignedDuration::from_hours(5);
    }
    panic!("something is asked for ever");
}

/// What scripted parties have in their books.
pub fn ledger_of(outside: &Scripted) -> Value {
    outside.books(|books| serde_json::to_value(books.ledger()).unwrap())
}

/// Whether the card provider and the partner have in their books exactly what the orders say, each thing once.
/// Everything must have been answered.
pub async fn outside_agrees(counter: &Counter, ledger: &Value, customers: &[Whose]) {
    assert_eq!(ledger["faults"], serde_json::json!([]));
    for whose in customers {
        for order in orders_of(counter, whose).await {
            let payment = &order.payment;
            assert_ne!(payment.state, PaymentState::Asking, "{}", order.order_id);
            card_agrees(ledger, &order);
            partner_agrees(counter, ledger, &order).await;
        }
    }
}

fn records<'l>(ledger: &'l Value, pointer: &str) -> Vec<&'l Value> {
    ledger.pointer(pointer).and_then(Value::as_object).map_or_else(Vec::new, |all| all.values().collect())
}

fn sum<'l>(records: impl IntoIterator<Item = &'l Value>, field: &str) -> i64 {
    records.into_iter().map(|record| record[field].as_i64().unwrap()).sum()
}

fn card_agrees(ledger: &Value, order: &Order) {
    let (id, payment) = (order.order_id.as_str(), &order.payment);
    let mine = records(ledger, "/card/authorizations").into_iter();
    let promised: Vec<&Value> =
        mine.filter(|record| record["reference"] == *id && record["state"] != "declined").collect();
    assert!(promised.len() <= 1, "{id} was authorised twice: {promised:#?}");
    let of_order = |record: &&Value| promised.iter().any(|known| known["id"] == record["authorization"]);
    let captures: Vec<&Value> = records(ledger, "/card/captures").into_iter().filter(of_order).collect();
    if !order.troubles.is_empty() {
        return;
    }
    let by_card = payment.authorise_ask.is_some() || !promised.is_empty();
    let paid = |money: Money| if by_card { money.units() } else { 0 };
    let open: i64 = sum(promised.iter().copied(), "amount")
        - sum(promised.iter().copied(), "captured")
        - sum(promised.iter().copied(), "voided");
    let captured = sum(captures.iter().copied(), "amount");
    let refunded = sum(captures.iter().copied(), "refunded");
    // A part cannot be voided: what is cancelled or left over beside what was captured lapses by itself.
    let lapses = captured > 0 || !payment.promised.is_zero();
    let open = if lapses { open.min(paid(payment.promised)) } else { open };
    let there = (open, captured, refunded);
    assert_eq!(
        there,
        (paid(payment.promised), paid(payment.received), paid(payment.refunded)),
        "{id}: {:#?}",
        order.history
    );
}

async fn partner_agrees(counter: &Counter, ledger: &Value, order: &Order) {
    let id = order.order_id.as_str();
    let of = |kind: &str| -> Vec<Value> {
        let all = records(ledger, &format!("/partners/{PARTNER}/{kind}")).into_iter();
        all.filter(|record| record["reference"] == *id).cloned().collect()
    };
    let (holds, credits, debits) = (of("holds"), of("credits"), of("debits"));
    assert!(holds.len() <= 1, "{id} was held twice: {holds:#?}");
    let open = holds.iter().any(|hold| hold["state"] == "open");
    assert!(
        !open || !order.troubles.is_empty(),
        "{id} holds points for ever: {holds:#?} {:#?}",
        order.history
    );
    let used = order.tenders.iter().filter(|by| by.tender == TenderName::Program(PARTNER.to_owned()));
    let used = used.filter(|tender| tender.hold_captured).map(|tender| tender.points);
    let used = Points::sum(used).unwrap().units();
    let there = (sum(&holds, "captured"), sum(&credits, "points") - sum(&debits, "points"));
    let member = Account::partner_member(PARTNER);
    let entries = books::entries_of_order(counter.store(), &order.customer_id, id).await.unwrap();
    let postings = entries.iter().flat_map(|entry| &entry.postings);
    let posted: i64 =
        postings.filter(|posting| posting.account == member.as_str()).map(|posting| posting.amount).sum();
    if order.troubles.is_empty() {
        assert_eq!(there.0, used, "{id}: points taken by the partner");
        assert_eq!(there.1 - there.0, posted, "{id}: points of the member; {entries:#?}");
    }
}
