//! An issuer's server of keys, on this machine.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde_json::Value;
use tokio::task::JoinHandle;

#[derive(Clone)]
enum Answer {
    Text(String),
    Fail,
    Redirect,
}

/// A server that counts how often it is asked.
pub struct KeyServer {
    port: u16,
    answer: Arc<Mutex<Answer>>,
    asked: Arc<AtomicUsize>,
    running: JoinHandle<()>,
}

impl KeyServer {
    /// Starts to answer with these keys.
    pub async fn start(keys: Value) -> Self {
        let answer = Arc::new(Mutex::new(Answer::Text(keys.to_string())));
        let asked = Arc::new(AtomicUsize::new(0));
        let (told, counted) = (Arc::clone(&answer), Arc::clone(&asked));
        let keys = get(async move || -> Response {
            counted.fetch_add(1, Ordering::SeqCst);
            match told.lock().unwrap().clone() {
                Answer::Text(text) => text.into_response(),
                Answer::Fail => StatusCode::BAD_GATEWAY.into_response(),
                Answer::Redirect => Redirect::temporary("/elsewhere").into_response(),
            }
        });
        let good = serde_json::json!({ "keys": [super::Forger::ed(1).public("one")] }).to_string();
        let elsewhere = get(async move || good);
        let router = Router::new().route("/keys", keys).route("/elsewhere", elsewhere);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let running = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, answer, asked, running }
    }

    /// Where it is asked.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/keys", self.port)
    }

    /// How often it was.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Answers with these keys from now on.
    pub fn answers(&self, keys: Value) {
        self.answers_text(keys.to_string());
    }

    /// Answers with this from now on.
    pub fn answers_text(&self, text: String) {
        *self.answer.lock().unwrap() = Answer::Text(text);
    }

    /// Fails from now on.
    pub fn fails(&self) {
        *self.answer.lock().unwrap() = Answer::Fail;
    }

    /// Sends those who ask elsewhere from now on.
    pub fn redirects(&self) {
        *self.answer.lock().unwrap() = Answer::Redirect;
    }
}

impl Drop for KeyServer {
    fn drop(&mut self) {
        self.running.abort();
    }
}
