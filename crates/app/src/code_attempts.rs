//! Who tries codes too often has to wait, as a customer and by address.
//!
//! A try is counted as failed before the code is looked up, and forgiven when it turns out to be good: a thousand
//! tries at once are counted before the first of them is answered.

use std::net::{IpAddr, Ipv6Addr};

use choba_store::books::{CodeAttempts, count_code_attempts};
use jiff::{SignedDuration, Timestamp};

use crate::secrets::Hashed;
use crate::{AppError, Counter};

/// With so many failures within [`SLOWED_WITHIN`], each further try has to wait for [`SLOWED_WAIT`].
pub const SLOWED_FROM: usize = 5;
/// How long a failure slows.
pub const SLOWED_WITHIN: SignedDuration = SignedDuration::from_mins(15);
/// How long each further try has to wait.
pub const SLOWED_WAIT: SignedDuration = SignedDuration::from_mins(1);
/// With so many failures within [`LOCKED_WITHIN`] nothing can be tried for [`LOCKED_FOR`].
pub const LOCKED_FROM: usize = 10;
/// How long a failure counts at all.
pub const LOCKED_WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// How long nothing can be tried then.
pub const LOCKED_FOR: SignedDuration = SignedDuration::from_hours(1);
/// After so many failures that count, every code that cannot be redeemed is *unknown*: why would help to guess.
pub const TOLD_NOTHING_FROM: usize = 3;

/// A try that was let through, counted as failed so far.
#[derive(Clone, Debug)]
pub(crate) struct Try {
    /// Under what it is counted.
    subjects: Vec<String>,
    at: i64,
    /// Failures that counted before it, of whom has more.
    pub failures_before: usize,
}

impl Counter {
    /// Lets a try through and counts it, or says when to try again.
    pub(crate) async fn admit_try(
        &self,
        customer_id: &str,
        address: &str,
        at: Timestamp,
    ) -> Result<Try, AppError> {
        let customer = self.secrets.hash(Hashed::TryingCustomer, customer_id)?;
        let address = self.secrets.hash(Hashed::TryingAddress, &network_of(address))?;
        let now = at.as_millisecond();
        let mut admitted = Try { subjects: Vec::new(), at: now, failures_before: 0 };
        let mut again_at = None;
        for subject in [format!("@try {customer}"), format!("@try {address}")] {
            let judged = count_code_attempts(&self.store, &subject, keeps(), move |known| admit(known, now));
            match judged.await? {
                Err(wait_until) => again_at = again_at.max(Some(wait_until)),
                Ok(failures) => {
                    admitted.failures_before = admitted.failures_before.max(failures);
                    admitted.subjects.push(subject);
                }
            }
        }
        let Some(again_at) = again_at else { return Ok(admitted) };
        // It was not made, so nobody has failed.
        self.settle_try(&admitted, false).await?;
        Err(AppError::TooManyTries { again_at })
    }

    /// Settles whether a try has failed, with the same work either way.
    pub(crate) async fn settle_try(&self, admitted: &Try, failed: bool) -> Result<(), AppError> {
        for subject in &admitted.subjects {
            let at = admitted.at;
            count_code_attempts(&self.store, subject, keeps(), move |known| {
                (if failed { known } else { forgive(known, at) }, ())
            })
            .await?;
        }
        Ok(())
    }

    /// Forgets who tried codes and has not failed for long; answers how many. For the worker of what is due.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn forget_code_attempts(&self, at: Timestamp, most: i64) -> Result<usize, AppError> {
        Ok(choba_store::books::forget_code_attempts(&self.store, at, most).await?)
    }
}

fn millis(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn keeps() -> i64 {
    millis(LOCKED_WITHIN)
}

/// The network that an address is counted by: who has an IPv6 address has a whole /64 of them.
pub(crate) fn network_of(address: &str) -> String {
    match address.trim().parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => address.trim().to_owned(),
    }
}

