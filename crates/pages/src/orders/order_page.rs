//! One order: how far it is, what was paid and came back, its parcels, and what its customer can do with it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use choba_app::Right;
use choba_engine::market::{Market, MethodType};
use choba_engine::order::{Happened, Order, OrderLine, PaymentState, Return, ReturnState};
use choba_server::{Problem, Service};
use jiff::Timestamp;

use super::find::{class_of, own_order, state_of};
use super::parcels::ParcelsShown;
use super::refund::{RefundShown, tender_of};
use super::send_back::returnable;
use crate::counter::quote::Quote;
use crate::counter::receipt::{Goods, Receipt, Writer, tender_name};
use crate::frame::{Frame, Room};
use crate::page::page;
use crate::shop::catalogue::{name_of, said};
use crate::visitor::Shopper;

#[derive(Template)]
#[template(path = "orders/order.html")]
pub struct OrderPage {
    pub frame: Frame,
    pub number: String,
    pub state: &'static str,
    pub class: &'static str,
    pub placed_at: Timestamp,
    pub lines: Vec<LineShown>,
    pub payment: PaymentShown,
    pub receipt: Receipt,
    pub payers: Vec<PayerShown>,
    pub refunds: Vec<RefundShown>,
    pub returns: Vec<ReturnShown>,
    pub parcels: ParcelsShown,
    pub history: Vec<HappenedShown>,
    pub can_cancel: bool,
    pub can_return: bool,
    /// A key for what can be done on this page.
    pub key: String,
}

/// A row of goods.
pub struct LineShown {
    pub name: String,
    pub seller: String,
    pub price: String,
    pub quantity: String,
    pub net: String,
    /// How many are cancelled, on their way and so on.
    pub notes: Vec<String>,
}

/// How far the payment is.
pub struct PaymentShown {
    pub method: String,
    pub state: &'static str,
    /// For paying at a counter.
    pub number: Option<String>,
    pub deadline: Option<Timestamp>,
    pub amount: String,
}

/// Who paid, and what went back.
pub struct PayerShown {
    pub name: String,
    pub amount: String,
    pub refunded: Option<String>,
}

/// A return.
pub struct ReturnShown {
    pub number: String,
    pub state: &'static str,
    pub reason: &'static str,
    pub goods: Vec<String>,
    pub requested_at: Timestamp,
    pub arrives_until: Option<Timestamp>,
    pub can_withdraw: bool,
}

/// Something that happened.
pub struct HappenedShown {
    pub at: Timestamp,
    pub text: String,
}

pub async fn show(
    State(service): State<Service>,
    shopper: Shopper,
    Path(number): Path<String>,
) -> Result<Response, Problem> {
    let found = own_order(&service, &shopper, &number, Right::OrdersRead).await?;
    let (counter, at) = (&service.counter, service.clock.now());
    let story = counter.order_story(&found.whose, &found.order.order_id).await?;
    let parcels = counter.parcels_of_order(&shopper.caller, &found.order, at).await?;
    let frame = Frame::of(&shopper.visitor, Room::Shopper, "/orders");
    let quote = Quote::read(story.quote.get().as_bytes())?;
    let parcels_shown = ParcelsShown::of(&frame, &parcels);
    let key = counter.draw_session_token().reveal().to_owned();
    page(&OrderPage::of(frame, &parcels.market, &found.order, &quote, parcels_shown, key))
}

