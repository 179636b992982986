//! `choba sandbox` as a tester starts it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is a failure with a name")]

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Child;

use serde_json::{Value, json};
use support::{choba, program};

/// A sandbox that is stopped when the test ends.
struct Running {
    child: Child,
    roles: Vec<Value>,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = program(&[&["sandbox"], arguments].concat()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let roles = lines.take(3).map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
        Self { child, roles }
    }

    fn of(&self, role: &str, key: &str) -> String {
        let line = self.roles.iter().find(|line| line["role"] == role).unwrap();
        line[key].as_str().unwrap().replace("<program>", "d-point")
    }

    /// Asks a role; gives status and body.
    fn call(&self, role: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
        let base = self.of(role, "base_url");
        let (host, base_path) = base.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "{method} /{base_path}{path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\n\
             idempotency-key: k\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            self.of(role, "token"),
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    /// Kills it, as an accident would; gives what it told on standard error.
    fn kill(mut self) -> String {
        self.child.kill().unwrap();
        let mut told = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        told
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn state_file(name: &str) -> PathBuf {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_file(&file);
    file
}

const HOLD: &str = r#"{"points": 30, "reference": "order-1"}"#;

#[test]
fn it_says_where_it_is_and_with_which_tokens_and_logs_no_token() {
    let sandbox = Running::start(&["--balance", "100"]);
    let (status, hold) = sandbox.call("partner", "POST", "/v1/members/taro/holds", HOLD);
    assert_eq!((status, &hold["points"]), (201, &json!(30)));
    let (_, ledger) = sandbox.call("control", "GET", "/ledger", "");
    assert_eq!(ledger["partners"]["d-point"]["members"]["taro"]["balance"], json!(100));
    let tokens = ["card", "partner", "control"].map(|role| sandbox.of(role, "token"));
    assert!(tokens[0] != tokens[1] && tokens[1] != tokens[2] && tokens[0].len() == 48);
    let told = sandbox.kill();
    assert!(told.contains(r#""path":"/partners/d-point/v1/members/taro/holds","status":201"#), "{told}");
    assert!(tokens.iter().all(|token| !told.contains(token.as_str())), "{told}");
}

#[test]
fn killed_and_started_again_it_gives_the_same_answers() {
    let file = state_file("sandbox-killed.jsonl");
    let arguments = ["--token", "test", "--state", file.to_str().unwrap()];
    let first = Running::start(&arguments);
    let before = first.call("partner", "POST", "/v1/members/taro/holds", HOLD);
    first.kill();
    let second = Running::start(&arguments);
    assert_eq!(second.call("partner", "POST", "/v1/members/taro/holds", HOLD), before);
    let (_, balance) = second.call("partner", "GET", "/v1/members/taro/balance", "");
    assert_eq!(balance["available"], json!(9_970));
}

#[test]
fn what_cannot_be_used_is_told_before_it_starts() {
    let file = state_file("sandbox-other.txt");
    fs::write(&file, "something else\n").unwrap();
    for (arguments, told) in [
        (vec!["--state", file.to_str().unwrap()], "line 1"),
        (vec!["--webhook", "http://shop.example/"], "https"),
        (vec!["--webhook", "http://127.0.0.1/", "--webhook-secret", "secret"], "whsec_"),
        (vec!["--listen", "192.0.2.1:1"], "192.0.2.1:1"),
        (vec!["--token", "two words"], "ASCII"),
    ] {
        let run = choba(&[&["sandbox"], arguments.as_slice()].concat(), "");
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(run.stderr.contains(told), "{arguments:?}: {}", run.stderr);
    }
}
