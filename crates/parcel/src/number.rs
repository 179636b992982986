//! A number in its normal form, kept where it stands: no allocation.

use core::fmt;
use core::ops::Deref;

/// The longest number any known carrier writes, with some room: a postcode before a 26-digit mail piece has 37
/// characters, an e-commerce number up to 41.
pub(crate) const LENGTH_MAX: usize = 44;

/// A tracking number in normal form: digits and upper-case letters only, at most 44 of them.
///
/// It behaves as a `&str`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Number {
    symbols: [u8; LENGTH_MAX],
    length: u8,
}

impl Number {
    pub(crate) const EMPTY: Number = Number { symbols: [0; LENGTH_MAX], length: 0 };

    /// Keeps the symbols given, which must be ASCII; what goes beyond the longest number is left out.
    pub(crate) fn from_symbols(symbols: &[u8]) -> Number {
        let mut number = Number::EMPTY;
        for symbol in symbols {
            number.push(*symbol);
        }
        number
    }

    /// Adds a symbol; `false` when there is no room for it.
    #[inline]
    pub(crate) fn push(&mut self, symbol: u8) -> bool {
        debug_assert!(symbol.is_ascii());
        match self.symbols.get_mut(usize::from(self.length)) {
            Some(place) => {
                *place = symbol;
                self.length += 1;
                true
            }
            None => false,
        }
    }

    #[inline]
    pub(crate) fn symbols(&self) -> &[u8] {
        &self.symbols[..usize::from(self.length)]
    }

    #[inline]
    pub(crate) fn symbols_mut(&mut self) -> &mut [u8] {
        &mut self.symbols[..usize::from(self.length)]
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII is ever pushed, so this is always text.
        core::str::from_utf8(self.symbols()).unwrap_or_default()
    }
}

impl Deref for Number {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl PartialEq<str> for Number {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Number {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}
