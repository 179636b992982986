//! From events to the case, and from changes to events.

use jiff::Timestamp;

use super::action::{ActionOnCase, ActionState};
use super::call::CallStep;
use super::state::{Agent, AttachedCheck, Case, CaseState, Escalation, Said, Unverified};
use super::{Actor, CaseChange, CaseEvent, GENESIS, WaitingFor};

/// Events that are not those of a case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoldFault {
    /// The first event does not open it, or a later one does.
    #[error("event {seq} cannot stand there")]
    Misplaced {
        /// Which.
        seq: u32,
    },
    /// An event could not be written.
    #[error("an event cannot be written: {0}")]
    Unwritable(String),
}

/// The case that events make.
///
/// # Errors
/// [`FoldFault::Misplaced`] where there is none that opens it, or a number is missing.
pub fn fold(case_id: &str, events: &[CaseEvent]) -> Result<Case, FoldFault> {
    let (first, rest) = events.split_first().ok_or(FoldFault::Misplaced { seq: 1 })?;
    rest.iter().try_fold(open(case_id, first)?, apply)
}

/// Numbers, dates and chains what is to happen, and the case as it is then. `case` is nothing for the changes that open
/// a new one.
///
/// # Errors
/// [`FoldFault`] where a change cannot stand there.
pub fn record(
    case_id: &str,
    case: Option<&Case>,
    changes: Vec<CaseChange>,
    by: &Actor,
    at: Timestamp,
) -> Result<(Case, Vec<CaseEvent>), FoldFault> {
    // A clock that was set back must not make what comes later look earlier.
    let at = case.map_or(at, |case| at.max(case.changed_at));
    let mut folded = case.cloned();
    let mut events = Vec::with_capacity(changes.len());
    for change in changes {
        let last = folded.as_ref().map_or((0, GENESIS), |case| (case.version, case.last_hash.as_str()));
        let place = (last.0.saturating_add(1), last.1);
        let event = CaseEvent::after(case_id, place, by.clone(), change, at)
            .map_err(|error| FoldFault::Unwritable(error.to_string()))?;
        folded = Some(match folded.take() {
            None => open(case_id, &event)?,
            Some(case) => apply(case, &event)?,
        });
        events.push(event);
    }
    let case = folded.ok_or(FoldFault::Misplaced { seq: 1 })?;
    Ok((case, events))
}

fn open(case_id: &str, event: &CaseEvent) -> Result<Case, FoldFault> {
    let CaseChange::Opened { number, opening } = &event.change else {
        return Err(FoldFault::Misplaced { seq: event.seq });
    };
    if event.seq != 1 {
        return Err(FoldFault::Misplaced { seq: event.seq });
    }
    Ok(Case {
        case_id: case_id.to_owned(),
        number: number.clone(),
        opened_at: event.at,
        changed_at: event.at,
        version: event.seq,
        last_hash: event.hash.clone(),
        state: CaseState::New,
        queue: opening.queue.clone(),
        skill: opening.skill.clone(),
        priority: opening.priority,
        opening: (**opening).clone(),
        owner: None,
        escalation: None,
        first_reply_at: None,
        unanswered_since: None,
        said: Vec::new(),
        unverified: Vec::new(),
        actions: Vec::new(),
        attachments: Vec::new(),
        merged_here: Vec::new(),
        followed_up_by: None,
        checks: Vec::new(),
        warned: Vec::new(),
        missed: Vec::new(),
        results: Vec::new(),
    })
}

