//! A dialler for tests: it answers as it is told, and remembers what it was asked.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use choba_app::{AppError, Counter, Heard};
use choba_outside::dialler::{DialEvent, DialFault, DialNews, DialOrder, Dialler, Dialling};
use choba_outside::webhook::{WebhookHeaders, WebhookSecret};
use jiff::Timestamp;
use tokio::sync::Notify;

/// What it does when it is asked next.
#[derive(Clone, Copy, Debug)]
pub enum Asked {
    /// It answers so.
    Answer(Result<(), DialFault>),
    /// Whoever asks never hears anything.
    Silence,
}

/// A dialler for tests.
#[derive(Default)]
pub struct TestDialler {
    next: Mutex<VecDeque<Asked>>,
    orders: Mutex<Vec<DialOrder>>,
    pub asked: Notify,
}

impl TestDialler {
    pub fn next(&self, asked: &[Asked]) {
        self.next.lock().unwrap_or_else(PoisonError::into_inner).extend(asked);
    }

    /// All that was asked, in order.
    pub fn orders(&self) -> Vec<DialOrder> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The telephones that rang: a call for each id, however often it was asked for.
    pub fn calls(&self) -> usize {
        self.orders().iter().map(|order| order.dial_id.clone()).collect::<BTreeSet<_>>().len()
    }
}

impl Dialler for TestDialler {
    fn dial<'d>(&'d self, order: &'d DialOrder, _: Timestamp) -> Dialling<'d> {
        let next = self.next.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).push(order.clone());
        self.asked.notify_one();
        Box::pin(async move {
            match next.unwrap_or(Asked::Answer(Ok(()))) {
                Asked::Answer(answer) => answer,
                Asked::Silence => std::future::pending().await,
            }
        })
    }
}

pub fn dialler_secret() -> WebhookSecret {
    WebhookSecret::read(&WebhookSecret::text_of(&[7; 32])).unwrap()
}

/// The dialler tells how a call goes.
pub async fn told(
    counter: &Counter,
    dial_id: &str,
    what: DialEvent,
    at: Timestamp,
) -> Result<Heard, AppError> {
    let body = DialNews { dial_id: dial_id.to_owned(), what }.written(at);
    let (secret, timestamp) = (dialler_secret(), at.as_second().to_string());
    let signature = secret.sign("msg_1", at.as_second(), body.as_bytes()).unwrap();
    let headers = WebhookHeaders { id: "msg_1", timestamp: &timestamp, signature: &signature };
    counter.hear_dialler(std::slice::from_ref(&secret), headers, body.as_bytes(), at).await
}
