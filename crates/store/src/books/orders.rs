//! Orders: kept as documents, with what is searched by beside them.

use choba_engine::order::Order;

use super::millis;
use crate::sql::{Row, Statement, Store, StoreError, Type, Value, Write};

const DOCUMENT: &[(&str, Type)] = &[
    ("customer_id", Type::Text),
    ("order_id", Type::Text),
    ("market", Type::Text),
    ("number", Type::Text),
    ("number_place", Type::Int),
    ("placed_at", Type::Int),
    ("state", Type::Text),
    ("payment_state", Type::Text),
    ("total", Type::Int),
    ("refunded", Type::Int),
    ("troubles", Type::Int),
    ("document", Type::Text),
    ("quote", Type::Text),
];

pub(super) static ORDER: Statement = Statement::new(
    "an order",
    &[("customer_id", Type::Text), ("order_id", Type::Text)],
    "SELECT :row, o.document
     FROM {rows} JOIN orders AS o ON o.customer_id = :customer_id AND o.order_id = :order_id",
);

static INSERT: Statement = Statement::new(
    "insert an order",
    DOCUMENT,
    "INSERT INTO orders (customer_id, order_id, market, number, number_place, placed_at, state, payment_state,
                         total, refunded, troubles, version, document, quote)
     SELECT :customer_id, :order_id, :market, :number, :number_place, :placed_at, :state, :payment_state,
            :total, :refunded, :troubles, 1, :document, :quote FROM {rows}",
)
.order(30)
.one_each();

static NUMBER: Statement = Statement::new(
    "keep an order number",
    &[("place", Type::Int), ("number", Type::Text), ("customer_id", Type::Text), ("order_id", Type::Text)],
    "INSERT INTO order_numbers (place, number, customer_id, order_id)
     SELECT :place, :number, :customer_id, :order_id FROM {rows}",
)
.order(31)
.one_each();

static UPDATE: Statement = Statement::new(
    "update an order",
    &[
        ("customer_id", Type::Text),
        ("order_id", Type::Text),
        ("state", Type::Text),
        ("payment_state", Type::Text),
        ("refunded", Type::Int),
        ("troubles", Type::Int),
        ("document", Type::Text),
    ],
    "UPDATE orders SET state = :state, payment_state = :payment_state, refunded = :refunded,
                       troubles = :troubles, version = version + 1, document = :document
     FROM {rows} WHERE orders.customer_id = :customer_id AND orders.order_id = :order_id",
)
.order(32)
.one_each();

const ROW: &[(&str, Type)] = &[
    ("customer_id", Type::Text),
    ("market", Type::Text),
    ("states", Type::Text),
    ("before", Type::Text),
    ("most", Type::Int),
];

static OF_CUSTOMER: Statement = Statement::new(
    "orders of a customer",
    ROW,
    "SELECT :row, o.document, o.version, o.quote
     FROM {rows} CROSS JOIN LATERAL (
        SELECT document, version, quote, order_id FROM orders
        WHERE customer_id = :customer_id AND market = :market AND (:before = '' OR order_id < :before)
          AND (:states = '' OR ' ' || :states || ' ' LIKE '% ' || state || ' %')
        ORDER BY order_id DESC LIMIT :most) AS o
     ORDER BY o.order_id DESC",
);

static ONE: Statement = Statement::new(
    "one order",
    &[("customer_id", Type::Text), ("order_id", Type::Text)],
    "SELECT :row, o.document, o.version, o.quote
     FROM {rows} JOIN orders AS o ON o.customer_id = :customer_id AND o.order_id = :order_id",
);

static IN_TROUBLE: Statement = Statement::new(
    "orders in trouble",
    &[("market", Type::Text), ("after", Type::Text), ("after_order", Type::Text), ("most", Type::Int)],
    "SELECT :row, o.document
     FROM {rows} CROSS JOIN LATERAL (
        SELECT document, customer_id, order_id FROM orders
        WHERE market = :market AND troubles > 0 AND (customer_id, order_id) > (:after, :after_order)
        ORDER BY customer_id, order_id LIMIT :most) AS o
     ORDER BY o.customer_id, o.order_id",
);

/// What is kept of a new order for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// Which.
    pub order_id: String,
    /// The place of its number.
    pub number_place: i64,
    /// The quote it was placed with, as its customer saw it: JSON.
    pub quote: String,
}

