//! `choba sandbox`: plays the outside parties until it is stopped.
//!
//! Addresses and tokens go to standard output, a JSON line for each role, so that a test can read where to ask. After
//! that nothing goes there any more: requests are told on standard error, a line each, without tokens.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use choba_outside::Secret;
use choba_outside::books::{BookOptions, Role};
use choba_outside::sandbox::{
    DialAct, DiallerPlay, RequestLine, Sandbox, SandboxOptions, Tokens, WebhookTarget,
};
use choba_outside::webhook::WebhookSecret;
use serde_json::json;

use crate::Answer;
use crate::data_directory::{hexadecimal, random};
use crate::database::now;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  choba sandbox
  choba sandbox --listen 127.0.0.1:8788 --token test --state sandbox.jsonl
  choba sandbox --webhook http://127.0.0.1:8080/webhooks/card

The calls, the cards and members that behave in a certain way, and how to play faults: docs/outside.md")]
pub struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,

    /// Keep the books in this file, so that they are the same after a restart.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// The token of all roles; without it each role gets a random one.
    #[arg(long, value_name = "TEXT", value_parser = read_token)]
    token: Option<Secret>,

    /// Where the card provider's webhooks go; without it they wait for PUT /control/webhook.
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,

    /// With which webhooks are signed (whsec_…); random without it.
    #[arg(long, value_name = "SECRET", requires = "webhook", value_parser = read_secret)]
    webhook_secret: Option<Secret>,

    /// Where the dialler tells of its calls, such as http://127.0.0.1:8080/v1/hooks/dialler; without it no dialler is played.
    #[arg(long, value_name = "URL")]
    dialler_events: Option<String>,

    /// With which the dialler and the shop sign (whsec_…); random without it.
    #[arg(long, value_name = "SECRET", requires = "dialler_events", value_parser = read_secret)]
    dialler_secret: Option<Secret>,

    /// How the first calls go, one after the other: answer, no_answer, busy, fail, drop:SECONDS, hang_up:SECONDS. Customers
    /// answer after that.
    #[arg(long, value_name = "CALL", requires = "dialler_events", value_parser = read_act, value_delimiter = ',')]
    calls: Vec<DialAct>,

    /// Points that a member has when first seen.
    #[arg(long, value_name = "POINTS", default_value_t = BookOptions::default().start_balance)]
    balance: u64,

    /// After so many seconds a hold of points lapses.
    #[arg(long, value_name = "SECONDS", default_value_t = BookOptions::default().hold_seconds,
        value_parser = clap::value_parser!(i64).range(1..=315_360_000))]
    hold_seconds: i64,

    /// How late answers to tok_slow and mbr_slow are, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 5000)]
    slow: u64,
}

/// Plays until it is stopped.
pub fn run(arguments: Arguments) -> anyhow::Result<Answer> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(play(arguments))?;
    Ok(Answer::Yes)
}

async fn play(arguments: Arguments) -> anyhow::Result<()> {
    let tokens = tokens(arguments.token.as_ref())?;
    let webhook_secret = match &arguments.webhook_secret {
        Some(secret) => secret.reveal().to_owned(),
        None => WebhookSecret::text_of(&random::<32>()?),
    };
    let webhook = match arguments.webhook {
        Some(url) => Some(WebhookTarget { url, secret: WebhookSecret::read(&webhook_secret)? }),
        None => None,
    };
    let signed = webhook.is_some().then_some(webhook_secret);
    let dialler_secret = match &arguments.dialler_secret {
        Some(secret) => secret.reveal().to_owned(),
        None => WebhookSecret::text_of(&random::<32>()?),
    };
    let dialler = match arguments.dialler_events {
        Some(url) => {
            let (secret, pace) = (WebhookSecret::read(&dialler_secret)?, Duration::from_secs(1));
            Some(DiallerPlay { url, secret, pace })
        }
        None => None,
    };
    let dials = dialler.is_some().then_some(dialler_secret);
    let options = SandboxOptions {
        books: BookOptions {
            run: hexadecimal(&random::<4>()?),
            start_balance: arguments.balance,
            hold_seconds: arguments.hold_seconds,
        },
        tokens: tokens.clone(),
        state_file: arguments.state,
        slow: Duration::from_millis(arguments.slow),
        webhook,
        dialler,
        log: Some(Arc::new(log)),
        ..SandboxOptions::new(Arc::new(now), "")
    };
    let sandbox = Sandbox::bind(arguments.listen, options).await?;
    sandbox.script_calls(arguments.calls);
    announce(&sandbox, &tokens, signed, dials).context("standard output")?;
    sandbox.run().await;
    Ok(())
}

/// A line for each role; where it is told, `<program>` is to be replaced by any name.
fn announce(
    sandbox: &Sandbox,
    tokens: &Tokens,
    webhook_secret: Option<String>,
    dialler_secret: Option<String>,
) -> io::Result<()> {
    let card = sandbox.base_url(&Role::Card);
    let partner = sandbox.base_url(&Role::Partner("<program>".to_owned()));
    let control = format!("http://{}/control", sandbox.address());
    let mut lines = [
        json!({ "role": "card", "base_url": card, "token": tokens.card }),
        json!({ "role": "partner", "base_url": partner, "token": tokens.partners }),
        json!({ "role": "control", "base_url": control, "token": tokens.control }),
    ];
    if let (Some(secret), [card, ..]) = (webhook_secret, &mut lines) {
        card["webhook_secret"] = json!(secret);
    }
    let dialler = dialler_secret
        .map(|secret| json!({ "role": "dialler", "url": sandbox.dialler_url(), "secret": secret }));
    let mut output = io::stdout().lock();
    for line in lines.into_iter().chain(dialler) {
        writeln!(output, "{line}")?;
    }
    output.flush()
}

fn log(line: &RequestLine) {
    // Whoever closed standard error does not want to read it.
    let _ = writeln!(io::stderr(), "{}", json!(line));
}

fn tokens(token: Option<&Secret>) -> anyhow::Result<Tokens> {
    let next = || match token {
        Some(token) => Ok(token.clone()),
        None => random::<24>().map(|bytes| Secret::new(hexadecimal(&bytes))),
    };
    Ok(Tokens { card: next()?, partners: next()?, control: next()? })
}

fn read_token(text: &str) -> Result<Secret, String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Secret::new(text));
    }
    Err("a token is printable ASCII without spaces".to_owned())
}

fn read_act(text: &str) -> Result<DialAct, String> {
    let seconds = |text: &str| text.parse::<u32>().map_err(|_| "expected seconds, such as drop:5".to_owned());
    match text.split_once(':') {
        None if text == "answer" => Ok(DialAct::Answer),
        None if text == "no_answer" => Ok(DialAct::NoAnswer),
        None if text == "busy" => Ok(DialAct::Busy),
        None if text == "fail" => Ok(DialAct::Fail),
        Some(("drop", after)) => Ok(DialAct::DropAfter(seconds(after)?)),
        Some(("hang_up", after)) => Ok(DialAct::HangUpAfter(seconds(after)?)),
        _ => Err("expected answer, no_answer, busy, fail, drop:SECONDS or hang_up:SECONDS".to_owned()),
    }
}

fn read_secret(text: &str) -> Result<Secret, String> {
    WebhookSecret::read(text).map(|_| Secret::new(text)).map_err(|fault| fault.to_string())
}
