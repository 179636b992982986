//! Where a word stands in a text with a slip in it.

/// The best place of a word in a text, with at most `most` letters missing, extra, wrong or swapped.
pub struct Place {
    /// From which letter.
    pub from: usize,
    /// To which letter.
    pub to: usize,
    /// How many slips.
    pub slips: usize,
}

impl Place {
    /// Fewer slips; or as many, from the same letter, and nearer to the length of the word.
    fn beats(&self, best: &Self, length: usize) -> bool {
        let same = self.slips == best.slips && self.from == best.from;
        self.slips < best.slips || (same && self.to - self.from <= length)
    }
}

/// A cell of the table: slips so far, and where the word began.
#[derive(Clone, Copy)]
struct Cell {
    slips: usize,
    from: usize,
}

/// Looks for the place with the fewest slips; among equals for the earliest. The word may begin and end anywhere.
pub fn find(word: &[char], text: &[char], most: usize) -> Option<Place> {
    let first: Vec<Cell> = (0..=word.len()).map(|slips| Cell { slips, from: 0 }).collect();
    let (mut before, mut last) = (first.clone(), first);
    let mut best: Option<Place> = None;
    for (at, char) in text.iter().enumerate() {
        let previous = at.checked_sub(1).and_then(|at| text.get(at));
        let column = column(word, *char, previous.copied(), &last, &before, at);
        if let Some(end) = column.last().filter(|end| end.slips <= most) {
            let place = Place { from: end.from, to: at + 1, slips: end.slips };
            if best.as_ref().is_none_or(|best| place.beats(best, word.len())) {
                best = Some(place);
            }
        }
        before = std::mem::replace(&mut last, column);
    }
    best
}

fn column(
    word: &[char],
    char: char,
    previous: Option<char>,
    last: &[Cell],
    before: &[Cell],
    at: usize,
) -> Vec<Cell> {
    let mut column = Vec::with_capacity(word.len() + 1);
    column.push(Cell { slips: 0, from: at + 1 });
    for (row, letter) in word.iter().enumerate() {
        let mut choices = Vec::with_capacity(4);
        // As the word says, or a wrong letter.
        choices.extend(
            last.get(row).map(|cell| Cell { slips: cell.slips + usize::from(*letter != char), ..*cell }),
        );
        // A letter too many, a letter too few.
        choices.extend(last.get(row + 1).map(|cell| Cell { slips: cell.slips + 1, ..*cell }));
        choices.extend(column.get(row).map(|cell: &Cell| Cell { slips: cell.slips + 1, ..*cell }));
        let swapped = row.checked_sub(1).filter(|_| Some(*letter) == previous);
        if let Some(row) = swapped.filter(|row| word.get(*row) == Some(&char)) {
            choices.extend(before.get(row).map(|cell| Cell { slips: cell.slips + 1, ..*cell }));
        }
        let best = choices.into_iter().min_by_key(|cell| cell.slips);
        column.push(best.unwrap_or(Cell { slips: usize::MAX / 2, from: at }));
    }
    column
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slips(word: &str, text: &str) -> Option<(String, usize)> {
        let (word, text): (Vec<char>, Vec<char>) = (word.chars().collect(), text.chars().collect());
        let place = find(&word, &text, 1)?;
        Some((text[place.from..place.to].iter().collect(), place.slips))
    }

    #[test]
    fn a_word_is_found_with_one_slip() {
        assert_eq!(slips("くぽん", "くぽんのへいよう"), Some(("くぽん".into(), 0)));
        assert_eq!(slips("きやんせる", "きやんせのれしたい").unwrap().1, 1);
        assert_eq!(slips("こんびに", "こんび二払い"), Some(("こんび二".into(), 1)));
        assert_eq!(slips("ぽいんと", "ぽいとん"), Some(("ぽいとん".into(), 1)));
        assert_eq!(slips("ちやつと", "でんわ"), None);
    }
}
