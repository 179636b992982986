//! How the market stands, at a glance.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use choba_app::{CareReport, ExpiringValue, Right};
use choba_server::{Problem, Service};
use jiff::{SignedDuration, ToSpan as _};

use crate::frame::{Frame, Room};
use crate::page::page;
use crate::visitor::Staff;

/// Rows that are counted; more are told as so many and more.
const MOST: i64 = 100;

/// The overview.
#[derive(Template)]
#[template(path = "office/overview.html")]
pub struct Overview {
    pub frame: Frame,
    pub tiles: Vec<Tile>,
    /// Numbers of orders in trouble, with what is wrong.
    pub troubles: Vec<(String, String)>,
}

/// A figure, and where it comes from.
pub struct Tile {
    pub name: &'static str,
    pub figure: String,
    pub href: &'static str,
    /// Whether somebody should look.
    pub calls: bool,
}

/// `/office`
pub async fn show(State(service): State<Service>, staff: Staff) -> Result<Response, Problem> {
    staff.caller.may(Right::ReportsRead)?;
    let frame = Frame::of(&staff.visitor, Room::Office, "/office");
    let mut tiles = value_tiles(&service, &frame).await?;
    tiles.extend(work_tiles(&service, &staff, &frame).await?);
    let troubles = service.counter.orders_in_trouble(&frame.market, None, MOST).await?;
    let told = |order: choba_app::OrderInTrouble| {
        let codes = order.troubles.iter().map(|trouble| trouble.code.clone()).collect::<Vec<_>>();
        (order.number, codes.join(", "))
    };
    page(&Overview { troubles: troubles.into_iter().map(told).collect(), tiles, frame })
}

async fn value_tiles(service: &Service, frame: &Frame) -> Result<Vec<Tile>, Problem> {
    let now = service.clock.now();
    let owed = service.counter.liability_report(&frame.market, now).await?;
    let next_month = frame.zone.to_datetime(now).date().first_of_month().saturating_add(1.month());
    let expiring = service.counter.expiry_forecast(&frame.market, now).await?;
    let market = service.counter.markets().get(&frame.market)?;
    let worth = |row: &ExpiringValue| {
        let program = market.program(&row.program);
        program.and_then(|program| program.value.worth(row.points).ok()).map_or(0, |worth| worth.units())
    };
    let soon = expiring.iter().filter(|row| row.month.is_some_and(|month| month <= next_month));
    let tile = |name, figure, href| Tile { name, figure, href, calls: false };
    Ok(vec![
        tile(
            "office-tile-liability",
            frame.yen(owed.programs.iter().map(|program| program.worth).fold(0, i64::saturating_add)),
            "/office/value#owed-now",
        ),
        tile(
            "office-tile-sellers",
            frame.yen(owed.sellers.iter().map(|seller| seller.amount).fold(0, i64::saturating_add)),
            "/office/value#sellers-owed",
        ),
        tile(
            "office-tile-expiring",
            frame.yen(soon.map(worth).fold(0, i64::saturating_add)),
            "/office/value#expiring",
        ),
    ])
}

async fn work_tiles(service: &Service, staff: &Staff, frame: &Frame) -> Result<Vec<Tile>, Problem> {
    let (counter, now) = (&service.counter, service.clock.now());
    let waiting = counter.waiting_adjustments(&frame.market, None, MOST).await?.len();
    let yesterday = now.checked_sub(SignedDuration::from_hours(24)).unwrap_or(now);
    let queues = counter.care_report(&frame.market, yesterday, now).await?;
    let mut tiles = vec![
        Tile {
            name: "office-tile-waiting",
            figure: frame.number(i64::try_from(waiting).unwrap_or(MOST)),
            href: "/office/adjustments",
            calls: waiting > 0,
        },
        Tile {
            name: "office-tile-wait",
            figure: longest_wait(frame, &queues),
            href: "/office/care",
            calls: false,
        },
    ];
    if staff.caller.has(Right::WebhooksManage) {
        let endpoints = counter.list_endpoints(&staff.caller).await?;
        let failing = endpoints.iter().filter(|endpoint| endpoint.failing_since.is_some()).count();
        tiles.push(Tile {
            name: "office-tile-webhooks",
            figure: frame.number(i64::try_from(failing).unwrap_or(i64::MAX)),
            href: "/office/webhooks",
            calls: failing > 0,
        });
    }
    Ok(tiles)
}

/// The longest of the queues' waits that nine of ten customers did not reach.
fn longest_wait(frame: &Frame, queues: &[CareReport]) -> String {
    match queues.iter().filter_map(|queue| queue.report.wait_p90).max() {
        Some(seconds) => {
            frame.say("office-minutes").with("minutes", i64::from(seconds.div_ceil(60))).to_string()
        }
        None => frame.say("office-no-waits").to_string(),
    }
}
