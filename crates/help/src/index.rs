//! Which terms stand in which articles and lines.

use std::collections::HashMap;

use crate::article::Article;
use crate::log2::log2;
use crate::markdown::Markdown;
use crate::term::{Cut, Key, Term, Worth, cut};
use crate::vocabulary::Vocabulary;

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// The title.
    Title,
    /// Another way to ask.
    Question,
    /// A sentence of the body.
    Body,
}

impl LineKind {
    /// How often a term in it counts.
    fn weight(self) -> u64 {
        match self {
            Self::Title => 5,
            Self::Question => 4,
            Self::Body => 1,
        }
    }
}

/// A line of an article.
#[derive(Debug)]
pub struct Line {
    /// Whose.
    pub article: usize,
    /// What it is.
    pub kind: LineKind,
    /// Its text.
    pub text: String,
    /// Its terms.
    pub terms: Vec<Term>,
    /// What all its terms weigh.
    pub weight: u64,
}

/// Where a term stands.
#[derive(Debug, Default)]
pub struct Posting {
    /// How rare it is.
    pub rarity: u64,
    /// Articles, with how much the term says of each, in thousandths.
    pub articles: Vec<(usize, u64)>,
    /// Titles and questions, by place.
    pub heads: Vec<usize>,
}

/// The index of a library.
#[derive(Debug)]
pub struct Index {
    /// The words of the shop.
    pub vocabulary: Vocabulary,
    /// All lines, article by article.
    pub lines: Vec<Line>,
    /// Where each term stands.
    pub postings: HashMap<Key, Posting>,
    /// What a term weighs at most.
    pub rarest: u64,
}

impl Index {
    /// The index of articles.
    pub fn new(articles: &[Article], synonyms: &[Vec<String>]) -> Self {
        let texts = lines(articles);
        let cuts: Vec<Cut> = texts.iter().map(|(_, _, text)| cut(text, false)).collect();
        let heads =
            texts.iter().zip(&cuts).filter(|((_, kind, _), _)| *kind != LineKind::Body).map(|(_, cut)| cut);
        let mut vocabulary = Vocabulary::new(synonyms, heads);
        let mut lines = Vec::with_capacity(texts.len());
        for ((article, kind, text), cut) in texts.into_iter().zip(cuts) {
            vocabulary.learn(&cut.words);
            let mut terms = cut.terms;
            terms.extend(vocabulary.in_text(&cut.flat));
            lines.push(Line { article, kind, text, terms, weight: 0 });
        }
        let count = articles.len();
        let mut index =
            Self { vocabulary, postings: postings(&lines, count), lines, rarest: rarity(count, 1) };
        index.weigh_lines();
        index
    }

    /// What a term weighs: rare ones and words of the shop more.
    pub fn weight(&self, key: &Key, worth: Worth) -> u64 {
        // What no article says is as rare as what one says, but may be a letter pair of two words: half of that.
        let rarity = self.postings.get(key).map_or(self.rarest / 2, |posting| posting.rarity);
        rarity * worth.weight() / 8
    }

    fn weigh_lines(&mut self) {
        let weights: Vec<u64> = self.lines.iter().map(|line| self.line_weight(line)).collect();
        for (line, weight) in self.lines.iter_mut().zip(weights) {
            line.weight = weight;
        }
    }

    fn line_weight(&self, line: &Line) -> u64 {
        let mut keys: HashMap<&Key, u64> = HashMap::new();
        for term in &line.terms {
            keys.insert(&term.key, self.weight(&term.key, term.worth));
        }
        keys.values().sum()
    }
}

fn lines(articles: &[Article]) -> Vec<(usize, LineKind, String)> {
    let mut lines = Vec::new();
    for (place, article) in articles.iter().enumerate() {
        lines.push((place, LineKind::Title, article.title.clone()));
        lines.extend(article.questions.iter().map(|question| (place, LineKind::Question, question.clone())));
        let body = Markdown::new(&article.body).text();
        lines.extend(sentences(&body).map(|sentence| (place, LineKind::Body, sentence.to_owned())));
    }
    lines
}

/// The sentences of a plain text.
pub fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(|line| line.split_inclusive("。"))
        .flat_map(|part| part.split_inclusive(". "))
        .map(str::trim)
        .filter(|sentence| !sentence.is_empty())
}

fn postings(lines: &[Line], count: usize) -> HashMap<Key, Posting> {
    let mut often: HashMap<&Key, HashMap<usize, u64>> = HashMap::new();
    let mut lengths = vec![0_u64; count];
    for line in lines {
        for term in &line.terms {
            *often.entry(&term.key).or_default().entry(line.article).or_default() += line.kind.weight();
            if let Some(length) = lengths.get_mut(line.article) {
                *length += line.kind.weight();
            }
        }
    }
    let average = (lengths.iter().sum::<u64>() / u64::try_from(count.max(1)).unwrap_or(1)).max(1);
    let mut postings: HashMap<Key, Posting> = HashMap::with_capacity(often.len());
    for (key, articles) in often {
        let rarity = rarity(count, articles.len());
        let mut articles: Vec<(usize, u64)> = articles
            .into_iter()
            .map(|(article, often)| {
                let length = lengths.get(article).copied().unwrap_or_default();
                (article, saying(often, length, average))
            })
            .collect();
        articles.sort_unstable();
        postings.insert(key.clone(), Posting { rarity, articles, heads: Vec::new() });
    }
    add_heads(&mut postings, lines);
    postings
}

fn add_heads(postings: &mut HashMap<Key, Posting>, lines: &[Line]) {
    for (place, line) in lines.iter().enumerate().filter(|(_, line)| line.kind != LineKind::Body) {
        for term in &line.terms {
            let heads = postings.get_mut(&term.key).map(|posting| &mut posting.heads);
            if let Some(heads) = heads.filter(|heads| heads.last() != Some(&place)) {
                heads.push(place);
            }
        }
    }
}

/// How much a term says of an article in which it stands so often (BM25 with k = 1.2 and b = 0.5), in thousandths.
fn saying(often: u64, length: u64, average: u64) -> u64 {
    let long = 600 + 600 * length / average;
    often * 2_200 * 1_000 / (often * 1_000 + long)
}

/// How much it tells that one of `count` articles is among the `having`.
fn rarity(count: usize, having: usize) -> u64 {
    let (count, having) = (u64::try_from(count).unwrap_or(1), u64::try_from(having).unwrap_or(1));
    log2(2 * count + 2, 2 * having + 1).max(64)
}
