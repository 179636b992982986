//! A machine that makes telephone calls: asked by a signed message, it tells by signed messages how each call goes.
//!
//! Each call has an id of its own, which is the id of the message: a dialler that has seen it makes no second call, however
//! often it is asked. What is asked is void after a time, so that a call is never made when nobody expects it any more.

use std::pin::Pin;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::webhook::WebhookFault;

/// A call to be made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialOrder {
    /// Its id, the same whenever it is asked for.
    pub dial_id: String,
    /// Where, as `+81…`.
    pub number: String,
    /// The agent who is called first and put through, as the desk knows them.
    pub agent: String,
    /// The language of the customer: `ja` or `en`.
    pub language: String,
    /// After this no call may be begun.
    pub void_at: Timestamp,
}

impl std::fmt::Debug for DialOrder {
    /// Never the number: it would be in logs.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("DialOrder").field("dial_id", &self.dial_id).finish_non_exhaustive()
    }
}

/// Why a call is not under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialFault {
    /// The dialler will not make it, however often it is asked.
    #[error("the dialler refuses the call")]
    Refused,
    /// It was not asked, or said that it did nothing: it may be asked again.
    #[error("the dialler cannot be asked now")]
    Later,
    /// It may have been asked; it may be asked again under the same id.
    #[error("the dialler did not answer")]
    Unsure,
}

/// An answer to come.
pub type Dialling<'d> = Pin<Box<dyn Future<Output = Result<(), DialFault>> + Send + 'd>>;

/// Makes calls.
pub trait Dialler: Send + Sync {
    /// Asks for a call, once as far as can be told.
    fn dial<'d>(&'d self, order: &'d DialOrder, at: Timestamp) -> Dialling<'d>;
}

/// What a dialler tells of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialNews {
    /// Of which call.
    pub dial_id: String,
    /// What happened.
    #[serde(flatten)]
    pub what: DialEvent,
}

/// How a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum DialEvent {
    /// It rings.
    #[serde(rename = "dial.ringing")]
    Ringing,
    /// The customer picked up.
    #[serde(rename = "dial.answered")]
    Answered,
    /// Nobody picked up.
    #[serde(rename = "dial.no_answer")]
    NoAnswer,
    /// The line was busy.
    #[serde(rename = "dial.busy")]
    Busy,
    /// It could not be dialled.
    #[serde(rename = "dial.failed")]
    Failed,
    /// The line was lost.
    #[serde(rename = "dial.dropped")]
    Dropped {
        /// How long they talked.
        seconds: u32,
    },
    /// Somebody hung up.
    #[serde(rename = "dial.ended")]
    Ended {
        /// Who.
        by: DialSide,
        /// How long they talked.
        seconds: u32,
    },
    /// What this version has no name for; to be acknowledged and left alone.
    #[serde(rename = "other")]
    Other,
}

/// A side of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialSide {
    /// The customer.
    Customer,
    /// The agent.
    Agent,
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    kind: String,
    data: serde_json::Value,
}

impl DialEvent {
    /// Its kind, as it stands in a message.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Ringing => "dial.ringing",
            Self::Answered => "dial.answered",
            Self::NoAnswer => "dial.no_answer",
            Self::Busy => "dial.busy",
            Self::Failed => "dial.failed",
            Self::Dropped { .. } => "dial.dropped",
            Self::Ended { .. } => "dial.ended",
            Self::Other => "other",
        }
    }
}

impl DialNews {
    /// Reads the body of a verified message: `{"type": …, "data": {"dial_id": …}}`.
    ///
    /// # Errors
    /// [`WebhookFault::Body`] where it is none.
    pub fn read(body: &[u8]) -> Result<Self, WebhookFault> {
        let Envelope { kind, data } = serde_json::from_slice(body).map_err(|_| WebhookFault::Body)?;
        let dial_id = data.get("dial_id").and_then(serde_json::Value::as_str).ok_or(WebhookFault::Body)?;
        let seconds = || data.get("seconds").and_then(serde_json::Value::as_u64).ok_or(WebhookFault::Body);
        let seconds = || seconds().and_then(|seconds| u32::try_from(seconds).map_err(|_| WebhookFault::Body));
        let what = match kind.as_str() {
            "dial.ringing" => DialEvent::Ringing,
            "dial.answered" => DialEvent::Answered,
            "dial.no_answer" => DialEvent::NoAnswer,
            "dial.busy" => DialEvent::Busy,
            "dial.failed" => DialEvent::Failed,
            "dial.dropped" => DialEvent::Dropped { seconds: seconds()? },
            "dial.ended" => {
                let by = match data.get("by").and_then(serde_json::Value::as_str) {
                    Some("customer") => DialSide::Customer,
                    Some("agent") => DialSide::Agent,
                    _ => return Err(WebhookFault::Body),
                };
                DialEvent::Ended { by, seconds: seconds()? }
            }
            _ => DialEvent::Other,
        };
        Ok(Self { dial_id: dial_id.to_owned(), what })
    }

