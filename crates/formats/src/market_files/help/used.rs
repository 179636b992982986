//! The articles that a market shows, checked one by one and all together.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use choba_engine::market::Market;
use choba_help::{Article, Kind, Markdown, fill};
use serde_json::Value;

use super::HelpCategory;
use super::example::Priced;
use super::figures::{Figures, NAMES};
use super::needs::{NEEDS, is_met};
use super::place::is_help_file;
use super::sections::{ArticleKindText, ArticleSection, TitlesSection};
use super::settings::{Settings, is_settings};
use super::source::{Parts, parts};
use crate::language::Language;
use crate::market_files::diagnostic::{Diagnostic, MarketFile};
use crate::market_files::places::{self, Places};
use crate::market_files::shape::{Shape, is_id};
use crate::suggestion::{nearest, one_of};

/// The articles of a market: those shown, and the ids of those left out.
#[derive(Debug)]
pub struct Used {
    shown: Vec<Checked>,
    left_out: Vec<String>,
}

/// An article whose file has no mistakes of form.
#[derive(Debug)]
struct Checked {
    id: String,
    file: usize,
    section: ArticleSection,
    places: Places,
    parts: Parts,
    /// The text in Japanese and in English, filled.
    bodies: (String, String),
}

impl Used {
    /// Reads and checks all articles among the files; of those of one id the first is taken. Those at fault are known
    /// to be, and not shown.
    pub fn read(
        files: &[MarketFile],
        settings: &Settings,
        (market, at_fault): (&Market, &BTreeSet<usize>),
        mistakes: &mut Vec<Diagnostic>,
    ) -> Self {
        let schema = schemars::schema_for!(ArticleSection).to_value();
        let mut seen = BTreeSet::new();
        let mut read: Vec<Checked> = Vec::new();
        for (file, text) in files.iter().enumerate().filter(|(_, file)| is_article(&file.path)) {
            let id = article_id(&text.path);
            if seen.insert(id.to_owned()) && !at_fault.contains(&file) {
                read.extend(checked(id, file, text, &schema, mistakes));
            }
        }
        read.sort_by(|a, b| a.id.cmp(&b.id));
        let (shown, left_out): (Vec<Checked>, Vec<Checked>) =
            read.into_iter().partition(|article| article.is_shown(market));
        let mut used = Self { shown, left_out: left_out.iter().map(|article| article.id.clone()).collect() };
        for article in used.shown.iter().chain(&left_out) {
            article.check_head(settings, &seen, mistakes);
        }
        let ids: BTreeSet<&str> = used.shown.iter().map(|article| article.id.as_str()).collect();
        for article in &used.shown {
            article.check_bodies(files, &ids, mistakes);
        }
        for article in &mut used.shown {
            article.fill(files, market, mistakes);
        }
        used
    }

    /// The articles in a language, by category and id.
    pub fn articles(&self, language: Language, settings: &Settings) -> Vec<Article> {
        let categories = settings.categories();
        let shown: BTreeSet<&str> = self.shown.iter().map(|article| article.id.as_str()).collect();
        let mut articles = Vec::with_capacity(self.shown.len());
        for category in &categories {
            let here = self.shown.iter().filter(|article| article.section.category == category.id);
            articles.extend(here.map(|article| article.written(language, &shown)));
        }
        articles
    }

    /// The categories that have articles.
    pub fn categories(&self, settings: &Settings) -> Vec<HelpCategory> {
        let mut categories = settings.categories();
        categories
            .retain(|category| self.shown.iter().any(|article| article.section.category == category.id));
        categories
    }

    /// The ids of articles that speak of what the market does not have.
    pub fn left_out(&self) -> Vec<String> {
        self.left_out.clone()
    }

    /// A digest of what is shown: articles, settings and the terms that fill them.
    pub fn version(&self, files: &[MarketFile], settings: &Settings, market: &Market) -> String {
        let shown = self.shown.iter().filter_map(|article| {
            files.get(article.file).map(|file| [article.id.as_str(), file.text.as_str()])
        });
        let settings = format!("{settings:?}");
        let others = [["(terms)", market.version.as_str()], ["(settings)", &settings]];
        crate::market_files::digest(others.into_iter().chain(shown).flatten())
    }
}

fn is_article(path: &str) -> bool {
    is_help_file(path) && !is_settings(path)
}

fn article_id(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.strip_suffix(".md").unwrap_or(name)
}

