//! `[contacts]`: how a customer can be sure that it is the market, and when people answer.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// How a customer can be sure that it is the market, and when people answer.
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ContactsSection {
    /// Official domain names; what is below them is official as well.
    #[schemars(extend("examples" = [["example-shop.co.jp"]]))]
    pub domains: Vec<String>,
    /// Published phone numbers.
    #[schemars(extend("examples" = [["0120-000-000"]]))]
    pub phones: Vec<String>,
    /// When people answer, in the market's time zone. Round the clock where left out; never where the list is empty.
    #[schemars(extend("examples" = [[{"days": ["mon", "tue"], "from": "09:00", "to": "18:00"}]]))]
    pub hours: Option<Vec<HoursSection>>,
}

/// A span in which people answer on some weekdays. What goes over midnight is written as two.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoursSection {
    /// On which weekdays.
    #[serde(default = "every_weekday")]
    pub days: Vec<WeekdayText>,
    /// From this minute.
    #[schemars(example = &"09:00")]
    pub from: ClockText,
    /// Until this minute; `"24:00"` is the end of the day.
    #[schemars(example = &"18:00")]
    pub to: ClockText,
}

/// Weekdays.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WeekdayText {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

pub(super) fn every_weekday() -> Vec<WeekdayText> {
    use WeekdayText::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    vec![Mon, Tue, Wed, Thu, Fri, Sat, Sun]
}

/// A minute of a day, `"00:00"` to `"24:00"`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ClockText(pub String);

impl ClockText {
    /// Minutes from midnight, where the text is such a minute.
    pub fn minutes(text: &str) -> Option<i32> {
        let (hour, minute) = text.split_once(':')?;
        let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
        let minutes = hour * 60 + minute;
        (minute < 60 && minutes <= 24 * 60).then_some(minutes)
    }
}

fn two_digits(text: &str) -> Option<i32> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

impl JsonSchema for ClockText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Clock".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "clock",
            "description": "A minute of a day in quotes, \"00:00\" to \"24:00\".",
        })
    }
}
