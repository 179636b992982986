//! What carriers tell of a shipment, and what a customer who was not in asks for.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::deliver::arrive;
use super::{Order, OrderRefusal, Shipment};
use crate::books::{Changes, CustomerBooks, EventKind, Operation};
use crate::tracking::{Offer, ParcelStatus, Redelivery, ShipmentState, offers, terms_of};

/// How far a shipment was when carriers were last heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracked {
    /// How far.
    pub status: ParcelStatus,
    /// When it came so far.
    pub since: Timestamp,
}

/// What a customer asks for.
#[derive(Clone, Debug)]
pub struct AskRedelivery {
    /// Of which shipment.
    pub shipment_id: String,
    /// On which day.
    pub day: Date,
    /// In which slot.
    pub slot: String,
    /// Whether they have the carrier's slip in their hands: then the carrier's news may be late.
    pub has_slip: bool,
    /// The slip's own number, where it has one.
    pub notice_number: Option<String>,
}

/// Takes what carriers have told of a shipment into the order. Others hear of what has changed; once all of its
/// parcels are there, it has arrived, at the time that the carrier said. The same again changes nothing.
pub fn track(
    books: &CustomerBooks,
    operation: &Operation,
    order: &Order,
    shipment_id: &str,
    state: ShipmentState,
) -> Result<Changes, OrderRefusal> {
    let operation = &books.in_order(operation);
    let (mut order, mut changes) = (order.clone(), Changes::default());
    let shipment = shipment_mut(&mut order, shipment_id)?;
    let now = Tracked { status: state.status, since: state.since };
    if shipment.tracked == Some(now) {
        return Ok(changes);
    }
    let before = shipment.tracked.replace(now).map_or(ParcelStatus::Pending, |before| before.status);
    if before != now.status {
        order.happened(operation, now.status.code(), Some(shipment_id));
        if let Some(kind) = told_of(now.status) {
            changes.tell_part(kind, &order.order_id, shipment_id);
        }
    }
    if now.status == ParcelStatus::Delivered {
        let at = now.since.min(operation.at);
        arrive(&mut order, operation, shipment_id, at, &mut changes)?;
    }
    changes.orders.push(order);
    Ok(changes)
}

/// What others hear of. That a parcel arrived is told with the order.
fn told_of(status: ParcelStatus) -> Option<EventKind> {
    match status {
        ParcelStatus::OutForDelivery => Some(EventKind::ParcelOutForDelivery),
        ParcelStatus::AttemptFailed => Some(EventKind::ParcelAttemptFailed),
        ParcelStatus::AvailableForPickup => Some(EventKind::ParcelAvailableForPickup),
        ParcelStatus::Exception => Some(EventKind::ParcelException),
        ParcelStatus::Returned => Some(EventKind::ParcelReturned),
        ParcelStatus::Pending
        | ParcelStatus::InfoReceived
        | ParcelStatus::InTransit
        | ParcelStatus::Expired
        | ParcelStatus::Delivered => None,
    }
}

/// What a customer who was not in can ask for now; nothing where the carrier's terms are not known.
///
/// # Errors
/// [`OrderRefusal::NotForRedelivery`] where the parcel does not wait for it.
pub fn redelivery_offers(
    shipment: &Shipment,
    has_slip: bool,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Vec<Offer>, OrderRefusal> {
    let tracked = shipment.tracked.unwrap_or(Tracked { status: ParcelStatus::Pending, since: now });
    let tried = matches!(tracked.status, ParcelStatus::AttemptFailed | ParcelStatus::AvailableForPickup);
    let over = shipment.delivered_at.is_some() || tracked.status.is_final();
    if over || !(tried || has_slip) {
        return Err(OrderRefusal::NotForRedelivery { status: tracked.status });
    }
    let tried_at = if tried { tracked.since } else { now };
    match shipment.carrier.as_deref().and_then(terms_of) {
        Some(terms) => Ok(offers(terms, tried_at, now, zone)?),
        None => Ok(Vec::new()),
    }
}

/// Notes what a customer asked for, or changes it. Asking for the same again changes nothing.
pub fn ask_redelivery(
    books: &CustomerBooks,
    operation: &Operation,
    order: &Order,
    ask: &AskRedelivery,
    zone: &TimeZone,
) -> Result<Changes, OrderRefusal> {
    let operation = &books.in_order(operation);
    let (mut order, mut changes) = (order.clone(), Changes::default());
    let shipment = shipment_mut(&mut order, &ask.shipment_id)?;
    let offered = redelivery_offers(shipment, ask.has_slip, operation.at, zone)?;
    if !offered.iter().any(|offer| offer.day == ask.day && offer.slot.id == ask.slot) {
        return Err(OrderRefusal::SlotNotOffered { day: ask.day, slot: ask.slot.clone() });
    }
    let new = Redelivery {
        day: ask.day,
        slot: ask.slot.clone(),
        notice_number: ask.notice_number.clone(),
        asked_at: operation.at,
        cancelled_at: None,
    };
    let same = |old: &Redelivery| Redelivery { asked_at: new.asked_at, ..old.clone() } == new;
    if shipment.redelivery.as_ref().is_some_and(same) {
        return Ok(changes);
    }
    shipment.redelivery = Some(new);
    order.happened(operation, "redelivery_requested", Some(&ask.shipment_id));
    changes.tell_part(EventKind::RedeliveryRequested, &order.order_id, &ask.shipment_id);
    changes.orders.push(order);
    Ok(changes)
}

/// Takes back what was asked for. Doing it twice changes nothing.
pub fn cancel_redelivery(
    books: &CustomerBooks,
    operation: &Operation,
    order: &Order,
    shipment_id: &str,
) -> Result<Changes, OrderRefusal> {
    let operation = &books.in_order(operation);
    let (mut order, mut changes) = (order.clone(), Changes::default());
    let shipment = shipment_mut(&mut order, shipment_id)?;
    let redelivery = shipment.redelivery.as_mut().ok_or(OrderRefusal::Nothing)?;
    if redelivery.cancelled_at.is_some() {
        return Ok(changes);
    }
    redelivery.cancelled_at = Some(operation.at);
    order.happened(operation, "redelivery_cancelled", Some(shipment_id));
    changes.tell_part(EventKind::RedeliveryCancelled, &order.order_id, shipment_id);
    changes.orders.push(order);
    Ok(changes)
}

fn shipment_mut<'o>(order: &'o mut Order, shipment_id: &str) -> Result<&'o mut Shipment, OrderRefusal> {
    let unknown = || OrderRefusal::UnknownShipment { shipment: shipment_id.to_owned() };
    order.shipments.iter_mut().find(|sent| sent.shipment_id == shipment_id).ok_or_else(unknown)
}
