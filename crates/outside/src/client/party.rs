//! Who is asked, where, and how patiently.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::Url;

use super::breaker::BreakerSettings;
use crate::ask::{Ask, PartyName};
use crate::secret::Secret;

/// Whether a connection must be encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// `https`, except to this machine itself.
    #[default]
    Encrypted,
    /// Also `http` to other machines, as in a closed network of a test.
    PlainAllowed,
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For the whole of an ask for which a customer waits, retries among it.
    pub customer_waits: Duration,
    /// For the whole of any other ask.
    pub nobody_waits: Duration,
    /// For a connection. Best shorter than the others: a connection that was never made is certainly not done.
    pub connect: Duration,
    /// For a slot while too many other asks are under way.
    pub queue: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            customer_waits: Duration::from_secs(2),
            nobody_waits: Duration::from_secs(10),
            connect: Duration::from_secs(1),
            queue: Duration::from_millis(100),
        }
    }
}

/// How much at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Asks under way at once.
    pub in_flight_max: usize,
    /// Bytes of an answer.
    pub answer_bytes_max: usize,
    /// Attempts after the first.
    pub retries_max: u32,
    /// The wait before the first retry; it doubles.
    pub retry_pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            in_flight_max: 32,
            answer_bytes_max: 64 * 1024,
            retries_max: 2,
            retry_pause: Duration::from_millis(60),
        }
    }
}

/// Why a party cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartyFault {
    /// The address is none.
    #[error("the address of {0} cannot be read: {1}")]
    Address(PartyName, String),
    /// It has a name, password, query or fragment in it, or is not of the web.
    #[error("the address of {0} must be https://host/path and nothing else")]
    Form(PartyName),
    /// It is neither encrypted nor on this machine.
    #[error("the address of {0} must begin with https://, or plain http must be allowed for it")]
    NotEncrypted(PartyName),
    /// The token does not fit into a header.
    #[error("the token of {0} must be printable ASCII")]
    Token(PartyName),
}

/// A party with its settings.
#[derive(Clone, Debug)]
pub struct Party {
    name: PartyName,
    base_url: Url,
    token: Secret,
    patience: Patience,
    limits: Limits,
    breaker: BreakerSettings,
}

impl Party {
    /// A party at an address, to which `/v1/…` is added.
    ///
    /// # Errors
    /// The address or the token cannot be used.
    pub fn new(
        name: PartyName,
        base_url: &str,
        token: Secret,
        transport: Transport,
    ) -> Result<Self, PartyFault> {
        let url = checked_url(&name, base_url, transport)?;
        let printable = token.reveal().bytes().all(|byte| byte.is_ascii_graphic());
        if token.reveal().is_empty() || !printable {
            return Err(PartyFault::Token(name));
        }
        Ok(Self {
            name,
            base_url: url,
            token,
            patience: Patience::default(),
            limits: Limits::default(),
            breaker: BreakerSettings::default(),
        })
    }

    /// With other waits.
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// With other limits.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// With another breaker.
    pub fn with_breaker(self, breaker: BreakerSettings) -> Self {
        Self { breaker, ..self }
    }

    /// Its name.
    pub fn name(&self) -> &PartyName {
        &self.name
    }

    pub(super) fn base_url(&self) -> &Url {
        &self.base_url
    }

    pub(super) fn token(&self) -> &Secret {
        &self.token
    }

    pub(super) fn patience(&self) -> &Patience {
        &self.patience
    }

    pub(super) fn patience_for(&self, ask: &Ask) -> Duration {
        if ask.customer_waits() { self.patience.customer_waits } else { self.patience.nobody_waits }
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn breaker(&self) -> BreakerSettings {
        self.breaker
    }
}

/// An address that may be asked: `https`, or on this machine itself, or explicitly allowed.
pub(crate) fn checked_url(name: &PartyName, text: &str, transport: Transport) -> Result<Url, PartyFault> {
    let url = Url::parse(text).map_err(|fault| PartyFault::Address(name.clone(), fault.to_string()))?;
    let bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    match url.scheme() {
        _ if !bare => Err(PartyFault::Form(name.clone())),
        "https" => Ok(url),
        "http" if transport == Transport::PlainAllowed || is_this_machine(&url) => Ok(url),
        "http" => Err(PartyFault::NotEncrypted(name.clone())),
        _ => Err(PartyFault::Form(name.clone())),
    }
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(url: &str, transport: Transport) -> Result<Party, PartyFault> {
        Party::new("card".into(), url, "token".into(), transport)
    }

    #[test]
    fn only_encrypted_addresses_and_this_machine_are_asked() {
        for url in
            ["https://card.example", "http://127.0.0.1:9/card", "http://[::1]:9", "http://localhost:9/card"]
        {
            assert!(party(url, Transport::Encrypted).is_ok(), "{url}");
        }
        for url in ["http://card.example", "http://127.0.0.1.example", "http://10.0.0.1/"] {
            let fault = party(url, Transport::Encrypted).unwrap_err();
            assert_eq!(fault, PartyFault::NotEncrypted("card".into()), "{url}");
            assert!(party(url, Transport::PlainAllowed).is_ok(), "{url}");
        }
    }

    #[test]
    fn an_address_with_more_than_an_address_is_refused() {
        for url in
            ["https://a:b@card.example", "https://card.example/?x=1", "https://card.example/#x", "ftp://x"]
        {
            assert_eq!(
                party(url, Transport::Encrypted).unwrap_err(),
                PartyFault::Form("card".into()),
                "{url}"
            );
        }
        assert!(matches!(party("card.example", Transport::Encrypted), Err(PartyFault::Address(..))));
    }

    #[test]
    fn a_token_is_never_shown_and_fits_into_a_header() {
        let shown = format!("{:?}", party("https://card.example", Transport::Encrypted).unwrap());
        assert!(!shown.contains("token\""), "{shown}");
        for token in ["", "two words", "line\nbreak"] {
            let fault = Party::new("card".into(), "https://card.example", token.into(), Transport::Encrypted);
            assert!(matches!(fault, Err(PartyFault::Token(_))), "{token}");
        }
    }
}
