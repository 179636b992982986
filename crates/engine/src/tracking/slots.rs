//! When carriers deliver again, as data: adding a carrier is adding a row.
//!
//! The times are those that the carriers publish. How long before a slot they still take a request differs by depot
//! and is not published for all; the figures here are cautious ones of ours, so that what is offered can be kept.

use jiff::civil::Time;

/// A span of a day in which a carrier delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its id: `am`, `14-16`.
    pub id: &'static str,
    /// Its first hour.
    pub from_hour: i8,
    /// The hour it ends with.
    pub to_hour: i8,
}

/// What a carrier offers to those who were not in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CarrierTerms {
    /// Which carrier.
    pub carrier: &'static str,
    /// Its slots, the earliest first.
    pub slots: &'static [Slot],
    /// A parcel is kept for so many days after the day of the first try.
    pub storage_days: i32,
    /// A slot of the same day is offered until so many minutes before it begins.
    pub closes_minutes: i64,
    /// After this hour nothing is offered for the same day.
    pub same_day_until_hour: i8,
}

impl Slot {
    pub(super) fn begins(&self) -> Time {
        Time::new(self.from_hour, 0, 0, 0).unwrap_or(Time::midnight())
    }
}

const MORNING: Slot = slot("am", 8, 12);
const NOON: Slot = slot("12-14", 12, 14);
const AFTERNOON: Slot = slot("14-16", 14, 16);
const LATE_AFTERNOON: Slot = slot("16-18", 16, 18);
const EVENING: Slot = slot("18-20", 18, 20);
const NIGHT: Slot = slot("19-21", 19, 21);

const fn slot(id: &'static str, from_hour: i8, to_hour: i8) -> Slot {
    Slot { id, from_hour, to_hour }
}

const WITHOUT_NOON: &[Slot] = &[MORNING, AFTERNOON, LATE_AFTERNOON, EVENING, NIGHT];
const WITH_NOON: &[Slot] = &[MORNING, NOON, AFTERNOON, LATE_AFTERNOON, EVENING, NIGHT];

const TERMS: [CarrierTerms; 3] =
    [terms("yamato", WITHOUT_NOON), terms("sagawa", WITH_NOON), terms("japan-post", WITH_NOON)];

const fn terms(carrier: &'static str, slots: &'static [Slot]) -> CarrierTerms {
    CarrierTerms { carrier, slots, storage_days: 7, closes_minutes: 120, same_day_until_hour: 17 }
}

/// What a carrier offers; nothing where that is not known.
pub fn terms_of(carrier: &str) -> Option<&'static CarrierTerms> {
    TERMS.iter().find(|terms| terms.carrier == carrier)
}
