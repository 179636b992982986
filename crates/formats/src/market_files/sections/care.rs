//! `[care]`: how customers come to a person, and when people work.

use std::collections::BTreeMap;

use choba_care::contact::{CallPolicy, Evidence, Fact, Stage};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{NameSection, WeekdayText};

/// How customers come to a person, and when people work.
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CareSection {
    /// Lists of holidays, by id: each with its days, such as `2026-01-01`, and what they are called. A person looks at
    /// them before they stand here; none are fetched.
    pub holidays: BTreeMap<String, BTreeMap<String, NameSection>>,
    /// When people work, by id.
    pub calendars: BTreeMap<String, CalendarSection>,
    /// Who answers, by id.
    pub queues: BTreeMap<String, QueueSection>,
    /// What customers come with, by id.
    pub topics: BTreeMap<String, TopicSection>,
    /// What they want to know, by id.
    pub questions: BTreeMap<String, QuestionSection>,
    /// How customers are called.
    pub calls: CallsSection,
}

/// When people work, in the market's time zone.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarSection {
    /// Spans of a week; several on a day are fine.
    #[schemars(extend("examples" = [[{"days": ["mon"], "from": "09:00", "to": "12:00"}, {"days": ["mon"], "from": "22:00", "to": "26:00"}]]))]
    pub hours: Vec<ShiftSection>,
    /// Whose holidays, as an id of `care.holidays`. None where left out.
    #[schemars(example = &"japan")]
    pub holidays: Option<String>,
    /// When people work on holidays. Not at all where left out.
    #[serde(default)]
    pub holiday_hours: Vec<RangeSection>,
    /// Days that are different for once, such as `2026-12-30`: they stand above holidays and the week. Nobody works
    /// where the list is empty.
    #[serde(default)]
    pub temporary: BTreeMap<String, Vec<RangeSection>>,
}

/// A span in which people work on some weekdays. It may go on past midnight, and belongs to the day it begins on.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShiftSection {
    /// On which weekdays.
    #[serde(default = "super::every_weekday")]
    pub days: Vec<WeekdayText>,
    /// From this minute.
    #[schemars(example = &"09:00")]
    pub from: LateClockText,
    /// Until this minute; `"24:00"` is the end of the day, `"26:00"` two hours later.
    #[schemars(example = &"18:00")]
    pub to: LateClockText,
}

/// A span of one day in which people work.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RangeSection {
    /// From this minute.
    #[schemars(example = &"10:00")]
    pub from: LateClockText,
    /// Until this minute.
    #[schemars(example = &"15:00")]
    pub to: LateClockText,
}

/// Those who answer some questions together.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueueSection {
    /// What customers call it.
    pub name: NameSection,
    /// When its people work, as an id of `care.calendars`.
    #[schemars(example = &"desk")]
    pub calendar: String,
    /// When somebody can be called in for what is urgent, as an id of `care.calendars`.
    pub on_call: Option<String>,
    /// Whether it calls customers.
    #[serde(default = "yes")]
    pub calls: bool,
    /// Whether it chats.
    #[serde(default = "yes")]
    pub chats: bool,
    /// How many may wait for a call; more are offered a time of their own.
    #[serde(default = "waiting_most")]
    #[schemars(range(min = 1, max = 10_000))]
    pub waiting_max: u32,
    /// Mean seconds that one contact keeps an agent busy, until there are figures of one's own.
    #[serde(default = "handle_seconds")]
    #[schemars(range(min = 1, max = 86_400))]
    pub handle_seconds: u32,
    /// So many of a hundred calls are to be made within the target.
    #[serde(default = "service_percent")]
    #[schemars(range(min = 1, max = 99))]
    pub service_percent: u32,
    /// By when things have to be done.
    #[serde(default)]
    pub targets: TargetsSection,
    /// To whom a case goes whose target was missed while it was under way, as an id of `care.queues`: people who decide
    /// more. It presses more from then on. It stays where it is where left out.
    #[schemars(example = &"leads")]
    pub escalates_to: Option<String>,
}

