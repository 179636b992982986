//! Sending events to the endpoints of others, until they have them or it has been tried often enough.
//!
//! Events are taken from the feed in order and become messages, one for each endpoint that wants them, together with
//! how far the feed was read. Then messages are sent: several endpoints side by side, the messages of each one after
//! the other, so that an endpoint which is slow or down keeps no other waiting. Any number of processes may do both at
//! once.

use std::time::Duration;

use choba_outside::hooks::{HookClient, HookMessage, HookOutcome};
use choba_outside::webhook::{WebhookSecret, sign_with_all};
use choba_store::books::{self, WebhookDelivery, WebhookEndpoint};
use choba_store::sql::StoreError;
use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::webhooks::{ENDPOINTS_MAX, message_of};
use crate::{AppError, Counter};

/// How long a message waits after each try, in seconds, as the specification proposes.
const WAITS: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// An endpoint may not ask to be left alone for longer, in seconds.
const LONGEST_WAIT: i64 = 86_400;

/// An endpoint that nothing has reached for so long gets nothing any more.
const FAILING_FOR: SignedDuration = SignedDuration::from_hours(5 * 24);

/// Messages are forgotten so long after they were queued, unless they wait.
pub const MESSAGES_KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Events that become messages together.
const TAKEN_TOGETHER: i64 = 200;

/// Endpoints that are sent to side by side.
const SIDE_BY_SIDE: usize = 16;

/// How much longer a claim lasts than a try may, for what is written around it.
const CLAIM_BEYOND: Duration = Duration::from_secs(30);

/// The reader of the feed that makes messages.
const READER: &str = "webhooks";

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebhookReport {
    /// Events that were looked at.
    pub events: usize,
    /// Messages that endpoints took.
    pub delivered: usize,
    /// Messages that are tried again later.
    pub failed: usize,
    /// Messages that were given up.
    pub dead: usize,
    /// Endpoints that get nothing any more.
    pub disabled: usize,
    /// There may be more to do at once.
    pub more: bool,
}

impl WebhookReport {
    fn add(&mut self, other: Self) {
        self.events += other.events;
        self.delivered += other.delivered;
        self.failed += other.failed;
        self.dead += other.dead;
        self.disabled += other.disabled;
        self.more |= other.more;
    }
}

/// The time as it goes on from a moment that was given.
#[derive(Clone, Copy)]
struct GoingOn {
    at: Timestamp,
    since: Instant,
}

impl GoingOn {
    fn from(at: Timestamp) -> Self {
        Self { at, since: Instant::now() }
    }

    fn now(self) -> Timestamp {
        self.at.checked_add(self.since.elapsed()).unwrap_or(self.at)
    }
}

