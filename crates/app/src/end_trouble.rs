//! Orders in trouble: somebody refused, or did not answer, what has to happen anyway. Staff find them here, ask
//! again, or say how it ended.

use std::sync::Arc;

use choba_engine::books::{Ask, AskOutcome};
use choba_engine::order::{self, EndTrouble, OrderRefusal, Trouble};
use choba_store::books::{self, AskRow};
use jiff::Timestamp;
use serde::Serialize;

use crate::change_order::{ChangeOrder, OrderChange};
use crate::{AppError, Counter, OrderChanged};

/// An order that somebody has to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderInTrouble {
    /// Whose.
    pub customer_id: String,
    /// Its id.
    pub order_id: String,
    /// Its number.
    pub number: String,
    /// What has not ended.
    pub troubles: Vec<Trouble>,
}

impl Counter {
    /// Orders of a market with troubles that have not ended, by customer and id, those after a customer's order.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`], and what the database answers.
    pub async fn orders_in_trouble(
        &self,
        market: &str,
        after: Option<(&str, &str)>,
        most: i64,
    ) -> Result<Vec<OrderInTrouble>, AppError> {
        self.markets.get(market)?;
        let orders = books::orders_in_trouble(&self.store, market, after, most).await?;
        let found = orders.into_iter().map(|order| OrderInTrouble {
            troubles: order.open_troubles().cloned().collect(),
            customer_id: order.customer_id,
            order_id: order.order_id,
            number: order.number,
        });
        Ok(found.collect())
    }

    /// Asks again what is in trouble: anew what was refused, under the same key what was never answered.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; [`AppError::Order`] where there is no such trouble; what the database answers.
    pub async fn ask_again(
        &self,
        customer_id: &str,
        order_id: &str,
        ask_id: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<OrderChanged, AppError> {
        let row = self.ask_of_order(customer_id, order_id, ask_id).await?;
        let (ask, at_once) = (row.ask.clone(), row.tried_at_once(at));
        let decision = ChangeOrder {
            market: self.market_of_order(customer_id, order_id).await?,
            operation: self.operation(by, at),
            customer_id: customer_id.to_owned(),
            order_id: order_id.to_owned(),
            key: None,
            part: None,
            moves_value: false,
            seen: None,
            decide: Arc::new(move |books, _, operation, order| {
                order::ask_again(books, operation, order, &ask)
            }),
            more: Some(Arc::new(move |_| Ok(Some(vec![at_once.clone()])))),
        };
        let (changed, _) = self.perform(decision).await??;
        self.ask_for_order(customer_id, order_id, at).await?;
        Ok(changed)
    }

    /// Ends a trouble without asking again.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; [`AppError::Order`] where there is no such trouble or it cannot be ended so; what
    /// the database answers.
    #[expect(clippy::too_many_arguments)] // who, what, why and when
    pub async fn end_trouble(
        &self,
        customer_id: &str,
        order_id: &str,
        ask_id: &str,
        how: EndTrouble,
        note: Option<String>,
        by: &str,
        at: Timestamp,
    ) -> Result<OrderChanged, AppError> {
        let ask = self.ask_of_order(customer_id, order_id, ask_id).await?.ask;
        let part = Some(ask_id.to_owned());
        let change = OrderChange { customer_id, order_id, by, key: None, part, moves_value: false };
        let decide = Arc::new(move |books: &_, _: &_, operation: &_, order: &_| {
            order::end_trouble(books, operation, order, &ask, how, note.as_deref())
        });
        self.change_order(change, at, decide).await
    }

    /// Waits no longer for one whom an order needs and who does not answer: the order ends, everything goes back,
    /// and what may have been done over there is undone once its party can be asked.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; [`AppError::Order`] where the order does not wait for it in vain; what the
    /// database answers.
    pub async fn give_up_waiting(
        &self,
        customer_id: &str,
        order_id: &str,
        ask_id: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let row = self.ask_of_order(customer_id, order_id, ask_id).await?;
        let known = books::order_of_customer(&self.store, customer_id, order_id).await?;
        let order = known.ok_or_else(|| AppError::not_found("order", order_id))?.order;
        self.may_give_up(&order, &row.ask)?;
        self.take_in(&row, &AskOutcome::Unavailable, by, at).await?;
        self.ask_for_order(customer_id, order_id, at).await.map(drop)
    }

    fn may_give_up(&self, order: &order::Order, ask: &Ask) -> Result<(), AppError> {
        let needed = order.payment.open_asks.contains(&ask.ask_id);
        if needed && order.waits_in_vain(&ask.ask_id) {
            return Ok(());
        }
        let trouble = order.open_troubles().find(|trouble| trouble.ask_id == ask.ask_id);
        Err(AppError::Order(match trouble {
            Some(trouble) => OrderRefusal::WrongTrouble { code: trouble.code.clone() },
            None => OrderRefusal::NoTrouble { ask: ask.ask_id.clone() },
        }))
    }

    async fn ask_of_order(
        &self,
        customer_id: &str,
        order_id: &str,
        ask_id: &str,
    ) -> Result<AskRow, AppError> {
        let asks = books::asks_of_order(&self.store, customer_id, order_id).await?;
        let found = asks.into_iter().find(|row| row.ask.ask_id == ask_id);
        found.ok_or_else(|| AppError::not_found("ask", ask_id))
    }
}
