//! Corrections of balances by staff: with a reason, and above the market's limit with a second person.

use std::sync::Arc;

use choba_engine::books::{self as rules, Adjusted as Judged, Adjustment, GrantRefusal, Operation};
use choba_engine::market::{LotKind, Market};
use choba_store::books::{
    self, AdjustmentRow, AdjustmentState, Decision, Loaded, LotsNeeded, Needs, Next, ToWrite,
};
use choba_store::sql::StoreError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AppError, Counter, Key, Whose};

/// A correction that a member of staff asks for.
#[derive(Clone, Debug)]
pub struct AdjustBalance {
    /// Whose balance.
    pub whose: Whose,
    /// Of which program, held by the market.
    pub program: String,
    /// Of which kind.
    pub kind: Option<LotKind>,
    /// Points more (above zero) or fewer.
    pub points: i64,
    /// The last usable second of points that are given.
    pub expires_at: Option<Timestamp>,
    /// Why.
    pub reason: String,
    /// Who asks.
    pub by: String,
    /// The caller's key.
    pub key: Key,
}

/// What came of a correction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "adjustment", rename_all = "snake_case")]
pub enum Adjusted {
    /// It is made.
    Made,
    /// It waits for a second person.
    Waiting {
        /// By which it is approved or rejected.
        adjustment_id: String,
    },
    /// It will not be made.
    Rejected,
}

/// A correction that waits for a second person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaitingAdjustment {
    /// By which it is approved or rejected.
    pub adjustment_id: String,
    /// Whose balance.
    pub customer_id: String,
    /// Of which program.
    pub program: String,
    /// Of which kind.
    pub kind: Option<LotKind>,
    /// Points more (above zero) or fewer.
    pub points: i64,
    /// The last usable second of points that are given.
    pub expires_at: Option<Timestamp>,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub asked_by: String,
    /// When.
    pub asked_at: Timestamp,
}

impl Counter {
    /// Corrects a balance, or lets the correction wait for a second person; once for each key.
    ///
    /// # Errors
    /// [`AppError::Grant`] where it cannot be made, [`AppError::KeyReused`], and what the database answers.
    pub async fn adjust_balance(&self, adjust: AdjustBalance, at: Timestamp) -> Result<Adjusted, AppError> {
        let market = self.markets.get(&adjust.whose.market)?;
        let adjustment = Adjustment {
            program: adjust.program,
            kind: adjust.kind,
            points: adjust.points,
            expires_at: adjust.expires_at,
            reason: adjust.reason,
            asked_by: adjust.by.clone(),
            approved_by: None,
        };
        let (whose, key) = (adjust.whose, Some(adjust.key));
        let step = Step::Ask;
        let operation = self.operation(&adjust.by, at);
        self.perform(Adjust { whose, market, operation, adjustment, key, step }).await?
    }

