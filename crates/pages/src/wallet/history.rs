//! `/wallet/history`: every change of what is held, with its reason.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use choba_app::{Right, StatementEntry, StatementQuery};
use choba_engine::market::{Held, Market};
use choba_formats::language::Language;
use choba_server::{Problem, Service};
use jiff::Timestamp;

use super::shown::NamedProgram;
use crate::fields::Fields;
use crate::frame::{Frame, Room};
use crate::page::page;
use crate::visitor::Shopper;

const ROWS: i64 = 20;

/// A page of a wallet's history.
#[derive(Template)]
#[template(path = "wallet/history.html")]
pub struct HistoryPage {
    pub frame: Frame,
    pub programs: Vec<NamedProgram>,
    /// Of that program only.
    pub only: String,
    pub rows: Vec<HistoryRow>,
    /// Whether these are not the newest.
    pub is_older: bool,
    /// The query of the page with older ones.
    pub older: Option<String>,
}

/// A change.
pub struct HistoryRow {
    pub program: NamedProgram,
    pub at: Timestamp,
    /// Its code.
    pub reason: &'static str,
    pub order_number: Option<String>,
    pub note: Option<String>,
    pub change: i64,
    pub balance: i64,
}

impl HistoryRow {
    fn of(market: &Market, language: Language, entry: StatementEntry) -> Self {
        Self {
            program: NamedProgram::of(market, language, &entry.program),
            at: entry.at,
            reason: entry.reason.code(),
            order_number: entry.order_number,
            note: entry.note,
            change: entry.points,
            balance: entry.balance,
        }
    }
}

pub async fn show(
    State(service): State<Service>,
    shopper: Shopper,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let whose = shopper.whose(Right::WalletRead)?;
    let market = service.counter.markets().get(&whose.market)?;
    let frame = Frame::of(&shopper.visitor, Room::Shopper, "/wallet");
    let said = |name: &str| Some(query.one(name).to_owned()).filter(|said| !said.is_empty());
    let wanted =
        StatementQuery { program: said("program"), newest_first: true, after: said("after"), most: ROWS };
    let statement = service.counter.statement(&whose, &wanted).await?;
    let here = market.programs.iter().filter(|program| program.held == Held::Here);
    let row = |entry| HistoryRow::of(&market, frame.language, entry);
    page(&HistoryPage {
        programs: here.map(|known| NamedProgram::of(&market, frame.language, &known.id)).collect(),
        rows: statement.rows.into_iter().map(row).collect(),
        older: statement.next.map(|next| older(query.one("program"), &next)),
        is_older: wanted.after.is_some(),
        only: query.one("program").to_owned(),
        frame,
    })
}

fn older(program: &str, after: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if !program.is_empty() {
        query.append_pair("program", program);
    }
    query.append_pair("after", after).finish()
}