    /// The body of a message, as a dialler sends it.
    pub fn written(&self, at: Timestamp) -> String {
        let mut data = serde_json::json!({ "dial_id": self.dial_id });
        if let DialEvent::Dropped { seconds } | DialEvent::Ended { seconds, .. } = self.what {
            data["seconds"] = seconds.into();
        }
        if let DialEvent::Ended { by, .. } = self.what {
            data["by"] = serde_json::json!(by);
        }
        serde_json::json!({ "type": self.what.kind(), "timestamp": at, "data": data }).to_string()
    }
}

#[cfg(feature = "client")]
mod http {
    use jiff::Timestamp;

    use super::{DialFault, DialOrder, Dialler, Dialling};
    use crate::client::{OutsideFault, PartyFault, Transport, checked_url};
    use crate::hooks::{HookClient, HookMessage, HookOutcome, HookSettings};
    use crate::webhook::WebhookSecret;

    /// A dialler that is asked over HTTP.
    #[derive(Debug)]
    pub struct HttpDialler {
        hooks: HookClient,
        url: String,
        secret: WebhookSecret,
    }

    /// Why no dialler can be asked.
    #[derive(Debug, thiserror::Error)]
    pub enum DiallerFault {
        /// Its address cannot be used.
        #[error(transparent)]
        Address(#[from] PartyFault),
        /// Connections cannot be made ready.
        #[error(transparent)]
        Client(#[from] OutsideFault),
    }

    impl HttpDialler {
        /// A dialler at an address, encrypted unless it is on this machine. It was chosen by whoever runs the service, so
        /// it may be in the network that this program is in.
        ///
        /// # Errors
        /// See [`DiallerFault`].
        pub fn new(url: &str, secret: WebhookSecret) -> Result<Self, DiallerFault> {
            checked_url(&"dialler".into(), url, Transport::Encrypted)?;
            let settings =
                HookSettings { plain_allowed: true, private_allowed: true, ..HookSettings::STRICT };
            Ok(Self { hooks: HookClient::new(settings)?, url: url.to_owned(), secret })
        }

        async fn ask(&self, order: &DialOrder, at: Timestamp) -> Result<(), DialFault> {
            let body = serde_json::json!({ "type": "dial.requested", "timestamp": at, "data": order });
            let (body, timestamp) = (body.to_string(), at.as_second());
            let signature = self.secret.sign(&order.dial_id, timestamp, body.as_bytes());
            let signature = signature.map_err(|_| DialFault::Refused)?;
            let message = HookMessage {
                url: &self.url,
                id: &order.dial_id,
                timestamp,
                signature: &signature,
                body: &body,
            };
            match self.hooks.send(&message).await {
                HookOutcome::Accepted { .. } => Ok(()),
                HookOutcome::Refused { status: 429, .. } => Err(DialFault::Later),
                HookOutcome::Refused { status: 400..=407 | 409..=499, .. } => Err(DialFault::Refused),
                HookOutcome::Failed { fault: "no_connection" } => Err(DialFault::Later),
                HookOutcome::Refused { .. } | HookOutcome::Failed { .. } => Err(DialFault::Unsure),
            }
        }
    }

    impl Dialler for HttpDialler {
        fn dial<'d>(&'d self, order: &'d DialOrder, at: Timestamp) -> Dialling<'d> {
            Box::pin(self.ask(order, at))
        }
    }
}

#[cfg(feature = "client")]
pub use http::{DiallerFault, HttpDialler};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_are_read_as_they_are_written_and_unknown_ones_are_no_fault() {
        let at = "2026-11-24T10:00:00+09:00".parse().unwrap();
        for what in [
            DialEvent::Ringing,
            DialEvent::Answered,
            DialEvent::NoAnswer,
            DialEvent::Busy,
            DialEvent::Failed,
            DialEvent::Dropped { seconds: 7 },
            DialEvent::Ended { by: DialSide::Agent, seconds: 90 },
        ] {
            let news = DialNews { dial_id: "dial_1".to_owned(), what };
            assert_eq!(DialNews::read(news.written(at).as_bytes()), Ok(news));
        }
        let later = br#"{"type": "dial.transferred", "data": {"dial_id": "dial_1"}}"#;
        assert_eq!(DialNews::read(later).unwrap().what, DialEvent::Other);
    }

    #[test]
    fn what_is_no_news_is_refused() {
        for body in [
            &b"{}"[..],
            br#"{"type": "dial.busy", "data": {}}"#,
            br#"{"type": "dial.dropped", "data": {"dial_id": "d"}}"#,
            br#"{"type": "dial.dropped", "data": {"dial_id": "d", "seconds": -1}}"#,
            br#"{"type": "dial.ended", "data": {"dial_id": "d", "seconds": 1, "by": "nobody"}}"#,
        ] {
            assert_eq!(DialNews::read(body), Err(WebhookFault::Body));
        }
    }

    #[test]
    fn a_number_is_never_shown() {
        let order = DialOrder {
            dial_id: "dial_1".to_owned(),
            number: "+819012345678".to_owned(),
            agent: "staff:aki".to_owned(),
            language: "ja".to_owned(),
            void_at: Timestamp::UNIX_EPOCH,
        };
        assert!(!format!("{order:?}").contains("1234"));
    }
}
