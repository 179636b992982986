//! `/v1/cases…/desk` and what the desk does with a case: take it, answer, note, pass on, merge, solve.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use choba_app::{
    Caller, DeskAction, DeskCase, DeskEvent, DeskListed, DeskQuery, DeskReply, MaskedParcel, Route,
    UnverifiedMail,
};
use choba_care::case::{EscalationKind, Priority, TemplateUsed, WaitingFor};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::cases::{CaseAfter, CaseListed, CaseShown};
use super::orders::StoryShown;
use super::wallet::WalletShown;
use crate::extract::{Asking, Body, IdempotencyKey, Page, Params, PathOf, RawJson, etag, limit, read_json};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(queue))
        .routes(routes!(show))
        .routes(routes!(route))
        .routes(routes!(reply))
        .routes(routes!(note))
        .routes(routes!(merge))
        .routes(routes!(undo_merge))
        .routes(routes!(solve))
        .routes(routes!(reveal))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DeskCasesQuery {
    #[param(example = "rakuten-style")]
    market: String,
    /// In this queue only.
    queue: Option<String>,
    /// `me`, `nobody`, or the id of a member of staff.
    owner: Option<String>,
    /// What is needed to be known.
    skill: Option<String>,
    /// `new`, `open`, `pending_customer`, `on_hold`.
    state: Option<String>,
    /// Only those that have little time left for what was promised, or none.
    #[serde(default)]
    near: bool,
    /// Only those with an action that waits for a second person.
    #[serde(default)]
    waiting: bool,
    /// `next` of the page before.
    after: Option<String>,
    /// Rows of the page, 50 without it.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

impl DeskCasesQuery {
    fn read(self, caller: &Caller) -> DeskQuery {
        let unowned = self.owner.as_deref() == Some("nobody");
        let owner = match (self.owner, caller) {
            (Some(me), Caller::Staff { staff_id, .. }) if me == "me" => Some(staff_id.clone()),
            (owner, _) => owner.filter(|_| !unowned),
        };
        DeskQuery {
            queue: self.queue,
            owner,
            unowned,
            skill: self.skill,
            state: self.state,
            near: self.near,
            waiting: self.waiting,
            after: self.after,
        }
    }
}

/// A case in a list of the desk.
#[derive(Debug, Serialize, ToSchema)]
struct DeskRow {
    #[serde(flatten)]
    case: CaseListed,
    customer_id: String,
    queue: String,
    /// What it needs somebody to know.
    skill: Option<String>,
    priority: PriorityWord,
    /// Who has it.
    owner: Option<String>,
    /// The oldest word of the customer that nobody has answered.
    #[schema(value_type = Option<String>, format = DateTime)]
    unanswered_since: Option<Timestamp>,
    /// When the first of its service levels ends, or ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
    /// Whether a quarter of the time for one of them is left, or less.
    is_near: bool,
    /// How many of its actions wait for a second person.
    #[schema(example = 0)]
    waiting_actions: i64,
    version: i64,
}

impl From<DeskListed> for DeskRow {
    fn from(listed: DeskListed) -> Self {
        let priority = Priority::ALL.into_iter().find(|priority| priority.rank() == listed.priority);
        Self {
            case: listed.case.into(),
            customer_id: listed.customer_id,
            queue: listed.queue,
            skill: listed.skill,
            priority: priority.unwrap_or_default().into(),
            owner: listed.owner,
            unanswered_since: listed.unanswered_since,
            ends_at: listed.ends_at,
            is_near: listed.is_near,
            waiting_actions: listed.waiting_actions,
            version: listed.version,
        }
    }
}

/// How much a case presses.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriorityWord {
    Low,
    Normal,
    High,
    Urgent,
}

impl From<PriorityWord> for Priority {
    fn from(word: PriorityWord) -> Self {
        match word {
            PriorityWord::Low => Self::Low,
            PriorityWord::Normal => Self::Normal,
            PriorityWord::High => Self::High,
            PriorityWord::Urgent => Self::Urgent,
        }
    }
}

impl From<Priority> for PriorityWord {
    fn from(priority: Priority) -> Self {
        match priority {
            Priority::Low => Self::Low,
            Priority::Normal => Self::Normal,
            Priority::High => Self::High,
            Priority::Urgent => Self::Urgent,
        }
    }
}

