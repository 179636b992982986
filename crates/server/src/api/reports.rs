//! `/v1/reports`: what the market owes, what was granted, spent and expired, what will expire, how coupons are used.

use axum::Json;
use axum::extract::State;
use choba_app::{CouponReport, LiabilityReport, ProgramLiability, ProgramMonth, Right, SellerPayable};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::programs::All;
use super::wallet::{ExpiringShown, InMarket};
use crate::extract::{Asking, Params};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(liability))
        .routes(routes!(value))
        .routes(routes!(expiry))
        .routes(routes!(coupons))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AtQuery {
    #[param(example = "rakuten-style")]
    market: String,
    /// Any instant up to now; now without it.
    #[param(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
}

/// What the market owes at an instant.
#[derive(Debug, Serialize, ToSchema)]
struct LiabilityShown {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// To holders of stored value.
    programs: Vec<ProgramOwed>,
    /// To sellers.
    sellers: Vec<SellerOwed>,
}

/// Stored value that is outstanding, in points, but for what it is worth.
#[derive(Debug, Serialize, ToSchema)]
struct ProgramOwed {
    program: String,
    pending: i64,
    available: i64,
    /// Past its end, not booked as expired yet; nobody can use it.
    ended: i64,
    /// On gift cards that nobody has redeemed.
    gift_cards: i64,
    owed_by_customers: i64,
    /// Yen.
    worth: i64,
}

/// What a seller is owed.
#[derive(Debug, Serialize, ToSchema)]
struct SellerOwed {
    seller: String,
    /// Below zero where too much has been paid.
    amount: i64,
}

impl From<LiabilityReport> for LiabilityShown {
    fn from(report: LiabilityReport) -> Self {
        let program = |owed: ProgramLiability| ProgramOwed {
            program: owed.program,
            pending: owed.pending,
            available: owed.available,
            ended: owed.ended,
            gift_cards: owed.gift_cards,
            owed_by_customers: owed.owed_by_customers,
            worth: owed.worth,
        };
        let seller = |SellerPayable { seller, amount }: SellerPayable| SellerOwed { seller, amount };
        Self {
            at: report.at,
            programs: report.programs.into_iter().map(program).collect(),
            sellers: report.sellers.into_iter().map(seller).collect(),
        }
    }
}

/// Report what the market owes
#[utoipa::path(
    get,
    path = "/v1/reports/liability",
    operation_id = "liability_report",
    tag = "Reports",
    security(("bearer" = ["reports:read"])),
    params(AtQuery),
    responses((status = 200, description = "What is owed", body = LiabilityShown)),
)]
async fn liability(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<AtQuery>,
) -> Result<Json<LiabilityShown>, Problem> {
    caller.may(Right::ReportsRead)?;
    let at = query.at.unwrap_or_else(|| service.clock.now());
    Ok(Json(service.counter.liability_report(&query.market, at).await?.into()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PeriodQuery {
    #[param(example = "rakuten-style")]
    market: String,
    #[param(value_type = String, format = DateTime, example = "2026-11-01T00:00:00+09:00")]
    from: Timestamp,
    /// Not included.
    #[param(value_type = String, format = DateTime, example = "2026-12-01T00:00:00+09:00")]
    until: Timestamp,
}

/// What happened to a program's value in a month, in points.
#[derive(Debug, Serialize, ToSchema)]
struct MonthShown {
    /// Its first day.
    #[schema(value_type = String, format = Date)]
    month: Date,
    program: String,
    granted: i64,
    taken_back: i64,
    spent: i64,
    returned: i64,
    /// Breakage.
    expired: i64,
    adjusted_up: i64,
    adjusted_down: i64,
    cards_issued: i64,
    cards_redeemed: i64,
    /// Breakage of gift cards.
    cards_expired: i64,
}

impl From<ProgramMonth> for MonthShown {
    fn from(month: ProgramMonth) -> Self {
        Self {
            month: month.month,
            program: month.program,
            granted: month.granted,
            taken_back: month.taken_back,
            spent: month.spent,
            returned: month.returned,
            expired: month.expired,
            adjusted_up: month.adjusted_up,
            adjusted_down: month.adjusted_down,
            cards_issued: month.cards_issued,
            cards_redeemed: month.cards_redeemed,
            cards_expired: month.cards_expired,
        }
    }
}

/// Report what was granted, spent and expired
///
/// By the market's months.
#[utoipa::path(
    get,
    path = "/v1/reports/value",
    operation_id = "value_report",
    tag = "Reports",
    security(("bearer" = ["reports:read"])),
    params(PeriodQuery),
    responses((status = 200, description = "By month and program", body = All<MonthShown>)),
)]
async fn value(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<PeriodQuery>,
) -> Result<Json<All<MonthShown>>, Problem> {
    caller.may(Right::ReportsRead)?;
    if query.until < query.from {
        return Err(Problem::field("#until", "expected a time after `from`"));
    }
    let months = service.counter.value_report(&query.market, query.from, query.until).await?;
    Ok(Json(All { data: months.into_iter().map(MonthShown::from).collect() }))
}

/// Report what will expire
///
/// If nothing is spent and nothing more is granted.
#[utoipa::path(
    get,
    path = "/v1/reports/expiry-forecast",
    operation_id = "expiry_forecast",
    tag = "Reports",
    security(("bearer" = ["reports:read"])),
    params(InMarket),
    responses((status = 200, description = "By month, program and kind", body = All<ExpiringShown>)),
)]
async fn expiry(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<InMarket>,
) -> Result<Json<All<ExpiringShown>>, Problem> {
    caller.may(Right::ReportsRead)?;
    let rows = service.counter.expiry_forecast(&query.market, service.clock.now()).await?;
    Ok(Json(All { data: rows.into_iter().map(ExpiringShown::from).collect() }))
}

/// How a coupon is used.
#[derive(Debug, Serialize, ToSchema)]
struct CouponUse {
    coupon_id: String,
    /// Customers who were given it.
    holders: i64,
    uses: i64,
    /// Uses that there are for all customers together, where that is limited.
    quota: Option<i64>,
    /// Uses counted against the quota, reserved ones among them.
    taken: Option<i64>,
}

impl From<CouponReport> for CouponUse {
    fn from(report: CouponReport) -> Self {
        let CouponReport { coupon_id, holders, uses, quota, taken } = report;
        Self { coupon_id, holders, uses, quota, taken }
    }
}

/// Report how coupons are used
#[utoipa::path(
    get,
    path = "/v1/reports/coupons",
    operation_id = "coupon_report",
    tag = "Reports",
    security(("bearer" = ["reports:read"])),
    params(InMarket),
    responses((status = 200, description = "By coupon", body = All<CouponUse>)),
)]
async fn coupons(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<InMarket>,
) -> Result<Json<All<CouponUse>>, Problem> {
    caller.may(Right::ReportsRead)?;
    let rows = service.counter.coupon_report(&query.market).await?;
    Ok(Json(All { data: rows.into_iter().map(CouponUse::from).collect() }))
}
