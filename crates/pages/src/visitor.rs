//! Who looks at a page.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use choba_app::{Caller, Right, Session, SessionSubject, SessionToken, StartSession, Whose};
use choba_formats::language::Language;
use choba_server::Problem;

use crate::kept_form::SignInFirst;
use crate::page::House;

/// Who looks at a page: somebody signed in, or nobody in particular.
#[derive(Clone)]
pub struct Visitor {
    /// The house that is visited.
    pub house: House,
    /// What the visitor's cookie holds.
    pub token: SessionToken,
    /// The session of that token, if there is one.
    pub session: Option<Session>,
    /// The language that they read.
    pub language: Language,
    /// The market that they are in.
    pub market: String,
    /// The path and the query that were asked for.
    pub asked_for: String,
    /// Where they come from, for what is counted by address.
    pub address: String,
    /// Their browser in a few words, as it is shown among their devices.
    pub device: String,
}

impl Visitor {
    /// Who is signed in.
    pub fn caller(&self) -> Option<Caller> {
        self.session.as_ref().and_then(Session::caller)
    }

    /// The token that forms of this visitor carry.
    pub fn form_token(&self) -> String {
        // Fails only where the keys are none; no form is taken then.
        self.house.service.counter.form_token(&self.token).unwrap_or_default()
    }

    /// A session of nobody in particular, as this visitor would begin one.
    pub fn start(&self) -> StartSession {
        StartSession {
            subject: SessionSubject::Anonymous,
            market: self.market.clone(),
            language: self.language,
            device: self.device.clone(),
            address: self.address.clone(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let visitor = parts.extensions.get::<Self>().cloned();
        visitor.ok_or_else(|| Problem::defect("a page outside of the layer that knows its visitor"))
    }
}

/// A signed-in customer. Whoever is not, is sent to sign in, and comes back.
#[derive(Clone)]
pub struct Shopper {
    /// The visitor.
    pub visitor: Visitor,
    /// As whom use cases are called.
    pub caller: Caller,
    /// Who.
    pub customer_id: String,
}

impl Shopper {
    /// Their things in the market that they are in.
    ///
    /// # Errors
    /// As [`Caller::acting_for`].
    pub fn whose(&self, right: Right) -> Result<Whose, Problem> {
        Ok(self.caller.acting_for(&self.customer_id, &self.visitor.market, right)?)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Shopper {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let visitor = Visitor::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        match visitor.caller() {
            Some(caller @ Caller::Customer { .. }) => {
                let Caller::Customer { customer_id } = &caller else { return Err(sign_in(&visitor, parts)) };
                let customer_id = customer_id.clone();
                Ok(Self { visitor, caller, customer_id })
            }
            _ => Err(sign_in(&visitor, parts)),
        }
    }
}

/// A signed-in member of staff.
#[derive(Clone)]
pub struct Staff {
    /// The visitor.
    pub visitor: Visitor,
    /// As whom use cases are called; they decide what this role may do.
    pub caller: Caller,
    /// Who.
    pub staff_id: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Staff {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let visitor = Visitor::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        match visitor.caller() {
            Some(Caller::Staff { staff_id, role }) => {
                let caller = Caller::Staff { staff_id: staff_id.clone(), role };
                Ok(Self { visitor, caller, staff_id })
            }
            _ => Err(sign_in(&visitor, parts)),
        }
    }
}

/// How many things the cart of a session holds.
pub fn things_in_cart(session: &Session) -> i64 {
    let cart: Option<serde_json::Value> =
        session.cart.as_deref().and_then(|cart| serde_json::from_str(cart).ok());
    let lines = cart.as_ref().and_then(|cart| cart.get("lines")).and_then(serde_json::Value::as_array);
    let quantities = lines.into_iter().flatten().filter_map(|line| line.get("quantity")?.as_i64());
    quantities.fold(0, i64::saturating_add)
}

/// To the page where one signs in, and from there back to what was asked for.
fn sign_in(visitor: &Visitor, parts: &Parts) -> Response {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if parts.method == Method::GET {
        query.append_pair("next", &visitor.asked_for);
    }
    let to = format!("/sign-in?{}", query.finish());
    let by_script = parts.headers.contains_key("hx-request");
    match (by_script, &parts.method) {
        // A part of a page that is asked for by its script leads the whole page there.
        (true, &Method::GET) => [("hx-redirect", to)].into_response(),
        (true, _) => StatusCode::FORBIDDEN.into_response(),
        (false, _) => {
            let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response();
            response.extensions_mut().insert(SignInFirst);
            response
        }
    }
}
