//! The keys of help files, as text.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::market_files::sections::NameSection;

/// Settings of help: every `*.toml` file of the folder `help`. What several files say is put together, the market's
/// own last.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "Help settings")]
pub struct HelpSection {
    /// Directories, seen from the market's, whose folder `help` is used too. Of two articles of one id the market's
    /// own is taken.
    #[schemars(extend("examples" = [["../common"]]))]
    pub include: Vec<String>,
    /// Groups of articles, in the order in which they are shown.
    pub categories: Vec<HelpCategorySection>,
    /// Words that mean the same to customers, for the search.
    pub synonyms: SynonymsSection,
}

/// A group of articles.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HelpCategorySection {
    /// Its id.
    #[schemars(example = &"orders")]
    pub id: String,
    /// What customers call it.
    pub name: NameSection,
}

/// Words that mean the same, a list for each meaning.
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SynonymsSection {
    /// In Japanese articles.
    #[schemars(extend("examples" = [[["返品", "返却"]]]))]
    pub ja: Vec<Vec<String>>,
    /// In English articles.
    #[schemars(extend("examples" = [[["return", "send back"]]]))]
    pub en: Vec<Vec<String>>,
}

/// The head of an article `help/<id>.md`: TOML between `+++` lines, after it the text in Japanese, and after a line
/// `+++ en` the text in English.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Article")]
pub struct ArticleSection {
    /// The id of its category.
    #[schemars(example = &"orders")]
    pub category: String,
    /// What it is.
    #[serde(default)]
    pub kind: ArticleKindText,
    /// Ids of articles that belong to it.
    #[serde(default)]
    #[schemars(extend("examples" = [["cancel-order"]]))]
    pub related: Vec<String>,
    /// What a market must have for it to be shown: `programs.ID`, `methods.TYPE`, `coupons.ID`, `sellers.ID`,
    /// `seller_types.TYPE`, `contacts.phones`, `policies.gift_cards`, or a policy of which it speaks:
    /// `policies.cancel_until_preparing`, `policies.refunds_as_paid`, `policies.refunds_method_first`,
    /// `policies.coupons_stay_used`.
    #[serde(default)]
    #[schemars(extend("examples" = [["methods.cod"]]))]
    pub needs: Vec<String>,
    /// Title and questions in Japanese.
    pub ja: TitlesSection,
    /// Title and questions in English.
    pub en: TitlesSection,
    /// Carts whose figures the text uses, by name: `{{ example:NAME.FIGURE }}`.
    #[serde(default)]
    pub examples: BTreeMap<String, ExampleSection>,
}

/// What an article is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ArticleKindText {
    /// An answer to a question.
    #[default]
    Article,
    /// What a word means.
    Glossary,
}

/// How customers ask for an article in one language.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TitlesSection {
    /// Its title.
    #[schemars(example = &"注文をキャンセルする")]
    pub title: String,
    /// Other ways to ask.
    #[serde(default)]
    #[schemars(extend("examples" = [["注文を取り消したい"]]))]
    pub questions: Vec<String>,
}

/// A cart with what the market makes of it.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExampleSection {
    /// A request as `choba quote` reads it. Of a line `seller` and `unit_price` are enough; without `at` it is noon of
    /// 21 November 2026 in the market's time zone.
    #[schemars(example = &"{\"lines\": [{\"seller\": \"shop-a\", \"unit_price\": 2000}]}")]
    pub request: String,
    /// What comes of it: `goods`, `coupons`, `shipping`, `fee`, `tax`, `total`, `due`, `pays-TENDER` in yen,
    /// `points-PROGRAM`, `earns-PROGRAM`, `earns-PROGRAM-RULE`, `earns-line-ID` in points.
    #[serde(default)]
    #[schemars(extend("examples" = [{"total": 2000}]))]
    pub figures: BTreeMap<String, i64>,
    /// The codes of everything that was not done as asked, in order; not looked at where left out.
    #[schemars(extend("examples" = [["seller_individual"]]))]
    pub refusals: Option<Vec<String>>,
    /// Days: `available` and `expires` of the first points it earns.
    #[serde(default)]
    #[schemars(extend("examples" = [{"available": "2026-12-12"}]))]
    pub days: BTreeMap<String, String>,
}
