//! Keys of programs that call the service, found by a keyed hash of what they send.

use jiff::Timestamp;

use super::locked::Locked;
use super::{millis, timestamp};
use crate::sql::{Row, Statement, Store, StoreError, Type, Value, Write};

static NEW: Statement = Statement::new(
    "insert an API key",
    &[
        ("key_id", Type::Text),
        ("name", Type::Text),
        ("rights", Type::Text),
        ("made_at", Type::Int),
        ("made_by", Type::Text),
        ("expires_at", Type::Int),
    ],
    "INSERT INTO api_keys (key_id, name, rights, made_at, made_by, expires_at)
     SELECT :key_id, :name, :rights, :made_at, :made_by, :expires_at FROM {rows}",
)
.order(100)
.one_each();

static NEW_SECRET: Statement = Statement::new(
    "insert an API key's secret",
    &[("secret_hash", Type::Text), ("key_id", Type::Text), ("made_at", Type::Int)],
    "INSERT INTO api_key_secrets (secret_hash, key_id, made_at)
     SELECT :secret_hash, :key_id, :made_at FROM {rows}",
)
.order(102)
.one_each();

/// A secret that ends sooner by itself keeps its end.
static RETIRE_SECRETS: Statement = Statement::new(
    "retire an API key's secrets",
    &[("key_id", Type::Text), ("valid_until", Type::Int)],
    "UPDATE api_key_secrets SET valid_until = :valid_until FROM {rows}
     WHERE api_key_secrets.key_id = :key_id
       AND (api_key_secrets.valid_until IS NULL OR api_key_secrets.valid_until > :valid_until)",
)
.order(101);

static END: Statement = Statement::new(
    "end an API key",
    &[("key_id", Type::Text), ("ended_at", Type::Int)],
    "UPDATE api_keys SET ended_at = :ended_at FROM {rows}
     WHERE api_keys.key_id = :key_id AND api_keys.ended_at IS NULL",
)
.order(103)
.one_each();

static USED: Statement = Statement::new(
    "an API key was used",
    &[("key_id", Type::Text), ("used_at", Type::Int)],
    "UPDATE api_keys SET used_at = :used_at FROM {rows}
     WHERE api_keys.key_id = :key_id AND (api_keys.used_at IS NULL OR api_keys.used_at < :used_at)",
)
.order(104);

static LOCK: Statement = Statement::new(
    "lock an API key",
    &[("key_id", Type::Text)],
    "SELECT :row, k.key_id, k.name, k.rights, k.made_at, k.made_by, k.expires_at, k.ended_at, k.used_at
     FROM {rows} JOIN api_keys AS k ON k.key_id = :key_id ORDER BY k.key_id {lock k}",
)
.order(100);

static BY_SECRET: Statement = Statement::new(
    "the API key of a secret",
    &[("secret_hash", Type::Text)],
    "SELECT :row, k.key_id, k.name, k.rights, k.made_at, k.made_by, k.expires_at, k.ended_at, k.used_at,
            s.secret_hash, s.valid_until
     FROM {rows} JOIN api_key_secrets AS s ON s.secret_hash = :secret_hash
          JOIN api_keys AS k ON k.key_id = s.key_id",
);

static PAGE: Statement = Statement::new(
    "a page of API keys",
    &[("after", Type::Text), ("most", Type::Int)],
    "SELECT :row, k.key_id, k.name, k.rights, k.made_at, k.made_by, k.expires_at, k.ended_at, k.used_at
     FROM {rows} CROSS JOIN LATERAL (
        SELECT key_id, name, rights, made_at, made_by, expires_at, ended_at, used_at
        FROM api_keys WHERE key_id > :after ORDER BY key_id LIMIT :most) AS k
     ORDER BY k.key_id",
);

/// A key as it is kept, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// The key.
    pub key_id: String,
    /// What people call it.
    pub name: String,
    /// Words of rights, parted by spaces.
    pub rights: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: String,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// When it was last used, coarsely.
    pub used_at: Option<Timestamp>,
}

