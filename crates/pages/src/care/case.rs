//! `/cases/{id}`: a matter as its customer sees it, and what they say in it, with pictures.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use choba_app::{AppError, Attach, CustomerWord, Key, OpenCase, Right};
use choba_care::attachment::AttachmentFault;
use choba_care::case::{CaseRefusal, Channel, PublicCase, PublicLine};
use choba_server::{Problem, Service};
use jiff::Timestamp;

use super::case_list::about;
use super::contact::{AskedAbout, Step, drawn as contact_drawn};
use super::posted::Posted;
use crate::fields::{Faults, Fields};
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::{done, page, page_with};
use crate::visitor::Shopper;

/// A case.
#[derive(Template)]
#[template(path = "care/case.html")]
pub struct CasePage {
    pub frame: Frame,
    pub case_id: String,
    pub number: String,
    pub about: String,
    pub state: &'static str,
    pub order_number: Option<String>,
    pub summary: Option<String>,
    pub reopens_until: Option<Timestamp>,
    /// Id and number of the case that goes on in its place.
    pub continues_as: Option<(String, String)>,
    pub lines: Vec<CaseLine>,
    pub key: String,
    pub text: String,
    pub faults: Faults,
}

/// Something said, or something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseLine {
    pub at: Timestamp,
    /// `mine`, `theirs`, `told`.
    pub side: &'static str,
    pub by: String,
    pub text: String,
    /// Pictures: id and name.
    pub files: Vec<(String, String)>,
}

impl CaseLine {
    fn of(frame: &Frame, line: &PublicLine) -> Self {
        let told = |at: &Timestamp, text: String| Self {
            at: *at,
            side: "told",
            by: String::new(),
            text,
            files: Vec::new(),
        };
        match line {
            PublicLine::Message(said) => Self {
                at: said.at,
                side: if said.agent.is_some() { "theirs" } else { "mine" },
                by: said.agent.clone().unwrap_or_else(|| frame.say("care-you").to_string()),
                text: said.text.clone(),
                files: Vec::new(),
            },
            PublicLine::Moved { at, .. } => told(at, frame.say("care-line-moved").to_string()),
            PublicLine::Solved { at, summary } if summary.is_empty() => {
                told(at, frame.say("care-line-solved-by-you").to_string())
            }
            PublicLine::Solved { at, summary } => {
                told(at, frame.say("care-line-solved").with("summary", summary.clone()).to_string())
            }
            PublicLine::Reopened { at } => told(at, frame.say("care-line-reopened").to_string()),
            PublicLine::Done { at, action } => told(at, frame.say_of("care-done", action).to_string()),
            PublicLine::Call { at, step, .. } => told(at, frame.say_of("care-call-step", step).to_string()),
            PublicLine::Attachment { at, attachment_id, name, .. } => Self {
                files: vec![(attachment_id.clone(), name.clone())],
                ..told(at, frame.say("care-line-file").to_string())
            },
            PublicLine::Joined { at, case } => {
                told(at, frame.say("care-line-joined").with("number", case.number.clone()).to_string())
            }
        }
    }
}

impl CasePage {
    async fn drawn(service: &Service, shopper: &Shopper, case_id: &str) -> Result<Self, Problem> {
        let case = service.counter.customer_case(&shopper.caller, case_id).await?;
        let frame = Frame::of(&shopper.visitor, Room::Shopper, "/cases");
        let order_number = match &case.order_id {
            Some(id) => {
                let found = service.counter.find_order(&shopper.caller, id, None, Right::OrdersRead).await;
                found.ok().map(|found| found.order.number)
            }
            None => None,
        };
        let about = about(service, &shopper.visitor.market, frame.language, &case.question)?;
        let key = service.counter.draw_session_token().reveal().to_owned();
        Ok(Self::of(frame, case, about, order_number, key))
    }

    /// Whether it is still worked on, so that the customer can say that it is solved.
    pub fn is_open(&self) -> bool {
        matches!(self.state, "new" | "open" | "pending_customer" | "on_hold")
    }

    /// The page of a case.
    pub fn of(
        frame: Frame,
        case: PublicCase,
        about: String,
        order_number: Option<String>,
        key: String,
    ) -> Self {
        Self {
            lines: case.lines.iter().map(|line| CaseLine::of(&frame, line)).collect(),
            case_id: case.case_id,
            number: case.number,
            state: case.state,
            summary: case.summary,
            reopens_until: case.reopens_until,
            continues_as: case.continues_as.map(|next| (next.case_id, next.number)),
            about,
            order_number,
            key,
            text: String::new(),
            faults: Faults::none(),
            frame,
        }
    }
}

pub async fn show(
    State(service): State<Service>,
    shopper: Shopper,
    Path(case): Path<String>,
) -> Result<Response, Problem> {
    page(&CasePage::drawn(&service, &shopper, &case).await?)
}

/// Opens a case from the contact page's form.
pub async fn open(
    State(service): State<Service>,
    shopper: Shopper,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let asked = AskedAbout::of(&fields);
    let fault = match fields.one("text") {
        "" => "care-text-missing",
        text => match open_with(&service, &shopper, &fields, &asked, text).await {
            Ok(case_id) => return Ok(done(&format!("/cases/{case_id}"), "care-sent")),
            Err(error) => text_fault(error)?,
        },
    };
    let mut contact = contact_drawn(&service, &shopper, asked).await?;
    contact.faults = Faults::one("text", contact.frame.say(fault));
    if let Step::Help(help) = &mut contact.step {
        help.text = fields.one("text").to_owned();
    }
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &contact)
}

