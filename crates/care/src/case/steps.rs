//! What may happen to a case next. Each function reads the case and answers with the changes, or with the reason why
//! there are none; none of them changes anything.

use jiff::Timestamp;

use super::event::{CaseChange, Channel, EscalationKind, Priority, TemplateUsed, WaitingFor};
use super::state::{Agent, Case, CaseState, CaseTerms};
use super::{CaseRefusal, is_thanks_only};

/// What came of a case that its customer found solved. There is no summary then: nobody of the desk wrote one.
const BY_CUSTOMER: &str = "by_customer";

type Changes = Result<Vec<CaseChange>, CaseRefusal>;

/// That a case is neither closed nor merged.
///
/// # Errors
/// [`CaseRefusal::Closed`], [`CaseRefusal::Merged`].
pub fn not_over(case: &Case) -> Result<(), CaseRefusal> {
    match &case.state {
        CaseState::Closed { .. } => Err(CaseRefusal::Closed),
        CaseState::Merged { into, .. } => Err(CaseRefusal::Merged { into: into.clone() }),
        _ => Ok(()),
    }
}

fn not_full(case: &Case, terms: &CaseTerms) -> Result<(), CaseRefusal> {
    let most = terms.events_max;
    if case.version >= most { Err(CaseRefusal::Full { most }) } else { Ok(()) }
}

/// That a text is neither empty nor too long.
///
/// # Errors
/// [`CaseRefusal::Empty`], [`CaseRefusal::TooLong`].
pub fn readable(field: &'static str, text: &str, most: usize) -> Result<(), CaseRefusal> {
    if text.trim().is_empty() {
        return Err(CaseRefusal::Empty { field });
    }
    if text.len() > most { Err(CaseRefusal::TooLong { field, most }) } else { Ok(()) }
}

fn not_now(case: &Case, step: &'static str) -> CaseRefusal {
    CaseRefusal::NotNow { state: case.state.code(), step }
}

/// The customer says something. What waited goes on; what was solved opens again, unless they only thank.
///
/// # Errors
/// [`CaseRefusal::Closed`] where a new case has to go on from it, [`CaseRefusal::Merged`] where another one does, and
/// where the text cannot be taken.
pub fn customer_says(
    case: &Case,
    terms: &CaseTerms,
    channel: Channel,
    text: &str,
    attachments: &[String],
    at: Timestamp,
) -> Changes {
    not_over(case)?;
    readable("/text", text, terms.text_max)?;
    not_full(case, terms)?;
    if case.due_at(terms).is_some_and(|due_at| due_at <= at) {
        return Err(CaseRefusal::Closed);
    }
    let mut changes = match &case.state {
        CaseState::PendingCustomer | CaseState::OnHold { .. } => {
            vec![CaseChange::Resumed { reason: "customer".to_owned() }]
        }
        CaseState::Solved { .. } if !is_thanks_only(text) => vec![CaseChange::Reopened],
        _ => Vec::new(),
    };
    let (text, attachments) = (text.to_owned(), attachments.to_vec());
    changes.push(CaseChange::Said { channel, text, template: None, attachments });
    Ok(changes)
}

/// A reply that an agent sends, having seen the case at a version.
#[derive(Clone, Debug)]
pub struct Reply<'r> {
    /// The version that the agent saw.
    pub version: u32,
    /// Plain text.
    pub text: &'r str,
    /// The template that it was made from.
    pub template: Option<TemplateUsed>,
    /// Which way.
    pub channel: Channel,
    /// Attachments, by id.
    pub attachments: &'r [String],
    /// Whether it asks something, so that the case waits for the customer.
    pub asks_customer: bool,
}

/// An agent replies. Where somebody wrote since the version that the agent saw, nothing is sent.
///
/// # Errors
/// [`CaseRefusal::Moved`] with what was written meanwhile, [`CaseRefusal::Placeholder`], and as [`customer_says`].
pub fn agent_replies(case: &Case, terms: &CaseTerms, reply: &Reply<'_>) -> Changes {
    not_over(case)?;
    readable("/text", reply.text, terms.text_max)?;
    not_full(case, terms)?;
    if let Some(name) = crate::reply_template::placeholder_in(reply.text) {
        return Err(CaseRefusal::Placeholder { name });
    }
    let said: Vec<_> = case.said_since(reply.version).cloned().collect();
    if !said.is_empty() || reply.version > case.version {
        return Err(CaseRefusal::Moved { version: case.version, said });
    }
    let mut changes = vec![CaseChange::Said {
        channel: reply.channel,
        text: reply.text.to_owned(),
        template: reply.template.clone(),
        attachments: reply.attachments.to_vec(),
    }];
    if reply.asks_customer && case.state.is_open() && case.state != CaseState::PendingCustomer {
        changes.push(CaseChange::Waits { waiting: WaitingFor::Customer });
    }
    Ok(changes)
}

