//! `/v1/contact`: from a problem to the ways that are open.

use axum::Json;
use axum::extract::State;
use choba_app::{Caller, ContactQuestion, ContactTopic, Right, Whose};
use choba_care::contact::Name;
use choba_care::erlang::Wait;
use choba_care::offer::Offer;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::programs::All;
use crate::extract::{Asking, Params};
use crate::problem::InBoth;
use crate::{Problem, Service};

pub fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(topics)).routes(routes!(offers))
}

/// The customer that something is about: the caller's own, or the one who is named.
pub fn whose(caller: &Caller, named: Option<String>, market: &str, right: Right) -> Result<Whose, Problem> {
    caller.needs(right)?;
    let customer_id = match (caller, named) {
        (_, Some(customer_id)) => customer_id,
        (Caller::Customer { customer_id }, None) => customer_id.clone(),
        _ => return Err(Problem::field("#customer_id", "needed: whose it is")),
    };
    Ok(caller.acting_for(&customer_id, market, right)?)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TopicsQuery {
    #[param(example = "rakuten-style")]
    market: String,
    /// Whose problem it is; a customer's own token says it.
    customer_id: Option<String>,
    /// The order that it is about. Without it, topics about orders have no questions yet.
    order_id: Option<String>,
}

/// A topic with the questions that fit.
#[derive(Debug, Serialize, ToSchema)]
struct TopicShown {
    topic: String,
    name: InBoth,
    /// An order has to be named first.
    needs_order: bool,
    questions: Vec<QuestionShown>,
}

/// A question with what helps first. Whatever it is, `/v1/contact/offers` leads to a person.
#[derive(Debug, Serialize, ToSchema)]
struct QuestionShown {
    question: String,
    name: InBoth,
    /// What is known of it, by kind: `state`, `tracking`, `delivery`, `payment`, `bill`, `refunds`, `returns`,
    /// `points`, `balance`.
    #[schema(value_type = Object)]
    facts: serde_json::Map<String, Value>,
    /// Help articles.
    articles: Vec<String>,
    /// The guided check.
    guided: Option<String>,
    /// What a person will need, filled in where it is known.
    #[schema(value_type = Object)]
    evidence: serde_json::Map<String, Value>,
    /// It is about safety and goes before all that is not.
    urgent: bool,
}

fn in_both(name: Name) -> InBoth {
    InBoth { ja: name.ja, en: name.en }
}

impl From<ContactTopic> for TopicShown {
    fn from(topic: ContactTopic) -> Self {
        Self {
            topic: topic.topic,
            name: in_both(topic.name),
            needs_order: topic.needs_order,
            questions: topic.questions.into_iter().map(QuestionShown::from).collect(),
        }
    }
}

impl From<ContactQuestion> for QuestionShown {
    fn from(question: ContactQuestion) -> Self {
        Self {
            question: question.question,
            name: in_both(question.name),
            facts: question.facts,
            articles: question.articles,
            guided: question.guided,
            evidence: question.evidence,
            urgent: question.urgent,
        }
    }
}

/// List contact topics
///
/// With the questions that fit an order as it stands, what is known already, and what helps before anybody is called.
#[utoipa::path(
    get,
    path = "/v1/contact/topics",
    operation_id = "contact_topics",
    tag = "Care",
    security(("bearer" = ["cases:read"])),
    params(TopicsQuery),
    responses((status = 200, description = "The topics, in the order in which they are shown", body = All<TopicShown>)),
)]
async fn topics(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<TopicsQuery>,
) -> Result<Json<All<TopicShown>>, Problem> {
    let whose = whose(&caller, query.customer_id, &query.market, Right::CasesRead)?;
    let order_id = query.order_id.as_deref();
    let topics = service.counter.contact_topics(&whose, order_id, service.clock.now()).await?;
    Ok(Json(All { data: topics.into_iter().map(TopicShown::from).collect() }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OffersQuery {
    #[param(example = "rakuten-style")]
    market: String,
    /// An id of the topics' questions.
    #[param(example = "other")]
    question: String,
    /// Who wants to reach a person; a customer's own token says it.
    customer_id: Option<String>,
}

/// How long one waits, in seconds; customers are told the band from `p50` to `p90` in minutes, never one figure.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WaitShown {
    /// Half wait at most so long.
    p50: u32,
    /// Eight of ten.
    p80: u32,
    /// Nine of ten.
    p90: u32,
    /// The band in minutes, rounded up.
    minutes_from: u32,
    minutes_to: u32,
}

impl From<Wait> for WaitShown {
    fn from(wait: Wait) -> Self {
        let (minutes_from, minutes_to) = wait.minutes();
        Self { p50: wait.p50, p80: wait.p80, p90: wait.p90, minutes_from, minutes_to }
    }
}

/// A way to a person, and how it is open.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferShown {
    /// `callback`, `chat`, `form`, `email`.
    #[schema(value_type = String, example = "callback")]
    channel: choba_care::offer::Channel,
    /// `now`, `in_turn`, `scheduled_first`, `scheduled_only`, `waiting`, `later`, `hidden`.
    #[schema(value_type = String, example = "in_turn")]
    open: choba_care::offer::Open,
    /// `closed`, `no_staff`, `busy`, `no_capacity`, `long_wait`, `calls_used_up`, `not_offered`.
    #[schema(value_type = Option<String>)]
    reason: Option<choba_care::offer::Reason>,
    wait: Option<WaitShown>,
    /// When it opens next, or the first time that may be chosen.
    #[schema(value_type = Option<String>, format = DateTime)]
    opens_at: Option<Timestamp>,
}

impl From<Offer> for OfferShown {
    fn from(offer: Offer) -> Self {
        let Offer { channel, open, reason, wait, opens_at } = offer;
        Self { channel, open, reason, wait: wait.map(WaitShown::from), opens_at }
    }
}

/// List the ways to a person
///
/// The best first; there always is one that is open. What is chosen is looked at again when it is asked for.
#[utoipa::path(
    get,
    path = "/v1/contact/offers",
    operation_id = "contact_offers",
    tag = "Care",
    security(("bearer" = ["cases:read"])),
    params(OffersQuery),
    responses((status = 200, description = "The ways", body = All<OfferShown>)),
)]
async fn offers(
    State(service): State<Service>,
    Asking(caller): Asking,
    Params(query): Params<OffersQuery>,
) -> Result<Json<All<OfferShown>>, Problem> {
    let whose = whose(&caller, query.customer_id, &query.market, Right::CasesRead)?;
    let offers = service.counter.contact_offers(&whose, &query.question, service.clock.now()).await?;
    Ok(Json(All { data: offers.into_iter().map(OfferShown::from).collect() }))
}
