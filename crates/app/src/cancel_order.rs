//! Cancelling, whole or by line.

use std::sync::Arc;

use choba_engine::order::{self, CancelBy, LinePart};
use jiff::Timestamp;

use crate::change_order::OrderChange;
use crate::{AppError, Counter, Key, OrderChanged};

impl Counter {
    /// Cancels some lines of an order, or all that is open.
    ///
    /// # Errors
    /// [`AppError::Order`] where it is too late or not allowed.
    #[expect(clippy::too_many_arguments)] // who, what, why and when
    pub async fn cancel_order(
        &self,
        customer_id: &str,
        order_id: &str,
        parts: Option<Vec<LinePart>>,
        cancelled_by: CancelBy,
        by: &str,
        key: Option<Key>,
        at: Timestamp,
    ) -> Result<OrderChanged, AppError> {
        let change = OrderChange { customer_id, order_id, by, key, part: None, moves_value: true };
        let decide = Arc::new(move |books: &_, market: &_, operation: &_, order: &_| {
            order::cancel(books, market, operation, order, parts.as_deref(), cancelled_by)
        });
        self.change_order(change, at, decide).await
    }
}
