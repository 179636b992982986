//! Returns: asked for, withdrawn, received, inspected, refunded; and refunds that staff decide.

use std::sync::Arc;

use choba_engine::market::ReturnReason;
use choba_engine::money::Money;
use choba_engine::order::{self, Finding, LinePart};
use jiff::Timestamp;

use crate::change_order::OrderChange;
use crate::entropy::return_number;
use crate::{AppError, Counter, Key, OrderChanged};

impl Counter {
    /// The customer wants to send something back. The answer's `part` is the return number.
    ///
    /// # Errors
    /// [`AppError::Order`] where it has not arrived, or cannot be returned any more or at all.
    #[expect(clippy::too_many_arguments)] // who, what, why and when
    pub async fn request_return(
        &self,
        customer_id: &str,
        order_id: &str,
        parts: Vec<LinePart>,
        reason: ReturnReason,
        by: &str,
        key: Option<Key>,
        at: Timestamp,
    ) -> Result<OrderChanged, AppError> {
        let number = return_number(&*self.entropy);
        let part = Some(number.clone());
        let change = OrderChange { customer_id, order_id, by, key, part, moves_value: false };
        let decide = Arc::new(move |books: &_, market: &_, operation: &_, order: &_| {
            order::request_return(books, market, operation, order, &parts, reason, &number)
        });
        self.change_order(change, at, decide).await
    }

    /// A return is not going to come: the customer keeps the goods. Until it has arrived.
    ///
    /// # Errors
    /// [`AppError::Order`] where there is no such return, or it has arrived.
    pub async fn withdraw_return(
        &self,
        customer_id: &str,
        order_id: &str,
        number: &str,
        by: &str,
        key: Option<Key>,
        at: Timestamp,
    ) -> Result<OrderChanged, AppError> {
        let part = Some(number.to_owned());
        let change = OrderChange { customer_id, order_id, by, key, part, moves_value: false };
        let number = number.to_owned();
        let decide = Arc::new(move |books: &_, _: &_, operation: &_, order: &_| {
            order::withdraw_return(books, operation, order, &number)
        });
        self.change_order(change, at, decide).await
    }

    /// Withdraws the returns of an order that should have arrived by now.
    ///
    /// # Errors
    /// What the database answers.
    pub(crate) async fn withdraw_late_returns(
        &self,
        customer_id: &str,
        order_id: &str,
        at: Timestamp,
    ) -> Result<OrderChanged, AppError> {
        let change =
            OrderChange { customer_id, order_id, by: "system", key: None, part: None, moves_value: false };
        let decide = Arc::new(move |books: &_, _: &_, operation: &_, order: &_| {
            order::returns_lapsed(books, operation, order)
        });
        self.change_order(change, at, decide).await
    }

    /// What was sent back has arrived.
    ///
    /// # Errors
    /// [`AppError::Order`] where there is no such return, or it has arrived before.
    pub async fn receive_return(
        &self,
        customer_id: &str,
        order_id: &str,
        number: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<OrderChanged, AppError> {
        let part = Some(number.to_owned());
        let change = OrderChange { customer_id, order_id, by, key: None, part, moves_value: false };
        let number = number.to_owned();
        let decide = Arc::new(move |books: &_, _: &_, operation: &_, order: &_| {
            order::receive(books, operation, order, &number)
        });
        self.change_order(change, at, decide).await
    }

    /// What came back was looked at.
    ///
    /// # Errors
    /// [`AppError::Order`] where it has not arrived.
    pub async fn inspect_return(
        &self,
        customer_id: &str,
        order_id: &str,
        number: &str,
        findings: Vec<Finding>,
        by: &str,
        at: Timestamp,
    ) -> Result<OrderChanged, AppError> {
        let part = Some(number.to_owned());
        let change = OrderChange { customer_id, order_id, by, key: None, part, moves_value: false };
        let number = number.to_owned();
        let decide = Arc::new(move |books: &_, market: &_, operation: &_, order: &_| {
            order::inspect(books, market, operation, order, &number, &findings)
        });
        self.change_order(change, at, decide).await
    }

    /// Pays back what was returned.
    ///
    /// # Errors
    /// [`AppError::Order`] where it has not been looked at.
    pub async fn refund_return(
        &self,
        customer_id: &str,
        order_id: &str,
        number: &str,
        by: &str,
        key: Option<Key>,
        at: Timestamp,
    ) -> Result<OrderChanged, AppError> {
        let part = Some(number.to_owned());
        let change = OrderChange { customer_id, order_id, by, key, part, moves_value: true };
        let number = number.to_owned();
        let decide = Arc::new(move |books: &_, market: &_, operation: &_, order: &_| {
            order::refund_return(books, market, operation, order, &number)
        });
        self.change_order(change, at, decide).await
    }

    /// Gives back a part of a line's price without a return.
    ///
    /// # Errors
    /// [`AppError::Order`] where more would go back than was paid.
    #[expect(clippy::too_many_arguments)] // who, what and when
    pub async fn refund_by_staff(
        &self,
        customer_id: &str,
        order_id: &str,
        line_id: &str,
        amount: Money,
        by: &str,
        key: Option<Key>,
        at: Timestamp,
    ) -> Result<OrderChanged, AppError> {
        let part = Some(line_id.to_owned());
        let change = OrderChange { customer_id, order_id, by, key, part, moves_value: true };
        let line_id = line_id.to_owned();
        let decide = Arc::new(move |books: &_, market: &_, operation: &_, order: &_| {
            order::refund_by_staff(books, market, operation, order, &line_id, amount)
        });
        self.change_order(change, at, decide).await
    }
}
