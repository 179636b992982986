//! One number out of a pasted text.

use crate::answer::Answer;
use crate::find::Labelled;
use crate::hints::Hints;
use crate::recognise::Context;
use crate::said::Said;
use crate::typed::{NotOne, Typed};
use crate::words::is_word;

/// Says what the number in a text is, knowing nothing beside the text.
///
/// ```
/// let answer = choba_parcel::parse("ヤマト運輸 お問い合わせ番号：１２３４－５６７８－９０１２");
/// assert_eq!(answer.carrier().map(|carrier| carrier.id()), Some("yamato"));
/// assert_eq!(answer.normalized(), "123456789012");
/// assert!(!answer.is_valid());
/// ```
#[must_use]
pub fn parse(text: &str) -> Answer<'_> {
    parse_with(text, &Hints::none())
}

/// Says what the number in a text is, with what else is known.
///
/// Any text gets an answer; a text without a number gets one with nothing in it. A text with several numbers is
/// answered for the one that is likeliest a parcel's; [`find`](crate::find) yields them all. Time grows in proportion to
/// the text's length.
#[must_use]
pub fn parse_with<'t>(text: &'t str, hints: &Hints<'t>) -> Answer<'t> {
    let context = Context { hints: *hints, said: Said::default() };
    let typed = Typed::read(text);
    if let Ok(typed) = &typed
        && !typed.has_mixed_gaps()
        && !has_label(typed)
        && let Some(answer) = Answer::if_plain(text, typed, context)
    {
        return answer;
    }
    let answer = in_text(text, hints).unwrap_or_else(|| unexplained(text, typed, context));
    if is_a_jumble(&answer) { Answer::of_nothing(text) } else { answer }
}

/// Letters and digits that are no valid number and, written without gaps and labels, would even read differently: no
/// number that anyone could go on with.
fn is_a_jumble(answer: &Answer<'_>) -> bool {
    let normal = answer.normalized();
    !answer.is_valid() && normal != answer.input() && parse(normal).normalized() != normal
}

/// The number in a longer text that is likeliest a parcel's.
fn in_text<'t>(text: &'t str, hints: &Hints<'t>) -> Option<Answer<'t>> {
    let mut best: Option<(u32, Answer<'t>)> = None;
    for labelled in Labelled::new(text, *hints) {
        if best.as_ref().is_none_or(|(score, _)| labelled.score > *score) {
            best = Some((labelled.score, labelled.answer.within(text, labelled.range.start)));
        }
    }
    best.map(|(_, answer)| answer)
}

fn unexplained<'t>(text: &'t str, typed: Result<Typed, NotOne>, context: Context<'t>) -> Answer<'t> {
    match typed {
        Ok(typed) => Answer::guessed(text, &typed, context),
        Err(_) => Answer::of_nothing(text),
    }
}

/// The first or the last group is a word rather than part of the number: "UPS 1Z…", "No 1234".
fn has_label(typed: &Typed) -> bool {
    if typed.is_digits() || typed.layout.is_whole() {
        return false;
    }
    let symbols = typed.symbols();
    let first = (1..symbols.len()).find(|at| typed.layout.breaks_before(*at)).unwrap_or(symbols.len());
    let last = (1..symbols.len()).rfind(|at| typed.layout.breaks_before(*at)).unwrap_or(0);
    let is_label = |group: &[u8]| group.iter().all(u8::is_ascii_alphabetic) && is_word(group);
    is_label(&symbols[..first]) || (symbols.len() - last > 2 && is_label(&symbols[last..]))
}
