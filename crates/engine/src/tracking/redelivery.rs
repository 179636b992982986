//! Delivering again to someone who was not in (再配達).
//!
//! What can be asked for follows from the carrier's slots and from how long it keeps the parcel. Nobody tells the
//! carrier from here: a request is a record, and an event for those who can pass it on.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{CarrierTerms, Slot};
use crate::calendar::{OutOfCalendar, date_of, days_after};

/// What a customer asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redelivery {
    /// On which day.
    pub day: Date,
    /// In which slot, by its id.
    pub slot: String,
    /// The slip's own number (お知らせ番号), where it was given.
    pub notice_number: Option<String>,
    /// When it was asked for, or last changed.
    pub asked_at: Timestamp,
    /// When it was taken back.
    pub cancelled_at: Option<Timestamp>,
}

/// A day and a slot that can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The day.
    pub day: Date,
    /// The slot.
    pub slot: Slot,
}

/// The last day on which a carrier has a parcel, of which the first try was at a time.
pub fn storage_ends(
    terms: &CarrierTerms,
    tried_at: Timestamp,
    zone: &TimeZone,
) -> Result<Date, OutOfCalendar> {
    days_after(date_of(tried_at, zone), terms.storage_days)
}

/// All that can be had from now on, the earliest first; nothing once the carrier has sent it back.
pub fn offers(
    terms: &CarrierTerms,
    tried_at: Timestamp,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Vec<Offer>, OutOfCalendar> {
    let (today, last) = (date_of(now, zone), storage_ends(terms, tried_at, zone)?);
    let mut offers = Vec::new();
    let mut day = today;
    while day <= last {
        let open = terms.slots.iter().filter(|slot| day > today || is_open_today(terms, slot, now, zone));
        offers.extend(open.map(|slot| Offer { day, slot: *slot }));
        day = days_after(day, 1)?;
    }
    Ok(offers)
}

fn is_open_today(terms: &CarrierTerms, slot: &Slot, now: Timestamp, zone: &TimeZone) -> bool {
    let now = zone.to_datetime(now);
    let closes = slot.begins().checked_sub(SignedDuration::from_mins(terms.closes_minutes));
    closes.is_ok_and(|closes| now.time() <= closes) && now.time().hour() < terms.same_day_until_hour
}

#[cfg(test)]
mod tests {
    use super::super::terms_of;
    use super::*;

    fn tokyo() -> TimeZone {
        TimeZone::get("Asia/Tokyo").unwrap()
    }

    fn offered(tried: &str, now: &str) -> Vec<String> {
        let terms = terms_of("yamato").unwrap();
        let offers = offers(terms, tried.parse().unwrap(), now.parse().unwrap(), &tokyo()).unwrap();
        offers.iter().map(|offer| format!("{} {}", offer.day, offer.slot.id)).collect()
    }

    #[test]
    fn a_slot_of_today_closes_two_hours_before_it_begins() {
        let tried = "2026-11-25T10:00:00+09:00";
        let at_noon = offered(tried, "2026-11-25T12:00:00+09:00");
        assert_eq!(
            at_noon[..4],
            ["2026-11-25 14-16", "2026-11-25 16-18", "2026-11-25 18-20", "2026-11-25 19-21"]
        );
        assert_eq!(offered(tried, "2026-11-25T12:01:00+09:00")[0], "2026-11-25 16-18");
        assert_eq!(offered(tried, "2026-11-25T17:00:00+09:00")[0], "2026-11-26 am");
    }

    #[test]
    fn nothing_is_offered_once_the_carrier_has_sent_it_back() {
        let tried = "2026-11-25T10:00:00+09:00";
        let last = offered(tried, "2026-12-02T16:00:00+09:00");
        assert_eq!(last, ["2026-12-02 18-20", "2026-12-02 19-21"]);
        assert_eq!(offered(tried, "2026-12-03T00:00:00+09:00"), [""; 0]);
        assert_eq!(offered(tried, "2026-11-25T12:00:00+09:00").last().unwrap(), "2026-12-02 19-21");
    }

    #[test]
    fn slots_stand_in_order_and_have_names_of_their_own() {
        for carrier in ["yamato", "sagawa", "japan-post"] {
            let slots = terms_of(carrier).unwrap().slots;
            assert!(slots.windows(2).all(|pair| pair[0].from_hour < pair[1].from_hour), "{carrier}");
            assert!(
                slots
                    .iter()
                    .all(|slot| slot.from_hour < slot.to_hour && slot.begins().hour() == slot.from_hour)
            );
        }
        assert_eq!(terms_of("tnt"), None);
    }
}
