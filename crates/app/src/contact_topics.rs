//! What a customer may want to know, and what helps first: topics, and the questions that fit an order.

use std::sync::Arc;

use choba_care::contact::{Evidence, Fact, Name, Question, Stage};
use choba_engine::order::{Order, PaymentState, ReturnState};
use choba_formats::language::Language;
use choba_formats::market_files::Help;
use choba_store::books;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{AppError, Counter, Whose};

/// A topic with the questions that fit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ContactTopic {
    /// Its id.
    pub topic: String,
    /// What customers call it.
    pub name: Name,
    /// Whether an order has to be named first.
    pub needs_order: bool,
    /// What they may want to know; none where an order has to be named first.
    pub questions: Vec<ContactQuestion>,
}

/// A question with what helps first. Whatever it is, a person can be reached.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ContactQuestion {
    /// Its id.
    pub question: String,
    /// What customers call it.
    pub name: Name,
    /// What is known of it, by kind.
    pub facts: serde_json::Map<String, Value>,
    /// Help articles.
    pub articles: Vec<String>,
    /// The guided check.
    pub guided: Option<String>,
    /// What a person will need; filled in where it is known.
    pub evidence: serde_json::Map<String, Value>,
    /// Whether it is about safety.
    pub urgent: bool,
}

impl Counter {
    /// The topics of a market, with the questions that fit an order of the customer, or that are about none.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for an order that is not the customer's, and what the database answers.
    pub async fn contact_topics(
        &self,
        whose: &Whose,
        order_id: Option<&str>,
        at: Timestamp,
    ) -> Result<Vec<ContactTopic>, AppError> {
        let care = self.markets.care(&whose.market)?;
        let known = self.known_of(whose, order_id, at).await?;
        let stages = known.order.as_ref().map(stages_of).unwrap_or_default();
        let topics = care.topics.iter().map(|topic| {
            let waits_for_order = topic.needs_order && known.order.is_none();
            let questions = topic.questions_for(&stages).filter(|_| !waits_for_order);
            ContactTopic {
                topic: topic.topic_id.clone(),
                name: topic.name.clone(),
                needs_order: topic.needs_order,
                questions: questions.map(|question| known.shown(question)).collect(),
            }
        });
        Ok(topics.collect())
    }

    /// The order, if one is named, has to be the customer's in this market.
    pub(crate) async fn own_order(&self, whose: &Whose, order_id: &str) -> Result<Order, AppError> {
        let row = books::order_of_customer(&self.store, &whose.customer_id, order_id).await?;
        let own = row.map(|row| row.order).filter(|order| order.market == whose.market);
        own.ok_or_else(|| AppError::not_found("order", order_id))
    }

    async fn known_of(
        &self,
        whose: &Whose,
        order_id: Option<&str>,
        at: Timestamp,
    ) -> Result<Known, AppError> {
        let order = match order_id {
            Some(order_id) => Some(self.own_order(whose, order_id).await?),
            None => None,
        };
        let wallet = self.wallet_at(whose, at).await?;
        let wallet = serde_json::to_value(&wallet).map_err(|error| AppError::Defect(error.to_string()))?;
        let help = self.markets.help(&whose.market)?;
        Ok(Known { customer_id: whose.customer_id.clone(), order, wallet, help })
    }
}

/// How far the parts of an order are.
pub(crate) fn stages_of(order: &Order) -> Vec<Stage> {
    use choba_engine::order::GroupState;
    let mut stages: Vec<Stage> = order
        .groups
        .iter()
        .map(|group| match order.group_state(&group.seller) {
            GroupState::Placed if order.payment.state == PaymentState::AwaitingPayment => {
                Stage::AwaitingPayment
            }
            GroupState::Placed => Stage::Placed,
            GroupState::Preparing => Stage::Preparing,
            GroupState::Shipped => Stage::Shipped,
            GroupState::Delivered => Stage::Delivered,
            GroupState::Cancelled => Stage::Cancelled,
        })
        .collect();
    if order.returns.iter().any(|back| back.state != ReturnState::Refunded) {
        stages.push(Stage::Returning);
    }
    stages.sort_unstable();
    stages.dedup();
    stages
}

