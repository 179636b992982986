//! The queue: open cases, what presses most first.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use choba_app::{AppError, DeskListed, DeskQuery, Right, Route};
use choba_care::case::{CaseRefusal, Priority};
use choba_server::{Problem, Service};
use jiff::Timestamp;

use super::names::Names;
use super::presence::{Standing, filter};
use crate::fields::Fields;
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{done, page};
use crate::visitor::Staff;

const ROWS: i64 = 50;

/// What waits at the desk.
#[derive(Template)]
#[template(path = "desk/queue.html")]
pub struct QueuePage {
    pub frame: Frame,
    pub standing: Standing,
    pub works: bool,
    pub queues: Vec<(String, String)>,
    pub chosen: Chosen,
    pub rows: Vec<QueueRow>,
    pub more: Option<String>,
}

/// The filters as they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// `me`, `nobody` or all.
    pub owner: String,
    pub queue: String,
    pub state: String,
    pub skill: String,
    /// `near` its end, or `waiting` for a second person; empty where all are wanted.
    pub only: String,
}

impl Chosen {
    fn of(query: &Fields) -> Self {
        let one = |name| query.one(name).to_owned();
        Self {
            owner: one("owner"),
            queue: one("queue"),
            state: one("state"),
            skill: one("skill"),
            only: one("only"),
        }
    }

    /// The list with these filters, of others' or nobody's or all.
    pub fn path(&self, owner: &str, after: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let all = [
            ("owner", owner),
            ("queue", &self.queue),
            ("state", &self.state),
            ("skill", &self.skill),
            ("only", &self.only),
        ];
        for (name, value) in all.into_iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        if let Some(after) = after {
            query.append_pair("after", after);
        }
        format!("/desk?{}", query.finish())
    }
}

/// A case in the list.
pub struct QueueRow {
    pub case_id: String,
    pub number: String,
    pub customer: String,
    pub question: String,
    pub queue: String,
    pub state: String,
    pub priority: &'static str,
    pub skill: Option<String>,
    pub owner: Option<String>,
    pub is_mine: bool,
    pub waits_since: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub is_late: bool,
    pub is_near: bool,
    pub waiting_actions: i64,
}

/// How a priority is written.
pub fn priority_word(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "low",
        Priority::Normal => "normal",
        Priority::High => "high",
        Priority::Urgent => "urgent",
    }
}

fn row(listed: DeskListed, names: &Names, staff: &Staff, now: Timestamp) -> QueueRow {
    let priority = Priority::ALL.into_iter().find(|priority| priority.rank() == listed.priority);
    QueueRow {
        question: names.question(&listed.case.question),
        queue: names.queue(&listed.queue),
        priority: priority_word(priority.unwrap_or_default()),
        is_mine: listed.owner.as_deref() == Some(&staff.staff_id),
        is_near: listed.is_near,
        waiting_actions: listed.waiting_actions,
        is_late: listed.ends_at.is_some_and(|ends_at| ends_at < now),
        case_id: listed.case.case_id,
        number: listed.case.number,
        customer: listed.customer_id,
        state: listed.case.state,
        skill: listed.skill,
        owner: listed.owner,
        waits_since: listed.unanswered_since,
        ends_at: listed.ends_at,
    }
}

pub async fn show(
    State(service): State<Service>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let (market, now) = (&staff.visitor.market, service.clock.now());
    let mut found =
        service.counter.desk_cases(&staff.caller, market, &asked(&query, &staff), ROWS + 1).await?;
    let more = found.len() > usize::try_from(ROWS).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(ROWS).unwrap_or(usize::MAX));
    let last = found.last().map(|last| last.case.case_id.clone());
    let names = Names::of(&service.counter, market, staff.visitor.language);
    page(&QueuePage {
        frame: Frame::of(&staff.visitor, Room::Desk, "/desk"),
        standing: Standing::of(&service, &staff).await?,
        works: staff.caller.has(Right::CareDesk),
        queues: names.queues(),
        chosen: Chosen::of(&query),
        rows: found.into_iter().map(|listed| row(listed, &names, &staff, now)).collect(),
        more: last.filter(|_| more),
    })
}

fn asked(query: &Fields, staff: &Staff) -> DeskQuery {
    let owner = query.one("owner");
    DeskQuery {
        queue: filter(query, "queue"),
        owner: (owner == "me").then(|| staff.staff_id.clone()),
        unowned: owner == "nobody",
        skill: filter(query, "skill"),
        state: filter(query, "state"),
        near: query.one("only") == "near",
        waiting: query.one("only") == "waiting",
        after: filter(query, "after"),
    }
}

/// Takes the case that presses most of those that nobody has, in the queues that one serves.
pub async fn next(State(service): State<Service>, staff: Staff, _: Form) -> Result<Response, Problem> {
    let (market, now) = (&staff.visitor.market, service.clock.now());
    let standing = Standing::of(&service, &staff).await?;
    let query = DeskQuery { unowned: true, ..DeskQuery::default() };
    let waiting = service.counter.desk_cases(&staff.caller, market, &query, ROWS).await?;
    for listed in waiting.into_iter().filter(|listed| standing.serves(&listed.queue)) {
        let case_id = listed.case.case_id;
        match service.counter.route_case(&staff.caller, &case_id, Route::Take, now).await {
            Ok(_) => {
                return Ok(Redirect::to(&format!("/desk/cases/{case_id}?done=desk-taken")).into_response());
            }
            // Somebody else was faster.
            Err(AppError::Case(CaseRefusal::Taken { .. })) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(done("/desk", "desk-none-left"))
}
