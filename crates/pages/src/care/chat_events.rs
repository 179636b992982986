//! A chat as a stream for its page: lines and where the chat stands, as parts of the page in the visitor's language.
//!
//! What is new is read from the books when the hub says that there is something, and every ten seconds. A stream ends
//! with its reader, its chat, its time or the service; the browser then comes again, after the last line it got.

use std::convert::Infallible;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use choba_app::{ChatNews, ChatWatch};
use choba_server::{Problem, Service};
use tokio::sync::mpsc::{self, Sender};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, sleep_until};
use tokio_stream::wrappers::ReceiverStream;

use super::chat::{ChatPage, seen};
use super::line::LinePart;
use crate::fields::Fields;
use crate::frame::{Frame, Room};
use crate::visitor::Shopper;

const HEARTBEAT: Duration = Duration::from_secs(15);
const STREAM_FOR: Duration = Duration::from_secs(10 * 60);
const SLOWEST: Duration = Duration::from_secs(30);
const LOOKS_EVERY: Duration = Duration::from_secs(10);

pub async fn events(
    State(service): State<Service>,
    shopper: Shopper,
    Path(chat_id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let after = last.unwrap_or(query.one("after")).parse().unwrap_or(0);
    // Before anything is read, so that nothing is missed between.
    let news = service.counter.watch_chat(&shopper.caller, &chat_id).await?;
    let permit = service.telling.chats.clone().try_acquire_owned();
    let permit = permit.map_err(|_| Problem::unavailable("streams", "Too many streams are open."))?;
    let (sender, receiver) = mpsc::channel(1);
    let ending = service.ending.subscribe();
    let listening = Listening { service, shopper, chat_id, news, ending, sender, after, standing: None };
    tokio::spawn(listening.go_on(permit));
    let alive = KeepAlive::new().interval(HEARTBEAT).text("heartbeat");
    Ok(Sse::new(ReceiverStream::new(receiver)).keep_alive(alive).into_response())
}

/// The reader has gone, is too slow, or cannot be told.
struct Gone;

struct Listening {
    service: Service,
    shopper: Shopper,
    chat_id: String,
    news: ChatWatch,
    ending: watch::Receiver<bool>,
    sender: Sender<Result<Event, Infallible>>,
    /// The number of the last line that was sent.
    after: u32,
    /// Where the chat stood when that was sent last.
    standing: Option<String>,
}

impl Listening {
    async fn go_on(mut self, _permit: OwnedSemaphorePermit) {
        let until = Instant::now() + STREAM_FOR;
        let mut typed = None;
        while Instant::now() < until && !*self.ending.borrow() {
            let news = *self.news.borrow_and_update();
            let Ok(told) = self.tell_typing(news, typed).await else { return };
            typed = told;
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
        let (caller, now) = (&self.shopper.caller, self.service.clock.now());
        seen(&self.service, caller, &self.chat_id).await.map_err(|_| Gone)?;
        loop {
            let view = self.service.counter.chat(caller, &self.chat_id, self.after, now).await;
            let view = view.map_err(|_| Gone)?;
            let frame = Frame::of(&self.shopper.visitor, Room::Shopper, "/cases");
            let (last_seq, page) = (view.last_seq, ChatPage::of(frame, &view, String::new()));
            for line in &page.lines {
                let part = LinePart { frame: &page.frame, line: line.clone() };
                // What was typed in a form has carriage returns, each of which a stream would make an end of a line.
                let html = part.render().map_err(|_| Gone)?.replace('\r', "");
                self.send(Event::default().id(line.seq.to_string()).event("line").data(html)).await?;
                self.after = line.seq;
            }
            if self.after < last_seq && !page.lines.is_empty() {
                continue;
            }
            let html = page.as_standing().render().map_err(|_| Gone)?;
            if self.standing.as_ref() != Some(&html) {
                self.send(Event::default().event("standing").data(&html)).await?;
                self.standing = Some(html);
            }
            if !page.standing.is_open() {
                self.send(Event::default().event("over").data("over")).await?;
            }
            return Ok(!page.standing.is_open());
        }
    }

    /// That the agent types, where that is news.
    async fn tell_typing(
        &self,
        news: ChatNews,
        told: Option<jiff::Timestamp>,
    ) -> Result<Option<jiff::Timestamp>, Gone> {
        let now = self.service.clock.now();
        match news.agent_typing_until {
            Some(until) if told.is_none_or(|told| told < until) && until > now => {
                let left = until.duration_since(now).as_millis().to_string();
                self.send(Event::default().event("typing").data(left)).await?;
                Ok(Some(until))
            }
            _ => Ok(told),
        }
    }

    async fn send(&self, event: Event) -> Result<(), Gone> {
        self.sender.send_timeout(Ok(event), SLOWEST).await.map_err(|_| Gone)
    }
}
