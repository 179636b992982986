//! A request to call a verified number: one state after the other, each with what it needs to be known.
//!
//! A transition takes the request as it is and gives the request as it will be, or says why not; whoever saves it
//! compares [`Callback::version`], so that of two who act on the same request one has to look again. That there is at
//! most one open request for a number and for a customer is kept by the tables.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::contact::CallPolicy;
use crate::erlang::Wait;

/// A call that nobody has reported on for so long, by an agent who is gone, has ended: nothing rings so long.
pub const UNREPORTED_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// A dial that may still be under way is looked at again after so long.
pub const LOOK_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// No call is longer than this, whatever is reported.
pub const CALL_MAX: SignedDuration = SignedDuration::from_hours(2);

/// A call shorter than this that the customer ended, with nothing written up, broke off.
const TALK_MIN: SignedDuration = SignedDuration::from_secs(60);

/// What the agent did so shortly before the end says that they were not done.
const AGENT_WAS_BUSY: SignedDuration = SignedDuration::from_secs(20);

/// Who comes again so soon comes with the same matter.
const SAME_MATTER: SignedDuration = SignedDuration::from_mins(30);

/// A request to be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callback {
    /// Its id.
    pub callback_id: String,
    /// Who is to be called.
    pub customer_id: String,
    /// In which market.
    pub market: String,
    /// By whom.
    pub queue: String,
    /// About what, as an id of the market's questions.
    pub question: String,
    /// About which order.
    pub order_id: Option<String>,
    /// The case that the call belongs to.
    pub case_id: Option<String>,
    /// In which language, such as `ja`.
    pub language: String,
    /// The number, sealed: nobody reads it here.
    pub number: String,
    /// Whether it goes before all that is not.
    pub urgent: bool,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Its place among those who wait. It never changes, and a call that broke off gives it on.
    pub place_at: Timestamp,
    /// From when on a call was promised.
    pub due_at: Timestamp,
    /// When it ends if nobody could serve it.
    pub expires_at: Timestamp,
    /// How long the customer was told that it takes.
    pub quoted: Option<Wait>,
    /// Dials so far.
    pub attempts: u32,
    /// Dials at most.
    pub attempts_max: u32,
    /// The words that the caller says first, until they were said.
    pub words: Option<String>,
    /// Who is asked first, and until when.
    pub prefers: Option<Preferred>,
    /// The request whose call broke off.
    pub follows: Option<String>,
    /// How many calls broke off before this one.
    pub drops: u32,
    /// When the customer first answered.
    pub answered_at: Option<Timestamp>,
    /// Its dials, in order.
    pub calls: Vec<Call>,
    /// When a dial that goes on for long was last found to be still under way.
    #[serde(default)]
    pub looked_at: Option<Timestamp>,
    /// Where it stands.
    pub state: State,
    /// Counts its changes.
    pub version: i64,
}

/// An agent who is asked first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferred {
    /// Who.
    pub agent: String,
    /// Until when nobody else is.
    pub until: Timestamp,
}

/// A dial and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// By whom.
    pub agent: String,
    /// When.
    pub dialled_at: Timestamp,
    /// When somebody picked up, where the line tells of it.
    #[serde(default)]
    pub picked_up_at: Option<Timestamp>,
    /// When the customer answered and the words were said.
    pub answered_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<Outcome>,
}

/// Where a request stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// It waits for the time that the customer chose.
    Scheduled {
        /// That time.
        opens_at: Timestamp,
    },
    /// It waits for an agent.
    Queued,
    /// An agent is asked to take it.
    Offered {
        /// Who.
        agent: String,
        /// Until when.
        until: Timestamp,
    },
    /// The number is being dialled.
    Dialling {
        /// By whom.
        agent: String,
        /// Since when.
        since: Timestamp,
    },
    /// Agent and customer talk.
    Connected {
        /// Who.
        agent: String,
        /// Since when.
        since: Timestamp,
    },
    /// Nobody answered; it is tried again.
    RetryWait {
        /// From when on.
        until: Timestamp,
    },
    /// It is over.
    Ended {
        /// When.
        at: Timestamp,
        /// How.
        how: End,
    },
}

