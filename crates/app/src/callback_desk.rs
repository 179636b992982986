//! The desk: agents say that they are there, take the next call-back, dial on their own phone and report.
//!
//! Accepting is saved before anybody dials, and of two who accept the same one has to look again: a number is never
//! dialled twice at once. The number is shown only to the agent who has accepted, for the call, and that they saw it is on
//! the audit log, written together with the accepting.

use std::sync::Arc;

use choba_care::callback::{Again, Call, CallEnd, Callback, DeskHours, EndedBy, Outcome, Refused, State};
use choba_care::case::Actor;
use choba_care::contact::CallPolicy;
use choba_store::books::{self, CallbackChange, Presence, PresenceRow};
use choba_store::sql::{ConstraintKind, StoreError, Write};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::audit_log::Action;
use crate::cases::actor;
use crate::contact_offers::hours_of;
use crate::entropy::new_id;
use crate::limit::Limit;
use crate::{AppError, CallbackRefusal, Caller, Counter, Right};

/// An agent who has said nothing for so long is not at the desk.
pub const PRESENT_FOR: SignedDuration = SignedDuration::from_secs(90);

/// So many of those who wait in a queue are looked at for an agent.
const LOOKED_AT: i64 = 20;

/// An agent at the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtTheDesk {
    /// In which market.
    pub market: String,
    /// Who.
    pub agent: String,
    /// Which queues they serve; none when they leave.
    pub queues: Vec<String>,
    /// Whether they take something new.
    pub ready: bool,
    /// Whether they make calls.
    pub calls: bool,
    /// How many chats they have at once.
    pub chats_max: i64,
}

/// Somebody at the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentAgent {
    /// Who.
    pub agent: String,
    /// Which queues they serve.
    pub queues: Vec<String>,
    /// Whether they take something new.
    pub ready: bool,
    /// Whether they make calls.
    pub calls: bool,
    /// How many chats they have at once.
    pub chats_max: i64,
    /// Whether they have a call-back at the moment.
    pub is_calling: bool,
    /// Until when this is known.
    pub expires_at: Timestamp,
}

/// A call-back as an agent sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallbackCard {
    /// Its id.
    pub callback_id: String,
    /// How it stands, as a word.
    pub state: &'static str,
    /// Who is to be called.
    pub customer_id: String,
    /// In which queue.
    pub queue: String,
    /// About what.
    pub question: String,
    /// About which order.
    pub order_id: Option<String>,
    /// To which case it belongs.
    pub case_id: Option<String>,
    /// In which language.
    pub language: String,
    /// Whether it is about safety.
    pub urgent: bool,
    /// Since when the customer waits.
    pub place_at: Timestamp,
    /// The number, except for its end.
    pub number_masked: String,
    /// What to dial, as a `tel:` link; only for the agent who dials, and not where a dialler does.
    pub dial: Option<String>,
    /// The words to say first; only for the agent who dials.
    pub words: Option<String>,
    /// Dials so far.
    pub attempts: u32,
    /// Dials at most.
    pub attempts_max: u32,
    /// Until when it has to be accepted.
    pub accept_until: Option<Timestamp>,
    /// The call-back whose call broke off.
    pub follows: Option<String>,
    /// What was tried before.
    pub calls: Vec<Call>,
}

/// What an agent reports of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallReport {
    /// The customer answered.
    Answered {
        /// Whether the agent said the words first.
        words_said: bool,
    },
    /// Nobody answered, or somebody who does not want to be called.
    NotAnswered(Outcome),
    /// The call is over.
    HungUp {
        /// Who or what ended it.
        by: EndedBy,
        /// Whether it is written up.
        summary: bool,
        /// What the agent last did before the end.
        agent_last_at: Option<Timestamp>,
    },
}

type Reported = Result<Callback, Refused>;

/// What the audit log says of what an agent does.
struct Seen {
    agent: String,
    writes: Vec<Write>,
    /// Whether the dialler is to be asked for the call.
    dials: bool,
}

