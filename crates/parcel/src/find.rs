//! Every parcel's number in a long text.

use core::ops::Range;

use crate::answer::Answer;
use crate::candidate::{Candidate, Verdict};
use crate::hints::Hints;
use crate::recognise::Context;
use crate::said::{BEFORE_MAX, Said, tail};
use crate::sweep::Sweep;
use crate::typed::Typed;

/// A number found in a text.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Found<'t> {
    /// The bytes of the text it stands in.
    pub range: Range<usize>,
    /// What it says; its input is the number as it stands in the text.
    pub answer: Answer<'t>,
}

/// Finds the parcels' numbers in a text, in order.
///
/// Running text is full of digits, so only numbers that have something for them are yielded: a check digit that is
/// right, an unmistakable form, the grouping of Japan's twelve digits, or a label or a carrier's name beside them. Order
/// numbers, telephone numbers and the like are left out. Time grows in proportion to the text's length.
///
/// ```
/// let text = "ご注文 250-1234567-1234567 は佐川急便 4012-3456-7894 と EE471108151FR で発送しました。";
/// let found: Vec<_> = choba_parcel::find(text).map(|found| found.answer.normalized().to_string()).collect();
/// assert_eq!(found, ["401234567894", "EE471108151FR"]);
/// ```
pub fn find(text: &str) -> impl Iterator<Item = Found<'_>> {
    find_with(text, &Hints::none())
}

/// Finds the parcels' numbers in a text, with what else is known.
pub fn find_with<'t>(text: &'t str, hints: &Hints<'t>) -> impl Iterator<Item = Found<'t>> + use<'t> {
    Labelled::new(text, *hints)
        .filter(|labelled| is_worth_telling(&labelled.answer))
        .map(|labelled| Found { range: labelled.range, answer: labelled.answer })
}

fn is_worth_telling(answer: &Answer<'_>) -> bool {
    let unmistakable = |best: &Candidate| best.format.shape.needs_letter;
    match answer.best() {
        None => false,
        Some(best) if best.verdict == Verdict::Passes || answer.said().is_parcel() => true,
        Some(best) => unmistakable(best) || best.reasons().any(|reason| reason == crate::Reason::Layout),
    }
}

/// Numbers of all kinds in a text, with what the words around them say.
pub(crate) struct Labelled<'t> {
    text: &'t str,
    hints: Hints<'t>,
    sweep: Sweep<'t>,
    last_end: usize,
    last_said: Said,
}

/// A number and how likely it is the one a pasted text is about.
pub(crate) struct LabelledNumber<'t> {
    pub(crate) range: Range<usize>,
    pub(crate) answer: Answer<'t>,
    pub(crate) score: u32,
}

impl<'t> Labelled<'t> {
    pub(crate) fn new(text: &'t str, hints: Hints<'t>) -> Labelled<'t> {
        Labelled { text, hints, sweep: Sweep::new(text), last_end: 0, last_said: Said::default() }
    }

    /// What is said of a number; in a list, what was said of the one before it.
    fn said_of(&mut self, range: &Range<usize>) -> Said {
        let before = tail(&self.text[self.last_end..range.start], BEFORE_MAX);
        let in_a_list = self.last_end > 0 && !before.chars().any(char::is_alphanumeric);
        if !in_a_list {
            self.last_said = Said::around(before, &self.text[range.end..]);
        }
        self.last_said
    }
}

impl<'t> Iterator for Labelled<'t> {
    type Item = LabelledNumber<'t>;

    fn next(&mut self) -> Option<LabelledNumber<'t>> {
        loop {
            let stretch = self.sweep.next()?;
            let input = &self.text[stretch.range.clone()];
            let Ok(typed) = Typed::read(input) else { continue };
            let said = self.said_of(&stretch.range);
            let context = Context { hints: self.hints, said };
            let answer = Answer::if_plain(input, &typed, context)
                .unwrap_or_else(|| Answer::guessed(input, &typed, context));
            // A date or a postcode between a carrier's name and its number does not take the name away.
            if answer.best().is_some() {
                self.last_end = stretch.range.end;
            }
            let score = stretch.worth + score(&answer, &said);
            return Some(LabelledNumber { range: stretch.range, answer, score });
        }
    }
}

/// A number called a parcel's counts most, then one a carrier's name stands beside, then any parcel's.
fn score(answer: &Answer<'_>, said: &Said) -> u32 {
    let is_parcel = answer.best().is_some();
    u32::from(said.tracking && is_parcel) * 8000
        + u32::from(said.carrier.is_some() && is_parcel) * 4000
        + u32::from(is_parcel) * 2000
        + u32::from(answer.not_a_parcel().is_some()) * 500
}
