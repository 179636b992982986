//! Reading cases: as their customers see them, and as the desk does, with everything that belongs to them.

use choba_care::case::{
    ActionOnCase, ActionState, Case, CaseChange, CaseEvent, CaseLink, LevelResult, PublicCase, levels,
    public_view,
};
use choba_care::sla::Timer;
use choba_engine::order::Order;
use choba_store::books::{self, CaseRow, DeskQuery};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::open::masked;
use crate::wallet::Wallet;
use crate::{AppError, Caller, Counter, OrderStory, Right, Whose};

/// So many cases are listed at most: a page, and one more that tells that the list goes on.
const LISTED_MAX: i64 = 201;

/// So many cases of a customer are told of beside one of them.
const TIMELINE_MAX: i64 = 100;

/// A case in its customer's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedCase {
    /// Which.
    pub case_id: String,
    /// Its number, for people.
    pub number: String,
    /// What it is about, by key.
    pub topic: String,
    /// What it is about, by key.
    pub question: String,
    /// The order that it is about.
    pub order_id: Option<String>,
    /// Where it stands.
    pub state: String,
    /// When it was opened.
    pub opened_at: Timestamp,
}

/// A case in a list of the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeskListed {
    /// As its customer sees it.
    #[serde(flatten)]
    pub case: ListedCase,
    /// Whose.
    pub customer_id: String,
    /// In which queue.
    pub queue: String,
    /// What it needs somebody to know.
    pub skill: Option<String>,
    /// How much it presses, from 0 to 3.
    pub priority: i64,
    /// Who has it.
    pub owner: Option<String>,
    /// The oldest word of the customer that nobody has answered.
    pub unanswered_since: Option<Timestamp>,
    /// When the first of its service levels ends, or ended.
    pub ends_at: Option<Timestamp>,
    /// Whether little time is left for one of them, or none.
    pub is_near: bool,
    /// How many of its actions wait for a second person.
    pub waiting_actions: i64,
    /// The number of its last event.
    pub version: i64,
}

/// Something that happened to a case, as the desk sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeskEvent {
    /// Of which case.
    pub case_id: String,
    /// Its number there.
    pub seq: u32,
    /// When.
    pub at: Timestamp,
    /// Who did what.
    pub event: Value,
}

/// A parcel, with its numbers masked until somebody reveals them with a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MaskedParcel {
    /// Unique in the order.
    pub shipment_id: String,
    /// The carrier, by its id.
    pub carrier: Option<String>,
    /// Its tracking numbers, all but the last four letters masked.
    pub tracking_numbers: Vec<String>,
    /// When it left.
    pub shipped_at: Timestamp,
    /// When it arrived.
    pub delivered_at: Option<Timestamp>,
}

/// What was done, or is to be done, to the order or the wallet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeskAction {
    /// By which it is found.
    pub action_id: String,
    /// What.
    pub action: Value,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub asked_by: String,
    /// The second person.
    pub approved_by: Option<String>,
    /// `waiting` for a second person, `open`, `rejected`, `done` or `refused`.
    pub state: &'static str,
    /// Why it was refused.
    pub refused_because: Option<String>,
}

/// A mail of an unsure sender, which nobody but the desk sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnverifiedMail {
    /// The number of the event with which it came.
    pub came: u32,
    /// When.
    pub at: Timestamp,
    /// The sender's domain.
    pub from_domain: String,
    /// Plain text.
    pub text: String,
}

/// A case as the desk sees it.
#[derive(Clone, Debug, Serialize)]
pub struct DeskCase {
    /// As its customer sees it.
    pub public: PublicCase,
    /// Whose.
    pub customer_id: String,
    /// In which market.
    pub market: String,
    /// In which queue.
    pub queue: String,
    /// What it needs somebody to know.
    pub skill: Option<String>,
    /// How much it presses.
    pub priority: choba_care::case::Priority,
    /// Who has it.
    pub owner: Option<String>,
    /// Whether it is passed on and not yet taken.
    pub escalated: bool,
    /// How it stands against what its queue promises.
    pub levels: Vec<Timer>,
    /// What was promised and what came of it, as it was when the case last ended.
    pub results: Vec<LevelResult>,
    /// What guided checks found out.
    pub checks: Vec<Value>,
    /// The cases that were merged into it and go on in it.
    pub merged_here: Vec<CaseLink>,
    /// What was done, or is to be done, to the order or the wallet.
    pub actions: Vec<DeskAction>,
    /// Mails that wait until somebody has looked at them.
    pub unverified: Vec<UnverifiedMail>,
    /// What else the customer gave.
    pub evidence: Value,
    /// The order, its parcels and the wallet as they were when it was opened.
    pub facts: Value,
    /// Everything that happened to this customer's cases, by time.
    pub timeline: Vec<DeskEvent>,
    /// All cases of the customer, the newest first.
    pub cases: Vec<ListedCase>,
    /// The order, with where each of its yen came from and went; numbers of parcels masked.
    pub order: Option<OrderStory>,
    /// Its parcels.
    pub parcels: Vec<MaskedParcel>,
    /// What the customer holds.
    pub wallet: Wallet,
}