/// A key found by a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundApiKey {
    /// The key.
    pub key: ApiKeyRow,
    /// The keyed hash of the secret.
    pub secret_hash: String,
    /// The end of the secret, where another one took its place.
    pub valid_until: Option<Timestamp>,
}

impl ApiKeyRow {
    /// The writes that insert it, with its first secret.
    pub fn insert(&self, secret_hash: &str) -> Vec<Write> {
        let row: Vec<Value> = vec![
            (&self.key_id).into(),
            (&self.name).into(),
            (&self.rights).into(),
            millis(self.made_at).into(),
            (&self.made_by).into(),
            self.expires_at.map(millis).into(),
        ];
        vec![NEW.write(row), self.secret(secret_hash, self.made_at)]
    }

    /// The writes that give it another secret; those it has are good until a time.
    pub fn rotate(&self, secret_hash: &str, at: Timestamp, old_until: Timestamp) -> Vec<Write> {
        let row: Vec<Value> = vec![(&self.key_id).into(), millis(old_until).into()];
        vec![RETIRE_SECRETS.write(row), self.secret(secret_hash, at)]
    }

    /// The write that ends it.
    pub fn end(&self, at: Timestamp) -> Write {
        let row: Vec<Value> = vec![(&self.key_id).into(), millis(at).into()];
        END.write(row)
    }

    /// The write that keeps when it was used.
    pub fn used(&self, at: Timestamp) -> Write {
        let row: Vec<Value> = vec![(&self.key_id).into(), millis(at).into()];
        USED.write(row)
    }

    fn secret(&self, secret_hash: &str, at: Timestamp) -> Write {
        let row: Vec<Value> = vec![secret_hash.into(), (&self.key_id).into(), millis(at).into()];
        NEW_SECRET.write(row)
    }

    fn read(row: &Row) -> Result<Self, StoreError> {
        let time = |column| row.optional_int(column)?.map(timestamp).transpose();
        Ok(Self {
            key_id: row.text(0)?.to_owned(),
            name: row.text(1)?.to_owned(),
            rights: row.text(2)?.to_owned(),
            made_at: timestamp(row.int(3)?)?,
            made_by: row.text(4)?.to_owned(),
            expires_at: time(5)?,
            ended_at: time(6)?,
            used_at: time(7)?,
        })
    }
}

/// The key that a secret belongs to, whether it is still good or not.
///
/// # Errors
/// See [`StoreError`].
pub async fn api_key_of_secret(store: &Store, secret_hash: &str) -> Result<Option<FoundApiKey>, StoreError> {
    let rows = store.read(&BY_SECRET, vec![vec![secret_hash.into()]]).await?;
    let read = |row: &Row| {
        Ok(FoundApiKey {
            key: ApiKeyRow::read(row)?,
            secret_hash: row.text(8)?.to_owned(),
            valid_until: row.optional_int(9)?.map(timestamp).transpose()?,
        })
    };
    rows.first().map(read).transpose()
}

/// Keys by id: those after one, at most so many.
///
/// # Errors
/// See [`StoreError`].
pub async fn api_keys(store: &Store, after: &str, most: i64) -> Result<Vec<ApiKeyRow>, StoreError> {
    let rows = store.read(&PAGE, vec![vec![after.into(), most.into()]]).await?;
    rows.iter().map(ApiKeyRow::read).collect()
}

/// Decides about a key while nobody else does. It may be decided more than once, from the start.
///
/// # Errors
/// See [`StoreError`].
pub async fn change_api_key<A: Send + 'static>(
    store: &Store,
    key_id: &str,
    mut decide: impl FnMut(Option<ApiKeyRow>) -> (Vec<Write>, A) + Send + 'static,
) -> Result<A, StoreError> {
    let locks = vec![LOCK.read(vec![Value::from(key_id)])];
    let decide = move |rows: &[Vec<Row>]| {
        let row = rows.first().and_then(|rows| rows.first());
        Ok(decide(row.map(ApiKeyRow::read).transpose()?))
    };
    store.perform(Locked { key: format!("@api_key {key_id}"), locks, decide }).await
}
