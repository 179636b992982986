//! All orders, newest first.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use choba_app::{AppError, FoundOrder, OrdersWanted, Right};
use choba_server::{Problem, Service};
use jiff::Timestamp;

use super::find::{class_of, order_number, state_of};
use crate::fields::{Faults, Fields};
use crate::frame::{Frame, Room};
use crate::page::page_with;
use crate::shop::catalogue::name_of;
use crate::visitor::Shopper;

/// Orders of a page.
const ROWS: usize = 10;

#[derive(Template)]
#[template(path = "orders/list.html")]
pub struct OrderList {
    pub frame: Frame,
    /// `all`, `not_shipped` or `cancelled`.
    pub tab: &'static str,
    pub orders: Vec<ShownOrder>,
    /// The address of the next page.
    pub next: Option<String>,
    /// Whether this is not the first page.
    pub is_later: bool,
    /// What was looked for.
    pub sought: String,
    pub faults: Faults,
}

/// An order of the list.
pub struct ShownOrder {
    pub number: String,
    pub placed_at: Timestamp,
    pub state: &'static str,
    pub class: &'static str,
    pub total: String,
    /// The first of its goods.
    pub goods: String,
    /// How many others there are; empty where there are none.
    pub more: String,
}

impl OrderList {
    /// The tabs, the first first.
    pub const TABS: [&'static str; 3] = ["all", "not_shipped", "cancelled"];
}

pub async fn show(
    State(service): State<Service>,
    shopper: Shopper,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    let sought = fields.one("number").to_owned();
    if fields.iter().any(|(name, _)| name == "number") {
        match found(&service, &shopper, &sought).await? {
            Ok(number) => return Ok(Redirect::to(&format!("/orders/{number}")).into_response()),
            Err(fault) => {
                let list = listed(&service, &shopper, &fields, Some((sought, fault))).await?;
                return page_with(StatusCode::UNPROCESSABLE_ENTITY, &list);
            }
        }
    }
    page_with(StatusCode::OK, &listed(&service, &shopper, &fields, None).await?)
}

/// The number of the order that was looked for; the message that says why there is none.
async fn found(
    service: &Service,
    shopper: &Shopper,
    sought: &str,
) -> Result<Result<String, &'static str>, Problem> {
    if sought.is_empty() {
        return Ok(Err("orders-number-missing"));
    }
    let Some(number) = order_number(sought) else { return Ok(Err("orders-number-wrong")) };
    match service.counter.find_order(&shopper.caller, &number, None, Right::OrdersRead).await {
        Ok(found) => Ok(Ok(found.order.number)),
        Err(AppError::NotFound { .. }) => Ok(Err("orders-number-unknown")),
        Err(other) => Err(other.into()),
    }
}

async fn listed(
    service: &Service,
    shopper: &Shopper,
    fields: &Fields,
    fault: Option<(String, &'static str)>,
) -> Result<OrderList, Problem> {
    let frame = Frame::of(&shopper.visitor, Room::Shopper, "/orders");
    let (tab, wanted) = match fields.one("tab") {
        "not_shipped" => ("not_shipped", OrdersWanted::NotShipped),
        "cancelled" => ("cancelled", OrdersWanted::Cancelled),
        _ => ("all", OrdersWanted::All),
    };
    let whose = shopper.whose(Right::OrdersRead)?;
    let after = Some(fields.one("after")).filter(|after| !after.is_empty());
    let most = i64::try_from(ROWS).unwrap_or(i64::MAX).saturating_add(1);
    let mut orders = service.counter.orders_of(&whose, wanted, after, most).await?;
    let goes_on = orders.len() > ROWS;
    orders.truncate(ROWS);
    let next = orders.last().filter(|_| goes_on);
    let (sought, faults) = match fault {
        Some((sought, id)) => (sought, Faults::one("number", frame.say(id))),
        None => (String::new(), Faults::none()),
    };
    Ok(OrderList {
        tab,
        next: next.map(|found| format!("/orders?tab={tab}&after={}", found.order.order_id)),
        is_later: after.is_some(),
        orders: orders.iter().map(|found| shown(&frame, found)).collect(),
        sought,
        faults,
        frame,
    })
}

fn shown(frame: &Frame, found: &FoundOrder) -> ShownOrder {
    let order = &found.order;
    let state = state_of(order);
    let first = order.lines.first();
    ShownOrder {
        number: order.number.clone(),
        placed_at: order.placed_at,
        state,
        class: class_of(state),
        total: frame.yen(order.total.units()),
        goods: first.map(|line| name_of(&order.market, &line.sku, frame.language)).unwrap_or_default(),
        more: others(order.lines.len()),
    }
}

fn others(lines: usize) -> String {
    let others = lines.saturating_sub(1);
    if others == 0 { String::new() } else { others.to_string() }
}