impl State {
    /// Its word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Scheduled { .. } => "scheduled",
            Self::Queued => "queued",
            Self::Offered { .. } => "offered",
            Self::Dialling { .. } => "dialling",
            Self::Connected { .. } => "connected",
            Self::RetryWait { .. } => "retry_wait",
            Self::Ended { how, .. } => how.word(),
        }
    }
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// They talked to the end.
    Completed,
    /// The call broke off; another request goes on with it, or the case does.
    Dropped,
    /// Nobody answered, as often as it was tried.
    Exhausted,
    /// The customer does not want it any more.
    Cancelled,
    /// The customer chose another way, or the matter is solved.
    Superseded,
    /// Nobody could serve it in time.
    Expired,
    /// Whoever answered does not want to be called at all.
    OptedOut,
}

impl End {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Dropped => "dropped",
            Self::Exhausted => "exhausted",
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
            Self::Expired => "expired",
            Self::OptedOut => "opted_out",
        }
    }
}

/// What came of a dial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The customer answered, and the caller said the words first.
    Answered,
    /// It rang and nobody answered.
    NoAnswer,
    /// The line was busy.
    Busy,
    /// A machine answered.
    Voicemail,
    /// Somebody answered who does not want to be called.
    OptOut,
    /// It could not be dialled.
    Failed,
    /// Nobody said what came of it.
    Unreported,
}

/// Why something cannot be done to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    /// It is not at a state at which this can be done.
    #[error("the call-back is not at a state for this")]
    WrongState,
    /// Another agent has it.
    #[error("another agent has this call-back")]
    NotYours,
    /// Nobody calls at this hour.
    #[error("nobody is called at this hour")]
    Closed,
    /// It was offered, and the time to accept is over.
    #[error("the time to accept is over")]
    TooLate,
    /// It was dialled as often as it may be.
    #[error("no dial is left")]
    NoAttemptLeft,
    /// The words have to be said first.
    #[error("the words have to be said first")]
    WordsNotSaid,
}

/// The hours of those who call.
#[derive(Clone, Copy, Debug)]
pub struct DeskHours<'c> {
    /// When they work.
    pub calendar: &'c Calendar,
    /// When somebody can be called in for what is urgent.
    pub on_call: Option<&'c Calendar>,
}

impl DeskHours<'_> {
    /// Whether a request may be dialled.
    pub fn may_dial(&self, urgent: bool, at: Timestamp) -> bool {
        self.calendar.is_open(at) || (urgent && self.on_call.is_some_and(|on_call| on_call.is_open(at)))
    }

    /// The instant itself where a request may be dialled then, else the next one.
    pub fn next_dial(&self, urgent: bool, at: Timestamp) -> Option<Timestamp> {
        let on_call = self.on_call.filter(|_| urgent).and_then(|on_call| on_call.next_open(at));
        let desk = self.calendar.next_open(at);
        desk.into_iter().chain(on_call).min()
    }

    /// When a request of a time ends: so many hours later, and if nobody works then, with the end of the shift after
    /// that, so that no weekend ends it.
    pub fn expires_at(&self, from: Timestamp, hours: i64) -> Timestamp {
        let day = SignedDuration::from_hours(hours);
        let plain = from.checked_add(day).unwrap_or(from);
        if self.calendar.is_open(plain) {
            return plain;
        }
        let shift = self.calendar.next_open(plain).and_then(|open| self.calendar.shift_at(open));
        shift.map_or(plain, |shift| {
            shift.closes_at.min(shift.opens_at.checked_add(day).unwrap_or(shift.opens_at)).max(plain)
        })
    }
}

/// How a call ended, as it was reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallEnd {
    /// Who or what ended it.
    pub by: EndedBy,
    /// Whether the agent wrote up what came of it.
    pub summary: bool,
    /// What the agent last did before the end.
    pub agent_last_at: Option<Timestamp>,
    /// When it ended.
    pub at: Timestamp,
}

/// Who or what ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// The customer hung up.
    Customer,
    /// The agent hung up.
    Agent,
    /// The line was lost.
    ConnectionLost,
}

