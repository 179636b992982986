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

fn hours(calendar: &Calendar) -> DeskHours<'_> {
    DeskHours { calendar, on_call: None }
}

/// On Friday, 20 November 2026.
fn friday(clock: &str) -> Timestamp {
    format!("2026-11-20T{clock}+09:00").parse().unwrap()
}

fn policy() -> CallPolicy {
    CallPolicy::default()
}

fn words() -> String {
    "new words".to_owned()
}

fn again() -> Again {
    Again { callback_id: "cb_2".to_owned(), words: words() }
}

fn callback(at: Timestamp) -> Callback {
    Callback {
        callback_id: "cb_1".to_owned(),
        customer_id: "hanako".to_owned(),
        market: "rakuten-style".to_owned(),
        queue: "desk".to_owned(),
        question: "other".to_owned(),
        order_id: None,
        case_id: Some("case_1".to_owned()),
        language: "ja".to_owned(),
        number: "sealed".to_owned(),
        urgent: false,
        requested_at: at,
        place_at: at,
        due_at: at,
        expires_at: hours(&office()).expires_at(at, 24),
        quoted: None,
        attempts: 0,
        attempts_max: 3,
        words: Some("first words".to_owned()),
        prefers: None,
        follows: None,
        drops: 0,
        answered_at: None,
        calls: Vec::new(),
        looked_at: None,
        state: State::Queued,
        version: 1,
    }
}

fn dialled(at: Timestamp) -> Callback {
    let calendar = office();
    callback(at).offer("aki", at, &policy()).unwrap().accept("aki", at, hours(&calendar)).unwrap()
}

fn not_answered(callback: Callback, outcome: Outcome, at: Timestamp) -> Callback {
    let calendar = office();
    callback.not_answered("aki", outcome, at, hours(&calendar), &policy(), words()).unwrap()
}

#[test]
fn an_agent_who_does_not_take_it_costs_neither_an_attempt_nor_the_place() {
    let ten = friday("10:00:00");
    let offered = callback(ten).offer("aki", ten, &policy()).unwrap();
    let declined = offered.clone().decline("aki").unwrap();
    assert_eq!((declined.attempts, declined.place_at, &declined.state), (0, ten, &State::Queued));
    let calendar = office();
    let woken = offered.wake(friday("10:01:00"), true, hours(&calendar), &policy(), words());
    assert_eq!((woken.attempts, &woken.state), (0, &State::Queued));
}

#[test]
fn nobody_but_the_agent_it_was_offered_to_can_dial_and_only_in_time() {
    let (ten, calendar) = (friday("10:00:00"), office());
    let offered = callback(ten).offer("aki", ten, &policy()).unwrap();
    assert_eq!(offered.clone().accept("ben", ten, hours(&calendar)), Err(Refused::NotYours));
    assert_eq!(offered.clone().accept("aki", friday("10:01:00"), hours(&calendar)), Err(Refused::TooLate));
    let dialling = offered.accept("aki", ten, hours(&calendar)).unwrap();
    assert_eq!((dialling.attempts, dialling.version), (1, 3));
    assert_eq!(dialling.accept("aki", ten, hours(&calendar)), Err(Refused::WrongState));
}

#[test]
fn nobody_is_dialled_when_the_desk_is_closed() {
    let calendar = office();
    let closing = friday("18:00:00");
    let offered = callback(closing).offer("aki", closing, &policy()).unwrap();
    assert_eq!(offered.accept("aki", closing, hours(&calendar)), Err(Refused::Closed));
}

#[test]
fn who_does_not_answer_is_tried_three_times_ten_minutes_apart_at_the_same_place() {
    let (ten, calendar) = (friday("10:00:00"), office());
    let mut callback = callback(ten);
    let mut now = ten;
    for attempt in 1..=3 {
        callback =
            callback.offer("aki", now, &policy()).unwrap().accept("aki", now, hours(&calendar)).unwrap();
        callback = not_answered(callback, Outcome::NoAnswer, now);
        assert_eq!((callback.attempts, callback.place_at), (attempt, ten));
        now += SignedDuration::from_mins(10);
        callback = callback.wake(now, true, hours(&calendar), &policy(), words());
    }
    assert_eq!(callback.state, State::Ended { at: friday("10:20:00"), how: End::Exhausted });
}

#[test]
fn a_retry_that_falls_after_closing_waits_for_the_next_opening() {
    let late = friday("17:55:00");
    let waiting = not_answered(dialled(late), Outcome::Busy, late);
    let monday: Timestamp = "2026-11-23T09:00:00+09:00".parse().unwrap();
    assert_eq!(waiting.state, State::RetryWait { until: monday });
}

