//! What guided checks found out belongs on the case, so that nothing is asked twice: on the one that is opened after the
//! check, or on the one that is open when it ends. A check that ends with a person opens one by itself.

use choba_care::case::{Actor, CaseChange, Channel};
use choba_care::contact::Care;
use choba_care::guided::{GuidedRun, Outcome, Position, evidence, flow};
use choba_store::books::{self, DueRow, GuidedRunRow};
use jiff::Timestamp;
use serde_json::json;

use super::open::OpenCase;
use crate::{AppError, Counter, Whose};

impl Counter {
    /// What checks of the matter found out so far.
    pub(super) async fn checks_of(
        &self,
        whose: &Whose,
        care: &Care,
        open: &OpenCase,
    ) -> Result<Vec<CaseChange>, AppError> {
        let guided = care.question(&open.question).and_then(|(_, question)| question.guided.clone());
        let (Some(guided), Some(order_id)) = (guided, &open.order_id) else { return Ok(Vec::new()) };
        let order = self.own_order(whose, order_id).await?;
        let mut found = Vec::new();
        for shipment in &order.shipments {
            let read = books::latest_guided_run(&whose.customer_id, &guided, &shipment.shipment_id);
            let rows = self.store.read(read.statement, vec![read.row]).await?;
            let row = rows.first().map(books::read_guided_run).transpose()?;
            found.extend(row.map(|row| attached(&read_run(&row)?)).transpose()?);
        }
        Ok(found)
    }

    /// A check has ended: its findings go to the case of the matter. Doing so twice changes nothing.
    pub(crate) async fn attach_check(&self, due: &DueRow, at: Timestamp) -> Result<(), AppError> {
        let row = books::guided_run(&self.store, &due.customer_id, &due.subject).await?;
        if let Some(row) = row {
            let whose = Whose::new(&due.customer_id, &due.market);
            self.attach_run(&whose, &read_run(&row)?, at).await?;
        }
        Ok(books::end_due(&self.store, due).await?)
    }

    pub(crate) async fn attach_run(
        &self,
        whose: &Whose,
        run: &GuidedRun,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let care = self.markets.care(&whose.market)?;
        // A market that asks nothing of the kind has nobody for it either.
        let Some((topic, question)) = care.question_of_check(&run.flow) else { return Ok(()) };
        let language = books::contact(&self.store, &whose.customer_id, &whose.market).await?;
        let open = OpenCase {
            topic: topic.topic_id.clone(),
            question: question.question_id.clone(),
            order_id: Some(run.subject.order_id.clone()),
            text: None,
            language: language.map_or_else(|| "ja".to_owned(), |contact| contact.language),
            channel: Channel::Form,
            evidence: json!({}),
        };
        let opens = matches!(&run.position, Position::Ended { outcome: Outcome::Human { .. }, .. });
        let mut decision = self.opening(whose, open, (None, None), Actor::Customer, None, at).await?;
        decision.also = vec![attached(run)?];
        decision.only_resumes = !opens;
        match self.perform(decision).await? {
            // What ended well needs no case.
            Err(AppError::NotFound { what: "case", .. }) if !opens => Ok(()),
            other => other.map(drop),
        }
    }
}

fn read_run(row: &GuidedRunRow) -> Result<GuidedRun, AppError> {
    serde_json::from_str(&row.document).map_err(|error| AppError::Defect(error.to_string()))
}

fn attached(run: &GuidedRun) -> Result<CaseChange, AppError> {
    let defect = || AppError::Defect(format!("flow {} {} is not known", run.flow, run.version));
    let found = evidence(flow(&run.flow, run.version).ok_or_else(defect)?, run);
    let evidence = serde_json::to_value(&found).map_err(|error| AppError::Defect(error.to_string()))?;
    let (run_id, ended) = (run.run_id.clone(), found.ended_at.is_some());
    Ok(CaseChange::CheckAttached { run_id, ended, evidence })
}
