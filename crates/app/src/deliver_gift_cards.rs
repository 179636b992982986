//! Gift cards that were bought: a card for each unit, as soon as the payment is promised or made.
//!
//! The cards, their value in the buyer's journal and the shipping of the lines are one transaction: an order
//! whose gift cards are shipped has its cards, and no other. The market's own journal has no part in it, or every
//! buyer would wait for every other.

use std::sync::Arc;

use choba_engine::books::{self as engine, Changes, GiftCard, Operation};
use choba_engine::market::{ItemKind, Market};
use choba_engine::order::{self, LinePart, Order, OrderRefusal, Shipping};
use choba_store::books::{self, Loaded};
use choba_store::sql::{StoreError, Write};
use jiff::Timestamp;

use crate::change_order::ChangeOrder;
use crate::issue_gift_cards::{CARDS_MAX, DrawnCode, gift_card_policy};
use crate::{AppError, Counter, IssuedGiftCard};

/// Gift cards of an order, to be sent to whoever bought them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveredGiftCards {
    /// The order, which is also the batch of its cards.
    pub order_id: String,
    /// The cards that this call has issued, with their codes; none where there was nothing left to deliver.
    pub cards: Vec<IssuedGiftCard>,
}

impl Counter {
    /// Issues the gift cards that an order bought and ships their lines, so that a card pays for them. A card is
    /// worth the unit's price, whatever coupons took off.
    ///
    /// Calling it again delivers nothing twice; of more than [`CARDS_MAX`] cards each call delivers so many. A
    /// code is in one answer only; where that was lost on its way, [`Counter::gift_cards_of_batch`] names the
    /// cards and [`Counter::reissue_gift_card`] replaces them.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; [`AppError::Order`] where the payment is not promised yet; [`AppError::Field`]
    /// where the market has no gift cards or a unit costs nothing; what the database answers.
    pub async fn deliver_gift_cards(
        &self,
        customer_id: &str,
        order_id: &str,
        at: Timestamp,
    ) -> Result<DeliveredGiftCards, AppError> {
        let row = books::order_of_customer(&self.store, customer_id, order_id).await?;
        let order = row.ok_or_else(|| AppError::not_found("order", order_id))?.order;
        let mut delivered = DeliveredGiftCards { order_id: order_id.to_owned(), cards: Vec::new() };
        for seller in order.groups.iter().map(|group| &group.seller) {
            match self.deliver_of_seller(&order, seller, at).await {
                Ok(cards) => delivered.cards.extend(cards),
                Err(error) if delivered.cards.is_empty() => return Err(error),
                // What is issued must reach its buyer; the rest comes with the next call.
                Err(_) => break,
            }
        }
        if !delivered.cards.is_empty() {
            // What cannot be asked now stands in the books and is asked later.
            let _ = self.ask_for_order(customer_id, order_id, at).await;
        }
        Ok(delivered)
    }

    async fn deliver_of_seller(
        &self,
        order: &Order,
        seller: &str,
        at: Timestamp,
    ) -> Result<Vec<IssuedGiftCard>, AppError> {
        let wanted = units(order, seller);
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let market = self.market_version(&order.market_version).await?;
        gift_card_policy(&market)?;
        if wanted.iter().any(|line| line.unit_price.is_zero()) {
            return Err(AppError::field("/lines", "a gift card without a price has no value"));
        }
        let count: i64 = wanted.iter().map(|line| line.open()).sum();
        let drawn = Arc::new(self.draw_codes(usize::try_from(count).unwrap_or(0).min(CARDS_MAX), at)?);
        let delivery = Delivery { seller: seller.to_owned(), drawn: Arc::clone(&drawn) };
        let decision = delivery.decision(market, self.operation("system", at), order);
        self.perform(decision).await??;
        self.those_in_the_books(&drawn).await
    }

    /// The cards of those codes that were issued: all of them, or none where another call was faster.
    async fn those_in_the_books(&self, drawn: &[DrawnCode]) -> Result<Vec<IssuedGiftCard>, AppError> {
        let hashes: Vec<String> = drawn.iter().map(|code| code.code_hash.clone()).collect();
        let rows = books::gift_cards(&self.store, &hashes).await?;
        let issued = drawn.iter().filter_map(|code| {
            let row = rows.iter().find(|row| row.code_hash == code.code_hash)?;
            Some(code.clone().issued(&row.card))
        });
        Ok(issued.collect())
    }
}

