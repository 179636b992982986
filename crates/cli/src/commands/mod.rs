//! The commands, a file each.

mod audit;
mod backup;
mod books;
mod export;
mod guard;
mod keys;
mod manual;
mod market;
mod parcel;
mod plan;
mod quote;
mod restore;
mod sandbox;
mod serve;
mod token;

use clap::{Parser, Subcommand};

use crate::Answer;

/// choba 帳場: the counter of a marketplace.
#[derive(Parser)]
#[command(name = "choba", version, about, max_term_width = 100)]
pub struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the HTTP API, with everything that the books need to be kept.
    Serve(serve::Arguments),
    /// Make, list, rotate and end the keys with which programs call the service.
    Keys(keys::Arguments),
    /// Print a token for a customer or a member of staff, signed by the service's own issuer.
    Token(token::Arguments),
    /// Check the audit log of what staff and programs did, and read it.
    Audit(audit::Arguments),
    /// Price carts: what they cost, who pays, what they earn, and why.
    Quote(quote::Arguments),
    /// Price carts with the best choice of coupons and stored value, and say why it is best.
    Plan(plan::Arguments),
    /// Check market files, and see what a change to them would do.
    Market(market::Arguments),
    /// Say what a tracking number is, whether it is well formed, whose it is and where to look.
    Parcel(parcel::Arguments),
    /// Say whether a link, phone number or mail sender is really the shop's.
    Guard(guard::Arguments),
    /// Check the books, look at one customer's, and see an order live in them.
    Books(books::Arguments),
    /// Write the books to a file, while they are in use.
    Backup(backup::Arguments),
    /// Read a backup into an empty place, and check the books.
    Restore(restore::Arguments),
    /// Print orders or the journal for others to reckon with.
    Export(export::Arguments),
    /// Play a card provider and partner point programs, for tests.
    Sandbox(sandbox::Arguments),
    /// Print a completion script for a shell.
    Completions(manual::Completions),
    /// Print the man page.
    Man,
}

impl Program {
    /// Runs the chosen command.
    pub fn run(self) -> anyhow::Result<Answer> {
        match self.command {
            Command::Serve(arguments) => serve::run(arguments),
            Command::Keys(arguments) => keys::run(arguments),
            Command::Token(arguments) => token::run(arguments),
            Command::Audit(arguments) => audit::run(arguments),
            Command::Quote(arguments) => quote::run(arguments),
            Command::Plan(arguments) => plan::run(arguments),
            Command::Market(arguments) => market::run(arguments),
            Command::Parcel(arguments) => parcel::run(arguments),
            Command::Guard(arguments) => guard::run(arguments),
            Command::Books(arguments) => books::run(arguments),
            Command::Backup(arguments) => backup::run(&arguments),
            Command::Restore(arguments) => restore::run(&arguments),
            Command::Export(arguments) => export::run(&arguments),
            Command::Sandbox(arguments) => sandbox::run(arguments),
            Command::Completions(arguments) => manual::completions(&arguments),
            Command::Man => manual::man(),
        }
    }
}
