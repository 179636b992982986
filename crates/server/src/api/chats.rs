//! `/v1/chats`: asked for by customers within a case, taken by the desk, said in by both.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use choba_app::{ChatPlace, ChatRequested, ChatView, SaidInChat, StartedChat, WaitingChat};
use choba_care::chat::{LineKind, TranscriptLine};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::chat_stream;
use super::contact::{OfferShown, WaitShown};
use super::programs::All;
use super::wallet::InMarket;
use crate::extract::{Asking, Body, Params, PathOf};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(request))
        .routes(routes!(show))
        .routes(routes!(events))
        .routes(routes!(say))
        .routes(routes!(typing))
        .routes(routes!(seen))
        .routes(routes!(end))
        .routes(routes!(transcript))
        .routes(routes!(waiting))
        .routes(routes!(next))
        .routes(routes!(take))
        .routes(routes!(give_back))
}

/// A customer wants to chat.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"case_id": "cas_0123456789abcdefghjkmnpqrs"}))]
struct ToChat {
    /// About this case of theirs.
    case_id: String,
}

/// What came of asking for a chat.
#[derive(Serialize, ToSchema)]
struct ChatAsked {
    /// `started`, `already_open` (the one shown), or `new_offers`: that is not possible any more.
    #[schema(example = "started")]
    outcome: &'static str,
    chat: Option<ChatStarted>,
    /// The ways that are open now, where a chat is not.
    offers: Vec<OfferShown>,
}

/// A chat that was started or taken.
#[derive(Serialize, ToSchema)]
struct ChatStarted {
    chat_id: String,
    case_id: String,
    /// `queued`, `assigned`, `active`, `ended`.
    #[schema(example = "queued")]
    state: String,
    /// The number of its last line.
    last_seq: u32,
}

impl From<StartedChat> for ChatStarted {
    fn from(StartedChat { chat_id, case_id, state, last_seq }: StartedChat) -> Self {
        Self { chat_id, case_id, state: state.to_owned(), last_seq }
    }
}

impl From<ChatRequested> for ChatAsked {
    fn from(requested: ChatRequested) -> Self {
        let shown =
            |outcome, chat: StartedChat| Self { outcome, chat: Some(chat.into()), offers: Vec::new() };
        match requested {
            ChatRequested::Started(chat) => shown("started", chat),
            ChatRequested::AlreadyOpen(chat) => shown("already_open", chat),
            ChatRequested::NewOffers { offers } => Self {
                outcome: "new_offers",
                chat: None,
                offers: offers.into_iter().map(OfferShown::from).collect(),
            },
        }
    }
}

/// Ask for a chat
///
/// As a customer, about a case of theirs. A customer has one open chat in a market. What was offered is looked at again:
/// where a chat is not open any more, the answer is what is.
#[utoipa::path(
    post,
    path = "/v1/chats",
    operation_id = "request_chat",
    tag = "Chats",
    security(("bearer" = ["cases:write"])),
    request_body = ToChat,
    responses(
        (status = 201, description = "It waits for somebody", body = ChatAsked),
        (status = 200, description = "There is one already, or other ways are open", body = ChatAsked),
    ),
)]
async fn request(
    State(service): State<Service>,
    Asking(caller): Asking,
    Body(body): Body<ToChat>,
) -> Result<impl IntoResponse, Problem> {
    let requested = service.counter.request_chat(&caller, &body.case_id, service.clock.now()).await?;
    let status = match requested {
        ChatRequested::Started(_) => StatusCode::CREATED,
        _ => StatusCode::OK,
    };
    Ok((status, Json(ChatAsked::from(requested))))
}

/// After which line.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AfterLine {
    /// The number of the last line that was read; all lines without it.
    after: Option<u32>,
}

/// A chat as both sides see it.
#[derive(Debug, Serialize, ToSchema)]
struct ChatShown {
    chat_id: String,
    case_id: String,
    /// `queued`, `assigned`, `active`, `ended`.
    #[schema(example = "active")]
    state: String,
    /// The agent's public name, while somebody is in it.
    agent: Option<String>,
    /// While it waits.
    place: Option<ChatPlaceShown>,
    /// The number of its last line.
    last_seq: u32,
    /// The digest of its transcript, once it has ended.
    transcript_sha256: Option<String>,
    /// Lines after the one that was named, at most 500.
    lines: Vec<ChatLineShown>,
}

