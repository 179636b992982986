//! `/account/contact`: where one is written to, in which language, and about what.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use choba_app::{AppError, ContactWanted};
use choba_formats::language::Language;
use choba_server::{Problem, Service};

use crate::fields::Faults;
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{done, page, page_with};
use crate::visitor::Shopper;

/// How one is written to.
#[derive(Template)]
#[template(path = "account/contact.html")]
pub struct ContactPage {
    pub frame: Frame,
    pub email: String,
    /// `ja` or `en`.
    pub language: String,
    pub points_notices: bool,
    /// Whether there is an address.
    pub is_set: bool,
    pub faults: Faults,
}

impl ContactPage {
    async fn of(service: &Service, shopper: &Shopper) -> Result<Self, Problem> {
        let (customer_id, market) = (&shopper.customer_id, &shopper.visitor.market);
        let known = match service.counter.contact(&shopper.caller, customer_id, market).await {
            Ok(contact) => Some(contact),
            Err(AppError::NotFound { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let frame = Frame::of(&shopper.visitor, Room::Shopper, "/account");
        let tag = frame.language.tag().to_owned();
        Ok(Self {
            is_set: known.is_some(),
            points_notices: known.as_ref().is_none_or(|contact| contact.points_notices),
            language: known.as_ref().map_or(tag, |contact| contact.language.clone()),
            email: known.map(|contact| contact.email).unwrap_or_default(),
            faults: Faults::none(),
            frame,
        })
    }
}

pub async fn show(State(service): State<Service>, shopper: Shopper) -> Result<Response, Problem> {
    page(&ContactPage::of(&service, &shopper).await?)
}

pub async fn set(
    State(service): State<Service>,
    shopper: Shopper,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let wanted = ContactWanted {
        email: fields.one("email").to_owned(),
        language: Language::of(fields.one("language")).tag().to_owned(),
        points_notices: fields.says("points_notices", "yes"),
    };
    let (customer_id, market, now) = (&shopper.customer_id, &shopper.visitor.market, service.clock.now());
    match service.counter.set_contact(&shopper.caller, customer_id, market, &wanted, now).await {
        Ok(_) => return Ok(done("/account/contact", "account-contact-set")),
        Err(AppError::Field { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let mut again = ContactPage::of(&service, &shopper).await?;
    let fault = if wanted.email.is_empty() { "account-email-missing" } else { "account-email-wrong" };
    again.faults = Faults::one("email", again.frame.say(fault));
    (again.email, again.language) = (wanted.email, wanted.language);
    again.points_notices = wanted.points_notices;
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &again)
}

pub async fn erase(State(service): State<Service>, shopper: Shopper, _: Form) -> Result<Response, Problem> {
    let (customer_id, market, now) = (&shopper.customer_id, &shopper.visitor.market, service.clock.now());
    service.counter.erase_contact(&shopper.caller, customer_id, market, now).await?;
    Ok(done("/account/contact", "account-contact-erased"))
}
