//! What becomes of a template: an answer, with the right headers; and errors as pages.

use std::sync::Arc;

use askama::Template;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use choba_app::Caller;
use choba_server::{Problem, Service};

use crate::fields::Fields;
use crate::frame::{Frame, Room};
use crate::settings::Settings;
use crate::visit::{MARKET_COOKIE, cookie};
use crate::visitor::Visitor;

/// Nothing from elsewhere, no code and no style inside of pages.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                          font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What every page has at hand. Clones are the same house.
#[derive(Clone)]
pub struct House {
    /// The service.
    pub service: Service,
    /// How the pages are served.
    pub settings: Arc<Settings>,
}

impl House {
    /// A house over a service.
    pub fn new(service: Service, settings: Settings) -> Self {
        Self { service, settings: Arc::new(settings) }
    }

    /// The cookie of sessions. The prefix keeps other hosts of the domain from setting it, where browsers allow it: over TLS.
    pub fn session_cookie(&self) -> &'static str {
        if self.settings.secure { "__Host-choba_session" } else { "choba_session" }
    }

    /// The market of a session, else the one that was chosen, else the first.
    pub fn market(&self, of_session: Option<&str>, headers: &HeaderMap) -> String {
        let markets = self.service.counter.markets();
        let chosen = of_session.map(str::to_owned).or_else(|| cookie(headers, MARKET_COOKIE));
        let open = chosen.filter(|name| markets.get(name).is_ok());
        open.or_else(|| markets.all().first().map(|known| known.market.name.clone())).unwrap_or_default()
    }
}

/// A page.
///
/// # Errors
/// A template that cannot be written is a fault of the program.
pub fn page(template: &impl Template) -> Result<Response, Problem> {
    page_with(StatusCode::OK, template)
}

/// A page that says that something is not as it should be: a form with faults is 422.
///
/// # Errors
/// As [`page`].
pub fn page_with(status: StatusCode, template: &impl Template) -> Result<Response, Problem> {
    let html = template.render().map_err(|error| Problem::defect(&error.to_string()))?;
    Ok((status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response())
}

/// On to a page with what was done: `done` is the end of the id of a message `done-…`.
pub fn done(path: &str, done: &str) -> Response {
    let sign = if path.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{path}{sign}done={done}")).into_response()
}

#[derive(Template)]
#[template(path = "problem.html")]
pub struct ProblemPage {
    pub frame: Frame,
    pub title: String,
    pub message: String,
    pub detail: Option<String>,
    pub status: u16,
}

/// An error as a page.
pub fn problem(visitor: &Visitor, problem: &Problem) -> Response {
    let room = match visitor.caller() {
        Some(Caller::Staff { .. }) if visitor.asked_for.starts_with("/office") => Room::Office,
        Some(Caller::Staff { .. }) => Room::Desk,
        _ => Room::Shopper,
    };
    let frame = Frame::of(visitor, room, "");
    let template = ProblemPage::of(frame, problem, room != Room::Shopper);
    page_with(problem.status(), &template).unwrap_or_else(IntoResponse::into_response)
}

impl ProblemPage {
    fn of(frame: Frame, problem: &Problem, for_staff: bool) -> Self {
        let status = problem.status();
        let known = format!("problem-title-{}", status.as_u16());
        let id = if frame.has(&known) { known } else { "problem-title-other".to_owned() };
        let title = frame.say(&id).to_string();
        let message = problem.message(frame.language);
        let message = message.unwrap_or_else(|| frame.say(&id.replace("-title-", "-text-")).to_string());
        let detail = for_staff.then(|| problem.detail().to_owned());
        Self { frame, title, message, detail, status: status.as_u16() }
    }
}

#[derive(Template)]
#[template(path = "stale_form.html")]
pub struct StaleForm {
    pub frame: Frame,
    pub action: String,
    /// What was typed, where the form stood on a page of ours: it can be sent again.
    pub fields: Vec<(String, String)>,
    /// Whether whoever sent it has to sign in before.
    pub is_signed_out: bool,
}

/// A form that is too old, or comes from elsewhere: nothing was done. What was typed in ours can be sent again.
pub fn stale_form(visitor: &Visitor, action: &str, fields: &Fields, ours: bool) -> Response {
    let fields = if ours { typed(fields) } else { Vec::new() };
    again(visitor, action, fields, false)
}

/// A form of somebody who is not signed in any more: nothing was done, and what was typed can be sent again afterwards.
pub fn expired_form(visitor: &Visitor, action: &str, fields: &Fields) -> Response {
    again(visitor, action, typed(fields), true)
}

fn typed(fields: &Fields) -> Vec<(String, String)> {
    let typed = fields.iter().filter(|(name, _)| *name != crate::form::TOKEN);
    typed.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn again(visitor: &Visitor, action: &str, fields: Vec<(String, String)>, is_signed_out: bool) -> Response {
    let frame = Frame::of(visitor, Room::Shopper, "");
    let template = StaleForm { frame, action: action.to_owned(), fields, is_signed_out };
    let mut response =
        page_with(StatusCode::FORBIDDEN, &template).unwrap_or_else(IntoResponse::into_response);
    crate::visit::set_cookie(&mut response, &visitor.house, &visitor.token);
    response
}
