//! Decisions of staff and programs take a row of the audit log along, in the same transaction: none can be made without.
//!
//! What customers decide, and what the program does by itself, is in the journal and the orders. So are the orders that a
//! shop's own programs place for its customers: they would be most of the log, and say nothing more.

use choba_engine::books::{Changes, Operation};
use choba_store::books::{self, AuditRow, Decision, Loaded, MARKET_BOOKS, Needs, Next, ToWrite};
use choba_store::sql::StoreError;

use crate::Counter;
use crate::audit_log::Action;

impl Counter {
    /// Loads, decides and commits, with a row of the audit log where staff or a program decides.
    pub(crate) async fn perform<D: Decision>(&self, decision: D) -> Result<D::Answer, StoreError> {
        books::perform(&self.store, Watched(decision, None)).await
    }

    /// As [`Counter::perform`], where the changes do not say by themselves what is done.
    pub(crate) async fn perform_as<D: Decision>(
        &self,
        decision: D,
        action: Action,
    ) -> Result<D::Answer, StoreError> {
        books::perform(&self.store, Watched(decision, Some(action))).await
    }
}

struct Watched<D>(D, Option<Action>);

impl<D: Decision> Decision for Watched<D> {
    type Answer = D::Answer;

    fn whose(&self) -> (&str, &str) {
        self.0.whose()
    }

    fn operation(&self) -> &Operation {
        self.0.operation()
    }

    fn needs(&self) -> Needs {
        self.0.needs()
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Self::Answer>, StoreError> {
        let next = self.0.decide(loaded)?;
        Ok(match next {
            Next::Write(mut to_write, answer) => {
                let row = row_of(self.whose(), self.operation(), &to_write, self.1.clone());
                to_write.more.extend(row.iter().flat_map(AuditRow::append));
                Next::Write(to_write, answer)
            }
            other => other,
        })
    }
}

fn row_of(
    whose: (&str, &str),
    operation: &Operation,
    to_write: &ToWrite,
    told: Option<Action>,
) -> Option<AuditRow> {
    let (by, changes) = (&operation.by, &to_write.changes);
    let staff = by.starts_with("staff:");
    let program = by.starts_with("key:") && changes.orders_placed <= 0;
    if !staff && !program {
        return None;
    }
    if let Some(told) = told {
        return Some(told.row(&operation.id, by, operation.at));
    }
    let (customer_id, market) = whose;
    let mut action = Action::new(&word(changes), &subject(changes, customer_id));
    if customer_id != MARKET_BOOKS {
        action = action.about(customer_id);
    }
    let note = changes.entries.iter().find_map(|entry| entry.note.clone());
    let more: Vec<&str> = changes.events.iter().map(|event| event.kind.code()).collect();
    let action = action.with_details(serde_json::json!({ "market": market, "events": more }));
    let action = Action { reason: note, ..action };
    Some(action.row(&operation.id, by, operation.at))
}

/// What happened, in the words that others hear of it in; else why the journal moved.
fn word(changes: &Changes) -> String {
    let event = changes.events.first().map(|event| event.kind.code().to_owned());
    let entry = || changes.entries.first().map(|entry| format!("books.{}", entry.reason.code()));
    event.or_else(entry).unwrap_or_else(|| "books.changed".to_owned())
}

fn subject(changes: &Changes, customer_id: &str) -> String {
    let order = changes.orders.first().map(|order| order.order_id.clone());
    let event = || changes.events.first().map(|event| event.subject.clone());
    order.or_else(event).unwrap_or_else(|| customer_id.to_owned())
}
