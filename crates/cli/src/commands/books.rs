//! `choba books`: check the books, and look at one customer's.

mod show;
mod verify;

use crate::Answer;

/// Check the books, and look at one customer's.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make every balance anew from the journal and compare. Exit status 1 where something differs.
    Verify(verify::Arguments),
    /// Show a customer's lots and last entries.
    Show(show::Arguments),
}

/// Runs the chosen part.
pub fn run(arguments: Arguments) -> anyhow::Result<Answer> {
    match arguments.command {
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Show(arguments) => show::run(&arguments),
    }
}

pub use verify::Told;