impl CallEnd {
    /// Whether the call broke off. Who is said to have hung up is not enough: one who hears nothing any more hangs up.
    pub fn is_dropped(&self, answered_at: Timestamp) -> bool {
        let busy = self.agent_last_at.is_some_and(|last| self.at.duration_since(last) < AGENT_WAS_BUSY);
        match self.by {
            EndedBy::ConnectionLost => true,
            EndedBy::Agent => false,
            EndedBy::Customer => !self.summary && (busy || self.at.duration_since(answered_at) < TALK_MIN),
        }
    }
}

/// Whether a customer who comes again comes with the matter of their last contact.
pub fn is_same_matter(last_ended_at: Timestamp, now: Timestamp) -> bool {
    let since = now.duration_since(last_ended_at);
    !since.is_negative() && since <= SAME_MATTER
}

impl Callback {
    /// Whether it is not over.
    pub fn is_open(&self) -> bool {
        !matches!(self.state, State::Ended { .. })
    }

    /// Whether the number may be ringing, or they talk.
    pub fn is_calling(&self) -> bool {
        matches!(self.state, State::Dialling { .. } | State::Connected { .. })
    }

    /// The agent who has it.
    pub fn agent(&self) -> Option<&str> {
        match &self.state {
            State::Offered { agent, .. } | State::Dialling { agent, .. } | State::Connected { agent, .. } => {
                Some(agent)
            }
            _ => None,
        }
    }

    /// Whether an agent may be asked now: others than the preferred one only after a while.
    pub fn may_be_offered_to(&self, agent: &str, now: Timestamp) -> bool {
        let waits_for_another =
            self.prefers.as_ref().is_some_and(|prefers| prefers.agent != agent && now < prefers.until);
        self.state == State::Queued && !waits_for_another
    }

    /// When time alone changes something next; nothing once it is over.
    pub fn next_at(&self) -> Option<Timestamp> {
        let plus = |at: Timestamp, by| at.checked_add(by).unwrap_or(at);
        match &self.state {
            State::Queued => Some(self.expires_at),
            State::Scheduled { opens_at: at } | State::RetryWait { until: at } => {
                Some((*at).min(self.expires_at))
            }
            State::Offered { until, .. } => Some(*until),
            State::Dialling { since, .. } => {
                let again = self.looked_at.map(|looked| plus(looked, LOOK_AGAIN_AFTER));
                Some(plus(*since, UNREPORTED_AFTER).max(again.unwrap_or(*since)))
            }
            State::Connected { since, .. } => Some(plus(*since, CALL_MAX)),
            State::Ended { .. } => None,
        }
    }

    /// Where a new request stands: in the queue, or waiting for the time that was chosen.
    pub fn new_state(due_at: Timestamp, now: Timestamp) -> State {
        if due_at > now { State::Scheduled { opens_at: due_at } } else { State::Queued }
    }

    /// An agent is asked to take it. That is no dial, and no attempt.
    pub fn offer(self, agent: &str, now: Timestamp, policy: &CallPolicy) -> Result<Self, Refused> {
        if !self.may_be_offered_to(agent, now) {
            return Err(Refused::WrongState);
        }
        let until = after_seconds(now, policy.offer_seconds);
        Ok(self.at_state(State::Offered { agent: agent.to_owned(), until }))
    }

    /// The agent does not take it: it keeps its place.
    pub fn decline(self, agent: &str) -> Result<Self, Refused> {
        match &self.state {
            State::Offered { agent: offered, .. } if offered == agent => Ok(self.back_in_queue()),
            State::Offered { .. } => Err(Refused::NotYours),
            _ => Err(Refused::WrongState),
        }
    }

    /// The agent takes it: from here on the number is dialled, and that is an attempt.
    pub fn accept(mut self, agent: &str, now: Timestamp, hours: DeskHours<'_>) -> Result<Self, Refused> {
        match &self.state {
            State::Offered { agent: offered, .. } if offered != agent => return Err(Refused::NotYours),
            State::Offered { until, .. } if *until <= now => return Err(Refused::TooLate),
            State::Offered { .. } => {}
            _ => return Err(Refused::WrongState),
        }
        if self.attempts >= self.attempts_max {
            return Err(Refused::NoAttemptLeft);
        }
        if !hours.may_dial(self.urgent, now) {
            return Err(Refused::Closed);
        }
        self.attempts += 1;
        let agent = agent.to_owned();
        self.calls.push(Call {
            agent: agent.clone(),
            dialled_at: now,
            picked_up_at: None,
            answered_at: None,
            ended_at: None,
            outcome: None,
        });
        Ok(self.at_state(State::Dialling { agent, since: now }))
    }