/// List the desk's cases
///
/// Those that are open: urgent ones first, then those whose service levels end first, then the oldest.
#[utoipa::path(
    get,
    path = "/v1/cases/desk",
    operation_id = "list_desk_cases",
    tag = "Cases at the desk",
    security(("bearer" = ["care:desk"]), ("bearer" = ["care:lead"])),
    params(DeskCasesQuery),
    responses((status = 200, description = "A page of cases", body = Page<DeskRow>)),
)]
async fn queue(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<DeskCasesQuery>,
) -> Result<Json<Page<DeskRow>>, Problem> {
    let (limit, market) = (limit(query.limit)?, query.market.clone());
    let query = query.read(&caller);
    let cases = service.counter.desk_cases(&caller, &market, &query, limit + 1).await?;
    let page = Page::cut(cases, limit, |row| row.case.case_id.clone());
    Ok(Json(page.map(DeskRow::from)))
}

/// A case as the desk sees it, with all that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
struct CaseAtDesk {
    /// As its customer sees it.
    case: CaseShown,
    customer_id: String,
    market: String,
    queue: String,
    skill: Option<String>,
    priority: PriorityWord,
    /// Who has it.
    owner: Option<String>,
    /// It is passed on and not yet taken.
    escalated: bool,
    /// What was done, or is to be done, to the order or the wallet.
    actions: Vec<ActionShown>,
    /// Mails of unsure senders that wait until somebody has looked at them.
    unverified: Vec<UnverifiedShown>,
    /// How it stands against what its queue promises: what, which time, since when, by when, whether it runs.
    #[schema(value_type = Vec<Object>)]
    levels: Vec<Value>,
    /// What was promised and what came of it, as it was when the case last ended.
    #[schema(value_type = Vec<Object>)]
    results: Vec<Value>,
    /// What guided checks found out.
    #[schema(value_type = Vec<Object>)]
    checks: Vec<Value>,
    /// What else the customer gave.
    #[schema(value_type = Object)]
    evidence: Value,
    /// The order, its parcels and the balances as they were when it was opened.
    #[schema(value_type = Object)]
    facts: Value,
    /// Everything that happened to this customer's cases, by time.
    timeline: Vec<CaseEventShown>,
    /// All cases of the customer, the newest first.
    cases: Vec<CaseListed>,
    /// Where each yen of the order came from and went.
    order: Option<StoryShown>,
    /// The order's parcels, their numbers masked.
    parcels: Vec<ParcelMasked>,
    /// What the customer holds.
    wallet: WalletShown,
}

/// Something done, or to be done, from a case.
#[derive(Debug, Serialize, ToSchema)]
struct ActionShown {
    action_id: String,
    /// What, by its word, with its figures.
    #[schema(value_type = Object)]
    action: Value,
    reason: String,
    asked_by: String,
    approved_by: Option<String>,
    /// `waiting` for a second person, `open`, `rejected`, `done`, `refused`.
    #[schema(example = "waiting")]
    state: String,
    refused_because: Option<String>,
}

impl From<DeskAction> for ActionShown {
    fn from(action: DeskAction) -> Self {
        Self {
            action_id: action.action_id,
            action: action.action,
            reason: action.reason,
            asked_by: action.asked_by,
            approved_by: action.approved_by,
            state: action.state.to_owned(),
            refused_because: action.refused_because,
        }
    }
}

/// A mail of an unsure sender.
#[derive(Debug, Serialize, ToSchema)]
struct UnverifiedShown {
    /// By which it is accepted.
    came: u32,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    from_domain: String,
    text: String,
}

impl From<UnverifiedMail> for UnverifiedShown {
    fn from(UnverifiedMail { came, at, from_domain, text }: UnverifiedMail) -> Self {
        Self { came, at, from_domain, text }
    }
}

/// Something that happened to a case.
#[derive(Debug, Serialize, ToSchema)]
struct CaseEventShown {
    case_id: String,
    seq: u32,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who did what, as it is kept.
    #[schema(value_type = Object)]
    event: Value,
}

impl From<DeskEvent> for CaseEventShown {
    fn from(DeskEvent { case_id, seq, at, event }: DeskEvent) -> Self {
        Self { case_id, seq, at, event }
    }
}

/// A parcel with its numbers masked.
#[derive(Debug, Serialize, ToSchema)]
struct ParcelMasked {
    shipment_id: String,
    carrier: Option<String>,
    tracking_numbers: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    shipped_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    delivered_at: Option<Timestamp>,
}

