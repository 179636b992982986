//! `choba token`: a token of the service's own issuer, for whoever can read its key on this machine.

use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use choba_app::Role;
use choba_server::identity::{OwnIssuer, Subject};
use jiff::SignedDuration;

use crate::Answer;
use crate::data_directory::{DataDirectory, hexadecimal, random};
use crate::database::{data_directory, now};

/// Print a token for a customer or a member of staff.
#[derive(clap::Args)]
#[command(after_help = "\
The token is signed with the key in the data directory, and is good only at services that have the same key. It cannot be
taken back before its time is over.

Examples:
  choba token --customer hanako
  choba token --staff sato --role agent --ttl 1h
  curl -H \"Authorization: Bearer $(choba token --customer hanako)\" http://127.0.0.1:8080/v1/customers/hanako/wallet")]
#[command(group = clap::ArgGroup::new("who").required(true).args(["customer", "staff"]))]
pub struct Arguments {
    /// For this customer.
    #[arg(long, value_name = "ID")]
    customer: Option<String>,

    /// For this member of staff.
    #[arg(long, value_name = "ID", requires = "role")]
    staff: Option<String>,

    /// As what: agent, specialist, operator or auditor.
    #[arg(long, value_name = "ROLE", requires = "staff", conflicts_with = "customer", value_parser = read_role)]
    role: Option<Role>,

    /// How long it is good, such as 30m or 12h; at most 30 days.
    #[arg(long, value_name = "TIME", default_value_t = SignedDuration::from_hours(12))]
    ttl: SignedDuration,

    /// Where the keys of the service are kept; CHOBA_DATA or choba-data without it.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Prints a token.
pub fn run(arguments: Arguments) -> anyhow::Result<Answer> {
    let subject = match (arguments.customer, arguments.staff, arguments.role) {
        (Some(customer), ..) => Subject::Customer(customer),
        (None, Some(staff), Some(role)) => Subject::Staff(staff, role),
        _ => return Err(anyhow!("--staff needs --role")),
    };
    let data = DataDirectory::found(&data_directory(arguments.data.as_deref()))?;
    let own = OwnIssuer::from_seed(&data.issuer_seed());
    let token_id = hexadecimal(&random::<16>()?);
    let token =
        own.issue(&subject, arguments.ttl, now(), &token_id).map_err(|fault| anyhow!("{}", fault.fault))?;
    writeln!(io::stdout(), "{token}").context("standard output")?;
    Ok(Answer::Yes)
}

fn read_role(word: &str) -> Result<Role, String> {
    Role::read(word).ok_or_else(|| "expected agent, specialist, operator or auditor".to_owned())
}
