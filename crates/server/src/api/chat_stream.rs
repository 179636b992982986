//! A chat as a stream of server-sent events: what is new is read from the books when the hub says that there is something,
//! and nothing is read while nothing happens.
//!
//! A stream waits for its reader: what the reader has not taken yet is not read from the books.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use choba_app::{Caller, ChatNews, ChatView, ChatWatch, Counter};
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::mpsc::Sender;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio::time::{Instant, sleep_until};
use tokio_stream::wrappers::ReceiverStream;

use super::chats::{ChatLineShown, ChatPlaceShown};
use crate::{Clock, Problem, Service};

/// A stream says so often that it is there.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// A stream ends after so long, so that its reader shows its token again.
const STREAM_FOR: Duration = Duration::from_secs(15 * 60);

/// A reader that takes nothing for so long is left.
const SLOWEST: Duration = Duration::from_secs(30);

/// Whoever waits hears so often how many wait before them.
const PLACE_EVERY: Duration = Duration::from_secs(10);

/// That somebody types.
#[derive(Serialize)]
struct Typing {
    by: &'static str,
    until: Timestamp,
}

/// A stream of a chat after a line. What cannot be begun is answered as a problem.
pub async fn stream(
    service: Service,
    caller: Caller,
    chat_id: String,
    after: u32,
) -> Result<Response, Problem> {
    // Before anything is read, so that nothing is missed between.
    let news = service.counter.watch_chat(&caller, &chat_id).await?;
    let permit = service.telling.chats.clone().try_acquire_owned();
    let permit = permit.map_err(|_| Problem::unavailable("streams", "Too many streams are open."))?;
    let (sender, receiver) = mpsc::channel(1);
    let ending = service.ending.subscribe();
    let (counter, clock) = (service.counter.clone(), service.clock.clone());
    let listening = Listening { counter, clock, caller, chat_id, news, ending, sender, after, place: None };
    tokio::spawn(listening.go_on(permit));
    let keep_alive = KeepAlive::new().interval(HEARTBEAT).text("heartbeat");
    Ok(Sse::new(ReceiverStream::new(receiver)).keep_alive(keep_alive).into_response())
}

/// A reader has gone, or is too slow.
struct Gone;

/// How a stream stands after it told what there was.
enum Told {
    /// There is more already.
    More,
    /// All is told, and the chat waits for somebody.
    Waiting,
    /// All is told.
    All,
    /// The chat is over.
    Over,
    /// It cannot be read now.
    Unavailable,
}

/// A stream under way. It ends with its reader, its chat, its time, or the service.
struct Listening {
    counter: Counter,
    clock: Clock,
    caller: Caller,
    chat_id: String,
    news: ChatWatch,
    ending: watch::Receiver<bool>,
    sender: Sender<Result<Sent, Infallible>>,
    /// The number of the last line that was sent.
    after: u32,
    place: Option<ChatPlaceShown>,
}

impl Listening {
    async fn go_on(mut self, _permit: OwnedSemaphorePermit) {
        if let Ok(why) = self.tell_all().await {
            let _ = self.send(Sent::default().event("end").data(why)).await;
        }
    }

    /// Tells until the end, and why it is the end.
    async fn tell_all(&mut self) -> Result<&'static str, Gone> {
        let (until, mut typed, mut told) = (Instant::now() + STREAM_FOR, None, Told::More);
        while Instant::now() < until && !*self.ending.borrow() {
            let news = *self.news.borrow_and_update();
            if news.last_seq > self.after || !matches!(told, Told::All) {
                // Reading takes far more memory than waiting, which most streams do most of the time.
                told = Box::pin(self.look()).await?;
            }
            typed = self.tell_typing(news, typed).await?;
            let again = match told {
                Told::Over => return Ok("ended"),
                Told::Unavailable => return Ok("unavailable"),
                Told::More => continue,
                Told::Waiting => until.min(Instant::now() + PLACE_EVERY),
                Told::All => until,
            };
            tokio::select! {
                _ = self.news.changed() => {}
                _ = self.ending.changed() => {}
                () = sleep_until(again) => {}
                () = self.sender.closed() => return Err(Gone),
            }
        }
        Ok("time")
    }

    /// Reads what is new, and tells it.
    async fn look(&mut self) -> Result<Told, Gone> {
        match self.counter.chat(&self.caller, &self.chat_id, self.after, self.clock.now()).await {
            Ok(view) => self.tell(view).await,
            Err(error) => {
                tracing::warn!(%error, "a stream of a chat ends");
                Ok(Told::Unavailable)
            }
        }
    }

    async fn tell(&mut self, view: ChatView) -> Result<Told, Gone> {
        let (last_seq, over) = (view.last_seq, view.state == "ended");
        for line in view.lines {
            let seq = line.seq;
            let line = ChatLineShown::from(line);
            self.send_json(Sent::default().id(seq.to_string()).event("line"), &line).await?;
            self.after = seq;
        }
        let place = view.place.map(ChatPlaceShown::from);
        if place != self.place {
            if let Some(place) = &place {
                self.send_json(Sent::default().event("place"), place).await?;
            }
            self.place = place;
        }
        Ok(match (self.after < last_seq, over) {
            (true, _) => Told::More,
            (false, true) => Told::Over,
            (false, false) if self.place.is_some() => Told::Waiting,
            (false, false) => Told::All,
        })
    }

    /// That the other side types, where that is news.
    async fn tell_typing(&self, news: ChatNews, told: Option<Timestamp>) -> Result<Option<Timestamp>, Gone> {
        let (by, until) = match self.caller {
            Caller::Customer { .. } => ("agent", news.agent_typing_until),
            _ => ("customer", news.customer_typing_until),
        };
        match until {
            Some(until) if told.is_none_or(|told| told < until) && until > self.clock.now() => {
                self.send_json(Sent::default().event("typing"), &Typing { by, until }).await?;
                Ok(Some(until))
            }
            _ => Ok(told),
        }
    }

    async fn send_json(&self, event: Sent, value: &impl Serialize) -> Result<(), Gone> {
        let data = serde_json::to_string(value).map_err(|_| Gone)?;
        self.send(event.data(data)).await
    }

    async fn send(&self, event: Sent) -> Result<(), Gone> {
        self.sender.send_timeout(Ok(event), SLOWEST).await.map_err(|_| Gone)
    }
}
