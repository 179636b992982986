//! Cases and chats through the use cases, on both databases.

use std::collections::BTreeMap;

use choba_app::{
    AppError, Attach, Caller, CaseAction, CustomerWord, DeskReply, Key, MailOutcome, OpenCase, OpenedCase,
    Role, Route,
};
use choba_care::case::{CaseRefusal, Channel, EscalationKind, PublicLine, fold, verify_chain};
use choba_care::chat::{ChatRefusal, LineKind};
use choba_engine::money::{Money, Points};
use choba_outside::mail_in::{InboundMail, read_mail};
use choba_store::books::{self, DeskQuery};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::on_both;
use crate::support::{Bench, be_there, books_are_fine, hanako, noon, rakuten};

on_both!(
    a_case_of_the_same_question_and_order_goes_on,
    a_case_is_opened_with_what_the_customer_would_have_to_look_up,
    nobody_reaches_another_customers_case_or_chat,
    the_second_of_two_replies_is_refused_with_the_text_of_the_first,
    a_merged_case_passes_on_what_is_said_and_customers_are_never_merged,
    a_closed_case_is_followed_up_once_however_often_the_word_is_sent,
    what_is_kept_is_the_fold_of_a_chain_and_nothing_sensitive_is_kept,
    a_refund_above_ones_right_waits_for_a_second_person_and_is_made_once,
    whether_an_action_takes_a_second_person_is_told_before_it_is_asked_for,
    a_customer_says_that_it_is_solved_and_can_take_it_back,
    a_line_of_a_chat_is_said_once_and_an_agent_who_vanishes_gives_the_front_back,
    a_mail_is_the_customers_only_from_their_own_mailbox,
    a_template_speaks_the_customers_language_with_figures_from_the_books,
    a_picture_is_kept_redrawn_and_given_back,
);

fn caller() -> Caller {
    Caller::customer("hanako")
}

fn staff(name: &str, role: Role) -> Caller {
    Caller::Staff { staff_id: name.to_owned(), role }
}

fn agent() -> Caller {
    staff("sato", Role::Agent)
}

fn later(seconds: i64) -> Timestamp {
    noon() + SignedDuration::from_secs(seconds)
}

fn about(order_id: Option<&str>, text: &str) -> OpenCase {
    OpenCase {
        topic: "parcel".to_owned(),
        question: "parcel-other".to_owned(),
        order_id: order_id.map(str::to_owned),
        text: Some(text.to_owned()),
        language: "ja".to_owned(),
        channel: Channel::Form,
        evidence: json!({}),
    }
}

async fn opened(bench: &Bench, order_id: Option<&str>, text: &str) -> OpenedCase {
    let key = bench.key("open_case", "hanako");
    bench.counter.open_case(&caller(), &hanako(), about(order_id, text), key, noon()).await.unwrap()
}

fn word(text: &str) -> CustomerWord {
    CustomerWord { text: text.to_owned(), channel: Channel::Form, attachments: Vec::new() }
}

fn reply(version: u32, text: &str) -> DeskReply {
    DeskReply {
        version,
        text: text.to_owned(),
        template: None,
        attachments: Vec::new(),
        asks_customer: false,
    }
}

async fn a_case_of_the_same_question_and_order_goes_on(bench: Bench) {
    let first = opened(&bench, None, "届きません").await;
    let second = opened(&bench, None, "まだ届きません").await;
    assert_eq!((&first.case_id, first.resumed, second.resumed), (&second.case_id, false, true));
    let seen = bench.counter.customer_case(&caller(), &first.case_id).await.unwrap();
    assert_eq!(seen.lines.len(), 2);
}

async fn a_case_is_opened_with_what_the_customer_would_have_to_look_up(bench: Bench) {
    let order = bench.place(&hanako(), &rakuten().line("A@shop-a", 2000, 1).by("card"), noon()).await;
    let case = opened(&bench, Some(&order.order_id), "届きません").await;
    let seen = bench.counter.desk_case(&agent(), &case.case_id, later(10)).await.unwrap();
    assert_eq!(seen.facts["order"]["number"], json!(order.number));
    assert!(seen.order.is_some() && seen.timeline.len() == 2);
    let foreign = about(Some("ord_nobodys"), "x");
    let key = bench.key("open_case", "hanako");
    let refused = bench.counter.open_case(&caller(), &hanako(), foreign, key, noon()).await.unwrap_err();
    assert!(matches!(refused, AppError::NotFound { what: "order", .. }));
}

