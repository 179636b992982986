//! The page of the counter.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use choba_server::{Problem, Service};

use super::choices::{CHOSEN, Choices};
use super::offers::{CouponOffer, MethodOffer, ProgramOffer, Why};
use super::receipt::{Goods, Receipt};
use super::sheet::AtCounter;
use super::suggestion::{AIMS, Suggestion, aim};
use crate::fields::Fields;
use crate::frame::{Frame, Room};
use crate::page::page_with;
use crate::shop::cart::Cart;
use crate::visitor::Shopper;

#[derive(Template)]
#[template(path = "counter/counter.html")]
pub struct CounterPage {
    pub frame: Frame,
    /// Nothing where the cart is empty.
    pub sheet: Option<Drawn>,
    pub has_shop: bool,
}

/// What is drawn of a cart.
pub struct Drawn {
    pub goods: Vec<Goods>,
    pub coupons: Vec<CouponOffer>,
    pub programs: Vec<ProgramOffer>,
    pub methods: Vec<MethodOffer>,
    pub brands: Vec<String>,
    pub card: String,
    pub receipt: Receipt,
    pub total: String,
    /// What is left to pay; nothing where all is paid.
    pub due: Option<String>,
    pub shortage: Vec<Why>,
    pub not_earned: Vec<Why>,
    pub aims: Vec<AimLink>,
    pub suggestion: Option<Suggestion>,
    pub confirm: Confirm,
    /// What became of the order that was just tried.
    pub notice: Option<Notice>,
}

/// A link that asks for a plan.
pub struct AimLink {
    pub aim: &'static str,
    pub href: String,
}

/// The form that places the order.
pub struct Confirm {
    /// The choices, as hidden fields.
    pub fields: Vec<(String, String)>,
    pub total: i64,
    /// Who pays how much, as hidden fields.
    pub payers: Vec<(String, i64)>,
    pub key: String,
    /// Whether a card pays something, so that its token is needed.
    pub needs_card: bool,
    /// The card that was chosen.
    pub card_token: String,
    pub card_fault: Option<String>,
    /// Whether the order can be placed as it is.
    pub is_ready: bool,
}

impl Confirm {
    /// Whether the test card of a demo is the chosen one; the first is where none was.
    fn is_chosen(&self, card: &str) -> bool {
        if self.card_token.is_empty() { TEST_CARDS.first() == Some(&card) } else { self.card_token == card }
    }
}

/// The cards of the sandbox, each with a temper of its own.
pub const TEST_CARDS: [&str; 3] = ["tok_ok", "tok_declined", "tok_declined_later"];

/// What became of the order that was just tried.
pub struct Notice {
    /// `warn` or `bad`.
    pub class: &'static str,
    pub title: String,
    pub lines: Vec<String>,
}

/// What the page says besides the price.
#[derive(Default)]
pub struct Besides {
    pub notice: Option<Notice>,
    pub aim: Option<choba_engine::plan::Aim>,
    pub card_token: String,
    pub card_fault: Option<String>,
}

pub async fn show(
    State(service): State<Service>,
    shopper: Shopper,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    let at_counter = at_counter(&service, &shopper, &fields)?;
    let besides = Besides { aim: aim(fields.one("aim")), ..Besides::default() };
    drawn(&at_counter, StatusCode::OK, besides).await
}

/// The shopper's cart, with the choices that were made.
pub fn at_counter<'c>(
    service: &'c Service,
    shopper: &'c Shopper,
    fields: &Fields,
) -> Result<AtCounter<'c>, Problem> {
    let market = service.counter.markets().get(&shopper.visitor.market)?;
    let cart = Cart::of(shopper.visitor.session.as_ref());
    let choices = match fields.says(CHOSEN, "1") {
        true => Choices::read(fields, &market),
        false => Choices::of_cart(&cart.pay, &market),
    };
    Ok(AtCounter { service, shopper, market, cart, choices })
}

/// The page, with a status and what it says besides.
pub async fn drawn(
    counter: &AtCounter<'_>,
    status: StatusCode,
    besides: Besides,
) -> Result<Response, Problem> {
    let frame = Frame::of(&counter.shopper.visitor, Room::Shopper, "/counter");
    let has_shop = counter.shopper.visitor.house.settings.sample_shop;
    if counter.cart.lines.is_empty() {
        return page_with(status, &CounterPage { frame, sheet: None, has_shop });
    }
    let sheet = sheet(counter, &frame, besides).await?;
    page_with(status, &CounterPage { frame, sheet: Some(sheet), has_shop })
}

async fn sheet(counter: &AtCounter<'_>, frame: &Frame, besides: Besides) -> Result<Drawn, Problem> {
    let priced = counter.sheet(frame).await?;
    let suggestion = match besides.aim {
        Some(aim) => Some(counter.suggestion(frame, aim, &priced.quote).await?),
        None => None,
    };
    let address = counter.choices.address();
    let quote = &priced.quote;
    Ok(Drawn {
        total: frame.yen(quote.total),
        due: (quote.due > 0).then(|| frame.yen(quote.due)),
        aims: AIMS
            .map(|aim| AimLink { aim: aim.id(), href: format!("{address}&aim={}#plan", aim.id()) })
            .into(),
        confirm: Confirm {
            fields: counter.choices.fields(),
            total: quote.total,
            payers: quote.payers(),
            key: counter.service.counter.draw_session_token().reveal().to_owned(),
            needs_card: quote.paid_by("card").0 > 0,
            card_token: besides.card_token,
            card_fault: besides.card_fault,
            is_ready: quote.due == 0 && counter.choices.are_read(),
        },
        goods: priced.goods,
        coupons: priced.coupons,
        programs: priced.programs,
        methods: priced.methods,
        brands: priced.brands,
        card: counter.choices.card.clone(),
        receipt: priced.receipt,
        shortage: priced.shortage,
        not_earned: priced.not_earned,
        suggestion,
        notice: besides.notice,
    })
}
