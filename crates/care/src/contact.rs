//! How a customer comes from a problem to a person: topics, questions, queues, and what is asked for on the way.
//!
//! All of it is a market's own data. [`Care::dead_ends`] finds what would leave a customer without a way on.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::sla::{Metric, Target};

/// What something is called, in each language that customers read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

/// A market's customer care.
#[derive(Clone, Debug, Default)]
pub struct Care {
    /// When people work, by name.
    pub calendars: BTreeMap<String, Calendar>,
    /// Who answers, by name.
    pub queues: BTreeMap<String, Queue>,
    /// What customers come with, in the order in which they are shown.
    pub topics: Vec<Topic>,
    /// How customers are called.
    pub calls: CallPolicy,
}

/// Those who answer some questions together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Its id.
    pub queue_id: String,
    /// What customers call it.
    pub name: Name,
    /// When its people work.
    pub calendar: String,
    /// When somebody can be called in for what is urgent.
    pub on_call: Option<String>,
    /// Whether it calls customers.
    pub calls: bool,
    /// Whether it chats.
    pub chats: bool,
    /// How many may wait for a call.
    pub waiting_max: u32,
    /// Mean time that one contact keeps an agent busy, until there are figures of one's own.
    pub handle_seconds: u32,
    /// The part of calls, in percent, that is to be made within the target.
    pub service_percent: u32,
    /// Targets, in minutes of working time.
    pub targets: Targets,
    /// The queue that a case goes to whose target was missed.
    pub escalates_to: Option<String>,
}

/// By when things have to be done, in minutes of working time; no target where left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// The first answer.
    pub first_reply: Option<i64>,
    /// Each further answer.
    pub next_reply: Option<i64>,
    /// The solution.
    pub resolution: Option<i64>,
    /// The call that was asked for.
    pub callback: Option<i64>,
    /// Whether time stands still while it is the customer's turn.
    pub pauses_for_customer: bool,
    /// Whether time stands still while somebody else is waited for.
    pub pauses_on_hold: bool,
}

/// What customers come with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its id.
    pub topic_id: String,
    /// What customers call it.
    pub name: Name,
    /// Whether it is about an order.
    pub needs_order: bool,
    /// What they may want to know.
    pub questions: Vec<Question>,
}

/// What customers want to know, and what helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its id.
    pub question_id: String,
    /// What customers call it.
    pub name: Name,
    /// Only for orders of which some part is so far; for all where empty.
    pub when: Vec<Stage>,
    /// What is shown first.
    pub facts: Vec<Fact>,
    /// Articles that help, by their ids.
    pub articles: Vec<String>,
    /// The guided check that helps, by its id.
    pub guided: Option<String>,
    /// Who answers.
    pub queue: String,
    /// What a person will need, filled in where it is known.
    pub evidence: Vec<Evidence>,
    /// Whether it is about safety: fraud, an account taken over.
    pub urgent: bool,
}

/// How far a part of an order is, as far as questions depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
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

impl Stage {
    /// All stages.
    pub const ALL: [Self; 7] = [
        Self::AwaitingPayment,
        Self::Placed,
        Self::Preparing,
        Self::Shipped,
        Self::Delivered,
        Self::Cancelled,
        Self::Returning,
    ];
}

/// What is shown first, from the order and the wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
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
    /// Points that the order earned, and when they can be used.
    Points,
    /// What the wallet holds.
    Balance,
}

/// What a person needs to help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
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

/// How customers are called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallPolicy {
    /// Calls that nobody answers, all together.
    pub attempts_max: u32,
    /// Minutes until the next one.
    pub retry_minutes: i64,
    /// Seconds that an agent has to accept.
    pub offer_seconds: i64,
    /// Hours after which a request that nobody could serve ends.
    pub expires_hours: i64,
    /// Seconds until a call that broke off is made again.
    pub dropped_seconds: i64,
    /// Minutes for which the same agent is asked first.
    pub same_agent_minutes: i64,
    /// How often a call that breaks off is made again.
    pub drops_max: u32,
    /// Regions whose numbers are called, as two letters.
    pub regions: Vec<String>,
    /// Requests for one number in 24 hours.
    pub per_number: i64,
    /// Requests of one customer in 24 hours.
    pub per_customer: i64,
    /// Requests from one network address in 24 hours.
    pub per_address: i64,
    /// What a call is taken to cost, in yen.
    pub yen_per_call: i64,
    /// What all calls of a day may cost, in yen.
    pub yen_per_day: i64,
}

