//! The service while it runs: a listener, and the worker of what time brings.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use choba_app::DueReport;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::bounded::Bounded;
use crate::{Service, api, gauges, passing_on};

/// How long requests under way may take once the service is told to stop.
const GRACE: Duration = Duration::from_secs(20);

/// How long a client may take to send the head of a request; an idle connection is closed after it. Only HTTP/1: what waits
/// silently on a connection of HTTP/2 cannot be told from what is at work.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How often the worker looks what is due.
const WORKER_EVERY: Duration = Duration::from_secs(1);

/// Steps of each kind that the worker does at once.
const WORKER_MOST: i64 = 500;

/// Where to listen.
#[derive(Clone, Debug)]
pub struct Listening {
    /// The address; port 0 takes a free one.
    pub address: SocketAddr,
    /// With TLS, where this is given.
    pub tls: Option<Tls>,
    /// Connections at a time; the next one is closed at once.
    pub connections_max: usize,
}

/// A certificate and its key, as PEM.
#[derive(Clone)]
pub struct Tls {
    /// The chain of certificates.
    pub certificate: Vec<u8>,
    /// The private key.
    pub key: Vec<u8>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// A service that runs.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    handle: Handle<SocketAddr>,
    server: JoinHandle<io::Result<()>>,
    workers: Vec<JoinHandle<()>>,
    ending: Arc<watch::Sender<bool>>,
}

/// Starts to serve the API.
///
/// # Errors
/// As [`serve_router`].
pub async fn serve(service: Service, listening: Listening, worker_name: &str) -> io::Result<Running> {
    serve_router(api::router(service.clone()), service, listening, worker_name).await
}

/// Starts to serve what a router has, and to do what the service does beside requests.
///
/// # Errors
/// The address cannot be listened on, or the certificate cannot be used.
pub async fn serve_router(
    router: Router,
    service: Service,
    listening: Listening,
    worker_name: &str,
) -> io::Result<Running> {
    let listener = TcpListener::bind(listening.address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let handle = Handle::new();
    let ending = Arc::clone(&service.ending);
    let workers = workers(&service, worker_name);
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    let bounded = Bounded::new(listening.connections_max);
    let server = match listening.tls {
        None => {
            let mut server = axum_server::from_tcp(listener)?.acceptor(bounded).handle(handle.clone());
            server = server.first_request_timeout(HEAD_TIMEOUT).http1_only();
            server.http_builder().http1().header_read_timeout(HEAD_TIMEOUT);
            tokio::spawn(server.serve(router))
        }
        Some(tls) => {
            let config = RustlsConfig::from_pem(tls.certificate, tls.key).await?;
            let acceptor = RustlsAcceptor::new(config).acceptor(bounded);
            let mut server = axum_server::from_tcp(listener)?.acceptor(acceptor).handle(handle.clone());
            server = server.first_request_timeout(HEAD_TIMEOUT).http1_only();
            server.http_builder().http1().header_read_timeout(HEAD_TIMEOUT);
            tokio::spawn(server.serve(router))
        }
    };
    Ok(Running { address, handle, server, workers, ending })
}

impl Running {
    /// Stops: takes no more requests, finishes those under way, and lets the worker finish its step.
    ///
    /// # Errors
    /// What the listener ended with.
    pub async fn stop(self) -> io::Result<()> {
        self.ending.send_replace(true);
        self.handle.graceful_shutdown(Some(GRACE));
        let ended = self.server.await.unwrap_or_else(|error| Err(io::Error::other(error)));
        for worker in self.workers {
            let _ = worker.await;
        }
        ended
    }
}

/// What goes on beside requests, each in its own time.
fn workers(service: &Service, worker_name: &str) -> Vec<JoinHandle<()>> {
    let ended = || service.ending.subscribe();
    vec![
        tokio::spawn(work(service.clone(), worker_name.to_owned(), ended())),
        tokio::spawn(passing_on::publish(service.clone(), ended())),
        tokio::spawn(passing_on::send_webhooks(service.clone(), ended())),
        tokio::spawn(passing_on::send_messages(service.clone(), ended())),
        tokio::spawn(passing_on::forget(service.clone(), ended())),
        tokio::spawn(passing_on::follow_chats(service.clone(), ended())),
        tokio::spawn(gauges::keep(service.clone(), ended())),
    ]
}

/// Does what is due until the service ends.
async fn work(service: Service, name: String, mut ended: watch::Receiver<bool>) {
    let name: Arc<str> = name.into();
    loop {
        let more = service.do_what_is_due(&name).await;
        if *ended.borrow() {
            break;
        }
        if !more {
            let _ = tokio::time::timeout(WORKER_EVERY, ended.changed()).await;
        }
    }
    let at = service.clock.now();
    if let Err(error) = service.counter.stop_doing_what_is_due(&name, at).await {
        tracing::warn!(%error, "the worker's lease could not be given back");
    }
}

impl Service {
    /// Does what time brings, once; says whether there is more to do at once.
    async fn do_what_is_due(&self, name: &str) -> bool {
        if let Err(error) = self.counter.take_over_markets().await {
            tracing::warn!(%error, "new versions of markets cannot be taken over");
        }
        match self.counter.do_what_is_due(name, self.clock.now(), WORKER_MOST).await {
            Ok(report) => {
                count(&report);
                if report.failed > 0 {
                    tracing::warn!(
                        failed = report.failed,
                        "steps of the worker failed; they are tried again"
                    );
                }
                report.more
            }
            Err(error) => {
                tracing::warn!(%error, "the worker cannot see what is due");
                false
            }
        }
    }
}

fn count(report: &DueReport) {
    let steps = [
        ("lots", report.lots),
        ("deadlines", report.deadlines),
        ("asks", report.asks.answered),
        ("link_asks", report.link_asks.answered),
        ("gift_cards", report.gift_cards),
        ("failed", report.failed),
    ];
    for (kind, done) in steps {
        let done = u64::try_from(done).unwrap_or(u64::MAX);
        metrics::counter!("choba_worker_steps_total", "kind" => kind).increment(done);
    }
}
