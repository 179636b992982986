//! Fetching the keys of an issuer: over HTTPS, from where it was told, within limits, and from nowhere else.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::{Client, StatusCode, Url, redirect, retry};

use super::key::{Key, KeysFault, read_keys};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(3);

/// How long all of it may take.
const WHOLE: Duration = Duration::from_secs(5);

/// The largest set of keys that is read, in bytes.
const BODY_MAX: usize = 256 * 1024;

/// Where keys are fetched from.
#[derive(Clone, Debug)]
pub(super) struct Place {
    url: Url,
    client: Client,
}

impl Place {
    /// An address that keys may be fetched from: HTTPS, or on this machine itself.
    pub fn at(url: &str) -> Result<Self, KeysFault> {
        let url = Url::parse(url).map_err(|error| KeysFault(error.to_string()))?;
        let own = is_this_machine(&url);
        let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if !bare || !(url.scheme() == "https" || (url.scheme() == "http" && own)) {
            return Err(KeysFault("the address must begin with https:// and hold no password".to_owned()));
        }
        let client = client(&url).map_err(|error| KeysFault(error.to_string()))?;
        Ok(Self { url, client })
    }

    /// Fetches them.
    pub async fn fetch(&self) -> Result<Vec<Key>, KeysFault> {
        let fault = |error: reqwest::Error| KeysFault(error.without_url().to_string());
        let sent = self.client.get(self.url.clone()).header("accept", "application/json").send();
        let mut response = sent.await.map_err(fault)?;
        if response.status() != StatusCode::OK {
            return Err(KeysFault(format!("answered with status {}", response.status().as_u16())));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(fault)? {
            if body.len().saturating_add(chunk.len()) > BODY_MAX {
                return Err(KeysFault(format!("more than {BODY_MAX} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        read_keys(&body)
    }
}

fn client(url: &Url) -> Result<Client, reqwest::Error> {
    // Ring is the only provider here; whoever was first has installed the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder()
        .user_agent(concat!("choba/", env!("CARGO_PKG_VERSION")))
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .connect_timeout(CONNECT)
        .timeout(WHOLE);
    if url.scheme() == "https" {
        return builder.https_only(true).build();
    }
    // Where nothing is encrypted no certificates are needed, and a small machine may have none.
    builder.tls_certs_only([]).build()
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}
