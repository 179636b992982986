//! What an event tells beside its subject: numbers and ids by which others find what it is about. There is
//! nothing personal in it: whoever needs more asks for it with a right of its own.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Changes, CustomerBooks, Event, EventKind, Lot};
use crate::order::Order;

/// What an event tells beside its subject; what does not fit its kind is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventData {
    /// The number that the customer sees, of events about an order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_number: Option<String>,
    /// How far the order is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_state: Option<String>,
    /// How far its payment is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_state: Option<String>,
    /// The seller that is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seller: Option<String>,
    /// The shipment that is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipment_id: Option<String>,
    /// The return that is meant, by its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_number: Option<String>,
    /// The refund that is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_id: Option<String>,
    /// What was asked of others that is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask_id: Option<String>,
    /// Why, as a code of the other side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The program whose value it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// The case that is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_id: Option<String>,
    /// The chat that is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat_id: Option<String>,
    /// Points, or yen of a balance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<i64>,
    /// The last second of the value it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl EventData {
    /// What is to be told of an event, from what was loaded and what is written with it.
    pub fn of(event: &Event, changes: &Changes, books: &CustomerBooks, orders: &[Order]) -> Self {
        let mut data = Self::default();
        data.tell_part(event);
        if let Some(order) = changes.orders.iter().chain(orders).find(|order| order.order_id == event.subject)
        {
            data.tell_order(order);
        }
        if let Some(lot) = changes.lots.iter().chain(&books.lots).find(|lot| lot.lot_id == event.subject) {
            data.tell_lot(event.kind, lot, changes);
        }
        if matches!(event.kind, EventKind::BalanceAdjusted | EventKind::LinkChanged) {
            data.program = Some(event.subject.clone());
        }
        data
    }

    fn tell_part(&mut self, event: &Event) {
        let Some(part) = event.part.clone() else { return };
        if event.kind == EventKind::ValueExpiring {
            self.expires_at = part.parse().ok();
            return;
        }
        let field = match event.kind {
            EventKind::OrderPreparing => &mut self.seller,
            EventKind::OrderShipped | EventKind::OrderDelivered => &mut self.shipment_id,
            EventKind::ReturnRequested | EventKind::ReturnReceived | EventKind::ReturnWithdrawn => {
                &mut self.return_number
            }
            EventKind::OrderRefunded => &mut self.refund_id,
            EventKind::OrderInTrouble | EventKind::RefundSettled => &mut self.ask_id,
            EventKind::ChatEnded => &mut self.chat_id,
            EventKind::CallbackMissed => &mut self.case_id,
            _ => &mut self.code,
        };
        *field = Some(part);
    }

    fn tell_order(&mut self, order: &Order) {
        self.order_number = Some(order.number.clone());
        self.order_state = Some(order.state().code().to_owned());
        self.payment_state = Some(order.payment.state.code().to_owned());
        if let Some(ask_id) = &self.ask_id {
            let trouble = order.troubles.iter().rev().find(|trouble| trouble.ask_id == *ask_id);
            self.code = trouble.map(|trouble| trouble.code.clone());
        }
    }

    /// Of what expired, as much as is booked; else what is left.
    fn tell_lot(&mut self, kind: EventKind, lot: &Lot, changes: &Changes) {
        let booked = changes.lot_changes.iter().find(|change| change.lot_id == lot.lot_id);
        let expired = booked.filter(|_| kind == EventKind::ValueExpired).map(|change| change.expired);
        self.program = Some(lot.program.clone());
        self.points = Some(expired.unwrap_or(lot.remaining).units());
        self.expires_at = self.expires_at.or(lot.expires_at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_told_under_its_own_name() {
        let told = |kind, field: fn(&EventData) -> &Option<String>| {
            let event = Event { kind, subject: "o".to_owned(), part: Some("p".to_owned()) };
            let data = EventData::of(&event, &Changes::default(), &CustomerBooks::default(), &[]);
            assert_eq!(field(&data).as_deref(), Some("p"), "{kind:?}");
        };
        told(EventKind::OrderPreparing, |data| &data.seller);
        told(EventKind::OrderShipped, |data| &data.shipment_id);
        told(EventKind::OrderDelivered, |data| &data.shipment_id);
        told(EventKind::ReturnRequested, |data| &data.return_number);
        told(EventKind::OrderRefunded, |data| &data.refund_id);
        told(EventKind::ChatEnded, |data| &data.chat_id);
        told(EventKind::CallbackMissed, |data| &data.case_id);
        told(EventKind::PaymentRefused, |data| &data.code);
    }

    #[test]
    fn every_kind_has_a_code_of_its_own() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::from_code(kind.code()), Some(kind));
        }
    }
}
