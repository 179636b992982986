//! Endpoints that events are sent to. Secrets come and go encrypted; what is in them is not known here.

use super::{FeedEvent, unknown, write_together};
use crate::sql::{Read, Row, Statement, Store, StoreError, Type, Value, Write};

static NEW: Statement = Statement::new(
    "a new webhook endpoint",
    &[
        ("endpoint_id", Type::Text),
        ("market", Type::Text),
        ("url", Type::Text),
        ("kinds", Type::Text),
        ("description", Type::Text),
        ("secret", Type::Text),
        ("from_seq", Type::Int),
        ("created_at", Type::Int),
    ],
    "INSERT INTO webhook_endpoints (endpoint_id, market, url, kinds, description, state, secret, from_seq, created_at,
                                    version)
     SELECT :endpoint_id, :market, :url, :kinds, :description, 'enabled', :secret, :from_seq, :created_at, 1
     FROM {rows} WHERE true ON CONFLICT DO NOTHING",
)
.order(100);

static CHANGE: Statement = Statement::new(
    "change a webhook endpoint",
    &[
        ("endpoint_id", Type::Text),
        ("version", Type::Int),
        ("market", Type::Text),
        ("url", Type::Text),
        ("kinds", Type::Text),
        ("description", Type::Text),
        ("state", Type::Text),
        ("disabled_because", Type::Text),
        ("secret", Type::Text),
        ("secret_before", Type::Text),
        ("before_until", Type::Int),
    ],
    "UPDATE webhook_endpoints SET market = :market, url = :url, kinds = :kinds, description = :description,
            failing_since = CASE WHEN webhook_endpoints.state = :state THEN failing_since ELSE NULL END,
            state = :state, disabled_because = :disabled_because, secret = :secret,
            secret_before = :secret_before, before_until = :before_until, version = :version + 1
     FROM {rows} WHERE webhook_endpoints.endpoint_id = :endpoint_id AND webhook_endpoints.version = :version",
)
.order(101)
.one_each();

static FAILING: Statement = Statement::new(
    "a webhook endpoint begins to fail",
    &[("endpoint_id", Type::Text), ("failing_since", Type::Int)],
    "UPDATE webhook_endpoints SET failing_since = :failing_since
     FROM {rows} WHERE webhook_endpoints.endpoint_id = :endpoint_id AND webhook_endpoints.failing_since IS NULL",
)
.order(102);

static WELL: Statement = Statement::new(
    "a webhook endpoint is well",
    &[("endpoint_id", Type::Text)],
    "UPDATE webhook_endpoints SET failing_since = NULL
     FROM {rows} WHERE webhook_endpoints.endpoint_id = :endpoint_id
       AND webhook_endpoints.failing_since IS NOT NULL",
)
.order(103);

static DISABLE: Statement = Statement::new(
    "disable a webhook endpoint",
    &[("endpoint_id", Type::Text), ("disabled_because", Type::Text)],
    "UPDATE webhook_endpoints SET state = 'disabled', disabled_because = :disabled_because, version = version + 1
     FROM {rows} WHERE webhook_endpoints.endpoint_id = :endpoint_id AND webhook_endpoints.state = 'enabled'",
)
.order(104);

static REMOVE: Statement = Statement::new(
    "remove a webhook endpoint",
    &[("endpoint_id", Type::Text)],
    "DELETE FROM webhook_endpoints WHERE endpoint_id IN (SELECT :endpoint_id FROM {rows})",
)
.order(105);

static ALL: Statement = Statement::new(
    "webhook endpoints",
    &[("most", Type::Int)],
    "SELECT :row, w.endpoint_id, w.market, w.url, w.kinds, w.description, w.state, w.disabled_because, w.secret,
            w.secret_before, w.before_until, w.from_seq, w.failing_since, w.created_at, w.version
     FROM {rows} CROSS JOIN LATERAL (SELECT * FROM webhook_endpoints ORDER BY endpoint_id LIMIT :most) AS w
     ORDER BY w.endpoint_id",
);

static FIND: Statement = Statement::new(
    "a webhook endpoint",
    &[("endpoint_id", Type::Text)],
    "SELECT :row, w.endpoint_id, w.market, w.url, w.kinds, w.description, w.state, w.disabled_because, w.secret,
            w.secret_before, w.before_until, w.from_seq, w.failing_since, w.created_at, w.version
     FROM {rows} JOIN webhook_endpoints AS w ON w.endpoint_id = :endpoint_id",
);

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookEndpoint {
    /// Its id.
    pub endpoint_id: String,
    /// Of which market it wants events; of all where it names none.
    pub market: Option<String>,
    /// Where messages go.
    pub url: String,
    /// Codes of the kinds it wants; all where it names none.
    pub kinds: Vec<String>,
    /// What it is for, in its owner's words.
    pub description: String,
    /// Why nothing is sent to it; nothing where it is enabled.
    pub disabled_because: Option<String>,
    /// The encrypted secret.
    pub secret: String,
    /// The encrypted secret before, and until when, in epoch milliseconds, it signs too.
    pub before: Option<(String, i64)>,
    /// The feed's last place when it was made: it gets what comes after.
    pub from_seq: i64,
    /// Since when nothing has reached it, in epoch milliseconds.
    pub failing_since: Option<i64>,
    /// When it was made, in epoch milliseconds.
    pub created_at: i64,
    /// Counts its changes, from 1.
    pub version: i64,
}

impl WebhookEndpoint {
    /// Whether messages are sent to it.
    pub fn is_enabled(&self) -> bool {
        self.disabled_because.is_none()
    }

