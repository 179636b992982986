//! Logs, traces and metrics: set up once, by whoever starts the service.
//!
//! Logs have no personal data: requests are told by method, route and status, never by path, query, body or token.

use std::io::{self, IsTerminal as _};

use axum::http::{HeaderMap, HeaderName};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

/// Upper bounds of latencies, in seconds.
const LATENCIES: [f64; 12] = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// How telemetry is set up.
#[derive(Clone, Debug)]
pub struct TelemetrySettings {
    /// What is logged, such as `info` or `info,choba_server=debug`.
    pub level: String,
    /// Where traces go by OTLP over HTTP, such as `http://127.0.0.1:4318/v1/traces`; nowhere without it.
    pub otlp_endpoint: Option<String>,
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        Self { level: "info".to_owned(), otlp_endpoint: None }
    }
}

/// Why telemetry cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryFault {
    /// The level is none.
    #[error("log: {0}")]
    Level(String),
    /// Traces cannot be sent.
    #[error("otlp_endpoint: {0}")]
    Traces(String),
    /// It was set up before.
    #[error("telemetry: {0}")]
    Twice(String),
}

/// Telemetry that is set up; ended with it, spans on their way are sent.
#[derive(Debug)]
pub struct Telemetry {
    provider: Option<SdkTracerProvider>,
    /// What `/metrics` shows.
    pub metrics: PrometheusHandle,
}

impl Telemetry {
    /// Sets up logs, traces and metrics of this process. Before the runtime starts: traces are sent from a thread of
    /// their own.
    ///
    /// # Errors
    /// [`TelemetryFault`]
    pub fn install(settings: &TelemetrySettings) -> Result<Self, TelemetryFault> {
        let level =
            || EnvFilter::try_new(&settings.level).map_err(|error| TelemetryFault::Level(error.to_string()));
        let provider = settings.otlp_endpoint.as_deref().map(provider).transpose()?;
        let traces = match &provider {
            Some(provider) => {
                let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("choba"));
                Some(layer.with_filter(level()?))
            }
            None => None,
        };
        let people = io::stderr().is_terminal();
        let logs = match people {
            true => fmt::layer().with_writer(io::stderr).boxed(),
            false => fmt::layer().json().flatten_event(true).with_writer(io::stderr).boxed(),
        };
        let subscriber = tracing_subscriber::registry().with(logs.with_filter(level()?)).with(traces);
        subscriber.try_init().map_err(|error| TelemetryFault::Twice(error.to_string()))?;
        let metrics = recorder()?.install_recorder();
        let metrics = metrics.map_err(|error| TelemetryFault::Twice(error.to_string()))?;
        Ok(Self { provider, metrics })
    }
}

/// Makes a span part of the trace that a request names in `traceparent`, if it names one.
pub(crate) fn follow_trace(span: &tracing::Span, headers: &HeaderMap) {
    let parent = TraceContextPropagator::new().extract(&Headers(headers));
    if parent.span().span_context().is_valid() {
        // Without a collector there is no trace to be part of.
        let _ = span.set_parent(parent);
    }
}

struct Headers<'h>(&'h HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

/// Makes what keeps the metrics.
///
/// # Errors
/// Not with the buckets that are set here.
pub fn recorder() -> Result<PrometheusBuilder, TelemetryFault> {
    let latencies = Matcher::Suffix("_seconds".to_owned());
    let builder = PrometheusBuilder::new().set_buckets_for_metric(latencies, &LATENCIES);
    builder.map_err(|error| TelemetryFault::Twice(error.to_string()))
}

fn provider(endpoint: &str) -> Result<SdkTracerProvider, TelemetryFault> {
    let exporter =
        SpanExporter::builder().with_http().with_protocol(Protocol::HttpBinary).with_endpoint(endpoint);
    let exporter = exporter.build().map_err(|error| TelemetryFault::Traces(error.to_string()))?;
    let resource = Resource::builder().with_service_name("choba").build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(provider) = &self.provider {
            // Nobody is left to tell.
            let _ = provider.shutdown();
        }
    }
}
