//! Works for the odd cases.

use std::sync::mpsc;

use choba_store::sql::{Decided, Read, Row, Store, StoreError, Work};
use tokio::sync::oneshot;

type Decision<A> = Box<dyn FnMut(&[Vec<Row>]) -> Result<Decided<A>, StoreError> + Send>;

/// A work made of its parts.
pub struct Parts<A> {
    key: String,
    reads: Vec<Read>,
    decide: Decision<A>,
}

impl<A: Send + 'static> Parts<A> {
    pub fn new(
        key: &str,
        reads: Vec<Read>,
        decide: impl FnMut(&[Vec<Row>]) -> Result<Decided<A>, StoreError> + Send + 'static,
    ) -> Self {
        Self { key: key.to_owned(), reads, decide: Box::new(decide) }
    }
}

impl<A: Send + 'static> Work for Parts<A> {
    type Answer = A;

    fn key(&self) -> &str {
        &self.key
    }

    fn reads(&self) -> Vec<Read> {
        self.reads.clone()
    }

    fn decide(&mut self, rows: &[Vec<Row>]) -> Result<Decided<A>, StoreError> {
        (self.decide)(rows)
    }
}

/// The writer is held up until this is dropped, so that what is submitted meanwhile is one batch.
pub struct Held {
    _release: mpsc::Sender<()>,
}

/// Holds the writer up, and returns once it is.
pub async fn hold(store: &Store) -> Held {
    let (release, released) = mpsc::channel::<()>();
    let (reached, holding) = oneshot::channel();
    let mut reached = Some(reached);
    let work = Parts::new("held", Vec::new(), move |_| {
        reached.take().into_iter().for_each(|reached| reached.send(()).unwrap());
        // Ends with an error when the other end is dropped.
        let _ = released.recv();
        Ok(Decided::Nothing(()))
    });
    store.submit(work, |_| ());
    holding.await.unwrap();
    Held { _release: release }
}

/// Submits works while the writer is held up, so that they are one batch, and waits for all answers.
pub async fn together<W: Work>(store: &Store, works: Vec<W>) -> Vec<Result<W::Answer, StoreError>> {
    let held = hold(store).await;
    let mut answers = Vec::new();
    for work in works {
        let (sender, receiver) = oneshot::channel();
        store.submit(work, move |answer| drop(sender.send(answer)));
        answers.push(receiver);
    }
    drop(held);
    let mut received = Vec::new();
    for answer in answers {
        received.push(answer.await.unwrap());
    }
    received
}
