//! Chats as both sides meet them.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use choba_care::chat::{
    Chat, ChatAgent, ChatLine, ChatRefusal, ChatState, ChatTerms, EndReason, LineFrom, LineKind, steps,
    transcript,
};
use jiff::Timestamp;
use proptest::prelude::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + seconds).unwrap()
}

fn sato() -> ChatAgent {
    ChatAgent { staff_id: "stf_1".to_owned(), alias: "さとう".to_owned() }
}

fn mori() -> ChatAgent {
    ChatAgent { staff_id: "stf_2".to_owned(), alias: "もり".to_owned() }
}

fn asked() -> Chat {
    steps::request("cha_1", "cas_1", at(0))
}

fn taken() -> Chat {
    steps::take(asked(), &sato(), at(10)).unwrap().0
}

fn say(chat: Chat, from: &LineFrom, text: &str, when: i64) -> Result<(Chat, Vec<ChatLine>), ChatRefusal> {
    steps::say(chat, &ChatTerms::default(), from, "c1", text, at(when))
}

fn kinds(lines: &[ChatLine]) -> Vec<&LineKind> {
    lines.iter().map(|line| &line.kind).collect()
}

#[test]
fn whoever_waits_and_closes_the_page_leaves_the_queue() {
    let terms = ChatTerms::default();
    let chat = steps::seen(asked(), &LineFrom::Customer, at(30)).unwrap();
    let (chat, lines) = steps::time_passed(chat, &terms, at(149));
    assert!(lines.is_empty());
    let (chat, lines) = steps::time_passed(chat, &terms, at(150));
    assert_eq!(chat.state, ChatState::Ended(EndReason::LeftQueue));
    assert_eq!(kinds(&lines), [&LineKind::Ended { reason: EndReason::LeftQueue }]);
}

#[test]
fn an_agent_who_vanishes_returns_the_chat_to_the_front_with_its_old_place() {
    let (chat, lines) = steps::time_passed(taken(), &ChatTerms::default(), at(100));
    assert_eq!((&chat.state, chat.front, chat.queued_at), (&ChatState::Queued, true, at(0)));
    assert_eq!(kinds(&lines), [&LineKind::AgentLost]);
    let (chat, _) = steps::take(chat, &mori(), at(110)).unwrap();
    assert_eq!(chat.state, ChatState::Assigned(mori()));
    // The one who vanished comes back too late.
    assert_eq!(say(chat, &LineFrom::Agent(sato()), "おまたせ", 111).unwrap_err(), ChatRefusal::NotYours);
}

#[test]
fn a_lost_connection_is_borne_for_ten_minutes() {
    let terms = ChatTerms::default();
    let (mut chat, _) = say(taken(), &LineFrom::Customer, "あの", 20).unwrap();
    for minute in 1..=10 {
        let when = 20 + 60 * minute;
        chat = say(chat, &LineFrom::Agent(sato()), "もしもし", when - 1).unwrap().0;
        chat = steps::time_passed(chat, &terms, at(when - 1)).0;
        assert_eq!(chat.state.code(), "active");
    }
    let (chat, _) = steps::time_passed(chat, &terms, at(620));
    assert_eq!(chat.state, ChatState::Ended(EndReason::ConnectionLost));
}

#[test]
fn nobody_types_into_nothing_after_a_chat_has_ended() {
    let (chat, lines) = steps::end(taken(), &LineFrom::Agent(sato()), at(20)).unwrap();
    assert_eq!(kinds(&lines), [&LineKind::Ended { reason: EndReason::Agent }]);
    assert_eq!(say(chat.clone(), &LineFrom::Customer, "まだ", 21).unwrap_err(), ChatRefusal::Ended);
    assert_eq!(steps::seen(chat.clone(), &LineFrom::Customer, at(21)).unwrap_err(), ChatRefusal::Ended);
    assert_eq!(steps::end(chat.clone(), &LineFrom::Customer, at(22)).unwrap(), (chat, Vec::new()));
}

#[test]
fn both_are_warned_before_a_silent_chat_ends() {
    let terms = ChatTerms::default();
    let (mut chat, mut said) = (taken(), Vec::new());
    for when in (10..=2_000).step_by(30) {
        for from in [LineFrom::Customer, LineFrom::Agent(sato())] {
            chat = steps::seen(chat.clone(), &from, at(when)).unwrap_or(chat);
        }
        let (next, lines) = steps::time_passed(chat, &terms, at(when));
        chat = next;
        said.extend(lines.into_iter().map(|line| (when, line.kind)));
    }
    let ended = LineKind::Ended { reason: EndReason::Idle };
    assert_eq!(said, [(310, LineKind::IdleWarning), (1_210, ended)]);
}

