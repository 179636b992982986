//! What time brings: lots that end, deadlines that pass, asks that have to be made again; and what is better done later
//! than by those who wait for an answer, such as linking the audit log.
//!
//! Several processes may run the worker. A lease keeps all but one from doing the same work side by side, and
//! each step bears being done twice, so that nothing depends on the lease. A step that fails is tried again
//! later, and never keeps others from being done.

use std::sync::Arc;

use choba_engine::books::{self as rules, DueKind, Operation};
use choba_engine::market::Market;
use choba_store::books::{
    self, AskRow, Decision, DueRow, LinkAskRow, Loaded, LotsNeeded, Needs, Next, ToWrite,
};
use choba_store::sql::StoreError;
use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;

use crate::asking::wait_after;
use crate::{AppError, AskReport, Counter, QuotaReport};

/// The lease of the worker.
const LEASE: &str = "dues";

/// A worker that has said nothing for so long has lost its lease.
const HELD_FOR: SignedDuration = SignedDuration::from_secs(60);

/// So many dues are done side by side, and committed together.
const SIDE_BY_SIDE: usize = 64;

/// What the worker did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DueReport {
    /// Another process is the worker; nothing was done.
    pub held_by_another: bool,
    /// Lots that were looked at: told of, booked as expired, or to be looked at again.
    pub lots: usize,
    /// Deadlines for paying that were looked at.
    pub deadlines: usize,
    /// Orders whose returns should have arrived.
    pub returns: usize,
    /// Guided checks whose wait was over.
    pub checks: usize,
    /// Guided checks whose findings went to their case.
    pub findings: usize,
    /// What was asked for orders.
    pub asks: AskReport,
    /// What was asked about links.
    pub link_asks: AskReport,
    /// Gift cards that a crash had left reserved.
    pub gift_cards: usize,
    /// Gift cards that nobody had redeemed in time.
    pub gift_cards_expired: usize,
    /// Uses of coupons' quotas that were given back.
    pub quotas: QuotaReport,
    /// Call-backs that time changed.
    pub callbacks: usize,
    /// Steps that failed and are tried again later.
    pub failed: usize,
    /// There may be more to do at once.
    pub more: bool,
}

/// What came of a due.
enum DueDone {
    Lot,
    Deadline,
    Returns,
    Check,
    Findings,
    Failed,
}

impl Counter {
    /// Does what is due, at most so many of each kind, unless another process is the worker. To be called every
    /// few seconds, and again at once where [`DueReport::more`] says so.
    ///
    /// # Errors
    /// What the database answers when it is asked what is due; steps that fail are only counted.
    pub async fn do_what_is_due(
        &self,
        holder: &str,
        at: Timestamp,
        most: i64,
    ) -> Result<DueReport, AppError> {
        let until = at.checked_add(HELD_FOR).unwrap_or(at);
        if !books::take_lease(&self.store, LEASE, holder, at, until).await? {
            return Ok(DueReport { held_by_another: true, ..DueReport::default() });
        }
        let mut report = DueReport::default();
        self.do_dues(at, most, &mut report).await?;
        self.ask_for_orders(at, most, &mut report).await?;
        self.ask_about_links(at, most, &mut report).await?;
        self.finish_what_was_reserved(at, most, &mut report).await;
        match self.tend_cases(at, most).await {
            Ok(tended) => report.failed += tended.failed,
            Err(_) => report.failed += 1,
        }
        if self.send_dials(at, most).await.is_err() {
            report.failed += 1;
        }
        match self.wake_callbacks(at, most).await {
            Ok(woken) => report.callbacks = woken,
            Err(_) => report.failed += 1,
        }
        Ok(report)
    }