fn apply(mut case: Case, event: &CaseEvent) -> Result<Case, FoldFault> {
    if case.version.checked_add(1) != Some(event.seq) {
        return Err(FoldFault::Misplaced { seq: event.seq });
    }
    case.version = event.seq;
    case.last_hash.clone_from(&event.hash);
    case.changed_at = event.at;
    match &event.change {
        CaseChange::Opened { .. } => return Err(FoldFault::Misplaced { seq: event.seq }),
        CaseChange::Said { .. } => said(&mut case, event),
        CaseChange::UnverifiedCame { .. } | CaseChange::UnverifiedAccepted { .. } => {
            unverified(&mut case, event);
        }
        CaseChange::Assigned { .. }
        | CaseChange::Unassigned
        | CaseChange::Queued { .. }
        | CaseChange::PriorityChanged { .. }
        | CaseChange::Escalated { .. }
        | CaseChange::EscalationAccepted { .. } => routed(&mut case, event),
        CaseChange::Waits { .. }
        | CaseChange::Resumed { .. }
        | CaseChange::Solved { .. }
        | CaseChange::Reopened
        | CaseChange::Closed => moved(&mut case, event),
        CaseChange::MergedInto { .. }
        | CaseChange::MergedFrom { .. }
        | CaseChange::SplitFrom { .. }
        | CaseChange::SplitOff { .. }
        | CaseChange::FollowedUp { .. } => linked(&mut case, event),
        CaseChange::AttachmentAdded { attachment_id, .. } => case.attachments.push(attachment_id.clone()),
        CaseChange::ActionAsked { .. }
        | CaseChange::ActionApproved { .. }
        | CaseChange::ActionRejected { .. }
        | CaseChange::ActionDone { .. }
        | CaseChange::ActionRefused { .. } => acted(&mut case, event),
        CaseChange::CallStepped { step, .. } => called(&mut case, event, step),
        CaseChange::CheckAttached { run_id, ended, .. } => {
            case.checks.retain(|check| check.run_id != *run_id);
            case.checks.push(AttachedCheck { run_id: run_id.clone(), ended: *ended });
        }
        CaseChange::LevelWarned { metric, cycle, .. } => case.warned.push((*metric, *cycle)),
        CaseChange::LevelMissed { metric, cycle, .. } => case.missed.push((*metric, *cycle)),
        CaseChange::Measured { results } => case.results.clone_from(results),
        CaseChange::Noted { .. }
        | CaseChange::ContactLinked { .. }
        | CaseChange::TranscriptFrozen { .. }
        | CaseChange::Revealed { .. } => {}
    }
    Ok(case)
}

fn agent_of(by: &Actor) -> Option<Agent> {
    match by {
        Actor::Agent { staff_id, alias } => Some(Agent { staff_id: staff_id.clone(), alias: alias.clone() }),
        _ => None,
    }
}

fn said(case: &mut Case, event: &CaseEvent) {
    let CaseChange::Said { channel, text, template, attachments } = &event.change else { return };
    let agent = agent_of(&event.by);
    if agent.is_some() {
        case.first_reply_at = case.first_reply_at.or(Some(event.at));
        case.unanswered_since = None;
        if case.state == CaseState::New {
            case.state = CaseState::Open;
        }
    } else if case.state.is_open() {
        case.unanswered_since = case.unanswered_since.or(Some(event.at));
    }
    case.said.push(Said {
        seq: event.seq,
        at: event.at,
        agent,
        channel: *channel,
        text: text.clone(),
        template: template.clone(),
        attachments: attachments.clone(),
    });
}

/// Talking on the telephone is an answer.
fn called(case: &mut Case, event: &CaseEvent, step: &CallStep) {
    if *step != CallStep::Answered {
        return;
    }
    case.first_reply_at = case.first_reply_at.or(Some(event.at));
    case.unanswered_since = None;
    if case.state == CaseState::New {
        case.state = CaseState::Open;
    }
}

fn unverified(case: &mut Case, event: &CaseEvent) {
    match &event.change {
        CaseChange::UnverifiedCame { from_domain, text } => case.unverified.push(Unverified {
            came: event.seq,
            at: event.at,
            from_domain: from_domain.clone(),
            text: text.clone(),
            accepted: false,
        }),
        CaseChange::UnverifiedAccepted { came } => {
            if let Some(mail) = case.unverified.iter_mut().find(|mail| mail.came == *came) {
                mail.accepted = true;
                let (text, at) = (mail.text.clone(), mail.at);
                case.unanswered_since = case.unanswered_since.or(Some(at));
                let (agent, template, attachments) = (None, None, Vec::new());
                let channel = super::Channel::Mail;
                case.said.push(Said { seq: event.seq, at, agent, channel, text, template, attachments });
            }
        }
        _ => {}
    }
}

