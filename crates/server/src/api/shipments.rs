//! `/v1/shipments/{shipment}`: news of carriers, links to share, delivering again, and what is not there.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use choba_app::{MissingCheck, RedeliveryWish, TrackingNews, TrackingTaken};
use choba_care::guided::{Evidence, NodeKind, Outcome, Position, SuggestedAction, Words, evidence};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::parcels::RedeliveryShown;
use crate::extract::{Asking, Body, IdempotencyKey, Params, PathOf, RawJson, read_json};
use crate::problem::InBoth;
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(tell))
        .routes(routes!(share, revoke))
        .routes(routes!(redelivery, ask_redelivery, cancel_redelivery))
        .routes(routes!(missing, start_missing))
        .routes(routes!(answer_missing))
}

/// News of a shipment's numbers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"events": [{"number": "4000-0000-0002", "carrier": "yamato",
    "at": "2026-11-23T10:00:00+09:00", "text": "配達完了（宅配ボックス）"}]}))]
struct NewsToTell {
    /// 1 to 500 events.
    #[schema(min_items = 1, max_items = 500)]
    events: Vec<EventToTell>,
}

/// What a carrier told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EventToTell {
    /// However it is written.
    number: String,
    /// The carrier's id.
    carrier: String,
    /// One of the ten words; found by the carrier's words without it.
    #[schema(example = "delivered")]
    status: Option<String>,
    /// When it happened, by the carrier's clock.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Where, in the carrier's words.
    #[schema(max_length = 200)]
    place: Option<String>,
    /// The carrier's own words, or its code.
    #[schema(max_length = 200)]
    text: Option<String>,
    /// The carrier's name for the event.
    #[schema(max_length = 200)]
    event_id: Option<String>,
}

impl From<EventToTell> for TrackingNews {
    fn from(event: EventToTell) -> Self {
        let EventToTell { number, carrier, status, at, place, text, event_id } = event;
        Self { number, carrier, status, at, place, text, event_id }
    }
}

/// What came of news.
#[derive(Debug, Serialize, ToSchema)]
pub struct Taken {
    /// Events that were new.
    new: usize,
    /// Events that were known already.
    known: usize,
    /// Events whose words are in no table; they are kept, and count as news.
    without_status: usize,
}

impl From<TrackingTaken> for Taken {
    fn from(taken: TrackingTaken) -> Self {
        Self { new: taken.new, known: taken.known, without_status: taken.without_status }
    }
}

/// Tell what carriers say of a shipment
///
/// In any order, repeated and late. The numbers have to be the shipment's. A shipment is delivered with the last of its
/// parcels.
#[utoipa::path(
    post,
    path = "/v1/shipments/{shipment}/events",
    operation_id = "tell_tracking",
    tag = "Parcels",
    security(("bearer" = ["shipments:write"])),
    params(("shipment" = String, Path, description = "Its id")),
    request_body = NewsToTell,
    responses((status = 200, description = "They are kept", body = Taken)),
)]
async fn tell(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(shipment): PathOf<String>,
    Body(news): Body<NewsToTell>,
) -> Result<Json<Taken>, Problem> {
    let news = news.events.into_iter().map(TrackingNews::from).collect();
    let taken = service.counter.tell_tracking_of(&caller, &shipment, news, service.clock.now()).await?;
    Ok(Json(taken.into()))
}

/// A link that shows a shipment to others.
#[derive(Debug, Serialize, ToSchema)]
struct ShareLinkShown {
    /// To be sent to `/v1/shared/{token}`.
    token: String,
    /// The path that shows it.
    path: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Share a shipment
///
/// Makes a link that shows its state and masked numbers to whoever has it. The same key gives the same link.
#[utoipa::path(
    post,
    path = "/v1/shipments/{shipment}/share",
    operation_id = "share_shipment",
    tag = "Parcels",
    security(("bearer" = ["orders:write"])),
    params(
        ("shipment" = String, Path, description = "Its id"),
        ("Idempotency-Key" = String, Header, description = "New for each link"),
    ),
    responses((status = 201, description = "The link", body = ShareLinkShown)),
)]
async fn share(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(shipment): PathOf<String>,
    key: IdempotencyKey,
) -> Result<(StatusCode, Json<ShareLinkShown>), Problem> {
    let key = key.of("share_shipment", &shipment, b"")?;
    let link = service.counter.share_shipment(&caller, &shipment, &key, service.clock.now()).await?;
    let path = format!("/v1/shared/{}", link.token);
    Ok((StatusCode::CREATED, Json(ShareLinkShown { token: link.token, path, expires_at: link.expires_at })))
}

