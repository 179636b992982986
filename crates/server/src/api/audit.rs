//! `/v1/audit`: what staff and programs did; and for a customer, who looked at their data.

use axum::Json;
use axum::extract::State;
use choba_app::{LookTold, Right};
use choba_store::books::{AuditFilter, AuditRow};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Asking, Page, Params, PathOf, limit};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(looks))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    /// About this customer.
    customer_id: Option<String>,
    /// By this one: `staff:…`, `key:…`, `system`.
    made_by: Option<String>,
    /// About this order, key or other thing.
    subject: Option<String>,
    /// Of this kind.
    #[param(example = "personal.look")]
    action: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// Rows of the page, 50 without it.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Something that was done.
#[derive(Debug, Serialize, ToSchema)]
struct AuditRowShown {
    row_id: String,
    #[schema(value_type = String, format = DateTime)]
    happened_at: Timestamp,
    /// `staff:…`, `key:…` or `system`.
    made_by: String,
    #[schema(example = "key.made")]
    action: String,
    /// To what.
    subject: String,
    /// Whose things it was about.
    customer_id: Option<String>,
    reason: Option<String>,
    /// More about it.
    #[schema(value_type = Option<Object>)]
    details: Option<serde_json::Value>,
}

impl From<AuditRow> for AuditRowShown {
    fn from(row: AuditRow) -> Self {
        Self {
            row_id: row.row_id,
            happened_at: row.happened_at,
            made_by: row.made_by,
            action: row.action,
            subject: row.subject,
            customer_id: row.customer_id,
            reason: row.reason,
            details: row.details.and_then(|details| serde_json::from_str(&details).ok()),
        }
    }
}

/// Read the audit log
///
/// What staff and programs did, and whose personal data they looked at: the newest first. Rows are never changed or removed;
/// `choba audit verify` proves it.
#[utoipa::path(
    get,
    path = "/v1/audit",
    operation_id = "read_audit_log",
    tag = "Audit",
    security(("bearer" = ["audit:read"])),
    params(AuditQuery),
    responses((status = 200, description = "A page of the log", body = Page<AuditRowShown>)),
)]
async fn list(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<AuditQuery>,
) -> Result<Json<Page<AuditRowShown>>, Problem> {
    caller.may(Right::AuditRead)?;
    let limit = limit(query.limit)?;
    let filter = AuditFilter {
        customer_id: query.customer_id,
        made_by: query.made_by,
        subject: query.subject,
        action: query.action,
    };
    let most = limit.saturating_add(1);
    let rows = service.counter.audit_log(&caller, &filter, query.after.as_deref(), most).await?;
    let rows = rows.into_iter().map(AuditRowShown::from).collect();
    Ok(Json(Page::cut(rows, limit, |row: &AuditRowShown| row.row_id.clone())))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LooksQuery {
    /// `next` of the page before.
    after: Option<String>,
    /// Rows of the page, 50 without it.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// A look at a customer's data.
#[derive(Debug, Serialize, ToSchema)]
struct LookShown {
    look_id: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `staff`, `key` (a program) or `system`.
    by: String,
    /// At what.
    #[schema(example = "address")]
    what: String,
    /// In which case or order.
    subject: String,
}

impl From<LookTold> for LookShown {
    fn from(look: LookTold) -> Self {
        let LookTold { row_id, at, by, what, subject } = look;
        Self { look_id: row_id, at, by, what, subject }
    }
}

/// Who looked at a customer's data
///
/// For the customer themselves and for who reads the audit log: when, at what and in which matter, the newest first.
#[utoipa::path(
    get,
    path = "/v1/customers/{customer_id}/looks",
    operation_id = "list_looks",
    tag = "Audit",
    security(("bearer" = ["audit:read"])),
    params(("customer_id" = String, Path, description = "Whose data"), LooksQuery),
    responses((status = 200, description = "A page of looks", body = Page<LookShown>)),
)]
async fn looks(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(customer_id): PathOf<String>,
    Params(query): Params<LooksQuery>,
) -> Result<Json<Page<LookShown>>, Problem> {
    let limit = limit(query.limit)?;
    let (after, most) = (query.after.as_deref(), limit.saturating_add(1));
    let looks = service.counter.looks_at_customer(&caller, &customer_id, after, most).await?;
    let looks = looks.into_iter().map(LookShown::from).collect();
    Ok(Json(Page::cut(looks, limit, |look: &LookShown| look.look_id.clone())))
}
