//! Which ways to a person are open now: a pure function of hours, people and load.
//!
//! It depends on nothing about the customer but whether they wait for a call already: not on what they spend. There
//! always is a way, and what is not offered says why and when it opens next.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::erlang::Wait;

/// A wait of at most so many seconds (half of all) is *we call you now*.
pub const NOW_SECONDS: u32 = 2 * 60;

/// Beyond so many seconds (half of all) a call at a time of one's own comes first.
pub const LONG_SECONDS: u32 = 30 * 60;

/// A way to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The shop calls (電話をリクエスト).
    Callback,
    /// Writing to and fro at once.
    Chat,
    /// A message that is answered later, here.
    Form,
    /// The same by e-mail.
    Email,
}

/// How a way is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Open {
    /// At once: somebody is free, or will be in a moment.
    Now,
    /// As soon as it is one's turn, or at a time of one's own.
    InTurn,
    /// First at a time of one's own; as soon as it is one's turn as well, with its long wait.
    ScheduledFirst,
    /// At a time of one's own only.
    ScheduledOnly,
    /// The customer waits for a call already; this shows how it stands.
    Waiting,
    /// Always, answered later.
    Later,
    /// Not now.
    Hidden,
}

/// Why a way is not wholly open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Nobody works at this hour.
    Closed,
    /// Nobody of those who should work is there.
    NoStaff,
    /// As many wait as the desk can take.
    Busy,
    /// All who chat have as many chats as they can have.
    NoCapacity,
    /// The wait is long.
    LongWait,
    /// No more calls can be made today.
    CallsUsedUp,
    /// The market has this way not at all.
    NotOffered,
}

/// One way, and how it is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Offer {
    /// Which way.
    pub channel: Channel,
    /// How it is open.
    pub open: Open,
    /// Why it is not wholly open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// How long one waits, where that can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<Wait>,
    /// When it opens next, or the first time one may choose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<Timestamp>,
}

/// Who works in a queue and who waits in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct QueueLoad {
    /// Agents who make calls, there now, busy or not.
    pub staffed: u32,
    /// Of these, who are free.
    pub free: u32,
    /// Customers who wait for a call.
    pub waiting: u32,
    /// Agents who chat, there now.
    pub chat_staffed: u32,
    /// Chats that could begin now.
    pub chat_free: u32,
}

/// What an offer is made from.
#[derive(Clone, Debug)]
pub struct Situation<'c> {
    /// When.
    pub now: Timestamp,
    /// Whether it is about safety: fraud, an account taken over.
    pub urgent: bool,
    /// When the queue's people work.
    pub calendar: &'c Calendar,
    /// When somebody can be called in for what is urgent.
    pub on_call: Option<&'c Calendar>,
    /// Whether the market calls back and chats at all.
    pub calls: bool,
    /// Whether it chats.
    pub chats: bool,
    /// Whether the calls of today are used up.
    pub calls_used_up: bool,
    /// Who is there, who waits.
    pub load: QueueLoad,
    /// How many may wait.
    pub waiting_max: u32,
    /// Mean time of a contact in seconds.
    pub handle_seconds: u32,
    /// How long the call that the customer waits for already takes to come, if there is one.
    pub own_callback: Option<Option<Wait>>,
}

