//! What all changes of a call-back have in common: it is changed in its customer's turn, and each step of it is written on
//! its case in the same transaction.

use std::sync::Arc;

use choba_care::callback::{Callback, End, State};
use choba_care::case::{Actor, CaseChange, CaseTerms, call_steps, first_step};
use choba_care::contact::Care;
use choba_engine::books::{Changes, Event, EventKind, Operation};
use choba_store::books::{self, CallbackChange, CallbackRow, Decision, Loaded, Needs, Next, ToWrite};
use choba_store::sql::StoreError;
use jiff::Timestamp;

use crate::cases::CaseWriter;
use crate::{Counter, Whose};

impl Counter {
    /// Changes a call-back as it is found then. Nothing is answered where there is none. The change may be made more than
    /// once, from the start.
    pub(crate) async fn change_callback<A, F>(
        &self,
        callback: &Callback,
        (by, care): (Actor, Arc<Care>),
        at: Timestamp,
        change: F,
    ) -> Result<Option<A>, StoreError>
    where
        A: Send + 'static,
        F: FnMut(Callback) -> CallbackChange<A> + Send + 'static,
    {
        let change = ChangeCallback {
            whose: Whose::new(&callback.customer_id, &callback.market),
            callback_id: callback.callback_id.clone(),
            operation: self.operation(&crate::cases::said_by(&by), at),
            terms: self.case_terms(),
            by,
            care,
            change,
        };
        // What agents do has rows of its own on the audit log, among the writes.
        books::perform(&self.store, change).await
    }
}

struct ChangeCallback<F> {
    whose: Whose,
    callback_id: String,
    operation: Operation,
    by: Actor,
    care: Arc<Care>,
    terms: CaseTerms,
    change: F,
}

impl<A, F> Decision for ChangeCallback<F>
where
    A: Send + 'static,
    F: FnMut(Callback) -> CallbackChange<A> + Send + 'static,
{
    type Answer = Option<A>;

    fn whose(&self) -> (&str, &str) {
        (&self.whose.customer_id, &self.whose.market)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        Needs { more: vec![books::find_callback(&self.callback_id)], ..Needs::default() }
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Self::Answer>, StoreError> {
        let row = loaded.more.first().and_then(|rows| rows.first());
        let Some(before) = row.map(CallbackRow::read).transpose()? else { return Ok(Next::Answer(None)) };
        let change = (self.change)(before.callback.clone());
        let told = told(&before.callback, &change);
        let case_id = before.callback.case_id.as_ref().filter(|_| !told.is_empty());
        let mut more = books::callback_writes(&before, &change, self.operation.at)?;
        if more.is_empty() {
            return Ok(Next::Answer(Some(change.answer)));
        }
        match (case_id, loaded.more.get(1)) {
            (Some(case_id), None) => {
                let more = vec![books::events_of(&self.whose.customer_id, case_id)];
                return Ok(Next::Load(Needs { more, ..Needs::default() }));
            }
            (Some(case_id), Some(rows)) => {
                if let Some((case, events)) = books::read_case(case_id, rows)? {
                    let written = self.writer().write(case_id, Some((&case, &events)), told);
                    more.extend(written.map_err(|error| StoreError::Defect { reason: error.to_string() })?.1);
                }
            }
            (None, _) => {}
        }
        let changes = Changes { events: news(&before.callback, &change), ..Changes::default() };
        Ok(Next::Write(Box::new(ToWrite { changes, more, ..ToWrite::default() }), Some(change.answer)))
    }
}

impl<F> ChangeCallback<F> {
    fn writer(&self) -> CaseWriter<'_> {
        let (care, whose, terms, by) = (&*self.care, &self.whose, &self.terms, &self.by);
        CaseWriter { care, whose, terms, by, at: self.operation.at }
    }
}

/// What the case hears of: the steps of the request, and that another one goes on with it.
fn told<A>(before: &Callback, change: &CallbackChange<A>) -> Vec<CaseChange> {
    let steps = change.after.iter().flat_map(|after| {
        let callback_id = after.callback_id.clone();
        let steps = call_steps(before, after).into_iter();
        steps.map(move |step| CaseChange::CallStepped { callback_id: callback_id.clone(), step })
    });
    let next = change.next.iter().map(|next| CaseChange::CallStepped {
        callback_id: next.callback_id.clone(),
        step: first_step(next),
    });
    steps.chain(next).collect()
}

/// Who was promised a call and will not get it hears of that, and what to do now.
fn news<A>(before: &Callback, change: &CallbackChange<A>) -> Vec<Event> {
    let ended = change.after.iter().filter(|_| before.is_open());
    let missed =
        ended.filter(|after| matches!(after.state, State::Ended { how: End::Exhausted | End::Expired, .. }));
    missed
        .map(|after| Event {
            kind: EventKind::CallbackMissed,
            subject: after.callback_id.clone(),
            part: after.case_id.clone(),
        })
        .collect()
}