impl OrderPage {
    /// An order with its quote, under the market as it was when it was placed.
    pub fn of(
        frame: Frame,
        market: &Market,
        order: &Order,
        quote: &Quote,
        parcels: ParcelsShown,
        key: String,
    ) -> Self {
        let goods: Vec<Goods> =
            order.lines.iter().map(|line| Goods::of_order(&frame, &order.market, line)).collect();
        let receipt = Writer { frame: &frame, market, goods: &goods, quote }.receipt();
        let state = state_of(order);
        let stands = state != "refused";
        Self {
            number: order.number.clone(),
            state,
            class: class_of(state),
            placed_at: order.placed_at,
            lines: order.lines.iter().map(|line| line_shown(&frame, market, order, line)).collect(),
            payment: payment_shown(&frame, market, order),
            payers: payers(&frame, market, order),
            refunds: order
                .refunds
                .iter()
                .map(|refund| RefundShown::of(&frame, market, order, refund))
                .collect(),
            returns: order.returns.iter().map(|known| return_shown(&frame, order, known)).collect(),
            history: order.history.iter().filter_map(|happened| told(&frame, happened)).collect(),
            can_cancel: stands && order.lines.iter().any(|line| line.open() > 0),
            can_return: stands && order.lines.iter().any(|line| returnable(line) > 0),
            receipt,
            parcels,
            key,
            frame,
        }
    }
}

fn line_shown(frame: &Frame, market: &Market, order: &Order, line: &OrderLine) -> LineShown {
    let seller = market.seller(&line.seller);
    let note = |id: &str, count: i64| (count > 0).then(|| frame.say(id).with("count", count).to_string());
    let on_its_way = line.shipped.saturating_sub(line.delivered);
    let here = returnable(line);
    let notes = [
        ("orders-line-open", line.open()),
        ("orders-line-on-its-way", on_its_way),
        ("orders-line-here", here),
        ("orders-line-cancelled", line.cancelled),
        ("orders-line-returning", line.returning),
        ("orders-line-returned", line.returned),
    ];
    LineShown {
        name: name_of(&order.market, &line.sku, frame.language),
        seller: seller.map_or_else(|| line.seller.clone(), |seller| said(&seller.name, frame.language)),
        price: frame.yen(line.unit_price.units()),
        quantity: line.quantity.to_string(),
        net: frame.yen(line.net.units()),
        notes: notes.into_iter().filter_map(|(id, count)| note(id, count)).collect(),
    }
}

fn payment_shown(frame: &Frame, market: &Market, order: &Order) -> PaymentShown {
    let payment = &order.payment;
    let method = payment.method.map(MethodType::id);
    let waits = payment.state == PaymentState::AwaitingPayment;
    PaymentShown {
        method: method.map(|method| tender_name(frame, market, method)).unwrap_or_default(),
        state: payment.state.code(),
        number: payment.payment_number.clone().filter(|_| waits),
        deadline: payment.deadline.filter(|_| waits),
        amount: frame.yen(payment.promised.units()),
    }
}

fn payers(frame: &Frame, market: &Market, order: &Order) -> Vec<PayerShown> {
    let shown = |paid: &choba_engine::order::OrderTender| PayerShown {
        name: tender_name(frame, market, &tender_of(order, &paid.tender)),
        amount: frame.yen(paid.amount.units()),
        refunded: (!paid.refunded.is_zero()).then(|| frame.yen(paid.refunded.units())),
    };
    order.tenders.iter().filter(|paid| !paid.amount.is_zero()).map(shown).collect()
}

fn return_shown(frame: &Frame, order: &Order, known: &Return) -> ReturnShown {
    let goods = known.lines.iter().map(|returned| {
        let line = order.lines.iter().find(|line| line.line_id == returned.line_id);
        let name = line.map_or_else(
            || returned.line_id.clone(),
            |line| name_of(&order.market, &line.sku, frame.language),
        );
        let text = frame.say("orders-return-line").with("name", name);
        text.with("quantity", returned.quantity).to_string()
    });
    ReturnShown {
        number: known.number.clone(),
        state: known.state.code(),
        reason: known.reason.id(),
        goods: goods.collect(),
        requested_at: known.requested_at,
        arrives_until: known.arrives_until.filter(|_| known.state == ReturnState::Requested),
        can_withdraw: known.state == ReturnState::Requested,
    }
}

/// What customers are told of; what staff and machines do among themselves is not.
fn told(frame: &Frame, happened: &Happened) -> Option<HappenedShown> {
    let id = format!("orders-happened-{}", happened.what).replace('_', "-");
    frame.has(&id).then(|| HappenedShown { at: happened.at, text: frame.say(&id).to_string() })
}