#[test]
fn of_two_agents_who_take_a_chat_one_gets_it() {
    assert_eq!(steps::take(taken(), &mori(), at(11)).unwrap_err(), ChatRefusal::Taken);
    let (again, lines) = steps::take(taken(), &sato(), at(11)).unwrap();
    assert!(lines.is_empty() && again.state == ChatState::Assigned(sato()));
    assert_eq!(steps::end(taken(), &LineFrom::Agent(mori()), at(12)).unwrap_err(), ChatRefusal::NotYours);
}

#[test]
fn a_transcript_names_nobody_of_the_desk_by_their_own_name() {
    let (chat, mut lines) = steps::take(asked(), &sato(), at(10)).unwrap();
    let (_, more) = say(chat, &LineFrom::Agent(sato()), "こんにちは", 20).unwrap();
    lines.extend(more);
    let transcript = transcript("cha_1", &lines);
    let text = serde_json::to_string(&transcript).unwrap();
    assert!(text.contains("さとう") && !text.contains("stf_"), "{text}");
    let digest = transcript.sha256().unwrap();
    lines[1].at = at(21);
    assert_ne!(choba_care::chat::transcript("cha_1", &lines).sha256().unwrap(), digest);
}

#[derive(Clone, Debug)]
enum Step {
    Take(bool),
    Customer,
    Agent(bool),
    Seen(bool),
    End(bool),
    GiveBack,
    Later(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        any::<bool>().prop_map(Step::Take),
        Just(Step::Customer),
        any::<bool>().prop_map(Step::Agent),
        any::<bool>().prop_map(Step::Seen),
        any::<bool>().prop_map(Step::End),
        Just(Step::GiveBack),
        (0_i64..1_000).prop_map(Step::Later),
    ]
}

proptest! {
    /// Lines are numbered without gaps, a chat keeps its place however often it waits, an ended one takes no line, and
    /// one that everybody has left ends by itself.
    #[test]
    fn whatever_happens_lines_have_no_gaps_and_the_place_is_kept(steps_taken in proptest::collection::vec(step(), 0..60)) {
        let terms = ChatTerms::default();
        let (mut chat, mut lines, mut now) = (asked(), Vec::new(), 0);
        for one in steps_taken {
            now += if let Step::Later(seconds) = one { seconds } else { 1 };
            let ended = matches!(chat.state, ChatState::Ended(_));
            let agent = |first: bool| LineFrom::Agent(if first { sato() } else { mori() });
            let stepped = match one {
                Step::Take(first) => steps::take(chat.clone(), &if first { sato() } else { mori() }, at(now)),
                Step::Customer => say(chat.clone(), &LineFrom::Customer, "a", now),
                Step::Agent(first) => say(chat.clone(), &agent(first), "b", now),
                Step::Seen(true) => steps::seen(chat.clone(), &LineFrom::Customer, at(now)).map(|chat| (chat, Vec::new())),
                Step::Seen(false) => steps::seen(chat.clone(), &agent(true), at(now)).map(|chat| (chat, Vec::new())),
                Step::End(true) => steps::end(chat.clone(), &LineFrom::Customer, at(now)),
                Step::End(false) => steps::end(chat.clone(), &agent(true), at(now)),
                Step::GiveBack => steps::give_back(chat.clone(), "stf_1", at(now)),
                Step::Later(_) => Ok(steps::time_passed(chat.clone(), &terms, at(now))),
            };
            if let Ok((next, more)) = stepped {
                prop_assert!(!ended || more.is_empty());
                chat = next;
                lines.extend(more);
            }
            prop_assert_eq!(chat.queued_at, at(0));
            prop_assert!(steps::due_at(&chat, &terms).is_some() != matches!(chat.state, ChatState::Ended(_)));
        }
        prop_assert!(lines.iter().map(|line| line.seq).eq(1..=chat.last_seq));
        for _ in 0..4 {
            now += 100_000;
            chat = steps::time_passed(chat, &terms, at(now)).0;
        }
        prop_assert!(matches!(chat.state, ChatState::Ended(_)));
    }
}
