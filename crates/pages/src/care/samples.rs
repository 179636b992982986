//! Samples of care's pages.

use askama::Template;
use choba_care::case::{CaseLink, PublicCase, PublicLine};
use choba_care::chat::{EndReason, LineKind, TranscriptLine};
use choba_formats::language::Language;
use jiff::Timestamp;

use super::call::{CallPage, CallTime};
use super::calling::{CallShown, CallingPage, NowCallingPage};
use super::case::CasePage;
use super::case_list::{CaseRow, CasesPage};
use super::chat::{ChatPage, Standing};
use super::contact::{AskedAbout, Choice, ContactPage, HelpFirst, Step};
use super::facts::KnownFact;
use super::line::{LinePart, LineShown};
use super::offers::Way;
use crate::fields::Faults;
use crate::frame::{Frame, Room};
use crate::samples::{Sample, both};

const AT: Timestamp = Timestamp::UNIX_EPOCH;

fn asked() -> AskedAbout {
    AskedAbout { topic: "order".to_owned(), order: "ord_1".to_owned(), question: "cancel".to_owned() }
}

fn contact(frame: Frame, step: Step) -> ContactPage {
    let any_other = Some(("other".to_owned(), "other".to_owned()));
    let mut faults = Faults::one("text", "no");
    faults.add("chat", "no");
    ContactPage { frame, asked: asked(), step, any_other, faults }
}

fn choices() -> Vec<Choice> {
    let about = Some("<about>".to_owned());
    vec![Choice { name: "<name>".to_owned(), query: asked().query(), about }]
}

fn help() -> HelpFirst {
    let way = |channel| Way { channel, is_open: true, told: vec!["now".to_owned(), "soon".to_owned()] };
    HelpFirst {
        name: "<cancel>".to_owned(),
        facts: vec![KnownFact { label: "State".to_owned(), text: "<placed>".to_owned() }],
        order_number: Some("250-1234567-1234567".to_owned()),
        is_guided: true,
        articles: vec![("cancel-order".to_owned(), "<Cancel>".to_owned())],
        is_urgent: true,
        ways: ["callback", "chat", "form"].map(way).into(),
        waiting: None,
        key: "key".to_owned(),
        text: "</textarea>".to_owned(),
    }
}

fn call(frame: Frame) -> CallPage {
    CallPage {
        asked: asked(),
        number: "\">".to_owned(),
        days: vec![("day".to_owned(), vec![CallTime { at: AT, told: "9:00".to_owned() }])],
        call_at: AT.to_string(),
        way: Some(Way { channel: "callback", is_open: true, told: vec!["now".to_owned()] }),
        key: "key".to_owned(),
        verifies: true,
        shown_code: Some("012345".to_owned()),
        faults: Faults::one("code", "no"),
        frame,
    }
}

const STATES: [&str; 14] = [
    "scheduled",
    "queued",
    "offered",
    "dialling",
    "connected",
    "retry_wait",
    "broke_off",
    "completed",
    "dropped",
    "exhausted",
    "cancelled",
    "superseded",
    "expired",
    "opted_out",
];

fn calling(frame: Frame, state: &'static str) -> CallingPage {
    let some = || Some("3".to_owned());
    let call = CallShown {
        id: "cbk_1".to_owned(),
        state,
        is_over: false,
        can_cancel: true,
        number: "•••5678".to_owned(),
        place: some(),
        wait: some(),
        quoted: some(),
        due_at: AT,
        next_call_at: Some(AT),
        attempts: "1".to_owned(),
        attempts_max: "3".to_owned(),
        words: Some("りんご やま".to_owned()),
    };
    let goes_on_as = (state == "dropped").then(|| "cbk_2".to_owned());
    CallingPage { frame, call, now_calling: true, goes_on_as }
}

/// Every line that a chat can have.
fn lines(frame: &Frame) -> Vec<LineShown> {
    let text = || LineKind::Text { text: "<b>hello</b>".to_owned() };
    let joined = LineKind::AgentJoined { alias: "<S>".to_owned() };
    let told = [joined, LineKind::AgentLost, LineKind::IdleWarning];
    let ended = EndReason::ALL.map(|reason| LineKind::Ended { reason });
    let kinds = [("customer", text()), ("agent", text())].into_iter();
    let kinds = kinds.chain(told.into_iter().chain(ended).map(|kind| ("system", kind)));
    let line = |(seq, (from, kind)): (u32, (&str, LineKind))| TranscriptLine {
        seq,
        at: AT,
        from: from.to_owned(),
        alias: (from == "agent").then(|| "<S>".to_owned()),
        kind,
    };
    (1..).zip(kinds).map(line).map(|line| LineShown::of(frame, &line)).collect()
}

