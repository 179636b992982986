//! Numbers in running text: where each begins and ends.
//!
//! The text is read once. Pieces of letters and digits with nothing but spaces and dashes between them are joined in
//! the way that explains the most characters as well-formed numbers. Windows and spans are bounded, so a text of any
//! length takes time in proportion and no more memory.

use alloc::vec::Vec;
use core::ops::Range;

use crate::candidate::Verdict;
use crate::glyph::Glyph;
use crate::layout::Layout;
use crate::not_a_parcel;
use crate::number::LENGTH_MAX;
use crate::recognise::{Context, Recognised, recognise};
use crate::typed::Typed;
use crate::words::is_word;

/// Pieces looked at together.
const PIECES_MAX: usize = 64;
/// How far before a digit a number may begin, in bytes.
const LEAD_MAX: usize = 24;
/// Letters alone beyond this are a word.
const LETTERS_MAX: usize = 4;
/// No single Latin word of the table is longer.
const WORD_MAX: usize = 16;
/// Numbers are written in groups of up to so many symbols.
const GROUP_MAX: usize = 6;
/// Gaps beyond this separate two things.
const GAP_MAX: usize = 4;

/// A run of letters and digits.
#[derive(Clone, Debug)]
struct Piece {
    range: Range<usize>,
    symbols: usize,
    digits: usize,
}

/// A stretch of text that was explained as one number.
pub(crate) struct Stretch {
    pub(crate) range: Range<usize>,
    /// How well it is explained; 0 never.
    pub(crate) worth: u32,
}

/// Walks a text and yields stretches that may be numbers, in order.
pub(crate) struct Sweep<'t> {
    text: &'t str,
    at: usize,
    found: Vec<Stretch>,
}

impl<'t> Sweep<'t> {
    pub(crate) fn new(text: &'t str) -> Sweep<'t> {
        Sweep { text, at: 0, found: Vec::new() }
    }
}

impl Iterator for Sweep<'_> {
    type Item = Stretch;

    fn next(&mut self) -> Option<Stretch> {
        loop {
            if let Some(stretch) = self.found.pop() {
                return Some(stretch);
            }
            let digit = next_digit(self.text, self.at)?;
            let start = lead_of(self.text, self.at, digit);
            let (pieces, end) = pieces_from(self.text, start, digit);
            self.at = end;
            if pieces.iter().map(|piece| piece.digits).sum::<usize>() >= 4 {
                self.found = explained(self.text, &pieces);
                self.found.reverse();
            }
        }
    }
}

/// The next digit, half or full width.
fn next_digit(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| byte.is_ascii_digit() || *byte == 0xef)?;
        match &bytes[at..] {
            // U+FF10 to U+FF19.
            [0xef, rest @ ..] if !matches!(rest, [0xbc, 0x90..=0x99, ..]) => at += 1,
            _ => return Some(at),
        }
    }
}

/// Goes back from a digit over letters and gaps that may belong to the number.
fn lead_of(text: &str, floor: usize, digit: usize) -> usize {
    let mut start = digit;
    for (at, character) in text[floor..digit].char_indices().rev() {
        let at = floor + at;
        match Glyph::of(character) {
            Glyph::Plus => return at,
            Glyph::Mark | Glyph::Newline | Glyph::Text => break,
            _ if digit - at > LEAD_MAX => break,
            Glyph::Symbol(_) | Glyph::LookAlike(_) => start = at,
            Glyph::Dash | Glyph::Space | Glyph::Nothing => {}
        }
    }
    start
}

/// The pieces from `start` on, up to whatever separates numbers, and where to go on reading.
fn pieces_from(text: &str, start: usize, digit: usize) -> (Vec<Piece>, usize) {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at = start;
    while pieces.len() < PIECES_MAX {
        let piece = match next_piece(text, at, pieces.is_empty()) {
            Ok(piece) => piece,
            Err(end) if end > digit || has_digits(&pieces) => return (pieces, end.max(digit)),
            Err(end) => {
                pieces.clear();
                at = end;
                continue;
            }
        };
        at = piece.range.end;
        if is_part(text, &piece, pieces.last()) {
            pieces.push(piece);
        } else if has_digits(&pieces) || at > digit {
            return (pieces, at);
        } else {
            pieces.clear();
        }
    }
    (pieces, at)
}

fn has_digits(pieces: &[Piece]) -> bool {
    pieces.iter().any(|piece| piece.digits > 0)
}

/// A word or something longer than any number is no part of a number. Two letters after digits may name a country.
fn is_part(text: &str, piece: &Piece, last: Option<&Piece>) -> bool {
    if piece.digits > 0 {
        return piece.symbols <= LENGTH_MAX;
    }
    let after_digits = piece.symbols == 2 && last.is_some_and(|last| last.digits > 0);
    piece.symbols <= LETTERS_MAX && (after_digits || !names_something(text, piece))
}

/// Whether the piece is a word of the table, in either case and width.
fn names_something(text: &str, piece: &Piece) -> bool {
    let mut word = [0; WORD_MAX];
    let symbols = text[piece.range.clone()].chars().filter_map(|character| Glyph::of(character).symbol());
    let mut length = 0;
    for symbol in symbols {
        let Some(place) = word.get_mut(length) else { return false };
        *place = symbol;
        length += 1;
    }
    is_word(&word[..length])
}

