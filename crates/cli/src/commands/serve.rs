//! `choba serve`: the whole service.
//!
//! Without any settings it works alone: books in an embedded database, both sample markets, tokens of its own, and outside
//! parties that are played. Where it listens goes to standard output; everything else to standard error.

mod config;
mod demo;
mod parties;
mod telling;

use std::io::{self, Write as _};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use choba_app::{Caller, Counter, KnownMarket};
use choba_formats::market_files::{self, MarketError};
use choba_pages::Settings;
use choba_server::identity::{Identities, Issuers, OwnIssuer};
use choba_server::{Clock, Limits, Listening, Service, Telemetry, TelemetrySettings, Tls, serve_router};
use choba_store::sql::Options;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::Answer;
use crate::data_directory::{DataDirectory, SystemEntropy};
use crate::database::{explained_app, now};
use config::Config;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  choba serve
  choba serve --demo
  choba serve --db postgres://choba@localhost/choba --market my-market --listen 0.0.0.0:8080

Settings come from choba.toml (or --config FILE), are overridden by the environment (CHOBA_LISTEN, CHOBA_DB, …) and
both by flags; --print-config shows what comes of them. docs/service.md lists them all.")]
pub struct Arguments {
    #[command(flatten)]
    flags: config::Flags,

    /// Fill empty books with shoppers, orders in every state and staff, and print who to be.
    #[arg(long)]
    demo: bool,

    /// Print the settings as they are used, without secrets, and stop.
    #[arg(long)]
    print_config: bool,
}

/// Serves until it is told to stop.
pub fn run(arguments: Arguments) -> anyhow::Result<Answer> {
    let config = Config::load(arguments.flags)?;
    if arguments.print_config {
        print!("{}", config.shown()?);
        return Ok(Answer::Yes);
    }
    // The same for all connections, ours and those to others.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let settings =
        TelemetrySettings { level: config.log.clone(), otlp_endpoint: config.otlp_endpoint.clone() };
    let telemetry = Telemetry::install(&settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run_service(&config, arguments.demo, telemetry.metrics.clone()))?;
    Ok(Answer::Yes)
}

async fn run_service(config: &Config, demo: bool, metrics: PrometheusHandle) -> anyhow::Result<()> {
    // From the first moment on: whoever tells it to stop is heard.
    let stop = Stop::listen().context("signals")?;
    let data = DataDirectory::open(&config.data_directory)?;
    let outside = parties::outside(config, &data).await?;
    let entropy = Arc::new(SystemEntropy);
    let options = Options::at(now().as_millisecond());
    let url = config.database(&data);
    let counter = Counter::open(&url, options, markets(config)?, outside, entropy, data.secrets()).await;
    let mut counter = counter.map_err(explained_app)?;
    if let Some(dialler) = telling::dialler(config)? {
        counter = counter.with_dialler(Arc::new(dialler));
    }
    put_in_force(config, &counter).await?;
    let own = OwnIssuer::from_seed(&data.issuer_seed());
    let issuers = Issuers::new(&config.issuers, Some(&own))?;
    let mut service =
        Service::new(counter.clone(), Clock::new(now), Arc::new(Identities::new(issuers, counter.clone())));
    service.limits = Arc::new(Limits::new(config.requests_per_minute));
    service.metrics = Some(metrics);
    service.carriers = Arc::new(parties::carriers(config)?);
    service.telling = telling::telling(config, &data)?;
    let pages = Settings {
        secure: config.is_over_https(),
        sample_shop: demo,
        demo_people: if demo { demo::people() } else { Vec::new() },
    };
    let router = choba_pages::router(service.clone(), pages);
    let running = serve_router(router, service, listening(config)?, &worker_name()).await;
    let running = running.with_context(|| format!("listen: {}", config.listen))?;
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    announce(&format!("{scheme}://{}", running.address))?;
    if demo {
        demo::fill(&counter, &own, &format!("{scheme}://{}", running.address)).await?;
    }
    stop.told().await;
    eprintln!("choba: finishing what is under way");
    running.stop().await.context("the listener")?;
    counter.store().close().await;
    Ok(())
}

/// The markets of the settings, or the sample markets.
fn markets(config: &Config) -> anyhow::Result<Vec<KnownMarket>> {
    if config.markets.is_empty() {
        return market_files::sample_names().into_iter().map(market).collect();
    }
    config.markets.iter().map(|name| market(name)).collect()
}

fn market(name_or_dir: &str) -> anyhow::Result<KnownMarket> {
    let files = match market_files::sample(name_or_dir) {
        Some(files) => files,
        None => market_files::files_in(name_or_dir.as_ref()).map_err(|error: MarketError| anyhow!(error))?,
    };
    let files = files.into_iter().map(|file| (file.path, file.text)).collect();
    KnownMarket::checked(files).map_err(|report| anyhow!("market: {name_or_dir}\n{}", report.render(false)))
}

/// Market files that were named are in force from now on, in every process; the sample markets only where nothing else
/// was put in force before.
async fn put_in_force(config: &Config, counter: &Counter) -> anyhow::Result<()> {
    if config.markets.is_empty() {
        counter.take_over_markets().await.map_err(explained_app)?;
        return Ok(());
    }
    for known in counter.markets().all() {
        counter.activate_market(&Caller::Itself, known, now()).await.map_err(explained_app)?;
    }
    Ok(())
}

fn listening(config: &Config) -> anyhow::Result<Listening> {
    let tls = config.tls.as_ref().map(|tls| {
        let read = |path: &std::path::Path| std::fs::read(path).with_context(|| path.display().to_string());
        anyhow::Ok(Tls { certificate: read(&tls.certificate)?, key: read(&tls.key)? })
    });
    Ok(Listening {
        address: config.listen,
        tls: tls.transpose().context("tls")?,
        connections_max: config.connections_max,
    })
}

/// Each process has a name of its own, under which it holds the worker's lease.
fn worker_name() -> String {
    let host = std::env::var("HOSTNAME").unwrap_or_default();
    format!("{host}:{}:{}", std::process::id(), now().as_millisecond())
}

fn announce(address: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "listening {address}")?;
    output.flush()?;
    eprintln!("choba: the pages are at {address}/, the API is described at {address}/docs");
    Ok(())
}

/// The signals that tell a process to stop.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn told(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
