//! A work on rows of its own: made where there are none, locked, decided about, written.

use crate::sql::{self, Read, Row, Store, StoreError, Work, Write};

/// What a decision about locked rows comes to: what is to be written, and the answer.
pub(super) type Written<A> = (Vec<Write>, A);

pub(super) struct Locked<F> {
    pub key: String,
    /// Reads that make or lock rows, by the order of their statements.
    pub locks: Vec<Read>,
    /// Gets the rows of each lock. It may be called more than once, from the start.
    pub decide: F,
}

impl<A, F> Work for Locked<F>
where
    A: Send + 'static,
    F: FnMut(&[Vec<Row>]) -> Result<Written<A>, StoreError> + Send + 'static,
{
    type Answer = A;

    fn key(&self) -> &str {
        &self.key
    }

    fn locks(&self) -> Vec<Read> {
        self.locks.clone()
    }

    fn reads(&self) -> Vec<Read> {
        Vec::new()
    }

    fn decide(&mut self, rows: &[Vec<Row>]) -> Result<sql::Decided<A>, StoreError> {
        let (writes, answer) = (self.decide)(rows)?;
        Ok(if writes.is_empty() {
            sql::Decided::Nothing(answer)
        } else {
            sql::Decided::Write(writes, answer)
        })
    }
}

/// Writes rows that need nothing to be read.
///
/// # Errors
/// See [`StoreError`].
pub async fn write_together(store: &Store, key: &str, writes: Vec<Write>) -> Result<(), StoreError> {
    let decide = move |_: &[Vec<Row>]| Ok((writes.clone(), ()));
    store.perform(Locked { key: key.to_owned(), locks: Vec::new(), decide }).await
}
