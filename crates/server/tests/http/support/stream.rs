//! Streams of server-sent events, read event by event.

use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use serde_json::Value;
use tokio_stream::StreamExt as _;
use tower::ServiceExt as _;

use super::Bench;

/// An event of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    pub id: Option<String>,
    pub event: String,
    pub data: String,
}

impl Sent {
    /// Reads an event from its lines; nothing for a comment.
    pub fn read(text: &str) -> Option<Self> {
        let mut sent = Self::default();
        for line in text.lines() {
            match line.split_once(": ") {
                Some(("id", id)) => sent.id = Some(id.to_owned()),
                Some(("event", event)) => sent.event = event.to_owned(),
                Some(("data", data)) => sent.data.push_str(data),
                _ => {}
            }
        }
        (!sent.event.is_empty()).then_some(sent)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap()
    }
}

/// A stream under way.
pub struct Stream {
    body: BodyDataStream,
    pub text: String,
}

impl Stream {
    /// Opens one as someone, after the event that was last seen.
    pub async fn open(bench: &Bench, who: &str, path: &str, last: Option<&str>) -> Self {
        let mut request = Request::builder().uri(path).header("authorization", format!("Bearer {who}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = bench.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The next event; nothing at the end.
    pub async fn next(&mut self) -> Option<Sent> {
        loop {
            if let Some((event, after)) = self.text.split_once("\n\n") {
                let (event, after) = (event.to_owned(), after.to_owned());
                self.text = after;
                match Sent::read(&event) {
                    Some(sent) => return Some(sent),
                    None => continue,
                }
            }
            let chunk = self.body.next().await?.unwrap();
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}