impl Counter {
    /// A case as its customer sees it.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::NotFound`] also for another customer's, and what the database answers.
    pub async fn customer_case(&self, caller: &Caller, case_id: &str) -> Result<PublicCase, AppError> {
        let (_, case, events) = self.case_of(caller, case_id, Right::CasesRead).await?;
        Ok(public_view(&case, &events, &self.case_terms()))
    }

    /// Cases of a customer, the newest first: those before an id.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::NotFound`] for another customer's, and what the database answers.
    pub async fn customer_cases(
        &self,
        caller: &Caller,
        whose: &Whose,
        before: Option<&str>,
        most: i64,
    ) -> Result<Vec<ListedCase>, AppError> {
        let whose = caller.acting_for(&whose.customer_id, &whose.market, Right::CasesRead)?;
        let (before, most) = (before.unwrap_or(""), most.clamp(1, LISTED_MAX));
        let rows =
            books::cases_of_customer(&self.store, &whose.customer_id, &whose.market, before, most).await?;
        rows.into_iter().map(|row| listed(&row)).collect()
    }

    /// Open cases of a market: urgent ones first, then those whose service levels end first.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], and what the database answers.
    pub async fn desk_cases(
        &self,
        caller: &Caller,
        market: &str,
        query: &DeskQuery,
        most: i64,
    ) -> Result<Vec<DeskListed>, AppError> {
        caller.may(Right::CareDesk).or_else(|_| caller.may(Right::CareLead))?;
        self.markets.get(market)?;
        let rows = books::cases_at_the_desk(&self.store, market, query, most.clamp(1, LISTED_MAX)).await?;
        rows.iter().map(desk_listed).collect()
    }

    /// A case as the desk sees it, with all that belongs to it.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::NotFound`], and what the database answers.
    pub async fn desk_case(
        &self,
        caller: &Caller,
        case_id: &str,
        at: Timestamp,
    ) -> Result<DeskCase, AppError> {
        caller.may(Right::CareDesk).or_else(|_| caller.may(Right::CareLead))?;
        let (whose, case, events) = self.case_of(caller, case_id, Right::CasesRead).await?;
        let rows = books::cases_of_customer(&self.store, &whose.customer_id, &whose.market, "", TIMELINE_MAX)
            .await?;
        let timeline = self.timeline(&whose, &rows).await?;
        let care = self.markets.care(&whose.market)?;
        let mut order = match &case.opening.order_id {
            Some(order_id) => Some(self.order_story(&whose, order_id).await?),
            None => None,
        };
        let parcels = order.as_mut().map(|story| mask_parcels(&mut story.order)).unwrap_or_default();
        let standing = case.clone();
        Ok(DeskCase {
            public: public_view(&case, &events, &self.case_terms()),
            wallet: self.wallet_at(&whose, at).await?,
            customer_id: whose.customer_id,
            market: whose.market,
            actions: case.actions.iter().map(desk_action).collect(),
            unverified: unverified(&case),
            queue: case.queue,
            skill: case.skill,
            priority: case.priority,
            escalated: case.escalation.is_some(),
            levels: levels::levels(&care, &standing, &events, at).timers,
            results: case.results,
            checks: checks_on(&events),
            merged_here: case.merged_here.into_iter().map(|(link, _)| link).collect(),
            owner: case.owner.map(|owner| owner.staff_id),
            evidence: case.opening.evidence,
            facts: case.opening.facts,
            timeline,
            cases: rows.iter().map(listed).collect::<Result<_, _>>()?,
            order,
            parcels,
        })
    }

    async fn timeline(&self, whose: &Whose, rows: &[CaseRow]) -> Result<Vec<DeskEvent>, AppError> {
        let mut timeline = Vec::new();
        for row in rows {
            let found = books::case_of_customer(&self.store, &whose.customer_id, &row.case_id).await?;
            let events = found.map(|(_, events)| events).unwrap_or_default();
            for event in events {
                timeline.push(desk_event(&row.case_id, &event)?);
            }
        }
        timeline.sort_by(|one, other| {
            (one.at, &one.case_id, one.seq).cmp(&(other.at, &other.case_id, other.seq))
        });
        Ok(timeline)
    }

