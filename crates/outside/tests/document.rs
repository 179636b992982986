//! What `docs/outside.md` says is what the sandbox does: its examples are run, in order.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is a failure with a name")]

mod support;

use std::fs;
use std::path::PathBuf;

use choba_outside::books::Role;
use choba_outside::sandbox::Sandbox;
use serde_json::Value;
use support::{TOKEN, sandbox};

fn page() -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/outside.md");
    fs::read_to_string(path).unwrap()
}

/// The page's blocks: language and content.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    page.split("\n```").skip(1).step_by(2).map(|block| block.split_once('\n').unwrap()).collect()
}

/// The commands of a block, a line each.
fn commands(block: &str) -> Vec<String> {
    let lines = block.replace("\\\n", " ");
    lines.lines().filter(|line| line.starts_with("curl ")).map(str::to_owned).collect()
}

/// Cuts a command as a shell does, as far as the page needs it.
fn words(command: &str, sandbox: &Sandbox) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for char in command.chars().chain([' ']) {
        match (quote, char) {
            (None, '\'' | '"') => quote = Some(char),
            (Some(open), _) if open == char => quote = None,
            (None, ' ') if word.is_empty() => {}
            (None, ' ') => words.push(std::mem::take(&mut word)),
            _ => word.push(char),
        }
    }
    let control = format!("http://{}/control", sandbox.address());
    let fill = |word: String| {
        word.replace("$CARD", &sandbox.base_url(&Role::Card))
            .replace("$PARTNER", &sandbox.base_url(&Role::Partner("d-point".to_owned())))
            .replace("$CONTROL", &control)
            // Nobody listens there; at the page's own address somebody may.
            .replace("127.0.0.1:8080", "127.0.0.1:9")
            .replace("$AUTH", &format!("Authorization: Bearer {TOKEN}"))
    };
    words.into_iter().map(fill).collect()
}

/// Does what `curl` would do; gives status and body.
async fn run(command: &str, sandbox: &Sandbox) -> (u16, String) {
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let words = words(command, sandbox);
    let (mut method, mut url, mut headers, mut body) = (None, None, Vec::new(), None);
    let mut words = words.iter().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "-X" => method = words.next(),
            "-H" => headers.push(words.next().unwrap().split_once(": ").unwrap()),
            "--json" => body = words.next(),
            _ => url = Some(word),
        }
    }
    let fallback = if body.is_some() { "POST" } else { "GET" };
    let method = method.map_or(fallback, String::as_str).parse().unwrap();
    let mut request = client.request(method, url.unwrap()).body(body.cloned().unwrap_or_default());
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn the_examples_of_the_page_are_true() {
    let sandbox = sandbox().await;
    let page = page();
    let mut last = (0, String::new());
    let mut answers = 0;
    for (language, block) in blocks(&page) {
        match language {
            "sh" => {
                for command in commands(block) {
                    last = run(&command, &sandbox).await;
                    assert!(last.0 < 300 || last.0 == 409, "{command}\n{last:?}");
                }
            }
            "json" => {
                let shown: Value = serde_json::from_str(block).unwrap();
                let answered: Value = serde_json::from_str(&last.1).unwrap();
                assert_eq!(shown, answered, "\n{answered}");
                answers += 1;
            }
            _ => {}
        }
    }
    assert!(answers > 15, "{answers}");
}

#[test]
fn the_page_names_every_operation() {
    let page = page();
    for operation in [
        "authorise",
        "capture",
        "void",
        "refund",
        "konbini_open",
        "konbini_cancel",
        "balance",
        "hold",
        "hold_capture",
        "hold_release",
        "credit",
        "debit",
        "link",
        "unlink",
    ] {
        assert!(page.contains(&format!("`{operation}`")), "{operation}");
    }
}
