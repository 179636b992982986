//! `/v1/orders/{order}/parcels` and `/v1/parcels/{number}`: how far parcels are, why some cannot be followed, and what a
//! number says.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use choba_app::{AppError, OrderParcels, ParcelOfShipment, Right, ShipmentParcels};
use choba_engine::market::{Market, Name};
use choba_engine::tracking::{NoNumber, NumberState, ParcelStatus, Redelivery, TrackingEvent};
use choba_formats::language::Language;
use choba_formats::parcels::no_number;
use choba_parcel::{Country, Hints, parse_with};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::orders::OfCustomer;
use crate::extract::{Address, Asking, Body, MayAsk, Params, PathOf};
use crate::problem::InBoth;
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(parcels)).routes(routes!(reveal)).routes(routes!(look_up))
}

/// All parcels of an order.
#[derive(Debug, Serialize, ToSchema)]
struct ParcelsShown {
    order_number: String,
    /// How far they are together; nothing where none has left.
    #[schema(value_type = Option<String>, example = "in_transit")]
    status: Option<ParcelStatus>,
    shipments: Vec<ShipmentShown>,
    /// What cannot be followed, and why.
    without: Vec<WithoutShown>,
}

/// The parcels of a shipment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ShipmentParcels)]
struct ShipmentShown {
    shipment_id: String,
    seller: String,
    carrier: Option<String>,
    carrier_name: Option<InBoth>,
    /// One of the ten words.
    #[schema(value_type = String, example = "in_transit")]
    status: ParcelStatus,
    /// When it came so far.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    shipped_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    delivered_at: Option<Timestamp>,
    numbers: Vec<NumberShown>,
    redelivery: Option<RedeliveryShown>,
}

/// A tracking number; masked for those who may not see it.
#[derive(Debug, Serialize, ToSchema)]
struct NumberShown {
    #[schema(example = "400000000002")]
    number: String,
    /// As the carrier prints it.
    #[schema(example = "4000-0000-0002")]
    display: String,
    /// Whether it can be one of the carrier.
    valid: bool,
    /// The carrier's own page.
    track_url: Option<String>,
    #[schema(value_type = String, example = "in_transit")]
    status: ParcelStatus,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// What was told, the oldest first.
    events: Vec<ParcelEventShown>,
}

/// What a carrier told.
#[derive(Debug, Serialize, ToSchema)]
struct ParcelEventShown {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    carrier: String,
    /// Nothing where the carrier's words are not known.
    #[schema(value_type = Option<String>, example = "in_transit")]
    status: Option<ParcelStatus>,
    place: Option<String>,
    /// The carrier's own words.
    text: Option<String>,
}

/// Something that cannot be followed.
#[derive(Debug, Serialize, ToSchema)]
struct WithoutShown {
    seller: String,
    shipment_id: Option<String>,
    number: Option<String>,
    /// Why, as a code.
    #[schema(example = "carrier_not_updated")]
    reason: &'static str,
    /// When something may have changed.
    #[schema(value_type = Option<String>, format = DateTime)]
    look_again_at: Option<Timestamp>,
    /// Who can do something about it: `nobody`, `seller` or `carrier`.
    #[schema(value_type = String, example = "nobody")]
    ask: choba_engine::tracking::WhomToAsk,
    message: InBoth,
    /// What to do.
    remedy: InBoth,
}

/// What a customer who was not in asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct RedeliveryShown {
    #[schema(value_type = String, format = Date, example = "2026-11-24")]
    day: jiff::civil::Date,
    #[schema(example = "am")]
    slot: String,
    /// The number of the slip, where it was given.
    notice_number: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    asked_at: Timestamp,
    /// When it was taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    cancelled_at: Option<Timestamp>,
}

impl From<Redelivery> for RedeliveryShown {
    fn from(asked: Redelivery) -> Self {
        let Redelivery { day, slot, notice_number, asked_at, cancelled_at } = asked;
        Self { day, slot, notice_number, asked_at, cancelled_at }
    }
}