fn checked(
    id: &str,
    file: usize,
    text: &MarketFile,
    schema: &Value,
    mistakes: &mut Vec<Diagnostic>,
) -> Option<Checked> {
    let mut wrong = |span: Range<usize>, key: &str, found: String, expected: &str| {
        let (key, expected) = (key.to_owned(), expected.to_owned());
        mistakes.push(Diagnostic { file: Some(file), span, key, found, expected, suggestion: None });
    };
    if !is_id(id) {
        wrong(0..0, "(file)", format!("the id `{id}`"), "an id of letters, digits, `-` and `_`, at most 64");
        return None;
    }
    let parts = match parts(&text.text) {
        Ok(parts) => parts,
        Err(error) => {
            wrong(error.span, "(article)", error.found.to_owned(), error.expected);
            return None;
        }
    };
    let (section, places) = head(file, text, &parts, schema, mistakes)?;
    Some(Checked { id: id.to_owned(), file, section, places, parts, bodies: (String::new(), String::new()) })
}

/// Reads the head. What stands before it is blank for TOML, so that places are those of the file.
fn head(
    file: usize,
    text: &MarketFile,
    parts: &Parts,
    schema: &Value,
    mistakes: &mut Vec<Diagnostic>,
) -> Option<(ArticleSection, Places)> {
    let head = text.text.get(parts.head.clone())?;
    let padded =
        MarketFile { path: text.path.clone(), text: format!("{}{head}", " ".repeat(parts.head.start)) };
    let table = places::parse(file, &padded, mistakes)?;
    let before = mistakes.len();
    Shape { schema, file }.check(&table, mistakes);
    let mut here = Places::default();
    let section = places::read(file, "", table.get_ref(), &mut here);
    for key in ["category", "ja", "en"].into_iter().filter(|key| !section.contains_key(*key)) {
        let (span, key) = (parts.head.clone(), key.to_owned());
        let (found, expected) = ("nothing".to_owned(), format!("`{key}` in the head"));
        mistakes.push(Diagnostic { file: Some(file), span, key, found, expected, suggestion: None });
    }
    if mistakes.len() > before {
        return None;
    }
    match serde_json::from_value(Value::Object(section)) {
        Ok(section) => Some((section, here)),
        Err(error) => {
            mistakes.push(here.mistake("", error.to_string(), "the head of an article".into(), None));
            None
        }
    }
}

impl Checked {
    fn is_shown(&self, market: &Market) -> bool {
        // A need that is no need is a mistake, which is told of every article.
        self.section.needs.iter().all(|need| is_met(need, market).unwrap_or(true))
    }

    fn check_head(&self, settings: &Settings, ids: &BTreeSet<String>, mistakes: &mut Vec<Diagnostic>) {
        let categories = settings.categories();
        let known: Vec<&str> = categories.iter().map(|category| category.id.as_str()).collect();
        let category = self.section.category.as_str();
        if !known.contains(&category) {
            mistakes.push(self.unknown("category", category, &known));
        }
        for (place, id) in self.section.related.iter().enumerate().filter(|(_, id)| !ids.contains(*id)) {
            let known: Vec<&str> = ids.iter().map(String::as_str).collect();
            let expected = "the id of an article".to_owned();
            let (key, found) = (format!("related.{place}"), format!("`{id}`"));
            mistakes.push(self.places.mistake(&key, found, expected, nearest(id, known)));
        }
        for (place, need) in self.section.needs.iter().enumerate().filter(|(_, need)| !is_need(need)) {
            mistakes.push(self.unknown(&format!("needs.{place}"), need, &NEEDS));
        }
        for (key, titles) in [("ja", &self.section.ja), ("en", &self.section.en)] {
            if titles.title.trim().is_empty() {
                let expected = "a title".to_owned();
                mistakes.push(self.places.mistake(&format!("{key}.title"), "nothing".into(), expected, None));
            }
        }
    }

    fn unknown(&self, key: &str, found: &str, known: &[&str]) -> Diagnostic {
        let meant = nearest(found, known.iter().copied());
        self.places.mistake(key, format!("`{found}`"), one_of(known.iter().copied()), meant)
    }

