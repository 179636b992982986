//! How coupons are used, against what there is of them.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use choba_app::{CouponReport, Right};
use choba_server::{Problem, Service};

use super::report::ReportPage;
use super::table::{Cell, Section};
use crate::chart::Bars;
use crate::fields::Fields;
use crate::frame::{Frame, Room};
use crate::visitor::Staff;

/// `/office/coupons`
pub async fn show(
    State(service): State<Service>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    staff.caller.may(Right::ReportsRead)?;
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let frame = Frame::of(&staff.visitor, Room::Office, "/office/coupons");
    let rows = service.counter.coupon_report(&frame.market).await?;
    let market = service.counter.markets().get(&frame.market)?;
    let name = |id: &str| {
        let coupon = market.coupons.iter().find(|coupon| coupon.id == id);
        coupon.map_or_else(|| id.to_owned(), |coupon| frame.language.name(&coupon.name).to_owned())
    };
    let names = rows.iter().map(|row| name(&row.coupon_id)).collect();
    report(frame, rows, names).answer(&query)
}

/// The page; `names` are what customers call the coupons.
pub fn report(frame: Frame, rows: Vec<CouponReport>, names: Vec<String>) -> ReportPage {
    let title = frame.say("office-coupons-title").to_string();
    let figures = |figure: fn(&CouponReport) -> i64| rows.iter().map(figure).collect();
    let bars = Bars {
        title: title.clone(),
        labels: rows.iter().map(|row| row.coupon_id.clone()).collect(),
        series: vec![
            (frame.say("office-coupon-holders").to_string(), figures(|row| row.holders)),
            (frame.say("office-coupon-uses").to_string(), figures(|row| row.uses)),
        ],
    };
    let columns = [
        "office-coupon",
        "office-coupon-name",
        "office-coupon-holders",
        "office-coupon-uses",
        "office-coupon-taken",
        "office-coupon-quota",
    ];
    let row = |(row, name): (&CouponReport, String)| {
        vec![
            Cell::Text(row.coupon_id.clone()),
            Cell::Text(name),
            Cell::Number(row.holders),
            Cell::Number(row.uses),
            Cell::maybe(row.taken),
            Cell::maybe(row.quota),
        ]
    };
    let section = Section {
        heading: title.clone(),
        name: "coupons",
        bars: Some(bars),
        columns: columns.iter().map(|id| frame.say(id).to_string()).collect(),
        rows: rows.iter().zip(names).map(row).collect(),
    };
    ReportPage {
        path: "/office/coupons",
        title: frame.say("office-coupons-heading").to_string(),
        lead: frame.say("office-coupons-lead").to_string(),
        choice_name: "all",
        choices: Vec::new(),
        chosen: String::new(),
        sections: vec![section],
        frame,
    }
}
