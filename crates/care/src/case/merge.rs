//! Two cases of one matter become one, and may become two again for a while.
//!
//! Both histories say so. Nothing is copied: what was said stays where it was said, and all further goes to the case
//! that stays. Cases of different customers are never merged; whoever loads them sees to it that they are of one.

use jiff::Timestamp;

use super::steps::{not_over, readable};
use super::{Case, CaseChange, CaseRefusal, CaseState, CaseTerms};

/// What a merge changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Both {
    /// In the case that goes on elsewhere.
    pub source: Vec<CaseChange>,
    /// In the case that stays.
    pub target: Vec<CaseChange>,
}

/// One case goes on in another.
///
/// # Errors
/// Where one of them is over, they are the same, or there is no reason.
pub fn merge(source: &Case, target: &Case, reason: &str) -> Result<Both, CaseRefusal> {
    if source.case_id == target.case_id {
        return Err(CaseRefusal::MergedWithItself);
    }
    not_over(source)?;
    not_over(target)?;
    readable("/reason", reason, 2_000)?;
    let into = CaseChange::MergedInto { case: target.link(), reason: reason.to_owned() };
    let mut kept = vec![CaseChange::MergedFrom { case: source.link(), reason: reason.to_owned() }];
    // Somebody still waits for an answer, so the case that stays cannot be solved.
    if source.state.is_open() && matches!(target.state, CaseState::Solved { .. }) {
        kept.push(CaseChange::Reopened);
    }
    Ok(Both { source: vec![into], target: kept })
}

/// A merge is taken back. What came to the other case meanwhile stays there.
///
/// # Errors
/// [`CaseRefusal::NotMerged`], [`CaseRefusal::MergeTooLongAgo`].
pub fn undo(source: &Case, target: &Case, terms: &CaseTerms, at: Timestamp) -> Result<Both, CaseRefusal> {
    let CaseState::Merged { into, at: merged_at, .. } = &source.state else {
        return Err(CaseRefusal::NotMerged);
    };
    if into.case_id != target.case_id {
        return Err(CaseRefusal::NotMerged);
    }
    if at.duration_since(*merged_at) > terms.merge_undo {
        return Err(CaseRefusal::MergeTooLongAgo);
    }
    Ok(Both {
        source: vec![CaseChange::SplitFrom { case: target.link() }],
        target: vec![CaseChange::SplitOff { case: source.link() }],
    })
}
