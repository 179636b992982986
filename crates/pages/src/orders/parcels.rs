//! The parcels of an order: how far each is, and why some cannot be followed yet.

use choba_app::{OrderParcels, ParcelOfShipment, ShipmentParcels};
use choba_engine::tracking::{NoNumber, ParcelStatus};
use choba_formats::parcels::no_number;
use jiff::Timestamp;

use crate::frame::Frame;
use crate::shop::catalogue::said;

/// A shipment as it is shown.
pub struct ShipmentShown {
    pub shipment_id: String,
    pub seller: String,
    pub carrier: String,
    pub status: &'static str,
    pub class: &'static str,
    pub shipped_at: Timestamp,
    pub delivered_at: Option<Timestamp>,
    pub numbers: Vec<NumberShown>,
    /// Whether the customer may have it delivered again.
    pub can_be_redelivered: bool,
    /// Whether it counts as delivered.
    pub is_delivered: bool,
    /// The day for which it was asked for again.
    pub redelivery: Option<String>,
}

/// A tracking number.
pub struct NumberShown {
    pub display: String,
    pub track_url: Option<String>,
    pub events: Vec<EventShown>,
}

/// What a carrier told.
pub struct EventShown {
    pub at: Timestamp,
    /// The end of a message's id; nothing where the carrier's words are not known.
    pub status: Option<&'static str>,
    pub place: String,
    pub text: String,
}

/// What cannot be followed, and why.
pub struct WithoutShown {
    pub message: String,
    pub remedy: String,
}

/// All of an order.
pub struct ParcelsShown {
    pub shipments: Vec<ShipmentShown>,
    pub without: Vec<WithoutShown>,
}

impl ParcelsShown {
    pub fn of(frame: &Frame, parcels: &OrderParcels) -> Self {
        Self {
            shipments: parcels.shipments.iter().map(|sent| shipment(frame, parcels, sent)).collect(),
            without: parcels.without.iter().map(|without| reason(frame, parcels, without)).collect(),
        }
    }
}

fn shipment(frame: &Frame, parcels: &OrderParcels, sent: &ShipmentParcels) -> ShipmentShown {
    let status = sent.state.status;
    let seller = parcels.market.seller(&sent.shipment.seller);
    let is_delivered = sent.shipment.delivered_at.is_some() || status == ParcelStatus::Delivered;
    let redelivery = sent.shipment.redelivery.as_ref().filter(|asked| asked.cancelled_at.is_none());
    ShipmentShown {
        shipment_id: sent.shipment.shipment_id.clone(),
        seller: seller
            .map_or_else(|| sent.shipment.seller.clone(), |seller| said(&seller.name, frame.language)),
        carrier: sent.carrier_name.as_ref().map(|name| said(name, frame.language)).unwrap_or_default(),
        status: if is_delivered { ParcelStatus::Delivered.code() } else { status.code() },
        class: class_of(status, is_delivered),
        shipped_at: sent.shipment.shipped_at,
        delivered_at: sent.shipment.delivered_at,
        numbers: sent.numbers.iter().map(number).collect(),
        can_be_redelivered: !is_delivered && sent.shipment.carrier.is_some(),
        is_delivered,
        redelivery: redelivery.map(|asked| {
            let text = frame.say("orders-redelivery-asked").with("day", frame.day(&asked.day));
            text.with("slot", frame.say_of("orders-slot", &asked.slot).to_string()).to_string()
        }),
    }
}

fn class_of(status: ParcelStatus, is_delivered: bool) -> &'static str {
    match status {
        _ if is_delivered => "good",
        ParcelStatus::Exception | ParcelStatus::Returned => "bad",
        ParcelStatus::AttemptFailed | ParcelStatus::AvailableForPickup | ParcelStatus::Expired => "warn",
        _ => "",
    }
}

fn number(parcel: &ParcelOfShipment) -> NumberShown {
    let mut events: Vec<EventShown> = parcel
        .events
        .iter()
        .map(|event| EventShown {
            at: event.at,
            status: event.status.map(ParcelStatus::code),
            place: event.place.clone().unwrap_or_default(),
            text: event.text.clone().unwrap_or_default(),
        })
        .collect();
    // What happened last is what people look for.
    events.reverse();
    NumberShown { display: parcel.display.clone(), track_url: parcel.track_url.clone(), events }
}

fn reason(frame: &Frame, parcels: &OrderParcels, without: &NoNumber) -> WithoutShown {
    let shipments = parcels.shipments.iter();
    let mut of = shipments.filter(|sent| Some(&sent.shipment.shipment_id) == without.shipment_id.as_ref());
    let carrier = of.next().and_then(|sent| sent.carrier_name.as_ref());
    let worded = no_number(without, carrier, &parcels.market, frame.language);
    WithoutShown { message: worded.message, remedy: worded.remedy }
}
