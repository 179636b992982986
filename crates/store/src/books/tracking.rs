//! Whose shipment a tracking number is of, and what carriers told of numbers.
//!
//! News may come before the number is in any shipment, and a carrier uses numbers again: so news are kept by number
//! and not by shipment, and are never changed. They belong to no customer; what they mean for one is decided when
//! they are read together with the order.

use choba_engine::books::{NewShipment, NumberOfShipment};
use choba_engine::tracking::{ParcelStatus, TrackingEvent};
use jiff::Timestamp;

use super::{millis, timestamp, unknown};
use crate::sql::{Decided, Read, Row, Statement, Store, StoreError, Type, Value, Work, Write};

const NUMBER: &[(&str, Type)] = &[("number", Type::Text)];

static KEEP_SHIPMENT: Statement = Statement::new(
    "keep whose a shipment is",
    &[
        ("shipment_id", Type::Text),
        ("customer_id", Type::Text),
        ("order_id", Type::Text),
        ("market", Type::Text),
    ],
    "INSERT INTO shipments (shipment_id, customer_id, order_id, market)
     SELECT :shipment_id, :customer_id, :order_id, :market FROM {rows}",
)
.order(33)
.one_each();

static KEEP_NUMBER: Statement = Statement::new(
    "keep a tracking number",
    &[
        ("number", Type::Text),
        ("customer_id", Type::Text),
        ("order_id", Type::Text),
        ("shipment_id", Type::Text),
        ("market", Type::Text),
    ],
    "INSERT INTO tracking_numbers (number, customer_id, order_id, shipment_id, market)
     SELECT :number, :customer_id, :order_id, :shipment_id, :market FROM {rows} WHERE true
     ON CONFLICT DO NOTHING",
)
.order(34);

static KEEP_EVENT: Statement = Statement::new(
    "keep a tracking event",
    &[
        ("number", Type::Text),
        ("event_key", Type::Text),
        ("carrier", Type::Text),
        ("status", Type::Text),
        ("happened_at", Type::Int),
        ("place", Type::Text),
        ("words", Type::Text),
        ("event_id", Type::Text),
        ("received_at", Type::Int),
        ("told_by", Type::Text),
    ],
    "INSERT INTO tracking_events (number, event_key, carrier, status, happened_at, place, words, event_id, received_at,
                                  told_by)
     SELECT :number, :event_key, :carrier, :status, :happened_at, :place, :words, :event_id, :received_at, :told_by
     FROM {rows} WHERE true
     ON CONFLICT DO NOTHING",
)
.order(37);

static KNOWN_EVENT: Statement = Statement::new(
    "whether a tracking event is known",
    &[("number", Type::Text), ("event_key", Type::Text)],
    "SELECT :row, e.event_key
     FROM {rows} JOIN tracking_events AS e ON e.number = :number AND e.event_key = :event_key",
);

static SHIPMENT: Statement = Statement::new(
    "whose a shipment is",
    &[("shipment_id", Type::Text)],
    "SELECT :row, s.customer_id, s.order_id, s.shipment_id, s.market
     FROM {rows} JOIN shipments AS s ON s.shipment_id = :shipment_id",
);

static SHIPMENTS: Statement = Statement::new(
    "shipments of a tracking number",
    NUMBER,
    "SELECT :row, n.customer_id, n.order_id, n.shipment_id, n.market
     FROM {rows} JOIN tracking_numbers AS n ON n.number = :number
     ORDER BY n.customer_id, n.shipment_id",
);

static SHIPMENTS_OF_CUSTOMER: Statement = Statement::new(
    "shipments of a customer by tracking number",
    &[("number", Type::Text), ("customer_id", Type::Text)],
    "SELECT :row, n.customer_id, n.order_id, n.shipment_id, n.market
     FROM {rows} JOIN tracking_numbers AS n ON n.number = :number AND n.customer_id = :customer_id
     ORDER BY n.shipment_id",
);

static EVENTS: Statement = Statement::new(
    "tracking events of a number",
    NUMBER,
    "SELECT :row, e.number, e.carrier, e.status, e.happened_at, e.place, e.words, e.event_id
     FROM {rows} JOIN tracking_events AS e ON e.number = :number
     ORDER BY e.happened_at, e.event_key",
);

/// Whose a shipment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShipmentOf {
    /// The customer.
    pub customer_id: String,
    /// The order.
    pub order_id: String,
    /// The shipment.
    pub shipment_id: String,
    /// The market.
    pub market: String,
}

pub(super) fn write_shipment(customer_id: &str, market: &str, shipment: &NewShipment) -> Write {
    let row: Vec<Value> =
        vec![(&shipment.shipment_id).into(), customer_id.into(), (&shipment.order_id).into(), market.into()];
    KEEP_SHIPMENT.write(row)
}

pub(super) fn write_number(customer_id: &str, market: &str, number: &NumberOfShipment) -> Write {
    let row: Vec<Value> = vec![
        (&number.number).into(),
        customer_id.into(),
        (&number.order_id).into(),
        (&number.shipment_id).into(),
        market.into(),
    ];
    KEEP_NUMBER.write(row)
}

