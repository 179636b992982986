//! What a number says: the answer of this crate.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use crate::candidate::{Candidate, Candidates, Verdict};
use crate::carrier::Carrier;
use crate::correct;
use crate::country::Country;
use crate::format::Owner;
use crate::layout::{Layout, write_grouped};
use crate::not_a_parcel::{self, NotAParcel};
use crate::number::Number;
use crate::reading::{ReadAs, readings};
use crate::recognise::{Context, Recognised, recognise_or_nearly};
use crate::said::Said;
use crate::sentence::{self, Message};
use crate::typed::Typed;

/// Everything a number says. It borrows the text and allocates nothing until corrections, a link or sentences are asked
/// for.
#[derive(Clone)]
pub struct Answer<'t> {
    input: &'t str,
    /// The bytes of the input the number stands in.
    range: Range<usize>,
    found: Recognised,
    typed: Layout,
    /// The barcode's start and stop letters stood around it.
    wrapped: bool,
    not_a_parcel: Option<NotAParcel>,
    context: Context<'t>,
}

impl<'t> Answer<'t> {
    /// The text that was asked about.
    #[must_use]
    pub fn input(&self) -> &'t str {
        self.input
    }

    /// The bytes of the input from the number's first character to its last.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// The number in normal form: half width, upper case, no dashes or spaces. Empty when there was none.
    #[must_use]
    pub fn normalized(&self) -> &str {
        &self.found.number
    }

    /// The number as its carrier prints it.
    #[must_use]
    pub fn display(&self) -> Display<'_> {
        let (layout, separator) = self.printed();
        Display { number: &self.found.number, layout, separator }
    }

    /// Whether nothing speaks against the number: its check digit is right, or its form has no publicly known check
    /// digit and the shape fits (then the best candidate's [`check`](Candidate::check) is `None`).
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.best().is_some_and(Candidate::is_valid)
    }

    /// The likeliest carrier.
    #[must_use]
    pub fn carrier(&self) -> Option<Carrier> {
        self.best().map(Candidate::carrier)
    }

    /// The likeliest candidate.
    #[must_use]
    pub fn best(&self) -> Option<&Candidate> {
        self.found.candidates.first()
    }

    /// Every carrier the number may belong to, likeliest first. At most eight.
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        self.found.candidates.as_slice()
    }

    /// The characters that were read as others, by place.
    pub fn read_as(&self) -> impl Iterator<Item = ReadAs> {
        readings(self.input.get(self.range()).unwrap_or_default(), self.wrapped, &self.found.number)
    }

    /// What was probably meant, when the number is not valid: well-formed numbers one slip away, likeliest first, at
    /// most ten. They are guesses to choose from; many numbers can be one slip away.
    #[must_use]
    pub fn corrections(&self) -> Vec<Number> {
        if self.is_valid() || self.not_a_parcel.is_some() || self.found.number.is_empty() {
            return Vec::new();
        }
        correct::corrections(&self.found.number, self.typed, self.best(), &self.context)
    }

    /// What the number is instead, when it does not name a parcel.
    #[must_use]
    pub fn not_a_parcel(&self) -> Option<NotAParcel> {
        self.not_a_parcel
    }

    /// The page on which the likeliest carrier shows the parcel.
    #[must_use]
    pub fn track_url(&self) -> Option<String> {
        self.best().and_then(|best| self.track_url_of(best))
    }

    /// The page on which a candidate's carrier shows the parcel. `None` where the carrier has no public page.
    #[must_use]
    pub fn track_url_of(&self, candidate: &Candidate) -> Option<String> {
        let pattern = candidate.track_pattern().or_else(|| self.inbound_page(candidate))?;
        let (head, tail) = pattern.split_once("%s")?;
        // A normal form is letters and digits only: nothing in it needs escaping.
        Some([head, &self.found.number, tail].concat())
    }

    /// One or two sentences for a person.
    #[must_use]
    pub fn message(&self) -> Message {
        sentence::of(self)
    }

    /// Mail from abroad can be followed at Japan Post once it is in the country.
    fn inbound_page(&self, candidate: &Candidate) -> Option<&'static str> {
        let inbound = candidate.format.carrier == Owner::PostOfCountry
            && self.context.hints.country == Some(Country::JAPAN);
        if inbound { Carrier::courier("japan-post").track_pattern() } else { None }
    }

    fn printed(&self) -> (Layout, char) {
        let length = self.found.number.len();
        match (self.not_a_parcel, self.best()) {
            (Some(NotAParcel::OrderNumber), _) if length == 17 => (Layout::of_groups(&[3, 7, 7]), '-'),
            (Some(NotAParcel::Postcode), _) if length == 7 => (Layout::of_groups(&[3, 4]), '-'),
            (Some(_), _) => (self.typed.within(length), '-'),
            (None, Some(best)) if best.format.shape.takes_length(length) => {
                (best.format.layout, best.format.separator)
            }
            (None, _) => (Layout::WHOLE, '-'),
        }
    }
}

