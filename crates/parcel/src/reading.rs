//! What was read differently from how it was typed.

use crate::glyph::Glyph;
use crate::number::Number;

/// A character that was read as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadAs {
    /// The character as typed, in half width.
    pub from: char,
    /// What it was read as.
    pub to: char,
    /// Where it stands in the normal form, counted in characters from 0.
    pub at: usize,
}

/// Compares a stretch of text with the number read from it. Case and width are not differences.
pub(crate) fn readings<'t>(
    text: &'t str,
    wrapped: bool,
    number: &'t Number,
) -> impl Iterator<Item = ReadAs> + 't {
    let typed = text
        .chars()
        .filter_map(|character| Some((character, Glyph::of(character), Glyph::of(character).symbol()?)));
    let typed = typed.skip(usize::from(wrapped)).zip(number.chars()).enumerate();
    typed.filter_map(|(at, ((character, glyph, symbol), to))| {
        let is_look_alike = matches!(glyph, Glyph::LookAlike(_));
        let from = if is_look_alike { character } else { char::from(symbol) };
        let same = !is_look_alike && from.to_ascii_uppercase() == to;
        (!same).then_some(ReadAs { from, to, at })
    })
}
