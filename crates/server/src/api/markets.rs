//! `/v1/markets`: the markets, their files, and new versions of them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use choba_app::{KnownMarket, Right};
use choba_formats::market_files::Report;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::programs::All;
use crate::extract::{Asking, Body, PathOf};
use crate::problem::FieldFault;
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(check))
        .routes(routes!(activate))
        .routes(routes!(version))
}

/// A market.
#[derive(Debug, Serialize, ToSchema)]
struct MarketShown {
    market: String,
    /// The version in force: a digest of its files.
    version: String,
    currency: String,
    time_zone: String,
    sellers: Vec<String>,
    programs: Vec<String>,
}

impl From<&KnownMarket> for MarketShown {
    fn from(known: &KnownMarket) -> Self {
        let market = &known.market;
        Self {
            market: market.name.clone(),
            version: market.version.clone(),
            currency: market.currency.code().to_owned(),
            time_zone: market.time_zone.iana_name().unwrap_or("UTC").to_owned(),
            sellers: market.sellers.iter().map(|seller| seller.id.clone()).collect(),
            programs: market.programs.iter().map(|program| program.id.clone()).collect(),
        }
    }
}

/// List the markets
#[utoipa::path(
    get,
    path = "/v1/markets",
    operation_id = "list_markets",
    tag = "Markets",
    security(("bearer" = ["markets:read"])),
    responses((status = 200, description = "The markets", body = All<MarketShown>)),
)]
async fn list(
    State(service): State<Service>,
    Asking(caller): Asking,
) -> Result<Json<All<MarketShown>>, Problem> {
    caller.may(Right::MarketsRead)?;
    let markets = service.counter.markets().all();
    Ok(Json(All { data: markets.iter().map(MarketShown::from).collect() }))
}

/// Show a market
#[utoipa::path(
    get,
    path = "/v1/markets/{market}",
    operation_id = "show_market",
    tag = "Markets",
    security(("bearer" = ["markets:read"])),
    params(("market" = String, Path, description = "Its name")),
    responses((status = 200, description = "The market", body = MarketShown)),
)]
async fn show(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(market): PathOf<String>,
) -> Result<Json<MarketShown>, Problem> {
    caller.may(Right::MarketsRead)?;
    let markets = service.counter.markets().all();
    let known = markets.iter().find(|known| known.market.name == market);
    let known = known.ok_or_else(|| Problem::not_found("There is no such market."))?;
    Ok(Json(known.into()))
}

/// A market's files.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"files": [{"path": "market.toml", "text": "[market]\nname = \"rakuten-style\"\n"}]}))]
struct FilesShape {
    /// All of them: a market is checked as a whole.
    files: Vec<FileShape>,
}

/// A file.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FileShape {
    path: String,
    text: String,
}

impl FilesShape {
    fn checked(self) -> Result<KnownMarket, Report> {
        KnownMarket::checked(self.files.into_iter().map(|file| (file.path, file.text)).collect())
    }
}

/// What was found in a market's files.
#[derive(Debug, Serialize, ToSchema)]
struct Checked {
    /// Whether they can be put in force.
    fine: bool,
    /// The version that they are.
    version: Option<String>,
    mistakes: Vec<MistakeShown>,
}

/// A mistake.
#[derive(Debug, Serialize, ToSchema)]
struct MistakeShown {
    /// In which file; nothing where no file is at fault but all together.
    path: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    /// The full key.
    #[schema(example = "coupons.A500.yen")]
    key: String,
    found: String,
    expected: String,
    /// What was probably meant.
    suggestion: Option<String>,
}

fn mistakes(report: &Report) -> Vec<MistakeShown> {
    let shown = report.mistakes.iter().map(|mistake| {
        let place = report.place(mistake);
        MistakeShown {
            path: place.map(|(path, ..)| path.to_owned()),
            line: place.map(|(_, line, _)| line),
            column: place.map(|(.., column)| column),
            key: mistake.key.clone(),
            found: mistake.found.clone(),
            expected: mistake.expected.clone(),
            suggestion: mistake.suggestion.clone(),
        }
    });
    shown.collect()
}

/// Check a market's files
///
/// All mistakes of all files at once; nothing is put in force.
#[utoipa::path(
    post,
    path = "/v1/markets/check",
    operation_id = "check_market",
    tag = "Markets",
    security(("bearer" = ["markets:read"])),
    request_body = FilesShape,
    responses((status = 200, description = "What was found", body = Checked)),
)]
async fn check(Asking(caller): Asking, Body(files): Body<FilesShape>) -> Result<Json<Checked>, Problem> {
    caller.may(Right::MarketsRead)?;
    Ok(Json(match files.checked() {
        Ok(known) => {
            Checked { fine: true, version: Some(known.market.version.clone()), mistakes: Vec::new() }
        }
        Err(report) => Checked { fine: false, version: None, mistakes: mistakes(&report) },
    }))
}

/// Put a new version of a market in force
///
/// Without a restart, in every process. Files with mistakes are refused, and the old version stays. Orders keep the version
/// they were placed under.
#[utoipa::path(
    post,
    path = "/v1/markets/{market}/versions",
    operation_id = "activate_market",
    tag = "Markets",
    security(("bearer" = ["markets:write"])),
    params(("market" = String, Path, description = "Its name")),
    request_body = FilesShape,
    responses((status = 201, description = "It is in force", body = MarketShown)),
)]
async fn activate(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(market): PathOf<String>,
    Body(files): Body<FilesShape>,
) -> Result<impl IntoResponse, Problem> {
    caller.may(Right::MarketsWrite)?;
    let known = files.checked().map_err(|report| with_mistakes(&report))?;
    if known.market.name != market {
        return Err(Problem::field("/files", format!("expected the market {market}")));
    }
    let shown = MarketShown::from(&known);
    service.counter.activate_market(&caller, known, service.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(shown)))
}

fn with_mistakes(report: &Report) -> Problem {
    let title = "The market files have mistakes";
    let detail = "Nothing was put in force.";
    let mut problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "market_files", title, detail);
    for line in report.to_string().lines() {
        problem.blame(FieldFault { pointer: "/files".to_owned(), detail: line.to_owned() });
    }
    problem
}

/// Show the files of a market's version
#[utoipa::path(
    get,
    path = "/v1/markets/{market}/versions/{version}",
    operation_id = "show_market_version",
    tag = "Markets",
    security(("bearer" = ["reports:read"])),
    params(
        ("market" = String, Path, description = "Its name"),
        ("version" = String, Path, description = "The version"),
    ),
    responses((status = 200, description = "Its files", body = FilesShape)),
)]
async fn version(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf((market, version)): PathOf<(String, String)>,
) -> Result<Json<FilesShape>, Problem> {
    caller.may(Right::ReportsRead)?;
    let known = service.counter.kept_version(&version).await?;
    if known.market.name != market {
        return Err(Problem::not_found("There is no such version of this market."));
    }
    let files = known.files.iter().map(|(path, text)| FileShape { path: path.clone(), text: text.clone() });
    Ok(Json(FilesShape { files: files.collect() }))
}
