//! What news of a number come to: one state for a number, a shipment, an order.

use jiff::{SignedDuration, Timestamp};

use super::{ParcelStatus, TrackingEvent};
use crate::market::ParcelPolicy;
use crate::order::Shipment;

/// Carriers use numbers again: what happened so long before a parcel left was about another one.
const OF_ANOTHER_PARCEL: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How far the parcel of a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberState {
    /// How far.
    pub status: ParcelStatus,
    /// When it came so far; for what has expired, since when nothing is known.
    pub since: Timestamp,
    /// Whether a carrier has said anything.
    pub heard: bool,
}

/// How far a shipment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShipmentState {
    /// How far.
    pub status: ParcelStatus,
    /// When it came so far.
    pub since: Timestamp,
}

/// How far a number is by all that was told of it. `events` may stand in any order, and the same one may stand there
/// more than once.
///
/// - The latest event counts, by the carrier's clock; at the same instant what is further on.
/// - What is delivered stays so, whatever is scanned afterwards, unless something is wrong or it goes back.
/// - What goes back to its sender stays so: its delivery there is not one to the customer.
/// - What is not over expires with so many days of silence.
pub fn number_state(
    events: &[TrackingEvent],
    shipped_at: Timestamp,
    now: Timestamp,
    policy: &ParcelPolicy,
) -> NumberState {
    let of_this = of_this_parcel(events, shipped_at);
    let last_news = of_this.last().map(|event| event.at);
    let heard = last_news.is_some();
    let (status, since) = journey(&of_this).unwrap_or((ParcelStatus::Pending, shipped_at));
    let silent_since = last_news.unwrap_or(shipped_at).max(shipped_at);
    let silence = SignedDuration::from_hours(i64::from(policy.silent_days).saturating_mul(24));
    if !status.is_final() && now.duration_since(silent_since) >= silence {
        return NumberState { status: ParcelStatus::Expired, since: silent_since, heard };
    }
    NumberState { status, since, heard }
}

/// The events of this journey, each once, in the order in which they happened.
fn of_this_parcel(events: &[TrackingEvent], shipped_at: Timestamp) -> Vec<&TrackingEvent> {
    let from = shipped_at.checked_sub(OF_ANOTHER_PARCEL).unwrap_or(Timestamp::MIN);
    let mut known: Vec<&TrackingEvent> = events.iter().filter(|event| event.at >= from).collect();
    known.sort();
    known.dedup();
    // Told again under its name with other words, only the last of them counts.
    let corrected = |place: usize, event: &TrackingEvent| {
        known.iter().skip(place.saturating_add(1)).any(|later| later.same_by_name(event))
    };
    known
        .iter()
        .enumerate()
        .filter(|(place, event)| !corrected(*place, event))
        .map(|(_, event)| *event)
        .collect()
}

/// Where a journey has come to, and when.
fn journey(events: &[&TrackingEvent]) -> Option<(ParcelStatus, Timestamp)> {
    let mut now: Option<(ParcelStatus, Timestamp)> = None;
    for (next, at) in events.iter().filter_map(|event| Some((event.status?, event.at))) {
        now = Some(match now {
            Some((ParcelStatus::Returned, since)) => (ParcelStatus::Returned, since),
            Some((ParcelStatus::Delivered, since)) if !undoes_delivery(next) => {
                (ParcelStatus::Delivered, since)
            }
            Some((same, since)) if same == next => (same, since),
            _ => (next, at),
        });
    }
    now
}

fn undoes_delivery(next: ParcelStatus) -> bool {
    matches!(next, ParcelStatus::Exception | ParcelStatus::Returned)
}

/// How far a shipment is: its numbers together. One that was marked as delivered by hand is delivered, unless
/// carriers tell of trouble.
pub fn shipment_state(shipment: &Shipment, numbers: &[NumberState]) -> ShipmentState {
    let pending = ShipmentState { status: ParcelStatus::Pending, since: shipment.shipped_at };
    let told = together(numbers).unwrap_or(pending);
    match shipment.delivered_at {
        Some(since) if !undoes_delivery(told.status) => {
            ShipmentState { status: ParcelStatus::Delivered, since }
        }
        _ => told,
    }
}

fn together(numbers: &[NumberState]) -> Option<ShipmentState> {
    let speaks = numbers.iter().min_by_key(|state| (state.status.urgency(), state.since))?;
    let all_there = numbers.iter().all(|state| state.status == ParcelStatus::Delivered);
    let last = numbers.iter().map(|state| state.since).max();
    // With several parcels, what they are together they are since the last of them.
    let since = if all_there { last.unwrap_or(speaks.since) } else { speaks.since };
    Some(ShipmentState { status: speaks.status, since })
}

