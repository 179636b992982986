//! A chat as a stream for the desk's page: its lines as parts of the page, and that the customer types.
//!
//! What is new is read from the books when the hub says that there is something, and every ten seconds. A stream ends with
//! its reader, its chat, its time or the service; the browser then comes again, after the last line it got.

use std::convert::Infallible;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use choba_app::ChatWatch;
use choba_server::{Problem, Service};
use jiff::Timestamp;
use tokio::sync::mpsc::{self, Sender};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, sleep_until};
use tokio_stream::wrappers::ReceiverStream;

use super::chats::{LinePart, LineShown, seen};
use crate::fields::Fields;
use crate::frame::{Frame, Room};
use crate::visitor::Staff;

const HEARTBEAT: Duration = Duration::from_secs(15);
const STREAM_FOR: Duration = Duration::from_secs(10 * 60);
const SLOWEST: Duration = Duration::from_secs(30);
const LOOKS_EVERY: Duration = Duration::from_secs(10);

pub async fn events(
    State(service): State<Service>,
    staff: Staff,
    Path(chat_id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let after = last.unwrap_or(query.one("after")).parse().unwrap_or(0);
    // Before anything is read, so that nothing is missed between.
    let news = service.counter.watch_chat(&staff.caller, &chat_id).await?;
    let permit = service.telling.chats.clone().try_acquire_owned();
    let permit = permit.map_err(|_| Problem::unavailable("streams", "Too many streams are open."))?;
    let (sender, receiver) = mpsc::channel(1);
    let ending = service.ending.subscribe();
    let listening = Listening { service, staff, chat_id, news, ending, sender, after };
    tokio::spawn(listening.go_on(permit));
    let alive = KeepAlive::new().interval(HEARTBEAT).text("heartbeat");
    Ok(Sse::new(ReceiverStream::new(receiver)).keep_alive(alive).into_response())
}

/// The reader has gone, is too slow, or cannot be told.
struct Gone;

struct Listening {
    service: Service,
    staff: Staff,
    chat_id: String,
    news: ChatWatch,
    ending: watch::Receiver<bool>,
    sender: Sender<Result<Event, Infallible>>,
    /// The number of the last line that was sent.
    after: u32,
}

impl Listening {
    async fn go_on(mut self, _permit: OwnedSemaphorePermit) {
        let until = Instant::now() + STREAM_FOR;
        let mut typed = None;
        while Instant::now() < until && !*self.ending.borrow() {
            let typing = self.news.borrow_and_update().customer_typing_until;
            if typing != typed && self.tell_typing(typing).await.is_err() {
                return;
            }
            typed = typing;
            match self.tell().await {
                Ok(false) => {}
                Ok(true) | Err(Gone) => return,
            }
            let again = until.min(Instant::now() + LOOKS_EVERY);
            tokio::select! {
                _ = self.news.changed() => {}
                _ = self.ending.changed() => {}
                () = sleep_until(again) => {}
                () = self.sender.closed() => return,
            }
        }
    }

    /// Tells what is new, and whether the chat is over.
    async fn tell(&mut self) -> Result<bool, Gone> {
        seen(&self.service, &self.staff, &self.chat_id).await.map_err(|_| Gone)?;
        loop {
            let now = self.service.clock.now();
            let view = self.service.counter.chat(&self.staff.caller, &self.chat_id, self.after, now).await;
            let view = view.map_err(|_| Gone)?;
            let frame = Frame::of(&self.staff.visitor, Room::Desk, "");
            for line in &view.lines {
                let line = LineShown::of(&frame, line);
                let seq = line.seq;
                // What was typed in a form has carriage returns, each of which a stream would make an end of a line.
                let html = LinePart { frame: &frame, line }.render().map_err(|_| Gone)?.replace('\r', "");
                self.send(Event::default().id(seq.to_string()).event("line").data(html)).await?;
                self.after = seq;
            }
            if self.after < view.last_seq && !view.lines.is_empty() {
                continue;
            }
            let over = view.state == "ended";
            if over {
                self.send(Event::default().event("over").data("over")).await?;
            }
            return Ok(over);
        }
    }

    /// That the customer types, for so many milliseconds.
    async fn tell_typing(&self, until: Option<Timestamp>) -> Result<(), Gone> {
        let left = until.map(|until| until.duration_since(self.service.clock.now()).as_millis());
        match left.filter(|left| *left > 0) {
            Some(left) => self.send(Event::default().event("typing").data(left.to_string())).await,
            None => Ok(()),
        }
    }

    async fn send(&self, event: Event) -> Result<(), Gone> {
        self.sender.send_timeout(Ok(event), SLOWEST).await.map_err(|_| Gone)
    }
}
