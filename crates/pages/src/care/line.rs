//! Lines of a chat in words.

use askama::Template;
use choba_care::chat::{LineKind, TranscriptLine};
use jiff::Timestamp;

use crate::frame::Frame;

/// A line of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineShown {
    pub seq: u32,
    pub at: Timestamp,
    /// `mine`, `theirs`, `told`.
    pub side: &'static str,
    /// Who said it.
    pub by: String,
    pub text: String,
}

impl LineShown {
    /// A line as its customer reads it.
    pub fn of(frame: &Frame, line: &TranscriptLine) -> Self {
        let told = |id: &str| ("told", frame.say(id).to_string());
        let (side, text) = match &line.kind {
            LineKind::Text { text } if line.from == "customer" => ("mine", text.clone()),
            LineKind::Text { text } => ("theirs", text.clone()),
            LineKind::AgentJoined { alias } => {
                ("told", frame.say("care-chat-joined").with("agent", alias.clone()).to_string())
            }
            LineKind::AgentLost => told("care-chat-agent-lost"),
            LineKind::IdleWarning => told("care-chat-idle"),
            LineKind::Ended { reason } => {
                ("told", frame.say_of("care-chat-ended", reason.code()).to_string())
            }
        };
        let by = match side {
            "mine" => frame.say("care-you").to_string(),
            _ => line.alias.clone().unwrap_or_default(),
        };
        Self { seq: line.seq, at: line.at, side, by, text }
    }
}

/// A line by itself, for whoever has the page open.
#[derive(Template)]
#[template(path = "care/line.html")]
pub struct LinePart<'f> {
    pub frame: &'f Frame,
    pub line: LineShown,
}
