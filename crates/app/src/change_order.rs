//! What all changes of an order have in common: load it, let the engine decide, save, ask outside parties.

use std::sync::Arc;

use choba_engine::books::{Changes, CustomerBooks, Operation};
use choba_engine::market::Market;
use choba_engine::order::{Order, OrderRefusal, Refund};
use choba_store::books::{self, Decision, Loaded, LotsNeeded, Needs, Next, ToWrite};
use choba_store::sql::StoreError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AppError, Counter, Key};

/// What came of a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderChanged {
    /// Which order.
    pub order_id: String,
    /// The refund that was made with it.
    pub refund: Option<Refund>,
    /// The number or id of the part that came with it: a return, a shipment.
    pub part: Option<String>,
}

/// A pure decision of the engine about an order.
pub(crate) type DecideOrder =
    Arc<dyn Fn(&CustomerBooks, &Market, &Operation, &Order) -> Result<Changes, OrderRefusal> + Send + Sync>;

/// Who changes which order.
pub(crate) struct OrderChange<'c> {
    pub customer_id: &'c str,
    pub order_id: &'c str,
    pub by: &'c str,
    pub key: Option<Key>,
    pub part: Option<String>,
    /// Whether value may move, so that lots have to be loaded.
    pub moves_value: bool,
}

impl Counter {
    pub(crate) async fn change_order(
        &self,
        change: OrderChange<'_>,
        at: Timestamp,
        decide: DecideOrder,
    ) -> Result<OrderChanged, AppError> {
        let market = self.market_of_order(change.customer_id, change.order_id).await?;
        let decision = ChangeOrder {
            market,
            operation: self.operation(change.by, at),
            customer_id: change.customer_id.to_owned(),
            order_id: change.order_id.to_owned(),
            key: change.key,
            part: change.part,
            moves_value: change.moves_value,
            seen: self.seen.clone(),
            decide,
            more: None,
        };
        let (changed, asks) = self.perform(decision).await??;
        if asks {
            self.ask_for_order(change.customer_id, change.order_id, at).await?;
        }
        Ok(changed)
    }

    /// The market as it was when a customer's order was placed.
    pub(crate) async fn market_of_order(
        &self,
        customer_id: &str,
        order_id: &str,
    ) -> Result<Arc<Market>, AppError> {
        let row = books::order_of_customer(&self.store, customer_id, order_id).await?;
        let known = row.ok_or_else(|| AppError::not_found("order", order_id))?.order;
        self.market_version(&known.market_version).await
    }
}

/// Makes the writes that go with a decision about an order as it is loaded.
pub(crate) type MoreWrites =
    Arc<dyn Fn(&Loaded) -> Result<Option<Vec<choba_store::sql::Write>>, StoreError> + Send + Sync>;

pub(crate) struct ChangeOrder {
    pub market: Arc<Market>,
    pub operation: Operation,
    pub customer_id: String,
    pub order_id: String,
    pub key: Option<Key>,
    pub part: Option<String>,
    pub moves_value: bool,
    /// The order as the caller has seen it, if any other is to be refused.
    pub seen: Option<Arc<Order>>,
    pub decide: DecideOrder,
    /// Further writes; where it answers nothing, there is nothing to do any more.
    pub more: Option<MoreWrites>,
}

/// What came of it, and whether anyone has to be asked.
type Answered = Result<(OrderChanged, bool), AppError>;

impl Decision for ChangeOrder {
    type Answer = Answered;

    fn whose(&self) -> (&str, &str) {
        (&self.customer_id, &self.market.name)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        Needs {
            orders: vec![self.order_id.clone()],
            asks_of: vec![self.order_id.clone()],
            key: self.key.as_ref().map(|key| key.key.clone()),
            links: self.moves_value,
            // No lots before the order tells which, but debts: what is granted pays them off.
            lots: if self.moves_value { LotsNeeded::These(Vec::new()) } else { LotsNeeded::None },
            ..Needs::default()
        }
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Self::Answer>, StoreError> {
        if let Some(answer) = self.answered(loaded) {
            return Ok(Next::Answer(answer));
        }
        let Some(order) = loaded.order(&self.order_id) else {
            return Ok(Next::Answer(Err(AppError::not_found("order", &self.order_id))));
        };
        if self.seen.as_deref().is_some_and(|seen| seen != order) {
            return Ok(Next::Answer(Err(AppError::Changed)));
        }
        if self.moves_value && loaded.books.lots.is_empty() {
            let lots = lots_of(order);
            if !lots.is_empty() {
                let needs = Needs { lots: LotsNeeded::These(lots), ..Needs::default() };
                return Ok(Next::Load(needs.renewals_of(&self.market)));
            }
        }
        self.change(loaded, order)
    }
}

impl ChangeOrder {
    fn answered(&self, loaded: &Loaded) -> Option<Answered> {
        let key = self.key.as_ref()?;
        match key.answered(loaded.key.as_ref()) {
            Err(error) => Some(Err(error)),
            Ok(None) => None,
            Ok(Some(answer)) => Some(
                serde_json::from_str(&answer)
                    .map(|changed| (changed, true))
                    .map_err(|error| AppError::Defect(error.to_string())),
            ),
        }
    }

    fn change(&self, loaded: &Loaded, order: &Order) -> Result<Next<Answered>, StoreError> {
        let mut more = Vec::new();
        if let Some(further) = &self.more {
            match further(loaded)? {
                Some(writes) => more = writes,
                None => return Ok(Next::Answer(Ok((self.nothing(), false)))),
            }
        }
        let changes = match (self.decide)(&loaded.books, &self.market, &self.operation, order) {
            Ok(changes) => changes,
            Err(refusal) => return Ok(Next::Answer(Err(refusal.into()))),
        };
        let refunds = changes.orders.iter().flat_map(|changed| &changed.refunds);
        let refund = refunds.skip(order.refunds.len()).last().cloned();
        let asks = !changes.asks.is_empty();
        let shipments = changes.orders.iter().flat_map(|changed| &changed.shipments);
        let shipment = shipments.skip(order.shipments.len()).last().map(|sent| sent.shipment_id.clone());
        let part = self.part.clone().or(shipment);
        let changed = OrderChanged { refund, part, ..self.nothing() };
        for row in loaded.asks.iter().filter(|row| !row.settled) {
            // The ask at hand is settled by `more`, with its answer.
            let dropped = changes.asks_settled.contains(&row.ask.ask_id);
            if dropped && self.part.as_ref() != Some(&row.ask.ask_id) {
                more.push(row.settled_with(None)?);
            }
        }
        let text = serde_json::to_string(&changed)
            .map_err(|error| StoreError::Defect { reason: error.to_string() })?;
        let key = self.key.as_ref().map(|key| key.record(text));
        let to_write = ToWrite { changes, key, more, ..ToWrite::default() };
        Ok(Next::Write(Box::new(to_write), Ok((changed, asks))))
    }

    fn nothing(&self) -> OrderChanged {
        OrderChanged { order_id: self.order_id.clone(), refund: None, part: self.part.clone() }
    }
}

/// The lots that an order used and earned.
fn lots_of(order: &Order) -> Vec<String> {
    let used = order.tenders.iter().flat_map(|tender| tender.lots.iter().map(|lot| lot.lot_id.clone()));
    let earned = order.earned.iter().flat_map(|earned| earned.lots.iter().map(|lot| lot.lot_id.clone()));
    let mut lots: Vec<String> = used.chain(earned).collect();
    lots.sort_unstable();
    lots.dedup();
    lots
}
