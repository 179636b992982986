//! `choba audit verify`: is the audit log as it was written?

use std::io::{self, Write as _};

use anyhow::Context as _;
use choba_app::{AuditDifference, AuditSummary, NotedHead, verify_audit};
use serde_json::json;

use crate::Answer;
use crate::database::{Kept, explained_app, wait_for};

#[derive(clap::Args)]
#[command(after_help = "\
It can run while the service is in use: it looks at one moment. It changes nothing. The head that it prints is to be noted
somewhere else: with --head, a log that was put back to an earlier state is found too. Without the keys of the service
the seal of the head is not checked.

Examples:
  choba audit verify
  choba audit verify --db postgres://choba@localhost/choba --head 1204:9f86d0…

What is checked: docs/identity.md")]
pub struct Arguments {
    #[command(flatten)]
    kept: Kept,

    /// A head that was printed before: it must still be in the chain.
    #[arg(long, value_name = "PLACE:HASH", value_parser = read_head)]
    head: Option<NotedHead>,

    /// Print JSON: a line {"difference": …} for each, at last a line {"summary": …}.
    #[arg(long)]
    json: bool,
}

/// Checks; the exit status is 1 where something differs.
pub fn run(arguments: &Arguments) -> anyhow::Result<Answer> {
    let summary = wait_for(check(arguments))?;
    tell_summary(&summary, arguments.json).context("standard output")?;
    Ok(if summary.differences == 0 { Answer::Yes } else { Answer::No })
}

async fn check(arguments: &Arguments) -> anyhow::Result<AuditSummary> {
    let secrets = arguments.kept.secrets_if_there()?;
    if secrets.is_none() {
        eprintln!("choba: the keys of the service are not here: the seal is not checked");
    }
    let mut written: io::Result<()> = Ok(());
    let mut tell = |difference: AuditDifference| {
        if written.is_ok() {
            written = match arguments.json {
                true => writeln!(io::stdout(), "{}", json!({ "difference": difference })),
                false => writeln!(io::stdout(), "{difference}"),
            };
        }
    };
    let snapshot = arguments.kept.snapshot().await?;
    let summary = verify_audit(snapshot, secrets.as_ref(), arguments.head.as_ref(), &mut tell).await;
    written.context("standard output")?;
    summary.map_err(explained_app)
}

fn tell_summary(summary: &AuditSummary, as_json: bool) -> io::Result<()> {
    let mut output = io::stdout().lock();
    if as_json {
        return writeln!(output, "{}", json!({ "summary": summary }));
    }
    writeln!(output, "{:<24} {:>12}", "rows in the chain", summary.linked)?;
    writeln!(output, "{:<24} {:>12}", "rows not linked yet", summary.waiting)?;
    if summary.head_place > 0 {
        writeln!(output, "head {}:{}", summary.head_place, summary.head_hash)?;
    }
    match summary.differences {
        0 => writeln!(output, "The audit log is fine."),
        count => writeln!(output, "The audit log differs: {count}."),
    }
}

fn read_head(text: &str) -> Result<NotedHead, String> {
    let wrong = || "expected PLACE:HASH, as it was printed".to_owned();
    let (place, hash) = text.split_once(':').ok_or_else(wrong)?;
    let place = place.parse().map_err(|_| wrong())?;
    let right = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    if right { Ok(NotedHead { place, hash: hash.to_owned() }) } else { Err(wrong()) }
}
