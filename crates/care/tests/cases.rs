//! Cases as their desk and their customers meet them.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use choba_care::case::{
    Actor, Agent, Case, CaseChange, CaseEvent, CaseRefusal, CaseState, CaseTerms, ChainFault, Channel,
    EscalationKind, Opening, Priority, WaitingFor, action, fold, merge, public_view, record, steps,
    verify_chain,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::json;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + seconds).unwrap()
}

fn opening() -> Opening {
    Opening {
        topic: "parcel".to_owned(),
        question: "not_arrived".to_owned(),
        order_id: Some("ord_1".to_owned()),
        language: "ja".to_owned(),
        channel: Channel::Form,
        queue: "parcels".to_owned(),
        skill: None,
        priority: Priority::Normal,
        evidence: json!({}),
        facts: json!({"total": 2000}),
        follow_up_of: None,
    }
}

fn agent(name: &str) -> Agent {
    Agent { staff_id: format!("stf_{name}"), alias: name.to_owned() }
}

fn by(agent: &Agent) -> Actor {
    Actor::Agent { staff_id: agent.staff_id.clone(), alias: agent.alias.clone() }
}

/// A case with its events, to which steps are put.
struct Story {
    case: Case,
    events: Vec<CaseEvent>,
    terms: CaseTerms,
}

impl Story {
    fn begin() -> Self {
        Self::named("cas_1")
    }

    fn named(case_id: &str) -> Self {
        let change =
            CaseChange::Opened { number: format!("number of {case_id}"), opening: Box::new(opening()) };
        let (case, events) = record(case_id, None, vec![change], &Actor::Customer, at(0)).unwrap();
        Self { case, events, terms: CaseTerms::default() }
    }

    fn put(&mut self, changes: Vec<CaseChange>, by: &Actor, when: i64) {
        let case_id = self.case.case_id.clone();
        let (case, events) = record(&case_id, Some(&self.case), changes, by, at(when)).unwrap();
        self.case = case;
        self.events.extend(events);
    }

    fn customer(&mut self, text: &str, when: i64) -> Result<(), CaseRefusal> {
        let changes = steps::customer_says(&self.case, &self.terms, Channel::Form, text, &[], at(when))?;
        self.put(changes, &Actor::Customer, when);
        Ok(())
    }

    fn reply(&mut self, name: &str, version: u32, text: &str, when: i64) -> Result<(), CaseRefusal> {
        let reply = steps::Reply {
            version,
            text,
            template: None,
            channel: Channel::Form,
            attachments: &[],
            asks_customer: text.ends_with('？'),
        };
        let changes = steps::agent_replies(&self.case, &self.terms, &reply)?;
        self.put(changes, &by(&agent(name)), when);
        Ok(())
    }

    fn solve(&mut self, when: i64) {
        let changes =
            steps::solve(&self.case, &self.terms, "answered", "置き場所をお知らせしました。").unwrap();
        self.put(changes, &by(&agent("sato")), when);
    }
}

fn worked_on() -> Story {
    let mut story = Story::begin();
    story.customer("荷物が届きません", 10).unwrap();
    story.reply("sato", story.case.version, "調べております。", 20).unwrap();
    story
}

const DAY: i64 = 86_400;

#[test]
fn a_thank_you_after_solving_keeps_the_case_solved_and_no_timer_running() {
    let mut story = worked_on();
    story.solve(30);
    story.customer("ありがとうございました！", 40).unwrap();
    assert_eq!(story.case.state.code(), "solved");
    assert_eq!(story.case.unanswered_since, None);
    story.customer("まだ届いていません", 50).unwrap();
    assert_eq!(story.case.state, CaseState::Open);
    assert_eq!(story.case.unanswered_since, Some(at(50)));
}