impl Default for CallPolicy {
    fn default() -> Self {
        Self {
            attempts_max: 3,
            retry_minutes: 10,
            offer_seconds: 60,
            expires_hours: 24,
            dropped_seconds: 30,
            same_agent_minutes: 5,
            drops_max: 2,
            regions: vec!["JP".to_owned()],
            per_number: 3,
            per_customer: 5,
            per_address: 20,
            yen_per_call: 30,
            yen_per_day: 30_000,
        }
    }
}

/// Something that would leave a customer without a way on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadEnd {
    /// Where, as a key of the market's files.
    pub key: String,
    /// What is there.
    pub found: String,
    /// What would be a way on.
    pub expected: String,
}

impl Care {
    /// A question and the topic that it belongs to.
    pub fn question(&self, question_id: &str) -> Option<(&Topic, &Question)> {
        let find =
            |topic: &Topic| topic.questions.iter().position(|question| question.question_id == question_id);
        self.topics.iter().find_map(|topic| Some((topic, topic.questions.get(find(topic)?)?)))
    }

    /// The question for which a guided check helps, and its topic.
    pub fn question_of_check(&self, flow: &str) -> Option<(&Topic, &Question)> {
        let find = |topic: &Topic| {
            topic.questions.iter().position(|question| question.guided.as_deref() == Some(flow))
        };
        self.topics.iter().find_map(|topic| Some((topic, topic.questions.get(find(topic)?)?)))
    }

    /// The calendar of a queue.
    pub fn calendar_of(&self, queue: &Queue) -> Option<&Calendar> {
        self.calendars.get(&queue.calendar)
    }

    /// When somebody can be called in for what is urgent.
    pub fn on_call_of(&self, queue: &Queue) -> Option<&Calendar> {
        self.calendars.get(queue.on_call.as_ref()?)
    }

    /// The targets of a queue, as far as it has them.
    pub fn targets_of<'c>(&'c self, queue: &Queue) -> Vec<Target<'c>> {
        let Some(calendar) = self.calendar_of(queue) else { return Vec::new() };
        let targets = &queue.targets;
        let all = [
            (Metric::FirstReply, targets.first_reply),
            (Metric::NextReply, targets.next_reply),
            (Metric::Resolution, targets.resolution),
            (Metric::CallbackAnswer, targets.callback),
        ];
        let target = |(metric, minutes): (Metric, Option<i64>)| {
            Some(Target {
                metric,
                within: SignedDuration::from_mins(minutes?),
                calendar,
                pauses_for_customer: targets.pauses_for_customer,
                pauses_on_hold: targets.pauses_on_hold,
            })
        };
        all.into_iter().filter_map(target).collect()
    }

    /// What would leave a customer without a way on, from a time on; nothing in a market without customer care.
    pub fn dead_ends(&self, from: Timestamp) -> Vec<DeadEnd> {
        let mut found = Vec::new();
        found.extend(self.queues.values().filter_map(|queue| self.never_open(queue, from)));
        for topic in &self.topics {
            found.extend(topic.dead_end());
            found.extend(topic.questions.iter().filter_map(|question| self.nobody_answers(question)));
        }
        let has_care = !self.topics.is_empty() || !self.queues.is_empty();
        if has_care && self.topics.iter().all(|topic| topic.needs_order) {
            found.push(DeadEnd {
                key: "care.topics".to_owned(),
                found: "no topic without an order".to_owned(),
                expected: "a topic with `needs_order = false`, for all who have none".to_owned(),
            });
        }
        found
    }

    fn never_open(&self, queue: &Queue, from: Timestamp) -> Option<DeadEnd> {
        let opens = self.calendar_of(queue).is_none_or(|calendar| calendar.ever_opens(from));
        (!opens).then(|| DeadEnd {
            key: format!("care.queues.{}.calendar", queue.queue_id),
            found: format!("`{}`, on which nobody ever works", queue.calendar),
            expected: "a calendar with hours".to_owned(),
        })
    }

    fn nobody_answers(&self, question: &Question) -> Option<DeadEnd> {
        (!self.queues.contains_key(&question.queue)).then(|| DeadEnd {
            key: format!("care.questions.{}.queue", question.question_id),
            found: format!("`{}`", question.queue),
            expected: "a queue under `care.queues`: people who answer".to_owned(),
        })
    }
}

impl Topic {
    /// The questions that fit an order that is so far; all where it is about none.
    pub fn questions_for<'t>(&'t self, stages: &'t [Stage]) -> impl Iterator<Item = &'t Question> {
        self.questions.iter().filter(move |question| question.fits(stages))
    }

