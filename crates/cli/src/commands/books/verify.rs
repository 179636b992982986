//! `choba books verify`: does everything that is kept fit the journal?

use std::io::{self, Write as _};

use anyhow::Context as _;
use choba_app::{BooksNews, BooksSummary, verify_snapshot};
use indicatif::ProgressBar;
use serde_json::json;

use crate::Answer;
use crate::database::{Database, explained, wait_for};
use crate::progress::{progress_bar, show};

#[derive(clap::Args)]
#[command(after_help = "\
It can run while the books are in use: it looks at one moment. It changes nothing.

Examples:
  choba books verify --db sqlite:choba-data/books.sqlite
  choba books verify --json --db postgres://choba@localhost/choba

What is checked: docs/books.md")]
pub struct Arguments {
    #[command(flatten)]
    database: Database,

    /// Print JSON: a line {"difference": …} for each, at last a line {"summary": …}.
    #[arg(long)]
    json: bool,
}

/// Checks; the exit status is 1 where something differs.
pub fn run(arguments: &Arguments) -> anyhow::Result<Answer> {
    let told = wait_for(async {
        let snapshot = arguments.database.snapshot().await?;
        let mut told = Told::new(arguments.json);
        let summary = verify_snapshot(snapshot, &mut |news| told.tell(news)).await.map_err(explained)?;
        told.finish(summary)
    })?;
    Ok(if told.is_fine() { Answer::Yes } else { Answer::No })
}

/// What is told while the books are checked.
pub struct Told {
    json: bool,
    bar: ProgressBar,
    written: io::Result<()>,
}

impl Told {
    /// Differences as lines for people, or as JSON.
    pub fn new(json: bool) -> Self {
        Self { json, bar: progress_bar("customers"), written: Ok(()) }
    }

    /// Tells one thing.
    pub fn tell(&mut self, news: BooksNews) {
        match news {
            BooksNews::Progress { done, all } => show(&self.bar, unsigned(done), unsigned(all)),
            BooksNews::Differs(difference) if self.written.is_ok() => {
                let json = self.json;
                self.written = self.bar.suspend(|| match json {
                    true => writeln!(io::stdout(), "{}", json!({ "difference": difference })),
                    false => writeln!(io::stdout(), "{difference}"),
                });
            }
            BooksNews::Differs(_) => {}
        }
    }

    /// Tells what there is, at last.
    pub fn finish(self, summary: BooksSummary) -> anyhow::Result<BooksSummary> {
        self.bar.finish_and_clear();
        let written = self.written.and_then(|()| match self.json {
            true => writeln!(io::stdout(), "{}", json!({ "summary": summary })),
            false => tell_summary(&summary),
        });
        written.context("standard output")?;
        Ok(summary)
    }
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

/// Prints what the books hold, for people.
fn tell_summary(summary: &BooksSummary) -> io::Result<()> {
    let mut output = io::stdout().lock();
    let counts = [
        ("customers", summary.customers),
        ("orders", summary.orders),
        ("cases", summary.cases),
        ("lots", summary.lots),
        ("entries", summary.entries),
        ("postings", summary.postings),
    ];
    for (what, count) in counts {
        writeln!(output, "{what:<40} {count:>20}")?;
    }
    for value in &summary.value {
        let what = format!("value of {} in {}", value.program, value.market);
        writeln!(output, "{what:<40} {:>20}", value.points)?;
    }
    match summary.differences {
        0 => writeln!(output, "The books are fine."),
        count => writeln!(output, "The books differ: {count}."),
    }
}