async fn open_with(
    service: &Service,
    shopper: &Shopper,
    fields: &Fields,
    asked: &AskedAbout,
    text: &str,
) -> Result<String, AppError> {
    let whose =
        shopper.caller.acting_for(&shopper.customer_id, &shopper.visitor.market, Right::CasesWrite)?;
    let body = format!("{}\n{text}", asked.query());
    let key = Key::new(fields.one("key"), "open_case", &whose.customer_id, body.as_bytes())?;
    let open = OpenCase {
        topic: asked.topic.clone(),
        question: asked.question.clone(),
        order_id: asked.order_id().map(str::to_owned),
        text: Some(text.to_owned()),
        language: shopper.visitor.language.tag().to_owned(),
        channel: Channel::Form,
        evidence: serde_json::json!({}),
    };
    Ok(service.counter.open_case(&shopper.caller, &whose, open, key, service.clock.now()).await?.case_id)
}

/// The message about a text that cannot be taken.
fn text_fault(error: AppError) -> Result<&'static str, Problem> {
    match error {
        AppError::Case(CaseRefusal::Empty { .. }) => Ok("care-text-missing"),
        AppError::Case(CaseRefusal::TooLong { .. }) => Ok("care-text-long"),
        AppError::Case(CaseRefusal::Full { .. }) => Ok("care-case-full"),
        AppError::KeyReused => Ok("care-again"),
        other => Err(other.into()),
    }
}

/// The message about a picture that cannot be taken.
fn file_fault(error: AppError) -> Result<&'static str, Problem> {
    match error {
        AppError::Attachment(AttachmentFault::TooLarge { .. } | AttachmentFault::TooManyPixels { .. }) => {
            Ok("care-file-large")
        }
        AppError::Attachment(_) => Ok("care-file-unknown"),
        AppError::Case(CaseRefusal::TooManyAttachments { .. }) => Ok("care-file-many"),
        AppError::Case(_) => Ok("care-file-not-now"),
        AppError::KeyReused => Ok("care-again"),
        other => Err(other.into()),
    }
}

pub async fn say(
    State(service): State<Service>,
    shopper: Shopper,
    Path(case): Path<String>,
    posted: Posted,
) -> Result<Response, Problem> {
    let text = posted.fields.one("text").to_owned();
    let fault = match say_with(&service, &shopper, &case, posted).await? {
        Ok(said_in) => return Ok(done(&format!("/cases/{said_in}"), "care-sent")),
        Err(fault) => fault,
    };
    let mut again = CasePage::drawn(&service, &shopper, &case).await?;
    again.faults = Faults::one(fault.0, again.frame.say(fault.1));
    again.text = text;
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &again)
}

/// Attaches the picture, then says the text with it; the case in which it was said, or the field and its fault.
async fn say_with(
    service: &Service,
    shopper: &Shopper,
    case: &str,
    posted: Posted,
) -> Result<Result<String, (&'static str, &'static str)>, Problem> {
    let (counter, caller, now) = (&service.counter, &shopper.caller, service.clock.now());
    let (text, key) = (posted.fields.one("text").to_owned(), posted.fields.one("key").to_owned());
    let mut attachments = Vec::new();
    if let Some((name, bytes)) = posted.file {
        let attach_key = Key::new(&format!("{key}-file"), "attach_to_case", case, &bytes)?;
        let attach = Attach { name, bytes: bytes.to_vec() };
        match counter.attach_to_case(caller, case, attach, attach_key, now).await {
            Ok(attached) => attachments.push(attached.attachment_id),
            Err(error) => return Ok(Err(("file", file_fault(error)?))),
        }
        if text.is_empty() {
            return Ok(Ok(case.to_owned()));
        }
    }
    let key = Key::new(&key, "say_in_case", case, text.as_bytes())?;
    let word = CustomerWord { text, channel: Channel::Form, attachments };
    match counter.say_in_case(caller, case, word, key, now).await {
        Ok(stepped) => Ok(Ok(stepped.case_id)),
        Err(error) => Ok(Err(("text", text_fault(error)?))),
    }
}

pub async fn solved(
    State(service): State<Service>,
    shopper: Shopper,
    Path(case): Path<String>,
    _: Form,
) -> Result<Response, Problem> {
    let path = format!("/cases/{case}");
    match service.counter.customer_solves_case(&shopper.caller, &case, service.clock.now()).await {
        Ok(_) => Ok(done(&path, "care-solved-by-you")),
        Err(AppError::Case(CaseRefusal::NotNow { .. })) => Ok(done(&path, "care-solved-not-now")),
        // Closed meanwhile: the page says how it stands.
        Err(AppError::Case(_)) => Ok(Redirect::to(&path).into_response()),
        Err(error) => Err(error.into()),
    }
}

pub async fn reopen(
    State(service): State<Service>,
    shopper: Shopper,
    Path(case): Path<String>,
    _: Form,
) -> Result<Response, Problem> {
    let path = format!("/cases/{case}");
    match service.counter.reopen_case(&shopper.caller, &case, service.clock.now()).await {
        Ok(_) => Ok(done(&path, "care-reopened")),
        // Opened in another window before, or its time is over: the page says how it stands.
        Err(AppError::Case(_)) => Ok(Redirect::to(&path).into_response()),
        Err(error) => Err(error.into()),
    }
}

/// A picture; it is shown as nothing else, whatever is in it.
pub async fn file(
    State(service): State<Service>,
    shopper: Shopper,
    Path((case, file)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let file = service.counter.case_attachment(&shopper.caller, &case, &file).await?;
    let headers = [
        (header::CONTENT_TYPE, file.media_type),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, file.bytes).into_response())
}
