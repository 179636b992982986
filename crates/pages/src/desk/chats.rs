//! Chats: those that wait, and one's own, several side by side.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use choba_app::{AppError, Right, WaitingChat};
use choba_care::chat::{ChatRefusal, LineKind, TranscriptLine};
use choba_care::reply_template::ReplyTemplate;
use choba_server::{Problem, Service};
use jiff::Timestamp;

use super::names::new_key;
use crate::chat_stream::{seen, whole};
use crate::fields::Fields;
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{done, page_with};
use crate::visitor::Staff;

/// So many chats are shown side by side.
const SHOWN: usize = 6;

/// Chats at the desk: all of one's own, or one.
#[derive(Template)]
#[template(path = "desk/chats.html")]
pub struct ChatsPage {
    pub frame: Frame,
    /// One chat by itself.
    pub alone: bool,
    pub waiting: Vec<WaitingChat>,
    pub chats: Vec<ChatPanel>,
    pub templates: Vec<ReplyTemplate>,
    pub notice: Option<String>,
}

/// A chat with the field to answer in it.
pub struct ChatPanel {
    pub chat_id: String,
    pub case_id: String,
    pub customer: Option<String>,
    pub state: &'static str,
    pub lines: Vec<LineShown>,
    pub last_seq: u32,
    pub text: String,
    pub client_id: String,
}

impl ChatPanel {
    /// Whether something can be said in it.
    pub fn is_open(&self) -> bool {
        matches!(self.state, "assigned" | "active")
    }
}

/// A line of a chat as the desk reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineShown {
    pub seq: u32,
    pub at: Timestamp,
    pub class: &'static str,
    pub by: String,
    pub text: String,
}

impl LineShown {
    /// A line in the visitor's language.
    pub fn of(frame: &Frame, line: &TranscriptLine) -> Self {
        let told = |id: &str| ("told", frame.say(id).to_string());
        let (class, text) = match &line.kind {
            LineKind::Text { text } if line.from == "customer" => ("theirs", text.clone()),
            LineKind::Text { text } => ("mine", text.clone()),
            LineKind::AgentJoined { alias } => {
                ("told", frame.say("desk-chat-joined").with("alias", alias.clone()).to_string())
            }
            LineKind::AgentLost => told("desk-chat-lost"),
            LineKind::IdleWarning => told("desk-chat-idle"),
            LineKind::Ended { .. } => told("desk-chat-ended"),
        };
        let by = match class {
            "theirs" => frame.say("desk-by-customer").to_string(),
            _ => line.alias.clone().unwrap_or_default(),
        };
        Self { seq: line.seq, at: line.at, class, by, text }
    }
}

/// A line by itself.
#[derive(Template)]
#[template(path = "desk/chat_line.html")]
pub struct LinePart<'f> {
    pub frame: &'f Frame,
    pub line: LineShown,
}

async fn panel(
    service: &Service,
    staff: &Staff,
    frame: &Frame,
    chat_id: &str,
    text: String,
) -> Result<ChatPanel, AppError> {
    let view = whole(service, &staff.caller, chat_id).await?;
    Ok(ChatPanel {
        lines: view.lines.iter().map(|line| LineShown::of(frame, line)).collect(),
        chat_id: view.chat_id,
        case_id: view.case_id,
        customer: None,
        state: view.state,
        last_seq: view.last_seq,
        text,
        client_id: new_key(&service.counter),
    })
}

pub async fn show(State(service): State<Service>, staff: Staff) -> Result<Response, Problem> {
    all(&service, &staff, StatusCode::OK, None).await
}

/// One's own chats and those that wait.
async fn all(
    service: &Service,
    staff: &Staff,
    status: StatusCode,
    notice: Option<String>,
) -> Result<Response, Problem> {
    let market = &staff.visitor.market;
    let frame = Frame::of(&staff.visitor, Room::Desk, "/desk/chats");
    let own = match staff.caller.has(Right::CareDesk) {
        true => service.counter.own_chats(&staff.caller, market).await?,
        false => Vec::new(),
    };
    let mut chats = Vec::new();
    for own in own.into_iter().take(SHOWN) {
        seen(service, &staff.caller, &own.chat_id).await?;
        let panel = panel(service, staff, &frame, &own.chat_id, String::new()).await?;
        chats.push(ChatPanel { customer: Some(own.customer_id), ..panel });
    }
    let page = ChatsPage {
        alone: false,
        waiting: service.counter.waiting_chats(&staff.caller, market).await?,
        chats,
        templates: canned(service, staff).await?,
        notice,
        frame,
    };
    page_with(status, &page)
}

async fn canned(service: &Service, staff: &Staff) -> Result<Vec<ReplyTemplate>, AppError> {
    let templates = service.counter.reply_templates(&staff.caller, &staff.visitor.market).await?;
    let language = staff.visitor.language.tag();
    Ok(templates.into_iter().filter(|template| template.language == language).collect())
}

pub async fn one(
    State(service): State<Service>,
    staff: Staff,
    Path(chat_id): Path<String>,
) -> Result<Response, Problem> {
    seen(&service, &staff.caller, &chat_id).await?;
    alone(&service, &staff, &chat_id, StatusCode::OK, String::new(), None).await
}

