//! Logarithms in whole numbers, so that ranks are the same on every machine.

/// How many units are one.
pub const ONE: u64 = 1024;

/// `log2(above / below)` in units of 1/1024, rounded down; 0 where the ratio is at most one.
pub fn log2(above: u64, below: u64) -> u64 {
    let ratio = (above << 20) / below.max(1);
    if ratio <= 1 << 20 {
        return 0;
    }
    let whole = u64::from(ratio.ilog2()) - 20;
    // From here on a number from 1 to 2, in units of 2^-30; squaring it gives one binary digit of its logarithm.
    let mut rest = (ratio << 10) >> whole;
    let mut digits = 0;
    for _ in 0..10 {
        rest = (rest * rest) >> 30;
        let digit = rest >> 31;
        rest >>= digit;
        digits = digits * 2 + digit;
    }
    whole * ONE + digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_right_to_a_thousandth() {
        for (above, below, expected) in
            [(1, 1, 0), (2, 1, 1024), (3, 1, 1623), (10, 1, 3401), (3, 2, 598), (1, 5, 0)]
        {
            assert!(log2(above, below).abs_diff(expected) <= 1, "{above}/{below}: {}", log2(above, below));
        }
    }
}