async fn nobody_reaches_another_customers_case_or_chat(bench: Bench) {
    let case = opened(&bench, None, "秘密").await.case_id;
    let chat = bench.counter.start_chat(&caller(), &case, noon()).await.unwrap().chat_id;
    let (counter, jiro) = (&bench.counter, Caller::customer("jiro"));
    let key = || bench.key("x", "jiro");
    let picture = Attach { name: "x.png".to_owned(), bytes: vec![1] };
    let refusals = [
        counter.customer_case(&jiro, &case).await.map(drop),
        counter.customer_cases(&jiro, &hanako(), None, 10).await.map(drop),
        counter.say_in_case(&jiro, &case, word("x"), key(), noon()).await.map(drop),
        counter.reopen_case(&jiro, &case, noon()).await.map(drop),
        counter.attach_to_case(&jiro, &case, picture, key(), noon()).await.map(drop),
        counter.case_attachment(&jiro, &case, "att_x").await.map(drop),
        counter.start_chat(&jiro, &case, noon()).await.map(drop),
        counter.chat(&jiro, &chat, 0, noon()).await.map(drop),
        counter.watch_chat(&jiro, &chat).await.map(drop),
        counter.say_in_chat(&jiro, &chat, "c1", "x", noon()).await.map(drop),
        counter.seen_in_chat(&jiro, &chat, noon()).await.map(drop),
        counter.typing_in_chat(&jiro, &chat, noon()).await.map(drop),
        counter.end_chat(&jiro, &chat, noon()).await.map(drop),
        counter.chat_transcript(&jiro, &chat).await.map(drop),
    ];
    for (place, refusal) in refusals.into_iter().enumerate() {
        assert!(matches!(refusal, Err(AppError::NotFound { .. })), "{place}: {refusal:?}");
    }
    let desk = [
        counter.desk_case(&caller(), &case, noon()).await.map(drop),
        counter.reply_in_case(&caller(), &case, reply(2, "x"), key(), noon()).await.map(drop),
        counter.route_case(&caller(), &case, Route::Take, noon()).await.map(drop),
        counter.take_chat(&caller(), &chat, noon()).await.map(drop),
        counter.reveal_parcels(&caller(), &case, "x", noon()).await.map(drop),
        counter.reveal_parcels(&staff("a", Role::Auditor), &case, "x", noon()).await.map(drop),
    ];
    for (place, refusal) in desk.into_iter().enumerate() {
        assert!(matches!(refusal, Err(AppError::NotAllowed { .. })), "{place}: {refusal:?}");
    }
}

async fn the_second_of_two_replies_is_refused_with_the_text_of_the_first(bench: Bench) {
    let case = opened(&bench, None, "届きません").await;
    let (counter, id) = (&bench.counter, case.case_id.as_str());
    let key = bench.key("reply", id);
    let sent = counter
        .reply_in_case(&agent(), id, reply(case.version, "本日届きます。"), key.clone(), later(1))
        .await;
    // Sent again by a page that was reloaded: nothing is sent twice.
    let again =
        counter.reply_in_case(&agent(), id, reply(case.version, "本日届きます。"), key, later(2)).await;
    assert_eq!(sent, again);
    let other = bench.key("reply", id);
    let refused = counter
        .reply_in_case(&staff("mori", Role::Agent), id, reply(case.version, "明日です。"), other, later(3))
        .await;
    let Err(AppError::Case(CaseRefusal::Moved { said, .. })) = refused else { panic!("{refused:?}") };
    assert_eq!(said[0].text, "本日届きます。");
    let public = serde_json::to_string(&counter.customer_case(&caller(), id).await.unwrap()).unwrap();
    assert!(!public.contains("sato"), "{public}");
}

