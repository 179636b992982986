//! When people answer, in words.

use choba_engine::market::{Hours, OpenSpan};
use fluent_bundle::FluentArgs;
use jiff::civil::Weekday;

use crate::language::Language;
use crate::sentences::{Sentences, sentences};

/// `毎日 9:00〜18:00`, `every day 9:00–18:00`, or a part for each group of days with the same hours.
pub fn hours(hours: &Hours, language: Language) -> String {
    let sentences = sentences(language);
    let days: Vec<Weekday> = Weekday::Monday.cycle_forward().take(7).collect();
    if days.iter().all(|day| hours.on(*day) == [OpenSpan::ALL_DAY]) {
        return sentences.say("help-hours-always", &FluentArgs::new());
    }
    let groups = days.chunk_by(|a, b| hours.on(*a) == hours.on(*b));
    let open = groups.filter_map(|days| {
        let (first, last) = (days.first()?, days.last()?);
        let spans = hours.on(*first);
        (!spans.is_empty()).then(|| part(sentences, (*first, *last, days.len()), spans))
    });
    let open: Vec<String> = open.collect();
    sentences.list(open.iter().map(String::as_str))
}

fn part(
    sentences: &Sentences,
    (first, last, count): (Weekday, Weekday, usize),
    spans: &[OpenSpan],
) -> String {
    let day =
        |day: Weekday| sentences.say(&format!("help-day-{}", day.to_monday_one_offset()), &FluentArgs::new());
    let days = match count {
        7 => sentences.say("help-every-day", &FluentArgs::new()),
        1 => day(first),
        _ => format!("{}–{}", day(first), day(last)),
    };
    let spans: Vec<String> =
        spans.iter().map(|span| format!("{}–{}", clock(span.from), clock(span.to))).collect();
    format!("{days} {}", spans.join(", "))
}

fn clock(minutes: i32) -> String {
    format!("{}:{:02}", minutes / 60, minutes % 60)
}
