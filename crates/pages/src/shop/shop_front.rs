//! The first page: the sample's goods; the orders, where a marketplace has a shop-front of its own.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use choba_engine::money::Money;
use choba_server::{Problem, Service};

use super::cart::{change_cart, with_session};
use super::catalogue::{Good, goods, said};
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{done, page};
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "shop/front.html")]
pub struct ShopFront {
    pub frame: Frame,
    pub goods: Vec<ShownGood>,
}

/// Something to buy, as it is shown.
pub struct ShownGood {
    pub sku: String,
    pub name: String,
    pub seller: String,
    pub price: String,
    /// `physical` and so on, the end of a message's id.
    pub kind: String,
}

pub async fn show(State(service): State<Service>, visitor: Visitor) -> Result<Response, Problem> {
    if !visitor.house.settings.sample_shop {
        return Ok(Redirect::to("/orders").into_response());
    }
    let market = service.counter.markets().get(&visitor.market)?;
    let shown = |good: &Good| ShownGood {
        sku: good.sku.clone(),
        name: good.name(visitor.language).to_owned(),
        seller: market
            .seller(&good.seller)
            .map_or_else(|| good.seller.clone(), |seller| said(&seller.name, visitor.language)),
        price: visitor.language.yen(Money::new(good.price)),
        kind: good.kind.clone(),
    };
    let goods = goods(&visitor.market).iter().map(shown).collect();
    page(&ShopFront { frame: Frame::of(&visitor, Room::Shopper, "/"), goods })
}

pub async fn add(
    State(service): State<Service>,
    visitor: Visitor,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let wanted = goods(&visitor.market).iter().find(|good| good.sku == fields.one("sku"));
    let wanted = wanted.filter(|_| visitor.house.settings.sample_shop);
    let good = wanted.ok_or_else(|| Problem::not_found("the shop-front has no such goods"))?;
    let new = change_cart(&service, &visitor, |cart| cart.add(good)).await?;
    Ok(with_session(done("/", "shop-added"), &visitor, new.as_ref()))
}