    /// Whether it wants an event.
    pub fn wants(&self, event: &FeedEvent) -> bool {
        self.is_enabled() && event.seq > self.from_seq && self.wants_kind_of(event)
    }

    /// Whether it would want an event, whenever it was made.
    pub fn wants_kind_of(&self, event: &FeedEvent) -> bool {
        let kind = self.kinds.is_empty() || self.kinds.contains(&event.kind);
        kind && self.market.as_ref().is_none_or(|market| *market == event.market)
    }

    /// The read of all, for [`WebhookEndpoint::read`].
    pub fn all(most: i64) -> Read {
        ALL.read(vec![most.into()])
    }

    /// From a row.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] or [`StoreError::Defect`].
    pub fn read(row: &Row) -> Result<Self, StoreError> {
        let because = row.optional_text(6)?.map(str::to_owned);
        let disabled_because = match row.text(5)? {
            "enabled" => None,
            "disabled" => Some(because.unwrap_or_default()),
            other => return Err(unknown("state of a webhook endpoint", other)),
        };
        let before = row.optional_text(8)?.map(str::to_owned).zip(row.optional_int(9)?);
        Ok(Self {
            endpoint_id: row.text(0)?.to_owned(),
            market: row.optional_text(1)?.map(str::to_owned),
            url: row.text(2)?.to_owned(),
            kinds: row.text(3)?.split_ascii_whitespace().map(str::to_owned).collect(),
            description: row.text(4)?.to_owned(),
            disabled_because,
            secret: row.text(7)?.to_owned(),
            before,
            from_seq: row.int(10)?,
            failing_since: row.optional_int(11)?,
            created_at: row.int(12)?,
            version: row.int(13)?,
        })
    }

    fn whose(&self) -> String {
        key_of(&self.endpoint_id)
    }
}

/// Works about an endpoint are done one after the other.
pub(super) fn key_of(endpoint_id: &str) -> String {
    format!("@webhook {endpoint_id}")
}

/// Keeps a new endpoint, unless it is there already, with what is written of it elsewhere.
///
/// # Errors
/// See [`StoreError`].
pub async fn new_endpoint(
    store: &Store,
    endpoint: &WebhookEndpoint,
    mut more: Vec<Write>,
) -> Result<(), StoreError> {
    let row: Vec<Value> = vec![
        (&endpoint.endpoint_id).into(),
        endpoint.market.as_ref().into(),
        (&endpoint.url).into(),
        endpoint.kinds.join(" ").into(),
        (&endpoint.description).into(),
        (&endpoint.secret).into(),
        endpoint.from_seq.into(),
        endpoint.created_at.into(),
    ];
    more.push(NEW.write(row));
    write_together(store, &endpoint.whose(), more).await
}

/// Keeps an endpoint as it is from now on, if it is still of its version.
///
/// # Errors
/// [`StoreError::Conflict`] where somebody else changed it meanwhile.
pub async fn change_endpoint(
    store: &Store,
    endpoint: &WebhookEndpoint,
    mut more: Vec<Write>,
) -> Result<(), StoreError> {
    let state = if endpoint.is_enabled() { "enabled" } else { "disabled" };
    let (before, until) = endpoint.before.clone().unzip();
    let row: Vec<Value> = vec![
        (&endpoint.endpoint_id).into(),
        endpoint.version.into(),
        endpoint.market.as_ref().into(),
        (&endpoint.url).into(),
        endpoint.kinds.join(" ").into(),
        (&endpoint.description).into(),
        state.into(),
        endpoint.disabled_because.as_ref().into(),
        (&endpoint.secret).into(),
        before.into(),
        until.into(),
    ];
    more.push(CHANGE.write(row));
    write_together(store, &endpoint.whose(), more).await
}

/// Notes since when nothing has reached an endpoint.
pub fn endpoint_fails(endpoint_id: &str, since: i64) -> Write {
    FAILING.write(vec![endpoint_id.into(), since.into()])
}

/// Notes that something has reached an endpoint.
pub fn endpoint_is_well(endpoint_id: &str) -> Write {
    WELL.write(vec![endpoint_id.into()])
}

/// Nothing is sent to an endpoint any more, for a reason.
pub fn disable_endpoint(endpoint_id: &str, because: &str) -> Write {
    DISABLE.write(vec![endpoint_id.into(), because.into()])
}

/// Removes an endpoint and all that waits for it.
///
/// # Errors
/// See [`StoreError`].
pub async fn remove_endpoint(
    store: &Store,
    endpoint_id: &str,
    mut more: Vec<Write>,
) -> Result<(), StoreError> {
    more.push(REMOVE.write(vec![endpoint_id.into()]));
    more.push(super::webhook_deliveries::remove_all(endpoint_id));
    write_together(store, &key_of(endpoint_id), more).await
}

/// All endpoints, at most so many.
///
/// # Errors
/// See [`StoreError`].
pub async fn endpoints(store: &Store, most: i64) -> Result<Vec<WebhookEndpoint>, StoreError> {
    store.read(&ALL, vec![vec![most.into()]]).await?.iter().map(WebhookEndpoint::read).collect()
}

/// An endpoint.
///
/// # Errors
/// See [`StoreError`].
pub async fn endpoint(store: &Store, endpoint_id: &str) -> Result<Option<WebhookEndpoint>, StoreError> {
    let rows = store.read(&FIND, vec![vec![endpoint_id.into()]]).await?;
    rows.first().map(WebhookEndpoint::read).transpose()
}
