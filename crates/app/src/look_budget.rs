//! How many looks at personal data each caller has: a pure rule.
//!
//! Whoever helps customers needs to see some addresses a day, not all of them. A budget stops nobody who works, and makes
//! whoever collects data slow and seen.

use choba_store::books::Counted;
use jiff::{SignedDuration, Timestamp};

use crate::limit::Limit;
use crate::{Caller, Role};

/// A budget of looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookBudget {
    /// Within an hour.
    pub hour: Limit,
    /// Within a day.
    pub day: Limit,
}

impl LookBudget {
    const fn new(in_an_hour: i64, in_a_day: i64) -> Self {
        Self {
            hour: Limit::new(in_an_hour, SignedDuration::from_hours(1)),
            day: Limit::new(in_a_day, SignedDuration::from_hours(24)),
        }
    }

    /// The budget of a caller; none for those who are not counted, because it is their own machine or their own data.
    pub fn of(caller: &Caller) -> Option<Self> {
        match caller {
            Caller::Itself | Caller::Customer { .. } => None,
            Caller::Staff { role: Role::Agent, .. } => Some(Self::new(40, 200)),
            Caller::Staff { .. } => Some(Self::new(80, 400)),
            Caller::Machine { .. } => Some(Self::new(200, 2_000)),
        }
    }

    /// Counts one more look against both times.
    ///
    /// # Errors
    /// When there will be room for it, in epoch milliseconds.
    pub fn look(self, known: [Counted; 2], at: Timestamp) -> Result<[Counted; 2], i64> {
        let [hour, day] = known;
        let at = at.as_millisecond();
        match (self.hour.admit(hour, at), self.day.admit(day, at)) {
            (Ok(hour), Ok(day)) => Ok([hour, day]),
            (Err(one), Err(other)) => Err(one.max(other)),
            (Err(again_at), _) | (_, Err(again_at)) => Err(again_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent() -> Caller {
        Caller::Staff { staff_id: "sato".to_owned(), role: Role::Agent }
    }

    /// Looks once at each of these minutes; tells how many looks were let through.
    fn looks(budget: LookBudget, minutes: impl Iterator<Item = i64>) -> usize {
        let mut known = [Counted::default(); 2];
        let mut seen = 0;
        for minute in minutes {
            // A full day, so that windows begin with it.
            let at = Timestamp::from_second(1_795_046_400 + minute * 60).unwrap();
            if let Ok(counted) = budget.look(known, at) {
                known = counted;
                seen += 1;
            }
        }
        seen
    }

    #[test]
    fn an_agent_who_works_is_not_stopped() {
        let budget = LookBudget::of(&agent()).unwrap();
        assert_eq!(looks(budget, (0..480).step_by(5)), 96);
    }

    #[test]
    fn who_collects_is_stopped_within_the_hour_and_within_the_day() {
        let budget = LookBudget::of(&agent()).unwrap();
        assert_eq!(looks(budget, std::iter::repeat_n(0, 1_000)), 40);
        assert_eq!(looks(budget, 0..24 * 60), 200);
    }

    #[test]
    fn a_look_that_was_refused_costs_nothing() {
        let budget = LookBudget::of(&agent()).unwrap();
        let full = Counted { counted: 40, ..Counted::default() };
        let at = Timestamp::UNIX_EPOCH;
        assert!(budget.look([full, Counted::default()], at).is_err());
        assert!(budget.look([Counted::default(), full], at).is_ok());
    }

    #[test]
    fn customers_look_at_their_own_data_as_often_as_they_like() {
        assert_eq!(LookBudget::of(&Caller::customer("hanako")), None);
    }
}
