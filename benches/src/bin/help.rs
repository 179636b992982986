//! How many questions a second the search of help answers on one core, and what that is beside a plain scan.
//!
//! The articles are those of a sample market, the questions those by which search is tested. The scan looks for the
//! words of a question in every article as they are typed: it finds nothing of what is written in another way.

use choba_benches::{best_time, report};
use choba_formats::language::Language;
use choba_formats::market_files::{check_with_help, sample};
use choba_help::{Library, Markdown};

const QUESTIONS: &str = include_str!("../../../crates/formats/tests/help_questions/held_out.tsv");
const ROUNDS: usize = 7;
const SEARCHES_A_SECOND: f64 = 2_000.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files = sample("rakuten-style").ok_or("there is no such sample market")?;
    let (_, help) = check_with_help(&files)?;
    let library = help.library(Language::Ja);
    let questions = questions();
    println!("articles {}, questions {}", library.articles().len(), questions.len());
    let searches = u32::try_from(questions.len())?;
    let search = best_time(ROUNDS, 1, || search_all(library, &questions)) / searches;
    let texts = texts(library);
    let scan = best_time(ROUNDS, 1, || scan_all(&texts, &questions)) / searches;
    let a_second = 1.0 / search.as_secs_f64();
    report("questions a second", a_second, "2,000 or more", a_second >= SEARCHES_A_SECOND);
    println!("a plain scan of the same articles: {:.0} questions a second", 1.0 / scan.as_secs_f64());
    println!("time of a search / time of a plain scan: {:.2}", search.as_secs_f64() / scan.as_secs_f64());
    let index = best_time(3, 1, || Library::new(library.articles().to_vec(), &[]));
    println!("making the index: {:.1} ms", index.as_secs_f64() * 1_000.0);
    Ok(())
}

fn questions() -> Vec<&'static str> {
    let rows = QUESTIONS.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|row| row.split('\t').nth(3)).collect()
}

fn search_all(library: &Library, questions: &[&str]) -> usize {
    questions.iter().map(|question| library.search(question, 10).hits.len()).sum()
}

fn texts(library: &Library) -> Vec<String> {
    let text = |article: &choba_help::Article| {
        let questions = article.questions.join("\n");
        format!("{}\n{questions}\n{}", article.title, Markdown::new(&article.body).text()).to_lowercase()
    };
    library.articles().iter().map(text).collect()
}

fn scan_all(texts: &[String], questions: &[&str]) -> usize {
    let found = |question: &str| {
        let words: Vec<String> = question.split_whitespace().map(str::to_lowercase).collect();
        texts.iter().filter(|text| words.iter().all(|word| text.contains(word))).count()
    };
    questions.iter().map(|question| found(question)).sum()
}
