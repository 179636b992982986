//! How a number is cut into groups: `1234-5678-9012` is 4-4-4.

use core::fmt;

use crate::number::Number;

/// The places before which a group begins, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Layout(u64);

impl Layout {
    /// One group.
    pub(crate) const WHOLE: Layout = Layout(0);

    pub(crate) const fn of_groups(groups: &[u8]) -> Layout {
        let mut bits = 0;
        let mut at = 0;
        let mut group = 0;
        while group + 1 < groups.len() {
            at += groups[group];
            bits |= 1 << at;
            group += 1;
        }
        Layout(bits)
    }

    /// A group begins before this place; the very beginning is no break.
    #[inline]
    pub(crate) fn break_before(&mut self, place: usize) {
        if place > 0 && place < 64 {
            self.0 |= 1 << place;
        }
    }

    pub(crate) fn cut_before(mut self, place: usize) -> Layout {
        self.break_before(place);
        self
    }

    #[inline]
    pub(crate) fn is_whole(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn breaks_before(self, place: usize) -> bool {
        place < 64 && self.0 >> place & 1 == 1
    }

    /// The same cuts in a number that lost its first `count` characters.
    pub(crate) fn without_first(self, count: u32) -> Layout {
        Layout((self.0 >> count) & !1)
    }

    /// The same cuts as far as they fall within the first `length` characters.
    pub(crate) fn within(self, length: usize) -> Layout {
        Layout(if length >= 64 { self.0 } else { self.0 & ((1 << length) - 1) })
    }

    /// Whether the number was typed in the groups the carrier prints; a last group too short or too long still agrees.
    pub(crate) fn agrees_with(self, printed: Layout) -> bool {
        !self.is_whole() && self.0 == printed.0
    }
}

/// Writes a number in its groups.
pub(crate) fn write_grouped(
    f: &mut impl fmt::Write,
    number: &Number,
    layout: Layout,
    separator: char,
) -> fmt::Result {
    for (place, symbol) in number.chars().enumerate() {
        if layout.breaks_before(place) {
            f.write_char(separator)?;
        }
        f.write_char(symbol)?;
    }
    Ok(())
}
