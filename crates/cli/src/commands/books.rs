//! `choba books`: check the books, look at one customer's, and see an order live in them.

mod life;
mod show;
mod verify;

use crate::Answer;

/// Check the books, look at one customer's, and see an order live in them.
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
    /// Let an order live in empty books, and show the books after each step.
    Life(life::Arguments),
}

/// Runs the chosen part.
pub fn run(arguments: Arguments) -> anyhow::Result<Answer> {
    match arguments.command {
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Show(arguments) => show::run(&arguments),
        Command::Life(arguments) => life::run(&arguments),
    }
}

pub use verify::Told;
