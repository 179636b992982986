//! `/contact`: a topic, the order, the question; what is known and what helps first; then the ways to a person.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use choba_app::{ContactTopic, OrdersWanted, Right};
use choba_engine::order::Order;
use choba_formats::language::Language;
use choba_server::{Problem, Service};

use super::facts::{KnownFact, facts};
use super::offers::{Way, ways};
use crate::fields::{Faults, Fields};
use crate::frame::{Frame, Room};
use crate::page::page;
use crate::visitor::Shopper;

const ORDERS: i64 = 20;
/// So many goods tell an order from others.
const GOODS: usize = 3;

/// A step on the way to a person.
#[derive(Template)]
#[template(path = "care/contact.html")]
pub struct ContactPage {
    pub frame: Frame,
    pub asked: AskedAbout,
    pub step: Step,
    /// The question to which any other belongs: from each step it leads to a person.
    pub any_other: Option<(String, String)>,
    pub faults: Faults,
}

/// What was chosen so far, by id; empty where nothing was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskedAbout {
    pub topic: String,
    pub order: String,
    pub question: String,
}

impl AskedAbout {
    /// What a form or a query says.
    pub fn of(fields: &Fields) -> Self {
        Self {
            topic: fields.one("topic").to_owned(),
            order: fields.one("order").to_owned(),
            question: fields.one("question").to_owned(),
        }
    }

    /// As the query of a link.
    pub fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("topic", &self.topic), ("order", &self.order), ("question", &self.question)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }

    /// The order, if one was chosen.
    pub fn order_id(&self) -> Option<&str> {
        Some(self.order.as_str()).filter(|order| !order.is_empty())
    }
}

/// A choice by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub name: String,
    /// The query of the step that it leads to.
    pub query: String,
    /// What else is known of it.
    pub about: Option<String>,
}

/// What is to be chosen, or what helps.
pub enum Step {
    Topics(Vec<Choice>),
    /// Of which of these it is.
    Orders(Vec<Choice>),
    Questions(Vec<Choice>),
    Help(Box<HelpFirst>),
}

/// What helps first, and then the ways to a person.
pub struct HelpFirst {
    pub name: String,
    pub facts: Vec<KnownFact>,
    /// The number of the order.
    pub order_number: Option<String>,
    /// Whether there is a guided check for it, on the page of the order.
    pub is_guided: bool,
    /// Articles by id and title.
    pub articles: Vec<(String, String)>,
    pub is_urgent: bool,
    pub ways: Vec<Way>,
    /// The call-back that the shopper waits for.
    pub waiting: Option<String>,
    /// The key of the case that may be opened.
    pub key: String,
    /// What was typed.
    pub text: String,
}

pub async fn show(
    State(service): State<Service>,
    shopper: Shopper,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    page(&drawn(&service, &shopper, AskedAbout::of(&query)).await?)
}

/// The step that follows on what was chosen.
pub async fn drawn(service: &Service, shopper: &Shopper, asked: AskedAbout) -> Result<ContactPage, Problem> {
    let (whose, now) = (shopper.whose(Right::CasesRead)?, service.clock.now());
    let topics = service.counter.contact_topics(&whose, asked.order_id(), now).await?;
    let frame = Frame::of(&shopper.visitor, Room::Shopper, "/cases");
    let any_other = any_other(&topics);
    let topic = topics.iter().find(|topic| topic.topic == asked.topic);
    let step = match topic {
        None => Step::Topics(topics.iter().map(|topic| topic_choice(&frame, topic)).collect()),
        Some(topic) if topic.needs_order && asked.order.is_empty() => {
            Step::Orders(orders(service, shopper, &frame, &asked).await?)
        }
        Some(topic) if !topic.questions.iter().any(|known| known.question == asked.question) => {
            Step::Questions(questions(&frame, topic, &asked))
        }
        Some(topic) => Step::Help(Box::new(help_first(service, shopper, &frame, topic, &asked).await?)),
    };
    Ok(ContactPage { frame, asked, step, any_other, faults: Faults::none() })
}

