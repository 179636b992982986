//! Preparing, shipping, tracking numbers, arrival.

use std::sync::Arc;

use choba_engine::order::{self, Shipping};
use jiff::Timestamp;

use crate::change_order::OrderChange;
use crate::parcel_numbers::normal_numbers;
use crate::{AppError, Counter, Key, OrderChanged};

/// Who ships which order.
#[derive(Clone, Debug)]
pub struct ShipOrder {
    /// The customer.
    pub customer_id: String,
    /// The order.
    pub order_id: String,
    /// What, by whom, with which carrier.
    pub shipping: Shipping,
    /// Who says so.
    pub by: String,
    /// The caller's key.
    pub key: Option<Key>,
}

impl Counter {
    /// A seller begins to prepare.
    ///
    /// # Errors
    /// [`AppError::Order`] where the payment is not promised, or nothing is left to prepare.
    pub async fn prepare_order(
        &self,
        customer_id: &str,
        order_id: &str,
        seller: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<OrderChanged, AppError> {
        let change = OrderChange { customer_id, order_id, by, key: None, part: None, moves_value: false };
        let seller = seller.to_owned();
        let decide = Arc::new(move |books: &_, _: &_, operation: &_, order: &_| {
            order::prepare(books, operation, order, &seller)
        });
        self.change_order(change, at, decide).await
    }

    /// A shipment leaves.
    ///
    /// # Errors
    /// [`AppError::Order`] where the payment is not promised, or so much is not left to ship.
    pub async fn ship_order(&self, ship: ShipOrder, at: Timestamp) -> Result<OrderChanged, AppError> {
        let ShipOrder { customer_id, order_id, mut shipping, by, key } = ship;
        let numbers = normal_numbers("/tracking_numbers", &shipping.tracking_numbers)?;
        shipping.tracking_numbers.clone_from(&numbers);
        let change = OrderChange {
            customer_id: &customer_id,
            order_id: &order_id,
            by: &by,
            key,
            part: None,
            moves_value: true,
        };
        let decide = Arc::new(move |books: &_, market: &_, operation: &_, order: &_| {
            order::ship(books, market, operation, order, &shipping)
        });
        let changed = self.change_order(change, at, decide).await?;
        self.track_numbers(&customer_id, &numbers, &by, at).await?;
        Ok(changed)
    }

    /// Tracking numbers of a shipment became known.
    ///
    /// # Errors
    /// [`AppError::Order`] where there is no such shipment.
    #[expect(clippy::too_many_arguments)] // who, what and when
    pub async fn add_tracking_numbers(
        &self,
        customer_id: &str,
        order_id: &str,
        shipment_id: &str,
        carrier: Option<String>,
        numbers: Vec<String>,
        by: &str,
        at: Timestamp,
    ) -> Result<OrderChanged, AppError> {
        let part = Some(shipment_id.to_owned());
        let change = OrderChange { customer_id, order_id, by, key: None, part, moves_value: false };
        let numbers = normal_numbers("/tracking_numbers", &numbers)?;
        let (shipment_id, new) = (shipment_id.to_owned(), numbers.clone());
        let decide = Arc::new(move |books: &_, _: &_, operation: &_, order: &_| {
            order::add_tracking_numbers(books, operation, order, &shipment_id, carrier.as_deref(), &new)
        });
        let changed = self.change_order(change, at, decide).await?;
        self.track_numbers(customer_id, &numbers, by, at).await?;
        Ok(changed)
    }

    /// A shipment has arrived. Hearing it twice changes nothing.
    ///
    /// # Errors
    /// [`AppError::Order`] where there is no such shipment.
    pub async fn deliver_order(
        &self,
        customer_id: &str,
        order_id: &str,
        shipment_id: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<OrderChanged, AppError> {
        let part = Some(shipment_id.to_owned());
        let change = OrderChange { customer_id, order_id, by, key: None, part, moves_value: false };
        let shipment_id = shipment_id.to_owned();
        let decide = Arc::new(move |books: &_, _: &_, operation: &_, order: &_| {
            order::deliver(books, operation, order, &shipment_id)
        });
        self.change_order(change, at, decide).await
    }
}
