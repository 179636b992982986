//! `/v1/events`: the feed of events, page by page or as a stream that goes on.

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use choba_app::{AppError, Cursor, EventFilter, EventPage, ToldEvent};
use choba_engine::books::EventKind;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::Sender;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio::time::{Instant, timeout};
use tokio_stream::wrappers::ReceiverStream;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Asking, Params, limit};
use crate::{Problem, Service};

/// What other processes publish is looked for so often.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A stream says so often that it is there.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// A stream ends after so long, so that its reader shows its token again.
const STREAM_FOR: Duration = Duration::from_secs(15 * 60);

/// A reader that takes nothing for so long is left.
const SLOWEST: Duration = Duration::from_secs(30);

/// Events of a stream that may wait for its reader.
const WAITING_MAX: usize = 64;

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(list))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EventsQuery {
    /// Of one customer; a customer's own token says it. Without it all are read, which needs `webhooks:manage`.
    customer_id: Option<String>,
    /// Of one market.
    market: Option<String>,
    /// Of these kinds, parted by commas; of all without it.
    #[param(example = "order.placed,order.shipped")]
    r#type: Option<String>,
    /// `next` of the page before, or the id of an event of a stream. Without it a page begins with the oldest event that
    /// is there, and a stream with what is still to come.
    after: Option<String>,
    /// Events of a page, at most; 50 without it.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// An event.
#[derive(Debug, Serialize, ToSchema)]
struct EventShown {
    /// Unique; the same wherever and however often it is told.
    id: String,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(example = "order.shipped")]
    kind: String,
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
    market: String,
    customer_id: String,
    /// To which order, lot, gift card, program or case.
    subject: String,
    /// Numbers and ids by which more can be asked for.
    #[schema(value_type = Object, example = json!({"order_number": "503-1234567-7654321", "shipment_id": "s1"}))]
    data: serde_json::Value,
}

/// A part of the feed.
#[derive(Debug, Serialize, ToSchema)]
struct EventsShown {
    data: Vec<EventShown>,
    /// To be sent as `after` for what comes next; always there.
    next: String,
    /// Whether there is more already. A page may be empty though there is more.
    more: bool,
}

