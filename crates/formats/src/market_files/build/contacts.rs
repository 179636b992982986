//! From `[contacts]` to the market's official contacts and hours.

use choba_engine::market::{Contacts, Hours, OpenSpan};
use jiff::civil::Weekday;

use super::super::sections::{ClockText, HoursSection, WeekdayText};
use super::Builder;

impl Builder<'_> {
    pub(super) fn contacts(&mut self) -> Contacts {
        let section = &self.sections.contacts;
        self.check_domains(&section.domains);
        self.check_phones(&section.phones);
        let hours = section.hours.as_ref();
        Contacts {
            domains: section.domains.clone(),
            phones: section.phones.clone(),
            hours: hours.map_or_else(Hours::round_the_clock, |hours| self.hours(hours)),
        }
    }

    fn check_domains(&mut self, domains: &[String]) {
        for (index, domain) in domains.iter().enumerate() {
            let is_domain = domain.contains('.') && !domain.contains(['/', ':', '@', ' ']);
            if !is_domain {
                let expected = "a domain name, such as `example-shop.co.jp`";
                self.wrong(&format!("contacts.domains.{index}"), format!("`{domain}`"), expected);
            }
        }
    }

    fn check_phones(&mut self, phones: &[String]) {
        for (index, phone) in phones.iter().enumerate() {
            if !phone.chars().any(|char| char.is_ascii_digit()) {
                self.wrong(&format!("contacts.phones.{index}"), format!("`{phone}`"), "a phone number");
            }
        }
    }

    fn hours(&mut self, sections: &[HoursSection]) -> Hours {
        let mut spans = Vec::new();
        for (index, section) in sections.iter().enumerate() {
            let span = OpenSpan { from: minutes(&section.from), to: minutes(&section.to) };
            if span.to <= span.from {
                let expected = "a time after `from`; what goes over midnight is written as two";
                let key = format!("contacts.hours.{index}.to");
                self.wrong(&key, format!("`{}`", section.to.0), expected);
            }
            spans.extend(section.days.iter().map(|day| (weekday(*day), span)));
        }
        Hours::new(spans)
    }
}

/// The shape was checked: the text is a minute of a day.
fn minutes(text: &ClockText) -> i32 {
    ClockText::minutes(&text.0).unwrap_or_default()
}

pub(super) fn weekday(text: WeekdayText) -> Weekday {
    match text {
        WeekdayText::Mon => Weekday::Monday,
        WeekdayText::Tue => Weekday::Tuesday,
        WeekdayText::Wed => Weekday::Wednesday,
        WeekdayText::Thu => Weekday::Thursday,
        WeekdayText::Fri => Weekday::Friday,
        WeekdayText::Sat => Weekday::Saturday,
        WeekdayText::Sun => Weekday::Sunday,
    }
}
