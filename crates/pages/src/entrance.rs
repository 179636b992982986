//! Coming in and going: signing in and out, the hand-over from the marketplace, language and market.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use choba_app::{Caller, HandOverCode, Role, SessionSubject, StartSession};
use choba_formats::language::Language;
use choba_server::{NotLetIn, Problem, Service};

use crate::fields::{Faults, Fields};
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{page, page_with};
use crate::settings::DemoPerson;
use crate::visit::{LANGUAGE_COOKIE, MARKET_COOKIE, add_cookie, set_cookie};
use crate::visitor::Visitor;

/// The routes of coming in and going.
pub fn routes() -> Router<Service> {
    Router::new()
        .route("/sign-in", get(sign_in_page).post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/enter/{code}", get(enter))
        .route("/language", post(choose_language))
        .route("/market", post(choose_market))
}

/// Where one signs in: as somebody of the demo, or with a token of the marketplace.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    pub frame: Frame,
    pub next: String,
    pub people: Vec<ShownPerson>,
    pub faults: Faults,
}

/// Somebody of the demo.
pub struct ShownPerson {
    pub place: usize,
    pub name: String,
    /// The message that says what they are.
    pub role: String,
    pub market: Option<String>,
}

impl SignInPage {
    fn of(visitor: &Visitor, next: &str, faults: Faults) -> Self {
        let people = visitor.house.settings.demo_people.iter().enumerate().map(shown).collect();
        Self { frame: Frame::of(visitor, Room::Shopper, "/sign-in"), next: next.to_owned(), people, faults }
    }
}

fn shown((place, person): (usize, &DemoPerson)) -> ShownPerson {
    match person {
        DemoPerson::Customer { customer_id, market } => ShownPerson {
            place,
            name: customer_id.clone(),
            role: "role-customer".to_owned(),
            market: Some(market.clone()),
        },
        DemoPerson::Staff { staff_id, role } => ShownPerson {
            place,
            name: staff_id.clone(),
            role: format!("role-{}", role.as_str()),
            market: None,
        },
    }
}

async fn sign_in_page(visitor: Visitor, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    page(&SignInPage::of(&visitor, local(query.one("next")), Faults::none()))
}

async fn sign_in(
    State(service): State<Service>,
    visitor: Visitor,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let next = local(fields.one("next")).to_owned();
    let frame = Frame::of(&visitor, Room::Shopper, "/sign-in");
    let (subject, market) = match who(&service, &visitor, &fields).await {
        Ok(known) => known,
        Err(fault) => {
            let faults = Faults::one("token", frame.say(fault));
            return page_with(StatusCode::UNPROCESSABLE_ENTITY, &SignInPage::of(&visitor, &next, faults));
        }
    };
    let to = if next == "/" { home(&subject) } else { &next };
    let market = market.unwrap_or_else(|| visitor.market.clone());
    let start = StartSession { subject, market, ..visitor.start() };
    let (token, _) = service.counter.sign_in_session(&visitor.token, start, service.clock.now()).await?;
    let mut response = Redirect::to(to).into_response();
    set_cookie(&mut response, &visitor.house, &token);
    Ok(response)
}

/// Who signs in, and the market that they begin in; or the message that says why they are not let in.
async fn who(
    service: &Service,
    visitor: &Visitor,
    fields: &Fields,
) -> Result<(SessionSubject, Option<String>), &'static str> {
    let people = &visitor.house.settings.demo_people;
    if let Some(person) = fields.one("person").parse().ok().and_then(|place: usize| people.get(place)) {
        return Ok(match person.clone() {
            DemoPerson::Customer { customer_id, market } => {
                (SessionSubject::Customer { customer_id }, Some(market))
            }
            DemoPerson::Staff { staff_id, role } => (SessionSubject::Staff { staff_id, role }, None),
        });
    }
    let token = fields.one("token");
    if token.is_empty() {
        return Err("sign-in-token-missing");
    }
    match service.doorkeeper.caller(token, service.clock.now()).await {
        Ok(Caller::Customer { customer_id }) => Ok((SessionSubject::Customer { customer_id }, None)),
        Ok(Caller::Staff { staff_id, role }) => Ok((SessionSubject::Staff { staff_id, role }, None)),
        Ok(Caller::Machine { .. } | Caller::Itself) => Err("sign-in-token-of-program"),
        Err(NotLetIn::Unavailable) => Err("sign-in-unavailable"),
        Err(NotLetIn::NotValid | NotLetIn::Miscopied) => Err("sign-in-token-wrong"),
    }
}

/// Where somebody begins.
fn home(subject: &SessionSubject) -> &'static str {
    match subject {
        SessionSubject::Staff { role: Role::Agent | Role::Specialist, .. } => "/desk",
        SessionSubject::Staff { .. } => "/office",
        _ => "/",
    }
}

async fn sign_out(State(service): State<Service>, visitor: Visitor, _: Form) -> Result<Response, Problem> {
    service.counter.end_session(&visitor.token, service.clock.now()).await?;
    let mut response = Redirect::to("/sign-in?done=signed-out").into_response();
    set_cookie(&mut response, &visitor.house, &service.counter.draw_session_token());
    Ok(response)
}

/// The marketplace sent its signed-in customer here.
async fn enter(
    State(service): State<Service>,
    visitor: Visitor,
    Path(code): Path<String>,
) -> Result<Response, Problem> {
    let code = HandOverCode::read(&code).ok_or_else(|| Problem::not_found("There is no such hand-over."))?;
    let (token, session) = service.counter.enter(&code, &visitor.device, service.clock.now()).await?;
    let to = if session.cart.is_some() { "/counter" } else { "/orders" };
    let mut response = Redirect::to(to).into_response();
    set_cookie(&mut response, &visitor.house, &token);
    Ok(response)
}

async fn choose_language(
    State(service): State<Service>,
    visitor: Visitor,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let chosen = Language::of(fields.one("language"));
    if visitor.session.is_some() {
        service.counter.choose_language(&visitor.token, chosen, service.clock.now()).await?;
    }
    let mut response = Redirect::to(local(fields.one("next"))).into_response();
    add_cookie(&mut response, &visitor.house, LANGUAGE_COOKIE, chosen.tag());
    Ok(response)
}

async fn choose_market(
    State(service): State<Service>,
    visitor: Visitor,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let market = service.counter.markets().get(fields.one("market"))?.name.clone();
    if visitor.session.is_some() {
        service.counter.choose_market(&visitor.token, &market, service.clock.now()).await?;
    }
    let mut response = Redirect::to(local(fields.one("next"))).into_response();
    add_cookie(&mut response, &visitor.house, MARKET_COOKIE, &market);
    Ok(response)
}

/// A path of ours to go on to; the beginning, where something else was asked for.
pub fn local(path: &str) -> &str {
    let ours = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n']);
    if ours { path } else { "/" }
}

/// A browser in a few words, from what it says of itself: `Chrome, Android`.
pub fn device(headers: &HeaderMap) -> String {
    let said = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let first = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| said.contains(mark)).map_or("", |(_, name)| name)
    };
    let browser = first(&[
        ("Edg", "Edge"),
        ("Firefox", "Firefox"),
        ("Chrom", "Chrome"),
        ("CriOS", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ]);
    [browser, system].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere_after_signing_in() {
        assert_eq!(local("/orders?page=2"), "/orders?page=2");
        for elsewhere in ["//evil.example", "https://evil.example", "/\\evil.example", "", "javascript:1"] {
            assert_eq!(local(elsewhere), "/");
        }
    }
}
