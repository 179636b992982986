//! Why a step of a chat is not taken.

/// A step that a chat does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChatRefusal {
    /// It is over: the case goes on without it.
    #[error("the chat has ended; write to its case instead")]
    Ended,
    /// Somebody else of the desk is in it.
    #[error("the chat is not yours")]
    NotYours,
    /// Somebody took it before.
    #[error("the chat was taken by somebody else")]
    Taken,
    /// The text is empty.
    #[error("/text is empty")]
    Empty,
    /// The text is too long.
    #[error("/text is longer than {most} bytes")]
    TooLong {
        /// How long it may be.
        most: usize,
    },
    /// The name that the sender gives a line cannot be used.
    #[error("/client_id must be 1 to 64 letters, digits, dashes or underscores")]
    ClientId,
    /// The agent has not said that they are there, or not for too long.
    #[error("say first that you are at the desk")]
    NotAtTheDesk,
    /// The agent takes nothing new at the moment.
    #[error("you have said that you take nothing new at the moment")]
    AgentBusy,
    /// The agent has as many chats as they have at once.
    #[error("you have {most} chats already, as many as you have at once")]
    Enough {
        /// How many they have at once.
        most: i64,
    },
    /// Enough listen to it.
    #[error("more listen to the chat than can be of use")]
    TooManyListen,
    /// There are enough lines.
    #[error("the chat has {most} lines already")]
    Full {
        /// How many it may have.
        most: u32,
    },
}

impl ChatRefusal {
    /// Its code, by which programs tell it from others. Codes are added, never renamed.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Ended => "chat_ended",
            Self::NotYours => "chat_not_yours",
            Self::Taken => "chat_taken",
            Self::Empty => "text_empty",
            Self::TooLong { .. } => "text_too_long",
            Self::ClientId => "client_id",
            Self::NotAtTheDesk => "not_at_the_desk",
            Self::AgentBusy => "agent_busy",
            Self::Enough { .. } => "chats_enough",
            Self::TooManyListen => "chat_too_many_listen",
            Self::Full { .. } => "chat_full",
        }
    }
}
