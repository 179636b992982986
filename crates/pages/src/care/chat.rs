//! `/chats/{id}`: a chat. It works without scripts; with them it is live.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use choba_app::{AppError, ChatRequested, ChatView, OpenCase, Right};
use choba_care::case::Channel;
use choba_care::chat::ChatRefusal;
use choba_server::{Problem, Service};

use super::contact::{AskedAbout, drawn};
use super::line::LineShown;
use super::offers::band;
use crate::chat_stream::{seen, whole};
use crate::fields::{Faults, Fields};
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{done, page, page_with};
use crate::visitor::Shopper;

/// A chat.
#[derive(Template)]
#[template(path = "care/chat.html", blocks = ["standing"])]
pub struct ChatPage {
    pub frame: Frame,
    pub chat_id: String,
    pub case_id: String,
    pub standing: Standing,
    pub last_seq: u32,
    pub lines: Vec<LineShown>,
    /// The name of the next line, so that it is said once.
    pub client_id: String,
    pub text: String,
    pub faults: Faults,
}

/// Where a chat stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// `queued`, `assigned`, `active`, `ended`.
    pub state: &'static str,
    pub agent: Option<String>,
    /// How many wait before it.
    pub ahead: Option<i64>,
    pub wait: Option<String>,
}

impl Standing {
    pub fn of(frame: &Frame, view: &ChatView) -> Self {
        Self {
            state: view.state,
            agent: view.agent.clone(),
            ahead: view.place.as_ref().map(|place| place.ahead),
            wait: view.place.as_ref().and_then(|place| place.wait).map(|wait| band(frame, wait)),
        }
    }

    /// Whether something can be said.
    pub fn is_open(&self) -> bool {
        self.state != "ended"
    }
}

impl ChatPage {
    /// The page of a chat with these lines.
    pub fn of(frame: Frame, view: &ChatView, client_id: String) -> Self {
        Self {
            chat_id: view.chat_id.clone(),
            case_id: view.case_id.clone(),
            standing: Standing::of(&frame, view),
            last_seq: view.lines.last().map_or(0, |line| line.seq),
            lines: view.lines.iter().map(|line| LineShown::of(&frame, line)).collect(),
            client_id,
            text: String::new(),
            faults: Faults::none(),
            frame,
        }
    }

    async fn drawn(service: &Service, shopper: &Shopper, chat: &str) -> Result<Self, Problem> {
        let view = whole(service, &shopper.caller, chat).await?;
        let frame = Frame::of(&shopper.visitor, Room::Shopper, "/cases");
        // A name that nobody else gives a line: letters, digits and dashes.
        let client_id: String = service.counter.draw_session_token().reveal().chars().take(32).collect();
        Ok(Self::of(frame, &view, client_id))
    }
}

/// Opens the case of a matter, or goes on in one, and asks for a chat about it.
pub async fn start(
    State(service): State<Service>,
    shopper: Shopper,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let (asked, now) = (AskedAbout::of(&fields), service.clock.now());
    let case_id = match fields.one("case") {
        "" => case_for(&service, &shopper, &fields, &asked).await?,
        case => case.to_owned(),
    };
    match service.counter.request_chat(&shopper.caller, &case_id, now).await? {
        ChatRequested::Started(chat) | ChatRequested::AlreadyOpen(chat) => {
            Ok(Redirect::to(&format!("/chats/{}", chat.chat_id)).into_response())
        }
        ChatRequested::NewOffers { .. } if asked.topic.is_empty() => {
            Ok(done(&format!("/cases/{case_id}"), "care-chat-closed"))
        }
        ChatRequested::NewOffers { .. } => {
            let mut contact = drawn(&service, &shopper, asked).await?;
            contact.faults = Faults::one("chat", contact.frame.say("care-chat-not-now"));
            page_with(StatusCode::CONFLICT, &contact)
        }
    }
}

async fn case_for(
    service: &Service,
    shopper: &Shopper,
    fields: &Fields,
    asked: &AskedAbout,
) -> Result<String, Problem> {
    let whose = shopper.whose(Right::CasesWrite)?;
    let key =
        choba_app::Key::new(fields.one("key"), "open_case", &whose.customer_id, asked.query().as_bytes())?;
    let open = OpenCase {
        topic: asked.topic.clone(),
        question: asked.question.clone(),
        order_id: asked.order_id().map(str::to_owned),
        text: None,
        language: shopper.visitor.language.tag().to_owned(),
        channel: Channel::Chat,
        evidence: serde_json::json!({}),
    };
    let now = service.clock.now();
    Ok(service.counter.open_case(&shopper.caller, &whose, open, key, now).await?.case_id)
}

pub async fn show(
    State(service): State<Service>,
    shopper: Shopper,
    Path(chat): Path<String>,
) -> Result<Response, Problem> {
    seen(&service, &shopper.caller, &chat).await?;
    page(&ChatPage::drawn(&service, &shopper, &chat).await?)
}

pub async fn say(
    State(service): State<Service>,
    shopper: Shopper,
    Path(chat): Path<String>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let (text, now) = (fields.one("text"), service.clock.now());
    let said = service.counter.say_in_chat(&shopper.caller, &chat, fields.one("client_id"), text, now).await;
    let fault = match said {
        Ok(_) => return Ok(Redirect::to(&format!("/chats/{chat}#say")).into_response()),
        Err(AppError::Chat(ChatRefusal::Empty)) => "care-text-missing",
        Err(AppError::Chat(ChatRefusal::TooLong { .. })) => "care-text-long",
        Err(AppError::Chat(ChatRefusal::Ended)) => "care-chat-over",
        Err(error) => return Err(error.into()),
    };
    let mut again = ChatPage::drawn(&service, &shopper, &chat).await?;
    again.faults = Faults::one("text", again.frame.say(fault));
    again.text = text.to_owned();
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &again)
}

pub async fn typing(
    State(service): State<Service>,
    shopper: Shopper,
    Path(chat): Path<String>,
    _: Form,
) -> Result<StatusCode, Problem> {
    service.counter.typing_in_chat(&shopper.caller, &chat, service.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn end(
    State(service): State<Service>,
    shopper: Shopper,
    Path(chat): Path<String>,
    _: Form,
) -> Result<Response, Problem> {
    service.counter.end_chat(&shopper.caller, &chat, service.clock.now()).await?;
    Ok(done(&format!("/chats/{chat}"), "care-chat-left"))
}
