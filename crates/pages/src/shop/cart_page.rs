//! The cart: how many of each, and taking things out.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use choba_engine::market::Market;
use choba_server::{Problem, Service};

use super::cart::{Cart, CartLine, QUANTITY_MAX, change_cart, with_session};
use super::catalogue::{name_of, said};
use crate::fields::Fields;
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{done, page, page_with};
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "shop/cart.html")]
pub struct CartPage {
    pub frame: Frame,
    pub lines: Vec<ShownLine>,
    pub total: String,
    /// Whether there is a shop-front to go on in.
    pub has_shop: bool,
}

/// A row of goods, as it is shown.
pub struct ShownLine {
    pub id: String,
    pub name: String,
    pub seller: String,
    pub unit_price: String,
    /// As it was typed.
    pub quantity: String,
    pub gross: String,
    pub fault: Option<String>,
}

pub async fn show(State(service): State<Service>, visitor: Visitor) -> Result<Response, Problem> {
    page(&drawn(&service, &visitor, &Fields::default())?)
}

/// Changes quantities, and takes out what `remove` names.
pub async fn change(
    State(service): State<Service>,
    visitor: Visitor,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let removed = fields.one("remove").to_owned();
    let cart = Cart::of(visitor.session.as_ref());
    let wanted: Vec<(String, i64)> = if removed.is_empty() {
        let typed = cart.lines.iter().map(|line| Some((line.id.clone(), quantity(&fields, line)?)));
        match typed.collect::<Option<Vec<_>>>() {
            Some(wanted) => wanted,
            None => return page_with(StatusCode::UNPROCESSABLE_ENTITY, &drawn(&service, &visitor, &fields)?),
        }
    } else {
        vec![(removed.clone(), 0)]
    };
    let new = change_cart(&service, &visitor, |cart| {
        wanted.iter().for_each(|(line_id, quantity)| cart.set_quantity(line_id, *quantity));
    });
    let new = new.await?;
    let response = match fields.one("then") {
        "counter" => Redirect::to("/counter").into_response(),
        _ if removed.is_empty() => done("/cart", "shop-changed"),
        _ => done("/cart", "shop-removed"),
    };
    Ok(with_session(response, &visitor, new.as_ref()))
}

/// The quantity that was typed for a line, if it is one; that of the line where nothing was asked.
fn quantity(fields: &Fields, line: &CartLine) -> Option<i64> {
    let name = format!("quantity-{}", line.id);
    if !fields.iter().any(|(known, _)| known == name) {
        return Some(line.quantity);
    }
    fields.number(&name).filter(|quantity| (0..=QUANTITY_MAX).contains(quantity))
}

fn drawn(service: &Service, visitor: &Visitor, typed: &Fields) -> Result<CartPage, Problem> {
    let market = service.counter.markets().get(&visitor.market)?;
    let cart = Cart::of(visitor.session.as_ref());
    let frame = Frame::of(visitor, Room::Shopper, "/cart");
    let lines: Vec<ShownLine> = cart.lines.iter().map(|line| shown(&frame, &market, line, typed)).collect();
    let total = cart.lines.iter().fold(0_i64, |sum, line| sum.saturating_add(gross(line)));
    let total = frame.yen(total);
    Ok(CartPage { frame, lines, total, has_shop: visitor.house.settings.sample_shop })
}

fn gross(line: &CartLine) -> i64 {
    line.unit_price.saturating_mul(line.quantity)
}

fn shown(frame: &Frame, market: &Market, line: &CartLine, typed: &Fields) -> ShownLine {
    let seller = market.seller(&line.seller);
    let wrong = quantity(typed, line).is_none();
    let as_typed = typed.one(&format!("quantity-{}", line.id)).to_owned();
    ShownLine {
        id: line.id.clone(),
        name: name_of(&market.name, &line.sku, frame.language),
        seller: seller.map_or_else(|| line.seller.clone(), |seller| said(&seller.name, frame.language)),
        unit_price: frame.yen(line.unit_price),
        gross: frame.yen(gross(line)),
        quantity: if wrong { as_typed } else { line.quantity.to_string() },
        fault: wrong.then(|| frame.say("shop-quantity-fault").with("most", QUANTITY_MAX).to_string()),
    }
}
