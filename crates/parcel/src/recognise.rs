//! From a typed number to its candidates, best first.
//!
//! The order is by tiers, then by weight. A form that passes its check digit stands before one that fails, a form
//! without check digit never before one that passes; and a carrier the text itself names stands before all others.

use crate::candidate::{Candidate, Candidates, Reason, Reasons, Verdict};
use crate::carrier::Carrier;
use crate::check::Check;
use crate::fit::{fit_lettered, fits_digits, nearly_fits, other_readings};
use crate::format::{Format, Owner, Row};
use crate::hints::Hints;
use crate::layout::Layout;
use crate::number::Number;
use crate::said::Said;
use crate::typed::Typed;

/// What is known beside the symbols.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Context<'h> {
    pub(crate) hints: Hints<'h>,
    pub(crate) said: Said,
}

impl Context<'_> {
    /// Something beside the number speaks for the carrier.
    fn expects(&self, carrier: Carrier) -> bool {
        self.said.carrier == Some(carrier) || self.hints.is_home(carrier) || self.hints.is_used(carrier)
    }
}

/// A number and whose it may be.
#[derive(Clone, Copy)]
pub(crate) struct Recognised {
    /// The number as the best candidate reads it.
    pub(crate) number: Number,
    pub(crate) candidates: Candidates,
}

impl Recognised {
    /// Nothing more need be known: the check digit is right, or the form is unmistakable and has none.
    #[inline]
    pub(crate) fn is_settled(&self) -> bool {
        self.candidates.first().is_some_and(|best| match best.verdict {
            Verdict::Passes => true,
            Verdict::Unchecked => best.format.is_distinct(),
            Verdict::Fails => false,
        })
    }
}

/// Finds the carriers whose forms the number has.
pub(crate) fn recognise(typed: &Typed, context: &Context<'_>) -> Recognised {
    let mut found = Recognised::blank(typed.number);
    found.fill(typed, context);
    found
}

/// As `recognise`, and when nothing passes also the forms the number misses by one character.
pub(crate) fn recognise_or_nearly(typed: &Typed, context: &Context<'_>) -> Recognised {
    let mut found = recognise(typed, context);
    let named_elsewhere = context.said.carrier.is_some_and(|named| !found.candidates.has(named));
    let settled = found.candidates.first().is_some_and(|best| best.is_valid());
    if !settled || named_elsewhere {
        let fits = found.candidates.first().is_some();
        for format in Row::all() {
            if is_worth_a_guess(&format, fits, settled, typed, context) && nearly_fits(&format, typed) {
                found.add_near(format, typed, context);
            }
        }
    }
    found.candidates.share_confidence();
    found
}

/// Guessing is for a carrier the text names, for lettered forms that cannot be mistaken, and for the commonest of the
/// plain ones.
fn is_worth_a_guess(
    format: &Format,
    fits: bool,
    settled: bool,
    typed: &Typed,
    context: &Context<'_>,
) -> bool {
    let named = |owner| matches!(owner, Owner::Carrier(carrier) if context.said.carrier == Some(carrier));
    let other_length = !format.shape.takes_length(typed.symbols().len());
    let lettered = format.shape.needs_letter && !typed.is_digits();
    let commonest = format.weight >= 200 && format.shape.takes_any_digits;
    let tells = match format.check {
        Check::None => lettered && !fits && format.shape.begins_fixed(),
        _ => lettered || commonest,
    };
    named(format.carrier) || (!settled && (other_length || !fits) && tells)
}

#[inline]
fn judge_digits(check: Check, digits: &[u8]) -> Verdict {
    match check {
        Check::None => Verdict::Unchecked,
        check if check.passes(digits) => Verdict::Passes,
        _ => Verdict::Fails,
    }
}

/// Judges a reading; where letters and digits are both allowed, looks for the reading that passes.
fn judge_lettered(format: &Format, number: &mut Number, typed: &Typed) -> Verdict {
    let verdict = judge_digits(format.check, number.symbols());
    if verdict == Verdict::Fails && format.shape.mixes {
        let reading = other_readings(number, typed).find(|reading| format.check.passes(reading.symbols()));
        if let Some(reading) = reading {
            *number = reading;
            return Verdict::Passes;
        }
    }
    verdict
}

impl Recognised {
    #[inline]
    pub(crate) fn blank(number: Number) -> Recognised {
        Recognised { number, candidates: Candidates::new() }
    }

    /// Finds the carriers, in place: on the way of every number, copying would cost as much as finding.
    #[inline]
    pub(crate) fn fill(&mut self, typed: &Typed, context: &Context<'_>) {
        if typed.is_digits() {
            self.add_digits(typed, context);
        } else {
            self.add_lettered(typed, context);
        }
    }

    #[inline]
    fn add_digits(&mut self, typed: &Typed, context: &Context<'_>) {
        let mut last = None;
        for format in Row::that_may_fit(typed.symbols().len(), true) {
            if fits_digits(&format, typed.symbols()) {
                let verdict = match last {
                    // Three carriers share one rule: the same digits need no second calculation.
                    Some((check, verdict)) if check == format.check => verdict,
                    _ => judge_digits(format.check, typed.symbols()),
                };
                last = Some((format.check, verdict));
                self.add(format, verdict, typed.layout, context);
            }
        }
    }