#[test]
fn a_closed_case_never_opens_again_and_a_solved_one_only_within_its_window() {
    let mut story = worked_on();
    story.solve(30);
    let late = 30 + 7 * DAY;
    assert!(steps::time_passed(&story.case, &story.terms, at(late - 1)).is_empty());
    // Also where no worker has come by, the window is over.
    assert_eq!(story.customer("まだです", late), Err(CaseRefusal::Closed));
    story.put(steps::time_passed(&story.case, &story.terms, at(late)), &Actor::System, late);
    assert_eq!(story.case.state.code(), "closed");
    assert_eq!(story.customer("まだです", late + 1), Err(CaseRefusal::Closed));
    assert_eq!(steps::reopen(&story.case, &story.terms, at(late + 1)), Err(CaseRefusal::Closed));
    assert_eq!(steps::assign(&story.case, &agent("sato")), Err(CaseRefusal::Closed));
}

#[test]
fn nothing_but_a_solved_case_is_ever_closed_by_time() {
    let mut story = worked_on();
    let waiting = [WaitingFor::Customer, WaitingFor::ThirdParty { who: "yamato".to_owned() }];
    for (place, waiting) in waiting.into_iter().enumerate() {
        let when = 100 + i64::try_from(place).unwrap();
        story.put(steps::resume(&story.case, "test").unwrap(), &Actor::System, when);
        story.put(steps::wait(&story.case, waiting).unwrap(), &by(&agent("sato")), when);
        assert!(steps::time_passed(&story.case, &story.terms, at(1_000 * DAY)).is_empty());
    }
}

#[test]
fn only_a_public_word_of_an_agent_is_the_first_reply() {
    let mut story = Story::begin();
    story.put(steps::note(&story.case, &story.terms, "調べる").unwrap(), &by(&agent("sato")), 5);
    story.put(steps::take(&story.case, &agent("sato")).unwrap(), &by(&agent("sato")), 6);
    story.customer("もしもし", 7).unwrap();
    assert_eq!(story.case.first_reply_at, None);
    story.reply("sato", story.case.version, "お待たせしました。", 20).unwrap();
    assert_eq!(story.case.first_reply_at, Some(at(20)));
}

#[test]
fn the_next_reply_is_owed_since_the_oldest_word_that_nobody_answered() {
    let mut story = worked_on();
    story.customer("いつですか", 100).unwrap();
    story.customer("急いでいます", 200).unwrap();
    assert_eq!(story.case.unanswered_since, Some(at(100)));
}

#[test]
fn of_two_agents_who_reply_to_the_same_version_one_gets_the_text_of_the_other() {
    let mut story = worked_on();
    let seen = story.case.version;
    story.reply("sato", seen, "本日届きます。", 30).unwrap();
    let refused = story.reply("suzuki", seen, "明日届きます。", 31).unwrap_err();
    let CaseRefusal::Moved { version, said } = refused else { panic!("{refused:?}") };
    assert_eq!(version, story.case.version);
    assert_eq!(said.iter().map(|said| said.text.as_str()).collect::<Vec<_>>(), ["本日届きます。"]);
    // What the customer writes meanwhile counts as well; a note or a new owner does not.
    let seen = story.case.version;
    story.put(steps::note(&story.case, &story.terms, "メモ").unwrap(), &by(&agent("sato")), 32);
    story.put(steps::assign(&story.case, &agent("suzuki")).unwrap(), &by(&agent("suzuki")), 33);
    story.reply("suzuki", seen, "承りました。", 34).unwrap();
    let seen = story.case.version;
    story.customer("もう届きました", 35).unwrap();
    assert!(matches!(story.reply("sato", seen, "すみません。", 36), Err(CaseRefusal::Moved { .. })));
}

#[test]
fn of_two_agents_who_take_a_case_one_gets_it() {
    let mut story = Story::begin();
    story.put(steps::take(&story.case, &agent("sato")).unwrap(), &by(&agent("sato")), 5);
    assert!(matches!(steps::take(&story.case, &agent("suzuki")), Err(CaseRefusal::Taken { .. })));
    assert_eq!(steps::take(&story.case, &agent("sato")), Ok(Vec::new()));
}

