//! What the demo's customers wrote to the desk.
//!
//! Nobody waits for a call or in a chat: whoever tries the desk out begins these as a customer, and a chat whose customer
//! is not there ends within minutes.

use choba_app::{Caller, OpenCase};
use choba_care::case::Channel;
use serde_json::json;

use super::shop::{DemoOrder, Shop};
use crate::database::{explained_app, now};

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
}
