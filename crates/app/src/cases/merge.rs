//! Two cases of one customer become one, and may become two again for a while.

use std::sync::Arc;

use choba_care::case::merge;
use jiff::Timestamp;

use super::change::{CaseStepped, CaseSteps};
use super::desk::actor;
use crate::{AppError, Caller, Counter, Key, Right};

impl Counter {
    /// One case goes on in another of the same customer and market. Cases of two customers are never merged, whoever asks
    /// and whatever they say.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also for a case of another customer, [`AppError::NotAllowed`], [`AppError::Case`],
    /// [`AppError::KeyReused`], and what the database answers.
    pub async fn merge_cases(
        &self,
        caller: &Caller,
        (source, target): (&str, &str),
        reason: &str,
        key: Key,
        at: Timestamp,
    ) -> Result<CaseStepped, AppError> {
        let reason = reason.to_owned();
        self.both_cases(caller, (source, target), Some(key), at, move |source, target| {
            merge::merge(source, target, &reason)
        })
        .await
    }

    /// A merge is taken back.
    ///
    /// # Errors
    /// As [`Counter::merge_cases`].
    pub async fn undo_merge(
        &self,
        caller: &Caller,
        (source, target): (&str, &str),
        at: Timestamp,
    ) -> Result<CaseStepped, AppError> {
        let terms = self.case_terms();
        self.both_cases(caller, (source, target), None, at, move |source, target| {
            merge::undo(source, target, &terms, at)
        })
        .await
    }

    async fn both_cases(
        &self,
        caller: &Caller,
        (source, target): (&str, &str),
        key: Option<Key>,
        at: Timestamp,
        decide: impl Fn(
            &choba_care::case::Case,
            &choba_care::case::Case,
        ) -> Result<merge::Both, choba_care::case::CaseRefusal>
        + Send
        + Sync
        + 'static,
    ) -> Result<CaseStepped, AppError> {
        let agent = self.agent(caller, Right::CareDesk)?;
        let whose = self.whose_case(caller, source, Right::CareDesk).await?;
        if self.whose_case(caller, target, Right::CareDesk).await? != whose {
            return Err(AppError::not_found("case", target));
        }
        if source == target {
            return Err(choba_care::case::CaseRefusal::MergedWithItself.into());
        }
        let case_ids = vec![source.to_owned(), target.to_owned()];
        let (by, more) = (actor(&agent), Vec::new());
        let steps = CaseSteps {
            whose,
            case_ids,
            by,
            key,
            more,
            retimes: false,
            decide: Arc::new(move |cases, _| {
                let (Some(source), Some(target)) = (cases.first(), cases.get(1)) else {
                    return Ok(Vec::new());
                };
                let merge::Both { source, target } = decide(source, target)?;
                Ok(vec![source, target])
            }),
        };
        self.change_cases(steps, at).await
    }
}
