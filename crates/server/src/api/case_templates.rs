//! `/v1/cases/desk/templates` and `/v1/cases/desk/macros`: wordings of the desk, published in versions, and steps that are
//! taken together.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use choba_app::{Macro, MacroStep, NewTemplate};
use choba_care::reply_template::{Place, PlaceKind, ReplyTemplate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::case_desk::{PriorityWord, TemplateNamed};
use super::cases::CaseAfter;
use super::programs::All;
use super::wallet::InMarket;
use crate::extract::{Asking, Body, IdempotencyKey, Params, PathOf, RawJson, read_json};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(templates, publish_template))
        .routes(routes!(macros, publish_macro))
        .routes(routes!(preview))
        .routes(routes!(run))
}

/// A place of a template.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlaceShape {
    name: String,
    /// `text`, `yen`, `points`, `date`. Amounts come from the books only.
    kind: PlaceWord,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PlaceWord {
    Text,
    Yen,
    Points,
    Date,
}

impl From<Place> for PlaceShape {
    fn from(Place { name, kind }: Place) -> Self {
        let kind = match kind {
            PlaceKind::Text => PlaceWord::Text,
            PlaceKind::Yen => PlaceWord::Yen,
            PlaceKind::Points => PlaceWord::Points,
            PlaceKind::Date => PlaceWord::Date,
        };
        Self { name, kind }
    }
}

impl From<PlaceShape> for Place {
    fn from(PlaceShape { name, kind }: PlaceShape) -> Self {
        let kind = match kind {
            PlaceWord::Text => PlaceKind::Text,
            PlaceWord::Yen => PlaceKind::Yen,
            PlaceWord::Points => PlaceKind::Points,
            PlaceWord::Date => PlaceKind::Date,
        };
        Self { name, kind }
    }
}

/// A version of a template in one language.
#[derive(Debug, Serialize, ToSchema)]
struct TemplateShown {
    key: String,
    version: u32,
    /// `ja` or `en`.
    language: String,
    /// What staff choose it by.
    title: String,
    /// The text, with places as `{{ name }}`.
    body: String,
    places: Vec<PlaceShape>,
}

impl From<ReplyTemplate> for TemplateShown {
    fn from(template: ReplyTemplate) -> Self {
        let ReplyTemplate { key, version, language, title, body, places } = template;
        Self { key, version, language, title, body, places: places.into_iter().map(Into::into).collect() }
    }
}

/// List templates
///
/// The latest version of each key and language.
#[utoipa::path(
    get,
    path = "/v1/cases/desk/templates",
    operation_id = "list_templates",
    tag = "Cases at the desk",
    security(("bearer" = ["care:desk"]), ("bearer" = ["care:lead"])),
    params(InMarket),
    responses((status = 200, description = "The templates", body = All<TemplateShown>)),
)]
async fn templates(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<InMarket>,
) -> Result<Json<All<TemplateShown>>, Problem> {
    let templates = service.counter.reply_templates(&caller, &query.market).await?;
    Ok(Json(All { data: templates.into_iter().map(TemplateShown::from).collect() }))
}

/// The next version of a template.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"follows": 0, "key": "thanks", "language": "ja", "title": "お礼", "body": "お問い合わせ番号 {{ case_number }} の件、ありがとうございました。", "places": [{"name": "case_number", "kind": "text"}]}))]
struct TemplateToPublish {
    /// The version that was seen; 0 for a new key.
    follows: u32,
    key: String,
    /// `ja` or `en`.
    language: String,
    title: String,
    body: String,
    places: Vec<PlaceShape>,
}

/// Publish a template
///
/// The next version of its key and language; versions that were sent stay as they were. Every place of the text is listed, and
/// no amount stands in it.
#[utoipa::path(
    post,
    path = "/v1/cases/desk/templates",
    operation_id = "publish_template",
    tag = "Cases at the desk",
    security(("bearer" = ["care:lead"])),
    params(InMarket),
    request_body = TemplateToPublish,
    responses((status = 201, description = "It is in force", body = TemplateShown)),
)]
async fn publish_template(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<InMarket>,
    Body(body): Body<TemplateToPublish>,
) -> Result<(StatusCode, Json<TemplateShown>), Problem> {
    let TemplateToPublish { follows, key, language, title, body, places } = body;
    let places = places.into_iter().map(Into::into).collect();
    let template = ReplyTemplate { key, version: 0, language, title, body, places };
    let new = NewTemplate { follows, template };
    let published =
        service.counter.publish_template(&caller, &query.market, new, service.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(published.into())))
}

/// A template to be filled in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"template": "refund_made", "typed": {}}))]
struct ToPreview {
    /// By its key.
    template: String,
    /// What only an agent can know, by the names of places of texts.
    #[serde(default)]
    typed: BTreeMap<String, String>,
}

/// A reply made from a template.
#[derive(Serialize, ToSchema)]
struct Previewed {
    text: String,
    /// To be named with the reply.
    template: TemplateNamed,
}

/// Fill in a template for a case
///
/// In its customer's language, with figures from the books. A place of which nothing is known is an error
/// (`template_undefined`): nothing with a hole is sent.
#[utoipa::path(
    post,
    path = "/v1/cases/{case}/preview",
    operation_id = "preview_template",
    tag = "Cases at the desk",
    security(("bearer" = ["care:desk"])),
    params(("case" = String, Path, description = "The case")),
    request_body = ToPreview,
    responses((status = 200, description = "The text", body = Previewed)),
)]
async fn preview(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(case): PathOf<String>,
    Body(body): Body<ToPreview>,
) -> Result<Json<Previewed>, Problem> {
    let at = service.clock.now();
    let filled = service.counter.fill_template(&caller, &case, &body.template, &body.typed, at).await?;
    let (text, used) = filled;
    Ok(Json(Previewed { text, template: used.into() }))
}

