//! An order by its number or its id, for those who may see it.

use choba_engine::order::Order;
use choba_store::books::{self, OrderRow};

use crate::{AppError, Caller, Counter, Right, Whose};

/// An order that a caller may see.
#[derive(Clone, Debug)]
pub struct FoundOrder {
    /// Whose it is.
    pub whose: Whose,
    /// The order.
    pub order: Order,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// Which orders are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrdersWanted {
    /// All of them.
    #[default]
    All,
    /// Those of which nothing has left.
    NotShipped,
    /// Those that are cancelled.
    Cancelled,
}

impl OrdersWanted {
    fn states(self) -> &'static str {
        match self {
            Self::All => "",
            Self::NotShipped => "placed preparing",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Counter {
    /// The order of a number or, of the caller's own or of the customer named, of an id.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`] without the right, whether there is such an order or not; [`AppError::NotFound`] where there is
    /// none or it is another customer's: which of both is not told.
    pub async fn find_order(
        &self,
        caller: &Caller,
        order: &str,
        customer_id: Option<&str>,
        right: Right,
    ) -> Result<FoundOrder, AppError> {
        caller.needs(right)?;
        let missing = || AppError::not_found("order", order);
        let (customer_id, order_id) =
            self.named_order(caller, order, customer_id).await?.ok_or_else(missing)?;
        let row =
            books::order_of_customer(&self.store, &customer_id, &order_id).await?.ok_or_else(missing)?;
        let OrderRow { order: found, version, .. } = row;
        let whose = caller.acting_for(&customer_id, &found.market, right).map_err(|error| match error {
            AppError::NotFound { .. } => missing(),
            other => other,
        })?;
        Ok(FoundOrder { whose, order: found, version })
    }

    /// The customer and the id of the order that is named.
    async fn named_order(
        &self,
        caller: &Caller,
        order: &str,
        customer_id: Option<&str>,
    ) -> Result<Option<(String, String)>, AppError> {
        if !order.starts_with("ord_") {
            return Ok(books::order_by_number(&self.store, order).await?);
        }
        let own = match caller {
            Caller::Customer { customer_id } => Some(customer_id.as_str()),
            _ => customer_id,
        };
        let own = own.ok_or_else(|| AppError::field("#customer_id", "needed with an order's id"))?;
        Ok(Some((own.to_owned(), order.to_owned())))
    }

    /// Orders of a customer, newest first, those before an order's id if one is given.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn orders_of(
        &self,
        whose: &Whose,
        wanted: OrdersWanted,
        before: Option<&str>,
        most: i64,
    ) -> Result<Vec<FoundOrder>, AppError> {
        self.markets.get(&whose.market)?;
        let (customer_id, market) = (&whose.customer_id, &whose.market);
        let rows = books::orders_of_customer(&self.store, customer_id, market, wanted.states(), before, most)
            .await?;
        let found = rows.into_iter().map(|row| FoundOrder {
            whose: whose.clone(),
            order: row.order,
            version: row.version,
        });
        Ok(found.collect())
    }
}
