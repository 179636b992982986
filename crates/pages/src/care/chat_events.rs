//! A chat as a stream for its customer's page.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use choba_app::{Caller, ChatNews, ChatView};
use choba_server::{Problem, Service};
use jiff::Timestamp;

use super::chat::ChatPage;
use super::line::LinePart;
use crate::chat_stream::{Parts, Side, stream};
use crate::frame::{Frame, Room};
use crate::visitor::Shopper;

pub async fn events(
    State(service): State<Service>,
    shopper: Shopper,
    Path(chat_id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    stream(service, shopper, chat_id, query, &headers).await
}

impl Side for Shopper {
    fn caller(&self) -> &Caller {
        &self.caller
    }

    fn parts(&self, view: &ChatView) -> askama::Result<Parts> {
        let page = ChatPage::of(Frame::of(&self.visitor, Room::Shopper, "/cases"), view, String::new());
        let part = |line: &super::line::LineShown| {
            Ok((line.seq, LinePart { frame: &page.frame, line: line.clone() }.render()?))
        };
        let lines = page.lines.iter().map(part).collect::<askama::Result<_>>()?;
        Ok(Parts { lines, standing: Some(page.as_standing().render()?) })
    }

    fn other_types_until(&self, news: ChatNews) -> Option<Timestamp> {
        news.agent_typing_until
    }
}