    fn body<'t>(&self, files: &'t [MarketFile], range: &Range<usize>) -> &'t str {
        files.get(self.file).and_then(|file| file.text.get(range.clone())).unwrap_or_default()
    }

    /// What is wrong with the text before it is filled: its places are those of the file.
    fn check_bodies(&self, files: &[MarketFile], ids: &BTreeSet<&str>, mistakes: &mut Vec<Diagnostic>) {
        for (key, range) in [("ja", &self.parts.ja), ("en", &self.parts.en)] {
            let body = self.body(files, range);
            let mut wrong = |span: Range<usize>, found: String, expected: &str, meant: Option<&str>| {
                mistakes.push(Diagnostic {
                    file: Some(self.file),
                    span: range.start + span.start..range.start + span.end,
                    key: format!("text.{key}"),
                    found,
                    expected: expected.to_owned(),
                    suggestion: meant.map(str::to_owned),
                });
            };
            if body.trim().is_empty() {
                wrong(0..0, "nothing".into(), "the text in this language", None);
            }
            for fault in Markdown::new(body).faults() {
                wrong(fault.span, fault.found, fault.expected, None);
            }
            for (id, span) in Markdown::new(body).articles() {
                if !ids.contains(id.as_str()) {
                    let meant = nearest(&id, ids.iter().copied());
                    wrong(
                        span,
                        format!("a link to `{id}`"),
                        "the id of an article that this market shows",
                        meant,
                    );
                }
            }
        }
    }

    fn fill(&mut self, files: &[MarketFile], market: &Market, mistakes: &mut Vec<Diagnostic>) {
        let priced = self.priced(market, mistakes);
        let filled = [(Language::Ja, "ja", &self.parts.ja), (Language::En, "en", &self.parts.en)].map(
            |(language, key, range)| {
                let figures = Figures { market, language, examples: &self.section.examples, priced: &priced };
                let body = self.body(files, range);
                fill(body, |placeholder| figures.say(placeholder)).unwrap_or_else(|unknown| {
                    for placeholder in unknown {
                        mistakes.push(self.unfilled(body, &placeholder, key, range.start));
                    }
                    String::new()
                })
            },
        );
        let [ja, en] = filled;
        self.bodies = (ja, en);
    }

    fn unfilled(
        &self,
        body: &str,
        placeholder: &choba_help::Placeholder<'_>,
        key: &str,
        start: usize,
    ) -> Diagnostic {
        let found = body.get(placeholder.span.clone()).unwrap_or_default();
        let names = NAMES.iter().map(|name| name.split(':').next().unwrap_or(name));
        let known = names.clone().any(|name| name == placeholder.name);
        let forms = NAMES.iter().copied().filter(|form| form.split(':').next() == Some(placeholder.name));
        let expected = match known {
            true => format!("{} for which the market or the example has a figure", one_of(forms)),
            false => one_of(NAMES),
        };
        Diagnostic {
            file: Some(self.file),
            span: start + placeholder.span.start..start + placeholder.span.end,
            key: format!("text.{key}"),
            found: format!("the placeholder `{found}`"),
            expected,
            suggestion: nearest(placeholder.name, names).filter(|_| !known).map(str::to_owned),
        }
    }

    fn priced(&self, market: &Market, mistakes: &mut Vec<Diagnostic>) -> BTreeMap<String, Priced> {
        let mut all = BTreeMap::new();
        for (name, example) in &self.section.examples {
            let key = format!("examples.{name}");
            match Priced::new(example, market) {
                Ok(priced) => {
                    for differs in priced.differs(example) {
                        let key = format!("{key}.{}", differs.key);
                        mistakes.push(self.places.mistake(&key, differs.found, differs.expected, None));
                    }
                    all.insert(name.clone(), priced);
                }
                Err(error) => {
                    let expected = "a request that this market can price".to_owned();
                    mistakes.push(self.places.mistake(&format!("{key}.request"), error, expected, None));
                }
            }
        }
        all
    }

    fn written(&self, language: Language, shown: &BTreeSet<&str>) -> Article {
        let (titles, body): (&TitlesSection, &String) = match language {
            Language::Ja => (&self.section.ja, &self.bodies.0),
            Language::En => (&self.section.en, &self.bodies.1),
        };
        let related = self.section.related.iter().filter(|id| shown.contains(id.as_str()));
        Article {
            id: self.id.clone(),
            category: self.section.category.clone(),
            kind: match self.section.kind {
                ArticleKindText::Article => Kind::Article,
                ArticleKindText::Glossary => Kind::Glossary,
            },
            related: related.cloned().collect(),
            title: titles.title.clone(),
            questions: titles.questions.clone(),
            body: body.trim().to_owned(),
        }
    }
}

/// Whether it is one of the things that may be needed, in whatever market.
fn is_need(need: &str) -> bool {
    match need.split_once('.') {
        Some(("programs" | "coupons" | "sellers", id)) => is_id(id),
        Some(("methods", id)) => super::needs::method_type(id).is_some(),
        Some(("seller_types", id)) => matches!(id, "platform" | "store" | "individual"),
        _ => NEEDS.contains(&need) && !need.ends_with(".ID") && !need.ends_with(".TYPE"),
    }
}
