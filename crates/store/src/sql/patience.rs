//! How long to wait before each repetition. No clock: the waits themselves add up to the patience.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_secs(1);

/// Waits that double from 10 ms up to one second, until they add up to the patience.
pub(super) fn delays(patience: Duration) -> impl Iterator<Item = Duration> {
    let doubling = std::iter::successors(Some(FIRST), |last| Some(last.saturating_mul(2).min(LONGEST)));
    doubling.scan(patience, |left, delay| {
        let delay = delay.min(*left);
        *left = left.saturating_sub(delay);
        (!delay.is_zero()).then_some(delay)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_add_up_to_the_patience() {
        assert_eq!(delays(Duration::from_secs(10)).sum::<Duration>(), Duration::from_secs(10));
        assert_eq!(delays(Duration::from_secs(10)).max(), Some(LONGEST));
        assert_eq!(delays(Duration::ZERO).count(), 0);
    }
}
