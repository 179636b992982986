//! `choba keys`: API keys of programs, for whoever has the database and the service's keys on this machine.

use std::io::{self, Write as _};

use anyhow::Context as _;
use choba_app::{ApiKey, Caller, Counter, GRACE_USUAL, MadeApiKey, MakeApiKey, Right};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::Answer;
use crate::database::{Kept, explained_app, now, wait_for};

/// Keys that are read together.
const PAGE: i64 = 200;

/// Make, list, rotate and end the keys with which programs call the service.
#[derive(clap::Args)]
#[command(after_help = "\
A key's secret is printed once, on standard output, and kept nowhere: pipe it to where it is needed. What is done here is in
the audit log as done by `system`.

Examples:
  choba keys make --name backend --right orders:read --right orders:write > backend.key
  choba keys list
  choba keys rotate key_01… --grace 2h > backend.key
  choba keys end key_01…

Which rights there are: docs/identity.md")]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make a key, and print its secret.
    Make(Make),
    /// List keys, without their secrets.
    List(List),
    /// Give a key another secret, and print it.
    Rotate(Rotate),
    /// End a key at once.
    End(End),
}

#[derive(clap::Args)]
struct Make {
    #[command(flatten)]
    kept: Kept,

    /// What people call it.
    #[arg(long)]
    name: String,

    /// What it may do, such as orders:read; may be given several times.
    #[arg(long = "right", value_name = "RIGHT", required = true, value_parser = read_right)]
    rights: Vec<Right>,

    /// When it ends by itself; never without it.
    #[arg(long, value_name = "TIME")]
    expires_at: Option<Timestamp>,
}

#[derive(clap::Args)]
struct List {
    #[command(flatten)]
    kept: Kept,

    /// Print a JSON line for each key.
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct Rotate {
    #[command(flatten)]
    kept: Kept,

    /// Which key.
    key_id: String,

    /// How long the old secret stays good, such as 2h or 30m; 0s to end it at once.
    #[arg(long, value_name = "TIME", default_value_t = GRACE_USUAL)]
    grace: SignedDuration,
}

#[derive(clap::Args)]
struct End {
    #[command(flatten)]
    kept: Kept,

    /// Which key.
    key_id: String,
}

/// Runs the chosen part.
pub fn run(arguments: Arguments) -> anyhow::Result<Answer> {
    wait_for(async {
        match arguments.command {
            Command::Make(arguments) => make(arguments).await,
            Command::List(arguments) => list(&arguments).await,
            Command::Rotate(arguments) => rotate(&arguments).await,
            Command::End(arguments) => end(&arguments).await,
        }
    })
}

async fn make(arguments: Make) -> anyhow::Result<Answer> {
    let counter = arguments.kept.counter().await?;
    let make = MakeApiKey {
        name: arguments.name,
        rights: arguments.rights,
        expires_at: arguments.expires_at,
        key: None,
    };
    let made = counter.make_api_key(&Caller::Itself, make, now()).await;
    tell(&counter, made.map_err(explained_app)?, "made").await
}

async fn rotate(arguments: &Rotate) -> anyhow::Result<Answer> {
    let counter = arguments.kept.counter().await?;
    let rotated = counter.rotate_api_key(&Caller::Itself, &arguments.key_id, arguments.grace, now()).await;
    tell(&counter, rotated.map_err(explained_app)?, "rotated").await
}

/// The secret goes to standard output alone, so that it can be piped.
async fn tell(counter: &Counter, made: MadeApiKey, what: &str) -> anyhow::Result<Answer> {
    writeln!(io::stdout(), "{}", made.secret.reveal()).context("standard output")?;
    close(counter).await?;
    eprintln!("choba: {what} {} ({}); its secret is shown only now", made.key.key_id, made.key.name);
    Ok(Answer::Yes)
}

async fn end(arguments: &End) -> anyhow::Result<Answer> {
    let counter = arguments.kept.counter().await?;
    let ended =
        counter.end_api_key(&Caller::Itself, &arguments.key_id, now()).await.map_err(explained_app)?;
    close(&counter).await?;
    eprintln!("choba: ended {} ({})", ended.key_id, ended.name);
    Ok(Answer::Yes)
}

async fn list(arguments: &List) -> anyhow::Result<Answer> {
    let counter = arguments.kept.counter().await?;
    let mut after: Option<String> = None;
    loop {
        let keys = counter.api_keys(&Caller::Itself, after.as_deref(), PAGE).await.map_err(explained_app)?;
        after = keys.last().map(|key| key.key_id.clone());
        for key in &keys {
            print(key, arguments.json).context("standard output")?;
        }
        if after.is_none() {
            break;
        }
    }
    counter.store().close().await;
    Ok(Answer::Yes)
}

fn print(key: &ApiKey, as_json: bool) -> io::Result<()> {
    let rights: Vec<&str> = key.rights.iter().map(|right| right.as_str()).collect();
    let state = key.state(now()).as_str();
    if as_json {
        let line = json!({
            "key_id": key.key_id, "name": key.name, "state": state, "rights": rights, "made_at": key.made_at,
            "made_by": key.made_by, "expires_at": key.expires_at, "ended_at": key.ended_at, "used_at": key.used_at,
        });
        return writeln!(io::stdout(), "{line}");
    }
    let used = key.used_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    let (id, name, rights) = (&key.key_id, &key.name, rights.join(" "));
    writeln!(io::stdout(), "{id}  {state:<8} last used {used:<20}  {name}: {rights}")
}

/// What was done is linked into the audit log at once: there may be no service that does it later.
async fn close(counter: &Counter) -> anyhow::Result<()> {
    while counter.link_audit_rows(1_000).await.map_err(explained_app)? > 0 {}
    counter.store().close().await;
    Ok(())
}

fn read_right(word: &str) -> Result<Right, String> {
    let all = || Right::all().map(Right::as_str).collect::<Vec<_>>().join(", ");
    Right::read(word).ok_or_else(|| format!("no such right; there are {}", all()))
}