impl Counter {
    /// Makes messages of new events and sends what is due, at most `most` for each endpoint. To be called every few
    /// seconds, after publishing, and again at once where [`WebhookReport::more`] says so. Processes may do so side by
    /// side.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn send_webhooks(
        &self,
        hooks: &HookClient,
        at: Timestamp,
        most: i64,
    ) -> Result<WebhookReport, AppError> {
        let time = GoingOn::from(at);
        let mut report = WebhookReport { events: self.queue_webhooks(at).await?, ..WebhookReport::default() };
        let mut running = JoinSet::new();
        for endpoint in books::endpoints(&self.store, ENDPOINTS_MAX).await? {
            if !endpoint.is_enabled() {
                continue;
            }
            if running.len() >= SIDE_BY_SIDE {
                report.add(ended(running.join_next().await)?);
            }
            let (counter, hooks) = (self.clone(), hooks.clone());
            running.spawn(async move { counter.send_to(&hooks, &endpoint, time, most).await });
        }
        while let Some(sent) = running.join_next().await {
            report.add(ended(Some(sent))?);
        }
        Ok(report)
    }

    /// Makes messages of all events that were not looked at yet; answers how many events there were.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn queue_webhooks(&self, at: Timestamp) -> Result<usize, AppError> {
        let mut events = 0;
        loop {
            let also = vec![WebhookEndpoint::all(ENDPOINTS_MAX)];
            let taken =
                books::take_in_events(&self.store, READER, TAKEN_TOGETHER, also, move |events, also| {
                    messages_for(events, also.first().map_or(&[], Vec::as_slice), at)
                });
            let taken = taken.await?;
            events += taken;
            if taken == 0 {
                return Ok(events);
            }
        }
    }

    /// Forgets old messages that do not wait any more, at most so many; answers how many.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn forget_webhook_messages(&self, at: Timestamp, most: i64) -> Result<usize, AppError> {
        let before = at.checked_sub(MESSAGES_KEPT_FOR).unwrap_or(at);
        Ok(books::forget_deliveries(&self.store, before.as_millisecond(), most).await?)
    }

    async fn send_to(
        &self,
        hooks: &HookClient,
        endpoint: &WebhookEndpoint,
        time: GoingOn,
        most: i64,
    ) -> Result<WebhookReport, AppError> {
        let mut report = WebhookReport::default();
        let now = time.now().as_millisecond();
        let due = books::due_deliveries(&self.store, &endpoint.endpoint_id, now, most).await?;
        report.more = i64::try_from(due.len()).is_ok_and(|found| found >= most);
        for message in due {
            let Some((one, goes_on)) = self.send_one(hooks, endpoint, &message, time).await? else {
                continue;
            };
            report.add(one);
            if !goes_on {
                // The others would fare no better now, and are not to keep anybody waiting.
                report.more = false;
                break;
            }
        }
        Ok(report)
    }

    /// What came of it, and whether others may fare better; nothing where another process sends it.
    async fn send_one(
        &self,
        hooks: &HookClient,
        endpoint: &WebhookEndpoint,
        message: &WebhookDelivery,
        time: GoingOn,
    ) -> Result<Option<(WebhookReport, bool)>, AppError> {
        let now = time.now();
        let claimed_for = hooks.settings().patience.saturating_add(CLAIM_BEYOND);
        let lapses_at = now.checked_add(claimed_for).unwrap_or(now).as_millisecond();
        if !books::claim_delivery(&self.store, message, lapses_at).await? {
            return Ok(None);
        }
        let signature = self.sign(endpoint, message, now)?;
        let sent = HookMessage {
            url: &endpoint.url,
            id: &message.message_id,
            timestamp: now.as_second(),
            signature: &signature,
            body: &message.body,
        };
        let outcome = hooks.send(&sent).await;
        let report = self.keep_outcome(endpoint, message, outcome, time.now()).await?;
        Ok(Some((report, is_about_the_message(outcome))))
    }

    fn sign(
        &self,
        endpoint: &WebhookEndpoint,
        message: &WebhookDelivery,
        now: Timestamp,
    ) -> Result<String, AppError> {
        let before = endpoint.before.as_ref().filter(|(_, until)| now.as_millisecond() < *until);
        let sealed = std::iter::once(&endpoint.secret).chain(before.map(|(sealed, _)| sealed));
        let secrets = sealed.map(|sealed| {
            let text = self.secrets.unseal(&endpoint.endpoint_id, sealed)?;
            WebhookSecret::read(&text).map_err(|error| AppError::Defect(error.to_string()))
        });
        let secrets = secrets.collect::<Result<Vec<_>, AppError>>()?;
        sign_with_all(&secrets, &message.message_id, now.as_second(), message.body.as_bytes())
            .map_err(|error| AppError::Defect(error.to_string()))
    }

    async fn keep_outcome(
        &self,
        endpoint: &WebhookEndpoint,
        message: &WebhookDelivery,
        outcome: HookOutcome,
        now: Timestamp,
    ) -> Result<WebhookReport, AppError> {
        let mut report = WebhookReport::default();
        let (endpoint_id, at) = (&endpoint.endpoint_id, now.as_millisecond());
        let mut writes = Vec::new();
        let (status, fault) = match outcome {
            HookOutcome::Accepted { status } => {
                report.delivered = 1;
                let writes = vec![message.delivered(status.into(), at), books::endpoint_is_well(endpoint_id)];
                books::write_about_endpoint(&self.store, endpoint_id, writes).await?;
                return Ok(report);
            }
            HookOutcome::Refused { status, .. } => (Some(i64::from(status)), "refused"),
            HookOutcome::Failed { fault } => (None, fault),
        };
        let gone = status == Some(410);
        let next = self.next_try(message.attempts, &outcome).filter(|_| !gone);
        let next = next.and_then(|wait| now.checked_add(wait).ok()).map(Timestamp::as_millisecond);
        report.failed = usize::from(next.is_some());
        report.dead = usize::from(next.is_none());
        writes.push(message.failed(next, status, fault, at));
        writes.push(books::endpoint_fails(endpoint_id, at));
        let because =
            if gone { Some("gone") } else { has_failed_for_days(endpoint, now).then_some("failing") };
        if let Some(because) = because {
            writes.push(books::disable_endpoint(endpoint_id, because));
            report.disabled = 1;
        }
        books::write_about_endpoint(&self.store, endpoint_id, writes).await?;
        Ok(report)
    }

    /// How long until the next try, up to a fifth longer than planned so that not all come at once; nothing after
    /// the last one. `attempts` were made before the one that failed.
    fn next_try(&self, attempts: i64, outcome: &HookOutcome) -> Option<SignedDuration> {
        let planned = *WAITS.get(usize::try_from(attempts).ok()?)?;
        let mut random = [0_u8; 1];
        self.entropy.fill(&mut random);
        let jitter = planned.saturating_mul(200).saturating_mul(i64::from(random[0])) / 255;
        let asked = match outcome {
            HookOutcome::Refused { retry_after: Some(wait), .. } => {
                i64::try_from(wait.as_secs()).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)
            }
            _ => 0,
        };
        let planned = SignedDuration::from_millis(planned.saturating_mul(1_000).saturating_add(jitter));
        Some(planned.max(SignedDuration::from_secs(asked)))
    }
}

