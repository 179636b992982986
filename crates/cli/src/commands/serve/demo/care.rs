//! What the demo's customers wrote to the desk, and a call-back that waits.
//!
//! A chat is left out: one whose customer is not there ends within minutes.

use anyhow::bail;
use choba_app::{CallbackOutcome, Caller, OpenCase, RequestCallback};
use choba_care::case::Channel;
use serde_json::json;

use super::shop::{DemoOrder, Shop};
use crate::database::{explained_app, now};

/// Who is called back in the demo.
const NUMBER: &str = "+819012345678";

impl Shop<'_> {
    /// A customer writes to the desk by form; answers the case.
    pub async fn write(
        &self,
        customer: &str,
        (topic, question): (&str, &str),
        about: Option<&DemoOrder>,
        text: &str,
    ) -> anyhow::Result<String> {
        let open = OpenCase {
            topic: topic.to_owned(),
            question: question.to_owned(),
            order_id: about.map(|placed| placed.order_id().to_owned()),
            text: Some(text.to_owned()),
            language: "ja".to_owned(),
            channel: Channel::Form,
            evidence: json!({}),
        };
        let (caller, whose) = (Caller::customer(customer), self.whose(customer));
        let key = self.key("case", customer, question)?;
        let opened =
            self.counter().open_case(&caller, &whose, open, key, now()).await.map_err(explained_app)?;
        Ok(opened.case_id)
    }

    /// A customer asks to be called about something that is answered at any hour.
    pub async fn ask_to_be_called(&self, customer: &str, question: &str) -> anyhow::Result<()> {
        let (counter, whose) = (self.counter(), self.whose(customer));
        let code = counter.ask_number_code(&whose, NUMBER, "demo", now()).await.map_err(explained_app)?;
        let verified = counter.verify_number(&whose, NUMBER, code.reveal(), "demo", now()).await;
        verified.map_err(explained_app)?;
        let request = RequestCallback {
            question: question.to_owned(),
            order_id: None,
            case_id: None,
            number: NUMBER.to_owned(),
            language: "ja".to_owned(),
            call_at: None,
            address: "demo".to_owned(),
            key: format!("demo-call-{customer}"),
            whose,
        };
        match counter.request_callback(request, now()).await.map_err(explained_app)? {
            CallbackOutcome::Requested(_) | CallbackOutcome::AlreadyWaiting(_) => Ok(()),
            CallbackOutcome::NewOffers { .. } => bail!("the demo's customer cannot be called"),
        }
    }
}