/// A read of what was told of a number, for a decision; its rows are for [`read_tracking_event`].
pub fn tracking_events_of(number: &str) -> Read {
    EVENTS.read(vec![number.into()])
}

/// A row of [`tracking_events_of`].
///
/// # Errors
/// [`StoreError::Defect`] where the program does not know what stands there.
pub fn read_tracking_event(row: &Row) -> Result<TrackingEvent, StoreError> {
    let status = row.optional_text(2)?;
    let known = |code: &str| ParcelStatus::read(code).ok_or_else(|| unknown("status of a parcel", code));
    Ok(TrackingEvent {
        number: row.text(0)?.to_owned(),
        carrier: row.text(1)?.to_owned(),
        status: status.map(known).transpose()?,
        at: timestamp(row.int(3)?)?,
        place: row.optional_text(4)?.map(str::to_owned),
        text: row.optional_text(5)?.map(str::to_owned),
        event_id: row.optional_text(6)?.map(str::to_owned),
    })
}

/// What was told of these numbers.
///
/// # Errors
/// See [`StoreError`].
pub async fn tracking_events(store: &Store, numbers: &[String]) -> Result<Vec<TrackingEvent>, StoreError> {
    let rows = numbers.iter().map(|number| vec![number.into()]).collect();
    store.read(&EVENTS, rows).await?.iter().map(read_tracking_event).collect()
}

/// Whose a shipment is.
///
/// # Errors
/// See [`StoreError`].
pub async fn shipment_by_id(store: &Store, shipment_id: &str) -> Result<Option<ShipmentOf>, StoreError> {
    let rows = store.read(&SHIPMENT, vec![vec![shipment_id.into()]]).await?;
    rows.first().map(read_shipment).transpose()
}

/// Whose a number is; usually one shipment's.
///
/// # Errors
/// See [`StoreError`].
pub async fn shipments_of_number(store: &Store, number: &str) -> Result<Vec<ShipmentOf>, StoreError> {
    store.read(&SHIPMENTS, vec![vec![number.into()]]).await?.iter().map(read_shipment).collect()
}

/// A customer's own shipments of a number.
///
/// # Errors
/// See [`StoreError`].
pub async fn shipments_of_customer_by_number(
    store: &Store,
    customer_id: &str,
    number: &str,
) -> Result<Vec<ShipmentOf>, StoreError> {
    let row: Vec<Value> = vec![number.into(), customer_id.into()];
    store.read(&SHIPMENTS_OF_CUSTOMER, vec![row]).await?.iter().map(read_shipment).collect()
}

fn read_shipment(row: &Row) -> Result<ShipmentOf, StoreError> {
    Ok(ShipmentOf {
        customer_id: row.text(0)?.to_owned(),
        order_id: row.text(1)?.to_owned(),
        shipment_id: row.text(2)?.to_owned(),
        market: row.text(3)?.to_owned(),
    })
}

/// An event with the key by which it is known again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedEvent {
    /// The event.
    pub event: TrackingEvent,
    /// A digest of all that it says.
    pub event_key: String,
}

struct Keep {
    key: String,
    events: Vec<KeyedEvent>,
    received_at: i64,
    told_by: String,
}

impl Work for Keep {
    type Answer = usize;

    fn key(&self) -> &str {
        &self.key
    }

    fn reads(&self) -> Vec<Read> {
        let known = |keyed: &KeyedEvent| {
            KNOWN_EVENT.read(vec![Value::from(&keyed.event.number), Value::from(&keyed.event_key)])
        };
        self.events.iter().map(known).collect()
    }

    fn decide(&mut self, rows: &[Vec<Row>]) -> Result<Decided<usize>, StoreError> {
        let new = self.events.iter().zip(rows).filter(|(_, known)| known.is_empty());
        let writes: Vec<Write> = new.map(|(keyed, _)| self.write(keyed)).collect();
        let count = writes.len();
        Ok(if writes.is_empty() { Decided::Nothing(0) } else { Decided::Write(writes, count) })
    }
}

impl Keep {
    fn write(&self, keyed: &KeyedEvent) -> Write {
        let event = &keyed.event;
        let row: Vec<Value> = vec![
            (&event.number).into(),
            (&keyed.event_key).into(),
            (&event.carrier).into(),
            event.status.map(ParcelStatus::code).map(str::to_owned).as_ref().into(),
            millis(event.at).into(),
            event.place.as_ref().into(),
            event.text.as_ref().into(),
            event.event_id.as_ref().into(),
            self.received_at.into(),
            (&self.told_by).into(),
        ];
        KEEP_EVENT.write(row)
    }
}

/// Keeps what was told of one number; answers how many events were new. No two of them have one key.
///
/// # Errors
/// See [`StoreError`].
pub async fn keep_tracking_events(
    store: &Store,
    number: &str,
    events: Vec<KeyedEvent>,
    told_by: &str,
    received_at: Timestamp,
) -> Result<usize, StoreError> {
    // Names of customers never begin so.
    let key = format!("@number {number}");
    store.perform(Keep { key, events, received_at: millis(received_at), told_by: told_by.to_owned() }).await
}
