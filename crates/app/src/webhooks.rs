//! Endpoints of others that get events: made, changed, tried and removed by whoever may manage them.
//!
//! An endpoint's secret is told when it is made and when it changes, and never again; it is kept encrypted, because
//! messages are signed with it.

use choba_engine::books::EventKind;
use choba_outside::hooks::{HookSettings, TargetFault, checked};
use choba_outside::webhook::WebhookSecret;
use choba_store::books::{self, DeliveryState, WebhookDelivery, WebhookEndpoint};
use choba_store::sql::{StoreError, Write};
use jiff::{SignedDuration, Timestamp};

use crate::audit_log::Action;
use crate::entropy::new_id;
use crate::{AppError, Caller, Counter, Key, Right, ToldEvent};

/// Endpoints there may be.
pub const ENDPOINTS_MAX: i64 = 100;

/// While a secret changes, both sign for so long unless another time is asked for.
pub const SECRETS_OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// Events that one replay may send again.
pub const REPLAYED_MAX: i64 = 10_000;

/// The longest description, in bytes.
const DESCRIPTION_MAX: usize = 500;

/// The kind of message that a test is.
pub const TEST_KIND: &str = "webhook.test";

/// Why an endpoint is disabled.
pub const BY_ITS_OWNER: &str = "disabled";

/// What is wanted of an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointWanted {
    /// Where messages go.
    pub url: String,
    /// Codes of the kinds wanted; all where it names none.
    pub kinds: Vec<String>,
    /// Events of this market only.
    pub market: Option<String>,
    /// What it is for.
    pub description: String,
    /// Whether messages are sent.
    pub enabled: bool,
}

/// An endpoint, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownEndpoint {
    /// Its id.
    pub endpoint_id: String,
    /// What was wanted of it.
    pub wanted: EndpointWanted,
    /// Why nothing is sent: `disabled` by its owner, `gone` (it answered 410) or `failing` for days.
    pub disabled_because: Option<String>,
    /// Since when nothing has reached it.
    pub failing_since: Option<Timestamp>,
    /// Until when the secret before signs too.
    pub secret_before_until: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// An endpoint with its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointWithSecret {
    /// The endpoint.
    pub endpoint: ShownEndpoint,
    /// `whsec_…`, to be shown once. Absent where it has changed since.
    pub secret: Option<String>,
}

impl std::fmt::Debug for EndpointWithSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("EndpointWithSecret").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// What is asked of messages again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replay {
    /// One message.
    One(String),
    /// All events that came into the feed since then and that the endpoint wants.
    Since(Timestamp),
}

impl Counter {
    /// Makes an endpoint. The same key makes it once, and tells its secret again as long as that has not changed.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::Field`] where a field cannot be used, and what the database answers.
    pub async fn make_endpoint(
        &self,
        caller: &Caller,
        wanted: &EndpointWanted,
        settings: &HookSettings,
        key: &Key,
        at: Timestamp,
    ) -> Result<EndpointWithSecret, AppError> {
        caller.may(Right::WebhooksManage)?;
        self.check_wanted(wanted, settings)?;
        let endpoint_id =
            format!("we_{}", crate::entropy::id_from(Timestamp::UNIX_EPOCH, &key_text(caller, key)));
        if books::endpoint(&self.store, &endpoint_id).await?.is_none() {
            self.keep_new_endpoint(caller, &endpoint_id, wanted, at).await?;
        }
        let kept = self.endpoint_row(&endpoint_id).await?;
        let secret = self.secrets.unseal(&endpoint_id, &kept.secret)?;
        let secret = (kept.version == 1).then_some(secret);
        Ok(EndpointWithSecret { endpoint: shown(&kept)?, secret })
    }

    async fn keep_new_endpoint(
        &self,
        caller: &Caller,
        endpoint_id: &str,
        wanted: &EndpointWanted,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let all = books::endpoints(&self.store, ENDPOINTS_MAX).await?;
        if i64::try_from(all.len()).is_ok_and(|there| there >= ENDPOINTS_MAX) {
            return Err(AppError::field("", format!("there are {ENDPOINTS_MAX} endpoints already")));
        }
        let endpoint = WebhookEndpoint {
            endpoint_id: endpoint_id.to_owned(),
            market: wanted.market.clone(),
            url: wanted.url.clone(),
            kinds: wanted.kinds.clone(),
            description: wanted.description.clone(),
            disabled_because: None,
            secret: self.new_secret(endpoint_id)?,
            before: None,
            from_seq: books::feed_bounds(&self.store).await?.last,
            failing_since: None,
            created_at: at.as_millisecond(),
            version: 1,
        };
        let noted = self.noted(caller, "webhook.made", endpoint_id, at);
        Ok(books::new_endpoint(&self.store, &endpoint, noted).await?)
    }