impl Counter {
    /// Says that an agent is at the desk, for [`PRESENT_FOR`]; to be said again before that.
    ///
    /// # Errors
    /// [`AppError::Field`] for a queue that there is not, and what the database answers.
    pub async fn be_at_the_desk(&self, desk: AtTheDesk, at: Timestamp) -> Result<Timestamp, AppError> {
        let care = self.markets.care(&desk.market)?;
        for (index, queue) in desk.queues.iter().enumerate() {
            let twice = desk.queues.iter().take(index).any(|earlier| earlier == queue);
            if twice || !care.queues.contains_key(queue) {
                let known: Vec<&str> = care.queues.keys().map(String::as_str).collect();
                let fault = format!("expected each of {} once", known.join(", "));
                return Err(AppError::field(&format!("/queues/{index}"), fault));
            }
        }
        let expires_at = at.checked_add(PRESENT_FOR).unwrap_or(at);
        let presence = Presence {
            market: desk.market,
            agent_id: desk.agent,
            queues: desk.queues,
            ready: desk.ready,
            calls: desk.calls,
            chats_max: desk.chats_max.clamp(0, 100),
            expires_at,
        };
        books::keep_presence(&self.store, &presence).await?;
        Ok(expires_at)
    }

    /// Who is at the desk of a market now, each with the queues that they serve.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], [`AppError::UnknownMarket`], and what the database answers.
    pub async fn who_is_at_the_desk(
        &self,
        caller: &Caller,
        market: &str,
        at: Timestamp,
    ) -> Result<Vec<PresentAgent>, AppError> {
        caller.may(Right::CareDesk).or_else(|_| caller.may(Right::CareLead))?;
        self.markets.get(market)?;
        let mut present: Vec<PresentAgent> = Vec::new();
        for row in books::present_in_market(&self.store, market, at).await? {
            match present.last_mut().filter(|last| last.agent == row.agent_id) {
                Some(same) => same.queues.push(row.queue),
                None => present.push(PresentAgent {
                    agent: row.agent_id,
                    queues: vec![row.queue],
                    ready: row.ready,
                    calls: row.calls,
                    chats_max: row.chats_max,
                    is_calling: row.is_calling,
                    expires_at: row.expires_at,
                }),
            }
        }
        Ok(present)
    }

    /// The call-back that an agent has, else the next one of their queues that may be dialled now, offered to them.
    ///
    /// # Errors
    /// [`AppError::Callback`] for one who is not at the desk, and what the database answers.
    pub async fn next_callback(
        &self,
        market: &str,
        agent: &str,
        at: Timestamp,
    ) -> Result<Option<CallbackCard>, AppError> {
        self.wake_callbacks(at, LOOKED_AT).await?;
        if let Some(own) = books::callback_of_agent(&self.store, agent).await? {
            return self.shown_to_agent(own.callback, agent).map(Some);
        }
        let serves = books::queues_of_agent(&self.store, market, agent, at).await?;
        if serves.is_empty() {
            return Err(CallbackRefusal::NotAtTheDesk.into());
        }
        for candidate in self.candidates(market, agent, &serves, at).await? {
            if let Some(offered) = self.offer_callback(&candidate, agent, at).await? {
                return self.shown_to_agent(offered, agent).map(Some);
            }
        }
        Ok(None)
    }

    /// The call-back of a market that the asking member of staff has: offered, rung or talked in. None is offered by asking.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], and what the database answers.
    pub async fn own_call(&self, caller: &Caller, market: &str) -> Result<Option<CallbackCard>, AppError> {
        caller.may(Right::CareDesk)?;
        let agent = caller.by();
        let own = books::callback_of_agent(&self.store, &agent).await?.map(|row| row.callback);
        let own = own.filter(|callback| callback.market == market);
        own.map(|callback| self.shown_to_agent(callback, &agent)).transpose()
    }

