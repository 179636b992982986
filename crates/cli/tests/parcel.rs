//! `choba parcel` as a whole program.
#![allow(clippy::expect_used)] // a test may fail loudly

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn choba(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_choba"));
    let command = command
        .arg("parcel")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut process = command.spawn().expect("the program starts");
    let mut stdin = process.stdin.take().expect("a pipe");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = process.wait_with_output().expect("the program ends");
    // A program that ends early closes the pipe; then the rest cannot be written.
    let _ = writer.join().expect("the writer ends");
    output
}

fn lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn arguments_are_answered_in_order() {
    let output = choba(&["1234-5678-9013", "250-1234567-1234567"], b"");
    let answers = lines(&output);
    assert!(output.status.success());
    assert_eq!(answers[0]["carrier"], "yamato");
    assert_eq!(answers[0]["valid"], true);
    assert_eq!(answers[1]["not_a_parcel"], "order_number");
    assert!(answers[1]["carrier"].is_null());
}

#[test]
fn every_line_has_its_answer_with_the_fields_promised() {
    let output =
        choba(&[], "EG725089303JP\n\n佐川急便 １２３４－５６７８－９０１３\r\nDA123456789JP".as_bytes());
    let answers = lines(&output);
    assert_eq!(answers.len(), 4);
    let fields = [
        "input",
        "normalized",
        "display",
        "valid",
        "carrier",
        "candidates",
        "read_as",
        "corrections",
        "not_a_parcel",
        "track_url",
    ];
    for answer in &answers {
        assert!(fields.iter().all(|field| answer.get(field).is_some()), "{answer}");
    }
    assert_eq!(answers[2]["carrier"], "sagawa");
    assert_eq!(answers[2]["input"], "佐川急便 １２３４－５６７８－９０１３");
    assert_eq!(answers[3]["corrections"][0], "DA123456785JP");
    assert_eq!(answers[3]["candidates"][0]["check"], "mod11");
}

#[test]
fn json_lines_may_carry_a_hint() {
    let input = "{\"input\": \"0312345670\"}\n{\"input\": \"0312345670\", \"hint\": \"JP\"}\n\
                 {\"input\": \"123456789013\", \"hint\": \"sagawa\"}\n{\"input\": \"123456789013\", \"hint\": null}\n";
    let answers = lines(&choba(&["--json"], input.as_bytes()));
    assert_eq!(answers[0]["carrier"], "dhl");
    assert_eq!(answers[1]["not_a_parcel"], "phone_number");
    assert_eq!(answers[2]["carrier"], "sagawa");
    assert_eq!(answers[3]["carrier"], "yamato");
}

#[test]
fn a_line_that_is_not_utf_8_is_told_and_the_rest_goes_on() {
    let output = choba(&[], b"1234-5678-9013\n12\xff34\nEG725089303JP\n");
    assert_eq!(lines(&output).len(), 2);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("line 2") && told.contains("byte 3"), "{told}");
}

#[test]
fn broken_json_and_a_hint_that_means_nothing_are_told() {
    let output = choba(&["--json"], b"{\"input\": 5}\n{\"input\": \"123456789013\", \"hint\": \"nobody\"}\n");
    assert_eq!(lines(&output).len(), 1);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("line 1") && told.contains("line 2") && told.contains("nobody"), "{told}");
}

#[test]
fn a_line_without_end_is_bounded() {
    let mut input = vec![b'1'; 3 << 20];
    input.extend_from_slice(b"\n1234-5678-9013\n");
    let output = choba(&[], &input);
    assert_eq!(lines(&output).len(), 1);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("line 1: longer than"));
}

#[test]
fn it_explains_in_two_languages() {
    let said = |language| {
        String::from_utf8(choba(&["--explain", "--lang", language, "123456"], b"").stdout).expect("UTF-8")
    };
    assert!(said("ja").contains("認証コード"));
    assert!(said("en").contains("verification code"));
}

#[test]
fn a_carrier_nobody_knows_is_refused() {
    let output = choba(&["--carriers", "nobody", "123456789013"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
}
