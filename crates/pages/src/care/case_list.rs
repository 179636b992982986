//! `/cases`: the shopper's matters, and the call that they wait for.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use choba_app::{ListedCase, Right};
use choba_formats::language::Language;
use choba_server::{Problem, Service};
use jiff::Timestamp;

use crate::fields::Fields;
use crate::frame::{Frame, Room};
use crate::page::page;
use crate::visitor::Shopper;

const ROWS: i64 = 20;

/// The shopper's matters.
#[derive(Template)]
#[template(path = "care/cases.html")]
pub struct CasesPage {
    pub frame: Frame,
    pub cases: Vec<CaseRow>,
    /// Where the next page begins.
    pub older: Option<String>,
    /// The call-back that is waited for.
    pub waiting: Option<String>,
}

/// A case by what it is about.
pub struct CaseRow {
    pub case_id: String,
    pub number: String,
    pub about: String,
    pub state: String,
    pub opened_at: Timestamp,
}

/// What a question is called; its id where it is asked no more.
pub fn about(service: &Service, market: &str, language: Language, question: &str) -> Result<String, Problem> {
    let care = service.counter.markets().care(market)?;
    let name = care.question(question).map(|(_, known)| match language {
        Language::Ja => known.name.ja.clone(),
        Language::En => known.name.en.clone(),
    });
    Ok(name.unwrap_or_else(|| question.to_owned()))
}

pub async fn show(
    State(service): State<Service>,
    shopper: Shopper,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let before = Some(query.one("after")).filter(|after| !after.is_empty());
    let (whose, now) = (shopper.whose(Right::CasesRead)?, service.clock.now());
    let mut cases =
        service.counter.customer_cases(&shopper.caller, &whose, before, ROWS.saturating_add(1)).await?;
    let rows = usize::try_from(ROWS).unwrap_or(usize::MAX);
    let goes_on = cases.len() > rows;
    cases.truncate(rows);
    let language = shopper.visitor.language;
    let row = |case: ListedCase| -> Result<CaseRow, Problem> {
        Ok(CaseRow {
            about: about(&service, &whose.market, language, &case.question)?,
            case_id: case.case_id,
            number: case.number,
            state: case.state,
            opened_at: case.opened_at,
        })
    };
    page(&CasesPage {
        frame: Frame::of(&shopper.visitor, Room::Shopper, "/cases"),
        older: cases.last().filter(|_| goes_on).map(|case| case.case_id.clone()),
        cases: cases.into_iter().map(row).collect::<Result<_, _>>()?,
        waiting: service.counter.open_callback_of(&whose, now).await?.map(|own| own.callback_id),
    })
}
