//! Links by which a customer shows a shipment to others.

use jiff::Timestamp;

use super::just_write::just_write;
use super::{millis, timestamp};
use crate::sql::{Row, Statement, Store, StoreError, Type, Value};

static NEW: Statement = Statement::new(
    "share a shipment",
    &[
        ("customer_id", Type::Text),
        ("link_id", Type::Text),
        ("market", Type::Text),
        ("order_id", Type::Text),
        ("shipment_id", Type::Text),
        ("shared_at", Type::Int),
        ("expires_at", Type::Int),
    ],
    "INSERT INTO share_links (customer_id, link_id, market, order_id, shipment_id, shared_at, expires_at)
     SELECT :customer_id, :link_id, :market, :order_id, :shipment_id, :shared_at, :expires_at FROM {rows}",
)
.order(35)
.one_each();

static REVOKE: Statement = Statement::new(
    "revoke links to a shipment",
    &[("customer_id", Type::Text), ("shipment_id", Type::Text), ("revoked_at", Type::Int)],
    "UPDATE share_links SET revoked_at = :revoked_at
     FROM {rows} WHERE share_links.customer_id = :customer_id AND share_links.shipment_id = :shipment_id
       AND share_links.revoked_at IS NULL",
)
.order(36);

static FIND: Statement = Statement::new(
    "a link to a shipment",
    &[("link_id", Type::Text)],
    "SELECT :row, l.customer_id, l.market, l.order_id, l.shipment_id, l.expires_at, l.revoked_at
     FROM {rows} JOIN share_links AS l ON l.link_id = :link_id",
);

/// A link as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareLink {
    /// Its id; half of what the link says.
    pub link_id: String,
    /// Whose shipment.
    pub customer_id: String,
    /// In which market.
    pub market: String,
    /// Of which order.
    pub order_id: String,
    /// Which shipment.
    pub shipment_id: String,
    /// Until when.
    pub expires_at: Timestamp,
    /// Whether it was taken back.
    pub revoked: bool,
}

/// Keeps a new link.
///
/// # Errors
/// See [`StoreError`].
pub async fn new_share_link(store: &Store, link: &ShareLink, at: Timestamp) -> Result<(), StoreError> {
    let row: Vec<Value> = vec![
        (&link.customer_id).into(),
        (&link.link_id).into(),
        (&link.market).into(),
        (&link.order_id).into(),
        (&link.shipment_id).into(),
        millis(at).into(),
        millis(link.expires_at).into(),
    ];
    just_write(store, &link.customer_id, NEW.write(row)).await
}

/// Takes back all links to a shipment.
///
/// # Errors
/// See [`StoreError`].
pub async fn revoke_share_links(
    store: &Store,
    customer_id: &str,
    shipment_id: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let row: Vec<Value> = vec![customer_id.into(), shipment_id.into(), millis(at).into()];
    just_write(store, customer_id, REVOKE.write(row)).await
}

/// A link by its id.
///
/// # Errors
/// See [`StoreError`].
pub async fn share_link(store: &Store, link_id: &str) -> Result<Option<ShareLink>, StoreError> {
    let rows = store.read(&FIND, vec![vec![link_id.into()]]).await?;
    rows.first().map(|row| read(row, link_id)).transpose()
}

fn read(row: &Row, link_id: &str) -> Result<ShareLink, StoreError> {
    Ok(ShareLink {
        link_id: link_id.to_owned(),
        customer_id: row.text(0)?.to_owned(),
        market: row.text(1)?.to_owned(),
        order_id: row.text(2)?.to_owned(),
        shipment_id: row.text(3)?.to_owned(),
        expires_at: timestamp(row.int(4)?)?,
        revoked: row.optional_int(5)?.is_some(),
    })
}