fn routed(case: &mut Case, event: &CaseEvent) {
    match &event.change {
        CaseChange::Assigned { staff_id, alias } => own(case, staff_id, alias),
        CaseChange::EscalationAccepted { staff_id, alias } => {
            case.escalation = None;
            own(case, staff_id, alias);
        }
        CaseChange::Unassigned => case.owner = None,
        CaseChange::Queued { queue, skill, .. } => {
            case.queue.clone_from(queue);
            case.skill.clone_from(skill);
            case.owner = None;
            case.escalation = None;
        }
        CaseChange::PriorityChanged { priority } => case.priority = *priority,
        CaseChange::Escalated { kind, from_queue, to_queue, skill, warm, reason } => {
            case.queue.clone_from(to_queue);
            case.skill.clone_from(skill);
            if !warm {
                case.owner = None;
            }
            let (from_queue, to_queue) = (from_queue.clone(), to_queue.clone());
            let (kind, warm, reason, at) = (*kind, *warm, reason.clone(), event.at);
            case.escalation = Some(Escalation { kind, from_queue, to_queue, warm, reason, at });
        }
        _ => {}
    }
}

fn own(case: &mut Case, staff_id: &str, alias: &str) {
    case.owner = Some(Agent { staff_id: staff_id.to_owned(), alias: alias.to_owned() });
    if case.state == CaseState::New {
        case.state = CaseState::Open;
    }
}

fn moved(case: &mut Case, event: &CaseEvent) {
    case.state = match &event.change {
        CaseChange::Waits { waiting: WaitingFor::Customer } => CaseState::PendingCustomer,
        CaseChange::Waits { waiting: WaitingFor::ThirdParty { who } } => {
            CaseState::OnHold { who: who.clone() }
        }
        CaseChange::Solved { disposition, summary } => {
            case.unanswered_since = None;
            let (disposition, summary) = (disposition.clone(), summary.clone());
            CaseState::Solved { at: event.at, disposition, summary }
        }
        CaseChange::Reopened => {
            case.unanswered_since = Some(event.at);
            CaseState::Open
        }
        CaseChange::Closed => CaseState::Closed { at: event.at },
        _ => CaseState::Open,
    };
}

fn linked(case: &mut Case, event: &CaseEvent) {
    match &event.change {
        CaseChange::MergedInto { case: into, .. } => {
            let before = Box::new(std::mem::replace(&mut case.state, CaseState::New));
            case.state = CaseState::Merged { into: into.clone(), at: event.at, before };
        }
        CaseChange::MergedFrom { case: other, .. } => case.merged_here.push((other.clone(), event.at)),
        CaseChange::SplitFrom { .. } => {
            if let CaseState::Merged { before, .. } = std::mem::replace(&mut case.state, CaseState::Open) {
                case.state = *before;
            }
        }
        CaseChange::SplitOff { case: other } => case.merged_here.retain(|(link, _)| link != other),
        CaseChange::FollowedUp { case: other } => case.followed_up_by = Some(other.clone()),
        _ => {}
    }
}

fn acted(case: &mut Case, event: &CaseEvent) {
    let staff = || agent_of(&event.by).map_or_else(|| "system".to_owned(), |agent| agent.staff_id);
    let (action_id, state) = match &event.change {
        CaseChange::ActionAsked { action_id, action, reason, needs_second_person } => {
            let state = if *needs_second_person { ActionState::Waiting } else { ActionState::Open };
            let (action_id, action, reason) = (action_id.clone(), action.clone(), reason.clone());
            let (asked_by, approved_by) = (staff(), None);
            case.actions.push(ActionOnCase { action_id, action, reason, asked_by, approved_by, state });
            return;
        }
        CaseChange::ActionApproved { action_id } => (action_id, ActionState::Open),
        CaseChange::ActionRejected { action_id } => (action_id, ActionState::Rejected { by: staff() }),
        CaseChange::ActionDone { action_id, result } => {
            (action_id, ActionState::Done { result: result.clone() })
        }
        CaseChange::ActionRefused { action_id, reason } => {
            (action_id, ActionState::Refused { reason: reason.clone() })
        }
        _ => return,
    };
    if let Some(action) = case.actions.iter_mut().find(|action| &action.action_id == action_id) {
        if matches!(event.change, CaseChange::ActionApproved { .. }) {
            action.approved_by = Some(staff());
        }
        action.state = state;
    }
}