impl Situation<'_> {
    /// The ways, the best first. There always is one that is open.
    pub fn offers(&self) -> Vec<Offer> {
        let mut offers =
            vec![self.callback(), self.chat(), self.later(Channel::Form), self.later(Channel::Email)];
        if self.is_open() && self.wait().is_some_and(|wait| wait.p50 > LONG_SECONDS) {
            // What is answered later is sooner than this.
            offers.rotate_left(2);
        }
        offers
    }

    /// How long one who comes now waits for a call; nothing where nobody works.
    pub fn wait(&self) -> Option<Wait> {
        let load = &self.load;
        if load.free > load.waiting {
            return Some(Wait::NONE);
        }
        Wait::in_queue(load.waiting.saturating_sub(load.free), load.staffed, self.handle_seconds)
    }

    fn is_open(&self) -> bool {
        self.calendar.is_open(self.now)
    }

    fn callback(&self) -> Offer {
        let offer = |open, reason| self.offer(Channel::Callback, open, reason);
        if !self.calls {
            return offer(Open::Hidden, Some(Reason::NotOffered));
        }
        if let Some(wait) = self.own_callback {
            return Offer { wait, ..offer(Open::Waiting, None) };
        }
        if self.calls_used_up {
            return offer(Open::Hidden, Some(Reason::CallsUsedUp));
        }
        if self.urgent && self.on_call.is_some_and(|on_call| on_call.is_open(self.now)) {
            return Offer { wait: self.urgent_wait(), ..offer(Open::Now, None) };
        }
        match self.shortage() {
            Some(reason) => self.scheduled_only(reason),
            None if self.load.staffed == 0 => self.scheduled_only(Reason::NoStaff),
            None => self.in_turn(),
        }
    }

    fn in_turn(&self) -> Offer {
        let wait = self.wait();
        let half = wait.map_or(u32::MAX, |wait| wait.p50);
        let (open, reason) = match half {
            0..=NOW_SECONDS => (Open::Now, None),
            half if half <= LONG_SECONDS => (Open::InTurn, None),
            _ => (Open::ScheduledFirst, Some(Reason::LongWait)),
        };
        Offer { wait, ..self.offer(Channel::Callback, open, reason) }
    }

    fn scheduled_only(&self, reason: Reason) -> Offer {
        let offer = self.offer(Channel::Callback, Open::ScheduledOnly, Some(reason));
        // Without any time to choose, it would be an offer of nothing.
        if offer.opens_at.is_none() { Offer { open: Open::Hidden, ..offer } } else { offer }
    }

    fn chat(&self) -> Offer {
        let load = &self.load;
        let hidden = |reason| self.offer(Channel::Chat, Open::Hidden, Some(reason));
        if !self.chats {
            return hidden(Reason::NotOffered);
        }
        let urgent = self.urgent && load.chat_free > 0;
        match self.shortage() {
            _ if urgent => self.offer(Channel::Chat, Open::Now, None),
            Some(reason) => hidden(reason),
            None if load.chat_staffed == 0 => hidden(Reason::NoStaff),
            None if load.chat_free == 0 => hidden(Reason::NoCapacity),
            None => self.offer(Channel::Chat, Open::Now, None),
        }
    }

    fn later(&self, channel: Channel) -> Offer {
        Offer { channel, open: Open::Later, reason: None, wait: None, opens_at: None }
    }

    /// Why the desk takes nobody at once.
    fn shortage(&self) -> Option<Reason> {
        if !self.is_open() {
            Some(Reason::Closed)
        } else if self.load.waiting >= self.waiting_max {
            Some(Reason::Busy)
        } else {
            None
        }
    }

    /// What is urgent goes before all who wait.
    fn urgent_wait(&self) -> Option<Wait> {
        if self.load.free > 0 {
            Some(Wait::NONE)
        } else {
            Wait::in_queue(0, self.load.staffed, self.handle_seconds)
        }
    }

    fn offer(&self, channel: Channel, open: Open, reason: Option<Reason>) -> Offer {
        let opens_at = reason.and_then(|reason| self.opens_next(reason));
        Offer { channel, open, reason, wait: None, opens_at }
    }

    /// When one may be called at a time of one's own: with the next opening, or with the next shift after this one
    /// where this one is too full.
    fn opens_next(&self, reason: Reason) -> Option<Timestamp> {
        match reason {
            Reason::NotOffered | Reason::CallsUsedUp | Reason::LongWait => None,
            Reason::Closed => self.calendar.next_open(self.now),
            Reason::NoStaff | Reason::Busy | Reason::NoCapacity => {
                let shift = self.calendar.shift_at(self.now)?;
                // Somewhere ahead in the same shift, if it is long enough.
                let soon = self.now.checked_add(jiff::SignedDuration::from_mins(30)).ok()?;
                self.calendar.next_open(soon.min(shift.closes_at))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::OpenRange;
    use jiff::civil::Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    fn office() -> Calendar {
        let days = [Monday, Tuesday, Wednesday, Thursday, Friday];
        let nine_to_six = OpenRange::new(9 * 60, 18 * 60).unwrap();
        Calendar::new(TimeZone::get("Asia/Tokyo").unwrap()).with_hours(&days, nine_to_six)
    }

    fn always() -> Calendar {
        let days =
            [0, 1, 2, 3, 4, 5, 6].map(|day| jiff::civil::Weekday::from_monday_zero_offset(day).unwrap());
        Calendar::new(TimeZone::UTC).with_hours(&days, OpenRange::ALL_DAY)
    }

    fn at(text: &str) -> Timestamp {
        format!("{text}:00+09:00").parse().unwrap()
    }

    fn situation<'c>(calendar: &'c Calendar, load: QueueLoad) -> Situation<'c> {
        Situation {
            now: at("2026-11-24T10:00"),
            urgent: false,
            calendar,
            on_call: None,
            calls: true,
            chats: true,
            calls_used_up: false,
            load,
            waiting_max: 20,
            handle_seconds: 300,
            own_callback: None,
        }
    }

    fn found(situation: &Situation<'_>, channel: Channel) -> Offer {
        situation.offers().into_iter().find(|offer| offer.channel == channel).unwrap()
    }

    const THREE: QueueLoad = QueueLoad { staffed: 3, free: 0, waiting: 4, chat_staffed: 2, chat_free: 1 };

    #[test]
    fn in_working_hours_calls_come_in_turn_with_a_band() {
        let calendar = office();
        let callback = found(&situation(&calendar, THREE), Channel::Callback);
        assert_eq!((callback.open, callback.wait.map(Wait::minutes)), (Open::InTurn, Some((8, 14))));
        assert_eq!(found(&situation(&calendar, THREE), Channel::Chat).open, Open::Now);
    }

    #[test]
    fn where_somebody_is_free_the_shop_calls_now() {
        let calendar = office();
        let load = QueueLoad { staffed: 3, free: 2, waiting: 1, ..QueueLoad::default() };
        let callback = found(&situation(&calendar, load), Channel::Callback);
        assert_eq!((callback.open, callback.wait), (Open::Now, Some(Wait::NONE)));
    }

    #[test]
    fn a_closed_desk_offers_a_call_with_the_next_opening_and_hides_the_chat() {
        let calendar = office();
        let evening = Situation { now: at("2026-11-20T18:00"), ..situation(&calendar, THREE) };
        for (channel, open) in [(Channel::Callback, Open::ScheduledOnly), (Channel::Chat, Open::Hidden)] {
            let offer = found(&evening, channel);
            assert_eq!((offer.open, offer.reason), (open, Some(Reason::Closed)));
            assert_eq!(offer.opens_at, Some(at("2026-11-23T09:00")));
        }
        assert_eq!(found(&evening, Channel::Form).open, Open::Later);
    }

    #[test]
    fn an_open_desk_without_people_or_with_too_many_waiting_says_which() {
        let calendar = office();
        let nobody = situation(&calendar, QueueLoad { waiting: 2, ..QueueLoad::default() });
        let full = situation(&calendar, QueueLoad { waiting: 20, ..THREE });
        for (situation, reason) in [(nobody, Reason::NoStaff), (full, Reason::Busy)] {
            let callback = found(&situation, Channel::Callback);
            assert_eq!((callback.open, callback.reason), (Open::ScheduledOnly, Some(reason)));
            assert_eq!(callback.opens_at, Some(at("2026-11-24T10:30")));
            assert_eq!(found(&situation, Channel::Chat).reason, Some(reason));
        }
    }

    #[test]
    fn a_long_wait_puts_messages_first_and_a_time_of_ones_own_before_waiting() {
        let calendar = office();
        let long = situation(&calendar, QueueLoad { staffed: 1, waiting: 9, ..THREE });
        assert_eq!(long.offers()[0].channel, Channel::Form);
        let callback = found(&long, Channel::Callback);
        assert_eq!((callback.open, callback.reason), (Open::ScheduledFirst, Some(Reason::LongWait)));
        assert!(callback.wait.is_some());
    }

    #[test]
    fn what_is_urgent_is_called_at_night_where_somebody_is_on_call() {
        let (calendar, on_call) = (office(), always());
        let night = Situation {
            now: at("2026-11-24T03:00"),
            urgent: true,
            on_call: Some(&on_call),
            ..situation(&calendar, QueueLoad { staffed: 1, waiting: 9, ..QueueLoad::default() })
        };
        let callback = found(&night, Channel::Callback);
        assert_eq!((callback.open, callback.wait.map(|wait| wait.p50)), (Open::Now, Some(208)));
        let nobody_on_call = Situation { on_call: None, ..night };
        assert_eq!(found(&nobody_on_call, Channel::Callback).open, Open::ScheduledOnly);
    }

    #[test]
    fn who_waits_for_a_call_is_shown_that_call_and_not_offered_a_second_one() {
        let calendar = office();
        let own = Wait::in_queue(2, 3, 300);
        let waiting = Situation { own_callback: Some(own), ..situation(&calendar, THREE) };
        let callback = found(&waiting, Channel::Callback);
        assert_eq!((callback.open, callback.wait), (Open::Waiting, own));
        assert_eq!(found(&waiting, Channel::Chat).open, Open::Now);
    }

    proptest! {
        #[test]
        fn there_always_is_a_way_and_what_is_hidden_says_why(
            hour in 0..24 * 14_i64, urgent: bool, on_call: bool, calls: bool, chats: bool, calls_used_up: bool,
            staffed in 0..5_u32, free in 0..5_u32, waiting in 0..40_u32, chat_staffed in 0..3_u32,
            chat_free in 0..6_u32, waits: bool, never: bool,
        ) {
            let (week, all) = (office(), always());
            let empty = Calendar::new(TimeZone::UTC);
            let load = QueueLoad { staffed, free: free.min(staffed), waiting, chat_staffed, chat_free };
            let situation = Situation {
                now: at("2026-11-16T00:30") + jiff::SignedDuration::from_hours(hour),
                urgent,
                on_call: on_call.then_some(&all),
                calls,
                chats,
                calls_used_up,
                own_callback: waits.then_some(None),
                ..situation(if never { &empty } else { &week }, load)
            };
            let offers = situation.offers();
            prop_assert!(offers.iter().any(|offer| offer.open != Open::Hidden));
            prop_assert_eq!(offers.len(), 4);
            for offer in &offers {
                prop_assert!(offer.open != Open::Hidden || offer.reason.is_some());
                prop_assert!(offer.open != Open::ScheduledOnly || offer.opens_at.is_some_and(|at| at >= situation.now));
                let at_once = matches!(offer.open, Open::Now | Open::InTurn | Open::ScheduledFirst);
                let reachable = situation.is_open() || (urgent && (on_call || chat_free > 0));
                prop_assert!(!at_once || reachable);
            }
        }
    }
}
