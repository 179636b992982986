//! What the desk keeps beside cases: pictures that were attached, templates of replies, and macros.

use jiff::Timestamp;

use super::millis;
use crate::sql::{Row, Statement, Store, StoreError, Type, Value, Write};

static ATTACH: Statement = Statement::new(
    "keep an attachment",
    &[
        ("customer_id", Type::Text),
        ("attachment_id", Type::Text),
        ("case_id", Type::Text),
        ("name", Type::Text),
        ("media_type", Type::Text),
        ("bytes", Type::Int),
        ("sha256", Type::Text),
        ("content", Type::Text),
    ],
    "INSERT INTO attachments (customer_id, attachment_id, case_id, name, media_type, bytes, sha256, content)
     SELECT :customer_id, :attachment_id, :case_id, :name, :media_type, :bytes, :sha256, :content FROM {rows}",
)
.order(94)
.one_each();

static ATTACHMENT: Statement = Statement::new(
    "an attachment",
    &[("customer_id", Type::Text), ("attachment_id", Type::Text)],
    "SELECT :row, a.attachment_id, a.case_id, a.name, a.media_type, a.bytes, a.sha256, a.content
     FROM {rows} JOIN attachments AS a ON a.customer_id = :customer_id AND a.attachment_id = :attachment_id",
);

static PUBLISH: Statement = Statement::new(
    "publish a document of the desk",
    &[
        ("market", Type::Text),
        ("kind", Type::Text),
        ("key", Type::Text),
        ("language", Type::Text),
        ("document", Type::Text),
        ("published_by", Type::Text),
        ("published_at", Type::Int),
        ("version", Type::Int),
    ],
    "INSERT INTO desk_documents (market, kind, key, language, version, document, published_by, published_at)
     SELECT :market, :kind, :key, :language, :version, :document, :published_by, :published_at FROM {rows}",
)
.order(97)
.one_each();

static LATEST: Statement = Statement::new(
    "the latest documents of the desk",
    &[("market", Type::Text), ("kind", Type::Text)],
    "SELECT :row, d.key, d.language, d.version, d.document
     FROM {rows} JOIN desk_documents AS d ON d.market = :market AND d.kind = :kind
     WHERE d.version = (SELECT max(o.version) FROM desk_documents AS o
        WHERE o.market = d.market AND o.kind = d.kind AND o.key = d.key AND o.language = d.language)
     ORDER BY d.key, d.language",
);

/// A picture that was attached to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentRow {
    /// Whose.
    pub customer_id: String,
    /// Its id.
    pub attachment_id: String,
    /// To which case.
    pub case_id: String,
    /// As it is called.
    pub name: String,
    /// What it is.
    pub media_type: String,
    /// How many bytes.
    pub bytes: i64,
    /// Of its content.
    pub sha256: String,
    /// The content, in base64.
    pub content: String,
}

impl AttachmentRow {
    /// The write by which it is kept.
    pub fn write(self) -> Write {
        let row: Vec<Value> = vec![
            self.customer_id.into(),
            self.attachment_id.into(),
            self.case_id.into(),
            self.name.into(),
            self.media_type.into(),
            self.bytes.into(),
            self.sha256.into(),
            self.content.into(),
        ];
        ATTACH.write(row)
    }
}

/// An attachment of a customer.
///
/// # Errors
/// See [`StoreError`].
pub async fn attachment(
    store: &Store,
    customer_id: &str,
    attachment_id: &str,
) -> Result<Option<AttachmentRow>, StoreError> {
    let rows = store.read(&ATTACHMENT, vec![vec![customer_id.into(), attachment_id.into()]]).await?;
    let read = |row: &Row| {
        let text = |column| row.text(column).map(str::to_owned);
        Ok(AttachmentRow {
            customer_id: customer_id.to_owned(),
            attachment_id: text(0)?,
            case_id: text(1)?,
            name: text(2)?,
            media_type: text(3)?,
            bytes: row.int(4)?,
            sha256: text(5)?,
            content: text(6)?,
        })
    };
    rows.first().map(read).transpose()
}

/// A version of a document of the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskDocument {
    /// By which it is called.
    pub key: String,
    /// In which language; empty for macros.
    pub language: String,
    /// Its version.
    pub version: u32,
    /// The document, as JSON.
    pub document: String,
}

/// Publishes a version, with what the audit log says of it. Where somebody else published the same one, it ends in [`StoreError::Conflict`] or a refusal of
/// the database.
///
/// # Errors
/// See [`StoreError`].
pub async fn publish_desk_document(
    store: &Store,
    (market, kind): (&str, &str),
    document: DeskDocument,
    (by, told): (String, Vec<Write>),
    at: Timestamp,
) -> Result<(), StoreError> {
    let row: Vec<Value> = vec![
        market.into(),
        kind.into(),
        document.key.into(),
        document.language.into(),
        document.document.into(),
        by.into(),
        millis(at).into(),
        document.version.into(),
    ];
    let mut writes = vec![PUBLISH.write(row)];
    writes.extend(told);
    super::locked::write_together(store, market, writes).await
}

/// The latest version of each document of a kind.
///
/// # Errors
/// See [`StoreError`].
pub async fn desk_documents(
    store: &Store,
    market: &str,
    kind: &str,
) -> Result<Vec<DeskDocument>, StoreError> {
    let rows = store.read(&LATEST, vec![vec![market.into(), kind.into()]]).await?;
    let read = |row: &Row| {
        let (key, language) = (row.text(0)?.to_owned(), row.text(1)?.to_owned());
        let version = u32::try_from(row.int(2)?).unwrap_or(u32::MAX);
        Ok(DeskDocument { key, language, version, document: row.text(3)?.to_owned() })
    };
    rows.iter().map(read).collect()
}