    /// Makes a correction that waits. Approving it again changes nothing.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::AlreadyDecided`], [`AppError::Grant`] where the person is the one
    /// who asked or the balance has become too low, and what the database answers.
    pub async fn approve_adjustment(
        &self,
        adjustment_id: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<Adjusted, AppError> {
        self.decide_adjustment(adjustment_id, by, at, Step::Approve(adjustment_id.to_owned())).await
    }

    /// Drops a correction that waits; who asked may do so as well. Rejecting it again changes nothing.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::AlreadyDecided`], and what the database answers.
    pub async fn reject_adjustment(
        &self,
        adjustment_id: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<Adjusted, AppError> {
        self.decide_adjustment(adjustment_id, by, at, Step::Reject(adjustment_id.to_owned())).await
    }

    async fn decide_adjustment(
        &self,
        adjustment_id: &str,
        by: &str,
        at: Timestamp,
        step: Step,
    ) -> Result<Adjusted, AppError> {
        let known = books::adjustment(&self.store, adjustment_id).await?;
        let known = known.ok_or_else(|| AppError::not_found("adjustment", adjustment_id))?;
        let market = self.markets.get(&known.market)?;
        let whose = Whose { customer_id: known.customer_id, market: known.market };
        let (adjustment, operation) = (known.adjustment, self.operation(by, at));
        self.perform(Adjust { whose, market, operation, adjustment, key: None, step }).await?
    }

    /// Corrections of a market that wait, the oldest first: those after an id, at most so many.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`], and what the database answers.
    pub async fn waiting_adjustments(
        &self,
        market: &str,
        after: Option<&str>,
        most: i64,
    ) -> Result<Vec<WaitingAdjustment>, AppError> {
        self.markets.get(market)?;
        let rows = books::adjustments_waiting(&self.store, market, after.unwrap_or(""), most).await?;
        Ok(rows.into_iter().map(waiting).collect())
    }
}

fn waiting(row: AdjustmentRow) -> WaitingAdjustment {
    WaitingAdjustment {
        adjustment_id: row.adjustment_id,
        customer_id: row.customer_id,
        program: row.adjustment.program,
        kind: row.adjustment.kind,
        points: row.adjustment.points,
        expires_at: row.adjustment.expires_at,
        reason: row.adjustment.reason,
        asked_by: row.adjustment.asked_by,
        asked_at: row.asked_at,
    }
}

enum Step {
    Ask,
    Approve(String),
    Reject(String),
}

struct Adjust {
    whose: Whose,
    market: Arc<Market>,
    operation: Operation,
    adjustment: Adjustment,
    key: Option<Key>,
    step: Step,
}

type Decided = Result<(ToWrite, Adjusted), AppError>;

impl Decision for Adjust {
    type Answer = Result<Adjusted, AppError>;

    fn whose(&self) -> (&str, &str) {
        (&self.whose.customer_id, &self.whose.market)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        let lots = match self.step {
            Step::Reject(_) => LotsNeeded::None,
            // What is taken is taken from all that is available.
            Step::Ask | Step::Approve(_) if self.adjustment.points < 0 => LotsNeeded::All,
            Step::Ask | Step::Approve(_) => LotsNeeded::These(Vec::new()),
        };
        let more = match &self.step {
            Step::Ask => Vec::new(),
            Step::Approve(id) | Step::Reject(id) => vec![AdjustmentRow::find(id)],
        };
        let key = self.key.as_ref().map(|key| key.key.clone());
        Needs { lots, key, more, ..Needs::default() }.renewals_of(&self.market)
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Self::Answer>, StoreError> {
        let decided = match &self.step {
            Step::Ask => self.ask(loaded),
            Step::Approve(id) => self.waiting(loaded, id).and_then(|row| self.approve(loaded, row)),
            Step::Reject(id) => self.waiting(loaded, id).and_then(|row| self.reject(row)),
        };
        Ok(match decided {
            Ok((to_write, adjusted)) if nothing(&to_write) => Next::Answer(Ok(adjusted)),
            Ok((to_write, adjusted)) => Next::Write(Box::new(to_write), Ok(adjusted)),
            Err(error) => Next::Answer(Err(error)),
        })
    }
}

fn nothing(to_write: &ToWrite) -> bool {
    to_write.key.is_none() && to_write.more.is_empty()
}

impl Adjust {
    fn ask(&self, loaded: &Loaded) -> Decided {
        let Some(key) = &self.key else { return Err(AppError::Defect("no key".to_owned())) };
        if let Some(adjusted) = key.answer_before(loaded.key.as_ref())? {
            return Ok((ToWrite::default(), adjusted));
        }
        if self.adjustment.points == 0 {
            return Err(GrantRefusal::Nothing.into());
        }
        let judged = rules::adjust(&loaded.books, &self.market, &self.operation, &self.adjustment)?;
        let (changes, more, adjusted) = match judged {
            Judged::Made(changes) => (*changes, Vec::new(), Adjusted::Made),
            Judged::NeedsSecondPerson => {
                let row = self.row();
                let adjustment_id = row.adjustment_id.clone();
                (rules::Changes::default(), vec![row.wait()?], Adjusted::Waiting { adjustment_id })
            }
        };
        let key = Some(key.keep(&adjusted)?);
        Ok((ToWrite { changes, key, more, ..ToWrite::default() }, adjusted))
    }

    fn row(&self) -> AdjustmentRow {
        AdjustmentRow {
            adjustment_id: format!("adj_{}", self.operation.id),
            customer_id: self.whose.customer_id.clone(),
            market: self.whose.market.clone(),
            adjustment: self.adjustment.clone(),
            asked_at: self.operation.at,
            state: AdjustmentState::Waiting,
        }
    }

    fn waiting(&self, loaded: &Loaded, adjustment_id: &str) -> Result<AdjustmentRow, AppError> {
        let row = loaded.more.first().and_then(|rows| rows.first());
        let row = row.ok_or_else(|| AppError::not_found("adjustment", adjustment_id))?;
        Ok(AdjustmentRow::read(row)?)
    }

    fn approve(&self, loaded: &Loaded, row: AdjustmentRow) -> Decided {
        let by = &self.operation.by;
        match &row.state {
            AdjustmentState::Waiting => {}
            AdjustmentState::Approved { by: before, .. } if before == by => {
                return Ok((ToWrite::default(), Adjusted::Made));
            }
            decided => return Err(already(decided)),
        }
        let adjustment = Adjustment { approved_by: Some(by.clone()), ..row.adjustment.clone() };
        match rules::adjust(&loaded.books, &self.market, &self.operation, &adjustment)? {
            Judged::Made(changes) => {
                let more = vec![row.approve(by, self.operation.at)];
                Ok((ToWrite { changes: *changes, more, ..ToWrite::default() }, Adjusted::Made))
            }
            Judged::NeedsSecondPerson => Err(AppError::Defect("a second person was not enough".to_owned())),
        }
    }

    fn reject(&self, row: AdjustmentRow) -> Decided {
        let by = &self.operation.by;
        match &row.state {
            AdjustmentState::Waiting => {
                let more = vec![row.reject(by, self.operation.at)];
                Ok((ToWrite { more, ..ToWrite::default() }, Adjusted::Rejected))
            }
            AdjustmentState::Rejected { by: before, .. } if before == by => {
                Ok((ToWrite::default(), Adjusted::Rejected))
            }
            decided => Err(already(decided)),
        }
    }
}

fn already(state: &AdjustmentState) -> AppError {
    let (state, decided_by) = match state {
        AdjustmentState::Waiting => ("waiting", ""),
        AdjustmentState::Approved { by, .. } => ("approved", by.as_str()),
        AdjustmentState::Rejected { by, .. } => ("rejected", by.as_str()),
    };
    AppError::AlreadyDecided { state, decided_by: decided_by.to_owned() }
}
