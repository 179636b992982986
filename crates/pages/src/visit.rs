//! What goes around every page: whose session it is, headers, and errors as pages.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use choba_app::SessionToken;
use choba_formats::language::Language;
use choba_server::Problem;

use crate::kept_form::{KeptForm, SignInFirst};
use crate::page::{House, POLICY};
use crate::visitor::Visitor;
use crate::{entrance, page};

/// The cookie that holds the language of who is not signed in.
pub const LANGUAGE_COOKIE: &str = "choba_language";
/// The cookie that holds the market of who is not signed in.
pub const MARKET_COOKIE: &str = "choba_market";

/// What is no page: programs ask for it.
const NOT_PAGES: [&str; 8] =
    ["/v1/", "/assets/", "/docs", "/openapi.json", "/metrics", "/healthz", "/readyz", "/.well-known/"];

/// Finds out who looks, lets the page be made, and makes a page of an error.
pub async fn visit(State(house): State<House>, request: Request, next: Next) -> Response {
    if NOT_PAGES.iter().any(|path| request.uri().path().starts_with(path)) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let (visitor, is_new) = match visitor(&house, &parts).await {
        Ok(known) => known,
        Err(problem) => return problem.into_response(),
    };
    let reads = matches!(parts.method, Method::GET | Method::HEAD);
    parts.extensions.insert(visitor.clone());
    let (request, kept) = match KeptForm::of(&visitor, Request::from_parts(parts, body)).await {
        Ok(kept) => kept,
        Err(refused) => return refused,
    };
    let mut response = next.run(request).await;
    if let (Some(kept), Some(SignInFirst)) = (kept, response.extensions().get()) {
        response = kept.page(&visitor).await;
    }
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = page::problem(&visitor, &problem);
    }
    add_headers(response.headers_mut());
    if is_new && reads && response.status() == StatusCode::OK {
        set_cookie(&mut response, &house, &visitor.token);
    }
    response
}

fn add_headers(headers: &mut HeaderMap) {
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    headers.entry(header::X_FRAME_OPTIONS).or_insert(HeaderValue::from_static("DENY"));
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    headers
        .insert("permissions-policy", HeaderValue::from_static("camera=(), geolocation=(), microphone=()"));
}

/// Who looks, and whether they had no token yet.
async fn visitor(house: &House, parts: &Parts) -> Result<(Visitor, bool), Problem> {
    let counter = &house.service.counter;
    let headers = &parts.headers;
    let held = cookie(headers, house.session_cookie()).and_then(|text| SessionToken::read(&text));
    let session = match &held {
        Some(token) => counter.session_of(token, house.service.clock.now()).await?,
        None => None,
    };
    let is_new = held.is_none();
    let token = held.unwrap_or_else(|| counter.draw_session_token());
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let asked_for = parts.uri.path_and_query().map(|asked| asked.as_str().to_owned());
    let visitor = Visitor {
        language: language(headers, session.as_ref().map(|session| session.language)),
        market: house.market(session.as_ref().map(|session| session.market.as_str()), headers),
        token,
        session,
        asked_for: asked_for.unwrap_or_default(),
        address: peer.map(|peer| peer.0.ip().to_string()).unwrap_or_default(),
        device: entrance::device(headers),
        house: house.clone(),
    };
    Ok((visitor, is_new))
}

/// The language of the session, else the one that was chosen, else the first of ours that the browser names.
fn language(headers: &HeaderMap, of_session: Option<Language>) -> Language {
    let chosen = || cookie(headers, LANGUAGE_COOKIE).map(|tag| Language::of(&tag));
    if let Some(language) = of_session.or_else(chosen) {
        return language;
    }
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|wanted| wanted.to_str().ok());
    let mut tags =
        wanted.unwrap_or_default().split(',').map(|tag| tag.split(';').next().unwrap_or_default().trim());
    tags.find_map(|tag| match tag.split('-').next() {
        Some("ja") => Some(Language::Ja),
        Some("en") => Some(Language::En),
        _ => None,
    })
    .unwrap_or(Language::Ja)
}

/// The cookie of that name.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
}

/// Gives the browser the token of a session; it is kept until the session ends by itself.
pub fn set_cookie(response: &mut Response, house: &House, token: &SessionToken) {
    add_cookie(response, house, house.session_cookie(), token.reveal());
}

/// Gives the browser a cookie for a year, which no script can read.
pub fn add_cookie(response: &mut Response, house: &House, name: &str, value: &str) {
    let secure = if house.settings.secure { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