/// Building answers.
impl<'t> Answer<'t> {
    /// There is no number in the text.
    pub(crate) fn of_nothing(input: &'t str) -> Answer<'t> {
        Answer::of(input, Recognised::blank(Number::EMPTY), Context::default())
    }

    #[inline]
    fn of(input: &'t str, found: Recognised, context: Context<'t>) -> Answer<'t> {
        Answer {
            input,
            range: 0..0,
            found,
            typed: Layout::WHOLE,
            wrapped: false,
            not_a_parcel: None,
            context,
        }
    }

    /// The answer for a number as typed, if it fits anything without guessing.
    #[inline]
    pub(crate) fn if_plain(input: &'t str, typed: &Typed, context: Context<'t>) -> Option<Answer<'t>> {
        let mut answer = Answer::of(input, Recognised::blank(typed.number), context);
        answer.stand_at(typed);
        if let Some(kind) = not_a_parcel::certain(typed, &context) {
            answer.call_otherwise(typed, kind);
            return Some(answer);
        }
        answer.found.fill(typed, &context);
        if answer.found.is_settled() && context.said == Said::default() {
            answer.found.candidates.share_confidence();
            return Some(answer);
        }
        answer.if_not_passing(typed)
    }

    #[cold]
    fn if_not_passing(mut self, typed: &Typed) -> Option<Answer<'t>> {
        if self.best().is_none()
            && let Some(inside) = typed.without_start_and_stop()
        {
            // Such bar codes are on the labels of Japanese carriers.
            let country = self.context.hints.country.unwrap_or(Country::JAPAN);
            let context = Context { hints: self.context.hints.in_country(country), ..self.context };
            let answer = Answer::if_plain(self.input, &inside, context);
            return answer.map(|answer| Answer { wrapped: true, ..answer });
        }
        if let Some(kind) = called_otherwise(typed, &self.found.candidates, &self.context) {
            self.call_otherwise(typed, kind);
            return Some(self);
        }
        self.best()?;
        Some(Answer::guessed(self.input, typed, self.context))
    }

    /// The answer for a number as typed, guessing where it fits nothing.
    pub(crate) fn guessed(input: &'t str, typed: &Typed, context: Context<'t>) -> Answer<'t> {
        let mut found = recognise_or_nearly(typed, &context);
        if found.candidates.as_slice().iter().all(Candidate::is_near_miss) {
            found.number = not_a_parcel::reading(typed);
        }
        let mut answer = Answer::of(input, found, context);
        answer.stand_at(typed);
        answer
    }

    #[inline]
    fn stand_at(&mut self, typed: &Typed) {
        self.range = typed.range.clone();
        self.typed = typed.layout;
    }

    fn call_otherwise(&mut self, typed: &Typed, kind: NotAParcel) {
        self.not_a_parcel = Some(kind);
        // A form that takes the number has read its unsure letters already.
        let read = if self.best().is_some() { self.found.number } else { not_a_parcel::reading(typed) };
        self.found = Recognised::blank(read);
    }

    /// The same answer about a longer text in which the input begins at `shift`.
    pub(crate) fn within(self, input: &'t str, shift: usize) -> Answer<'t> {
        Answer { input, range: self.range.start + shift..self.range.end + shift, ..self }
    }

    pub(crate) fn said(&self) -> &Said {
        &self.context.said
    }
}

/// A label or, failing that, the digits themselves may say that this is no parcel's number. A number that passes as
/// something unmistakable is a parcel's whatever stands before it.
fn called_otherwise(typed: &Typed, candidates: &Candidates, context: &Context<'_>) -> Option<NotAParcel> {
    let best = candidates.first();
    let unmistakable = |best: &Candidate| best.format.is_distinct() && best.verdict != Verdict::Fails;
    if best.is_some_and(unmistakable) && (typed.letters > 0 || context.said.other.is_none()) {
        return None;
    }
    let said = context.said.other.filter(|kind| not_a_parcel::is_plausible(*kind, typed));
    let passes = best.is_some_and(|best| best.verdict == Verdict::Passes);
    said.or_else(|| if passes || context.said.is_parcel() { None } else { not_a_parcel::likely(typed) })
}

impl fmt::Debug for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("normalized", &self.normalized())
            .field("valid", &self.is_valid())
            .field("candidates", &self.candidates())
            .field("not_a_parcel", &self.not_a_parcel)
            .finish_non_exhaustive()
    }
}

/// A number in groups; made by [`Answer::display`].
#[derive(Clone, Copy, Debug)]
pub struct Display<'n> {
    number: &'n Number,
    layout: Layout,
    separator: char,
}

impl fmt::Display for Display<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_grouped(f, self.number, self.layout, self.separator)
    }
}