#[test]
fn a_merge_is_in_both_histories_and_replies_follow_it() {
    let (mut source, mut target) = (worked_on(), Story::named("cas_2"));
    let both = merge::merge(&source.case, &target.case, "同じ荷物").unwrap();
    source.put(both.source, &by(&agent("sato")), 100);
    target.put(both.target, &by(&agent("sato")), 100);
    assert_eq!(source.customer("もしもし", 110), Err(CaseRefusal::Merged { into: target.case.link() }));
    assert_eq!(target.case.merged_here, [(source.case.link(), at(100))]);
    let shown = public_view(&source.case, &source.events, &source.terms);
    assert_eq!(shown.continues_as, Some(target.case.link()));
    assert!(matches!(merge::merge(&source.case, &target.case, "また"), Err(CaseRefusal::Merged { .. })));
    assert!(matches!(merge::merge(&target.case, &source.case, "輪"), Err(CaseRefusal::Merged { .. })));
    assert_eq!(merge::merge(&target.case, &target.case, "x"), Err(CaseRefusal::MergedWithItself));
}

#[test]
fn a_merge_can_be_taken_back_for_a_day_and_the_case_stands_where_it_stood() {
    let (mut source, mut target) = (worked_on(), Story::named("cas_2"));
    source.put(steps::wait(&source.case, WaitingFor::Customer).unwrap(), &by(&agent("sato")), 50);
    let both = merge::merge(&source.case, &target.case, "同じ荷物").unwrap();
    source.put(both.source, &by(&agent("sato")), 100);
    target.put(both.target, &by(&agent("sato")), 100);
    let late = merge::undo(&source.case, &target.case, &source.terms, at(101 + DAY));
    assert_eq!(late, Err(CaseRefusal::MergeTooLongAgo));
    let back = merge::undo(&source.case, &target.case, &source.terms, at(100 + DAY)).unwrap();
    source.put(back.source, &by(&agent("sato")), 100 + DAY);
    target.put(back.target, &by(&agent("sato")), 100 + DAY);
    assert_eq!(source.case.state, CaseState::PendingCustomer);
    assert!(target.case.merged_here.is_empty());
    assert_eq!(
        merge::undo(&source.case, &target.case, &source.terms, at(100 + DAY)),
        Err(CaseRefusal::NotMerged)
    );
}

#[test]
fn whoever_passes_a_case_to_a_specialist_keeps_it_until_it_is_taken() {
    let mut story = worked_on();
    story.put(steps::take(&story.case, &agent("sato")).unwrap(), &by(&agent("sato")), 25);
    let to_specialist = steps::escalate(
        &story.case,
        EscalationKind::Functional,
        "returns",
        Some("returns".to_owned()),
        "返品規定",
    );
    story.put(to_specialist.unwrap(), &by(&agent("sato")), 30);
    assert_eq!(story.case.owner, Some(agent("sato")));
    assert_eq!((story.case.queue.as_str(), story.case.priority), ("returns", Priority::Normal));
    story.put(steps::accept_escalation(&story.case, &agent("mori")).unwrap(), &by(&agent("mori")), 40);
    assert_eq!((story.case.owner.clone(), story.case.escalation.clone()), (Some(agent("mori")), None));
    assert_eq!(steps::accept_escalation(&story.case, &agent("abe")), Err(CaseRefusal::NothingEscalated));
    // To somebody who decides more: it presses more.
    let to_lead =
        steps::escalate(&story.case, EscalationKind::Hierarchical, "lead", None, "約束を守れなかった");
    story.put(to_lead.unwrap(), &Actor::System, 50);
    assert_eq!(story.case.priority, Priority::High);
}