impl From<MaskedParcel> for ParcelMasked {
    fn from(parcel: MaskedParcel) -> Self {
        let MaskedParcel { shipment_id, carrier, tracking_numbers, shipped_at, delivered_at } = parcel;
        Self { shipment_id, carrier, tracking_numbers, shipped_at, delivered_at }
    }
}

fn values<T: Serialize>(all: &[T]) -> Vec<Value> {
    all.iter().filter_map(|one| serde_json::to_value(one).ok()).collect()
}

impl From<DeskCase> for CaseAtDesk {
    fn from(case: DeskCase) -> Self {
        Self {
            case: case.public.into(),
            customer_id: case.customer_id,
            market: case.market,
            queue: case.queue,
            skill: case.skill,
            priority: case.priority.into(),
            owner: case.owner,
            escalated: case.escalated,
            actions: case.actions.into_iter().map(ActionShown::from).collect(),
            unverified: case.unverified.into_iter().map(UnverifiedShown::from).collect(),
            levels: values(&case.levels),
            results: values(&case.results),
            checks: case.checks,
            evidence: case.evidence,
            facts: case.facts,
            timeline: case.timeline.into_iter().map(CaseEventShown::from).collect(),
            cases: case.cases.into_iter().map(CaseListed::from).collect(),
            order: case.order.map(StoryShown::from),
            parcels: case.parcels.into_iter().map(ParcelMasked::from).collect(),
            wallet: case.wallet.into(),
        }
    }
}

/// Show a case at the desk
///
/// With its customer's other cases, the order's story, the parcels and the wallet. The `ETag` is its version.
#[utoipa::path(
    get,
    path = "/v1/cases/{case}/desk",
    operation_id = "show_desk_case",
    tag = "Cases at the desk",
    security(("bearer" = ["care:desk"]), ("bearer" = ["care:lead"])),
    params(("case" = String, Path, description = "The case")),
    responses((status = 200, description = "The case", body = CaseAtDesk)),
)]
async fn show(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(case): PathOf<String>,
) -> Result<impl IntoResponse, Problem> {
    let case = service.counter.desk_case(&caller, &case, service.clock.now()).await?;
    Ok((etag(case.public.version.into()), Json(CaseAtDesk::from(case))))
}

/// A step on a case's way.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
#[schema(example = json!({"step": "take"}))]
enum RouteShape {
    /// Whoever asks takes it, if nobody has it.
    Take,
    /// Whoever has it gives it back to its queue.
    Release,
    /// Somebody who leads gives it to somebody.
    Assign { staff_id: String },
    /// It goes to a queue, and nobody has it.
    Queue {
        queue: String,
        /// What it needs somebody to know.
        skill: Option<String>,
        reason: String,
    },
    /// It presses more or less.
    Priority { priority: PriorityWord },
    /// It is passed on: `functional` to somebody who knows more, `hierarchical` to somebody who decides more.
    Escalate { kind: EscalationWord, queue: String, skill: Option<String>, reason: String },
    /// Whoever asks takes what was passed on.
    Accept,
    /// It waits: for the customer, or for somebody who is named.
    Wait {
        /// Whom; the customer without it.
        third_party: Option<String>,
    },
    /// What it waited for has come.
    Resume { reason: String },
    /// A mail of an unsure sender is the customer's.
    AcceptMail { came: u32 },
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum EscalationWord {
    Functional,
    Hierarchical,
}

impl From<RouteShape> for Route {
    fn from(shape: RouteShape) -> Self {
        match shape {
            RouteShape::Take => Self::Take,
            RouteShape::Release => Self::Release,
            RouteShape::Assign { staff_id } => Self::Assign { staff_id },
            RouteShape::Queue { queue, skill, reason } => Self::Queue { queue, skill, reason },
            RouteShape::Priority { priority } => Self::Priority(priority.into()),
            RouteShape::Escalate { kind, queue, skill, reason } => {
                let kind = match kind {
                    EscalationWord::Functional => EscalationKind::Functional,
                    EscalationWord::Hierarchical => EscalationKind::Hierarchical,
                };
                Self::Escalate { kind, queue, skill, reason }
            }
            RouteShape::Accept => Self::Accept,
            RouteShape::Wait { third_party: None } => Self::Wait(WaitingFor::Customer),
            RouteShape::Wait { third_party: Some(who) } => Self::Wait(WaitingFor::ThirdParty { who }),
            RouteShape::Resume { reason } => Self::Resume { reason },
            RouteShape::AcceptMail { came } => Self::AcceptMail { came },
        }
    }
}

/// Take a step on a case's way
///
/// Take it, release it, assign it (`care:lead`), send it to a queue, change how much it presses, pass it on, accept what
/// was passed on, let it wait, go on, accept a mail. Of two who take it one gets it; the other hears who has it
/// (`case_taken`).
#[utoipa::path(
    post,
    path = "/v1/cases/{case}/route",
    operation_id = "route_case",
    tag = "Cases at the desk",
    security(("bearer" = ["care:desk"]), ("bearer" = ["care:lead"])),
    params(("case" = String, Path, description = "The case")),
    request_body = RouteShape,
    responses((status = 200, description = "The case after it", body = CaseAfter)),
)]
async fn route(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(case): PathOf<String>,
    Body(body): Body<RouteShape>,
) -> Result<Json<CaseAfter>, Problem> {
    Ok(Json(service.counter.route_case(&caller, &case, body.into(), service.clock.now()).await?.into()))
}

