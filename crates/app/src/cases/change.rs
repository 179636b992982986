//! What all changes of cases have in common: load the events, let the rules decide, save what follows, under the
//! customer's lock and with the idempotency key.

use std::sync::Arc;

use choba_care::case::{Actor, Case, CaseChange, CaseEvent, CaseRefusal, CaseTerms, levels, record};
use choba_care::contact::Care;
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
pub(super) type DecideCases =
    Arc<dyn Fn(&[Case], &[Vec<CaseEvent>]) -> Result<Vec<Vec<CaseChange>>, CaseRefusal> + Send + Sync>;

/// A change of cases of one customer.
pub(super) struct CaseSteps {
    pub whose: Whose,
    pub case_ids: Vec<String>,
    pub by: Actor,
    pub key: Option<Key>,
    pub more: Vec<Write>,
    /// Whether deadlines are written anew although nothing happens.
    pub retimes: bool,
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
        let decide = move |cases: &[Case], _: &[Vec<CaseEvent>]| match cases.first() {
            Some(case) => Ok(vec![decide(case)?]),
            None => Ok(Vec::new()),
        };
        let (whose, case_ids, more) = (whose.clone(), vec![case_id.to_owned()], Vec::new());
        Self { whose, case_ids, by, key, more, retimes: false, decide: Arc::new(decide) }
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
        let care = self.markets.care(&steps.whose.market)?;
        let decision = ChangeCases { steps, operation, care, terms: self.case_terms() };
        self.perform_as(decision, action).await?
    }

    /// What the desk has decided about cases.
    pub(crate) fn case_terms(&self) -> CaseTerms {
        CaseTerms::default()
    }
}

/// Writes what happens to cases, with how their service levels stand after it.
pub(crate) struct CaseWriter<'c> {
    pub care: &'c Care,
    pub whose: &'c Whose,
    pub terms: &'c CaseTerms,
    pub by: &'c Actor,
    pub at: Timestamp,
}

impl CaseWriter<'_> {
    /// The case after changes, and the writes. What was promised and what came of it is kept with what ends the case.
    pub fn write(
        &self,
        case_id: &str,
        before: Option<(&Case, &[CaseEvent])>,
        changes: Vec<CaseChange>,
    ) -> Result<(Case, Vec<Write>), AppError> {
        let defect = |fault: choba_care::case::FoldFault| AppError::Defect(fault.to_string());
        let ends = changes
            .iter()
            .any(|change| matches!(change, CaseChange::Solved { .. } | CaseChange::MergedInto { .. }));
        let (case, mut new) =
            record(case_id, before.map(|(case, _)| case), changes, self.by, self.at).map_err(defect)?;
        let mut all: Vec<CaseEvent> = before.map(|(_, events)| events.to_vec()).unwrap_or_default();
        all.extend(new.iter().cloned());
        // Also where the clock was set back, as the events are.
        let at = self.at.max(case.changed_at);
        let case = if ends {
            let results = levels::results(self.care, &case, &all, at);
            let measured = vec![CaseChange::Measured { results }];
            let (case, more) =
                record(case_id, Some(&case), measured, &Actor::System, self.at).map_err(defect)?;
            new.extend(more);
            case
        } else {
            case
        };
        let stand = levels::levels(self.care, &case, &all, at);
        let Whose { customer_id, market } = self.whose;
        let writes = books::write_case(customer_id, market, &case, &new, &stand, self.terms);
        Ok((case, writes))
    }
}

/// Who does something, as the audit log and the journal write it.
pub(crate) fn said_by(by: &Actor) -> String {
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

/// What the customer hears of: one piece of news, however much happened at once, and the end of a chat.
pub(super) fn events_of(case_id: &str, changes: &[CaseChange], by: &Actor) -> Vec<Event> {
    let from_desk = matches!(by, Actor::Agent { .. });
    let news = changes.iter().any(|change| match change {
        CaseChange::Said { .. } => from_desk,
        CaseChange::Escalated { .. } | CaseChange::Solved { .. } => true,
        _ => false,
    });
    let event = Event { kind: EventKind::CaseNews, subject: case_id.to_owned(), part: None };
    // What was said in a chat is told by itself, with all of it.
    let ended = changes.iter().filter_map(|change| match change {
        CaseChange::TranscriptFrozen { chat_id, .. } => Some(Event {
            kind: EventKind::ChatEnded,
            subject: case_id.to_owned(),
            part: Some(chat_id.clone()),
        }),
        _ => None,
    });
    news.then_some(event).into_iter().chain(ended).collect()
}

struct ChangeCases {
    steps: CaseSteps,
    operation: Operation,
    care: Arc<Care>,
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
    fn writer(&self) -> CaseWriter<'_> {
        CaseWriter {
            care: &self.care,
            whose: &self.steps.whose,
            terms: &self.terms,
            by: &self.steps.by,
            at: self.operation.at,
        }
    }

    fn step(&self, loaded: &Loaded) -> Result<Step, StoreError> {
        if let Some(key) = &self.steps.key {
            match key.answer_before(loaded.key.as_ref()) {
                Err(error) => return Ok(Err(error)),
                Ok(Some(stepped)) => return Ok(Ok((None, stepped))),
                Ok(None) => {}
            }
        }
        let (mut cases, mut before) = (Vec::with_capacity(self.steps.case_ids.len()), Vec::new());
        for (place, case_id) in self.steps.case_ids.iter().enumerate() {
            let rows = loaded.more.get(place).map_or(&[][..], Vec::as_slice);
            match books::read_case(case_id, rows)? {
                Some((case, events)) => {
                    cases.push(case);
                    before.push(events);
                }
                None => return Ok(Err(AppError::not_found("case", case_id))),
            }
        }
        Ok(match (self.steps.decide)(&cases, &before) {
            Ok(changes) => self.write(&cases, &before, changes),
            Err(refusal) => Err(refusal.into()),
        })
    }

    fn write(&self, cases: &[Case], before: &[Vec<CaseEvent>], changes: Vec<Vec<CaseChange>>) -> Step {
        let (mut more, mut events, mut first) = (self.steps.more.clone(), Vec::new(), None);
        let writer = self.writer();
        for ((case, before), changes) in cases.iter().zip(before).zip(changes) {
            if changes.is_empty() && !self.steps.retimes {
                first.get_or_insert_with(|| CaseStepped::of(case));
                continue;
            }
            events.extend(events_of(&case.case_id, &changes, &self.steps.by));
            let (case, writes) = writer.write(&case.case_id, Some((case, before)), changes)?;
            more.extend(writes);
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
