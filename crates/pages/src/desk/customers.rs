//! A customer, looked up by their id or by the number of an order.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use choba_app::{AppError, FoundOrder, ListedCase, OrdersWanted, OwnCallback, Right, Session, Wallet, Whose};
use choba_server::{Problem, Service};

use super::names::Names;
use crate::fields::Fields;
use crate::frame::{Frame, Room};
use crate::page::page;
use crate::visitor::Staff;

const LISTED: i64 = 20;

/// Looking customers up.
#[derive(Template)]
#[template(path = "desk/customers.html")]
pub struct CustomersPage {
    pub frame: Frame,
    pub asked: String,
    pub found: Option<CustomerFound>,
}

/// What is known of a customer in the market.
pub struct CustomerFound {
    pub customer_id: String,
    pub orders: Vec<FoundOrder>,
    pub wallet: Wallet,
    pub cases: Vec<(ListedCase, String)>,
    pub sessions: Vec<Session>,
    /// The call that they wait for.
    pub call: Option<OwnCallback>,
}

impl CustomerFound {
    /// Whether nothing at all is known: most likely there is no such customer.
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty()
            && self.wallet.balances.is_empty()
            && self.cases.is_empty()
            && self.sessions.is_empty()
            && self.call.is_none()
    }
}

pub async fn show(
    State(service): State<Service>,
    staff: Staff,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let asked = query.one("id").to_owned();
    if is_order_number(&asked) {
        let order = service.counter.find_order(&staff.caller, &asked, None, Right::OrdersRead).await;
        match order {
            Ok(found) => return Ok(to_customer(&found.whose.customer_id)),
            Err(AppError::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let found = match asked.is_empty() {
        true => None,
        false => Some(found(&service, &staff, &asked).await?),
    };
    page(&CustomersPage { frame: Frame::of(&staff.visitor, Room::Desk, "/desk/customers"), asked, found })
}

fn is_order_number(asked: &str) -> bool {
    asked.contains('-') && asked.chars().all(|letter| letter.is_ascii_digit() || letter == '-')
}

fn to_customer(customer_id: &str) -> Response {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("id", customer_id);
    Redirect::to(&format!("/desk/customers?{}", query.finish())).into_response()
}

async fn found(service: &Service, staff: &Staff, customer_id: &str) -> Result<CustomerFound, AppError> {
    let (counter, caller, now) = (&service.counter, &staff.caller, service.clock.now());
    let market = &staff.visitor.market;
    let whose = |right| -> Result<Whose, AppError> { caller.acting_for(customer_id, market, right) };
    let names = Names::of(counter, market, staff.visitor.language);
    let cases = counter.customer_cases(caller, &whose(Right::CasesRead)?, None, LISTED).await?;
    let named = |case: ListedCase| {
        let question = names.question(&case.question);
        (case, question)
    };
    Ok(CustomerFound {
        orders: counter.orders_of(&whose(Right::OrdersRead)?, OrdersWanted::All, None, LISTED).await?,
        wallet: counter.wallet_at(&whose(Right::WalletRead)?, now).await?,
        cases: cases.into_iter().map(named).collect(),
        sessions: counter.list_sessions(caller, Some(customer_id), now).await?,
        call: counter.open_callback_of(&whose(Right::CasesRead)?, now).await?,
        customer_id: customer_id.to_owned(),
    })
}
