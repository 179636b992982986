//! A carrier the number may belong to, and why.

use core::fmt;

use crate::carrier::Carrier;
use crate::format::Row;

/// What the check digit says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The check digit is right.
    Passes,
    /// The form has no publicly known check digit: its shape fits, and no more can be said.
    Unchecked,
    /// The check digit, a length or a character is wrong.
    Fails,
}

/// Why a candidate stands where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its check digit is right.
    CheckPassed,
    /// Its check digit is wrong.
    CheckFailed,
    /// It has no publicly known check digit.
    NoCheckKnown,
    /// One character is missing, extra or of the wrong kind.
    NearMiss,
    /// The pasted text names the carrier.
    NamedInText,
    /// The number is grouped the way this carrier prints it.
    Layout,
    /// The carrier is at home in the asker's country.
    Country,
    /// The market uses this carrier.
    Market,
}

impl Reason {
    const ALL: [Reason; 8] = [
        Reason::CheckPassed,
        Reason::CheckFailed,
        Reason::NoCheckKnown,
        Reason::NearMiss,
        Reason::NamedInText,
        Reason::Layout,
        Reason::Country,
        Reason::Market,
    ];

    /// The stable code of the reason.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Reason::CheckPassed => "check_passed",
            Reason::CheckFailed => "check_failed",
            Reason::NoCheckKnown => "no_check_known",
            Reason::NearMiss => "near_miss",
            Reason::NamedInText => "named_in_text",
            Reason::Layout => "layout",
            Reason::Country => "country",
            Reason::Market => "market",
        }
    }
}

/// A set of reasons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reasons(u8);

impl Reasons {
    #[inline]
    pub(crate) fn add(&mut self, reason: Reason) {
        self.0 |= 1 << reason as u8;
    }

    #[inline]
    pub(crate) fn has(self, reason: Reason) -> bool {
        self.0 >> (reason as u8) & 1 == 1
    }
}

/// One carrier the number may belong to.
#[derive(Clone, Copy)]
pub struct Candidate {
    pub(crate) format: Row,
    pub(crate) carrier: Carrier,
    pub(crate) verdict: Verdict,
    pub(crate) reasons: Reasons,
    /// Lower tiers come first whatever the weights say.
    pub(crate) tier: u8,
    pub(crate) weight: u32,
    pub(crate) confidence_permille: u16,
}

impl Candidate {
    /// The carrier.
    #[must_use]
    pub fn carrier(&self) -> Carrier {
        self.carrier
    }

    /// The carrier's service, or the form of the number.
    #[must_use]
    pub fn service(&self) -> &'static str {
        self.format.service
    }

    /// What the check digit says.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Nothing speaks against the number: its check digit is right, or the form has none and the shape fits.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.verdict != Verdict::Fails
    }

    /// The name of the check digit rule; `None` where no rule is publicly known.
    #[must_use]
    pub fn check(&self) -> Option<&'static str> {
        self.format.check.name()
    }

    /// How likely it is that this carrier is meant, from 0 to 1.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        f64::from(self.confidence_permille) / 1000.0
    }

    /// Why the candidate stands where it stands.
    pub fn reasons(&self) -> impl Iterator<Item = Reason> {
        let reasons = self.reasons;
        Reason::ALL.into_iter().filter(move |reason| reasons.has(*reason))
    }

    /// The form takes the number only after a correction.
    pub(crate) fn is_near_miss(&self) -> bool {
        self.reasons.has(Reason::NearMiss)
    }

    /// The tracking page with `%s` in place of the number.
    pub(crate) fn track_pattern(&self) -> Option<&'static str> {
        self.format.track.or(self.carrier.track_pattern())
    }
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("carrier", &self.carrier)
            .field("service", &self.service())
            .field("verdict", &self.verdict)
            .field("confidence", &self.confidence())
            .finish_non_exhaustive()
    }
}

/// More carriers than any one number fits.
const CANDIDATES_MAX: usize = 8;

/// The candidates, best first, kept where they stand.
#[derive(Clone, Copy)]
pub(crate) struct Candidates {
    list: [Candidate; CANDIDATES_MAX],
    count: u8,
}

/// What fills the places nobody has: all of it zeros, which are written fastest.
const NOBODY: Candidate = Candidate {
    format: Row::FIRST,
    carrier: Carrier::courier("yamato"),
    verdict: Verdict::Passes,
    reasons: Reasons(0),
    tier: 0,
    weight: 0,
    confidence_permille: 0,
};

impl Candidates {
    #[inline]
    pub(crate) fn new() -> Candidates {
        Candidates { list: [NOBODY; CANDIDATES_MAX], count: 0 }
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[Candidate] {
        &self.list[..usize::from(self.count)]
    }

    #[inline]
    pub(crate) fn first(&self) -> Option<&Candidate> {
        self.as_slice().first()
    }

    pub(crate) fn has(&self, carrier: Carrier) -> bool {
        self.as_slice().iter().any(|candidate| candidate.carrier == carrier)
    }

    /// Puts a candidate in its place; a carrier stands once, with its best form. `true` when it is now the first.
    #[inline]
    pub(crate) fn insert(&mut self, candidate: Candidate) -> bool {
        let mut at = usize::from(self.count);
        if let Some(same) = self.as_slice().iter().position(|other| other.carrier == candidate.carrier) {
            if !candidate.ranks_before(&self.list[same]) {
                return false;
            }
            at = same;
        } else if at < CANDIDATES_MAX {
            self.count += 1;
        } else if candidate.ranks_before(&self.list[at - 1]) {
            at -= 1;
        } else {
            return false;
        }
        self.list[at] = candidate;
        while at > 0 && self.list[at].ranks_before(&self.list[at - 1]) {
            self.list.swap(at, at - 1);
            at -= 1;
        }
        at == 0
    }

    /// Shares the confidence out: by weight, under a ceiling for what each verdict is worth, never more than the
    /// candidate before.
    #[inline]
    pub(crate) fn share_confidence(&mut self) {
        let list = &mut self.list[..usize::from(self.count)];
        let whole: f32 = list.iter().map(|candidate| candidate.weight as f32).sum();
        let mut most = u16::MAX;
        for candidate in list {
            let share = f32::from(candidate.ceiling_permille()) * (candidate.weight as f32) / whole;
            most = most.min((share as u16).max(1));
            candidate.confidence_permille = most;
        }
    }
}

impl Candidate {
    #[inline]
    fn ranks_before(&self, other: &Candidate) -> bool {
        self.tier < other.tier || (self.tier == other.tier && self.weight > other.weight)
    }

    fn ceiling_permille(&self) -> u16 {
        let named = self.reasons.has(Reason::NamedInText);
        match (self.verdict, self.format.is_distinct() || named) {
            (Verdict::Passes, _) => 990,
            (Verdict::Fails, _) if self.reasons.has(Reason::NearMiss) => 600,
            (Verdict::Fails, true) => 900,
            (Verdict::Fails, false) => 700,
            (Verdict::Unchecked, true) => 800,
            (Verdict::Unchecked, false) => 300,
        }
    }
}
