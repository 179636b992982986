//! The settings of the service: from a file, then the environment, then flags; the later ones win.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use choba_server::identity::IssuerSettings;
use serde::{Deserialize, Serialize};

use crate::data_directory::DataDirectory;

/// The file that is read where none is named.
const USUAL_FILE: &str = "choba.toml";

/// What can be said on the command line.
#[derive(clap::Args)]
pub struct Flags {
    /// The settings file; choba.toml without it, where there is one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// The database: `sqlite:PATH`, or `postgres://USER@HOST/NAME`. In the data directory without it.
    #[arg(long, value_name = "URL")]
    db: Option<String>,

    /// A market: a directory of market files, or a sample market's name. The sample markets without it.
    #[arg(long = "market", value_name = "DIR")]
    markets: Vec<String>,

    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,

    /// Where the embedded database and the keys of this service are kept.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// A certificate (PEM), to serve HTTPS.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,

    /// The certificate's private key (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
}

/// The settings as they are used.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The database, where it is not the embedded one.
    pub db: Option<String>,
    /// Where the embedded database and the keys are.
    pub data_directory: PathBuf,
    /// Markets: directories, or names of sample markets.
    pub markets: Vec<String>,
    /// How many requests each caller may make in a minute.
    pub requests_per_minute: u32,
    /// How many connections there may be at a time.
    pub connections_max: usize,
    /// What is logged, such as `info`.
    pub log: String,
    /// Where traces go, by OTLP over HTTP.
    pub otlp_endpoint: Option<String>,
    /// HTTPS.
    pub tls: Option<TlsFiles>,
    /// Issuers of tokens that are trusted, beside the service's own.
    pub issuers: Vec<IssuerSettings>,
    /// Outside parties, by name: `card`, and partners' programs. Without any they are played.
    pub parties: BTreeMap<String, PartySettings>,
    /// Carriers, by id, whose signed messages are taken.
    pub carriers: BTreeMap<String, CarrierSettings>,
    /// The machine that calls customers; agents call on their own telephones without it.
    pub dialler: Option<DiallerSettings>,
    /// Where webhooks may go.
    pub webhooks: WebhookSettings,
    /// Mail to customers; into files of the data directory without it.
    pub mail: Option<MailSettings>,
    /// Files with the secrets (`whsec_…`) of those who send hooks, by the party's name: two while one changes.
    pub hook_secret_files: BTreeMap<String, Vec<PathBuf>>,
    /// Who passes mail of customers on to `/v1/hooks/mail`; nothing is taken in without.
    pub mail_in: Option<MailInSettings>,
}

/// Our own mail server, which passes on what customers write.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MailInSettings {
    /// As it calls itself in `Authentication-Results`.
    pub server: String,
    /// The domain whose mail it passes on; answers to cases go to addresses there. `server` without it.
    pub domain: Option<String>,
    /// Files with the secrets (`whsec_…`) that it signs with: two while one changes.
    pub secret_files: Vec<PathBuf>,
}

/// The machine that calls customers.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DiallerSettings {
    /// Where it is asked for a call.
    pub url: String,
    /// Files with the secrets with which both sides sign: the first one signs what is asked, all of them are taken for what
    /// it tells. Two while one changes.
    pub secret_files: Vec<PathBuf>,
}

/// Where webhooks may go beside the open internet.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebhookSettings {
    /// Also to `http`.
    pub plain_allowed: bool,
    /// Also to this machine and private networks.
    pub private_allowed: bool,
}

/// Mail to customers.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// In whose name, such as `Shop <shop@example.com>`.
    pub from: String,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// The address of the pages that mails lead to.
    pub pages_url: String,
    /// The mail server; into files of the data directory without it.
    pub smtp: Option<SmtpSettings>,
}

/// A mail server.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `tls`, `starttls`, or `none` for a server on this machine.
    pub security: SmtpSecurityText,
    /// Who sends, where the server asks.
    pub user: Option<String>,
    /// The file with the password.
    pub password_file: Option<PathBuf>,
}