#[test]
fn no_weekend_ends_a_request() {
    let calendar = office();
    let expires_at = hours(&calendar).expires_at(friday("17:55:00"), 24);
    assert_eq!(expires_at, "2026-11-23T18:00:00+09:00".parse().unwrap());
    let thursday: Timestamp = "2026-11-19T10:00:00+09:00".parse().unwrap();
    assert_eq!(hours(&calendar).expires_at(thursday, 24), friday("10:00:00"));
}

#[test]
fn words_are_said_first_and_used_up_by_that_and_new_after_a_machine() {
    let ten = friday("10:00:00");
    assert_eq!(dialled(ten).answered("aki", false, ten), Err(Refused::WordsNotSaid));
    let connected = dialled(ten).answered("aki", true, ten).unwrap();
    assert_eq!((connected.words, connected.answered_at), (None, Some(ten)));
    assert_eq!(not_answered(dialled(ten), Outcome::Voicemail, ten).words, Some(words()));
    assert_eq!(not_answered(dialled(ten), Outcome::NoAnswer, ten).words.as_deref(), Some("first words"));
}

#[test]
fn a_call_that_breaks_off_goes_on_at_the_same_place_with_the_same_agent_and_case() {
    let (ten, calendar) = (friday("10:00:00"), office());
    let connected = dialled(ten).answered("aki", true, ten).unwrap();
    let end =
        CallEnd { by: EndedBy::ConnectionLost, summary: false, agent_last_at: None, at: friday("10:05:00") };
    let (over, next) = connected.hung_up("aki", end, hours(&calendar), &policy(), again()).unwrap();
    let next = next.unwrap();
    assert_eq!(over.state, State::Ended { at: friday("10:05:00"), how: End::Dropped });
    assert_eq!((next.place_at, next.case_id.as_deref(), next.attempts), (ten, Some("case_1"), 0));
    let later = next.wake(friday("10:05:30"), true, hours(&calendar), &policy(), words());
    assert!(later.may_be_offered_to("aki", friday("10:05:30")));
    assert!(!later.may_be_offered_to("ben", friday("10:10:29")));
    assert!(later.may_be_offered_to("ben", friday("10:10:30")));
}

#[test]
fn a_call_that_breaks_off_again_and_again_is_not_made_for_ever() {
    let (ten, calendar) = (friday("10:00:00"), office());
    let mut callback = Callback { drops: 2, ..dialled(ten) };
    callback = callback.answered("aki", true, ten).unwrap();
    let end = CallEnd { by: EndedBy::ConnectionLost, summary: false, agent_last_at: None, at: ten };
    let (_, next) = callback.hung_up("aki", end, hours(&calendar), &policy(), again()).unwrap();
    assert_eq!(next, None);
}

#[test]
fn what_broke_off_is_decided_by_more_than_who_hung_up() {
    let answered_at = friday("10:00:00");
    let end = |by, summary, at: &str, last: Option<&str>| {
        CallEnd { by, summary, agent_last_at: last.map(friday), at: friday(at) }.is_dropped(answered_at)
    };
    assert!(end(EndedBy::ConnectionLost, true, "10:30:00", None));
    assert!(end(EndedBy::Customer, false, "10:00:59", None));
    assert!(!end(EndedBy::Customer, false, "10:01:00", None));
    assert!(end(EndedBy::Customer, false, "10:08:00", Some("10:07:41")));
    assert!(!end(EndedBy::Customer, false, "10:08:00", Some("10:07:40")));
    assert!(!end(EndedBy::Customer, true, "10:00:30", None));
    assert!(!end(EndedBy::Agent, false, "10:00:30", None));
}

#[test]
fn who_comes_again_within_half_an_hour_comes_with_the_same_matter() {
    assert!(is_same_matter(friday("10:00:00"), friday("10:30:00")));
    assert!(!is_same_matter(friday("10:00:00"), friday("10:30:01")));
    assert!(!is_same_matter(friday("10:00:00"), friday("09:59:00")));
}

#[test]
fn a_dial_of_an_agent_who_is_gone_is_over_after_a_while_and_a_present_one_may_take_longer() {
    let (ten, calendar) = (friday("10:00:00"), office());
    let wake =
        |there, clock: &str| dialled(ten).wake(friday(clock), there, hours(&calendar), &policy(), words());
    assert!(wake(false, "10:09:59").is_calling());
    assert!(matches!(wake(false, "10:10:00").state, State::RetryWait { .. }));
    assert!(wake(true, "10:10:00").is_calling());
    assert!(!wake(true, "12:00:00").is_calling());
}

