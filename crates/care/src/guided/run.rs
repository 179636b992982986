//! One customer's way through a flow.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Flow, NodeKind, Outcome, WaitHours};

/// What is known about the subject of a check, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Values.
    pub values: BTreeMap<String, String>,
    /// Times.
    pub times: BTreeMap<String, Timestamp>,
}

/// Hours that a market decides, by name.
pub type Settings = BTreeMap<String, u32>;

/// What a check is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Which order.
    pub order_id: String,
    /// Which shipment, where it is about one.
    pub shipment_id: Option<String>,
}

/// A check under way or ended. It is kept by whoever serves it; the customer sees where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuidedRun {
    /// Its id.
    pub run_id: String,
    /// By which flow.
    pub flow: String,
    /// In which version of it.
    pub version: u32,
    /// About what.
    pub subject: Subject,
    /// When it began.
    pub started_at: Timestamp,
    /// What was found out and answered, in order.
    pub steps: Vec<Step>,
    /// Where it stands.
    pub position: Position,
}

/// A step that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// At which node.
    pub node: String,
    /// When.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub kind: StepKind,
}

/// What happened at a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// The customer chose this.
    Answer(String),
    /// This was known; nothing where it was not.
    Fact(Option<String>),
    /// It waited until then.
    Waited(Timestamp),
}

/// Where a check stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Position {
    /// A question waits for its answer.
    Asking {
        /// Which.
        node: String,
    },
    /// Time has to pass.
    Waiting {
        /// At which node.
        node: String,
        /// Until when.
        until: Timestamp,
    },
    /// It has ended.
    Ended {
        /// At which node.
        node: String,
        /// How.
        outcome: Outcome,
        /// When.
        at: Timestamp,
    },
}

impl Position {
    /// At which node.
    pub fn node(&self) -> &str {
        match self {
            Self::Asking { node } | Self::Waiting { node, .. } | Self::Ended { node, .. } => node,
        }
    }
}

/// A check cannot go on as asked; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GuidedFault {
    /// Another question is open, or none: an answer was sent twice, or out of turn.
    #[error("the check is at {stands_at:?}, not at {asked:?}")]
    NotThere {
        /// As named.
        asked: String,
        /// Where it stands.
        stands_at: String,
    },
    /// The question has no such answer.
    #[error("the question has no answer {answer:?}")]
    NoSuchAnswer {
        /// As named.
        answer: String,
    },
    /// Run and flow do not belong together, or the flow was never [checked](super::check).
    #[error("node {node:?} of the flow cannot be used")]
    Flow {
        /// Where.
        node: String,
    },
}

/// Begins a check.
///
/// # Errors
/// [`GuidedFault::Flow`] for a flow with faults.
pub fn start(
    flow: &Flow,
    run_id: &str,
    subject: Subject,
    facts: &Facts,
    settings: &Settings,
    at: Timestamp,
) -> Result<GuidedRun, GuidedFault> {
    let run = GuidedRun {
        run_id: run_id.to_owned(),
        flow: flow.flow.clone(),
        version: flow.version,
        subject,
        started_at: at,
        steps: Vec::new(),
        position: Position::Asking { node: flow.start.clone() },
    };
    let start = flow.start.clone();
    Going { flow, facts, settings, at }.go_on(run, start)
}

/// Answers the open question.
///
/// # Errors
/// [`GuidedFault::NotThere`] where another question or none is open, [`GuidedFault::NoSuchAnswer`].
pub fn answer(
    flow: &Flow,
    run: &GuidedRun,
    node: &str,
    answer: &str,
    facts: &Facts,
    settings: &Settings,
    at: Timestamp,
) -> Result<GuidedRun, GuidedFault> {
    if !matches!(&run.position, Position::Asking { node: open } if open == node) {
        let stands_at = run.position.node().to_owned();
        return Err(GuidedFault::NotThere { asked: node.to_owned(), stands_at });
    }
    let broken = || GuidedFault::Flow { node: node.to_owned() };
    let NodeKind::Question { answers } = &flow.node(node).ok_or_else(broken)?.kind else {
        return Err(broken());
    };
    let choice = answers.iter().find(|choice| choice.answer == answer);
    let choice = choice.ok_or_else(|| GuidedFault::NoSuchAnswer { answer: answer.to_owned() })?;
    let mut run = run.clone();
    run.steps.push(Step { node: node.to_owned(), at, kind: StepKind::Answer(answer.to_owned()) });
    Going { flow, facts, settings, at }.go_on(run, choice.next.clone())
}

/// Goes on where a wait is over; else nothing changes.
///
/// # Errors
/// [`GuidedFault::Flow`] where run and flow do not belong together.
pub fn look_again(
    flow: &Flow,
    run: &GuidedRun,
    facts: &Facts,
    settings: &Settings,
    at: Timestamp,
) -> Result<GuidedRun, GuidedFault> {
    match &run.position {
        Position::Waiting { node, until } if at >= *until => {
            let broken = || GuidedFault::Flow { node: node.clone() };
            let NodeKind::Wait { next, .. } = &flow.node(node).ok_or_else(broken)?.kind else {
                return Err(broken());
            };
            let mut run = run.clone();
            run.steps.push(Step { node: node.clone(), at, kind: StepKind::Waited(*until) });
            Going { flow, facts, settings, at }.go_on(run, next.clone())
        }
        _ => Ok(run.clone()),
    }
}

struct Going<'g> {
    flow: &'g Flow,
    facts: &'g Facts,
    settings: &'g Settings,
    at: Timestamp,
}

impl Going<'_> {
    /// Goes through facts, and through waits that are over, to where someone has to answer, to wait or to act.
    fn go_on(&self, mut run: GuidedRun, mut id: String) -> Result<GuidedRun, GuidedFault> {
        // A circle with a wait that is over already would never end.
        for _ in 0..=self.flow.nodes.len() {
            let node = self.flow.node(&id).ok_or_else(|| GuidedFault::Flow { node: id.clone() })?;
            let (next, kind) = match &node.kind {
                NodeKind::Question { .. } => {
                    run.position = Position::Asking { node: id };
                    return Ok(run);
                }
                NodeKind::Outcome { outcome } => {
                    run.position = Position::Ended { node: id, outcome: outcome.clone(), at: self.at };
                    return Ok(run);
                }
                NodeKind::Fact { fact, cases, otherwise } => {
                    let value = self.facts.values.get(fact);
                    let case = cases.iter().find(|case| Some(&case.value) == value);
                    (case.map_or(otherwise, |case| &case.next), StepKind::Fact(value.cloned()))
                }
                NodeKind::Wait { hours, since, next } => {
                    let until = self.until(hours, since.as_deref());
                    if until > self.at {
                        run.position = Position::Waiting { node: id, until };
                        return Ok(run);
                    }
                    (next, StepKind::Waited(until))
                }
            };
            run.steps.push(Step { node: id, at: self.at, kind });
            id = next.clone();
        }
        Err(GuidedFault::Flow { node: id })
    }

    fn until(&self, hours: &WaitHours, since: Option<&str>) -> Timestamp {
        let hours = match hours {
            WaitHours::Hours(hours) => *hours,
            WaitHours::Setting(name) => self.settings.get(name).copied().unwrap_or_default(),
        };
        let since = since.and_then(|name| self.facts.times.get(name)).copied().unwrap_or(self.at);
        since.checked_add(SignedDuration::from_hours(hours.into())).unwrap_or(Timestamp::MAX)
    }
}
