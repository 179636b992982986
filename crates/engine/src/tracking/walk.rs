//! Who looks up one number after the other, to find those of others, is slowed and then stopped.
//!
//! What a look-up answers does not depend on whose number it is, so that a walk finds nothing; this keeps it from
//! costing anything. State is a small value of each caller; where it is kept is not known here.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

/// How many look-ups are too many. Points count within [`WalkLimits::within`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalkLimits {
    /// Points are forgotten after so long.
    pub within: SignedDuration,
    /// From so many points on each further number has to wait.
    pub slowed_from: u32,
    /// For so long.
    pub slowed_for: SignedDuration,
    /// From so many points on nothing is answered.
    pub stopped_from: u32,
    /// For so long.
    pub stopped_for: SignedDuration,
    /// Numbers nearer to each other than this are looked up in sequence, and count three.
    pub near: u64,
}

impl Default for WalkLimits {
    fn default() -> Self {
        Self {
            within: SignedDuration::from_hours(1),
            slowed_from: 30,
            slowed_for: SignedDuration::from_secs(20),
            stopped_from: 90,
            stopped_for: SignedDuration::from_hours(1),
            near: 1_000,
        }
    }
}

/// What a caller has looked up lately.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    steps: VecDeque<Step>,
    not_before: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    at: Timestamp,
    place: u64,
    points: u32,
}

impl Walk {
    /// A look-up of a number in normal form. The same number again costs nothing.
    ///
    /// # Errors
    /// When to try again. Trying while waiting does not lengthen the wait.
    pub fn look_up(&mut self, number: &str, now: Timestamp, limits: &WalkLimits) -> Result<(), Timestamp> {
        if let Some(until) = self.not_before.filter(|until| now < *until) {
            return Err(until);
        }
        self.steps.retain(|step| now.duration_since(step.at) < limits.within);
        let place = place_of(number);
        if self.steps.iter().any(|step| step.place == place) {
            return Ok(());
        }
        let in_sequence = self.steps.iter().any(|step| step.place.abs_diff(place) < limits.near);
        self.steps.push_back(Step { at: now, place, points: if in_sequence { 3 } else { 1 } });
        self.not_before = self.wait(limits).and_then(|wait| now.checked_add(wait).ok());
        Ok(())
    }

    fn wait(&self, limits: &WalkLimits) -> Option<SignedDuration> {
        let points = self.steps.iter().fold(0_u32, |sum, step| sum.saturating_add(step.points));
        if points >= limits.stopped_from {
            Some(limits.stopped_for)
        } else {
            (points >= limits.slowed_from).then_some(limits.slowed_for)
        }
    }

    /// When it has nothing more to say.
    pub fn forgotten_at(&self, limits: &WalkLimits) -> Timestamp {
        let last = self.steps.back().map(|step| step.at.checked_add(limits.within).unwrap_or(Timestamp::MAX));
        last.into_iter().chain(self.not_before).max().unwrap_or(Timestamp::MIN)
    }
}

/// Numbers that follow each other have places that follow each other.
fn place_of(number: &str) -> u64 {
    number.bytes().fold(0, |place: u64, byte| {
        let (base, digit) = match byte {
            b'0'..=b'9' => (10, u64::from(byte.saturating_sub(b'0'))),
            _ => (257, u64::from(byte)),
        };
        place.wrapping_mul(base).wrapping_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    /// Looks numbers up, one each `every` seconds; how many were answered, and the first refusal.
    fn walk(numbers: impl Iterator<Item = u64>, every: i64) -> (usize, Option<(usize, i64)>) {
        let (mut walk, limits) = (Walk::default(), WalkLimits::default());
        let (mut answered, mut first) = (0, None);
        for (place, number) in numbers.enumerate() {
            let now = at(i64::try_from(place).unwrap() * every);
            match walk.look_up(&number.to_string(), now, &limits) {
                Ok(()) => answered += 1,
                Err(until) => {
                    first.get_or_insert((place, until.duration_since(now).as_secs()));
                }
            }
        }
        (answered, first)
    }

    #[test]
    fn a_person_with_a_few_parcels_never_waits() {
        assert_eq!(walk((0..29).map(|number| 400_000_000_000 + number * 7_654_321), 1), (29, None));
        assert_eq!(walk(std::iter::repeat_n(400_000_000_000, 1_000), 1), (1_000, None));
    }

    #[test]
    fn a_hundred_thousand_numbers_in_sequence_are_stopped_after_thirty_at_most() {
        let (answered, first) = walk(400_000_000_000..400_000_100_000, 0);
        assert_eq!(first, Some((11, 20)));
        assert_eq!(answered, 11);
        // At one number each second, a day and more: an hour's worth of points each hour.
        let (answered, _) = walk(400_000_000_000..400_000_100_000, 1);
        assert!((28..=31 * 30).contains(&answered), "{answered}");
    }

    #[test]
    fn many_numbers_that_have_nothing_in_common_are_slowed_too() {
        let scattered = (0..1_000_u64).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 8);
        let (answered, first) = walk(scattered, 0);
        assert_eq!((answered, first), (30, Some((30, 20))));
    }

    #[test]
    fn waiting_is_not_lengthened_by_trying_and_ends() {
        let (mut walk, limits) = (Walk::default(), WalkLimits::default());
        for number in 0..11 {
            walk.look_up(&(400_000_000_000_u64 + number).to_string(), at(0), &limits).unwrap();
        }
        for second in 1..20 {
            assert_eq!(walk.look_up("1Z999", at(second), &limits), Err(at(20)));
        }
        assert_eq!(walk.look_up("1Z999", at(20), &limits), Ok(()));
        assert_eq!(walk.forgotten_at(&limits), at(3620));
    }
}
