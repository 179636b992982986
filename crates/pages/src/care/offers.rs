//! The ways to a person, in words.

use choba_care::erlang::Wait;
use choba_care::offer::{Channel, Offer, Open, Reason};

use crate::frame::Frame;

/// A way to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// `callback`, `chat`, `form`, `email`.
    pub channel: &'static str,
    /// Whether it is open, now or at a time of one's own.
    pub is_open: bool,
    /// How it is open, how long it takes, or why it is not.
    pub told: Vec<String>,
}

/// The ways in their order; mail is the form's answer and no way of its own.
pub fn ways(frame: &Frame, offers: &[Offer]) -> Vec<Way> {
    offers.iter().filter(|offer| offer.channel != Channel::Email).map(|offer| way(frame, offer)).collect()
}

fn way(frame: &Frame, offer: &Offer) -> Way {
    let channel = match offer.channel {
        Channel::Callback => "callback",
        Channel::Chat => "chat",
        Channel::Form => "form",
        Channel::Email => "email",
    };
    let mut told = vec![frame.say_of("care-open", open_word(offer.open)).to_string()];
    told.extend(offer.wait.map(|wait| band(frame, wait)));
    told.extend(offer.reason.map(|reason| frame.say_of("care-because", reason_word(reason)).to_string()));
    let opens = offer.opens_at.map(|at| frame.say("care-opens-at").with("at", frame.instant(&at)));
    told.extend(opens.map(|said| said.to_string()));
    Way { channel, is_open: offer.open != Open::Hidden, told }
}

/// From `p50` to `p90`, never one figure.
pub fn band(frame: &Frame, wait: Wait) -> String {
    let (from, to) = wait.minutes();
    let said = match (from, to) {
        (_, 0) => frame.say("care-wait-none"),
        (from, to) if from == to => frame.say("care-wait-about"),
        _ => frame.say("care-wait"),
    };
    said.with("from", from.to_string()).with("to", to.to_string()).to_string()
}

fn open_word(open: Open) -> &'static str {
    match open {
        Open::Now => "now",
        Open::InTurn => "in-turn",
        Open::ScheduledFirst => "scheduled-first",
        Open::ScheduledOnly => "scheduled-only",
        Open::Waiting => "waiting",
        Open::Later => "later",
        Open::Hidden => "hidden",
    }
}

fn reason_word(reason: Reason) -> &'static str {
    match reason {
        Reason::Closed => "closed",
        Reason::NoStaff => "no-staff",
        Reason::Busy => "busy",
        Reason::NoCapacity => "no-capacity",
        Reason::LongWait => "long-wait",
        Reason::CallsUsedUp => "calls-used-up",
        Reason::NotOffered => "not-offered",
    }
}
