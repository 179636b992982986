//! Asks over HTTP, so that a party which is slow or down costs as little as can be and no answer is mistaken.
//!
//! Time is tokio's monotonic clock, which tests can pause; no wall clock is read. Nothing is retried without the same
//! idempotency key, and nothing at all for longer than the party's patience.

mod backoff;
mod breaker;
mod exchange;
mod line;
mod party;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use crate::ask::{Answering, Ask, Counterparties, LookedUp, LookingUp, PartyName, Reply};
use crate::refusal::AskError;
use crate::wire::{self, Call};
pub use breaker::{Breaker, BreakerSettings, BreakerState, Health, Permit};
use exchange::Raw;
pub use line::{Condition, OutsideFault};
use line::{Line, Pass};
pub(crate) use party::checked_url;
pub use party::{Limits, Party, PartyFault, Patience, Transport};

/// The outside parties, over HTTP.
#[derive(Debug)]
pub struct Outside {
    lines: BTreeMap<PartyName, Line>,
    seed: u64,
    asked: AtomicU64,
    started: Instant,
}

impl Outside {
    /// Makes ready to ask these parties. `seed` decides how retries are spread in time; it need not be secret.
    ///
    /// # Errors
    /// The machine has no certificates to check `https` with.
    pub fn new(parties: Vec<Party>, seed: u64) -> Result<Self, OutsideFault> {
        let lines = parties
            .into_iter()
            .map(|party| Ok((party.name().clone(), Line::new(party)?)))
            .collect::<Result<_, OutsideFault>>()?;
        Ok(Self { lines, seed, asked: AtomicU64::new(0), started: Instant::now() })
    }

    /// Asks a party, once as far as it can tell.
    ///
    /// # Errors
    /// [`AskError`] tells apart what was answered, what was certainly not done, and what nobody knows.
    pub async fn ask(&self, party: &PartyName, idempotency_key: &str, ask: &Ask) -> Result<Reply, AskError> {
        let line = self.line(party)?;
        let key = if ask.only_reads() { None } else { Some(usable(idempotency_key)?) };
        let patience = line.party().patience_for(ask);
        let call = wire::call_of(ask);
        let read = |raw: &Raw| wire::outcome_of(ask, raw.status, raw.retry_after_ms, &raw.body);
        let outcome = self.attempts(line, &call, key, patience, read).await;
        if ask.only_reads() { outcome.map_err(nothing_was_to_be_done) } else { outcome }
    }

    /// What a party answered to this ask under this key, without asking it again.
    ///
    /// # Errors
    /// That cannot be learnt now.
    pub async fn look_up(
        &self,
        party: &PartyName,
        idempotency_key: &str,
        ask: &Ask,
    ) -> Result<LookedUp, AskError> {
        let line = self.line(party)?;
        let call = Call::look_up(usable(idempotency_key)?);
        let patience = line.party().patience().nobody_waits;
        let read = |raw: &Raw| wire::looked_up_of(ask, raw.status, raw.retry_after_ms, &raw.body);
        match self.attempts(line, &call, None, patience, read).await {
            Ok(None) => Ok(LookedUp::NeverSeen),
            Ok(Some(outcome)) => Ok(LookedUp::Answered(outcome)),
            Err(error) => Err(nothing_was_to_be_done(error)),
        }
    }

    /// How a party's line is, for metrics and for people. `None` where there is no such party.
    pub fn condition(&self, party: &PartyName) -> Option<Condition> {
        self.lines.get(party).map(|line| line.condition(self.now()))
    }

    /// The parties that can be asked.
    pub fn parties(&self) -> impl Iterator<Item = &PartyName> {
        self.lines.keys()
    }

    fn line(&self, party: &PartyName) -> Result<&Line, AskError> {
        self.lines
            .get(party)
            .ok_or_else(|| AskError::Misconfigured { why: format!("there is no party {party}") })
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Tries until there is an answer, or trying more is of no use.
    async fn attempts<T>(
        &self,
        line: &Line,
        call: &Call,
        key: Option<&str>,
        patience: Duration,
        read: impl Fn(&Raw) -> Result<T, AskError>,
    ) -> Result<T, AskError> {
        let deadline = Instant::now() + patience;
        let seed = self.seed ^ self.asked.fetch_add(1, Ordering::Relaxed);
        // The breaker is asked before the queue: a party that is down costs no waiting.
        let mut pass = line.enter(self)?;
        let _slot = line.slot(deadline).await?;
        let mut perhaps_done = None;
        let mut attempt = 0;
        loop {
            let error = match attempt_once(line, pass, call, key, deadline, &read).await {
                Ok(done) => return Ok(done),
                // An answer to this key is the answer to every attempt with it.
                Err(answer) if answer.is_answer() => return Err(answer),
                Err(error) => error,
            };
            if error.may_have_been_done() {
                perhaps_done = Some(error.clone());
            }
            let pause = line.pause_after(attempt, &error, seed);
            let Some(pause) = pause.filter(|pause| Instant::now() + *pause < deadline) else {
                // One lost answer is not undone by being turned away afterwards.
                return Err(perhaps_done.unwrap_or(error));
            };
            sleep(pause).await;
            pass = line.enter(self).map_err(|turned_away| perhaps_done.clone().unwrap_or(turned_away))?;
            attempt += 1;
        }
    }
}

async fn attempt_once<T>(
    line: &Line,
    pass: Pass<'_>,
    call: &Call,
    key: Option<&str>,
    deadline: Instant,
    read: &impl Fn(&Raw) -> Result<T, AskError>,
) -> Result<T, AskError> {
    let (status, outcome) = match timeout_at(deadline, line.exchange(call, key)).await {
        Ok(Ok(raw)) => (Some(raw.status), read(&raw)),
        Ok(Err(error)) => (None, Err(error)),
        Err(_) => (None, Err(AskError::Unknown { why: "no answer in time".to_owned() })),
    };
    pass.leave(health_of(status, &outcome));
    outcome
}

/// Whether a party is well, which is not whether it says yes.
fn health_of<T>(status: Option<u16>, outcome: &Result<T, AskError>) -> Health {
    match outcome {
        // It is up, and says only that we ask too much.
        _ if status == Some(429) => Health::Undecided,
        Ok(_) | Err(AskError::Declined { .. } | AskError::Refused(_) | AskError::Misconfigured { .. }) => {
            Health::Well
        }
        Err(AskError::Unknown { .. } | AskError::Unavailable { .. }) => Health::Failed,
    }
}

/// A lost answer to a question that changes nothing is only a question to be asked again.
fn nothing_was_to_be_done(error: AskError) -> AskError {
    match error {
        AskError::Unknown { why } => AskError::Unavailable { why, retry_after_ms: None },
        error => error,
    }
}

/// A key must fit into a header as it is.
fn usable(idempotency_key: &str) -> Result<&str, AskError> {
    let fits = (1..=255).contains(&idempotency_key.len())
        && idempotency_key.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        return Ok(idempotency_key);
    }
    let why = "an idempotency key has 1 to 255 printable characters of ASCII, without spaces";
    Err(AskError::Misconfigured { why: why.to_owned() })
}

impl Counterparties for Outside {
    fn ask<'a>(&'a self, party: &'a PartyName, idempotency_key: &'a str, ask: &'a Ask) -> Answering<'a> {
        Box::pin(self.ask(party, idempotency_key, ask))
    }

    fn look_up<'a>(&'a self, party: &'a PartyName, idempotency_key: &'a str, ask: &'a Ask) -> LookingUp<'a> {
        Box::pin(self.look_up(party, idempotency_key, ask))
    }
}
