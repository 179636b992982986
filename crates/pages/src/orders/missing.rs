//! A parcel that counts as delivered and is not there: the guided check, a question at a time.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use choba_app::{AppError, MissingCheck};
use choba_care::guided::{NodeKind, Outcome, Position, SuggestedAction, Words};
use choba_formats::language::Language;
use choba_server::{Problem, Service};
use jiff::Timestamp;

use super::redelivery::of_order;
use crate::form::Form;
use crate::frame::{Frame, Room};
use crate::page::page;
use crate::visitor::Shopper;

#[derive(Template)]
#[template(path = "orders/missing.html")]
pub struct MissingPage {
    pub frame: Frame,
    pub number: String,
    pub shipment_id: String,
    /// Nothing before it has begun.
    pub check: Option<CheckShown>,
}

/// Where a check stands.
pub struct CheckShown {
    pub text: String,
    /// The open question; empty where none is.
    pub node: String,
    pub answers: Vec<AnswerShown>,
    /// Until when it waits.
    pub until: Option<Timestamp>,
    /// How it ended: `resolved`, `action` or `human`.
    pub ended: Option<&'static str>,
    /// Where what can be done is done.
    pub action: Option<&'static str>,
}

/// An answer to choose.
pub struct AnswerShown {
    pub answer: String,
    pub text: String,
}

pub async fn show(
    State(service): State<Service>,
    shopper: Shopper,
    Path((number, shipment)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let found = of_order(&service, &shopper, &number, &shipment).await?;
    let frame = Frame::of(&shopper.visitor, Room::Shopper, "/orders");
    let check = match service.counter.missing_check(&shopper.caller, &shipment, service.clock.now()).await {
        Ok(check) => Some(CheckShown::of(&check, frame.language)),
        Err(AppError::NotFound { .. }) => None,
        Err(other) => return Err(other.into()),
    };
    page(&MissingPage { frame, number: found.order.number, shipment_id: shipment, check })
}

/// Begins the check, or answers its open question.
pub async fn go_on(
    State(service): State<Service>,
    shopper: Shopper,
    Path((number, shipment)): Path<(String, String)>,
    Form(fields): Form,
) -> Result<Response, Problem> {
    let found = of_order(&service, &shopper, &number, &shipment).await?;
    let (counter, at) = (&service.counter, service.clock.now());
    let (node, answer) = (fields.one("node"), fields.one("answer"));
    if node.is_empty() {
        counter.start_missing_check(&shopper.caller, &shipment, at).await?;
    } else {
        match counter.answer_missing_check(&shopper.caller, &shipment, node, answer, at).await {
            // Answered before, in another tab: the page shows where it stands.
            Ok(_) | Err(AppError::Check(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    let to = format!("/orders/{}/parcels/{}/missing", found.order.number, found.shipment.shipment_id);
    Ok(Redirect::to(&to).into_response())
}

impl CheckShown {
    fn of(check: &MissingCheck, language: Language) -> Self {
        let (run, flow) = (&check.run, check.flow);
        let node = flow.node(run.position.node());
        let answers = match node.map(|node| &node.kind) {
            Some(NodeKind::Question { answers }) => answers.as_slice(),
            _ => &[],
        };
        let shown = |choice: &choba_care::guided::Choice| AnswerShown {
            answer: choice.answer.clone(),
            text: words(&choice.text, language),
        };
        let (ended, action) = match &run.position {
            Position::Ended { outcome: Outcome::Resolved { .. }, .. } => (Some("resolved"), None),
            Position::Ended { outcome: Outcome::Action { action, .. }, .. } => {
                (Some("action"), page_of(*action))
            }
            Position::Ended { outcome: Outcome::Human { .. }, .. } => (Some("human"), None),
            Position::Asking { .. } | Position::Waiting { .. } => (None, None),
        };
        Self {
            text: node.map(|node| words(&node.text, language)).unwrap_or_default(),
            node: run.position.node().to_owned(),
            answers: answers.iter().map(shown).collect(),
            until: match &run.position {
                Position::Waiting { until, .. } => Some(*until),
                _ => None,
            },
            ended,
            action,
        }
    }
}

/// The end of the address where a customer does it; nothing where somebody else does.
fn page_of(action: SuggestedAction) -> Option<&'static str> {
    match action {
        SuggestedAction::Return => Some("return"),
        SuggestedAction::Cancel => Some("cancel"),
        SuggestedAction::Redelivery => Some("redelivery"),
        SuggestedAction::Reship | SuggestedAction::Refund => None,
    }
}

fn words(words: &Words, language: Language) -> String {
    match language {
        Language::Ja => words.ja.clone(),
        Language::En => words.en.clone(),
    }
}