#[test]
fn a_dial_that_goes_on_for_long_is_looked_at_once_a_minute() {
    let (ten, calendar) = (friday("10:00:00"), office());
    let wake =
        |dial: Callback, clock: &str| dial.wake(friday(clock), true, hours(&calendar), &policy(), words());
    let looked = wake(dialled(ten), "10:10:00");
    assert_eq!((looked.next_at(), looked.is_calling()), (Some(friday("10:11:00")), true));
    assert_eq!(wake(looked.clone(), "10:10:59"), looked);
    assert_eq!(wake(looked, "10:11:00").next_at(), Some(friday("10:12:00")));
}

#[test]
fn cancelling_twice_is_cancelling_once_and_a_call_that_rings_is_not_cancelled() {
    let ten = friday("10:00:00");
    let cancelled = callback(ten).give_up(End::Cancelled, ten).unwrap();
    assert_eq!(cancelled.clone().give_up(End::Superseded, ten), Ok(cancelled.clone()));
    assert_eq!((cancelled.words, cancelled.version), (None, 2));
    assert_eq!(dialled(ten).give_up(End::Cancelled, ten), Err(Refused::WrongState));
}

#[derive(Clone, Debug)]
enum Step {
    Wait(i64),
    Offer(bool),
    Accept(bool),
    Decline(bool),
    Answer(bool),
    Report(bool, Outcome),
    HangUp(bool, EndedBy),
}

fn any_step() -> impl Strategy<Value = Step> {
    use Step::*;
    let outcome =
        prop::sample::select(vec![Outcome::NoAnswer, Outcome::Busy, Outcome::Voicemail, Outcome::Failed]);
    let by = prop::sample::select(vec![EndedBy::Customer, EndedBy::Agent, EndedBy::ConnectionLost]);
    prop_oneof![
        (1..20_000_i64).prop_map(Wait),
        any::<bool>().prop_map(Offer),
        any::<bool>().prop_map(Accept),
        any::<bool>().prop_map(Decline),
        any::<bool>().prop_map(Answer),
        (any::<bool>(), outcome).prop_map(|(aki, outcome)| Report(aki, outcome)),
        (any::<bool>(), by).prop_map(|(aki, by)| HangUp(aki, by)),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_it_is_never_dialled_too_often_or_outside_hours_and_ends_with_its_place(
        steps in prop::collection::vec(any_step(), 0..80),
    ) {
        let (calendar, policy) = (office(), policy());
        let hours = hours(&calendar);
        let mut now = friday("09:00:00");
        let place = now;
        let mut all = vec![callback(now)];
        for step in steps {
            let current = all.pop().unwrap();
            let who = |aki: bool| if aki { "aki" } else { "ben" };
            let next = match step {
                Step::Wait(seconds) => {
                    now += SignedDuration::from_secs(seconds);
                    Ok(current.clone().wake(now, seconds % 2 == 0, hours, &policy, words()))
                }
                Step::Offer(aki) => current.clone().offer(who(aki), now, &policy),
                Step::Accept(aki) => current.clone().accept(who(aki), now, hours),
                Step::Decline(aki) => current.clone().decline(who(aki)),
                Step::Answer(aki) => current.clone().answered(who(aki), true, now),
                Step::Report(aki, outcome) => {
                    current.clone().not_answered(who(aki), outcome, now, hours, &policy, words())
                }
                Step::HangUp(aki, by) => {
                    let end = CallEnd { by, summary: false, agent_last_at: None, at: now };
                    current.clone().hung_up(who(aki), end, hours, &policy, again()).map(|(over, again)| {
                        all.push(over.clone());
                        again.unwrap_or_else(|| all.pop().unwrap_or(over))
                    })
                }
            };
            let next = next.unwrap_or(current);
            prop_assert!(next.attempts <= next.attempts_max && next.place_at == place);
            prop_assert!(next.calls.iter().all(|call| calendar.is_open(call.dialled_at)));
            all.push(next);
        }
        let mut last = all.pop().unwrap();
        for _ in 0..10 {
            let Some(at) = last.next_at() else { break };
            last = last.wake(at.max(now) + CALL_MAX, false, hours, &policy, words());
        }
        prop_assert!(!last.is_open());
    }
}