/// How the connection to a mail server is encrypted.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpSecurityText {
    /// From the first byte.
    Tls,
    /// By `STARTTLS`.
    Starttls,
    /// Not at all.
    None,
}

/// A certificate and its key.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// PEM.
    pub certificate: PathBuf,
    /// PEM.
    pub key: PathBuf,
}

/// An outside party.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PartySettings {
    /// Its address, to which `/v1/…` is added.
    pub url: String,
    /// The file with its token.
    pub token_file: PathBuf,
}

/// A carrier that sends news of parcels by itself.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CarrierSettings {
    /// The files with the secrets it signs with, `whsec_…`; two while they are being changed.
    pub secret_files: Vec<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            db: None,
            data_directory: PathBuf::from("choba-data"),
            markets: Vec::new(),
            requests_per_minute: 6_000,
            connections_max: 10_000,
            log: "info".to_owned(),
            otlp_endpoint: None,
            tls: None,
            issuers: Vec::new(),
            parties: BTreeMap::new(),
            carriers: BTreeMap::new(),
            dialler: None,
            webhooks: WebhookSettings::default(),
            mail: None,
            hook_secret_files: BTreeMap::new(),
            mail_in: None,
        }
    }
}

impl Config {
    /// Whether visitors come over HTTPS, to this process or to a proxy before it.
    pub fn is_over_https(&self) -> bool {
        self.tls.is_some() || self.mail.as_ref().is_some_and(|mail| mail.pages_url.starts_with("https://"))
    }

    /// Reads the settings.
    pub fn load(flags: Flags) -> anyhow::Result<Self> {
        let mut config = Self::of_file(flags.config.as_deref())?;
        config.take_environment(|name| env::var(name).ok().filter(|value| !value.is_empty()))?;
        config.take_flags(flags);
        Ok(config)
    }

    fn of_file(named: Option<&Path>) -> anyhow::Result<Self> {
        let named = named.map(Path::to_owned).or_else(|| env::var_os("CHOBA_CONFIG").map(PathBuf::from));
        let path = named.clone().unwrap_or_else(|| USUAL_FILE.into());
        match fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).with_context(|| path.display().to_string()),
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                Ok(Self::default())
            }
            Err(error) => Err(error).with_context(|| path.display().to_string()),
        }
    }

    fn take_environment(&mut self, read: impl Fn(&str) -> Option<String>) -> anyhow::Result<()> {
        if let Some(listen) = read("CHOBA_LISTEN") {
            self.listen = listen.parse().map_err(|_| anyhow!("CHOBA_LISTEN: expected ADDRESS:PORT"))?;
        }
        if let Some(limit) = read("CHOBA_REQUESTS_PER_MINUTE") {
            let wrong = |_| anyhow!("CHOBA_REQUESTS_PER_MINUTE: expected a number");
            self.requests_per_minute = limit.parse().map_err(wrong)?;
        }
        if let Some(connections) = read("CHOBA_CONNECTIONS_MAX") {
            let wrong = |_| anyhow!("CHOBA_CONNECTIONS_MAX: expected a number");
            self.connections_max = connections.parse().map_err(wrong)?;
        }
        if let Some(log) = read("CHOBA_LOG") {
            self.log = log;
        }
        self.otlp_endpoint = read("CHOBA_OTLP_ENDPOINT").or(self.otlp_endpoint.take());
        self.db = read("CHOBA_DB").or(self.db.take());
        if let Some(directory) = read("CHOBA_DATA") {
            self.data_directory = directory.into();
        }
        if let Some(markets) = read("CHOBA_MARKETS") {
            self.markets = markets.split(',').map(|market| market.trim().to_owned()).collect();
        }
        match (read("CHOBA_TLS_CERTIFICATE"), read("CHOBA_TLS_KEY")) {
            (Some(certificate), Some(key)) => {
                self.tls = Some(TlsFiles { certificate: certificate.into(), key: key.into() });
            }
            (None, None) => {}
            _ => bail!("CHOBA_TLS_CERTIFICATE and CHOBA_TLS_KEY are needed together"),
        }
        Ok(())
    }

    fn take_flags(&mut self, flags: Flags) {
        if let Some(listen) = flags.listen {
            self.listen = listen;
        }
        self.db = flags.db.or(self.db.take());
        if let Some(directory) = flags.data {
            self.data_directory = directory;
        }
        if !flags.markets.is_empty() {
            self.markets = flags.markets;
        }
        if let (Some(certificate), Some(key)) = (flags.tls_certificate, flags.tls_key) {
            self.tls = Some(TlsFiles { certificate, key });
        }
    }

    /// The address of the database.
    pub fn database(&self, data: &DataDirectory) -> String {
        self.db.clone().unwrap_or_else(|| data.database())
    }

    /// The settings as a file, without secrets.
    pub fn shown(&self) -> anyhow::Result<String> {
        Ok(toml::to_string(&Shown {
            listen: self.listen,
            db: self.db.as_deref().map(without_password),
            data_directory: &self.data_directory,
            markets: &self.markets,
            requests_per_minute: self.requests_per_minute,
            connections_max: self.connections_max,
            log: &self.log,
            otlp_endpoint: self.otlp_endpoint.as_deref(),
            tls: self.tls.as_ref(),
            parties: &self.parties,
            carriers: &self.carriers,
            hook_secret_files: &self.hook_secret_files,
            dialler: self.dialler.as_ref(),
            mail_in: self.mail_in.as_ref(),
            webhooks: self.webhooks,
            mail: self.mail.as_ref(),
            issuers: self.issuers.iter().map(|issuer| IssuerShown { issuer: &issuer.issuer }).collect(),
        })?)
    }
}