/// A reply of the desk.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"version": 2, "text": "本日お届けします。", "asks_customer": false}))]
struct ToReply {
    /// The version of the case that was seen.
    version: u32,
    /// Plain text, without placeholders.
    text: String,
    /// The template that it was made from, as the preview named it.
    template: Option<TemplateNamed>,
    /// Ids of attachments of this case.
    #[serde(default)]
    attachments: Vec<String>,
    /// It asks something: the case waits for the customer.
    #[serde(default)]
    asks_customer: bool,
}

/// A version of a template.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateNamed {
    key: String,
    version: u32,
    /// `ja` or `en`.
    language: String,
}

impl From<TemplateNamed> for TemplateUsed {
    fn from(TemplateNamed { key, version, language }: TemplateNamed) -> Self {
        Self { key, version, language }
    }
}

impl From<TemplateUsed> for TemplateNamed {
    fn from(TemplateUsed { key, version, language }: TemplateUsed) -> Self {
        Self { key, version, language }
    }
}

/// Reply in a case
///
/// Its customer reads it, under the agent's public name. Where somebody wrote since the version that was seen, nothing is
/// sent and the answer (`case_moved`) has the other's text.
#[utoipa::path(
    post,
    path = "/v1/cases/{case}/replies",
    operation_id = "reply_in_case",
    tag = "Cases at the desk",
    security(("bearer" = ["care:desk"])),
    params(
        ("case" = String, Path, description = "The case"),
        ("Idempotency-Key" = String, Header, description = "New for each reply"),
    ),
    request_body = ToReply,
    responses((status = 200, description = "It was sent", body = CaseAfter)),
)]
async fn reply(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(case): PathOf<String>,
    key: IdempotencyKey,
    RawJson(bytes): RawJson,
) -> Result<Json<CaseAfter>, Problem> {
    let body: ToReply = read_json(&bytes)?;
    let key = key.of("reply_in_case", &case, &bytes)?;
    let reply = DeskReply {
        version: body.version,
        text: body.text,
        template: body.template.map(TemplateUsed::from),
        attachments: body.attachments,
        asks_customer: body.asks_customer,
    };
    Ok(Json(service.counter.reply_in_case(&caller, &case, reply, key, service.clock.now()).await?.into()))
}

/// A note.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "配送業者に確認中"}))]
struct ToNote {
    text: String,
}

/// Note something
///
/// Only staff read it; its customer never does.
#[utoipa::path(
    post,
    path = "/v1/cases/{case}/notes",
    operation_id = "note_in_case",
    tag = "Cases at the desk",
    security(("bearer" = ["care:desk"])),
    params(
        ("case" = String, Path, description = "The case"),
        ("Idempotency-Key" = String, Header, description = "New for each note"),
    ),
    request_body = ToNote,
    responses((status = 200, description = "It is noted", body = CaseAfter)),
)]
async fn note(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(case): PathOf<String>,
    key: IdempotencyKey,
    RawJson(bytes): RawJson,
) -> Result<Json<CaseAfter>, Problem> {
    let body: ToNote = read_json(&bytes)?;
    let key = key.of("note_in_case", &case, &bytes)?;
    Ok(Json(service.counter.note_in_case(&caller, &case, &body.text, key, service.clock.now()).await?.into()))
}

/// Into which case another goes on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"case_id": "cas_0123456789abcdefghjkmnpqrs", "reason": "同じお問い合わせ"}))]
struct ToMerge {
    /// The case that stays: of the same customer.
    case_id: String,
    reason: String,
}

