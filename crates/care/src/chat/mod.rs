//! Chats: who waits, who answers, and one sequence of lines that both sides read.
//!
//! A [`Chat`] is what stands beside its lines. The functions of [`steps`] take one and give back what it is after the
//! step, with the lines that come of it. A connection is not a state: what counts is when a side was last seen. Typing
//! is no part of it and is never kept.

mod line;
mod refusal;
pub mod steps;
mod transcript;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use line::{ChatLine, LineFrom, LineKind};
pub use refusal::ChatRefusal;
pub use transcript::{Transcript, TranscriptLine, transcript};

/// A member of staff in a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatAgent {
    /// Who.
    pub staff_id: String,
    /// The name under which customers know them.
    pub alias: String,
}

/// Why a chat ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The customer ended it.
    Customer,
    /// The agent ended it.
    Agent,
    /// The customer went away while waiting.
    LeftQueue,
    /// The customer was not seen any more.
    ConnectionLost,
    /// Nobody said anything.
    Idle,
}

impl EndReason {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Customer, Self::Agent, Self::LeftQueue, Self::ConnectionLost, Self::Idle];

    /// Its word.
    pub fn code(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::LeftQueue => "left_queue",
            Self::ConnectionLost => "connection_lost",
            Self::Idle => "idle",
        }
    }
}

/// Where a chat stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatState {
    /// Waits for somebody of the desk.
    Queued,
    /// Somebody took it and has not said anything yet.
    Assigned(ChatAgent),
    /// Both talk.
    Active(ChatAgent),
    /// It is over, and takes no line any more.
    Ended(EndReason),
}

impl ChatState {
    /// Its word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Assigned(_) => "assigned",
            Self::Active(_) => "active",
            Self::Ended(_) => "ended",
        }
    }

    /// Who of the desk is in it.
    pub fn agent(&self) -> Option<&ChatAgent> {
        match self {
            Self::Assigned(agent) | Self::Active(agent) => Some(agent),
            Self::Queued | Self::Ended(_) => None,
        }
    }
}

/// A chat, beside its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chat {
    /// Its id, such as `cha_…`.
    pub chat_id: String,
    /// Its case.
    pub case_id: String,
    /// Where it stands.
    pub state: ChatState,
    /// When it began to wait: never later than at first, however often it waits again.
    pub queued_at: Timestamp,
    /// Whether it stands before those who never had anybody.
    pub front: bool,
    /// The number of its last line.
    pub last_seq: u32,
    /// When the customer was last seen.
    pub customer_seen_at: Timestamp,
    /// When its agent was last seen.
    pub agent_seen_at: Option<Timestamp>,
    /// When somebody last said something.
    pub last_said_at: Timestamp,
    /// When both were told that it will end if nobody says anything.
    pub warned_at: Option<Timestamp>,
    /// The digest of the transcript, once it has ended.
    pub transcript_sha256: Option<String>,
}

/// What the desk has decided about chats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChatTerms {
    /// A page in the queue lets itself be seen as often as this.
    pub heartbeat: SignedDuration,
    /// Who waits and is not seen for so long has left.
    pub queue_gone: SignedDuration,
    /// A customer whose connection is lost may come back within this.
    pub grace: SignedDuration,
    /// An agent who is not seen for so long has vanished.
    pub agent_gone: SignedDuration,
    /// Both are warned when nobody has said anything for so long.
    pub idle_warning: SignedDuration,
    /// So long after the warning it ends.
    pub idle_end: SignedDuration,
    /// A line is no longer than so many bytes.
    pub text_max: usize,
    /// A chat has no more lines than so many.
    pub lines_max: u32,
}

impl Default for ChatTerms {
    fn default() -> Self {
        Self {
            heartbeat: SignedDuration::from_secs(30),
            queue_gone: SignedDuration::from_secs(120),
            grace: SignedDuration::from_mins(10),
            agent_gone: SignedDuration::from_secs(90),
            idle_warning: SignedDuration::from_mins(5),
            idle_end: SignedDuration::from_mins(15),
            text_max: 4_000,
            lines_max: 20_000,
        }
    }
}