    /// Gives the worker's lease back, for a process that ends.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn stop_doing_what_is_due(&self, holder: &str, at: Timestamp) -> Result<(), AppError> {
        Ok(books::give_back_lease(&self.store, LEASE, holder, at).await?)
    }

    async fn do_dues(&self, at: Timestamp, most: i64, report: &mut DueReport) -> Result<(), AppError> {
        let dues = books::dues_until(&self.store, at, most).await?;
        report.more |= is_full(dues.len(), most);
        let mut running = JoinSet::new();
        for due in dues {
            if running.len() >= SIDE_BY_SIDE {
                report.count(running.join_next().await);
            }
            let counter = self.clone();
            // Drawn here, so that what is due first has the first id however they are run; the others draw their own.
            let operation = (due.kind == DueKind::LotExpiry).then(|| self.operation("system", at));
            running.spawn(async move { counter.do_due(&due, operation, at).await });
        }
        while let Some(done) = running.join_next().await {
            report.count(Some(done));
        }
        Ok(())
    }

    async fn do_due(&self, due: &DueRow, drawn: Option<Operation>, at: Timestamp) -> DueDone {
        let (done, outcome) = match due.kind {
            DueKind::LotExpiry => {
                let operation = drawn.unwrap_or_else(|| self.operation("system", at));
                (DueDone::Lot, self.look_at_lot(due, operation).await)
            }
            DueKind::PayDeadline => (DueDone::Deadline, self.look_at_deadline(due, at).await),
            DueKind::ReturnLapse => (DueDone::Returns, self.look_at_returns(due, at).await),
            DueKind::CheckWait => (DueDone::Check, self.resume_check(due, at).await),
            DueKind::CheckFindings => (DueDone::Findings, self.attach_check(due, at).await),
        };
        if outcome.is_ok() {
            return done;
        }
        let again = at.checked_add(wait_after(due.attempts)).unwrap_or(at);
        // Where even this fails, it is due as before.
        let _ = books::postpone_due(&self.store, due, again).await;
        DueDone::Failed
    }

    async fn look_at_lot(&self, due: &DueRow, operation: Operation) -> Result<(), AppError> {
        let market = self.markets.get(&due.market)?;
        match self.perform(LookAtLot { due: due.clone(), market, operation }).await {
            // Another process was faster.
            Err(StoreError::Conflict { .. }) => Ok(()),
            other => other?,
        }
    }

    /// Passing a deadline twice changes nothing, so it is done first, and the due is over after it.
    async fn look_at_deadline(&self, due: &DueRow, at: Timestamp) -> Result<(), AppError> {
        self.pay_deadline_passed(&due.customer_id, &due.subject, at).await?;
        Ok(books::end_due(&self.store, due).await?)
    }

    /// As with deadlines.
    async fn look_at_returns(&self, due: &DueRow, at: Timestamp) -> Result<(), AppError> {
        self.withdraw_late_returns(&due.customer_id, &due.subject, at).await?;
        Ok(books::end_due(&self.store, due).await?)
    }

    async fn ask_for_orders(&self, at: Timestamp, most: i64, report: &mut DueReport) -> Result<(), AppError> {
        let open = books::open_asks(&self.store, at, most).await?;
        report.more |= is_full(open.len(), most);
        let mut seen: Vec<(String, String)> = Vec::new();
        for row in open {
            let order = (row.customer_id.clone(), row.ask.order_id.clone());
            if seen.contains(&order) {
                continue;
            }
            self.ask_for_one_order(&row, at, report).await;
            seen.push(order);
        }
        Ok(())
    }

    async fn ask_for_one_order(&self, row: &AskRow, at: Timestamp, report: &mut DueReport) {
        match self.ask_for_order(&row.customer_id, &row.ask.order_id, at).await {
            Ok(one) => report.asks.add(one),
            Err(_) => {
                let again = at.checked_add(wait_after(row.attempts)).unwrap_or(at);
                let _ = books::postpone(&self.store, row, again).await;
                report.failed += 1;
            }
        }
    }

    async fn ask_about_links(
        &self,
        at: Timestamp,
        most: i64,
        report: &mut DueReport,
    ) -> Result<(), AppError> {
        let open = books::open_link_asks(&self.store, at, most).await?;
        report.more |= is_full(open.len(), most);
        for row in &open {
            match self.ask_about_link(row, at).await {
                Ok(Some(_)) => report.link_asks.answered += 1,
                Ok(None) => report.link_asks.postponed += 1,
                Err(_) => self.link_ask_failed(row, at, report).await,
            }
        }
        Ok(())
    }

    async fn link_ask_failed(&self, row: &LinkAskRow, at: Timestamp, report: &mut DueReport) {
        let again = at.checked_add(wait_after(row.attempts)).unwrap_or(at);
        let _ = books::postpone_link_ask(&self.store, row, again).await;
        report.failed += 1;
    }

    /// What a crash left between two steps of gift cards and quotas, tries that have nothing more to say, and the rows of
    /// the audit log that are not linked yet.
    async fn finish_what_was_reserved(&self, at: Timestamp, most: i64, report: &mut DueReport) {
        match self.finish_reserved_gift_cards(at, most).await {
            Ok(finished) => report.gift_cards = finished,
            Err(_) => report.failed += 1,
        }
        match self.expire_gift_cards(at, most).await {
            Ok(expired) => {
                report.gift_cards_expired = expired;
                report.more |= is_full(expired, most);
            }
            Err(_) => report.failed += 1,
        }
        match self.tidy_quotas(at, most).await {
            Ok(tidied) => report.quotas = tidied,
            Err(_) => report.failed += 1,
        }
        if self.forget_code_attempts(at, most).await.is_err() {
            report.failed += 1;
        }
        if self.forget_help_searches(at).await.is_err() {
            report.failed += 1;
        }
        if self.forget_verifications(at, most).await.is_err() {
            report.failed += 1;
        }
        match self.link_audit_rows(most).await {
            Ok(linked) => report.more |= is_full(linked, most),
            Err(_) => report.failed += 1,
        }
    }
}

