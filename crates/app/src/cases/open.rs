//! Opening a case, with everything that the customer would have to look up filled in by the program. A case of the same
//! question and order that is still open goes on instead.

use std::sync::Arc;

use choba_care::case::{
    Actor, Case, CaseChange, CaseEvent, CaseLink, CaseState, CaseTerms, Channel, Opening, Priority, steps,
};
use choba_care::contact::{Care, Question};
use choba_engine::books::{Changes, Operation};
use choba_engine::order::Order;
use choba_store::books::{self, Decision, Loaded, Needs, Next, ToWrite};
use choba_store::sql::{StoreError, Write};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::change::{CaseWriter, events_of, kept_text, said_by};
use super::desk::actor;
use crate::audit_log::Action;
use crate::entropy::{digits, new_id};
use crate::{AppError, Caller, Counter, Key, Right, Whose};

/// How large evidence may be, in bytes of JSON.
const EVIDENCE_MAX: usize = 50_000;

/// A case to be opened.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenCase {
    /// The topic, by its key.
    pub topic: String,
    /// The question, by its key.
    pub question: String,
    /// The order, by its id, where it is about one.
    pub order_id: Option<String>,
    /// What the customer says of it; nothing where there is nothing to add.
    pub text: Option<String>,
    /// `ja` or `en`.
    pub language: String,
    /// Which way it comes.
    pub channel: Channel,
    /// Answers of guided checks.
    pub evidence: Value,
}

/// An opened case, or the one that goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedCase {
    /// Which.
    pub case_id: String,
    /// Its number, for people.
    pub number: String,
    /// The number of its last event.
    pub version: u32,
    /// Whether it was open before.
    pub resumed: bool,
}

impl Counter {
    /// Opens a case for a customer, or goes on with the open one of the same question and order; once for each key.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::NotFound`] for another customer's things or order, [`AppError::Field`],
    /// [`AppError::Case`] where the text cannot be taken, [`AppError::KeyReused`], and what the database answers.
    pub async fn open_case(
        &self,
        caller: &Caller,
        whose: &Whose,
        open: OpenCase,
        key: Key,
        at: Timestamp,
    ) -> Result<OpenedCase, AppError> {
        let whose = caller.acting_for(&whose.customer_id, &whose.market, Right::CasesWrite)?;
        let by = self.opener(caller)?;
        self.open_case_as(&whose, open, None, by, Some(key), at).await
    }

    /// Whoever opens a case: the customer, or somebody of the desk for them.
    fn opener(&self, caller: &Caller) -> Result<Actor, AppError> {
        match caller {
            Caller::Staff { .. } => Ok(actor(&self.agent(caller, Right::CasesWrite)?)),
            Caller::Itself => Ok(Actor::System),
            Caller::Customer { .. } | Caller::Machine { .. } => Ok(Actor::Customer),
        }
    }

    pub(super) async fn open_case_as(
        &self,
        whose: &Whose,
        open: OpenCase,
        follow_up_of: Option<CaseLink>,
        by: Actor,
        key: Option<Key>,
        at: Timestamp,
    ) -> Result<OpenedCase, AppError> {
        let decision = self.opening(whose, open, (follow_up_of, None), by, key, at).await?;
        let action = Action::new("case.opened", &decision.case_id).about(&whose.customer_id);
        self.perform_as(decision, action).await?
    }

    /// All that is needed to open a case, or to go on with one: with what the customer would have to look up, and with
    /// what guided checks of the matter found out.
    pub(crate) async fn opening(
        &self,
        whose: &Whose,
        open: OpenCase,
        (follow_up_of, goes_on_in): (Option<CaseLink>, Option<GoesOnIn>),
        by: Actor,
        key: Option<Key>,
        at: Timestamp,
    ) -> Result<CaseOpening, AppError> {
        let care = self.markets.care(&whose.market)?;
        if follow_up_of.is_none() {
            check(&open, &care)?;
        }
        let facts = self.case_facts(whose, open.order_id.as_deref(), at).await?;
        let also = self.checks_of(whose, &care, &open).await?;
        Ok(CaseOpening {
            case_id: format!("cas_{}", new_id(&*self.entropy, at)),
            number: case_number(&digits(&*self.entropy, 12)),
            operation: self.operation(&said_by(&by), at),
            whose: whose.clone(),
            text: open.text.as_ref().map(|text| kept_text(text, by == Actor::Customer)),
            open,
            follow_up_of,
            goes_on_in,
            also,
            only_resumes: false,
            facts,
            by,
            key,
            care,
            terms: self.case_terms(),
        })
    }

