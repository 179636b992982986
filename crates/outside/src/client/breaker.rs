//! A circuit breaker: a party that fails again and again is left alone for a while.
//!
//! Pure: times are given along, as durations since some beginning.

use std::collections::VecDeque;
use std::time::Duration;

use serde::Serialize;

/// When to leave a party alone, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerSettings {
    /// So many failures one after the other open it.
    pub failures_in_a_row: u32,
    /// So many of the latest asks are looked at together …
    pub window: usize,
    /// … and so many failures among them open it.
    pub failures_in_window: usize,
    /// It stays open so long at first, and twice as long after each probe that fails …
    pub pause: Duration,
    /// … but never longer than this.
    pub pause_max: Duration,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            failures_in_a_row: 5,
            window: 20,
            failures_in_window: 10,
            pause: Duration::from_secs(2),
            pause_max: Duration::from_secs(60),
        }
    }
}

/// How an ask went, as far as the party's health is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It answered, whatever it said.
    Well,
    /// No connection, no answer, or one that cannot be read.
    Failed,
    /// It was not the party's fault that there is no answer.
    Undecided,
}

/// How the breaker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// The party is asked.
    Closed,
    /// The party is left alone.
    Open,
    /// One ask may try, or is trying, whether the party is back.
    HalfOpen,
}

/// Leave to ask; what came of it is told with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permit {
    era: u64,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Closed,
    Open { until: Duration, pause: Duration },
    Probing { pause: Duration },
}

/// The breaker of one party.
#[derive(Clone, Debug)]
pub struct Breaker {
    settings: BreakerSettings,
    state: State,
    /// Grows whenever the state changes: what was begun before says nothing about afterwards.
    era: u64,
    failures_in_a_row: u32,
    failed_lately: VecDeque<bool>,
    opened_times: u64,
}

impl Breaker {
    /// A closed breaker.
    pub fn new(settings: BreakerSettings) -> Self {
        Self {
            settings,
            state: State::Closed,
            era: 0,
            failures_in_a_row: 0,
            failed_lately: VecDeque::new(),
            opened_times: 0,
        }
    }

    /// Asks for leave.
    ///
    /// # Errors
    /// How long to wait before asking for leave again; zero while another one is trying.
    pub fn enter(&mut self, now: Duration) -> Result<Permit, Duration> {
        match self.state {
            State::Closed => Ok(Permit { era: self.era }),
            State::Open { until, .. } if now < until => Err(until - now),
            State::Open { pause, .. } => {
                self.change(State::Probing { pause });
                Ok(Permit { era: self.era })
            }
            State::Probing { .. } => Err(Duration::ZERO),
        }
    }

    /// Tells what came of an ask.
    pub fn leave(&mut self, now: Duration, permit: Permit, health: Health) {
        if permit.era != self.era {
            return;
        }
        match (self.state, health) {
            (State::Closed, Health::Undecided) | (State::Open { .. }, _) => {}
            (State::Closed, _) => self.note(now, health == Health::Failed),
            (State::Probing { .. }, Health::Well) => self.change(State::Closed),
            (State::Probing { pause }, Health::Failed) => {
                self.open(now, pause.saturating_mul(2).min(self.settings.pause_max));
            }
            (State::Probing { pause }, Health::Undecided) => {
                self.change(State::Open { until: now, pause });
            }
        }
    }

    /// How it stands.
    pub fn state(&self, now: Duration) -> BreakerState {
        match self.state {
            State::Closed => BreakerState::Closed,
            State::Open { until, .. } if now < until => BreakerState::Open,
            State::Open { .. } | State::Probing { .. } => BreakerState::HalfOpen,
        }
    }

    /// Failures one after the other until now.
    pub fn failures_in_a_row(&self) -> u32 {
        self.failures_in_a_row
    }

    /// How often it opened.
    pub fn opened_times(&self) -> u64 {
        self.opened_times
    }

