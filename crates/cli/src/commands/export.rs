//! `choba export`: orders and the journal for others to reckon with.

use std::io::{self, BufWriter};

use anyhow::Context as _;
use choba_app::{ExportError, ExportFormat, export_journal, export_orders};
use choba_store::books::ExportFilter;
use jiff::Timestamp;

use crate::Answer;
use crate::database::{Database, explained, wait_for};

#[derive(clap::Args)]
#[command(after_help = "\
Rows come by customer and id. Amounts are whole numbers, times RFC 3339. Of a person there is only the customer's
id. The columns: docs/books.md

Examples:
  choba export orders --db sqlite:choba-data/books.sqlite --format csv > orders.csv
  choba export journal --db postgres://choba@localhost/choba --from 2026-11-01T00:00:00+09:00 | head")]
pub struct Arguments {
    /// What to print: a row for each order, or for each posting of the journal.
    what: What,

    #[command(flatten)]
    database: Database,

    /// How rows are written.
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    format: Format,

    /// Only what was placed or made at this time or later, in RFC 3339.
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    from: Option<Timestamp>,

    /// Only what was placed or made before this time, in RFC 3339.
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    to: Option<Timestamp>,

    /// Only of this market.
    #[arg(long, value_name = "NAME")]
    market: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// A row for each order.
    Orders,
    /// A row for each posting.
    Journal,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A JSON object a line.
    Ndjson,
    /// Comma-separated values with a line of names.
    Csv,
}

/// Prints the rows.
pub fn run(arguments: &Arguments) -> anyhow::Result<Answer> {
    let filter = ExportFilter {
        from: arguments.from.map_or(i64::MIN, Timestamp::as_millisecond),
        before: arguments.to.map_or(i64::MAX, Timestamp::as_millisecond),
        market: arguments.market.clone(),
    };
    let format = match arguments.format {
        Format::Ndjson => ExportFormat::Ndjson,
        Format::Csv => ExportFormat::Csv,
    };
    let exported = wait_for(async {
        let mut snapshot = arguments.database.snapshot().await?;
        let mut output = BufWriter::with_capacity(1 << 16, io::stdout());
        Ok(match arguments.what {
            What::Orders => export_orders(&mut snapshot, &filter, format, &mut output).await,
            What::Journal => export_journal(&mut snapshot, &filter, format, &mut output).await,
        })
    })?;
    match exported {
        Ok(_) => Ok(Answer::Yes),
        Err(ExportError::Store(error)) => Err(explained(error)),
        Err(ExportError::Write(error)) => Err(error).context("standard output"),
    }
}

fn read_time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "expected a time such as 2026-11-01T00:00:00+09:00".to_owned())
}
