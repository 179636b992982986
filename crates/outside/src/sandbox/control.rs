//! `/control`: what testers, customers at a store and banks do.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::desk::{Desk, carries};
use super::dialler::{PlayedDialler, script_in};
use super::problem::{Problem, response_of};
use super::{RequestLine, WebhookTarget};
use crate::client::{Transport, checked_url};
use crate::secret::Secret;
use crate::webhook::WebhookSecret;
use crate::wire::{Answer, answer_of_refusal};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookBody {
    url: String,
    secret: Secret,
}

/// `/control/{what}`
pub(super) async fn control(
    State(desk): State<Arc<Desk>>,
    Path(what): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let authorization = headers.get("authorization").and_then(|value| value.to_str().ok());
    let response = if carries(authorization, desk.control_token()) {
        respond(&desk, &method, &what, &body).unwrap_or_else(Problem::into_response)
    } else {
        Problem::Unauthorised.into_response()
    };
    let status = Some(response.status().as_u16());
    let path = format!("/control/{what}");
    desk.log(&RequestLine { method: method.to_string(), path, status, fault: None });
    response
}

fn respond(desk: &Desk, method: &Method, what: &str, body: &Bytes) -> Result<Response, Problem> {
    match (method.as_str(), what) {
        ("GET", "ledger") => Ok(shown(desk.ledger())),
        ("GET", "faults") => Ok(shown(desk.faults())),
        ("POST", "faults") => {
            desk.add_fault(read(body)?);
            Ok(done())
        }
        ("DELETE", "faults") => {
            desk.clear_faults();
            Ok(done())
        }
        ("POST", "play") => play(desk, body),
        ("GET", "dialler") => Ok(shown(dialler_of(desk)?.shown())),
        ("PUT", "dialler") => {
            dialler_of(desk)?.follow(script_in(body)?);
            Ok(done())
        }
        ("PUT", "webhook") => {
            desk.send_webhooks_to(target_of(read(body)?)?);
            Ok(done())
        }
        ("POST", "reset") => {
            desk.reset().map_err(|_| Problem::Down)?;
            Ok(done())
        }
        _ => Err(Problem::NoSuchCall),
    }
}

fn dialler_of(desk: &Desk) -> Result<&Arc<PlayedDialler>, Problem> {
    desk.dialler().ok_or(Problem::NoSuchCall)
}

/// `POST /dialler/v1/dials`
pub(super) async fn dial(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Response {
    let outcome = dialler_of(&desk).and_then(|dialler| dialler.dial(&headers, &body));
    let response = outcome.map_or_else(Problem::into_response, |()| StatusCode::ACCEPTED.into_response());
    let (status, path) = (Some(response.status().as_u16()), "/dialler/v1/dials".to_owned());
    desk.log(&RequestLine { method: "POST".to_owned(), path, status, fault: None });
    response
}

fn play(desk: &Desk, body: &[u8]) -> Result<Response, Problem> {
    let outcome = desk.play(read(body)?).map_err(|_| Problem::Down)?;
    Ok(match outcome {
        Ok(()) => done(),
        Err(refusal) => response_of(&answer_of_refusal(&refusal)),
    })
}

fn target_of(body: WebhookBody) -> Result<WebhookTarget, Problem> {
    let secret =
        WebhookSecret::read(body.secret.reveal()).map_err(|fault| Problem::Body(fault.to_string()))?;
    checked_url(&"webhook".into(), &body.url, Transport::Encrypted)
        .map_err(|fault| Problem::Body(fault.to_string()))?;
    Ok(WebhookTarget { url: body.url, secret })
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|fault| Problem::Body(fault.to_string()))
}

fn shown(body: serde_json::Value) -> Response {
    response_of(&Answer { status: 200, body })
}

fn done() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
