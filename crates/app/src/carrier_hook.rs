//! News that carriers send by themselves, signed after the Standard Webhooks specification.

use std::collections::BTreeMap;

use choba_outside::webhook::{WebhookHeaders, WebhookSecret, verify_webhook};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::{AppError, Counter, TrackingNews, TrackingTaken};

/// The kind of message that has news of parcels; others are acknowledged and left alone.
pub const TRACKING_MESSAGE: &str = "tracking.updated";

/// A message may have been under way for so long.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// What each carrier, or who passes its news on, signs with; two secrets while they are being changed.
#[derive(Clone, Debug, Default)]
pub struct CarrierSecrets(BTreeMap<String, Vec<WebhookSecret>>);

impl CarrierSecrets {
    /// Adds a carrier's secret, `whsec_…`.
    ///
    /// # Errors
    /// [`AppError::Field`] where it is no secret.
    pub fn add(&mut self, carrier: &str, secret: &str) -> Result<(), AppError> {
        let secret = WebhookSecret::read(secret)
            .map_err(|fault| AppError::field(&format!("/carriers/{carrier}"), fault.to_string()))?;
        self.0.entry(carrier.to_owned()).or_default().push(secret);
        Ok(())
    }

    fn of(&self, carrier: &str) -> &[WebhookSecret] {
        self.0.get(carrier).map_or(&[], Vec::as_slice)
    }
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    data: serde_json::Value,
}

#[derive(Deserialize)]
struct Data {
    events: Vec<ToldEvent>,
}

#[derive(Deserialize)]
struct ToldEvent {
    number: String,
    status: Option<String>,
    at: Timestamp,
    place: Option<String>,
    text: Option<String>,
    event_id: Option<String>,
}

impl ToldEvent {
    fn of(self, carrier: &str) -> TrackingNews {
        let Self { number, status, at, place, text, event_id } = self;
        TrackingNews { number, carrier: carrier.to_owned(), status, at, place, text, event_id }
    }
}

impl Counter {
    /// Takes a carrier's message. Hearing it again changes nothing.
    ///
    /// # Errors
    /// [`AppError::NotSigned`] where it must not be trusted, without saying why; [`AppError::Field`] where it is
    /// signed and cannot be used.
    pub async fn take_carrier_message(
        &self,
        secrets: &CarrierSecrets,
        carrier: &str,
        headers: WebhookHeaders<'_>,
        body: &[u8],
        at: Timestamp,
    ) -> Result<TrackingTaken, AppError> {
        verify_webhook(secrets.of(carrier), headers, body, at, TOLERANCE).map_err(|_| AppError::NotSigned)?;
        let unread = |error: serde_json::Error| AppError::field("", error.to_string());
        let message: Message = serde_json::from_slice(body).map_err(unread)?;
        if message.kind != TRACKING_MESSAGE {
            return Ok(TrackingTaken::default());
        }
        let data: Data = serde_json::from_value(message.data)
            .map_err(|error| AppError::field("/data", error.to_string()))?;
        let news = data.events.into_iter().map(|event| event.of(carrier)).collect();
        self.take_tracking(news, &format!("carrier:{carrier}"), at).await
    }
}
