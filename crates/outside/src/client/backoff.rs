//! How long to wait before asking again.

use std::time::Duration;

/// A wait before the retry that follows attempt number `attempt` (from 0): between half and all of `base`, doubled
/// with each attempt. The same seed gives the same waits; different ones keep callers from coming back all at once.
pub(super) fn pause_after(attempt: u32, base: Duration, seed: u64) -> Duration {
    let longest = base.saturating_mul(1 << attempt.min(10));
    let half = longest / 2;
    let steps = mixed(seed.wrapping_add(u64::from(attempt))) % 1024;
    // Of 1,024 steps between half and all; as integers, so that it is the same everywhere.
    half + half.saturating_mul(u32::try_from(steps).unwrap_or(0)) / 1024
}

/// The finisher of SplitMix64: close seeds give results far apart.
fn mixed(seed: u64) -> u64 {
    let mut bits = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_are_spread() {
        let base = Duration::from_millis(40);
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..100 {
            let first = pause_after(0, base, seed);
            let second = pause_after(1, base, seed);
            assert!((base / 2..=base).contains(&first), "{first:?}");
            assert!((base..=base * 2).contains(&second), "{second:?}");
            seen.insert(first);
        }
        assert!(seen.len() > 80, "{}", seen.len());
    }

    #[test]
    fn the_same_seed_gives_the_same_waits() {
        let base = Duration::from_millis(40);
        assert_eq!(pause_after(1, base, 7), pause_after(1, base, 7));
    }
}
