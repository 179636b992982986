//! `/wallet/redeem`: a gift code is typed and becomes balance. The code is in no address and in no log.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use choba_app::{AppError, RedeemGiftCard, Right};
use choba_engine::books::RedeemRefusal;
use choba_server::{Problem, Service};
use jiff::Timestamp;

use crate::fields::{Faults, Fields};
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{done, page, page_with};
use crate::visitor::Shopper;

/// Where a gift code is typed.
#[derive(Template)]
#[template(path = "wallet/redeem.html")]
pub struct RedeemPage {
    pub frame: Frame,
    pub key: String,
    pub code: String,
    pub faults: Faults,
}

impl RedeemPage {
    fn of(service: &Service, shopper: &Shopper) -> Self {
        Self {
            frame: Frame::of(&shopper.visitor, Room::Shopper, "/wallet"),
            key: service.counter.draw_session_token().reveal().to_owned(),
            code: String::new(),
            faults: Faults::none(),
        }
    }
}

pub async fn show(State(service): State<Service>, shopper: Shopper) -> Result<Response, Problem> {
    page(&RedeemPage::of(&service, &shopper))
}

pub async fn redeem(
    State(service): State<Service>,
    shopper: Shopper,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let mut again = RedeemPage::of(&service, &shopper);
    let fault = match ask(&service, &shopper, &fields, &again.frame).await? {
        None => return Ok(done("/wallet", "wallet-redeemed")),
        Some(fault) => fault,
    };
    again.faults = Faults::one("code", fault);
    again.code = fields.one("code").to_owned();
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &again)
}

/// Redeems what was typed; answers what is wrong with it, where something is.
async fn ask(
    service: &Service,
    shopper: &Shopper,
    fields: &Fields,
    frame: &Frame,
) -> Result<Option<String>, Problem> {
    if fields.one("code").is_empty() {
        return Ok(Some(frame.say("wallet-code-missing").to_string()));
    }
    let redeem = RedeemGiftCard {
        whose: shopper.whose(Right::WalletWrite)?,
        code: fields.one("code").to_owned(),
        address: shopper.visitor.address.clone(),
        key: fields.one("key").to_owned(),
    };
    match service.counter.redeem_gift_card(redeem, service.clock.now()).await {
        Ok(_) => Ok(None),
        Err(error) => told(frame, error).map(Some),
    }
}

/// What a person is told; what is no fault of the code is an error.
fn told(frame: &Frame, error: AppError) -> Result<String, Problem> {
    let with_day = |id: &str, day: &Timestamp| frame.say(id).with("at", frame.instant(day));
    Ok(match &error {
        AppError::Redeem(RedeemRefusal::AlreadyUsedByYou { at }) => with_day("wallet-code-used-by-you", at),
        AppError::Redeem(RedeemRefusal::Expired { at }) => with_day("wallet-code-expired", at),
        AppError::Redeem(RedeemRefusal::NotYetActive { from }) => with_day("wallet-code-not-yet", from),
        AppError::Redeem(RedeemRefusal::AlreadyUsed) => frame.say("wallet-code-used"),
        AppError::Redeem(RedeemRefusal::Unknown) => frame.say("wallet-code-unknown"),
        AppError::TooManyTries { again_at } => {
            let again_at = Timestamp::from_millisecond(*again_at).unwrap_or(Timestamp::MAX);
            with_day("wallet-code-locked", &again_at)
        }
        // The page was used for another code before; this one draws a key of its own.
        AppError::KeyReused => frame.say("wallet-code-again"),
        _ => return Err(error.into()),
    }
    .to_string())
}
