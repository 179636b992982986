//! The languages a customer reads, and figures written in them.

use std::fmt::Write;

use choba_engine::market::Name;
use choba_engine::money::Money;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A language of sentences and receipts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Japanese.
    Ja,
    /// English.
    En,
}

impl Language {
    /// The language of a tag or a `LANG` value: Japanese for `ja`, `ja-JP`, `ja_JP.UTF-8`; else English.
    pub fn of(tag: &str) -> Self {
        let language = tag.split(['-', '_', '.']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("ja") { Self::Ja } else { Self::En }
    }

    /// Its tag: `ja`, `en`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }

    /// What something is called in this language.
    pub fn name(self, name: &Name) -> &str {
        match self {
            Self::Ja => &name.ja,
            Self::En => &name.en,
        }
    }

    /// `1,500円` or `¥1,500`.
    pub fn yen(self, amount: Money) -> String {
        match self {
            Self::Ja => grouped(amount.units(), "", "円"),
            Self::En => grouped(amount.units(), "¥", ""),
        }
    }

    /// `2026年12月31日(木) 23:59` or `Thu 31 Dec 2026, 23:59`, in the market's time zone.
    pub fn instant(self, at: Timestamp, zone: &TimeZone) -> String {
        let local = zone.to_datetime(at);
        let format = match self {
            Self::Ja => format!("%Y年%-m月%-d日({}) %H:%M", weekday_ja(local.weekday())),
            Self::En => "%a %-d %b %Y, %H:%M".into(),
        };
        // Only fails where the format asks for something a date and time do not have; these do not.
        jiff::fmt::strtime::format(format, local).unwrap_or_else(|_| local.to_string())
    }

    /// `2026年12月31日` or `31 December 2026`.
    pub fn day(self, date: jiff::civil::Date) -> String {
        let format = match self {
            Self::Ja => "%Y年%-m月%-d日",
            Self::En => "%-d %B %Y",
        };
        jiff::fmt::strtime::format(format, date).unwrap_or_else(|_| date.to_string())
    }
}

fn weekday_ja(weekday: jiff::civil::Weekday) -> &'static str {
    use jiff::civil::Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
    match weekday {
        Monday => "月",
        Tuesday => "火",
        Wednesday => "水",
        Thursday => "木",
        Friday => "金",
        Saturday => "土",
        Sunday => "日",
    }
}

/// A number in groups of three, with what stands before and after it: `-¥1,500`.
pub fn grouped(number: i64, before: &str, after: &str) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() * 2 + before.len() + after.len());
    if number < 0 {
        text.push('-');
    }
    text.push_str(before);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    // Writing to a String does not fail.
    let _ = text.write_str(after);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_each_language_writes_them() {
        assert_eq!(Language::Ja.yen(Money::new(1_500)), "1,500円");
        assert_eq!(Language::En.yen(Money::new(-1_234_567)), "-¥1,234,567");
        assert_eq!(Language::En.yen(Money::new(0)), "¥0");
        let at = "2026-12-31T14:59:59Z".parse().unwrap();
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        assert_eq!(Language::Ja.instant(at, &tokyo), "2026年12月31日(木) 23:59");
        assert_eq!(Language::En.instant(at, &tokyo), "Thu 31 Dec 2026, 23:59");
    }

    #[test]
    fn a_locale_names_a_language() {
        assert_eq!(Language::of("ja_JP.UTF-8"), Language::Ja);
        assert_eq!(Language::of("JA"), Language::Ja);
        assert_eq!(Language::of("C.UTF-8"), Language::En);
        assert_eq!(Language::of("jam"), Language::En);
    }
}
