//! Whether every way through a flow ends.

use std::collections::BTreeSet;

use super::{Flow, Node, NodeKind, Outcome, Words};

/// What is wrong with a flow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlowFault {
    /// Two nodes have one id.
    #[error("node {node:?} stands there twice")]
    Twice {
        /// Which.
        node: String,
    },
    /// Something leads to a node that there is not.
    #[error("{from:?} leads to {to:?}, which there is not")]
    LeadsNowhere {
        /// From where; empty for the beginning.
        from: String,
        /// To where.
        to: String,
    },
    /// No way leads to a node.
    #[error("no way leads to node {node:?}")]
    Unreachable {
        /// Which.
        node: String,
    },
    /// Nothing goes on from a node, and it is no outcome.
    #[error("nothing goes on from node {node:?}")]
    DeadEnd {
        /// Which.
        node: String,
    },
    /// From a node no outcome can be reached.
    #[error("from node {node:?} no outcome can be reached")]
    NoOutcome {
        /// Which.
        node: String,
    },
    /// One could go round for ever without any time passing.
    #[error("node {node:?} comes again without a wait")]
    Circle {
        /// Where.
        node: String,
    },
    /// Two answers or cases of a node cannot be told apart.
    #[error("node {node:?} has {value:?} twice")]
    Ambiguous {
        /// Where.
        node: String,
        /// Which answer or value.
        value: String,
    },
    /// A language is missing.
    #[error("a text of node {node:?} is missing in a language")]
    Untold {
        /// Where.
        node: String,
    },
    /// A person would get nothing, or something that no node finds out.
    #[error("node {node:?} passes on {evidence:?}, which no node on the way finds out")]
    NoEvidence {
        /// Where.
        node: String,
        /// What.
        evidence: String,
    },
}

/// Checks a flow as a whole; all faults are told.
///
/// # Errors
/// What is wrong.
pub fn check(flow: &Flow) -> Result<(), Vec<FlowFault>> {
    let mut faults = Vec::new();
    faults.extend(twice(flow));
    faults.extend(leading_nowhere(flow));
    if faults.is_empty() {
        faults.extend(flow.nodes.iter().flat_map(|node| of_node(flow, node)));
        faults.extend(unreachable(flow));
        faults.extend(circles(flow));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn twice(flow: &Flow) -> impl Iterator<Item = FlowFault> {
    let ids = flow.nodes.iter().map(|node| &node.id);
    repeated(ids).into_iter().map(|node| FlowFault::Twice { node })
}

fn leading_nowhere(flow: &Flow) -> Vec<FlowFault> {
    let start = ("", flow.start.as_str());
    let steps = flow.nodes.iter().flat_map(|node| node.nexts().into_iter().map(|to| (node.id.as_str(), to)));
    let lost = std::iter::once(start).chain(steps).filter(|(_, to)| flow.node(to).is_none());
    lost.map(|(from, to)| FlowFault::LeadsNowhere { from: from.to_owned(), to: to.to_owned() }).collect()
}

fn of_node(flow: &Flow, node: &Node) -> Vec<FlowFault> {
    let id = || node.id.clone();
    let mut faults = Vec::new();
    let ends = matches!(node.kind, NodeKind::Outcome { .. });
    if !ends && node.nexts().is_empty() {
        faults.push(FlowFault::DeadEnd { node: id() });
    } else if !reach(flow, &node.id).iter().any(|reached| is_outcome(flow, reached)) {
        faults.push(FlowFault::NoOutcome { node: id() });
    }
    let told = |words: &Words| !words.ja.trim().is_empty() && !words.en.trim().is_empty();
    let choices_told = match &node.kind {
        NodeKind::Question { answers } => answers.iter().all(|choice| told(&choice.text)),
        _ => true,
    };
    if !told(&node.text) || !choices_told {
        faults.push(FlowFault::Untold { node: id() });
    }
    let again = match &node.kind {
        NodeKind::Question { answers } => repeated(answers.iter().map(|choice| &choice.answer)),
        NodeKind::Fact { cases, .. } => repeated(cases.iter().map(|case| &case.value)),
        NodeKind::Wait { .. } | NodeKind::Outcome { .. } => Vec::new(),
    };
    faults.extend(again.into_iter().map(|value| FlowFault::Ambiguous { node: id(), value }));
    faults.extend(missing_evidence(flow, node));
    faults
}

/// A person gets at least one thing, and each is a question or a fact on some way there.
fn missing_evidence(flow: &Flow, node: &Node) -> Vec<FlowFault> {
    let NodeKind::Outcome { outcome: Outcome::Human { evidence, .. } } = &node.kind else {
        return Vec::new();
    };
    let fault =
        |evidence: &str| FlowFault::NoEvidence { node: node.id.clone(), evidence: evidence.to_owned() };
    if evidence.is_empty() {
        return vec![fault("")];
    }
    let found_out = |wanted: &String| {
        flow.node(wanted).is_some_and(|found| {
            let finds = matches!(found.kind, NodeKind::Question { .. } | NodeKind::Fact { .. });
            finds && reach(flow, wanted).contains(node.id.as_str())
        })
    };
    evidence.iter().filter(|wanted| !found_out(wanted)).map(|wanted| fault(wanted)).collect()
}

fn unreachable(flow: &Flow) -> Vec<FlowFault> {
    let reached = reach(flow, &flow.start);
    let lost = flow.nodes.iter().filter(|node| !reached.contains(node.id.as_str()));
    lost.map(|node| FlowFault::Unreachable { node: node.id.clone() }).collect()
}

/// Nodes that come again without time having passed.
fn circles(flow: &Flow) -> Vec<FlowFault> {
    let returns = |node: &&Node| {
        let nexts = without_waiting(node);
        nexts.iter().any(|next| walk(flow, next, without_waiting).contains(node.id.as_str()))
    };
    flow.nodes.iter().filter(returns).map(|node| FlowFault::Circle { node: node.id.clone() }).collect()
}

fn without_waiting(node: &Node) -> Vec<&str> {
    if matches!(node.kind, NodeKind::Wait { .. }) { Vec::new() } else { node.nexts() }
}

fn is_outcome(flow: &Flow, id: &str) -> bool {
    flow.node(id).is_some_and(|node| matches!(node.kind, NodeKind::Outcome { .. }))
}

/// All nodes that can be reached from one, with itself.
fn reach<'f>(flow: &'f Flow, from: &'f str) -> BTreeSet<&'f str> {
    walk(flow, from, Node::nexts)
}

fn walk<'f>(flow: &'f Flow, from: &'f str, nexts: fn(&'f Node) -> Vec<&'f str>) -> BTreeSet<&'f str> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            open.extend(flow.node(id).into_iter().flat_map(nexts));
        }
    }
    seen
}

