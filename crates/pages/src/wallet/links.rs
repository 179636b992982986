//! Partners' programs: linked with the code that the partner shows, ended, always used.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use choba_app::{AppError, Key, LinkProgram, Right};
use choba_outside::Secret;
use choba_server::{Problem, Service};

use super::overview::drawn;
use crate::form::Form;
use crate::frame::Frame;
use crate::page::{done, page_with};
use crate::visitor::Shopper;

pub async fn link(
    State(service): State<Service>,
    shopper: Shopper,
    Path(program): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let code = fields.one("code");
    let key = Key::new(fields.one("key"), "link_program", &program, code.as_bytes())?;
    let whose = shopper.whose(Right::WalletWrite)?;
    let link = LinkProgram { whose, program: program.clone(), code: Secret::new(code.to_owned()), key };
    let fault = if code.is_empty() {
        "wallet-link-code-missing"
    } else {
        match service.counter.link_program(link, service.clock.now()).await {
            Ok(_) | Err(AppError::AlreadyLinked { .. }) => return Ok(done("/wallet", "wallet-linked")),
            Err(error) => fault(error)?,
        }
    };
    again(&service, &shopper, &program, fault).await
}

/// The message that says why a program could not be linked.
fn fault(error: AppError) -> Result<&'static str, Problem> {
    match error {
        AppError::PartyRefused { .. } => Ok("wallet-link-refused"),
        AppError::PartyUnavailable { .. } => Ok("wallet-link-unavailable"),
        AppError::KeyReused => Ok("wallet-link-again"),
        other => Err(other.into()),
    }
}

async fn again(
    service: &Service,
    shopper: &Shopper,
    program: &str,
    fault: &str,
) -> Result<Response, Problem> {
    let mut wallet = drawn(service, shopper, None).await?;
    let said = Frame::say(&wallet.frame, fault).to_string();
    for unlinked in &mut wallet.unlinked {
        unlinked.fault = (unlinked.program.id == program).then(|| said.clone());
    }
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &wallet)
}

pub async fn end(
    State(service): State<Service>,
    shopper: Shopper,
    Path(program): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let whose = shopper.whose(Right::WalletWrite)?;
    let key = Key::new(fields.one("key"), "unlink_program", &program, whose.market.as_bytes())?;
    match service.counter.unlink_program(&whose, &program, key, service.clock.now()).await {
        // Ended in another window before: that is what was wanted.
        Ok(()) | Err(AppError::NotFound { .. }) => Ok(done("/wallet", "wallet-unlinked")),
        Err(error) => Err(error.into()),
    }
}

pub async fn always(
    State(service): State<Service>,
    shopper: Shopper,
    Path(program): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let whose = shopper.whose(Right::WalletWrite)?;
    let always = fields.says("always", "yes");
    service.counter.always_use_program(&whose, &program, always, service.clock.now()).await?;
    Ok(done("/wallet", if always { "wallet-always" } else { "wallet-not-always" }))
}