/// Lines of gift cards that a seller has not delivered.
fn units<'o>(order: &'o Order, seller: &str) -> Vec<&'o order::OrderLine> {
    let lines = order.lines.iter().filter(|line| line.kind == ItemKind::GiftCard && line.seller == seller);
    lines.filter(|line| line.open() > 0).collect()
}

/// What one seller delivers, and the codes for it.
#[derive(Clone)]
struct Delivery {
    seller: String,
    drawn: Arc<Vec<DrawnCode>>,
}

impl Delivery {
    fn decision(self, market: Arc<Market>, operation: Operation, order: &Order) -> ChangeOrder {
        let (shipping, cards) = (self.clone(), self);
        let (of_market, by) = (Arc::clone(&market), operation.clone());
        let order_id = order.order_id.clone();
        ChangeOrder {
            market,
            operation,
            customer_id: order.customer_id.clone(),
            order_id: order.order_id.clone(),
            key: None,
            part: None,
            moves_value: true,
            seen: None,
            decide: Arc::new(move |books, market, operation, order| {
                shipping.ship(books, market, operation, order)
            }),
            more: Some(Arc::new(move |loaded: &Loaded| {
                loaded.order(&order_id).map_or(Ok(None), |order| cards.writes(loaded, &of_market, &by, order))
            })),
        }
    }

    /// As many of each line as there are codes for.
    fn parts(&self, order: &Order) -> Vec<LinePart> {
        let mut codes = i64::try_from(self.drawn.len()).unwrap_or(i64::MAX);
        let mut parts = Vec::new();
        for line in units(order, &self.seller) {
            let quantity = line.open().min(codes);
            codes = codes.saturating_sub(quantity);
            if quantity > 0 {
                parts.push(LinePart { line_id: line.line_id.clone(), quantity });
            }
        }
        parts
    }

    /// The cards of each part, with their entries.
    fn cards(
        &self,
        market: &Market,
        operation: &Operation,
        order: &Order,
    ) -> Result<Vec<engine::IssuedCards>, OrderRefusal> {
        let Some(policy) = market.policies.gift_cards.as_ref() else { return Ok(Vec::new()) };
        let mut codes = self.drawn.iter();
        let mut issued = Vec::new();
        for part in self.parts(order) {
            let amount = order.line(&part.line_id)?.unit_price;
            let quantity = usize::try_from(part.quantity).unwrap_or(0);
            let ids = codes.by_ref().take(quantity).map(|code| code.card_id.clone()).collect();
            issued.push(engine::issue(market, policy, operation, amount, ids, operation.at)?);
        }
        Ok(issued)
    }

    fn ship(
        &self,
        books: &engine::CustomerBooks,
        market: &Market,
        operation: &Operation,
        order: &Order,
    ) -> Result<Changes, OrderRefusal> {
        let shipping = Shipping {
            seller: self.seller.clone(),
            parts: Some(self.parts(order)),
            carrier: None,
            tracking_numbers: Vec::new(),
        };
        let mut changes = order::ship(books, market, operation, order, &shipping)?;
        let operation = books.in_order(operation);
        for mut issued in self.cards(market, &operation, order)? {
            issued.entry.order_id = Some(order.order_id.clone());
            changes.finish(&operation, issued.entry)?;
        }
        Ok(changes)
    }

    /// The cards as writes; nothing where there is nothing left to deliver.
    fn writes(
        &self,
        loaded: &Loaded,
        market: &Market,
        operation: &Operation,
        order: &Order,
    ) -> Result<Option<Vec<Write>>, StoreError> {
        let operation = loaded.books.in_order(operation);
        let issued = self.cards(market, &operation, order);
        let issued = issued.map_err(|error| StoreError::Defect { reason: error.to_string() })?;
        let cards: Vec<GiftCard> = issued.into_iter().flat_map(|issued| issued.cards).collect();
        let write = |(code, card): (&DrawnCode, &GiftCard)| {
            books::new_gift_card(&code.code_hash, &order.order_id, card, None)
        };
        let writes: Vec<Write> = self.drawn.iter().zip(&cards).map(write).collect();
        Ok((!writes.is_empty()).then_some(writes))
    }
}
