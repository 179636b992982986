//! The one place where the sandbox's books, its faults and its state file come together.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::Notify;

use super::dialler::PlayedDialler;
use super::fault::{Fault, FaultKind, Faults};
use super::journal::{Journal, JournalFault};
use super::{Clock, RequestLine, SandboxFault, SandboxOptions, Tokens, WebhookTarget};
use crate::ask::{Ask, Reply};
use crate::books::outbox::{Outgoing, Sending};
use crate::books::{Books, Change, Play, Role, Tampering};
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::wire::{Answer, answer_of, answer_of_look_up};

/// What all requests share.
pub(super) struct Desk {
    room: Mutex<Room>,
    clock: Clock,
    tokens: Tokens,
    slow: Duration,
    pub(super) webhook_pause: Duration,
    log: Option<super::RequestLog>,
    dialler: Option<Arc<PlayedDialler>>,
    /// Something may have to be sent.
    pub(super) stirred: Notify,
}

struct Room {
    books: Books,
    journal: Option<Journal>,
    faults: Faults,
    webhook: Option<WebhookTarget>,
}

impl Desk {
    pub(super) fn new(options: SandboxOptions) -> Result<Self, SandboxFault> {
        let clock = || Clock::clone(&options.clock);
        let dialler = options.dialler.clone().map(|play| PlayedDialler::new(play, clock())).transpose()?;
        let (journal, books) = match &options.state_file {
            Some(path) => {
                let (journal, books) = Journal::open(path, &options.books)?;
                (Some(journal), books)
            }
            None => (None, Books::new(options.books)),
        };
        let room = Room { books, journal, faults: Faults::default(), webhook: options.webhook };
        Ok(Self {
            room: Mutex::new(room),
            clock: options.clock,
            tokens: options.tokens,
            slow: options.slow,
            webhook_pause: options.webhook_pause,
            log: options.log,
            dialler: dialler.map(Arc::new),
            stirred: Notify::new(),
        })
    }

    /// Does what is asked, or gives the answer of before. It is kept before it is done; where it cannot be kept, it is
    /// not done.
    pub(super) fn ask(
        &self,
        role: &Role,
        key: &str,
        ask: &Ask,
        tampering: Tampering,
    ) -> Result<Result<Reply, Refusal>, JournalFault> {
        let at = (self.clock)();
        let mut room = self.room();
        if !ask.only_reads() && room.books.asked(role, key).is_none() {
            let (role, key) = (role.clone(), key.to_owned());
            room.keep(at, &Change::Asked { role, key, ask: ask.clone(), tampering: tampering.clone() })?;
        }
        let outcome = room.books.ask(at, role, key, ask, &tampering);
        drop(room);
        self.stirred.notify_one();
        Ok(outcome)
    }

    /// What was answered to a key.
    pub(super) fn look_up(&self, role: &Role, key: &str) -> Option<Answer> {
        let room = self.room();
        let asked = room.books.asked(role, key)?;
        Some(answer_of_look_up(asked.ask.operation(), &answer_of(&asked.ask, &asked.outcome)))
    }

    pub(super) fn play(&self, play: Play) -> Result<Result<(), Refusal>, JournalFault> {
        let at = (self.clock)();
        let mut room = self.room();
        room.keep(at, &Change::Played { play: play.clone() })?;
        let outcome = room.books.play(at, &play);
        drop(room);
        self.stirred.notify_one();
        Ok(outcome)
    }

    pub(super) fn reset(&self) -> Result<(), JournalFault> {
        let at = (self.clock)();
        let mut room = self.room();
        room.keep(at, &Change::Reset)?;
        room.books.reset(at);
        room.faults.clear();
        Ok(())
    }

    pub(super) fn ledger(&self) -> Value {
        let at = (self.clock)();
        let mut room = self.room();
        room.books.pass_time(at);
        json!(room.books.ledger())
    }

    pub(super) fn add_fault(&self, fault: Fault) {
        self.room().faults.add(fault);
    }

    pub(super) fn faults(&self) -> Value {
        json!(self.room().faults.all())
    }

    pub(super) fn clear_faults(&self) {
        self.room().faults.clear();
    }

    pub(super) fn take_fault(&self, role: &Role, operation: &str) -> Option<FaultKind> {
        self.room().faults.take(role, operation)
    }

    pub(super) fn send_webhooks_to(&self, target: WebhookTarget) {
        self.room().webhook = Some(target);
        self.stirred.notify_one();
    }

    /// The next message with its address, where both are there. Time passes on the way.
    pub(super) fn next_message(&self) -> Option<(Outgoing, WebhookTarget)> {
        let at = (self.clock)();
        let mut room = self.room();
        room.books.pass_time(at);
        let target = room.webhook.clone()?;
        room.books.outbox().first_waiting().map(|message| (message.clone(), target))
    }

    /// A message that cannot be kept as sent is sent again after a restart, as is any shop's due to expect.
    pub(super) fn settle_message(&self, message: &str, state: Sending) {
        let at = (self.clock)();
        let mut room = self.room();
        let _ = room.keep(at, &Change::Sent { message: message.to_owned(), state });
        room.books.settle_message(message, state);
    }

    /// The dialler, where one is played.
    pub(super) fn dialler(&self) -> Option<&Arc<PlayedDialler>> {
        self.dialler.as_ref()
    }

    /// Seconds since 1970, by the clock outside.
    pub(super) fn now_seconds(&self) -> i64 {
        (self.clock)().as_second()
    }

    pub(super) fn token_of(&self, role: &Role) -> &Secret {
        match role {
            Role::Card => &self.tokens.card,
            Role::Partner(_) => &self.tokens.partners,
        }
    }

    pub(super) fn control_token(&self) -> &Secret {
        &self.tokens.control
    }

    /// How much later than others the answer to this ask comes.
    pub(super) fn slowness_of(&self, ask: &Ask) -> Duration {
        let slow = match ask {
            Ask::Authorise { card_token, .. } => card_token.reveal() == "tok_slow",
            Ask::Balance { account } | Ask::Hold { account, .. } => account == "mbr_slow",
            _ => false,
        };
        if slow { self.slow } else { Duration::ZERO }
    }

    pub(super) fn log(&self, line: &RequestLine) {
        if let Some(log) = &self.log {
            log(line);
        }
    }

    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Room {
    fn keep(&mut self, at: jiff::Timestamp, change: &Change) -> Result<(), JournalFault> {
        self.journal.as_mut().map_or(Ok(()), |journal| journal.keep(at, change))
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Desk").finish_non_exhaustive()
    }
}

/// Whether the header carries the token. Digests are compared, so that time tells nothing of the token.
pub(super) fn carries(authorization: Option<&str>, token: &Secret) -> bool {
    let given = authorization.and_then(|header| header.strip_prefix("Bearer ")).unwrap_or_default();
    !given.is_empty() && Sha256::digest(given) == Sha256::digest(token.reveal())
}
