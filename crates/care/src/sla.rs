//! Service levels: by when somebody has answered, answered again, solved the matter, called back.
//!
//! A deadline is never kept as a running number: it is reckoned from the list of what happened, the policy and the
//! calendars, so that a policy that changes, a pause or an event that is told late changes it rightly.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// From the customer's request to the first answer of a person that the customer sees.
    FirstReply,
    /// From the oldest message that nobody has answered to the next answer, once there was a first one.
    NextReply,
    /// From the request until the matter is solved.
    Resolution,
    /// From the time for which a call was promised until the call.
    CallbackAnswer,
}

/// What happened, as far as service levels care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// The customer opened the matter, with what they want to know.
    Opened,
    /// The customer wrote something that wants an answer.
    CustomerWrote,
    /// A person of the desk answered so that the customer sees it.
    StaffReplied,
    /// The customer is asked for something: it is their turn.
    CustomerAsked,
    /// Somebody else, such as a carrier, is waited for.
    OnHold,
    /// The desk goes on with it.
    Resumed,
    /// It is solved.
    Solved,
    /// The customer says that it is not.
    Reopened,
    /// It is over for another reason: merged, closed.
    Ended,
    /// A call was promised for this time.
    CallbackDue,
    /// The customer was called and answered.
    CalledBack,
    /// The promised call is not wanted any more.
    CallbackEnded,
}

/// Something that happened, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: Happening,
}

/// By when something has to be done, counted in the hours of a calendar.
#[derive(Clone, Debug)]
pub struct Target<'c> {
    /// What.
    pub metric: Metric,
    /// Within so much working time.
    pub within: SignedDuration,
    /// Whose hours.
    pub calendar: &'c Calendar,
    /// Whether time stands still while it is the customer's turn.
    pub pauses_for_customer: bool,
    /// Whether time stands still while somebody else is waited for.
    pub pauses_on_hold: bool,
}

/// How a target stands. A metric that begins anew, such as the next reply, has one for each time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Timer {
    /// What.
    pub metric: Metric,
    /// From 1.
    pub cycle: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// By when, while it runs or after it ended; nothing while it pauses, or where nobody ever works again.
    pub due_at: Option<Timestamp>,
    /// Working time that was used.
    pub used_seconds: i64,
    /// Whether it runs.
    pub state: TimerState,
    /// When it was or will have been missed, if it was by the time asked for.
    pub missed_at: Option<Timestamp>,
}

/// Whether a timer runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "at")]
pub enum TimerState {
    /// Time passes.
    Running,
    /// It is somebody else's turn.
    Paused,
    /// It was done then, in time or not.
    Done(Timestamp),
    /// It is not wanted any more.
    Dropped(Timestamp),
}

impl Timer {
    /// Whether the target was missed.
    pub fn is_missed(&self) -> bool {
        self.missed_at.is_some()
    }

    /// The instant at which such a part of the target (in percent) has passed, for warnings; nothing unless it runs.
    pub fn part_at(&self, target: &Target<'_>, percent: i32) -> Option<Timestamp> {
        let TimerState::Running = self.state else { return None };
        let left = target.within.checked_mul(100 - percent)?.checked_div(100)?;
        let due = self.due_at?;
        // Counted from its start: what was used and what is left of the part.
        let mut early = self.started_at;
        let mut late = due;
        while late.duration_since(early) > SignedDuration::from_secs(1) {
            let middle = early.checked_add(late.duration_since(early).checked_div(2)?).ok()?;
            if target.calendar.between(middle, due) > left { early = middle } else { late = middle }
        }
        Some(late)
    }
}

/// How a target stands at a time, from all that happened, in the order in which it happened.
pub fn timers(target: &Target<'_>, moments: &[Moment], now: Timestamp) -> Vec<Timer> {
    let mut clock = Clock { target, ended: Vec::new(), running: None, paused: false, replied: false };
    let mut moments: Vec<Moment> = moments.iter().copied().filter(|moment| moment.at <= now).collect();
    moments.sort_by_key(|moment| moment.at);
    for moment in moments {
        clock.tell(moment);
    }
    clock.finish(now)
}