    /// An agent takes the call-back that they are offered. Only then is its number shown to them, to be dialled.
    ///
    /// # Errors
    /// [`AppError::Callback`] says why it cannot be dialled now; [`AppError::NotFound`]; what the database answers.
    pub async fn accept_callback(
        &self,
        market: &str,
        agent: &str,
        callback_id: &str,
        at: Timestamp,
    ) -> Result<CallbackCard, AppError> {
        let callback = self.callback_in(market, callback_id).await?;
        if callback.agent() == Some(agent) && matches!(callback.state, State::Dialling { .. }) {
            // Asked again because the answer was lost: still the same dial.
            return self.shown_to_agent(callback, agent);
        }
        let care = self.markets.care(market)?;
        let counted = [calls_of_day(market, &care.calls)];
        let used_up = |error| match error {
            AppError::TooManyTries { .. } => CallbackRefusal::CallsUsedUp.into(),
            other => other,
        };
        self.count_within(&counted, at).await.map_err(used_up)?;
        let who = agent.to_owned();
        let mut seen = self.seen(agent, "callback.accept", &callback, at);
        seen.dials = self.dialler.is_some();
        let accepted =
            self.change(callback, at, seen, move |callback, hours, _| callback.accept(&who, at, hours)).await;
        if accepted.is_err() {
            self.take_back(&counted, at).await?;
        }
        let accepted = accepted?;
        if self.dialler.is_some() {
            // What cannot be asked for now the worker asks for, under the same id.
            let _ = self.send_dial(&Self::dial_of(&accepted, agent, at), at).await;
        }
        self.shown_to_agent(accepted, agent)
    }

    /// An agent does not take the call-back that they are offered.
    ///
    /// # Errors
    /// [`AppError::Callback`], [`AppError::NotFound`], and what the database answers.
    pub async fn decline_callback(
        &self,
        market: &str,
        agent: &str,
        callback_id: &str,
        at: Timestamp,
    ) -> Result<(), AppError> {
        let callback = self.callback_in(market, callback_id).await?;
        let seen = self.seen(agent, "callback.decline", &callback, at);
        let agent = agent.to_owned();
        self.change(callback, at, seen, move |callback, _, _| callback.decline(&agent)).await.map(drop)
    }

