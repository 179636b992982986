//! Orders that have been sent, and what carriers tell of them.

use choba_app::{Caller, ShipOrder, TrackingNews, TrackingTaken, Whose};
use choba_engine::order::{Order, Shipping};
use jiff::Timestamp;

use super::{Bench, Cart, rakuten, time};

/// A number of Yamato's form.
pub const NUMBER: &str = "400000000002";
/// Another one.
pub const OTHER: &str = "400000000013";

/// When orders of these tests are sent.
pub fn sent_at() -> Timestamp {
    time("2026-11-22T18:00:00+09:00")
}

/// A paid cart of one thing that is sent.
pub fn one_thing() -> Cart {
    rakuten().line("A@shop-a", 2_000, 2).by("card")
}

/// News of a number, from Yamato.
pub fn news(number: &str, at: &str, text: &str) -> TrackingNews {
    TrackingNews {
        number: number.to_owned(),
        carrier: "yamato".to_owned(),
        at: time(at),
        text: Some(text.to_owned()),
        ..TrackingNews::default()
    }
}

impl Bench {
    /// Places a cart and sends it with these numbers; answers the order's id and the shipment's.
    pub async fn sent(&self, whose: &Whose, carrier: &str, numbers: &[&str]) -> (String, String) {
        let placed = self.place(whose, &one_thing(), super::noon()).await;
        let shipment_id = self.send(whose, &placed.order_id, Some(carrier), numbers).await;
        (placed.order_id, shipment_id)
    }

    /// Sends all that is open of `shop-a`; answers the shipment's id.
    pub async fn send(
        &self,
        whose: &Whose,
        order_id: &str,
        carrier: Option<&str>,
        numbers: &[&str],
    ) -> String {
        let ship = ShipOrder {
            customer_id: whose.customer_id.clone(),
            order_id: order_id.to_owned(),
            shipping: Shipping {
                seller: "shop-a".to_owned(),
                parts: None,
                carrier: carrier.map(str::to_owned),
                tracking_numbers: numbers.iter().map(|number| (*number).to_owned()).collect(),
            },
            by: "seller".to_owned(),
            key: None,
        };
        self.counter.ship_order(ship, sent_at()).await.unwrap();
        let order = self.order(whose, order_id).await.order;
        order.shipments.last().unwrap().shipment_id.clone()
    }

    /// Takes news an hour after the last of them happened.
    pub async fn hear(&self, news: Vec<TrackingNews>) -> TrackingTaken {
        let last = news.iter().map(|news| news.at).max().unwrap();
        let at = last.max(sent_at()).checked_add(jiff::SignedDuration::from_hours(1)).unwrap();
        self.counter.tell_tracking(&Caller::Itself, news, at).await.unwrap()
    }

    /// An order as it is.
    pub async fn order_now(&self, whose: &Whose, order_id: &str) -> Order {
        self.order(whose, order_id).await.order
    }
}
