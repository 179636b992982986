//! `/v1/customers/{id}/wallet`: what a customer holds, what expires when, and every change of it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use choba_app::{
    AdjustBalance, Adjusted, Caller, ExpiringValue, GrantValue, Granted, Granter, HeldBalance, HeldLot,
    LotStory, LotStoryRow, OwedPoints, Right, StatementEntry, StatementQuery, WaitingAdjustment, Wallet,
};
use choba_engine::books::EntryReason;
use choba_engine::market::LotKind;
use choba_engine::money::Points;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Asking, IdempotencyKey, Page, Params, PathOf, RawJson, limit, read_json};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(statement))
        .routes(routes!(lot))
        .routes(routes!(grant))
        .routes(routes!(adjust))
        .routes(routes!(waiting))
        .routes(routes!(approve))
        .routes(routes!(reject))
}

/// In which market.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InMarket {
    #[param(example = "rakuten-style")]
    pub market: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct WalletQuery {
    #[param(example = "rakuten-style")]
    market: String,
    /// Any instant, past or future; now without it.
    #[param(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
}

/// What a customer holds at an instant.
#[derive(Debug, Serialize, ToSchema)]
pub struct WalletShown {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// By program and kind.
    balances: Vec<BalanceShown>,
    /// Those with something in them, usable or pending.
    lots: Vec<LotShown>,
    /// Points taken back after they had been spent: the next ones pay them off.
    owed: Vec<OwedShown>,
    /// What expires when, if nothing is spent and nothing more is granted.
    expiring: Vec<ExpiringShown>,
}

/// What is held of one kind of a program.
#[derive(Debug, Serialize, ToSchema)]
struct BalanceShown {
    program: String,
    #[schema(value_type = Option<String>, example = "limited")]
    kind: Option<LotKind>,
    /// Promised, not pending before the day after their order.
    #[schema(value_type = i64)]
    announced: Points,
    /// Seen but not usable yet.
    #[schema(value_type = i64)]
    pending: Points,
    #[schema(value_type = i64)]
    available: Points,
    #[schema(value_type = i64)]
    expired: Points,
}

/// Value granted together.
#[derive(Debug, Serialize, ToSchema)]
struct LotShown {
    lot_id: String,
    program: String,
    #[schema(value_type = Option<String>, example = "limited")]
    kind: Option<LotKind>,
    #[schema(value_type = i64)]
    granted: Points,
    #[schema(value_type = i64)]
    remaining: Points,
    #[schema(value_type = String, format = DateTime)]
    granted_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    available_at: Timestamp,
    /// Its last usable second.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// `order`, `gift_card`, `grant` or `grace`.
    origin: String,
    origin_id: String,
}

/// Points that are owed.
#[derive(Debug, Serialize, ToSchema)]
struct OwedShown {
    program: String,
    #[schema(value_type = i64)]
    points: Points,
}

/// What expires in one month.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpiringShown {
    /// Its first day; nothing for what never expires.
    #[schema(value_type = Option<String>, format = Date)]
    month: Option<Date>,
    program: String,
    #[schema(value_type = Option<String>, example = "limited")]
    kind: Option<LotKind>,
    #[schema(value_type = i64)]
    points: Points,
}

impl From<HeldBalance> for BalanceShown {
    fn from(balance: HeldBalance) -> Self {
        let HeldBalance { program, kind, announced, pending, available, expired } = balance;
        Self { program, kind, announced, pending, available, expired }
    }
}

impl From<HeldLot> for LotShown {
    fn from(lot: HeldLot) -> Self {
        Self {
            lot_id: lot.lot_id,
            program: lot.program,
            kind: lot.kind,
            granted: lot.granted,
            remaining: lot.remaining,
            granted_at: lot.granted_at,
            available_at: lot.available_at,
            expires_at: lot.expires_at,
            origin: lot.origin.to_owned(),
            origin_id: lot.origin_id,
        }
    }
}

