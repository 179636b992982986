//! Runs the program as a user would.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::Value;

/// How a run ended.
#[derive(Debug)]
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// The answers, one a line.
    pub fn answers(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// The program with its arguments, in a locale of no language and without colours forced upon it.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_choba"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in ["LANG", "LC_ALL", "LC_MESSAGES", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command
}

/// Runs the program to its end with this on its standard input.
pub fn choba(arguments: &[&str], input: impl AsRef<[u8]>) -> Run {
    run(&mut program(arguments), input.as_ref())
}

/// Runs a prepared program to its end.
pub fn run(command: &mut Command, input: &[u8]) -> Run {
    let mut running = command.spawn().unwrap();
    let mut stdin = running.stdin.take().unwrap();
    let output = thread::scope(|scope| {
        // Written beside the reading: either side would wait for the other once a pipe is full. A program that
        // refuses its arguments reads nothing.
        scope.spawn(move || stdin.write_all(input));
        running.wait_with_output().unwrap()
    });
    Run {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A path of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The cart of `examples/cart.json`.
pub fn cart() -> Value {
    serde_json::from_str(&fs::read_to_string(repository("examples/cart.json")).unwrap()).unwrap()
}

/// The cart with a change.
pub fn cart_with(change: impl FnOnce(&mut Value)) -> String {
    let mut cart = cart();
    change(&mut cart);
    cart.to_string()
}

/// An empty directory for one test.
pub fn directory(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    directory
}

/// A copy of a sample market in a directory of its own, with one text of one file replaced by another.
pub fn market_copy(name: &str, sample: &str, file: &str, from: &str, to: &str) -> PathBuf {
    let directory = directory(name);
    for entry in fs::read_dir(repository("markets").join(sample)).unwrap() {
        let path = entry.unwrap().path();
        // Its terms: help has tests of its own.
        if path.is_file() {
            fs::copy(&path, directory.join(path.file_name().unwrap())).unwrap();
        }
    }
    let changed = directory.join(file);
    let text = fs::read_to_string(&changed).unwrap();
    assert!(text.contains(from), "{file} has no {from:?}");
    fs::write(&changed, text.replacen(from, to, 1)).unwrap();
    directory
}

/// The number of the first line of a file that contains a text.
pub fn line_of(file: &Path, text: &str) -> usize {
    let content = fs::read_to_string(file).unwrap();
    content.lines().position(|line| line.contains(text)).unwrap() + 1
}
