//! An article in one language.

/// What an article is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An answer to a question.
    Article,
    /// What a word means.
    Glossary,
}

/// An article in one language, its figures filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// Its id, the same in every language.
    pub id: String,
    /// The id of its category.
    pub category: String,
    /// What it is.
    pub kind: Kind,
    /// The ids of articles that belong to it.
    pub related: Vec<String>,
    /// Its title.
    pub title: String,
    /// Other ways in which customers ask for it.
    pub questions: Vec<String>,
    /// Its text, in Markdown.
    pub body: String,
}