/// A note that only staff read. A case that is over may still be noted on.
///
/// # Errors
/// Where the text cannot be taken.
pub fn note(case: &Case, terms: &CaseTerms, text: &str) -> Changes {
    readable("/text", text, terms.text_max)?;
    not_full(case, terms)?;
    Ok(vec![CaseChange::Noted { text: text.to_owned() }])
}

/// Somebody gets it; nothing where they have it already.
///
/// # Errors
/// [`CaseRefusal::Closed`], [`CaseRefusal::Merged`].
pub fn assign(case: &Case, to: &Agent) -> Changes {
    not_over(case)?;
    if case.owner.as_ref() == Some(to) {
        return Ok(Vec::new());
    }
    let Agent { staff_id, alias } = to.clone();
    Ok(vec![CaseChange::Assigned { staff_id, alias }])
}

/// Somebody takes it from the queue: only where nobody has it, so that of two who take it one gets it.
///
/// # Errors
/// [`CaseRefusal::Taken`] where somebody else has it, and as [`assign`].
pub fn take(case: &Case, by: &Agent) -> Changes {
    match &case.owner {
        Some(owner) if owner.staff_id != by.staff_id => Err(CaseRefusal::Taken { by: owner.clone() }),
        _ => assign(case, by),
    }
}

/// Whoever has it gives it back to its queue; nothing where nobody has it.
///
/// # Errors
/// [`CaseRefusal::Taken`] where somebody else has it, and as [`assign`].
pub fn release(case: &Case, by: &Agent) -> Changes {
    not_over(case)?;
    match &case.owner {
        None => Ok(Vec::new()),
        Some(owner) if owner.staff_id == by.staff_id => Ok(vec![CaseChange::Unassigned]),
        Some(owner) => Err(CaseRefusal::Taken { by: owner.clone() }),
    }
}

/// It goes to a queue, and nobody has it; nothing where that is so already.
///
/// # Errors
/// [`CaseRefusal::Closed`], [`CaseRefusal::Merged`], [`CaseRefusal::Empty`] without queue or reason.
pub fn queue(case: &Case, queue: &str, skill: Option<String>, reason: &str) -> Changes {
    not_over(case)?;
    readable("/queue", queue, 100)?;
    readable("/reason", reason, 2_000)?;
    if case.queue == queue && case.skill == skill && case.owner.is_none() {
        return Ok(Vec::new());
    }
    let (queue, reason) = (queue.to_owned(), reason.to_owned());
    Ok(vec![CaseChange::Queued { queue, skill, reason }])
}

/// It presses more or less.
///
/// # Errors
/// [`CaseRefusal::Closed`], [`CaseRefusal::Merged`].
pub fn set_priority(case: &Case, priority: Priority) -> Changes {
    not_over(case)?;
    if case.priority == priority {
        return Ok(Vec::new());
    }
    Ok(vec![CaseChange::PriorityChanged { priority }])
}

/// It is passed on: to a specialist, where whoever has it stays until somebody takes it, or to somebody who decides
/// more, which makes it press more.
///
/// # Errors
/// As [`queue`], and [`CaseRefusal::NotNow`] where it is solved.
pub fn escalate(
    case: &Case,
    kind: EscalationKind,
    to_queue: &str,
    skill: Option<String>,
    reason: &str,
) -> Changes {
    not_over(case)?;
    readable("/queue", to_queue, 100)?;
    readable("/reason", reason, 2_000)?;
    if !case.state.is_open() {
        return Err(not_now(case, "escalate"));
    }
    let mut changes = vec![CaseChange::Escalated {
        kind,
        from_queue: case.queue.clone(),
        to_queue: to_queue.to_owned(),
        skill,
        warm: case.owner.is_some(),
        reason: reason.to_owned(),
    }];
    if kind == EscalationKind::Hierarchical && case.priority != Priority::Urgent {
        changes.push(CaseChange::PriorityChanged { priority: case.priority.raised() });
    }
    Ok(changes)
}

/// Somebody takes what was passed on. Whoever had it until then is free.
///
/// # Errors
/// [`CaseRefusal::NothingEscalated`], and as [`assign`].
pub fn accept_escalation(case: &Case, by: &Agent) -> Changes {
    not_over(case)?;
    if case.escalation.is_none() {
        return Err(CaseRefusal::NothingEscalated);
    }
    let Agent { staff_id, alias } = by.clone();
    Ok(vec![CaseChange::EscalationAccepted { staff_id, alias }])
}

/// It waits for somebody; nothing where it does already.
///
/// # Errors
/// [`CaseRefusal::NotNow`] where it is not worked on.
pub fn wait(case: &Case, waiting: WaitingFor) -> Changes {
    not_over(case)?;
    match (&case.state, &waiting) {
        (CaseState::Open | CaseState::New, _) => Ok(vec![CaseChange::Waits { waiting }]),
        (CaseState::PendingCustomer, WaitingFor::Customer) => Ok(Vec::new()),
        (CaseState::OnHold { who: now }, WaitingFor::ThirdParty { who }) if now == who => Ok(Vec::new()),
        _ => Err(not_now(case, "wait")),
    }
}

