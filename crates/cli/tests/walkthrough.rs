//! The commands of docs/service.md, run as they stand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

#[test]
fn a_stranger_quotes_orders_ships_tracks_returns_and_refunds() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_choba"))
        .env_clear()
        .args(["serve", "--demo", "--listen", "127.0.0.1:0", "--data"])
        .arg(directory.path().join("data"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut address = String::new();
    let mut key = String::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some(told) = line.strip_prefix("listening ") {
            address = told.to_owned();
        }
        if let Some(told) = line.trim().strip_prefix("key ") {
            key = told.trim().to_owned();
            break;
        }
    }
    let script = commands().replace("http://127.0.0.1:8080", &address).replace("choba_live_…", &key);
    let output = Command::new("bash").args(["-euo", "pipefail", "-c", &script]).output().unwrap();
    let _ = child.kill();
    let _ = child.wait();
    let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{told}\n{errors}");
    for part in
        ["\"payment_state\":\"authorised\"", "\"state\":\"shipped\"", "\"deducted\":400", "\"entries\":"]
    {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
}

/// The blocks of commands under the heading "Ten minutes", but the first, which starts the service.
fn commands() -> String {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/service.md")).unwrap();
    let part = page.split("## ").find(|part| part.starts_with("Ten minutes")).unwrap();
    let blocks = part.split("```sh\n").skip(2).map(|block| block.split("```").next().unwrap());
    blocks.collect::<Vec<_>>().join("\n")
}