impl From<OwedPoints> for OwedShown {
    fn from(OwedPoints { program, points }: OwedPoints) -> Self {
        Self { program, points }
    }
}

impl From<ExpiringValue> for ExpiringShown {
    fn from(ExpiringValue { month, program, kind, points }: ExpiringValue) -> Self {
        Self { month, program, kind, points }
    }
}

impl From<Wallet> for WalletShown {
    fn from(wallet: Wallet) -> Self {
        Self {
            at: wallet.at,
            balances: wallet.balances.into_iter().map(BalanceShown::from).collect(),
            lots: wallet.lots.into_iter().map(LotShown::from).collect(),
            owed: wallet.owed.into_iter().map(OwedShown::from).collect(),
            expiring: wallet.expiring.into_iter().map(ExpiringShown::from).collect(),
        }
    }
}

/// Show a wallet
///
/// Balances are a function of time: of any instant, past or future.
#[utoipa::path(
    get,
    path = "/v1/customers/{customer_id}/wallet",
    operation_id = "show_wallet",
    tag = "Wallet",
    security(("bearer" = ["wallet:read"])),
    params(("customer_id" = String, Path, description = "The customer"), WalletQuery),
    responses((status = 200, description = "What is held", body = WalletShown)),
)]
async fn show(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(customer_id): PathOf<String>,
    Params(query): Params<WalletQuery>,
) -> Result<Json<WalletShown>, Problem> {
    let whose = caller.acting_for(&customer_id, &query.market, Right::WalletRead)?;
    let at = query.at.unwrap_or_else(|| service.clock.now());
    Ok(Json(service.counter.wallet_at(&whose, at).await?.into()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct StatementParams {
    #[param(example = "rakuten-style")]
    market: String,
    /// Of one program only.
    program: Option<String>,
    /// Oldest first; newest first without it.
    oldest_first: Option<bool>,
    /// `next` of the page before.
    after: Option<String>,
    /// Rows of the page, 50 without it.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// What an entry did to a program's balance.
#[derive(Debug, Serialize, ToSchema)]
struct StatementRow {
    entry_id: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[schema(value_type = String, example = "granted")]
    reason: EntryReason,
    order_id: Option<String>,
    order_number: Option<String>,
    note: Option<String>,
    program: String,
    /// Came (above zero) or went.
    points: i64,
    /// After it, pending and available together.
    balance: i64,
}

impl From<StatementEntry> for StatementRow {
    fn from(entry: StatementEntry) -> Self {
        Self {
            entry_id: entry.entry_id,
            at: entry.at,
            reason: entry.reason,
            order_id: entry.order_id,
            order_number: entry.order_number,
            note: entry.note,
            program: entry.program,
            points: entry.points,
            balance: entry.balance,
        }
    }
}

/// List what happened to a wallet
#[utoipa::path(
    get,
    path = "/v1/customers/{customer_id}/wallet/statement",
    operation_id = "wallet_statement",
    tag = "Wallet",
    security(("bearer" = ["wallet:read"])),
    params(("customer_id" = String, Path, description = "The customer"), StatementParams),
    responses((status = 200, description = "A page of rows", body = Page<StatementRow>)),
)]
async fn statement(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(customer_id): PathOf<String>,
    Params(params): Params<StatementParams>,
) -> Result<Json<Page<StatementRow>>, Problem> {
    let whose = caller.acting_for(&customer_id, &params.market, Right::WalletRead)?;
    let query = StatementQuery {
        program: params.program,
        newest_first: !params.oldest_first.unwrap_or_default(),
        after: params.after,
        most: limit(params.limit)?,
    };
    let statement = service.counter.statement(&whose, &query).await.map_err(in_query)?;
    let data = statement.rows.into_iter().map(StatementRow::from).collect();
    Ok(Json(Page { data, next: statement.next }))
}

/// Parameters are named by `#`.
fn in_query(error: choba_app::AppError) -> Problem {
    match error {
        choba_app::AppError::Field { field, fault } => Problem::field(&field.replacen('/', "#", 1), fault),
        other => other.into(),
    }
}

/// A lot with everything that happened to it.
#[derive(Debug, Serialize, ToSchema)]
struct LotStoryShown {
    lot: LotShown,
    /// Oldest first.
    rows: Vec<LotRow>,
}

/// Something that was posted to a lot.
#[derive(Debug, Serialize, ToSchema)]
struct LotRow {
    entry_id: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[schema(value_type = String, example = "granted")]
    reason: EntryReason,
    order_id: Option<String>,
    note: Option<String>,
    points: i64,
    balance: i64,
}

impl From<LotStory> for LotStoryShown {
    fn from(story: LotStory) -> Self {
        let row = |row: LotStoryRow| LotRow {
            entry_id: row.entry_id,
            at: row.at,
            reason: row.reason,
            order_id: row.order_id,
            note: row.note,
            points: row.points,
            balance: row.balance,
        };
        Self { lot: story.lot.into(), rows: story.rows.into_iter().map(row).collect() }
    }
}

/// Tell a lot's story
#[utoipa::path(
    get,
    path = "/v1/customers/{customer_id}/wallet/lots/{lot_id}",
    operation_id = "lot_story",
    tag = "Wallet",
    security(("bearer" = ["wallet:read"])),
    params(
        ("customer_id" = String, Path, description = "The customer"),
        ("lot_id" = String, Path, description = "The lot"),
        InMarket,
    ),
    responses((status = 200, description = "The lot and what happened to it", body = LotStoryShown)),
)]
async fn lot(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf((customer_id, lot_id)): PathOf<(String, String)>,
    Params(query): Params<InMarket>,
) -> Result<Json<LotStoryShown>, Problem> {
    let whose = caller.acting_for(&customer_id, &query.market, Right::WalletRead)?;
    Ok(Json(service.counter.lot_story(&whose, &lot_id).await?.into()))
}

