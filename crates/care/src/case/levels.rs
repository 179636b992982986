//! How a case stands against what its queue promises, and what follows where a promise is near or missed.
//!
//! Targets are those of the queue that has the case now; what counts against them is all that ever happened to it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::event::EscalationKind;
use super::{Case, CaseChange, CaseEvent, moments, steps};
use crate::contact::Care;
use crate::sla::{Metric, Target, Timer, TimerState, timers};

/// So much of the working time of a promise has passed when those who work on it are told that little is left.
const WARNED_AT_PERCENT: i32 = 75;

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
    /// Whether little time is left for one of those that run, or none.
    pub is_near: bool,
    /// When somebody has to look, because something will be near or missed that nobody was told of.
    pub look_at: Option<Timestamp>,
}

/// How a case stands at a time, from its events.
pub fn levels(care: &Care, case: &Case, events: &[CaseEvent], now: Timestamp) -> Levels {
    let timed = timers_of(care, case, events, now);
    let running = || timed.iter().filter(|(_, timer)| timer.state == TimerState::Running);
    let ends_at = running().filter_map(|(_, timer)| timer.due_at).min();
    let is_near = running().any(|(_, timer)| is_in(&case.warned, timer) || is_in(&case.missed, timer));
    let look_at = running().filter_map(|(target, timer)| next_look(case, target, timer)).min();
    Levels { ends_at, is_near, look_at, timers: timed.into_iter().map(|(_, timer)| timer).collect() }
}

/// When a timer that runs has something to tell that was not told: that it is near, then that it is missed.
fn next_look(case: &Case, target: &Target<'_>, timer: &Timer) -> Option<Timestamp> {
    if is_in(&case.missed, timer) {
        return None;
    }
    if is_in(&case.warned, timer) {
        // Due exactly now is still in time.
        return timer.due_at?.checked_add(SignedDuration::from_millis(1)).ok();
    }
    timer.part_at(target, WARNED_AT_PERCENT)
}

fn timers_of<'c>(
    care: &'c Care,
    case: &Case,
    events: &[CaseEvent],
    now: Timestamp,
) -> Vec<(Target<'c>, Timer)> {
    let Some(queue) = care.queues.get(&case.queue) else { return Vec::new() };
    let moments = moments(events);
    // A call that was promised for later has its deadline already.
    let promised = moments.iter().map(|moment| moment.at).fold(now, Timestamp::max);
    let until = |metric| if metric == Metric::CallbackAnswer { promised } else { now };
    let of_target = |target: Target<'c>| {
        let timers = timers(&target, &moments, until(target.metric));
        timers.into_iter().map(move |timer| (target.clone(), timer))
    };
    care.targets_of(queue).into_iter().flat_map(of_target).collect()
}

fn is_in(told: &[(Metric, u32)], timer: &Timer) -> bool {
    told.contains(&(timer.metric, timer.cycle))
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
    timers_of(care, case, events, now).into_iter().map(|(_, timer)| result(timer)).collect()
}

/// What follows from promises that are near by now, or were missed: each is told once. With one that was missed, the case
/// goes to those who decide more, if its queue names them.
pub fn told(care: &Care, case: &Case, events: &[CaseEvent], now: Timestamp) -> Vec<CaseChange> {
    if !case.state.is_open() {
        return Vec::new();
    }
    let timed = timers_of(care, case, events, now);
    let under_way = |timer: &Timer| matches!(timer.state, TimerState::Running | TimerState::Paused);
    let under_way: Vec<_> = timed.iter().filter(|(_, timer)| under_way(timer)).collect();
    let mut changes: Vec<CaseChange> =
        under_way.iter().filter_map(|(_, timer)| missed(case, timer, now)).collect();
    if !changes.is_empty() {
        changes.extend(passed_on(care, case));
    }
    changes.extend(under_way.iter().filter_map(|(target, timer)| warned(case, target, timer, now)));
    changes
}

fn missed(case: &Case, timer: &Timer, now: Timestamp) -> Option<CaseChange> {
    let missed_at = timer.missed_at.filter(|missed_at| *missed_at < now && !is_in(&case.missed, timer))?;
    Some(CaseChange::LevelMissed { metric: timer.metric, cycle: timer.cycle, missed_at })
}

fn warned(case: &Case, target: &Target<'_>, timer: &Timer, now: Timestamp) -> Option<CaseChange> {
    if is_in(&case.warned, timer) || timer.is_missed() {
        return None;
    }
    timer.part_at(target, WARNED_AT_PERCENT).filter(|warn_at| *warn_at <= now)?;
    Some(CaseChange::LevelWarned { metric: timer.metric, cycle: timer.cycle, due_at: timer.due_at? })
}

fn passed_on(care: &Care, case: &Case) -> Vec<CaseChange> {
    let to = care.queues.get(&case.queue).and_then(|queue| queue.escalates_to.as_ref());
    let Some(to) = to.filter(|to| **to != case.queue) else { return Vec::new() };
    let reason = "service level missed";
    steps::escalate(case, EscalationKind::Hierarchical, to, None, reason).unwrap_or_default()
}
