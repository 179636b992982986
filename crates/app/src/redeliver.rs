//! Delivering again to a customer who was not in.
//!
//! What is asked for is kept with the order and told to others as an event. No carrier is asked from here: carriers
//! take such requests from those who have a contract with them, or on their own pages, whose address is answered.

use std::sync::Arc;

use choba_engine::market::Market;
use choba_engine::order::{self, AskRedelivery, OrderRefusal};
use choba_engine::tracking::{Offer, Redelivery, storage_ends, terms_of};
use choba_parcel::{NotAParcel, parse};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::change_order::OrderChange;
use crate::find_shipment::FoundShipment;
use crate::parcel_numbers::{normal_number, number_of_carrier};
use crate::{AppError, Caller, Counter, Key, Right};

/// What can be asked for, and what was.
#[derive(Clone, Debug)]
pub struct RedeliveryChoice {
    /// Whether the parcel waits for it at all.
    pub possible: bool,
    /// Whether it does so only for whoever has the carrier's slip.
    pub needs_slip: bool,
    /// Days and slots, the earliest first; none where the carrier's terms are not known here.
    pub offers: Vec<Offer>,
    /// The last day on which the carrier has the parcel, where that is known.
    pub kept_until: Option<Date>,
    /// What was asked for.
    pub asked: Option<Redelivery>,
    /// The carrier's own pages, where it takes the request.
    pub carrier_pages: Vec<String>,
}

/// What a customer asks for.
#[derive(Clone, Debug)]
pub struct RedeliveryWish {
    /// On which day.
    pub day: Date,
    /// In which slot.
    pub slot: String,
    /// The tracking number or the notice number of the slip, where the customer has one.
    pub number: Option<String>,
    /// Whether staff heard from the customer that they have it. Customers themselves give its number.
    pub has_slip: bool,
}

impl Counter {
    /// What can be asked for.
    ///
    /// # Errors
    /// [`AppError::NotFound`], and what the database answers.
    pub async fn redelivery_choice(
        &self,
        caller: &Caller,
        shipment_id: &str,
        has_slip: bool,
        at: Timestamp,
    ) -> Result<RedeliveryChoice, AppError> {
        let found = self.find_shipment(caller, shipment_id, Right::OrdersRead).await?;
        let market = self.market_version(&found.order.market_version).await?;
        let zone = &market.time_zone;
        let without_slip = order::redelivery_offers(&found.shipment, false, at, zone);
        let offers = match order::redelivery_offers(&found.shipment, has_slip, at, zone) {
            Err(OrderRefusal::NotForRedelivery { .. }) => None,
            offers => Some(offers?),
        };
        Ok(RedeliveryChoice {
            kept_until: kept_until(&found, &market),
            possible: offers.is_some(),
            needs_slip: offers.is_some() && without_slip.is_err(),
            offers: offers.unwrap_or_default(),
            asked: found.shipment.redelivery.clone(),
            carrier_pages: if caller.sees_numbers_of(&found.whose.customer_id) {
                pages(&found)
            } else {
                Vec::new()
            },
        })
    }

    /// Asks for a day and a slot, or changes them.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; [`AppError::Order`] where the parcel does not wait for it, unless the customer has the
    /// carrier's slip, and for a slot that is not offered; [`AppError::Field`] for a number that is no slip's.
    pub async fn ask_redelivery(
        &self,
        caller: &Caller,
        shipment_id: &str,
        wish: RedeliveryWish,
        key: Key,
        at: Timestamp,
    ) -> Result<Redelivery, AppError> {
        let found = self.find_shipment(caller, shipment_id, Right::OrdersWrite).await?;
        let slip = wish.number.as_deref().map(|number| read_slip(&found, "/number", number)).transpose()?;
        let ask = AskRedelivery {
            shipment_id: shipment_id.to_owned(),
            day: wish.day,
            slot: wish.slot,
            has_slip: slip.is_some() || (wish.has_slip && matches!(caller, Caller::Staff { .. })),
            notice_number: slip.flatten(),
        };
        let decide = Arc::new(move |books: &_, market: &Market, operation: &_, order: &_| {
            order::ask_redelivery(books, operation, order, &ask, &market.time_zone)
        });
        let by = caller.by();
        let change = Self::of_shipment(&found, &by, Some(key));
        self.change_order(change, at, decide).await?;
        self.redelivery_of(caller, shipment_id).await
    }

    /// Takes back what was asked for.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; [`AppError::Order`] where nothing was asked for.
    pub async fn cancel_redelivery(
        &self,
        caller: &Caller,
        shipment_id: &str,
        at: Timestamp,
    ) -> Result<Redelivery, AppError> {
        let found = self.find_shipment(caller, shipment_id, Right::OrdersWrite).await?;
        let id = shipment_id.to_owned();
        let decide = Arc::new(move |books: &_, _: &Market, operation: &_, order: &_| {
            order::cancel_redelivery(books, operation, order, &id)
        });
        let by = caller.by();
        self.change_order(Self::of_shipment(&found, &by, None), at, decide).await?;
        self.redelivery_of(caller, shipment_id).await
    }

    fn of_shipment<'c>(found: &'c FoundShipment, by: &'c str, key: Option<Key>) -> OrderChange<'c> {
        OrderChange {
            customer_id: &found.whose.customer_id,
            order_id: &found.order.order_id,
            by,
            key,
            part: Some(found.shipment.shipment_id.clone()),
            moves_value: false,
        }
    }

    async fn redelivery_of(&self, caller: &Caller, shipment_id: &str) -> Result<Redelivery, AppError> {
        let found = self.find_shipment(caller, shipment_id, Right::OrdersRead).await?;
        found.shipment.redelivery.ok_or_else(|| AppError::not_found("redelivery", shipment_id))
    }
}

/// What stands on the slip: a number of the shipment, or the slip's own number, which is then answered.
fn read_slip(found: &FoundShipment, field: &str, text: &str) -> Result<Option<String>, AppError> {
    let number = normal_number(field, text)?;
    if found.shipment.tracking_numbers.contains(&number) {
        return Ok(None);
    }
    // A slip's number has six or eight digits; six digits alone may as well be a code.
    match parse(text).not_a_parcel() {
        Some(NotAParcel::NoticeNumber | NotAParcel::VerificationCode) => Ok(Some(number)),
        _ => Err(AppError::field(field, "is neither a number of this shipment nor the number of a slip")),
    }
}

fn kept_until(found: &FoundShipment, market: &Market) -> Option<Date> {
    let tracked = found.shipment.tracked?;
    let terms = found.shipment.carrier.as_deref().and_then(terms_of)?;
    storage_ends(terms, tracked.since, &market.time_zone).ok()
}

fn pages(found: &FoundShipment) -> Vec<String> {
    let carrier = found.shipment.carrier.as_deref();
    let numbers = found.shipment.tracking_numbers.iter();
    numbers.filter_map(|number| number_of_carrier(number, carrier).track_url).collect()
}
