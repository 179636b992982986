//! Opening connections, with TLS or without.

use std::sync::Arc;

use deadpool_postgres::Connect;
use rustls::{ClientConfig, RootCertStore};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, Error, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::super::error::StoreError;

/// Opens connections. Its tasks run where it is called.
#[derive(Clone)]
pub(in super::super) struct Connector {
    tls: Option<MakeRustlsConnect>,
}

/// What opening a connection gives, some day.
type Opening<'a> =
    std::pin::Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), Error>> + Send + 'a>>;

impl Connector {
    /// With TLS the server's certificate is checked against the authorities that this machine trusts; without,
    /// nothing is encrypted.
    pub fn new(encrypted: bool) -> Result<Self, StoreError> {
        let tls = if encrypted { Some(MakeRustlsConnect::new(trusting_this_machine()?)) } else { None };
        Ok(Self { tls })
    }

    pub async fn open(&self, config: &Config) -> Result<(Client, JoinHandle<()>), Error> {
        // A connection that ends tells so to whoever waits for its answers; there is nobody else to tell.
        if let Some(tls) = &self.tls {
            let (client, connection) = config.connect(tls.clone()).await?;
            return Ok((client, tokio::spawn(async move { drop(connection.await) })));
        }
        let (client, connection) = config.connect(NoTls).await?;
        Ok((client, tokio::spawn(async move { drop(connection.await) })))
    }
}

impl Connect for Connector {
    fn connect(&self, config: &Config) -> Opening<'_> {
        let config = config.clone();
        Box::pin(async move { self.open(&config).await })
    }
}

fn trusting_this_machine() -> Result<ClientConfig, StoreError> {
    let unusable = |reason: String| StoreError::Address { reason };
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (trusted, _) = roots.add_parsable_certificates(found.certs);
    if trusted == 0 {
        return Err(unusable("sslmode=require, but this machine trusts no certificate authority".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = versions.map_err(|error| unusable(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
