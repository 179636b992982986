//! Exact rates: tax, percentages, multipliers, yen per point.

use crate::money::{Money, Overflow, Points, Rounding, divide, scale};

/// A rate of at most nine decimal places, exact: `0.10`, `3.5`, `1`. Never below zero.
///
/// ```
/// use choba_engine::{money::{Money, Rounding}, rate::Rate};
/// let tax: Rate = "0.10".parse().unwrap();
/// assert_eq!(tax.of(Money::new(1_999), Rounding::Down).unwrap(), Money::new(199));
/// assert_eq!(tax.contained_in(Money::new(1_500), Rounding::Down).unwrap(), Money::new(136));
/// assert!("0.1e3".parse::<Rate>().is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate {
    billionths: i64,
}

/// A text is not a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a decimal number from 0 to 1000000 with at most nine decimal places, such as \"0.10\"")]
pub struct NotARate;

const WHOLE: i64 = 1_000_000_000;
const PLACES: usize = 9;
const LARGEST: i64 = 1_000_000;

impl Rate {
    /// Nothing.
    pub const ZERO: Self = Self { billionths: 0 };
    /// Once.
    pub const ONE: Self = Self { billionths: WHOLE };

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.billionths == 0
    }

    /// How much it is above one, or nothing.
    pub fn above_one(self) -> Self {
        Self { billionths: self.billionths.saturating_sub(WHOLE).max(0) }
    }

    /// `amount × rate`.
    pub fn of(self, amount: Money, rounding: Rounding) -> Result<Money, Overflow> {
        scale(amount.units(), self.billionths, WHOLE, rounding).map(Money::new)
    }

    /// `points × rate`, rounded down.
    pub fn of_points(self, points: Points) -> Result<Points, Overflow> {
        scale(points.units(), self.billionths, WHOLE, Rounding::Down).map(Points::new)
    }

    /// `amount × rate ÷ count`, rounded down once.
    pub fn of_each(self, amount: Money, count: i64) -> Result<Money, Overflow> {
        let numerator =
            i128::from(amount.units()).checked_mul(i128::from(self.billionths)).ok_or(Overflow)?;
        let denominator = i128::from(count).checked_mul(i128::from(WHOLE)).ok_or(Overflow)?;
        divide(numerator, denominator, Rounding::Down).map(Money::new)
    }

    /// As a tax: how much of a price is tax when the price includes it, `price × rate ÷ (1 + rate)`.
    pub fn contained_in(self, price: Money, rounding: Rounding) -> Result<Money, Overflow> {
        scale(price.units(), self.billionths, self.one_more()?, rounding).map(Money::new)
    }

    /// As a tax: a price that includes it, without it, `price ÷ (1 + rate)`, rounded down.
    pub fn without(self, price: Money) -> Result<Money, Overflow> {
        scale(price.units(), WHOLE, self.one_more()?, Rounding::Down).map(Money::new)
    }

    /// As yen per point: what so many points are worth, rounded down.
    pub fn worth(self, points: Points) -> Result<Money, Overflow> {
        scale(points.units(), self.billionths, WHOLE, Rounding::Down).map(Money::new)
    }

    /// As yen per point: what so many points are worth, rounded up; for bounds.
    pub(crate) fn worth_rounded_up(self, points: Points) -> Result<Money, Overflow> {
        scale(points.units(), self.billionths, WHOLE, Rounding::Up).map(Money::new)
    }

    /// In billionths.
    pub(crate) fn billionths(self) -> i64 {
        self.billionths
    }

    /// As yen per point: the most points that are worth no more than `amount`. Nothing where a point is
    /// worth nothing; the largest number where more points than that would fit.
    pub fn most_points_within(self, amount: Money) -> Points {
        if self.is_zero() {
            return Points::ZERO;
        }
        // floor(points × rate) ≤ amount  ⇔  points × rate < amount + 1
        let beyond = amount.units().saturating_add(1);
        let first_too_many = scale(beyond, WHOLE, self.billionths, Rounding::Up).unwrap_or(i64::MAX);
        Points::new(first_too_many.saturating_sub(1))
    }

    /// As yen per point: the fewest points that are worth `amount`. Nothing where a point is worth nothing.
    pub fn fewest_points_for(self, amount: Money) -> Result<Points, Overflow> {
        if self.is_zero() {
            return Ok(Points::ZERO);
        }
        scale(amount.units(), WHOLE, self.billionths, Rounding::Up).map(Points::new)
    }

    fn one_more(self) -> Result<i64, Overflow> {
        self.billionths.checked_add(WHOLE).ok_or(Overflow)
    }
}

impl std::str::FromStr for Rate {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, NotARate> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        if part.is_empty() || part.len() > PLACES {
            return Err(NotARate);
        }
        let whole = digits(whole)?;
        let scale = u32::try_from(PLACES.saturating_sub(part.len())).ok().and_then(|p| 10_i64.checked_pow(p));
        let part = scale.and_then(|scale| digits(part).ok()?.checked_mul(scale)).ok_or(NotARate)?;
        let billionths = whole.checked_mul(WHOLE).and_then(|b| b.checked_add(part)).ok_or(NotARate)?;
        if billionths > LARGEST.saturating_mul(WHOLE) { Err(NotARate) } else { Ok(Self { billionths }) }
    }
}

fn digits(text: &str) -> Result<i64, NotARate> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NotARate);
    }
    text.parse().map_err(|_| NotARate)
}

impl std::fmt::Display for Rate {
    /// The shortest form with all its places: `0.1`, `3.5`, `1`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let whole = self.billionths.checked_div(WHOLE).unwrap_or_default();
        let part = self.billionths.checked_rem(WHOLE).unwrap_or_default();
        if part == 0 {
            return write!(f, "{whole}");
        }
        let places = format!("{part:09}");
        write!(f, "{whole}.{}", places.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str) -> Rate {
        text.parse().unwrap()
    }

    #[test]
    fn a_rate_reads_and_prints_exactly() {
        for text in ["0", "1", "0.1", "3.5", "0.000000001", "1000000"] {
            assert_eq!(rate(text).to_string(), text);
        }
        assert_eq!(rate("0.10"), rate("0.1"));
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "+1",
            "1e3",
            "0.0000000001",
            "1000000.1",
            "１",
            "99999999999999999999",
        ] {
            assert_eq!(text.parse::<Rate>(), Err(NotARate), "{text}");
        }
    }

    #[test]
    fn a_thousand_yen_at_three_and_a_half_takes_285_points_for_997_yen() {
        let value = rate("3.5");
        assert_eq!(value.most_points_within(Money::new(1_000)), Points::new(285));
        assert_eq!(value.worth(Points::new(285)), Ok(Money::new(997)));
        assert_eq!(value.fewest_points_for(Money::new(997)), Ok(Points::new(285)));
    }

    #[test]
    fn points_worth_less_than_a_yen_are_not_taken_for_nothing() {
        let value = rate("0.5");
        assert_eq!(value.most_points_within(Money::new(1)), Points::new(3));
        assert_eq!(value.worth(Points::new(3)), Ok(Money::new(1)));
        assert_eq!(value.fewest_points_for(Money::new(1)), Ok(Points::new(2)));
    }
}
