//! "Why is there no number yet?": from an order's own state and the time, with when to look again and whom to ask.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::TrackingEvent;
use crate::calendar::{date_of, days_after, last_second_of, start_of};
use crate::market::{ItemKind, Market, ParcelPolicy, SellerType};
use crate::order::{GroupState, Order, PaymentState, Shipment};

/// Why a parcel cannot be followed yet, or at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoNumberReason {
    /// All of it is cancelled.
    Cancelled,
    /// Nothing is sent: downloads, memberships, codes.
    Digital,
    /// The payment is not there.
    WaitingForPayment,
    /// Nobody has begun yet.
    JustOrdered,
    /// The seller prepares it.
    Preparing,
    /// The day by which it usually leaves has passed.
    Delayed,
    /// Private persons choose how they send; there may never be a number.
    IndividualSeller,
    /// It has left, and neither number nor news are there yet.
    CarrierNotUpdated,
    /// It has left long enough ago for a number, and there is none.
    NumberNotGiven,
    /// It has a number, and the carrier has not said anything for longer than usual.
    NotHandedOver,
    /// Sent in a way that has no tracking.
    OrdinaryMail,
    /// By a carrier whose parcels cannot be followed from here.
    UnsupportedCarrier,
    /// The number cannot be one of that carrier.
    NumberWrong,
}

impl NoNumberReason {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Cancelled,
        Self::Digital,
        Self::WaitingForPayment,
        Self::JustOrdered,
        Self::Preparing,
        Self::Delayed,
        Self::IndividualSeller,
        Self::CarrierNotUpdated,
        Self::NumberNotGiven,
        Self::NotHandedOver,
        Self::OrdinaryMail,
        Self::UnsupportedCarrier,
        Self::NumberWrong,
    ];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Digital => "digital",
            Self::WaitingForPayment => "waiting_for_payment",
            Self::JustOrdered => "just_ordered",
            Self::Preparing => "preparing",
            Self::Delayed => "delayed",
            Self::IndividualSeller => "individual_seller",
            Self::CarrierNotUpdated => "carrier_not_updated",
            Self::NumberNotGiven => "number_not_given",
            Self::NotHandedOver => "not_handed_over",
            Self::OrdinaryMail => "ordinary_mail",
            Self::UnsupportedCarrier => "unsupported_carrier",
            Self::NumberWrong => "number_wrong",
        }
    }

    /// Who can do something about it.
    pub fn whom_to_ask(self) -> WhomToAsk {
        match self {
            Self::Delayed
            | Self::IndividualSeller
            | Self::NumberNotGiven
            | Self::NotHandedOver
            | Self::OrdinaryMail
            | Self::NumberWrong => WhomToAsk::Seller,
            Self::UnsupportedCarrier => WhomToAsk::Carrier,
            Self::Cancelled
            | Self::Digital
            | Self::WaitingForPayment
            | Self::JustOrdered
            | Self::Preparing
            | Self::CarrierNotUpdated => WhomToAsk::Nobody,
        }
    }
}

/// Who can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhomToAsk {
    /// Nobody has to be asked now.
    Nobody,
    /// The seller.
    Seller,
    /// The carrier.
    Carrier,
}

/// What is known of a way of sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarrierKind {
    /// Its parcels can be followed.
    Tracked,
    /// It has no tracking: ordinary mail.
    Untracked,
    /// Nothing is known of it here.
    Unknown,
}

/// What is known of a number beside what stands in the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberSaid {
    /// As it stands in the shipment.
    pub number: String,
    /// Whether it can be a number of its carrier.
    pub valid: bool,
    /// Whether a carrier has told anything of it.
    pub heard: bool,
}

impl NumberSaid {
    /// Whether any of these events is of the number.
    pub fn is_heard(number: &str, events: &[TrackingEvent]) -> bool {
        events.iter().any(|event| event.number == number)
    }
}

/// A part of an order that cannot be followed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoNumber {
    /// Who sends it.
    pub seller: String,
    /// Of which shipment, where there is one.
    pub shipment_id: Option<String>,
    /// Which number it is about, where there is one.
    pub number: Option<String>,
    /// Why.
    pub reason: NoNumberReason,
    /// When something may have changed.
    pub look_again_at: Option<Timestamp>,
}

/// What speaks against following each part of an order; nothing of what can be followed or has arrived.
///
/// `kind_of` tells what is known of a carrier by its id.
pub fn why_no_number(
    order: &Order,
    market: &Market,
    now: Timestamp,
    said: &[NumberSaid],
    kind_of: &dyn Fn(&str) -> CarrierKind,
) -> Vec<NoNumber> {
    let asking = Asking { order, market, policy: &market.policies.parcels, now, said, kind_of };
    order.groups.iter().flat_map(|group| asking.of_seller(&group.seller)).collect()
}

struct Asking<'a> {
    order: &'a Order,
    market: &'a Market,
    policy: &'a ParcelPolicy,
    now: Timestamp,
    said: &'a [NumberSaid],
    kind_of: &'a dyn Fn(&str) -> CarrierKind,
}

type Why = (NoNumberReason, Option<Timestamp>);

