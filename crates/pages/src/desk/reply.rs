//! Answering a case, from a template or freely, and noting something for the desk alone.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use choba_app::{AppError, DeskReply};
use choba_care::case::TemplateUsed;
use choba_care::reply_template::TemplateFault;
use choba_server::{Problem, Service};

use super::case::{Typed, refused, shown};
use super::names::key_of;
use crate::fields::Fields;
use crate::form::Form;
use crate::page::done;
use crate::visitor::Staff;

/// The start of the names of fields for places of a template.
const PLACE: &str = "place-";

pub async fn reply(
    State(service): State<Service>,
    staff: Staff,
    Path(case_id): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let key = key_of(&fields, "desk.reply", &case_id)?;
    let reply = DeskReply {
        version: fields.one("version").parse().unwrap_or(0),
        text: fields.one("text").to_owned(),
        template: template(&fields),
        attachments: Vec::new(),
        asks_customer: fields.says("asks", "yes"),
    };
    let typed = Typed {
        reply: reply.text.clone(),
        asks: reply.asks_customer,
        template: reply.template.clone(),
        ..Typed::default()
    };
    match service.counter.reply_in_case(&staff.caller, &case_id, reply, key, service.clock.now()).await {
        Ok(_) => Ok(done(&format!("/desk/cases/{case_id}"), "desk-replied")),
        Err(error) => refused(&service, &staff, &case_id, error, typed).await,
    }
}

fn template(fields: &Fields) -> Option<TemplateUsed> {
    let key = Some(fields.one("template_key")).filter(|key| !key.is_empty())?.to_owned();
    let version = fields.one("template_version").parse().ok()?;
    Some(TemplateUsed { key, version, language: fields.one("template_language").to_owned() })
}

/// Notes something that only staff read.
pub async fn note(
    State(service): State<Service>,
    staff: Staff,
    Path(case_id): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let (key, text) = (key_of(&fields, "desk.note", &case_id)?, fields.one("note"));
    let typed = Typed { note: text.to_owned(), ..Typed::default() };
    match service.counter.note_in_case(&staff.caller, &case_id, text, key, service.clock.now()).await {
        Ok(_) => Ok(done(&format!("/desk/cases/{case_id}"), "desk-noted")),
        Err(error) => refused(&service, &staff, &case_id, error, typed).await,
    }
}

/// Fills a template in from the books and shows it in the reply box; what only an agent knows is asked for.
pub async fn preview(
    State(service): State<Service>,
    staff: Staff,
    Path(case_id): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let template = fields.one("template").to_owned();
    let places = fields.iter().filter_map(|(name, value)| Some((name.strip_prefix(PLACE)?, value)));
    let places: BTreeMap<String, String> = places
        .filter(|(_, value)| !value.trim().is_empty())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let now = service.clock.now();
    match service.counter.fill_template(&staff.caller, &case_id, &template, &places, now).await {
        Ok((reply, used)) => {
            let typed = Typed { reply, template: Some(used), ..Typed::default() };
            shown(&service, &staff, &case_id, StatusCode::OK, typed).await
        }
        Err(AppError::Template(TemplateFault::Undefined { names })) => {
            let asked = names.into_iter().map(|name| {
                let typed = places.get(&name).cloned().unwrap_or_default();
                (name, typed)
            });
            let mut lacks: BTreeMap<String, String> = places.clone();
            lacks.extend(asked);
            let typed = Typed { lacks: Some((template, lacks.into_iter().collect())), ..Typed::default() };
            shown(&service, &staff, &case_id, StatusCode::OK, typed).await
        }
        Err(error) => refused(&service, &staff, &case_id, error, Typed::default()).await,
    }
}
