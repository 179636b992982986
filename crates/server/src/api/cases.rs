//! `/v1/cases`: opened, read and written in by customers; each sees their own, and of the desk only what is said to them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use choba_app::{CaseStepped, CustomerWord, ListedCase, OpenCase, OpenedCase, Right};
use choba_care::case::{CaseLink, Channel, PublicCase, PublicLine, PublicMessage};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::contact::whose;
use crate::extract::{Asking, IdempotencyKey, Page, Params, PathOf, RawJson, etag, limit, read_json};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(open, list))
        .routes(routes!(show))
        .routes(routes!(say))
        .routes(routes!(solved))
        .routes(routes!(reopen))
}

/// A case to be opened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"market": "rakuten-style", "topic": "other", "question": "other", "language": "ja",
    "text": "領収書の宛名を変えたいです。"}))]
struct CaseToOpen {
    market: String,
    /// Whose; a customer's own token says it.
    customer_id: Option<String>,
    /// Of the contact topics.
    topic: String,
    /// Of the topic's questions.
    question: String,
    /// By its id, where it is about one.
    order_id: Option<String>,
    /// What the customer says of it, as plain text. What must not be kept is masked.
    text: Option<String>,
    language: CaseLanguage,
    /// Which way it comes; `form` without it.
    channel: Option<ChannelWord>,
    /// Answers of guided checks, and what else belongs to it.
    #[schema(value_type = Option<Object>)]
    evidence: Option<Value>,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CaseLanguage {
    Ja,
    En,
}

/// Which way something is said.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelWord {
    Form,
    Mail,
    Chat,
    Phone,
}

impl From<ChannelWord> for Channel {
    fn from(word: ChannelWord) -> Self {
        match word {
            ChannelWord::Form => Self::Form,
            ChannelWord::Mail => Self::Mail,
            ChannelWord::Chat => Self::Chat,
            ChannelWord::Phone => Self::Phone,
        }
    }
}

impl From<Channel> for ChannelWord {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Form => Self::Form,
            Channel::Mail => Self::Mail,
            Channel::Chat => Self::Chat,
            Channel::Phone => Self::Phone,
        }
    }
}

/// An opened case, or the one that goes on.
#[derive(Serialize, ToSchema)]
struct CaseOpened {
    case_id: String,
    /// For people.
    #[schema(example = "0123-4567-8901")]
    number: String,
    version: u32,
    /// It was open before: of the same question and order.
    resumed: bool,
}

impl From<OpenedCase> for CaseOpened {
    fn from(opened: OpenedCase) -> Self {
        let OpenedCase { case_id, number, version, resumed } = opened;
        Self { case_id, number, version, resumed }
    }
}

/// Open a case
///
/// A case of the same question and order that is still open goes on instead. The order, its parcels and the balances are
/// filled in: nobody is asked to look them up.
#[utoipa::path(
    post,
    path = "/v1/cases",
    operation_id = "open_case",
    tag = "Cases",
    security(("bearer" = ["cases:write"])),
    params(("Idempotency-Key" = String, Header, description = "New for each case")),
    request_body = CaseToOpen,
    responses(
        (status = 201, description = "It is open", body = CaseOpened),
        (status = 200, description = "It was open before and goes on", body = CaseOpened),
    ),
)]
async fn open(
    State(service): State<Service>,
    Asking(caller): Asking,
    key: IdempotencyKey,
    RawJson(bytes): RawJson,
) -> Result<impl IntoResponse, Problem> {
    let body: CaseToOpen = read_json(&bytes)?;
    let whose = whose(&caller, body.customer_id, &body.market, Right::CasesWrite)?;
    let key = key.of("open_case", &whose.customer_id, &bytes)?;
    let language = match body.language {
        CaseLanguage::Ja => "ja",
        CaseLanguage::En => "en",
    };
    let open = OpenCase {
        topic: body.topic,
        question: body.question,
        order_id: body.order_id,
        text: body.text,
        language: language.to_owned(),
        channel: body.channel.unwrap_or(ChannelWord::Form).into(),
        evidence: body.evidence.unwrap_or_else(|| serde_json::json!({})),
    };
    let opened = service.counter.open_case(&caller, &whose, open, key, service.clock.now()).await?;
    let status = if opened.resumed { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(CaseOpened::from(opened))))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CasesQuery {
    #[param(example = "rakuten-style")]
    market: String,
    /// Whose; a customer's own token says it.
    customer_id: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// Rows of the page, 50 without it.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// A case in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseListed {
    pub case_id: String,
    /// For people.
    number: String,
    topic: String,
    question: String,
    order_id: Option<String>,
    /// `new`, `open`, `pending_customer`, `on_hold`, `solved`, `closed`, `merged`.
    #[schema(example = "open")]
    state: String,
    #[schema(value_type = String, format = DateTime)]
    opened_at: Timestamp,
}

