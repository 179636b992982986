//! What those who wait in this process hear of: that something of a topic was committed, not what.
//!
//! Other processes are not told. Whoever waits for what they may have written looks by itself from time to time.

use tokio::sync::watch;

/// How many topics there may be.
const TOPICS: usize = 4;

/// Something that can be waited for, by a number from 0 to 3 that the program gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic(pub usize);

/// How often something was committed of each topic.
#[derive(Debug)]
pub(super) struct Topics {
    counts: [watch::Sender<u64>; TOPICS],
}

impl Default for Topics {
    fn default() -> Self {
        Self { counts: std::array::from_fn(|_| watch::Sender::new(0)) }
    }
}

impl Topics {
    pub fn announce(&self, topic: Topic) {
        if let Some(count) = self.counts.get(topic.0) {
            count.send_modify(|count| *count = count.wrapping_add(1));
        }
    }

    /// Nothing where there is no such topic.
    pub fn listen(&self, topic: Topic) -> Option<watch::Receiver<u64>> {
        self.counts.get(topic.0).map(watch::Sender::subscribe)
    }
}
