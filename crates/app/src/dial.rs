//! Calls that a dialler makes for agents: noted together with the accepting, asked for afterwards, and told of by the
//! dialler's own messages.
//!
//! Each dial has one id, which follows from the call-back and its attempt. Whoever finds it unasked after a crash asks under
//! the same id, so that a customer's telephone rings once. Where the dialler may have been reached and nothing is heard, no
//! other dial is made until the usual time for calls of which nobody reports is over.

use choba_care::callback::{Again, CallEnd, Callback, EndedBy, Outcome, Refused, State};
use choba_care::case::Actor;
use choba_outside::dialler::{DialEvent, DialFault, DialNews, DialOrder, DialSide};
use choba_outside::webhook::{WebhookHeaders, WebhookSecret, verify_webhook};
use choba_store::books::{self, CallbackChange, DialRow, DialState};
use choba_store::sql::StoreError;
use jiff::{SignedDuration, Timestamp};

use crate::contact_offers::hours_of;
use crate::entropy::new_id;
use crate::hear_payment_provider::TOLERANCE;
use crate::{AppError, Counter, Heard};

/// A call that is not begun within this is not begun at all.
const BEGUN_WITHIN: SignedDuration = SignedDuration::from_secs(60);

/// A process that asks has so long for it; longer than asking may take.
const CLAIMED_FOR: SignedDuration = SignedDuration::from_secs(30);

/// The first wait before the dialler is asked again; it doubles.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(2);

type Changed = Result<(Callback, Option<Callback>), Refused>;

impl Counter {
    /// The row of a dial, for the transaction in which a call-back is accepted.
    pub(crate) fn dial_of(callback: &Callback, agent: &str, at: Timestamp) -> DialRow {
        let attempt = callback.attempts;
        DialRow {
            dial_id: format!("dial_{}_{attempt}", callback.callback_id),
            callback_id: callback.callback_id.clone(),
            customer_id: callback.customer_id.clone(),
            market: callback.market.clone(),
            agent_id: agent.to_owned(),
            attempt,
            state: DialState::Asked,
            tries: 0,
            unsure: false,
            void_at: at.checked_add(BEGUN_WITHIN).unwrap_or(at),
        }
    }

