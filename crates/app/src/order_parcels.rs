//! All parcels of an order: how far each is, what was told of it, and why some cannot be followed yet.

use std::sync::Arc;

use choba_engine::market::{Market, Name};
use choba_engine::order::{Order, Shipment};
use choba_engine::tracking::{
    NoNumber, NumberSaid, NumberState, ParcelStatus, ShipmentState, TrackingEvent, combined, masked,
    shipment_state, why_no_number,
};
use choba_store::books;
use jiff::Timestamp;

use crate::parcel_numbers::{carrier_kind, carrier_name, number_of_carrier};
use crate::tell_tracking::states_of;
use crate::{AppError, Caller, Counter, Look};

/// All parcels of an order.
#[derive(Clone, Debug)]
pub struct OrderParcels {
    /// The order's number.
    pub order_number: String,
    /// How far its parcels are together; nothing where none has left.
    pub status: Option<ParcelStatus>,
    /// Its shipments, the first first.
    pub shipments: Vec<ShipmentParcels>,
    /// What cannot be followed, and why.
    pub without: Vec<NoNumber>,
    /// The market as it was when the order was placed.
    pub market: Arc<Market>,
}

/// The parcels of a shipment.
#[derive(Clone, Debug)]
pub struct ShipmentParcels {
    /// The shipment; its numbers are masked as those below.
    pub shipment: Shipment,
    /// What customers call its carrier.
    pub carrier_name: Option<Name>,
    /// How far it is.
    pub state: ShipmentState,
    /// Its numbers.
    pub numbers: Vec<ParcelOfShipment>,
}

/// A parcel.
#[derive(Clone, Debug)]
pub struct ParcelOfShipment {
    /// Its number, masked for those who may not see it.
    pub number: String,
    /// As the carrier prints it, likewise.
    pub display: String,
    /// Whether it can be one of the carrier.
    pub valid: bool,
    /// The carrier's page for it, for those who may see the number.
    pub track_url: Option<String>,
    /// How far it is.
    pub state: NumberState,
    /// What was told of it, the oldest first. Who may not see the number sees neither places nor the carrier's words.
    pub events: Vec<TrackingEvent>,
}

impl Caller {
    /// Whether they see a customer's tracking numbers whole without a reason: the customer does, and the program.
    pub fn sees_numbers_of(&self, customer_id: &str) -> bool {
        match self {
            Self::Itself => true,
            Self::Customer { customer_id: own } => own == customer_id,
            Self::Staff { .. } | Self::Machine { .. } => false,
        }
    }
}

impl Counter {
    /// The parcels of an order that the caller was found to see. Whoever is not its customer sees numbers masked.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn parcels_of_order(
        &self,
        caller: &Caller,
        order: &Order,
        at: Timestamp,
    ) -> Result<OrderParcels, AppError> {
        self.parcels(order, caller.sees_numbers_of(&order.customer_id), at).await
    }

    /// The same with whole numbers, for those who may see personal data and say why they need to. The look is recorded.
    ///
    /// # Errors
    /// As [`Counter::record_look`].
    pub async fn reveal_parcels_of_order(
        &self,
        caller: &Caller,
        order: &Order,
        reason: &str,
        at: Timestamp,
    ) -> Result<OrderParcels, AppError> {
        let look = Look {
            customer_id: order.customer_id.clone(),
            what: "tracking_number".to_owned(),
            subject: order.order_id.clone(),
            reason: reason.to_owned(),
        };
        self.record_look(caller, look, at).await?;
        self.parcels(order, true, at).await
    }

    async fn parcels(&self, order: &Order, shown: bool, at: Timestamp) -> Result<OrderParcels, AppError> {
        let market = self.market_version(&order.market_version).await?;
        let numbers: Vec<String> =
            order.shipments.iter().flat_map(|sent| sent.tracking_numbers.iter().cloned()).collect();
        let mut events = books::tracking_events(&self.store, &numbers).await?;
        events.sort();
        let said = said_of(order, &events);
        let without = why_no_number(order, &market, at, &said, &carrier_kind);
        let parcels = order.shipments.iter().map(|sent| parcels(sent, &events, &market, at));
        let shipments: Vec<ShipmentParcels> =
            parcels.map(|parcels| if shown { parcels } else { parcels.masked() }).collect();
        let without = if shown { without } else { without.into_iter().map(masked_reason).collect() };
        let status = combined(shipments.iter().map(|shipment| shipment.state.status));
        Ok(OrderParcels { order_number: order.number.clone(), status, shipments, without, market })
    }

    /// How far a shipment is now.
    pub(crate) async fn state_of_shipment(
        &self,
        order: &Order,
        shipment: &Shipment,
        at: Timestamp,
    ) -> Result<ShipmentParcels, AppError> {
        let market = self.market_version(&order.market_version).await?;
        let events = books::tracking_events(&self.store, &shipment.tracking_numbers).await?;
        Ok(parcels(shipment, &events, &market, at))
    }
}

fn said_of(order: &Order, events: &[TrackingEvent]) -> Vec<NumberSaid> {
    let of = |shipment: &Shipment, number: &String| NumberSaid {
        number: number.clone(),
        valid: number_of_carrier(number, shipment.carrier.as_deref()).valid,
        heard: NumberSaid::is_heard(number, events),
    };
    order
        .shipments
        .iter()
        .flat_map(|sent| sent.tracking_numbers.iter().map(|number| of(sent, number)))
        .collect()
}

fn parcels(shipment: &Shipment, events: &[TrackingEvent], market: &Market, at: Timestamp) -> ShipmentParcels {
    let states = states_of(shipment, events, market, at);
    let state = shipment_state(shipment, &states);
    let numbers = shipment.tracking_numbers.iter().zip(states);
    ShipmentParcels {
        carrier_name: shipment.carrier.as_deref().map(carrier_name),
        state,
        numbers: numbers.map(|(number, state)| parcel(shipment, number, state, events)).collect(),
        shipment: shipment.clone(),
    }
}

fn parcel(
    shipment: &Shipment,
    number: &str,
    state: NumberState,
    events: &[TrackingEvent],
) -> ParcelOfShipment {
    let said = number_of_carrier(number, shipment.carrier.as_deref());
    ParcelOfShipment {
        number: number.to_owned(),
        display: said.display,
        valid: said.valid,
        track_url: said.track_url,
        state,
        events: events.iter().filter(|event| event.number == number).cloned().collect(),
    }
}

impl ShipmentParcels {
    /// As those see it who may not see the numbers.
    pub(crate) fn masked(mut self) -> Self {
        for number in &mut self.shipment.tracking_numbers {
            *number = masked(number);
        }
        if let Some(redelivery) = &mut self.shipment.redelivery {
            redelivery.notice_number = None;
        }
        self.numbers = self.numbers.into_iter().map(ParcelOfShipment::masked).collect();
        self
    }
}

impl ParcelOfShipment {
    fn masked(self) -> Self {
        let hidden = masked(&self.number);
        let events = self.events.into_iter().map(|event| TrackingEvent {
            number: hidden.clone(),
            place: None,
            text: None,
            event_id: None,
            ..event
        });
        Self { events: events.collect(), display: hidden.clone(), number: hidden, track_url: None, ..self }
    }
}

fn masked_reason(without: NoNumber) -> NoNumber {
    NoNumber { number: without.number.as_deref().map(masked), ..without }
}