    /// Forms that want letters first: where one of them takes the number as it was typed, its letters are no misread
    /// digits.
    fn add_lettered(&mut self, typed: &Typed, context: &Context<'_>) {
        let mut as_typed = false;
        for wants_letters in [true, false] {
            for format in Row::that_may_fit(typed.symbols().len(), false) {
                if format.shape.needs_letter == wants_letters
                    && let Some(number) = fit_lettered(&format, typed)
                {
                    as_typed |= wants_letters && !format.varies_in_length() && number == typed.number;
                    self.add_reading(format, number, typed, context);
                }
            }
            if as_typed {
                return;
            }
        }
    }

    #[inline]
    fn add(&mut self, format: Row, verdict: Verdict, typed: Layout, context: &Context<'_>) {
        // Postal numbers have letters: a form of digits alone is always a courier's.
        if let Owner::Carrier(carrier) = format.carrier {
            // What fails tells nothing any more once something passes, unless the carrier is expected.
            if verdict == Verdict::Fails && self.is_settled() && !context.expects(carrier) {
                return;
            }
            self.candidates.insert(judged(format, carrier, verdict, typed, context));
        }
    }

    fn add_reading(&mut self, format: Row, mut number: Number, typed: &Typed, context: &Context<'_>) {
        let verdict = judge_lettered(&format, &mut number, typed);
        let (carrier, verdict) = owner(&format, &number, verdict);
        if self.candidates.insert(judged(format, carrier, verdict, typed.layout, context)) {
            self.number = number;
        }
    }

    fn add_near(&mut self, format: Row, typed: &Typed, context: &Context<'_>) {
        let carrier = match format.carrier {
            Owner::Carrier(carrier) => Some(carrier),
            Owner::PostOfCountry => nearly_of_country(typed.symbols()),
        };
        // Without a country there is nothing postal to miss.
        let Some(carrier) = carrier else { return };
        let mut reasons = Reasons::default();
        reasons.add(Reason::NearMiss);
        let candidate = Candidate { reasons, ..blank(format, carrier, Verdict::Fails) };
        self.candidates.insert(ranked(candidate, typed.layout, context));
    }
}

#[inline]
fn judged(
    format: Row,
    carrier: Carrier,
    verdict: Verdict,
    typed: Layout,
    context: &Context<'_>,
) -> Candidate {
    let mut reasons = Reasons::default();
    reasons.add(match verdict {
        Verdict::Passes => Reason::CheckPassed,
        Verdict::Fails => Reason::CheckFailed,
        Verdict::Unchecked => Reason::NoCheckKnown,
    });
    ranked(Candidate { reasons, ..blank(format, carrier, verdict) }, typed, context)
}

#[inline]
fn blank(format: Row, carrier: Carrier, verdict: Verdict) -> Candidate {
    let reasons = Reasons::default();
    Candidate { format, carrier, verdict, reasons, tier: u8::MAX, weight: 0, confidence_permille: 0 }
}

/// Whose number it is; a postal number of a country without a post is nobody's and not valid.
#[inline]
fn owner(format: &Format, number: &Number, verdict: Verdict) -> (Carrier, Verdict) {
    match (format.carrier, number.symbols()) {
        (Owner::Carrier(carrier), _) => (carrier, verdict),
        (Owner::PostOfCountry, [.., first, second]) => match Carrier::of_country([*first, *second]) {
            Some(carrier) => (carrier, verdict),
            None => (UNKNOWN_POST, Verdict::Fails),
        },
        (Owner::PostOfCountry, _) => (UNKNOWN_POST, Verdict::Fails),
    }
}

fn nearly_of_country(symbols: &[u8]) -> Option<Carrier> {
    let [.., first, second] = symbols else { return None };
    Carrier::of_country([*first, *second])
}

const UNKNOWN_POST: Carrier = Carrier::courier("s10");

/// Fills in weight and rank from what is known beside the number.
#[inline]
fn ranked(mut candidate: Candidate, typed: Layout, context: &Context<'_>) -> Candidate {
    let mut weight = u32::from(candidate.format.weight);
    let mut add = |holds: bool, reason: Reason, times: u32| {
        if holds {
            candidate.reasons.add(reason);
            weight *= times;
        }
    };
    let carrier = candidate.carrier;
    let named = context.said.carrier == Some(carrier);
    let (home, used) = (context.hints.is_home(carrier), context.hints.is_used(carrier));
    add(named, Reason::NamedInText, 100);
    add(typed.agrees_with(candidate.format.layout), Reason::Layout, 8);
    add(home, Reason::Country, 20);
    add(used, Reason::Market, 20);
    let near = candidate.reasons.has(Reason::NearMiss);
    candidate.weight =
        weight * if candidate.verdict == Verdict::Passes { 10 } else { 1 } / if near { 8 } else { 1 };
    // A carrier the text names stands before all others.
    candidate.tier = tier(&candidate, home || used) + if named { 0 } else { 8 };
    candidate
}

/// Which comes first whatever the weights say: 0 the best.
#[inline]
fn tier(candidate: &Candidate, expected: bool) -> u8 {
    let format = candidate.format;
    match candidate.verdict {
        Verdict::Passes => 0,
        Verdict::Unchecked if format.telling => 1,
        // The form is unmistakable, only its check digit is wrong: nothing else may claim the number.
        Verdict::Fails if format.is_distinct() && !candidate.reasons.has(Reason::NearMiss) => 2,
        Verdict::Fails if expected => 3,
        Verdict::Unchecked if expected => 4,
        Verdict::Fails => 5,
        Verdict::Unchecked => 6,
    }
}
