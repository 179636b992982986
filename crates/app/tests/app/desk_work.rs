//! What the desk does again and again: macros, wordings, looks at what is masked, chats that are given back; and that a crash
//! in the middle of an action loses nothing and does nothing twice.

use std::collections::BTreeMap;
use std::pin::pin;
use std::task::Poll;

use choba_app::{
    AppError, AtTheDesk, Caller, CaseAction, CaseStepped, Key, Macro, MacroStep, NewTemplate, OpenCase,
    OpenedCase, Role,
};
use choba_care::case::{Channel, Priority};
use choba_care::chat::ChatRefusal;
use choba_engine::market::LotKind;
use choba_engine::money::Points;
use choba_store::books::{self, AuditFilter};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::on_both;
use crate::support::{Bench, NUMBER, be_there, books_are_fine, hanako, noon};

on_both!(
    a_macro_takes_its_steps_once_and_goes_on_where_it_stopped,
    what_is_published_has_versions_and_is_on_the_audit_log,
    a_look_at_what_is_masked_is_shown_and_is_on_the_history_and_the_log,
    a_chat_that_is_given_back_is_the_first_that_waits,
    who_takes_nothing_new_or_has_enough_is_given_no_chat,
    a_crash_anywhere_in_an_action_does_it_once_and_tells_the_case,
);

fn caller() -> Caller {
    Caller::customer("hanako")
}

fn staff(name: &str, role: Role) -> Caller {
    Caller::Staff { staff_id: name.to_owned(), role }
}

fn later(seconds: i64) -> Timestamp {
    noon() + SignedDuration::from_secs(seconds)
}

async fn opened(bench: &Bench, order_id: Option<&str>) -> OpenedCase {
    let open = OpenCase {
        topic: if order_id.is_some() { "parcel" } else { "other" }.to_owned(),
        question: if order_id.is_some() { "parcel-other" } else { "other" }.to_owned(),
        order_id: order_id.map(str::to_owned),
        text: Some("困っています".to_owned()),
        language: "ja".to_owned(),
        channel: Channel::Form,
        evidence: json!({}),
    };
    let key = bench.key("open_case", "hanako");
    bench.counter.open_case(&caller(), &hanako(), open, key, noon()).await.unwrap()
}

fn reply_and_solve(template: &str) -> Macro {
    Macro {
        key: "sorry".to_owned(),
        title: "お詫び".to_owned(),
        version: 0,
        steps: vec![
            MacroStep::Note { text: "確認済み".to_owned() },
            MacroStep::Priority { priority: Priority::High },
            MacroStep::Reply { template: template.to_owned() },
            MacroStep::Solve { disposition: "answered".to_owned(), template: template.to_owned() },
        ],
    }
}

async fn a_macro_takes_its_steps_once_and_goes_on_where_it_stopped(bench: Bench) {
    let (counter, lead, agent) =
        (&bench.counter, staff("mori", Role::Specialist), staff("sato", Role::Agent));
    let template = shipped(&bench, &lead).await;
    counter.publish_macro(&lead, "rakuten-style", reply_and_solve(&template), noon()).await.unwrap();
    let case = opened(&bench, None).await;
    let run = |key: Key, at| {
        let (counter, agent, case) = (counter.clone(), agent.clone(), case.clone());
        async move {
            let typed = BTreeMap::new();
            let about = (case.case_id.as_str(), case.version);
            counter.run_macro(&agent, about, "sorry", &typed, key, at).await
        }
    };
    let key = Key::new("macro-1", "run_macro", &case.case_id, b"").unwrap();
    let done: CaseStepped = run(key.clone(), later(10)).await.unwrap();
    assert_eq!(done.state, "solved");
    let again = run(key, later(20)).await.unwrap();
    assert_eq!(again.state, "solved");
    let (kept, _) = books::case_of_customer(counter.store(), "hanako", &case.case_id).await.unwrap().unwrap();
    let replies = kept.said.iter().filter(|said| said.agent.is_some()).count();
    assert_eq!((replies, kept.priority, kept.version), (1, Priority::High, done.version));
    let unknown = Key::new("macro-2", "run_macro", &case.case_id, b"").unwrap();
    let about = (case.case_id.as_str(), done.version);
    let none = counter.run_macro(&agent, about, "nothing", &BTreeMap::new(), unknown, later(30)).await;
    assert!(matches!(none, Err(AppError::NotFound { what: "macro", .. })));
    books_are_fine(&bench).await;
}

