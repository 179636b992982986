//! When people work: hours of a week, holidays and days that are different, and time counted in those hours only.
//!
//! Ranges are half-open and belong to the day on which they begin, also where they go on past midnight. A day's plan
//! is the temporary one if there is one, else the holiday's, else the week's. Which days are holidays is data; nothing
//! is fetched and nothing is guessed here.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// Minutes of a day.
pub const DAY_MINUTES: i16 = 24 * 60;

/// Where the latest range may end: with the day after.
pub const CLOSE_MAX: i16 = 2 * DAY_MINUTES;

/// From a minute of a day until another, which is no longer in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpenRange {
    from: i16,
    to: i16,
}

impl OpenRange {
    /// From minute `from` (0 to 1,439) until minute `to` (up to 2,880, the end of the day after); nothing where these
    /// are no such minutes or nothing lies between them.
    pub fn new(from: i16, to: i16) -> Option<Self> {
        ((0..DAY_MINUTES).contains(&from) && from < to && to <= CLOSE_MAX).then_some(Self { from, to })
    }

    /// The whole day.
    pub const ALL_DAY: Self = Self { from: 0, to: DAY_MINUTES };
}

/// A stretch of time in which people work: from an instant until another, which is no longer in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// When it begins.
    pub opens_at: Timestamp,
    /// When it is over.
    pub closes_at: Timestamp,
}

/// A calendar: hours of a week in a time zone, and days that are different.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    /// From Monday.
    week: [Vec<OpenRange>; 7],
    holidays: BTreeMap<Date, Vec<OpenRange>>,
    temporary: BTreeMap<Date, Vec<OpenRange>>,
}

impl Calendar {
    /// A calendar on which nobody works yet.
    pub fn new(zone: TimeZone) -> Self {
        let (holidays, temporary) = (BTreeMap::new(), BTreeMap::new());
        Self { zone, week: Default::default(), holidays, temporary }
    }

    /// With one more range on some weekdays.
    #[must_use]
    pub fn with_hours(mut self, days: &[Weekday], range: OpenRange) -> Self {
        for day in days {
            if let Some(ranges) = self.week.get_mut(place(*day)) {
                ranges.push(range);
                ranges.sort_unstable();
            }
        }
        self
    }

    /// With other ranges on a holiday; with none, nobody works.
    #[must_use]
    pub fn with_holiday(mut self, date: Date, ranges: Vec<OpenRange>) -> Self {
        self.holidays.insert(date, sorted(ranges));
        self
    }

    /// With other ranges on a day, whatever the week and the holidays say.
    #[must_use]
    pub fn with_temporary(mut self, date: Date, ranges: Vec<OpenRange>) -> Self {
        self.temporary.insert(date, sorted(ranges));
        self
    }

