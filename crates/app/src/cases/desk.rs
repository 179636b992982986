//! Whoever of the desk is asking, and under which name customers know them.

use choba_care::case::{Actor, Agent};

use crate::secrets::Hashed;
use crate::{AppError, Caller, Counter, Right};

/// Whether a text is a public name of a member of staff.
pub fn alias_is_valid(alias: &str) -> bool {
    alias.len() == 5 && alias.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

impl Counter {
    /// The member of staff who asks, with the name under which customers know them: it follows from who they are under a
    /// key of the counter, so that it stays the same and says nothing of their own name.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`] for whoever may not do this, or is no person.
    pub(super) fn agent(&self, caller: &Caller, right: Right) -> Result<Agent, AppError> {
        caller.may(right)?;
        let Caller::Staff { staff_id, .. } = caller else {
            return Err(AppError::NotAllowed { right: right.as_str() });
        };
        self.agent_of(staff_id)
    }

    /// A member of staff with the name under which customers know them. At the desk they are known as the books write
    /// them, such as `staff:sato`.
    pub(crate) fn agent_of(&self, staff_id: &str) -> Result<Agent, AppError> {
        let staff_id = staff_id.strip_prefix("staff:").unwrap_or(staff_id);
        let hash = self.secrets.hash(Hashed::StaffAlias, staff_id)?;
        let letters =
            hash.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase());
        let alias: String = letters.take(5).collect();
        Ok(Agent { staff_id: staff_id.to_owned(), alias })
    }
}

/// The agent as who does something to a case.
pub(crate) fn actor(agent: &Agent) -> Actor {
    Actor::Agent { staff_id: agent.staff_id.clone(), alias: agent.alias.clone() }
}
