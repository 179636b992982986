//! `/dialler`: a dialler whose calls go as a script says. It keeps nothing through a restart.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::HeaderMap;
use jiff::SignedDuration;
use reqwest::{Client, redirect, retry};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::problem::Problem;
use super::{Clock, SandboxFault};
use crate::client::{Transport, checked_url};
use crate::dialler::{DialEvent, DialNews, DialOrder, DialSide};
use crate::webhook::{
    HEADER_ID, HEADER_SIGNATURE, HEADER_TIMESTAMP, WebhookHeaders, WebhookSecret, verify_webhook,
};

/// A request signed longer ago is not trusted.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(300);

/// After so many tries a message is given up.
const TRIES_MAX: u32 = 8;

/// For an answer of the shop.
const PATIENCE: Duration = Duration::from_secs(5);

/// A dialler to be played.
#[derive(Clone, Debug)]
pub struct DiallerPlay {
    /// Where the shop hears of calls.
    pub url: String,
    /// With which both sides sign.
    pub secret: WebhookSecret,
    /// How long a second of a call takes.
    pub pace: Duration,
}

/// How a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialAct {
    /// The customer answers and talks for so long, then the agent hangs up; for a minute where nothing is said.
    Answer,
    /// Nobody answers.
    NoAnswer,
    /// The line is busy.
    Busy,
    /// It cannot be dialled.
    Fail,
    /// The customer answers, and after so many seconds the line is lost.
    DropAfter(u32),
    /// The customer answers and hangs up after so many seconds.
    HangUpAfter(u32),
}

impl DialAct {
    /// What is told, each after so many seconds.
    fn told(self) -> Vec<(u32, DialEvent)> {
        use DialEvent::{Answered, Busy, Dropped, Ended, Failed, NoAnswer, Ringing};
        match self {
            Self::Answer => {
                vec![(0, Ringing), (3, Answered), (60, Ended { by: DialSide::Agent, seconds: 60 })]
            }
            Self::NoAnswer => vec![(0, Ringing), (20, NoAnswer)],
            Self::Busy => vec![(1, Busy)],
            Self::Fail => vec![(0, Failed)],
            Self::DropAfter(seconds) => {
                vec![(0, Ringing), (3, Answered), (seconds, Dropped { seconds })]
            }
            Self::HangUpAfter(seconds) => {
                let ended = Ended { by: DialSide::Customer, seconds };
                vec![(0, Ringing), (3, Answered), (seconds, ended)]
            }
        }
    }
}

/// A call that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Dialled {
    dial_id: String,
    agent: String,
    act: DialAct,
    /// How often it was asked for.
    asked: u32,
    /// What the shop has heard of it, in order.
    told: Vec<&'static str>,
}

struct Room {
    script: VecDeque<DialAct>,
    dialled: BTreeMap<String, Dialled>,
    calls: JoinSet<()>,
}

/// A dialler that is played.
pub(super) struct PlayedDialler {
    play: DiallerPlay,
    clock: Clock,
    client: Client,
    room: Mutex<Room>,
}