    /// Its time zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Whether people work at an instant.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.shift_at(at).is_some()
    }

    /// The stretch of work that an instant lies in.
    pub fn shift_at(&self, at: Timestamp) -> Option<Shift> {
        self.shifts(at).next().filter(|shift| shift.opens_at <= at)
    }

    /// The instant itself where people work then, else when they begin next; nothing where they never do.
    pub fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        self.shifts(at).next().map(|shift| shift.opens_at.max(at))
    }

    /// The instant at which so much working time has passed since another; nothing where it never does.
    ///
    /// The end of a shift is reached before the next one begins. A duration below zero counts as zero.
    pub fn add(&self, at: Timestamp, working: SignedDuration) -> Option<Timestamp> {
        let mut left = working.max(SignedDuration::ZERO);
        if left.is_zero() && self.is_end_of_shift(at) {
            return Some(at);
        }
        for shift in self.shifts(at) {
            let from = shift.opens_at.max(at);
            let there = shift.closes_at.duration_since(from);
            if left <= there {
                return from.checked_add(left).ok();
            }
            left = left.checked_sub(there)?;
        }
        None
    }

    /// How much working time lies between two instants; zero where the second is not later.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        let mut sum = SignedDuration::ZERO;
        for shift in self.shifts(from).take_while(|shift| shift.opens_at < to) {
            let part = shift.closes_at.min(to).duration_since(shift.opens_at.max(from));
            sum = sum.saturating_add(part);
        }
        sum
    }

    /// Whether people work at any time at all from an instant on.
    pub fn ever_opens(&self, from: Timestamp) -> bool {
        self.shifts(from).next().is_some()
    }

    fn is_end_of_shift(&self, at: Timestamp) -> bool {
        let before = at.checked_sub(SignedDuration::from_nanos(1)).ok();
        before.and_then(|before| self.shift_at(before)).is_some_and(|shift| shift.closes_at == at)
    }

    /// The shifts that end after an instant, in order; those that meet are one.
    fn shifts(&self, at: Timestamp) -> Shifts<'_> {
        let today = self.zone.to_datetime(at).date();
        // A shift of the day before may go on until the end of today.
        let day = today.checked_sub(1.day()).ok();
        Shifts { calendar: self, day, at, ahead: Vec::new() }
    }

    fn ranges_on(&self, date: Date) -> &[OpenRange] {
        let different = self.temporary.get(&date).or_else(|| self.holidays.get(&date));
        let usual = || self.week.get(place(date.weekday()));
        different.or_else(usual).map_or(&[], Vec::as_slice)
    }

    /// The last day of which anything is known beside the week.
    fn last_different_day(&self) -> Option<Date> {
        let last = |days: &BTreeMap<Date, _>| days.keys().next_back().copied();
        last(&self.temporary).max(last(&self.holidays))
    }

    fn has_a_week(&self) -> bool {
        self.week.iter().any(|ranges| !ranges.is_empty())
    }

    fn instant(&self, date: Date, minute: i16) -> Option<Timestamp> {
        let days = i32::from(minute / DAY_MINUTES);
        let date = date.checked_add(days.days()).ok()?;
        let (hour, minute) = (minute % DAY_MINUTES / 60, minute % 60);
        let clock = date.at(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0);
        self.zone.to_timestamp(clock).ok()
    }
}

/// The shifts of a calendar, day after day, without end unless nobody will ever work again.
struct Shifts<'c> {
    calendar: &'c Calendar,
    /// The next day to look at.
    day: Option<Date>,
    at: Timestamp,
    /// What is known of the next shifts, in order and apart from each other.
    ahead: Vec<Shift>,
}

impl Iterator for Shifts<'_> {
    type Item = Shift;

    fn next(&mut self) -> Option<Shift> {
        // A shift is complete once a day after it begins without touching it.
        while self.ahead.len() < 2 {
            let Some(day) = self.day.filter(|day| self.may_have_more(*day)) else { break };
            self.take_day(day);
            self.day = day.checked_add(1.day()).ok();
            if self.is_round_the_clock() {
                break;
            }
        }
        (!self.ahead.is_empty()).then(|| self.ahead.remove(0))
    }
}

impl Shifts<'_> {
    fn may_have_more(&self, day: Date) -> bool {
        self.calendar.has_a_week() || self.calendar.last_different_day().is_some_and(|last| day <= last)
    }

    fn take_day(&mut self, day: Date) {
        for range in self.calendar.ranges_on(day) {
            let (from, to) = (self.calendar.instant(day, range.from), self.calendar.instant(day, range.to));
            let Some((opens_at, closes_at)) = from.zip(to).filter(|(from, to)| from < to) else { continue };
            if closes_at > self.at {
                self.put(Shift { opens_at, closes_at });
            }
        }
    }

    fn put(&mut self, shift: Shift) {
        match self.ahead.last_mut() {
            Some(last) if shift.opens_at <= last.closes_at => {
                last.opens_at = last.opens_at.min(shift.opens_at);
                last.closes_at = last.closes_at.max(shift.closes_at);
            }
            _ => self.ahead.push(shift),
        }
    }

    /// A shift that goes on for a year need not be followed further: what is left of it comes as another shift that
    /// begins where it ends.
    fn is_round_the_clock(&self) -> bool {
        const YEAR: SignedDuration = SignedDuration::from_hours(365 * 24);
        self.ahead.last().is_some_and(|last| last.closes_at.duration_since(last.opens_at) >= YEAR)
    }
}

fn place(weekday: Weekday) -> usize {
    usize::try_from(weekday.to_monday_zero_offset()).unwrap_or_default()
}