async fn a_merged_case_passes_on_what_is_said_and_customers_are_never_merged(bench: Bench) {
    let order = bench.place(&hanako(), &rakuten().line("A@shop-a", 2000, 1).by("card"), noon()).await;
    let (one, other) = (opened(&bench, None, "a").await, opened(&bench, Some(&order.order_id), "b").await);
    let counter = &bench.counter;
    let (source, target) = (one.case_id.as_str(), other.case_id.as_str());
    let key = bench.key("merge", source);
    counter.merge_cases(&agent(), (source, target), "同じ", key, later(1)).await.unwrap();
    let said =
        counter.say_in_case(&caller(), source, word("もしもし"), bench.key("say", source), later(2)).await;
    assert_eq!(said.unwrap().case_id, target);
    let merged_here = || async { counter.desk_case(&agent(), target, later(3)).await.unwrap().merged_here };
    let here: Vec<String> = merged_here().await.into_iter().map(|link| link.case_id).collect();
    assert_eq!(here, [source]);
    counter.undo_merge(&agent(), (source, target), later(3)).await.unwrap();
    assert_eq!(merged_here().await, []);
    let said = counter.say_in_case(&caller(), source, word("はい"), bench.key("say", source), later(4)).await;
    assert_eq!(said.unwrap().case_id, source);
    let jiro = choba_app::Whose::new("jiro", "rakuten-style");
    let key = bench.key("open_case", "jiro");
    let foreign =
        counter.open_case(&Caller::customer("jiro"), &jiro, about(None, "c"), key, noon()).await.unwrap();
    let key = bench.key("merge", source);
    let refused = counter.merge_cases(&agent(), (source, &foreign.case_id), "同じ", key, later(5)).await;
    assert!(matches!(refused, Err(AppError::NotFound { .. })));
}

async fn a_closed_case_is_followed_up_once_however_often_the_word_is_sent(bench: Bench) {
    let case = opened(&bench, None, "届きません").await;
    let (counter, id) = (&bench.counter, case.case_id.as_str());
    counter.route_case(&agent(), id, Route::Take, later(1)).await.unwrap();
    let key = bench.key("solve", id);
    counter.solve_case(&agent(), id, ("arrived", "届きました。"), key, later(2)).await.unwrap();
    let late = later(3 + 7 * 86_400);
    assert_eq!(counter.tend_cases(late, 10).await.unwrap().cases, 1);
    assert_eq!(counter.customer_case(&caller(), id).await.unwrap().state, "closed");
    let key = bench.key("say", id);
    let first = counter.say_in_case(&caller(), id, word("違う荷物でした"), key.clone(), late).await.unwrap();
    let again = counter.say_in_case(&caller(), id, word("違う荷物でした"), key, late).await.unwrap();
    assert_eq!((first.case_id == case.case_id, &first.case_id), (false, &again.case_id));
    let next = counter.customer_case(&caller(), &first.case_id).await.unwrap();
    assert_eq!((next.lines.len(), next.follow_up_of.unwrap().case_id), (1, case.case_id.clone()));
    let old = counter.customer_case(&caller(), id).await.unwrap();
    assert_eq!(old.continues_as.unwrap().case_id, first.case_id);
}

async fn what_is_kept_is_the_fold_of_a_chain_and_nothing_sensitive_is_kept(bench: Bench) {
    let typed =
        "カード 4111-1111-1111-1111 認証番号 123456 <script>alert(1)</script> {{7*7}}\r\nBcc: x@y.example";
    let case = opened(&bench, None, typed).await;
    let (counter, id) = (&bench.counter, case.case_id.as_str());
    let up = Route::Escalate {
        kind: EscalationKind::Hierarchical,
        queue: "leads".to_owned(),
        skill: None,
        reason: "約束".to_owned(),
    };
    for route in [Route::Take, up] {
        counter.route_case(&agent(), id, route, later(1)).await.unwrap();
    }
    let (case, events) = books::case_of_customer(counter.store(), "hanako", id).await.unwrap().unwrap();
    assert_eq!(verify_chain(id, &events), Ok(()));
    assert_eq!(fold(id, &events).unwrap(), case);
    let row = books::case_row(counter.store(), "hanako", id).await.unwrap().unwrap();
    assert_eq!(
        (row.state.as_str(), row.queue.as_str(), row.priority, row.owner.as_str()),
        ("open", "leads", 2, "sato")
    );
    assert_eq!((row.version, &row.last_hash), (i64::from(case.version), &case.last_hash));
    let said = "カード ****1111 認証番号 ****** <script>alert(1)</script> {{7*7}}\r\nBcc: x@y.example";
    assert_eq!(case.said[0].text, said);
}

