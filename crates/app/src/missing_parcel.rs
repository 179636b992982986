//! A parcel that counts as delivered and is not there: the guided check, step by step.
//!
//! The run is kept here, so that no step can be skipped; what is known of the order is looked up at every step and
//! not asked of the customer. When the time that it waits for is over, others hear of it, and it goes on by itself.

use std::sync::Arc;

use choba_care::guided::{
    DELIVERED_BUT_MISSING, Facts, Flow, GuidedFault, GuidedRun, Position, Settings, Step, StepKind, Subject,
    answer, flow, latest_flow, look_again, start,
};
use choba_engine::books::{Changes, Due, DueKind, EventKind, Operation};
use choba_engine::market::{ItemKind, Market};
use choba_engine::order::{Order, Shipment};
use choba_engine::tracking::{ParcelStatus, TrackingEvent, delivered_to, shipment_state};
use choba_store::books::{
    self, Decision, DueRow, GuidedRunOf, GuidedRunRow, Loaded, Needs, Next, ToWrite, guided_run_by_id,
    keep_guided_run, latest_guided_run, read_guided_run, tracking_events_of,
};
use choba_store::sql::{Read, StoreError};
use jiff::Timestamp;

use crate::entropy::new_id;
use crate::tell_tracking::{events_in, states_of};
use crate::{AppError, Caller, Counter, FoundShipment, Right, Whose};

/// A check as it stands, with the flow that its words are in.
#[derive(Clone, Debug)]
pub struct MissingCheck {
    /// The run.
    pub run: GuidedRun,
    /// The flow it follows.
    pub flow: &'static Flow,
}

/// What is done with a check.
#[derive(Clone, Debug)]
enum Doing {
    /// Begin, or go on with the one that is open.
    Start { new_id: String },
    /// Answer the open question.
    Answer { node: String, answer: String },
    /// Look how it stands; nothing is kept.
    Look,
    /// The time that it waited for is over.
    Resume { run_id: String },
}

impl Counter {
    /// Begins the check of a shipment, or goes on with the one that is open.
    ///
    /// # Errors
    /// [`AppError::NotFound`] where the shipment is not the caller's.
    pub async fn start_missing_check(
        &self,
        caller: &Caller,
        shipment_id: &str,
        at: Timestamp,
    ) -> Result<MissingCheck, AppError> {
        let found = self.find_shipment(caller, shipment_id, Right::OrdersWrite).await?;
        let new_id = format!("chk_{}", new_id(&*self.entropy, at));
        self.do_check(&found, Doing::Start { new_id }, &caller.by(), at).await
    }

    /// Answers the open question of a shipment's check.
    ///
    /// # Errors
    /// [`AppError::Check`] for an answer out of turn, or one that the question does not have.
    pub async fn answer_missing_check(
        &self,
        caller: &Caller,
        shipment_id: &str,
        node: &str,
        answer: &str,
        at: Timestamp,
    ) -> Result<MissingCheck, AppError> {
        let found = self.find_shipment(caller, shipment_id, Right::OrdersWrite).await?;
        let doing = Doing::Answer { node: node.to_owned(), answer: answer.to_owned() };
        self.do_check(&found, doing, &caller.by(), at).await
    }

    /// How a shipment's check stands.
    ///
    /// # Errors
    /// [`AppError::NotFound`] where none was begun.
    pub async fn missing_check(
        &self,
        caller: &Caller,
        shipment_id: &str,
        at: Timestamp,
    ) -> Result<MissingCheck, AppError> {
        let found = self.find_shipment(caller, shipment_id, Right::OrdersRead).await?;
        self.do_check(&found, Doing::Look, &caller.by(), at).await
    }

    /// The time that a check waited for is over.
    pub(crate) async fn resume_check(&self, due: &DueRow, at: Timestamp) -> Result<(), AppError> {
        let run = books::guided_run(&self.store, &due.customer_id, &due.subject).await?;
        if let Some(GuidedRunRow { run_id, order_id, subject, .. }) = run {
            let whose = Whose::new(&due.customer_id, &due.market);
            let check = self.check(whose, order_id, subject, Doing::Resume { run_id }, "system", at).await?;
            self.perform(check).await??;
        }
        Ok(books::end_due(&self.store, due).await?)
    }

