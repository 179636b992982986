//! The flows that come with the program. A new version is a new file; old ones stay, because runs keep theirs.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::Flow;

/// A parcel that counts as delivered and was not received.
pub const DELIVERED_BUT_MISSING: &str = "delivered_but_missing";

/// The texts of all flows, every version of each.
pub const FLOWS_TEXT: [&str; 1] = [include_str!("../../flows/delivered_but_missing.1.json")];

fn flows() -> &'static [Flow] {
    static FLOWS: OnceLock<Vec<Flow>> = OnceLock::new();
    // A test sees to it that each can be read and has no faults.
    FLOWS.get_or_init(|| FLOWS_TEXT.iter().filter_map(|text| serde_json::from_str(text).ok()).collect())
}

/// A flow in a version.
pub fn flow(id: &str, version: u32) -> Option<&'static Flow> {
    flows().iter().find(|flow| flow.flow == id && flow.version == version)
}

/// The ids of all flows.
pub fn flow_ids() -> Vec<&'static str> {
    let ids: BTreeSet<&str> = flows().iter().map(|flow| flow.flow.as_str()).collect();
    ids.into_iter().collect()
}

/// A flow in its newest version.
pub fn latest_flow(id: &str) -> Option<&'static Flow> {
    flows().iter().filter(|flow| flow.flow == id).max_by_key(|flow| flow.version)
}

#[cfg(test)]
mod tests {
    use super::super::{
        Facts, GuidedFault, GuidedRun, Outcome, Position, Settings, Subject, answer, check, evidence,
        look_again, start,
    };
    use super::*;
    use jiff::Timestamp;
    use sha2::{Digest, Sha256};

    #[test]
    fn every_flow_can_be_read_has_no_faults_and_stands_once() {
        assert_eq!(flows().len(), FLOWS_TEXT.len());
        for known in flows() {
            assert_eq!(check(known), Ok(()), "{}", known.flow);
            assert!(std::ptr::eq(flow(&known.flow, known.version).unwrap(), known));
        }
    }

    /// Whoever wants to change one of these adds a version.
    #[test]
    fn a_published_version_never_changes() {
        let digests: Vec<String> = FLOWS_TEXT
            .iter()
            .map(|text| Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect())
            .collect();
        assert_eq!(digests, ["fae93ed3f6a0911a"]);
    }

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    const SCANNED: &str = "2026-11-25T10:00:00+09:00";
    const ASKED: &str = "2026-11-25T20:00:00+09:00";

    fn facts(parcels: &str, place: &str, tracking: &str) -> Facts {
        let values = [("parcels", parcels), ("place", place), ("tracking", tracking)];
        Facts {
            values: values.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            times: [("delivered_at".to_owned(), time(SCANNED))].into(),
        }
    }

    fn settings() -> Settings {
        [("not_received_wait_h".to_owned(), 48)].into()
    }

    fn begin(facts: &Facts) -> GuidedRun {
        let subject = Subject { order_id: "o".to_owned(), shipment_id: Some("s".to_owned()) };
        let flow = latest_flow(DELIVERED_BUT_MISSING).unwrap();
        start(flow, "run", subject, facts, &settings(), time(ASKED)).unwrap()
    }

    fn go(run: &GuidedRun, facts: &Facts, answers: &[(&str, &str)]) -> GuidedRun {
        let flow = latest_flow(DELIVERED_BUT_MISSING).unwrap();
        answers.iter().fold(run.clone(), |run, (node, chosen)| {
            answer(flow, &run, node, chosen, facts, &settings(), time(ASKED)).unwrap()
        })
    }

    fn ended(run: &GuidedRun) -> &str {
        match &run.position {
            Position::Ended { outcome, .. } => outcome.code(),
            other => panic!("not ended: {other:?}"),
        }
    }

    const NOTHING_FOUND: [(&str, &str); 9] = [
        ("address", "right"),
        ("entrance", "not_there"),
        ("locker", "none"),
        ("post_box", "not_there"),
        ("building_manager", "not_there"),
        ("household", "not_there"),
        ("neighbours", "not_there"),
        ("absence_slip", "none"),
        ("urgent", "no"),
    ];