struct Clock<'t, 'c> {
    target: &'t Target<'c>,
    ended: Vec<Timer>,
    running: Option<Running>,
    /// Whose turn it is, apart from whether a timer runs.
    paused: bool,
    /// Whether a person has answered at all.
    replied: bool,
}

/// A timer that has begun and not ended.
struct Running {
    started_at: Timestamp,
    used: SignedDuration,
    /// Since when time passes; nothing while it pauses.
    since: Option<Timestamp>,
    missed_at: Option<Timestamp>,
}

impl Clock<'_, '_> {
    fn tell(&mut self, moment: Moment) {
        use Happening::{
            CallbackDue, CallbackEnded, CalledBack, CustomerAsked, CustomerWrote, Ended, OnHold, Opened,
            Reopened, Resumed, Solved, StaffReplied,
        };
        let at = moment.at;
        match (self.target.metric, moment.what) {
            (Metric::FirstReply | Metric::Resolution, Opened) => self.start(at),
            (Metric::FirstReply | Metric::NextReply, StaffReplied) => {
                self.replied = true;
                self.end(at, TimerState::Done(at));
            }
            (Metric::NextReply, CustomerWrote | Reopened) if self.replied => {
                self.pause(at, false);
                self.start(at);
            }
            (Metric::Resolution, Reopened) => {
                self.paused = false;
                self.start(at);
            }
            (Metric::Resolution, CustomerWrote | Resumed) => self.pause(at, false),
            (Metric::Resolution, Solved) => self.end(at, TimerState::Done(at)),
            (Metric::FirstReply | Metric::NextReply, Solved) | (_, Ended) => {
                self.end(at, TimerState::Dropped(at));
            }
            // Asking the customer something is an answer, so only what goes on until the end can pause for it.
            (Metric::Resolution, CustomerAsked) => self.pause(at, self.target.pauses_for_customer),
            (Metric::Resolution | Metric::NextReply, OnHold) => self.pause(at, self.target.pauses_on_hold),
            (Metric::NextReply, Resumed) => self.pause(at, false),
            (Metric::CallbackAnswer, CallbackDue) => self.start(at),
            (Metric::CallbackAnswer, CalledBack) => self.end(at, TimerState::Done(at)),
            (Metric::CallbackAnswer, CallbackEnded) => self.end(at, TimerState::Dropped(at)),
            _ => {}
        }
    }

    /// Begins, unless it runs already: what counts is the oldest message that nobody has answered.
    fn start(&mut self, at: Timestamp) {
        if self.running.is_none() {
            let since = (!self.paused).then_some(at);
            self.running =
                Some(Running { started_at: at, used: SignedDuration::ZERO, since, missed_at: None });
        }
    }

    fn pause(&mut self, at: Timestamp, paused: bool) {
        self.paused = paused;
        let target = self.target;
        if let Some(running) = &mut self.running {
            running.pass_until(at, target);
            running.since = (!paused).then_some(at);
        }
    }

    fn end(&mut self, at: Timestamp, state: TimerState) {
        if let Some(mut running) = self.running.take() {
            let due_at = running.due(self.target);
            running.pass_until(at, self.target);
            self.ended.push(self.timer(&running, due_at, state));
        }
    }

    fn finish(mut self, now: Timestamp) -> Vec<Timer> {
        if let Some(mut running) = self.running.take() {
            let due_at = running.due(self.target);
            let state = if running.since.is_some() { TimerState::Running } else { TimerState::Paused };
            running.pass_until(now, self.target);
            self.ended.push(self.timer(&running, due_at, state));
        }
        self.ended
    }

    fn timer(&self, running: &Running, due_at: Option<Timestamp>, state: TimerState) -> Timer {
        Timer {
            metric: self.target.metric,
            cycle: u32::try_from(self.ended.len()).unwrap_or(u32::MAX).saturating_add(1),
            started_at: running.started_at,
            due_at,
            used_seconds: running.used.as_secs(),
            state,
            missed_at: running.missed_at,
        }
    }
}