    /// What a case is opened with: the order with its parcels, and the wallet. Numbers of parcels are masked, as they are
    /// personal and the case is read by many.
    async fn case_facts(
        &self,
        whose: &Whose,
        order_id: Option<&str>,
        at: Timestamp,
    ) -> Result<Value, AppError> {
        let order = match order_id {
            None => None,
            Some(order_id) => {
                let row = books::order_of_customer(&self.store, &whose.customer_id, order_id).await?;
                let row = row.filter(|row| row.order.market == whose.market);
                Some(row.ok_or_else(|| AppError::not_found("order", order_id))?.order)
            }
        };
        let balances = self.balances_now(whose, at).await?;
        Ok(json!({ "at": at, "order": order.as_ref().map(order_facts), "balances": balances }))
    }
}

fn order_facts(order: &Order) -> Value {
    let parcels: Vec<Value> = order
        .shipments
        .iter()
        .map(|shipment| {
            let numbers: Vec<String> =
                shipment.tracking_numbers.iter().map(|number| masked(number)).collect();
            json!({
                "shipment_id": shipment.shipment_id, "carrier": shipment.carrier, "tracking_numbers": numbers,
                "shipped_at": shipment.shipped_at, "delivered_at": shipment.delivered_at,
            })
        })
        .collect();
    json!({
        "order_id": order.order_id, "number": order.number, "placed_at": order.placed_at, "total": order.total,
        "payment": order.payment.state.code(), "cancelled_at": order.cancelled_at, "parcels": parcels,
        "returns": order.returns.len(), "refunds": order.refunds.len(),
    })
}

/// A number with all but its last four letters masked.
pub(super) fn masked(number: &str) -> String {
    let letters: Vec<char> = number.chars().collect();
    let hidden = letters.len().saturating_sub(4);
    let shown: String = letters.iter().skip(hidden).collect();
    format!("{}{shown}", "*".repeat(hidden.min(20)))
}

/// Twelve digits in groups of four.
fn case_number(digits: &str) -> String {
    let group = |from: usize| digits.get(from..from.saturating_add(4)).unwrap_or("");
    format!("{}-{}-{}", group(0), group(4), group(8))
}

fn check(open: &OpenCase, care: &Care) -> Result<(), AppError> {
    let (topic, _) = care
        .question(&open.question)
        .ok_or_else(|| AppError::field("/question", "expected the id of a question of the market"))?;
    if topic.topic_id != open.topic {
        let fault = format!("expected {}, the topic of this question", topic.topic_id);
        return Err(AppError::field("/topic", fault));
    }
    if !matches!(open.language.as_str(), "ja" | "en") {
        return Err(AppError::field("/language", "expected `ja` or `en`"));
    }
    if open.evidence.to_string().len() > EVIDENCE_MAX {
        return Err(AppError::field("/evidence", format!("more than {EVIDENCE_MAX} bytes of JSON")));
    }
    Ok(())
}

/// A case in which something goes on that might else open a new one.
#[derive(Clone, Debug)]
pub(crate) struct GoesOnIn {
    /// Which.
    pub case_id: String,
    /// Whether it was named, so that no other will do.
    pub named: bool,
}

/// What comes of looking for the case to go on with.
pub(crate) enum Chosen {
    /// More has to be read.
    Load(Needs),
    /// This is to be written, or this is why nothing is.
    Opened(Box<Opened>),
}

