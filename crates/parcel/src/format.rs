//! One form a carrier's numbers take.

use core::ops::Deref;

use crate::carrier::Carrier;
use crate::check::Check;
use crate::formats::FORMATS;
use crate::layout::Layout;
use crate::number::LENGTH_MAX;
use crate::shape::Shape;

/// A row of the table of formats.
#[derive(Debug)]
pub(crate) struct Format {
    pub(crate) carrier: Owner,
    /// What the carrier calls it, or what the form is.
    pub(crate) service: &'static str,
    pub(crate) shape: Shape,
    /// The number begins with one of these; empty when any beginning will do.
    pub(crate) prefixes: &'static [&'static str],
    pub(crate) check: Check,
    /// How the carrier prints it, and with what between the groups.
    pub(crate) layout: Layout,
    pub(crate) separator: char,
    /// How often a number of this shape is really this, against the other forms of the same length.
    pub(crate) weight: u16,
    /// The shape alone is so telling that it outranks forms that fail their check digit.
    pub(crate) telling: bool,
    /// A tracking page of its own, with `%s` for the number.
    pub(crate) track: Option<&'static str>,
}

/// Whose number it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Carrier(Carrier),
    /// The post of the country named by the last two letters.
    PostOfCountry,
}

impl Format {
    pub(crate) const fn new(carrier: &str, service: &'static str, pattern: &str, check: Check) -> Format {
        Format::owned(Owner::Carrier(Carrier::courier(carrier)), service, pattern, check)
    }

    pub(crate) const fn postal(service: &'static str, pattern: &str, check: Check) -> Format {
        Format::owned(Owner::PostOfCountry, service, pattern, check)
    }

    const fn owned(carrier: Owner, service: &'static str, pattern: &str, check: Check) -> Format {
        Format {
            carrier,
            service,
            shape: Shape::new(pattern),
            prefixes: &[],
            check,
            layout: Layout::WHOLE,
            separator: ' ',
            weight: 100,
            telling: false,
            track: None,
        }
    }

    pub(crate) const fn weighing(self, weight: u16) -> Format {
        Format { weight, ..self }
    }

    pub(crate) const fn beginning(self, prefixes: &'static [&'static str]) -> Format {
        Format { prefixes, ..self }
    }

    pub(crate) const fn printed(self, separator: char, groups: &[u8]) -> Format {
        Format { layout: Layout::of_groups(groups), separator, ..self }
    }

    pub(crate) const fn telling(self) -> Format {
        Format { telling: true, ..self }
    }

    pub(crate) const fn tracked_at(self, track: &'static str) -> Format {
        Format { track: Some(track), ..self }
    }

    /// Letters or fixed beginnings make a form hard to mistake for another.
    pub(crate) const fn is_distinct(&self) -> bool {
        self.shape.needs_letter || self.telling
    }

    pub(crate) const fn varies_in_length(&self) -> bool {
        self.shape.length_min != self.shape.length_max
    }

    /// Whether the number begins as it must. Compared by hand: the beginnings are too short for a call to pay.
    #[inline]
    pub(crate) fn begins(&self, number: &[u8]) -> bool {
        let is_beginning =
            |prefix: &&str| prefix.bytes().zip(number).all(|(wanted, symbol)| wanted == *symbol);
        self.prefixes.is_empty() || self.prefixes.iter().any(is_beginning)
    }
}

/// A row of the table by its place, a byte instead of a pointer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row(u8);

impl Row {
    pub(crate) const FIRST: Row = Row(0);

    pub(crate) fn all() -> impl Iterator<Item = Row> {
        // The table of lengths keeps places in a byte, and does not compile with more rows.
        (0..FORMATS.len() as u8).map(Row)
    }

    /// The formats that take numbers of this length, of digits alone or with letters, in the table's order.
    #[inline]
    pub(crate) fn that_may_fit(length: usize, digits_alone: bool) -> impl Iterator<Item = Row> {
        let table: &ByLength = if digits_alone { &OF_DIGITS } else { &OF_ANYTHING };
        table.get(length).iter().map(|place| Row(*place))
    }
}

impl Deref for Row {
    type Target = Format;

    #[inline]
    fn deref(&self) -> &Format {
        &FORMATS[usize::from(self.0)]
    }
}

/// Formats that share one length; the table does not compile if more do.
const SHARING_MAX: usize = 16;

struct ByLength {
    places: [[u8; SHARING_MAX]; LENGTH_MAX + 1],
    counts: [u8; LENGTH_MAX + 1],
}

static OF_ANYTHING: ByLength = by_length(false);
static OF_DIGITS: ByLength = by_length(true);

impl ByLength {
    #[inline]
    fn get(&self, length: usize) -> &[u8] {
        match (self.places.get(length), self.counts.get(length)) {
            (Some(places), Some(count)) => &places[..usize::from(*count)],
            _ => &[],
        }
    }
}

const fn by_length(digits_alone: bool) -> ByLength {
    let mut table = ByLength { places: [[0; SHARING_MAX]; LENGTH_MAX + 1], counts: [0; LENGTH_MAX + 1] };
    assert!(FORMATS.len() <= 256, "places are kept in a byte");
    let mut length = 0;
    while length <= LENGTH_MAX {
        let mut place = 0;
        while place < FORMATS.len() {
            let shape = &FORMATS[place].shape;
            if shape.takes_length(length) && !(digits_alone && shape.needs_letter) {
                table.places[length][table.counts[length] as usize] = place as u8;
                table.counts[length] += 1;
            }
            place += 1;
        }
        length += 1;
    }
    table
}
