//! Short words for what the demo's people do.

use anyhow::{anyhow, bail};
use choba_app::{
    Caller, Cart, CartOf, Counter, GrantValue, Granter, IssueGiftCards, IssueOutcome, Key, LinkProgram,
    PlaceOrder, PlaceOutcome, PlacedOrder, RedeemGiftCard, ShipOrder, Whose,
};
use choba_engine::market::{LotKind, ReturnReason};
use choba_engine::money::{Money, Points};
use choba_engine::order::{CancelBy, Expected, LinePart, Shipping};
use choba_outside::Secret;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::database::{explained_app, now};

/// A market in which the demo happens.
pub struct Shop<'c> {
    counter: &'c Counter,
    market: &'static str,
    /// When shoppers got what they hold.
    begins: Timestamp,
}

/// An order of the demo.
pub struct DemoOrder {
    customer: &'static str,
    order: PlacedOrder,
}

impl DemoOrder {
    pub fn order_id(&self) -> &str {
        &self.order.order_id
    }
}

/// A cart under way.
pub struct DemoCart(Value);

/// Lines of sku, seller, kind, price and quantity.
pub fn cart(market: &str, lines: &[(&str, &str, &str, i64, i64)]) -> DemoCart {
    let line = |(place, (sku, seller, kind, price, quantity)): (usize, &(&str, &str, &str, i64, i64))| {
        json!({"id": (place + 1).to_string(), "sku": sku, "seller": seller, "kind": kind, "unit_price": price,
            "quantity": quantity, "tax_rate": "0.10"})
    };
    let lines: Vec<Value> = lines.iter().enumerate().map(line).collect();
    DemoCart(json!({"market": market, "lines": lines, "pay": {"coupons": [], "stored": []}}))
}

impl DemoCart {
    pub fn by(self, method: &str) -> Self {
        self.with("/pay", "method", json!({ "type": method }))
    }

    pub fn coupon(self, coupon: &str) -> Self {
        self.with("/pay", "coupons", json!([coupon]))
    }

    pub fn stored(self, program: &str, amount: i64) -> Self {
        self.with("/pay", "stored", json!([{ "program": program, "amount": amount }]))
    }

    fn with(mut self, place: &str, key: &str, value: Value) -> Self {
        if let Some(Value::Object(fields)) = self.0.pointer_mut(place) {
            fields.insert(key.to_owned(), value);
        }
        self
    }
}

impl<'c> Shop<'c> {
    pub fn new(counter: &'c Counter, market: &'static str, begins: Timestamp) -> Self {
        Self { counter, market, begins }
    }

