//! Recording a look at personal data before it is shown: who, whose, what and why, within the budget of who looks.

use choba_store::books::{self, Counted, Counting};
use jiff::Timestamp;

use crate::audit_log::Action;
use crate::{AppError, Caller, Counter, LookBudget, Right};

/// The longest reason, in letters.
const REASON_LENGTH_MAX: usize = 500;

/// A look at personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whose data.
    pub customer_id: String,
    /// Which data, as a word: `address`, `phone`, `tracking_number`.
    pub what: String,
    /// Where it is: a case, an order.
    pub subject: String,
    /// Why.
    pub reason: String,
}

impl Counter {
    /// Records a look. Only once this has succeeded may the data be shown. A look beyond the budget is refused, and
    /// recorded as that.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`] without the right to see personal data, [`AppError::NotFound`] for another customer's
    /// data, [`AppError::Field`] without a reason, [`AppError::TooManyTries`] beyond the budget, and what the database
    /// answers.
    pub async fn record_look(&self, caller: &Caller, look: Look, at: Timestamp) -> Result<(), AppError> {
        if let Caller::Customer { customer_id } = caller {
            // Nobody needs a reason to see their own data.
            let own = *customer_id == look.customer_id;
            return if own { Ok(()) } else { Err(AppError::not_found("customer", &look.customer_id)) };
        }
        caller.may(Right::PersonalReveal)?;
        let reason = checked_reason(&look.reason)?;
        let about = |action| {
            Action::new(action, &look.subject)
                .about(&look.customer_id)
                .because(&reason)
                .with_details(serde_json::json!({ "what": look.what }))
        };
        let seen = self.audit_row(caller, about("personal.look"), at).append();
        let Some(budget) = LookBudget::of(caller) else {
            return Ok(books::write_together(&self.store, "@look", seen.to_vec()).await?);
        };
        let refused = self.audit_row(caller, about("personal.look_refused"), at).append();
        let by = caller.by();
        let subjects = vec![format!("@looks hour {by}"), format!("@looks day {by}")];
        let look = move |known: &[Counted]| -> Counting<Result<(), AppError>> {
            let known = [known.first(), known.get(1)].map(|known| known.copied().unwrap_or_default());
            match budget.look(known, at) {
                Ok(counted) => (counted.to_vec(), seen.to_vec(), Ok(())),
                Err(again_at) => (Vec::new(), refused.to_vec(), Err(AppError::TooManyTries { again_at })),
            }
        };
        books::count(&self.store, &format!("looks {by}"), subjects, look).await?
    }
}

fn checked_reason(reason: &str) -> Result<String, AppError> {
    let reason = reason.trim();
    let length = reason.chars().count();
    if length == 0 || length > REASON_LENGTH_MAX || reason.chars().any(char::is_control) {
        let fault = format!("expected a reason of 1 to {REASON_LENGTH_MAX} letters");
        return Err(AppError::field("/reason", fault));
    }
    Ok(reason.to_owned())
}
