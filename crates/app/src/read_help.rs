//! Reading help: its contents, an article, and the articles for a matter.

use choba_formats::language::Language;
use choba_formats::market_files::HelpCategory;
use choba_help::Article;

use crate::{AppError, Counter};

/// A category with its articles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpShelf {
    /// The category.
    pub category: HelpCategory,
    /// Its articles in one language.
    pub articles: Vec<Article>,
}

/// An article with those that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpPage {
    /// The article.
    pub article: Article,
    /// The articles that belong to it.
    pub related: Vec<Article>,
    /// The version of the help.
    pub version: String,
}

impl Counter {
    /// All articles, by category.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`].
    pub fn help_contents(&self, market: &str, language: Language) -> Result<Vec<HelpShelf>, AppError> {
        let help = self.markets.help(market)?;
        let shelf = |category: &HelpCategory| {
            let articles = help.articles(language).iter().filter(|article| article.category == category.id);
            HelpShelf { category: category.clone(), articles: articles.cloned().collect() }
        };
        Ok(help.categories().iter().map(shelf).collect())
    }

    /// An article.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`], and [`AppError::NotFound`] where the market shows no such article.
    pub fn help_article(&self, market: &str, language: Language, id: &str) -> Result<HelpPage, AppError> {
        let help = self.markets.help(market)?;
        let library = help.library(language);
        let article = library.article(id).ok_or_else(|| AppError::not_found("help article", id))?.clone();
        let related = article.related.iter().filter_map(|id| library.article(id).cloned()).collect();
        Ok(HelpPage { article, related, version: help.version().to_owned() })
    }

    /// The articles for a matter: a category's id, or articles' ids as a contact flow names them. What the market does
    /// not show is left out.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`].
    pub fn help_for(&self, market: &str, language: Language, ids: &[&str]) -> Result<Vec<Article>, AppError> {
        let help = self.markets.help(market)?;
        let library = help.library(language);
        let mut articles: Vec<Article> = Vec::new();
        for id in ids {
            let category = help.articles(language).iter().filter(|article| article.category == *id);
            let found = library.article(id).into_iter().chain(category);
            articles.extend(found.cloned());
        }
        let mut seen = std::collections::HashSet::new();
        articles.retain(|article| seen.insert(article.id.clone()));
        Ok(articles)
    }
}
