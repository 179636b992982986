//! Sends messages to the webhooks of others, after the Standard Webhooks specification.
//!
//! The addresses were given by people whom this program need not trust, so each one is looked at where it counts: a
//! name is resolved here, all that it stands for has to be public, and the connection goes to what was looked at. What
//! the name stands for a moment later does not matter. No redirect is followed. Nothing is retried here: when to try
//! again is up to whoever keeps the messages.

mod target;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Response, redirect, retry};

pub use target::{TargetFault, checked, is_public};

use crate::client::OutsideFault;
use crate::webhook::{HEADER_ID, HEADER_SIGNATURE, HEADER_TIMESTAMP};

/// How messages are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HookSettings {
    /// Also to `http`.
    pub plain_allowed: bool,
    /// Also to this machine and private networks.
    pub private_allowed: bool,
    /// How long a connection may take.
    pub connect: Duration,
    /// How long all of it may take.
    pub patience: Duration,
    /// Bytes of an answer that are read; the rest is left.
    pub answer_bytes_max: usize,
}

impl HookSettings {
    /// Encrypted, and to the open internet only.
    pub const STRICT: Self = Self {
        plain_allowed: false,
        private_allowed: false,
        connect: Duration::from_secs(5),
        patience: Duration::from_secs(15),
        answer_bytes_max: 16 * 1024,
    };
}

impl Default for HookSettings {
    fn default() -> Self {
        Self::STRICT
    }
}

/// A message as it is sent.
#[derive(Clone, Debug)]
pub struct HookMessage<'m> {
    /// Where to.
    pub url: &'m str,
    /// The same whenever it is sent.
    pub id: &'m str,
    /// When it is sent, in seconds since 1970.
    pub timestamp: i64,
    /// The value of the header.
    pub signature: &'m str,
    /// JSON.
    pub body: &'m str,
}

/// What came of sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookOutcome {
    /// The endpoint has it.
    Accepted {
        /// 200 to 299.
        status: u16,
    },
    /// The endpoint answered that it does not have it.
    Refused {
        /// Its status.
        status: u16,
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// No answer came; the endpoint may have it.
    Failed {
        /// What went wrong, as a code.
        fault: &'static str,
    },
}

/// What sends messages.
#[derive(Clone, Debug)]
pub struct HookClient {
    client: Client,
    settings: HookSettings,
}

/// How names become addresses; the machine's own way, or that of a test.
pub type Lookup = Arc<dyn Fn(String) -> Looking + Send + Sync>;

/// Addresses to come.
pub type Looking = std::pin::Pin<Box<dyn Future<Output = std::io::Result<Vec<SocketAddr>>> + Send>>;

impl HookClient {
    /// Makes ready to send.
    ///
    /// # Errors
    /// The machine has no certificates to check `https` with, and nothing else is allowed.
    pub fn new(settings: HookSettings) -> Result<Self, OutsideFault> {
        Self::with_lookup(settings, Arc::new(|name| Box::pin(look_up(name))))
    }

    /// Makes ready to send, with another way to find what names stand for.
    ///
    /// # Errors
    /// As [`HookClient::new`].
    pub fn with_lookup(settings: HookSettings, lookup: Lookup) -> Result<Self, OutsideFault> {
        // Ring is the only provider here; whoever was first has installed the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let names = Names { lookup, private_allowed: settings.private_allowed };
        let names = Arc::new(names);
        let builder = || {
            Client::builder()
                .user_agent(concat!("choba/", env!("CARGO_PKG_VERSION")))
                .no_proxy()
                .redirect(redirect::Policy::none())
                .retry(retry::never())
                .dns_resolver(Arc::clone(&names))
                .connect_timeout(settings.connect)
                .timeout(settings.patience)
                .https_only(!settings.plain_allowed)
        };
        let client = match builder().build() {
            // A machine without certificates can still send where nothing is encrypted.
            Err(_) if settings.plain_allowed => builder().tls_certs_only([]).build(),
            built => built,
        };
        Ok(Self { client: client.map_err(OutsideFault::Client)?, settings })
    }

    /// How it sends.
    pub fn settings(&self) -> &HookSettings {
        &self.settings
    }

    /// Sends a message once.
    pub async fn send(&self, message: &HookMessage<'_>) -> HookOutcome {
        let Ok(url) = checked(message.url, &self.settings) else {
            return HookOutcome::Failed { fault: "address_not_allowed" };
        };
        let request = self
            .client
            .post(url)
            .header("content-type", "application/json")
            .header(HEADER_ID, message.id)
            .header(HEADER_TIMESTAMP, message.timestamp)
            .header(HEADER_SIGNATURE, message.signature)
            .body(message.body.to_owned());
        match request.send().await {
            Ok(response) => self.outcome(response).await,
            Err(error) => HookOutcome::Failed { fault: fault_of(&error) },
        }
    }

    async fn outcome(&self, mut response: Response) -> HookOutcome {
        let (status, retry_after) = (response.status().as_u16(), retry_after(&response));
        // Read only so far as to let the connection be used again.
        let mut read = 0_usize;
        while read < self.settings.answer_bytes_max {
            let Ok(Some(chunk)) = response.chunk().await else { break };
            read = read.saturating_add(chunk.len());
        }
        if (200..300).contains(&status) {
            HookOutcome::Accepted { status }
        } else {
            HookOutcome::Refused { status, retry_after }
        }
    }
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds: u64 = response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn fault_of(error: &reqwest::Error) -> &'static str {
    if is_not_public(error) {
        "address_not_allowed"
    } else if error.is_timeout() {
        "no_answer_in_time"
    } else if error.is_connect() {
        "no_connection"
    } else {
        "connection_ended"
    }
}

fn is_not_public(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<TargetFault>() {
            return true;
        }
        cause = error.source();
    }
    false
}

async fn look_up(name: String) -> std::io::Result<Vec<SocketAddr>> {
    Ok(tokio::net::lookup_host((name, 0)).await?.collect())
}

/// Resolves names, and gives only addresses that were looked at.
struct Names {
    lookup: Lookup,
    private_allowed: bool,
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let (found, private_allowed) = ((self.lookup)(name.as_str().to_owned()), self.private_allowed);
        Box::pin(async move {
            let addresses = found.await?;
            // One address that is not public is enough: whoever names it beside others has something in mind.
            if !private_allowed && !addresses.iter().all(|address| is_public(address.ip())) {
                return Err(Box::from(TargetFault::NotPublic));
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
