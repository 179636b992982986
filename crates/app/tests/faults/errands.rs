//! What customers want done while everything around them fails: known from its name alone, so that whoever
//! repeats it asks for exactly the same under the same key.

use std::time::Duration;

use choba_app::{AppError, Counter, Key, PlaceOrder, PlaceOutcome, RedeemGiftCard, ShipOrder, Whose};
use choba_engine::money::Money;
use choba_engine::order::{CancelBy, Expected, LinePart, Shipping};
use choba_store::sql::StoreError;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::support::{Cart, amazon, noon};
use crate::truth::PARTNER;

/// One thing that a customer or a seller wants done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    pub customer_id: String,
    /// Differs for all errands of a customer.
    pub turn: i64,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    Place,
    /// Cancels an order.
    Cancel(String),
    /// Ships one of two.
    Ship(String),
    /// Redeems a code.
    Redeem(String),
}

/// The market of all errands.
pub const MARKET: &str = "amazon-style";

pub fn whose(customer_id: &str) -> Whose {
    Whose::new(customer_id, MARKET)
}

impl Errand {
    fn key(&self, use_case: &str, body: &[u8]) -> Key {
        Key::new(&format!("errand-{}", self.turn), use_case, &self.customer_id, body).unwrap()
    }

    /// Later ones are done later. Tries of codes that a crash cut off count as failed for a while.
    fn at(&self) -> Timestamp {
        noon() + SignedDuration::from_mins(10 * self.turn)
    }

    /// All of the gift balance, some points of the partner, the rest by card. One of three needs nobody.
    pub fn cart(&self) -> Cart {
        let price = 4_000 + self.turn % 100;
        match self.turn % 3 {
            0 => amazon().line("X@amazon", price, 2).by("cod"),
            1 => amazon().line("X@amazon", price, 2).stored("gift", "all").by("card"),
            _ => amazon().line("X@amazon", price, 2).stored("gift", 90).stored(PARTNER, 50).by("card"),
        }
    }

    /// Twice the price, the shipping that is free, and a fee on delivery.
    fn total(&self) -> Money {
        Money::new(2 * (4_000 + self.turn % 100) + if self.turn % 3 == 0 { 330 } else { 0 })
    }

    fn placing(&self) -> PlaceOrder {
        let request = self.cart().bytes();
        PlaceOrder {
            whose: whose(&self.customer_id),
            expected: Expected { total: self.total(), ..Expected::default() },
            card_token: Some("tok_ok".to_owned()),
            key: self.key("place_order", &request),
            request,
        }
    }

    /// Does it; the answer is what its key is answered with for ever.
    pub async fn run(&self, counter: &Counter) -> Result<Value, AppError> {
        let (customer, at) = (self.customer_id.as_str(), self.at());
        Ok(match &self.what {
            What::Place => match counter.place_order(self.placing(), at).await? {
                PlaceOutcome::Placed(order, _) => json(order),
                other => panic!("{other:?}"),
            },
            What::Cancel(order_id) => {
                let (by, key) = (CancelBy::Seller, Some(self.key("cancel_order", order_id.as_bytes())));
                json(counter.cancel_order(customer, order_id, None, by, "amazon", key, at).await?)
            }
            What::Ship(order_id) => json(counter.ship_order(self.shipping(order_id), at).await?),
            What::Redeem(code) => json(counter.redeem_gift_card(self.redeeming(code), at).await?),
        })
    }

    fn shipping(&self, order_id: &str) -> ShipOrder {
        ShipOrder {
            customer_id: self.customer_id.clone(),
            order_id: order_id.to_owned(),
            shipping: Shipping {
                seller: "amazon".to_owned(),
                parts: Some(vec![LinePart { line_id: "1".to_owned(), quantity: 1 }]),
                carrier: None,
                tracking_numbers: Vec::new(),
            },
            by: "amazon".to_owned(),
            key: Some(self.key("ship_order", order_id.as_bytes())),
        }
    }

    fn redeeming(&self, code: &str) -> RedeemGiftCard {
        RedeemGiftCard {
            whose: whose(&self.customer_id),
            code: code.to_owned(),
            address: self.customer_id.clone(),
            key: format!("errand-{}", self.turn),
        }
    }

    /// Does it, and repeats it as a caller would for as long as the database or a partner is away.
    pub async fn run_until_done(&self, counter: &Counter) -> Value {
        for _ in 0..600 {
            match self.run(counter).await {
                Ok(answer) => return answer,
                Err(
                    AppError::Store(StoreError::Unavailable { .. } | StoreError::Busy)
                    | AppError::PartyUnavailable { .. },
                ) => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Err(error) => panic!("{self:?}: {error}"),
            }
        }
        panic!("{self:?} is never done");
    }

    /// What the same customer wants next, after this was answered: an order is placed, then cancelled, or half of
    /// it shipped, or left as it is.
    pub fn next(&self, answer: &Value, codes: &mut Vec<String>) -> Self {
        let turn = self.turn + 1;
        let order_id = || answer["order_id"].as_str().unwrap().to_owned();
        let what = match &self.what {
            What::Place if self.turn % 4 == 0 => What::Cancel(order_id()),
            What::Place if self.turn % 4 == 1 => What::Ship(order_id()),
            What::Ship(order_id) if self.turn % 3 == 0 => What::Cancel(order_id.clone()),
            What::Place if self.turn % 4 == 2 => codes.pop().map_or(What::Place, What::Redeem),
            _ => What::Place,
        };
        Self { customer_id: self.customer_id.clone(), turn, what }
    }
}

fn json(answer: impl Serialize) -> Value {
    serde_json::to_value(answer).unwrap()
}