/// An order as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    /// The order.
    pub order: Order,
    /// Counts its changes, from 1.
    pub version: i64,
    /// The quote it was placed with, as its customer saw it: JSON.
    pub quote: String,
}

pub(super) fn read_document(row: &Row) -> Result<Order, StoreError> {
    serde_json::from_str(row.text(0)?)
        .map_err(|error| StoreError::Defect { reason: format!("an order in the database: {error}") })
}

fn read_order(row: &Row) -> Result<OrderRow, StoreError> {
    Ok(OrderRow { order: read_document(row)?, version: row.int(1)?, quote: row.text(2)?.to_owned() })
}

/// Bytes of a usual document: a text that is made for so many is not moved while it grows.
const DOCUMENT_USUAL: usize = 4_096;

fn document_of(order: &Order) -> Result<String, StoreError> {
    let defect = |reason: String| StoreError::Defect { reason };
    let mut document = Vec::with_capacity(DOCUMENT_USUAL);
    serde_json::to_writer(&mut document, order).map_err(|error| defect(error.to_string()))?;
    String::from_utf8(document).map_err(|error| defect(error.to_string()))
}

/// Writes an order: a new one with what is kept of it for ever, one that was loaded without.
pub(super) fn write_order(
    order: &Order,
    new: Option<&NewOrder>,
    writes: &mut Vec<Write>,
) -> Result<(), StoreError> {
    let defect = |reason: String| StoreError::Defect { reason };
    let document = document_of(order)?;
    let refunded = order.refunded().map_err(|error| defect(error.to_string()))?.units();
    let (state, payment) = (order.state().code(), order.payment.state.code());
    let troubles = Value::from(i64::try_from(order.open_troubles().count()).unwrap_or(i64::MAX));
    let key: [Value; 2] = [(&order.customer_id).into(), (&order.order_id).into()];
    let Some(NewOrder { number_place, quote, .. }) = new else {
        let row = [state.into(), payment.into(), refunded.into(), troubles, document.into()];
        writes.push(UPDATE.write(key.into_iter().chain(row).collect::<Vec<Value>>()));
        return Ok(());
    };
    let row: [Value; 11] = [
        (&order.market).into(),
        (&order.number).into(),
        (*number_place).into(),
        millis(order.placed_at).into(),
        state.into(),
        payment.into(),
        order.total.units().into(),
        refunded.into(),
        troubles,
        document.into(),
        quote.into(),
    ];
    writes.push(INSERT.write(key.into_iter().chain(row).collect::<Vec<Value>>()));
    let number: Vec<Value> = vec![
        (*number_place).into(),
        (&order.number).into(),
        (&order.customer_id).into(),
        (&order.order_id).into(),
    ];
    writes.push(NUMBER.write(number));
    Ok(())
}

/// An order of a customer, if it is theirs.
///
/// # Errors
/// See [`StoreError`].
pub async fn order_of_customer(
    store: &Store,
    customer_id: &str,
    order_id: &str,
) -> Result<Option<OrderRow>, StoreError> {
    let rows = store.read(&ONE, vec![vec![customer_id.into(), order_id.into()]]).await?;
    rows.first().map(read_order).transpose()
}

/// Orders of a customer, newest first, those before an order's id if one is given; in these states, parted by
/// spaces, or in any.
///
/// # Errors
/// See [`StoreError`].
pub async fn orders_of_customer(
    store: &Store,
    customer_id: &str,
    market: &str,
    states: &str,
    before: Option<&str>,
    most: i64,
) -> Result<Vec<OrderRow>, StoreError> {
    let row: Vec<Value> =
        vec![customer_id.into(), market.into(), states.into(), before.unwrap_or("").into(), most.into()];
    store.read(&OF_CUSTOMER, vec![row]).await?.iter().map(read_order).collect()
}

/// Orders of a market that are in trouble, by customer and id, those after a customer's order.
///
/// # Errors
/// See [`StoreError`].
pub async fn orders_in_trouble(
    store: &Store,
    market: &str,
    after: Option<(&str, &str)>,
    most: i64,
) -> Result<Vec<Order>, StoreError> {
    let (customer_id, order_id) = after.unwrap_or_default();
    let row: Vec<Value> = vec![market.into(), customer_id.into(), order_id.into(), most.into()];
    store.read(&IN_TROUBLE, vec![row]).await?.iter().map(read_document).collect()
}
