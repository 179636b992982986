//! The best plan: which coupons and which stored value to use, and why.

use choba_engine::plan::Aim;
use choba_server::Problem;
use serde::Deserialize;
use serde_json::Value;

use super::choices::Choices;
use super::quote::Quote;
use super::receipt::{Writer, tender_name};
use super::sheet::AtCounter;
use crate::frame::Frame;

/// A plan as it is shown.
pub struct Suggestion {
    pub aim: &'static str,
    /// What it comes to, the runner-up, what is left out and why.
    pub reasons: Vec<String>,
    /// Who would pay how much.
    pub tenders: Vec<(String, String)>,
    pub total: String,
    /// The address of the counter with the plan's choices.
    pub apply: String,
    /// Whether this is what is chosen already.
    pub is_chosen: bool,
}

#[derive(Deserialize)]
struct Planned {
    plan: Plan,
}

#[derive(Deserialize)]
struct Plan {
    pay: Value,
}

/// All aims, the first first.
pub const AIMS: [Aim; 3] = [Aim::LeastCash, Aim::MostValue, Aim::SavePoints];

/// The aim of that name.
pub fn aim(id: &str) -> Option<Aim> {
    AIMS.into_iter().find(|aim| aim.id() == id)
}

impl AtCounter<'_> {
    /// Looks for the best way to pay.
    pub async fn suggestion(&self, frame: &Frame, aim: Aim, now: &Quote) -> Result<Suggestion, Problem> {
        let (counter, at) = (&self.service.counter, self.service.clock.now());
        let said = counter.plan_cart_in_words(self.asked(&self.choices), aim, frame.language, at).await?;
        let planned: Planned =
            serde_json::from_slice(&said.plan).map_err(|error| Problem::defect(&error.to_string()))?;
        let quote = Quote::read(&said.plan)?;
        let chosen = Choices::of_cart(&planned.plan.pay, &self.market);
        let chosen =
            Choices { method: self.choices.method.clone(), card: self.choices.card.clone(), ..chosen };
        let writer = Writer { frame, market: &self.market, goods: &[], quote: &quote };
        let tenders = quote.payers().into_iter();
        let tenders = tenders.map(|(id, yen)| (tender_name(frame, writer.market, &id), frame.yen(yen)));
        let same_coupons = {
            let sorted = |coupons: &[String]| {
                let mut coupons = coupons.to_vec();
                coupons.sort();
                coupons
            };
            sorted(&chosen.coupons) == sorted(&self.choices.coupons)
        };
        Ok(Suggestion {
            aim: aim.id(),
            reasons: said.reasons,
            tenders: tenders.collect(),
            total: frame.yen(quote.total),
            apply: chosen.address(),
            is_chosen: same_coupons && quote.payers() == now.payers(),
        })
    }
}
