//! How long one waits for a person, and how many people it takes.
//!
//! Erlang C for a desk as a whole; for one who stands in the queue with `k` ahead while `N` agents are busy the wait
//! is the sum of `k + 1` ends of calls, Erlang distributed. Both take it that nobody hangs up, so they rather promise
//! too long a wait and too many people than the opposite. These are the only floats of customer care.

use jiff::SignedDuration;

/// A desk: how much comes, how long it takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// Contacts an hour.
    pub arrivals_per_hour: f64,
    /// Mean time that one contact keeps an agent busy, in seconds, with what is written up after it.
    pub handle_seconds: f64,
}

/// What a number of agents means for those who wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Service {
    /// How likely one has to wait at all.
    pub wait_probability: f64,
    /// Which part is answered within the target.
    pub service_level: f64,
    /// Mean wait over all, in seconds.
    pub mean_wait_seconds: f64,
    /// Which part of their time agents are busy.
    pub occupancy: f64,
}

impl Load {
    /// In Erlang: agents who are busy on average.
    pub fn offered(&self) -> f64 {
        self.arrivals_per_hour * self.handle_seconds / 3600.0
    }

    /// What `agents` mean for a target in seconds; nothing where more comes than they can do, because the queue then
    /// grows for ever.
    pub fn served_by(&self, agents: u32, target_seconds: f64) -> Option<Service> {
        let offered = self.offered();
        let wait_probability = erlang_c(offered, agents)?;
        let spare = f64::from(agents) - offered;
        let service_level = 1.0 - wait_probability * (-spare * target_seconds / self.handle_seconds).exp();
        Some(Service {
            wait_probability,
            service_level,
            mean_wait_seconds: wait_probability * self.handle_seconds / spare,
            occupancy: offered / f64::from(agents),
        })
    }

    /// The fewest agents who answer such a part within the target; nothing where no number up to [`AGENTS_MAX`] does.
    pub fn agents_for(&self, part: f64, target_seconds: f64) -> Option<u32> {
        if !(self.offered().is_finite() && self.offered() >= 0.0 && part < 1.0) {
            return None;
        }
        (1..=AGENTS_MAX).find(|agents| {
            self.served_by(*agents, target_seconds).is_some_and(|service| service.service_level >= part)
        })
    }
}

/// The most agents that a suggestion looks at.
pub const AGENTS_MAX: u32 = 5_000;

/// How likely all of `agents` are busy where nobody waits.
pub fn erlang_b(offered: f64, agents: u32) -> f64 {
    (1..=agents).fold(1.0, |blocked, busy| offered * blocked / (f64::from(busy) + offered * blocked))
}

/// How likely one has to wait; nothing where the queue grows for ever.
pub fn erlang_c(offered: f64, agents: u32) -> Option<f64> {
    let stable = offered.is_finite() && offered >= 0.0 && offered < f64::from(agents);
    let blocked = erlang_b(offered, agents);
    let occupancy = offered / f64::from(agents);
    stable.then(|| blocked / (1.0 - occupancy * (1.0 - blocked)))
}

/// How long one waits, as far as it can be told: half wait at most `p50`, nine of ten at most `p90`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Wait {
    /// Half wait at most so long.
    pub p50: Seconds,
    /// Eight of ten wait at most so long.
    pub p80: Seconds,
    /// Nine of ten wait at most so long.
    pub p90: Seconds,
}

/// Whole seconds, rounded up.
pub type Seconds = u32;

impl Wait {
    /// Somebody is free.
    pub const NONE: Self = Self { p50: 0, p80: 0, p90: 0 };

    /// The wait of one who has `ahead` before them while `agents` are busy for `handle_seconds` a contact; nothing
    /// where nobody works.
    pub fn in_queue(ahead: u32, agents: u32, handle_seconds: u32) -> Option<Self> {
        if agents == 0 || handle_seconds == 0 {
            return None;
        }
        let one_ends_after = f64::from(handle_seconds) / f64::from(agents);
        let quantile = |part| seconds(quantile_of_ends(ahead, part) * one_ends_after);
        Some(Self { p50: quantile(0.5), p80: quantile(0.8), p90: quantile(0.9) })
    }

    /// Each part longer by the same.
    #[must_use]
    pub fn after(self, seconds: Seconds) -> Self {
        let later = |part: Seconds| part.saturating_add(seconds);
        Self { p50: later(self.p50), p80: later(self.p80), p90: later(self.p90) }
    }

    /// Minutes from `p50` to `p90`, each rounded up: what customers are told, never a single figure.
    pub fn minutes(self) -> (u32, u32) {
        (self.p50.div_ceil(60), self.p90.div_ceil(60))
    }

