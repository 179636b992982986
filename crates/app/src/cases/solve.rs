//! Solving a case, and finding that it is not solved.

use choba_care::case::{Actor, steps};
use choba_store::books;
use jiff::Timestamp;

use super::change::{CaseStepped, CaseSteps, kept_text};
use super::desk::actor;
use crate::{AppError, Caller, Counter, Key, Right, Whose};

impl Counter {
    /// A case is solved: what came of it in one word, and what was done, for the customer; once for each key.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::NotFound`], [`AppError::Case`], [`AppError::KeyReused`], and what the
    /// database answers.
    pub async fn solve_case(
        &self,
        caller: &Caller,
        case_id: &str,
        (disposition, summary): (&str, &str),
        key: Key,
        at: Timestamp,
    ) -> Result<CaseStepped, AppError> {
        let agent = self.agent(caller, Right::CareDesk)?;
        let whose = self.whose_case(caller, case_id, Right::CareDesk).await?;
        let (terms, disposition, summary) =
            (self.case_terms(), disposition.to_owned(), kept_text(summary, false));
        let steps = CaseSteps::one(&whose, case_id, actor(&agent), Some(key), move |case| {
            steps::solve(case, &terms, &disposition, &summary)
        });
        self.solved(&whose, case_id, steps, at).await
    }

    /// The customer says that it is solved. Saying so twice is saying it once.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`] for whoever is not the customer, [`AppError::NotFound`] for another customer's,
    /// [`AppError::Case`], and what the database answers.
    pub async fn customer_solves_case(
        &self,
        caller: &Caller,
        case_id: &str,
        at: Timestamp,
    ) -> Result<CaseStepped, AppError> {
        let whose = self.whose_case(caller, case_id, Right::CasesWrite).await?;
        if !matches!(caller, Caller::Customer { .. }) {
            return Err(AppError::NotAllowed { right: Right::CasesWrite.as_str() });
        }
        let steps = CaseSteps::one(&whose, case_id, Actor::Customer, None, steps::customer_solves);
        self.solved(&whose, case_id, steps, at).await
    }

    /// Solves it, and ends the call that its customer still waits for. One that rings or is talked in goes on.
    async fn solved(
        &self,
        whose: &Whose,
        case_id: &str,
        steps: CaseSteps,
        at: Timestamp,
    ) -> Result<CaseStepped, AppError> {
        let stepped = self.change_cases(steps, at).await?;
        let waiting = books::open_callback(&self.store, &whose.customer_id, &whose.market).await?;
        let of_case = waiting.map(|row| row.callback).filter(|open| open.case_id.as_deref() == Some(case_id));
        if let Some(open) = of_case {
            match self.supersede_callback(whose, &open.callback_id, at).await {
                Ok(_) | Err(AppError::Callback(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(stepped)
    }

    /// The customer, or somebody of the desk, says that it is not solved.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Case`] where it is not solved or its window is over, and what the database
    /// answers.
    pub async fn reopen_case(
        &self,
        caller: &Caller,
        case_id: &str,
        at: Timestamp,
    ) -> Result<CaseStepped, AppError> {
        let whose = self.whose_case(caller, case_id, Right::CasesWrite).await?;
        let by = match caller {
            Caller::Staff { .. } => actor(&self.agent(caller, Right::CareDesk)?),
            _ => Actor::Customer,
        };
        let terms = self.case_terms();
        let steps = CaseSteps::one(&whose, case_id, by, None, move |case| steps::reopen(case, &terms, at));
        self.change_cases(steps, at).await
    }
}