impl From<ListedCase> for CaseListed {
    fn from(listed: ListedCase) -> Self {
        let ListedCase { case_id, number, topic, question, order_id, state, opened_at } = listed;
        Self { case_id, number, topic, question, order_id, state, opened_at }
    }
}

/// List a customer's cases
///
/// The newest first.
#[utoipa::path(
    get,
    path = "/v1/cases",
    operation_id = "list_cases",
    tag = "Cases",
    security(("bearer" = ["cases:read"])),
    params(CasesQuery),
    responses((status = 200, description = "A page of cases", body = Page<CaseListed>)),
)]
async fn list(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<CasesQuery>,
) -> Result<Json<Page<CaseListed>>, Problem> {
    let whose = whose(&caller, query.customer_id, &query.market, Right::CasesRead)?;
    let limit = limit(query.limit)?;
    let cases = service.counter.customer_cases(&caller, &whose, query.after.as_deref(), limit + 1).await?;
    let page = Page::cut(cases, limit, |case| case.case_id.clone());
    Ok(Json(page.map(CaseListed::from)))
}

/// A case as its customer sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseShown {
    case_id: String,
    /// For people.
    number: String,
    /// Counts what happened to it, also what its customer does not see.
    version: u32,
    topic: String,
    question: String,
    order_id: Option<String>,
    /// `new`, `open`, `pending_customer`, `on_hold`, `solved`, `closed`, `merged`.
    #[schema(example = "open")]
    state: String,
    /// What was done, where it is solved.
    summary: Option<String>,
    /// Until then an answer opens it again, where it is solved.
    #[schema(value_type = Option<String>, format = DateTime)]
    reopens_until: Option<Timestamp>,
    /// The case that goes on in its place.
    continues_as: Option<OtherCase>,
    /// The case that it goes on from.
    follow_up_of: Option<OtherCase>,
    #[schema(value_type = String, format = DateTime)]
    opened_at: Timestamp,
    /// When something last happened that its customer sees.
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
    /// What was said and what happened, in order.
    lines: Vec<CaseLine>,
}

/// Another case of the same customer.
#[derive(Debug, Serialize, ToSchema)]
struct OtherCase {
    case_id: String,
    number: String,
}

impl From<CaseLink> for OtherCase {
    fn from(CaseLink { case_id, number }: CaseLink) -> Self {
        Self { case_id, number }
    }
}

/// Something in a case that its customer sees.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "line", rename_all = "snake_case")]
enum CaseLine {
    /// Somebody said something.
    Message {
        seq: u32,
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
        /// The agent's public name; nothing where the customer said it.
        agent: Option<String>,
        channel: ChannelWord,
        /// Plain text: to be shown as such.
        text: String,
        /// By their ids.
        attachments: Vec<String>,
    },
    /// It was passed on to others, under the same number.
    Moved {
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
        queue: String,
    },
    /// It is solved.
    Solved {
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
        summary: String,
    },
    /// It is open again.
    Reopened {
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
    },
    /// Something was done to the order or the wallet.
    Done {
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
        /// `cancel_order`, `request_return`, `refund`, `give_goodwill`, `redeliver`.
        action: String,
    },
    /// A step of a call-back.
    Call {
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
        callback_id: String,
        /// By its word.
        #[schema(value_type = String)]
        step: &'static str,
    },
    /// A file was added.
    Attachment {
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
        attachment_id: String,
        name: String,
        media_type: String,
    },
    /// Another case goes on in this one.
    Joined {
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
        case: OtherCase,
    },
}

impl From<PublicLine> for CaseLine {
    fn from(line: PublicLine) -> Self {
        match line {
            PublicLine::Message(message) => {
                let PublicMessage { seq, at, agent, channel, text, attachments } = message;
                Self::Message { seq, at, agent, channel: channel.into(), text, attachments }
            }
            PublicLine::Moved { at, queue } => Self::Moved { at, queue },
            PublicLine::Solved { at, summary } => Self::Solved { at, summary },
            PublicLine::Reopened { at } => Self::Reopened { at },
            PublicLine::Done { at, action } => Self::Done { at, action },
            PublicLine::Call { at, callback_id, step } => Self::Call { at, callback_id, step },
            PublicLine::Attachment { at, attachment_id, name, media_type } => {
                Self::Attachment { at, attachment_id, name, media_type }
            }
            PublicLine::Joined { at, case } => Self::Joined { at, case: case.into() },
        }
    }
}