/// A template that needs nothing but what is known of every case.
async fn shipped(bench: &Bench, lead: &Caller) -> String {
    let templates = bench.counter.reply_templates(lead, "rakuten-style").await.unwrap();
    let mut plain = templates.into_iter().find(|known| known.language == "ja").unwrap();
    plain.key = "plain".to_owned();
    plain.body = "{{ market }}です。お問い合わせ番号は{{ case_number }}です。".to_owned();
    plain.places.retain(|place| place.name == "market" || place.name == "case_number");
    for name in ["market", "case_number"] {
        if !plain.places.iter().any(|place| place.name == name) {
            plain.places.push(choba_care::reply_template::Place {
                name: name.to_owned(),
                kind: choba_care::reply_template::PlaceKind::Text,
            });
        }
    }
    let new = NewTemplate { follows: 0, template: plain };
    bench.counter.publish_template(lead, "rakuten-style", new, noon()).await.unwrap().key
}

async fn what_is_published_has_versions_and_is_on_the_audit_log(bench: Bench) {
    let (counter, lead) = (&bench.counter, staff("mori", Role::Specialist));
    let key = shipped(&bench, &lead).await;
    let templates = counter.reply_templates(&lead, "rakuten-style").await.unwrap();
    let first = templates.into_iter().find(|known| known.key == key).unwrap();
    let publish = |follows, who: &Caller| {
        let (who, template) = (who.clone(), first.clone());
        let new = NewTemplate { follows, template };
        async move { counter.publish_template(&who, "rakuten-style", new, later(1)).await }
    };
    // Somebody who has not seen the latest version publishes nothing, nor does whoever does not lead.
    assert!(matches!(publish(0, &lead).await, Err(AppError::Field { .. })));
    assert!(matches!(publish(1, &staff("sato", Role::Agent)).await, Err(AppError::NotAllowed { .. })));
    assert_eq!(publish(1, &lead).await.unwrap().version, 2);
    for version in [1, 2] {
        let published = counter.publish_macro(&lead, "rakuten-style", reply_and_solve(&key), later(2)).await;
        assert_eq!(published.unwrap().version, version);
    }
    let log = counter.audit_log(&Caller::Itself, &AuditFilter::default(), None, 10).await.unwrap();
    let told: Vec<_> = log
        .iter()
        .map(|row| (row.made_by.as_str(), row.action.as_str(), row.subject.as_str()))
        .filter(|(_, action, _)| action.ends_with(".published"))
        .collect();
    let template = ("staff:mori", "template.published", "plain");
    let macros = ("staff:mori", "macro.published", "sorry");
    assert_eq!(told, [macros, macros, template, template]);
}

async fn a_look_at_what_is_masked_is_shown_and_is_on_the_history_and_the_log(bench: Bench) {
    let (order_id, _) = bench.sent(&hanako(), "yamato", &[NUMBER]).await;
    let case = opened(&bench, Some(&order_id)).await.case_id;
    let (counter, specialist) = (&bench.counter, staff("mori", Role::Specialist));
    let seen = counter.desk_case(&specialist, &case, later(1)).await.unwrap();
    assert!(seen.parcels[0].tracking_numbers[0].starts_with("****"));
    let shown =
        counter.reveal_parcels(&specialist, &case, "運送会社に問い合わせるため", later(2)).await.unwrap();
    assert!(format!("{shown:?}").contains(NUMBER), "{shown:?}");
    let seen = counter.desk_case(&specialist, &case, later(3)).await.unwrap();
    let revealed = seen.timeline.iter().find(|event| event.event["event"] == "revealed").unwrap();
    assert_eq!(revealed.event["reason"], "運送会社に問い合わせるため");
    assert!(seen.parcels[0].tracking_numbers[0].starts_with("****"));
    let log = counter.audit_log(&Caller::Itself, &AuditFilter::default(), None, 10).await.unwrap();
    let look = log.iter().find(|row| row.action == "personal.look").unwrap();
    assert_eq!((look.made_by.as_str(), look.customer_id.as_deref()), ("staff:mori", Some("hanako")));
    assert!(log.iter().all(|row| !format!("{row:?}").contains(NUMBER)));
    let silent = counter.reveal_parcels(&specialist, &case, " ", later(4)).await;
    assert!(matches!(silent, Err(AppError::Field { .. })), "{silent:?}");
}

