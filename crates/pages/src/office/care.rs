//! What the desk did: waits, who gave up, how many people it takes.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use choba_app::{CareReport, Right};
use choba_server::{Problem, Service};
use jiff::SignedDuration;

use super::report::ReportPage;
use super::table::{Cell, Section};
use crate::chart::Bars;
use crate::fields::Fields;
use crate::frame::{Frame, Room};
use crate::visitor::Staff;

/// Days that can be looked back.
const DAYS: [i64; 3] = [1, 7, 30];

/// `/office/care`
pub async fn show(
    State(service): State<Service>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.caller.may(Right::ReportsRead)?;
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let days = query.number("days").filter(|days| DAYS.contains(days)).unwrap_or(7);
    let frame = Frame::of(&staff.visitor, Room::Office, "/office/care");
    let until = service.clock.now();
    let from = until.checked_sub(SignedDuration::from_hours(days * 24)).unwrap_or(until);
    let queues = service.counter.care_report(&frame.market, from, until).await?;
    report(frame, days, &queues).answer(&query)
}

/// The page.
pub fn report(frame: Frame, days: i64, queues: &[CareReport]) -> ReportPage {
    let choice = |days: &i64| (days.to_string(), frame.say("office-days").with("days", *days).to_string());
    ReportPage {
        path: "/office/care",
        title: frame.say("office-care-title").to_string(),
        lead: frame.say("office-care-lead").to_string(),
        choice_name: "days",
        choices: DAYS.iter().map(choice).collect(),
        chosen: days.to_string(),
        sections: vec![sums(&frame, queues), hours(&frame, queues)],
        frame,
    }
}

fn sums(frame: &Frame, queues: &[CareReport]) -> Section {
    let columns = [
        "office-queue",
        "office-arrivals",
        "office-answered",
        "office-abandoned",
        "office-failed",
        "office-dropped",
        "office-wait-p50",
        "office-wait-p90",
        "office-within-target",
        "office-handle",
    ];
    let row = |CareReport { queue, report }: &CareReport| {
        let mut row = vec![Cell::Text(queue.clone())];
        row.extend(
            [report.arrivals, report.answered, report.abandoned, report.failed, report.dropped]
                .map(|count| Cell::Number(count.into())),
        );
        row.extend([report.wait_p50, report.wait_p90, report.within_target_percent].map(Cell::maybe));
        row.push(Cell::Number(report.handle_seconds.into()));
        row
    };
    let heading = frame.say("office-care-queues").to_string();
    Section {
        bars: Some(Bars {
            title: heading.clone(),
            labels: queues.iter().map(|queue| queue.queue.clone()).collect(),
            series: vec![
                (
                    frame.say("office-answered").to_string(),
                    queues.iter().map(|queue| queue.report.answered.into()).collect(),
                ),
                (
                    frame.say("office-abandoned").to_string(),
                    queues.iter().map(|queue| queue.report.abandoned.into()).collect(),
                ),
            ],
        }),
        heading,
        name: "queues",
        columns: columns.iter().map(|id| frame.say(id).to_string()).collect(),
        rows: queues.iter().map(row).collect(),
    }
}

fn hours(frame: &Frame, queues: &[CareReport]) -> Section {
    let columns = ["office-queue", "office-hour", "office-arrivals-a-day", "office-people"];
    let mut rows = Vec::new();
    for CareReport { queue, report } in queues {
        for hour in &report.hours {
            rows.push(vec![
                Cell::Text(queue.clone()),
                Cell::Text(format!("{:02}:00", hour.hour)),
                Cell::Text(format!("{:.1}", hour.arrivals_per_day)),
                Cell::maybe(hour.agents),
            ]);
        }
    }
    Section {
        heading: frame.say("office-care-hours").to_string(),
        name: "hours",
        bars: None,
        columns: columns.iter().map(|id| frame.say(id).to_string()).collect(),
        rows,
    }
}