async fn a_refund_above_ones_right_waits_for_a_second_person_and_is_made_once(bench: Bench) {
    let order = bench.place(&hanako(), &rakuten().line("A@shop-a", 2000, 1).by("card"), noon()).await;
    let counter = &bench.counter;
    let id = opened(&bench, Some(&order.order_id), "やめます").await.case_id;
    let cancel = CaseAction::CancelOrder { parts: None };
    let key = bench.key("act", &id);
    let (action_id, _) =
        counter.act_on_case(&agent(), &id, cancel.clone(), "要望", key.clone(), later(1)).await.unwrap();
    let (again, _) = counter.act_on_case(&agent(), &id, cancel, "要望", key, later(2)).await.unwrap();
    assert_eq!(action_id, again);
    let kept = bench.order(&hanako(), &order.order_id).await;
    assert_eq!((kept.order.refunds.len(), kept.order.cancelled_at.is_some()), (1, true));
    // An agent has no right to refund alone: it waits, and whoever asked cannot agree.
    let refund = CaseAction::Refund { line_id: "1".to_owned(), amount: Money::new(100) };
    let (action_id, _) =
        counter.act_on_case(&agent(), &id, refund, "破損", bench.key("act", &id), later(3)).await.unwrap();
    let waiting = DeskQuery { waiting: true, ..DeskQuery::default() };
    let lists = async || {
        let listed = counter.desk_cases(&agent(), "rakuten-style", &waiting, 10).await.unwrap();
        listed.into_iter().map(|listed| (listed.case.case_id, listed.waiting_actions)).collect::<Vec<_>>()
    };
    assert_eq!(lists().await, [(id.clone(), 1)]);
    // Nobody solves a case while something waits to be decided, its customer neither.
    let solved = counter.customer_solves_case(&caller(), &id, later(4)).await;
    assert!(matches!(solved, Err(AppError::Case(CaseRefusal::NotNow { .. }))), "{solved:?}");
    let own = counter.decide_case_action(&agent(), (&id, &action_id), true, later(4)).await;
    assert!(matches!(own, Err(AppError::NotAllowed { .. })), "{own:?}");
    let lead = staff("mori", Role::Specialist);
    counter.decide_case_action(&lead, (&id, &action_id), true, later(5)).await.unwrap();
    let (case, _) = books::case_of_customer(counter.store(), "hanako", &id).await.unwrap().unwrap();
    // All of it went back before: the refusal of the order stands on the case.
    assert_eq!(case.action(&action_id).unwrap().state.code(), "refused");
    assert_eq!(lists().await, []);
    // Goodwill above the limit, by somebody who may give it.
    let give = CaseAction::GiveGoodwill {
        program: "rakuten".to_owned(),
        kind: Some(choba_engine::market::LotKind::Ordinary),
        points: Points::new(20_000),
        expires_at: None,
    };
    let (action_id, _) =
        counter.act_on_case(&lead, &id, give, "お詫び", bench.key("act", &id), later(6)).await.unwrap();
    let same = counter.decide_case_action(&lead, (&id, &action_id), true, later(7)).await;
    assert!(matches!(same, Err(AppError::Case(CaseRefusal::SamePerson))), "{same:?}");
    let second = staff("abe", Role::Specialist);
    counter.decide_case_action(&second, (&id, &action_id), true, later(8)).await.unwrap();
    let balances = counter.balances_now(&hanako(), later(9)).await.unwrap();
    assert_eq!(balances.iter().map(|balance| balance.available.units()).sum::<i64>(), 20_000);
}

async fn whether_an_action_takes_a_second_person_is_told_before_it_is_asked_for(bench: Bench) {
    let (agent, lead) = (agent(), staff("mori", Role::Specialist));
    let second = |who: &Caller, act: &CaseAction| {
        bench.counter.case_action_needs_second_person(who, "rakuten-style", act)
    };
    let give = |program: &str, points| CaseAction::GiveGoodwill {
        program: program.to_owned(),
        kind: None,
        points: Points::new(points),
        expires_at: None,
    };
    let refund = |yen| CaseAction::Refund { line_id: "1".to_owned(), amount: Money::new(yen) };
    let cancel = CaseAction::CancelOrder { parts: None };
    assert_eq!(second(&agent, &cancel), Ok(false));
    // An agent has no right to refund, a specialist has; both give goodwill up to the limit of the market.
    let limit = bench
        .counter
        .markets()
        .get("rakuten-style")
        .unwrap()
        .policies
        .adjustments
        .second_person_above
        .units();
    let asked =
        [refund(1), refund(limit), refund(limit + 1), give("rakuten", limit), give("rakuten", limit + 1)];
    let of_agent = asked.each_ref().map(|act| second(&agent, act).unwrap());
    assert_eq!(of_agent, [true, true, true, false, true]);
    let of_lead = asked.each_ref().map(|act| second(&lead, act).unwrap());
    assert_eq!(of_lead, [false, false, true, false, true]);
    let unknown = second(&lead, &give("nothing", 1));
    assert!(matches!(unknown, Err(AppError::Field { .. })), "{unknown:?}");
    assert!(matches!(
        bench.counter.case_action_needs_second_person(&lead, "nowhere", &refund(1)),
        Err(AppError::UnknownMarket { .. })
    ));
}

