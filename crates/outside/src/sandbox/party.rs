//! Requests to the parties.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method as HttpMethod, Uri};
use axum::response::{IntoResponse, Response};
use tokio::time::sleep;

use super::RequestLine;
use super::desk::{Desk, carries};
use super::fault::FaultKind;
use super::problem::{Problem, response_of};
use super::serve::cut;
use crate::ask::Ask;
use crate::books::{Role, Tampering};
use crate::wire::{Method, NoAsk, answer_of, card_ask_of, partner_ask_of};

/// A request, as far as parties look at it.
struct Asking<'r> {
    role: Role,
    method: HttpMethod,
    path: Vec<&'r str>,
    key: Option<&'r str>,
    authorization: Option<&'r str>,
    body: &'r [u8],
}

/// `/card/v1/…`; the parts of the path come decoded, each by itself.
pub(super) async fn card(
    State(desk): State<Arc<Desk>>,
    Path(path): Path<Vec<String>>,
    method: HttpMethod,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&desk, Role::Card, &path, method, &uri, &headers, &body).await
}

/// `/partners/{program}/v1/…`
pub(super) async fn partner(
    State(desk): State<Arc<Desk>>,
    Path(path): Path<Vec<String>>,
    method: HttpMethod,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (program, path) =
        path.split_first().map_or(("", &[][..]), |(program, path)| (program.as_str(), path));
    answer(&desk, Role::Partner(program.to_owned()), path, method, &uri, &headers, &body).await
}

async fn answer(
    desk: &Desk,
    role: Role,
    path: &[String],
    method: HttpMethod,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let asking = Asking {
        role,
        method,
        path: path.iter().map(String::as_str).collect(),
        key: text("idempotency-key"),
        authorization: text("authorization"),
        body,
    };
    let mut fault = None;
    let response = respond(desk, &asking, &mut fault).await.unwrap_or_else(Problem::into_response);
    let status = (!super::serve::is_cut(&response)).then(|| response.status().as_u16());
    let method = asking.method.to_string();
    desk.log(&RequestLine { method, path: uri.path().to_owned(), status, fault });
    response
}

async fn respond(
    desk: &Desk,
    asking: &Asking<'_>,
    played: &mut Option<FaultKind>,
) -> Result<Response, Problem> {
    if !carries(asking.authorization, desk.token_of(&asking.role)) {
        return Err(Problem::Unauthorised);
    }
    if let (&HttpMethod::GET, ["requests", key]) = (&asking.method, asking.path.as_slice()) {
        let found = desk.look_up(&asking.role, key).ok_or(Problem::RequestUnknown)?;
        return Ok(response_of(&found));
    }
    let ask = ask_of(asking)?;
    let key = key_for(&ask, asking.key)?;
    *played = desk.take_fault(&asking.role, ask.operation());
    match played.as_ref() {
        Some(FaultKind::Down) => Err(Problem::Down),
        Some(FaultKind::Close) => Ok(cut()),
        Some(FaultKind::RateLimited { retry_after_seconds }) => {
            Err(Problem::RateLimited { retry_after_seconds: *retry_after_seconds })
        }
        fault => perform(desk, &asking.role, key, &ask, fault).await,
    }
}

async fn perform(
    desk: &Desk,
    role: &Role,
    key: &str,
    ask: &Ask,
    fault: Option<&FaultKind>,
) -> Result<Response, Problem> {
    let outcome = desk.ask(role, key, ask, tampering_of(fault)).map_err(|_| Problem::Down)?;
    let answer = answer_of(ask, &outcome);
    sleep(desk.slowness_of(ask)).await;
    Ok(match fault {
        Some(FaultKind::AnswerLostAfterDoing) => cut(),
        Some(FaultKind::WrongJson) => {
            let mut whole = answer.body.to_string();
            whole.truncate(whole.len() / 2);
            whole.into_response()
        }
        Some(FaultKind::Slow { ms }) => {
            sleep(std::time::Duration::from_millis(*ms)).await;
            response_of(&answer)
        }
        _ => response_of(&answer),
    })
}

fn tampering_of(fault: Option<&FaultKind>) -> Tampering {
    match fault {
        Some(FaultKind::Decline { code }) => {
            Tampering { decline_code: Some(code.clone()), webhooks_twice: false }
        }
        Some(FaultKind::DuplicateWebhook) => Tampering { decline_code: None, webhooks_twice: true },
        _ => Tampering::default(),
    }
}

fn ask_of(asking: &Asking<'_>) -> Result<Ask, Problem> {
    let method = match asking.method {
        HttpMethod::GET => Method::Get,
        HttpMethod::POST => Method::Post,
        HttpMethod::DELETE => Method::Delete,
        _ => return Err(Problem::NoSuchCall),
    };
    let ask = match asking.role {
        Role::Card => card_ask_of(method, &asking.path, asking.body),
        Role::Partner(_) => partner_ask_of(method, &asking.path, asking.body),
    };
    ask.map_err(|fault| match fault {
        NoAsk::NoSuchCall => Problem::NoSuchCall,
        NoAsk::Body(fault) => Problem::Body(fault),
    })
}

fn key_for<'k>(ask: &Ask, key: Option<&'k str>) -> Result<&'k str, Problem> {
    if ask.only_reads() {
        return Ok("");
    }
    let fits = |key: &&str| (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    key.filter(fits).ok_or(Problem::KeyMissing)
}
