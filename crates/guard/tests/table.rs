//! Every labelled sample gets the verdict on its label; the scores are stated, not only passed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is a failure with a name")]

use std::collections::BTreeMap;

use choba_guard::{Judgement, Kind, Official, check_as};

const OFFICIAL: [&str; 9] = [
    "example-shop.co.jp",
    "amazon.co.jp",
    "amazon.com",
    "rakuten.co.jp",
    "rakuten.ne.jp",
    "0120-899-543",
    "03-6362-0300",
    "+1 206-266-1000",
    "news@okaimono-tayori.net",
];

struct Sample {
    verdict: String,
    kind: Kind,
    text: String,
    sign: String,
}

fn samples() -> Vec<Sample> {
    let lines = include_str!("labelled.tsv").lines();
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(sample).collect()
}

fn sample(line: &str) -> Sample {
    let [verdict, kind, text, sign] = line.split('\t').collect::<Vec<_>>()[..] else {
        panic!("not four columns: {line}")
    };
    Sample { verdict: verdict.into(), kind: kind.parse().unwrap(), text: unescaped(text), sign: sign.into() }
}

fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        if let Some(code) = rest[at..].strip_prefix("\\u{") {
            let (hex, after) = code.split_once('}').unwrap();
            plain.push(char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap());
            rest = after;
        } else {
            plain.push('\\');
            rest = &rest[at + 2..];
        }
    }
    plain + rest
}

fn name(verdict: Judgement) -> &'static str {
    match verdict {
        Judgement::Official => "official",
        Judgement::Lookalike => "lookalike",
        Judgement::Unknown => "unknown",
    }
}

#[test]
fn every_sample_gets_its_label_and_its_sign() {
    let official = Official::from_list(OFFICIAL).unwrap();
    let mut wrong = Vec::new();
    let mut counts = BTreeMap::new();
    for sample in samples() {
        let verdict = check_as(sample.kind, &official, &sample.text).unwrap();
        *counts.entry((sample.kind.name(), sample.verdict.clone())).or_insert(0) += 1;
        let signed = sample.sign.is_empty() || verdict.signs.iter().any(|sign| sign.name() == sample.sign);
        if name(verdict.verdict) != sample.verdict || !signed {
            let (said, signs) = (name(verdict.verdict), &verdict.signs);
            wrong
                .push(format!("{:?}: {said} {signs:?}, not {} {}", sample.text, sample.verdict, sample.sign));
        }
    }
    println!("{counts:#?}");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_table_is_long_enough_to_mean_something() {
    assert!(samples().len() >= 300, "{}", samples().len());
}

#[test]
fn the_kind_is_guessed_where_nobody_tells_it() {
    let guessed = samples().into_iter().filter(|sample| Kind::guess(&sample.text) != sample.kind);
    let wrong: Vec<_> = guessed.map(|sample| format!("{} {:?}", sample.kind.name(), sample.text)).collect();
    // Left over: mail addresses given as links, names given as numbers, and the like.
    println!("{}", wrong.join("\n"));
    assert!(wrong.len() <= samples().len() / 20, "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_guessed_is_never_more_official_than_what_is_told() {
    let official = Official::from_list(OFFICIAL).unwrap();
    for sample in samples().into_iter().filter(|sample| sample.verdict != "official") {
        let verdict = choba_guard::check(&official, &sample.text).unwrap();
        let told_otherwise = verdict.kind != sample.kind;
        assert!(verdict.verdict != Judgement::Official || told_otherwise, "{:?}", sample.text);
    }
}
