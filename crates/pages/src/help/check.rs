//! `/check`: is this really the shop, and what is this number? What is pasted is in no address.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use choba_server::{Problem, Service};

use super::judged::{Judged, judged};
use super::number::{Number, looked_up};
use crate::fields::Faults;
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{page, page_with};
use crate::visitor::Visitor;

/// Both checks, with what they said.
#[derive(Template)]
#[template(path = "help/check.html")]
pub struct CheckPage {
    pub frame: Frame,
    pub text: String,
    pub judged: Vec<Judged>,
    pub number: String,
    pub answer: Option<Number>,
    pub faults: Faults,
}

impl CheckPage {
    fn of(visitor: &Visitor) -> Self {
        Self {
            frame: Frame::of(visitor, Room::Shopper, "/check"),
            text: String::new(),
            judged: Vec::new(),
            number: String::new(),
            answer: None,
            faults: Faults::none(),
        }
    }
}

pub async fn show(visitor: Visitor) -> Result<Response, Problem> {
    page(&CheckPage::of(&visitor))
}

pub async fn check(
    State(service): State<Service>,
    visitor: Visitor,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let mut check = CheckPage::of(&visitor);
    check.text = fields.one("text").to_owned();
    check.number = fields.one("number").to_owned();
    match fields.one("check") {
        "number" => ask_number(&service, &visitor, &mut check).await?,
        _ => judge_text(&service, &visitor, &mut check)?,
    }
    let status = if check.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(status, &check)
}

fn judge_text(service: &Service, visitor: &Visitor, check: &mut CheckPage) -> Result<(), Problem> {
    if check.text.is_empty() {
        check.faults = Faults::one("text", check.frame.say("help-check-text-missing"));
        return Ok(());
    }
    let market = service.counter.markets().get(&visitor.market)?;
    match judged(&market, visitor.language, &check.text)? {
        Some(said) => check.judged = said,
        None => check.faults = Faults::one("text", check.frame.say("help-check-text-long")),
    }
    Ok(())
}

async fn ask_number(service: &Service, visitor: &Visitor, check: &mut CheckPage) -> Result<(), Problem> {
    if check.number.is_empty() {
        check.faults = Faults::one("number", check.frame.say("help-number-missing"));
        return Ok(());
    }
    match looked_up(service, visitor, &check.frame, &check.number).await? {
        Ok(answer) => check.answer = Some(answer),
        Err(fault) => check.faults = Faults::one("number", fault),
    }
    Ok(())
}
