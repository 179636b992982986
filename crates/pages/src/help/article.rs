//! `/help/{id}`: an article; and what words mean, all on one page.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use choba_app::{HelpPage, HelpShelf};
use choba_help::{Article, Kind, Markdown};
use choba_server::{Problem, Service};

use super::contents::NamedArticle;
use crate::frame::{Frame, Room};
use crate::page::page;
use crate::visitor::Visitor;

/// An article.
#[derive(Template)]
#[template(path = "help/article.html")]
pub struct ArticlePage {
    pub frame: Frame,
    pub title: String,
    pub is_glossary: bool,
    /// Its text: markup that the articles' own writer made, with nothing else in it.
    pub html: String,
    pub related: Vec<NamedArticle>,
}

/// What words mean.
#[derive(Template)]
#[template(path = "help/glossary.html")]
pub struct GlossaryPage {
    pub frame: Frame,
    pub terms: Vec<Term>,
}

/// A word.
pub struct Term {
    pub id: String,
    pub title: String,
    /// As [`ArticlePage::html`].
    pub html: String,
}

fn html(article: &Article) -> String {
    Markdown::new(&article.body).html(|id| format!("/help/{id}"))
}

impl ArticlePage {
    fn of(frame: Frame, help: HelpPage) -> Self {
        let named = |article: Article| NamedArticle { id: article.id, title: article.title };
        Self {
            frame,
            html: html(&help.article),
            is_glossary: help.article.kind == Kind::Glossary,
            title: help.article.title,
            related: help.related.into_iter().map(named).collect(),
        }
    }
}

pub async fn show(
    State(service): State<Service>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let help = service.counter.help_article(&visitor.market, visitor.language, &id)?;
    page(&ArticlePage::of(Frame::of(&visitor, Room::Shopper, "/help"), help))
}

pub async fn glossary(State(service): State<Service>, visitor: Visitor) -> Result<Response, Problem> {
    let shelves = service.counter.help_contents(&visitor.market, visitor.language)?;
    let articles = shelves.iter().flat_map(|shelf: &HelpShelf| &shelf.articles);
    let terms = articles.filter(|article| article.kind == Kind::Glossary);
    let term = |term: &Article| Term { id: term.id.clone(), title: term.title.clone(), html: html(term) };
    page(&GlossaryPage {
        frame: Frame::of(&visitor, Room::Shopper, "/help"),
        terms: terms.map(term).collect(),
    })
}