async fn a_customer_says_that_it_is_solved_and_can_take_it_back(bench: Bench) {
    let counter = &bench.counter;
    let id = opened(&bench, None, "届きません").await.case_id;
    let solves = |who: Caller, at| {
        let id = id.clone();
        async move { counter.customer_solves_case(&who, &id, at).await }
    };
    let other = solves(Caller::customer("ichiro"), later(1)).await;
    assert!(matches!(other, Err(AppError::NotFound { .. })), "{other:?}");
    let desk = solves(agent(), later(1)).await;
    assert!(matches!(desk, Err(AppError::NotAllowed { .. })), "{desk:?}");
    for _ in 0..2 {
        assert_eq!(solves(caller(), later(2)).await.unwrap().state, "solved");
    }
    let seen = counter.customer_case(&caller(), &id).await.unwrap();
    let solved = seen
        .lines
        .iter()
        .filter(|line| matches!(line, PublicLine::Solved { summary, .. } if summary.is_empty()));
    assert_eq!((seen.state, seen.summary.as_deref(), solved.count()), ("solved", Some(""), 1));
    let (case, _) = books::case_of_customer(counter.store(), "hanako", &id).await.unwrap().unwrap();
    assert!(!case.results.is_empty() && case.unanswered_since.is_none());
    assert_eq!(counter.reopen_case(&caller(), &id, later(3)).await.unwrap().state, "open");
    // Over for ever, it is not solved once more.
    solves(caller(), later(4)).await.unwrap();
    let after = later(4) + SignedDuration::from_hours(7 * 24);
    counter.tend_cases(after, 10).await.unwrap();
    assert_eq!(solves(caller(), after).await, Err(AppError::Case(CaseRefusal::Closed)));
    books_are_fine(&bench).await;
}

async fn a_line_of_a_chat_is_said_once_and_an_agent_who_vanishes_gives_the_front_back(bench: Bench) {
    let counter = &bench.counter;
    let id = opened(&bench, None, "x").await.case_id;
    let chat = counter.start_chat(&caller(), &id, noon()).await.unwrap();
    assert_eq!(counter.start_chat(&caller(), &id, later(1)).await.unwrap().chat_id, chat.chat_id);
    let chat = chat.chat_id.as_str();
    let first = counter.say_in_chat(&caller(), chat, "c1", "123456 です", later(2)).await.unwrap();
    let again = counter.say_in_chat(&caller(), chat, "c1", "123456 です", later(3)).await.unwrap();
    assert_eq!((first.seq, again.seq, first.repeated, again.repeated), (1, 1, false, true));
    be_there(counter, "staff:sato", &["desk"], later(4)).await;
    let taken = counter.take_next_chat(&agent(), "rakuten-style", later(4)).await.unwrap().unwrap();
    assert_eq!(taken.chat_id, chat);
    let own = counter.own_chats(&agent(), "rakuten-style").await.unwrap();
    assert_eq!(own.iter().map(|chat| chat.chat_id.as_str()).collect::<Vec<_>>(), [chat]);
    assert!(counter.own_chats(&staff("mori", Role::Agent), "rakuten-style").await.unwrap().is_empty());
    assert!(counter.own_chats(&agent(), "amazon-style").await.unwrap().is_empty());
    let late = counter.take_chat(&staff("mori", Role::Agent), chat, later(5)).await;
    assert!(matches!(late, Err(AppError::Chat(ChatRefusal::Taken))));
    assert_eq!(counter.tend_cases(later(100), 10).await.unwrap().chats, 1);
    let seen = counter.chat(&caller(), chat, 0, later(100)).await.unwrap();
    assert_eq!((seen.state, seen.place.unwrap().ahead), ("queued", 0));
    let LineKind::Text { text } = &seen.lines[0].kind else { panic!("{:?}", seen.lines) };
    assert_eq!(text, "****** です");
    counter.end_chat(&caller(), chat, later(101)).await.unwrap();
    let after = counter.say_in_chat(&caller(), chat, "c2", "もしもし", later(102)).await;
    assert!(matches!(after, Err(AppError::Chat(ChatRefusal::Ended))));
    let (transcript, as_frozen) = counter.chat_transcript(&caller(), chat).await.unwrap();
    assert!(as_frozen && transcript.lines.len() == 4, "{transcript:?}");
}

