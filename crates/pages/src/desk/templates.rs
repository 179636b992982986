//! Wordings of the desk: templates of replies, and macros.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use choba_app::{AppError, NewTemplate, Right};
use choba_care::reply_template::{Place, PlaceKind, ReplyTemplate, TemplateFault};
use choba_server::{Problem, Service};

use super::macros::{line_of, typed};
use crate::fields::{Faults, Fields};
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{done, page_with};
use crate::visitor::Staff;

/// Templates and macros.
#[derive(Template)]
#[template(path = "desk/templates.html")]
pub struct TemplatesPage {
    pub frame: Frame,
    pub leads: bool,
    pub templates: Vec<ReplyTemplate>,
    pub macros: Vec<MacroShown>,
    /// What stands in the form.
    pub form: ReplyTemplate,
    pub places: String,
    /// The same for the form of macros: its key, its title, its steps.
    pub macro_form: (String, String, String),
    pub faults: Faults,
}

/// A macro with its steps as they are written.
pub struct MacroShown {
    pub key: String,
    pub title: String,
    pub version: u32,
    pub steps: Vec<String>,
}

impl TemplatesPage {
    async fn of(service: &Service, staff: &Staff) -> Result<Self, AppError> {
        let (counter, caller, market) = (&service.counter, &staff.caller, &staff.visitor.market);
        let macros = counter.macros(caller, market).await?.into_iter().map(|known| MacroShown {
            steps: known.steps.iter().map(line_of).collect(),
            key: known.key,
            title: known.title,
            version: known.version,
        });
        Ok(Self {
            frame: Frame::of(&staff.visitor, Room::Desk, "/desk/templates"),
            leads: caller.has(Right::CareLead),
            templates: counter.reply_templates(caller, market).await?,
            macros: macros.collect(),
            form: blank(),
            places: String::new(),
            macro_form: Default::default(),
            faults: Faults::none(),
        })
    }
}

/// An empty form.
pub fn blank() -> ReplyTemplate {
    let empty = String::new;
    let (language, places) = ("ja".to_owned(), Vec::new());
    ReplyTemplate { key: empty(), version: 0, language, title: empty(), body: empty(), places }
}

pub async fn show(
    State(service): State<Service>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let mut shown = TemplatesPage::of(&service, &staff).await?;
    let wanted = |template: &&ReplyTemplate| {
        template.key == query.one("key") && template.language == query.one("language")
    };
    if let Some(template) = shown.templates.iter().find(wanted) {
        shown.places = places_of(&template.places);
        shown.form = template.clone();
    }
    page_with(StatusCode::OK, &shown)
}

/// The page again with what was typed and what is wrong with it.
///
/// # Errors
/// What the counter answers.
pub async fn again(
    service: &Service,
    staff: &Staff,
    fields: &Fields,
    faults: Faults,
) -> Result<Response, Problem> {
    let mut shown = TemplatesPage::of(service, staff).await?;
    shown.form = read(fields);
    shown.places = fields.one("places").to_owned();
    shown.macro_form = typed(fields);
    shown.faults = faults;
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown)
}

/// What was typed; `version` is the one that it follows.
fn read(fields: &Fields) -> ReplyTemplate {
    let one = |name| fields.one(name).to_owned();
    ReplyTemplate {
        key: one("key"),
        version: fields.one("follows").parse().unwrap_or(0),
        language: one("language"),
        title: one("title"),
        body: one("body"),
        places: Vec::new(),
    }
}

pub async fn publish(
    State(service): State<Service>,
    staff: Staff,
    Form(fields): Form,
) -> Result<Response, Problem> {
    staff.caller.may(Right::CareLead)?;
    let frame = Frame::of(&staff.visitor, Room::Desk, "/desk/templates");
    let Some(places) = read_places(fields.one("places")) else {
        let faults = Faults::one("places", frame.say("desk-fault-places"));
        return again(&service, &staff, &fields, faults).await;
    };
    if fields.one("key").is_empty() || fields.one("title").is_empty() {
        let field = if fields.one("key").is_empty() {
            ("key", "desk-fault-key")
        } else {
            ("title", "desk-fault-title")
        };
        return again(&service, &staff, &fields, Faults::one(field.0, frame.say(field.1))).await;
    }
    let typed = read(&fields);
    let new = NewTemplate { follows: typed.version, template: ReplyTemplate { version: 0, places, ..typed } };
    let (market, now) = (&staff.visitor.market, service.clock.now());
    match service.counter.publish_template(&staff.caller, market, new, now).await {
        Ok(_) => Ok(done("/desk/templates", "desk-template-published")),
        Err(error) => match fault(&frame, &error) {
            Some(faults) => again(&service, &staff, &fields, faults).await,
            None => Err(error.into()),
        },
    }
}

fn fault(frame: &Frame, error: &AppError) -> Option<Faults> {
    Some(match error {
        AppError::Template(TemplateFault::Amount) => {
            Faults::one("body", frame.say("desk-fault-template-amount"))
        }
        AppError::Template(TemplateFault::Places { name }) => {
            Faults::one("places", frame.say("desk-fault-template-place").with("name", name.clone()))
        }
        AppError::Template(TemplateFault::Length { .. }) => Faults::one("body", frame.say("desk-fault-text")),
        AppError::Template(_) => Faults::one("body", frame.say("desk-fault-template")),
        AppError::Field { field, .. } if field == "/follows" => {
            Faults::one("key", frame.say("desk-fault-follows"))
        }
        _ => return None,
    })
}

const KINDS: [(&str, PlaceKind); 4] = [
    ("text", PlaceKind::Text),
    ("yen", PlaceKind::Yen),
    ("points", PlaceKind::Points),
    ("date", PlaceKind::Date),
];

/// A place a line: `order_number text`.
fn read_places(typed: &str) -> Option<Vec<Place>> {
    let lines = typed.lines().map(str::trim).filter(|line| !line.is_empty());
    let read = lines.map(|line| {
        let (name, kind) = line.split_once(char::is_whitespace).unwrap_or((line, "text"));
        let kind = KINDS.iter().find(|(word, _)| *word == kind.trim()).map(|(_, kind)| *kind)?;
        Some(Place { name: name.to_owned(), kind })
    });
    read.collect()
}

fn places_of(places: &[Place]) -> String {
    let line = |place: &Place| {
        let kind = KINDS.iter().find(|(_, kind)| *kind == place.kind).map_or("text", |(word, _)| word);
        format!("{} {kind}", place.name)
    };
    places.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_they_are_written() {
        let written = "order_number text\nlast_refund yen";
        assert_eq!(places_of(&read_places(written).unwrap()), written);
        assert_eq!(places_of(&read_places(" case_number ").unwrap()), "case_number text");
        assert_eq!(read_places("amount euros"), None);
    }
}
