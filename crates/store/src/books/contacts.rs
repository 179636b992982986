//! How customers are written to.

use super::just_write::just_write;
use crate::sql::{Row, Statement, Store, StoreError, Type, Value};

static SET: Statement = Statement::new(
    "set a contact",
    &[
        ("customer_id", Type::Text),
        ("market", Type::Text),
        ("email", Type::Text),
        ("language", Type::Text),
        ("points_notices", Type::Int),
        ("changed_at", Type::Int),
    ],
    "INSERT INTO contacts (customer_id, market, email, language, points_notices, changed_at)
     SELECT :customer_id, :market, :email, :language, :points_notices, :changed_at FROM {rows} WHERE true
     ON CONFLICT (customer_id, market) DO UPDATE SET email = excluded.email, language = excluded.language,
        points_notices = excluded.points_notices, changed_at = excluded.changed_at",
)
.order(120)
.one_each();

static ERASE: Statement = Statement::new(
    "erase a contact",
    &[("customer_id", Type::Text), ("market", Type::Text)],
    "DELETE FROM contacts WHERE (customer_id, market) IN (SELECT :customer_id, :market FROM {rows})",
)
.order(121);

static FIND: Statement = Statement::new(
    "a contact",
    &[("customer_id", Type::Text), ("market", Type::Text)],
    "SELECT :row, c.email, c.language, c.points_notices, c.changed_at
     FROM {rows} JOIN contacts AS c ON c.customer_id = :customer_id AND c.market = :market",
);

/// How a customer is written to.
#[derive(Clone, PartialEq, Eq)]
pub struct ContactRow {
    /// Where to.
    pub email: String,
    /// `ja` or `en`.
    pub language: String,
    /// Whether points that will expire are told of.
    pub points_notices: bool,
    /// When it was set, in epoch milliseconds.
    pub changed_at: i64,
}

impl std::fmt::Debug for ContactRow {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ContactRow").field("language", &self.language).finish_non_exhaustive()
    }
}

fn read(row: &Row) -> Result<ContactRow, StoreError> {
    Ok(ContactRow {
        email: row.text(0)?.to_owned(),
        language: row.text(1)?.to_owned(),
        points_notices: row.int(2)? != 0,
        changed_at: row.int(3)?,
    })
}

/// Sets how a customer is written to.
///
/// # Errors
/// See [`StoreError`].
pub async fn set_contact(
    store: &Store,
    customer_id: &str,
    market: &str,
    contact: &ContactRow,
) -> Result<(), StoreError> {
    let row: Vec<Value> = vec![
        customer_id.into(),
        market.into(),
        (&contact.email).into(),
        (&contact.language).into(),
        contact.points_notices.into(),
        contact.changed_at.into(),
    ];
    just_write(store, customer_id, SET.write(row)).await
}

/// Forgets how a customer is written to.
///
/// # Errors
/// See [`StoreError`].
pub async fn erase_contact(store: &Store, customer_id: &str, market: &str) -> Result<(), StoreError> {
    just_write(store, customer_id, ERASE.write(vec![customer_id.into(), market.into()])).await
}

/// How a customer is written to, if that is known.
///
/// # Errors
/// See [`StoreError`].
pub async fn contact(
    store: &Store,
    customer_id: &str,
    market: &str,
) -> Result<Option<ContactRow>, StoreError> {
    let rows = store.read(&FIND, vec![vec![customer_id.into(), market.into()]]).await?;
    rows.first().map(read).transpose()
}