    #[test]
    fn nothing_found_waits_until_48_hours_after_the_scan_and_then_a_person_gets_all_of_it() {
        let known = facts("all_delivered", "unknown", "delivered");
        let run = go(&begin(&known), &known, &NOTHING_FOUND);
        let until = time("2026-11-27T10:00:00+09:00");
        assert_eq!(run.position, Position::Waiting { node: "wait".to_owned(), until });
        let flow = latest_flow(DELIVERED_BUT_MISSING).unwrap();
        let too_early =
            look_again(flow, &run, &known, &settings(), time("2026-11-27T09:59:59+09:00")).unwrap();
        assert_eq!(too_early, run);
        let run = look_again(flow, &run, &known, &settings(), until).unwrap();
        assert_eq!(run.position, Position::Asking { node: "arrived".to_owned() });
        let run = answer(flow, &run, "arrived", "no", &known, &settings(), until).unwrap();
        assert_eq!(ended(&run), "not_received");
        let told = evidence(flow, &run);
        for (node, chosen) in NOTHING_FOUND {
            let step = told.steps.iter().find(|step| step.node == node).unwrap();
            assert_eq!(step.found, super::super::StepKind::Answer(chosen.to_owned()));
            assert!(step.answer_text.is_some());
        }
        assert!(matches!(told.outcome, Some(Outcome::Human { .. })));
    }

    #[test]
    fn what_spoils_and_a_locker_that_does_not_open_wait_for_nothing() {
        let known = facts("all_delivered", "locker", "delivered");
        let locker = go(&begin(&known), &known, &[("address", "right"), ("locker", "does_not_open")]);
        assert_eq!(ended(&locker), "locker_fault");
        let mut answers = NOTHING_FOUND.to_vec();
        answers.retain(|(node, _)| *node != "entrance");
        answers.last_mut().unwrap().1 = "yes";
        assert_eq!(ended(&go(&begin(&known), &known, &answers)), "urgent");
    }

    #[test]
    fn what_is_known_already_is_not_asked() {
        let on_its_way = begin(&facts("not_delivered", "unknown", "in_transit"));
        assert_eq!(ended(&on_its_way), "still_on_its_way");
        let split = facts("some_on_the_way", "unknown", "delivered");
        let run = go(&begin(&split), &split, &[("split", "in_another")]);
        assert_eq!(ended(&run), "in_another_parcel");
    }

    #[test]
    fn after_the_wait_the_carriers_news_decide_first() {
        let known = facts("all_delivered", "unknown", "delivered");
        let run = go(&begin(&known), &known, &NOTHING_FOUND);
        let flow = latest_flow(DELIVERED_BUT_MISSING).unwrap();
        let later = time("2026-11-28T10:00:00+09:00");
        for (tracking, code) in [("returned", "went_back"), ("exception", "carrier_trouble")] {
            let known = facts("all_delivered", "unknown", tracking);
            assert_eq!(ended(&look_again(flow, &run, &known, &settings(), later).unwrap()), code);
        }
    }

    #[test]
    fn no_step_can_be_skipped_or_made_twice() {
        let known = facts("all_delivered", "unknown", "delivered");
        let run = go(&begin(&known), &known, &NOTHING_FOUND[..1]);
        let flow = latest_flow(DELIVERED_BUT_MISSING).unwrap();
        for node in ["address", "urgent", "arrived", "nobody"] {
            let out_of_turn = answer(flow, &run, node, "no", &known, &settings(), time(ASKED));
            let stands_at = "entrance".to_owned();
            assert_eq!(out_of_turn, Err(GuidedFault::NotThere { asked: node.to_owned(), stands_at }));
        }
        let unknown = answer(flow, &run, "entrance", "maybe", &known, &settings(), time(ASKED));
        assert_eq!(unknown, Err(GuidedFault::NoSuchAnswer { answer: "maybe".to_owned() }));
    }
}
