//! Something that is kept and does not fit.

use std::fmt::{self, Display, Formatter};

use choba_store::books::{BookDifference, KeyAnswer, OrderColumns};
use serde::Serialize;

/// Something that is kept and does not fit the journal, or the rest of the books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Whose, where it is one customer's.
    pub customer_id: Option<String>,
    /// What kind of thing: `lot`, `entry`, `order`, `customer`, `coupon`, `gift card` …
    pub subject: &'static str,
    /// Which.
    pub id: String,
    /// What of it, in words.
    pub what: String,
    /// What it has to be: by the journal, or by what it belongs to.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl Difference {
    pub(super) fn of_order(order: &OrderColumns, what: &str, expected: String, found: String) -> Self {
        Self {
            customer_id: Some(order.customer_id.clone()),
            subject: "order",
            id: order.order_id.clone(),
            what: what.to_owned(),
            expected,
            found,
        }
    }

    pub(super) fn of_answer(answer: &KeyAnswer, order_id: &str) -> Self {
        Self {
            customer_id: Some(answer.customer_id.clone()),
            subject: "idempotency key",
            id: answer.key.clone(),
            what: format!("order {order_id} of its answer"),
            expected: "an order of the customer".to_owned(),
            found: "none".to_owned(),
        }
    }
}

impl From<BookDifference> for Difference {
    fn from(found: BookDifference) -> Self {
        let BookDifference { customer_id, subject, id, what, expected, found } = found;
        Self { customer_id, subject, id, what, expected, found }
    }
}

/// One line: `customer hanako, lot …: remaining: expected 300, found 299`.
impl Display for Difference {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match &self.customer_id {
            Some(customer_id) if self.subject == "customer" => write!(formatter, "customer {customer_id}")?,
            Some(customer_id) => write!(formatter, "customer {customer_id}, {} {}", self.subject, self.id)?,
            None => write!(formatter, "{} {}", self.subject, self.id)?,
        }
        write!(formatter, ": {}: expected {}, found {}", self.what, self.expected, self.found)
    }
}
