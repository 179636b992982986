//! Help articles as files of a market: a `help` folder beside its terms.
//!
//! An article is one file with both languages, `help/<id>.md`; `*.toml` files beside it name categories and words
//! that mean the same, and other folders whose articles the market takes over. What an article says in figures it
//! takes from the terms: placeholders are filled by the market, and its examples are priced by the engine, so that
//! an article that is not true under these terms is a mistake.
//!
//! Help has a version of its own. Prices do not depend on it, so a corrected word does not make another version of
//! the terms, by which orders are kept.

mod example;
mod figures;
mod hours;
mod needs;
mod place;
mod sections;
mod settings;
mod source;
mod tables;
mod used;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use choba_engine::market::{Market, Name};
use choba_help::{Article, Library};

pub use place::is_help_file;

use super::diagnostic::{Diagnostic, MarketFile, Report};
use crate::language::Language;
use settings::Settings;
use used::Used;

pub(super) use figures::NAMES as PLACEHOLDERS;
pub(super) use place::{folders, is_article_or_settings};
pub(super) use sections::{ArticleSection, HelpSection};

/// The help of a market: articles in Japanese and English, their categories, and a search for each language.
#[derive(Debug)]
pub struct Help {
    version: String,
    categories: Vec<HelpCategory>,
    left_out: Vec<String>,
    ja: InLanguage,
    en: InLanguage,
}

/// A group of articles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpCategory {
    /// Its id.
    pub id: String,
    /// What customers call it.
    pub name: Name,
}

#[derive(Debug)]
struct InLanguage {
    articles: Vec<Article>,
    synonyms: Vec<Vec<String>>,
    // Only who searches needs the index.
    library: OnceLock<Library>,
}

impl InLanguage {
    fn new(articles: Vec<Article>, synonyms: Vec<Vec<String>>) -> Self {
        Self { articles, synonyms, library: OnceLock::new() }
    }
}

impl Help {
    /// A digest of the articles and of the terms that fill them.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The categories in the order in which they are shown.
    pub fn categories(&self) -> &[HelpCategory] {
        &self.categories
    }

    /// The articles of a language, by category and id.
    pub fn articles(&self, language: Language) -> &[Article] {
        &self.language(language).articles
    }

    /// The articles of a language with their search.
    pub fn library(&self, language: Language) -> &Library {
        let language = self.language(language);
        language.library.get_or_init(|| Library::new(language.articles.clone(), &language.synonyms))
    }

    /// The ids of articles that speak of what this market does not have.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    fn language(&self, language: Language) -> &InLanguage {
        match language {
            Language::Ja => &self.ja,
            Language::En => &self.en,
        }
    }
}

/// Checks the help files among a market's files, or tells all mistakes. Other files are not looked at.
///
/// # Errors
/// All mistakes of articles and their settings.
pub fn check_help(files: &[MarketFile], market: &Market) -> Result<Help, Report> {
    let mut mistakes = Vec::new();
    let help = read(files, market, &BTreeSet::new(), &mut mistakes);
    if mistakes.is_empty() { Ok(help) } else { Err(Report::new(files, mistakes)) }
}

/// The help among a market's files without the articles that have mistakes, such as those that are not true under new
/// terms, and without those whose text leads to one of them.
pub fn help_that_holds(files: &[MarketFile], market: &Market) -> Help {
    let mut at_fault = BTreeSet::new();
    loop {
        let mut mistakes = Vec::new();
        let help = read(files, market, &at_fault, &mut mistakes);
        let known = at_fault.len();
        at_fault.extend(mistakes.iter().filter_map(|mistake| mistake.file));
        if at_fault.len() == known {
            return help;
        }
    }
}

fn read(
    files: &[MarketFile],
    market: &Market,
    at_fault: &BTreeSet<usize>,
    mistakes: &mut Vec<Diagnostic>,
) -> Help {
    let settings = Settings::read(files, mistakes);
    let used = Used::read(files, &settings, (market, at_fault), mistakes);
    Help {
        version: used.version(files, &settings, market),
        ja: InLanguage::new(used.articles(Language::Ja, &settings), settings.synonyms_ja()),
        en: InLanguage::new(used.articles(Language::En, &settings), settings.synonyms_en()),
        left_out: used.left_out(),
        categories: used.categories(&settings),
    }
}