/// Of which kind.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KindShape {
    /// 期間限定.
    Limited,
    /// Exchanged from another program.
    Exchanged,
    /// 通常.
    Ordinary,
}

impl From<KindShape> for LotKind {
    fn from(kind: KindShape) -> Self {
        match kind {
            KindShape::Limited => Self::Limited,
            KindShape::Exchanged => Self::Exchanged,
            KindShape::Ordinary => Self::Ordinary,
        }
    }
}

/// Value to be granted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "market": "rakuten-style", "program": "rakuten", "kind": "limited", "points": 500,
    "expires_at": "2026-12-31T23:59:59+09:00", "reason": "winter campaign"
}))]
struct ToGrant {
    market: String,
    /// A program that the market holds.
    program: String,
    kind: Option<KindShape>,
    #[schema(minimum = 1)]
    points: i64,
    /// At once without it.
    #[schema(value_type = Option<String>, format = DateTime)]
    available_at: Option<Timestamp>,
    /// The last usable second; where every grant renews the balance, that rule decides instead.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// As the customer reads it in the statement.
    reason: String,
}

/// Granted value.
#[derive(Debug, Serialize, ToSchema)]
struct GrantedShown {
    lot_id: String,
    #[schema(value_type = i64)]
    points: Points,
    #[schema(value_type = String, format = DateTime)]
    available_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// What of it paid off points that were owed.
    #[schema(value_type = i64)]
    paid_debt: Points,
}

impl From<Granted> for GrantedShown {
    fn from(granted: Granted) -> Self {
        let Granted { lot_id, points, available_at, expires_at, paid_debt } = granted;
        Self { lot_id, points, available_at, expires_at, paid_debt }
    }
}