/// Counts a try as failed and answers how many failures counted before it, or until when to wait.
fn admit(mut known: CodeAttempts, at: i64) -> (CodeAttempts, Result<usize, i64>) {
    if at < known.not_before {
        let until = known.not_before;
        return (known, Err(until));
    }
    known.failed_at.retain(|failed_at| at.saturating_sub(*failed_at) < millis(LOCKED_WITHIN));
    let before = known.failed_at.len();
    known.failed_at.push(at);
    known.not_before = not_before(&known.failed_at, at);
    (known, Ok(before))
}

/// Takes one failure of that instant away, and what it made to wait.
fn forgive(mut known: CodeAttempts, at: i64) -> CodeAttempts {
    if let Some(place) = known.failed_at.iter().rposition(|failed_at| *failed_at == at) {
        known.failed_at.remove(place);
        let last = known.failed_at.last().copied();
        known.not_before = last.map_or(0, |last| not_before(&known.failed_at, last));
    }
    known
}

fn not_before(failed_at: &[i64], at: i64) -> i64 {
    let within =
        |time| failed_at.iter().filter(|failed_at| at.saturating_sub(**failed_at) < millis(time)).count();
    if within(LOCKED_WITHIN) >= LOCKED_FROM {
        at.saturating_add(millis(LOCKED_FOR))
    } else if within(SLOWED_WITHIN) >= SLOWED_FROM {
        at.saturating_add(millis(SLOWED_WAIT))
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    /// Fails at these minutes; gives for each what was answered.
    fn fail(minutes: &[i64]) -> (CodeAttempts, Vec<Result<usize, i64>>) {
        let mut known = CodeAttempts::default();
        let mut answers = Vec::new();
        for minute in minutes {
            let (now, answer) = admit(known, minute * MINUTE);
            known = now;
            answers.push(answer);
        }
        (known, answers)
    }

    #[test]
    fn the_sixth_try_within_a_quarter_of_an_hour_has_to_wait_a_minute() {
        let (known, answers) = fail(&[0, 0, 0, 0, 0]);
        assert_eq!(answers, [Ok(0), Ok(1), Ok(2), Ok(3), Ok(4)]);
        assert_eq!(admit(known.clone(), MINUTE - 1).1, Err(MINUTE));
        assert_eq!(admit(known, MINUTE).1, Ok(5));
    }

    #[test]
    fn slow_failures_are_not_slowed() {
        let (_, answers) = fail(&[0, 5, 10, 15, 20, 25, 30, 35, 40]);
        assert!(answers.iter().all(Result::is_ok));
    }

    #[test]
    fn ten_failures_within_an_hour_lock_for_an_hour() {
        let (known, _) = fail(&[0, 5, 10, 15, 20, 25, 30, 35, 40, 45]);
        assert_eq!(admit(known.clone(), 46 * MINUTE).1, Err(105 * MINUTE));
        assert_eq!(admit(known, 105 * MINUTE).1, Ok(0));
    }

    #[test]
    fn a_try_while_waiting_does_not_lengthen_the_wait() {
        let (known, answers) = fail(&[0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(answers.last(), Some(&Err(MINUTE)));
        assert_eq!(known.failed_at.len(), 5);
    }

    #[test]
    fn a_good_code_is_no_failure_and_makes_nobody_wait() {
        let (known, _) = fail(&[0, 0, 0, 0, 0]);
        let known = forgive(known, 0);
        assert_eq!((known.failed_at.len(), known.not_before), (4, 0));
    }

    #[test]
    fn addresses_of_one_ipv6_network_count_together() {
        assert_eq!(network_of("2001:db8:1:2:3:4:5:6"), network_of("2001:DB8:1:2::1"));
        assert_ne!(network_of("2001:db8:1:2::1"), network_of("2001:db8:1:3::1"));
        assert_eq!(network_of("::ffff:192.0.2.1"), network_of(" 192.0.2.1"));
    }
}
