//! The audit log.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use choba_server::{Problem, Service};
use choba_store::books::{AuditFilter, AuditRow};

use crate::fields::Fields;
use crate::frame::{Frame, Room};
use crate::page::page;
use crate::visitor::Staff;

/// Rows of a page.
const ROWS: i64 = 50;

/// What can be looked for.
const FILTERS: [&str; 4] = ["customer_id", "made_by", "subject", "action"];

/// Rows of the log, the newest first.
#[derive(Template)]
#[template(path = "office/audit.html")]
pub struct AuditPage {
    pub frame: Frame,
    pub asked: Fields,
    pub rows: Vec<AuditRow>,
    /// The query of the next page.
    pub next: Option<String>,
    /// What a check of the whole log found, where one was asked for: its rows, and how much differs.
    pub checked: Option<(i64, i64)>,
}

/// `/office/audit`
pub async fn show(
    State(service): State<Service>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let said = |name: &str| Some(asked.one(name).to_owned()).filter(|said| !said.is_empty());
    let filter = AuditFilter {
        customer_id: said("customer_id"),
        made_by: said("made_by"),
        subject: said("subject"),
        action: said("action"),
    };
    let before = said("before");
    let mut rows = service.counter.audit_log(&staff.caller, &filter, before.as_deref(), ROWS + 1).await?;
    let goes_on = rows.len() > usize::try_from(ROWS).unwrap_or(usize::MAX);
    rows.truncate(usize::try_from(ROWS).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| goes_on).map(|last| next(&asked, &last.row_id));
    let checked = match asked.says("check", "now") {
        true => Some(service.counter.check_audit_log(&staff.caller, 1).await?.0),
        false => None,
    };
    let checked =
        checked.map(|summary| (summary.head_place, i64::try_from(summary.differences).unwrap_or(i64::MAX)));
    let frame = Frame::of(&staff.visitor, Room::Office, "/office/audit");
    page(&AuditPage { frame, asked, rows, next, checked })
}

fn next(asked: &Fields, last: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for name in FILTERS {
        query.append_pair(name, asked.one(name));
    }
    query.append_pair("before", last).finish()
}