/// Several shipments together: the one that most needs someone to look speaks for all.
pub fn combined(states: impl Iterator<Item = ParcelStatus>) -> Option<ParcelStatus> {
    states.min_by_key(|status| status.urgency())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ParcelStatus::{
        AttemptFailed, Delivered, Exception, Expired, InTransit, InfoReceived, OutForDelivery, Pending,
        Returned,
    };
    use proptest::prelude::*;

    fn hour(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3600).unwrap()
    }

    fn event(at: i64, status: ParcelStatus) -> TrackingEvent {
        TrackingEvent {
            at: hour(at),
            status: Some(status),
            number: "123456789012".to_owned(),
            carrier: "yamato".to_owned(),
            place: None,
            text: None,
            event_id: None,
        }
    }

    fn state_at(events: &[TrackingEvent], now: i64) -> (ParcelStatus, Timestamp) {
        let state = number_state(events, hour(0), hour(now), &ParcelPolicy::default());
        (state.status, state.since)
    }

    fn state(events: &[TrackingEvent]) -> ParcelStatus {
        state_at(events, 100).0
    }

    #[test]
    fn the_latest_event_counts_however_late_it_is_heard() {
        assert_eq!(state(&[]), Pending);
        assert_eq!(state(&[event(1, InfoReceived)]), InfoReceived);
        assert_eq!(state(&[event(9, OutForDelivery), event(3, InTransit)]), OutForDelivery);
        assert_eq!(state(&[event(9, AttemptFailed), event(9, OutForDelivery)]), AttemptFailed);
    }

    #[test]
    fn what_is_delivered_stays_so_unless_something_is_wrong() {
        let delivered = [event(9, Delivered), event(10, InTransit), event(11, AttemptFailed)];
        assert_eq!(state_at(&delivered, 100), (Delivered, hour(9)));
        assert_eq!(state(&[event(9, Delivered), event(10, Exception)]), Exception);
        assert_eq!(state(&[event(9, Exception), event(10, Delivered)]), Delivered);
    }

    #[test]
    fn delivery_back_to_the_sender_is_none_to_the_customer() {
        assert_eq!(state(&[event(9, Returned), event(30, Delivered)]), Returned);
        assert_eq!(state(&[event(9, Delivered), event(30, Returned)]), Returned);
    }

    #[test]
    fn thirty_days_of_silence_expire_what_is_not_over() {
        let news = [event(10, InTransit)];
        assert_eq!(state_at(&news, 10 + 30 * 24 - 1), (InTransit, hour(10)));
        assert_eq!(state_at(&news, 10 + 30 * 24), (Expired, hour(10)));
        assert_eq!(state_at(&[], 30 * 24), (Expired, hour(0)));
        assert_eq!(state_at(&[event(10, Delivered)], 4000).0, Delivered);
        // Any words are news, also unknown ones.
        let unknown = TrackingEvent { status: None, ..event(500, InTransit) };
        assert_eq!(state_at(&[event(10, InTransit), unknown], 10 + 30 * 24), (InTransit, hour(10)));
    }

    #[test]
    fn an_old_parcel_with_the_same_number_does_not_count() {
        assert_eq!(state(&[event(-31 * 24, Delivered)]), Pending);
        // Scanned before it was reported as shipped: it is this one.
        assert_eq!(state(&[event(-3, InTransit)]), InTransit);
    }

    #[test]
    fn a_correction_under_the_same_name_replaces_what_was_said() {
        let named = |at, status| TrackingEvent { event_id: Some("e1".to_owned()), ..event(at, status) };
        assert_eq!(state(&[named(9, Delivered), named(10, AttemptFailed)]), AttemptFailed);
        let of_another = TrackingEvent { carrier: "sagawa".to_owned(), ..named(10, AttemptFailed) };
        assert_eq!(state(&[named(9, Delivered), of_another]), Delivered);
    }

    #[test]
    fn several_parcels_are_delivered_with_the_last_and_the_one_in_trouble_speaks() {
        let of = |status, at| NumberState { status, since: hour(at), heard: true };
        let both = together(&[of(Delivered, 5), of(Delivered, 9)]).unwrap();
        assert_eq!((both.status, both.since), (Delivered, hour(9)));
        let of_two = |one, other| together(&[of(one, 5), of(other, 9)]).unwrap().status;
        assert_eq!(of_two(Delivered, InTransit), InTransit);
        assert_eq!(of_two(OutForDelivery, AttemptFailed), AttemptFailed);
        assert_eq!(of_two(Exception, AttemptFailed), Exception);
        assert_eq!(combined([Delivered, Pending].into_iter()), Some(Pending));
        assert_eq!(combined(std::iter::empty()), None);
    }

    fn some_event() -> impl Strategy<Value = TrackingEvent> {
        let status = proptest::option::weighted(0.9, proptest::sample::select(&ParcelStatus::ALL[..]));
        let name = proptest::option::of(proptest::sample::select(vec!["e1", "e2", "e3"]));
        // Few hours, so that many events have the same time.
        (0..6_i64, status, name).prop_map(|(at, status, name)| TrackingEvent {
            status,
            event_id: name.map(str::to_owned),
            ..event(at, InTransit)
        })
    }

    /// A story, and the same story in another order with some of it told again.
    fn retold() -> impl Strategy<Value = (Vec<TrackingEvent>, Vec<TrackingEvent>)> {
        proptest::collection::vec(some_event(), 0..8)
            .prop_flat_map(|events| {
                let count = events.len();
                let again = proptest::collection::vec(0..count.max(1), 0..6);
                (Just(events), again)
            })
            .prop_flat_map(|(events, again)| {
                let mut more = events.clone();
                more.extend(again.into_iter().filter_map(|place| events.get(place).cloned()));
                (Just(events), Just(more).prop_shuffle())
            })
    }

    proptest! {
        #[test]
        fn order_and_repetition_change_nothing((events, retold) in retold(), now in 0..2_000_i64) {
            let of = |events: &[TrackingEvent]| number_state(events, hour(0), hour(now), &ParcelPolicy::default());
            prop_assert_eq!(of(&events), of(&retold));
        }

        #[test]
        fn the_order_of_parcels_changes_nothing(
            mut states in proptest::collection::vec((proptest::sample::select(&ParcelStatus::ALL[..]), 0..5_i64), 1..5)
        ) {
            let of = |states: &[(ParcelStatus, i64)]| {
                let numbers: Vec<_> = states.iter()
                    .map(|(status, at)| NumberState { status: *status, since: hour(*at), heard: true }).collect();
                together(&numbers)
            };
            let forwards = of(&states);
            states.reverse();
            prop_assert_eq!(forwards, of(&states));
        }
    }
}
