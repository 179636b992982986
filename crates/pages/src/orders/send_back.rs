//! Sending goods back: which, why, what would be refunded, and then the wish itself.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use choba_app::{AppError, FoundOrder, Key, ReturnThought, Right};
use choba_engine::market::ReturnReason;
use choba_engine::order::{LinePart, OrderLine};
use choba_server::{Problem, Service};

use super::cancel::parts_sent;
use super::find::own_order;
use super::picking::Picked;
use super::refund::RefundShown;
use crate::fields::{Faults, Fields};
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{done, page_with};
use crate::visitor::Shopper;

#[derive(Template)]
#[template(path = "orders/return.html")]
pub struct ReturnPage {
    pub frame: Frame,
    pub number: String,
    pub picked: Picked,
    /// The reason that was chosen; empty where none was.
    pub reason: String,
    pub reasons: Vec<&'static str>,
    pub opened: bool,
    pub missing_parts: bool,
    pub faults: Faults,
    /// What would come back.
    pub refund: Option<RefundShown>,
    /// Why it cannot be sent back.
    pub refused: Option<String>,
    pub can_confirm: bool,
    pub key: String,
}

/// How many of a line can be sent back.
pub fn returnable(line: &OrderLine) -> i64 {
    line.delivered.saturating_sub(line.returning).saturating_sub(line.returned)
}

pub async fn show(
    State(service): State<Service>,
    shopper: Shopper,
    Path(number): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let found = own_order(&service, &shopper, &number, Right::OrdersWrite).await?;
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    page_with(StatusCode::OK, &drawn(&service, &shopper, &found, &fields).await?)
}

/// Asks for the return.
pub async fn ask(
    State(service): State<Service>,
    shopper: Shopper,
    Path(number): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let found = own_order(&service, &shopper, &number, Right::OrdersWrite).await?;
    let order = &found.order;
    let wanted = parts_sent(&fields);
    let Some(reason) = reason(fields.one("reason")) else {
        return page_with(
            StatusCode::UNPROCESSABLE_ENTITY,
            &drawn(&service, &shopper, &found, &fields).await?,
        );
    };
    let body = wanted.iter().map(|(line, quantity)| format!("{line}={quantity}&")).collect::<String>();
    let body = format!("{body}{}", reason.id());
    let key = Key::new(fields.one("key"), "request_return", &order.order_id, body.as_bytes())?;
    let parts = wanted.into_iter().map(|(line_id, quantity)| LinePart { line_id, quantity }).collect();
    let (customer, by, at) = (&shopper.customer_id, shopper.caller.by(), service.clock.now());
    let asked =
        service.counter.request_return(customer, &order.order_id, parts, reason, &by, Some(key), at).await;
    match asked {
        Ok(_) => Ok(done(&format!("/orders/{}", order.number), "orders-return-asked")),
        Err(AppError::Order(_)) => {
            page_with(StatusCode::CONFLICT, &drawn(&service, &shopper, &found, &fields).await?)
        }
        Err(other) => Err(other.into()),
    }
}

/// The customer keeps the goods after all.
pub async fn withdraw(
    State(service): State<Service>,
    shopper: Shopper,
    Path((number, returned)): Path<(String, String)>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let found = own_order(&service, &shopper, &number, Right::OrdersWrite).await?;
    let order = &found.order;
    let key = Key::new(fields.one("key"), "withdraw_return", &order.order_id, returned.as_bytes())?;
    let (customer, by, at) = (&shopper.customer_id, shopper.caller.by(), service.clock.now());
    service.counter.withdraw_return(customer, &order.order_id, &returned, &by, Some(key), at).await?;
    Ok(done(&format!("/orders/{}", order.number), "orders-return-withdrawn"))
}

fn reason(id: &str) -> Option<ReturnReason> {
    ReturnReason::ALL.into_iter().find(|reason| reason.id() == id)
}

async fn drawn(
    service: &Service,
    shopper: &Shopper,
    found: &FoundOrder,
    fields: &Fields,
) -> Result<ReturnPage, Problem> {
    let frame = Frame::of(&shopper.visitor, Room::Shopper, "/orders");
    let order = &found.order;
    let is_one = order.lines.iter().filter(|line| returnable(line) > 0).count() == 1;
    let picked = Picked::read(&frame, order, fields, returnable, is_one);
    let asked = fields.says("asked", "1");
    let mut faults = Faults::none();
    if asked && reason(fields.one("reason")).is_none() {
        faults.add("reason", frame.say("orders-reason-missing"));
    }
    if asked && picked.parts.is_empty() && !picked.is_wrong() {
        faults.add("goods", frame.say("orders-goods-missing"));
    }
    let page = ReturnPage {
        number: order.number.clone(),
        picked,
        reason: fields.one("reason").to_owned(),
        reasons: ReturnReason::ALL.map(ReturnReason::id).into(),
        opened: fields.says("opened", "1"),
        missing_parts: fields.says("missing_parts", "1"),
        faults,
        refund: None,
        refused: None,
        can_confirm: false,
        key: service.counter.draw_session_token().reveal().to_owned(),
        frame,
    };
    if asked { previewed(service, shopper, found, page).await } else { Ok(page) }
}

async fn previewed(
    service: &Service,
    shopper: &Shopper,
    found: &FoundOrder,
    mut page: ReturnPage,
) -> Result<ReturnPage, Problem> {
    let Some(reason) = reason(&page.reason).filter(|_| page.faults.is_empty() && !page.picked.is_wrong())
    else {
        return Ok(page);
    };
    let thought = ReturnThought {
        parts: page.picked.parts.clone(),
        reason,
        opened: page.opened,
        missing_parts: page.missing_parts,
    };
    let market = service.counter.markets().get(&found.order.market)?;
    let (customer, at) = (&shopper.customer_id, service.clock.now());
    match service.counter.preview_return(customer, &found.order.order_id, thought, at).await {
        Ok(refund) => {
            page.can_confirm = true;
            page.refund = refund.map(|refund| RefundShown::of(&page.frame, &market, &found.order, &refund));
        }
        Err(error @ AppError::Order(_)) => {
            let said = Problem::from(error).message(page.frame.language);
            page.refused = Some(said.unwrap_or_else(|| page.frame.say("orders-not-now").to_string()));
        }
        Err(other) => return Err(other.into()),
    }
    Ok(page)
}
