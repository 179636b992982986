//! Who is asking, and from where.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use choba_app::Caller;

use crate::Problem;

/// Who is asking. Without a bearer token the request is answered with 401.
#[derive(Clone, Debug)]
pub struct Asking(pub Caller);

impl<S: Send + Sync> FromRequestParts<S> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Caller>().cloned();
        caller.map(Self).ok_or_else(|| Problem::unauthorized("Send `Authorization: Bearer …`."))
    }
}

/// Who is asking, where they say so; anyone may.
#[derive(Clone, Debug)]
pub struct MayAsk(pub Option<Caller>);

impl<S: Send + Sync> FromRequestParts<S> for MayAsk {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get::<Caller>().cloned()))
    }
}

/// The address that a request comes from, as text; empty where it is not known.
#[derive(Clone, Debug)]
pub struct Address(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(peer.map(|peer| peer.0.ip().to_string()).unwrap_or_default()))
    }
}
