//! From `[care]` to a market's customer care.

use choba_care::calendar::{Calendar, OpenRange};
use choba_care::contact::{CallPolicy, Care, Name, Question, Queue, Targets, Topic};
use choba_care::guided::{flow_ids, latest_flow};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::super::sections::{
    CalendarSection, CallsSection, LateClockText, NameSection, QuestionSection, QueueSection, RangeSection,
    TargetsSection,
};
use super::Builder;
use super::contacts::weekday;

/// Calendars have to open some time after this; what lies before it is history.
const CHECKED_FROM: Timestamp = Timestamp::UNIX_EPOCH;

impl Builder<'_> {
    pub(super) fn care(&mut self, zone: &TimeZone) -> Care {
        let section = &self.sections.care;
        let calendars =
            section.calendars.iter().map(|(id, calendar)| (id.clone(), self.calendar(id, calendar, zone)));
        let calendars = calendars.collect();
        let queues = section.queues.iter().map(|(id, queue)| (id.clone(), self.queue(id, queue))).collect();
        self.check_topics_of_questions();
        self.check_guided();
        let care = Care { calendars, queues, topics: self.topics(), calls: self.calls(&section.calls) };
        for dead_end in care.dead_ends(CHECKED_FROM) {
            self.wrong(&dead_end.key, dead_end.found, dead_end.expected);
        }
        care
    }

    fn calendar(&mut self, id: &str, section: &CalendarSection, zone: &TimeZone) -> Calendar {
        let rule = format!("care.calendars.{id}");
        let mut calendar = Calendar::new(zone.clone());
        for (index, shift) in section.hours.iter().enumerate() {
            let key = format!("{rule}.hours.{index}.to");
            let days: Vec<_> = shift.days.iter().copied().map(weekday).collect();
            if let Some(range) = self.range(&key, &shift.from, &shift.to) {
                calendar = calendar.with_hours(&days, range);
            }
        }
        let on_holidays = self.ranges(&format!("{rule}.holiday_hours"), &section.holiday_hours);
        for date in self.holidays(&rule, section) {
            calendar = calendar.with_holiday(date, on_holidays.clone());
        }
        for (day, ranges) in &section.temporary {
            let key = format!("{rule}.temporary.{day}");
            let ranges = self.ranges(&key, ranges);
            if let Some(date) = self.date(&key, day) {
                calendar = calendar.with_temporary(date, ranges);
            }
        }
        calendar
    }

    fn holidays(&mut self, rule: &str, section: &CalendarSection) -> Vec<Date> {
        let Some(id) = &section.holidays else { return Vec::new() };
        let lists = &self.sections.care.holidays;
        let Some(days) = lists.get(id) else {
            self.unknown(&format!("{rule}.holidays"), id, lists.keys().map(String::as_str));
            return Vec::new();
        };
        days.keys().filter_map(|day| self.date(&format!("care.holidays.{id}.{day}"), day)).collect()
    }

    fn date(&mut self, key: &str, text: &str) -> Option<Date> {
        let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
        if date.is_none() {
            self.wrong(key, format!("`{text}`"), "a day, such as `2026-01-01`");
        }
        date
    }

    fn ranges(&mut self, key: &str, sections: &[RangeSection]) -> Vec<OpenRange> {
        let range = |(index, section): (usize, &RangeSection)| {
            self.range(&format!("{key}.{index}.to"), &section.from, &section.to)
        };
        sections.iter().enumerate().filter_map(range).collect()
    }

    fn range(&mut self, key: &str, from: &LateClockText, to: &LateClockText) -> Option<OpenRange> {
        let minutes = LateClockText::minutes(&from.0).zip(LateClockText::minutes(&to.0));
        let range = minutes.and_then(|(from, to)| OpenRange::new(from, to));
        if range.is_none() {
            let expected = "a time after `from`, which is before \"24:00\"";
            self.wrong(key, format!("`{}` to `{}`", from.0, to.0), expected);
        }
        range
    }

    fn queue(&mut self, id: &str, section: &QueueSection) -> Queue {
        let rule = format!("care.queues.{id}");
        self.check_calendar(&format!("{rule}.calendar"), Some(&section.calendar));
        self.check_calendar(&format!("{rule}.on_call"), section.on_call.as_ref());
        self.check_escalation(id, section.escalates_to.as_ref());
        Queue {
            queue_id: id.to_owned(),
            name: name(&section.name),
            calendar: section.calendar.clone(),
            on_call: section.on_call.clone(),
            calls: section.calls,
            chats: section.chats,
            waiting_max: section.waiting_max,
            handle_seconds: section.handle_seconds,
            service_percent: section.service_percent,
            targets: targets(&section.targets),
            escalates_to: section.escalates_to.clone(),
        }
    }

    fn check_calendar(&mut self, key: &str, id: Option<&String>) {
        let calendars = &self.sections.care.calendars;
        if let Some(id) = id.filter(|id| !calendars.contains_key(*id)) {
            self.unknown(key, id, calendars.keys().map(String::as_str));
        }
    }

    fn check_escalation(&mut self, id: &str, to: Option<&String>) {
        let Some(to) = to else { return };
        let (key, queues) = (format!("care.queues.{id}.escalates_to"), &self.sections.care.queues);
        if to == id {
            self.wrong(&key, format!("`{to}`"), "another queue: people who decide more");
        } else if !queues.contains_key(to) {
            self.unknown(&key, to, queues.keys().map(String::as_str));
        }
    }

    /// A guided check has to be one that there is, and to end with people whom the market has.
    fn check_guided(&mut self) {
        let care = &self.sections.care;
        for (id, question) in &care.questions {
            let Some(named) = &question.guided else { continue };
            let key = format!("care.questions.{id}.guided");
            match latest_flow(named) {
                None => self.unknown(&key, named, flow_ids().iter().copied()),
                Some(flow) => {
                    let lost = flow.queues().find(|queue| !care.queues.contains_key(*queue));
                    if let Some(queue) = lost {
                        let expected = "a check whose ends are queues under `care.queues`";
                        self.wrong(&key, format!("`{named}`, which ends with the queue `{queue}`"), expected);
                    }
                }
            }
        }
    }

    fn check_topics_of_questions(&mut self) {
        let care = &self.sections.care;
        for (id, question) in &care.questions {
            if !care.topics.contains_key(&question.topic) {
                let key = format!("care.questions.{id}.topic");
                self.unknown(&key, &question.topic, care.topics.keys().map(String::as_str));
            }
        }
    }

    /// In the order of their places.
    fn topics(&self) -> Vec<Topic> {
        let care = &self.sections.care;
        let mut topics: Vec<_> = care.topics.iter().collect();
        topics.sort_by_key(|(_, topic)| topic.place);
        let topic = |(id, section): (&String, &super::super::sections::TopicSection)| Topic {
            topic_id: id.clone(),
            name: name(&section.name),
            needs_order: section.needs_order,
            questions: self.questions_of(id),
        };
        topics.into_iter().map(topic).collect()
    }

    fn questions_of(&self, topic: &str) -> Vec<Question> {
        let questions = self.sections.care.questions.iter();
        let mut questions: Vec<_> = questions.filter(|(_, question)| question.topic == topic).collect();
        questions.sort_by_key(|(_, question)| question.place);
        questions.into_iter().map(|(id, section)| question(id, section)).collect()
    }

    fn calls(&mut self, section: &CallsSection) -> CallPolicy {
        for (index, region) in section.regions.iter().enumerate() {
            if region.len() != 2 || !region.bytes().all(|byte| byte.is_ascii_uppercase()) {
                let key = format!("care.calls.regions.{index}");
                self.wrong(&key, format!("`{region}`"), "two capital letters, such as `JP`");
            }
        }
        CallPolicy {
            attempts_max: section.attempts_max,
            retry_minutes: section.retry_minutes,
            offer_seconds: section.offer_seconds,
            expires_hours: section.expires_hours,
            dropped_seconds: section.dropped_seconds,
            same_agent_minutes: section.same_agent_minutes,
            drops_max: section.drops_max,
            regions: section.regions.clone(),
            per_number: section.per_number,
            per_customer: section.per_customer,
            per_address: section.per_address,
            yen_per_call: section.yen_per_call,
            yen_per_day: section.yen_per_day,
        }
    }
}

fn question(id: &str, section: &QuestionSection) -> Question {
    Question {
        question_id: id.to_owned(),
        name: name(&section.name),
        when: section.when.iter().copied().map(Into::into).collect(),
        facts: section.facts.iter().copied().map(Into::into).collect(),
        articles: section.articles.clone(),
        guided: section.guided.clone(),
        queue: section.queue.clone(),
        evidence: section.evidence.iter().copied().map(Into::into).collect(),
        urgent: section.urgent,
    }
}

fn targets(section: &TargetsSection) -> Targets {
    Targets {
        first_reply: section.first_reply_minutes,
        next_reply: section.next_reply_minutes,
        resolution: section.resolution_minutes,
        callback: section.callback_minutes,
        pauses_for_customer: section.pauses_for_customer,
        pauses_on_hold: section.pauses_on_hold,
    }
}

fn name(section: &NameSection) -> Name {
    Name { ja: section.ja.clone(), en: section.en.clone() }
}
