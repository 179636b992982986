//! Guided checks: questions, facts and waits that lead a customer to what helps, as data.
//!
//! A [`Flow`] is a graph of nodes. A [`GuidedRun`] is one customer's way through it, kept by whoever serves it, so that
//! no step can be skipped. Every way ends in an [`Outcome`]: resolved, something to do, or a person who gets all that
//! was said ([`evidence`]). [`check`] refuses a graph in which a way does not end. Nothing is known here of what the
//! checks are about: facts come by name from whoever asks.

mod evidence;
mod flow;
mod flows;
mod lint;
mod run;

pub use evidence::{Evidence, EvidenceStep, evidence};
pub use flow::{Case, Choice, Flow, Node, NodeKind, Outcome, SuggestedAction, WaitHours, Words};
pub use flows::{DELIVERED_BUT_MISSING, FLOWS_TEXT, flow, flow_ids, latest_flow};
pub use lint::{FlowFault, check};
pub use run::{
    Facts, GuidedFault, GuidedRun, Position, Settings, Step, StepKind, Subject, answer, look_again, start,
};
