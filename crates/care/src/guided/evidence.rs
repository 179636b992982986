//! What a check found out, for whoever works on it next: nothing has to be asked twice.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Flow, GuidedRun, NodeKind, Outcome, Position, StepKind, Subject, Words};

/// All that a check found out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Of which run.
    pub run_id: String,
    /// By which flow.
    pub flow: String,
    /// In which version.
    pub version: u32,
    /// About what.
    pub subject: Subject,
    /// When it began.
    pub started_at: Timestamp,
    /// How it ended, if it has.
    pub outcome: Option<Outcome>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What was found out, in order.
    pub steps: Vec<EvidenceStep>,
}

/// Something that was found out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceStep {
    /// At which node.
    pub node: String,
    /// When.
    pub at: Timestamp,
    /// What was asked or looked at.
    pub text: Words,
    /// What was answered, was known, or was waited for.
    #[serde(flatten)]
    pub found: StepKind,
    /// The answer as the customer read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_text: Option<Words>,
}

/// What a run has found out so far, in the words that the customer read.
pub fn evidence(flow: &Flow, run: &GuidedRun) -> Evidence {
    let (outcome, ended_at) = match &run.position {
        Position::Ended { outcome, at, .. } => (Some(outcome.clone()), Some(*at)),
        Position::Asking { .. } | Position::Waiting { .. } => (None, None),
    };
    let steps = run.steps.iter().filter_map(|step| {
        let node = flow.node(&step.node)?;
        Some(EvidenceStep {
            node: step.node.clone(),
            at: step.at,
            text: node.text.clone(),
            found: step.kind.clone(),
            answer_text: answer_text(&node.kind, &step.kind),
        })
    });
    Evidence {
        run_id: run.run_id.clone(),
        flow: run.flow.clone(),
        version: run.version,
        subject: run.subject.clone(),
        started_at: run.started_at,
        outcome,
        ended_at,
        steps: steps.collect(),
    }
}

fn answer_text(node: &NodeKind, step: &StepKind) -> Option<Words> {
    let (NodeKind::Question { answers }, StepKind::Answer(answer)) = (node, step) else { return None };
    answers.iter().find(|choice| choice.answer == *answer).map(|choice| choice.text.clone())
}
