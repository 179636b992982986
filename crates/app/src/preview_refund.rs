//! What would come back: the decisions of cancelling and of a return, made and not kept.

use std::sync::Arc;

use choba_engine::books::Operation;
use choba_engine::market::{Market, ReturnReason};
use choba_engine::order::{self, CancelBy, Finding, LinePart, Order, OrderRefusal, Refund};
use choba_store::books::{Decision, Loaded, Needs, Next};
use choba_store::sql::StoreError;
use jiff::Timestamp;

use crate::change_order::{ChangeOrder, DecideOrder};
use crate::{AppError, Counter, OrderChanged};

/// The return that is thought of.
#[derive(Clone, Debug)]
pub struct ReturnThought {
    /// What would go back.
    pub parts: Vec<LinePart>,
    /// Why.
    pub reason: ReturnReason,
    /// Whether it was opened or used.
    pub opened: bool,
    /// Whether parts of it are missing.
    pub missing_parts: bool,
}

impl Counter {
    /// The refund that cancelling would make now; nothing where nothing was paid. Nothing is changed.
    ///
    /// # Errors
    /// As [`Counter::cancel_order`].
    pub async fn preview_cancel(
        &self,
        customer_id: &str,
        order_id: &str,
        parts: Option<Vec<LinePart>>,
        at: Timestamp,
    ) -> Result<Option<Refund>, AppError> {
        let decide = Arc::new(move |books: &_, market: &_, operation: &_, order: &_| {
            order::cancel(books, market, operation, order, parts.as_deref(), CancelBy::Customer)
        });
        self.preview_order(customer_id, order_id, at, decide).await
    }

    /// The refund that a return would make if it arrived now and was found as it is described. Nothing is changed.
    ///
    /// # Errors
    /// As [`Counter::request_return`].
    pub async fn preview_return(
        &self,
        customer_id: &str,
        order_id: &str,
        thought: ReturnThought,
        at: Timestamp,
    ) -> Result<Option<Refund>, AppError> {
        let decide = Arc::new(move |books: &_, market: &Market, operation: &Operation, order: &Order| {
            let number = "preview";
            let (parts, reason) = (&thought.parts, thought.reason);
            let asked = order::request_return(books, market, operation, order, parts, reason, number)?;
            let received = order::receive(books, operation, last(&asked.orders)?, number)?;
            let found = findings(&thought);
            let inspected =
                order::inspect(books, market, operation, last(&received.orders)?, number, &found)?;
            order::refund_return(books, market, operation, last(&inspected.orders)?, number)
        });
        self.preview_order(customer_id, order_id, at, decide).await
    }

    async fn preview_order(
        &self,
        customer_id: &str,
        order_id: &str,
        at: Timestamp,
        decide: DecideOrder,
    ) -> Result<Option<Refund>, AppError> {
        let market = self.market_of_order(customer_id, order_id).await?;
        let change = ChangeOrder {
            market,
            operation: self.operation("customer", at),
            customer_id: customer_id.to_owned(),
            order_id: order_id.to_owned(),
            key: None,
            part: None,
            moves_value: true,
            seen: None,
            decide,
            more: None,
        };
        let (changed, _) = self.perform(Preview(change)).await??;
        Ok(changed.refund)
    }
}

fn last(orders: &[Order]) -> Result<&Order, OrderRefusal> {
    orders.last().ok_or(OrderRefusal::Nothing)
}

fn findings(thought: &ReturnThought) -> Vec<Finding> {
    let (opened, missing_parts) = (thought.opened, thought.missing_parts);
    let found = |part: &LinePart| Finding { line_id: part.line_id.clone(), opened, missing_parts };
    thought.parts.iter().map(found).collect()
}

/// A change that is decided and not written.
struct Preview(ChangeOrder);

impl Decision for Preview {
    type Answer = Result<(OrderChanged, bool), AppError>;

    fn whose(&self) -> (&str, &str) {
        self.0.whose()
    }

    fn operation(&self) -> &Operation {
        self.0.operation()
    }

    fn needs(&self) -> Needs {
        self.0.needs()
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Self::Answer>, StoreError> {
        Ok(match self.0.decide(loaded)? {
            Next::Write(_, answer) => Next::Answer(answer),
            other => other,
        })
    }
}
