//! Questions as shoppers type them, against the articles of the sample markets. `held_out.tsv` is what search is
//! measured by; `dev.tsv` is what it may be tuned with.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, HashMap};

use choba_formats::language::Language;
use choba_formats::market_files::{Help, check_with_help, sample};

struct Question {
    market: String,
    language: Language,
    traits: String,
    text: String,
    answers: Vec<String>,
}

fn questions(table: &str) -> Vec<Question> {
    let rows = table.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    rows.map(|row| {
        let cells: Vec<&str> = row.split('\t').collect();
        let [market, language, traits, text, answers] = cells[..] else { panic!("{row}") };
        Question {
            market: market.into(),
            language: Language::of(language),
            traits: traits.into(),
            text: text.into(),
            answers: answers.split(',').map(str::to_owned).collect(),
        }
    })
    .collect()
}

impl Question {
    /// The groups it is counted in: all, language, number of letters, script, and what is special about it.
    fn groups(&self) -> Vec<String> {
        let letters = self.text.chars().filter(|char| !char.is_whitespace()).count();
        let length = match letters {
            1 => "1 letter",
            2 => "2 letters",
            _ => "3 letters or more",
        };
        let is = |range: std::ops::RangeInclusive<char>| self.text.chars().any(|char| range.contains(&char));
        let script = match (is('一'..='鿿'), is('ァ'..='ヺ') || is('ｦ'..='ﾟ'), is('ぁ'..='ゖ')) {
            (true, _, _) => "with kanji",
            (_, true, _) => "katakana",
            (_, _, true) => "hiragana",
            _ => "Latin",
        };
        let language = if self.language == Language::Ja { "Japanese" } else { "English" };
        let mut groups = vec!["all".to_owned(), language.into(), length.into(), script.into()];
        if self.traits != "-" {
            groups.push(self.traits.clone());
        }
        groups
    }
}

/// Of each group how many questions have an answer among the first three, and how many there are.
fn recall(table: &str) -> (BTreeMap<String, (u32, u32)>, Vec<String>) {
    let mut helps: HashMap<String, Help> = HashMap::new();
    let (mut groups, mut missed) = (BTreeMap::new(), Vec::new());
    for question in questions(table) {
        let help = helps.entry(question.market.clone()).or_insert_with(|| {
            let files = sample(&question.market).expect("a sample market");
            check_with_help(&files).unwrap_or_else(|report| panic!("{report}")).1
        });
        let library = help.library(question.language);
        for id in &question.answers {
            assert!(library.article(id).is_some(), "{}: there is no article {id}", question.text);
        }
        let hits: Vec<String> =
            library.search(&question.text, 3).hits.into_iter().map(|hit| hit.id).collect();
        let found = question.answers.iter().any(|answer| hits.contains(answer));
        for group in question.groups() {
            let (right, of) = groups.entry(group).or_insert((0, 0));
            *right += u32::from(found);
            *of += 1;
        }
        if !found {
            missed.push(format!("{} → {hits:?}, not {:?}", question.text, question.answers));
        }
    }
    (groups, missed)
}

fn report(name: &str, table: &str) -> BTreeMap<String, (u32, u32)> {
    let (groups, missed) = recall(table);
    println!("{name}: an answer among the first three");
    for (group, (right, of)) in &groups {
        println!("  {group}: {right} of {of}");
    }
    for miss in missed {
        println!("  missed: {miss}");
    }
    groups
}

#[test]
fn nine_of_ten_questions_held_out_have_an_answer_among_the_first_three() {
    let groups = report("held out", include_str!("help_questions/held_out.tsv"));
    let (right, of) = groups["all"];
    assert!(of >= 100);
    assert!(right * 10 >= of * 9, "{right} of {of}");
    for group in
        ["2 letters", "3 letters or more", "with kanji", "halfwidth", "okurigana", "English", "Japanese"]
    {
        let (right, of) = groups[group];
        assert!(right * 10 >= of * 8, "{group}: {right} of {of}");
    }
    let (right, of) = groups["typo"];
    assert!(right * 4 >= of * 3, "typos: {right} of {of}");
}

#[test]
fn questions_for_tuning_have_an_answer_among_the_first_three() {
    let groups = report("for tuning", include_str!("help_questions/dev.tsv"));
    let (right, of) = groups["all"];
    assert!(right * 10 >= of * 9, "{right} of {of}");
}

#[test]
fn what_no_article_speaks_of_finds_nothing() {
    let files = sample("rakuten-style").expect("a sample market");
    let (_, help) = check_with_help(&files).unwrap_or_else(|report| panic!("{report}"));
    for text in ["宇宙船の修理", "zzzzqqq xylophone", "", "   ", "???", "🎉"] {
        let hits = help.library(Language::Ja).search(text, 3).hits;
        assert!(hits.is_empty(), "{text}: {:?}", hits.iter().map(|hit| &hit.id).collect::<Vec<_>>());
    }
}

#[test]
fn nonsense_with_a_telephone_number_finds_nothing() {
    for name in ["rakuten-style", "amazon-style"] {
        let files = sample(name).expect("a sample market");
        let (_, help) = check_with_help(&files).unwrap_or_else(|report| panic!("{report}"));
        for language in [Language::Ja, Language::En] {
            for text in [
                "zzqqxv 090-1234-5678",
                "ヌヌペポ 09012345678",
                "wxqzk +81 90 1234 5678",
                "ぬゑぽ 03-1234-5678",
            ] {
                let hits = help.library(language).search(text, 3).hits;
                let found: Vec<_> = hits.iter().map(|hit| &hit.id).collect();
                assert!(found.is_empty(), "{name}, {text}: {found:?}");
            }
        }
    }
}

#[test]
fn no_word_of_a_question_is_left_out_unsaid() {
    let files = sample("rakuten-style").expect("a sample market");
    let (_, help) = check_with_help(&files).unwrap_or_else(|report| panic!("{report}"));
    let both = help.library(Language::Ja).search("返品 キャンセル", 3).hits;
    assert!(both[0].missing.is_empty(), "{both:?}");
    let one = help.library(Language::Ja).search("返品 宇宙船", 3).hits;
    assert!(one.iter().all(|hit| hit.missing.contains(&"宇宙船".to_owned())), "{one:?}");
}

#[test]
fn marks_are_parts_of_what_is_shown() {
    let files = sample("amazon-style").expect("a sample market");
    let (_, help) = check_with_help(&files).unwrap_or_else(|report| panic!("{report}"));
    let hits = help.library(Language::Ja).search("ｷﾞﾌﾄｶｰﾄﾞ 登録", 3).hits;
    let title = &hits[0].title;
    let marked: Vec<&str> = title.marks.iter().map(|mark| &title.text[mark.clone()]).collect();
    assert_eq!((title.text.as_str(), marked), ("ギフトカードを登録する", vec!["ギフトカード", "登録"]));
}