fn in_both(name: &Name) -> InBoth {
    InBoth { ja: name.ja.clone(), en: name.en.clone() }
}

impl ParcelsShown {
    fn of(parcels: OrderParcels) -> Self {
        let OrderParcels { order_number, status, shipments, without, market } = parcels;
        let without = without.iter().map(|without| WithoutShown::of(without, &shipments, &market)).collect();
        let shipments = shipments.into_iter().map(ShipmentShown::of).collect();
        Self { order_number, status, shipments, without }
    }
}

impl ShipmentShown {
    fn of(parcels: ShipmentParcels) -> Self {
        let ShipmentParcels { shipment, carrier_name, state, numbers } = parcels;
        Self {
            shipment_id: shipment.shipment_id,
            seller: shipment.seller,
            carrier: shipment.carrier,
            carrier_name: carrier_name.as_ref().map(in_both),
            status: state.status,
            since: state.since,
            shipped_at: shipment.shipped_at,
            delivered_at: shipment.delivered_at,
            numbers: numbers.into_iter().map(NumberShown::of).collect(),
            redelivery: shipment.redelivery.map(RedeliveryShown::from),
        }
    }
}

impl NumberShown {
    fn of(parcel: ParcelOfShipment) -> Self {
        let ParcelOfShipment { number, display, valid, track_url, state, events } = parcel;
        let NumberState { status, since, .. } = state;
        let events = events.into_iter().map(ParcelEventShown::from).collect();
        Self { number, display, valid, track_url, status, since, events }
    }
}

impl From<TrackingEvent> for ParcelEventShown {
    fn from(event: TrackingEvent) -> Self {
        let TrackingEvent { at, carrier, status, place, text, .. } = event;
        Self { at, carrier, status, place, text }
    }
}

impl WithoutShown {
    fn of(without: &NoNumber, shipments: &[ShipmentParcels], market: &Market) -> Self {
        let shipment =
            shipments.iter().find(|known| Some(&known.shipment.shipment_id) == without.shipment_id.as_ref());
        let carrier = shipment.and_then(|known| known.carrier_name.as_ref());
        let [ja, en] =
            [Language::Ja, Language::En].map(|language| no_number(without, carrier, market, language));
        Self {
            seller: without.seller.clone(),
            shipment_id: without.shipment_id.clone(),
            number: without.number.clone(),
            reason: without.reason.code(),
            look_again_at: without.look_again_at,
            ask: without.reason.whom_to_ask(),
            message: InBoth { ja: ja.message, en: en.message },
            remedy: InBoth { ja: ja.remedy, en: en.remedy },
        }
    }
}

/// Show an order's parcels
///
/// All its shipments with their numbers, how far each is and what was told of it; and of what cannot be followed, why not,
/// when to look again and whom to ask. Only the order's customer sees numbers whole.
#[utoipa::path(
    get,
    path = "/v1/orders/{order}/parcels",
    operation_id = "show_order_parcels",
    tag = "Parcels",
    security(("bearer" = ["orders:read"])),
    params(("order" = String, Path, description = "Its number or its id"), OfCustomer),
    responses((status = 200, description = "The parcels", body = ParcelsShown)),
)]
async fn parcels(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(order): PathOf<String>,
    Params(of): Params<OfCustomer>,
) -> Result<Json<ParcelsShown>, Problem> {
    let of = of.customer_id.as_deref();
    let found = service.counter.find_order(&caller, &order, of, Right::OrdersRead).await?;
    let parcels = service.counter.parcels_of_order(&caller, &found.order, service.clock.now()).await?;
    Ok(Json(ParcelsShown::of(parcels)))
}

