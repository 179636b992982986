//! What the desk did and how many people it takes: arrivals, waits, who gave up, promises kept, a suggestion.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::calendar::Calendar;
use crate::callback::{Callback, End, State};
use crate::erlang::Load;

/// Of those who were called, so many in a hundred at least have to be called before the end of the band they were told.
pub const BEFORE_P90_MIN: u32 = 80;

/// And so many at most before its beginning: else it was told too long.
pub const BEFORE_P50_MAX: u32 = 65;

/// What a report needs to know of a queue.
#[derive(Clone, Copy, Debug)]
pub struct QueueTerms<'c> {
    /// When its people work.
    pub calendar: &'c Calendar,
    /// Calls are to be made within so many seconds.
    pub target_seconds: u32,
    /// So many in a hundred of them.
    pub service_percent: u32,
    /// Mean time of a contact, where there are no figures.
    pub handle_seconds: u32,
}

/// A queue over a period.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StaffingReport {
    /// Requests that came due in the period.
    pub arrivals: u32,
    /// Requests whose customer answered.
    pub answered: u32,
    /// Requests that the customer gave up before anybody called.
    pub abandoned: u32,
    /// Requests that nobody could serve, or whose customer never answered.
    pub failed: u32,
    /// Calls that broke off.
    pub dropped: u32,
    /// Seconds that those who answered waited: half at most.
    pub wait_p50: Option<u32>,
    /// Nine of ten at most.
    pub wait_p90: Option<u32>,
    /// So many in a hundred of the answered were called within the target.
    pub within_target_percent: Option<u32>,
    /// Mean seconds from dialling to hanging up.
    pub handle_seconds: u32,
    /// How what customers were told compares with what came.
    pub quotes: QuotesKept,
    /// For each hour of the day, in the market's time zone, with arrivals: how many came, how many people it takes.
    pub hours: Vec<HourOfDay>,
}

/// How what customers were told compares with what came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct QuotesKept {
    /// Answered requests whose customers were told a band.
    pub told: u32,
    /// So many in a hundred were called before its beginning.
    pub before_p50_percent: Option<u32>,
    /// So many in a hundred were called before its end.
    pub before_p90_percent: Option<u32>,
    /// Whether the bands were neither too short nor too long.
    pub kept: Option<bool>,
    /// Mean seconds that were estimated for them: the half-way point of each band.
    pub estimated_seconds: Option<u32>,
    /// Mean seconds that they really waited.
    pub waited_seconds: Option<u32>,
    /// The estimate in a hundred parts of the wait: above 100 it was told too long.
    pub estimate_percent: Option<u32>,
}

/// An hour of the day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct HourOfDay {
    /// From 0.
    pub hour: i8,
    /// Requests on an average day on which somebody works in this hour.
    pub arrivals_per_day: f64,
    /// The fewest people who keep the target, by Erlang C.
    pub agents: Option<u32>,
}

/// Reports on requests that came due in `[from, until)`.
pub fn report(
    callbacks: &[Callback],
    terms: &QueueTerms<'_>,
    zone: &TimeZone,
    (from, until): (Timestamp, Timestamp),
) -> StaffingReport {
    let due: Vec<&Callback> =
        callbacks.iter().filter(|callback| (from..until).contains(&callback.due_at)).collect();
    // A call that broke off is the same contact going on, not another arrival.
    let arrived: Vec<&Callback> = due.iter().copied().filter(|callback| callback.follows.is_none()).collect();
    let mut waits: Vec<u32> = arrived.iter().filter_map(|callback| wait_of(callback)).collect();
    waits.sort_unstable();
    let ended = |ends: &[End]| count(arrived.iter().filter(|callback| has_ended(callback, ends)));
    let handle_seconds = mean_handle(&due).unwrap_or(terms.handle_seconds);
    let within = waits.iter().filter(|wait| **wait <= terms.target_seconds);
    StaffingReport {
        arrivals: count(arrived.iter()),
        answered: count(waits.iter()),
        abandoned: ended(&[End::Cancelled, End::Superseded]),
        failed: ended(&[End::Exhausted, End::Expired, End::OptedOut]),
        dropped: count(due.iter().filter(|callback| has_ended(callback, &[End::Dropped]))),
        wait_p50: quantile(&waits, 50),
        wait_p90: quantile(&waits, 90),
        within_target_percent: percent(count(within), count(waits.iter())),
        handle_seconds,
        quotes: quotes_kept(&arrived),
        hours: hours(&arrived, terms, handle_seconds, zone, (from, until)),
    }
}

fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}

fn percent(part: u32, of: u32) -> Option<u32> {
    let part = u64::from(part).saturating_mul(100).checked_div(u64::from(of))?;
    u32::try_from(part).ok()
}

