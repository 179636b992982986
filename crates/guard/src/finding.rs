//! What the judgement of one text came to, before it is put into words.

use serde::{Deserialize, Serialize};

use crate::sign::Sign;

/// The three answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Judgement {
    /// On the official list.
    Official,
    /// Not the shop, but made to look like it, or dangerous by itself.
    Lookalike,
    /// Neither: nothing is known about it.
    Unknown,
}

/// A judgement with its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub verdict: Judgement,
    /// The official contact it resembles, as on the list.
    pub resembles: Option<String>,
    /// Reasons, foremost first.
    pub signs: Vec<Sign>,
}

impl Finding {
    pub fn official() -> Self {
        Self { verdict: Judgement::Official, resembles: None, signs: Vec::new() }
    }

    pub fn unknown(signs: impl Into<Vec<Sign>>) -> Self {
        Self { verdict: Judgement::Unknown, resembles: None, signs: signs.into() }
    }

    pub fn lookalike(resembles: Option<String>, signs: impl Into<Vec<Sign>>) -> Self {
        Self { verdict: Judgement::Lookalike, resembles, signs: signs.into() }
    }

    /// Adds a reason unless it is there already.
    pub fn add(&mut self, sign: Sign) {
        if !self.signs.contains(&sign) {
            self.signs.push(sign);
        }
    }
}