/// What it waited for has come, such as news of a carrier; nothing where it does not wait.
///
/// # Errors
/// [`CaseRefusal::Closed`], [`CaseRefusal::Merged`].
pub fn resume(case: &Case, reason: &str) -> Changes {
    not_over(case)?;
    match case.state {
        CaseState::PendingCustomer | CaseState::OnHold { .. } => {
            Ok(vec![CaseChange::Resumed { reason: reason.to_owned() }])
        }
        _ => Ok(Vec::new()),
    }
}

/// It is solved, with what came of it and what was done, for the customer.
///
/// # Errors
/// [`CaseRefusal::NotNow`] where it is solved already or actions are under way, [`CaseRefusal::Empty`].
pub fn solve(case: &Case, terms: &CaseTerms, disposition: &str, summary: &str) -> Changes {
    not_over(case)?;
    readable("/disposition", disposition, 100)?;
    readable("/summary", summary, terms.text_max)?;
    if let Some(name) = crate::reply_template::placeholder_in(summary) {
        return Err(CaseRefusal::Placeholder { name });
    }
    if !case.state.is_open() || case.state == CaseState::New || case.has_actions_under_way() {
        return Err(not_now(case, "solve"));
    }
    let (disposition, summary) = (disposition.to_owned(), summary.to_owned());
    Ok(vec![CaseChange::Solved { disposition, summary }])
}

/// The customer says that it is solved; nothing where it is solved already.
///
/// # Errors
/// [`CaseRefusal::Closed`], [`CaseRefusal::Merged`], and [`CaseRefusal::NotNow`] while something is being done from it.
pub fn customer_solves(case: &Case) -> Changes {
    not_over(case)?;
    if !case.state.is_open() {
        return Ok(Vec::new());
    }
    if case.has_actions_under_way() {
        return Err(not_now(case, "solve"));
    }
    let (disposition, summary) = (BY_CUSTOMER.to_owned(), String::new());
    Ok(vec![CaseChange::Solved { disposition, summary }])
}

/// The customer or an agent says that it is not solved.
///
/// # Errors
/// [`CaseRefusal::Closed`] also where the window is over, [`CaseRefusal::NotNow`] where it is not solved.
pub fn reopen(case: &Case, terms: &CaseTerms, at: Timestamp) -> Changes {
    not_over(case)?;
    match case.due_at(terms) {
        None => Err(not_now(case, "reopen")),
        Some(due_at) if due_at <= at => Err(CaseRefusal::Closed),
        Some(_) => Ok(vec![CaseChange::Reopened]),
    }
}

/// Time has passed: a solved case is over after its window, and nothing else is ever closed by time.
pub fn time_passed(case: &Case, terms: &CaseTerms, at: Timestamp) -> Vec<CaseChange> {
    match case.due_at(terms) {
        Some(due_at) if due_at <= at => vec![CaseChange::Closed],
        _ => Vec::new(),
    }
}

/// A mail came whose sender could not be made sure of.
///
/// # Errors
/// Where the text cannot be taken, and [`CaseRefusal::Full`].
pub fn unverified_came(case: &Case, terms: &CaseTerms, from_domain: &str, text: &str) -> Changes {
    readable("/text", text, terms.text_max)?;
    not_full(case, terms)?;
    let (from_domain, text) = (from_domain.to_owned(), text.to_owned());
    Ok(vec![CaseChange::UnverifiedCame { from_domain, text }])
}

/// Staff found that such a mail is the customer's: it counts as said.
///
/// # Errors
/// [`CaseRefusal::Unknown`], and as [`assign`].
pub fn accept_unverified(case: &Case, came: u32) -> Changes {
    not_over(case)?;
    let mail = case.unverified.iter().find(|mail| mail.came == came && !mail.accepted);
    mail.ok_or(CaseRefusal::Unknown { what: "unverified mail" })?;
    let mut changes = match case.state {
        CaseState::Solved { .. } => vec![CaseChange::Reopened],
        CaseState::PendingCustomer | CaseState::OnHold { .. } => {
            vec![CaseChange::Resumed { reason: "customer".to_owned() }]
        }
        _ => Vec::new(),
    };
    changes.push(CaseChange::UnverifiedAccepted { came });
    Ok(changes)
}

/// A file is added.
///
/// # Errors
/// [`CaseRefusal::TooManyAttachments`], and as [`assign`].
pub fn attach(case: &Case, terms: &CaseTerms, added: CaseChange) -> Changes {
    not_over(case)?;
    not_full(case, terms)?;
    if case.attachments.len() >= terms.attachments_max {
        return Err(CaseRefusal::TooManyAttachments { most: terms.attachments_max });
    }
    Ok(vec![added])
}
