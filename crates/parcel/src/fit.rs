//! Whether a typed number has a format's shape, and how it has to be read for it.
//!
//! `O` is read as `0` and `I`, `l`, `|` as `1` where the shape wants a digit; `0` as `O` and `1` as `I` or `L` where it
//! wants a letter. Where it takes both, the check digit decides.

use crate::format::{Format, Owner};
use crate::number::Number;
use crate::shape::{Shape, code};
use crate::typed::Typed;

/// Whether a number of digits alone has the format's shape.
#[inline]
pub(crate) fn fits_digits(format: &Format, digits: &[u8]) -> bool {
    let allowed = |(at, digit): (usize, &u8)| allows(&format.shape, at, *digit);
    (format.shape.takes_any_digits || digits.iter().enumerate().all(allowed)) && format.begins(digits)
}

/// A number with letters as the format reads it, if it has the format's shape.
#[inline]
pub(crate) fn fit_lettered(format: &Format, typed: &Typed) -> Option<Number> {
    // Most formats part from a number at its first character.
    let first = *typed.symbols().first()?;
    if !allows(&format.shape, 0, first) {
        other_reading(format, 0, first)?;
    }
    let number = read_as_shape(format, typed)?;
    format.begins(number.symbols()).then_some(number)
}

fn read_as_shape(format: &Format, typed: &Typed) -> Option<Number> {
    let mut number = typed.number;
    let mut unsure = 0;
    for (at, symbol) in number.symbols_mut().iter_mut().enumerate() {
        if !allows(&format.shape, at, *symbol) {
            *symbol = other_reading(format, at, *symbol)?;
            unsure += 1;
        } else if matches!(*symbol, b'O' | b'I' | b'L') && allows(&format.shape, at, b'0') {
            unsure += 1;
        }
    }
    // A word made of O, I and L is no number, and a number of varying length is mostly digits.
    if unsure > typed.digits || (format.varies_in_length() && typed.digits < typed.letters) {
        return None;
    }
    if format.carrier == Owner::PostOfCountry {
        settle_country(&mut number, typed);
    }
    Some(number)
}

#[inline]
pub(crate) fn allows(shape: &Shape, at: usize, symbol: u8) -> bool {
    shape.set(at) >> code(symbol) & 1 == 1
}

/// The other character this one is taken for, if the shape allows it here.
pub(crate) fn other_reading(format: &Format, at: usize, symbol: u8) -> Option<u8> {
    let allowed = |other: u8| allows(&format.shape, at, other).then_some(other);
    match symbol {
        b'O' => allowed(b'0'),
        b'I' | b'L' => allowed(b'1'),
        b'|' => allowed(b'1').or(allowed(b'I')).or(allowed(b'L')),
        // Without a check digit a digit is taken for a letter only where the shape wants that very letter, or any
        // twelve digits that begin with zeros and ones would look lettered.
        b'0' | b'1' if format.check.name().is_none() && format.shape.set(at).count_ones() > 1 => None,
        b'0' => allowed(b'O'),
        b'1' => allowed(b'I').or(allowed(b'L')),
        _ => None,
    }
}

/// A `1` among the country letters may be `I` or `L`: whichever makes a country with a post.
fn settle_country(number: &mut Number, typed: &Typed) {
    let symbols = number.symbols_mut();
    let known = |letters: &[u8]| crate::carrier::Carrier::of_country([letters[11], letters[12]]).is_some();
    for at in [11, 12] {
        if symbols[at] == b'I' && matches!(typed.symbols()[at], b'1' | b'|') && !known(symbols) {
            symbols[at] = b'L';
        }
    }
}

/// The other readings of a number where the shape takes letters and digits alike, for the check digit to choose from:
/// every letter that looks like a digit read as one, then one of them at a time. A typed digit stays a digit: it is
/// allowed where it stands, and changing it would repair what should be told.
pub(crate) fn other_readings<'n>(number: &'n Number, typed: &'n Typed) -> impl Iterator<Item = Number> + 'n {
    let places = move || {
        (0..number.symbols().len()).filter(move |at| looks_like_digit(number.symbols()[*at], *at, typed))
    };
    let together = core::iter::once_with(move || with_digits(number, places()));
    together.chain(places().map(move |at| with_digits(number, core::iter::once(at))))
}

fn looks_like_digit(symbol: u8, at: usize, typed: &Typed) -> bool {
    match symbol {
        b'O' | b'I' | b'|' => true,
        b'L' => typed.small_l >> at & 1 == 1,
        _ => false,
    }
}

fn with_digits(number: &Number, places: impl Iterator<Item = usize>) -> Number {
    let mut reading = *number;
    for at in places {
        let symbol = &mut reading.symbols_mut()[at];
        *symbol = if *symbol == b'O' { b'0' } else { b'1' };
    }
    reading
}

/// Whether the number would have the shape with one character less, one more, or one of another kind.
pub(crate) fn nearly_fits(format: &Format, typed: &Typed) -> bool {
    let shape = &format.shape;
    if shape.length_min != shape.length_max || !format.prefixes.is_empty() {
        return false;
    }
    let (symbols, wanted) = (typed.symbols(), usize::from(shape.length_min));
    let takes = |place: usize, at: usize| {
        allows(shape, place, symbols[at]) || other_reading(format, place, symbols[at]).is_some()
    };
    let alike = (0..symbols.len().min(wanted)).take_while(|at| takes(*at, *at)).count();
    let rest =
        |place: usize, at: usize| (place..wanted).zip(at..symbols.len()).all(|(place, at)| takes(place, at));
    match symbols.len() as isize - wanted as isize {
        -1 => rest((alike + 1).min(wanted), alike),
        0 => rest((alike + 1).min(wanted), alike + 1),
        1 => rest(alike, alike + 1),
        _ => false,
    }
}
