//! API keys of programs: made, rotated and ended; a secret is shown once.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use choba_app::{ApiKey, ApiKeyState, AppError, GRACE_USUAL, Key, MadeApiKey, MakeApiKey, Right};
use choba_server::{Problem, Service};
use jiff::SignedDuration;

use crate::fields::{Faults, Fields};
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{done, page, page_with};
use crate::visitor::Staff;

const PATH: &str = "/office/keys";

/// Keys that are shown at once.
const MOST: i64 = 200;

/// The keys, the form for another, and the secret that was just made.
#[derive(Template)]
#[template(path = "office/keys.html")]
pub struct KeysPage {
    pub frame: Frame,
    pub keys: Vec<ShownKey>,
    pub rights: Vec<&'static str>,
    pub typed: Fields,
    pub faults: Faults,
    pub key: String,
    /// The key's name and its secret.
    pub secret: Option<(String, String)>,
}

/// A key as it is shown.
pub struct ShownKey {
    pub key: ApiKey,
    pub is_active: bool,
    /// Its state, as a part of a message.
    pub state: &'static str,
    pub rights: String,
}

impl KeysPage {
    async fn of(service: &Service, staff: &Staff, typed: Fields, faults: Faults) -> Result<Self, Problem> {
        let at = service.clock.now();
        let shown = |key: ApiKey| {
            let state = key.state(at);
            let words: Vec<&str> = key.rights.iter().map(|right| right.as_str()).collect();
            let is_active = state == ApiKeyState::Active;
            ShownKey { state: state.as_str(), rights: words.join(", "), is_active, key }
        };
        Ok(Self {
            frame: Frame::of(&staff.visitor, Room::Office, PATH),
            keys: service.counter.api_keys(&staff.caller, None, MOST).await?.into_iter().map(shown).collect(),
            rights: Right::all().filter(|right| staff.caller.has(*right)).map(Right::as_str).collect(),
            typed,
            faults,
            key: service.counter.draw_session_token().reveal().to_owned(),
            secret: None,
        })
    }

    fn with_secret(self, made: &MadeApiKey) -> Self {
        Self { secret: Some((made.key.name.clone(), made.secret.reveal().to_owned())), ..self }
    }
}

/// `/office/keys`
pub async fn list(State(service): State<Service>, staff: Staff) -> Result<Response, Problem> {
    page(&KeysPage::of(&service, &staff, Fields::default(), Faults::none()).await?)
}

/// Makes a key.
pub async fn make(
    State(service): State<Service>,
    staff: Staff,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let rights: Vec<Right> = fields.all("right").filter_map(Right::read).collect();
    let body = [fields.one("name"), &fields.all("right").collect::<Vec<_>>().join(" ")].join("\n");
    let key = Key::new(fields.one("key"), "make_api_key", "", body.as_bytes())?;
    let make = MakeApiKey { name: fields.one("name").to_owned(), rights, expires_at: None, key: Some(key) };
    match service.counter.make_api_key(&staff.caller, make, service.clock.now()).await {
        Ok(made) => {
            let template = KeysPage::of(&service, &staff, Fields::default(), Faults::none()).await?;
            page(&template.with_secret(&made))
        }
        Err(AppError::Field { field, .. }) => {
            let frame = Frame::of(&staff.visitor, Room::Office, PATH);
            let faults = match field.contains("rights") {
                true => Faults::one("right", frame.say("office-fault-rights")),
                false => Faults::one("name", frame.say("office-fault-length").with("most", "100")),
            };
            let template = KeysPage::of(&service, &staff, fields, faults).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &template)
        }
        Err(AppError::MadeBefore { .. }) => Ok(done(PATH, "office-key-made-before")),
        Err(error) => Err(error.into()),
    }
}

/// Gives a key another secret, or ends it.
pub async fn change(
    State(service): State<Service>,
    staff: Staff,
    Path(key_id): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let at = service.clock.now();
    if fields.says("do", "end") {
        service.counter.end_api_key(&staff.caller, &key_id, at).await?;
        return Ok(done(PATH, "office-key-ended"));
    }
    let grace = if fields.says("do", "rotate-now") { SignedDuration::ZERO } else { GRACE_USUAL };
    let made = service.counter.rotate_api_key(&staff.caller, &key_id, grace, at).await?;
    let template = KeysPage::of(&service, &staff, Fields::default(), Faults::none()).await?;
    page(&template.with_secret(&made))
}
