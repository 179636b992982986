//! The books of the outside parties: what the sandbox and the scripted parties know and do, without HTTP.
//!
//! Everything is decided from what was asked, in order, and from the times given along; nothing is read from the world.
//! Whoever keeps the changes in order can therefore make the same books again.

pub mod card;
mod ids;
pub mod outbox;
pub mod partner;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ask::{Ask, Reply};
use crate::refusal::{Refusal, RefusalCode};
use card::Card;
pub use ids::Ids;
use outbox::{Outbox, Sending};
use partner::Program;

/// The most that one amount may be: beyond it, JSON of other languages is not exact.
pub const AMOUNT_MAX: u64 = 9_007_199_254_740_991;

/// Texts such as references are at most so long, in bytes.
pub const TEXT_BYTES_MAX: usize = 200;

/// Who is played.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The card provider.
    Card,
    /// The partner program of this name.
    Partner(String),
}

/// What holds for all the parties of one sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BookOptions {
    /// Stands in every id, so that two sandboxes never give the same one.
    pub run: String,
    /// Points that a member has when first seen.
    pub start_balance: u64,
    /// After so long a hold lapses, in seconds.
    pub hold_seconds: i64,
}

impl Default for BookOptions {
    fn default() -> Self {
        Self { run: "0".to_owned(), start_balance: 10_000, hold_seconds: 30 * 24 * 60 * 60 }
    }
}

/// One change of the books, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// A party was asked.
    Asked {
        /// Which.
        role: Role,
        /// The idempotency key.
        key: String,
        /// What.
        ask: Ask,
        /// How the answer was tampered with.
        #[serde(default)]
        tampering: Tampering,
    },
    /// Somebody outside did something.
    Played {
        /// What.
        play: Play,
    },
    /// A webhook need not be sent any more.
    Sent {
        /// Its id.
        message: String,
        /// How it ended.
        state: Sending,
    },
    /// All was forgotten.
    Reset,
}

/// What a fault makes of an ask.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tampering {
    /// The answer is no, with this code, and nothing is done.
    pub decline_code: Option<String>,
    /// Webhooks that follow are sent twice.
    pub webhooks_twice: bool,
}

/// What people and banks do, whom no shop asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "play", rename_all = "snake_case", deny_unknown_fields)]
pub enum Play {
    /// The customer pays at the store.
    KonbiniPaid {
        /// Which payment number, by its id.
        konbini: String,
    },
    /// The card holder takes money back.
    Chargeback {
        /// From which capture.
        capture: String,
        /// How much.
        amount: u64,
    },
    /// The issuer takes its yes back.
    DeclineLater {
        /// Of which authorization.
        authorization: String,
    },
    /// A member has so many points from now on; what is held stays held.
    SetBalance {
        /// At which program.
        program: String,
        /// Who.
        account: String,
        /// How many.
        balance: u64,
    },
    /// A member earned points elsewhere.
    EarnElsewhere {
        /// At which program.
        program: String,
        /// Who.
        account: String,
        /// How many.
        points: u64,
        /// How many calendar months ago; 0 is this month.
        months_ago: u8,
    },
    /// Time passes.
    Wait {
        /// So long.
        seconds: u32,
    },
}

/// An ask and its answer, which stays the same for ever.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What was asked.
    pub ask: Ask,
    /// What was answered.
    pub outcome: Result<Reply, Refusal>,
}

/// All the books of one sandbox.
#[derive(Clone, Debug)]
pub struct Books {
    options: BookOptions,
    now: Timestamp,
    ahead: SignedDuration,
    ids: Ids,
    card: Card,
    programs: BTreeMap<String, Program>,
    requests: BTreeMap<(Role, String), Asked>,
    outbox: Outbox,
}

impl Books {
    /// Empty books.
    pub fn new(options: BookOptions) -> Self {
        Self {
            now: Timestamp::UNIX_EPOCH,
            ahead: SignedDuration::ZERO,
            ids: Ids::new(&options.run),
            card: Card::default(),
            programs: BTreeMap::new(),
            requests: BTreeMap::new(),
            outbox: Outbox::default(),
            options,
        }
    }

    /// Answers an ask at `at`, the time of the clock outside.
    ///
    /// # Errors
    /// The party's refusal, which the same key gets for ever.
    pub fn ask(
        &mut self,
        at: Timestamp,
        role: &Role,
        key: &str,
        ask: &Ask,
        tampering: &Tampering,
    ) -> Result<Reply, Refusal> {
        self.pass_time(at);
        if ask.only_reads() {
            return self.see(role, ask);
        }
        let request = (role.clone(), key.to_owned());
        if let Some(asked) = self.requests.get(&request) {
            return asked.answer_to(ask);
        }
        let outcome = match &tampering.decline_code {
            Some(code) => self.decline(role, ask, code),
            None => self.perform(role, ask),
        };
        self.send_events(tampering.webhooks_twice);
        self.requests.insert(request, Asked { ask: ask.clone(), outcome: outcome.clone() });
        outcome
    }

    /// What became of an idempotency key.
    pub fn asked(&self, role: &Role, key: &str) -> Option<&Asked> {
        self.requests.get(&(role.clone(), key.to_owned()))
    }

    /// Does what nobody asks for.
    ///
    /// # Errors
    /// It is not possible as things stand.
    pub fn play(&mut self, at: Timestamp, play: &Play) -> Result<(), Refusal> {
        self.pass_time(at);
        let now = self.now;
        match play {
            Play::KonbiniPaid { konbini } => self.card.konbini_paid(konbini, now),
            Play::Chargeback { capture, amount } => self.card.charge_back(capture, *amount, now),
            Play::DeclineLater { authorization } => self.card.decline_later(authorization, now),
            Play::SetBalance { program, account, balance } => {
                self.program(program).set_balance(account, *balance)
            }
            Play::EarnElsewhere { program, account, points, months_ago } => {
                self.program(program).earn_elsewhere(account, *points, *months_ago, now)
            }
            Play::Wait { seconds } => {
                self.ahead += SignedDuration::from_secs(i64::from(*seconds));
                self.pass_time(at);
                Ok(())
            }
        }?;
        self.send_events(false);
        Ok(())
    }

