//! The outside parties in memory, for tests of use cases.
//!
//! They keep the same books as the sandbox, so that money behaves as it will, and do what a script says on top:
//! lose answers after doing the work, do it late or twice, be away.

use std::collections::VecDeque;
use std::future;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::ask::{Answering, Ask, Counterparties, LookedUp, LookingUp, PartyName, Reply};
use crate::books::{Books, Play, Role, Tampering};
use crate::refusal::{AskError, Refusal};
use crate::wire::declined_is_no;

/// What happens to one ask, other than being done and answered.
#[derive(Clone, Debug)]
pub enum Twist {
    /// It is done, and the answer is lost.
    LoseAnswer,
    /// It never arrives, and nobody knows.
    LoseRequest,
    /// Nobody knows; it is done at [`Scripted::deliver_late`], after whatever came in between.
    Late,
    /// It arrives twice and is answered once.
    Twice,
    /// The party is away: certainly not done.
    Away,
    /// The party says no, with this code.
    Decline(String),
    /// This answer, and nothing is done.
    Answer(Box<Result<Reply, AskError>>),
}

#[derive(Debug)]
struct Scene {
    party: Option<PartyName>,
    operation: Option<&'static str>,
    twist: Twist,
}

/// One ask, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Who was asked.
    pub party: PartyName,
    /// Under which key.
    pub idempotency_key: String,
    /// What.
    pub ask: Ask,
}

#[derive(Debug)]
struct Stage {
    books: Books,
    at: Timestamp,
    script: VecDeque<Scene>,
    heard: Vec<Heard>,
    late: Vec<Heard>,
}

/// Parties in memory. The one named `card` is the card provider, every other is a partner program.
#[derive(Debug)]
pub struct Scripted(Mutex<Stage>);

impl Scripted {
    /// Parties with these books, at this time.
    pub fn new(books: Books, at: Timestamp) -> Self {
        let stage = Stage { books, at, script: VecDeque::new(), heard: Vec::new(), late: Vec::new() };
        Self(Mutex::new(stage))
    }

    /// What happens to the next ask of a party (any, where none is named) and operation ([`Ask::operation`]).
    pub fn next(&self, party: Option<&str>, operation: Option<&'static str>, twist: Twist) {
        let scene = Scene { party: party.map(PartyName::from), operation, twist };
        self.stage().script.push_back(scene);
    }

    /// Forgets the rest of the script.
    pub fn as_usual(&self) {
        self.stage().script.clear();
    }

    /// It is so late now.
    pub fn at(&self, at: Timestamp) {
        let mut stage = self.stage();
        stage.at = at;
        stage.books.pass_time(at);
    }

    /// Does what people and banks do.
    ///
    /// # Errors
    /// It is not possible as things stand.
    pub fn play(&self, play: &Play) -> Result<(), Refusal> {
        let mut stage = self.stage();
        let at = stage.at;
        stage.books.play(at, play)
    }

    /// Does what was late, in order.
    pub fn deliver_late(&self) {
        let mut stage = self.stage();
        for heard in std::mem::take(&mut stage.late) {
            // Nobody waits for the answer any more.
            let _ = stage.perform(&heard, &Tampering::default());
        }
    }

    /// All asks so far, also those that were lost.
    pub fn heard(&self) -> Vec<Heard> {
        self.stage().heard.clone()
    }

    /// Reads the books.
    pub fn books<T>(&self, read: impl FnOnce(&Books) -> T) -> T {
        read(&self.stage().books)
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stage {
    fn answer(&mut self, heard: Heard) -> Result<Reply, AskError> {
        self.heard.push(heard.clone());
        let nothing = Tampering::default();
        match self.twist_for(&heard) {
            None => self.perform(&heard, &nothing),
            Some(Twist::LoseAnswer) => {
                let _ = self.perform(&heard, &nothing);
                Err(lost())
            }
            Some(Twist::LoseRequest) => Err(lost()),
            Some(Twist::Late) => {
                self.late.push(heard);
                Err(lost())
            }
            Some(Twist::Twice) => {
                let _ = self.perform(&heard, &nothing);
                self.perform(&heard, &nothing)
            }
            Some(Twist::Away) => {
                Err(AskError::Unavailable { why: "the party is away".to_owned(), retry_after_ms: None })
            }
            Some(Twist::Decline(code)) => {
                self.perform(&heard, &Tampering { decline_code: Some(code), ..nothing })
            }
            Some(Twist::Answer(answer)) => *answer,
        }
    }

    fn twist_for(&mut self, heard: &Heard) -> Option<Twist> {
        let place = self.script.iter().position(|scene| scene.is_about(heard))?;
        self.script.remove(place).map(|scene| scene.twist)
    }

    fn perform(&mut self, heard: &Heard, tampering: &Tampering) -> Result<Reply, AskError> {
        let role = role_of(&heard.party);
        let outcome = self.books.ask(self.at, &role, &heard.idempotency_key, &heard.ask, tampering);
        told(&heard.ask, outcome)
    }

    fn look_up(&self, party: &PartyName, key: &str, ask: &Ask) -> LookedUp {
        match self.books.asked(&role_of(party), key) {
            None => LookedUp::NeverSeen,
            Some(asked) => LookedUp::Answered(told(ask, asked.outcome.clone())),
        }
    }
}

impl Scene {
    fn is_about(&self, heard: &Heard) -> bool {
        self.party.as_ref().is_none_or(|party| *party == heard.party)
            && self.operation.is_none_or(|operation| operation == heard.ask.operation())
    }
}

fn role_of(party: &PartyName) -> Role {
    match party.as_str() {
        "card" => Role::Card,
        program => Role::Partner(program.to_owned()),
    }
}

fn told(ask: &Ask, outcome: Result<Reply, Refusal>) -> Result<Reply, AskError> {
    declined_is_no(ask, outcome.map_err(AskError::Refused)?)
}

fn lost() -> AskError {
    AskError::Unknown { why: "the answer was lost".to_owned() }
}

impl Counterparties for Scripted {
    fn ask<'a>(&'a self, party: &'a PartyName, idempotency_key: &'a str, ask: &'a Ask) -> Answering<'a> {
        let heard =
            Heard { party: party.clone(), idempotency_key: idempotency_key.to_owned(), ask: ask.clone() };
        let answer = self.stage().answer(heard);
        Box::pin(future::ready(answer))
    }

    fn look_up<'a>(&'a self, party: &'a PartyName, idempotency_key: &'a str, ask: &'a Ask) -> LookingUp<'a> {
        let found = self.stage().look_up(party, idempotency_key, ask);
        Box::pin(future::ready(Ok(found)))
    }
}
