//! Templates of replies: published by whoever leads the desk, filled in from the books.
//!
//! They are rows, not files of the market: a wording changes far more often than what is sold under which terms, and
//! must not give every order of the day another version of the market.

use std::collections::BTreeMap;

use choba_care::case::{Case, TemplateUsed};
use choba_care::reply_template::{Filled, PlaceKind, ReplyTemplate};
use choba_engine::money::Money;
use choba_engine::order::Refund;
use choba_formats::language::Language;
use choba_store::books::{self, DeskDocument};
use choba_store::sql::Write;
use jiff::Timestamp;
use serde_json::json;

use crate::audit_log::Action;
use crate::{AppError, Caller, Counter, Right, Whose};

/// Templates that every market begins with, version 1 of each.
const SHIPPED: &str = include_str!("../../templates/replies.json");

/// A template to be published as the next version of its key and language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTemplate {
    /// The version that it follows: 0 for the first one.
    pub follows: u32,
    /// The template; its version is given by the counter.
    pub template: ReplyTemplate,
}

/// What is known for the places of templates.
pub type WhatIsKnown = BTreeMap<String, Filled>;

impl Counter {
    /// The templates of a market, the latest version of each.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::UnknownMarket`], and what the database answers.
    pub async fn reply_templates(
        &self,
        caller: &Caller,
        market: &str,
    ) -> Result<Vec<ReplyTemplate>, AppError> {
        caller.may(Right::CareDesk).or_else(|_| caller.may(Right::CareLead))?;
        self.templates_of(market).await
    }

    async fn templates_of(&self, market: &str) -> Result<Vec<ReplyTemplate>, AppError> {
        self.markets.get(market)?;
        let defect = |error: serde_json::Error| AppError::Defect(error.to_string());
        let mut templates: Vec<ReplyTemplate> = serde_json::from_str(SHIPPED).map_err(defect)?;
        for row in books::desk_documents(&self.store, market, "template").await? {
            templates.retain(|known| (&known.key, &known.language) != (&row.key, &row.language));
            templates.push(serde_json::from_str(&row.document).map_err(defect)?);
        }
        templates.sort_by(|one, other| (&one.key, &one.language).cmp(&(&other.key, &other.language)));
        Ok(templates)
    }

    /// Publishes the next version of a template. Versions that were sent stay as they were.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::Template`], [`AppError::Field`] where somebody published meanwhile, and what
    /// the database answers.
    pub async fn publish_template(
        &self,
        caller: &Caller,
        market: &str,
        new: NewTemplate,
        at: Timestamp,
    ) -> Result<ReplyTemplate, AppError> {
        caller.may(Right::CareLead)?;
        let mut template = new.template;
        template.check()?;
        let known = self.templates_of(market).await?;
        let latest =
            known.iter().find(|known| known.key == template.key && known.language == template.language);
        let latest = latest.map_or(0, |latest| latest.version);
        if latest != new.follows {
            let fault = format!("version {latest} is the latest one; look at it first");
            return Err(AppError::field("/follows", fault));
        }
        template.version = latest.saturating_add(1);
        let document =
            serde_json::to_string(&template).map_err(|error| AppError::Defect(error.to_string()))?;
        let (key, language, version) = (template.key.clone(), template.language.clone(), template.version);
        let row = DeskDocument { key, language, version, document };
        let told = self.published(caller, ("template.published", market), &row, at);
        books::publish_desk_document(&self.store, (market, "template"), row, told, at).await?;
        Ok(template)
    }

    /// Who publishes, and what the audit log says of it.
    pub(super) fn published(
        &self,
        caller: &Caller,
        (action, market): (&str, &str),
        row: &DeskDocument,
        at: Timestamp,
    ) -> (String, Vec<Write>) {
        let details = json!({ "market": market, "language": row.language, "version": row.version });
        let action = Action::new(action, &row.key).with_details(details);
        (caller.by(), self.audit_row(caller, action, at).append().to_vec())
    }

    /// A reply made from a template for a case, in the customer's language, with figures from the books. `typed` fills
    /// places of texts that only an agent can know; it can never fill an amount.
    ///
    /// # Errors
    /// [`AppError::NotFound`] where there is no such template in the customer's language, [`AppError::Template`] where a
    /// place stays empty, and as reading a case.
    pub async fn fill_template(
        &self,
        caller: &Caller,
        case_id: &str,
        template_key: &str,
        typed: &BTreeMap<String, String>,
        at: Timestamp,
    ) -> Result<(String, TemplateUsed), AppError> {
        let agent = self.agent(caller, Right::CareDesk)?;
        let (whose, case, _) = self.case_of(caller, case_id, Right::CareDesk).await?;
        let language = case.opening.language.clone();
        let templates = self.templates_of(&whose.market).await?;
        let template = templates.iter().find(|known| known.key == template_key && known.language == language);
        let template = template.ok_or_else(|| AppError::not_found("template", template_key))?;
        let mut known: WhatIsKnown = typed
            .iter()
            .map(|(name, text)| (name.clone(), Filled { kind: PlaceKind::Text, text: text.clone() }))
            .collect();
        // What the books know is never what somebody typed.
        known.extend(self.known_for_case(&whose, &case, &agent.alias, at).await?);
        let reply = template.fill(&known)?;
        let (key, version) = (template.key.clone(), template.version);
        Ok((reply, TemplateUsed { key, version, language }))
    }

    async fn known_for_case(
        &self,
        whose: &Whose,
        case: &Case,
        alias: &str,
        at: Timestamp,
    ) -> Result<WhatIsKnown, AppError> {
        let market = self.markets.get(&whose.market)?;
        let language = Language::of(&case.opening.language);
        let mut known = WhatIsKnown::new();
        let mut put = |name: &str, kind, text: String| {
            known.insert(name.to_owned(), Filled { kind, text });
        };
        put("case_number", PlaceKind::Text, case.number.clone());
        put("agent", PlaceKind::Text, alias.to_owned());
        put("market", PlaceKind::Text, market.name.clone());
        put("today", PlaceKind::Date, date(at, &market.time_zone));
        if let Some(order_id) = &case.opening.order_id {
            let row = books::order_of_customer(&self.store, &whose.customer_id, order_id).await?;
            if let Some(order) = row.map(|row| row.order) {
                put("order_number", PlaceKind::Text, order.number.clone());
                put("order_date", PlaceKind::Date, date(order.placed_at, &market.time_zone));
                put("order_total", PlaceKind::Yen, language.yen(order.total));
                if let Some(refund) = order.refunds.last() {
                    put("last_refund", PlaceKind::Yen, language.yen(given_back(refund)?));
                }
                let refunds = order.refunds.iter().map(given_back).collect::<Result<Vec<_>, _>>()?;
                let refunded = Money::sum(refunds).map_err(|error| AppError::Defect(error.to_string()))?;
                if refunded > Money::ZERO {
                    put("refunded_total", PlaceKind::Yen, language.yen(refunded));
                }
            }
        }
        Ok(known)
    }
}

/// What a refund gave back to all who had paid.
fn given_back(refund: &Refund) -> Result<Money, AppError> {
    let parts = refund.parts.iter().map(|part| part.amount);
    Money::sum(parts).map_err(|error| AppError::Defect(error.to_string()))
}

fn date(at: Timestamp, zone: &jiff::tz::TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d").to_string()
}
