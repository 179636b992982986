//! `choba audit show`: rows of the audit log, the newest first.

use std::io::{self, Write as _};

use anyhow::Context as _;
use choba_store::books::{AuditFilter, AuditRow, audit_rows_at};
use serde_json::{Value, json};

use crate::Answer;
use crate::database::{Kept, explained, wait_for};

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  choba audit show
  choba audit show --customer hanako --action personal.look
  choba audit show --by staff:sato --last 500 --json")]
pub struct Arguments {
    #[command(flatten)]
    kept: Kept,

    /// About this customer.
    #[arg(long, value_name = "ID")]
    customer: Option<String>,

    /// By this one: `staff:…`, `key:…` or `system`.
    #[arg(long, value_name = "WHO")]
    by: Option<String>,

    /// About this order, key or other thing.
    #[arg(long, value_name = "ID")]
    subject: Option<String>,

    /// Of this kind, such as personal.look.
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,

    /// How many rows, at most.
    #[arg(long, value_name = "COUNT", default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    last: i64,

    /// Print a JSON line for each row.
    #[arg(long)]
    json: bool,
}

/// Prints rows.
pub fn run(arguments: &Arguments) -> anyhow::Result<Answer> {
    let filter = AuditFilter {
        customer_id: arguments.customer.clone(),
        made_by: arguments.by.clone(),
        subject: arguments.subject.clone(),
        action: arguments.action.clone(),
    };
    let rows = wait_for(async {
        let mut snapshot = arguments.kept.snapshot().await?;
        audit_rows_at(&mut snapshot, &filter, None, arguments.last).await.map_err(explained)
    })?;
    let mut output = io::stdout().lock();
    for row in &rows {
        let line = if arguments.json { as_json(row).to_string() } else { as_text(row) };
        writeln!(output, "{line}").context("standard output")?;
    }
    Ok(Answer::Yes)
}

fn as_json(row: &AuditRow) -> Value {
    let details = row.details.as_ref().and_then(|details| serde_json::from_str::<Value>(details).ok());
    json!({
        "row_id": row.row_id, "happened_at": row.happened_at, "made_by": row.made_by, "action": row.action,
        "subject": row.subject, "customer_id": row.customer_id, "reason": row.reason, "details": details,
    })
}

fn as_text(row: &AuditRow) -> String {
    let AuditRow { happened_at, made_by, action, subject, .. } = row;
    let about = row.customer_id.as_ref().map(|id| format!("  of {id}")).unwrap_or_default();
    let reason = row.reason.as_ref().map(|reason| format!("  because: {reason}")).unwrap_or_default();
    format!("{happened_at}  {made_by}  {action}  {subject}{about}{reason}")
}
