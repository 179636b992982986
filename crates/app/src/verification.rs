//! Codes that prove who is asking: the rule of their life, as pure functions.
//!
//! A code has six digits, so a guess is right once in a million times. What keeps it safe is that there are few guesses:
//! five for each code, few codes for each matter, and limits for each customer, each address and all together. The last
//! one is for those who guess once at each of very many customers.

use choba_store::books::VerificationRow;
use jiff::{SignedDuration, Timestamp};

use crate::limit::Limit;

/// Digits of a code.
pub const CODE_DIGITS: usize = 6;
/// How long a code is good.
pub const CODE_GOOD_FOR: SignedDuration = SignedDuration::from_mins(10);
/// How often a code can be tried.
pub const TRIES_MAX: i64 = 5;
/// How often another code can be sent for the same matter within [`RESENDS_WITHIN`], after the first one.
pub const RESENDS_MAX: usize = 3;
/// See [`RESENDS_MAX`].
pub const RESENDS_WITHIN: SignedDuration = SignedDuration::from_hours(1);

/// How many codes may be asked for, and how many wrong ones tried. A shop with very many customers raises the limits
/// for all; each thousand wrong tries an hour are one lucky guess in forty days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerificationLimits {
    /// Codes sent to a customer, whatever for.
    pub sent_to_customer: Limit,
    /// Codes asked for from an address.
    pub asked_from_address: Limit,
    /// Codes sent to all.
    pub sent_to_all: Limit,
    /// Wrong tries for a customer, whatever for.
    pub wrong_for_customer: Limit,
    /// Wrong tries from an address.
    pub wrong_from_address: Limit,
    /// Wrong tries of all.
    pub wrong_of_all: Limit,
}

impl Default for VerificationLimits {
    fn default() -> Self {
        const HOUR: SignedDuration = SignedDuration::from_hours(1);
        Self {
            sent_to_customer: Limit::new(10, HOUR),
            asked_from_address: Limit::new(30, HOUR),
            sent_to_all: Limit::new(5_000, HOUR),
            wrong_for_customer: Limit::new(20, HOUR),
            wrong_from_address: Limit::new(30, HOUR),
            wrong_of_all: Limit::new(1_000, HOUR),
        }
    }
}

/// Why a code proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerificationRefusal {
    /// It is not the code that was sent.
    #[error("this is not the code that was sent; it can be tried {tries_left} times more")]
    Wrong {
        /// How often the code can still be tried, above zero.
        tries_left: i64,
    },
    /// It was tried too often; another one has to be sent.
    #[error("the code was tried too often: ask for another one")]
    TriedTooOften,
    /// There is no code that is good: none was sent, its time is over, or it was used.
    #[error("there is no code that is good: ask for another one")]
    NoCode,
}

impl VerificationRefusal {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Wrong { .. } => "verification_wrong",
            Self::TriedTooOften => "verification_tried_too_often",
            Self::NoCode => "verification_no_code",
        }
    }
}

/// A new code in the place of the one before, or when one can be sent again, in epoch milliseconds.
pub(crate) fn send(known: &VerificationRow, code_hash: &str, at: Timestamp) -> Result<VerificationRow, i64> {
    let now = at.as_millisecond();
    let within = i64::try_from(RESENDS_WITHIN.as_millis()).unwrap_or(i64::MAX);
    let mut sent_at = known.sent_at.clone();
    sent_at.retain(|sent| now.saturating_sub(*sent) < within);
    if let (true, Some(oldest)) = (sent_at.len() > RESENDS_MAX, sent_at.first()) {
        return Err(oldest.saturating_add(within));
    }
    sent_at.push(now);
    Ok(VerificationRow {
        code_hash: Some(code_hash.to_owned()),
        expires_at: at.checked_add(CODE_GOOD_FOR).unwrap_or(at),
        tries: 0,
        sent_at,
        forgotten_at: at.checked_add(RESENDS_WITHIN).unwrap_or(at),
    })
}

