//! The line to one party: its connections, its slots, its breaker and its numbers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::{Client, redirect, retry};
use serde::Serialize;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use super::backoff;
use super::breaker::{Breaker, BreakerState, Health, Permit};
use super::{Outside, Party};
use crate::refusal::AskError;

/// Why nobody can be asked.
#[derive(Debug, thiserror::Error)]
pub enum OutsideFault {
    /// Encryption cannot be made ready, as on a machine without certificates of authorities.
    #[error("connections cannot be made ready: {0}")]
    Client(#[source] reqwest::Error),
}

/// How a line is at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// Whether the party is asked at all.
    pub breaker: BreakerState,
    /// How often the breaker opened.
    pub opened_times: u64,
    /// Failures one after the other until now.
    pub failures_in_a_row: u32,
    /// Asks under way.
    pub in_flight: usize,
    /// How many may be.
    pub in_flight_max: usize,
    /// Attempts that the party answered, whatever it said.
    pub answered: u64,
    /// Attempts without an answer.
    pub failed: u64,
    /// Asks turned away because the breaker was open.
    pub turned_away: u64,
    /// Asks turned away because too many were under way.
    pub crowded_out: u64,
}

#[derive(Debug, Default)]
struct Counts {
    answered: AtomicU64,
    failed: AtomicU64,
    turned_away: AtomicU64,
    crowded_out: AtomicU64,
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

#[derive(Debug)]
pub(super) struct Line {
    party: Party,
    client: Client,
    slots: Semaphore,
    breaker: Mutex<Breaker>,
    counts: Counts,
}

impl Line {
    pub(super) fn new(party: Party) -> Result<Self, OutsideFault> {
        Ok(Self {
            client: client(&party).map_err(OutsideFault::Client)?,
            slots: Semaphore::new(party.limits().in_flight_max),
            breaker: Mutex::new(Breaker::new(party.breaker())),
            counts: Counts::default(),
            party,
        })
    }

    pub(super) fn party(&self) -> &Party {
        &self.party
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Waits a little for a slot: a slow party may hold up its own asks, never all tasks of the server.
    pub(super) async fn slot(&self, deadline: Instant) -> Result<SemaphorePermit<'_>, AskError> {
        let until = deadline.min(Instant::now() + self.party.patience().queue);
        match timeout_at(until, self.slots.acquire()).await {
            Ok(Ok(slot)) => Ok(slot),
            Ok(Err(_)) | Err(_) => {
                count(&self.counts.crowded_out);
                Err(not_done("too many others are asking", None))
            }
        }
    }

    /// Leave to ask; given up, it says nothing about the party.
    pub(super) fn enter<'l>(&'l self, outside: &'l Outside) -> Result<Pass<'l>, AskError> {
        match self.breaker().enter(outside.now()) {
            Ok(permit) => Ok(Pass { line: self, outside, permit: Some(permit) }),
            Err(wait) => {
                count(&self.counts.turned_away);
                Err(not_done("the party failed too often and is left alone", Some(wait)))
            }
        }
    }

    /// How long to wait before another attempt; `None` where none may help.
    pub(super) fn pause_after(&self, attempt: u32, error: &AskError, seed: u64) -> Option<Duration> {
        let limits = self.party.limits();
        if attempt >= limits.retries_max {
            return None;
        }
        let pause = backoff::pause_after(attempt, limits.retry_pause, seed);
        match error {
            AskError::Unknown { .. } => Some(pause),
            AskError::Unavailable { retry_after_ms, .. } => {
                Some(pause.max(Duration::from_millis(retry_after_ms.unwrap_or(0))))
            }
            _ => None,
        }
    }

    pub(super) fn condition(&self, now: Duration) -> Condition {
        let breaker = self.breaker();
        let in_flight_max = self.party.limits().in_flight_max;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Condition {
            breaker: breaker.state(now),
            opened_times: breaker.opened_times(),
            failures_in_a_row: breaker.failures_in_a_row(),
            in_flight: in_flight_max.saturating_sub(self.slots.available_permits()),
            in_flight_max,
            answered: read(&self.counts.answered),
            failed: read(&self.counts.failed),
            turned_away: read(&self.counts.turned_away),
            crowded_out: read(&self.counts.crowded_out),
        }
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn not_done(why: &str, wait: Option<Duration>) -> AskError {
    let retry_after_ms = wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
    AskError::Unavailable { why: why.to_owned(), retry_after_ms }
}

/// Leave to ask, which tells the breaker what came of it; also when the asking task is dropped.
pub(super) struct Pass<'l> {
    line: &'l Line,
    outside: &'l Outside,
    permit: Option<Permit>,
}

impl Pass<'_> {
    pub(super) fn leave(mut self, health: Health) {
        match health {
            Health::Failed => count(&self.line.counts.failed),
            Health::Well | Health::Undecided => count(&self.line.counts.answered),
        }
        self.tell(health);
    }

    fn tell(&mut self, health: Health) {
        if let Some(permit) = self.permit.take() {
            self.line.breaker().leave(self.outside.now(), permit, health);
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.tell(Health::Undecided);
    }
}

fn client(party: &Party) -> Result<Client, reqwest::Error> {
    // Ring is the only provider here; whoever was first has installed the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder()
        .user_agent(concat!("choba/", env!("CARGO_PKG_VERSION")))
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .connect_timeout(party.patience().connect)
        .pool_max_idle_per_host(party.limits().in_flight_max);
    if party.base_url().scheme() == "https" {
        return builder.https_only(true).build();
    }
    // Where nothing is encrypted no certificates are needed, and a small machine may have none.
    builder.tls_certs_only([]).build()
}
