//! `/help`: the shelves, and what a search found.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use choba_app::HelpShelf;
use choba_formats::language::Language;
use choba_help::{Hit, Marked};
use choba_server::{Problem, Service};

use crate::fields::Fields;
use crate::frame::{Frame, Room};
use crate::page::page;
use crate::visitor::Visitor;

const HITS: usize = 10;

/// The contents of help, or what was found.
#[derive(Template)]
#[template(path = "help/contents.html")]
pub struct ContentsPage {
    pub frame: Frame,
    /// What was asked; empty where nothing was.
    pub question: String,
    pub hits: Vec<HitShown>,
    pub shelves: Vec<Shelf>,
}

/// An article by name.
pub struct NamedArticle {
    pub id: String,
    pub title: String,
}

/// A category with its articles.
pub struct Shelf {
    pub name: String,
    pub articles: Vec<NamedArticle>,
}

/// An article that was found.
pub struct HitShown {
    pub id: String,
    pub title: Vec<TextPart>,
    pub snippet: Vec<TextPart>,
}

/// A part of a text, marked or not.
pub struct TextPart {
    pub text: String,
    pub marked: bool,
}

impl Shelf {
    fn of(shelf: HelpShelf, language: Language) -> Self {
        let named = |article: choba_help::Article| NamedArticle { id: article.id, title: article.title };
        Self {
            name: language.name(&shelf.category.name).to_owned(),
            articles: shelf.articles.into_iter().map(named).collect(),
        }
    }
}

impl From<Hit> for HitShown {
    fn from(hit: Hit) -> Self {
        Self { id: hit.id, title: parts(&hit.title), snippet: parts(&hit.snippet) }
    }
}

fn parts(marked: &Marked) -> Vec<TextPart> {
    let mut parts = Vec::new();
    let mut push = |range: std::ops::Range<usize>, is_marked: bool| {
        let text = marked.text.get(range).unwrap_or_default();
        if !text.is_empty() {
            parts.push(TextPart { text: text.to_owned(), marked: is_marked });
        }
    };
    let mut at = 0;
    for mark in &marked.marks {
        push(at..mark.start, false);
        push(mark.clone(), true);
        at = mark.end;
    }
    push(at..marked.text.len(), false);
    parts
}

pub async fn show(
    State(service): State<Service>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let (counter, language) = (&service.counter, visitor.language);
    let question = query.one("q").to_owned();
    let hits = match question.is_empty() {
        true => Vec::new(),
        false => {
            let now = service.clock.now();
            counter.search_help(&visitor.market, language, &question, HITS, now).await?.hits
        }
    };
    let shelves = counter.help_contents(&visitor.market, language)?;
    let shelves = shelves.into_iter().filter(|shelf| !shelf.articles.is_empty());
    page(&ContentsPage {
        frame: Frame::of(&visitor, Room::Shopper, "/help"),
        question,
        hits: hits.into_iter().map(HitShown::from).collect(),
        shelves: shelves.map(|shelf| Shelf::of(shelf, language)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_cut_a_text_and_lose_nothing_of_it() {
        let marked = Marked { text: "クーポンの併用".to_owned(), marks: vec![0..12, 15..21] };
        let parts = parts(&marked);
        let told: Vec<(&str, bool)> = parts.iter().map(|part| (part.text.as_str(), part.marked)).collect();
        assert_eq!(told, [("クーポン", true), ("の", false), ("併用", true)]);
    }
}
