//! What staff and programs did: rows that are written together with what they tell of.
//!
//! Rows hold who, what, to which thing and whose, when and why; never a secret, and of personal data nothing but a
//! customer's id. A customer's own doings are not here: the journal and the orders have them.

use choba_store::books::{self, AuditFilter, AuditRow};
use jiff::Timestamp;

use crate::entropy::new_id;
use crate::{AppError, AuditDifference, AuditSummary, Caller, Counter, Right, verify_audit};

/// Something done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What, as a word such as `key.made`.
    pub action: String,
    /// To what.
    pub subject: String,
    /// Whose things it was about, if anybody's.
    pub customer_id: Option<String>,
    /// Why, where a reason is needed.
    pub reason: Option<String>,
    /// More about it, as JSON.
    pub details: Option<String>,
}

impl Action {
    /// Something done to a subject.
    pub fn new(action: &str, subject: &str) -> Self {
        let (action, subject) = (action.to_owned(), subject.to_owned());
        Self { action, subject, customer_id: None, reason: None, details: None }
    }

    /// With whose things it was about.
    #[must_use]
    pub fn about(self, customer_id: &str) -> Self {
        Self { customer_id: Some(customer_id.to_owned()), ..self }
    }

    /// With the reason for it.
    #[must_use]
    pub fn because(self, reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()), ..self }
    }

    /// With more about it; never a secret, and nothing personal.
    #[must_use]
    pub fn with_details(self, details: serde_json::Value) -> Self {
        Self { details: Some(details.to_string()), ..self }
    }

    pub(crate) fn row(self, row_id: &str, made_by: &str, at: Timestamp) -> AuditRow {
        let Self { action, subject, customer_id, reason, details } = self;
        let (row_id, made_by) = (row_id.to_owned(), made_by.to_owned());
        AuditRow { row_id, happened_at: at, made_by, action, subject, customer_id, reason, details }
    }
}

impl Counter {
    /// Records something done that is written nowhere else. What is written elsewhere takes its row along instead: see
    /// [`Counter::audit_row`].
    ///
    /// # Errors
    /// What the database answers; then it is better not to do it.
    pub async fn record_action(
        &self,
        caller: &Caller,
        action: Action,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let row = self.audit_row(caller, action, at);
        let key = format!("@audit {}", row.row_id);
        Ok(books::write_together(&self.store, &key, row.append().to_vec()).await?)
    }

    /// Checks the whole log as it is now: the chain and the seal of its head. Tells the first differences, at most so many.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], and what the database answers.
    pub async fn check_audit_log(
        &self,
        caller: &Caller,
        most: usize,
    ) -> Result<(AuditSummary, Vec<AuditDifference>), AppError> {
        caller.may(Right::AuditRead)?;
        let mut differences = Vec::new();
        let mut tell = |difference| {
            if differences.len() < most {
                differences.push(difference);
            }
        };
        let snapshot = self.store.snapshot().await?;
        let summary = verify_audit(snapshot, Some(&self.secrets), None, &mut tell).await?;
        Ok((summary, differences))
    }

    /// The row of something done, to be written in the same transaction as what is done.
    pub fn audit_row(&self, caller: &Caller, action: Action, at: Timestamp) -> AuditRow {
        action.row(&new_id(&*self.entropy, at), &caller.by(), at)
    }

    /// Rows of the log, the newest first: those before a row, at most so many.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], and what the database answers.
    pub async fn audit_log(
        &self,
        caller: &Caller,
        filter: &AuditFilter,
        before: Option<&str>,
        most: i64,
    ) -> Result<Vec<AuditRow>, AppError> {
        caller.may(Right::AuditRead)?;
        Ok(books::audit_rows(&self.store, filter, before, most).await?)
    }
}