    /// The customer answered, and the caller said the words: they are used up with that.
    pub fn answered(mut self, agent: &str, words_said: bool, now: Timestamp) -> Result<Self, Refused> {
        self.is_dialled_by(agent)?;
        if !words_said {
            return Err(Refused::WordsNotSaid);
        }
        self.words = None;
        self.answered_at = self.answered_at.or(Some(now));
        if let Some(call) = self.calls.last_mut() {
            call.answered_at = Some(now);
            call.outcome = Some(Outcome::Answered);
        }
        Ok(self.at_state(State::Connected { agent: agent.to_owned(), since: now }))
    }

    /// Somebody picked up, as the line tells. The agent still has to say the words.
    pub fn picked_up(mut self, now: Timestamp) -> Result<Self, Refused> {
        match (&self.state, self.calls.last_mut()) {
            (State::Dialling { .. }, Some(call)) => {
                call.picked_up_at = call.picked_up_at.or(Some(now));
                self.version += 1;
                Ok(self)
            }
            _ => Err(Refused::WrongState),
        }
    }

    /// The line was lost before the words were said: what was picked up broke off, and goes on as any call that does.
    pub fn lost(
        mut self,
        now: Timestamp,
        hours: DeskHours<'_>,
        policy: &CallPolicy,
        again: Again,
    ) -> Result<(Self, Option<Self>), Refused> {
        let State::Dialling { agent, .. } = &self.state else { return Err(Refused::WrongState) };
        let agent = agent.clone();
        self.end_call(Outcome::Answered, now);
        let next = self.again(&agent, now, hours, policy, again);
        Ok((self.ended(End::Dropped, now), next))
    }

    /// Nobody answered: it is tried again while the desk is open, at the place it had, or that was the last time.
    /// `new_words` take the place of those that a machine may have heard.
    pub fn not_answered(
        mut self,
        agent: &str,
        outcome: Outcome,
        now: Timestamp,
        hours: DeskHours<'_>,
        policy: &CallPolicy,
        new_words: String,
    ) -> Result<Self, Refused> {
        self.is_dialled_by(agent)?;
        self.end_call(outcome, now);
        if outcome == Outcome::OptOut {
            return Ok(self.ended(End::OptedOut, now));
        }
        if outcome == Outcome::Voicemail {
            self.words = Some(new_words);
        }
        if self.attempts >= self.attempts_max {
            return Ok(self.ended(End::Exhausted, now));
        }
        let earliest = after_seconds(now, policy.retry_minutes.saturating_mul(60));
        match hours.next_dial(self.urgent, earliest).filter(|until| *until < self.expires_at) {
            Some(until) => Ok(self.at_state(State::RetryWait { until })),
            None => Ok(self.ended(End::Exhausted, now)),
        }
    }

    /// They have talked. A call that broke off goes on as another request, made by `again`, at the same place.
    pub fn hung_up(
        mut self,
        agent: &str,
        end: CallEnd,
        hours: DeskHours<'_>,
        policy: &CallPolicy,
        again: Again,
    ) -> Result<(Self, Option<Self>), Refused> {
        let State::Connected { agent: talking, since } = &self.state else { return Err(Refused::WrongState) };
        if talking != agent {
            return Err(Refused::NotYours);
        }
        let dropped = end.is_dropped(*since);
        if let Some(call) = self.calls.last_mut() {
            call.ended_at = Some(end.at);
        }
        if !dropped {
            return Ok((self.ended(End::Completed, end.at), None));
        }
        let next = self.again(agent, end.at, hours, policy, again);
        Ok((self.ended(End::Dropped, end.at), next))
    }