/// Take back all links to a shipment
#[utoipa::path(
    delete,
    path = "/v1/shipments/{shipment}/share",
    operation_id = "revoke_shares",
    tag = "Parcels",
    security(("bearer" = ["orders:write"])),
    params(("shipment" = String, Path, description = "Its id")),
    responses((status = 204, description = "None of them shows anything any more")),
)]
async fn revoke(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(shipment): PathOf<String>,
) -> Result<StatusCode, Problem> {
    service.counter.revoke_shares(&caller, &shipment, service.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SlipQuery {
    /// Whether the customer has the carrier's slip: then it may be asked for before the carrier's news are here.
    #[serde(default)]
    slip: bool,
}

/// What can be asked for, and what was.
#[derive(Debug, Serialize, ToSchema)]
struct ChoiceShown {
    /// Whether the parcel waits for it: the carrier was there in vain or keeps it, or the customer has its slip.
    possible: bool,
    /// The earliest first; none where the carrier's terms are not known here.
    offers: Vec<RedeliveryOfferShown>,
    /// The last day on which the carrier has the parcel, where that is known.
    #[schema(value_type = Option<String>, format = Date)]
    kept_until: Option<Date>,
    /// What was asked for.
    asked: Option<RedeliveryShown>,
    /// The carrier's own pages.
    carrier_pages: Vec<String>,
    /// What this does not do: no carrier is told from here.
    message: Option<InBoth>,
}

/// A day and a slot.
#[derive(Debug, Serialize, ToSchema)]
struct RedeliveryOfferShown {
    #[schema(value_type = String, format = Date, example = "2026-11-24")]
    day: Date,
    #[schema(example = "am")]
    slot: &'static str,
    /// Its first hour.
    from_hour: i8,
    /// The hour it ends with.
    to_hour: i8,
}

/// Show redelivery slots
///
/// Days and slots in which the carrier comes again, as long as it keeps the parcel.
#[utoipa::path(
    get,
    path = "/v1/shipments/{shipment}/redelivery",
    operation_id = "show_redelivery",
    tag = "Parcels",
    security(("bearer" = ["orders:read"])),
    params(("shipment" = String, Path, description = "Its id"), SlipQuery),
    responses((status = 200, description = "What can be asked for", body = ChoiceShown)),
)]
async fn redelivery(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(shipment): PathOf<String>,
    Params(query): Params<SlipQuery>,
) -> Result<Json<ChoiceShown>, Problem> {
    let at = service.clock.now();
    let choice = service.counter.redelivery_choice(&caller, &shipment, query.slip, at).await?;
    let offers = choice.offers.iter().map(|offer| RedeliveryOfferShown {
        day: offer.day,
        slot: offer.slot.id,
        from_hour: offer.slot.from_hour,
        to_hour: offer.slot.to_hour,
    });
    Ok(Json(ChoiceShown {
        possible: choice.possible,
        offers: offers.collect(),
        kept_until: choice.kept_until,
        asked: choice.asked.map(RedeliveryShown::from),
        carrier_pages: choice.carrier_pages,
        message: InBoth::said("redelivery-how"),
    }))
}

/// What a customer asks for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"day": "2026-11-24", "slot": "am", "number": "12345678"}))]
struct WishToAsk {
    /// One of the days offered.
    #[schema(value_type = String, format = Date)]
    day: Date,
    /// One of the slots offered for it.
    slot: String,
    /// The tracking number or the notice number on the slip, where the customer has one.
    number: Option<String>,
}

/// What was asked for, and what was done about it.
#[derive(Debug, Serialize, ToSchema)]
struct AskedShown {
    redelivery: RedeliveryShown,
    /// What this does not do: no carrier is told from here.
    message: Option<InBoth>,
}

/// Ask for redelivery
///
/// Keeps what the customer asks for, or changes it, and tells others of it. No carrier is told from here.
#[utoipa::path(
    post,
    path = "/v1/shipments/{shipment}/redelivery",
    operation_id = "ask_redelivery",
    tag = "Parcels",
    security(("bearer" = ["orders:write"])),
    params(
        ("shipment" = String, Path, description = "Its id"),
        ("Idempotency-Key" = String, Header, description = "New for each wish"),
    ),
    request_body = WishToAsk,
    responses((status = 200, description = "It is noted", body = AskedShown)),
)]
async fn ask_redelivery(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(shipment): PathOf<String>,
    key: IdempotencyKey,
    RawJson(body): RawJson,
) -> Result<Json<AskedShown>, Problem> {
    let WishToAsk { day, slot, number } = read_json(&body)?;
    let key = key.of("ask_redelivery", &shipment, &body)?;
    let wish = RedeliveryWish { day, slot, number, has_slip: false };
    let asked = service.counter.ask_redelivery(&caller, &shipment, wish, key, service.clock.now()).await?;
    Ok(Json(AskedShown { redelivery: asked.into(), message: InBoth::said("redelivery-how") }))
}

/// Take back a wish for redelivery
#[utoipa::path(
    delete,
    path = "/v1/shipments/{shipment}/redelivery",
    operation_id = "cancel_redelivery",
    tag = "Parcels",
    security(("bearer" = ["orders:write"])),
    params(("shipment" = String, Path, description = "Its id")),
    responses((status = 200, description = "It is taken back", body = RedeliveryShown)),
)]
async fn cancel_redelivery(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(shipment): PathOf<String>,
) -> Result<Json<RedeliveryShown>, Problem> {
    let back = service.counter.cancel_redelivery(&caller, &shipment, service.clock.now()).await?;
    Ok(Json(back.into()))
}