/// What is known after a try, if that changes anything, and what it is answered. `is_right` says whether the code that
/// was sent is the one whose hash it gets.
pub(crate) fn attempt(
    known: VerificationRow,
    at: Timestamp,
    is_right: impl FnOnce(&str) -> bool,
) -> (Option<VerificationRow>, Result<(), VerificationRefusal>) {
    let Some(code_hash) = known.code_hash.as_deref().filter(|_| at < known.expires_at) else {
        return (None, Err(VerificationRefusal::NoCode));
    };
    if known.tries >= TRIES_MAX {
        return (None, Err(VerificationRefusal::TriedTooOften));
    }
    let tries = known.tries.saturating_add(1);
    let forgotten_at = last_sent(&known).checked_add(RESENDS_WITHIN).unwrap_or(known.expires_at);
    if is_right(code_hash) {
        return (Some(VerificationRow { code_hash: None, tries, forgotten_at, ..known }), Ok(()));
    }
    let refusal = match TRIES_MAX.saturating_sub(tries) {
        0 => VerificationRefusal::TriedTooOften,
        tries_left => VerificationRefusal::Wrong { tries_left },
    };
    (Some(VerificationRow { tries, forgotten_at, ..known }), Err(refusal))
}

fn last_sent(known: &VerificationRow) -> Timestamp {
    let last = known.sent_at.last().and_then(|sent| Timestamp::from_millisecond(*sent).ok());
    last.unwrap_or(known.expires_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + second).unwrap()
    }

    fn never() -> VerificationRow {
        let (expires_at, forgotten_at) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        VerificationRow { code_hash: None, expires_at, tries: 0, sent_at: Vec::new(), forgotten_at }
    }

    fn sent() -> VerificationRow {
        send(&never(), "good", at(0)).unwrap()
    }

    fn tried(
        known: VerificationRow,
        code: &str,
        second: i64,
    ) -> (VerificationRow, Result<(), VerificationRefusal>) {
        let (now, answer) = attempt(known.clone(), at(second), |hash| hash == code);
        (now.unwrap_or(known), answer)
    }

    #[test]
    fn a_code_is_good_once_and_until_its_last_second() {
        let (used, answer) = tried(sent(), "good", 599);
        assert_eq!(answer, Ok(()));
        assert_eq!(tried(used, "good", 599).1, Err(VerificationRefusal::NoCode));
        assert_eq!(tried(sent(), "good", 600).1, Err(VerificationRefusal::NoCode));
        assert_eq!(tried(never(), "good", 0).1, Err(VerificationRefusal::NoCode));
    }

    #[test]
    fn after_five_wrong_tries_the_right_one_comes_too_late() {
        let mut known = sent();
        for tries_left in [4, 3, 2, 1, 0] {
            let (now, answer) = tried(known, "bad", 1);
            let refusal = if tries_left == 0 {
                VerificationRefusal::TriedTooOften
            } else {
                VerificationRefusal::Wrong { tries_left }
            };
            assert_eq!(answer, Err(refusal));
            known = now;
        }
        assert_eq!(tried(known, "good", 1).1, Err(VerificationRefusal::TriedTooOften));
    }

    #[test]
    fn the_fifth_try_may_be_the_right_one() {
        let known = (0..4).fold(sent(), |known, _| tried(known, "bad", 1).0);
        assert_eq!(tried(known, "good", 1).1, Ok(()));
    }

    #[test]
    fn another_code_ends_the_one_before_and_has_tries_of_its_own() {
        let known = (0..5).fold(sent(), |known, _| tried(known, "bad", 1).0);
        let again = send(&known, "new", at(2)).unwrap();
        assert_eq!(tried(again.clone(), "good", 3).1, Err(VerificationRefusal::Wrong { tries_left: 4 }));
        assert_eq!(tried(again, "new", 3).1, Ok(()));
    }

    #[test]
    fn three_more_codes_can_be_sent_within_an_hour() {
        let known = (1..=3).fold(sent(), |known, minute| send(&known, "new", at(minute * 60)).unwrap());
        assert_eq!(send(&known, "new", at(3_599)), Err(at(3_600).as_millisecond()));
        assert!(send(&known, "new", at(3_600)).is_ok());
    }

    #[test]
    fn using_a_code_does_not_open_the_way_to_more() {
        let mut known = sent();
        for minute in 1..=3 {
            known = tried(known, "good", minute * 60).0;
            known = send(&known, "good", at(minute * 60)).unwrap();
        }
        known = tried(known, "good", 200).0;
        assert!(send(&known, "good", at(300)).is_err());
    }
}