impl Asking<'_> {
    fn of_seller(&self, seller: &str) -> Vec<NoNumber> {
        let tell = |(reason, look_again_at): Why| NoNumber {
            seller: seller.to_owned(),
            shipment_id: None,
            number: None,
            reason,
            look_again_at,
        };
        if self.order.group_state(seller) == GroupState::Cancelled {
            return vec![tell((NoNumberReason::Cancelled, None))];
        }
        let mut parcels = self.order.lines.iter().filter(|line| {
            line.seller == seller && line.kind == ItemKind::Physical && line.cancelled < line.quantity
        });
        if parcels.clone().next().is_none() {
            return vec![tell((NoNumberReason::Digital, None))];
        }
        let mut all: Vec<NoNumber> = Vec::new();
        if parcels.any(|line| line.open() > 0) {
            all.push(tell(self.not_sent(seller)));
        }
        let sent = self.order.shipments.iter().filter(|sent| sent.seller == seller);
        all.extend(sent.filter(|sent| sent.delivered_at.is_none()).flat_map(|sent| self.of_shipment(sent)));
        all
    }

    fn not_sent(&self, seller: &str) -> Why {
        let payment = &self.order.payment;
        match payment.state {
            PaymentState::Refused => return (NoNumberReason::Cancelled, None),
            PaymentState::AwaitingPayment => return (NoNumberReason::WaitingForPayment, payment.deadline),
            PaymentState::Asking => return (NoNumberReason::WaitingForPayment, self.hours_later(1)),
            PaymentState::Authorised | PaymentState::Paid => {}
        }
        let usual = self.usually_sent_by();
        if usual.is_some_and(|last| self.now > last) {
            return (NoNumberReason::Delayed, self.tomorrow());
        }
        if self.is_individual(seller) {
            return (NoNumberReason::IndividualSeller, usual);
        }
        if self.order.group_state(seller) == GroupState::Placed {
            let a_day_later = hours_after(self.stands_since(), 24).filter(|day| *day > self.now);
            return (NoNumberReason::JustOrdered, a_day_later.or(usual));
        }
        (NoNumberReason::Preparing, usual)
    }

    fn of_shipment(&self, shipment: &Shipment) -> Vec<NoNumber> {
        let tell = |number: Option<&String>, (reason, look_again_at): Why| NoNumber {
            seller: shipment.seller.clone(),
            shipment_id: Some(shipment.shipment_id.clone()),
            number: number.cloned(),
            reason,
            look_again_at,
        };
        if shipment.tracking_numbers.is_empty() {
            return vec![tell(None, self.without_number(shipment))];
        }
        let numbers = shipment.tracking_numbers.iter();
        numbers.filter_map(|number| Some(tell(Some(number), self.of_number(shipment, number)?))).collect()
    }

    fn without_number(&self, shipment: &Shipment) -> Why {
        match self.kind(shipment) {
            Some(CarrierKind::Untracked) => (NoNumberReason::OrdinaryMail, None),
            Some(CarrierKind::Unknown) => (NoNumberReason::UnsupportedCarrier, None),
            Some(CarrierKind::Tracked) | None => match self.first_scan(shipment) {
                Some(later) => (NoNumberReason::CarrierNotUpdated, Some(later)),
                None if self.is_individual(&shipment.seller) => (NoNumberReason::IndividualSeller, None),
                None => (NoNumberReason::NumberNotGiven, self.tomorrow()),
            },
        }
    }

    fn of_number(&self, shipment: &Shipment, number: &str) -> Option<Why> {
        let said = self.said.iter().find(|said| said.number == number);
        if said.is_some_and(|said| said.heard) {
            return None;
        }
        if said.is_some_and(|said| !said.valid) {
            return Some((NoNumberReason::NumberWrong, None));
        }
        if self.kind(shipment) == Some(CarrierKind::Unknown) {
            return Some((NoNumberReason::UnsupportedCarrier, None));
        }
        Some(match self.first_scan(shipment) {
            Some(later) => (NoNumberReason::CarrierNotUpdated, Some(later)),
            None => (NoNumberReason::NotHandedOver, self.tomorrow()),
        })
    }

    fn kind(&self, shipment: &Shipment) -> Option<CarrierKind> {
        shipment.carrier.as_deref().map(self.kind_of)
    }

    fn is_individual(&self, seller: &str) -> bool {
        self.market.seller(seller).is_some_and(|seller| seller.seller_type == SellerType::Individual)
    }

    /// Since when it can be prepared: a payment at a counter comes later than the order.
    fn stands_since(&self) -> Timestamp {
        let paid = self.order.history.iter().rev().find(|happened| happened.what == "paid");
        paid.map_or(self.order.placed_at, |paid| paid.at)
    }

    fn usually_sent_by(&self) -> Option<Timestamp> {
        let zone = &self.market.time_zone;
        let last = days_after(date_of(self.stands_since(), zone), self.policy.ships_within_days).ok()?;
        last_second_of(last, zone).ok()
    }

    /// When the carrier's first news usually are there, while that is still to come.
    fn first_scan(&self, shipment: &Shipment) -> Option<Timestamp> {
        hours_after(shipment.shipped_at, self.policy.first_scan_hours.into()).filter(|scan| *scan > self.now)
    }

    fn tomorrow(&self) -> Option<Timestamp> {
        let zone = &self.market.time_zone;
        start_of(days_after(date_of(self.now, zone), 1).ok()?, zone).ok()
    }

    fn hours_later(&self, hours: i64) -> Option<Timestamp> {
        hours_after(self.now, hours)
    }
}

fn hours_after(at: Timestamp, hours: i64) -> Option<Timestamp> {
    at.checked_add(SignedDuration::from_hours(hours)).ok()
}
