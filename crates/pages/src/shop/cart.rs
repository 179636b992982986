//! The cart, as the session keeps it: the goods, how they are to be paid, and what became of the last one.

use axum::response::Response;
use choba_app::{AppError, Session, SessionToken};
use choba_server::{Problem, Service};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::catalogue::Good;
use crate::visit::set_cookie;
use crate::visitor::Visitor;

/// The most of one thing that a cart takes.
pub const QUANTITY_MAX: i64 = 99;

/// How often a change is tried where another tab changes the cart at the same time.
const TRIES: usize = 5;

/// A cart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cart {
    #[serde(default)]
    pub lines: Vec<CartLine>,
    /// How it is to be paid, as whoever filled it said.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub pay: Value,
    /// The order that the last cart became: who sends it again is led there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed: Option<PlacedCart>,
}

/// What a cart became.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedCart {
    /// The key that it was placed under.
    pub key: String,
    /// The number of the order.
    pub number: String,
}

/// A row of goods.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CartLine {
    pub id: String,
    pub sku: String,
    pub seller: String,
    pub kind: String,
    pub unit_price: i64,
    pub quantity: i64,
    pub tax_rate: String,
    /// What else a quote's request knows of a line.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Cart {
    /// The cart of a session; an empty one where there is none or it cannot be read.
    pub fn of(session: Option<&Session>) -> Self {
        let kept = session.and_then(|session| session.cart.as_deref());
        kept.and_then(|cart| serde_json::from_str(cart).ok()).unwrap_or_default()
    }

    /// One more of a good.
    pub fn add(&mut self, good: &Good) {
        match self.lines.iter_mut().find(|line| line.sku == good.sku && line.seller == good.seller) {
            Some(line) => line.quantity = line.quantity.saturating_add(1).min(QUANTITY_MAX),
            None => self.lines.push(CartLine {
                id: self.free_id(),
                sku: good.sku.clone(),
                seller: good.seller.clone(),
                kind: good.kind.clone(),
                unit_price: good.price,
                quantity: 1,
                tax_rate: good.tax_rate.clone(),
                more: Map::new(),
            }),
        }
    }

    fn free_id(&self) -> String {
        let taken = |id: &String| self.lines.iter().any(|line| line.id == *id);
        (1_u32..).map(|number| number.to_string()).find(|id| !taken(id)).unwrap_or_default()
    }

    /// Another quantity of a line; none of it takes it out.
    pub fn set_quantity(&mut self, line_id: &str, quantity: i64) {
        for line in self.lines.iter_mut().filter(|line| line.id == line_id) {
            line.quantity = quantity;
        }
        self.lines.retain(|line| line.quantity > 0);
    }

    /// The request of a quote for it.
    pub fn request(&self, market: &str, pay: &Value) -> Vec<u8> {
        json!({ "market": market, "lines": self.lines, "pay": pay }).to_string().into_bytes()
    }
}

/// Changes the visitor's cart, and begins a session where there is none; the token of that one is answered.
pub async fn change_cart(
    service: &Service,
    visitor: &Visitor,
    change: impl Fn(&mut Cart),
) -> Result<Option<SessionToken>, Problem> {
    let at = service.clock.now();
    let (token, mut session, new) = match &visitor.session {
        Some(session) => (visitor.token.clone(), session.clone(), None),
        None => {
            let (token, session) = service.counter.start_session(visitor.start(), at).await?;
            (token.clone(), session, Some(token))
        }
    };
    for _ in 0..TRIES {
        let mut cart = Cart::of(Some(&session));
        change(&mut cart);
        let text = serde_json::to_string(&cart).map_err(|error| Problem::defect(&error.to_string()))?;
        match service.counter.keep_cart(&token, session.cart_version, Some(&text), at).await {
            Ok(_) => return Ok(new),
            Err(AppError::Changed) => {
                let now = service.counter.session_of(&token, at).await?;
                session = now.ok_or_else(|| Problem::not_found("the session is over"))?;
            }
            Err(other) => return Err(other.into()),
        }
    }
    Err(AppError::Changed.into())
}

/// An answer with the cookie of a session that has just begun.
pub fn with_session(mut response: Response, visitor: &Visitor, new: Option<&SessionToken>) -> Response {
    if let Some(token) = new {
        set_cookie(&mut response, &visitor.house, token);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shop::catalogue::goods;

    #[test]
    fn the_same_good_twice_is_one_line_and_none_of_it_is_no_line() {
        let goods = goods("rakuten-style");
        let mut cart = Cart::default();
        for good in [&goods[0], &goods[1], &goods[0]] {
            cart.add(good);
        }
        let seen: Vec<_> = cart.lines.iter().map(|line| (line.id.as_str(), line.quantity)).collect();
        assert_eq!(seen, [("1", 2), ("2", 1)]);
        cart.set_quantity("1", 0);
        cart.add(&goods[2]);
        let ids: Vec<_> = cart.lines.iter().map(|line| line.id.as_str()).collect();
        assert_eq!(ids, ["2", "1"]);
    }

    #[test]
    fn what_a_marketplace_says_of_a_line_is_kept() {
        let text = r#"{"lines":[{"id":"x","sku":"A","seller":"s","kind":"physical","unit_price":1,"quantity":1,
            "tax_rate":"0.10","multiplier":"10"}],"pay":{"coupons":["A500"]}}"#;
        let cart: Cart = serde_json::from_str(text).unwrap();
        let request: Value = serde_json::from_slice(&cart.request("m", &cart.pay)).unwrap();
        assert_eq!(request["lines"][0]["multiplier"], "10");
        assert_eq!(request["pay"]["coupons"][0], "A500");
        assert!(request.get("placed").is_none());
    }
}