#[test]
fn a_case_is_not_solved_while_an_action_is_under_way_or_nobody_has_looked() {
    let mut story = Story::begin();
    let solve = |story: &Story| steps::solve(&story.case, &story.terms, "done", "終わりました。");
    assert!(matches!(solve(&story), Err(CaseRefusal::NotNow { state: "new", .. })));
    let sato = by(&agent("sato"));
    story.put(steps::take(&story.case, &agent("sato")).unwrap(), &sato, 1);
    let asked = action::ask(&story.case, "act_1", json!({"action": "refund"}), "壊れていた", true).unwrap();
    story.put(asked, &sato, 2);
    assert!(matches!(solve(&story), Err(CaseRefusal::NotNow { .. })));
    assert_eq!(action::decide(&story.case, "act_1", "stf_sato", true), Err(CaseRefusal::SamePerson));
    story.put(action::decide(&story.case, "act_1", "stf_mori", true).unwrap(), &by(&agent("mori")), 3);
    assert!(matches!(solve(&story), Err(CaseRefusal::NotNow { .. })));
    story.put(action::tell(&story.case, "act_1", Ok(json!({"amount": 500}))).unwrap(), &Actor::System, 4);
    // Told again after a crash: nothing more is written.
    assert_eq!(action::tell(&story.case, "act_1", Ok(json!({"amount": 500}))), Ok(Vec::new()));
    assert!(solve(&story).is_ok());
    let decided = action::decide(&story.case, "act_1", "stf_mori", false);
    assert_eq!(decided, Err(CaseRefusal::ActionDecided { state: "done" }));
}

#[test]
fn the_customer_sees_no_note_no_staff_id_and_no_reason_of_the_desk() {
    let mut story = worked_on();
    let sato = by(&agent("sato"));
    story.put(steps::note(&story.case, &story.terms, "秘密のメモ").unwrap(), &sato, 30);
    story.put(steps::queue(&story.case, "returns", None, "内輪の理由").unwrap(), &sato, 31);
    story.put(
        vec![CaseChange::Revealed { what: "tracking_number".to_owned(), reason: "秘密".to_owned() }],
        &sato,
        32,
    );
    story.put(
        steps::unverified_came(&story.case, &story.terms, "evil.example", "偽のメール").unwrap(),
        &Actor::System,
        33,
    );
    let asked =
        action::ask(&story.case, "act_1", json!({"action": "refund", "limit": "秘密"}), "秘密の理由", false);
    story.put(asked.unwrap(), &sato, 34);
    story.put(
        action::tell(&story.case, "act_1", Ok(json!({"internal": "秘密"}))).unwrap(),
        &Actor::System,
        35,
    );
    let shown = serde_json::to_string(&public_view(&story.case, &story.events, &story.terms)).unwrap();
    for hidden in ["stf_", "秘密", "内輪", "evil", "偽"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
    assert!(shown.contains("\"agent\":\"sato\"") && shown.contains("調べております"));
}

#[test]
fn a_placeholder_that_nobody_filled_in_is_not_sent() {
    let mut story = worked_on();
    let refused = story.reply("sato", story.case.version, "{%customer.firstName%} 様", 30);
    assert_eq!(refused, Err(CaseRefusal::Placeholder { name: "customer.firstName".to_owned() }));
}

#[test]
fn a_mail_of_an_unsure_sender_changes_nothing_until_staff_accept_it() {
    let mut story = worked_on();
    story.reply("sato", story.case.version, "色は何ですか？", 25).unwrap();
    assert_eq!(story.case.state, CaseState::PendingCustomer);
    story.put(
        steps::unverified_came(&story.case, &story.terms, "mail.example", "赤です").unwrap(),
        &Actor::System,
        30,
    );
    assert_eq!((story.case.state.clone(), story.case.said.len()), (CaseState::PendingCustomer, 3));
    let came = story.case.version;
    story.put(steps::accept_unverified(&story.case, came).unwrap(), &by(&agent("sato")), 40);
    assert_eq!(story.case.state, CaseState::Open);
    assert_eq!(story.case.unanswered_since, Some(at(30)));
    assert!(matches!(steps::accept_unverified(&story.case, came), Err(CaseRefusal::Unknown { .. })));
}

#[test]
fn texts_that_try_something_are_kept_as_they_are() {
    let corpus = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "{{7*7}} ${7*7} <%= 7*7 %> #{7*7}",
        "{{ customer.name }}",
        "x\r\nBcc: victim@example.com\r\n\r\nbody",
        "=cmd|'/c calc'!A1",
        "'; DROP TABLE cases; --",
        "\u{202e}gnp.exe",
        "a\0b",
    ];
    let mut story = worked_on();
    for (text, when) in corpus.into_iter().zip(100..) {
        story.customer(text, when).unwrap();
    }
    let read: Vec<CaseEvent> = story
        .events
        .iter()
        .map(|event| {
            CaseEvent::read(event.seq, event.at, &event.document, &event.prev_hash, &event.hash).unwrap()
        })
        .collect();
    let case = fold("cas_1", &read).unwrap();
    let kept: Vec<&str> = case.said.iter().map(|said| said.text.as_str()).collect();
    assert_eq!(kept[2..], corpus);
}