/// The topic and the question to which whatever has no other belongs.
fn any_other(topics: &[ContactTopic]) -> Option<(String, String)> {
    let topic = topics.iter().rev().find(|topic| !topic.needs_order && !topic.questions.is_empty())?;
    let question = topic.questions.last()?;
    Some((topic.topic.clone(), question.question.clone()))
}

fn in_language(language: Language, name: &choba_care::contact::Name) -> String {
    match language {
        Language::Ja => name.ja.clone(),
        Language::En => name.en.clone(),
    }
}

fn topic_choice(frame: &Frame, topic: &ContactTopic) -> Choice {
    let asked = AskedAbout { topic: topic.topic.clone(), ..AskedAbout::default() };
    Choice { name: in_language(frame.language, &topic.name), query: asked.query(), about: None }
}

fn questions(frame: &Frame, topic: &ContactTopic, asked: &AskedAbout) -> Vec<Choice> {
    let choice = |question: &choba_app::ContactQuestion| Choice {
        name: in_language(frame.language, &question.name),
        query: AskedAbout { question: question.question.clone(), ..asked.clone() }.query(),
        about: None,
    };
    topic.questions.iter().map(choice).collect()
}

async fn orders(
    service: &Service,
    shopper: &Shopper,
    frame: &Frame,
    asked: &AskedAbout,
) -> Result<Vec<Choice>, Problem> {
    let whose = shopper.whose(Right::OrdersRead)?;
    let found = service.counter.orders_of(&whose, OrdersWanted::All, None, ORDERS).await?;
    let choice = |found: choba_app::FoundOrder| {
        let about = placed(frame, &found.order);
        Choice {
            query: AskedAbout { order: found.order.order_id.clone(), ..asked.clone() }.query(),
            name: found.order.number.clone(),
            about: Some(about),
        }
    };
    Ok(found.into_iter().map(choice).collect())
}

/// When, how much, and the first goods of an order.
fn placed(frame: &Frame, order: &Order) -> String {
    let goods: Vec<&str> = order.lines.iter().take(GOODS).map(|line| line.sku.as_str()).collect();
    let said = frame.say("care-order-placed").with("at", frame.instant(&order.placed_at));
    said.with("total", frame.yen(order.total.units())).with("goods", goods.join(", ")).to_string()
}

async fn help_first(
    service: &Service,
    shopper: &Shopper,
    frame: &Frame,
    topic: &ContactTopic,
    asked: &AskedAbout,
) -> Result<HelpFirst, Problem> {
    let (counter, now) = (&service.counter, service.clock.now());
    let whose = shopper.whose(Right::CasesRead)?;
    let missing = || Problem::not_found("There is no such question.");
    let question =
        topic.questions.iter().find(|known| known.question == asked.question).ok_or_else(missing)?;
    let market = counter.markets().get(&whose.market)?;
    let ids: Vec<&str> = question.articles.iter().map(String::as_str).collect();
    let articles = counter.help_for(&whose.market, frame.language, &ids)?;
    let offers = counter.contact_offers(&whose, &asked.question, now).await?;
    let waiting = counter.open_callback_of(&whose, now).await?;
    Ok(HelpFirst {
        name: in_language(frame.language, &question.name),
        facts: facts(frame, &market, &question.facts),
        order_number: number_of(service, shopper, asked).await?,
        is_guided: question.guided.is_some(),
        articles: articles.into_iter().map(|article| (article.id, article.title)).collect(),
        is_urgent: question.urgent,
        ways: ways(frame, &offers),
        waiting: waiting.map(|own| own.callback_id),
        key: counter.draw_session_token().reveal().to_owned(),
        text: String::new(),
    })
}

async fn number_of(
    service: &Service,
    shopper: &Shopper,
    asked: &AskedAbout,
) -> Result<Option<String>, Problem> {
    let Some(order) = asked.order_id() else { return Ok(None) };
    let found = service.counter.find_order(&shopper.caller, order, None, Right::OrdersRead).await?;
    Ok(Some(found.order.number))
}