/// By when things have to be done, in minutes of working time. No target where left out.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TargetsSection {
    /// The first answer of a person.
    #[schemars(range(min = 1, max = 1_000_000), example = 480)]
    pub first_reply_minutes: Option<i64>,
    /// Each further answer.
    #[schemars(range(min = 1, max = 1_000_000), example = 480)]
    pub next_reply_minutes: Option<i64>,
    /// The solution.
    #[schemars(range(min = 1, max = 1_000_000), example = 2400)]
    pub resolution_minutes: Option<i64>,
    /// The call that was asked for.
    #[schemars(range(min = 1, max = 1_000_000), example = 15)]
    pub callback_minutes: Option<i64>,
    /// Time stands still while it is the customer's turn.
    pub pauses_for_customer: bool,
    /// Time stands still while somebody else is waited for.
    pub pauses_on_hold: bool,
}

impl Default for TargetsSection {
    fn default() -> Self {
        Self {
            first_reply_minutes: None,
            next_reply_minutes: None,
            resolution_minutes: None,
            callback_minutes: None,
            pauses_for_customer: true,
            pauses_on_hold: false,
        }
    }
}

/// What customers come with.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TopicSection {
    /// What customers call it.
    pub name: NameSection,
    /// Where it stands among the topics; the smallest first.
    #[schemars(range(min = 0, max = 1_000_000), example = 10)]
    pub place: i64,
    /// Whether it is about an order.
    pub needs_order: bool,
}

/// What customers want to know, and what helps. Whatever it is, a person can be reached.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionSection {
    /// What customers call it.
    pub name: NameSection,
    /// To which topic it belongs, as an id of `care.topics`.
    #[schemars(example = &"parcel")]
    pub topic: String,
    /// Where it stands among the questions of its topic; the smallest first.
    #[schemars(range(min = 0, max = 1_000_000), example = 10)]
    pub place: i64,
    /// Only for orders of which some part is so far; for all where left out.
    #[serde(default)]
    #[schemars(extend("examples" = [["placed", "preparing"]]))]
    pub when: Vec<StageText>,
    /// What is shown first, from the order and the wallet.
    #[serde(default)]
    #[schemars(extend("examples" = [["state", "tracking"]]))]
    pub facts: Vec<FactText>,
    /// Help articles, by their ids.
    #[serde(default)]
    #[schemars(extend("examples" = [["parcel-where"]]))]
    pub articles: Vec<String>,
    /// The guided check, by its id.
    #[schemars(example = &"delivered_but_missing")]
    pub guided: Option<String>,
    /// Who answers, as an id of `care.queues`.
    #[schemars(example = &"desk")]
    pub queue: String,
    /// What a person will need; the program fills in what it knows.
    #[serde(default)]
    #[schemars(extend("examples" = [["order_number", "timeline"]]))]
    pub evidence: Vec<EvidenceText>,
    /// It is about safety: fraud, an account taken over. It goes before all that is not.
    #[serde(default)]
    pub urgent: bool,
}

/// How customers are called.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CallsSection {
    /// Calls that nobody answers, all together.
    #[schemars(range(min = 1, max = 10))]
    pub attempts_max: u32,
    /// Minutes until the next one.
    #[schemars(range(min = 1, max = 1440))]
    pub retry_minutes: i64,
    /// Seconds that an agent has to accept.
    #[schemars(range(min = 5, max = 3600))]
    pub offer_seconds: i64,
    /// Hours after which a request that nobody could serve ends; where nobody works then, with the end of the shift
    /// after that.
    #[schemars(range(min = 1, max = 720))]
    pub expires_hours: i64,
    /// Seconds until a call that broke off is made again.
    #[schemars(range(min = 0, max = 3600))]
    pub dropped_seconds: i64,
    /// Minutes for which the same agent is asked first then.
    #[schemars(range(min = 0, max = 1440))]
    pub same_agent_minutes: i64,
    /// How often a call that breaks off is made again.
    #[schemars(range(min = 0, max = 10))]
    pub drops_max: u32,
    /// Regions whose numbers are called, as two letters.
    #[schemars(extend("examples" = [["JP"]]))]
    pub regions: Vec<String>,
    /// Requests for one number in 24 hours.
    #[schemars(range(min = 1, max = 1000))]
    pub per_number: i64,
    /// Requests of one customer in 24 hours.
    #[schemars(range(min = 1, max = 1000))]
    pub per_customer: i64,
    /// Requests from one network address in 24 hours.
    #[schemars(range(min = 1, max = 100_000))]
    pub per_address: i64,
    /// What a call is taken to cost, in yen.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub yen_per_call: i64,
    /// What all calls of a day may cost, in yen; no more are made after that.
    #[schemars(range(min = 0, max = 1_000_000_000))]
    pub yen_per_day: i64,
}

