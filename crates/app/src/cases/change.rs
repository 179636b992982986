//! What all changes of cases have in common: load the events, let the rules decide, save what follows, under the
//! customer's lock and with the idempotency key.

use std::sync::Arc;

use choba_care::case::{Actor, Case, CaseChange, CaseRefusal, CaseTerms, record};
use choba_care::redact::{Sensitive, redact};
use choba_engine::books::{Changes, Event, EventKind, Operation};
use choba_store::books::{self, Decision, Loaded, Needs, Next, ToWrite};
use choba_store::sql::{StoreError, Write};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::audit_log::Action;
use crate::{AppError, Counter, GiftCardCode, Key, Whose};

/// A case after a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseStepped {
    /// Which.
    pub case_id: String,
    /// Its number, for people.
    pub number: String,
    /// The number of its last event.
    pub version: u32,
    /// Where it stands.
    pub state: String,
}

impl CaseStepped {
    pub(super) fn of(case: &Case) -> Self {
        let (case_id, number) = (case.case_id.clone(), case.number.clone());
        Self { case_id, number, version: case.version, state: case.state.code().to_owned() }
    }
}

/// Decides about cases, in the order in which they were asked for: what happens to each.
pub(super) type DecideCases = Arc<dyn Fn(&[Case]) -> Result<Vec<Vec<CaseChange>>, CaseRefusal> + Send + Sync>;

/// A change of cases of one customer.
pub(super) struct CaseSteps {
    pub whose: Whose,
    pub case_ids: Vec<String>,
    pub by: Actor,
    pub key: Option<Key>,
    pub more: Vec<Write>,
    pub decide: DecideCases,
}

impl CaseSteps {
    /// A change of one case.
    pub fn one(
        whose: &Whose,
        case_id: &str,
        by: Actor,
        key: Option<Key>,
        decide: impl Fn(&Case) -> Result<Vec<CaseChange>, CaseRefusal> + Send + Sync + 'static,
    ) -> Self {
        let decide = move |cases: &[Case]| match cases.first() {
            Some(case) => Ok(vec![decide(case)?]),
            None => Ok(Vec::new()),
        };
        let (whose, case_ids, more) = (whose.clone(), vec![case_id.to_owned()], Vec::new());
        Self { whose, case_ids, by, key, more, decide: Arc::new(decide) }
    }
}

impl Counter {
    /// Changes cases; the answer is about the first of them.
    pub(super) async fn change_cases(
        &self,
        steps: CaseSteps,
        at: Timestamp,
    ) -> Result<CaseStepped, AppError> {
        let operation = self.operation(&said_by(&steps.by), at);
        let case_id = steps.case_ids.first().cloned().unwrap_or_default();
        let action = Action::new("case.changed", &case_id).about(&steps.whose.customer_id);
        let decision = ChangeCases { steps, operation, terms: self.case_terms() };
        self.perform_as(decision, action).await?
    }

    /// What the desk has decided about cases.
    pub(super) fn case_terms(&self) -> CaseTerms {
        CaseTerms::default()
    }
}

/// Who does something, as the audit log and the journal write it.
pub(super) fn said_by(by: &Actor) -> String {
    match by {
        Actor::Customer => "customer".to_owned(),
        Actor::Agent { staff_id, .. } => format!("staff:{staff_id}"),
        Actor::System => "system".to_owned(),
        Actor::Carrier { carrier } => format!("carrier:{carrier}"),
    }
}

/// The text as it may be kept. Only what a customer typed can hold a code of theirs.
pub(super) fn kept_text(text: &str, by_customer: bool) -> String {
    let gift_code = |code: &str| GiftCardCode::read(code).is_some();
    redact(text, &Sensitive { gift_code: &gift_code, one_time_codes: by_customer })
}