/// Grant value
///
/// A key grants as a campaign, a member of staff up to the market's limit for one person.
#[utoipa::path(
    post,
    path = "/v1/customers/{customer_id}/wallet/grants",
    operation_id = "grant_value",
    tag = "Wallet",
    security(("bearer" = ["value:grant"])),
    params(
        ("customer_id" = String, Path, description = "The customer"),
        ("Idempotency-Key" = String, Header, description = "New for each grant"),
    ),
    request_body = ToGrant,
    responses((status = 201, description = "It is granted", body = GrantedShown)),
)]
async fn grant(
    State(service): State<Service>,
    Asking(caller): Asking,
    key: IdempotencyKey,
    PathOf(customer_id): PathOf<String>,
    RawJson(bytes): RawJson,
) -> Result<impl IntoResponse, Problem> {
    let body: ToGrant = read_json(&bytes)?;
    let whose = caller.acting_for(&customer_id, &body.market, Right::ValueGrant)?;
    let grant = GrantValue {
        whose,
        program: body.program,
        kind: body.kind.map(LotKind::from),
        points: points(body.points)?,
        available_at: body.available_at,
        expires_at: body.expires_at,
        reason: body.reason,
        by: granter(&caller),
        key: key.of("grant_value", &customer_id, &bytes)?,
    };
    let granted = service.counter.grant_value(grant, service.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(GrantedShown::from(granted))))
}

fn granter(caller: &Caller) -> Granter {
    match caller {
        Caller::Staff { .. } => Granter::Staff(caller.by()),
        _ => Granter::Campaign(caller.by()),
    }
}

fn points(points: i64) -> Result<Points, Problem> {
    let most = Points::INPUT_MAX.units();
    if (1..=most).contains(&points) {
        return Ok(Points::new(points));
    }
    Err(Problem::field("/points", format!("expected 1 to {most}")))
}

/// A correction that is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "market": "rakuten-style", "program": "rakuten", "kind": "ordinary", "points": -20, "reason": "granted twice"
}))]
struct ToAdjust {
    market: String,
    /// A program that the market holds.
    program: String,
    kind: Option<KindShape>,
    /// More (above zero) or fewer.
    points: i64,
    /// The last usable second of points that are given.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    reason: String,
}

/// What came of a correction.
#[derive(Debug, Serialize, ToSchema)]
struct AdjustedShown {
    /// `made`, `waiting` for a second person, or `rejected`.
    #[schema(example = "made")]
    state: &'static str,
    /// Where it waits: by which it is approved or rejected.
    adjustment_id: Option<String>,
}

impl From<Adjusted> for AdjustedShown {
    fn from(adjusted: Adjusted) -> Self {
        match adjusted {
            Adjusted::Made => Self { state: "made", adjustment_id: None },
            Adjusted::Waiting { adjustment_id } => {
                Self { state: "waiting", adjustment_id: Some(adjustment_id) }
            }
            Adjusted::Rejected => Self { state: "rejected", adjustment_id: None },
        }
    }
}

