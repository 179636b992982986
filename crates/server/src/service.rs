//! What every controller has at hand.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use choba_app::{Caller, CarrierSecrets, Counter};
use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;

use crate::{Clock, Limits, Telling};

/// Why somebody was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotLetIn {
    /// The token is not one of ours, or its time is over: which of both is not told.
    NotValid,
    /// It is the secret of an API key with a slip of copying: its check part does not fit.
    Miscopied,
    /// It cannot be checked at the moment.
    Unavailable,
}

/// Says who a bearer token belongs to.
pub trait Doorkeeper: Send + Sync {
    /// Who it is.
    fn caller<'d>(
        &'d self,
        bearer: &'d str,
        at: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Result<Caller, NotLetIn>> + Send + 'd>>;

    /// The public keys of the issuer that comes with the program, as a JWK set.
    fn public_keys(&self) -> serde_json::Value {
        serde_json::json!({ "keys": [] })
    }
}

/// The service. Clones are the same service.
#[derive(Clone)]
pub struct Service {
    /// The use cases.
    pub counter: Counter,
    /// The time.
    pub clock: Clock,
    /// Who callers are.
    pub doorkeeper: Arc<dyn Doorkeeper>,
    /// How much each caller may ask.
    pub limits: Arc<Limits>,
    /// What `/metrics` shows, where metrics are kept.
    pub metrics: Option<PrometheusHandle>,
    /// What carriers sign their messages with; nobody's are taken without.
    pub carriers: Arc<CarrierSecrets>,
    /// What others are told with.
    pub telling: Telling,
    /// Becomes true when the service ends.
    pub ending: Arc<watch::Sender<bool>>,
}

impl Service {
    /// A service over a counter, with the usual limits.
    pub fn new(counter: Counter, clock: Clock, doorkeeper: Arc<dyn Doorkeeper>) -> Self {
        let (limits, carriers) = (Arc::default(), Arc::default());
        let (telling, ending) = (Telling::default(), Arc::new(watch::Sender::new(false)));
        Self { counter, clock, doorkeeper, limits, metrics: None, carriers, telling, ending }
    }
}
