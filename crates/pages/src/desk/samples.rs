//! The pages of the desk, rendered from samples.

use choba_app::{
    CallbackCard, DeskCase, DeskEvent, MaskedParcel, OwnCallback, PresentAgent, UnverifiedMail, WaitingChat,
    Wallet,
};
use choba_care::case::{CaseLink, Priority, PublicCase, TemplateUsed};
use choba_care::chat::{LineKind, TranscriptLine};
use jiff::Timestamp;
use serde_json::json;

use super::acting::{Acting, RedeliveryForm};
use super::actions::ConfirmPage;
use super::calls::{CallShown, CallsPage, LastCall};
use super::case::{ActionShown, CasePage, LevelShown, May, Meanwhile, Typed};
use super::case_facts::{Bill, LineFacts, OrderFacts, Step, TenderFacts};
use super::chats::{ChatPanel, ChatsPage, LineShown};
use super::customers::{CustomerFound, CustomersPage};
use super::presence::{Standing, Strip};
use super::queue::{Chosen, QueuePage, QueueRow};
use super::templates::{MacroShown, TemplatesPage, blank};
use super::timeline::timeline;
use crate::fields::{Faults, Fields};
use crate::frame::{Frame, Room};
use crate::samples::{Sample, both};

const WRITTEN: &str = "<script>alert('見て')</script>";

fn at() -> Timestamp {
    "2026-11-25T03:00:00Z".parse().unwrap()
}

/// All of them.
pub fn all() -> Vec<Sample> {
    let mut samples = both("desk queue", Room::Desk, |frame| queue(frame, true));
    samples.extend(both("desk queue, nothing there", Room::Desk, |frame| queue(frame, false)));
    samples.extend(both("desk case", Room::Desk, |frame| case(frame, "open")));
    samples.extend(both("desk case, merged", Room::Desk, |frame| case(frame, "merged")));
    samples.extend(both("desk confirm", Room::Desk, confirm));
    for state in ["offered", "dialling", "connected"] {
        samples.extend(both("desk call", Room::Desk, |frame| calls(frame, Some(state))));
    }
    samples.extend(both("desk calls, none", Room::Desk, |frame| calls(frame, None)));
    samples.extend(both("desk chats", Room::Desk, |frame| chats(frame, false)));
    samples.extend(both("desk chat", Room::Desk, |frame| chats(frame, true)));
    samples.extend(both("desk customers", Room::Desk, |frame| customers(frame, true)));
    samples.extend(both("desk customers, none asked", Room::Desk, |frame| customers(frame, false)));
    samples.extend(both("desk templates", Room::Desk, templates));
    samples
}

fn standing() -> Standing {
    let present = PresentAgent {
        agent: "staff:sato".to_owned(),
        queues: vec!["desk".to_owned()],
        ready: true,
        calls: true,
        chats_max: 3,
        is_calling: false,
        expires_at: at(),
    };
    Standing { calls: 2, chats: 1, own_chats: 1, present: Some(present) }
}

fn queue(frame: Frame, full: bool) -> QueuePage {
    let row = |is_late| QueueRow {
        case_id: "cas_1".to_owned(),
        number: "C-1".to_owned(),
        customer: "hanako".to_owned(),
        question: WRITTEN.to_owned(),
        queue: "desk".to_owned(),
        state: "pending_customer".to_owned(),
        priority: "urgent",
        skill: Some("gift".to_owned()),
        owner: None,
        is_mine: false,
        waits_since: Some(at()),
        ends_at: Some(at()),
        is_late,
        is_near: true,
        waiting_actions: 2,
    };
    QueuePage {
        frame,
        standing: if full { standing() } else { Standing::default() },
        works: full,
        queues: vec![("desk".to_owned(), "Desk".to_owned())],
        chosen: Chosen { owner: "me".to_owned(), ..Chosen::default() },
        rows: if full { vec![row(true), row(false)] } else { Vec::new() },
        more: full.then(|| "cas_1".to_owned()),
    }
}

