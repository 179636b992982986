//! What the bench programs share: generated requests, and times of one run set in ratio.

use std::hint::black_box;
use std::time::{Duration, Instant};

pub mod plans;
pub mod requests;
pub mod settle;

/// The best time of several rounds of `work`, per call. The best is what the machine can do when nothing else
/// disturbs it, so that ratios of two bests of one run are steady.
#[allow(clippy::disallowed_methods)] // a bench is what the clock is for
pub fn best_time<T>(rounds: usize, calls: u32, mut work: impl FnMut() -> T) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..rounds {
        let begin = Instant::now();
        for _ in 0..calls {
            black_box(work());
        }
        best = best.min(begin.elapsed() / calls);
    }
    best
}

/// One line of a report: what, the ratio, and what was promised.
pub fn report(what: &str, ratio: f64, promise: &str, kept: bool) {
    println!("{what:<60} {ratio:>9.2}   {promise}  {}", if kept { "kept" } else { "NOT KEPT" });
}