#[derive(Serialize)]
struct Shown<'c> {
    listen: SocketAddr,
    db: Option<String>,
    data_directory: &'c Path,
    markets: &'c [String],
    requests_per_minute: u32,
    connections_max: usize,
    log: &'c str,
    otlp_endpoint: Option<&'c str>,
    tls: Option<&'c TlsFiles>,
    parties: &'c BTreeMap<String, PartySettings>,
    carriers: &'c BTreeMap<String, CarrierSettings>,
    hook_secret_files: &'c BTreeMap<String, Vec<PathBuf>>,
    dialler: Option<&'c DiallerSettings>,
    mail_in: Option<&'c MailInSettings>,
    webhooks: WebhookSettings,
    mail: Option<&'c MailSettings>,
    issuers: Vec<IssuerShown<'c>>,
}

#[derive(Serialize)]
struct IssuerShown<'c> {
    issuer: &'c str,
}

/// An address of a database, with anything between name and host hidden.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let Some((user, host)) = rest.rsplit_once('@') else { return url.to_owned() };
    let user = user.split(':').next().unwrap_or_default();
    let host = host.split('?').next().unwrap_or_default();
    format!("{scheme}://{user}@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_wins_over_the_file_and_flags_win_over_both() {
        let mut config: Config = toml::from_str("listen = \"127.0.0.1:1\"\nmarkets = [\"a\"]").unwrap();
        let environment = |name: &str| match name {
            "CHOBA_LISTEN" => Some("127.0.0.1:2".to_owned()),
            "CHOBA_MARKETS" => Some("b, c".to_owned()),
            _ => None,
        };
        config.take_environment(environment).unwrap();
        assert_eq!((config.listen.port(), config.markets.len()), (2, 2));
        let flags = Flags {
            config: None,
            db: None,
            markets: vec!["d".to_owned()],
            listen: None,
            data: None,
            tls_certificate: None,
            tls_key: None,
        };
        config.take_flags(flags);
        assert_eq!((config.listen.port(), config.markets), (2, vec!["d".to_owned()]));
    }

    #[test]
    fn a_misspelt_setting_is_told() {
        let error = toml::from_str::<Config>("lissen = \"127.0.0.1:1\"").unwrap_err();
        assert!(error.to_string().contains("lissen"));
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(without_password("postgres://u:hunter2@h/n?password=x"), "postgres://u@h/n");
        let config = Config { db: Some("postgres://u:hunter2@h/n".to_owned()), ..Config::default() };
        assert!(!config.shown().unwrap().contains("hunter2"));
    }
}