/// Read events
///
/// In one order that never changes: no event appears before one that was read. With `Accept: text/event-stream` as a stream that
/// goes on: each event with its cursor as `id`, from `Last-Event-ID` or `after`, a heartbeat every 15 seconds, ended after 15
/// minutes. Events are kept for 30 days; 410 tells a reader who comes too late from where events are there.
#[utoipa::path(
    get,
    path = "/v1/events",
    operation_id = "read_events",
    tag = "Events",
    security(("bearer" = ["orders:read"]), ("bearer" = ["webhooks:manage"])),
    params(EventsQuery, ("Last-Event-ID" = Option<String>, Header, description = "Of a stream: the last event that came")),
    responses(
        (status = 200, description = "A part of the feed, or a stream of it",
         content((EventsShown = "application/json"), (String = "text/event-stream"))),
        (status = 410, description = "The next event is not there any more"),
    ),
)]
async fn list(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<EventsQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = limit(query.limit)?;
    let asked = EventFilter {
        customer_id: query.customer_id,
        market: query.market,
        kinds: kinds(query.r#type.as_deref())?,
    };
    let filter = EventFilter::for_caller(&caller, asked)?;
    let after = query.after.as_deref().map(cursor).transpose()?;
    if wants_stream(&headers) {
        let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(cursor).transpose()?;
        return stream(service, filter, last.or(after)).await;
    }
    let page = service.counter.events(&filter, after, limit).await?;
    Ok(Json(shown(page)?).into_response())
}

fn cursor(text: &str) -> Result<Cursor, Problem> {
    Cursor::read(text).map_err(|_| Problem::field("#after", "expected a cursor as it was given"))
}

fn kinds(asked: Option<&str>) -> Result<Vec<EventKind>, Problem> {
    let words = asked.into_iter().flat_map(|words| words.split(',')).map(str::trim);
    let unknown = || Problem::field("#type", "expected codes of kinds of events, parted by commas");
    words.map(|word| EventKind::from_code(word).ok_or_else(unknown)).collect()
}

fn wants_stream(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
    accepted.unwrap_or_default().split(',').any(|kind| kind.trim().starts_with("text/event-stream"))
}

fn shown(page: EventPage) -> Result<EventsShown, Problem> {
    let data = page.events.into_iter().map(|(_, event)| event_shown(event));
    Ok(EventsShown { data: data.collect::<Result<_, _>>()?, next: page.next.to_string(), more: page.more })
}

fn event_shown(event: ToldEvent) -> Result<EventShown, Problem> {
    let data = serde_json::to_value(&event.data).map_err(|error| Problem::defect(&error.to_string()))?;
    Ok(EventShown {
        id: event.id,
        kind: event.kind,
        timestamp: event.timestamp,
        market: event.market,
        customer_id: event.customer_id,
        subject: event.subject,
        data,
    })
}

/// A stream after a cursor. What cannot be begun is answered as a problem.
async fn stream(service: Service, filter: EventFilter, after: Option<Cursor>) -> Result<Response, Problem> {
    let permit = service.telling.streams.clone().try_acquire_owned();
    let permit = permit.map_err(|_| Problem::unavailable("streams", "Too many streams are open."))?;
    let begin = match after {
        None => service.counter.feed_end().await?,
        // That it is a cursor of this feed, and not too old.
        Some(after) => service.counter.events(&filter, Some(after), 1).await.map(|_| after)?,
    };
    let moved = service.counter.feed_moved()?;
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    let streaming = Streaming { ending: service.ending.subscribe(), service, filter, moved, sender };
    tokio::spawn(streaming.go_on(begin, permit));
    let keep_alive = KeepAlive::new().interval(HEARTBEAT).text("heartbeat");
    Ok(Sse::new(ReceiverStream::new(receiver)).keep_alive(keep_alive).into_response())
}

/// A stream under way. It ends with its reader, its time, or the service.
struct Streaming {
    service: Service,
    filter: EventFilter,
    moved: watch::Receiver<u64>,
    ending: watch::Receiver<bool>,
    sender: Sender<Result<Sent, Infallible>>,
}

impl Streaming {
    async fn go_on(mut self, mut after: Cursor, _permit: OwnedSemaphorePermit) {
        let until = Instant::now() + STREAM_FOR;
        while Instant::now() < until && !*self.ending.borrow() {
            self.moved.borrow_and_update();
            let page = match self.service.counter.events(&self.filter, Some(after), 100).await {
                Ok(page) => page,
                Err(error) => return self.say_why(&error).await,
            };
            let (more, next) = (page.more, page.next);
            if !self.send_page(page, after).await {
                return;
            }
            after = next;
            if !more {
                tokio::select! {
                    _ = timeout(LOOK_EVERY, self.moved.changed()) => {}
                    _ = self.ending.changed() => return,
                    () = self.sender.closed() => return,
                }
            }
        }
    }

    /// False where the reader is gone or too slow.
    async fn send_page(&self, page: EventPage, after: Cursor) -> bool {
        if page.events.is_empty() && page.next != after {
            // Nothing that is wanted, but so far the reader need not come back to.
            return self.send(Sent::default().id(page.next.to_string()).comment("")).await;
        }
        for (cursor, event) in page.events {
            let Ok(data) = serde_json::to_string(&event) else { return false };
            if !self.send(Sent::default().id(cursor.to_string()).event(event.kind).data(data)).await {
                return false;
            }
        }
        true
    }

    async fn send(&self, event: Sent) -> bool {
        self.sender.send_timeout(Ok(event), SLOWEST).await.is_ok()
    }

    /// A stream that cannot go on says so; what happened to the database is not for its reader.
    async fn say_why(&self, error: &AppError) {
        let code = match error {
            AppError::EventsForgotten { .. } => "events_forgotten",
            error => {
                tracing::warn!(%error, "a stream of events ends");
                "unavailable"
            }
        };
        self.send(Sent::default().event("end").data(code)).await;
    }
}