    async fn do_check(
        &self,
        found: &FoundShipment,
        doing: Doing,
        by: &str,
        at: Timestamp,
    ) -> Result<MissingCheck, AppError> {
        let (order_id, shipment_id) = (found.order.order_id.clone(), found.shipment.shipment_id.clone());
        let check = self.check(found.whose.clone(), order_id, shipment_id, doing, by, at).await?;
        self.perform(check).await?
    }

    async fn check(
        &self,
        whose: Whose,
        order_id: String,
        shipment_id: String,
        doing: Doing,
        by: &str,
        at: Timestamp,
    ) -> Result<Check, AppError> {
        let market = self.market_of_order(&whose.customer_id, &order_id).await?;
        Ok(Check { whose, market, order_id, shipment_id, doing, operation: self.operation(by, at) })
    }
}

struct Check {
    whose: Whose,
    market: Arc<Market>,
    order_id: String,
    shipment_id: String,
    doing: Doing,
    operation: Operation,
}

type Answered = Result<MissingCheck, AppError>;

impl Decision for Check {
    type Answer = Answered;

    fn whose(&self) -> (&str, &str) {
        (&self.whose.customer_id, &self.whose.market)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        Needs { orders: vec![self.order_id.clone()], more: vec![self.run_wanted()], ..Needs::default() }
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Answered>, StoreError> {
        let missing = || Ok(Next::Answer(Err(AppError::not_found("check", &self.shipment_id))));
        let Some(order) = loaded.order(&self.order_id) else { return missing() };
        let shipment = order.shipments.iter().find(|sent| sent.shipment_id == self.shipment_id);
        let Some(shipment) = shipment else { return missing() };
        if loaded.more.len() == 1 && !shipment.tracking_numbers.is_empty() {
            let more = shipment.tracking_numbers.iter().map(|number| tracking_events_of(number)).collect();
            return Ok(Next::Load(Needs { more, ..Needs::default() }));
        }
        let row = loaded.more.first().and_then(|rows| rows.first()).map(read_guided_run).transpose()?;
        let known = row.map(|row| read_run(&row.document)).transpose()?;
        let events = events_in(loaded.more.get(1..).unwrap_or_default())?;
        let facts = facts(order, shipment, &events, &self.market, self.operation.at);
        match self.step(known.as_ref(), &facts) {
            Err(error) => Ok(Next::Answer(Err(error))),
            Ok(check) if matches!(self.doing, Doing::Look) || known.as_ref() == Some(&check.run) => {
                Ok(Next::Answer(Ok(check)))
            }
            Ok(check) => Ok(Next::Write(Box::new(self.to_write(known.as_ref(), &check)?), Ok(check))),
        }
    }
}

impl Check {
    fn run_wanted(&self) -> Read {
        let customer_id = &self.whose.customer_id;
        match &self.doing {
            Doing::Resume { run_id } => guided_run_by_id(customer_id, run_id),
            _ => latest_guided_run(customer_id, DELIVERED_BUT_MISSING, &self.shipment_id),
        }
    }

    fn step(&self, known: Option<&GuidedRun>, facts: &Facts) -> Result<MissingCheck, AppError> {
        let (at, settings) = (self.operation.at, settings(&self.market));
        let is_open = |run: &&GuidedRun| !matches!(run.position, Position::Ended { .. });
        let open = known.filter(is_open);
        let known = match (&self.doing, open) {
            (Doing::Start { new_id }, None) => {
                let defect = || AppError::Defect("there is no such flow".to_owned());
                let flow = latest_flow(DELIVERED_BUT_MISSING).ok_or_else(defect)?;
                let subject =
                    Subject { order_id: self.order_id.clone(), shipment_id: Some(self.shipment_id.clone()) };
                let run = start(flow, new_id, subject, facts, &settings, at).map_err(refused)?;
                return Ok(MissingCheck { run, flow });
            }
            _ => known.ok_or_else(|| AppError::not_found("check", &self.shipment_id))?,
        };
        let defect = || AppError::Defect(format!("flow {} {} is not known", known.flow, known.version));
        let flow = flow(&known.flow, known.version).ok_or_else(defect)?;
        let run = look_again(flow, known, facts, &settings, at).map_err(refused)?;
        let run = match &self.doing {
            // Sent again because the first answer was not heard of.
            Doing::Answer { node, answer: chosen } if has_just_answered(&run, node, chosen) => run,
            Doing::Answer { node, answer: chosen } => {
                answer(flow, &run, node, chosen, facts, &settings, at).map_err(refused)?
            }
            _ => run,
        };
        Ok(MissingCheck { run, flow })
    }

