//! `choba guard` as a program: arguments, lines, faults by place, exit statuses, and the published list.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is a failure with a name")]

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Made for these tests only: a seed of 0, 1, 2 … and its public half.
const SEED: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const PUBLIC: &str = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";

fn choba(arguments: &[&str], input: &[u8]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_choba"));
    program.arg("guard").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = program.spawn().unwrap();
    let mut stdin = running.stdin.take().unwrap();
    // A program that refuses its arguments reads nothing.
    let _ = stdin.write_all(input);
    drop(stdin);
    running.wait_with_output().unwrap()
}

fn answers(output: &Output) -> Vec<Value> {
    let lines = str::from_utf8(&output.stdout).unwrap().lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn verdicts(output: &Output) -> Vec<String> {
    answers(output).iter().map(|answer| answer["verdict"].as_str().unwrap().to_owned()).collect()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A directory of its own for one test.
fn directory(name: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("guard-{name}"));
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    directory
}

#[test]
fn arguments_are_answered_in_order_in_the_fixed_shape() {
    let output =
        choba(&["https://amaz0n.co.jp/x", "https://www.rakuten.co.jp/", "0120-899-543", "x@mail.test"], b"");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(verdicts(&output), ["lookalike", "official", "official", "unknown"]);
    let first = &answers(&output)[0];
    assert_eq!(first["input"], "https://amaz0n.co.jp/x");
    assert_eq!(first["kind"], "url");
    assert_eq!(first["resembles"], "amazon.co.jp");
    assert_eq!(first["signs"], serde_json::json!(["substituted_characters"]));
    assert!(first["message"]["ja"].is_string() && first["message"]["en"].is_string());
}

#[test]
fn a_market_has_its_own_contacts() {
    let output = choba(&["--market", "rakuten-style", "amazon.co.jp", "rakuten.ne.jp"], b"");
    assert_eq!(verdicts(&output), ["unknown", "official"]);
}

#[test]
fn a_list_file_replaces_them() {
    let list = directory("list").join("official.json");
    fs::write(&list, r#"["example-shop.co.jp", "0120-111-222"]"#).unwrap();
    let texts =
        ["--official", list.to_str().unwrap(), "amazon.co.jp", "example-shop。co。jp", "0120-111-223"];
    assert_eq!(verdicts(&choba(&texts, b"")), ["unknown", "official", "lookalike"]);
}

#[test]
fn every_fault_of_a_list_is_told_with_its_place() {
    let list = directory("faults").join("official.json");
    fs::write(&list, r#"["example-shop.co.jp", "co.jp", "110"]"#).unwrap();
    let output = choba(&["--official", list.to_str().unwrap(), "x"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        told(&output).contains("[1] \"co.jp\"") && told(&output).contains("[2] \"110\""),
        "{}",
        told(&output)
    );
    fs::write(&list, r#"{"domains": []}"#).unwrap();
    let output = choba(&["--official", list.to_str().unwrap(), "x"], b"");
    assert!(told(&output).contains("official.json") && output.status.code() == Some(2), "{}", told(&output));
}

#[test]
fn lines_that_cannot_be_used_are_named_and_the_rest_goes_on() {
    let long = "a".repeat(65_537);
    let input =
        [b"\xef\xbb\xbfamazon.co.jp\r\n\xff\xfe\n".as_slice(), long.as_bytes(), b"\namaz0n.com"].concat();
    let output = choba(&[], &input);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(verdicts(&output), ["official", "lookalike"]);
    assert!(told(&output).contains("line 2: not UTF-8 from byte 1 on"), "{}", told(&output));
    assert!(told(&output).contains("line 3: the text has 65537 bytes"), "{}", told(&output));
}

#[test]
fn json_lines_may_name_the_kind() {
    let input = br#"{"kind":"email","input":"amazon.co.jp"}
{"kind":"url","input":"amazon.co.jp"}
{"input":"0120-899-543","kind":null}

{"input":"\ud800"}
{"kind":"fax","input":"x"}
{"input":"\u202eamazon.co.jp"}
"#;
    let output = choba(&["--json"], input);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(verdicts(&output), ["unknown", "official", "official", "lookalike"]);
    assert!(told(&output).contains("line 5") && told(&output).contains("line 6"), "{}", told(&output));
}

#[test]
fn what_is_wanted_can_be_said_in_sentences() {
    let japanese = choba(&["--explain", "--lang", "ja", "https://amaz0n.co.jp"], b"");
    assert!(String::from_utf8(japanese.stdout).unwrap().contains("本物の amazon.co.jp を自分で入力"));
    let english = choba(&["--explain", "--lang", "en", "https://amaz0n.co.jp"], b"");
    assert!(String::from_utf8(english.stdout).unwrap().contains("type amazon.co.jp yourself"));
}

#[test]
fn a_published_list_verifies_until_it_is_touched() {
    let directory = directory("publish");
    let path = |name: &str| directory.join(name).to_str().unwrap().to_owned();
    fs::write(path("key"), SEED).unwrap();
    fs::write(path("public"), PUBLIC).unwrap();
    let output =
        choba(&["publish", "--market", "amazon-style", "--key", &path("key"), "--out", &path("out")], b"");
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert!(fs::read_to_string(path("out/security.txt")).unwrap().contains("Contact: tel:+81120899543\n"));
    let verify = || choba(&["verify", &path("out/official-contacts.json"), "--key", &path("public")], b"");
    assert_eq!(verify().status.code(), Some(0), "{}", told(&verify()));
    let file = fs::read_to_string(path("out/official-contacts.json")).unwrap();
    fs::write(path("out/official-contacts.json"), file.replace("amazon.com", "amazom.com")).unwrap();
    assert_eq!(verify().status.code(), Some(1));
    assert!(verify().stdout.is_empty(), "what is not genuine is not printed");
}

#[test]
fn a_list_that_ends_within_thirty_days_is_warned_about() {
    let directory = directory("warn");
    let path = |name: &str| directory.join(name).to_str().unwrap().to_owned();
    fs::write(path("key"), SEED).unwrap();
    fs::write(path("public"), PUBLIC).unwrap();
    let arguments = ["publish", "--key", &path("key"), "--out", &path("out"), "--expires", "20"];
    let output = choba(&arguments, b"");
    assert!(output.status.success() && told(&output).contains("will expire in"), "{}", told(&output));
    let output = choba(&["verify", &path("out/official-contacts.json"), "--key", &path("public")], b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).contains("publish it anew"), "{}", told(&output));
}

#[test]
fn security_txt_wants_a_contact_and_a_key_wants_to_be_one() {
    let directory = directory("refused");
    let path = |name: &str| directory.join(name).to_str().unwrap().to_owned();
    fs::write(path("key"), SEED).unwrap();
    fs::write(path("none"), "not a key").unwrap();
    let out = path("out");
    let output = choba(&["publish", "--market", "rakuten-style", "--key", &path("key"), "--out", &out], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output).contains("hint: --contact"), "{}", told(&output));
    let output = choba(&["publish", "--key", &path("none"), "--out", &out], b"");
    assert!(output.status.code() == Some(2) && !told(&output).contains("not a key\n"), "{}", told(&output));
    assert!(!directory.join("out").exists());
}
