//! Civil dates of a market: when points become available and when they end.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

/// A date left the years that can be reckoned with (-9999 to 9999).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a date is too far away to reckon with")]
pub struct OutOfCalendar;

/// The market's date at an instant.
pub fn date_of(at: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(at).date()
}

/// The date so many days later.
pub fn days_after(date: Date, days: i32) -> Result<Date, OutOfCalendar> {
    shifted(date, Span::new().try_days(days).map_err(|_| OutOfCalendar)?)
}

/// The given day (1 to 28) of the month after.
pub fn day_of_next_month(date: Date, day: i8) -> Result<Date, OutOfCalendar> {
    let next = shifted(date.first_of_month(), 1.month())?;
    next.with().day(day).build().map_err(|_| OutOfCalendar)
}

/// The date so many months earlier; the last day of the month where that one is shorter.
pub fn months_before(date: Date, months: i32) -> Result<Date, OutOfCalendar> {
    let span = Span::new().try_months(months).map_err(|_| OutOfCalendar)?;
    date.checked_sub(span).map_err(|_| OutOfCalendar)
}

/// The same day so many years later; the last day of February where there is no 29th.
pub fn years_after(date: Date, years: i32) -> Result<Date, OutOfCalendar> {
    shifted(date, Span::new().try_years(years).map_err(|_| OutOfCalendar)?)
}

/// The last second of a date.
pub fn last_second_of(date: Date, zone: &TimeZone) -> Result<Timestamp, OutOfCalendar> {
    instant(date, (23, 59, 59), zone)
}

/// The first instant of a date.
pub fn start_of(date: Date, zone: &TimeZone) -> Result<Timestamp, OutOfCalendar> {
    instant(date, (0, 0, 0), zone)
}

/// The last second of a month, where `months` counts from the month of the date itself: 1 is that month.
pub fn last_second_of_month(date: Date, months: i32, zone: &TimeZone) -> Result<Timestamp, OutOfCalendar> {
    let later = Span::new().try_months(months.saturating_sub(1)).map_err(|_| OutOfCalendar)?;
    let month = shifted(date.first_of_month(), later)?;
    instant(month.last_of_month(), (23, 59, 59), zone)
}

fn shifted(date: Date, span: Span) -> Result<Date, OutOfCalendar> {
    date.checked_add(span).map_err(|_| OutOfCalendar)
}

fn instant(
    date: Date,
    (hour, minute, second): (i8, i8, i8),
    zone: &TimeZone,
) -> Result<Timestamp, OutOfCalendar> {
    zone.to_timestamp(date.at(hour, minute, second, 0)).map_err(|_| OutOfCalendar)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn tokyo() -> TimeZone {
        TimeZone::get("Asia/Tokyo").unwrap()
    }

    #[test]
    fn the_market_lives_by_its_own_clock() {
        let at: Timestamp = "2026-11-30T15:00:00Z".parse().unwrap();
        assert_eq!(date_of(at, &tokyo()), date(2026, 12, 1));
    }

    #[test]
    fn the_twelfth_month_counts_the_first() {
        let end = last_second_of_month(date(2026, 12, 12), 12, &tokyo()).unwrap();
        assert_eq!(end, "2027-11-30T23:59:59+09:00".parse().unwrap());
        let leap = last_second_of_month(date(2028, 1, 31), 2, &tokyo()).unwrap();
        assert_eq!(leap, "2028-02-29T23:59:59+09:00".parse().unwrap());
    }

    #[test]
    fn the_fifteenth_of_next_month_follows_even_the_thirty_first() {
        assert_eq!(day_of_next_month(date(2026, 12, 31), 15), Ok(date(2027, 1, 15)));
        assert_eq!(days_after(date(2026, 12, 31), 1), Ok(date(2027, 1, 1)));
        assert_eq!(days_after(date(9999, 12, 31), 1), Err(OutOfCalendar));
    }
}