    fn note(&mut self, now: Duration, failed: bool) {
        self.failures_in_a_row = if failed { self.failures_in_a_row.saturating_add(1) } else { 0 };
        self.failed_lately.push_back(failed);
        if self.failed_lately.len() > self.settings.window {
            self.failed_lately.pop_front();
        }
        let failures = self.failed_lately.iter().filter(|failed| **failed).count();
        if self.failures_in_a_row >= self.settings.failures_in_a_row
            || failures >= self.settings.failures_in_window
        {
            self.open(now, self.settings.pause);
        }
    }

    fn open(&mut self, now: Duration, pause: Duration) {
        self.opened_times = self.opened_times.saturating_add(1);
        self.change(State::Open { until: now.saturating_add(pause), pause });
    }

    fn change(&mut self, state: State) {
        if matches!(state, State::Closed) {
            self.failures_in_a_row = 0;
            self.failed_lately.clear();
        }
        self.state = state;
        self.era = self.era.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaker() -> Breaker {
        let settings = BreakerSettings {
            failures_in_a_row: 3,
            window: 8,
            failures_in_window: 4,
            pause: Duration::from_secs(1),
            pause_max: Duration::from_secs(3),
        };
        Breaker::new(settings)
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn ask(breaker: &mut Breaker, now: Duration, health: Health) {
        let permit = breaker.enter(now).unwrap();
        breaker.leave(now, permit, health);
    }

    fn opened() -> Breaker {
        let mut breaker = breaker();
        for _ in 0..3 {
            ask(&mut breaker, seconds(0), Health::Failed);
        }
        breaker
    }

    #[test]
    fn failures_in_a_row_open_it_and_the_pause_is_told() {
        let mut breaker = opened();
        assert_eq!(breaker.enter(Duration::from_millis(400)), Err(Duration::from_millis(600)));
        assert_eq!(breaker.state(seconds(0)), BreakerState::Open);
        assert_eq!(breaker.opened_times(), 1);
    }

    #[test]
    fn an_answer_between_failures_keeps_it_closed_until_too_many_of_the_latest_failed() {
        let mut breaker = breaker();
        for _ in 0..3 {
            ask(&mut breaker, seconds(0), Health::Failed);
            ask(&mut breaker, seconds(0), Health::Well);
        }
        assert_eq!(breaker.state(seconds(0)), BreakerState::Closed);
        ask(&mut breaker, seconds(0), Health::Failed);
        assert_eq!(breaker.state(seconds(0)), BreakerState::Open);
    }

    #[test]
    fn after_the_pause_one_may_try_and_closes_it() {
        let mut breaker = opened();
        let probe = breaker.enter(seconds(1)).unwrap();
        assert_eq!(breaker.enter(seconds(1)), Err(Duration::ZERO), "only one tries");
        breaker.leave(seconds(1), probe, Health::Well);
        assert_eq!(breaker.state(seconds(1)), BreakerState::Closed);
        ask(&mut breaker, seconds(1), Health::Failed);
        assert_eq!(breaker.state(seconds(1)), BreakerState::Closed, "earlier failures are forgotten");
    }

    #[test]
    fn probes_that_fail_make_the_pause_longer_up_to_its_limit() {
        let mut breaker = opened();
        let mut now = seconds(1);
        for pause in [2, 3, 3] {
            ask(&mut breaker, now, Health::Failed);
            assert_eq!(breaker.enter(now), Err(seconds(pause)));
            now += seconds(pause);
        }
    }

    #[test]
    fn a_probe_that_was_given_up_lets_another_try() {
        let mut breaker = opened();
        ask(&mut breaker, seconds(1), Health::Undecided);
        assert!(breaker.enter(seconds(1)).is_ok());
    }

    #[test]
    fn what_was_begun_before_it_opened_changes_nothing_afterwards() {
        let mut breaker = breaker();
        let early = breaker.enter(seconds(0)).unwrap();
        for _ in 0..3 {
            ask(&mut breaker, seconds(0), Health::Failed);
        }
        let probe = breaker.enter(seconds(1)).unwrap();
        breaker.leave(seconds(1), early, Health::Well);
        assert_eq!(breaker.state(seconds(1)), BreakerState::HalfOpen);
        breaker.leave(seconds(1), probe, Health::Failed);
        breaker.leave(seconds(1), early, Health::Well);
        assert_eq!(breaker.state(seconds(1)), BreakerState::Open);
    }
}