/// The least value that so many in a hundred do not exceed.
fn quantile(sorted: &[u32], percent: usize) -> Option<u32> {
    let rank = sorted.len().saturating_mul(percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

/// Seconds from the time promised until the customer answered.
fn wait_of(callback: &Callback) -> Option<u32> {
    let waited = callback.answered_at?.duration_since(callback.due_at).as_secs();
    Some(u32::try_from(waited).unwrap_or(0))
}

fn has_ended(callback: &Callback, ends: &[End]) -> bool {
    matches!(callback.state, State::Ended { how, .. } if ends.contains(&how) && (callback.answered_at.is_none() || how == End::Dropped))
}

fn mean_handle(callbacks: &[&Callback]) -> Option<u32> {
    let calls =
        callbacks.iter().flat_map(|callback| &callback.calls).filter(|call| call.answered_at.is_some());
    let lengths: Vec<i64> = calls
        .filter_map(|call| Some(call.ended_at?.duration_since(call.dialled_at).as_secs().max(1)))
        .collect();
    let sum: i64 = lengths.iter().sum();
    u32::try_from(sum.checked_div(i64::try_from(lengths.len()).ok()?)?).ok()
}

fn quotes_kept(callbacks: &[&Callback]) -> QuotesKept {
    let told: Vec<(u32, crate::erlang::Wait)> =
        callbacks.iter().filter_map(|callback| Some((wait_of(callback)?, callback.quoted?))).collect();
    let all = count(told.iter());
    let before = |end: fn(&crate::erlang::Wait) -> u32| {
        percent(count(told.iter().filter(|(wait, quoted)| *wait <= end(quoted))), all)
    };
    let (p50, p90) = (before(|quoted| quoted.p50), before(|quoted| quoted.p90));
    let kept = p50.zip(p90).map(|(p50, p90)| p90 >= BEFORE_P90_MIN && p50 <= BEFORE_P50_MAX);
    let sum =
        |of: fn(&(u32, crate::erlang::Wait)) -> u32| told.iter().map(|one| u64::from(of(one))).sum::<u64>();
    let (estimated, waited) = (sum(|(_, quoted)| quoted.p50), sum(|(wait, _)| *wait));
    let mean = |sum: u64| u32::try_from(sum.checked_div(u64::from(all))?).ok();
    QuotesKept {
        told: all,
        before_p50_percent: p50,
        before_p90_percent: p90,
        kept,
        estimated_seconds: mean(estimated),
        waited_seconds: mean(waited),
        estimate_percent: estimated
            .saturating_mul(100)
            .checked_div(waited)
            .and_then(|part| part.try_into().ok()),
    }
}

/// On how many days of the period somebody works in an hour of the day.
fn open_days(calendar: &Calendar, zone: &TimeZone, hour: i8, (from, until): (Timestamp, Timestamp)) -> u32 {
    let instant = |day: Date, hour: i8| {
        let begins = day.at(hour, 0, 0, 0).to_zoned(zone.clone());
        begins.map(|begins| begins.timestamp()).ok()
    };
    let mut days = 0;
    let mut day = zone.to_datetime(from).date();
    while let Some(begins) = instant(day, hour).filter(|begins| *begins < until) {
        let ends = begins.checked_add(SignedDuration::from_hours(1)).unwrap_or(begins);
        let (begins, ends) = (begins.max(from), ends.min(until));
        days += u32::from(begins < ends && !calendar.between(begins, ends).is_zero());
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    days
}

fn hours(
    callbacks: &[&Callback],
    terms: &QueueTerms<'_>,
    handle_seconds: u32,
    zone: &TimeZone,
    period: (Timestamp, Timestamp),
) -> Vec<HourOfDay> {
    let mut by_hour: BTreeMap<i8, u32> = BTreeMap::new();
    for callback in callbacks {
        *by_hour.entry(zone.to_datetime(callback.due_at).hour()).or_default() += 1;
    }
    let part = f64::from(terms.service_percent.min(99)) / 100.0;
    let hour = |(hour, arrivals): (i8, u32)| {
        // Who comes at an hour at which nobody works still comes on one day at least.
        let days = open_days(terms.calendar, zone, hour, period).max(1);
        let arrivals_per_day = f64::from(arrivals) / f64::from(days);
        let load = Load { arrivals_per_hour: arrivals_per_day, handle_seconds: f64::from(handle_seconds) };
        HourOfDay { hour, arrivals_per_day, agents: load.agents_for(part, f64::from(terms.target_seconds)) }
    };
    by_hour.into_iter().map(hour).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::OpenRange;
    use crate::callback::Call;
    use crate::erlang::Wait;
    use jiff::civil::Weekday::{self, Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};

    const ALL: [Weekday; 7] = [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday];

    /// Somebody works on these days.
    fn calendar(days: &[Weekday]) -> Calendar {
        let whole = OpenRange::new(0, 24 * 60).unwrap();
        Calendar::new(TimeZone::get("Asia/Tokyo").unwrap()).with_hours(days, whole)
    }

    fn terms(calendar: &Calendar) -> QueueTerms<'_> {
        QueueTerms { calendar, target_seconds: 300, service_percent: 80, handle_seconds: 240 }
    }

    fn noon() -> Timestamp {
        "2026-11-20T12:00:00+09:00".parse().unwrap()
    }

    fn plus(seconds: i64) -> Timestamp {
        noon() + SignedDuration::from_secs(seconds)
    }

    fn callback(how: End, waited: Option<i64>) -> Callback {
        let answered_at = waited.map(plus);
        let call = answered_at.map(|at| Call {
            agent: "aki".to_owned(),
            dialled_at: at,
            picked_up_at: None,
            answered_at: Some(at),
            ended_at: Some(at + SignedDuration::from_secs(180)),
            outcome: None,
        });
        Callback {
            callback_id: "cb".to_owned(),
            customer_id: "hanako".to_owned(),
            market: "rakuten-style".to_owned(),
            queue: "desk".to_owned(),
            question: "other".to_owned(),
            order_id: None,
            case_id: None,
            language: "ja".to_owned(),
            number: String::new(),
            urgent: false,
            requested_at: noon(),
            place_at: noon(),
            due_at: noon(),
            expires_at: plus(86_400),
            quoted: Some(Wait { p50: 100, p80: 200, p90: 300 }),
            attempts: 1,
            attempts_max: 3,
            words: None,
            prefers: None,
            follows: None,
            drops: 0,
            answered_at,
            calls: call.into_iter().collect(),
            looked_at: None,
            state: State::Ended { at: plus(1000), how },
            version: 9,
        }
    }

    fn reported(callbacks: &[Callback]) -> StaffingReport {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        report(callbacks, &terms(&calendar(&ALL)), &zone, (noon(), plus(86_400)))
    }

    #[test]
    fn a_day_is_told_with_its_waits_its_promises_and_the_people_it_takes() {
        let mut callbacks: Vec<Callback> =
            (1..=10).map(|place| callback(End::Completed, Some(place * 35))).collect();
        callbacks.push(callback(End::Cancelled, None));
        callbacks.push(callback(End::Exhausted, None));
        let report = reported(&callbacks);
        assert_eq!((report.arrivals, report.answered, report.abandoned, report.failed), (12, 10, 1, 1));
        assert_eq!(
            (report.wait_p50, report.wait_p90, report.within_target_percent),
            (Some(175), Some(315), Some(80))
        );
        assert_eq!(report.handle_seconds, 180);
        let quotes = QuotesKept {
            told: 10,
            before_p50_percent: Some(20),
            before_p90_percent: Some(80),
            kept: Some(true),
            estimated_seconds: Some(100),
            waited_seconds: Some(192),
            estimate_percent: Some(51),
        };
        assert_eq!(report.quotes, quotes);
        let noon = HourOfDay { hour: 12, arrivals_per_day: 12.0, agents: Some(2) };
        assert_eq!(report.hours, [noon]);
    }

    #[test]
    fn bands_that_were_too_short_or_too_long_are_not_kept() {
        let short: Vec<Callback> = (0..10).map(|_| callback(End::Completed, Some(400))).collect();
        assert_eq!(reported(&short).quotes.kept, Some(false));
        let long: Vec<Callback> = (0..10).map(|_| callback(End::Completed, Some(50))).collect();
        assert_eq!(reported(&long).quotes.kept, Some(false));
    }

    #[test]
    fn a_call_that_goes_on_is_no_other_arrival() {
        let dropped = callback(End::Dropped, Some(60));
        let going_on = Callback { follows: Some("cb".to_owned()), ..callback(End::Completed, Some(90)) };
        let report = reported(&[dropped, going_on]);
        assert_eq!((report.arrivals, report.answered, report.dropped), (1, 1, 1));
    }

    #[test]
    fn an_average_day_is_one_on_which_somebody_works() {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let callbacks = [callback(End::Completed, Some(60)), callback(End::Completed, Some(70))];
        // Two weeks from a Friday on: two Fridays, two Mondays, no weekend.
        let period = (noon(), plus(14 * 86_400));
        let of = |days: &[Weekday]| {
            let report = report(&callbacks, &terms(&calendar(days)), &zone, period);
            report.hours[0].arrivals_per_day
        };
        assert!((of(&[Monday, Friday]) - 0.5).abs() < 1e-9);
        assert!((of(&ALL) - 2.0 / 14.0).abs() < 1e-9);
        assert!((of(&[]) - 2.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_happened_is_told_without_figures() {
        let report = reported(&[]);
        assert_eq!((report.arrivals, report.wait_p50, report.within_target_percent), (0, None, None));
        assert!(report.hours.is_empty() && report.quotes.kept.is_none());
    }
}
