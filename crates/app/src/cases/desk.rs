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
        let hash = self.secrets.hash(Hashed::StaffAlias, staff_id)?;
        let letters =
            hash.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase());
        let alias: String = letters.take(5).collect();
        Ok(Agent { staff_id: staff_id.clone(), alias })
    }
}

/// The agent as who does something to a case.
pub(super) fn actor(agent: &Agent) -> Actor {
    Actor::Agent { staff_id: agent.staff_id.clone(), alias: agent.alias.clone() }
}
