//! Where a PostgreSQL is, and with which settings we talk to it.

use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

use super::super::error::StoreError;
use super::super::options::Options;
use super::connector::Connector;

/// How to connect: the address with our settings, and TLS where the address asks for it.
#[derive(Clone)]
pub(in super::super) struct Address {
    pub config: Config,
    pub connector: Connector,
    /// How long a step may take before the connection counts as lost, because not even the server's own
    /// time-out was heard of.
    pub step_timeout: Duration,
}

impl Address {
    pub fn parse(url: &str, options: &Options) -> Result<Self, StoreError> {
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
            // The error's own words never repeat the address, which may hold a password.
            let cause = std::error::Error::source(&error).map_or(String::new(), |cause| format!(": {cause}"));
            StoreError::Address { reason: format!("{error}{cause}") }
        })?;
        config.application_name(&options.application_name);
        config.options(startup_options(config.get_options(), options));
        config.connect_timeout(Duration::from_secs(5));
        config.keepalives_idle(Duration::from_secs(30));
        config.tcp_user_timeout(options.statement_timeout.saturating_add(options.lock_timeout));
        let connector = Connector::new(config.get_ssl_mode() == SslMode::Require)?;
        let step_timeout = options.statement_timeout.saturating_add(options.lock_timeout);
        Ok(Self { config, connector, step_timeout })
    }
}

/// Ours come first, so that the address has the last word.
fn startup_options(of_address: Option<&str>, options: &Options) -> String {
    let statement = options.statement_timeout.as_millis();
    let lock = options.lock_timeout.as_millis();
    format!(
        "-c synchronous_commit=on -c statement_timeout={statement} -c lock_timeout={lock} \
         -c idle_in_transaction_session_timeout={statement} -c timezone=UTC {}",
        of_address.unwrap_or("")
    )
}
