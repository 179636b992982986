//! `choba market`: check market files, compare two versions, print their schema and reference.

mod diff;

use std::path::{Path, PathBuf};

use anstream::println;
use choba_formats::language::Language;
use choba_formats::market_files::{self, Help};

use crate::Answer;

/// Check and compare market files.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Tell every mistake in a directory of market files and its help, each with its place. Exit status 1 where there
    /// is one.
    Check {
        /// The directory.
        dir: PathBuf,
    },
    /// Price requests under two versions of a market and show what changes: totals, who pays, points.
    Diff(diff::Arguments),
    /// Print the JSON Schema of market files, for editors.
    Schema,
    /// Print the reference of market files: every key, its type, default and an example, in Markdown.
    Reference,
}

/// Runs the chosen part.
pub fn run(arguments: Arguments) -> anyhow::Result<Answer> {
    match arguments.command {
        Command::Check { dir } => check(&dir),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Schema => {
            println!("{:#}", market_files::schema());
            Ok(Answer::Yes)
        }
        Command::Reference => {
            println!("{}", market_files::reference().trim_end());
            Ok(Answer::Yes)
        }
    }
}

fn tell_help(help: &Help) {
    let (shown, left_out) = (help.articles(Language::Ja).len(), help.left_out());
    if shown == 0 && left_out.is_empty() {
        return println!("no help");
    }
    println!("help: articles {shown} in Japanese and English; version {}", help.version());
    if !left_out.is_empty() {
        println!(
            "help: not shown, because they speak of what the market does not have: {}",
            left_out.join(", ")
        );
    }
}

fn check(dir: &Path) -> anyhow::Result<Answer> {
    let files = market_files::files_in(dir)?;
    match market_files::check_with_help(&files) {
        Ok((market, help)) => {
            println!(
                "{}: market {:?} is fine: sellers {}, programs {}, coupons {}, methods {}; version {}",
                dir.display(),
                market.name,
                market.sellers.len(),
                market.programs.len(),
                market.coupons.len(),
                market.methods.len(),
                market.version,
            );
            tell_help(&help);
            Ok(Answer::Yes)
        }
        Err(report) => {
            // The stream takes the colours out again where nobody sees them.
            println!("{}\n", report.render(true));
            println!("{}: mistakes: {}", dir.display(), report.mistakes.len());
            Ok(Answer::No)
        }
    }
}
