//! A number as it was typed: its symbols, its groups, and where in the text it stands.

use core::ops::Range;

use crate::glyph::Glyph;
use crate::layout::Layout;
use crate::number::Number;

/// The symbols of a text that holds one number and nothing else.
#[derive(Clone, Debug)]
pub(crate) struct Typed {
    /// Upper case; `|` is still itself.
    pub(crate) number: Number,
    pub(crate) layout: Layout,
    pub(crate) digits: u8,
    pub(crate) letters: u8,
    /// Where a small `l` was typed, as bits: unlike `L` it looks like `1`.
    pub(crate) small_l: u64,
    pub(crate) plus: bool,
    pub(crate) dashed: bool,
    pub(crate) spaced: bool,
    /// The bytes of the text from the first symbol to the last.
    pub(crate) range: Range<usize>,
}

/// Why a text is not one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotOne {
    /// It has words, several lines, or punctuation inside.
    HasText,
    /// It has more symbols than any number.
    TooLong,
    /// It has no symbols at all.
    Empty,
}

impl Typed {
    /// Reads a whole text as one number.
    #[inline]
    pub(crate) fn read(text: &str) -> Result<Typed, NotOne> {
        let mut reader = Reader::new();
        for (at, character) in text.char_indices() {
            reader.take(at, character)?;
        }
        let typed = reader.finish()?;
        if typed.is_framed() { typed.without_frame(text) } else { Ok(typed) }
    }

    /// A number that was not typed but made up, in the groups of another.
    pub(crate) fn of_symbols(symbols: &[u8], layout: Layout) -> Typed {
        // At most 44 symbols: the counts fit.
        let digits = symbols.iter().filter(|symbol| symbol.is_ascii_digit()).count() as u8;
        let letters = symbols.len() as u8 - digits;
        Typed { number: Number::from_symbols(symbols), layout, digits, letters, ..Reader::new().typed }
    }

    pub(crate) fn is_digits(&self) -> bool {
        self.letters == 0
    }

    /// Dashes and spaces together usually separate two things.
    pub(crate) fn has_mixed_gaps(&self) -> bool {
        self.dashed && self.spaced
    }

    /// The symbols, digits and upper-case letters and `|`.
    #[inline]
    pub(crate) fn symbols(&self) -> &[u8] {
        self.number.symbols()
    }

    /// The number inside the start and stop letters (`A` to `D`) that NW-7 barcodes carry and scanners read along.
    pub(crate) fn without_start_and_stop(&self) -> Option<Typed> {
        let [start, inside @ .., stop] = self.symbols() else { return None };
        let wrapped = [start, stop].iter().all(|letter| matches!(letter, b'A'..=b'D'));
        if !wrapped || self.letters != 2 || !(10..=13).contains(&inside.len()) {
            return None;
        }
        let layout = self.layout.without_first(1).within(inside.len());
        Some(Typed { number: Number::from_symbols(inside), layout, letters: 0, ..self.clone() })
    }

    /// A table's border: `|` on both ends, or set off by a space. Elsewhere `|` is a misread `1`.
    fn is_framed(&self) -> bool {
        let symbols = self.symbols();
        let (first, last) = (symbols.first() == Some(&b'|'), symbols.last() == Some(&b'|'));
        let set_off = |place| self.layout.breaks_before(place);
        (first && (last || set_off(1))) || (last && set_off(symbols.len() - 1))
    }

    fn without_frame(&self, text: &str) -> Result<Typed, NotOne> {
        let is_bar = |character: char| matches!(Glyph::of(character).symbol(), Some(b'|'));
        let framed = text.get(self.range.clone()).unwrap_or_default();
        let inside = framed.trim_start_matches(is_bar);
        let shift = self.range.start + framed.len() - inside.len();
        let mut typed = Typed::read(inside.trim_end_matches(is_bar))?;
        typed.range = typed.range.start + shift..typed.range.end + shift;
        Ok(typed)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    None,
    Space,
    Dash,
}

struct Reader {
    typed: Typed,
    gap: Gap,
    /// Punctuation came after the first symbol: another symbol would make two things of it.
    marked: bool,
}

impl Reader {
    fn new() -> Reader {
        let typed = Typed {
            number: Number::EMPTY,
            layout: Layout::WHOLE,
            digits: 0,
            letters: 0,
            small_l: 0,
            plus: false,
            dashed: false,
            spaced: false,
            range: 0..0,
        };
        Reader { typed, gap: Gap::None, marked: false }
    }

    #[inline]
    fn take(&mut self, at: usize, character: char) -> Result<(), NotOne> {
        if character.is_ascii_alphanumeric() {
            return self.symbol(at, character, character as u8);
        }
        match Glyph::of(character) {
            Glyph::Symbol(symbol) | Glyph::LookAlike(symbol) => self.symbol(at, character, symbol)?,
            Glyph::Text => return Err(NotOne::HasText),
            Glyph::Nothing => {}
            Glyph::Plus if self.is_empty() => self.typed.plus = true,
            Glyph::Mark | Glyph::Newline | Glyph::Plus => self.marked = !self.is_empty(),
            Glyph::Dash => self.gap = Gap::Dash,
            Glyph::Space if self.gap == Gap::None => self.gap = Gap::Space,
            Glyph::Space => {}
        }
        Ok(())
    }

    fn is_empty(&self) -> bool {
        self.typed.range.end == 0
    }

    #[inline]
    fn symbol(&mut self, at: usize, character: char, symbol: u8) -> Result<(), NotOne> {
        if self.marked {
            return Err(NotOne::HasText);
        }
        if self.is_empty() {
            self.typed.range.start = at;
        } else if self.gap != Gap::None {
            self.end_gap();
        }
        self.gap = Gap::None;
        self.typed.range.end = at + character.len_utf8();
        if symbol == b'l' {
            // At most 44 symbols: the shift stays within the bits.
            self.typed.small_l |= 1 << self.typed.number.symbols().len();
        }
        let digit = u8::from(symbol.is_ascii_digit());
        self.typed.digits += digit;
        self.typed.letters += 1 - digit;
        if self.typed.number.push(symbol.to_ascii_uppercase()) { Ok(()) } else { Err(NotOne::TooLong) }
    }

    fn end_gap(&mut self) {
        self.typed.layout.break_before(self.typed.number.symbols().len());
        self.typed.dashed |= self.gap == Gap::Dash;
        self.typed.spaced |= self.gap == Gap::Space;
    }

    fn finish(self) -> Result<Typed, NotOne> {
        if self.is_empty() { Err(NotOne::Empty) } else { Ok(self.typed) }
    }
}