    /// The customer does not want it any more. Doing so twice changes nothing; who talks already hangs up instead.
    pub fn give_up(self, how: End, now: Timestamp) -> Result<Self, Refused> {
        match self.state {
            State::Ended { .. } => Ok(self),
            State::Connected { .. } | State::Dialling { .. } => Err(Refused::WrongState),
            _ => Ok(self.ended(how, now)),
        }
    }

    /// What time alone has changed; as it is, if nothing. Whether the agent who has it is still there decides about a
    /// dial of which nothing is heard.
    pub fn wake(
        mut self,
        now: Timestamp,
        agent_is_there: bool,
        hours: DeskHours<'_>,
        policy: &CallPolicy,
        new_words: String,
    ) -> Self {
        let waits = matches!(self.state, State::Scheduled { .. } | State::Queued | State::RetryWait { .. });
        if waits && self.expires_at <= now {
            return self.ended(End::Expired, now);
        }
        match &self.state {
            State::Scheduled { opens_at: at } | State::RetryWait { until: at } if *at <= now => {
                self.at_state(State::Queued)
            }
            State::Offered { until, .. } if *until <= now => self.back_in_queue(),
            State::Dialling { agent, since } => {
                let silent = now.duration_since(*since);
                let over = if agent_is_there { silent >= CALL_MAX } else { silent >= UNREPORTED_AFTER };
                if !over {
                    return self.looked_at(now);
                }
                let agent = agent.clone();
                let before = self.clone();
                self.not_answered(&agent, Outcome::Unreported, now, hours, policy, new_words)
                    .unwrap_or(before)
            }
            State::Connected { since, .. } if now.duration_since(*since) >= CALL_MAX => {
                self.end_call(Outcome::Answered, now);
                self.ended(End::Completed, now)
            }
            _ => self,
        }
    }

    /// The call that broke off, once more: not after it broke off too often.
    fn again(
        &self,
        agent: &str,
        now: Timestamp,
        hours: DeskHours<'_>,
        policy: &CallPolicy,
        again: Again,
    ) -> Option<Self> {
        if self.drops >= policy.drops_max {
            return None;
        }
        let until = hours.next_dial(self.urgent, after_seconds(now, policy.dropped_seconds))?;
        let prefers = Preferred {
            agent: agent.to_owned(),
            until: after_seconds(until, policy.same_agent_minutes.saturating_mul(60)),
        };
        Some(Self {
            callback_id: again.callback_id,
            requested_at: now,
            due_at: until,
            expires_at: hours.expires_at(until, policy.expires_hours),
            quoted: None,
            attempts: 0,
            words: Some(again.words),
            prefers: Some(prefers),
            follows: Some(self.callback_id.clone()),
            drops: self.drops + 1,
            answered_at: None,
            calls: Vec::new(),
            looked_at: None,
            state: State::RetryWait { until },
            version: 1,
            ..self.clone()
        })
    }

    /// A dial that goes on for long is looked at again later, so that it keeps nobody else from being looked at.
    fn looked_at(mut self, now: Timestamp) -> Self {
        if self.next_at().is_some_and(|next| next <= now) {
            self.looked_at = Some(now);
            self.version += 1;
        }
        self
    }

    fn is_dialled_by(&self, agent: &str) -> Result<(), Refused> {
        match &self.state {
            State::Dialling { agent: dialling, .. } if dialling == agent => Ok(()),
            State::Dialling { .. } => Err(Refused::NotYours),
            _ => Err(Refused::WrongState),
        }
    }

    fn end_call(&mut self, outcome: Outcome, now: Timestamp) {
        if let Some(call) = self.calls.last_mut() {
            call.ended_at = Some(now);
            call.outcome = Some(outcome);
        }
    }

    fn back_in_queue(self) -> Self {
        self.at_state(State::Queued)
    }

    fn ended(mut self, how: End, at: Timestamp) -> Self {
        self.words = None;
        self.at_state(State::Ended { at, how })
    }

    fn at_state(mut self, state: State) -> Self {
        self.state = state;
        self.version += 1;
        self
    }
}

/// What a call needs that is made again.
#[derive(Clone, Debug)]
pub struct Again {
    /// The new request's id.
    pub callback_id: String,
    /// The new request's words.
    pub words: String,
}

fn after_seconds(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(at)
}

#[cfg(test)]
mod tests;
