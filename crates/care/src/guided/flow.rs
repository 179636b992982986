//! The graph of a guided check.

use serde::{Deserialize, Serialize};

/// What a customer reads, in each language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

/// A guided check in one version. Once published, a version never changes: runs keep the one they began with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// Its id.
    pub flow: String,
    /// Counts from 1.
    pub version: u32,
    /// What it is about.
    pub title: Words,
    /// The node it begins with.
    pub start: String,
    /// All nodes.
    pub nodes: Vec<Node>,
}

/// A node of the graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its id in the flow.
    pub id: String,
    /// What the customer reads there.
    pub text: Words,
    /// What happens there.
    #[serde(flatten)]
    pub kind: NodeKind,
}

/// What happens at a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum NodeKind {
    /// The customer chooses an answer.
    Question {
        /// The answers, at least one.
        answers: Vec<Choice>,
    },
    /// What is known decides; nobody is asked.
    Fact {
        /// Which fact.
        fact: String,
        /// Where its values lead.
        cases: Vec<Case>,
        /// Where any other value leads, and no value.
        otherwise: String,
    },
    /// Time has to pass.
    Wait {
        /// How long.
        hours: WaitHours,
        /// From which known time on; from now on where it is not known or nothing is named.
        since: Option<String>,
        /// Where it goes on.
        next: String,
    },
    /// It ends.
    Outcome {
        /// How.
        outcome: Outcome,
    },
}

/// An answer to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Its id at the question.
    pub answer: String,
    /// What the customer reads.
    pub text: Words,
    /// Where it leads.
    pub next: String,
}

/// Where a value of a fact leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The value.
    pub value: String,
    /// Where it leads.
    pub next: String,
}

/// How long to wait: so many hours, or a setting of the market by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum WaitHours {
    /// So many.
    Hours(u32),
    /// As the market decides.
    Setting(String),
}

/// How a check ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ends_in", rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    /// Nothing more has to be done.
    Resolved {
        /// How it was resolved.
        code: String,
    },
    /// Something the customer can do now.
    Action {
        /// What.
        action: SuggestedAction,
        /// Why.
        code: String,
    },
    /// A person has to look, with what was found out.
    Human {
        /// Whose work it is.
        queue: String,
        /// Why.
        code: String,
        /// The questions and facts that they need.
        evidence: Vec<String>,
    },
}

impl Outcome {
    /// Its code.
    pub fn code(&self) -> &str {
        match self {
            Self::Resolved { code } | Self::Action { code, .. } | Self::Human { code, .. } => code,
        }
    }
}

/// What can be done at the end of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuggestedAction {
    /// Send goods back.
    Return,
    /// Cancel.
    Cancel,
    /// Send the goods again.
    Reship,
    /// Give the money back.
    Refund,
    /// Have the carrier come again.
    Redelivery,
}

impl Flow {
    /// The queues of people with whom it may end.
    pub fn queues(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().filter_map(|node| match &node.kind {
            NodeKind::Outcome { outcome: Outcome::Human { queue, .. } } => Some(queue.as_str()),
            _ => None,
        })
    }

    /// The node of an id.
    pub fn node(&self, id: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.id == id)
    }
}

impl Node {
    /// Where it may go on.
    pub fn nexts(&self) -> Vec<&str> {
        match &self.kind {
            NodeKind::Question { answers } => answers.iter().map(|choice| choice.next.as_str()).collect(),
            NodeKind::Fact { cases, otherwise, .. } => {
                let cases = cases.iter().map(|case| case.next.as_str());
                cases.chain([otherwise.as_str()]).collect()
            }
            NodeKind::Wait { next, .. } => vec![next],
            NodeKind::Outcome { .. } => Vec::new(),
        }
    }
}