/// Correct a balance
///
/// With a reason; above the market's limit it waits for a second person.
#[utoipa::path(
    post,
    path = "/v1/customers/{customer_id}/wallet/adjustments",
    operation_id = "adjust_balance",
    tag = "Wallet",
    security(("bearer" = ["value:grant"])),
    params(
        ("customer_id" = String, Path, description = "The customer"),
        ("Idempotency-Key" = String, Header, description = "New for each correction"),
    ),
    request_body = ToAdjust,
    responses((status = 200, description = "What came of it", body = AdjustedShown)),
)]
async fn adjust(
    State(service): State<Service>,
    Asking(caller): Asking,
    key: IdempotencyKey,
    PathOf(customer_id): PathOf<String>,
    RawJson(bytes): RawJson,
) -> Result<Json<AdjustedShown>, Problem> {
    let body: ToAdjust = read_json(&bytes)?;
    let whose = caller.acting_for(&customer_id, &body.market, Right::ValueGrant)?;
    points(body.points.checked_abs().unwrap_or(0))?;
    let adjust = AdjustBalance {
        whose,
        program: body.program,
        kind: body.kind.map(LotKind::from),
        points: body.points,
        expires_at: body.expires_at,
        reason: body.reason,
        by: caller.by(),
        key: key.of("adjust_balance", &customer_id, &bytes)?,
    };
    Ok(Json(service.counter.adjust_balance(adjust, service.clock.now()).await?.into()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct WaitingQuery {
    #[param(example = "rakuten-style")]
    market: String,
    /// `next` of the page before.
    after: Option<String>,
    /// Rows of the page, 50 without it.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// A correction that waits for a second person.
#[derive(Debug, Serialize, ToSchema)]
struct WaitingShown {
    adjustment_id: String,
    customer_id: String,
    program: String,
    #[schema(value_type = Option<String>, example = "limited")]
    kind: Option<LotKind>,
    points: i64,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    reason: String,
    asked_by: String,
    #[schema(value_type = String, format = DateTime)]
    asked_at: Timestamp,
}

impl From<WaitingAdjustment> for WaitingShown {
    fn from(waiting: WaitingAdjustment) -> Self {
        Self {
            adjustment_id: waiting.adjustment_id,
            customer_id: waiting.customer_id,
            program: waiting.program,
            kind: waiting.kind,
            points: waiting.points,
            expires_at: waiting.expires_at,
            reason: waiting.reason,
            asked_by: waiting.asked_by,
            asked_at: waiting.asked_at,
        }
    }
}

/// List corrections that wait for a second person
#[utoipa::path(
    get,
    path = "/v1/adjustments",
    operation_id = "waiting_adjustments",
    tag = "Wallet",
    security(("bearer" = ["value:approve"])),
    params(WaitingQuery),
    responses((status = 200, description = "A page of corrections, oldest first", body = Page<WaitingShown>)),
)]
async fn waiting(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<WaitingQuery>,
) -> Result<Json<Page<WaitingShown>>, Problem> {
    caller.may(Right::ValueApprove)?;
    let limit = limit(query.limit)?;
    let rows = service.counter.waiting_adjustments(&query.market, query.after.as_deref(), limit + 1).await?;
    Ok(Json(Page::cut(rows, limit, |row| row.adjustment_id.clone()).map(WaitingShown::from)))
}

/// Approve a correction
///
/// By another person than who asked for it. Approved again, nothing changes.
#[utoipa::path(
    post,
    path = "/v1/adjustments/{adjustment_id}/approve",
    operation_id = "approve_adjustment",
    tag = "Wallet",
    security(("bearer" = ["value:approve"])),
    params(("adjustment_id" = String, Path, description = "The correction")),
    responses((status = 200, description = "What came of it", body = AdjustedShown)),
)]
async fn approve(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(adjustment_id): PathOf<String>,
) -> Result<Json<AdjustedShown>, Problem> {
    caller.may(Right::ValueApprove)?;
    let (by, at) = (caller.by(), service.clock.now());
    Ok(Json(service.counter.approve_adjustment(&adjustment_id, &by, at).await?.into()))
}

/// Reject a correction
///
/// Who asked for it may do so as well. Rejected again, nothing changes.
#[utoipa::path(
    post,
    path = "/v1/adjustments/{adjustment_id}/reject",
    operation_id = "reject_adjustment",
    tag = "Wallet",
    security(("bearer" = ["value:approve"])),
    params(("adjustment_id" = String, Path, description = "The correction")),
    responses((status = 200, description = "What came of it", body = AdjustedShown)),
)]
async fn reject(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(adjustment_id): PathOf<String>,
) -> Result<Json<AdjustedShown>, Problem> {
    caller.may(Right::ValueApprove)?;
    let (by, at) = (caller.by(), service.clock.now());
    Ok(Json(service.counter.reject_adjustment(&adjustment_id, &by, at).await?.into()))
}
