//! How often something may be done within a time: a pure rule over two counts.
//!
//! The time is cut into windows. What counts is what was done in this window, and of the window before it as large a
//! part as still lies within the time: so nobody can do twice as much around the end of a window, and a subject needs
//! two numbers, however often it comes.

use choba_store::books::Counted;
use jiff::SignedDuration;

/// So many within a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub most: i64,
    /// The time.
    pub within: SignedDuration,
}

impl Limit {
    /// A limit.
    pub const fn new(most: i64, within: SignedDuration) -> Self {
        Self { most, within }
    }

    /// Counts one more at an instant in epoch milliseconds.
    ///
    /// # Errors
    /// When there will be room for it, in epoch milliseconds.
    pub(crate) fn admit(self, known: Counted, at: i64) -> Result<Counted, i64> {
        let now = self.moved_to(known, at);
        if self.weight(&now, at) >= self.most {
            return Err(self.room_at(&now));
        }
        Ok(Counted { counted: now.counted.saturating_add(1), ..now })
    }

    /// Takes one away that was counted a moment ago.
    pub(crate) fn take_back(self, known: Counted, at: i64) -> Counted {
        let now = self.moved_to(known, at);
        if now.counted > 0 {
            Counted { counted: now.counted.saturating_sub(1), ..now }
        } else {
            Counted { counted_before: now.counted_before.saturating_sub(1).max(0), ..now }
        }
    }

    fn length(self) -> i64 {
        i64::try_from(self.within.as_millis()).unwrap_or(i64::MAX).max(1)
    }

    /// What was counted, as it stands in the window of an instant. A clock that went back stays in the later window.
    fn moved_to(self, known: Counted, at: i64) -> Counted {
        let length = self.length();
        let begins_at = at.saturating_sub(at.rem_euclid(length)).max(known.begins_at);
        let (counted, counted_before) = match begins_at.saturating_sub(known.begins_at) {
            0 => (known.counted, known.counted_before),
            passed if passed == length => (0, known.counted),
            _ => (0, 0),
        };
        let forgotten_at = begins_at.saturating_add(length.saturating_mul(2));
        Counted { begins_at, counted, counted_before, forgotten_at }
    }

    /// What counts now; a part of one counts as one.
    fn weight(self, now: &Counted, at: i64) -> i64 {
        let length = self.length();
        let left = length.saturating_sub(at.saturating_sub(now.begins_at)).clamp(0, length);
        let before = i128::from(now.counted_before) * i128::from(left);
        let part = before.unsigned_abs().div_ceil(length.unsigned_abs().into());
        now.counted.saturating_add(i64::try_from(part).unwrap_or(i64::MAX))
    }

    /// The first instant at which one more would fit.
    fn room_at(self, now: &Counted) -> i64 {
        let length = self.length();
        // Nothing fits until the window is over where it alone has used all up.
        let (begins_at, before, counted) = if now.counted >= self.most {
            (now.begins_at.saturating_add(length), now.counted, 0)
        } else {
            (now.begins_at, now.counted_before, now.counted)
        };
        let free = self.most.saturating_sub(counted).saturating_sub(1).max(0);
        let kept = i128::from(free) * i128::from(length) / i128::from(before.max(1));
        let kept = i64::try_from(kept).unwrap_or(i64::MAX).min(length);
        begins_at.saturating_add(length.saturating_sub(kept))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const THREE: Limit = Limit::new(3, SignedDuration::from_secs(10));

    /// Does it at these milliseconds; tells which were let through.
    fn done(limit: Limit, at: &[i64]) -> (Counted, Vec<bool>) {
        let mut known = Counted::default();
        let mut through = Vec::new();
        for at in at {
            let admitted = limit.admit(known, *at);
            through.push(admitted.is_ok());
            known = admitted.unwrap_or(known);
        }
        (known, through)
    }

    #[test]
    fn the_fourth_of_three_has_to_wait() {
        let (known, through) = done(THREE, &[0, 0, 0, 1]);
        assert_eq!(through, [true, true, true, false]);
        let again_at = THREE.admit(known, 1).unwrap_err();
        assert!(THREE.admit(known, again_at).is_ok());
        assert!(THREE.admit(known, again_at - 1).is_err());
    }

    #[test]
    fn the_end_of_a_window_gives_no_second_helping() {
        let (_, through) = done(THREE, &[9_999, 9_999, 9_999, 10_000, 10_001, 10_002]);
        assert_eq!(through, [true, true, true, false, false, false]);
    }

    #[test]
    fn what_was_taken_back_does_not_count() {
        let (known, _) = done(THREE, &[0, 0, 0]);
        assert!(THREE.admit(THREE.take_back(known, 0), 0).is_ok());
        let (known, _) = done(THREE, &[9_999, 9_999, 9_999]);
        assert!(THREE.admit(THREE.take_back(known, 10_000), 10_000).is_ok());
    }

    #[test]
    fn a_clock_that_goes_back_frees_nothing() {
        let (known, _) = done(THREE, &[50_000, 50_000, 50_000]);
        assert!(THREE.admit(known, 1).is_err());
    }

    proptest! {
        #[test]
        fn never_more_than_twice_and_hardly_more_than_once_within_the_time(
            mut at in prop::collection::vec(0_i64..60_000, 0..200),
            most in 1_i64..10,
        ) {
            at.sort_unstable();
            let limit = Limit::new(most, SignedDuration::from_secs(10));
            let (_, through) = done(limit, &at);
            let passed: Vec<i64> = at.iter().zip(through).filter(|(_, through)| *through).map(|(at, _)| *at).collect();
            for start in &passed {
                let within = passed.iter().filter(|at| (*start..start + 10_000).contains(*at)).count();
                prop_assert!(i64::try_from(within).unwrap() <= 2 * most);
            }
            for window in 0..6 {
                let range = window * 10_000..(window + 1) * 10_000;
                let within = passed.iter().filter(|at| range.contains(*at)).count();
                prop_assert!(i64::try_from(within).unwrap() <= most);
            }
        }

        #[test]
        fn there_is_room_when_it_is_said_and_not_before(
            counted in 0_i64..20, counted_before in 0_i64..20, at in 0_i64..10_000, most in 1_i64..10,
        ) {
            let limit = Limit::new(most, SignedDuration::from_secs(10));
            let known = Counted { begins_at: 0, counted, counted_before, forgotten_at: 0 };
            if let Err(again_at) = limit.admit(known, at) {
                prop_assert!(again_at > at);
                prop_assert!(limit.admit(known, again_at).is_ok());
                prop_assert!(limit.admit(known, again_at - 1).is_err());
            }
        }
    }
}