impl From<PublicCase> for CaseShown {
    fn from(case: PublicCase) -> Self {
        Self {
            case_id: case.case_id,
            number: case.number,
            version: case.version,
            topic: case.topic,
            question: case.question,
            order_id: case.order_id,
            state: case.state.to_owned(),
            summary: case.summary,
            reopens_until: case.reopens_until,
            continues_as: case.continues_as.map(OtherCase::from),
            follow_up_of: case.follow_up_of.map(OtherCase::from),
            opened_at: case.opened_at,
            changed_at: case.changed_at,
            lines: case.lines.into_iter().map(CaseLine::from).collect(),
        }
    }
}

/// Show a case
///
/// As its customer sees it: agents by their public names, no notes. The `ETag` is its version.
#[utoipa::path(
    get,
    path = "/v1/cases/{case}",
    operation_id = "show_case",
    tag = "Cases",
    security(("bearer" = ["cases:read"])),
    params(("case" = String, Path, description = "The case")),
    responses((status = 200, description = "The case", body = CaseShown)),
)]
async fn show(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(case): PathOf<String>,
) -> Result<impl IntoResponse, Problem> {
    let case = service.counter.customer_case(&caller, &case).await?;
    Ok((etag(case.version.into()), Json(CaseShown::from(case))))
}

/// Something that a customer says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "まだ届きません。", "attachments": []}))]
struct ToSay {
    /// Plain text.
    text: String,
    /// Ids of attachments of this case.
    #[serde(default)]
    attachments: Vec<String>,
}

/// A case after a step.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseAfter {
    pub case_id: String,
    /// For people.
    pub number: String,
    /// The number of its last event.
    pub version: u32,
    /// Where it stands.
    #[schema(example = "open")]
    pub state: String,
}

impl From<CaseStepped> for CaseAfter {
    fn from(stepped: CaseStepped) -> Self {
        let CaseStepped { case_id, number, version, state } = stepped;
        Self { case_id, number, version, state }
    }
}

/// Say something in a case
///
/// As its customer. A merged case passes it on to the one that stays, a closed one to a new one that goes on from it: the
/// answer names the case in which it was said. What was solved is open again, unless it is thanks.
#[utoipa::path(
    post,
    path = "/v1/cases/{case}/messages",
    operation_id = "say_in_case",
    tag = "Cases",
    security(("bearer" = ["cases:write"])),
    params(
        ("case" = String, Path, description = "The case"),
        ("Idempotency-Key" = String, Header, description = "New for each message"),
    ),
    request_body = ToSay,
    responses((status = 200, description = "It was said", body = CaseAfter)),
)]
async fn say(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(case): PathOf<String>,
    key: IdempotencyKey,
    RawJson(bytes): RawJson,
) -> Result<Json<CaseAfter>, Problem> {
    let body: ToSay = read_json(&bytes)?;
    let key = key.of("say_in_case", &case, &bytes)?;
    let word = CustomerWord { text: body.text, channel: Channel::Form, attachments: body.attachments };
    Ok(Json(service.counter.say_in_case(&caller, &case, word, key, service.clock.now()).await?.into()))
}

/// Say that a case is solved
///
/// By its customer. A call that they wait for is not made; within its window the case can be opened again.
#[utoipa::path(
    post,
    path = "/v1/cases/{case}/solved",
    operation_id = "say_case_solved",
    tag = "Cases",
    security(("bearer" = ["cases:write"])),
    params(("case" = String, Path, description = "The case")),
    responses((status = 200, description = "It is solved", body = CaseAfter)),
)]
async fn solved(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(case): PathOf<String>,
) -> Result<Json<CaseAfter>, Problem> {
    Ok(Json(service.counter.customer_solves_case(&caller, &case, service.clock.now()).await?.into()))
}

/// Say that a case is not solved
///
/// Within its window; after it a message opens a new case.
#[utoipa::path(
    post,
    path = "/v1/cases/{case}/reopen",
    operation_id = "reopen_case",
    tag = "Cases",
    security(("bearer" = ["cases:write"])),
    params(("case" = String, Path, description = "The case")),
    responses((status = 200, description = "It is open again", body = CaseAfter)),
)]
async fn reopen(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(case): PathOf<String>,
) -> Result<Json<CaseAfter>, Problem> {
    Ok(Json(service.counter.reopen_case(&caller, &case, service.clock.now()).await?.into()))
}
