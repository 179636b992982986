//! Cases, each against the chain of its events: all are there, in their order, as they were written, and what is kept
//! beside them is what they come to.

use choba_care::case::{CaseEvent, ChainFault, fold, verify_chain};
use choba_store::books::CaseChain;
use jiff::Timestamp;

use super::Difference;

/// What differs in a case.
pub(super) fn differences(chain: &CaseChain) -> Vec<Difference> {
    let events = match events_of(chain) {
        Ok(events) => events,
        Err(difference) => return vec![*difference],
    };
    if let Err(fault) = verify_chain(&chain.case_id, &events) {
        return vec![told(chain, fault)];
    }
    let last = events.last();
    let (seq, hash) = last.map_or((0, ""), |last| (i64::from(last.seq), last.hash.as_str()));
    let case = fold(&chain.case_id, &events);
    let state = case.as_ref().map_or("none", |case| case.state.code());
    let queue = case.as_ref().map_or("", |case| case.queue.as_str());
    let kept = [
        ("events", seq.to_string(), chain.version.to_string()),
        ("hash of its last event", hash.to_owned(), chain.last_hash.clone()),
        ("state", state.to_owned(), chain.state.clone()),
        ("queue", queue.to_owned(), chain.queue.clone()),
    ];
    let wrong = kept.into_iter().filter(|(_, expected, found)| expected != found);
    wrong.map(|(what, expected, found)| difference(chain, what, expected, found)).collect()
}

fn events_of(chain: &CaseChain) -> Result<Vec<CaseEvent>, Box<Difference>> {
    let read = chain.events.iter().map(|event| {
        let seq = u32::try_from(event.seq).unwrap_or_default();
        let at = Timestamp::from_millisecond(event.happened_at).unwrap_or(Timestamp::UNIX_EPOCH);
        CaseEvent::read(seq, at, &event.document, &event.prev_hash, &event.hash).map_err(|error| {
            let what = format!("event {seq}");
            let readable = "a document that can be read".to_owned();
            Box::new(difference(chain, &what, readable, error.to_string()))
        })
    });
    read.collect()
}

fn told(chain: &CaseChain, fault: ChainFault) -> Difference {
    let (seq, expected, found) = match fault {
        ChainFault::Gap { expected } => (expected, "an event with this number", "another one"),
        ChainFault::Link { seq } => (seq, "the hash of the event before it", "another one"),
        ChainFault::Changed { seq } => (seq, "what was written", "something else"),
    };
    difference(chain, &format!("event {seq}"), expected.to_owned(), found.to_owned())
}

fn difference(chain: &CaseChain, what: &str, expected: String, found: String) -> Difference {
    Difference {
        customer_id: Some(chain.customer_id.clone()),
        subject: "case",
        id: chain.case_id.clone(),
        what: what.to_owned(),
        expected,
        found,
    }
}
