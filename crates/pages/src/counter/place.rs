//! Placing the order: once, at the price that was seen.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use choba_app::{Key, PlaceOrder, PlaceOutcome, Right};
use choba_engine::money::Money;
use choba_engine::order::{Expected, PaymentState};
use choba_server::{Problem, Service};
use serde_json::json;

use super::counter_page::{Besides, Notice, at_counter, drawn};
use super::quote::Quote;
use super::receipt::tender_name;
use super::sheet::AtCounter;
use crate::fields::Fields;
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::done;
use crate::shop::cart::{PlacedCart, change_cart};
use crate::visitor::Shopper;

/// What the shopper has seen.
struct Seen {
    total: i64,
    payers: Vec<(String, i64)>,
    key: String,
    card_token: String,
}

impl Seen {
    fn read(fields: &Fields) -> Self {
        let pays = fields
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix("pays-")?.to_owned(), value.parse().ok()?)));
        Self {
            // What was seen cannot be below zero: nothing equals it then.
            total: fields.number("total").unwrap_or(-1),
            payers: pays.collect(),
            key: fields.one("key").to_owned(),
            card_token: fields.one("card_token").to_owned(),
        }
    }

    fn expected(&self) -> Expected {
        let payers = self.payers.iter().map(|(tender, amount)| (tender.clone(), Money::new(*amount)));
        Expected { total: Money::new(self.total), tenders: Some(payers.collect()), market_version: None }
    }

    fn pays_by_card(&self) -> bool {
        self.payers.iter().any(|(tender, amount)| tender == "card" && *amount > 0)
    }
}

/// Places the order that was seen. Sent again, it leads to the order that came of it.
pub async fn place(
    State(service): State<Service>,
    shopper: Shopper,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let counter = at_counter(&service, &shopper, &fields)?;
    let seen = Seen::read(&fields);
    if let Some(placed) = counter.cart.placed.as_ref().filter(|placed| placed.key == seen.key) {
        return Ok(Redirect::to(&format!("/orders/{}?done=counter-placed", placed.number)).into_response());
    }
    if counter.cart.lines.is_empty() {
        return Ok(Redirect::to("/counter").into_response());
    }
    if !counter.choices.are_read() {
        return drawn(&counter, StatusCode::UNPROCESSABLE_ENTITY, Besides::default()).await;
    }
    if seen.pays_by_card() && seen.card_token.is_empty() {
        let frame = Frame::of(&shopper.visitor, Room::Shopper, "/counter");
        let fault = frame.say("counter-card-missing").to_string();
        let besides = Besides { card_fault: Some(fault), ..Besides::default() };
        return drawn(&counter, StatusCode::UNPROCESSABLE_ENTITY, besides).await;
    }
    place_seen(&counter, &seen).await
}

async fn place_seen(counter: &AtCounter<'_>, seen: &Seen) -> Result<Response, Problem> {
    let (service, shopper) = (counter.service, counter.shopper);
    let request = counter.request(&counter.choices);
    let body = json!({ "request": String::from_utf8_lossy(&request), "total": seen.total, "payers": seen.payers,
        "card": seen.card_token });
    let place = PlaceOrder {
        whose: shopper.whose(Right::OrdersWrite)?,
        key: Key::new(&seen.key, "place_order", &shopper.customer_id, body.to_string().as_bytes())?,
        request,
        expected: seen.expected(),
        card_token: (!seen.card_token.is_empty()).then(|| seen.card_token.clone()),
    };
    let frame = Frame::of(&shopper.visitor, Room::Shopper, "/counter");
    match service.counter.place_order(place, service.clock.now()).await? {
        PlaceOutcome::Placed(order, state) => {
            empty(counter, &seen.key, &order.number).await?;
            let path = format!("/orders/{}", order.number);
            Ok(done(
                &path,
                if state == PaymentState::AwaitingPayment { "counter-to-pay" } else { "counter-placed" },
            ))
        }
        PlaceOutcome::NewQuote(quote) => {
            let notice = Some(changed(counter, &frame, seen, &Quote::read(quote.as_bytes())?));
            let besides = Besides { notice, card_token: seen.card_token.clone(), ..Besides::default() };
            drawn(counter, StatusCode::CONFLICT, besides).await
        }
        PlaceOutcome::PaymentRefused { order, code } => {
            let besides =
                Besides { notice: Some(refused(&frame, &order.number, &code)), ..Besides::default() };
            drawn(counter, StatusCode::PAYMENT_REQUIRED, besides).await
        }
    }
}

/// Takes out what was bought, and remembers what it became.
async fn empty(counter: &AtCounter<'_>, key: &str, number: &str) -> Result<(), Problem> {
    let bought: Vec<String> = counter.cart.lines.iter().map(|line| line.id.clone()).collect();
    let (key, number) = (key.to_owned(), number.to_owned());
    let changed = change_cart(counter.service, &counter.shopper.visitor, |cart| {
        cart.lines.retain(|line| !bought.contains(&line.id));
        cart.pay = serde_json::Value::Null;
        cart.placed = Some(PlacedCart { key: key.clone(), number: number.clone() });
    });
    changed.await.map(drop)
}

/// What is not as it was seen.
fn changed(counter: &AtCounter<'_>, frame: &Frame, seen: &Seen, now: &Quote) -> Notice {
    let was_is = |name: String, before: i64, after: i64| {
        let text = frame.say("counter-changed-line").with("name", name);
        text.with("before", frame.yen(before)).with("after", frame.yen(after)).to_string()
    };
    let mut lines = Vec::new();
    if seen.total != now.total && seen.total >= 0 {
        lines.push(was_is(frame.say("counter-total").to_string(), seen.total, now.total));
    }
    let after = now.payers();
    let amount = |payers: &[(String, i64)], id: &str| {
        payers.iter().find(|(known, _)| known == id).map_or(0, |(_, amount)| *amount)
    };
    let more = after.iter().filter(|(id, _)| !seen.payers.iter().any(|(known, _)| known == id));
    for (id, _) in seen.payers.iter().chain(more) {
        let (before, now) = (amount(&seen.payers, id), amount(&after, id));
        if before != now {
            lines.push(was_is(tender_name(frame, &counter.market, id), before, now));
        }
    }
    if now.due > 0 {
        lines.push(frame.say("counter-due").with("due", frame.yen(now.due)).to_string());
    }
    Notice { class: "warn", title: frame.say("counter-changed").to_string(), lines }
}

fn refused(frame: &Frame, number: &str, code: &str) -> Notice {
    let id = format!("counter-refused-{code}").replace('_', "-");
    let why = frame.say(if frame.has(&id) { &id } else { "counter-refused-other" }).to_string();
    let nothing = frame.say("counter-refused-nothing").with("number", number.to_owned()).to_string();
    Notice { class: "bad", title: frame.say("counter-refused").to_string(), lines: vec![why, nothing] }
}
