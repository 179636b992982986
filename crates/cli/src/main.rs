//! `choba`, the one binary: the only place that reads arguments, environment, files and the clock.
//!
//! Data goes to standard output, talk to standard error. Exit status: 0 fine, 1 the answer is "no",
//! 2 the input could not be used.

mod commands;
mod data_directory;
mod database;
mod language;
mod lines;
mod markets;
mod progress;
mod requests;
mod stream;

use std::io;
use std::process::ExitCode;

use clap::Parser;

/// How a command ended when its input could be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Everything was fine: exit status 0.
    Yes,
    /// The work was done and the answer is "no" (a broken market, books that differ): exit status 1.
    No,
    /// Part of the input could not be used; each part was named on standard error: exit status 2.
    SomeInputUnusable,
}

fn main() -> ExitCode {
    let program = commands::Program::parse();
    match program.run() {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Ok(Answer::SomeInputUnusable) => ExitCode::from(2),
        Err(error) if reader_went_away(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("choba: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// A closed pipe (`choba … | head`) is not a fault of the input.
fn reader_went_away(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
