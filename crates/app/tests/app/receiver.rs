//! A real server that receives webhooks and answers as it is told.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use choba_outside::webhook::{WebhookHeaders, WebhookSecret, verify_webhook};
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;

/// A message as it came.
#[derive(Clone)]
pub struct Came {
    pub id: String,
    pub timestamp: String,
    pub signature: String,
    pub body: String,
}

impl Came {
    /// The type of the event in it.
    pub fn kind(&self) -> String {
        let json: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        json["type"].as_str().unwrap().to_owned()
    }

    /// Whether it is signed with a secret and was sent at a time.
    pub fn is_signed_with(&self, secret: &str, at: Timestamp) -> bool {
        let secrets = [WebhookSecret::read(secret).unwrap()];
        let headers = WebhookHeaders { id: &self.id, timestamp: &self.timestamp, signature: &self.signature };
        let tolerance = SignedDuration::from_secs(60);
        verify_webhook(&secrets, headers, self.body.as_bytes(), at, tolerance).is_ok()
    }
}

#[derive(Default)]
struct Inner {
    came: Mutex<Vec<Came>>,
    answers: Mutex<VecDeque<u16>>,
}

/// The server.
pub struct Receiver {
    inner: Arc<Inner>,
    address: SocketAddr,
}

impl Receiver {
    pub async fn start() -> Self {
        let inner = Arc::new(Inner::default());
        let router = Router::new().route("/", post(receive)).with_state(Arc::clone(&inner));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { inner, address }
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The next messages are answered with these; 0 is no answer in time. Then with 204.
    pub fn answer(&self, answers: &[u16]) {
        self.inner.answers.lock().unwrap().extend(answers);
    }

    /// What came since this was last asked.
    pub fn came(&self) -> Vec<Came> {
        std::mem::take(&mut *self.inner.came.lock().unwrap())
    }
}

async fn receive(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    inner.came.lock().unwrap().push(Came {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    let answer = inner.answers.lock().unwrap().pop_front().unwrap_or(204);
    match answer {
        0 => std::future::pending().await,
        status => StatusCode::from_u16(status).unwrap().into_response(),
    }
}