    pub(super) fn counter(&self) -> &'c Counter {
        self.counter
    }

    pub(super) fn whose(&self, customer: &str) -> Whose {
        Whose::new(customer, self.market)
    }

    pub(super) fn key(&self, use_case: &str, subject: &str, body: &str) -> anyhow::Result<Key> {
        let key = format!("demo-{use_case}-{}-{body}", self.market);
        Key::new(&key, use_case, subject, body.as_bytes()).map_err(explained_app)
    }

    pub async fn rank(&self, customer: &str, rank: &str) -> anyhow::Result<()> {
        self.counter.set_rank(&self.whose(customer), Some(rank), self.begins).await.map_err(explained_app)
    }

    pub async fn coupon(&self, customer: &str, coupon: &str) -> anyhow::Result<()> {
        self.counter.give_coupon(&self.whose(customer), coupon, self.begins).await.map_err(explained_app)
    }

    /// Points that end so many days from now.
    pub async fn grant(
        &self,
        customer: &str,
        program: &str,
        kind: Option<&str>,
        points: i64,
        ends_in_days: Option<i64>,
    ) -> anyhow::Result<()> {
        let days = |days: i64| now().checked_add(SignedDuration::from_hours(24 * days));
        let grant = GrantValue {
            whose: self.whose(customer),
            program: program.to_owned(),
            kind: kind.and_then(lot_kind),
            points: Points::new(points),
            available_at: None,
            expires_at: ends_in_days.map(days).transpose()?,
            reason: "demo".to_owned(),
            by: Granter::Campaign("demo".to_owned()),
            key: self.key("grant", customer, &format!("{program}-{}-{points}", kind.unwrap_or_default()))?,
        };
        self.counter.grant_value(grant, self.begins).await.map_err(explained_app)?;
        Ok(())
    }

    pub async fn gift_card(&self, customer: &str, amount: i64) -> anyhow::Result<()> {
        let issue = IssueGiftCards {
            market: self.market.to_owned(),
            count: 1,
            amount: Money::new(amount),
            active_from: None,
            note: Some("demo".to_owned()),
            by: "demo".to_owned(),
            key: self.key("issue", self.market, &amount.to_string())?,
        };
        let issued = self.counter.issue_gift_cards(issue, self.begins).await.map_err(explained_app)?;
        let IssueOutcome::Issued(batch) = issued else { return Ok(()) };
        for card in batch.cards {
            let redeem = RedeemGiftCard {
                whose: self.whose(customer),
                code: card.code.in_groups(),
                address: "demo".to_owned(),
                key: format!("demo-redeem-{}", card.card_id),
            };
            self.counter.redeem_gift_card(redeem, self.begins).await.map_err(explained_app)?;
        }
        Ok(())
    }

    pub async fn link(&self, customer: &str, program: &str) -> anyhow::Result<()> {
        let link = LinkProgram {
            whose: self.whose(customer),
            program: program.to_owned(),
            code: Secret::new(format!("LINK-mbr_{customer}-1")),
            key: self.key("link", program, customer)?,
        };
        self.counter.link_program(link, self.begins).await.map_err(explained_app)?;
        Ok(())
    }

    /// Places a cart, so many days ago, for whatever it costs.
    pub async fn place(
        &self,
        customer: &'static str,
        days_ago: i64,
        cart: DemoCart,
    ) -> anyhow::Result<DemoOrder> {
        let at = now().checked_sub(SignedDuration::from_hours(24 * days_ago))?;
        let request = cart.0.to_string().into_bytes();
        let of = CartOf::Customer(customer.to_owned());
        let asked = Cart { caller: Caller::Itself, of, request: request.clone() };
        let quote = self.counter.quote_cart(asked, at).await.map_err(explained_app)?;
        let quote: Value = serde_json::from_slice(&quote)?;
        let total =
            quote.get("total").and_then(Value::as_i64).ok_or_else(|| anyhow!("a quote without a total"))?;
        let place = PlaceOrder {
            whose: self.whose(customer),
            expected: Expected { total: Money::new(total), ..Expected::default() },
            card_token: Some("tok_ok".to_owned()),
            key: self.key("place", customer, &format!("{days_ago}-{total}"))?,
            request,
        };
        match self.counter.place_order(place, at).await.map_err(explained_app)? {
            PlaceOutcome::Placed(order, _) => Ok(DemoOrder { customer, order }),
            PlaceOutcome::NewQuote(quote) => bail!("an order of the demo cannot be placed: {quote}"),
            PlaceOutcome::PaymentRefused { code, .. } => bail!("an order of the demo was refused: {code}"),
        }
    }

    pub async fn prepare(&self, placed: &DemoOrder, seller: &str) -> anyhow::Result<()> {
        let (customer, order_id) = (placed.customer, &placed.order.order_id);
        let at = placed.after(2)?;
        self.counter.prepare_order(customer, order_id, seller, "demo", at).await.map_err(explained_app)?;
        Ok(())
    }

    /// Ships all of a seller; answers the shipment.
    pub async fn ship(
        &self,
        placed: &DemoOrder,
        seller: &str,
        carrier: &str,
        number: &str,
    ) -> anyhow::Result<String> {
        let ship = ShipOrder {
            customer_id: placed.customer.to_owned(),
            order_id: placed.order.order_id.clone(),
            shipping: Shipping {
                seller: seller.to_owned(),
                parts: None,
                carrier: Some(carrier.to_owned()),
                tracking_numbers: vec![number.to_owned()],
            },
            by: "demo".to_owned(),
            key: None,
        };
        let shipped = self.counter.ship_order(ship, placed.after(5)?).await.map_err(explained_app)?;
        shipped.part.ok_or_else(|| anyhow!("a shipment without an id"))
    }

    pub async fn deliver(
        &self,
        placed: &DemoOrder,
        seller: &str,
        carrier: &str,
        number: &str,
    ) -> anyhow::Result<()> {
        let shipment = self.ship(placed, seller, carrier, number).await?;
        let (customer, order_id) = (placed.customer, &placed.order.order_id);
        let at = placed.after(30)?;
        self.counter.deliver_order(customer, order_id, &shipment, "demo", at).await.map_err(explained_app)?;
        Ok(())
    }

    pub async fn cancel(&self, placed: &DemoOrder) -> anyhow::Result<()> {
        let (customer, order_id) = (placed.customer, &placed.order.order_id);
        let at = placed.after(1)?;
        let cancelled =
            self.counter.cancel_order(customer, order_id, None, CancelBy::Customer, "customer", None, at);
        cancelled.await.map_err(explained_app)?;
        Ok(())
    }

    /// The return number.
    pub async fn ask_for_return(&self, placed: &DemoOrder, reason: &str) -> anyhow::Result<String> {
        let reason = ReturnReason::ALL.into_iter().find(|known| known.id() == reason);
        let reason = reason.ok_or_else(|| anyhow!("no such reason"))?;
        let parts = vec![LinePart { line_id: "1".to_owned(), quantity: 1 }];
        let (customer, order_id) = (placed.customer, &placed.order.order_id);
        let at = placed.after(40)?;
        let asked =
            self.counter.request_return(customer, order_id, parts, reason, "customer", None, at).await;
        asked.map_err(explained_app)?.part.ok_or_else(|| anyhow!("a return without a number"))
    }

    pub async fn refund(&self, placed: &DemoOrder) -> anyhow::Result<()> {
        let number = self.ask_for_return(placed, "defective").await?;
        let (customer, order_id) = (placed.customer, &placed.order.order_id);
        let counter = self.counter;
        let by = "demo";
        let received = counter.receive_return(customer, order_id, &number, by, placed.after(60)?).await;
        received.map_err(explained_app)?;
        let inspected =
            counter.inspect_return(customer, order_id, &number, Vec::new(), by, placed.after(61)?).await;
        inspected.map_err(explained_app)?;
        let refunded = counter.refund_return(customer, order_id, &number, by, None, placed.after(62)?).await;
        refunded.map_err(explained_app)?;
        Ok(())
    }
}

impl DemoOrder {
    /// So many hours after it was placed.
    fn after(&self, hours: i64) -> anyhow::Result<Timestamp> {
        Ok(self.order.placed_at.checked_add(SignedDuration::from_hours(hours))?)
    }
}

fn lot_kind(word: &str) -> Option<LotKind> {
    match word {
        "limited" => Some(LotKind::Limited),
        "exchanged" => Some(LotKind::Exchanged),
        "ordinary" => Some(LotKind::Ordinary),
        _ => None,
    }
}