    fn dead_end(&self) -> Option<DeadEnd> {
        let key = format!("care.topics.{}", self.topic_id);
        let expected = "a question that fits, such as one without `when`".to_owned();
        if self.questions.is_empty() {
            return Some(DeadEnd { key, found: "no question with this topic".to_owned(), expected });
        }
        if !self.needs_order {
            let none = self.questions_for(&[]).next().is_none();
            return none.then(|| DeadEnd { key, found: "no question without an order".to_owned(), expected });
        }
        let left_out = Stage::ALL.into_iter().find(|stage| self.questions_for(&[*stage]).next().is_none())?;
        let word = serde_json::to_string(&left_out).unwrap_or_default().replace('"', "`");
        Some(DeadEnd { key, found: format!("no question for an order that is {word}"), expected })
    }
}

impl Question {
    /// Whether it fits an order that is so far.
    pub fn fits(&self, stages: &[Stage]) -> bool {
        self.when.is_empty() || self.when.iter().any(|stage| stages.contains(stage))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::OpenRange;
    use jiff::civil::Weekday;
    use jiff::tz::TimeZone;

    fn question(question_id: &str, when: &[Stage]) -> Question {
        Question {
            question_id: question_id.to_owned(),
            name: Name::default(),
            when: when.to_vec(),
            facts: Vec::new(),
            articles: Vec::new(),
            guided: None,
            queue: "desk".to_owned(),
            evidence: Vec::new(),
            urgent: false,
        }
    }

    fn topic(topic_id: &str, needs_order: bool, questions: Vec<Question>) -> Topic {
        Topic { topic_id: topic_id.to_owned(), name: Name::default(), needs_order, questions }
    }

    fn queue() -> Queue {
        Queue {
            queue_id: "desk".to_owned(),
            name: Name::default(),
            calendar: "desk".to_owned(),
            on_call: None,
            calls: true,
            chats: true,
            waiting_max: 10,
            handle_seconds: 300,
            service_percent: 80,
            targets: Targets::default(),
            escalates_to: None,
        }
    }

    fn care(topics: Vec<Topic>) -> Care {
        let monday = OpenRange::new(540, 1080).unwrap();
        let calendar = Calendar::new(TimeZone::UTC).with_hours(&[Weekday::Monday], monday);
        Care {
            calendars: [("desk".to_owned(), calendar)].into(),
            queues: [("desk".to_owned(), queue())].into(),
            topics,
            calls: CallPolicy::default(),
        }
    }

    fn keys(care: &Care) -> Vec<String> {
        care.dead_ends(Timestamp::UNIX_EPOCH).into_iter().map(|dead_end| dead_end.key).collect()
    }

    fn general() -> Topic {
        topic("general", false, vec![question("other", &[])])
    }

    #[test]
    fn a_flow_with_a_question_and_people_for_every_order_has_no_dead_end() {
        let parcel =
            topic("parcel", true, vec![question("cancel", &[Stage::Placed]), question("where", &[])]);
        assert!(keys(&care(vec![parcel, general()])).is_empty());
    }

    #[test]
    fn an_order_at_a_stage_for_which_nothing_is_asked_is_a_dead_end() {
        let cancel = topic("cancel", true, vec![question("cancel", &[Stage::Placed])]);
        assert_eq!(keys(&care(vec![cancel, general()])), ["care.topics.cancel"]);
    }

    #[test]
    fn nobody_is_left_without_a_topic_a_queue_or_hours() {
        let empty = topic("empty", false, Vec::new());
        assert_eq!(keys(&care(vec![empty])), ["care.topics.empty"]);
        let only_orders = topic("orders", true, vec![question("where", &[])]);
        assert_eq!(keys(&care(vec![only_orders])), ["care.topics"]);
        let lost = Question { queue: "nobody".to_owned(), ..question("lost", &[]) };
        assert_eq!(keys(&care(vec![topic("lost", false, vec![lost])])), ["care.questions.lost.queue"]);
        let mut closed = care(vec![general()]);
        closed.calendars.insert("desk".to_owned(), Calendar::new(TimeZone::UTC));
        assert_eq!(keys(&closed), ["care.queues.desk.calendar"]);
    }

    #[test]
    fn cancelling_is_not_asked_after_dispatch() {
        let topic = topic("order", true, vec![question("cancel", &[Stage::Placed]), question("other", &[])]);
        let ids = |stages: &[Stage]| {
            topic.questions_for(stages).map(|question| question.question_id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(ids(&[Stage::Placed]), ["cancel", "other"]);
        assert_eq!(ids(&[Stage::Shipped]), ["other"]);
        assert_eq!(ids(&[Stage::Shipped, Stage::Placed]), ["cancel", "other"]);
    }
}
