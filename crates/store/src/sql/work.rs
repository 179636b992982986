//! Load, decide, commit: what a caller wants done for one customer.

use super::error::StoreError;
use super::row::Row;
use super::statement::{Read, Write};

/// What a work decides.
#[derive(Debug)]
pub enum Decided<A> {
    /// These are to be written; once they are durable, the answer is given.
    Write(Vec<Write>, A),
    /// More has to be read first. Costs another round trip, and at most eight times.
    ReadMore(Vec<Read>),
    /// Nothing is to be written.
    Nothing(A),
}

/// Something to be done for one customer: what to lock and read, and a pure decision of what to write.
///
/// **A work may be decided more than once**, from the start: when a batch is repeated because another work in
/// it failed, or because the connection was lost. In the second case the first commit may have succeeded
/// without our having heard of it. So each work that must not be done twice reads its own record of having been
/// done (its idempotency key) and writes it together with what it protects; then a repetition finds the
/// record and answers with what was done.
///
/// Works of one key are decided strictly one after the other, in the order in which they were submitted. In
/// one process the store sees to it; between processes the locks do: what is read after a lock is what was
/// committed before the lock was got.
pub trait Work: Send + 'static {
    /// What the caller gets.
    type Answer: Send + 'static;

    /// The customer. At most one work of a key is in a transaction at a time.
    fn key(&self) -> &str;

    /// Run before all reads, by the order of their statements, and within a statement by key. A statement that
    /// inserts the row which the next one locks may be among them.
    fn locks(&self) -> Vec<Read> {
        Vec::new()
    }

    /// What the decision needs.
    fn reads(&self) -> Vec<Read>;

    /// Decides. `rows[i]` are the results of the i-th read: first the locks, then the reads, then those asked
    /// for with [`Decided::ReadMore`]. A panic is answered with [`StoreError::Defect`].
    ///
    /// # Errors
    /// What the caller is answered instead; nothing is written.
    fn decide(&mut self, rows: &[Vec<Row>]) -> Result<Decided<Self::Answer>, StoreError>;
}

/// A work of any answer, as it stands in the queue.
pub(super) trait Queued: Send {
    fn key(&self) -> &str;
    fn locks(&self) -> Vec<Read>;
    fn reads(&self) -> Vec<Read>;
    fn decide(&mut self, rows: &[Vec<Row>]) -> Result<Step, StoreError>;
    /// Called once, after the commit or with the error.
    fn answer(self: Box<Self>, outcome: Result<(), StoreError>);
}

/// What is next for a work in a batch.
#[derive(Debug)]
pub(super) enum Step {
    Write(Vec<Write>),
    ReadMore(Vec<Read>),
}

/// A work with whom to answer, and the answer that waits for the commit.
pub(super) struct Asked<W: Work, F> {
    work: W,
    decided: Option<W::Answer>,
    reply: F,
}

impl<W: Work, F> Asked<W, F> {
    pub fn new(work: W, reply: F) -> Self {
        Self { work, decided: None, reply }
    }
}

impl<W: Work, F: FnOnce(Result<W::Answer, StoreError>) + Send> Queued for Asked<W, F> {
    fn key(&self) -> &str {
        self.work.key()
    }

    fn locks(&self) -> Vec<Read> {
        self.work.locks()
    }

    fn reads(&self) -> Vec<Read> {
        self.work.reads()
    }

    fn decide(&mut self, rows: &[Vec<Row>]) -> Result<Step, StoreError> {
        let (writes, answer) = match self.work.decide(rows)? {
            Decided::ReadMore(reads) => return Ok(Step::ReadMore(reads)),
            Decided::Write(writes, answer) => (writes, answer),
            Decided::Nothing(answer) => (Vec::new(), answer),
        };
        self.decided = Some(answer);
        Ok(Step::Write(writes))
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreError>) {
        let undecided =
            || StoreError::Defect { reason: "a work was answered before it had decided".to_owned() };
        let Self { decided, reply, .. } = *self;
        reply(outcome.and_then(|()| decided.ok_or_else(undecided)));
    }
}