/// How a check stands.
#[derive(Debug, Serialize, ToSchema)]
struct CheckShown {
    check_id: String,
    title: InBoth,
    /// `asking`, `waiting` or `ended`.
    #[schema(example = "asking")]
    state: &'static str,
    /// Where it stands.
    node: String,
    /// What the customer reads there.
    text: Option<InBoth>,
    /// The answers to choose from.
    answers: Vec<ChoiceToMake>,
    /// Until when it waits.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// How it ended.
    outcome: Option<OutcomeShown>,
    /// What was found out, for whoever works on it next.
    #[schema(value_type = Object)]
    evidence: Evidence,
}

/// An answer to choose.
#[derive(Debug, Serialize, ToSchema)]
struct ChoiceToMake {
    answer: String,
    text: InBoth,
}

/// How a check ended.
#[derive(Debug, Serialize, ToSchema)]
struct OutcomeShown {
    /// `resolved`, `action` or `human`.
    ends_in: &'static str,
    code: String,
    /// What the customer can do.
    #[schema(value_type = Option<String>, example = "redelivery")]
    action: Option<SuggestedAction>,
    /// Whose work it is.
    queue: Option<String>,
}

fn words(words: &Words) -> InBoth {
    InBoth { ja: words.ja.clone(), en: words.en.clone() }
}

impl CheckShown {
    fn of(check: &MissingCheck) -> Self {
        let (run, flow) = (&check.run, check.flow);
        let node = flow.node(run.position.node());
        let (state, until, outcome) = match &run.position {
            Position::Asking { .. } => ("asking", None, None),
            Position::Waiting { until, .. } => ("waiting", Some(*until), None),
            Position::Ended { outcome, .. } => ("ended", None, Some(OutcomeShown::of(outcome))),
        };
        let answers = match node.map(|node| &node.kind) {
            Some(NodeKind::Question { answers }) => answers.as_slice(),
            _ => &[],
        };
        Self {
            check_id: run.run_id.clone(),
            title: words(&flow.title),
            state,
            node: run.position.node().to_owned(),
            text: node.map(|node| words(&node.text)),
            answers: answers
                .iter()
                .map(|choice| ChoiceToMake { answer: choice.answer.clone(), text: words(&choice.text) })
                .collect(),
            until,
            outcome,
            evidence: evidence(flow, run),
        }
    }
}

impl OutcomeShown {
    fn of(outcome: &Outcome) -> Self {
        let (ends_in, action, queue) = match outcome {
            Outcome::Resolved { .. } => ("resolved", None, None),
            Outcome::Action { action, .. } => ("action", Some(*action), None),
            Outcome::Human { queue, .. } => ("human", None, Some(queue.clone())),
        };
        Self { ends_in, code: outcome.code().to_owned(), action, queue }
    }
}

/// Show the check of a missing parcel
#[utoipa::path(
    get,
    path = "/v1/shipments/{shipment}/missing",
    operation_id = "show_missing_check",
    tag = "Parcels",
    security(("bearer" = ["orders:read"])),
    params(("shipment" = String, Path, description = "Its id")),
    responses((status = 200, description = "How it stands", body = CheckShown)),
)]
async fn missing(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(shipment): PathOf<String>,
) -> Result<Json<CheckShown>, Problem> {
    let check = service.counter.missing_check(&caller, &shipment, service.clock.now()).await?;
    Ok(Json(CheckShown::of(&check)))
}

/// Begin the check of a missing parcel
///
/// For a shipment that counts as delivered and is not there. Goes on with the open check where there is one.
#[utoipa::path(
    post,
    path = "/v1/shipments/{shipment}/missing",
    operation_id = "start_missing_check",
    tag = "Parcels",
    security(("bearer" = ["orders:write"])),
    params(("shipment" = String, Path, description = "Its id")),
    responses((status = 200, description = "How it stands", body = CheckShown)),
)]
async fn start_missing(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(shipment): PathOf<String>,
) -> Result<Json<CheckShown>, Problem> {
    let check = service.counter.start_missing_check(&caller, &shipment, service.clock.now()).await?;
    Ok(Json(CheckShown::of(&check)))
}

/// An answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"node": "address", "answer": "right"}))]
struct AnswerToGive {
    /// The question that is open.
    node: String,
    /// One of its answers.
    answer: String,
}

/// Answer the open question of a check
///
/// Answers out of turn are refused; the same answer again changes nothing.
#[utoipa::path(
    post,
    path = "/v1/shipments/{shipment}/missing/answers",
    operation_id = "answer_missing_check",
    tag = "Parcels",
    security(("bearer" = ["orders:write"])),
    params(("shipment" = String, Path, description = "Its id")),
    request_body = AnswerToGive,
    responses((status = 200, description = "How it stands after it", body = CheckShown)),
)]
async fn answer_missing(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(shipment): PathOf<String>,
    Body(said): Body<AnswerToGive>,
) -> Result<Json<CheckShown>, Problem> {
    let at = service.clock.now();
    let check = service.counter.answer_missing_check(&caller, &shipment, &said.node, &said.answer, at);
    Ok(Json(CheckShown::of(&check.await?)))
}