/// Whether an outcome says something of one message only, and nothing of whether the endpoint is there.
fn is_about_the_message(outcome: HookOutcome) -> bool {
    match outcome {
        HookOutcome::Accepted { .. } => true,
        HookOutcome::Refused { status, .. } => {
            (400..500).contains(&status) && !matches!(status, 404 | 408 | 410 | 429)
        }
        HookOutcome::Failed { .. } => false,
    }
}

fn has_failed_for_days(endpoint: &WebhookEndpoint, now: Timestamp) -> bool {
    let since = endpoint.failing_since.and_then(|since| Timestamp::from_millisecond(since).ok());
    since.is_some_and(|since| now.duration_since(since) >= FAILING_FOR)
}

fn messages_for(
    events: &[books::FeedEvent],
    endpoints: &[choba_store::sql::Row],
    at: Timestamp,
) -> Result<Vec<choba_store::sql::Write>, StoreError> {
    let endpoints = endpoints.iter().map(WebhookEndpoint::read).collect::<Result<Vec<_>, _>>()?;
    let mut writes = Vec::new();
    for event in events {
        for endpoint in endpoints.iter().filter(|endpoint| endpoint.wants(event)) {
            let message = message_of(&endpoint.endpoint_id, event.clone(), at);
            let message = message.map_err(|error| StoreError::Defect { reason: error.to_string() })?;
            writes.push(message.queue());
        }
    }
    Ok(writes)
}

fn ended(
    sent: Option<Result<Result<WebhookReport, AppError>, tokio::task::JoinError>>,
) -> Result<WebhookReport, AppError> {
    match sent {
        None => Ok(WebhookReport::default()),
        Some(Ok(report)) => report,
        Some(Err(error)) => Err(AppError::Defect(error.to_string())),
    }
}
