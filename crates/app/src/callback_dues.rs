//! What time brings to call-backs: it is their turn, an offer or a dial came to nothing, nobody could call.

use std::sync::Arc;

use choba_care::callback::{Callback, State};
use choba_care::case::Actor;
use choba_store::books::{self, CallbackChange};
use jiff::{SignedDuration, Timestamp};

use crate::contact_offers::hours_of;
use crate::{AppError, Counter};

/// A dial that is still under way is looked at again after so long.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(1);

impl Counter {
    /// Does what is due of call-backs, at most so many; answers how many changed. For the worker of what is due; whoever
    /// takes the next one does it as well, so that nobody waits for the worker.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn wake_callbacks(&self, at: Timestamp, most: i64) -> Result<usize, AppError> {
        let mut woken = 0;
        for row in books::due_callbacks(&self.store, at, most).await? {
            woken += usize::from(self.wake_callback(row.callback, at).await?);
        }
        Ok(woken)
    }

    async fn wake_callback(&self, callback: Callback, at: Timestamp) -> Result<bool, AppError> {
        // A market that is not open in this process is another one's to look after.
        let Ok(care) = self.markets.care(&callback.market) else { return Ok(false) };
        let Some(queue) = care.queues.get(&callback.queue).cloned() else { return Ok(false) };
        let is_there = self.is_at_the_desk(&callback, at).await?;
        let words = self.new_words(&callback.language);
        let by = (Actor::System, Arc::clone(&care));
        let woken = self.change_callback(&callback, by, at, move |callback| {
            let Ok(hours) = hours_of(&care, &queue) else { return CallbackChange::nothing(false) };
            let before = callback.clone();
            let after = callback.wake(at, is_there, hours, &care.calls, words.clone());
            if after == before {
                return CallbackChange::nothing(false);
            }
            CallbackChange { after: Some(after), ..CallbackChange::nothing(true) }
        });
        match woken.await {
            // Somebody else was faster, or it is written anew.
            Err(choba_store::sql::StoreError::Conflict { .. }) => Ok(false),
            other => Ok(other?.unwrap_or(false)),
        }
    }

    /// Whether the agent who dials is still at the desk. Who has only just gone may come again.
    async fn is_at_the_desk(&self, callback: &Callback, at: Timestamp) -> Result<bool, AppError> {
        let State::Dialling { agent, .. } = &callback.state else { return Ok(false) };
        let lately = at.checked_sub(LOOK_AGAIN).unwrap_or(at);
        Ok(!books::queues_of_agent(&self.store, &callback.market, agent, lately).await?.is_empty())
    }
}