fn events() -> Vec<DeskEvent> {
    let said =
        |event: serde_json::Value, seq| DeskEvent { case_id: "cas_1".to_owned(), seq, at: at(), event };
    let agent = json!({"actor": "agent", "staff_id": "sato", "alias": "AB12C"});
    let customer = json!({"actor": "customer"});
    let link = json!({"case_id": "cas_2", "number": "C-2"});
    let events = [
        json!({"by": customer, "event": "said", "channel": "form", "text": WRITTEN, "template": null, "attachments": []}),
        json!({"by": agent, "event": "noted", "text": "note"}),
        json!({"by": agent, "event": "assigned", "staff_id": "sato", "alias": "AB12C"}),
        json!({"by": agent, "event": "escalated", "kind": "functional", "from_queue": "desk", "to_queue": "leads", "skill": null, "warm": false, "reason": "why"}),
        json!({"by": agent, "event": "priority_changed", "priority": "high"}),
        json!({"by": agent, "event": "waits", "waiting": {"for": "third_party", "who": "yamato"}}),
        json!({"by": agent, "event": "merged_from", "case": link, "reason": "same"}),
        json!({"by": agent, "event": "action_asked", "action_id": "act_1", "action": {"action": "refund", "line_id": "1", "amount": 300}, "reason": "why", "needs_second_person": true}),
        json!({"by": {"actor": "system"}, "event": "level_warned", "metric": "first_reply", "cycle": 1, "due_at": "2026-11-25T03:00:00Z"}),
        json!({"by": {"actor": "system"}, "event": "level_missed", "metric": "first_reply", "cycle": 1, "missed_at": "2026-11-25T03:00:00Z"}),
        json!({"by": {"actor": "system"}, "event": "call_stepped", "callback_id": "cb_1", "call": "answered"}),
        json!({"by": {"actor": "system"}, "event": "transcript_frozen", "chat_id": "cha_1", "sha256": "00"}),
        json!({"by": {"actor": "system"}, "event": "contact_linked", "channel": "phone", "contact_id": "cb_1"}),
        json!({"by": agent, "event": "solved", "disposition": "answered", "summary": "done"}),
        json!({"by": {"actor": "customer"}, "event": "solved", "disposition": "by_customer", "summary": ""}),
    ];
    events.into_iter().zip(1..).map(|(event, seq)| said(event, seq)).collect()
}

fn desk_case(state: &'static str) -> DeskCase {
    let link = CaseLink { case_id: "cas_2".to_owned(), number: "C-2".to_owned() };
    DeskCase {
        public: PublicCase {
            case_id: "cas_1".to_owned(),
            number: "C-1".to_owned(),
            version: 3,
            topic: "parcel".to_owned(),
            question: "where".to_owned(),
            order_id: None,
            state,
            summary: None,
            reopens_until: None,
            continues_as: (state == "merged").then(|| link.clone()),
            follow_up_of: Some(link.clone()),
            opened_at: at(),
            changed_at: at(),
            lines: Vec::new(),
        },
        customer_id: "hanako".to_owned(),
        market: "rakuten-style".to_owned(),
        queue: "desk".to_owned(),
        skill: None,
        priority: Priority::High,
        owner: Some("sato".to_owned()),
        escalated: true,
        levels: Vec::new(),
        results: Vec::new(),
        checks: Vec::new(),
        merged_here: vec![link],
        actions: Vec::new(),
        unverified: vec![UnverifiedMail {
            came: 2,
            at: at(),
            from_domain: "mail.example".to_owned(),
            text: WRITTEN.to_owned(),
        }],
        evidence: json!({}),
        facts: json!({}),
        timeline: events(),
        cases: Vec::new(),
        order: None,
        parcels: vec![MaskedParcel {
            shipment_id: "shp_1".to_owned(),
            carrier: Some("yamato".to_owned()),
            tracking_numbers: vec!["********0001".to_owned()],
            shipped_at: at(),
            delivered_at: Some(at()),
        }],
        wallet: wallet(),
    }
}

fn wallet() -> Wallet {
    Wallet { at: at(), balances: Vec::new(), lots: Vec::new(), owed: Vec::new(), expiring: Vec::new() }
}

fn order() -> OrderFacts {
    OrderFacts {
        number: "123-1234567-1234567".to_owned(),
        placed_at: at(),
        total: 1_500,
        refunded: 300,
        payment: "paid",
        state: "delivered",
        lines: vec![LineFacts {
            line_id: "1".to_owned(),
            sku: "A".to_owned(),
            seller: "shop-a".to_owned(),
            quantity: 2,
            returnable: 2,
            net: 1_500,
            refundable: 1_200,
        }],
        tenders: vec![TenderFacts { program: None, amount: 1_500, refunded: 300 }],
        bill: Bill {
            sums: vec![("goods", 2_000), ("coupons", 500), ("shipping", 0), ("fee", 0), ("total", 1_500)],
            steps: vec![Step { rule: "coupons.A500".to_owned(), before: Some(2_000), after: Some(1_500) }],
        },
    }
}

