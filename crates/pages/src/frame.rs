//! What every page has: words and figures in the visitor's language, navigation, the token of its forms.

use std::fmt::Display;

use choba_app::Caller;
use choba_engine::money::Money;
use choba_formats::language::{Language, grouped};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::assets;
use crate::fields::Fields;
use crate::visitor::Visitor;
use crate::words::{Said, words};

/// Whose pages they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Shoppers'.
    Shopper,
    /// Agents' and specialists'.
    Desk,
    /// Operators' and auditors'.
    Office,
}

impl Room {
    /// Its name in style and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shopper => "shopper",
            Self::Desk => "desk",
            Self::Office => "office",
        }
    }

    /// Its first page.
    pub fn begins_at(self) -> &'static str {
        match self {
            Self::Shopper => "/",
            Self::Desk => "/desk",
            Self::Office => "/office",
        }
    }
}

/// A link of the navigation.
pub struct NavLink {
    /// Where to.
    pub href: &'static str,
    /// The message that names it.
    pub label: &'static str,
    /// Whether the page belongs to it.
    pub is_current: bool,
}

/// What every page has. A template extends `layout.html` and has a field `frame` with this.
pub struct Frame {
    /// The language.
    pub language: Language,
    /// Whose pages they are.
    pub room: Room,
    /// The market's name.
    pub market: String,
    /// All markets' names.
    pub markets: Vec<String>,
    /// The market's time zone, in which times are shown.
    pub zone: TimeZone,
    /// The name of who is signed in.
    pub who: Option<String>,
    /// The links of the room.
    pub nav: Vec<NavLink>,
    /// The token that every form carries.
    pub form_token: String,
    /// What was asked for, to come back to.
    pub asked_for: String,
    /// What was just done: the end of the id of a message `done-…`.
    pub done: Option<String>,
    /// Whether visitors can be whom they like.
    pub is_demo: bool,
    /// Things in the cart.
    pub in_cart: i64,
}

const SHOPPER: &[(&str, &str)] = &[
    ("/orders", "nav-orders"),
    ("/wallet", "nav-wallet"),
    ("/help", "nav-help"),
    ("/cases", "nav-cases"),
    ("/account", "nav-account"),
];

const DESK: &[(&str, &str)] = &[
    ("/desk", "nav-desk-queue"),
    ("/desk/calls", "nav-desk-calls"),
    ("/desk/chats", "nav-desk-chats"),
    ("/desk/customers", "nav-desk-customers"),
    ("/desk/templates", "nav-desk-templates"),
];

const OFFICE: &[(&str, &str)] = &[
    ("/office", "nav-office-overview"),
    ("/office/value", "nav-office-value"),
    ("/office/coupons", "nav-office-coupons"),
    ("/office/care", "nav-office-care"),
    ("/office/markets", "nav-office-markets"),
    ("/office/gift-cards", "nav-office-gift-cards"),
    ("/office/adjustments", "nav-office-adjustments"),
    ("/office/webhooks", "nav-office-webhooks"),
    ("/office/keys", "nav-office-keys"),
    ("/office/audit", "nav-office-audit"),
];

impl Frame {
    /// The frame of a page; `section` is the path of the link that it belongs to.
    pub fn of(visitor: &Visitor, room: Room, section: &str) -> Self {
        let markets = visitor.house.service.counter.markets();
        let known = markets.get(&visitor.market).ok();
        let query = visitor.asked_for.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let done = Fields::read(query.as_bytes()).one("done").to_owned();
        let said = format!("done-{done}");
        Self {
            language: visitor.language,
            room,
            market: visitor.market.clone(),
            markets: markets.all().iter().map(|known| known.market.name.clone()).collect(),
            zone: known.map_or(TimeZone::UTC, |market| market.time_zone.clone()),
            who: visitor.caller().and_then(name),
            nav: nav(room, section),
            form_token: visitor.form_token(),
            asked_for: visitor.asked_for.clone(),
            done: words(visitor.language).has(&said).then_some(said),
            is_demo: !visitor.house.settings.demo_people.is_empty(),
            in_cart: visitor.session.as_ref().map_or(0, crate::visitor::things_in_cart),
        }
    }

    /// A message.
    pub fn say(&self, id: &str) -> Said {
        words(self.language).say(id)
    }

    /// Whether there is a message of that id.
    pub fn has(&self, id: &str) -> bool {
        words(self.language).has(id)
    }

    /// A message with a part of its id from data, such as a state: `say_of("order-state", "shipped")`.
    pub fn say_of(&self, id: &str, part: impl Display) -> Said {
        self.say(&format!("{id}-{part}").replace('_', "-"))
    }

    /// `1,500円`, `¥1,500`.
    pub fn yen(&self, amount: impl Into<i64>) -> String {
        self.language.yen(Money::new(amount.into()))
    }

    /// `1,500`.
    pub fn number(&self, number: impl Into<i64>) -> String {
        grouped(number.into(), "", "")
    }

    /// `2026年11月25日(水) 23:59`, in the market's time zone.
    pub fn instant(&self, at: &Timestamp) -> String {
        self.language.instant(*at, &self.zone)
    }

    /// `11月25日(水)`: the day of an instant in the market's time zone.
    pub fn day_of(&self, at: &Timestamp) -> String {
        self.language.day(self.zone.to_datetime(*at).date())
    }

    /// A day.
    pub fn day(&self, day: &Date) -> String {
        self.language.day(*day)
    }

    /// Where an asset is.
    pub fn asset(&self, name: &str) -> String {
        assets::path(name)
    }

    /// Whether these are a shopper's pages.
    pub fn is_shopper(&self) -> bool {
        self.room == Room::Shopper
    }
}

fn name(caller: Caller) -> Option<String> {
    match caller {
        Caller::Customer { customer_id } => Some(customer_id),
        Caller::Staff { staff_id, .. } => Some(staff_id),
        Caller::Itself | Caller::Machine { .. } => None,
    }
}

pub(crate) fn nav(room: Room, section: &str) -> Vec<NavLink> {
    let links = match room {
        Room::Shopper => SHOPPER,
        Room::Desk => DESK,
        Room::Office => OFFICE,
    };
    let link =
        |(href, label): &(&'static str, &'static str)| NavLink { href, label, is_current: *href == section };
    links.iter().map(link).collect()
}
