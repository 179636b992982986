//! `/v1/programs` and what customers do with them: link, unlink, always use; and the coupons they hold.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use choba_app::{LinkProgram, LinkedProgram, Right};
use choba_engine::market::{Held, Program};
use choba_engine::money::Points;
use choba_outside::Secret;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::wallet::InMarket;
use crate::extract::{Asking, Body, IdempotencyKey, Params, PathOf, RawJson, read_json};
use crate::problem::InBoth;
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(links))
        .routes(routes!(link, unlink))
        .routes(routes!(always_use))
        .routes(routes!(refresh))
        .routes(routes!(coupons))
        .routes(routes!(give_coupon))
        .routes(routes!(set_rank))
}

/// One kind of stored value.
#[derive(Debug, Serialize, ToSchema)]
struct ProgramShown {
    program: String,
    name: InBoth,
    /// `here`, or by a `partner`.
    #[schema(example = "here")]
    held: &'static str,
}

impl From<&Program> for ProgramShown {
    fn from(program: &Program) -> Self {
        Self {
            program: program.id.clone(),
            name: InBoth { ja: program.name.ja.clone(), en: program.name.en.clone() },
            held: if program.held == Held::Here { "here" } else { "partner" },
        }
    }
}

/// All of a short list.
#[derive(Debug, Serialize, ToSchema)]
pub struct All<T> {
    pub data: Vec<T>,
}

/// List a market's programs
#[utoipa::path(
    get,
    path = "/v1/programs",
    operation_id = "list_programs",
    tag = "Programs",
    security(("bearer" = ["markets:read"])),
    params(InMarket),
    responses((status = 200, description = "The programs", body = All<ProgramShown>)),
)]
async fn list(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<InMarket>,
) -> Result<Json<All<ProgramShown>>, Problem> {
    caller.may(Right::MarketsRead)?;
    let market = service.counter.markets().get(&query.market)?;
    Ok(Json(All { data: market.programs.iter().map(ProgramShown::from).collect() }))
}

/// A linked program.
#[derive(Debug, Serialize, ToSchema)]
struct LinkShown {
    program: String,
    /// All of it is used wherever a request says nothing of it.
    always_use: bool,
    /// Points held there, as the partner last said.
    #[schema(value_type = i64)]
    balance: Points,
    #[schema(value_type = i64)]
    earned_last_3_months: Points,
    #[schema(value_type = i64)]
    earned_this_month: Points,
    /// When the partner said so.
    #[schema(value_type = Option<String>, format = DateTime)]
    seen_at: Option<Timestamp>,
}

impl From<LinkedProgram> for LinkShown {
    fn from(linked: LinkedProgram) -> Self {
        Self {
            program: linked.program,
            always_use: linked.always_use,
            balance: linked.balance,
            earned_last_3_months: linked.earned_last_3_months,
            earned_this_month: linked.earned_this_month,
            seen_at: linked.seen_at,
        }
    }
}

/// List a customer's linked programs
#[utoipa::path(
    get,
    path = "/v1/customers/{customer_id}/links",
    operation_id = "list_links",
    tag = "Programs",
    security(("bearer" = ["wallet:read"])),
    params(("customer_id" = String, Path, description = "The customer"), InMarket),
    responses((status = 200, description = "The links", body = All<LinkShown>)),
)]
async fn links(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(customer_id): PathOf<String>,
    Params(query): Params<InMarket>,
) -> Result<Json<All<LinkShown>>, Problem> {
    let whose = caller.acting_for(&customer_id, &query.market, Right::WalletRead)?;
    let linked = service.counter.linked_programs(&whose).await?;
    Ok(Json(All { data: linked.into_iter().map(LinkShown::from).collect() }))
}

/// The proof that the account there is the customer's.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"market": "amazon-style", "code": "LINK-mbr_taro-1"}))]
struct ToLink {
    market: String,
    /// The one-time code that the partner showed to the customer.
    code: String,
}

/// Link a partner's program
#[utoipa::path(
    put,
    path = "/v1/customers/{customer_id}/links/{program}",
    operation_id = "link_program",
    tag = "Programs",
    security(("bearer" = ["wallet:write"])),
    params(
        ("customer_id" = String, Path, description = "The customer"),
        ("program" = String, Path, description = "The partner's program"),
        ("Idempotency-Key" = String, Header, description = "New for each wish"),
    ),
    request_body = ToLink,
    responses((status = 201, description = "It is linked", body = LinkShown)),
)]
async fn link(
    State(service): State<Service>,
    Asking(caller): Asking,
    key: IdempotencyKey,
    PathOf((customer_id, program)): PathOf<(String, String)>,
    RawJson(bytes): RawJson,
) -> Result<impl IntoResponse, Problem> {
    let body: ToLink = read_json(&bytes)?;
    let whose = caller.acting_for(&customer_id, &body.market, Right::WalletWrite)?;
    let key = key.of("link_program", &program, &bytes)?;
    let link = LinkProgram { whose, program, code: Secret::new(body.code), key };
    let linked = service.counter.link_program(link, service.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(LinkShown::from(linked))))
}