fn action(state: &'static str, is_own: bool) -> ActionShown {
    ActionShown {
        action_id: "act_1".to_owned(),
        what: "300".to_owned(),
        reason: WRITTEN.to_owned(),
        asked_by: "sato".to_owned(),
        approved_by: Some("suzuki".to_owned()),
        state,
        refused_because: Some("late".to_owned()),
        is_own,
    }
}

fn typed() -> Typed {
    Typed {
        reply: WRITTEN.to_owned(),
        asks: true,
        template: Some(TemplateUsed { key: "thanks".to_owned(), version: 1, language: "ja".to_owned() }),
        lacks: Some(("carrier_asked".to_owned(), vec![("carrier".to_owned(), "\"><b>".to_owned())])),
        meanwhile: vec![Meanwhile { by: None, at: at(), text: WRITTEN.to_owned() }],
        notice: Some(WRITTEN.to_owned()),
        revealed: vec!["100000000001".to_owned()],
        acting: Acting {
            fields: Fields::read("action=refund&amount=%22%3E%3Cb%3E&reason=x".as_bytes()),
            faults: Faults::one("amount", WRITTEN),
        },
        ..Typed::default()
    }
}

fn redelivery(needs_slip: bool) -> RedeliveryForm {
    RedeliveryForm {
        shipment_id: "shp_1".to_owned(),
        numbers: "********0001".to_owned(),
        needs_slip,
        offers: vec![("2026-11-26 am".to_owned(), "2026-11-26".to_owned())],
    }
}

fn case(frame: Frame, state: &'static str) -> CasePage {
    let case = desk_case(state);
    let names = super::names::Names::none(frame.language);
    let states = ["running", "paused", "done", "dropped"];
    let metrics = ["first_reply", "next_reply", "resolution", "callback_answer"];
    let level = |(metric, state): (&str, &'static str)| LevelShown {
        metric: metric.to_owned(),
        due_at: Some(at()),
        state,
        is_missed: true,
    };
    CasePage {
        question: "where".to_owned(),
        queue: "desk".to_owned(),
        queues: vec![("desk".to_owned(), "Desk".to_owned())],
        escalates_to: Some("desk".to_owned()),
        priority: "high",
        timeline: timeline(&frame, &names, &case),
        levels: metrics.into_iter().zip(states).map(level).collect(),
        order: Some(order()),
        actions: vec![
            action("waiting", false),
            action("waiting", true),
            action("refused", false),
            action("done", true),
            action("open", true),
            action("rejected", true),
        ],
        articles: vec![("where".to_owned(), "Where".to_owned())],
        templates: vec![blank()],
        macros: vec![choba_app::Macro {
            key: "m".to_owned(),
            title: "M".to_owned(),
            version: 1,
            steps: Vec::new(),
        }],
        programs: vec![("rakuten/ordinary".to_owned(), "rakuten".to_owned())],
        redeliveries: [true, false].map(redelivery).into(),
        checks: vec!["{}".to_owned()],
        may: May { works: true, leads: true, approves: true, has_it: true },
        key: "key".to_owned(),
        typed: typed(),
        frame,
        case,
    }
}

fn confirm(frame: Frame) -> ConfirmPage {
    ConfirmPage {
        frame,
        case_id: "cas_1".to_owned(),
        number: "C-1".to_owned(),
        what: "300".to_owned(),
        reason: WRITTEN.to_owned(),
        needs_second_person: true,
        fields: vec![("reason".to_owned(), "\"><script>".to_owned())],
        key: "key".to_owned(),
    }
}

