//! The desk, for tests about call-backs.

use choba_app::{
    AppError, AtTheDesk, CallReport, CallbackCard, CallbackOutcome, Counter, OwnCallback, RequestCallback,
    Whose,
};
use jiff::Timestamp;

use super::Bench;

/// A request of a customer for a number, as soon as possible.
pub fn request(whose: &Whose, number: &str, key: &str) -> RequestCallback {
    RequestCallback {
        whose: whose.clone(),
        question: "other".to_owned(),
        order_id: None,
        case_id: None,
        number: number.to_owned(),
        language: "ja".to_owned(),
        call_at: None,
        address: "192.0.2.1".to_owned(),
        key: key.to_owned(),
    }
}

/// Says that an agent is at a desk of `rakuten-style`.
pub async fn be_there(counter: &Counter, agent: &str, queues: &[&str], at: Timestamp) {
    let desk = AtTheDesk {
        market: "rakuten-style".to_owned(),
        agent: agent.to_owned(),
        queues: queues.iter().map(|queue| (*queue).to_owned()).collect(),
        ready: true,
        calls: true,
        chats_max: 3,
    };
    counter.be_at_the_desk(desk, at).await.unwrap();
}

impl Bench {
    /// Verifies a number with the code that is sent to it.
    pub async fn verify(&self, whose: &Whose, number: &str, at: Timestamp) {
        let code = self.counter.ask_number_code(whose, number, "192.0.2.1", at).await.unwrap();
        self.counter.verify_number(whose, number, code.reveal(), "192.0.2.1", at).await.unwrap();
    }

    /// Asks to be called, and insists that it is possible.
    pub async fn call_me(&self, whose: &Whose, number: &str, key: &str, at: Timestamp) -> OwnCallback {
        match self.counter.request_callback(request(whose, number, key), at).await.unwrap() {
            CallbackOutcome::Requested(own) => *own,
            other => panic!("expected a call-back, found {other:?}"),
        }
    }

    /// The next call-back of an agent.
    pub async fn next(&self, agent: &str, at: Timestamp) -> Option<CallbackCard> {
        self.counter.next_callback("rakuten-style", agent, at).await.unwrap()
    }

    /// An agent takes what they are offered.
    pub async fn accept(&self, agent: &str, id: &str, at: Timestamp) -> Result<CallbackCard, AppError> {
        self.counter.accept_callback("rakuten-style", agent, id, at).await
    }

    /// An agent reports.
    pub async fn report(
        &self,
        agent: &str,
        id: &str,
        report: CallReport,
        at: Timestamp,
    ) -> Result<CallbackCard, AppError> {
        self.counter.report_call("rakuten-style", agent, id, report, at).await
    }
}
