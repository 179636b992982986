//! What was said in a chat, as both sides may keep it: without anybody's own name or id.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{ChatLine, LineFrom, LineKind};
use crate::case::hex;

/// A line of a transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscriptLine {
    /// Its number.
    pub seq: u32,
    /// When.
    pub at: Timestamp,
    /// `customer`, `agent` or `system`.
    pub from: String,
    /// The agent's public name.
    pub alias: Option<String>,
    /// What it is.
    #[serde(flatten)]
    pub kind: LineKind,
}

/// What was said in a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    /// Which chat.
    pub chat_id: String,
    /// Its lines.
    pub lines: Vec<TranscriptLine>,
}

impl TranscriptLine {
    /// A line as both sides may see it.
    pub fn of(line: &ChatLine) -> Self {
        let alias = match &line.from {
            LineFrom::Agent(agent) => Some(agent.alias.clone()),
            LineFrom::Customer | LineFrom::System => None,
        };
        let (seq, at, from) = (line.seq, line.at, line.from.code().to_owned());
        Self { seq, at, from, alias, kind: line.kind.clone() }
    }
}

/// The transcript of a chat's lines.
pub fn transcript(chat_id: &str, lines: &[ChatLine]) -> Transcript {
    Transcript { chat_id: chat_id.to_owned(), lines: lines.iter().map(TranscriptLine::of).collect() }
}

impl Transcript {
    /// Its digest: of its JSON, whose fields stand in a fixed order.
    ///
    /// # Errors
    /// Where it cannot be written as JSON, which none of ours does.
    pub fn sha256(&self) -> Result<String, serde_json::Error> {
        Ok(hex(&Sha256::digest(serde_json::to_vec(self)?)))
    }
}