async fn a_chat_that_is_given_back_is_the_first_that_waits(bench: Bench) {
    let (counter, agent) = (&bench.counter, staff("sato", Role::Agent));
    let case = opened(&bench, None).await.case_id;
    let chat = counter.start_chat(&caller(), &case, noon()).await.unwrap().chat_id;
    counter.take_chat(&agent, &chat, later(1)).await.unwrap();
    let other = staff("mori", Role::Agent);
    let foreign = counter.give_back_chat(&other, &chat, later(2)).await;
    assert!(matches!(foreign, Err(AppError::Chat(_))), "{foreign:?}");
    counter.give_back_chat(&agent, &chat, later(3)).await.unwrap();
    let waiting = books::waiting_chats(counter.store(), "rakuten-style", 10).await.unwrap();
    assert_eq!(waiting.first().map(|chat| chat.chat_id.as_str()), Some(chat.as_str()));
    be_there(counter, "staff:mori", &["desk"], later(4)).await;
    let taken = counter.take_next_chat(&other, "rakuten-style", later(4)).await.unwrap().unwrap();
    assert_eq!(taken.chat_id, chat);
    let late = counter.take_chat(&agent, &chat, later(5)).await;
    assert!(matches!(late, Err(AppError::Chat(ChatRefusal::Taken))), "{late:?}");
}

async fn who_takes_nothing_new_or_has_enough_is_given_no_chat(bench: Bench) {
    let (counter, agent) = (&bench.counter, staff("sato", Role::Agent));
    let case = opened(&bench, None).await.case_id;
    let chat = counter.start_chat(&caller(), &case, noon()).await.unwrap().chat_id;
    let says = |ready, chats_max| AtTheDesk {
        market: "rakuten-style".to_owned(),
        agent: agent.by(),
        queues: vec!["desk".to_owned()],
        ready,
        calls: true,
        chats_max,
    };
    let absent = counter.take_next_chat(&agent, "rakuten-style", noon()).await;
    assert_eq!(absent, Err(AppError::Chat(ChatRefusal::NotAtTheDesk)));
    counter.be_at_the_desk(says(false, 1), noon()).await.unwrap();
    let away = counter.take_next_chat(&agent, "rakuten-style", later(1)).await;
    assert_eq!(away, Err(AppError::Chat(ChatRefusal::AgentBusy)));
    counter.be_at_the_desk(says(true, 1), later(2)).await.unwrap();
    let taken = counter.take_next_chat(&agent, "rakuten-style", later(3)).await.unwrap().unwrap();
    assert_eq!(taken.chat_id, chat);
    let more = counter.take_next_chat(&agent, "rakuten-style", later(4)).await;
    assert_eq!(more, Err(AppError::Chat(ChatRefusal::Enough { most: 1 })));
    counter.end_chat(&agent, &chat, later(5)).await.unwrap();
    assert_eq!(counter.take_next_chat(&agent, "rakuten-style", later(6)).await, Ok(None));
    let lapsed = counter.take_next_chat(&agent, "rakuten-style", later(100)).await;
    assert_eq!(lapsed, Err(AppError::Chat(ChatRefusal::NotAtTheDesk)));
}

/// Runs something until it has been polled so often, and drops it then, as a crash does; true where it was done before.
async fn dies_after<F: Future>(polls: usize, work: F) -> bool {
    let (mut work, mut left) = (pin!(work), polls);
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        work.as_mut().poll(context).map(|_| true)
    })
    .await
}

async fn a_crash_anywhere_in_an_action_does_it_once_and_tells_the_case(bench: Bench) {
    let (counter, lead) = (&bench.counter, staff("mori", Role::Specialist));
    let case = opened(&bench, None).await.case_id;
    let act = CaseAction::GiveGoodwill {
        program: "rakuten".to_owned(),
        kind: Some(LotKind::Ordinary),
        points: Points::new(100),
        expires_at: None,
    };
    let mut given = 0;
    for polls in 1.. {
        let key = bench.key("act", &case);
        let act_once = || counter.act_on_case(&lead, &case, act.clone(), "お詫び", key.clone(), later(1));
        let done = dies_after(polls, act_once()).await;
        // The worker of another process, and whoever asked and heard nothing.
        let other = bench.another(u64::try_from(polls).unwrap() + 10).await;
        other.tend_cases(later(120), 10).await.unwrap();
        let (action_id, _) = act_once().await.unwrap();
        other.tend_cases(later(240), 10).await.unwrap();
        given += 100;
        let (kept, _) = books::case_of_customer(counter.store(), "hanako", &case).await.unwrap().unwrap();
        assert_eq!(kept.action(&action_id).unwrap().state.code(), "done", "after {polls} polls");
        let balances = counter.balances_now(&hanako(), later(300)).await.unwrap();
        let has: i64 = balances.iter().map(|balance| balance.available.units()).sum();
        assert_eq!(has, given, "after {polls} polls");
        if done {
            break;
        }
    }
    assert!(given > 300, "it died nowhere");
    books_are_fine(&bench).await;
}
