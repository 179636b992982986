//! Waiting for several answers at once.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A statement on its way.
pub(super) type Sent<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Waits for all. Each is polled in the order given, and a statement is sent when it is first polled: so all
/// are sent before the first answer, and in this order, which locks rely on.
pub(super) async fn in_order<T>(mut sent: Vec<Sent<'_, T>>) -> Vec<T> {
    let mut answers: Vec<Option<T>> = sent.iter().map(|_| None).collect();
    poll_fn(|context| poll_all(&mut sent, &mut answers, context)).await;
    answers.into_iter().flatten().collect()
}

fn poll_all<T>(sent: &mut [Sent<'_, T>], answers: &mut [Option<T>], context: &mut Context<'_>) -> Poll<()> {
    let mut all = Poll::Ready(());
    for (future, answer) in sent.iter_mut().zip(answers).filter(|(_, answer)| answer.is_none()) {
        match future.as_mut().poll(context) {
            Poll::Ready(ready) => *answer = Some(ready),
            Poll::Pending => all = Poll::Pending,
        }
    }
    all
}
