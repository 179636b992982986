//! Amounts of money and of points: private integers with checked arithmetic.

use thiserror::Error;

/// An amount left the range that can be reckoned with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an amount is too large to reckon with")]
pub struct Overflow;

macro_rules! amount {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);
            /// The largest amount that an input may name: 10^15.
            pub const INPUT_MAX: Self = Self(1_000_000_000_000_000);

            /// The amount of so many units.
            pub const fn new(units: i64) -> Self {
                Self(units)
            }

            /// How many units.
            pub const fn units(self) -> i64 {
                self.0
            }

            /// Whether it is nothing.
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }

            /// The sum.
            pub fn plus(self, other: Self) -> Result<Self, Overflow> {
                self.0.checked_add(other.0).map(Self).ok_or(Overflow)
            }

            /// The difference; may be below zero.
            pub fn minus(self, other: Self) -> Result<Self, Overflow> {
                self.0.checked_sub(other.0).map(Self).ok_or(Overflow)
            }

            /// So many times the amount.
            pub fn times(self, count: i64) -> Result<Self, Overflow> {
                self.0.checked_mul(count).map(Self).ok_or(Overflow)
            }

            /// The sum of many.
            pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, Overflow> {
                amounts.into_iter().try_fold(Self::ZERO, Self::plus)
            }
        }
    };
}

amount! {
    /// An amount in the currency's minor unit (yen).
    ///
    /// ```
    /// use choba_engine::money::Money;
    /// let price = Money::new(1_500);
    /// assert_eq!(price.times(3).unwrap().minus(Money::new(500)).unwrap(), Money::new(4_000));
    /// assert!(Money::new(i64::MAX).plus(Money::new(1)).is_err());
    /// ```
    Money
}

amount! {
    /// A number of whole points of one program (or of yen, for a program that counts yen).
    Points
}

/// How what does not divide evenly becomes whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rounding {
    /// Towards nothing.
    #[default]
    Down,
    /// Away from nothing.
    Up,
    /// To the nearest, a half upwards.
    HalfUp,
}

/// `amount × numerator ÷ denominator` of amounts that are not below zero, exact until it is rounded once.
pub fn scale(amount: i64, numerator: i64, denominator: i64, rounding: Rounding) -> Result<i64, Overflow> {
    let product = i128::from(amount).checked_mul(i128::from(numerator)).ok_or(Overflow)?;
    divide(product, i128::from(denominator), rounding)
}

/// `numerator ÷ denominator`, rounded once.
pub(crate) fn divide(numerator: i128, denominator: i128, rounding: Rounding) -> Result<i64, Overflow> {
    // Most divisions fit 64 bits, where the machine divides several times faster.
    if let (Ok(small), Ok(by)) = (i64::try_from(numerator), i64::try_from(denominator)) {
        let whole = small.checked_div_euclid(by).ok_or(Overflow)?;
        let rest = small.checked_rem_euclid(by).ok_or(Overflow)?;
        let up = rounds_up(i128::from(rest), i128::from(by), rounding);
        return whole.checked_add(i64::from(up)).ok_or(Overflow);
    }
    let whole = numerator.checked_div_euclid(denominator).ok_or(Overflow)?;
    let rest = numerator.checked_rem_euclid(denominator).ok_or(Overflow)?;
    let up = rounds_up(rest, denominator, rounding);
    let rounded = whole.checked_add(i128::from(up)).ok_or(Overflow)?;
    i64::try_from(rounded).map_err(|_| Overflow)
}

fn rounds_up(rest: i128, denominator: i128, rounding: Rounding) -> bool {
    match rounding {
        Rounding::Down => false,
        Rounding::Up => rest > 0,
        Rounding::HalfUp => rest.checked_mul(2).is_some_and(|twice| twice >= denominator),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_rounds_once_and_as_told() {
        assert_eq!(scale(1_500, 10, 110, Rounding::Down), Ok(136));
        assert_eq!(scale(1_500, 10, 110, Rounding::Up), Ok(137));
        assert_eq!(scale(5, 1, 2, Rounding::HalfUp), Ok(3));
        assert_eq!(scale(4, 1, 3, Rounding::HalfUp), Ok(1));
    }

    #[test]
    fn scaling_is_exact_at_the_largest_amounts_and_refuses_beyond() {
        assert_eq!(
            scale(1_000_000_000_000_000, 999_999_999, 1_000_000_000, Rounding::Down),
            Ok(999_999_999_000_000)
        );
        assert_eq!(scale(i64::MAX, i64::MAX, 1, Rounding::Down), Err(Overflow));
        assert_eq!(scale(1, 1, 0, Rounding::Down), Err(Overflow));
    }
}
