//! Which ways to a person are open now for a question, and how long they take.

use std::collections::BTreeMap;
use std::sync::Arc;

use choba_care::callback::{Callback, DeskHours, State};
use choba_care::contact::{Care, Question, Queue};
use choba_care::erlang::Wait;
use choba_care::offer::{Offer, QueueLoad, Situation};
use choba_store::books::{self, PresenceRow};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::{AppError, Counter, Whose};

/// Times at which one may be called are this far apart.
const CALL_EVERY: SignedDuration = SignedDuration::from_mins(30);

/// Times are offered so far ahead.
const CALLS_AHEAD: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A place after all ids of its instant.
const LAST: &str = "~";

/// A queue as it is at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QueueSnapshot {
    /// Its id.
    pub queue: String,
    /// Whether its people work at this hour.
    pub open: bool,
    /// Who is there and who waits.
    pub load: QueueLoad,
    /// How long one who comes now waits.
    pub wait: Option<Wait>,
}

/// A question with the queue that answers it.
pub(crate) struct Asked {
    pub care: Arc<Care>,
    pub question: Question,
    pub queue: Queue,
}

impl Asked {
    /// The hours of those who answer.
    pub fn hours(&self) -> Result<DeskHours<'_>, AppError> {
        hours_of(&self.care, &self.queue)
    }
}

/// The hours of a queue.
pub(crate) fn hours_of<'c>(care: &'c Care, queue: &Queue) -> Result<DeskHours<'c>, AppError> {
    let calendar = care.calendar_of(queue);
    let calendar = calendar.ok_or_else(|| AppError::Defect("a queue without a calendar".to_owned()))?;
    Ok(DeskHours { calendar, on_call: care.on_call_of(queue) })
}

impl Counter {
    /// Which ways to a person are open now, the best first. What is chosen is looked at again when it is asked for.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for an unknown question, and what the database answers.
    pub async fn contact_offers(
        &self,
        whose: &Whose,
        question: &str,
        at: Timestamp,
    ) -> Result<Vec<Offer>, AppError> {
        let asked = self.asked(&whose.market, question)?;
        let own = books::open_callback(&self.store, &whose.customer_id, &whose.market).await?;
        let own = match &own {
            Some(row) => Some(self.wait_of(&row.callback, at).await?),
            None => None,
        };
        self.offers_for(&whose.market, &asked, own, at).await
    }

    /// Times of the next seven days, half an hour apart, at which somebody who is asked such a question works; none before
    /// `from`.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for an unknown question.
    pub fn call_times(
        &self,
        market: &str,
        question: &str,
        from: Timestamp,
    ) -> Result<Vec<Timestamp>, AppError> {
        let asked = self.asked(market, question)?;
        let (hours, urgent) = (asked.hours()?, asked.question.urgent);
        let until = from.saturating_add(CALLS_AHEAD).unwrap_or(from);
        let (mut times, mut at) = (Vec::new(), next_half_hour(from));
        while let Some(open) = at.and_then(|at| hours.next_dial(urgent, at)).filter(|open| *open < until) {
            let begins = next_half_hour(open);
            times.extend(begins.filter(|begins| hours.may_dial(urgent, *begins)));
            at = begins.and_then(|begins| begins.checked_add(CALL_EVERY).ok());
        }
        Ok(times)
    }