impl PlayedDialler {
    pub(super) fn new(play: DiallerPlay, clock: Clock) -> Result<Self, SandboxFault> {
        checked_url(&"dialler".into(), &play.url, Transport::Encrypted)
            .map_err(|fault| SandboxFault::Webhook(fault.to_string()))?;
        // Ring is the only provider here; whoever was first has installed the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = || {
            let builder = Client::builder().no_proxy().redirect(redirect::Policy::none());
            builder.retry(retry::never()).timeout(PATIENCE)
        };
        // A machine without certificates can still send to itself.
        let client = builder().build().or_else(|_| builder().tls_certs_only([]).build());
        let client = client.map_err(|error| SandboxFault::Webhook(error.to_string()))?;
        let room = Room { script: VecDeque::new(), dialled: BTreeMap::new(), calls: JoinSet::new() };
        Ok(Self { play, clock, client, room: Mutex::new(room) })
    }

    /// How the next calls go, one after the other; customers answer where nothing is said.
    pub(super) fn follow(&self, script: Vec<DialAct>) {
        self.room().script = script.into();
    }

    /// All calls that were made.
    pub(super) fn shown(&self) -> Value {
        let room = self.room();
        json!({ "script": room.script, "dials": room.dialled.values().collect::<Vec<_>>() })
    }

    /// Makes a call, once for each id.
    pub(super) fn dial(self: &Arc<Self>, headers: &HeaderMap, body: &[u8]) -> Result<(), Problem> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let signed = WebhookHeaders {
            id: header(HEADER_ID),
            timestamp: header(HEADER_TIMESTAMP),
            signature: header(HEADER_SIGNATURE),
        };
        let secrets = std::slice::from_ref(&self.play.secret);
        verify_webhook(secrets, signed, body, (self.clock)(), TOLERANCE)
            .map_err(|_| Problem::Unauthorised)?;
        let order = order_in(body)?;
        if order.dial_id != signed.id {
            return Err(Problem::Body("the id of the message is not that of the call".to_owned()));
        }
        let mut room = self.room();
        if let Some(known) = room.dialled.get_mut(&order.dial_id) {
            known.asked += 1;
            return Ok(());
        }
        if order.void_at <= (self.clock)() {
            return Err(Problem::Body("it is too late for this call".to_owned()));
        }
        let act = room.script.pop_front().unwrap_or(DialAct::Answer);
        let dialled =
            Dialled { dial_id: order.dial_id.clone(), agent: order.agent, act, asked: 1, told: Vec::new() };
        room.dialled.insert(order.dial_id.clone(), dialled);
        let dialler = Arc::clone(self);
        room.calls.spawn(async move { dialler.call(order.dial_id, act).await });
        Ok(())
    }

    async fn call(&self, dial_id: String, act: DialAct) {
        for (seconds, what) in act.told() {
            sleep(self.play.pace.saturating_mul(seconds)).await;
            let news = DialNews { dial_id: dial_id.clone(), what };
            if !self.tell(&news).await {
                return;
            }
            if let Some(dialled) = self.room().dialled.get_mut(&dial_id) {
                dialled.told.push(what.kind());
            }
        }
    }

    async fn tell(&self, news: &DialNews) -> bool {
        let id = format!("{}_{}", news.dial_id, news.what.kind().trim_start_matches("dial."));
        for attempt in 0..TRIES_MAX {
            if self.try_to_tell(&id, news).await {
                return true;
            }
            sleep(Duration::from_millis(250).saturating_mul(1 << attempt)).await;
        }
        false
    }

    async fn try_to_tell(&self, id: &str, news: &DialNews) -> bool {
        let now = (self.clock)();
        let body = news.written(now);
        let Ok(signature) = self.play.secret.sign(id, now.as_second(), body.as_bytes()) else { return false };
        let request = self.client.post(&self.play.url).header("content-type", "application/json");
        let request = request.header(HEADER_ID, id).header(HEADER_TIMESTAMP, now.as_second());
        let answer = request.header(HEADER_SIGNATURE, signature).body(body).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn order_in(body: &[u8]) -> Result<DialOrder, Problem> {
    #[derive(Deserialize)]
    struct Asked {
        data: DialOrder,
    }
    let asked: Asked = serde_json::from_slice(body).map_err(|fault| Problem::Body(fault.to_string()))?;
    Ok(asked.data)
}

/// `PUT /control/dialler` with a script, `GET` what was dialled.
pub(super) fn script_in(body: &Bytes) -> Result<Vec<DialAct>, Problem> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Script {
        script: Vec<DialAct>,
    }
    let read: Result<Script, _> = serde_json::from_slice(body);
    Ok(read.map_err(|fault| Problem::Body(fault.to_string()))?.script)
}
