//! What carriers tell of parcels is taken in, in any order, repeated and late.
//!
//! News are kept by number first, and then taken into the orders that have the number. Whoever tells the same again
//! changes nothing, and finishes what a crash left between the two.

use std::collections::BTreeMap;
use std::sync::Arc;

use choba_engine::books::Operation;
use choba_engine::market::Market;
use choba_engine::order::{self, Shipment};
use choba_engine::tracking::{
    NumberState, ParcelStatus, TrackingEvent, number_state, shipment_state, status_of_words,
};
use choba_store::books::{
    self, Decision, KeyedEvent, Loaded, Needs, Next, ShipmentOf, ToWrite, keep_tracking_events,
    read_tracking_event, tracking_events_of,
};
use choba_store::sql::{Row, StoreError};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::parcel_numbers::normal_number;
use crate::{AppError, Caller, Counter, Right};

/// The most events that are taken at once.
pub const TRACKING_EVENTS_MAX: usize = 500;

/// Events of one number that are kept at once.
const TOGETHER: usize = 50;

/// A carrier's clock may be so much ahead.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// The longest text that is kept of a carrier's words, in characters.
const WORDS_MAX: usize = 200;

/// What a carrier told, as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrackingNews {
    /// The number, however it is written.
    pub number: String,
    /// The carrier's id.
    pub carrier: String,
    /// One of the ten codes, where whoever passes it on knows which; found by the carrier's words without it.
    pub status: Option<String>,
    /// When it happened.
    pub at: Timestamp,
    /// Where, in the carrier's words.
    pub place: Option<String>,
    /// The carrier's own words or code.
    pub text: Option<String>,
    /// The carrier's name for the event.
    pub event_id: Option<String>,
}

/// What came of news.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrackingTaken {
    /// Events that were new.
    pub new: usize,
    /// Events that were known already.
    pub known: usize,
    /// Shipments that have one of the numbers.
    pub shipments: usize,
    /// Events whose words are in no table; they are kept, and count as news without a status.
    pub without_status: usize,
}

impl Counter {
    /// Takes news that somebody with the right to it tells.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`]; [`AppError::Field`] for what cannot be used, of which nothing is then taken.
    pub async fn tell_tracking(
        &self,
        caller: &Caller,
        news: Vec<TrackingNews>,
        at: Timestamp,
    ) -> Result<TrackingTaken, AppError> {
        caller.may(Right::ShipmentsWrite)?;
        self.take_tracking(news, &caller.by(), at).await
    }

    /// Takes news of a shipment's own numbers.
    ///
    /// # Errors
    /// As [`Counter::tell_tracking`]; [`AppError::NotFound`] where there is no such shipment, [`AppError::Field`] for a
    /// number that is not one of it.
    pub async fn tell_tracking_of(
        &self,
        caller: &Caller,
        shipment_id: &str,
        news: Vec<TrackingNews>,
        at: Timestamp,
    ) -> Result<TrackingTaken, AppError> {
        let found = self.find_shipment(caller, shipment_id, Right::ShipmentsWrite).await?;
        for (place, news) in news.iter().enumerate() {
            let field = format!("/events/{place}/number");
            let number = normal_number(&field, &news.number)?;
            if !found.shipment.tracking_numbers.contains(&number) {
                return Err(AppError::field(&field, "is not a number of this shipment"));
            }
        }
        self.tell_tracking(caller, news, at).await
    }

    pub(crate) async fn take_tracking(
        &self,
        news: Vec<TrackingNews>,
        told_by: &str,
        at: Timestamp,
    ) -> Result<TrackingTaken, AppError> {
        if news.is_empty() || news.len() > TRACKING_EVENTS_MAX {
            return Err(AppError::field("/events", format!("expected 1 to {TRACKING_EVENTS_MAX} events")));
        }
        let mut taken = TrackingTaken::default();
        for (number, events) in by_number(news, at)? {
            taken.without_status += events.iter().filter(|keyed| keyed.event.status.is_none()).count();
            for some in events.chunks(TOGETHER) {
                let new = keep_tracking_events(&self.store, &number, some.to_vec(), told_by, at).await?;
                taken.new += new;
                taken.known += some.len() - new;
            }
            for of in books::shipments_of_number(&self.store, &number).await? {
                self.track_shipment(&of, told_by, at).await?;
                taken.shipments += 1;
            }
        }
        Ok(taken)
    }

    /// Takes what was told of a shipment's numbers into its order.
    async fn track_shipment(&self, of: &ShipmentOf, by: &str, at: Timestamp) -> Result<(), AppError> {
        let market = self.market_of_order(&of.customer_id, &of.order_id).await?;
        let operation = self.operation(by, at);
        self.perform(TrackShipment { of: of.clone(), market, operation }).await?
    }

    /// Takes what was told before its numbers were known into an order that has just got them.
    pub(crate) async fn track_numbers(
        &self,
        customer_id: &str,
        numbers: &[String],
        by: &str,
        at: Timestamp,
    ) -> Result<(), AppError> {
        for number in numbers {
            let told = !books::tracking_events(&self.store, std::slice::from_ref(number)).await?.is_empty();
            if !told {
                continue;
            }
            for of in books::shipments_of_customer_by_number(&self.store, customer_id, number).await? {
                self.track_shipment(&of, by, at).await?;
            }
        }
        Ok(())
    }
}