impl Running {
    /// By when, as things stand; nothing while it pauses.
    fn due(&self, target: &Target<'_>) -> Option<Timestamp> {
        let left = target.within.saturating_sub(self.used).max(SignedDuration::ZERO);
        self.missed_at.or_else(|| target.calendar.add(self.since?, left))
    }

    fn pass_until(&mut self, at: Timestamp, target: &Target<'_>) {
        let Some(since) = self.since else { return };
        // Due exactly now is in time.
        self.missed_at = self.missed_at.or_else(|| self.due(target).filter(|due| *due < at));
        self.used = self.used.saturating_add(target.calendar.between(since, at));
        self.since = Some(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::OpenRange;
    use Happening::*;
    use jiff::civil::Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    fn lunch() -> Calendar {
        let days = [Monday, Tuesday, Wednesday, Thursday, Friday];
        [(9, 12), (13, 18)]
            .into_iter()
            .fold(Calendar::new(TimeZone::get("Asia/Tokyo").unwrap()), |calendar, (from, to)| {
                calendar.with_hours(&days, OpenRange::new(from * 60, to * 60).unwrap())
            })
    }

    fn target(metric: Metric, minutes: i64, calendar: &Calendar) -> Target<'_> {
        let within = SignedDuration::from_mins(minutes);
        Target { metric, within, calendar, pauses_for_customer: true, pauses_on_hold: true }
    }

    /// On Friday, 2 October 2026.
    fn friday(clock: &str) -> Timestamp {
        format!("2026-10-02T{clock}:00+09:00").parse().unwrap()
    }

    fn moments(rows: &[(&str, Happening)]) -> Vec<Moment> {
        rows.iter().map(|(clock, what)| Moment { at: friday(clock), what: *what }).collect()
    }

    #[test]
    fn a_pause_moves_the_deadline_past_lunch() {
        let calendar = lunch();
        let happened = moments(&[("09:00", Opened), ("09:30", CustomerAsked), ("11:00", CustomerWrote)]);
        let timers = timers(&target(Metric::Resolution, 120, &calendar), &happened, friday("11:00"));
        assert_eq!(timers[0].due_at, Some(friday("13:30")));
        assert_eq!(timers[0].used_seconds, 30 * 60);
    }

    #[test]
    fn while_it_pauses_there_is_no_deadline_and_nothing_is_missed() {
        let calendar = lunch();
        let happened = moments(&[("09:00", Opened), ("09:30", OnHold)]);
        let timers = timers(&target(Metric::Resolution, 60, &calendar), &happened, friday("17:00"));
        assert_eq!((timers[0].due_at, timers[0].state), (None, TimerState::Paused));
        assert!(!timers[0].is_missed());
    }

    #[test]
    fn only_an_answer_that_the_customer_sees_is_a_first_reply_and_the_second_is_counted_from_the_oldest_message()
     {
        let calendar = lunch();
        let happened = moments(&[
            ("09:00", Opened),
            ("09:10", CustomerWrote),
            ("09:30", StaffReplied),
            ("10:00", CustomerWrote),
            ("10:20", CustomerWrote),
            ("10:45", StaffReplied),
            ("10:50", CustomerWrote),
        ]);
        let at = |metric| timers(&target(metric, 40, &calendar), &happened, friday("11:00"));
        let first = at(Metric::FirstReply);
        assert_eq!(first.len(), 1);
        assert_eq!((first[0].state, first[0].used_seconds), (TimerState::Done(friday("09:30")), 30 * 60));
        let next = at(Metric::NextReply);
        assert_eq!((next[0].started_at, next[0].is_missed()), (friday("10:00"), true));
        assert_eq!(next[0].missed_at, Some(friday("10:40")));
        assert_eq!((next[1].cycle, next[1].due_at), (2, Some(friday("11:30"))));
    }

    #[test]
    fn the_first_reply_keeps_its_own_target_whatever_the_next_one_is() {
        let calendar = lunch();
        let happened = moments(&[("09:00", Opened), ("09:05", CustomerWrote)]);
        let next = timers(&target(Metric::NextReply, 10, &calendar), &happened, friday("17:00"));
        assert!(next.is_empty());
        let first = timers(&target(Metric::FirstReply, 240, &calendar), &happened, friday("09:30"));
        assert_eq!(first[0].due_at, Some(friday("14:00")));
    }

    #[test]
    fn thanks_after_solving_keep_nothing_running() {
        let calendar = lunch();
        let happened = moments(&[
            ("09:00", Opened),
            ("09:20", StaffReplied),
            ("09:30", CustomerWrote),
            ("09:40", Solved),
        ]);
        let next = timers(&target(Metric::NextReply, 30, &calendar), &happened, friday("17:00"));
        assert_eq!(next[0].state, TimerState::Dropped(friday("09:40")));
        assert!(!next[0].is_missed());
    }

    #[test]
    fn done_at_the_last_moment_is_in_time_and_a_second_later_is_not() {
        let calendar = lunch();
        let done = |clock: &str| {
            let happened = moments(&[("09:00", Opened), (clock, StaffReplied)]);
            timers(&target(Metric::FirstReply, 60, &calendar), &happened, friday("17:00"))[0].is_missed()
        };
        assert!(!done("10:00") && done("10:01"));
    }

    #[test]
    fn a_call_that_is_not_wanted_any_more_is_not_late() {
        let calendar = lunch();
        let happened = moments(&[("09:00", CallbackDue), ("09:05", CallbackEnded)]);
        let timers = timers(&target(Metric::CallbackAnswer, 10, &calendar), &happened, friday("12:00"));
        assert_eq!(timers[0].state, TimerState::Dropped(friday("09:05")));
        assert!(!timers[0].is_missed());
    }

    #[test]
    fn warnings_come_at_a_part_of_working_time() {
        let calendar = lunch();
        let target = target(Metric::FirstReply, 240, &calendar);
        let timer = timers(&target, &moments(&[("10:00", Opened)]), friday("10:05")).remove(0);
        assert_eq!(timer.due_at, Some(friday("15:00")));
        let warned_at = timer.part_at(&target, 75).unwrap();
        assert!(warned_at.duration_since(friday("14:00")).abs() <= SignedDuration::from_secs(1));
    }

    proptest! {
        #[test]
        fn a_case_is_never_late_before_its_deadline_and_always_after_it(
            opened in 0..1440_i64, minutes in 1..2_000_i64, looked in 0..10_000_i64,
        ) {
            let calendar = lunch();
            let start = friday("00:00") + SignedDuration::from_mins(opened);
            let now = start + SignedDuration::from_mins(looked);
            let happened = [Moment { at: start, what: Opened }];
            let timer = timers(&target(Metric::FirstReply, minutes, &calendar), &happened, now).remove(0);
            let due = calendar.add(start, SignedDuration::from_mins(minutes)).unwrap();
            prop_assert_eq!(timer.due_at, Some(due));
            prop_assert_eq!(timer.is_missed(), due < now);
        }

        #[test]
        fn a_pause_lengthens_by_the_working_time_in_it(from in 1..300_i64, length in 1..5_000_i64) {
            let calendar = lunch();
            let start = friday("09:00");
            let at = |minutes| start + SignedDuration::from_mins(minutes);
            let happened = [
                Moment { at: start, what: Opened },
                Moment { at: at(from), what: OnHold },
                Moment { at: at(from + length), what: Resumed },
            ];
            let timer = timers(&target(Metric::Resolution, 2_000, &calendar), &happened, at(from + length)).remove(0);
            let used = calendar.between(start, at(from));
            let due = calendar.add(at(from + length), SignedDuration::from_mins(2_000) - used);
            prop_assert_eq!(timer.due_at, due);
        }
    }
}
