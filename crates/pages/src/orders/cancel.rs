//! Cancelling: what is to be cancelled, what would come back, and then the wish itself.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use choba_app::{AppError, FoundOrder, Key, Right};
use choba_engine::order::{CancelBy, OrderLine};
use choba_server::{Problem, Service};

use super::find::own_order;
use super::picking::Picked;
use super::refund::RefundShown;
use crate::fields::Fields;
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{done, page_with};
use crate::visitor::Shopper;

#[derive(Template)]
#[template(path = "orders/cancel.html")]
pub struct CancelPage {
    pub frame: Frame,
    pub number: String,
    pub picked: Picked,
    /// What would come back; nothing where nothing was paid or nothing is chosen.
    pub refund: Option<RefundShown>,
    /// Why it cannot be cancelled.
    pub refused: Option<String>,
    pub can_confirm: bool,
    pub key: String,
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

/// Cancels what was chosen.
pub async fn cancel(
    State(service): State<Service>,
    shopper: Shopper,
    Path(number): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let found = own_order(&service, &shopper, &number, Right::OrdersWrite).await?;
    let order = &found.order;
    let wanted = parts_sent(&fields);
    let body = wanted.iter().map(|(line, quantity)| format!("{line}={quantity}&")).collect::<String>();
    let key = Key::new(fields.one("key"), "cancel_order", &order.order_id, body.as_bytes())?;
    let parts =
        wanted.into_iter().map(|(line_id, quantity)| choba_engine::order::LinePart { line_id, quantity });
    let (customer, by) = (&shopper.customer_id, shopper.caller.by());
    let at = service.clock.now();
    let cancelled = service
        .counter
        .cancel_order(
            customer,
            &order.order_id,
            Some(parts.collect()),
            CancelBy::Customer,
            &by,
            Some(key),
            at,
        )
        .await;
    match cancelled {
        Ok(_) => Ok(done(&format!("/orders/{}", order.number), "orders-cancelled")),
        Err(AppError::Order(_)) => {
            page_with(StatusCode::CONFLICT, &drawn(&service, &shopper, &found, &fields).await?)
        }
        Err(other) => Err(other.into()),
    }
}

/// The quantities that a form sends, of lines that have any.
pub fn parts_sent(fields: &Fields) -> Vec<(String, i64)> {
    let sent = fields.iter().filter_map(|(name, value)| Some((name.strip_prefix("take-")?, value)));
    let read = sent.filter_map(|(line, value)| Some((line.to_owned(), crate::fields::whole_number(value)?)));
    read.filter(|(_, quantity)| *quantity > 0).collect()
}

async fn drawn(
    service: &Service,
    shopper: &Shopper,
    found: &FoundOrder,
    fields: &Fields,
) -> Result<CancelPage, Problem> {
    let frame = Frame::of(&shopper.visitor, Room::Shopper, "/orders");
    let order = &found.order;
    let market = service.counter.markets().get(&order.market)?;
    let picked = Picked::read(&frame, order, fields, OrderLine::open, true);
    let mut page = CancelPage {
        number: order.number.clone(),
        refund: None,
        refused: None,
        can_confirm: false,
        key: service.counter.draw_session_token().reveal().to_owned(),
        picked,
        frame,
    };
    if page.picked.is_wrong() || page.picked.parts.is_empty() {
        return Ok(page);
    }
    let parts = Some(page.picked.parts.clone());
    let (customer, at) = (&shopper.customer_id, service.clock.now());
    match service.counter.preview_cancel(customer, &order.order_id, parts, at).await {
        Ok(refund) => {
            page.can_confirm = true;
            page.refund = refund.map(|refund| RefundShown::of(&page.frame, &market, order, &refund));
        }
        Err(error @ AppError::Order(_)) => {
            let said = Problem::from(error).message(page.frame.language);
            page.refused = Some(said.unwrap_or_else(|| page.frame.say("orders-not-now").to_string()));
        }
        Err(other) => return Err(other.into()),
    }
    Ok(page)
}
