//! The articles of one language, with their index.

use std::collections::HashMap;

use crate::article::Article;
use crate::index::Index;
use crate::score::Question;
use crate::snippet::{self, Marked};

/// The most letters of a question that are looked at.
const LETTERS_MAX: usize = 200;

/// The articles of one language.
#[derive(Debug)]
pub struct Library {
    articles: Vec<Article>,
    places: HashMap<String, usize>,
    index: Index,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The articles, best first. Nothing where no article says enough of what was asked.
    pub hits: Vec<Hit>,
}

/// An article that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its id.
    pub id: String,
    /// How well it fits; comparable within one search.
    pub score: u64,
    /// Its title.
    pub title: Marked,
    /// The sentence of it that says most of what was asked.
    pub snippet: Marked,
    /// Words of the question that do not stand in it. No word is left out of a search unsaid.
    pub missing: Vec<String>,
}

impl Library {
    /// Articles in the order in which they are shown, and groups of words that mean the same.
    pub fn new(articles: Vec<Article>, synonyms: &[Vec<String>]) -> Self {
        let index = Index::new(&articles, synonyms);
        let places =
            articles.iter().enumerate().map(|(place, article)| (article.id.clone(), place)).collect();
        Self { articles, places, index }
    }

    /// All articles.
    pub fn articles(&self) -> &[Article] {
        &self.articles
    }

    /// The article of that id.
    pub fn article(&self, id: &str) -> Option<&Article> {
        self.places.get(id).and_then(|place| self.articles.get(*place))
    }

    /// Looks for a question; at most `limit` articles are told.
    pub fn search(&self, question: &str, limit: usize) -> Found {
        let end = question.char_indices().nth(LETTERS_MAX).map_or(question.len(), |(end, _)| end);
        let question = Question::new(question.get(..end).unwrap_or_default(), &self.index);
        let scored = question.score(&self.index, self.articles.len());
        let hits = scored.into_iter().take(limit).filter_map(|scored| {
            let article = self.articles.get(scored.article)?;
            let (title, snippet) = snippet::of(scored.article, &question, &self.index);
            Some(Hit { id: article.id.clone(), score: scored.score, title, snippet, missing: scored.missing })
        });
        Found { hits: hits.collect() }
    }
}
