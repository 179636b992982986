//! Endpoints of webhooks: made, tested, rotated, removed; what did not reach them, and sending it again.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use choba_app::{AppError, EndpointWanted, Key, Replay, SECRETS_OVERLAP, ShownEndpoint};
use choba_server::{Problem, Service};
use choba_store::books::{DeliveryState, WebhookDelivery};
use jiff::Timestamp;

use crate::fields::{Faults, Fields};
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{done, page, page_with};
use crate::visitor::Staff;

const PATH: &str = "/office/webhooks";

/// Messages that are shown at once.
const MOST: i64 = 50;

/// The endpoints, and the form for another.
#[derive(Template)]
#[template(path = "office/webhooks.html")]
pub struct WebhooksPage {
    pub frame: Frame,
    pub endpoints: Vec<ShownEndpoint>,
    pub typed: Fields,
    pub faults: Faults,
    pub key: String,
}

/// An endpoint with its messages, and its secret where that was just made.
#[derive(Template)]
#[template(path = "office/webhook.html")]
pub struct WebhookPage {
    pub frame: Frame,
    pub endpoint: ShownEndpoint,
    pub deliveries: Vec<ShownDelivery>,
    pub secret: Option<String>,
}

/// A message as it is shown.
pub struct ShownDelivery {
    pub delivery: WebhookDelivery,
    pub queued_at: Timestamp,
    /// Its state, as a part of a message.
    pub state: &'static str,
    pub is_dead: bool,
}

impl From<WebhookDelivery> for ShownDelivery {
    fn from(delivery: WebhookDelivery) -> Self {
        let queued_at = Timestamp::from_millisecond(delivery.queued_at).unwrap_or(Timestamp::UNIX_EPOCH);
        let (state, is_dead) = (delivery.state.code(), delivery.state == DeliveryState::Dead);
        Self { queued_at, state, is_dead, delivery }
    }
}

impl WebhooksPage {
    async fn of(service: &Service, staff: &Staff, typed: Fields, faults: Faults) -> Result<Self, Problem> {
        Ok(Self {
            frame: Frame::of(&staff.visitor, Room::Office, PATH),
            endpoints: service.counter.list_endpoints(&staff.caller).await?,
            typed,
            faults,
            key: service.counter.draw_session_token().reveal().to_owned(),
        })
    }
}

async fn one(
    service: &Service,
    staff: &Staff,
    endpoint: ShownEndpoint,
    secret: Option<String>,
) -> Result<Response, Problem> {
    let id = endpoint.endpoint_id.as_str();
    let deliveries = service.counter.webhook_deliveries(&staff.caller, id, None, None, MOST).await?;
    let frame = Frame::of(&staff.visitor, Room::Office, PATH);
    let deliveries = deliveries.into_iter().map(ShownDelivery::from).collect();
    page(&WebhookPage { frame, endpoint, deliveries, secret })
}

/// `/office/webhooks`
pub async fn list(State(service): State<Service>, staff: Staff) -> Result<Response, Problem> {
    page(&WebhooksPage::of(&service, &staff, Fields::default(), Faults::none()).await?)
}

/// Makes an endpoint.
pub async fn make(
    State(service): State<Service>,
    staff: Staff,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let kinds = fields.one("kinds").split([',', ' ', '\n']).filter(|kind| !kind.is_empty());
    let wanted = EndpointWanted {
        url: fields.one("url").to_owned(),
        kinds: kinds.map(str::to_owned).collect(),
        market: fields.says("market", "this").then(|| staff.visitor.market.clone()),
        description: fields.one("description").to_owned(),
        enabled: true,
    };
    let body = ["url", "kinds", "market", "description"].map(|name| fields.one(name)).join("\n");
    let key = Key::new(fields.one("key"), "make_endpoint", "", body.as_bytes())?;
    let (settings, at) = (service.telling.hook_settings(), service.clock.now());
    match service.counter.make_endpoint(&staff.caller, &wanted, &settings, &key, at).await {
        Ok(made) => one(&service, &staff, made.endpoint, made.secret).await,
        Err(AppError::Field { field, fault }) => {
            let frame = Frame::of(&staff.visitor, Room::Office, PATH);
            let field = if field.contains("url") { "url" } else { "kinds" };
            let faults = Faults::one(field, frame.say("office-refused").with("why", fault));
            let template = WebhooksPage::of(&service, &staff, fields, faults).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &template)
        }
        Err(error) => Err(error.into()),
    }
}

/// `/office/webhooks/{endpoint_id}`
pub async fn show(
    State(service): State<Service>,
    staff: Staff,
    Path(endpoint_id): Path<String>,
) -> Result<Response, Problem> {
    let endpoint = service.counter.show_endpoint(&staff.caller, &endpoint_id).await?;
    one(&service, &staff, endpoint, None).await
}

/// Tests, rotates or removes an endpoint, or sends a message again.
pub async fn change(
    State(service): State<Service>,
    staff: Staff,
    Path(endpoint_id): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let (counter, caller, at) = (&service.counter, &staff.caller, service.clock.now());
    let path = format!("{PATH}/{endpoint_id}");
    match fields.one("do") {
        "test" => {
            counter.test_endpoint(caller, &endpoint_id, at).await?;
            Ok(done(&path, "office-webhook-tested"))
        }
        "rotate" => {
            let made = counter.rotate_secret(caller, &endpoint_id, None, SECRETS_OVERLAP, at).await?;
            one(&service, &staff, made.endpoint, made.secret).await
        }
        "remove" => {
            counter.remove_endpoint(caller, &endpoint_id, at).await?;
            Ok(done(PATH, "office-webhook-removed"))
        }
        _ => {
            let what = Replay::One(fields.one("again").to_owned());
            counter.replay_webhooks(caller, &endpoint_id, &what, at).await?;
            Ok(done(&path, "office-webhook-again"))
        }
    }
}
