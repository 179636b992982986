//! A small chart of what expires when: a bar for each month, a part of it for each program.

use jiff::civil::Date;

const HEIGHT: i64 = 120;
const BAR: i64 = 44;
const STEP: i64 = 88;
/// Bars get no part lower than this, so that a small one is seen beside a large one.
const PART_MIN: i64 = 3;
/// More months than these would be too narrow to read; the table has them all.
const MONTHS_MAX: usize = 12;

/// The chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chart {
    /// Its width.
    pub width: i64,
    /// The months, the first one first.
    pub months: Vec<Month>,
}

/// A bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    /// The first day of the month.
    pub first_day: Date,
    /// The middle of its bar.
    pub middle: i64,
    /// Its parts, from the ground up.
    pub parts: Vec<Part>,
}

/// A part of a bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The class of its shade.
    pub shade: &'static str,
    pub x: i64,
    pub y: i64,
    pub width: i64,
    pub height: i64,
}

/// The shade of the program at that place.
pub fn shade(place: usize) -> &'static str {
    ["a", "b", "c", "d"].get(place % 4).copied().unwrap_or("a")
}

impl Chart {
    /// A chart of amounts by month; a row is a month, the place of a program and how much of it.
    pub fn of(rows: &[(Date, usize, i64)]) -> Self {
        let mut days: Vec<Date> = rows.iter().map(|(month, _, _)| *month).collect();
        days.sort_unstable();
        days.dedup();
        days.truncate(MONTHS_MAX);
        let sum =
            |day: &Date| rows.iter().filter(|(month, _, _)| month == day).map(|(_, _, n)| n).sum::<i64>();
        let most = days.iter().map(sum).max().unwrap_or(0).max(1);
        let months = days.iter().zip(0_i64..).map(|(day, place)| Month::of(*day, place, rows, most));
        let width = i64::try_from(days.len()).unwrap_or(0).saturating_mul(STEP);
        Self { months: months.collect(), width }
    }
}

impl Month {
    fn of(first_day: Date, place: i64, rows: &[(Date, usize, i64)], most: i64) -> Self {
        let left = place.saturating_mul(STEP).saturating_add((STEP - BAR) / 2);
        let mut ground = HEIGHT;
        let mut parts = Vec::new();
        for (_, program, amount) in rows.iter().filter(|(month, _, _)| *month == first_day) {
            let height = amount.saturating_mul(HEIGHT - 10).checked_div(most).unwrap_or(0).max(PART_MIN);
            ground = ground.saturating_sub(height);
            parts.push(Part { shade: shade(*program), x: left, y: ground, width: BAR, height });
        }
        Self { first_day, middle: left.saturating_add(BAR / 2), parts }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn bars_are_as_high_as_their_amounts_and_stand_side_by_side() {
        let (may, june) = (date(2026, 5, 1), date(2026, 6, 1));
        let chart = Chart::of(&[(june, 0, 100), (may, 0, 50), (june, 1, 100)]);
        assert_eq!(chart.months.iter().map(|month| month.first_day).collect::<Vec<_>>(), [may, june]);
        let heights =
            |place: usize| chart.months[place].parts.iter().map(|part| part.height).collect::<Vec<_>>();
        assert_eq!((heights(0), heights(1)), (vec![27], vec![55, 55]));
        assert_eq!(chart.months[1].parts[1].y + 110, HEIGHT, "parts stand on each other");
        assert!(chart.months[0].parts[0].x + BAR < chart.months[1].parts[0].x);
    }

    #[test]
    fn nothing_is_no_chart() {
        assert_eq!(Chart::of(&[]), Chart::default());
    }
}
