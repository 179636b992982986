//! Payments that come later: at a konbini counter, by invoice, or not in time.

use std::sync::Arc;

use choba_engine::order;
use jiff::Timestamp;

use crate::change_order::OrderChange;
use crate::{AppError, Counter, OrderChanged};

impl Counter {
    /// The customer has paid. Hearing it twice changes nothing.
    ///
    /// # Errors
    /// [`AppError::Order`] where the order is not paid that way.
    pub async fn order_paid(
        &self,
        customer_id: &str,
        order_id: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<OrderChanged, AppError> {
        let change = OrderChange { customer_id, order_id, by, key: None, part: None, moves_value: false };
        let decide =
            Arc::new(|books: &_, _: &_, operation: &_, order: &_| order::paid(books, operation, order));
        self.change_order(change, at, decide).await
    }

    /// The deadline for paying has passed; nothing happens where it was paid.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn pay_deadline_passed(
        &self,
        customer_id: &str,
        order_id: &str,
        at: Timestamp,
    ) -> Result<OrderChanged, AppError> {
        let by = "system";
        let change = OrderChange { customer_id, order_id, by, key: None, part: None, moves_value: true };
        let decide = Arc::new(|books: &_, market: &_, operation: &_, order: &_| {
            order::deadline_passed(books, market, operation, order)
        });
        self.change_order(change, at, decide).await
    }
}
