//! `/v1/help`: articles in both languages, and a search that finds them.

use axum::Json;
use axum::extract::State;
use choba_app::{HELP_HITS_MAX, HelpPage, HelpShelf, Right};
use choba_formats::language::Language;
use choba_help::{Article, Hit, Kind, Markdown, Marked};
use choba_store::books::HelpSearchRow;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::programs::All;
use crate::extract::{Asking, Params, PathOf};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(contents))
        .routes(routes!(search))
        .routes(routes!(show))
        .routes(routes!(searches))
}

/// A language of articles.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum HelpLanguage {
    /// Japanese.
    #[default]
    Ja,
    /// English.
    En,
}

impl From<HelpLanguage> for Language {
    fn from(language: HelpLanguage) -> Self {
        match language {
            HelpLanguage::Ja => Self::Ja,
            HelpLanguage::En => Self::En,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct HelpQuery {
    #[param(example = "rakuten-style")]
    market: String,
    /// `ja` or `en`; Japanese without it.
    #[serde(default)]
    #[param(inline)]
    lang: HelpLanguage,
}

/// A category with its articles.
#[derive(Debug, Serialize, ToSchema)]
struct ShelfShown {
    category: String,
    name: String,
    articles: Vec<ArticleNamed>,
}

/// An article by name.
#[derive(Debug, Serialize, ToSchema)]
struct ArticleNamed {
    #[schema(example = "cancel-order")]
    id: String,
    /// `article` or `glossary`.
    kind: &'static str,
    title: String,
}

impl From<Article> for ArticleNamed {
    fn from(article: Article) -> Self {
        Self { id: article.id, kind: kind(article.kind), title: article.title }
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Article => "article",
        Kind::Glossary => "glossary",
    }
}

/// List help articles
///
/// All articles that the market shows, by category.
#[utoipa::path(
    get,
    path = "/v1/help",
    operation_id = "list_help",
    tag = "Help",
    params(HelpQuery),
    responses((status = 200, description = "The articles", body = All<ShelfShown>)),
)]
async fn contents(
    State(service): State<Service>,
    Params(query): Params<HelpQuery>,
) -> Result<Json<All<ShelfShown>>, Problem> {
    let language = Language::from(query.lang);
    let shown = |shelf: HelpShelf| ShelfShown {
        name: language.name(&shelf.category.name).to_owned(),
        category: shelf.category.id,
        articles: shelf.articles.into_iter().map(ArticleNamed::from).collect(),
    };
    let shelves = service.counter.help_contents(&query.market, language)?;
    Ok(Json(All { data: shelves.into_iter().map(shown).collect() }))
}

/// An article.
#[derive(Debug, Serialize, ToSchema)]
struct ArticleShown {
    id: String,
    /// `article` or `glossary`.
    kind: &'static str,
    category: String,
    title: String,
    /// Its text as HTML that holds no scripts and no markup but its own. Links to articles lead to `/help/` and their id.
    html: String,
    /// Its text without any markup.
    text: String,
    related: Vec<ArticleNamed>,
    /// The version of the help: a digest of its articles and the terms that they speak of.
    version: String,
}

impl From<HelpPage> for ArticleShown {
    fn from(page: HelpPage) -> Self {
        let body = Markdown::new(&page.article.body);
        Self {
            html: body.html(|id| format!("/help/{id}")),
            text: body.text(),
            id: page.article.id,
            kind: kind(page.article.kind),
            category: page.article.category,
            title: page.article.title,
            related: page.related.into_iter().map(ArticleNamed::from).collect(),
            version: page.version,
        }
    }
}

/// Show a help article
#[utoipa::path(
    get,
    path = "/v1/help/{id}",
    operation_id = "show_help_article",
    tag = "Help",
    params(("id" = String, Path, description = "Its id"), HelpQuery),
    responses((status = 200, description = "The article", body = ArticleShown)),
)]
async fn show(
    State(service): State<Service>,
    PathOf(id): PathOf<String>,
    Params(query): Params<HelpQuery>,
) -> Result<Json<ArticleShown>, Problem> {
    Ok(Json(service.counter.help_article(&query.market, query.lang.into(), &id)?.into()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    #[param(example = "rakuten-style")]
    market: String,
    /// `ja` or `en`; Japanese without it.
    #[serde(default)]
    #[param(inline)]
    lang: HelpLanguage,
    /// What is asked; at most 200 letters of it are looked at.
    #[param(example = "クーポン 併用")]
    q: String,
    /// How many articles at most; 10 without it.
    #[param(minimum = 1, maximum = 20)]
    limit: Option<usize>,
}

/// An article that was found.
#[derive(Debug, Serialize, ToSchema)]
struct HitShown {
    id: String,
    title: MarkedShown,
    /// The sentence of it that says most of what was asked.
    snippet: MarkedShown,
    /// Words of the question that do not stand in it.
    missing: Vec<String>,
}

/// A text in parts, so that whoever shows it can mark those that were asked for.
#[derive(Debug, Serialize, ToSchema)]
struct MarkedShown {
    text: String,
    parts: Vec<PartShown>,
}

/// A part of a text.
#[derive(Debug, Serialize, ToSchema)]
struct PartShown {
    text: String,
    marked: bool,
}

impl From<Marked> for MarkedShown {
    fn from(marked: Marked) -> Self {
        let mut parts = Vec::new();
        let mut at = 0;
        let mut push = |range: std::ops::Range<usize>, marked_part: bool| {
            let text = marked.text.get(range).unwrap_or_default();
            if !text.is_empty() {
                parts.push(PartShown { text: text.to_owned(), marked: marked_part });
            }
        };
        for mark in &marked.marks {
            push(at..mark.start, false);
            push(mark.clone(), true);
            at = mark.end;
        }
        push(at..marked.text.len(), false);
        Self { parts, text: marked.text }
    }
}

impl From<Hit> for HitShown {
    fn from(hit: Hit) -> Self {
        Self { id: hit.id, title: hit.title.into(), snippet: hit.snippet.into(), missing: hit.missing }
    }
}

/// Search help
///
/// The articles that answer a question, best first; none where no article says enough of what was asked.
#[utoipa::path(
    get,
    path = "/v1/help/search",
    operation_id = "search_help",
    tag = "Help",
    params(SearchQuery),
    responses((status = 200, description = "The articles", body = All<HitShown>)),
)]
async fn search(
    State(service): State<Service>,
    Params(query): Params<SearchQuery>,
) -> Result<Json<All<HitShown>>, Problem> {
    let limit = query.limit.unwrap_or(10);
    if !(1..=HELP_HITS_MAX).contains(&limit) {
        return Err(Problem::field("#limit", format!("expected 1 to {HELP_HITS_MAX}")));
    }
    let now = service.clock.now();
    let found = service.counter.search_help(&query.market, query.lang.into(), &query.q, limit, now).await?;
    Ok(Json(All { data: found.hits.into_iter().map(HitShown::from).collect() }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DaysQuery {
    #[param(example = "rakuten-style")]
    market: String,
    /// A day in the market's time zone.
    #[param(value_type = String, format = Date, example = "2026-11-01")]
    from: Date,
    /// Not included.
    #[param(value_type = String, format = Date, example = "2026-12-01")]
    until: Date,
}

/// A question that found nothing.
#[derive(Debug, Serialize, ToSchema)]
struct SearchShown {
    /// `ja` or `en`.
    language: String,
    /// Cut to 80 letters, without numbers, addresses and codes.
    question: String,
    times: i64,
    /// The last day on which it was asked.
    last_day: String,
}

impl From<HelpSearchRow> for SearchShown {
    fn from(row: HelpSearchRow) -> Self {
        Self { language: row.language, question: row.question, times: row.times, last_day: row.last_day }
    }
}

/// Report what help could not answer
///
/// What was asked most often comes first; at most 1,000 questions. They are kept for 90 days.
#[utoipa::path(
    get,
    path = "/v1/reports/help-searches",
    operation_id = "help_searches_report",
    tag = "Reports",
    security(("bearer" = ["reports:read"])),
    params(DaysQuery),
    responses((status = 200, description = "The questions", body = All<SearchShown>)),
)]
async fn searches(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<DaysQuery>,
) -> Result<Json<All<SearchShown>>, Problem> {
    caller.may(Right::ReportsRead)?;
    let rows = service.counter.help_searches(&query.market, query.from, query.until).await?;
    Ok(Json(All { data: rows.into_iter().map(SearchShown::from).collect() }))
}
