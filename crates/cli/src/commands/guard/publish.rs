//! `choba guard publish`: the official list, signed, for others to check.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use choba_guard::publish::{OfficialContacts, SecretKey, Validity, security_txt};
use jiff::{SignedDuration, Timestamp};

use super::{List, contacts};
use crate::Answer;

#[derive(clap::Args)]
#[command(after_help = "\
A key is made and its public half taken with
  openssl genpkey -algorithm ed25519 -out key.pem
  openssl pkey -in key.pem -pubout -out key.pub.pem")]
pub struct PublishArguments {
    #[command(flatten)]
    list: List,

    /// The Ed25519 key that signs: PKCS#8 PEM, or a 32-byte seed in base64.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,

    /// When the list stops being valid: a number of days from now, or a time such as 2027-02-01T00:00:00+09:00.
    #[arg(long, value_name = "DAYS-or-TIME", default_value = "90", value_parser = read_expiry)]
    expires: Expiry,

    /// Where to report a fake (https://…, mailto:… or tel:+…), before the list's own; may be repeated.
    #[arg(long, value_name = "URI")]
    contact: Vec<String>,

    /// The directory for the two files; it is made if there is none.
    #[arg(long, value_name = "DIR", default_value = ".well-known")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug)]
enum Expiry {
    Days(i64),
    At(Timestamp),
}

/// Writes both files and prints their paths.
pub fn run(arguments: &PublishArguments) -> anyhow::Result<Answer> {
    let official = contacts::load(&arguments.list)?;
    let key = read_key(&arguments.key)?;
    let now = now();
    let expires_at = arguments.expires.after(now)?;
    let list = OfficialContacts::new(&official, now, expires_at)?;
    let security = security_txt(&official, &arguments.contact, expires_at)
        .map_err(|fault| anyhow!("{fault}\nhint: --contact mailto:security@example.co.jp"))?;
    warn(&list, now, expires_at);
    fs::create_dir_all(&arguments.out).with_context(|| arguments.out.display().to_string())?;
    write(&arguments.out.join("official-contacts.json"), &list.signed(&key).to_json())?;
    write(&arguments.out.join("security.txt"), &security)?;
    Ok(Answer::Yes)
}

fn read_key(file: &Path) -> anyhow::Result<SecretKey> {
    let named = || file.display().to_string();
    let text = fs::read_to_string(file).with_context(named)?;
    SecretKey::from_text(&text).with_context(named)
}

fn warn(list: &OfficialContacts, now: Timestamp, expires_at: Timestamp) {
    if let Validity::ExpiresSoon { days } = list.validity(now) {
        eprintln!("choba: warning: the list will expire in {days} days; publish it anew before {expires_at}");
    }
    // RFC 9116 recommends less than a year, lest nobody remembers that the file exists.
    if expires_at.duration_since(now) > SignedDuration::from_hours(366 * 24) {
        eprintln!("choba: warning: a security.txt should be valid for less than a year");
    }
}

/// Puts a file in place whole: a web server never serves half of one.
fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let named = || file.display().to_string();
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    fs::write(&beside, text).with_context(named)?;
    fs::rename(&beside, file).with_context(named)?;
    writeln!(io::stdout(), "{}", file.display()).context("standard output")
}

impl Expiry {
    fn after(self, now: Timestamp) -> anyhow::Result<Timestamp> {
        match self {
            Self::At(time) => Ok(time),
            Self::Days(days) => now
                .checked_add(SignedDuration::from_hours(days * 24))
                .map_err(|_| anyhow!("--expires: {days} days lead beyond the calendar")),
        }
    }
}

fn read_expiry(text: &str) -> Result<Expiry, String> {
    if let Ok(days) = text.parse::<u32>() {
        return Ok(Expiry::Days(i64::from(days)));
    }
    text.parse().map(Expiry::At).map_err(|_| {
        "write a number of days (90) or a time with its offset (2027-02-01T00:00:00+09:00)".to_owned()
    })
}

/// The time of publishing; the library takes it as a value.
#[expect(clippy::disallowed_methods, reason = "only the command line reads the clock")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
