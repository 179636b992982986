//! `choba audit`: check the audit log, and read it.

mod show;
mod verify;

use crate::Answer;

/// Check the audit log of what staff and programs did, and read it.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make the chain of the log anew and compare. Exit status 1 where a row was changed, removed or moved.
    Verify(verify::Arguments),
    /// Print rows of the log.
    Show(show::Arguments),
}

/// Runs the chosen part.
pub fn run(arguments: Arguments) -> anyhow::Result<Answer> {
    match arguments.command {
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Show(arguments) => show::run(&arguments),
    }
}