    /// Each queue of a market as it is now.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn care_queues(&self, market: &str, at: Timestamp) -> Result<Vec<QueueSnapshot>, AppError> {
        let care = self.markets.care(market)?;
        let mut snapshots = Vec::new();
        for queue in care.queues.values() {
            let load = self.queue_load(market, &queue.queue_id, at).await?;
            let situation = situation(&care, queue, load, at)?;
            let (open, wait) = (situation.calendar.is_open(at), situation.wait());
            snapshots.push(QueueSnapshot { queue: queue.queue_id.clone(), open, load, wait });
        }
        Ok(snapshots)
    }

    /// The question, and who answers it.
    pub(crate) fn asked(&self, market: &str, question: &str) -> Result<Asked, AppError> {
        let care = self.markets.care(market)?;
        let not_found = || AppError::not_found("question", question);
        let (_, found) = care.question(question).ok_or_else(not_found)?;
        let (question, queue) = (found.clone(), care.queues.get(&found.queue).ok_or_else(not_found)?.clone());
        Ok(Asked { care, question, queue })
    }

    /// The ways that are open, for a customer whose open call-back takes so long, if there is one.
    pub(crate) async fn offers_for(
        &self,
        market: &str,
        asked: &Asked,
        own_callback: Option<Option<Wait>>,
        at: Timestamp,
    ) -> Result<Vec<Offer>, AppError> {
        let load = self.queue_load(market, &asked.queue.queue_id, at).await?;
        let calls_used_up = !self.calls_are_left(market, &asked.care.calls, at).await?;
        let situation = Situation {
            urgent: asked.question.urgent,
            calls_used_up,
            own_callback,
            ..situation(&asked.care, &asked.queue, load, at)?
        };
        Ok(situation.offers())
    }

    /// How many wait before a call-back; nothing for one that does not wait in the queue.
    pub(crate) async fn place_of(&self, callback: &Callback) -> Result<Option<u32>, AppError> {
        if !matches!(callback.state, State::Queued | State::Offered { .. }) {
            return Ok(None);
        }
        let (market, queue) = (&callback.market, &callback.queue);
        let (urgent, place_at, id) = (callback.urgent, callback.place_at, &callback.callback_id);
        let ahead = books::callbacks_ahead(&self.store, market, queue, urgent, place_at, id).await?;
        Ok(Some(u32::try_from(ahead).unwrap_or(u32::MAX)))
    }

    /// How long a call-back still takes, as far as it can be told.
    pub(crate) async fn wait_of(&self, callback: &Callback, at: Timestamp) -> Result<Option<Wait>, AppError> {
        let Some(ahead) = self.place_of(callback).await? else { return Ok(None) };
        let care = self.markets.care(&callback.market)?;
        let Some(queue) = care.queues.get(&callback.queue) else { return Ok(None) };
        let load = self.queue_load(&callback.market, &callback.queue, at).await?;
        let waits = QueueLoad { waiting: ahead, ..load };
        Ok(situation(&care, queue, waits, at)?.wait())
    }

    async fn queue_load(&self, market: &str, queue: &str, at: Timestamp) -> Result<QueueLoad, AppError> {
        let agents = books::agents_of_queue(&self.store, market, queue, at).await?;
        let waiting = books::callbacks_ahead(&self.store, market, queue, false, Timestamp::MAX, LAST).await?;
        let count = |counted: usize| u32::try_from(counted).unwrap_or(u32::MAX);
        let callers = || agents.iter().filter(|agent| agent.calls);
        let chats = || agents.iter().filter(|agent| agent.chats_max > 0);
        let chat_free = self.free_chats(market, chats().filter(|agent| agent.ready)).await?;
        Ok(QueueLoad {
            staffed: count(callers().count()),
            free: count(callers().filter(|agent| agent.ready && !agent.is_calling).count()),
            waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
            chat_staffed: count(chats().count()),
            chat_free,
        })
    }

    /// How many chats could begin now: what those who chat could still take, less those who wait for one already.
    async fn free_chats(
        &self,
        market: &str,
        ready: impl Iterator<Item = &PresenceRow>,
    ) -> Result<u32, AppError> {
        let ready: Vec<&PresenceRow> = ready.collect();
        if ready.is_empty() {
            return Ok(0);
        }
        let left = self.chats_left(&ready).await?;
        let waiting = books::chats_that_wait(&self.store, market).await?;
        Ok(u32::try_from(left.saturating_sub(waiting).max(0)).unwrap_or(u32::MAX))
    }

    /// How many chats these agents could still take, by what they have said and the chats that they have.
    pub(crate) async fn chats_left(&self, agents: &[&PresenceRow]) -> Result<i64, AppError> {
        let staff_id = |agent: &str| agent.strip_prefix("staff:").unwrap_or(agent).to_owned();
        let staff_ids: Vec<String> = agents.iter().map(|agent| staff_id(&agent.agent_id)).collect();
        let have: BTreeMap<String, i64> =
            books::chats_of_agents(&self.store, &staff_ids).await?.into_iter().collect();
        let left = agents.iter().map(|agent| {
            let has = have.get(&staff_id(&agent.agent_id)).copied().unwrap_or_default();
            agent.chats_max.saturating_sub(has).max(0)
        });
        Ok(left.sum())
    }

    /// How long the one before whom so many wait for a chat still waits, as far as it can be told: each of those who
    /// chat has several at once, so that each of these ends in its own time.
    pub(crate) async fn chat_wait(
        &self,
        market: &str,
        question: &str,
        ahead: i64,
        at: Timestamp,
    ) -> Result<Option<Wait>, AppError> {
        let Ok(asked) = self.asked(market, question) else { return Ok(None) };
        let agents = books::agents_of_queue(&self.store, market, &asked.queue.queue_id, at).await?;
        let places = agents.iter().filter(|agent| agent.ready).map(|agent| agent.chats_max).sum::<i64>();
        let number = |counted: i64| u32::try_from(counted).unwrap_or_default();
        Ok(Wait::in_queue(number(ahead), number(places), asked.queue.handle_seconds))
    }
}

fn situation<'c>(
    care: &'c Care,
    queue: &Queue,
    load: QueueLoad,
    at: Timestamp,
) -> Result<Situation<'c>, AppError> {
    let hours = hours_of(care, queue)?;
    Ok(Situation {
        now: at,
        urgent: false,
        calendar: hours.calendar,
        on_call: hours.on_call,
        calls: queue.calls,
        chats: queue.chats,
        calls_used_up: false,
        load,
        waiting_max: queue.waiting_max,
        handle_seconds: queue.handle_seconds,
        own_callback: None,
    })
}

/// The instant itself on a half hour, else the next one.
fn next_half_hour(at: Timestamp) -> Option<Timestamp> {
    let step = CALL_EVERY.as_secs();
    let beyond = at.as_second().rem_euclid(step);
    if beyond == 0 && at.subsec_nanosecond() == 0 {
        return Some(at);
    }
    Timestamp::from_second(at.as_second().checked_sub(beyond)?.checked_add(step)?).ok()
}
