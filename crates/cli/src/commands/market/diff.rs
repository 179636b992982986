//! `choba market diff`: what another version of a market would have done with the same requests.

use std::io::{BufRead, BufReader, IsTerminal};
use std::path::PathBuf;

use anstream::println;
use choba_engine::market::Market;
use choba_formats::language::grouped;
use choba_formats::market_changes::{Both, Changes};
use indicatif::{ProgressBar, ProgressStyle};

use crate::Answer;
use crate::commands::quote as quoting;
use crate::markets;
use crate::requests::{self, Requests};

/// Price requests under two versions of a market and show what changes.
#[derive(clap::Args)]
pub struct Arguments {
    /// The version in force: a sample market's name or a directory.
    a: String,
    /// The version to try.
    b: String,
    /// The requests, one after another; `-` for standard input.
    requests: PathBuf,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

/// Replays every request under both versions.
pub fn run(arguments: &Arguments) -> anyhow::Result<Answer> {
    let (a, b) = (markets::load(&arguments.a)?, markets::load(&arguments.b)?);
    let progress = progress_bar(arguments);
    let input = progress.wrap_read(requests::open(Some(&arguments.requests))?);
    let changes = replay(&a, &b, Box::new(BufReader::with_capacity(1 << 18, input)))?;
    progress.finish_and_clear();
    match arguments.json {
        true => println!("{}", serde_json::to_string(&changes)?),
        false => print(&changes),
    }
    Ok(if changes.unusable == 0 { Answer::Yes } else { Answer::SomeInputUnusable })
}

/// Bytes read of the file, on a terminal; nothing elsewhere.
fn progress_bar(arguments: &Arguments) -> ProgressBar {
    let size = std::fs::metadata(&arguments.requests).map(|file| file.len()).unwrap_or(0);
    if size == 0 || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(size);
    let style = ProgressStyle::with_template("{bar:40} {percent}% {bytes}/{total_bytes}, {eta} left");
    style.map_or(bar.clone(), |style| bar.with_style(style))
}

fn replay(a: &Market, b: &Market, input: Box<dyn BufRead + Send + '_>) -> anyhow::Result<Changes> {
    let mut requests = Requests::new(input);
    let mut changes = Changes::between(a, b);
    while let Some(request) = requests.next()? {
        let compared = quoting::read(&request).and_then(|text| changes.compare(a, b, &text, request.line));
        if let Err(fault) = compared {
            changes.unusable += 1;
            eprintln!("choba: request on line {}: {fault}", request.line);
        }
    }
    Ok(changes)
}

fn print(changes: &Changes) {
    println!("A {}\nB {}\n", changes.a, changes.b);
    println!("requests {}, changed {}", number(changes.requests.into()), number(changes.changed.into()));
    if changes.priced_by_one_only > 0 {
        println!("priced under one version only: {}", number(changes.priced_by_one_only.into()));
        changes.refused_by_one.iter().for_each(|refused| println!("  {refused}"));
    }
    println!("\n{:<28}{:>20}{:>20}{:>20}", "yen", "A", "B", "change");
    changes.totals.iter().for_each(|(name, both)| row(name, *both));
    println!("\n{:<28}{:>20}{:>20}{:>20}", "who pays, yen", "A", "B", "change");
    changes.tenders.iter().for_each(|(name, both)| row(name, *both));
    println!("\n{:<28}{:>20}{:>20}{:>20}", "points granted", "A", "B", "change");
    changes.points.iter().for_each(|(name, both)| row(name, *both));
    if !changes.largest.is_empty() {
        println!("\nlargest changes");
    }
    for change in &changes.largest {
        let (total, points) = (signed(change.total.change()), signed(change.points.change()));
        println!("  request on line {}: total {total} yen, points {points}", change.line);
        change.reasons.iter().for_each(|reason| println!("    {reason}"));
    }
}

fn row(name: &str, both: Both) {
    println!("{name:<28}{:>20}{:>20}{:>20}", number(both.before), number(both.after), signed(both.change()));
}

fn number(number: i128) -> String {
    i64::try_from(number).map_or_else(|_| number.to_string(), |number| grouped(number, "", ""))
}

fn signed(change: i128) -> String {
    match change {
        1.. => format!("+{}", number(change)),
        _ => number(change),
    }
}
