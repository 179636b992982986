//! Macros of the desk: steps that are taken together again and again.

use std::collections::BTreeMap;

use choba_care::case::{Priority, WaitingFor};
use choba_store::books::{self, DeskDocument};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::change::CaseStepped;
use super::reply::DeskReply;
use super::route::Route;
use crate::{AppError, Caller, Counter, Key, Right};

/// A step of a macro.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum MacroStep {
    /// Reply with a template.
    Reply {
        /// Which.
        template: String,
    },
    /// Note something that only staff read.
    Note {
        /// Plain text.
        text: String,
    },
    /// Let it press more or less.
    Priority {
        /// How much.
        priority: Priority,
    },
    /// Send it to a queue.
    Queue {
        /// Which.
        queue: String,
        /// Why.
        reason: String,
    },
    /// Let it wait for the customer.
    WaitForCustomer,
    /// Solve it, with a template as what was done.
    Solve {
        /// What came of it.
        disposition: String,
        /// The template.
        template: String,
    },
}

/// A macro.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Macro {
    /// By which it is called.
    pub key: String,
    /// What staff choose it by.
    pub title: String,
    /// Its version; given by the counter.
    #[serde(default)]
    pub version: u32,
    /// What is done, in order.
    pub steps: Vec<MacroStep>,
}

/// A macro has no more steps than so many.
const STEPS_MAX: usize = 20;

impl Counter {
    /// The macros of a market, the latest version of each.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::UnknownMarket`], and what the database answers.
    pub async fn macros(&self, caller: &Caller, market: &str) -> Result<Vec<Macro>, AppError> {
        caller.may(Right::CareDesk).or_else(|_| caller.may(Right::CareLead))?;
        self.markets.get(market)?;
        let rows = books::desk_documents(&self.store, market, "macro").await?;
        let read = |row: DeskDocument| serde_json::from_str(&row.document);
        rows.into_iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map_err(|error| AppError::Defect(error.to_string()))
    }

    /// Publishes the next version of a macro.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::Field`], and what the database answers.
    pub async fn publish_macro(
        &self,
        caller: &Caller,
        market: &str,
        mut new: Macro,
        at: Timestamp,
    ) -> Result<Macro, AppError> {
        caller.may(Right::CareLead)?;
        self.markets.get(market)?;
        if new.steps.is_empty() || new.steps.len() > STEPS_MAX {
            return Err(AppError::field("/steps", format!("expected 1 to {STEPS_MAX} steps")));
        }
        if new.key.is_empty() || new.key.len() > 64 {
            return Err(AppError::field("/key", "expected 1 to 64 bytes"));
        }
        let known = books::desk_documents(&self.store, market, "macro").await?;
        let latest = known.iter().find(|known| known.key == new.key).map_or(0, |known| known.version);
        new.version = latest.saturating_add(1);
        let document = serde_json::to_string(&new).map_err(|error| AppError::Defect(error.to_string()))?;
        let (key, language, version) = (new.key.clone(), String::new(), new.version);
        let row = DeskDocument { key, language, version, document };
        let told = self.published(caller, ("macro.published", market), &row, at);
        books::publish_desk_document(&self.store, (market, "macro"), row, told, at).await?;
        Ok(new)
    }

    /// Takes the steps of a macro one after the other, having seen the case at a version. Where one is refused, those
    /// before it stay; run again under the same key it goes on where it stopped.
    ///
    /// # Errors
    /// What the first step that is refused answers.
    pub async fn run_macro(
        &self,
        caller: &Caller,
        (case_id, version): (&str, u32),
        macro_key: &str,
        typed: &BTreeMap<String, String>,
        key: Key,
        at: Timestamp,
    ) -> Result<CaseStepped, AppError> {
        self.agent(caller, Right::CareDesk)?;
        let whose = self.whose_case(caller, case_id, Right::CareDesk).await?;
        let macros = self.macros(caller, &whose.market).await?;
        let found = macros.into_iter().find(|known| known.key == macro_key);
        let found = found.ok_or_else(|| AppError::not_found("macro", macro_key))?;
        let (mut version, mut last) = (version, None);
        for (place, step) in found.steps.into_iter().enumerate() {
            let key = Key { key: format!("{}:{place}", key.key), body_digest: key.body_digest.clone() };
            let stepped = self.take_macro_step(caller, (case_id, version), step, typed, key, at).await?;
            version = stepped.version;
            last = Some(stepped);
        }
        last.ok_or_else(|| AppError::Defect("a macro without steps".to_owned()))
    }

    async fn take_macro_step(
        &self,
        caller: &Caller,
        (case_id, version): (&str, u32),
        step: MacroStep,
        typed: &BTreeMap<String, String>,
        key: Key,
        at: Timestamp,
    ) -> Result<CaseStepped, AppError> {
        match step {
            MacroStep::Reply { template } => {
                let (text, used) = self.fill_template(caller, case_id, &template, typed, at).await?;
                let (template, attachments) = (Some(used), Vec::new());
                let reply = DeskReply { version, text, template, attachments, asks_customer: false };
                self.reply_in_case(caller, case_id, reply, key, at).await
            }
            MacroStep::Note { text } => self.note_in_case(caller, case_id, &text, key, at).await,
            MacroStep::Priority { priority } => {
                self.route_case(caller, case_id, Route::Priority(priority), at).await
            }
            MacroStep::Queue { queue, reason } => {
                let route = Route::Queue { queue, skill: None, reason };
                self.route_case(caller, case_id, route, at).await
            }
            MacroStep::WaitForCustomer => {
                self.route_case(caller, case_id, Route::Wait(WaitingFor::Customer), at).await
            }
            MacroStep::Solve { disposition, template } => {
                let (summary, _) = self.fill_template(caller, case_id, &template, typed, at).await?;
                self.solve_case(caller, case_id, (&disposition, &summary), key, at).await
            }
        }
    }
}