/// A step of a macro.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
enum MacroStepShape {
    /// Reply with a template.
    Reply { template: String },
    /// Note something.
    Note { text: String },
    /// Let it press more or less.
    Priority { priority: PriorityWord },
    /// Send it to a queue.
    Queue { queue: String, reason: String },
    /// Let it wait for the customer.
    WaitForCustomer,
    /// Solve it, with a template as what was done.
    Solve { disposition: String, template: String },
}

impl From<MacroStep> for MacroStepShape {
    fn from(step: MacroStep) -> Self {
        match step {
            MacroStep::Reply { template } => Self::Reply { template },
            MacroStep::Note { text } => Self::Note { text },
            MacroStep::Priority { priority } => Self::Priority { priority: priority.into() },
            MacroStep::Queue { queue, reason } => Self::Queue { queue, reason },
            MacroStep::WaitForCustomer => Self::WaitForCustomer,
            MacroStep::Solve { disposition, template } => Self::Solve { disposition, template },
        }
    }
}

impl From<MacroStepShape> for MacroStep {
    fn from(step: MacroStepShape) -> Self {
        match step {
            MacroStepShape::Reply { template } => Self::Reply { template },
            MacroStepShape::Note { text } => Self::Note { text },
            MacroStepShape::Priority { priority } => Self::Priority { priority: priority.into() },
            MacroStepShape::Queue { queue, reason } => Self::Queue { queue, reason },
            MacroStepShape::WaitForCustomer => Self::WaitForCustomer,
            MacroStepShape::Solve { disposition, template } => Self::Solve { disposition, template },
        }
    }
}

/// A macro.
#[derive(Debug, Serialize, ToSchema)]
struct MacroShown {
    key: String,
    /// What staff choose it by.
    title: String,
    version: u32,
    steps: Vec<MacroStepShape>,
}

impl From<Macro> for MacroShown {
    fn from(known: Macro) -> Self {
        let Macro { key, title, version, steps } = known;
        Self { key, title, version, steps: steps.into_iter().map(Into::into).collect() }
    }
}

/// List macros
#[utoipa::path(
    get,
    path = "/v1/cases/desk/macros",
    operation_id = "list_macros",
    tag = "Cases at the desk",
    security(("bearer" = ["care:desk"]), ("bearer" = ["care:lead"])),
    params(InMarket),
    responses((status = 200, description = "The latest version of each", body = All<MacroShown>)),
)]
async fn macros(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<InMarket>,
) -> Result<Json<All<MacroShown>>, Problem> {
    let macros = service.counter.macros(&caller, &query.market).await?;
    Ok(Json(All { data: macros.into_iter().map(MacroShown::from).collect() }))
}

/// The next version of a macro.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"key": "ask_and_wait", "title": "確認して待つ", "steps": [{"step": "note", "text": "確認中"}, {"step": "wait_for_customer"}]}))]
struct MacroToPublish {
    key: String,
    title: String,
    steps: Vec<MacroStepShape>,
}

/// Publish a macro
#[utoipa::path(
    post,
    path = "/v1/cases/desk/macros",
    operation_id = "publish_macro",
    tag = "Cases at the desk",
    security(("bearer" = ["care:lead"])),
    params(InMarket),
    request_body = MacroToPublish,
    responses((status = 201, description = "It is in force", body = MacroShown)),
)]
async fn publish_macro(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<InMarket>,
    Body(body): Body<MacroToPublish>,
) -> Result<(StatusCode, Json<MacroShown>), Problem> {
    let MacroToPublish { key, title, steps } = body;
    let new = Macro { key, title, version: 0, steps: steps.into_iter().map(Into::into).collect() };
    let published = service.counter.publish_macro(&caller, &query.market, new, service.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(published.into())))
}

/// A macro to be run.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"macro": "ask_and_wait", "version": 2, "typed": {}}))]
struct ToRun {
    /// By its key.
    r#macro: String,
    /// The version of the case that was seen.
    version: u32,
    /// For places of templates that only an agent can know.
    #[serde(default)]
    typed: BTreeMap<String, String>,
}

/// Run a macro on a case
///
/// Its steps one after the other. Where one is refused, those before it stay; sent again under the same key it goes on there.
#[utoipa::path(
    post,
    path = "/v1/cases/{case}/macros",
    operation_id = "run_macro",
    tag = "Cases at the desk",
    security(("bearer" = ["care:desk"])),
    params(
        ("case" = String, Path, description = "The case"),
        ("Idempotency-Key" = String, Header, description = "New for each run"),
    ),
    request_body = ToRun,
    responses((status = 200, description = "The case after the last step", body = CaseAfter)),
)]
async fn run(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(case): PathOf<String>,
    key: IdempotencyKey,
    RawJson(bytes): RawJson,
) -> Result<Json<CaseAfter>, Problem> {
    let body: ToRun = read_json(&bytes)?;
    let key = key.of("run_macro", &case, &bytes)?;
    let (seen, at) = ((case.as_str(), body.version), service.clock.now());
    Ok(Json(service.counter.run_macro(&caller, seen, &body.r#macro, &body.typed, key, at).await?.into()))
}
