//! Messages on their way to the shop.

use serde::{Deserialize, Serialize};

use crate::webhook::Message;

/// Whether a message still has to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sending {
    /// To be sent.
    Waiting,
    /// The shop has acknowledged it.
    Acknowledged,
    /// It was tried too often.
    GivenUp,
}

/// A message to the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outgoing {
    /// The same whenever it is sent.
    pub id: String,
    /// What is told.
    pub message: Message,
    /// Sent twice on purpose.
    pub twice: bool,
    /// Whether it still has to be sent.
    pub state: Sending,
}

/// All messages, in the order in which things happened.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Outbox {
    messages: Vec<Outgoing>,
    #[serde(skip)]
    settled_until: usize,
}

impl Outbox {
    /// Puts a message at the end.
    pub fn add(&mut self, id: String, message: Message, twice: bool) {
        self.messages.push(Outgoing { id, message, twice, state: Sending::Waiting });
    }

    /// The first message that has to be sent.
    pub fn first_waiting(&self) -> Option<&Outgoing> {
        self.messages.iter().skip(self.settled_until).find(|message| message.state == Sending::Waiting)
    }

    /// All messages so far.
    pub fn messages(&self) -> &[Outgoing] {
        &self.messages
    }

    /// How sending a message ended.
    pub fn settle(&mut self, id: &str, state: Sending) {
        let waiting = self.messages.iter_mut().skip(self.settled_until);
        if let Some(message) = waiting.into_iter().find(|message| message.id == id) {
            message.state = state;
        }
        let done = |message: &&Outgoing| message.state != Sending::Waiting;
        self.settled_until += self.messages.iter().skip(self.settled_until).take_while(done).count();
    }
}
