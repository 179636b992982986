//! A line of a chat: something said, or something that happened.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ChatAgent, EndReason};

/// Who a line is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum LineFrom {
    /// The customer.
    Customer,
    /// The agent.
    Agent(ChatAgent),
    /// The program.
    System,
}

impl LineFrom {
    /// Its word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent(_) => "agent",
            Self::System => "system",
        }
    }
}

/// What a line is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LineKind {
    /// Something said.
    Text {
        /// Plain text. What must not be kept was masked before.
        text: String,
    },
    /// Somebody of the desk came.
    AgentJoined {
        /// As whom customers know them.
        alias: String,
    },
    /// Whoever it was went away; somebody else will come.
    AgentLost,
    /// It will end if nobody says anything.
    IdleWarning,
    /// It is over.
    Ended {
        /// Why.
        reason: EndReason,
    },
}

/// A line of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatLine {
    /// From 1, without gaps.
    pub seq: u32,
    /// When.
    pub at: Timestamp,
    /// Who it is from.
    pub from: LineFrom,
    /// What it is.
    pub kind: LineKind,
    /// The name that its sender gave it, by which it is known when it is sent again.
    pub client_id: Option<String>,
}
