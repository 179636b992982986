//! What is done from a case to the order or the wallet: asked for, agreed to by a second person where one is needed,
//! done under its own id as idempotency key, and recorded with what came of it.

use serde_json::Value;

use super::{Case, CaseChange, CaseRefusal};

/// How far an action is.
#[derive(Clone, Debug, PartialEq)]
pub enum ActionState {
    /// It waits for a second person.
    Waiting,
    /// It is to be done; a crash may have kept it from being told that it was.
    Open,
    /// A second person did not agree.
    Rejected {
        /// Who.
        by: String,
    },
    /// It was done.
    Done {
        /// What came of it.
        result: Value,
    },
    /// It could not be done.
    Refused {
        /// Why.
        reason: String,
    },
}

impl ActionState {
    /// Its word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Open => "open",
            Self::Rejected { .. } => "rejected",
            Self::Done { .. } => "done",
            Self::Refused { .. } => "refused",
        }
    }
}

/// An action on a case.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionOnCase {
    /// Its id, also its idempotency key.
    pub action_id: String,
    /// What.
    pub action: Value,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub asked_by: String,
    /// The second person.
    pub approved_by: Option<String>,
    /// How far it is.
    pub state: ActionState,
}

impl Case {
    /// An action, by its id.
    ///
    /// # Errors
    /// [`CaseRefusal::Unknown`].
    pub fn action(&self, action_id: &str) -> Result<&ActionOnCase, CaseRefusal> {
        let found = self.actions.iter().find(|action| action.action_id == action_id);
        found.ok_or(CaseRefusal::Unknown { what: "action" })
    }

    /// Actions that wait for a second person.
    pub fn waiting_actions(&self) -> impl Iterator<Item = &ActionOnCase> {
        self.actions.iter().filter(|action| action.state == ActionState::Waiting)
    }

    /// Whether something is being done from it, or waits to be.
    pub fn has_actions_under_way(&self) -> bool {
        self.open_actions().chain(self.waiting_actions()).next().is_some()
    }

    /// Actions that are to be done and of which nobody has told what came.
    pub fn open_actions(&self) -> impl Iterator<Item = &ActionOnCase> {
        self.actions.iter().filter(|action| action.state == ActionState::Open)
    }
}

/// Asks for an action.
///
/// # Errors
/// [`CaseRefusal::Closed`], [`CaseRefusal::Merged`], [`CaseRefusal::Empty`] without a reason.
pub fn ask(
    case: &Case,
    action_id: &str,
    action: Value,
    reason: &str,
    needs_second_person: bool,
) -> Result<Vec<CaseChange>, CaseRefusal> {
    super::steps::not_over(case)?;
    if reason.trim().is_empty() {
        return Err(CaseRefusal::Empty { field: "/reason" });
    }
    let (action_id, reason) = (action_id.to_owned(), reason.to_owned());
    Ok(vec![CaseChange::ActionAsked { action_id, action, reason, needs_second_person }])
}

/// A second person agrees, or does not. Whoever asked may take it back, but not agree.
///
/// # Errors
/// [`CaseRefusal::Unknown`], [`CaseRefusal::ActionDecided`], [`CaseRefusal::SamePerson`].
pub fn decide(
    case: &Case,
    action_id: &str,
    staff_id: &str,
    agrees: bool,
) -> Result<Vec<CaseChange>, CaseRefusal> {
    let action = case.action(action_id)?;
    if action.state != ActionState::Waiting {
        return Err(CaseRefusal::ActionDecided { state: action.state.code() });
    }
    if agrees && action.asked_by == staff_id {
        return Err(CaseRefusal::SamePerson);
    }
    let action_id = action_id.to_owned();
    Ok(vec![if agrees {
        CaseChange::ActionApproved { action_id }
    } else {
        CaseChange::ActionRejected { action_id }
    }])
}

/// Tells what came of an action; nothing where that is known already.
///
/// # Errors
/// [`CaseRefusal::Unknown`], or [`CaseRefusal::ActionDecided`] where it was not to be done.
pub fn tell(
    case: &Case,
    action_id: &str,
    outcome: Result<Value, String>,
) -> Result<Vec<CaseChange>, CaseRefusal> {
    let action = case.action(action_id)?;
    let action_id = action_id.to_owned();
    match action.state {
        ActionState::Open => Ok(vec![match outcome {
            Ok(result) => CaseChange::ActionDone { action_id, result },
            Err(reason) => CaseChange::ActionRefused { action_id, reason },
        }]),
        ActionState::Done { .. } | ActionState::Refused { .. } => Ok(Vec::new()),
        _ => Err(CaseRefusal::ActionDecided { state: action.state.code() }),
    }
}
