//! `choba books show`: a customer's lots and last entries, as a table.

use std::io::{self, Write};

use anyhow::Context as _;
use choba_engine::books::Lot;
use choba_store::books::{ExportedPosting, last_entries, lots_of_customer};
use jiff::Timestamp;

use crate::Answer;
use crate::database::{Database, explained, wait_for};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    database: Database,

    /// The customer's id.
    #[arg(long, value_name = "ID")]
    customer: String,

    /// The market's name.
    #[arg(long, value_name = "NAME")]
    market: String,

    /// How many of the last entries to show.
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(i64).range(0..=10_000))]
    entries: i64,
}

/// Prints the tables; the exit status is 1 where nothing is known of the customer.
pub fn run(arguments: &Arguments) -> anyhow::Result<Answer> {
    let Arguments { customer, market, entries, .. } = arguments;
    let (lots, postings) = wait_for(async {
        let mut snapshot = arguments.database.snapshot().await?;
        let lots = lots_of_customer(&mut snapshot, customer, market).await.map_err(explained)?;
        let postings = last_entries(&mut snapshot, customer, market, *entries).await.map_err(explained)?;
        Ok((lots, postings))
    })?;
    if lots.is_empty() && postings.is_empty() {
        eprintln!("choba: nothing is known of customer {customer:?} in market {market:?}");
        return Ok(Answer::No);
    }
    print(&lots, &postings).context("standard output")?;
    Ok(Answer::Yes)
}

fn print(lots: &[Lot], postings: &[ExportedPosting]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    let names = ["lot", "program", "kind", "granted", "remaining", "expired", "available", "expires", "from"];
    print_table(&mut output, names.map(str::to_owned), lots.iter().map(lot_row))?;
    writeln!(output)?;
    let names = ["entry", "made", "reason", "order", "account", "unit", "amount"];
    print_table(&mut output, names.map(str::to_owned), postings.iter().map(posting_row))
}

fn lot_row(lot: &Lot) -> [String; 9] {
    let (origin, id) = lot.origin.parts();
    let kind = lot.kind.map_or(String::new(), |kind| format!("{kind:?}").to_lowercase());
    [
        lot.lot_id.clone(),
        lot.program.clone(),
        if lot.void { format!("{kind} (void)") } else { kind },
        lot.granted.units().to_string(),
        lot.remaining.units().to_string(),
        lot.expired.units().to_string(),
        lot.available_at.to_string(),
        lot.expires_at.map_or_else(|| "never".to_owned(), |at| at.to_string()),
        format!("{origin} {id}"),
    ]
}

fn posting_row(posting: &ExportedPosting) -> [String; 7] {
    let made_at = Timestamp::from_millisecond(posting.made_at).map(|at| at.to_string());
    [
        posting.entry_id.clone(),
        made_at.unwrap_or_default(),
        posting.reason.clone(),
        posting.order_id.clone().unwrap_or_default(),
        match &posting.lot_id {
            Some(lot_id) => format!("{} {lot_id}", posting.account),
            None => posting.account.clone(),
        },
        posting.unit.clone(),
        posting.amount.to_string(),
    ]
}

/// Columns as wide as their longest text.
fn print_table<const COLUMNS: usize>(
    output: &mut impl Write,
    names: [String; COLUMNS],
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> io::Result<()> {
    let rows: Vec<[String; COLUMNS]> = std::iter::once(names).chain(rows).collect();
    let length =
        |row: &[String; COLUMNS], column| row.get(column).map_or(0, |text: &String| text.chars().count());
    let width = |column| rows.iter().map(|row| length(row, column)).max().unwrap_or(0);
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    for row in &rows {
        let cells = row.iter().zip(widths).map(|(text, width)| format!("{text:<width$}"));
        writeln!(output, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}
