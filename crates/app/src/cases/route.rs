//! Where a case goes: who has it, in which queue it is, how much it presses, for whom it waits.

use choba_care::case::{Agent, EscalationKind, Priority, WaitingFor, steps};
use jiff::Timestamp;

use super::change::{CaseStepped, CaseSteps};
use super::desk::actor;
use crate::{AppError, Caller, Counter, Right, Whose};

/// A step on a case's way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Whoever asks takes it, if nobody has it.
    Take,
    /// Whoever has it gives it back to its queue.
    Release,
    /// Somebody gives it to somebody else of the desk.
    Assign {
        /// To whom.
        staff_id: String,
    },
    /// It goes to a queue.
    Queue {
        /// Which.
        queue: String,
        /// What it needs somebody to know.
        skill: Option<String>,
        /// Why.
        reason: String,
    },
    /// It presses more or less.
    Priority(Priority),
    /// It is passed on.
    Escalate {
        /// To whom.
        kind: EscalationKind,
        /// To which queue.
        queue: String,
        /// What it needs somebody to know.
        skill: Option<String>,
        /// Why.
        reason: String,
    },
    /// Whoever asks takes what was passed on.
    Accept,
    /// It waits.
    Wait(WaitingFor),
    /// What it waited for has come.
    Resume {
        /// What.
        reason: String,
    },
    /// A mail of an unsure sender is the customer's.
    AcceptMail {
        /// The number of the event with which it came.
        came: u32,
    },
}

impl Route {
    /// What whoever asks must be allowed to.
    fn right(&self) -> Right {
        match self {
            // Giving work to others is leading.
            Self::Assign { .. } => Right::CareLead,
            _ => Right::CareDesk,
        }
    }
}

impl Counter {
    /// Takes a step on a case's way. Taking the same one again changes nothing, or is refused because it is taken.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::NotFound`], [`AppError::Case`], and what the database answers.
    pub async fn route_case(
        &self,
        caller: &Caller,
        case_id: &str,
        route: Route,
        at: Timestamp,
    ) -> Result<CaseStepped, AppError> {
        let agent = self.agent(caller, route.right())?;
        let whose = self.whose_case(caller, case_id, route.right()).await?;
        self.check_queue(&whose, &route)?;
        let by = actor(&agent);
        let other = match &route {
            Route::Assign { staff_id } => self.agent_named(staff_id)?,
            _ => agent,
        };
        let steps = CaseSteps::one(&whose, case_id, by, None, move |case| match &route {
            Route::Take => steps::take(case, &other),
            Route::Release => steps::release(case, &other),
            Route::Assign { .. } => steps::assign(case, &other),
            Route::Queue { queue, skill, reason } => steps::queue(case, queue, skill.clone(), reason),
            Route::Priority(priority) => steps::set_priority(case, *priority),
            Route::Escalate { kind, queue, skill, reason } => {
                steps::escalate(case, *kind, queue, skill.clone(), reason)
            }
            Route::Accept => steps::accept_escalation(case, &other),
            Route::Wait(waiting) => steps::wait(case, waiting.clone()),
            Route::Resume { reason } => steps::resume(case, reason),
            Route::AcceptMail { came } => steps::accept_unverified(case, *came),
        });
        self.change_cases(steps, at).await
    }

    /// A case in a queue that nobody serves would be lost.
    fn check_queue(&self, whose: &Whose, route: &Route) -> Result<(), AppError> {
        let (Route::Queue { queue, .. } | Route::Escalate { queue, .. }) = route else { return Ok(()) };
        let care = self.markets.care(&whose.market)?;
        if care.queues.contains_key(queue) {
            return Ok(());
        }
        let known: Vec<&str> = care.queues.keys().map(String::as_str).collect();
        Err(AppError::field("/queue", format!("expected one of {}", known.join(", "))))
    }

    fn agent_named(&self, staff_id: &str) -> Result<Agent, AppError> {
        let (staff_id, role) = (staff_id.to_owned(), crate::Role::Agent);
        if staff_id.is_empty() || staff_id.len() > 100 {
            return Err(AppError::field("/staff_id", "expected the id of a member of staff"));
        }
        self.agent(&Caller::Staff { staff_id, role }, Right::CareDesk)
    }
}