    /// A row of the audit log, to be written with what it tells of.
    fn noted(&self, caller: &Caller, action: &str, endpoint_id: &str, at: Timestamp) -> Vec<Write> {
        self.audit_row(caller, Action::new(action, endpoint_id), at).append().to_vec()
    }

    fn new_secret(&self, endpoint_id: &str) -> Result<String, AppError> {
        let mut bytes = [0_u8; 32];
        self.entropy.fill(&mut bytes);
        self.secrets.seal(&*self.entropy, endpoint_id, &WebhookSecret::text_of(&bytes))
    }

    /// All endpoints.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`] and what the database answers.
    pub async fn list_endpoints(&self, caller: &Caller) -> Result<Vec<ShownEndpoint>, AppError> {
        caller.may(Right::WebhooksManage)?;
        books::endpoints(&self.store, ENDPOINTS_MAX).await?.iter().map(shown).collect()
    }

    /// An endpoint.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::NotFound`] and what the database answers.
    pub async fn show_endpoint(&self, caller: &Caller, endpoint_id: &str) -> Result<ShownEndpoint, AppError> {
        caller.may(Right::WebhooksManage)?;
        shown(&self.endpoint_row(endpoint_id).await?)
    }

    /// Changes an endpoint, if it is still of that version. One that was disabled is sent what happens from then on;
    /// what it missed is for [`Counter::replay_webhooks`].
    ///
    /// # Errors
    /// As [`Counter::make_endpoint`], and [`AppError::ChangedMeanwhile`].
    pub async fn change_endpoint(
        &self,
        caller: &Caller,
        endpoint_id: &str,
        version: Option<i64>,
        wanted: &EndpointWanted,
        settings: &HookSettings,
        at: Timestamp,
    ) -> Result<ShownEndpoint, AppError> {
        caller.may(Right::WebhooksManage)?;
        self.check_wanted(wanted, settings)?;
        let mut endpoint = self.endpoint_of_version(endpoint_id, version).await?;
        endpoint.url.clone_from(&wanted.url);
        endpoint.kinds.clone_from(&wanted.kinds);
        endpoint.market.clone_from(&wanted.market);
        endpoint.description.clone_from(&wanted.description);
        let because = endpoint.disabled_because.take();
        endpoint.disabled_because =
            (!wanted.enabled).then(|| because.unwrap_or_else(|| BY_ITS_OWNER.to_owned()));
        let noted = self.noted(caller, "webhook.changed", endpoint_id, at);
        self.keep_endpoint(&endpoint, noted).await
    }

    /// Gives an endpoint a new secret. The one before signs too for a while, so that nothing is refused meanwhile.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::NotFound`], [`AppError::ChangedMeanwhile`] and what the database answers.
    pub async fn rotate_secret(
        &self,
        caller: &Caller,
        endpoint_id: &str,
        version: Option<i64>,
        overlap: SignedDuration,
        at: Timestamp,
    ) -> Result<EndpointWithSecret, AppError> {
        caller.may(Right::WebhooksManage)?;
        let mut endpoint = self.endpoint_of_version(endpoint_id, version).await?;
        let new = self.new_secret(endpoint_id)?;
        let until = at.checked_add(overlap.max(SignedDuration::ZERO)).unwrap_or(at);
        let old = std::mem::replace(&mut endpoint.secret, new);
        // Who repeats a change that was not heard of has the secret before both: that one goes on signing.
        let in_use = endpoint.before.take().filter(|(_, until)| at.as_millisecond() < *until);
        endpoint.before = Some((in_use.map_or(old, |(sealed, _)| sealed), until.as_millisecond()));
        let secret = self.secrets.unseal(endpoint_id, &endpoint.secret)?;
        let noted = self.noted(caller, "webhook.secret_changed", endpoint_id, at);
        Ok(EndpointWithSecret { endpoint: self.keep_endpoint(&endpoint, noted).await?, secret: Some(secret) })
    }

    /// Removes an endpoint and all that waits for it. Removing it twice is as removing it once.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`] and what the database answers.
    pub async fn remove_endpoint(
        &self,
        caller: &Caller,
        endpoint_id: &str,
        at: Timestamp,
    ) -> Result<(), AppError> {
        caller.may(Right::WebhooksManage)?;
        let noted = self.noted(caller, "webhook.removed", endpoint_id, at);
        Ok(books::remove_endpoint(&self.store, endpoint_id, noted).await?)
    }