fn chat(frame: Frame, standing: Standing) -> ChatPage {
    ChatPage {
        chat_id: "cha_1".to_owned(),
        case_id: "cas_1".to_owned(),
        lines: lines(&frame),
        last_seq: 9,
        standing,
        client_id: "c".to_owned(),
        text: "</textarea>".to_owned(),
        faults: Faults::one("text", "no"),
        frame,
    }
}

fn standing(state: &'static str, ahead: Option<i64>) -> Standing {
    Standing { state, agent: Some("<S>".to_owned()), ahead, wait: Some("3".to_owned()) }
}

/// Everything that a case can show.
fn case(frame: Frame, state: &'static str) -> CasePage {
    let link = || CaseLink { case_id: "cas_2".to_owned(), number: "<2>".to_owned() };
    let step = |step| PublicLine::Call { at: AT, callback_id: "cbk_1".to_owned(), step };
    let steps = ["asked", "asked_again", "accepted", "picked_up", "answered", "not_answered"];
    let done = |action: &str| PublicLine::Done { at: AT, action: action.to_owned() };
    let mut lines = vec![
        PublicLine::Moved { at: AT, queue: "leads".to_owned() },
        PublicLine::Solved { at: AT, summary: "<done>".to_owned() },
        PublicLine::Reopened { at: AT },
        PublicLine::Attachment {
            at: AT,
            attachment_id: "att_1".to_owned(),
            name: "<x>.png".to_owned(),
            media_type: "image/png".to_owned(),
        },
        PublicLine::Joined { at: AT, case: link() },
    ];
    lines.extend(steps.into_iter().chain(STATES.into_iter().skip(7)).map(step));
    lines.extend(["cancel_order", "request_return", "refund", "give_goodwill"].map(done));
    let case = PublicCase {
        case_id: "cas_1".to_owned(),
        number: "<1>".to_owned(),
        version: 3,
        topic: "order".to_owned(),
        question: "cancel".to_owned(),
        order_id: None,
        state,
        summary: Some("<done>".to_owned()),
        reopens_until: Some(AT),
        continues_as: Some(link()),
        follow_up_of: None,
        opened_at: AT,
        changed_at: AT,
        lines,
    };
    let mut page = CasePage::of(frame, case, "<about>".to_owned(), Some("1".to_owned()), "key".to_owned());
    page.faults = Faults::one("file", "no");
    page
}

fn cases(frame: Frame, cases: Vec<CaseRow>) -> CasesPage {
    CasesPage { frame, older: Some("x".to_owned()).filter(|_| !cases.is_empty()), cases, waiting: None }
}

fn rows() -> Vec<CaseRow> {
    let states = ["new", "open", "pending_customer", "on_hold", "solved", "closed", "merged"];
    let row = |state: &str| CaseRow {
        case_id: "cas_1".to_owned(),
        number: "<1>".to_owned(),
        about: "<about>".to_owned(),
        state: state.to_owned(),
        opened_at: AT,
    };
    states.map(row).into()
}

pub fn all() -> Vec<Sample> {
    let mut samples = both("topics", Room::Shopper, |frame| contact(frame, Step::Topics(choices())));
    samples.extend(both("orders", Room::Shopper, |frame| contact(frame, Step::Orders(choices()))));
    samples.extend(both("no orders", Room::Shopper, |frame| contact(frame, Step::Orders(Vec::new()))));
    samples.extend(both("questions", Room::Shopper, |frame| contact(frame, Step::Questions(choices()))));
    samples.extend(both("help first", Room::Shopper, |frame| contact(frame, Step::Help(Box::new(help())))));
    samples.extend(both("ask for a call", Room::Shopper, call));
    for state in STATES {
        samples.extend(both("call-back", Room::Shopper, |frame| calling(frame, state)));
    }
    for calling in [true, false] {
        samples.extend(both("now calling", Room::Shopper, |frame| NowCallingPage {
            frame,
            calling,
            since: Some(AT),
            words: Some("<words>".to_owned()),
        }));
    }
    for (state, ahead) in [("queued", Some(0)), ("queued", Some(2)), ("active", None), ("ended", None)] {
        samples.extend(both("chat", Room::Shopper, |frame| chat(frame, standing(state, ahead))));
    }
    for state in ["open", "pending_customer", "solved", "closed", "merged"] {
        samples.extend(both("case", Room::Shopper, |frame| case(frame, state)));
    }
    samples.extend(both("cases", Room::Shopper, |frame| cases(frame, rows())));
    samples.extend(both("no cases", Room::Shopper, |frame| cases(frame, Vec::new())));
    samples
}

#[test]
fn a_part_of_a_stream_is_one_line_of_text_that_nobody_can_write_markup_into() {
    let frame = crate::samples::frame(Language::Ja, Room::Shopper);
    for line in lines(&frame) {
        let part = LinePart { frame: &frame, line }.render().unwrap();
        assert!(part.starts_with("<li class=") && !part.contains("<b>"), "{part}");
    }
}