fn is_full(found: usize, most: i64) -> bool {
    i64::try_from(found).is_ok_and(|found| found >= most)
}

impl DueReport {
    fn count(&mut self, done: Option<Result<DueDone, tokio::task::JoinError>>) {
        match done {
            None => {}
            Some(Ok(DueDone::Lot)) => self.lots += 1,
            Some(Ok(DueDone::Deadline)) => self.deadlines += 1,
            Some(Ok(DueDone::Returns)) => self.returns += 1,
            Some(Ok(DueDone::Check)) => self.checks += 1,
            Some(Ok(DueDone::Findings)) => self.findings += 1,
            Some(Ok(DueDone::Failed) | Err(_)) => self.failed += 1,
        }
    }
}

impl AskReport {
    fn add(&mut self, other: Self) {
        self.answered += other.answered;
        self.postponed += other.postponed;
        self.resting += other.resting;
    }
}

/// Tells of a lot's end, books it, or says when to look again; its due is over with it.
struct LookAtLot {
    due: DueRow,
    market: Arc<Market>,
    operation: Operation,
}

impl Decision for LookAtLot {
    type Answer = Result<(), AppError>;

    fn whose(&self) -> (&str, &str) {
        (&self.due.customer_id, &self.due.market)
    }

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn needs(&self) -> Needs {
        let lots = LotsNeeded::These(vec![self.due.subject.clone()]);
        Needs { lots, ..Needs::default() }.renewals_of(&self.market)
    }

    fn decide(&mut self, loaded: &Loaded) -> Result<Next<Self::Answer>, StoreError> {
        match rules::expire(&loaded.books, &self.market, &self.operation, &self.due.subject) {
            Err(error) => Ok(Next::Answer(Err(AppError::Defect(error.to_string())))),
            Ok(changes) => {
                let more = vec![self.due.over()];
                Ok(Next::Write(Box::new(ToWrite { changes, more, ..ToWrite::default() }), Ok(())))
            }
        }
    }
}