/// Where a chat waits.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChatPlaceShown {
    /// How many wait before it.
    ahead: i64,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// How long it still takes, as far as it can be told.
    wait: Option<WaitShown>,
}

impl From<ChatPlace> for ChatPlaceShown {
    fn from(ChatPlace { ahead, since, wait }: ChatPlace) -> Self {
        Self { ahead, since, wait: wait.map(WaitShown::from) }
    }
}

/// A line of a chat: something said, or something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChatLineShown {
    /// From 1, without gaps.
    seq: u32,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `customer`, `agent`, `system`.
    #[schema(example = "customer")]
    from: String,
    /// The agent's public name.
    alias: Option<String>,
    /// `text`, `agent_joined`, `agent_lost`, `idle_warning`, `ended`.
    #[schema(value_type = String, example = "text")]
    kind: &'static str,
    /// What was said, as plain text: to be shown as such.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Why it ended: `customer`, `agent`, `left_queue`, `connection_lost`, `idle`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

impl From<TranscriptLine> for ChatLineShown {
    fn from(line: TranscriptLine) -> Self {
        let TranscriptLine { seq, at, from, alias, kind } = line;
        let (kind, text, reason, joined) = match kind {
            LineKind::Text { text } => ("text", Some(text), None, None),
            LineKind::AgentJoined { alias } => ("agent_joined", None, None, Some(alias)),
            LineKind::AgentLost => ("agent_lost", None, None, None),
            LineKind::IdleWarning => ("idle_warning", None, None, None),
            LineKind::Ended { reason } => ("ended", None, Some(reason.code()), None),
        };
        Self { seq, at, from, alias: alias.or(joined), kind, text, reason }
    }
}

impl From<ChatView> for ChatShown {
    fn from(chat: ChatView) -> Self {
        Self {
            chat_id: chat.chat_id,
            case_id: chat.case_id,
            state: chat.state.to_owned(),
            agent: chat.agent,
            place: chat.place.map(ChatPlaceShown::from),
            last_seq: chat.last_seq,
            transcript_sha256: chat.transcript_sha256,
            lines: chat.lines.into_iter().map(ChatLineShown::from).collect(),
        }
    }
}

/// Show a chat
#[utoipa::path(
    get,
    path = "/v1/chats/{chat}",
    operation_id = "show_chat",
    tag = "Chats",
    security(("bearer" = ["cases:read"])),
    params(("chat" = String, Path, description = "The chat"), AfterLine),
    responses((status = 200, description = "The chat", body = ChatShown)),
)]
async fn show(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(chat): PathOf<String>,
    Params(query): Params<AfterLine>,
) -> Result<Json<ChatShown>, Problem> {
    let after = query.after.unwrap_or_default();
    Ok(Json(service.counter.chat(&caller, &chat, after, service.clock.now()).await?.into()))
}

/// Listen to a chat
///
/// A stream of server-sent events. `line` has the line's number as its id: a reader that comes back with `Last-Event-ID`
/// (or `after`) misses nothing and gets nothing twice. `place` says where it waits, `typing` that the other side types, `end`
/// that nothing more comes on this stream: `ended` (the chat is over), `time` (after 15 minutes: come back with a token that
/// is valid), `unavailable`. A heartbeat comes every 15 seconds. Listening is not being seen: say so every 30 seconds.
#[utoipa::path(
    get,
    path = "/v1/chats/{chat}/events",
    operation_id = "listen_to_chat",
    tag = "Chats",
    security(("bearer" = ["cases:read"])),
    params(
        ("chat" = String, Path, description = "The chat"),
        AfterLine,
        ("Last-Event-ID" = Option<String>, Header, description = "The number of the last line that came"),
    ),
    responses((status = 200, description = "The stream", body = String, content_type = "text/event-stream")),
)]
async fn events(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(chat): PathOf<String>,
    Params(query): Params<AfterLine>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let after = match headers.get("last-event-id").map(|id| id.to_str().unwrap_or_default().parse()) {
        None => query.after.unwrap_or_default(),
        Some(last) => last.map_err(|_| Problem::field("#Last-Event-ID", "expected the id of a line"))?,
    };
    chat_stream::stream(service, caller, chat, after).await
}

