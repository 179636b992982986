//! What goes wrong on purpose.

use serde::{Deserialize, Serialize};

use crate::books::Role;

/// A way in which a party fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The work is done at once, the answer comes late.
    Slow {
        /// So late.
        ms: u64,
    },
    /// 503, and nothing is done.
    Down,
    /// The connection is closed without an answer, and nothing is done.
    Close,
    /// The work is done, and the connection is closed without an answer.
    AnswerLostAfterDoing,
    /// Messages that follow from it are sent twice.
    DuplicateWebhook,
    /// The work is done, and the answer is half of one.
    WrongJson,
    /// The party says no.
    Decline {
        /// Why.
        code: String,
    },
    /// 429, and nothing is done.
    RateLimited {
        /// When to come again.
        retry_after_seconds: u32,
    },
}

/// Which requests a fault is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Matching {
    /// `card` or the name of a program; any where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// Such as `authorise` or `hold`; any where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
}

/// A fault that is to be played.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// For which requests.
    #[serde(default, rename = "match")]
    pub matching: Matching,
    /// For how many of them.
    #[serde(default = "once")]
    pub times: u32,
    /// What happens.
    pub kind: FaultKind,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// A fault for the next request with this operation at any party.
    pub fn next(operation: &str, kind: FaultKind) -> Self {
        let matching = Matching { party: None, operation: Some(operation.to_owned()) };
        Self { matching, times: 1, kind }
    }

    fn is_for(&self, role: &Role, operation: &str) -> bool {
        let party = match role {
            Role::Card => "card",
            Role::Partner(program) => program,
        };
        self.matching.party.as_deref().is_none_or(|wanted| wanted == party)
            && self.matching.operation.as_deref().is_none_or(|wanted| wanted == operation)
    }
}

/// The faults to come, in order; each request meets at most one.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn all(&self) -> &[Fault] {
        &self.0
    }

    pub(super) fn take(&mut self, role: &Role, operation: &str) -> Option<FaultKind> {
        let fault = self.0.iter_mut().find(|fault| fault.times > 0 && fault.is_for(role, operation))?;
        fault.times -= 1;
        let kind = fault.kind.clone();
        self.0.retain(|fault| fault.times > 0);
        Some(kind)
    }
}