/// What the customer hears of: one piece of news, however much happened at once.
pub(super) fn events_of(case_id: &str, changes: &[CaseChange], by: &Actor) -> Vec<Event> {
    let from_desk = matches!(by, Actor::Agent { .. });
    let news = changes.iter().any(|change| match change {
        CaseChange::Said { .. } => from_desk,
        CaseChange::Escalated { .. } | CaseChange::Solved { .. } | CaseChange::TranscriptFrozen { .. } => {
            true
        }
        _ => false,
    });
    let event = Event { kind: EventKind::CaseNews, subject: case_id.to_owned(), part: None };
    if news { vec![event] } else { Vec::new() }
}

struct ChangeCases {
    steps: CaseSteps,
    operation: Operation,
    terms: CaseTerms,
}

impl Decision for ChangeCases {
    type Answer = Result<CaseStepped, AppError>;

    fn whose(&self) -> (&str, &str) {
        (&self.steps.whose.customer_id, &self.steps.whose.market)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        let customer_id = &self.steps.whose.customer_id;
        let more = self.steps.case_ids.iter().map(|case_id| books::events_of(customer_id, case_id)).collect();
        let key = self.steps.key.as_ref().map(|key| key.key.clone());
        Needs { key, more, ..Needs::default() }
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Self::Answer>, StoreError> {
        match self.step(loaded)? {
            Err(error) => Ok(Next::Answer(Err(error))),
            Ok((None, stepped)) => Ok(Next::Answer(Ok(stepped))),
            Ok((Some(to_write), stepped)) => Ok(Next::Write(Box::new(to_write), Ok(stepped))),
        }
    }
}

type Step = Result<(Option<ToWrite>, CaseStepped), AppError>;

impl ChangeCases {
    fn step(&self, loaded: &Loaded) -> Result<Step, StoreError> {
        if let Some(key) = &self.steps.key {
            match key.answer_before(loaded.key.as_ref()) {
                Err(error) => return Ok(Err(error)),
                Ok(Some(stepped)) => return Ok(Ok((None, stepped))),
                Ok(None) => {}
            }
        }
        let mut cases = Vec::with_capacity(self.steps.case_ids.len());
        for (place, case_id) in self.steps.case_ids.iter().enumerate() {
            let rows = loaded.more.get(place).map_or(&[][..], Vec::as_slice);
            match books::read_case(case_id, rows)? {
                Some((case, _)) => cases.push(case),
                None => return Ok(Err(AppError::not_found("case", case_id))),
            }
        }
        Ok(match (self.steps.decide)(&cases) {
            Ok(changes) => self.write(&cases, changes),
            Err(refusal) => Err(refusal.into()),
        })
    }

    fn write(&self, cases: &[Case], changes: Vec<Vec<CaseChange>>) -> Step {
        let (mut more, mut events, mut first) = (self.steps.more.clone(), Vec::new(), None);
        for (case, changes) in cases.iter().zip(changes) {
            if changes.is_empty() {
                first.get_or_insert_with(|| CaseStepped::of(case));
                continue;
            }
            events.extend(events_of(&case.case_id, &changes, &self.steps.by));
            let (whose, at) = (&self.steps.whose, self.operation.at);
            let recorded = record(&case.case_id, Some(case), changes, &self.steps.by, at);
            let (case, new) = recorded.map_err(|fault| AppError::Defect(fault.to_string()))?;
            more.extend(books::write_case(&whose.customer_id, &whose.market, &case, &new, &self.terms));
            first.get_or_insert_with(|| CaseStepped::of(&case));
        }
        let stepped = first.ok_or_else(|| AppError::Defect("a change of no case".to_owned()))?;
        if more.is_empty() && self.steps.key.is_none() {
            return Ok((None, stepped));
        }
        let key = self.steps.key.as_ref().map(|key| key.keep(&stepped)).transpose()?;
        let changes = Changes { events, ..Changes::default() };
        Ok((Some(ToWrite { changes, key, more, ..ToWrite::default() }), stepped))
    }
}