/// End a link
///
/// At once; the partner is told.
#[utoipa::path(
    delete,
    path = "/v1/customers/{customer_id}/links/{program}",
    operation_id = "unlink_program",
    tag = "Programs",
    security(("bearer" = ["wallet:write"])),
    params(
        ("customer_id" = String, Path, description = "The customer"),
        ("program" = String, Path, description = "The partner's program"),
        InMarket,
        ("Idempotency-Key" = String, Header, description = "New for each wish"),
    ),
    responses((status = 204, description = "It is not linked any more")),
)]
async fn unlink(
    State(service): State<Service>,
    Asking(caller): Asking,
    key: IdempotencyKey,
    PathOf((customer_id, program)): PathOf<(String, String)>,
    Params(query): Params<InMarket>,
) -> Result<StatusCode, Problem> {
    let whose = caller.acting_for(&customer_id, &query.market, Right::WalletWrite)?;
    let key = key.of("unlink_program", &program, query.market.as_bytes())?;
    service.counter.unlink_program(&whose, &program, key, service.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a customer wants.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"market": "amazon-style", "always_use": true}))]
struct AlwaysUse {
    market: String,
    always_use: bool,
}

/// Set whether points are always used
#[utoipa::path(
    put,
    path = "/v1/customers/{customer_id}/links/{program}/always-use",
    operation_id = "always_use_program",
    tag = "Programs",
    security(("bearer" = ["wallet:write"])),
    params(
        ("customer_id" = String, Path, description = "The customer"),
        ("program" = String, Path, description = "The partner's program"),
    ),
    request_body = AlwaysUse,
    responses((status = 200, description = "The link as it is now", body = LinkShown)),
)]
async fn always_use(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf((customer_id, program)): PathOf<(String, String)>,
    Body(body): Body<AlwaysUse>,
) -> Result<Json<LinkShown>, Problem> {
    let whose = caller.acting_for(&customer_id, &body.market, Right::WalletWrite)?;
    let at = service.clock.now();
    Ok(Json(service.counter.always_use_program(&whose, &program, body.always_use, at).await?.into()))
}

/// Ask a partner for the balance
#[utoipa::path(
    post,
    path = "/v1/customers/{customer_id}/links/{program}/refresh",
    operation_id = "refresh_link",
    tag = "Programs",
    security(("bearer" = ["wallet:read"])),
    params(
        ("customer_id" = String, Path, description = "The customer"),
        ("program" = String, Path, description = "The partner's program"),
        InMarket,
    ),
    responses((status = 200, description = "The link as the partner says it is", body = LinkShown)),
)]
async fn refresh(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf((customer_id, program)): PathOf<(String, String)>,
    Params(query): Params<InMarket>,
) -> Result<Json<LinkShown>, Problem> {
    let whose = caller.acting_for(&customer_id, &query.market, Right::WalletRead)?;
    Ok(Json(service.counter.refresh_link(&whose, &program, service.clock.now()).await?.into()))
}

/// A coupon that a customer holds.
#[derive(Debug, Serialize, ToSchema)]
struct CouponShown {
    coupon_id: String,
    name: Option<InBoth>,
    /// How often it was used.
    uses: i64,
    /// Its last usable second.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
}

/// List a customer's coupons
#[utoipa::path(
    get,
    path = "/v1/customers/{customer_id}/coupons",
    operation_id = "list_coupons",
    tag = "Programs",
    security(("bearer" = ["wallet:read"])),
    params(("customer_id" = String, Path, description = "The customer"), InMarket),
    responses((status = 200, description = "The coupons", body = All<CouponShown>)),
)]
async fn coupons(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(customer_id): PathOf<String>,
    Params(query): Params<InMarket>,
) -> Result<Json<All<CouponShown>>, Problem> {
    let whose = caller.acting_for(&customer_id, &query.market, Right::WalletRead)?;
    let market = service.counter.markets().get(&query.market)?;
    let held = service.counter.coupons_of(&whose).await?;
    let shown = held.into_iter().map(|held| {
        let coupon = market.coupon(&held.coupon_id);
        CouponShown {
            name: coupon.map(|coupon| InBoth { ja: coupon.name.ja.clone(), en: coupon.name.en.clone() }),
            ends_at: coupon.and_then(|coupon| coupon.ends_at),
            coupon_id: held.coupon_id,
            uses: held.uses,
        }
    });
    Ok(Json(All { data: shown.collect() }))
}

/// Give a customer a coupon
///
/// Given twice, it is held once.
#[utoipa::path(
    put,
    path = "/v1/customers/{customer_id}/coupons/{coupon_id}",
    operation_id = "give_coupon",
    tag = "Programs",
    security(("bearer" = ["value:grant"])),
    params(
        ("customer_id" = String, Path, description = "The customer"),
        ("coupon_id" = String, Path, description = "The coupon"),
        InMarket,
    ),
    responses((status = 204, description = "It is held")),
)]
async fn give_coupon(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf((customer_id, coupon_id)): PathOf<(String, String)>,
    Params(query): Params<InMarket>,
) -> Result<StatusCode, Problem> {
    let whose = caller.acting_for(&customer_id, &query.market, Right::ValueGrant)?;
    service.counter.give_coupon(&whose, &coupon_id, service.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A member rank.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"market": "rakuten-style", "rank": "gold"}))]
struct RankShape {
    market: String,
    /// Nothing takes it away.
    rank: Option<String>,
}

/// Set a customer's member rank
///
/// The marketplace knows its ranks; coupons and campaigns may ask for one.
#[utoipa::path(
    put,
    path = "/v1/customers/{customer_id}/rank",
    operation_id = "set_rank",
    tag = "Programs",
    security(("bearer" = ["value:grant"])),
    params(("customer_id" = String, Path, description = "The customer")),
    request_body = RankShape,
    responses((status = 204, description = "It is so")),
)]
async fn set_rank(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(customer_id): PathOf<String>,
    Body(body): Body<RankShape>,
) -> Result<StatusCode, Problem> {
    let whose = caller.acting_for(&customer_id, &body.market, Right::ValueGrant)?;
    service.counter.set_rank(&whose, body.rank.as_deref(), service.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
