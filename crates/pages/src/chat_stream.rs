//! A chat as a stream for its page, whichever side reads it: lines and where the chat stands, as parts of the page, and that
//! the other side types.
//!
//! What is new is read from the books when the hub says that there is something, and every ten seconds. A stream ends
//! with its reader, its chat, its time or the service; the browser then comes again, after the last line it got.

use std::convert::Infallible;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use choba_app::{AppError, Caller, ChatNews, ChatView, ChatWatch};
use choba_server::{Problem, Service};
use jiff::Timestamp;
use tokio::sync::mpsc::{self, Sender};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, sleep_until};
use tokio_stream::wrappers::ReceiverStream;

use crate::fields::Fields;

const HEARTBEAT: Duration = Duration::from_secs(15);
const STREAM_FOR: Duration = Duration::from_secs(10 * 60);
const SLOWEST: Duration = Duration::from_secs(30);
const LOOKS_EVERY: Duration = Duration::from_secs(10);

/// Who reads a chat, and how they see it.
pub trait Side: Send + Sync + 'static {
    /// Who.
    fn caller(&self) -> &Caller;
    /// The parts of the page that a view of the chat changes.
    fn parts(&self, view: &ChatView) -> askama::Result<Parts>;
    /// Until when the other side is shown as typing.
    fn other_types_until(&self, news: ChatNews) -> Option<Timestamp>;
}

/// Parts of a page.
pub struct Parts {
    /// Lines with their numbers.
    pub lines: Vec<(u32, String)>,
    /// Where the chat stands, if the page shows it.
    pub standing: Option<String>,
}

/// The stream of a chat, after the line that the reader got last.
pub async fn stream(
    service: Service,
    side: impl Side,
    chat_id: String,
    query: Option<String>,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let after = last.unwrap_or(query.one("after")).parse().unwrap_or(0);
    // Before anything is read, so that nothing is missed between.
    let news = service.counter.watch_chat(side.caller(), &chat_id).await?;
    let permit = service.telling.chats.clone().try_acquire_owned();
    let permit = permit.map_err(|_| Problem::unavailable("streams", "Too many streams are open."))?;
    let (sender, receiver) = mpsc::channel(1);
    let ending = service.ending.subscribe();
    let listening = Listening { service, side, chat_id, news, ending, sender, after, standing: None };
    tokio::spawn(listening.go_on(permit));
    let alive = KeepAlive::new().interval(HEARTBEAT).text("heartbeat");
    Ok(Sse::new(ReceiverStream::new(receiver)).keep_alive(alive).into_response())
}

/// Says that a side is there. Whoever may only read a chat, or comes when it is over, reads it all the same.
pub async fn seen(service: &Service, caller: &Caller, chat_id: &str) -> Result<(), AppError> {
    match service.counter.seen_in_chat(caller, chat_id, service.clock.now()).await {
        Ok(_) | Err(AppError::Chat(_) | AppError::NotAllowed { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// A chat with all of its lines, however many are read at once.
pub async fn whole(service: &Service, caller: &Caller, chat_id: &str) -> Result<ChatView, AppError> {
    let (counter, now) = (&service.counter, service.clock.now());
    let mut view = counter.chat(caller, chat_id, 0, now).await?;
    while let Some(last) = view.lines.last().map(|line| line.seq).filter(|last| *last < view.last_seq) {
        let more = counter.chat(caller, chat_id, last, now).await?.lines;
        if more.is_empty() {
            break;
        }
        view.lines.extend(more);
    }
    Ok(view)
}

/// What was typed in a form has carriage returns, each of which a stream would make an end of a line.
fn for_stream(html: &str) -> String {
    html.replace('\r', "")
}

/// The reader has gone, is too slow, or cannot be told.
struct Gone;

struct Listening<S> {
    service: Service,
    side: S,
    chat_id: String,
    news: ChatWatch,
    ending: watch::Receiver<bool>,
    sender: Sender<Result<Event, Infallible>>,
    /// The number of the last line that was sent.
    after: u32,
    /// Where the chat stood when that was sent last.
    standing: Option<String>,
}

impl<S: Side> Listening<S> {
    async fn go_on(mut self, _permit: OwnedSemaphorePermit) {
        let until = Instant::now() + STREAM_FOR;
        let mut typed = None;
        while Instant::now() < until && !*self.ending.borrow() {
            let types_until = self.side.other_types_until(*self.news.borrow_and_update());
            if types_until != typed && self.tell_typing(types_until).await.is_err() {
                return;
            }
            typed = types_until;
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
        seen(&self.service, self.side.caller(), &self.chat_id).await.map_err(|_| Gone)?;
        loop {
            let now = self.service.clock.now();
            let view = self.service.counter.chat(self.side.caller(), &self.chat_id, self.after, now).await;
            let view = view.map_err(|_| Gone)?;
            let parts = self.side.parts(&view).map_err(|_| Gone)?;
            let more = !parts.lines.is_empty();
            for (seq, html) in parts.lines {
                let event = Event::default().id(seq.to_string()).event("line").data(for_stream(&html));
                self.send(event).await?;
                self.after = seq;
            }
            if more && self.after < view.last_seq {
                continue;
            }
            if parts.standing != self.standing {
                let html = for_stream(parts.standing.as_deref().unwrap_or_default());
                self.send(Event::default().event("standing").data(html)).await?;
                self.standing = parts.standing;
            }
            let over = view.state == "ended";
            if over {
                self.send(Event::default().event("over").data("over")).await?;
            }
            return Ok(over);
        }
    }

    /// That the other side types, for so many milliseconds.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_typed_on_several_lines_is_one_event_with_all_of_them() {
        let event = Event::default().id("3").event("line").data(for_stream("<li>one\r\n\r\ntwo</li>"));
        let body = Sse::new(tokio_stream::once(Ok::<_, Infallible>(event))).into_response().into_body();
        let text = axum::body::to_bytes(body, 1_000).await.unwrap();
        assert_eq!(text, "id: 3\nevent: line\ndata: <li>one\ndata: \ndata: two</li>\n\n");
    }
}