/// Something to be said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"client_id": "m-1", "text": "こんにちは"}))]
struct ToSayInChat {
    /// The sender's own name for it, new for each message: 1 to 64 letters, digits, dashes or underscores.
    client_id: String,
    /// Plain text.
    text: String,
}

/// What came of saying something.
#[derive(Serialize, ToSchema)]
struct ChatSaid {
    /// Its number.
    seq: u32,
    /// The number of the chat's last line: whoever's stream does not get there has a connection that is broken one way.
    last_seq: u32,
    /// It had been said before under this name, and was not said again.
    repeated: bool,
}

impl From<SaidInChat> for ChatSaid {
    fn from(SaidInChat { seq, last_seq, repeated }: SaidInChat) -> Self {
        Self { seq, last_seq, repeated }
    }
}

/// Say something in a chat
///
/// Once for each `client_id` of its sender: sent again until it is answered, nothing is lost and nothing said twice.
#[utoipa::path(
    post,
    path = "/v1/chats/{chat}/messages",
    operation_id = "say_in_chat",
    tag = "Chats",
    security(("bearer" = ["cases:write"])),
    params(("chat" = String, Path, description = "The chat")),
    request_body = ToSayInChat,
    responses((status = 200, description = "It is said", body = ChatSaid)),
)]
async fn say(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(chat): PathOf<String>,
    Body(body): Body<ToSayInChat>,
) -> Result<Json<ChatSaid>, Problem> {
    let at = service.clock.now();
    Ok(Json(service.counter.say_in_chat(&caller, &chat, &body.client_id, &body.text, at).await?.into()))
}

/// Say that one types
///
/// Shown to the other side for 8 seconds, told at most once a second, kept nowhere, and only to those who listen to the same
/// process.
#[utoipa::path(
    post,
    path = "/v1/chats/{chat}/typing",
    operation_id = "type_in_chat",
    tag = "Chats",
    security(("bearer" = ["cases:write"])),
    params(("chat" = String, Path, description = "The chat")),
    responses((status = 204, description = "It is told")),
)]
async fn typing(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(chat): PathOf<String>,
) -> Result<StatusCode, Problem> {
    service.counter.typing_in_chat(&caller, &chat, service.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How far a chat is.
#[derive(Serialize, ToSchema)]
struct ChatLast {
    /// The number of its last line.
    last_seq: u32,
}

/// Say that one is there
///
/// Every 30 seconds. Who waits and is not seen for 2 minutes has left, a customer in a chat is waited for 10 minutes, an agent
/// who is not seen for 90 seconds gives the chat back.
#[utoipa::path(
    post,
    path = "/v1/chats/{chat}/seen",
    operation_id = "seen_in_chat",
    tag = "Chats",
    security(("bearer" = ["cases:write"])),
    params(("chat" = String, Path, description = "The chat")),
    responses((status = 200, description = "It is known", body = ChatLast)),
)]
async fn seen(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(chat): PathOf<String>,
) -> Result<Json<ChatLast>, Problem> {
    let last_seq = service.counter.seen_in_chat(&caller, &chat, service.clock.now()).await?;
    Ok(Json(ChatLast { last_seq }))
}

/// End a chat
///
/// By its customer, also while it waits, or by the agent who is in it. Its transcript is frozen; ending it twice is ending it
/// once.
#[utoipa::path(
    post,
    path = "/v1/chats/{chat}/end",
    operation_id = "end_chat",
    tag = "Chats",
    security(("bearer" = ["cases:write"])),
    params(("chat" = String, Path, description = "The chat")),
    responses((status = 200, description = "It is over", body = ChatLast)),
)]
async fn end(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(chat): PathOf<String>,
) -> Result<Json<ChatLast>, Problem> {
    let last_seq = service.counter.end_chat(&caller, &chat, service.clock.now()).await?;
    Ok(Json(ChatLast { last_seq }))
}

/// What was said in a chat.
#[derive(Serialize, ToSchema)]
struct ChatTranscript {
    chat_id: String,
    lines: Vec<ChatLineShown>,
    /// It has ended, and this is what was said when it did.
    as_frozen: bool,
}