/// Merge a case into another
///
/// Of the same customer and market only. What is said to it from then on goes to the one that stays; both histories say
/// so, and it can be undone for 24 hours.
#[utoipa::path(
    post,
    path = "/v1/cases/{case}/merge",
    operation_id = "merge_case",
    tag = "Cases at the desk",
    security(("bearer" = ["care:desk"])),
    params(
        ("case" = String, Path, description = "The case that goes on elsewhere"),
        ("Idempotency-Key" = String, Header, description = "New for each merge"),
    ),
    request_body = ToMerge,
    responses((status = 200, description = "The merged case", body = CaseAfter)),
)]
async fn merge(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(case): PathOf<String>,
    key: IdempotencyKey,
    RawJson(bytes): RawJson,
) -> Result<Json<CaseAfter>, Problem> {
    let body: ToMerge = read_json(&bytes)?;
    let key = key.of("merge_case", &case, &bytes)?;
    let (both, at) = ((case.as_str(), body.case_id.as_str()), service.clock.now());
    Ok(Json(service.counter.merge_cases(&caller, both, &body.reason, key, at).await?.into()))
}

/// From which case one is to go on by itself again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"case_id": "cas_0123456789abcdefghjkmnpqrs"}))]
struct ToUndoMerge {
    /// The case that it was merged into.
    case_id: String,
}

/// Undo a merge
///
/// Within 24 hours. What came to the other case meanwhile stays there.
#[utoipa::path(
    post,
    path = "/v1/cases/{case}/merge/undo",
    operation_id = "undo_merge",
    tag = "Cases at the desk",
    security(("bearer" = ["care:desk"])),
    params(("case" = String, Path, description = "The merged case")),
    request_body = ToUndoMerge,
    responses((status = 200, description = "It goes on by itself", body = CaseAfter)),
)]
async fn undo_merge(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(case): PathOf<String>,
    Body(body): Body<ToUndoMerge>,
) -> Result<Json<CaseAfter>, Problem> {
    let both = (case.as_str(), body.case_id.as_str());
    Ok(Json(service.counter.undo_merge(&caller, both, service.clock.now()).await?.into()))
}

/// What came of a case.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"disposition": "delivered", "summary": "お荷物は宅配ボックスにありました。"}))]
struct ToSolve {
    /// In one word of the desk's list.
    disposition: String,
    /// What was done, for the customer.
    summary: String,
}

/// Solve a case
///
/// Its customer reads the summary, and can say for 7 days that it is not solved.
#[utoipa::path(
    post,
    path = "/v1/cases/{case}/solve",
    operation_id = "solve_case",
    tag = "Cases at the desk",
    security(("bearer" = ["care:desk"])),
    params(
        ("case" = String, Path, description = "The case"),
        ("Idempotency-Key" = String, Header, description = "New for each time"),
    ),
    request_body = ToSolve,
    responses((status = 200, description = "It is solved", body = CaseAfter)),
)]
async fn solve(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(case): PathOf<String>,
    key: IdempotencyKey,
    RawJson(bytes): RawJson,
) -> Result<Json<CaseAfter>, Problem> {
    let body: ToSolve = read_json(&bytes)?;
    let key = key.of("solve_case", &case, &bytes)?;
    let (what, at) = ((body.disposition.as_str(), body.summary.as_str()), service.clock.now());
    Ok(Json(service.counter.solve_case(&caller, &case, what, key, at).await?.into()))
}

/// Why masked data is to be seen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "配送業者への問い合わせ"}))]
struct ToReveal {
    /// It stands on the case and on the audit log.
    reason: String,
}

/// What is masked otherwise.
#[derive(Serialize, ToSchema)]
struct Revealed {
    tracking_numbers: Vec<String>,
}

/// Reveal the order's tracking numbers
///
/// With a reason. Each look is on the case and on the audit log, its customer can see it, and there are so many an hour.
#[utoipa::path(
    post,
    path = "/v1/cases/{case}/reveal",
    operation_id = "reveal_in_case",
    tag = "Cases at the desk",
    security(("bearer" = ["personal:reveal"])),
    params(("case" = String, Path, description = "The case")),
    request_body = ToReveal,
    responses((status = 200, description = "The numbers", body = Revealed)),
)]
async fn reveal(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(case): PathOf<String>,
    Body(body): Body<ToReveal>,
) -> Result<Json<Revealed>, Problem> {
    let at = service.clock.now();
    let tracking_numbers = service.counter.reveal_parcels(&caller, &case, &body.reason, at).await?;
    Ok(Json(Revealed { tracking_numbers }))
}
