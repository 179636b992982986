//! `/v1/gift-cards`: issued, listed, redeemed, replaced, and delivered to who bought them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use choba_app::{
    Caller, IssueGiftCards, IssueOutcome, IssuedGiftCard, RedeemGiftCard, RedeemedGiftCard, Right,
};
use choba_engine::books::{CardState, GiftCard};
use choba_engine::money::Money;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::orders::OfCustomer;
use super::programs::All;
use crate::extract::{
    Address, Asking, Body, IdempotencyKey, Page, Params, PathOf, RawJson, limit, read_json,
};
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(issue, list))
        .routes(routes!(redeem))
        .routes(routes!(reissue))
        .routes(routes!(deliver))
}

/// Cards to be issued.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"market": "amazon-style", "count": 2, "amount": 3000, "note": "thank you"}))]
struct ToIssue {
    market: String,
    #[schema(minimum = 1, maximum = 10_000)]
    count: usize,
    /// Yen on each.
    #[schema(minimum = 1)]
    amount: i64,
    /// Redeemable from then on; at once without it.
    #[schema(value_type = Option<String>, format = DateTime)]
    active_from: Option<Timestamp>,
    /// What for; kept in the journal.
    note: Option<String>,
}

/// A new card.
#[derive(Serialize, ToSchema)]
struct IssuedCard {
    card_id: String,
    /// A secret that is shown now and never again.
    code: String,
    #[schema(value_type = i64)]
    amount: Money,
    #[schema(value_type = String, format = DateTime)]
    active_from: Timestamp,
    /// The last second of redeeming, and of the balance.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl From<IssuedGiftCard> for IssuedCard {
    fn from(card: IssuedGiftCard) -> Self {
        Self {
            card_id: card.card_id,
            code: card.code.in_groups(),
            amount: card.amount,
            active_from: card.active_from,
            expires_at: card.expires_at,
        }
    }
}

/// Cards that were issued together.
#[derive(Serialize, ToSchema)]
struct IssuedShown {
    batch_id: String,
    /// With their codes, which are shown once: repeated under the same key, there are none.
    cards: Vec<IssuedCard>,
}