/// Opening a case, as a decision; also a part of others, such as asking to be called.
pub(crate) struct CaseOpening {
    whose: Whose,
    case_id: String,
    number: String,
    open: OpenCase,
    text: Option<String>,
    follow_up_of: Option<CaseLink>,
    goes_on_in: Option<GoesOnIn>,
    /// What else happens to it then, whichever it is.
    pub also: Vec<CaseChange>,
    /// Whether nothing is opened where nothing goes on.
    pub only_resumes: bool,
    facts: Value,
    by: Actor,
    operation: Operation,
    key: Option<Key>,
    care: Arc<Care>,
    terms: CaseTerms,
}

impl Decision for CaseOpening {
    type Answer = Result<OpenedCase, AppError>;

    fn whose(&self) -> (&str, &str) {
        (&self.whose.customer_id, &self.whose.market)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        let Whose { customer_id, market } = &self.whose;
        let order_id = self.open.order_id.as_deref().unwrap_or("");
        let mut more = vec![books::open_like(customer_id, market, &self.open.question, order_id)];
        more.extend(self.follow_up_of.iter().map(|old| books::events_of(customer_id, &old.case_id)));
        let key = self.key.as_ref().map(|key| key.key.clone());
        Needs { key, more, ..Needs::default() }
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Self::Answer>, StoreError> {
        if let Some(key) = &self.key {
            match key.answer_before(loaded.key.as_ref()) {
                Err(error) => return Ok(Next::Answer(Err(error))),
                Ok(Some(opened)) => return Ok(Next::Answer(Ok(opened))),
                Ok(None) => {}
            }
        }
        Ok(match self.choose(loaded)? {
            Chosen::Load(needs) => Next::Load(needs),
            Chosen::Opened(opened) => match *opened {
                Ok((to_write, opened)) => Next::Write(Box::new(to_write), Ok(opened)),
                Err(error) => Next::Answer(Err(error)),
            },
        })
    }
}

pub(crate) type Opened = Result<(ToWrite, OpenedCase), AppError>;

impl CaseOpening {
    /// Looks for the case to go on with among what was loaded for [`Decision::needs`], and opens one where there is none.
    pub fn choose(&self, loaded: &Loaded) -> Result<Chosen, StoreError> {
        let like = loaded.more.first().and_then(|rows| rows.last());
        let like = like.map(|row| row.text(0).map(str::to_owned)).transpose()?;
        let known = self.goes_on_in.as_ref().map(|known| (known.case_id.clone(), known.named));
        let open = match known {
            Some((case_id, true)) => Some(case_id),
            known => like.or(known.map(|(case_id, _)| case_id)),
        };
        // What a read asked for later finds comes after what was asked for at first.
        let first = 1_usize.saturating_add(usize::from(self.follow_up_of.is_some()));
        let Some(case_id) = open else {
            let none = || Err(AppError::not_found("case", &self.open.question));
            let opened = if self.only_resumes { none() } else { self.begin_after(loaded)? };
            return Ok(Chosen::Opened(Box::new(opened)));
        };
        let Some(rows) = loaded.more.get(first) else {
            let more = vec![books::events_of(&self.whose.customer_id, &case_id)];
            return Ok(Chosen::Load(Needs { more, ..Needs::default() }));
        };
        let opened = match books::read_case(&case_id, rows)? {
            Some((case, events)) => self.resume(&case, &events),
            None => Err(AppError::not_found("case", &case_id)),
        };
        Ok(Chosen::Opened(Box::new(opened)))
    }

    fn begin_after(&self, loaded: &Loaded) -> Result<Opened, StoreError> {
        let old = match (&self.follow_up_of, loaded.more.get(1)) {
            (Some(link), Some(rows)) => books::read_case(&link.case_id, rows)?,
            _ => None,
        };
        Ok(self.begin(old.as_ref()))
    }

    /// What else happens to a case, as far as it is not there yet.
    fn also(&self, case: Option<&Case>) -> Vec<CaseChange> {
        let is_new = |change: &&CaseChange| match change {
            CaseChange::CheckAttached { run_id, ended, .. } => {
                !case.is_some_and(|case| case.has_check(run_id, *ended))
            }
            _ => true,
        };
        self.also.iter().filter(is_new).cloned().collect()
    }

