//! Who looked at a customer's personal data: for the customer, in part.

use choba_store::books::{self, AuditFilter, AuditRow};
use jiff::Timestamp;

use crate::{AppError, Caller, Counter, Right};

/// A look, as the customer is told of it: not by whom, but from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookTold {
    /// Its row, for the next page.
    pub row_id: String,
    /// When.
    pub at: Timestamp,
    /// `staff`, `key` (a program) or `system`.
    pub by: String,
    /// At what.
    pub what: String,
    /// In which case or order.
    pub subject: String,
}

impl Counter {
    /// Looks at a customer's data, the newest first: those before a row, at most so many.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for another customer's, [`AppError::NotAllowed`], and what the database answers.
    pub async fn looks_at_customer(
        &self,
        caller: &Caller,
        customer_id: &str,
        before: Option<&str>,
        most: i64,
    ) -> Result<Vec<LookTold>, AppError> {
        match caller {
            Caller::Customer { customer_id: own } if own == customer_id => {}
            Caller::Customer { .. } => return Err(AppError::not_found("customer", customer_id)),
            _ => caller.may(Right::AuditRead)?,
        }
        let filter = AuditFilter {
            customer_id: Some(customer_id.to_owned()),
            action: Some("personal.look".to_owned()),
            ..AuditFilter::default()
        };
        let rows = books::audit_rows(&self.store, &filter, before, most).await?;
        Ok(rows.into_iter().map(told).collect())
    }
}

fn told(row: AuditRow) -> LookTold {
    #[derive(serde::Deserialize)]
    struct Details {
        what: String,
    }
    let details: Option<Details> = row.details.and_then(|details| serde_json::from_str(&details).ok());
    LookTold {
        by: row.made_by.split(':').next().unwrap_or_default().to_owned(),
        row_id: row.row_id,
        at: row.happened_at,
        what: details.map(|details| details.what).unwrap_or_default(),
        subject: row.subject,
    }
}
