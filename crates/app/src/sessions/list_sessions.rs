//! The sessions that somebody has: their devices.

use choba_store::books::{self, SessionsOf};
use jiff::Timestamp;

use super::Session;
use crate::{AppError, Caller, Counter, Right};

impl Counter {
    /// The open sessions of the caller, or of a customer that is named, the last used first.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`] without the right `cases:read`, [`AppError::NotFound`] for another customer's,
    /// [`AppError::Field`] where a program names no customer, and what the database answers.
    pub async fn list_sessions(
        &self,
        caller: &Caller,
        customer_id: Option<&str>,
        at: Timestamp,
    ) -> Result<Vec<Session>, AppError> {
        caller.needs(Right::CasesRead)?;
        let of = match (customer_id, caller) {
            (Some(customer_id), _) => {
                let whose = caller.acting_for(customer_id, "", Right::CasesRead)?;
                SessionsOf { kind: "customer", id: whose.customer_id }
            }
            (None, Caller::Customer { customer_id }) => {
                SessionsOf { kind: "customer", id: customer_id.clone() }
            }
            (None, Caller::Staff { staff_id, .. }) => SessionsOf { kind: "staff", id: staff_id.clone() },
            (None, _) => return Err(AppError::field("#customer_id", "needed: whose sessions")),
        };
        let rows = books::open_sessions(&self.store, &of, at).await?;
        rows.into_iter().map(Session::of_row).collect()
    }
}