/// The next run of letters and digits, or where to go on when something separates it from what came before.
fn next_piece(text: &str, from: usize, is_first: bool) -> Result<Piece, usize> {
    let mut piece = Piece { range: from..from, symbols: 0, digits: 0 };
    let (mut gaps, mut stopped) = (0, false);
    for (offset, character) in text[from..].char_indices() {
        let at = from + offset;
        match Glyph::of(character) {
            Glyph::Symbol(symbol) | Glyph::LookAlike(symbol) => {
                let digit = symbol.is_ascii_digit();
                let begins_digits = digit || symbol == b'|';
                if begins_digits && piece.symbols > 0 && piece.digits == 0 && names_something(text, &piece) {
                    return Ok(piece);
                }
                if piece.symbols == 0 && piece.range.is_empty() {
                    piece.range.start = at;
                }
                piece.range.end = at + character.len_utf8();
                piece.symbols += 1;
                piece.digits += usize::from(digit);
            }
            _ if piece.symbols > 0 => return Ok(piece),
            Glyph::Plus if is_first && piece.range.is_empty() => piece.range = at..at + character.len_utf8(),
            Glyph::Nothing => {}
            // A full stop and a space end a sentence.
            Glyph::Dash if gaps < GAP_MAX => (gaps, stopped) = (gaps + 1, character == '.'),
            Glyph::Space if gaps < GAP_MAX && !stopped => gaps += 1,
            Glyph::Plus => return Err(at),
            _ => return Err(at + character.len_utf8()),
        }
    }
    if piece.symbols > 0 { Ok(piece) } else { Err(text.len()) }
}

/// Joins pieces so that the most is explained; what explains nothing is left out.
fn explained(text: &str, pieces: &[Piece]) -> Vec<Stretch> {
    // `best[i]` is the most that pieces from `i` on can be worth, and how many pieces the first number takes.
    let mut best = alloc::vec![(0_u32, 0_usize); pieces.len() + 1];
    for first in (0..pieces.len()).rev() {
        best[first] = (best[first + 1].0, 0);
        if !begins_number(pieces, first) {
            continue;
        }
        for (taken, worth) in joins(text, &pieces[first..]) {
            let worth = if cuts_through(text, pieces, first..first + taken) { worth / 2 } else { worth };
            let total = worth + best[first + taken].0;
            if worth > 0 && total > best[first].0 {
                best[first] = (total, taken);
            }
        }
    }
    chosen(pieces, &best)
}

/// Characters typed one by one or in pairs are one number from their beginning on; trying each would be slow.
fn begins_number(pieces: &[Piece], first: usize) -> bool {
    first == 0 || pieces[first].symbols > 2 || pieces[first - 1].symbols > 2
}

/// Groups of a number that is written in groups are no number of their own, though by chance they may pass a check:
/// all groups are short, and the gaps around the join are the same as those within.
fn cuts_through(text: &str, pieces: &[Piece], join: Range<usize>) -> bool {
    let gap = |at: usize| text.get(pieces.get(at)?.range.end..pieces.get(at + 1)?.range.start);
    let is_short = |at: usize| pieces.get(at).is_some_and(|piece| piece.symbols <= GROUP_MAX);
    if join.len() < 2 || !join.clone().all(is_short) {
        return false;
    }
    let within = gap(join.start);
    let before = join.start.checked_sub(1).is_some_and(|before| is_short(before) && gap(before) == within);
    let after = is_short(join.end) && gap(join.end - 1) == within;
    before || after
}

fn chosen(pieces: &[Piece], best: &[(u32, usize)]) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut at = 0;
    while at < pieces.len() {
        let (worth, taken) = best[at];
        if taken > 0 {
            let range = pieces[at].range.start..pieces[at + taken - 1].range.end;
            stretches.push(Stretch { range, worth: worth - best[at + taken].0 });
        }
        at += taken.max(1);
    }
    stretches
}

/// Every number that begins with the first piece: how many pieces it takes and what it is worth.
fn joins<'p>(text: &'p str, pieces: &'p [Piece]) -> impl Iterator<Item = (usize, u32)> + 'p {
    let mut symbols = 0;
    let fitting = pieces.iter().take_while(move |piece| {
        symbols += piece.symbols;
        symbols <= LENGTH_MAX
    });
    fitting.enumerate().map(move |(place, last)| {
        let typed = Typed::read(&text[pieces[0].range.start..last.range.end]);
        (place + 1, typed.map_or(0, |typed| worth(&typed)))
    })
}

/// How much a reading explains: its characters, weighed by how sure it is.
pub(crate) fn worth(typed: &Typed) -> u32 {
    let length = typed.symbols().len();
    if typed.digits < 4 || length < 6 {
        return 0;
    }
    let context = Context::default();
    let each = match not_a_parcel::certain(typed, &context) {
        Some(not_a_parcel::NotAParcel::Postcode) => 30,
        Some(_) => 100,
        None => sureness(typed, &recognise(typed, &context)),
    };
    // Dashes and spaces together usually separate two things.
    length as u32 * each / if typed.has_mixed_gaps() { 2 } else { 1 }
}

fn sureness(typed: &Typed, found: &Recognised) -> u32 {
    let in_groups = |layout: Layout| typed.layout.is_whole() || typed.layout.agrees_with(layout);
    match found.candidates.first() {
        Some(best) if best.verdict == Verdict::Passes => 100 + 20 * u32::from(best.format.is_distinct()),
        Some(best) if best.format.is_distinct() && best.verdict == Verdict::Fails => 70,
        Some(best) if best.format.is_distinct() => 60,
        // Written just as the carrier prints it.
        Some(best) if !typed.layout.is_whole() && in_groups(best.format.layout) => 60,
        Some(best) if in_groups(best.format.layout) => 40,
        Some(_) => 20,
        None if typed.without_start_and_stop().is_some() => 60,
        None if not_a_parcel::likely(typed).is_some() => 10,
        // Fits nothing as typed, but it is all there is to guess from.
        None => 2,
    }
}