/// Why someone needs to see numbers whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "The customer asks on the phone which parcel is meant."}))]
struct WhyReveal {
    /// Recorded in the audit log.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Reveal an order's tracking numbers
///
/// As `show_order_parcels`, with whole numbers, for those who may see personal data. The look and its reason are recorded, and
/// counted against a budget.
#[utoipa::path(
    post,
    path = "/v1/orders/{order}/parcels/reveal",
    operation_id = "reveal_order_parcels",
    tag = "Parcels",
    security(("bearer" = ["personal:reveal"])),
    params(("order" = String, Path, description = "Its number or its id"), OfCustomer),
    request_body = WhyReveal,
    responses((status = 200, description = "The parcels", body = ParcelsShown)),
)]
async fn reveal(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(order): PathOf<String>,
    Params(of): Params<OfCustomer>,
    Body(why): Body<WhyReveal>,
) -> Result<impl IntoResponse, Problem> {
    let of = of.customer_id.as_deref();
    let found = service.counter.find_order(&caller, &order, of, Right::PersonalReveal).await?;
    let at = service.clock.now();
    let parcels = service.counter.reveal_parcels_of_order(&caller, &found.order, &why.reason, at).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(ParcelsShown::of(parcels))))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LookUpQuery {
    /// The country of who asks, two letters: its carriers come first among equals.
    #[param(example = "JP", min_length = 2, max_length = 2)]
    country: Option<String>,
}

/// What a number says.
#[derive(Debug, Serialize, ToSchema)]
struct LookedUp {
    /// The number's own answer: carriers, validity, what it is instead, corrections, links.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    answer: serde_json::Value,
    /// The signed-in customer's own shipments with this number; empty for everybody else.
    yours: Vec<YourShipment>,
}

/// A customer's own shipment.
#[derive(Debug, Serialize, ToSchema)]
struct YourShipment {
    order_id: String,
    shipment_id: String,
}

/// Look a number up
///
/// Says what the number itself says, to anyone. Whether it is in the books of somebody else changes nothing of the answer; a
/// signed-in customer hears whether it is one of their own. Who looks up one number after the other is slowed and stopped.
#[utoipa::path(
    get,
    path = "/v1/parcels/{number}",
    operation_id = "look_up_parcel",
    tag = "Parcels",
    security((), ("bearer" = [])),
    params(("number" = String, Path, description = "However it is written", example = "4000-0000-0002"), LookUpQuery),
    responses((status = 200, description = "What it says", body = LookedUp)),
)]
async fn look_up(
    State(service): State<Service>,
    MayAsk(caller): MayAsk,
    Address(address): Address,
    PathOf(number): PathOf<String>,
    Params(query): Params<LookUpQuery>,
) -> Result<Json<LookedUp>, Problem> {
    let country = query.country.as_deref().map(country).transpose()?;
    let at = service.clock.now();
    let yours = service.counter.look_up_parcel(caller.as_ref(), &address, &number, at).await;
    let yours = yours.map_err(|error| later(error, at))?;
    let hints = country.map_or(Hints::none(), |country| Hints::none().in_country(country));
    let answer = serde_json::to_value(parse_with(&number, &hints));
    let answer = answer.map_err(|error| Problem::defect(&error.to_string()))?;
    let yours =
        yours.into_iter().map(|of| YourShipment { order_id: of.order_id, shipment_id: of.shipment_id });
    Ok(Json(LookedUp { answer, yours: yours.collect() }))
}

/// Who walks through numbers hears how long to wait.
fn later(error: AppError, at: Timestamp) -> Problem {
    match error {
        AppError::TooManyTries { again_at } => {
            let milliseconds = again_at.saturating_sub(at.as_millisecond());
            let seconds = milliseconds.saturating_add(999) / 1_000;
            Problem::too_many(seconds, "Too many numbers, one after the other.")
        }
        other => other.into(),
    }
}

fn country(code: &str) -> Result<Country, Problem> {
    Country::new(code).ok_or_else(|| Problem::field("#country", "expected two letters, such as JP"))
}
