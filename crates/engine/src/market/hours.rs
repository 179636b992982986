//! When people answer. Holidays and load are deliberately not known here.

use jiff::civil::Weekday;

/// Minutes of a day: where a day ends.
const DAY: i32 = 24 * 60;

/// When people answer, by weekday, in the market's time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// From Monday; each day's spans in order, apart from each other.
    weekdays: [Vec<OpenSpan>; 7],
}

/// From a minute of a day until another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpenSpan {
    /// Minutes from midnight.
    pub from: i32,
    /// Minutes from midnight, itself no longer open; 1,440 is the end of the day.
    pub to: i32,
}

impl OpenSpan {
    /// The whole day.
    pub const ALL_DAY: Self = Self { from: 0, to: DAY };
}

impl Hours {
    /// The hours of a week. Spans of a day that overlap or meet become one.
    pub fn new(spans: impl IntoIterator<Item = (Weekday, OpenSpan)>) -> Self {
        let mut weekdays: [Vec<OpenSpan>; 7] = Default::default();
        for (weekday, span) in spans {
            if let Some(day) = weekdays.get_mut(place(weekday)) {
                day.push(span);
            }
        }
        Self { weekdays: weekdays.map(joined) }
    }

    /// Every minute of the week.
    pub fn round_the_clock() -> Self {
        Self { weekdays: std::array::from_fn(|_| vec![OpenSpan::ALL_DAY]) }
    }

    /// The spans of a weekday, in order; none on a day when nobody answers.
    pub fn on(&self, weekday: Weekday) -> &[OpenSpan] {
        self.weekdays.get(place(weekday)).map_or(&[], Vec::as_slice)
    }

    /// Whether somebody answers in that minute of a weekday, counted from midnight.
    pub fn is_open(&self, weekday: Weekday, minute: i32) -> bool {
        self.on(weekday).iter().any(|span| (span.from..span.to).contains(&minute))
    }
}

impl Default for Hours {
    fn default() -> Self {
        Self::round_the_clock()
    }
}

fn place(weekday: Weekday) -> usize {
    usize::try_from(weekday.to_monday_zero_offset()).unwrap_or_default()
}

fn joined(mut spans: Vec<OpenSpan>) -> Vec<OpenSpan> {
    spans.sort_unstable();
    let mut joined: Vec<OpenSpan> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
            _ => joined.push(span),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_meet_become_one_and_a_span_ends_before_its_last_minute() {
        let span = |from, to| (Weekday::Monday, OpenSpan { from, to });
        let hours = Hours::new([span(600, 720), span(540, 600), span(800, 900)]);
        assert_eq!(
            hours.on(Weekday::Monday),
            [OpenSpan { from: 540, to: 720 }, OpenSpan { from: 800, to: 900 }]
        );
        assert!(hours.is_open(Weekday::Monday, 540) && hours.is_open(Weekday::Monday, 719));
        assert!(!hours.is_open(Weekday::Monday, 720) && !hours.is_open(Weekday::Tuesday, 540));
    }

    #[test]
    fn round_the_clock_is_every_minute_of_every_day() {
        let hours = Hours::round_the_clock();
        assert!(hours.is_open(Weekday::Sunday, 0) && hours.is_open(Weekday::Sunday, DAY - 1));
    }
}