/// Issue gift cards
#[utoipa::path(
    post,
    path = "/v1/gift-cards",
    operation_id = "issue_gift_cards",
    tag = "Gift cards",
    security(("bearer" = ["gift_cards:issue"])),
    params(("Idempotency-Key" = String, Header, description = "New for each batch")),
    request_body = ToIssue,
    responses((status = 201, description = "They are issued", body = IssuedShown)),
)]
async fn issue(
    State(service): State<Service>,
    Asking(caller): Asking,
    key: IdempotencyKey,
    RawJson(bytes): RawJson,
) -> Result<impl IntoResponse, Problem> {
    caller.may(Right::GiftCardsIssue)?;
    let body: ToIssue = read_json(&bytes)?;
    let issue = IssueGiftCards {
        key: key.of("issue_gift_cards", &body.market, &bytes)?,
        market: body.market,
        count: body.count,
        amount: Money::new(body.amount),
        active_from: body.active_from,
        note: body.note,
        by: caller.by(),
    };
    let shown = match service.counter.issue_gift_cards(issue, service.clock.now()).await? {
        IssueOutcome::Issued(batch) => IssuedShown {
            batch_id: batch.batch_id,
            cards: batch.cards.into_iter().map(IssuedCard::from).collect(),
        },
        IssueOutcome::IssuedBefore { batch_id } => IssuedShown { batch_id, cards: Vec::new() },
    };
    Ok((StatusCode::CREATED, Json(shown)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CardsQuery {
    /// The batch, or the id of the order that bought them.
    batch_id: String,
    /// `next` of the page before.
    after: Option<String>,
    /// Rows of the page, 50 without it.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// A card, without its code.
#[derive(Debug, Serialize, ToSchema)]
struct CardShown {
    card_id: String,
    #[schema(value_type = i64)]
    amount: Money,
    #[schema(value_type = String, format = DateTime)]
    issued_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    active_from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// `active`, `reserved`, `redeemed`, `withdrawn` or `expired`.
    #[schema(example = "active")]
    state: String,
}

impl From<GiftCard> for CardShown {
    fn from(card: GiftCard) -> Self {
        Self {
            state: state(&card.state).to_owned(),
            card_id: card.card_id,
            amount: card.amount,
            issued_at: card.issued_at,
            active_from: card.active_from,
            expires_at: card.expires_at,
        }
    }
}

/// List the cards of a batch
#[utoipa::path(
    get,
    path = "/v1/gift-cards",
    operation_id = "list_gift_cards",
    tag = "Gift cards",
    security(("bearer" = ["gift_cards:issue"])),
    params(CardsQuery),
    responses((status = 200, description = "A page of cards, without codes", body = Page<CardShown>)),
)]
async fn list(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<CardsQuery>,
) -> Result<Json<Page<CardShown>>, Problem> {
    caller.may(Right::GiftCardsIssue)?;
    let limit = limit(query.limit)?;
    let cards =
        service.counter.gift_cards_of_batch(&query.batch_id, query.after.as_deref(), limit + 1).await?;
    Ok(Json(Page::cut(cards, limit, |card| card.card_id.clone()).map(CardShown::from)))
}

/// A code to be redeemed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"market": "amazon-style", "customer_id": "taro", "code": "0123-4567-89AB-CDEF-G"}))]
struct ToRedeem {
    market: String,
    /// Whose balance it goes to; a customer's own token says it.
    customer_id: Option<String>,
    /// As it was typed.
    code: String,
    /// The address that the customer comes from, where a program asks for them; kept as a keyed hash only.
    address: Option<String>,
}

/// A redeemed card.
#[derive(Debug, Serialize, ToSchema)]
struct RedeemedShown {
    card_id: String,
    #[schema(value_type = i64)]
    amount: Money,
    /// The program of the balance.
    program: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl From<RedeemedGiftCard> for RedeemedShown {
    fn from(redeemed: RedeemedGiftCard) -> Self {
        let RedeemedGiftCard { card_id, amount, program, expires_at } = redeemed;
        Self { card_id, amount, program, expires_at }
    }
}

/// Redeem a gift card
///
/// Once. Wrong codes are answered alike after some failures, then slowed, then stopped for a while.
#[utoipa::path(
    post,
    path = "/v1/gift-cards/redeem",
    operation_id = "redeem_gift_card",
    tag = "Gift cards",
    security(("bearer" = ["wallet:write"])),
    params(("Idempotency-Key" = String, Header, description = "New for each code")),
    request_body = ToRedeem,
    responses((status = 200, description = "The balance has it", body = RedeemedShown)),
)]
async fn redeem(
    State(service): State<Service>,
    Asking(caller): Asking,
    Address(peer): Address,
    IdempotencyKey(key): IdempotencyKey,
    Body(body): Body<ToRedeem>,
) -> Result<Json<RedeemedShown>, Problem> {
    let customer_id = match (&caller, body.customer_id) {
        (_, Some(customer_id)) => customer_id,
        (Caller::Customer { customer_id }, None) => customer_id.clone(),
        _ => return Err(Problem::field("/customer_id", "needed: whose balance it goes to")),
    };
    let whose = caller.acting_for(&customer_id, &body.market, Right::WalletWrite)?;
    // A customer cannot say that they come from elsewhere.
    let told = body.address.filter(|_| !matches!(caller, Caller::Customer { .. }));
    let redeem = RedeemGiftCard { whose, code: body.code, address: told.unwrap_or(peer), key };
    Ok(Json(service.counter.redeem_gift_card(redeem, service.clock.now()).await?.into()))
}

/// Replace a gift card whose code was lost
///
/// The old code is worth nothing from then on; the new one is shown now and never again.
#[utoipa::path(
    post,
    path = "/v1/gift-cards/{card_id}/reissue",
    operation_id = "reissue_gift_card",
    tag = "Gift cards",
    security(("bearer" = ["gift_cards:issue"])),
    params(("card_id" = String, Path, description = "The card")),
    responses((status = 201, description = "The new card", body = IssuedCard)),
)]
async fn reissue(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(card_id): PathOf<String>,
) -> Result<impl IntoResponse, Problem> {
    caller.may(Right::GiftCardsIssue)?;
    let card = service.counter.reissue_gift_card(&card_id, &caller.by(), service.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(IssuedCard::from(card))))
}

/// Deliver the gift cards that an order bought
///
/// Issues what is not delivered yet and ships its lines. Codes are in one answer only.
#[utoipa::path(
    post,
    path = "/v1/orders/{order}/gift-cards",
    operation_id = "deliver_gift_cards",
    tag = "Gift cards",
    security(("bearer" = ["orders:fulfil"])),
    params(("order" = String, Path, description = "Its number or its id"), OfCustomer),
    responses((status = 200, description = "The cards of this call", body = All<IssuedCard>)),
)]
async fn deliver(
    State(service): State<Service>,
    Asking(caller): Asking,
    PathOf(order): PathOf<String>,
    Params(of): Params<OfCustomer>,
) -> Result<Json<All<IssuedCard>>, Problem> {
    let of = of.customer_id.as_deref();
    let found = service.counter.find_order(&caller, &order, of, Right::OrdersFulfil).await?;
    let (whose, order_id) = (&found.whose, &found.order.order_id);
    let delivered =
        service.counter.deliver_gift_cards(&whose.customer_id, order_id, service.clock.now()).await?;
    Ok(Json(All { data: delivered.cards.into_iter().map(IssuedCard::from).collect() }))
}

fn state(state: &CardState) -> &'static str {
    match state {
        CardState::Active => "active",
        CardState::Reserved { .. } => "reserved",
        CardState::Redeemed { .. } => "redeemed",
        CardState::Withdrawn => "withdrawn",
        CardState::Expired => "expired",
    }
}