fn sorted(mut ranges: Vec<OpenRange>) -> Vec<OpenRange> {
    ranges.sort_unstable();
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
    use jiff::civil::date;
    use proptest::prelude::*;

    const EVERY_DAY: [Weekday; 7] = [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday];
    const WORKING_DAYS: [Weekday; 5] = [Monday, Tuesday, Wednesday, Thursday, Friday];

    fn tokyo() -> TimeZone {
        TimeZone::get("Asia/Tokyo").unwrap()
    }

    fn hours(days: &[Weekday], ranges: &[(i16, i16)]) -> Calendar {
        let ranges = ranges.iter().map(|(from, to)| OpenRange::new(from * 60, to * 60).unwrap());
        ranges.fold(Calendar::new(tokyo()), |calendar, range| calendar.with_hours(days, range))
    }

    fn tokyo_time(text: &str) -> Timestamp {
        format!("{text}:00+09:00").parse().unwrap()
    }

    fn due(calendar: &Calendar, start: &str, minutes: i64) -> Option<Timestamp> {
        calendar.add(tokyo_time(start), SignedDuration::from_mins(minutes))
    }

    #[test]
    fn deadlines_fall_into_working_time() {
        let office = || hours(&WORKING_DAYS, &[(9, 18)]);
        let lunch = hours(&WORKING_DAYS, &[(9, 12), (13, 18)]);
        let holiday = office().with_holiday(date(2026, 10, 12), Vec::new());
        let rows = [
            (office(), "2026-10-02T17:30", 60, "2026-10-05T09:30"),
            (lunch, "2026-10-02T11:45", 30, "2026-10-02T13:15"),
            (hours(&EVERY_DAY, &[(0, 24)]), "2026-10-02T23:50", 20, "2026-10-03T00:10"),
            (hours(&EVERY_DAY, &[(22, 26)]), "2026-10-02T01:30", 60, "2026-10-02T22:30"),
            (hours(&[Tuesday], &[(8, 17)]), "2026-09-30T10:00", 60, "2026-10-06T09:00"),
            (holiday, "2026-10-09T17:30", 60, "2026-10-13T09:30"),
            (hours(&WORKING_DAYS, &[(8, 18)]), "2026-10-02T17:00", 240, "2026-10-05T11:00"),
            (hours(&WORKING_DAYS, &[(9, 17)]), "2026-10-02T16:30", 60, "2026-10-05T09:30"),
            (office(), "2026-10-02T18:00", 1, "2026-10-05T09:01"),
        ];
        for (calendar, start, minutes, expected) in rows {
            assert_eq!(due(&calendar, start, minutes), Some(tokyo_time(expected)), "{start} + {minutes}");
        }
    }

    #[test]
    fn round_the_clock_has_no_gap_at_midnight() {
        let always = hours(&EVERY_DAY, &[(0, 24)]);
        assert!(
            always.is_open(tokyo_time("2026-10-02T23:59")) && always.is_open(tokyo_time("2026-10-03T00:00"))
        );
        let ten_years = 10 * 365 * 24 * 60;
        let there = due(&always, "2026-10-02T00:00", ten_years).unwrap();
        assert_eq!(there, tokyo_time("2026-10-02T00:00") + SignedDuration::from_mins(ten_years));
    }

    #[test]
    fn a_temporary_day_stands_above_a_holiday_and_a_holiday_above_the_week() {
        let day = date(2026, 11, 23);
        let evening = vec![OpenRange::new(18 * 60, 20 * 60).unwrap()];
        let calendar = hours(&EVERY_DAY, &[(9, 18)]).with_holiday(day, Vec::new());
        assert!(!calendar.is_open(tokyo_time("2026-11-23T10:00")));
        let calendar = calendar.with_temporary(day, evening);
        assert!(!calendar.is_open(tokyo_time("2026-11-23T10:00")));
        assert!(calendar.is_open(tokyo_time("2026-11-23T19:00")));
        assert!(calendar.is_open(tokyo_time("2026-11-24T10:00")));
    }

    #[test]
    fn a_night_shift_goes_on_into_a_holiday() {
        let night = hours(&EVERY_DAY, &[(22, 26)]).with_holiday(date(2026, 11, 23), Vec::new());
        assert!(night.is_open(tokyo_time("2026-11-23T01:00")));
        assert!(!night.is_open(tokyo_time("2026-11-23T22:30")));
        assert!(!night.is_open(tokyo_time("2026-11-24T01:00")));
    }

    #[test]
    fn nobody_ever_works_on_an_empty_calendar() {
        let never = Calendar::new(tokyo()).with_holiday(date(2026, 11, 23), Vec::new());
        assert_eq!(due(&never, "2026-10-02T09:00", 1), None);
        assert_eq!(never.next_open(tokyo_time("2026-10-02T09:00")), None);
        let once = never.with_temporary(date(2026, 12, 1), vec![OpenRange::ALL_DAY]);
        assert_eq!(once.next_open(tokyo_time("2026-10-02T09:00")), Some(tokyo_time("2026-12-01T00:00")));
        assert_eq!(due(&once, "2026-12-01T00:00", 24 * 60), Some(tokyo_time("2026-12-02T00:00")));
        assert_eq!(due(&once, "2026-12-01T00:00", 24 * 60 + 1), None);
    }

    #[test]
    fn an_hour_that_the_clock_leaves_out_is_not_worked() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let night = Calendar::new(zone).with_hours(&EVERY_DAY, OpenRange::new(60, 240).unwrap());
        let from: Timestamp = "2026-03-08T00:00:00-05:00".parse().unwrap();
        let to: Timestamp = "2026-03-09T00:00:00-04:00".parse().unwrap();
        assert_eq!(night.between(from, to), SignedDuration::from_hours(2));
    }

    prop_compose! {
        fn any_range()(from in 0..DAY_MINUTES, length in 1..DAY_MINUTES) -> OpenRange {
            OpenRange::new(from, from + length).unwrap()
        }
    }

    prop_compose! {
        fn any_calendar()(
            week in prop::collection::vec((0..7_usize, any_range()), 0..10),
            holidays in prop::collection::vec((0..60_i32, prop::collection::vec(any_range(), 0..2)), 0..5),
        ) -> Calendar {
            let calendar = week.iter().fold(Calendar::new(tokyo()), |calendar, (day, range)| {
                calendar.with_hours(&[EVERY_DAY[*day]], *range)
            });
            holidays.into_iter().fold(calendar, |calendar, (day, ranges)| {
                calendar.with_holiday(date(2026, 9, 20).checked_add(day.days()).unwrap(), ranges)
            })
        }
    }

    fn any_instant() -> impl Strategy<Value = Timestamp> {
        (0..60 * 24 * 60_i64)
            .prop_map(|minute| tokyo_time("2026-09-20T00:00") + SignedDuration::from_mins(minute))
    }

    proptest! {
        #[test]
        fn adding_twice_is_adding_the_sum(
            calendar in any_calendar(), at in any_instant(), one in 0..5_000_i64, other in 0..5_000_i64,
        ) {
            let minutes = SignedDuration::from_mins;
            let at_once = calendar.add(at, minutes(one + other));
            let in_turn = calendar.add(at, minutes(one)).and_then(|there| calendar.add(there, minutes(other)));
            prop_assert_eq!(at_once, in_turn);
        }

        #[test]
        fn what_is_due_is_in_a_shift_or_at_its_end_and_lies_so_far_away(
            calendar in any_calendar(), at in any_instant(), minutes in 0..10_000_i64,
        ) {
            let working = SignedDuration::from_mins(minutes);
            if let Some(due) = calendar.add(at, working) {
                prop_assert!(due >= at && (calendar.is_open(due) || calendar.is_end_of_shift(due)));
                prop_assert_eq!(calendar.between(at, due), working);
            }
        }

        #[test]
        fn who_works_longer_is_never_later(
            calendar in any_calendar(), day in 0..7_usize, more in any_range(), at in any_instant(),
            minutes in 0..10_000_i64,
        ) {
            let working = SignedDuration::from_mins(minutes);
            let longer = calendar.clone().with_hours(&[EVERY_DAY[day]], more).add(at, working);
            if let Some(due) = calendar.add(at, working) {
                prop_assert!(longer.is_some_and(|longer| longer <= due));
            }
        }

        #[test]
        fn every_set_of_weekdays_has_all_its_days(set in prop::collection::vec(0..7_usize, 1..7), at in any_instant()) {
            let days: Vec<Weekday> = set.iter().map(|day| EVERY_DAY[*day]).collect();
            let calendar = hours(&days, &[(9, 17)]);
            let week = SignedDuration::from_hours(7 * 24);
            let mut distinct = set;
            distinct.sort_unstable();
            distinct.dedup();
            let expected = SignedDuration::from_hours(8 * i64::try_from(distinct.len()).unwrap());
            prop_assert_eq!(calendar.between(at, at + week), expected);
        }
    }
}