    /// Queues a test message for an endpoint; answers its id.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::NotFound`] and what the database answers.
    pub async fn test_endpoint(
        &self,
        caller: &Caller,
        endpoint_id: &str,
        at: Timestamp,
    ) -> Result<String, AppError> {
        caller.may(Right::WebhooksManage)?;
        self.endpoint_row(endpoint_id).await?;
        let message_id = format!("{}_test", new_id(&*self.entropy, at));
        let body = serde_json::json!({
            "id": message_id, "type": TEST_KIND, "timestamp": at, "data": {"endpoint_id": endpoint_id},
        });
        let message = waiting(endpoint_id, &message_id, None, TEST_KIND, body.to_string(), at);
        books::write_about_endpoint(&self.store, endpoint_id, vec![message.queue()]).await?;
        Ok(message_id)
    }

    /// Messages of an endpoint, the newest first; those of one state where one is named.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::NotFound`] and what the database answers.
    pub async fn webhook_deliveries(
        &self,
        caller: &Caller,
        endpoint_id: &str,
        state: Option<DeliveryState>,
        before: Option<&str>,
        most: i64,
    ) -> Result<Vec<WebhookDelivery>, AppError> {
        caller.may(Right::WebhooksManage)?;
        self.endpoint_row(endpoint_id).await?;
        let most = most.clamp(1, 500);
        Ok(books::deliveries_of_endpoint(&self.store, endpoint_id, state, before, most).await?)
    }

    /// Sends messages again, with the ids that they had; answers how many are queued. Whoever has them already knows
    /// them by these ids.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::NotFound`], [`AppError::EventsForgotten`] where events of that time are not
    /// there any more, [`AppError::Field`] where there are more than [`REPLAYED_MAX`], and what the database answers.
    pub async fn replay_webhooks(
        &self,
        caller: &Caller,
        endpoint_id: &str,
        what: &Replay,
        at: Timestamp,
    ) -> Result<usize, AppError> {
        caller.may(Right::WebhooksManage)?;
        let endpoint = self.endpoint_row(endpoint_id).await?;
        self.record_action(caller, Action::new("webhook.replayed", endpoint_id), at).await?;
        match what {
            Replay::One(message_id) => self.replay_one(endpoint_id, message_id, at).await,
            Replay::Since(since) => self.replay_since(&endpoint, *since, at).await,
        }
    }

    async fn replay_one(
        &self,
        endpoint_id: &str,
        message_id: &str,
        at: Timestamp,
    ) -> Result<usize, AppError> {
        let found = books::delivery(&self.store, endpoint_id, message_id).await?;
        let mut message = found.ok_or_else(|| AppError::not_found("message", message_id))?;
        message.queued_at = at.as_millisecond();
        books::write_about_endpoint(&self.store, endpoint_id, vec![message.replay()]).await?;
        Ok(1)
    }

    async fn replay_since(
        &self,
        endpoint: &WebhookEndpoint,
        since: Timestamp,
        at: Timestamp,
    ) -> Result<usize, AppError> {
        let bounds = books::feed_bounds(&self.store).await?;
        let mut after = self.last_told_before(since, bounds.forgotten, bounds.last).await?;
        if bounds.last.saturating_sub(after) > REPLAYED_MAX {
            let fault = format!("more than {REPLAYED_MAX} events since then: expected a later time");
            return Err(AppError::field("/since", fault));
        }
        let mut replayed = 0;
        while after < bounds.last {
            let until = bounds.last.min(after.saturating_add(500));
            let span = books::span_of_feed(&self.store, after, until).await?;
            let wanted = span.into_iter().filter(|event| endpoint.wants_kind_of(event));
            let messages = wanted.map(|event| message_of(&endpoint.endpoint_id, event, at));
            let writes =
                messages.map(|message| Ok(message?.replay())).collect::<Result<Vec<_>, AppError>>()?;
            replayed += writes.len();
            books::write_about_endpoint(&self.store, &endpoint.endpoint_id, writes).await?;
            after = until;
        }
        Ok(replayed)
    }

