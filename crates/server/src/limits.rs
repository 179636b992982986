//! How much each caller may ask in a minute.
//!
//! Counted in this process only: with several processes each has its own count, so that the whole is at most as
//! many times the limit as there are processes. What protects secrets (codes) is counted in the books
//! instead.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// Callers that are remembered at most; beyond that the oldest windows are forgotten.
const CALLERS_MAX: usize = 100_000;

/// The length of a window, in seconds.
const WINDOW: i64 = 60;

/// A limit for each caller, by fixed windows of a minute.
#[derive(Debug)]
pub struct Limits {
    /// Requests in a window.
    pub per_minute: u32,
    seen: Mutex<HashMap<String, Window>>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    begins: i64,
    asked: u32,
}

/// How a caller stands against the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Requests in a window.
    pub limit: u32,
    /// What is left of them.
    pub remaining: u32,
    /// Seconds until the next window.
    pub resets_in: i64,
    /// Whether this request is one too many.
    pub over: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(6_000)
    }
}

impl Limits {
    /// So many requests a minute.
    pub fn new(per_minute: u32) -> Self {
        Self { per_minute, seen: Mutex::default() }
    }

    /// Counts a request.
    pub fn count(&self, caller: &str, at: Timestamp) -> Standing {
        let now = at.as_second();
        let begins = now - now.rem_euclid(WINDOW);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= CALLERS_MAX && !seen.contains_key(caller) {
            seen.retain(|_, window| window.begins == begins);
            if seen.len() >= CALLERS_MAX {
                seen.clear();
            }
        }
        let fresh = Window { begins, asked: 0 };
        let window = match seen.get_mut(caller) {
            Some(window) => window,
            None => seen.entry(caller.to_owned()).or_insert(fresh),
        };
        if window.begins != begins {
            *window = fresh;
        }
        window.asked = window.asked.saturating_add(1);
        Standing {
            limit: self.per_minute,
            remaining: self.per_minute.saturating_sub(window.asked),
            resets_in: begins + WINDOW - now,
            over: window.asked > self.per_minute,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn each_caller_has_so_many_a_minute() {
        let limits = Limits::new(2);
        assert_eq!(limits.count("a", at(61)).remaining, 1);
        assert!(!limits.count("a", at(62)).over);
        let third = limits.count("a", at(63));
        assert!(third.over);
        assert_eq!(third.resets_in, 57);
        assert!(!limits.count("b", at(63)).over);
        assert!(!limits.count("a", at(120)).over);
    }

    #[test]
    fn memory_is_bounded_however_many_callers_come() {
        let limits = Limits::new(2);
        for caller in 0..CALLERS_MAX + 10 {
            limits.count(&caller.to_string(), at(0));
        }
        assert!(limits.seen.lock().unwrap().len() <= CALLERS_MAX);
    }
}
