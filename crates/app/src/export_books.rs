//! Orders and the journal for others to reckon with: one row an order or a posting, amounts as whole numbers,
//! times in RFC 3339. Of a person nothing but the customer's id goes out, and no note that someone wrote.

use std::io::{self, Write};

use choba_engine::market::MethodType;
use choba_engine::money::Money;
use choba_engine::order::{Order, TenderName};
use choba_store::books::{
    ExportFilter, ExportedOrder, ExportedPosting, orders_to_export, postings_to_export,
};
use choba_store::sql::{Snapshot, StoreError};
use jiff::Timestamp;
use serde::Serialize;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// A JSON object a line.
    Ndjson,
    /// Comma-separated values (RFC 4180) with a line of names.
    Csv,
}

/// Not everything was written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The books cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nobody takes what is written.
    #[error("standard output: {0}")]
    Write(#[from] io::Error),
}

impl From<csv::Error> for ExportError {
    fn from(error: csv::Error) -> Self {
        Self::Write(error.into())
    }
}

impl From<serde_json::Error> for ExportError {
    fn from(error: serde_json::Error) -> Self {
        Self::Write(error.into())
    }
}

/// An order as others get it.
#[derive(Debug, Serialize)]
struct OrderRow<'o> {
    order_id: &'o str,
    number: &'o str,
    customer_id: &'o str,
    market: &'o str,
    market_version: &'o str,
    placed_at: String,
    state: &'o str,
    payment_state: &'o str,
    method: Option<&'static str>,
    total: i64,
    paid_by_method: i64,
    paid_by_stored_value: i64,
    refunded: i64,
    coupons: String,
}

/// A posting as others get it.
#[derive(Debug, Serialize)]
struct PostingRow<'p> {
    customer_id: &'p str,
    entry_id: &'p str,
    place: i64,
    market: &'p str,
    made_at: String,
    reason: &'p str,
    order_id: Option<&'p str>,
    account: &'p str,
    unit: &'p str,
    lot_id: Option<&'p str>,
    amount: i64,
}

/// Writes orders, by customer and id. Answers how many.
///
/// # Errors
/// [`ExportError`].
pub async fn export_orders(
    snapshot: &mut Snapshot,
    filter: &ExportFilter,
    format: ExportFormat,
    into: &mut (dyn Write + Send),
) -> Result<u64, ExportError> {
    let (mut rows, mut count) = (Rows::new(format, into), 0);
    let mut last: Option<ExportedOrder> = None;
    loop {
        let mut orders = orders_to_export(snapshot, filter, last.as_ref()).await?;
        for columns in &orders {
            rows.write(&order_row(columns, &document(columns)?)?)?;
            count += 1;
        }
        match orders.pop() {
            Some(order) => last = Some(order),
            None => break,
        }
    }
    rows.finish(ORDER_NAMES)?;
    Ok(count)
}

/// Writes the journal: a row for each posting, by customer and entry. Answers how many.
///
/// # Errors
/// [`ExportError`].
pub async fn export_journal(
    snapshot: &mut Snapshot,
    filter: &ExportFilter,
    format: ExportFormat,
    into: &mut (dyn Write + Send),
) -> Result<u64, ExportError> {
    let (mut rows, mut count) = (Rows::new(format, into), 0);
    let mut last: Option<ExportedPosting> = None;
    loop {
        let mut postings = postings_to_export(snapshot, filter, last.as_ref()).await?;
        for posting in &postings {
            rows.write(&posting_row(posting)?)?;
            count += 1;
        }
        match postings.pop() {
            Some(posting) => last = Some(posting),
            None => break,
        }
    }
    rows.finish(POSTING_NAMES)?;
    Ok(count)
}

/// Written where there is no row to take the names from.
const ORDER_NAMES: &str = "order_id,number,customer_id,market,market_version,placed_at,state,payment_state,method,\
    total,paid_by_method,paid_by_stored_value,refunded,coupons\n";
const POSTING_NAMES: &str =
    "customer_id,entry_id,place,market,made_at,reason,order_id,account,unit,lot_id,amount\n";

/// The order that a row keeps.
pub(crate) fn document(columns: &ExportedOrder) -> Result<Order, StoreError> {
    serde_json::from_str(&columns.document).map_err(|error| StoreError::Defect {
        reason: format!("the document of order {} cannot be read: {error}", columns.order_id),
    })
}

fn order_row<'o>(columns: &'o ExportedOrder, order: &'o Order) -> Result<OrderRow<'o>, StoreError> {
    let paid = |by_method: bool| -> i64 {
        let tenders = order.tenders.iter();
        let meant = tenders.filter(|tender| (tender.tender == TenderName::Method) == by_method);
        meant.map(|tender| Money::units(tender.amount)).fold(0, i64::saturating_add)
    };
    Ok(OrderRow {
        order_id: &columns.order_id,
        number: &columns.number,
        customer_id: &columns.customer_id,
        market: &columns.market,
        market_version: &order.market_version,
        placed_at: rfc3339(columns.placed_at)?,
        state: &columns.state,
        payment_state: &columns.payment_state,
        method: order.payment.method.map(MethodType::id),
        total: columns.total,
        paid_by_method: paid(true),
        paid_by_stored_value: paid(false),
        refunded: columns.refunded,
        coupons: order.coupons.join(" "),
    })
}

fn posting_row(posting: &ExportedPosting) -> Result<PostingRow<'_>, StoreError> {
    Ok(PostingRow {
        customer_id: &posting.customer_id,
        entry_id: &posting.entry_id,
        place: posting.place,
        market: &posting.market,
        made_at: rfc3339(posting.made_at)?,
        reason: &posting.reason,
        order_id: posting.order_id.as_deref(),
        account: &posting.account,
        unit: &posting.unit,
        lot_id: posting.lot_id.as_deref(),
        amount: posting.amount,
    })
}

fn rfc3339(millis: i64) -> Result<String, StoreError> {
    let at = Timestamp::from_millisecond(millis);
    at.map(|at| at.to_string())
        .map_err(|error| StoreError::Defect { reason: format!("a time in the database: {error}") })
}

/// Where rows go.
enum Rows<'w> {
    Ndjson(&'w mut (dyn Write + Send)),
    Csv(Box<csv::Writer<&'w mut (dyn Write + Send)>>, bool),
}

impl<'w> Rows<'w> {
    fn new(format: ExportFormat, into: &'w mut (dyn Write + Send)) -> Self {
        match format {
            ExportFormat::Ndjson => Self::Ndjson(into),
            ExportFormat::Csv => Self::Csv(Box::new(csv::Writer::from_writer(into)), false),
        }
    }

    fn write(&mut self, row: &impl Serialize) -> Result<(), ExportError> {
        match self {
            Self::Ndjson(into) => {
                serde_json::to_writer(&mut *into, row)?;
                Ok(into.write_all(b"\n")?)
            }
            Self::Csv(into, has_rows) => {
                *has_rows = true;
                Ok(into.serialize(row)?)
            }
        }
    }

    fn finish(self, names: &str) -> Result<(), ExportError> {
        match self {
            Self::Ndjson(into) => Ok(into.flush()?),
            Self::Csv(mut into, true) => Ok(into.flush()?),
            Self::Csv(into, false) => {
                let into = into.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
                into.write_all(names.as_bytes())?;
                Ok(into.flush()?)
            }
        }
    }
}