/// What is known of a customer's matter.
struct Known {
    customer_id: String,
    order: Option<Order>,
    wallet: Value,
    help: Arc<Help>,
}

impl Known {
    fn shown(&self, question: &Question) -> ContactQuestion {
        let facts = question.facts.iter().filter_map(|fact| Some((word(fact)?, self.fact(*fact)?)));
        let evidence =
            question.evidence.iter().filter_map(|needed| Some((word(needed)?, self.evidence(*needed))));
        ContactQuestion {
            question: question.question_id.clone(),
            name: question.name.clone(),
            facts: facts.collect(),
            articles: self.articles_of(question),
            guided: question.guided.clone(),
            evidence: evidence.collect(),
            urgent: question.urgent,
        }
    }

    /// Articles that the help shows at the moment: it may have been put in force without the terms.
    fn articles_of(&self, question: &Question) -> Vec<String> {
        let shown =
            |article: &&String| self.help.articles(Language::Ja).iter().any(|known| known.id == **article);
        question.articles.iter().filter(shown).cloned().collect()
    }

    /// Nothing where it is about an order and none is named.
    fn fact(&self, fact: Fact) -> Option<Value> {
        if fact == Fact::Balance {
            return Some(self.wallet.clone());
        }
        let order = self.order.as_ref()?;
        Some(match fact {
            Fact::State => order.groups.iter().map(|group| group_of(order, &group.seller)).collect(),
            Fact::Tracking => order.shipments.iter().map(tracking).collect(),
            Fact::Delivery => order.shipments.iter().map(delivery).collect(),
            Fact::Payment => json!({
                "state": order.payment.state.code(),
                "method": order.payment.method.map(choba_engine::market::MethodType::id),
                "deadline": order.payment.deadline,
                "payment_number": order.payment.payment_number,
            }),
            Fact::Bill => json!({
                "total": order.total,
                "tenders": order.tenders.iter().map(tender).collect::<Vec<_>>(),
            }),
            Fact::Refunds => json!(order.refunds),
            Fact::Returns => json!(order.returns),
            Fact::Points => json!(order.earned),
            Fact::Balance => return None,
        })
    }

    fn evidence(&self, needed: Evidence) -> Value {
        let order = self.order.as_ref();
        match needed {
            Evidence::Account => json!(self.customer_id),
            Evidence::OrderNumber => json!(order.map(|order| &order.number)),
            Evidence::TrackingNumber => {
                let numbers = order.into_iter().flat_map(|order| &order.shipments);
                json!(numbers.flat_map(|shipment| &shipment.tracking_numbers).collect::<Vec<_>>())
            }
            Evidence::Timeline => json!(order.map(|order| &order.history)),
            Evidence::Photo => Value::Null,
        }
    }
}

fn word(of: &impl Serialize) -> Option<String> {
    serde_json::to_value(of).ok()?.as_str().map(str::to_owned)
}

fn tender(tender: &choba_engine::order::OrderTender) -> Value {
    json!({
        "tender": tender.tender, "amount": tender.amount, "points": tender.points, "refunded": tender.refunded,
    })
}

fn group_of(order: &Order, seller: &str) -> Value {
    json!({ "seller": seller, "state": order.group_state(seller).code() })
}

fn tracking(shipment: &choba_engine::order::Shipment) -> Value {
    json!({ "carrier": shipment.carrier, "tracking_numbers": shipment.tracking_numbers, "lines": shipment.lines })
}

fn delivery(shipment: &choba_engine::order::Shipment) -> Value {
    json!({
        "seller": shipment.seller, "shipped_at": shipment.shipped_at, "delivered_at": shipment.delivered_at,
    })
}