/// One chat with what was typed in it.
async fn alone(
    service: &Service,
    staff: &Staff,
    chat_id: &str,
    status: StatusCode,
    text: String,
    notice: Option<String>,
) -> Result<Response, Problem> {
    let frame = Frame::of(&staff.visitor, Room::Desk, "/desk/chats");
    let chat = panel(service, staff, &frame, chat_id, text).await?;
    let page = ChatsPage {
        alone: true,
        waiting: Vec::new(),
        chats: vec![chat],
        templates: canned(service, staff).await?,
        notice,
        frame,
    };
    page_with(status, &page)
}

pub async fn next(State(service): State<Service>, staff: Staff, _: Form) -> Result<Response, Problem> {
    let (market, now) = (&staff.visitor.market, service.clock.now());
    match service.counter.take_next_chat(&staff.caller, market, now).await {
        Ok(Some(_)) => Ok(done("/desk/chats", "desk-chat-taken")),
        Ok(None) => Ok(done("/desk/chats", "desk-no-chats")),
        Err(error @ AppError::Chat(_)) => {
            let problem = Problem::from(error);
            all(&service, &staff, problem.status(), problem.message(staff.visitor.language)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn take(
    State(service): State<Service>,
    staff: Staff,
    Path(chat_id): Path<String>,
    _: Form,
) -> Result<Response, Problem> {
    match service.counter.take_chat(&staff.caller, &chat_id, service.clock.now()).await {
        Ok(_) => Ok(done("/desk/chats", "desk-chat-taken")),
        Err(error) => refused(&service, &staff, &chat_id, error, String::new()).await,
    }
}

/// Says something, or fills a template into the field where it can be changed before it is said.
pub async fn say(
    State(service): State<Service>,
    staff: Staff,
    Path(chat_id): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let text = fields.one("text").to_owned();
    if fields.says("do", "fill") {
        return fill(&service, &staff, &chat_id, &fields).await;
    }
    let now = service.clock.now();
    match service.counter.say_in_chat(&staff.caller, &chat_id, fields.one("client_id"), &text, now).await {
        Ok(_) if fields.says("alone", "yes") => {
            Ok(Redirect::to(&format!("/desk/chats/{chat_id}")).into_response())
        }
        Ok(_) => Ok(Redirect::to(&format!("/desk/chats#{chat_id}")).into_response()),
        Err(error) => refused(&service, &staff, &chat_id, error, text).await,
    }
}

async fn fill(service: &Service, staff: &Staff, chat_id: &str, fields: &Fields) -> Result<Response, Problem> {
    let now = service.clock.now();
    let case_id = service.counter.chat(&staff.caller, chat_id, u32::MAX, now).await?.case_id;
    let (template, typed) = (fields.one("template"), BTreeMap::new());
    match service.counter.fill_template(&staff.caller, &case_id, template, &typed, now).await {
        Ok((text, _)) => alone(service, staff, chat_id, StatusCode::OK, text, None).await,
        Err(error) => refused(service, staff, chat_id, error, fields.one("text").to_owned()).await,
    }
}

/// The chat again, with why it was not done and what was typed.
async fn refused(
    service: &Service,
    staff: &Staff,
    chat_id: &str,
    error: AppError,
    text: String,
) -> Result<Response, Problem> {
    let frame = Frame::of(&staff.visitor, Room::Desk, "/desk/chats");
    let notice = match &error {
        AppError::Chat(ChatRefusal::Taken) => frame.say("desk-chat-is-taken"),
        AppError::Chat(ChatRefusal::Ended) => frame.say("desk-chat-is-over"),
        AppError::Chat(ChatRefusal::Empty) => frame.say("desk-fault-text"),
        AppError::Chat(_) | AppError::Template(_) => {
            frame.say("desk-refused-other").with("detail", error.to_string())
        }
        _ => return Err(error.into()),
    };
    let status = Problem::from(error).status();
    alone(service, staff, chat_id, status, text, Some(notice.to_string())).await
}

pub async fn typing(
    State(service): State<Service>,
    staff: Staff,
    Path(chat_id): Path<String>,
    _: Form,
) -> Result<StatusCode, Problem> {
    service.counter.typing_in_chat(&staff.caller, &chat_id, service.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn give_back(
    State(service): State<Service>,
    staff: Staff,
    Path(chat_id): Path<String>,
    _: Form,
) -> Result<Response, Problem> {
    match service.counter.give_back_chat(&staff.caller, &chat_id, service.clock.now()).await {
        Ok(_) => Ok(done("/desk/chats", "desk-chat-given-back")),
        Err(error) => refused(&service, &staff, &chat_id, error, String::new()).await,
    }
}

pub async fn end(
    State(service): State<Service>,
    staff: Staff,
    Path(chat_id): Path<String>,
    _: Form,
) -> Result<Response, Problem> {
    match service.counter.end_chat(&staff.caller, &chat_id, service.clock.now()).await {
        Ok(_) => Ok(done(&format!("/desk/chats/{chat_id}"), "desk-chat-over")),
        Err(error) => refused(&service, &staff, &chat_id, error, String::new()).await,
    }
}
