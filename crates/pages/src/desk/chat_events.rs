//! A chat as a stream for the desk's page.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use choba_app::{Caller, ChatNews, ChatView};
use choba_server::{Problem, Service};
use jiff::Timestamp;

use super::chats::{LinePart, LineShown};
use crate::chat_stream::{Parts, Side, stream};
use crate::frame::{Frame, Room};
use crate::visitor::Staff;

pub async fn events(
    State(service): State<Service>,
    staff: Staff,
    Path(chat_id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    stream(service, staff, chat_id, query, &headers).await
}

impl Side for Staff {
    fn caller(&self) -> &Caller {
        &self.caller
    }

    fn parts(&self, view: &ChatView) -> askama::Result<Parts> {
        let frame = Frame::of(&self.visitor, Room::Desk, "");
        let part = |line| {
            let line = LineShown::of(&frame, line);
            Ok((line.seq, LinePart { frame: &frame, line }.render()?))
        };
        Ok(Parts { lines: view.lines.iter().map(part).collect::<askama::Result<_>>()?, standing: None })
    }

    fn other_types_until(&self, news: ChatNews) -> Option<Timestamp> {
        news.customer_typing_until
    }
}