async fn a_mail_is_the_customers_only_from_their_own_mailbox(bench: Bench) {
    let counter = &bench.counter;
    let id = opened(&bench, None, "x").await.case_id;
    let address = counter.reply_address(&id, "Hanako@mail.example", "care.shop.example").unwrap();
    assert!(address.as_str().split_once('@').unwrap().0.len() <= 64);
    let mail = |from: &str, to: &str, result: &str| -> InboundMail {
        let domain = from.rsplit_once('@').unwrap().1;
        let raw = format!(
            "Authentication-Results: mx.shop.example; dmarc={result} header.from={domain}\r\nFrom: {from}\r\nTo: {to}\r\n\r\n届いていません\r\n"
        );
        read_mail(raw.as_bytes(), "mx.shop.example").unwrap()
    };
    let own = mail("hanako@mail.example", address.as_str(), "pass");
    for at in [1, 2] {
        let said = counter.receive_mail(&own, later(at)).await.unwrap();
        assert_eq!(said, MailOutcome::Said { case_id: id.clone() });
    }
    let waits = MailOutcome::Unverified { case_id: id.clone() };
    for (from, result) in [("hanako@mail.example", "fail"), ("jiro@mail.example", "pass")] {
        assert_eq!(
            counter.receive_mail(&mail(from, address.as_str(), result), later(3)).await.unwrap(),
            waits
        );
    }
    let forged = address.as_str().replace(&id[4..8], "0000");
    let taken = counter.receive_mail(&mail("hanako@mail.example", &forged, "pass"), later(4)).await.unwrap();
    assert_eq!(taken, MailOutcome::NotTaken);
    let (case, _) = books::case_of_customer(counter.store(), "hanako", &id).await.unwrap().unwrap();
    assert_eq!((case.said.len(), case.unverified.len()), (2, 2));
}

async fn a_template_speaks_the_customers_language_with_figures_from_the_books(bench: Bench) {
    let order = bench.place(&hanako(), &rakuten().line("A@shop-a", 2000, 1).by("card"), noon()).await;
    let counter = &bench.counter;
    let id = opened(&bench, Some(&order.order_id), "やめます").await.case_id;
    let typed = BTreeMap::from([("last_refund".to_owned(), "100万円".to_owned())]);
    let empty = counter.fill_template(&agent(), &id, "refund_made", &typed, later(1)).await;
    assert!(matches!(empty, Err(AppError::Template(_))), "{empty:?}");
    let cancel = CaseAction::CancelOrder { parts: None };
    counter.act_on_case(&agent(), &id, cancel, "要望", bench.key("act", &id), later(2)).await.unwrap();
    let (text, used) = counter.fill_template(&agent(), &id, "refund_made", &typed, later(3)).await.unwrap();
    assert!(text.contains("2,600") && text.contains(&order.number), "{text}");
    assert_eq!((used.version, used.language.as_str()), (1, "ja"));
}

async fn a_picture_is_kept_redrawn_and_given_back(bench: Bench) {
    let counter = &bench.counter;
    let id = opened(&bench, None, "x").await.case_id;
    let png = data_encoding::BASE64
        .decode(b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
        .unwrap();
    let attach = || Attach { name: "../玄関.jpg".to_owned(), bytes: png.clone() };
    let key = Key::new("picture", "attach", &id, b"").unwrap();
    let kept = counter.attach_to_case(&caller(), &id, attach(), key.clone(), later(1)).await.unwrap();
    assert_eq!(kept, counter.attach_to_case(&caller(), &id, attach(), key, later(2)).await.unwrap());
    let file = counter.case_attachment(&agent(), &id, &kept.attachment_id).await.unwrap();
    assert_eq!((file.name.as_str(), file.media_type.as_str()), ("玄関.png", "image/png"));
    let page = Attach { name: "a.png".to_owned(), bytes: b"<html>".to_vec() };
    let refused = counter.attach_to_case(&caller(), &id, page, bench.key("attach", &id), later(3)).await;
    assert!(matches!(refused, Err(AppError::Attachment(_))));
}
