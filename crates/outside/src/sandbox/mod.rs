//! A server that plays the outside parties: a card provider and partner programs.
//!
//! It is a real server with real books, so that a shop meets here what it will meet outside: money that adds up, keys
//! that are answered once, and every way in which an answer can be lost. `/card` is the card provider,
//! `/partners/<program>` a program, `/dialler` a machine that calls customers, `/control` the hands of whoever tests. The clock and all that is random come from
//! who starts it.

mod control;
mod deliver;
mod desk;
mod dialler;
mod fault;
mod journal;
mod party;
mod problem;
mod serve;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::books::{BookOptions, Role};
use crate::client::{Transport, checked_url};
use crate::secret::Secret;
use crate::webhook::WebhookSecret;
use desk::Desk;
pub use dialler::{DialAct, DiallerPlay};
pub use fault::{Fault, FaultKind, Matching};
pub use journal::JournalFault;
pub use problem::Problem;

/// Where the time comes from.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Who is told of each request.
pub type RequestLog = Arc<dyn Fn(&RequestLine) + Send + Sync>;

/// One request, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RequestLine {
    /// Such as `POST`.
    pub method: String,
    /// The path, in which members and things are named.
    pub path: String,
    /// The status; `None` where the connection was closed without an answer.
    pub status: Option<u16>,
    /// The fault that was played.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<FaultKind>,
}

/// Where the card provider's messages go.
#[derive(Clone, Debug)]
pub struct WebhookTarget {
    /// The shop's address for them.
    pub url: String,
    /// With which they are signed.
    pub secret: WebhookSecret,
}

/// What callers must bring, by kind of party.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// For `/card`.
    pub card: Secret,
    /// For `/partners/…`, the same for all programs.
    pub partners: Secret,
    /// For `/control`.
    pub control: Secret,
}

/// How a sandbox is started.
#[derive(Clone)]
pub struct SandboxOptions {
    /// What holds for the books; what a state file says goes before it.
    pub books: BookOptions,
    /// Where the time comes from.
    pub clock: Clock,
    /// What callers must bring.
    pub tokens: Tokens,
    /// Keeps the books through a restart.
    pub state_file: Option<PathBuf>,
    /// How late answers to `tok_slow` and `mbr_slow` are.
    pub slow: Duration,
    /// Where messages go; without it they wait.
    pub webhook: Option<WebhookTarget>,
    /// The wait before a message is sent again; it doubles.
    pub webhook_pause: Duration,
    /// The dialler that is played; without it there is none.
    pub dialler: Option<DiallerPlay>,
    /// Who is told of each request.
    pub log: Option<RequestLog>,
}

impl SandboxOptions {
    /// A sandbox with the same token everywhere and everything else as usual.
    pub fn new(clock: Clock, token: &str) -> Self {
        let tokens = Tokens { card: token.into(), partners: token.into(), control: token.into() };
        Self {
            books: BookOptions::default(),
            clock,
            tokens,
            state_file: None,
            slow: Duration::from_secs(5),
            webhook: None,
            webhook_pause: Duration::from_millis(250),
            dialler: None,
            log: None,
        }
    }
}

impl fmt::Debug for SandboxOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SandboxOptions")
            .field("books", &self.books)
            .field("state_file", &self.state_file)
            .finish_non_exhaustive()
    }
}

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxFault {
    /// The address is taken or not of this machine.
    #[error("cannot listen at {0}")]
    Listen(SocketAddr, #[source] io::Error),
    /// The books of before cannot be read.
    #[error(transparent)]
    State(#[from] JournalFault),
    /// The address of the shop cannot be used, or nothing can be sent at all.
    #[error("messages cannot be sent: {0}")]
    Webhook(String),
}

/// A server that is running until it is dropped.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    desk: Arc<Desk>,
    serving: JoinHandle<()>,
    delivering: JoinHandle<()>,
}

impl Sandbox {
    /// Listens at an address; port 0 takes a free one.
    ///
    /// # Errors
    /// It cannot listen there, or the state file or the webhook's address cannot be used.
    pub async fn bind(address: SocketAddr, options: SandboxOptions) -> Result<Self, SandboxFault> {
        if let Some(target) = &options.webhook {
            checked_url(&"webhook".into(), &target.url, Transport::Encrypted)
                .map_err(|fault| SandboxFault::Webhook(fault.to_string()))?;
        }
        let desk = Arc::new(Desk::new(options)?);
        let sender = deliver::Sender::new(Arc::clone(&desk))?;
        let listening = TcpListener::bind(address).await;
        let listener = listening.map_err(|error| SandboxFault::Listen(address, error))?;
        let address = listener.local_addr().map_err(|error| SandboxFault::Listen(address, error))?;
        Ok(Self {
            address,
            serving: tokio::spawn(serve::serve(listener, serve::routes(Arc::clone(&desk)))),
            delivering: tokio::spawn(sender.run()),
            desk,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address at which the dialler is asked.
    pub fn dialler_url(&self) -> String {
        format!("http://{}/dialler/v1/dials", self.address)
    }

    /// How the next calls of the dialler go, as `PUT /control/dialler` says.
    pub fn script_calls(&self, script: Vec<DialAct>) {
        if let Some(dialler) = self.desk.dialler() {
            dialler.follow(script);
        }
    }

    /// The calls that the dialler made, as `GET /control/dialler` shows them.
    pub fn dialled(&self) -> serde_json::Value {
        self.desk.dialler().map(|dialler| dialler.shown()).unwrap_or_default()
    }

    /// The address of a party it plays, as a client's `base_url`.
    pub fn base_url(&self, role: &Role) -> String {
        match role {
            Role::Card => format!("http://{}/card", self.address),
            Role::Partner(program) => format!("http://{}/partners/{program}", self.address),
        }
    }

    /// Plays a fault, as `POST /control/faults` does.
    pub fn play_fault(&self, fault: Fault) {
        self.desk.add_fault(fault);
    }

    /// Everything in the books, as `GET /control/ledger` shows it.
    pub fn ledger(&self) -> serde_json::Value {
        self.desk.ledger()
    }

    /// Waits for as long as it runs.
    pub async fn run(mut self) {
        // It ends only by being aborted.
        let _ = (&mut self.serving).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.serving.abort();
        self.delivering.abort();
    }
}