/// News in the form in which they are kept, by number; each once.
fn by_number(news: Vec<TrackingNews>, now: Timestamp) -> Result<BTreeMap<String, Vec<KeyedEvent>>, AppError> {
    let mut events: BTreeMap<String, Vec<KeyedEvent>> = BTreeMap::new();
    for (place, news) in news.into_iter().enumerate() {
        let keyed = keyed(checked(news, &format!("/events/{place}"), now)?);
        let known = events.entry(keyed.event.number.clone()).or_default();
        if !known.contains(&keyed) {
            known.push(keyed);
        }
    }
    Ok(events)
}

fn checked(news: TrackingNews, place: &str, now: Timestamp) -> Result<TrackingEvent, AppError> {
    let number = normal_number(&format!("{place}/number"), &news.number)?;
    let is_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if news.carrier.is_empty() || news.carrier.len() > 40 || !news.carrier.bytes().all(is_id) {
        let expected = "expected a carrier's id, such as yamato";
        return Err(AppError::field(&format!("{place}/carrier"), expected));
    }
    if news.at.duration_since(now) > AHEAD {
        return Err(AppError::field(&format!("{place}/at"), "is in the future"));
    }
    for (name, text) in [("place", &news.place), ("text", &news.text), ("event_id", &news.event_id)] {
        if text.as_ref().is_some_and(|text| text.chars().count() > WORDS_MAX) {
            let expected = format!("expected at most {WORDS_MAX} characters");
            return Err(AppError::field(&format!("{place}/{name}"), expected));
        }
    }
    let status = status(&news, place)?;
    let TrackingNews { carrier, at, place, text, event_id, .. } = news;
    // The books count milliseconds.
    let at = Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at);
    Ok(TrackingEvent { at, status, number, carrier, place, text, event_id })
}

fn status(news: &TrackingNews, place: &str) -> Result<Option<ParcelStatus>, AppError> {
    let Some(code) = &news.status else {
        return Ok(news.text.as_deref().and_then(|words| status_of_words(&news.carrier, words)));
    };
    let unknown = || {
        let known: Vec<&str> = ParcelStatus::ALL.iter().map(|status| status.code()).collect();
        AppError::field(&format!("{place}/status"), format!("expected one of {}", known.join(", ")))
    };
    ParcelStatus::read(code).map(Some).ok_or_else(unknown)
}

/// The same words give the same key, so that the same event is kept once.
fn keyed(event: TrackingEvent) -> KeyedEvent {
    let at = event.at.as_millisecond().to_string();
    let parts = [
        Some(event.carrier.as_str()),
        event.status.map(ParcelStatus::code),
        Some(&at),
        event.place.as_deref(),
        event.text.as_deref(),
        event.event_id.as_deref(),
    ];
    let mut digest = Sha256::new();
    for part in parts {
        let length = part.map_or(u64::MAX, |part| u64::try_from(part.len()).unwrap_or(u64::MAX));
        digest.update(length.to_be_bytes());
        digest.update(part.unwrap_or_default());
    }
    let event_key = data_encoding::BASE64URL_NOPAD.encode(&digest.finalize());
    KeyedEvent { event, event_key }
}

/// How far each number of a shipment is by these events.
pub(crate) fn states_of(
    shipment: &Shipment,
    events: &[TrackingEvent],
    market: &Market,
    at: Timestamp,
) -> Vec<NumberState> {
    let of = |number: &String| {
        let own: Vec<TrackingEvent> =
            events.iter().filter(|event| event.number == *number).cloned().collect();
        number_state(&own, shipment.shipped_at, at, &market.policies.parcels)
    };
    shipment.tracking_numbers.iter().map(of).collect()
}

/// The events that a decision has read.
pub(crate) fn events_in(rows: &[Vec<Row>]) -> Result<Vec<TrackingEvent>, StoreError> {
    rows.iter().flatten().map(read_tracking_event).collect()
}

/// What was told of a shipment, taken into its order. All that was committed before the customer's lock was got is
/// seen, so that whoever comes last has seen everything.
struct TrackShipment {
    of: ShipmentOf,
    market: Arc<Market>,
    operation: Operation,
}

impl Decision for TrackShipment {
    type Answer = Result<(), AppError>;

    fn whose(&self) -> (&str, &str) {
        (&self.of.customer_id, &self.of.market)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        Needs { orders: vec![self.of.order_id.clone()], ..Needs::default() }
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Self::Answer>, StoreError> {
        let order = loaded.order(&self.of.order_id);
        let shipment = order.and_then(|order| {
            order
                .shipments
                .iter()
                .find(|sent| sent.shipment_id == self.of.shipment_id)
                .map(|sent| (order, sent))
        });
        let Some((order, shipment)) = shipment else {
            return Ok(Next::Answer(Err(AppError::not_found("shipment", &self.of.shipment_id))));
        };
        if loaded.more.is_empty() && !shipment.tracking_numbers.is_empty() {
            let more = shipment.tracking_numbers.iter().map(|number| tracking_events_of(number)).collect();
            return Ok(Next::Load(Needs { more, ..Needs::default() }));
        }
        let states = states_of(shipment, &events_in(&loaded.more)?, &self.market, self.operation.at);
        let state = shipment_state(shipment, &states);
        let (books, operation, id) = (&loaded.books, &self.operation, &self.of.shipment_id);
        Ok(match order::track(books, operation, order, id, state) {
            Err(refusal) => Next::Answer(Err(refusal.into())),
            Ok(changes) if changes.orders.is_empty() => Next::Answer(Ok(())),
            Ok(changes) => Next::Write(Box::new(ToWrite { changes, ..ToWrite::default() }), Ok(())),
        })
    }
}
