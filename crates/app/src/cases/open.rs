//! Opening a case, with everything that the customer would have to look up filled in by the program. A case of the same
//! question and order that is still open goes on instead.

use choba_care::case::{
    Actor, Case, CaseChange, CaseLink, CaseTerms, Channel, Opening, Priority, record, steps,
};
use choba_engine::books::{Changes, Operation};
use choba_engine::order::Order;
use choba_store::books::{self, Decision, Loaded, Needs, Next, ToWrite};
use choba_store::sql::StoreError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::change::{events_of, kept_text, said_by};
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
        self.markets.get(&whose.market)?;
        check(&open)?;
        let facts = self.case_facts(whose, open.order_id.as_deref(), at).await?;
        let decision = Open {
            case_id: format!("cas_{}", new_id(&*self.entropy, at)),
            number: case_number(&digits(&*self.entropy, 12)),
            operation: self.operation(&said_by(&by), at),
            whose: whose.clone(),
            text: open.text.as_ref().map(|text| kept_text(text, by == Actor::Customer)),
            open,
            follow_up_of,
            facts,
            by,
            key,
            terms: self.case_terms(),
        };
        let action = Action::new("case.opened", &decision.case_id).about(&whose.customer_id);
        self.perform_as(decision, action).await?
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

fn check(open: &OpenCase) -> Result<(), AppError> {
    for (field, key) in [("/topic", &open.topic), ("/question", &open.question)] {
        let letters = key
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte));
        if key.is_empty() || key.len() > 64 || !letters {
            let fault = "expected the key of a topic or question: small letters, digits, dashes, underscores";
            return Err(AppError::field(field, fault));
        }
    }
    if !matches!(open.language.as_str(), "ja" | "en") {
        return Err(AppError::field("/language", "expected `ja` or `en`"));
    }
    if open.evidence.to_string().len() > EVIDENCE_MAX {
        return Err(AppError::field("/evidence", format!("more than {EVIDENCE_MAX} bytes of JSON")));
    }
    Ok(())
}

struct Open {
    whose: Whose,
    case_id: String,
    number: String,
    open: OpenCase,
    text: Option<String>,
    follow_up_of: Option<CaseLink>,
    facts: Value,
    by: Actor,
    operation: Operation,
    key: Option<Key>,
    terms: CaseTerms,
}

impl Decision for Open {
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
        let like = loaded.more.first().and_then(|rows| rows.last());
        let open = like.map(|row| row.text(0).map(str::to_owned)).transpose()?;
        // What a read asked for later finds comes after what was asked for at first.
        let first = 1_usize.saturating_add(usize::from(self.follow_up_of.is_some()));
        let step = match (open, loaded.more.get(first)) {
            (Some(case_id), None) => {
                let more = vec![books::events_of(&self.whose.customer_id, &case_id)];
                return Ok(Next::Load(Needs { more, ..Needs::default() }));
            }
            (Some(case_id), Some(rows)) => match books::read_case(&case_id, rows)? {
                Some((case, _)) => self.resume(&case),
                None => Err(AppError::Defect("an open case has no events".to_owned())),
            },
            (None, _) => {
                let old = match (&self.follow_up_of, loaded.more.get(1)) {
                    (Some(link), Some(rows)) => books::read_case(&link.case_id, rows)?.map(|(case, _)| case),
                    _ => None,
                };
                self.begin(old.as_ref())
            }
        };
        Ok(match step {
            Ok((to_write, opened)) => Next::Write(Box::new(to_write), Ok(opened)),
            Err(error) => Next::Answer(Err(error)),
        })
    }
}

type Opened = Result<(ToWrite, OpenedCase), AppError>;

impl Open {
    /// The case that is open goes on, with what is said now.
    fn resume(&self, case: &Case) -> Opened {
        let changes = match &self.text {
            None => Vec::new(),
            Some(text) if self.by == Actor::Customer => {
                steps::customer_says(case, &self.terms, self.open.channel, text, &[], self.operation.at)?
            }
            Some(text) => steps::note(case, &self.terms, text)?,
        };
        if changes.is_empty() {
            return self.written(Vec::new(), Vec::new(), case, true);
        }
        let events = events_of(&case.case_id, &changes, &self.by);
        let (case, writes) = self.recorded(&case.case_id, Some(case), changes)?;
        self.written(writes, events, &case, true)
    }

    /// A new case begins, perhaps where a closed one ended.
    fn begin(&self, old: Option<&Case>) -> Opened {
        let opening = Opening {
            topic: self.open.topic.clone(),
            question: self.open.question.clone(),
            order_id: self.open.order_id.clone(),
            language: self.open.language.clone(),
            channel: self.open.channel,
            // A queue has the name of its topic until the desk moves the case.
            queue: self.open.topic.clone(),
            skill: None,
            priority: Priority::Normal,
            evidence: self.open.evidence.clone(),
            facts: self.facts.clone(),
            follow_up_of: self.follow_up_of.clone(),
        };
        let mut changes =
            vec![CaseChange::Opened { number: self.number.clone(), opening: Box::new(opening) }];
        if let Some(text) = &self.text {
            steps::readable("/text", text, self.terms.text_max)?;
            let (channel, text, template, attachments) = (self.open.channel, text.clone(), None, Vec::new());
            changes.push(match self.by {
                Actor::Customer => CaseChange::Said { channel, text, template, attachments },
                _ => CaseChange::Noted { text },
            });
        }
        let mut events = events_of(&self.case_id, &changes, &self.by);
        let (case, mut writes) = self.recorded(&self.case_id, None, changes)?;
        if let Some(old) = old {
            let mut changes = steps::time_passed(old, &self.terms, self.operation.at);
            changes.push(CaseChange::FollowedUp { case: case.link() });
            events.extend(events_of(&old.case_id, &changes, &self.by));
            writes.extend(self.recorded(&old.case_id, Some(old), changes)?.1);
        }
        self.written(writes, events, &case, false)
    }

    fn recorded(
        &self,
        case_id: &str,
        case: Option<&Case>,
        changes: Vec<CaseChange>,
    ) -> Result<(Case, Vec<choba_store::sql::Write>), AppError> {
        let recorded = record(case_id, case, changes, &self.by, self.operation.at);
        let (case, events) = recorded.map_err(|fault| AppError::Defect(fault.to_string()))?;
        let Whose { customer_id, market } = &self.whose;
        let writes = books::write_case(customer_id, market, &case, &events, &self.terms);
        Ok((case, writes))
    }

    fn written(
        &self,
        more: Vec<choba_store::sql::Write>,
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