fn calls(frame: Frame, state: Option<&'static str>) -> CallsPage {
    let dials = state == Some("dialling");
    let card = |state| CallbackCard {
        callback_id: "cb_1".to_owned(),
        state,
        customer_id: "jiro".to_owned(),
        queue: "safety".to_owned(),
        question: "suspicious".to_owned(),
        order_id: None,
        case_id: Some("cas_1".to_owned()),
        language: "ja".to_owned(),
        urgent: true,
        place_at: at(),
        number_masked: "*********0000".to_owned(),
        dial: dials.then(|| "tel:+819000000000".to_owned()),
        words: dials.then(|| "さくら みかん".to_owned()),
        attempts: 1,
        attempts_max: 3,
        accept_until: Some(at()),
        follows: None,
        calls: Vec::new(),
    };
    let shown = |state| CallShown {
        card: card(state),
        question: "suspicious".to_owned(),
        queue: "safety".to_owned(),
        tried: vec![(at(), "busy".to_owned())],
    };
    CallsPage {
        frame,
        standing: Standing::default(),
        call: state.map(shown),
        last: Some(LastCall { state: "retry_wait", attempts: 1, attempts_max: 3, next_call_at: Some(at()) }),
        queues: Vec::new(),
        notice: Some(WRITTEN.to_owned()),
        key: "key".to_owned(),
    }
}

fn chats(frame: Frame, alone: bool) -> ChatsPage {
    let line =
        |seq, from: &str, kind| TranscriptLine { seq, at: at(), from: from.to_owned(), alias: None, kind };
    let lines = [
        line(1, "customer", LineKind::Text { text: WRITTEN.to_owned() }),
        line(2, "system", LineKind::AgentJoined { alias: "AB12C".to_owned() }),
        line(3, "agent", LineKind::Text { text: "hello".to_owned() }),
        line(4, "system", LineKind::IdleWarning),
    ];
    let panel = ChatPanel {
        chat_id: "cha_1".to_owned(),
        case_id: "cas_1".to_owned(),
        customer: (!alone).then(|| "jiro".to_owned()),
        state: "active",
        lines: lines.iter().map(|line| LineShown::of(&frame, line)).collect(),
        last_seq: 4,
        text: "</textarea><script>".to_owned(),
        client_id: "c-1".to_owned(),
    };
    let waits = WaitingChat {
        chat_id: "cha_2".to_owned(),
        case_id: "cas_2".to_owned(),
        customer_id: "taro".to_owned(),
        since: at(),
    };
    ChatsPage {
        frame,
        alone,
        waiting: vec![waits],
        chats: vec![panel],
        templates: vec![blank()],
        notice: Some(WRITTEN.to_owned()),
    }
}

fn waiting_call() -> OwnCallback {
    OwnCallback {
        callback_id: "cb_1".to_owned(),
        question: "where".to_owned(),
        order_id: None,
        state: "queued",
        number_masked: "*********0000".to_owned(),
        place: Some(2),
        wait: None,
        quoted: None,
        due_at: at(),
        expires_at: at(),
        next_call_at: Some(at()),
        attempts: 0,
        attempts_max: 3,
        words: None,
        follows: None,
    }
}

fn customers(frame: Frame, asked: bool) -> CustomersPage {
    let found = CustomerFound {
        customer_id: WRITTEN.to_owned(),
        orders: Vec::new(),
        wallet: wallet(),
        cases: Vec::new(),
        sessions: Vec::new(),
        call: Some(waiting_call()),
    };
    CustomersPage { frame, asked: "\"><script>".to_owned(), found: asked.then_some(found) }
}

fn templates(frame: Frame) -> TemplatesPage {
    let known = MacroShown {
        key: "m".to_owned(),
        title: WRITTEN.to_owned(),
        version: 1,
        steps: vec!["wait".to_owned()],
    };
    TemplatesPage {
        frame,
        leads: true,
        templates: vec![blank()],
        macros: vec![known],
        form: blank(),
        places: String::new(),
        macro_form: Default::default(),
        faults: Faults::one("body", WRITTEN),
    }
}

#[test]
fn what_others_wrote_is_text_on_every_page_of_the_desk() {
    for Sample { name, html, .. } in all() {
        assert!(!html.contains("<script>alert"), "{name}");
        assert!(!html.contains("\"><script>") && !html.contains("</textarea><script>"), "{name}");
    }
}

#[test]
fn the_strip_says_what_waits() {
    use askama::Template as _;
    let frame = crate::samples::frame(choba_formats::language::Language::En, Room::Desk);
    let html = Strip { frame, standing: standing() }.render().unwrap();
    assert!(html.contains("Call-backs waiting: 2") && html.contains("2-2-1-1"), "{html}");
}
