//! `/openapi.json`, and `/docs`: the same for people, without any outside host.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use serde_json::Value;
use utoipa::openapi::OpenApi;

use crate::{Problem, Service};

/// No script, no frame, nothing from elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

const STYLE: &str = include_str!("../../assets/docs.css");

pub fn routes(description: &OpenApi) -> Router<Service> {
    let value = serde_json::to_value(description).unwrap_or_default();
    let page: Arc<str> = page(&value).unwrap_or_default().into();
    let json: Arc<str> = serde_json::to_string_pretty(&value).unwrap_or_default().into();
    Router::new()
        .route(
            "/openapi.json",
            get(async move || ([(header::CONTENT_TYPE, "application/json")], json.to_string())),
        )
        .route(
            "/docs",
            get(async move || ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(page.to_string()))),
        )
        .route("/docs.css", get(async || ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)))
        .route("/problems/{code}", get(problem))
}

/// What a problem's `type` refers to.
async fn problem() -> impl IntoResponse {
    Problem::not_found("Problems are described in /docs.")
}

#[derive(Template)]
#[template(path = "docs.html")]
struct Page<'d> {
    title: &'d str,
    version: &'d str,
    paragraphs: Vec<&'d str>,
    groups: Vec<Group<'d>>,
    schemas: Vec<SchemaShown<'d>>,
}

struct Group<'d> {
    name: &'d str,
    operations: Vec<OperationShown<'d>>,
}

struct OperationShown<'d> {
    id: &'d str,
    method: String,
    path: &'d str,
    summary: &'d str,
    description: &'d str,
    rights: Vec<&'d str>,
    parameters: Vec<ParameterShown<'d>>,
    body: Option<BodyShown<'d>>,
    answers: Vec<AnswerShown<'d>>,
}

struct ParameterShown<'d> {
    name: &'d str,
    place: &'d str,
    required: bool,
    description: &'d str,
}

struct BodyShown<'d> {
    schema: &'d str,
    example: Option<String>,
}

struct AnswerShown<'d> {
    status: &'d str,
    description: &'d str,
    schema: &'d str,
}

struct SchemaShown<'d> {
    name: &'d str,
    json: String,
}

fn page(description: &Value) -> Option<String> {
    let text = |pointer: &str| description.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let mut page = Page {
        title: text("/info/title"),
        version: text("/info/version"),
        paragraphs: text("/info/description").split("\n\n").collect(),
        groups: Vec::new(),
        schemas: schemas(description),
    };
    for (path, item) in description.get("paths")?.as_object()? {
        for (method, operation) in item.as_object()? {
            add(&mut page.groups, shown(description, path, method, operation), tag(operation));
        }
    }
    page.render().ok()
}

fn tag(operation: &Value) -> &str {
    operation.pointer("/tags/0").and_then(Value::as_str).unwrap_or("Other")
}

fn add<'d>(groups: &mut Vec<Group<'d>>, operation: OperationShown<'d>, tag: &'d str) {
    match groups.iter_mut().find(|group| group.name == tag) {
        Some(group) => group.operations.push(operation),
        None => groups.push(Group { name: tag, operations: vec![operation] }),
    }
}

fn shown<'d>(
    description: &'d Value,
    path: &'d str,
    method: &str,
    operation: &'d Value,
) -> OperationShown<'d> {
    let text = |key: &str| operation.get(key).and_then(Value::as_str).unwrap_or_default();
    let rights = operation.pointer("/security/0/bearer").and_then(Value::as_array);
    OperationShown {
        id: text("operationId"),
        method: method.to_uppercase(),
        path,
        summary: text("summary"),
        description: text("description"),
        rights: rights.into_iter().flatten().filter_map(Value::as_str).collect(),
        parameters: list(operation, "parameters").iter().map(parameter).collect(),
        body: operation
            .pointer("/requestBody/content/application~1json")
            .map(|body| BodyShown { schema: schema_name(body), example: example(description, body) }),
        answers: answers(operation),
    }
}

fn list<'d>(value: &'d Value, key: &str) -> &'d [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn parameter(parameter: &Value) -> ParameterShown<'_> {
    let text = |key: &str| parameter.get(key).and_then(Value::as_str).unwrap_or_default();
    ParameterShown {
        name: text("name"),
        place: text("in"),
        required: parameter.get("required").and_then(Value::as_bool).unwrap_or_default(),
        description: text("description"),
    }
}

/// The answers that are told for this operation; problems look alike everywhere.
fn answers(operation: &Value) -> Vec<AnswerShown<'_>> {
    let responses = operation.get("responses").and_then(Value::as_object);
    let told = responses.into_iter().flatten().filter(|(_, answer)| {
        let schema = answer.pointer("/content/application~1problem+json/schema/$ref").and_then(Value::as_str);
        schema.is_none()
    });
    told.map(|(status, answer)| AnswerShown {
        status,
        description: answer.get("description").and_then(Value::as_str).unwrap_or_default(),
        schema: answer.pointer("/content/application~1json").map(schema_name).unwrap_or_default(),
    })
    .collect()
}

fn schema_name(body: &Value) -> &str {
    let reference = body.pointer("/schema/$ref").and_then(Value::as_str).unwrap_or_default();
    reference.rsplit('/').next().unwrap_or_default()
}

fn example(description: &Value, body: &Value) -> Option<String> {
    let of_schema = || description.pointer(&format!("/components/schemas/{}/example", schema_name(body)));
    let example = body.get("example").or_else(of_schema)?;
    serde_json::to_string_pretty(example).ok()
}

fn schemas(description: &Value) -> Vec<SchemaShown<'_>> {
    let schemas = description.pointer("/components/schemas").and_then(Value::as_object);
    let shown = schemas.into_iter().flatten();
    shown
        .map(|(name, schema)| SchemaShown {
            name,
            json: serde_json::to_string_pretty(schema).unwrap_or_default(),
        })
        .collect()
}