impl Default for CallsSection {
    fn default() -> Self {
        let usual = CallPolicy::default();
        Self {
            attempts_max: usual.attempts_max,
            retry_minutes: usual.retry_minutes,
            offer_seconds: usual.offer_seconds,
            expires_hours: usual.expires_hours,
            dropped_seconds: usual.dropped_seconds,
            same_agent_minutes: usual.same_agent_minutes,
            drops_max: usual.drops_max,
            regions: usual.regions,
            per_number: usual.per_number,
            per_customer: usual.per_customer,
            per_address: usual.per_address,
            yen_per_call: usual.yen_per_call,
            yen_per_day: usual.yen_per_day,
        }
    }
}

/// How far a part of an order is.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageText {
    /// It has to be paid first.
    AwaitingPayment,
    /// Nothing has begun.
    Placed,
    /// The seller prepares it.
    Preparing,
    /// It is on its way.
    Shipped,
    /// It has arrived.
    Delivered,
    /// It was cancelled.
    Cancelled,
    /// It comes back.
    Returning,
}

impl From<StageText> for Stage {
    fn from(text: StageText) -> Self {
        match text {
            StageText::AwaitingPayment => Self::AwaitingPayment,
            StageText::Placed => Self::Placed,
            StageText::Preparing => Self::Preparing,
            StageText::Shipped => Self::Shipped,
            StageText::Delivered => Self::Delivered,
            StageText::Cancelled => Self::Cancelled,
            StageText::Returning => Self::Returning,
        }
    }
}

/// What is shown first.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactText {
    /// How far each seller's part is.
    State,
    /// Carriers and tracking numbers.
    Tracking,
    /// When parcels left and arrived.
    Delivery,
    /// How the payment stands.
    Payment,
    /// Who paid how much.
    Bill,
    /// What was refunded.
    Refunds,
    /// What comes back, with return numbers.
    Returns,
    /// Points that the order earned.
    Points,
    /// What the wallet holds.
    Balance,
}

impl From<FactText> for Fact {
    fn from(text: FactText) -> Self {
        match text {
            FactText::State => Self::State,
            FactText::Tracking => Self::Tracking,
            FactText::Delivery => Self::Delivery,
            FactText::Payment => Self::Payment,
            FactText::Bill => Self::Bill,
            FactText::Refunds => Self::Refunds,
            FactText::Returns => Self::Returns,
            FactText::Points => Self::Points,
            FactText::Balance => Self::Balance,
        }
    }
}

/// What a person needs.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceText {
    /// The account.
    Account,
    /// The order's number.
    OrderNumber,
    /// Tracking numbers.
    TrackingNumber,
    /// What happened when.
    Timeline,
    /// A picture.
    Photo,
}

impl From<EvidenceText> for Evidence {
    fn from(text: EvidenceText) -> Self {
        match text {
            EvidenceText::Account => Self::Account,
            EvidenceText::OrderNumber => Self::OrderNumber,
            EvidenceText::TrackingNumber => Self::TrackingNumber,
            EvidenceText::Timeline => Self::Timeline,
            EvidenceText::Photo => Self::Photo,
        }
    }
}

fn yes() -> bool {
    true
}

fn waiting_most() -> u32 {
    30
}

fn handle_seconds() -> u32 {
    300
}

fn service_percent() -> u32 {
    80
}

/// A minute of a day or of the day after, `"00:00"` to `"48:00"`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct LateClockText(pub String);

impl LateClockText {
    /// Minutes from midnight, where the text is such a minute.
    pub fn minutes(text: &str) -> Option<i16> {
        let (hour, minute) = text.split_once(':')?;
        let two_digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        if !(two_digits(hour) && two_digits(minute)) {
            return None;
        }
        let (hour, minute): (i16, i16) = (hour.parse().ok()?, minute.parse().ok()?);
        let minutes = hour * 60 + minute;
        (minute < 60 && minutes <= 48 * 60).then_some(minutes)
    }
}

impl JsonSchema for LateClockText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LateClock".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "late-clock",
            "description": "A minute of a day or of the day after, in quotes, \"00:00\" to \"48:00\".",
        })
    }
}