    /// A case with its events, if the caller may do this with its customer's things. Who may not learns nothing, not even
    /// whether there is such a case.
    pub(super) async fn case_of(
        &self,
        caller: &Caller,
        case_id: &str,
        right: Right,
    ) -> Result<(Whose, Case, Vec<CaseEvent>), AppError> {
        let whose = self.whose_case(caller, case_id, right).await?;
        let found = books::case_of_customer(&self.store, &whose.customer_id, case_id).await?;
        let (case, events) = found.ok_or_else(|| AppError::not_found("case", case_id))?;
        Ok((whose, case, events))
    }

    /// Whose a case is, if the caller may do this with it.
    pub(super) async fn whose_case(
        &self,
        caller: &Caller,
        case_id: &str,
        right: Right,
    ) -> Result<Whose, AppError> {
        if !caller.has(right) {
            return Err(AppError::NotAllowed { right: right.as_str() });
        }
        let found = books::whose_case(&self.store, case_id).await?;
        let (customer_id, market) = found.ok_or_else(|| AppError::not_found("case", case_id))?;
        caller.acting_for(&customer_id, &market, right).map_err(|_| AppError::not_found("case", case_id))
    }
}

/// What guided checks found out, each as it was attached last.
fn checks_on(events: &[CaseEvent]) -> Vec<Value> {
    let mut checks: Vec<(&str, &Value)> = Vec::new();
    for event in events {
        if let CaseChange::CheckAttached { run_id, evidence, .. } = &event.change {
            checks.retain(|(known, _)| known != run_id);
            checks.push((run_id, evidence));
        }
    }
    checks.into_iter().map(|(_, evidence)| evidence.clone()).collect()
}

fn time(millis: i64) -> Result<Timestamp, AppError> {
    Timestamp::from_millisecond(millis).map_err(|error| AppError::Defect(error.to_string()))
}

fn listed(row: &CaseRow) -> Result<ListedCase, AppError> {
    Ok(ListedCase {
        case_id: row.case_id.clone(),
        number: row.number.clone(),
        topic: row.topic.clone(),
        question: row.question.clone(),
        order_id: some(&row.order_id),
        state: row.state.clone(),
        opened_at: time(row.opened_at)?,
    })
}

fn desk_listed(row: &CaseRow) -> Result<DeskListed, AppError> {
    Ok(DeskListed {
        case: listed(row)?,
        customer_id: row.customer_id.clone(),
        queue: row.queue.clone(),
        skill: some(&row.skill),
        priority: row.priority,
        owner: some(&row.owner),
        unanswered_since: row.unanswered_since.map(time).transpose()?,
        ends_at: row.ends_at.map(time).transpose()?,
        is_near: row.is_near,
        waiting_actions: row.waiting_actions,
        version: row.version,
    })
}

fn desk_action(action: &ActionOnCase) -> DeskAction {
    let refused_because = match &action.state {
        ActionState::Refused { reason } => Some(reason.clone()),
        _ => None,
    };
    DeskAction {
        action_id: action.action_id.clone(),
        action: action.action.clone(),
        reason: action.reason.clone(),
        asked_by: action.asked_by.clone(),
        approved_by: action.approved_by.clone(),
        state: action.state.code(),
        refused_because,
    }
}

fn unverified(case: &Case) -> Vec<UnverifiedMail> {
    let waiting = case.unverified.iter().filter(|mail| !mail.accepted);
    let shown = waiting.map(|mail| UnverifiedMail {
        came: mail.came,
        at: mail.at,
        from_domain: mail.from_domain.clone(),
        text: mail.text.clone(),
    });
    shown.collect()
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn desk_event(case_id: &str, event: &CaseEvent) -> Result<DeskEvent, AppError> {
    let read = serde_json::from_str(&event.document);
    let event_value = read.map_err(|error| AppError::Defect(error.to_string()))?;
    Ok(DeskEvent { case_id: case_id.to_owned(), seq: event.seq, at: event.at, event: event_value })
}

/// Masks the numbers of parcels within an order, and lists the parcels.
fn mask_parcels(order: &mut Order) -> Vec<MaskedParcel> {
    let mut parcels = Vec::with_capacity(order.shipments.len());
    for shipment in &mut order.shipments {
        let masked_numbers = shipment.tracking_numbers.iter().map(|number| masked(number));
        shipment.tracking_numbers = masked_numbers.collect();
        parcels.push(MaskedParcel {
            shipment_id: shipment.shipment_id.clone(),
            carrier: shipment.carrier.clone(),
            tracking_numbers: shipment.tracking_numbers.clone(),
            shipped_at: shipment.shipped_at,
            delivered_at: shipment.delivered_at,
        });
    }
    parcels
}
