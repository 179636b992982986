//! Spreading an amount over several parts without losing or making a unit.

use std::cmp::Reverse;

use crate::money::{Money, Overflow};

/// Spreads `total` over the weights in proportion, by largest remainder, ties to the earlier part.
///
/// The parts add up to `total` exactly. Where `total` is at most the sum of the weights, no part exceeds
/// its weight. Without any weight there is nothing to spread over: all parts are nothing.
///
/// ```
/// use choba_engine::{allocate::allocate, money::Money};
/// let weights = [1_000, 1_000, 1_000].map(Money::new);
/// assert_eq!(allocate(Money::new(500), &weights).unwrap(), [167, 167, 166].map(Money::new));
/// ```
pub fn allocate(total: Money, weights: &[Money]) -> Result<Vec<Money>, Overflow> {
    let whole = i128::from(Money::sum(weights.iter().copied())?.units());
    if whole == 0 {
        return Ok(vec![Money::ZERO; weights.len()]);
    }
    let mut remainders = Vec::with_capacity(weights.len());
    let mut parts = Vec::with_capacity(weights.len());
    for (place, weight) in weights.iter().enumerate() {
        let (part, remainder) = share(total, *weight, whole)?;
        parts.push(part);
        remainders.push((Reverse(remainder), place));
    }
    let left = total.minus(Money::sum(parts.iter().copied())?)?;
    give_one_each(&mut parts, remainders, left)?;
    Ok(parts)
}

fn share(total: Money, weight: Money, whole: i128) -> Result<(Money, i128), Overflow> {
    let product = i128::from(total.units()).checked_mul(i128::from(weight.units())).ok_or(Overflow)?;
    let part = product.checked_div_euclid(whole).ok_or(Overflow)?;
    let remainder = product.checked_rem_euclid(whole).ok_or(Overflow)?;
    Ok((Money::new(i64::try_from(part).map_err(|_| Overflow)?), remainder))
}

/// One unit more for the `left` parts with the largest remainders.
fn give_one_each(
    parts: &mut [Money],
    mut remainders: Vec<(Reverse<i128>, usize)>,
    left: Money,
) -> Result<(), Overflow> {
    let left = usize::try_from(left.units()).map_err(|_| Overflow)?;
    if left == 0 {
        return Ok(());
    }
    // Fewer units are left than there are parts, so the place before the last given one exists.
    remainders.select_nth_unstable(left.saturating_sub(1).min(parts.len().saturating_sub(1)));
    for (_, place) in remainders.iter().take(left) {
        if let Some(part) = parts.get_mut(*place) {
            *part = part.plus(Money::new(1))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(amounts: &[i64]) -> Vec<Money> {
        amounts.iter().copied().map(Money::new).collect()
    }

    #[test]
    fn the_largest_remainder_takes_the_odd_yen_and_ties_go_to_the_earlier() {
        assert_eq!(allocate(Money::new(100), &money(&[1, 1, 1])).unwrap(), money(&[34, 33, 33]));
        assert_eq!(allocate(Money::new(5), &money(&[10, 20, 70])).unwrap(), money(&[1, 1, 3]));
        assert_eq!(allocate(Money::new(7), &money(&[0, 0])).unwrap(), money(&[0, 0]));
    }

    proptest! {
        #[test]
        fn spreading_loses_nothing_and_exceeds_no_weight(
            weights in proptest::collection::vec(0_i64..=1_000_000_000_000_000, 1..40),
            portion in 0_u64..=1_000,
        ) {
            let weights = money(&weights);
            let whole = Money::sum(weights.iter().copied()).unwrap();
            let total = Money::new(i64::try_from(i128::from(whole.units()) * i128::from(portion) / 1_000).unwrap());
            let parts = allocate(total, &weights).unwrap();
            prop_assert_eq!(Money::sum(parts.iter().copied()).unwrap(), total);
            for (part, weight) in parts.iter().zip(&weights) {
                prop_assert!(part <= weight);
                let exact = i128::from(total.units()) * i128::from(weight.units());
                let whole = i128::from(whole.units());
                prop_assert!((i128::from(part.units()) * whole - exact).abs() < whole.max(1));
            }
        }
    }
}