fn repeated<'v>(values: impl Iterator<Item = &'v String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    values.filter(|value| !seen.insert(*value)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// A small flow that is right, after a change.
    fn faults(change: impl FnOnce(&mut Value)) -> Vec<FlowFault> {
        let text = json!({"ja": "問", "en": "text"});
        let mut flow = json!({
            "flow": "small", "version": 1, "title": text, "start": "q",
            "nodes": [
                {"id": "q", "text": text, "kind": "question", "answers": [
                    {"answer": "yes", "text": text, "next": "done"}, {"answer": "no", "text": text, "next": "f"}]},
                {"id": "f", "text": text, "kind": "fact", "fact": "known",
                    "cases": [{"value": "a", "next": "w"}], "otherwise": "person"},
                {"id": "w", "text": text, "kind": "wait", "hours": 48, "since": null, "next": "q"},
                {"id": "done", "text": text, "kind": "outcome", "outcome": {"ends_in": "resolved", "code": "found"}},
                {"id": "person", "text": text, "kind": "outcome", "outcome":
                    {"ends_in": "human", "queue": "parcels", "code": "lost", "evidence": ["q", "f"]}},
            ],
        });
        change(&mut flow);
        check(&serde_json::from_value(flow).unwrap()).err().unwrap_or_default()
    }

    #[test]
    fn a_circle_with_a_wait_in_it_is_right() {
        assert_eq!(faults(|_| ()), []);
    }

    #[test]
    fn whatever_does_not_end_is_refused() {
        let table: [(&str, Value, FlowFault); 8] = [
            (
                "/nodes/0/answers/1/next",
                json!("nowhere"),
                FlowFault::LeadsNowhere { from: "q".into(), to: "nowhere".into() },
            ),
            ("/start", json!("x"), FlowFault::LeadsNowhere { from: String::new(), to: "x".into() }),
            ("/nodes/3/id", json!("q"), FlowFault::Twice { node: "q".into() }),
            ("/nodes/0/answers", json!([]), FlowFault::DeadEnd { node: "q".into() }),
            ("/nodes/0/answers/0/next", json!("q"), FlowFault::Circle { node: "q".into() }),
            (
                "/nodes/0/answers/0/answer",
                json!("no"),
                FlowFault::Ambiguous { node: "q".into(), value: "no".into() },
            ),
            ("/nodes/1/text/en", json!(" "), FlowFault::Untold { node: "f".into() }),
            (
                "/nodes/4/outcome/evidence",
                json!(["w"]),
                FlowFault::NoEvidence { node: "person".into(), evidence: "w".into() },
            ),
        ];
        for (place, value, fault) in table {
            let found = faults(|flow| *flow.pointer_mut(place).unwrap() = value);
            assert!(found.contains(&fault), "{place}: {found:?}");
        }
    }

    #[test]
    fn what_nobody_reaches_and_what_reaches_no_end_are_refused() {
        let found = faults(|flow| {
            flow["nodes"][1]["otherwise"] = json!("w");
            flow["nodes"][0]["answers"][0]["next"] = json!("f");
        });
        for node in ["q", "f", "w"] {
            assert!(found.contains(&FlowFault::NoOutcome { node: node.into() }), "{node}: {found:?}");
        }
        for node in ["done", "person"] {
            assert!(found.contains(&FlowFault::Unreachable { node: node.into() }), "{node}: {found:?}");
        }
    }
}