    /// An agent reports how a call goes.
    ///
    /// # Errors
    /// [`AppError::Callback`], [`AppError::NotFound`], and what the database answers.
    pub async fn report_call(
        &self,
        market: &str,
        agent: &str,
        callback_id: &str,
        report: CallReport,
        at: Timestamp,
    ) -> Result<CallbackCard, AppError> {
        let callback = self.callback_in(market, callback_id).await?;
        let (who, words) = (agent.to_owned(), self.new_words(&callback.language));
        let seen = self.seen(agent, "callback.report", &callback, at);
        let reported = match report {
            CallReport::Answered { words_said } => {
                self.change(callback, at, seen, move |callback, _, _| callback.answered(&who, words_said, at))
                    .await?
            }
            CallReport::NotAnswered(outcome) => {
                let report = move |callback: Callback, hours: DeskHours<'_>, policy: &CallPolicy| {
                    callback.not_answered(&who, outcome, at, hours, policy, words.clone())
                };
                self.change(callback, at, seen, report).await?
            }
            CallReport::HungUp { by, summary, agent_last_at } => {
                let end = CallEnd { by, summary, agent_last_at, at };
                self.hang_up(callback, &who, end, words, seen).await?
            }
        };
        self.shown_to_agent(reported, agent)
    }

    /// Whether another call may be made today.
    pub(crate) async fn calls_are_left(
        &self,
        market: &str,
        policy: &CallPolicy,
        at: Timestamp,
    ) -> Result<bool, AppError> {
        let (subject, limit) = calls_of_day(market, policy);
        let counted = books::counted(&self.store, &subject).await?;
        Ok(limit.admit(counted, at.as_millisecond()).is_ok())
    }

    async fn callback_in(&self, market: &str, callback_id: &str) -> Result<Callback, AppError> {
        let found = books::callback(&self.store, callback_id).await?.map(|row| row.callback);
        found
            .filter(|callback| callback.market == market)
            .ok_or_else(|| AppError::not_found("callback", callback_id))
    }

    /// Those who wait in the queues that an agent serves, and may be called now, in their order over all queues.
    async fn candidates(
        &self,
        market: &str,
        agent: &str,
        serves: &[PresenceRow],
        at: Timestamp,
    ) -> Result<Vec<Callback>, AppError> {
        let care = self.markets.care(market)?;
        let mut candidates = Vec::new();
        for row in serves.iter().filter(|row| row.calls && row.ready) {
            let Some(queue) = care.queues.get(&row.queue) else { continue };
            let hours = hours_of(&care, queue)?;
            let waiting = books::waiting_callbacks(&self.store, market, &row.queue, LOOKED_AT).await?;
            let waiting = waiting.into_iter().map(|row| row.callback);
            candidates.extend(waiting.filter(|callback| {
                callback.may_be_offered_to(agent, at) && hours.may_dial(callback.urgent, at)
            }));
        }
        candidates.sort_by(|one, other| {
            let place =
                |callback: &Callback| (!callback.urgent, callback.place_at, callback.callback_id.clone());
            place(one).cmp(&place(other))
        });
        Ok(candidates)
    }

    /// Nothing where somebody else was faster.
    async fn offer_callback(
        &self,
        callback: &Callback,
        agent: &str,
        at: Timestamp,
    ) -> Result<Option<Callback>, AppError> {
        let who = agent.to_owned();
        let offer =
            move |callback: Callback, _: DeskHours<'_>, policy: &CallPolicy| callback.offer(&who, at, policy);
        let seen = Seen { agent: agent.to_owned(), writes: Vec::new(), dials: false };
        match self.change(callback.clone(), at, seen, offer).await {
            Ok(offered) => Ok(Some(offered)),
            Err(
                AppError::Callback(CallbackRefusal::State(_)) | AppError::Store(StoreError::Conflict { .. }),
            ) => Ok(None),
            // The agent has got another one meanwhile, by another window.
            Err(AppError::Store(StoreError::Constraint { kind: ConstraintKind::Unique, .. })) => {
                Ok(books::callback_of_agent(&self.store, agent).await?.map(|row| row.callback))
            }
            Err(error) => Err(error),
        }
    }

    /// Changes a call-back as it is found then, by a rule, and writes what the audit log says of it.
    async fn change(
        &self,
        callback: Callback,
        at: Timestamp,
        seen: Seen,
        rule: impl Fn(Callback, DeskHours<'_>, &CallPolicy) -> Reported + Send + 'static,
    ) -> Result<Callback, AppError> {
        let care = self.markets.care(&callback.market)?;
        let queue = care.queues.get(&callback.queue).cloned();
        let queue = queue.ok_or_else(|| AppError::not_found("queue", &callback.queue))?;
        let by = (self.by_agent(&seen.agent)?, Arc::clone(&care));
        let Seen { agent: who, writes: seen, dials } = seen;
        let changed = self.change_callback(&callback, by, at, move |callback| {
            let Ok(hours) = hours_of(&care, &queue) else {
                return CallbackChange::nothing(Err(Refused::Closed));
            };
            match rule(callback, hours, &care.calls) {
                Err(refused) => CallbackChange::nothing(Err(refused)),
                Ok(after) => {
                    let mut more = seen.clone();
                    more.extend(dials.then(|| Self::dial_of(&after, &who, at).noted(at)));
                    CallbackChange {
                        after: Some(after.clone()),
                        do_not_call: is_opt_out(&after),
                        more,
                        ..CallbackChange::nothing(Ok(after))
                    }
                }
            }
        });
        let changed = changed.await?.ok_or_else(|| AppError::not_found("callback", &callback.callback_id))?;
        Ok(changed.map_err(CallbackRefusal::from)?)
    }

    /// A call that broke off goes on as another call-back, saved together with the end of this one.
    async fn hang_up(
        &self,
        callback: Callback,
        agent: &str,
        end: CallEnd,
        words: String,
        seen: Seen,
    ) -> Result<Callback, AppError> {
        let care = self.markets.care(&callback.market)?;
        let queue = care.queues.get(&callback.queue).cloned();
        let queue = queue.ok_or_else(|| AppError::not_found("queue", &callback.queue))?;
        let again = Again { callback_id: format!("cb_{}", new_id(&*self.entropy, end.at)), words };
        let who = agent.to_owned();
        let by = (self.by_agent(agent)?, Arc::clone(&care));
        let seen = seen.writes;
        let hung_up = self.change_callback(&callback, by, end.at, move |callback| {
            let Ok(hours) = hours_of(&care, &queue) else {
                return CallbackChange::nothing(Err(Refused::Closed));
            };
            match callback.hung_up(&who, end, hours, &care.calls, again.clone()) {
                Err(refused) => CallbackChange::nothing(Err(refused)),
                Ok((after, next)) => {
                    let more = seen.clone();
                    CallbackChange {
                        after: Some(after.clone()),
                        next,
                        more,
                        ..CallbackChange::nothing(Ok(after))
                    }
                }
            }
        });
        let hung_up = hung_up.await?.ok_or_else(|| AppError::not_found("callback", &callback.callback_id))?;
        Ok(hung_up.map_err(CallbackRefusal::from)?)
    }

    /// What the audit log says of what an agent does with a call-back.
    fn seen(&self, agent: &str, action: &str, callback: &Callback, at: Timestamp) -> Seen {
        let action = Action::new(action, &callback.callback_id).about(&callback.customer_id);
        let writes = action.row(&new_id(&*self.entropy, at), agent, at).append().to_vec();
        Seen { agent: agent.to_owned(), writes, dials: false }
    }

    /// The agent as who does something to the case.
    fn by_agent(&self, agent: &str) -> Result<Actor, AppError> {
        Ok(actor(&self.agent_of(agent)?))
    }

    fn shown_to_agent(&self, callback: Callback, agent: &str) -> Result<CallbackCard, AppError> {
        let number = self.open_number(&callback.number, &callback.customer_id)?;
        let dials = matches!(&callback.state, State::Dialling { agent: dialling, .. } if dialling == agent);
        let accept_until = match callback.state {
            State::Offered { until, .. } => Some(until),
            _ => None,
        };
        Ok(CallbackCard {
            state: callback.state.word(),
            number_masked: number.masked(),
            dial: (dials && self.dialler.is_none()).then(|| format!("tel:{}", number.e164())),
            words: callback.words.filter(|_| dials),
            callback_id: callback.callback_id,
            customer_id: callback.customer_id,
            queue: callback.queue,
            question: callback.question,
            order_id: callback.order_id,
            case_id: callback.case_id,
            language: callback.language,
            urgent: callback.urgent,
            place_at: callback.place_at,
            attempts: callback.attempts,
            attempts_max: callback.attempts_max,
            accept_until,
            follows: callback.follows,
            calls: callback.calls,
        })
    }
}

fn is_opt_out(callback: &Callback) -> bool {
    use choba_care::callback::End;
    matches!(callback.state, State::Ended { how: End::OptedOut, .. })
}

/// All calls of a market in a day, as many as it may cost.
fn calls_of_day(market: &str, policy: &CallPolicy) -> (String, Limit) {
    let most = policy.yen_per_day.checked_div(policy.yen_per_call).unwrap_or(i64::MAX);
    (format!("@calls {market}"), Limit::new(most, SignedDuration::from_hours(24)))
}
