//! `choba market diff`: what another version of a market would have done with the same requests.

use std::io::{BufRead, BufReader, IsTerminal};
use std::path::PathBuf;

use anstream::println;
use choba_engine::market::Market;
use choba_engine::quote::quote;
use choba_formats::language::grouped;
use indicatif::{ProgressBar, ProgressStyle};

use super::changes::{Both, Changes};
use crate::Answer;
use crate::commands::quote as quoting;
use crate::markets;
use crate::requests::{self, RequestBytes, Requests};

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
    let version = |market: &Market| format!("{} {}", market.name, market.version);
    let mut changes = Changes { a: version(a), b: version(b), ..Changes::default() };
    while let Some(request) = requests.next()? {
        let fault = compare(a, b, &request, &mut changes).err();
        if let Some(fault) = fault {
            changes.unusable += 1;
            eprintln!("choba: request on line {}: {fault}", request.line);
        }
    }
    Ok(changes)
}

/// A fault under both versions is the request's; under one of them it is a change.
fn compare(a: &Market, b: &Market, request: &RequestBytes, changes: &mut Changes) -> Result<(), String> {
    let (text, line) = (quoting::read(request)?, request.line);
    let (before, after) = (text.resolve(a), text.resolve(b));
    let (before, after) = match (&before, &after) {
        (Ok(before), Ok(after)) => (quote(a, before), quote(b, after)),
        (Err(fault), Err(_)) => return Err(fault.to_string()),
        (Err(fault), Ok(_)) => return changes.priced_by_one_only(line, "A", fault.to_string()),
        (Ok(_), Err(fault)) => return changes.priced_by_one_only(line, "B", fault.to_string()),
    };
    match (before, after) {
        (Ok(before), Ok(after)) => changes.add(line, &before, &after),
        (Err(error), Err(_)) => return Err(error.to_string()),
        (Err(error), Ok(_)) => return changes.priced_by_one_only(line, "A", error.to_string()),
        (Ok(_), Err(error)) => return changes.priced_by_one_only(line, "B", error.to_string()),
    }
    Ok(())
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