    /// The time of `p90` as a duration.
    pub fn longest(self) -> SignedDuration {
        SignedDuration::from_secs(i64::from(self.p90))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // cut off at both ends before
fn seconds(wait: f64) -> Seconds {
    // A whole number that a rounding error has lifted by a hair stays what it is.
    (wait - 1e-6).ceil().clamp(0.0, f64::from(Seconds::MAX)) as Seconds
}

/// How likely `ahead + 1` ends have come within a time, where one comes in each unit of time on average.
fn come_within(ahead: u32, time: f64) -> f64 {
    if time <= 0.0 {
        return 0.0;
    }
    // Each term of the Poisson sum as a logarithm: e^-time alone is nothing for long queues.
    let mut term = -time;
    let mut not_yet = term.exp();
    for ends in 1..=ahead {
        term += (time / f64::from(ends)).ln();
        not_yet += term.exp();
    }
    1.0 - not_yet
}

/// The time within which `ahead + 1` ends come with such a probability, by halving.
fn quantile_of_ends(ahead: u32, part: f64) -> f64 {
    let ends = f64::from(ahead) + 1.0;
    let (mut low, mut high) = (0.0, ends + 10.0 * ends.sqrt() + 10.0);
    for _ in 0..64 {
        let middle = f64::midpoint(low, high);
        if come_within(ahead, middle) < part { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(found: f64, expected: f64, by: f64) {
        assert!((found - expected).abs() <= by, "{found} is not {expected}");
    }

    #[test]
    fn one_in_the_queue_waits_for_as_many_ends_as_there_are_ahead_and_one_more() {
        let rows = [
            (0, 1, 300, 207.9, 482.8, 690.8),
            (4, 3, 300, 467.1, 672.1, 799.4),
            (9, 3, 300, 966.9, 1251.9, 1420.6),
            (0, 5, 420, 58.2, 135.2, 193.4),
            (19, 10, 360, 708.0, 850.8, 932.5),
        ];
        for (ahead, agents, handle, p50, p80, p90) in rows {
            let one = f64::from(handle) / f64::from(agents);
            for (part, expected) in [(0.5, p50), (0.8, p80), (0.9, p90)] {
                near(quantile_of_ends(ahead, part) * one, expected, 0.06);
            }
            let wait = Wait::in_queue(ahead, agents, handle).unwrap();
            near(f64::from(wait.p90), p90 + 0.5, 0.6);
        }
    }

    #[test]
    fn a_desk_of_two_hundred_contacts_an_hour_is_as_the_tables_say() {
        let load = Load { arrivals_per_hour: 200.0, handle_seconds: 180.0 };
        let rows = [
            (11, 0.682118, 0.389614, 122.7813, 0.9091),
            (12, 0.449388, 0.640158, 40.4449, 0.8333),
            (13, 0.285270, 0.795595, 17.1162, 0.7692),
            (14, 0.174132, 0.888350, 7.8359, 0.7143),
            (15, 0.102042, 0.941453, 3.6735, 0.6667),
        ];
        for (agents, wait, level, mean, occupancy) in rows {
            let service = load.served_by(agents, 20.0).unwrap();
            near(service.wait_probability, wait, 1e-6);
            near(service.service_level, level, 1e-6);
            near(service.mean_wait_seconds, mean, 1e-4);
            near(service.occupancy, occupancy, 1e-4);
        }
        assert_eq!(load.agents_for(0.8, 20.0), Some(14));
    }

    #[test]
    fn a_large_desk_does_not_overflow() {
        let load = Load { arrivals_per_hour: 3000.0, handle_seconds: 240.0 };
        let service = load.served_by(210, 20.0).unwrap();
        near(service.wait_probability, 0.375615, 1e-6);
        near(service.service_level, 0.836758, 1e-6);
        near(service.mean_wait_seconds, 9.0148, 1e-4);
    }

    #[test]
    fn a_queue_that_grows_for_ever_has_no_figures() {
        let load = Load { arrivals_per_hour: 200.0, handle_seconds: 180.0 };
        assert_eq!(load.served_by(10, 20.0), None);
        assert_eq!(load.served_by(0, 20.0), None);
        assert_eq!(Wait::in_queue(3, 0, 300), None);
    }

    #[test]
    fn customers_are_told_minutes_that_are_rounded_up() {
        assert_eq!(Wait::in_queue(4, 3, 300).map(Wait::minutes), Some((8, 14)));
        assert_eq!(Wait::NONE.minutes(), (0, 0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn more_ahead_wait_longer_and_more_agents_shorten_it(ahead in 0..2_000_u32, agents in 1..50_u32) {
            let wait = |ahead, agents| Wait::in_queue(ahead, agents, 300).unwrap();
            let here = wait(ahead, agents);
            prop_assert!(here.p50 <= here.p80 && here.p80 <= here.p90);
            prop_assert!(wait(ahead + 1, agents).p90 >= here.p90);
            prop_assert!(wait(ahead, agents + 1).p90 <= here.p90);
        }

        #[test]
        fn one_more_agent_never_makes_anybody_wait_longer(arrivals in 1..500_u32, handle in 30..900_u32) {
            let load = Load { arrivals_per_hour: f64::from(arrivals), handle_seconds: f64::from(handle) };
            let fewest = load.agents_for(0.8, 20.0).unwrap();
            let here = load.served_by(fewest, 20.0).unwrap();
            let more = load.served_by(fewest + 1, 20.0).unwrap();
            prop_assert!(more.mean_wait_seconds <= here.mean_wait_seconds);
            let fewer = load.served_by(fewest - 1, 20.0);
            prop_assert!(fewer.is_none_or(|fewer| fewer.service_level < 0.8));
        }
    }
}
