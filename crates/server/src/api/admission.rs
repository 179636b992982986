//! Who may come in: bearer tokens, and how much each caller may ask.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use choba_app::Caller;

use crate::limits::Standing;
use crate::{NotLetIn, Problem, Service};

/// Finds out who is asking, counts the request, and passes it on.
pub async fn admit(State(service): State<Service>, mut request: Request, next: Next) -> Response {
    let caller = match caller(&service, bearer(&request)).await {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let standing = service.limits.count(&counted_as(caller.as_ref(), &request), service.clock.now());
    if standing.over {
        let detail = format!("At most {} requests a minute.", standing.limit);
        return with_standing(Problem::too_many(standing.resets_in, detail).into_response(), standing);
    }
    if let Some(caller) = caller {
        request.extensions_mut().insert(caller);
    }
    with_standing(next.run(request).await, standing)
}

/// The bearer token, if there is one; nothing in it where the header is of another form.
fn bearer(request: &Request) -> Option<String> {
    let given = request.headers().get(header::AUTHORIZATION)?.to_str().unwrap_or_default();
    let (scheme, token) = given.split_once(' ').unwrap_or_default();
    Some(if scheme.eq_ignore_ascii_case("bearer") { token.trim().to_owned() } else { String::new() })
}

async fn caller(service: &Service, bearer: Option<String>) -> Result<Option<Caller>, Problem> {
    let Some(token) = bearer else { return Ok(None) };
    if token.is_empty() {
        return Err(Problem::unauthorized("Send `Authorization: Bearer …`."));
    }
    match service.doorkeeper.caller(&token, service.clock.now()).await {
        Ok(caller) => Ok(Some(caller)),
        Err(NotLetIn::NotValid) => Err(Problem::unauthorized("The token is not valid, or its time is over.")),
        Err(NotLetIn::Miscopied) => Err(Problem::unauthorized(
            "The API key was not copied whole: its last letters do not fit the others.",
        )),
        Err(NotLetIn::Unavailable) => {
            Err(Problem::unavailable("tokens", "Tokens cannot be checked at the moment."))
        }
    }
}

/// Who is counted: a customer, a member of staff, a key; of others their address.
fn counted_as(caller: Option<&Caller>, request: &Request) -> String {
    match caller {
        Some(Caller::Customer { customer_id }) => format!("customer:{customer_id}"),
        Some(other) => other.by(),
        None => {
            let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
            format!("address:{}", peer.map(|peer| peer.0.ip().to_string()).unwrap_or_default())
        }
    }
}

fn with_standing(mut response: Response, standing: Standing) -> Response {
    let headers = [
        ("ratelimit-policy", format!("\"default\";q={};w=60", standing.limit)),
        ("ratelimit", format!("\"default\";r={};t={}", standing.remaining, standing.resets_in)),
    ];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