/// Show a chat's transcript
#[utoipa::path(
    get,
    path = "/v1/chats/{chat}/transcript",
    operation_id = "chat_transcript",
    tag = "Chats",
    security(("bearer" = ["cases:read"])),
    params(("chat" = String, Path, description = "The chat")),
    responses((status = 200, description = "All lines", body = ChatTranscript)),
)]
async fn transcript(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(chat): PathOf<String>,
) -> Result<Json<ChatTranscript>, Problem> {
    let (transcript, as_frozen) = service.counter.chat_transcript(&caller, &chat).await?;
    let lines = transcript.lines.into_iter().map(ChatLineShown::from).collect();
    Ok(Json(ChatTranscript { chat_id: transcript.chat_id, lines, as_frozen }))
}

/// A chat that waits for somebody.
#[derive(Serialize, ToSchema)]
struct ChatWaiting {
    chat_id: String,
    case_id: String,
    customer_id: String,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
}

impl From<WaitingChat> for ChatWaiting {
    fn from(WaitingChat { chat_id, case_id, customer_id, since }: WaitingChat) -> Self {
        Self { chat_id, case_id, customer_id, since }
    }
}

/// List chats that wait
///
/// In their order, at most 100.
#[utoipa::path(
    get,
    path = "/v1/chats/desk",
    operation_id = "waiting_chats",
    tag = "Chats at the desk",
    security(("bearer" = ["care:desk"]), ("bearer" = ["care:lead"])),
    params(InMarket),
    responses((status = 200, description = "Those that wait", body = All<ChatWaiting>)),
)]
async fn waiting(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<InMarket>,
) -> Result<Json<All<ChatWaiting>>, Problem> {
    let waiting = service.counter.waiting_chats(&caller, &query.market).await?;
    Ok(Json(All { data: waiting.into_iter().map(ChatWaiting::from).collect() }))
}

/// The next chat, if one waits.
#[derive(Serialize, ToSchema)]
struct NextChat {
    chat: Option<ChatStarted>,
}

/// Take the next chat
///
/// The one that has waited longest; those that an agent left come first. Only who has said that they are there and take
/// something new is given one (`not_at_the_desk`, `agent_busy`), and no more than they have at once (`chats_enough`).
#[utoipa::path(
    post,
    path = "/v1/chats/desk/next",
    operation_id = "take_next_chat",
    tag = "Chats at the desk",
    security(("bearer" = ["care:desk"])),
    params(InMarket),
    responses((status = 200, description = "The next one, or none", body = NextChat)),
)]
async fn next(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<InMarket>,
) -> Result<Json<NextChat>, Problem> {
    let taken = service.counter.take_next_chat(&caller, &query.market, service.clock.now()).await?;
    Ok(Json(NextChat { chat: taken.map(ChatStarted::from) }))
}

/// Take a chat
///
/// Of two who take it one gets it (`chat_taken`). Taking it again changes nothing.
#[utoipa::path(
    post,
    path = "/v1/chats/{chat}/take",
    operation_id = "take_chat",
    tag = "Chats at the desk",
    security(("bearer" = ["care:desk"])),
    params(("chat" = String, Path, description = "The chat")),
    responses((status = 200, description = "It is the caller's", body = ChatLast)),
)]
async fn take(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(chat): PathOf<String>,
) -> Result<Json<ChatLast>, Problem> {
    let last_seq = service.counter.take_chat(&caller, &chat, service.clock.now()).await?;
    Ok(Json(ChatLast { last_seq }))
}

/// Give a chat back
///
/// It waits before those who never had anybody.
#[utoipa::path(
    post,
    path = "/v1/chats/{chat}/give-back",
    operation_id = "give_back_chat",
    tag = "Chats at the desk",
    security(("bearer" = ["care:desk"])),
    params(("chat" = String, Path, description = "The chat")),
    responses((status = 200, description = "It waits again", body = ChatLast)),
)]
async fn give_back(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(chat): PathOf<String>,
) -> Result<Json<ChatLast>, Problem> {
    let last_seq = service.counter.give_back_chat(&caller, &chat, service.clock.now()).await?;
    Ok(Json(ChatLast { last_seq }))
}
