//! How a case stands against what its queue promises, and what follows where a promise is missed.
//!
//! Targets are those of the queue that has the case now; what counts against them is all that ever happened to it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::event::EscalationKind;
use super::{Case, CaseChange, CaseEvent, moments, steps};
use crate::contact::Care;
use crate::sla::{Metric, Timer, TimerState, timers};

/// What was promised and what came of it, kept with what ended the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelResult {
    /// What was promised.
    pub metric: Metric,
    /// Which time, from 1.
    pub cycle: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// By when it was to be done.
    pub due_at: Option<Timestamp>,
    /// When it was done, if it was.
    pub done_at: Option<Timestamp>,
    /// When it was missed, if it was.
    pub missed_at: Option<Timestamp>,
    /// Working time that it took.
    pub used_seconds: i64,
}

/// How a case stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// All timers, those that ended too.
    pub timers: Vec<Timer>,
    /// When the first of those that run ends, or ended.
    pub ends_at: Option<Timestamp>,
    /// When somebody has to look, because something will have been missed that nobody was told of.
    pub look_at: Option<Timestamp>,
}

/// How a case stands at a time, from its events.
pub fn levels(care: &Care, case: &Case, events: &[CaseEvent], now: Timestamp) -> Levels {
    let timers = timers_of(care, case, events, now);
    let running = || timers.iter().filter(|timer| timer.state == TimerState::Running);
    let ends_at = running().filter_map(|timer| timer.due_at).min();
    // Due exactly now is still in time.
    let after = |due: Timestamp| due.checked_add(SignedDuration::from_millis(1)).ok();
    let untold = running().filter(|timer| !is_told(case, timer));
    let look_at = untold.filter_map(|timer| after(timer.due_at?)).min();
    Levels { ends_at, look_at, timers }
}

fn timers_of(care: &Care, case: &Case, events: &[CaseEvent], now: Timestamp) -> Vec<Timer> {
    let Some(queue) = care.queues.get(&case.queue) else { return Vec::new() };
    let moments = moments(events);
    // A call that was promised for later has its deadline already.
    let promised = moments.iter().map(|moment| moment.at).fold(now, Timestamp::max);
    let until = |metric| if metric == Metric::CallbackAnswer { promised } else { now };
    let targets = care.targets_of(queue);
    targets.iter().flat_map(|target| timers(target, &moments, until(target.metric))).collect()
}

fn is_told(case: &Case, timer: &Timer) -> bool {
    case.missed.contains(&(timer.metric, timer.cycle))
}

/// What was promised and what came of it, for the end of a case.
pub fn results(care: &Care, case: &Case, events: &[CaseEvent], now: Timestamp) -> Vec<LevelResult> {
    let result = |timer: Timer| LevelResult {
        metric: timer.metric,
        cycle: timer.cycle,
        started_at: timer.started_at,
        due_at: timer.due_at,
        done_at: match timer.state {
            TimerState::Done(at) => Some(at),
            _ => None,
        },
        missed_at: timer.missed_at,
        used_seconds: timer.used_seconds,
    };
    timers_of(care, case, events, now).into_iter().map(result).collect()
}

/// What follows from promises that were missed by now: each is told once, and the case goes to those who decide more, if
/// its queue names them.
pub fn missed(care: &Care, case: &Case, events: &[CaseEvent], now: Timestamp) -> Vec<CaseChange> {
    if !case.state.is_open() {
        return Vec::new();
    }
    let timers = timers_of(care, case, events, now);
    let late = timers.iter().filter(|timer| {
        let under_way = matches!(timer.state, TimerState::Running | TimerState::Paused);
        under_way && !is_told(case, timer)
    });
    let told = late.filter_map(|timer| {
        let missed_at = timer.missed_at.filter(|missed_at| *missed_at < now)?;
        Some(CaseChange::LevelMissed { metric: timer.metric, cycle: timer.cycle, missed_at })
    });
    let mut changes: Vec<CaseChange> = told.collect();
    if !changes.is_empty() {
        changes.extend(passed_on(care, case));
    }
    changes
}

fn passed_on(care: &Care, case: &Case) -> Vec<CaseChange> {
    let to = care.queues.get(&case.queue).and_then(|queue| queue.escalates_to.as_ref());
    let Some(to) = to.filter(|to| **to != case.queue) else { return Vec::new() };
    let reason = "service level missed";
    steps::escalate(case, EscalationKind::Hierarchical, to, None, reason).unwrap_or_default()
}