#[derive(Clone, Debug)]
enum Step {
    Customer(String),
    Reply(bool, u32),
    Note,
    Take(bool),
    Queue,
    Escalate(bool),
    Accept,
    Wait(bool),
    Resume,
    Solve,
    Reopen,
    Priority(usize),
    Unverified,
    Ask(bool),
    Decide(bool),
    Tell,
    Later(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        prop_oneof![Just("ありがとう".to_owned()), "[a-zあ-ん]{1,8}"].prop_map(Step::Customer),
        (any::<bool>(), 0_u32..3).prop_map(|(asks, behind)| Step::Reply(asks, behind)),
        Just(Step::Note),
        any::<bool>().prop_map(Step::Take),
        Just(Step::Queue),
        any::<bool>().prop_map(Step::Escalate),
        Just(Step::Accept),
        any::<bool>().prop_map(Step::Wait),
        Just(Step::Resume),
        Just(Step::Solve),
        Just(Step::Reopen),
        (0_usize..4).prop_map(Step::Priority),
        Just(Step::Unverified),
        any::<bool>().prop_map(Step::Ask),
        any::<bool>().prop_map(Step::Decide),
        Just(Step::Tell),
        (0_i64..10 * DAY).prop_map(Step::Later),
    ]
}

impl Story {
    fn changes(&self, step: &Step, now: i64) -> Result<(Vec<CaseChange>, Actor), CaseRefusal> {
        let (case, terms, sato) = (&self.case, &self.terms, agent("sato"));
        let last = case.actions.last().map_or("none", |action| &action.action_id);
        let changes = match step {
            Step::Customer(text) => {
                let changes = steps::customer_says(case, terms, Channel::Form, text, &[], at(now))?;
                return Ok((changes, Actor::Customer));
            }
            Step::Reply(asks_customer, behind) => {
                let version = case.version.saturating_sub(*behind);
                let (text, template, channel) = ("はい。", None, Channel::Form);
                let reply = steps::Reply {
                    version,
                    text,
                    template,
                    channel,
                    attachments: &[],
                    asks_customer: *asks_customer,
                };
                steps::agent_replies(case, terms, &reply)?
            }
            Step::Note => steps::note(case, terms, "メモ")?,
            Step::Take(own) => steps::take(case, &if *own { sato.clone() } else { agent("mori") })?,
            Step::Queue => steps::queue(case, "returns", None, "理由")?,
            Step::Escalate(up) => {
                let kind = if *up { EscalationKind::Hierarchical } else { EscalationKind::Functional };
                steps::escalate(case, kind, "lead", None, "理由")?
            }
            Step::Accept => steps::accept_escalation(case, &agent("mori"))?,
            Step::Wait(true) => steps::wait(case, WaitingFor::Customer)?,
            Step::Wait(false) => steps::wait(case, WaitingFor::ThirdParty { who: "yamato".to_owned() })?,
            Step::Resume => steps::resume(case, "carrier")?,
            Step::Solve => steps::solve(case, terms, "done", "終わりました。")?,
            Step::Reopen => steps::reopen(case, terms, at(now))?,
            Step::Priority(place) => steps::set_priority(case, Priority::ALL[*place])?,
            Step::Unverified => steps::unverified_came(case, terms, "mail.example", "x")?,
            Step::Ask(second) => {
                action::ask(case, &format!("act_{}", case.version), json!({"action": "x"}), "理由", *second)?
            }
            Step::Decide(agrees) => action::decide(case, last, "stf_mori", *agrees)?,
            Step::Tell => action::tell(case, last, Ok(json!(1)))?,
            Step::Later(_) => return Ok((steps::time_passed(case, terms, at(now)), Actor::System)),
        };
        Ok((changes, by(&sato)))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever happens in whatever order: the fold of the kept events is the case, the chain holds, numbers have no
    /// gaps, and a case that is over takes no step that opens it.
    #[test]
    fn whatever_happens_the_case_is_the_fold_of_its_chain(taken in proptest::collection::vec(step(), 0..60)) {
        let mut story = Story::begin();
        let mut now = 1;
        for one in &taken {
            now += if let Step::Later(seconds) = one { *seconds } else { 1 };
            let was_closed = story.case.state.code() == "closed";
            if let Ok((changes, actor)) = story.changes(one, now) {
                story.put(changes, &actor, now);
            }
            prop_assert!(!was_closed || story.case.state.code() == "closed");
            prop_assert!(story.case.state.is_open() || story.case.unanswered_since.is_none());
            prop_assert!(story.case.first_reply_at.is_none() == story.case.said.iter().all(|said| said.agent.is_none()));
        }
        let read: Vec<CaseEvent> = story.events.iter()
            .map(|event| CaseEvent::read(event.seq, event.at, &event.document, &event.prev_hash, &event.hash).unwrap())
            .collect();
        prop_assert_eq!(&read, &story.events);
        prop_assert_eq!(fold("cas_1", &read).unwrap(), story.case.clone());
        prop_assert_eq!(verify_chain("cas_1", &read), Ok(()));
        let numbers: Vec<u32> = read.iter().map(|event| event.seq).collect();
        prop_assert!(numbers.iter().copied().eq(1..=story.case.version));
    }

    /// Whoever changes, removes, swaps or moves an event is found.
    #[test]
    fn a_tampered_history_is_found(place in 0_usize..4, how in 0_usize..5) {
        let mut events = worked_on().events;
        events.extend({
            let mut story = worked_on();
            story.solve(30);
            story.events.split_off(3)
        });
        prop_assert_eq!(verify_chain("cas_1", &events), Ok(()));
        let mut tampered = events.clone();
        match how {
            0 => tampered[place].document = tampered[place].document.replace("\"by\"", "\"by\" "),
            1 => tampered[place].at += SignedDuration::from_secs(1),
            2 => drop(tampered.remove(place.min(2))),
            3 => tampered.swap(0, place.max(1)),
            _ => {
                let seq = tampered[place].seq;
                tampered[place].hash = choba_care::case::hash_of(
                    &tampered[place].prev_hash, "cas_1", seq, tampered[place].at, "{}");
                tampered[place].document = "{}".to_owned();
                // Without the events after it, only the version kept with the case would tell.
                prop_assume!(place < 3);
            }
        }
        prop_assert!(verify_chain("cas_1", &tampered).is_err());
        prop_assert_eq!(verify_chain("cas_2", &events), Err(ChainFault::Changed { seq: 1 }));
    }
}
