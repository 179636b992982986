//! `choba completions` and `choba man`: made from the definition of the command line itself.

use std::io::{self, Write};

use clap::CommandFactory;

use super::Program;
use crate::Answer;

/// For which shell.
#[derive(clap::Args)]
pub struct Completions {
    /// The shell.
    shell: clap_complete::Shell,
}

/// Prints a completion script.
pub fn completions(arguments: &Completions) -> anyhow::Result<Answer> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Program::command(), "choba", &mut script);
    io::stdout().write_all(&script)?;
    Ok(Answer::Yes)
}

/// Prints the man page of the program and, after it, those of its commands.
pub fn man() -> anyhow::Result<Answer> {
    let mut page = Vec::new();
    let mut program = Program::command();
    // Building gives each command its full name, `choba-quote`.
    program.build();
    clap_mangen::Man::new(program.clone()).render(&mut page)?;
    for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
        clap_mangen::Man::new(command.clone()).render(&mut page)?;
    }
    io::stdout().write_all(&page)?;
    Ok(Answer::Yes)
}
