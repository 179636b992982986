//! What was probably meant by a number that fails: every well-formed number one slip away, likeliest first.
//!
//! A check digit lets many repairs through (16 of one digit, on average, for twelve digits), so they are only ever
//! offered, never applied.

use alloc::vec::Vec;

use crate::candidate::{Candidate, Verdict};
use crate::edit::{Slip, each_slip};
use crate::layout::Layout;
use crate::not_a_parcel;
use crate::number::Number;
use crate::recognise::{Context, recognise};
use crate::said::Said;
use crate::typed::Typed;

/// The most corrections offered.
pub(crate) const CORRECTIONS_MAX: usize = 10;

const ALL_SYMBOLS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// The digits, and the letters most often typed as digits.
const DIGITS_AND_ALIKE: &[u8] = b"0123456789BDGSTZ";

struct Ranked {
    number: Number,
    score: u64,
}

/// The corrections of a number, best first.
pub(crate) fn corrections(
    number: &Number,
    layout: Layout,
    best: Option<&Candidate>,
    context: &Context<'_>,
) -> Vec<Number> {
    let symbols = number.symbols();
    let digits_alone = symbols.iter().all(u8::is_ascii_digit);
    let alphabet = if digits_alone { DIGITS_AND_ALIKE } else { ALL_SYMBOLS };
    let mut kept: Vec<Ranked> = Vec::with_capacity(CORRECTIONS_MAX + 1);
    each_slip(symbols, alphabet, |slip, meant| {
        let typed = Typed::of_symbols(meant, layout);
        if let Some(score) = score(slip, &typed, best, context) {
            keep(&mut kept, Ranked { number: typed.number, score });
        }
    });
    kept.into_iter().map(|ranked| ranked.number).collect()
}

/// How likely this was meant: the slip, how common the number's carrier is, and whether the length was kept.
fn score(slip: Slip, meant: &Typed, best: Option<&Candidate>, context: &Context<'_>) -> Option<u64> {
    let found = recognise(meant, context);
    let first = found.candidates.first().filter(|first| first.verdict == Verdict::Passes)?;
    // Reading the repair differently again would be a second slip.
    if found.number != meant.number || is_no_parcel_by_itself(meant, context) {
        return None;
    }
    let same_carrier = best.is_some_and(|best| found.candidates.has(best.carrier));
    let likely = u64::from(likelihood(slip, first, meant)) * u64::from(first.weight);
    Some(likely * if same_carrier { 8 } else { 1 })
}

/// Whether the repaired number, standing alone, would be taken for a telephone's or the like.
fn is_no_parcel_by_itself(meant: &Typed, context: &Context<'_>) -> bool {
    let alone = Typed::of_symbols(meant.symbols(), Layout::WHOLE);
    not_a_parcel::certain(&alone, &Context { hints: context.hints, said: Said::default() }).is_some()
}

/// Of all repairs of one place, that of the check character itself is the one that leaves the number's own digits alone.
const CHECK_CHARACTER_ALONE: u32 = 40;

fn likelihood(slip: Slip, meant: &Candidate, number: &Typed) -> u32 {
    let check = meant.format.check.place(number.symbols().len());
    match slip {
        Slip::Wrong { at, .. } if check == Some(at) => slip.likelihood().max(CHECK_CHARACTER_ALONE),
        _ => slip.likelihood(),
    }
}

/// Keeps the best, in order; of equals the earlier stays first.
fn keep(kept: &mut Vec<Ranked>, ranked: Ranked) {
    let at = kept.iter().position(|other| other.score < ranked.score).unwrap_or(kept.len());
    if at < CORRECTIONS_MAX && !kept.iter().any(|other| other.number == ranked.number) {
        kept.insert(at, ranked);
        kept.truncate(CORRECTIONS_MAX);
    }
}
