//! Having a parcel delivered again: the days and the times that its carrier offers.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use choba_app::{AppError, FoundShipment, Key, RedeliveryChoice, RedeliveryWish, Right};
use choba_engine::tracking::Offer;
use choba_server::{Problem, Service};
use jiff::civil::Date;

use super::find::own_order;
use crate::fields::{Faults, Fields};
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{done, page_with};
use crate::visitor::Shopper;

#[derive(Template)]
#[template(path = "orders/redelivery.html")]
pub struct RedeliveryPage {
    pub frame: Frame,
    pub number: String,
    pub shipment_id: String,
    /// Whether there is something to choose.
    pub possible: bool,
    pub offers: Vec<OfferShown>,
    /// Whether the customer says that they have the carrier's slip.
    pub has_slip: bool,
    pub kept_until: Option<Date>,
    /// What was asked for, in words.
    pub asked: Option<String>,
    pub carrier_pages: Vec<String>,
    /// What was typed.
    pub slip: String,
    pub chosen: String,
    pub faults: Faults,
    pub key: String,
}

/// A day and a time.
pub struct OfferShown {
    /// As the form sends it: `2026-11-24 am`.
    pub value: String,
    pub day: String,
    /// The end of a message's id.
    pub slot: &'static str,
}

pub async fn show(
    State(service): State<Service>,
    shopper: Shopper,
    Path((number, shipment)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let found = of_order(&service, &shopper, &number, &shipment).await?;
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    page_with(StatusCode::OK, &drawn(&service, &shopper, &found, &fields, Faults::none()).await?)
}

/// Asks for a day and a time.
pub async fn ask(
    State(service): State<Service>,
    shopper: Shopper,
    Path((number, shipment)): Path<(String, String)>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let found = of_order(&service, &shopper, &number, &shipment).await?;
    let frame = Frame::of(&shopper.visitor, Room::Shopper, "/orders");
    let mut faults = Faults::none();
    let slip = Some(fields.one("slip_number").to_owned()).filter(|slip| !slip.is_empty());
    if fields.says("slip", "1") && slip.is_none() {
        faults.add("slip_number", frame.say("orders-slip-missing"));
    }
    let Some((day, slot)) = when(fields.one("when")).filter(|_| faults.is_empty()) else {
        if when(fields.one("when")).is_none() {
            faults.add("when", frame.say("orders-when-missing"));
        }
        let page = drawn(&service, &shopper, &found, &fields, faults).await?;
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let body = format!("{} {}", fields.one("when"), slip.as_deref().unwrap_or_default());
    let key = Key::new(fields.one("key"), "ask_redelivery", &shipment, body.as_bytes())?;
    let wish = RedeliveryWish { day, slot, number: slip, has_slip: false };
    match service.counter.ask_redelivery(&shopper.caller, &shipment, wish, key, service.clock.now()).await {
        Ok(_) => Ok(done(&format!("/orders/{}", found.order.number), "orders-redelivery-asked")),
        Err(AppError::Field { .. }) => {
            let faults = Faults::one("slip_number", frame.say("orders-slip-wrong"));
            let page = drawn(&service, &shopper, &found, &fields, faults).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(AppError::Order(_)) => {
            let faults = Faults::one("when", frame.say("orders-when-gone"));
            let page = drawn(&service, &shopper, &found, &fields, faults).await?;
            page_with(StatusCode::CONFLICT, &page)
        }
        Err(other) => Err(other.into()),
    }
}

/// Takes back what was asked for.
pub async fn cancel(
    State(service): State<Service>,
    shopper: Shopper,
    Path((number, shipment)): Path<(String, String)>,
    _: Form,
) -> Result<Response, Problem> {
    let found = of_order(&service, &shopper, &number, &shipment).await?;
    service.counter.cancel_redelivery(&shopper.caller, &shipment, service.clock.now()).await?;
    Ok(done(&format!("/orders/{}", found.order.number), "orders-redelivery-cancelled"))
}

/// The shopper's own shipment, of the order that the address names.
pub async fn of_order(
    service: &Service,
    shopper: &Shopper,
    number: &str,
    shipment_id: &str,
) -> Result<FoundShipment, Problem> {
    let order = own_order(service, shopper, number, Right::OrdersRead).await?.order;
    let found = service.counter.find_shipment(&shopper.caller, shipment_id, Right::OrdersRead).await?;
    if found.order.order_id == order.order_id {
        Ok(found)
    } else {
        Err(Problem::not_found("the order has no such shipment"))
    }
}

fn when(sent: &str) -> Option<(Date, String)> {
    let (day, slot) = sent.split_once(' ')?;
    Some((day.parse().ok()?, slot.to_owned()))
}

async fn drawn(
    service: &Service,
    shopper: &Shopper,
    found: &FoundShipment,
    fields: &Fields,
    faults: Faults,
) -> Result<RedeliveryPage, Problem> {
    let frame = Frame::of(&shopper.visitor, Room::Shopper, "/orders");
    let has_slip = fields.says("slip", "1");
    let (shipment_id, at) = (&found.shipment.shipment_id, service.clock.now());
    let choice = service.counter.redelivery_choice(&shopper.caller, shipment_id, has_slip, at).await?;
    let RedeliveryChoice { possible, offers, kept_until, asked, carrier_pages, .. } = choice;
    let asked = asked.filter(|asked| asked.cancelled_at.is_none()).map(|asked| {
        let text = frame.say("orders-redelivery-asked").with("day", frame.day(&asked.day));
        text.with("slot", frame.say_of("orders-slot", &asked.slot).to_string()).to_string()
    });
    Ok(RedeliveryPage {
        number: found.order.number.clone(),
        shipment_id: shipment_id.clone(),
        possible,
        offers: offers.iter().map(|offer| offer_shown(&frame, offer)).collect(),
        has_slip,
        kept_until,
        asked,
        carrier_pages,
        slip: fields.one("slip_number").to_owned(),
        chosen: fields.one("when").to_owned(),
        faults,
        key: service.counter.draw_session_token().reveal().to_owned(),
        frame,
    })
}

fn offer_shown(frame: &Frame, offer: &Offer) -> OfferShown {
    OfferShown {
        value: format!("{} {}", offer.day, offer.slot.id),
        day: frame.day(&offer.day),
        slot: offer.slot.id,
    }
}
