//! A writer: takes what has gathered, commits it in one transaction, answers, and takes again.
//!
//! There are no timers. While batches are being committed the next one gathers, so batches are as large as the
//! load makes them. Writers share one queue: where each had its own, fewer gathered for it.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::batch::Batch;
use super::error::{Fault, StoreError};
use super::metrics::Metrics;
use super::patience::delays;
use super::queue::Queue;
use super::session::Session;
use super::topics::Topics;
use super::work::Queued;

/// How often a work may ask for further reads.
const FURTHER_READS_MAX: usize = 8;
/// How often a work that others are in the way of is repeated. Each time may take the whole lock timeout.
const CONTENDED_MAX: usize = 3;

/// A writer with its connection.
pub(super) struct Writer<S> {
    pub session: S,
    pub queue: Arc<Queue<Box<dyn Queued>>>,
    pub metrics: Arc<Metrics>,
    pub topics: Arc<Topics>,
    pub batch_max: usize,
    pub patience: Duration,
    /// Whether the database answered the last time. While it does not, nobody is kept waiting for it.
    pub reachable: bool,
}

impl<S> Drop for Writer<S> {
    /// Where the writer itself is at fault, nobody waits for ever.
    fn drop(&mut self) {
        self.queue.close();
        while let Some(mut taken) = self.queue.take(self.batch_max) {
            Batch::new(taken.items()).finish(&Err(StoreError::Closed));
        }
    }
}

impl<S: Session> Writer<S> {
    /// Works until the queue is closed and empty.
    pub fn run(mut self) {
        let queue = Arc::clone(&self.queue);
        while let Some(mut taken) = queue.take(self.batch_max) {
            self.settle(Batch::new(taken.items()));
        }
        self.session.close();
    }

    /// Commits and answers a batch. If one of its works is at fault, they are committed one by one.
    fn settle(&mut self, mut batch: Batch) {
        match self.commit(&mut batch) {
            Err(Fault::Refused(_) | Fault::Contended(_)) if batch.len() > 1 => {
                batch.apart().for_each(|single| self.settle(single));
            }
            outcome => {
                self.metrics.answered(batch.len());
                batch.finish(&outcome.map_err(Into::into));
            }
        }
    }

    /// Attempts a batch, and again while that may help.
    fn commit(&mut self, batch: &mut Batch) -> Result<(), Fault> {
        let patience = if self.reachable { self.patience } else { Duration::ZERO };
        let mut delays = delays(patience);
        let mut contended: usize = 0;
        loop {
            let Err(fault) = self.attempt(batch) else { return Ok(()) };
            self.session.roll_back();
            self.reachable = !matches!(fault, Fault::Lost(_));
            contended = contended.saturating_add(usize::from(matches!(fault, Fault::Contended(_))));
            let repeatable = match fault {
                Fault::Lost(_) => true,
                Fault::Contended(_) => batch.len() == 1 && contended <= CONTENDED_MAX,
                Fault::Unable(_) | Fault::Refused(_) => false,
            };
            let Some(delay) = delays.next().filter(|_| repeatable) else { return Err(fault) };
            self.metrics.retry();
            thread::sleep(delay);
        }
    }

    /// One transaction: locks and reads, decisions, writes, commit.
    fn attempt(&mut self, batch: &mut Batch) -> Result<(), Fault> {
        let questions = batch.questions();
        if !batch.has_work() {
            return Ok(());
        }
        self.metrics.batch(batch.len());
        let results = self.session.begin(&questions.groups)?;
        self.reachable = true;
        batch.answer(&questions, results)?;
        self.decide(batch)?;
        let writes = batch.writes();
        if writes.is_empty() {
            // What only locked needs no durable commit.
            self.session.roll_back();
            return Ok(());
        }
        // A single work's fault is told to its caller, so it has to name the write.
        if batch.len() == 1 || !self.session.write_and_commit(&writes)? {
            self.session.write(&writes)?;
            self.session.commit()?;
        }
        let announced = writes.iter().filter_map(|group| group.statement.announces);
        announced.for_each(|topic| self.topics.announce(topic));
        Ok(())
    }

    fn decide(&mut self, batch: &mut Batch) -> Result<(), Fault> {
        for _ in 0..FURTHER_READS_MAX {
            let further = batch.decide();
            if further.is_empty() {
                return Ok(());
            }
            let results = self.session.read(&further.groups)?;
            batch.answer(&further, results)?;
        }
        batch.decide();
        batch.stop_reading();
        Ok(())
    }
}