    /// Asks the dialler for what is due, at most so many; answers how many were looked at. Nothing where there is no
    /// dialler.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn send_dials(&self, at: Timestamp, most: i64) -> Result<usize, AppError> {
        if self.dialler.is_none() {
            return Ok(0);
        }
        let due = books::due_dials(&self.store, at, most).await?;
        for dial in &due {
            self.send_dial(dial, at).await?;
        }
        Ok(due.len())
    }

    /// Asks the dialler for a call, unless another process does.
    pub(crate) async fn send_dial(&self, dial: &DialRow, at: Timestamp) -> Result<(), AppError> {
        let Some(dialler) = &self.dialler else { return Ok(()) };
        let until = at.checked_add(CLAIMED_FOR).unwrap_or(at);
        if !books::claim_dial(&self.store, dial, until).await? {
            return Ok(());
        }
        let callback = books::callback(&self.store, &dial.callback_id).await?.map(|row| row.callback);
        let Some(callback) = callback.filter(|callback| is_dialled(callback, dial)) else {
            return self.settle(dial, DialState::Over, false, None).await;
        };
        if dial.void_at <= at {
            return self.give_up_dial(&callback, dial, at).await;
        }
        let order = DialOrder {
            dial_id: dial.dial_id.clone(),
            number: self.open_number(&callback.number, &callback.customer_id)?.e164().to_owned(),
            agent: dial.agent_id.clone(),
            language: callback.language.clone(),
            void_at: dial.void_at,
        };
        match dialler.dial(&order, at).await {
            Ok(()) => self.settle(dial, DialState::Taken, false, None).await,
            Err(DialFault::Refused) => self.give_up_dial(&callback, dial, at).await,
            Err(fault) => {
                let doubled = AGAIN_AFTER.checked_mul(1 << dial.tries.clamp(0, 4)).unwrap_or(AGAIN_AFTER);
                let again_at = at.checked_add(doubled).unwrap_or(at);
                self.settle(dial, DialState::Asked, fault == DialFault::Unsure, Some(again_at)).await
            }
        }
    }

    async fn settle(
        &self,
        dial: &DialRow,
        state: DialState,
        unsure: bool,
        again_at: Option<Timestamp>,
    ) -> Result<(), AppError> {
        Ok(books::settle_dial(&self.store, &dial.dial_id, state, unsure, again_at).await?)
    }

    /// No call is made any more. Where certainly none was, the customer is tried again later.
    async fn give_up_dial(&self, callback: &Callback, dial: &DialRow, at: Timestamp) -> Result<(), AppError> {
        if !dial.unsure {
            self.heard_of(callback, dial, DialEvent::Failed, at).await?;
        }
        self.settle(dial, DialState::Failed, false, None).await
    }

    /// Takes in what the dialler tells. What is about a call that is over, or was told before, changes nothing.
    ///
    /// # Errors
    /// [`AppError::Hook`] where it is not trusted or cannot be read, and what the database answers.
    pub async fn hear_dialler(
        &self,
        secrets: &[WebhookSecret],
        headers: WebhookHeaders<'_>,
        body: &[u8],
        at: Timestamp,
    ) -> Result<Heard, AppError> {
        verify_webhook(secrets, headers, body, at, TOLERANCE)?;
        let news = DialNews::read(body)?;
        if news.what == DialEvent::Other {
            return Ok(Heard::NothingToDo);
        }
        let Some(dial) = books::dial(&self.store, &news.dial_id).await? else { return Ok(Heard::Unknown) };
        // Whatever it tells, it has the call: nobody has to ask for it any more.
        self.settle(&dial, DialState::Taken, false, None).await?;
        let callback = books::callback(&self.store, &dial.callback_id).await?.map(|row| row.callback);
        let Some(callback) = callback else { return Ok(Heard::Unknown) };
        self.heard_of(&callback, &dial, news.what, at).await?;
        Ok(Heard::TakenIn)
    }

    async fn heard_of(
        &self,
        callback: &Callback,
        dial: &DialRow,
        event: DialEvent,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let care = self.markets.care(&callback.market)?;
        let queue = care.queues.get(&callback.queue).cloned();
        let queue = queue.ok_or_else(|| AppError::not_found("queue", &callback.queue))?;
        let words = self.new_words(&callback.language);
        let again = Again { callback_id: format!("cb_{}", new_id(&*self.entropy, at)), words };
        let (dial, by) = (dial.clone(), (Actor::System, std::sync::Arc::clone(&care)));
        let changed = self.change_callback(callback, by, at, move |callback| {
            let Ok(hours) = hours_of(&care, &queue) else { return CallbackChange::nothing(()) };
            if !is_called(&callback, &dial) {
                return CallbackChange::nothing(());
            }
            let (policy, before, again) = (&care.calls, callback.clone(), again.clone());
            let outcome = |callback: Callback, outcome| {
                let (agent, words) = (dial.agent_id.as_str(), again.words.clone());
                callback.not_answered(agent, outcome, at, hours, policy, words).map(|after| (after, None))
            };
            let changed: Changed = match (event, &callback.state) {
                (DialEvent::Answered, State::Dialling { .. }) => {
                    callback.picked_up(at).map(|after| (after, None))
                }
                (DialEvent::NoAnswer, _) => outcome(callback, Outcome::NoAnswer),
                (DialEvent::Busy, _) => outcome(callback, Outcome::Busy),
                (DialEvent::Failed, _) => outcome(callback, Outcome::Failed),
                (ended, State::Connected { .. }) => match ended_by(ended) {
                    Some(by) => {
                        let end = CallEnd { by, summary: false, agent_last_at: None, at };
                        callback.hung_up(&dial.agent_id, end, hours, policy, again.clone())
                    }
                    None => Err(Refused::WrongState),
                },
                // It was picked up, whether we heard of that or not.
                (DialEvent::Dropped { seconds } | DialEvent::Ended { seconds, .. }, _) if seconds > 0 => {
                    callback.lost(at, hours, policy, again.clone())
                }
                (DialEvent::Dropped { .. } | DialEvent::Ended { .. }, _) => {
                    outcome(callback, Outcome::Failed)
                }
                _ => Err(Refused::WrongState),
            };
            match changed {
                Ok((after, next)) if after != before => {
                    CallbackChange { after: Some(after), next, ..CallbackChange::nothing(()) }
                }
                _ => CallbackChange::nothing(()),
            }
        });
        match changed.await {
            // Somebody else was faster, or it is written anew; what is then told again finds it as it is.
            Err(StoreError::Conflict { .. }) => {
                Err(AppError::PartyUnavailable { party: "dialler".to_owned() })
            }
            other => {
                other?;
                Ok(())
            }
        }
    }
}

/// Whether a call-back is at this dial, and nobody has picked up.
fn is_dialled(callback: &Callback, dial: &DialRow) -> bool {
    callback.attempts == dial.attempt && matches!(callback.state, State::Dialling { .. })
}

/// Whether a call-back is at this dial.
fn is_called(callback: &Callback, dial: &DialRow) -> bool {
    callback.attempts == dial.attempt && callback.is_calling()
}

fn ended_by(event: DialEvent) -> Option<EndedBy> {
    match event {
        DialEvent::Dropped { .. } => Some(EndedBy::ConnectionLost),
        DialEvent::Ended { by: DialSide::Customer, .. } => Some(EndedBy::Customer),
        DialEvent::Ended { by: DialSide::Agent, .. } => Some(EndedBy::Agent),
        _ => None,
    }
}
