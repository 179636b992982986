//! How customers are written to: set, shown and erased by the customers themselves, or by programs that act for them.

use choba_outside::mail::checked_address;
use choba_store::books::{self, ContactRow};
use jiff::Timestamp;

use crate::audit_log::Action;
use crate::{AppError, Caller, Counter, Right, Whose};

/// How a customer is written to.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// Where to. Of a contact that is shown, most of it may be covered.
    pub email: String,
    /// `ja` or `en`.
    pub language: String,
    /// Whether the customer wants to hear of value that will expire.
    pub points_notices: bool,
    /// When it was set.
    pub changed_at: Timestamp,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Contact").field("language", &self.language).finish_non_exhaustive()
    }
}

/// What is wanted of a contact.
#[derive(Clone)]
pub struct ContactWanted {
    /// Where to.
    pub email: String,
    /// `ja` or `en`.
    pub language: String,
    /// Whether the customer wants to hear of value that will expire.
    pub points_notices: bool,
}

impl Counter {
    /// Sets how a customer is written to in a market.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::NotFound`], [`AppError::UnknownMarket`], [`AppError::Field`] where the
    /// address or the language cannot be used, and what the database answers.
    pub async fn set_contact(
        &self,
        caller: &Caller,
        customer_id: &str,
        market: &str,
        wanted: &ContactWanted,
        at: Timestamp,
    ) -> Result<Contact, AppError> {
        let whose = self.whose_contact(caller, customer_id, market, Right::OrdersWrite)?;
        let email = checked_address(&wanted.email);
        let email =
            email.ok_or_else(|| AppError::field("/email", "expected an address such as a@example.com"))?;
        if !matches!(wanted.language.as_str(), "ja" | "en") {
            return Err(AppError::field("/language", "expected ja or en"));
        }
        let row = ContactRow {
            email,
            language: wanted.language.clone(),
            points_notices: wanted.points_notices,
            changed_at: at.as_millisecond(),
        };
        self.note_contact(caller, "contact.set", &whose, at).await?;
        books::set_contact(&self.store, &whose.customer_id, &whose.market, &row).await?;
        shown(row, caller)
    }

    /// How a customer is written to. Only the customer sees the whole address.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::NotFound`] and what the database answers.
    pub async fn contact(
        &self,
        caller: &Caller,
        customer_id: &str,
        market: &str,
    ) -> Result<Contact, AppError> {
        let whose = self.whose_contact(caller, customer_id, market, Right::OrdersRead)?;
        let found = books::contact(&self.store, &whose.customer_id, &whose.market).await?;
        shown(found.ok_or_else(|| AppError::not_found("contact of", customer_id))?, caller)
    }

    /// Forgets how a customer is written to; nothing is sent any more. Doing so twice is as doing it once.
    ///
    /// # Errors
    /// As [`Counter::contact`].
    pub async fn erase_contact(
        &self,
        caller: &Caller,
        customer_id: &str,
        market: &str,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let whose = self.whose_contact(caller, customer_id, market, Right::OrdersWrite)?;
        self.note_contact(caller, "contact.erased", &whose, at).await?;
        Ok(books::erase_contact(&self.store, &whose.customer_id, &whose.market).await?)
    }

    /// What others do to a customer's contact is in the audit log, without the address.
    async fn note_contact(
        &self,
        caller: &Caller,
        action: &str,
        whose: &Whose,
        at: Timestamp,
    ) -> Result<(), AppError> {
        if matches!(caller, Caller::Customer { .. } | Caller::Itself) {
            return Ok(());
        }
        let action = Action::new(action, &whose.customer_id).about(&whose.customer_id);
        self.record_action(caller, action, at).await
    }

    fn whose_contact(
        &self,
        caller: &Caller,
        customer_id: &str,
        market: &str,
        right: Right,
    ) -> Result<Whose, AppError> {
        let whose = caller.acting_for(customer_id, market, right)?;
        self.markets.get(market)?;
        Ok(whose)
    }
}

fn shown(row: ContactRow, caller: &Caller) -> Result<Contact, AppError> {
    let changed_at = Timestamp::from_millisecond(row.changed_at);
    let whole = matches!(caller, Caller::Customer { .. } | Caller::Itself);
    Ok(Contact {
        email: if whole { row.email } else { covered(&row.email) },
        language: row.language,
        points_notices: row.points_notices,
        changed_at: changed_at.map_err(|error| AppError::Defect(error.to_string()))?,
    })
}

/// `h***@e***.jp`: enough to tell two apart.
fn covered(email: &str) -> String {
    let (user, domain) = email.split_once('@').unwrap_or((email, ""));
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    let ending = domain.rsplit('.').next().unwrap_or_default();
    format!("{}***@{}***.{ending}", first(user), first(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_covered_address_tells_little() {
        assert_eq!(covered("hanako@example.co.jp"), "h***@e***.jp");
        assert_eq!(covered("h@x.jp"), "h***@x***.jp");
    }
}
