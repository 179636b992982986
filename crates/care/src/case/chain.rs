//! The chain of hashes: each event's hash is of the one before and of all that the event says.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::CaseEvent;

/// What stands before the first event.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Where a chain does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// An event is missing, or there twice.
    #[error("event {expected} is not where it should be")]
    Gap {
        /// The number that should be there.
        expected: u32,
    },
    /// An event does not follow the one before it.
    #[error("event {seq} does not follow the one before it")]
    Link {
        /// Which.
        seq: u32,
    },
    /// An event says something else than when it was written.
    #[error("event {seq} was changed after it was written")]
    Changed {
        /// Which.
        seq: u32,
    },
}

/// The hash of an event: of parts of known lengths, so that no part can grow at the cost of its neighbour.
pub fn hash_of(prev_hash: &str, case_id: &str, seq: u32, at: Timestamp, document: &str) -> String {
    let mut digest = Sha256::new();
    let (seq, at) = (seq.to_be_bytes(), at.as_millisecond().to_be_bytes());
    for part in [prev_hash.as_bytes(), case_id.as_bytes(), &seq, &at, document.as_bytes()] {
        digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(part);
    }
    hex(&digest.finalize())
}

/// Whether the events of a case are all there, in their order, as they were written. That the last ones are missing
/// shows only beside the version that is kept with the case.
///
/// # Errors
/// The first place that does not hold.
pub fn verify_chain(case_id: &str, events: &[CaseEvent]) -> Result<(), ChainFault> {
    let mut prev_hash = GENESIS;
    for (event, expected) in events.iter().zip(1_u32..) {
        if event.seq != expected {
            return Err(ChainFault::Gap { expected });
        }
        if event.prev_hash != prev_hash {
            return Err(ChainFault::Link { seq: event.seq });
        }
        if event.hash != hash_of(prev_hash, case_id, event.seq, event.at, &event.document) {
            return Err(ChainFault::Changed { seq: event.seq });
        }
        prev_hash = &event.hash;
    }
    Ok(())
}

/// Bytes as small hexadecimal letters.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