    /// The last place of the feed that was told before a time, found by halves: places follow the time of telling.
    async fn last_told_before(&self, since: Timestamp, forgotten: i64, last: i64) -> Result<i64, AppError> {
        let (mut before, mut after) = (forgotten, last.saturating_add(1));
        while after.saturating_sub(before) > 1 {
            let middle = before.midpoint(after);
            let found = books::span_of_feed(&self.store, middle.saturating_sub(1), middle).await?;
            if found.first().is_some_and(|event| event.told_at < since) {
                before = middle;
            } else {
                after = middle;
            }
        }
        Ok(before)
    }

    pub(crate) async fn endpoint_row(&self, endpoint_id: &str) -> Result<WebhookEndpoint, AppError> {
        let found = books::endpoint(&self.store, endpoint_id).await?;
        found.ok_or_else(|| AppError::not_found("webhook endpoint", endpoint_id))
    }

    async fn endpoint_of_version(
        &self,
        endpoint_id: &str,
        version: Option<i64>,
    ) -> Result<WebhookEndpoint, AppError> {
        let endpoint = self.endpoint_row(endpoint_id).await?;
        if version.is_some_and(|version| version != endpoint.version) {
            return Err(AppError::ChangedMeanwhile);
        }
        Ok(endpoint)
    }

    async fn keep_endpoint(
        &self,
        endpoint: &WebhookEndpoint,
        noted: Vec<Write>,
    ) -> Result<ShownEndpoint, AppError> {
        match books::change_endpoint(&self.store, endpoint, noted).await {
            Err(StoreError::Conflict { .. }) => Err(AppError::ChangedMeanwhile),
            other => {
                other?;
                shown(&self.endpoint_row(&endpoint.endpoint_id).await?)
            }
        }
    }

    fn check_wanted(&self, wanted: &EndpointWanted, settings: &HookSettings) -> Result<(), AppError> {
        checked(&wanted.url, settings)
            .map_err(|fault: TargetFault| AppError::field("/url", fault.to_string()))?;
        for (place, kind) in wanted.kinds.iter().enumerate() {
            if EventKind::from_code(kind).is_none() {
                return Err(AppError::field(
                    &format!("/kinds/{place}"),
                    "expected the code of a kind of event",
                ));
            }
        }
        if wanted.description.len() > DESCRIPTION_MAX {
            return Err(AppError::field("/description", format!("expected at most {DESCRIPTION_MAX} bytes")));
        }
        if let Some(market) = &wanted.market {
            self.markets
                .get(market)
                .map_err(|_| AppError::field("/market", "expected the name of a market"))?;
        }
        Ok(())
    }
}

fn key_text(caller: &Caller, key: &Key) -> String {
    format!("webhook endpoint\0{}\0{}\0{}", caller.by(), key.key, key.body_digest)
}

/// A message for an endpoint about an event.
pub(crate) fn message_of(
    endpoint_id: &str,
    event: books::FeedEvent,
    at: Timestamp,
) -> Result<WebhookDelivery, AppError> {
    let (seq, told) = (event.seq, ToldEvent::from(event));
    let body = serde_json::to_string(&told).map_err(|error| AppError::Defect(error.to_string()))?;
    Ok(waiting(endpoint_id, &told.id, Some(seq), &told.kind, body, at))
}

fn waiting(
    endpoint_id: &str,
    message_id: &str,
    seq: Option<i64>,
    kind: &str,
    body: String,
    at: Timestamp,
) -> WebhookDelivery {
    WebhookDelivery {
        endpoint_id: endpoint_id.to_owned(),
        message_id: message_id.to_owned(),
        seq,
        kind: kind.to_owned(),
        body,
        state: DeliveryState::Waiting,
        attempts: 0,
        next_at: at.as_millisecond(),
        queued_at: at.as_millisecond(),
        tried_at: None,
        status: None,
        fault: None,
    }
}

fn shown(endpoint: &WebhookEndpoint) -> Result<ShownEndpoint, AppError> {
    let time = |millis: i64| {
        Timestamp::from_millisecond(millis).map_err(|error| AppError::Defect(error.to_string()))
    };
    Ok(ShownEndpoint {
        endpoint_id: endpoint.endpoint_id.clone(),
        wanted: EndpointWanted {
            url: endpoint.url.clone(),
            kinds: endpoint.kinds.clone(),
            market: endpoint.market.clone(),
            description: endpoint.description.clone(),
            enabled: endpoint.is_enabled(),
        },
        disabled_because: endpoint.disabled_because.clone(),
        failing_since: endpoint.failing_since.map(time).transpose()?,
        secret_before_until: endpoint.before.as_ref().map(|(_, until)| time(*until)).transpose()?,
        created_at: time(endpoint.created_at)?,
        version: endpoint.version,
    })
}
