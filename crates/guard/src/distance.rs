//! Edit distance in which a swap of neighbours counts as one edit (optimal string alignment).

/// Whether one text becomes the other by at most `most` insertions, omissions, replacements or swaps.
///
/// Rows longer than the difference in length allows are never computed; labels have at most 63 characters.
pub(crate) fn within(one: &[char], other: &[char], most: usize) -> bool {
    if one.len().abs_diff(other.len()) > most {
        return false;
    }
    let width = other.len() + 1;
    let mut before: Vec<usize> = vec![0; width];
    let mut above: Vec<usize> = (0..width).collect();
    let mut row: Vec<usize> = vec![0; width];
    for i in 1..=one.len() {
        row[0] = i;
        for j in 1..width {
            let replaced = above[j - 1] + usize::from(one[i - 1] != other[j - 1]);
            row[j] = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        if row.iter().all(|edits| *edits > most) {
            return false;
        }
        std::mem::swap(&mut before, &mut above);
        std::mem::swap(&mut above, &mut row);
    }
    above[width - 1] <= most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(one: &str, other: &str, most: usize) -> bool {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        within(&chars(one), &chars(other), most)
    }

    #[test]
    fn one_edit_of_each_sort() {
        for other in ["amzon", "amaazon", "amazom", "maazon", "amazno", "amazon"] {
            assert!(near("amazon", other, 1), "{other}");
        }
    }

    #[test]
    fn two_edits_are_not_one() {
        assert!(!near("amazon", "anazom", 1));
        assert!(near("amazon", "anazom", 2));
        assert!(!near("", "ab", 1));
    }
}
