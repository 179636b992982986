//! `/account`: the browsers in which one is signed in; each of them, or all others, can be signed out from here.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use choba_app::{AppError, Session};
use choba_server::{Problem, Service};
use jiff::Timestamp;

use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{done, page};
use crate::visit::set_cookie;
use crate::visitor::Shopper;

/// The account.
#[derive(Template)]
#[template(path = "account/devices.html")]
pub struct AccountPage {
    pub frame: Frame,
    pub customer_id: String,
    pub devices: Vec<Device>,
}

/// A browser in which one is signed in.
pub struct Device {
    pub session_id: String,
    /// In a few words; empty where it said nothing.
    pub name: String,
    pub since: Timestamp,
    pub seen_at: Timestamp,
    /// Whether it is this one.
    pub is_this: bool,
}

pub async fn show(State(service): State<Service>, shopper: Shopper) -> Result<Response, Problem> {
    let sessions = service.counter.list_sessions(&shopper.caller, None, service.clock.now()).await?;
    let this = shopper.visitor.session.as_ref().map(|session| session.session_id.clone());
    let device = |session: Session| Device {
        is_this: this.as_ref() == Some(&session.session_id),
        session_id: session.session_id,
        name: session.device,
        since: session.created_at,
        seen_at: session.seen_at,
    };
    page(&AccountPage {
        frame: Frame::of(&shopper.visitor, Room::Shopper, "/account"),
        devices: sessions.into_iter().map(device).collect(),
        customer_id: shopper.customer_id,
    })
}

pub async fn end(
    State(service): State<Service>,
    shopper: Shopper,
    Path(session): Path<String>,
    _: Form,
) -> Result<Response, Problem> {
    let this = shopper.visitor.session.as_ref().is_some_and(|own| own.session_id == session);
    match service.counter.end_session_by_id(&shopper.caller, &session, service.clock.now()).await {
        // Over already: that is what was wanted.
        Ok(()) | Err(AppError::NotFound { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    if !this {
        return Ok(done("/account", "account-ended"));
    }
    let mut response = Redirect::to("/sign-in?done=signed-out").into_response();
    set_cookie(&mut response, &shopper.visitor.house, &service.counter.draw_session_token());
    Ok(response)
}

pub async fn end_others(
    State(service): State<Service>,
    shopper: Shopper,
    _: Form,
) -> Result<Response, Problem> {
    service.counter.end_other_sessions(&shopper.visitor.token, service.clock.now()).await?;
    Ok(done("/account", "account-others-ended"))
}
