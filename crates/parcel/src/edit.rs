//! One slip of a hand, and how likely it is.
//!
//! The figures are relative. Letters and digits that look alike are mixed up most, then neighbours are swapped, then the
//! next key is hit; characters are left out or doubled mostly where the same character stands twice.

/// What a slip did to one number, from the right number to the typed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slip {
    /// One character was typed for another, at this place.
    Wrong { right: u8, typed: u8, at: usize },
    /// Two neighbours changed places.
    Swapped,
    /// A character was left out; `doubled` when its neighbour is the same, `last` when copying stopped too early.
    Missing { right: u8, doubled: bool, last: bool },
    /// A character too many; `doubled` when it repeats its neighbour.
    Extra { doubled: bool },
}

impl Slip {
    /// How likely the slip is, against the others.
    pub(crate) fn likelihood(self) -> u32 {
        match self {
            Slip::Wrong { right, typed, .. } => wrong(right, typed),
            Slip::Swapped => 36,
            Slip::Missing { doubled: true, .. } => 24,
            Slip::Missing { last: true, .. } => 18,
            // Letters are few in a number, and seen: they are seldom left out.
            Slip::Missing { right: b'A'..=b'Z', .. } => 1,
            Slip::Missing { .. } => 6,
            Slip::Extra { doubled: true } => 30,
            Slip::Extra { doubled: false } => 12,
        }
    }
}

fn wrong(right: u8, typed: u8) -> u32 {
    let pair = [right.min(typed), right.max(typed)];
    if ALIKE_ACROSS.contains(&pair) {
        return 48;
    }
    if right.is_ascii_digit() != typed.is_ascii_digit() {
        return 1;
    }
    let alike = if ALIKE.contains(&pair) { 24 } else { 0 };
    let beside = if are_neighbours(KEYBOARD, right, typed) { 22 } else { 0 };
    let on_keypad = if are_on_keypad(right, typed) { 16 } else { 0 };
    [alike, beside, on_keypad, 5].into_iter().max().unwrap_or(5) + (alike.min(beside.max(on_keypad)) / 2)
}

/// A letter and a digit drawn alike, the smaller first as ASCII orders them.
const ALIKE_ACROSS: [[u8; 2]; 12] =
    [*b"0O", *b"0D", *b"0Q", *b"1I", *b"1L", *b"2Z", *b"5S", *b"6G", *b"8B", *b"7T", *b"4A", *b"9G"];

/// Drawn alike.
const ALIKE: [[u8; 2]; 17] = [
    *b"17", *b"38", *b"56", *b"68", *b"08", *b"49", *b"06", *b"27", *b"69", *b"IL", *b"OQ", *b"DO", *b"UV",
    *b"VW", *b"MN", *b"EF", *b"PR",
];

const KEYBOARD: [&[u8]; 4] = [b"1234567890", b"QWERTYUIOP", b"ASDFGHJKL", b"ZXCVBNM"];

fn are_neighbours(rows: [&[u8]; 4], left: u8, right: u8) -> bool {
    rows.iter().any(|row| row.windows(2).any(|pair| pair == [left, right] || pair == [right, left]))
}

/// Touching keys of a number pad, whichever way up: the columns are the same on a telephone.
fn are_on_keypad(left: u8, right: u8) -> bool {
    const TOUCHING: [[u8; 2]; 14] = [
        *b"12", *b"23", *b"45", *b"56", *b"78", *b"89", *b"14", *b"47", *b"25", *b"58", *b"36", *b"69",
        *b"01", *b"08",
    ];
    TOUCHING.contains(&[left.min(right), left.max(right)])
}

/// Every number one slip away: the slip, and the number that was meant.
pub(crate) fn each_slip(typed: &[u8], symbols: &[u8], mut take: impl FnMut(Slip, &[u8])) {
    let mut meant = [0_u8; crate::number::LENGTH_MAX + 1];
    let length = typed.len();
    if length == 0 || length >= crate::number::LENGTH_MAX {
        return;
    }
    meant[..length].copy_from_slice(typed);
    for at in 0..length {
        for symbol in symbols.iter().copied().filter(|symbol| *symbol != typed[at]) {
            meant[at] = symbol;
            take(Slip::Wrong { right: symbol, typed: typed[at], at }, &meant[..length]);
        }
        meant[at] = typed[at];
    }
    for at in 1..length {
        if typed[at] != typed[at - 1] {
            meant.swap(at, at - 1);
            take(Slip::Swapped, &meant[..length]);
            meant.swap(at, at - 1);
        }
    }
    each_extra(typed, &mut meant, &mut take);
    each_missing(typed, symbols, &mut meant, &mut take);
}

/// Leaves each character out in turn; of equal neighbours only the first.
fn each_extra(typed: &[u8], meant: &mut [u8], take: &mut impl FnMut(Slip, &[u8])) {
    for at in 0..typed.len() {
        let doubled = at > 0 && typed[at] == typed[at - 1];
        if doubled {
            continue;
        }
        let repeats = typed.get(at + 1) == Some(&typed[at]);
        meant[..at].copy_from_slice(&typed[..at]);
        meant[at..typed.len() - 1].copy_from_slice(&typed[at + 1..]);
        take(Slip::Extra { doubled: repeats }, &meant[..typed.len() - 1]);
    }
}

/// Puts each symbol before each place in turn; beside an equal neighbour only once.
fn each_missing(typed: &[u8], symbols: &[u8], meant: &mut [u8], take: &mut impl FnMut(Slip, &[u8])) {
    for at in 0..=typed.len() {
        meant[..at].copy_from_slice(&typed[..at]);
        meant[at + 1..=typed.len()].copy_from_slice(&typed[at..]);
        for symbol in symbols.iter().copied() {
            if at > 0 && typed[at - 1] == symbol {
                continue;
            }
            meant[at] = symbol;
            let doubled = typed.get(at) == Some(&symbol);
            let last = at == typed.len();
            take(Slip::Missing { right: symbol, doubled, last }, &meant[..=typed.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use alloc::vec::Vec;

    #[test]
    fn every_number_one_slip_away_is_met_once() {
        let mut met: Vec<Vec<u8>> = Vec::new();
        each_slip(b"1123", b"0123456789", |_, meant| met.push(meant.to_vec()));
        let different: BTreeSet<_> = met.iter().cloned().collect();
        assert_eq!(different.len(), met.len());
        // 4 × 9 wrong, 2 swaps of unequal neighbours, 3 shorter, 5 × 10 − 4 longer.
        assert_eq!(met.len(), 36 + 2 + 3 + 46);
        assert!(!different.contains(b"1123".as_slice()));
    }

    #[test]
    fn likelier_slips_weigh_more() {
        let wrong = |right, typed| Slip::Wrong { right, typed, at: 0 }.likelihood();
        assert!(wrong(b'8', b'B') > wrong(b'8', b'7'));
        assert!(wrong(b'8', b'7') > wrong(b'8', b'2'));
        assert!(Slip::Swapped.likelihood() > wrong(b'1', b'2'));
        let missing = |doubled| Slip::Missing { right: b'1', doubled, last: false }.likelihood();
        assert!(missing(true) > missing(false));
    }

    #[test]
    fn pairs_are_written_smaller_first() {
        assert!(ALIKE.iter().chain(&ALIKE_ACROSS).all(|[first, second]| first < second));
    }
}
