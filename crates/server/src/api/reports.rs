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
