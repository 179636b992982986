//! What time brings cases and chats: windows that end, actions that a crash left untold, people who went away.

use std::sync::Arc;

use choba_care::case::{Actor, Case, CaseEvent, levels, steps};
use choba_store::books;
use jiff::Timestamp;

use super::change::CaseSteps;
use crate::{AppError, Counter, Whose};

/// What the worker did for cases and chats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CasesTended {
    /// Cases that were looked at.
    pub cases: usize,
    /// Chats that were looked at.
    pub chats: usize,
    /// Steps that failed and are tried again.
    pub failed: usize,
}

impl Counter {
    /// Does what time has brought cases and chats, at most so many of each. To be called every few seconds; bears being
    /// done by two processes at once.
    ///
    /// # Errors
    /// What the database answers when it is asked what is due; steps that fail are only counted.
    pub async fn tend_cases(&self, at: Timestamp, most: i64) -> Result<CasesTended, AppError> {
        let mut report = CasesTended::default();
        for due in books::due_cases(&self.store, at, most).await? {
            let whose = Whose::new(&due.customer_id, &due.market);
            match self.tend_case(&whose, &due.case_id, at).await {
                Ok(()) => report.cases += 1,
                Err(_) => report.failed += 1,
            }
        }
        for due in books::due_chats(&self.store, at, most).await? {
            let whose = Whose::new(&due.customer_id, &due.market);
            match self.tend_chat(&whose, &due.chat_id, at).await {
                Ok(()) => report.chats += 1,
                Err(_) => report.failed += 1,
            }
        }
        Ok(report)
    }

    async fn tend_case(&self, whose: &Whose, case_id: &str, at: Timestamp) -> Result<(), AppError> {
        let found = books::case_of_customer(&self.store, &whose.customer_id, case_id).await?;
        let open: Vec<String> = found
            .iter()
            .flat_map(|(case, _)| case.open_actions().map(|action| action.action_id.clone()))
            .collect();
        for action_id in open {
            self.do_open_action(whose, case_id, &action_id, at).await?;
        }
        let (terms, care) = (self.case_terms(), self.markets.care(&whose.market)?);
        let decide = move |cases: &[Case], events: &[Vec<CaseEvent>]| {
            let (Some(case), Some(events)) = (cases.first(), events.first()) else { return Ok(Vec::new()) };
            let mut changes = steps::time_passed(case, &terms, at);
            changes.extend(levels::told(&care, case, events, at));
            Ok(vec![changes])
        };
        let steps = CaseSteps {
            retimes: true,
            decide: Arc::new(decide),
            ..CaseSteps::one(whose, case_id, Actor::System, None, |_| Ok(Vec::new()))
        };
        self.change_cases(steps, at).await.map(|_| ())
    }
}
