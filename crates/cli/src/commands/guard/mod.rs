//! `choba guard`: whether links, phone numbers and mail senders are really the shop's, one JSON line each.
//!
//! Texts come as arguments or one a line on standard input. Lines are read, judged and answered one by one, so the
//! input may be endless. A line that cannot be used is named on standard error and the rest goes on. Nothing is
//! ever opened, looked up or connected to.

mod contacts;
mod judge;
mod publish;
mod verify;

use std::ffi::OsString;
use std::path::PathBuf;

use crate::Answer;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "\
Examples:
  choba guard https://amaz0n.co.jp/login
  choba guard --official contacts.json < links.txt
  choba guard --explain --lang ja '0120-899-544'
  echo '{\"kind\": \"email\", \"input\": \"Amazon <a@mail.example>\"}' | choba guard --json
  choba guard publish --official contacts.json --key key.pem --out .well-known")]
pub struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,

    #[command(flatten)]
    judge: judge::JudgeArguments,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Write the signed official-contacts.json and the security.txt of a list.
    Publish(publish::PublishArguments),
    /// Check a signed official-contacts.json: exit status 1 if it is not genuine, expired or about to expire.
    Verify(verify::VerifyArguments),
}

/// Whose contacts are official.
#[derive(clap::Args)]
struct List {
    /// A market's contacts, by name or directory; without this and --official, both sample markets'.
    #[arg(long, value_name = "NAME-or-DIR", conflicts_with = "official")]
    market: Option<String>,

    /// A JSON array of domains, phone numbers and mail senders: ["example.co.jp", "0120-123-456"].
    #[arg(long, value_name = "FILE")]
    official: Option<PathBuf>,
}

/// A text given as an argument; it need not be valid Unicode.
type Text = OsString;

/// Judges, publishes or verifies.
pub fn run(arguments: Arguments) -> anyhow::Result<Answer> {
    match arguments.action {
        None => judge::run(&arguments.judge),
        Some(Action::Publish(arguments)) => publish::run(&arguments),
        Some(Action::Verify(arguments)) => verify::run(&arguments),
    }
}
