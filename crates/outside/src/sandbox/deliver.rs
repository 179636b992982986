//! Sends the card provider's messages to the shop, in order, until they are acknowledged.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, redirect, retry};
use tokio::time::{sleep, timeout};

use super::desk::Desk;
use super::{SandboxFault, WebhookTarget};
use crate::books::outbox::{Outgoing, Sending};
use crate::webhook::{HEADER_ID, HEADER_SIGNATURE, HEADER_TIMESTAMP};

/// After so many tries a message is given up.
const TRIES_MAX: u32 = 8;

/// However quiet it is, payment numbers expire; so often is looked.
const TICK: Duration = Duration::from_millis(500);

/// For an answer of the shop.
const PATIENCE: Duration = Duration::from_secs(5);

/// What sends.
pub(super) struct Sender {
    desk: Arc<Desk>,
    client: Client,
}

impl Sender {
    pub(super) fn new(desk: Arc<Desk>) -> Result<Self, SandboxFault> {
        // Ring is the only provider here; whoever was first has installed the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = || {
            Client::builder()
                .no_proxy()
                .redirect(redirect::Policy::none())
                .retry(retry::never())
                .timeout(PATIENCE)
        };
        // A machine without certificates can still send to itself.
        let client = builder().build().or_else(|_| builder().tls_certs_only([]).build());
        let client = client.map_err(|error| SandboxFault::Webhook(error.to_string()))?;
        Ok(Self { desk, client })
    }

    pub(super) async fn run(self) {
        loop {
            while let Some((message, target)) = self.desk.next_message() {
                let state = self.send(&message, &target).await;
                self.desk.settle_message(&message.id, state);
            }
            // It does not matter which of the two happened.
            let _ = timeout(TICK, self.desk.stirred.notified()).await;
        }
    }

    async fn send(&self, message: &Outgoing, target: &WebhookTarget) -> Sending {
        for attempt in 0..TRIES_MAX {
            if self.try_to_send(message, target).await {
                if message.twice {
                    self.try_to_send(message, target).await;
                }
                return Sending::Acknowledged;
            }
            sleep(self.desk.webhook_pause.saturating_mul(1 << attempt)).await;
        }
        Sending::GivenUp
    }

    async fn try_to_send(&self, message: &Outgoing, target: &WebhookTarget) -> bool {
        let body = serde_json::json!(message.message).to_string();
        let timestamp = self.desk.now_seconds();
        let Ok(signature) = target.secret.sign(&message.id, timestamp, body.as_bytes()) else {
            return false;
        };
        let answer = self
            .client
            .post(&target.url)
            .header("content-type", "application/json")
            .header(HEADER_ID, &message.id)
            .header(HEADER_TIMESTAMP, timestamp)
            .header(HEADER_SIGNATURE, signature)
            .body(body)
            .send()
            .await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }
}
