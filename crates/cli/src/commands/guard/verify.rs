//! `choba guard verify`: is this list genuine, and does it still hold?

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use choba_guard::publish::{NotVerified, OfficialContacts, PublicKey, SignedContacts, Validity};

use super::publish::now;
use crate::Answer;

#[derive(clap::Args)]
pub struct VerifyArguments {
    /// The official-contacts.json.
    file: PathBuf,

    /// The Ed25519 public key, got from the shop another way than the file: PEM, or 32 bytes in base64.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

/// Prints the signed list if it is genuine; the exit status is 1 unless it also holds for 30 days to come.
pub fn run(arguments: &VerifyArguments) -> anyhow::Result<Answer> {
    let key =
        PublicKey::from_text(&read(&arguments.key)?).with_context(|| arguments.key.display().to_string())?;
    let name = arguments.file.display().to_string();
    let signed = SignedContacts::from_json(&read(&arguments.file)?).with_context(|| name.clone())?;
    match signed.verify(&key) {
        Ok(()) => {
            writeln!(io::stdout(), "{}", signed.payload.canonical()).context("standard output")?;
            Ok(judge_time(&name, &signed.payload))
        }
        Err(fault @ NotVerified::BadSignature) => {
            eprintln!("choba: {name}: {fault}");
            Ok(Answer::No)
        }
        Err(fault) => Err(fault).context(name),
    }
}

fn judge_time(name: &str, list: &OfficialContacts) -> Answer {
    match list.validity(now()) {
        Validity::Valid => Answer::Yes,
        Validity::ExpiresSoon { days } => {
            eprintln!(
                "choba: {name}: warning: expires in {days} days, at {}; publish it anew",
                list.expires_at
            );
            Answer::No
        }
        Validity::Expired => {
            eprintln!("choba: {name}: expired at {}; do not rely on it", list.expires_at);
            Answer::No
        }
    }
}

fn read(file: &Path) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| file.display().to_string())
}