    fn to_write(&self, before: Option<&GuidedRun>, check: &MissingCheck) -> Result<ToWrite, StoreError> {
        let run = &check.run;
        let document = serde_json::to_string(run)
            .map_err(|error| StoreError::Defect { reason: format!("a guided check: {error}") })?;
        let ended = matches!(run.position, Position::Ended { .. });
        let of = GuidedRunOf {
            customer_id: &self.whose.customer_id,
            market: &self.whose.market,
            flow: &run.flow,
            ended,
            changed_at: self.operation.at,
        };
        let row = GuidedRunRow {
            run_id: run.run_id.clone(),
            order_id: self.order_id.clone(),
            subject: self.shipment_id.clone(),
            document,
        };
        let mut changes = Changes::default();
        if ended {
            changes.tell_part(EventKind::CheckEnded, &self.order_id, &run.run_id);
            let (kind, subject) = (DueKind::CheckFindings, run.run_id.clone());
            changes.dues.push(Due { kind, subject, due_at: self.operation.at });
        } else if before.is_some_and(|before| matches!(before.position, Position::Waiting { .. })) {
            changes.tell_part(EventKind::CheckResumed, &self.order_id, &run.run_id);
        }
        if let Position::Waiting { until, .. } = &run.position {
            let subject = run.run_id.clone();
            changes.dues.push(Due { kind: DueKind::CheckWait, subject, due_at: *until });
        }
        Ok(ToWrite { changes, more: vec![keep_guided_run(of, &row)], ..ToWrite::default() })
    }
}

/// Whether the last thing that the customer said is this answer.
fn has_just_answered(run: &GuidedRun, node: &str, answer: &str) -> bool {
    let said = |step: &Step| match &step.kind {
        StepKind::Answer(chosen) => Some((step.node.clone(), chosen.clone())),
        StepKind::Fact(_) | StepKind::Waited(_) => None,
    };
    let last = run.steps.iter().rev().find_map(said);
    run.position.node() != node && last.is_some_and(|last| last == (node.to_owned(), answer.to_owned()))
}

fn refused(fault: GuidedFault) -> AppError {
    AppError::Check(fault)
}

fn read_run(document: &str) -> Result<GuidedRun, StoreError> {
    serde_json::from_str(document)
        .map_err(|error| StoreError::Defect { reason: format!("a guided check in the database: {error}") })
}

fn settings(market: &Market) -> Settings {
    let wait = market.policies.parcels.not_received_wait_hours;
    [("not_received_wait_h".to_owned(), u32::try_from(wait).unwrap_or_default())].into()
}

/// What is known of a shipment that a customer misses.
fn facts(
    order: &Order,
    shipment: &Shipment,
    events: &[TrackingEvent],
    market: &Market,
    at: Timestamp,
) -> Facts {
    let state = shipment_state(shipment, &states_of(shipment, events, market, at));
    let arrived = shipment.delivered_at.is_some() || state.status == ParcelStatus::Delivered;
    let parcels = match (arrived, others_on_the_way(order, shipment)) {
        (false, _) => "not_delivered",
        (true, true) => "some_on_the_way",
        (true, false) => "all_delivered",
    };
    let values = [
        ("parcels", parcels),
        ("place", place(events).unwrap_or("unknown")),
        ("tracking", state.status.code()),
    ];
    let delivered_at = shipment.delivered_at.or(arrived.then_some(state.since));
    Facts {
        values: values.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        times: delivered_at.map(|at| ("delivered_at".to_owned(), at)).into_iter().collect(),
    }
}

/// Whether anything else of the order is still to come.
fn others_on_the_way(order: &Order, shipment: &Shipment) -> bool {
    let not_sent = order.lines.iter().any(|line| line.kind == ItemKind::Physical && line.open() > 0);
    let others = order.shipments.iter().filter(|other| other.shipment_id != shipment.shipment_id);
    not_sent || others.into_iter().any(|other| other.delivered_at.is_none())
}

/// Where the carrier says that it is, by its last words about delivery.
fn place(events: &[TrackingEvent]) -> Option<&'static str> {
    let delivered = events.iter().filter(|event| event.status == Some(ParcelStatus::Delivered));
    let words = delivered.max_by_key(|event| event.at)?;
    let said = |text: &Option<String>| text.as_deref().and_then(delivered_to);
    said(&words.text).or_else(|| said(&words.place)).map(|place| place.code())
}