    /// The case that is open goes on, with what is said now.
    fn resume(&self, case: &Case, before: &[CaseEvent]) -> Opened {
        steps::not_over(case)?;
        let mut changes = match &self.text {
            None => Vec::new(),
            Some(text) if self.by == Actor::Customer => {
                steps::customer_says(case, &self.terms, self.open.channel, text, &[], self.operation.at)?
            }
            Some(text) => steps::note(case, &self.terms, text)?,
        };
        let also = self.also(Some(case));
        if self.text.is_none() && !also.is_empty() && matches!(case.state, CaseState::Solved { .. }) {
            changes.extend(steps::reopen(case, &self.terms, self.operation.at)?);
        }
        changes.extend(also);
        if changes.is_empty() {
            return self.written(Vec::new(), Vec::new(), case, true);
        }
        let events = events_of(&case.case_id, &changes, &self.by);
        let (case, writes) = self.recorded(&case.case_id, Some((case, before)), changes)?;
        self.written(writes, events, &case, true)
    }

    /// A new case begins, perhaps where a closed one ended.
    fn begin(&self, old: Option<&(Case, Vec<CaseEvent>)>) -> Opened {
        let mut changes =
            vec![CaseChange::Opened { number: self.number.clone(), opening: Box::new(self.opened()) }];
        if let Some(text) = &self.text {
            steps::readable("/text", text, self.terms.text_max)?;
            let (channel, text, template, attachments) = (self.open.channel, text.clone(), None, Vec::new());
            changes.push(match self.by {
                Actor::Customer => CaseChange::Said { channel, text, template, attachments },
                _ => CaseChange::Noted { text },
            });
        }
        changes.extend(self.also(None));
        let mut events = events_of(&self.case_id, &changes, &self.by);
        let (case, mut writes) = self.recorded(&self.case_id, None, changes)?;
        if let Some((old, before)) = old {
            let mut changes = steps::time_passed(old, &self.terms, self.operation.at);
            changes.push(CaseChange::FollowedUp { case: case.link() });
            events.extend(events_of(&old.case_id, &changes, &self.by));
            writes.extend(self.recorded(&old.case_id, Some((old, before)), changes)?.1);
        }
        self.written(writes, events, &case, false)
    }

    /// A new case begins in the queue that answers its question.
    fn opened(&self) -> Opening {
        let question = self.care.question(&self.open.question).map(|(_, question)| question);
        let urgent = question.is_some_and(|question| question.urgent);
        Opening {
            topic: self.open.topic.clone(),
            question: self.open.question.clone(),
            order_id: self.open.order_id.clone(),
            language: self.open.language.clone(),
            channel: self.open.channel,
            queue: self.queue_of(question),
            skill: None,
            priority: if urgent { Priority::Urgent } else { Priority::Normal },
            evidence: self.open.evidence.clone(),
            facts: self.facts.clone(),
            follow_up_of: self.follow_up_of.clone(),
        }
    }

    /// A question may have gone from the market since the case was opened that this one goes on from.
    fn queue_of(&self, question: Option<&Question>) -> String {
        let first = || self.care.queues.keys().next().cloned().unwrap_or_else(|| self.open.topic.clone());
        question.map_or_else(first, |question| question.queue.clone())
    }

    fn recorded(
        &self,
        case_id: &str,
        before: Option<(&Case, &[CaseEvent])>,
        changes: Vec<CaseChange>,
    ) -> Result<(Case, Vec<Write>), AppError> {
        let (whose, at) = (&self.whose, self.operation.at);
        let writer = CaseWriter { care: &self.care, whose, terms: &self.terms, by: &self.by, at };
        writer.write(case_id, before, changes)
    }

    fn written(
        &self,
        more: Vec<Write>,
        events: Vec<choba_engine::books::Event>,
        case: &Case,
        resumed: bool,
    ) -> Opened {
        let (case_id, number, version) = (case.case_id.clone(), case.number.clone(), case.version);
        let opened = OpenedCase { case_id, number, version, resumed };
        let key = self.key.as_ref().map(|key| key.keep(&opened)).transpose()?;
        let changes = Changes { events, ..Changes::default() };
        Ok((ToWrite { changes, key, more, ..ToWrite::default() }, opened))
    }
}