    /// Makes a kept change again.
    pub fn replay(&mut self, at: Timestamp, change: &Change) {
        match change {
            // That it was refused then is part of the books, too.
            Change::Asked { role, key, ask, tampering } => drop(self.ask(at, role, key, ask, tampering)),
            Change::Played { play } => drop(self.play(at, play)),
            Change::Sent { message, state } => {
                self.pass_time(at);
                self.outbox.settle(message, *state);
            }
            Change::Reset => self.reset(at),
        }
    }

    /// Forgets all, but never gives an id twice.
    pub fn reset(&mut self, at: Timestamp) {
        // What happened by itself until now has taken ids.
        self.pass_time(at);
        let ids = self.ids.clone();
        *self = Self { ids, ..Self::new(self.options.clone()) };
    }

    /// Lets everything happen that happens by itself until then. A clock that goes back is not followed.
    pub fn pass_time(&mut self, at: Timestamp) {
        let then = at.checked_add(self.ahead).unwrap_or(Timestamp::MAX);
        self.now = self.now.max(then);
        self.card.pass_time(self.now);
        for program in self.programs.values_mut() {
            program.pass_time(self.now);
        }
        self.send_events(false);
    }

    /// The time of the books.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// What was decided when these books were begun.
    pub fn options(&self) -> &BookOptions {
        &self.options
    }

    /// The messages of the card provider.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// A message need not be sent any more.
    pub fn settle_message(&mut self, message: &str, state: Sending) {
        self.outbox.settle(message, state);
    }

    /// Everything, for tests that compare books.
    pub fn ledger(&self) -> Ledger<'_> {
        Ledger {
            now: self.now,
            faults: self.broken_invariants(),
            card: &self.card,
            partners: &self.programs,
            webhooks: &self.outbox,
        }
    }

    /// What must never be true of books; empty unless there is a mistake in this program.
    pub fn broken_invariants(&self) -> Vec<String> {
        let mut broken = self.card.broken_invariants();
        for program in self.programs.values() {
            broken.extend(program.broken_invariants());
        }
        broken
    }

    fn perform(&mut self, role: &Role, ask: &Ask) -> Result<Reply, Refusal> {
        match role {
            Role::Card => self.card.perform(&mut self.ids, ask, self.now),
            Role::Partner(name) => {
                let now = self.now;
                let program = Program::of(&mut self.programs, name, &self.options);
                program.perform(&mut self.ids, ask, now)
            }
        }
    }

    fn see(&self, role: &Role, ask: &Ask) -> Result<Reply, Refusal> {
        match role {
            Role::Card => self.card.see(ask),
            Role::Partner(name) => match self.programs.get(name) {
                Some(program) => program.see(ask, self.now),
                None => Program::new(&self.options).see(ask, self.now),
            },
        }
    }

    fn decline(&mut self, role: &Role, ask: &Ask, code: &str) -> Result<Reply, Refusal> {
        match (role, ask) {
            (Role::Card, Ask::Authorise { amount, currency, reference, .. }) => self
                .card
                .declined(&mut self.ids, *amount, currency, reference, code)
                .map(Reply::Authorization),
            _ => Err(Refusal::new(RefusalCode::Other(code.to_owned()), "refused by a fault of the sandbox")),
        }
    }

    fn program(&mut self, name: &str) -> &mut Program {
        Program::of(&mut self.programs, name, &self.options)
    }

    fn send_events(&mut self, twice: bool) {
        for message in self.card.take_events() {
            let id = self.ids.next("msg");
            self.outbox.add(id, message, twice);
        }
    }
}

impl Asked {
    fn answer_to(&self, ask: &Ask) -> Result<Reply, Refusal> {
        if self.ask == *ask {
            return self.outcome.clone();
        }
        Err(Refusal::new(RefusalCode::KeyReused, "the same idempotency key came before with another request"))
    }
}

/// Everything in the books.
#[derive(Debug, Serialize)]
pub struct Ledger<'b> {
    /// The time of the books.
    pub now: Timestamp,
    /// Which rules of the books are broken; always empty unless the sandbox itself has a mistake.
    pub faults: Vec<String>,
    /// The card provider's.
    pub card: &'b Card,
    /// The partner programs'.
    pub partners: &'b BTreeMap<String, Program>,
    /// The messages.
    pub webhooks: &'b Outbox,
}

/// Amounts are at least 1 and exact in every language.
fn check_amount(amount: u64) -> Result<(), Refusal> {
    if (1..=AMOUNT_MAX).contains(&amount) {
        return Ok(());
    }
    let detail = format!("an amount is a whole number from 1 to {AMOUNT_MAX}");
    Err(Refusal::new(RefusalCode::Unusable, detail))
}

fn check_text(text: &str) -> Result<(), Refusal> {
    if (1..=TEXT_BYTES_MAX).contains(&text.len()) {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::Unusable, format!("a text has 1 to {TEXT_BYTES_MAX} bytes")))
}

fn unknown_id(kind: &str) -> Refusal {
    Refusal::new(RefusalCode::UnknownId, format!("there is no {kind} of this name"))
}

fn other_party() -> Refusal {
    Refusal::new(RefusalCode::Unusable, "this is asked of another kind of party")
}
