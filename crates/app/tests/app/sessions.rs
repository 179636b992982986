//! Sessions of browsers: found by a token that is kept nowhere, over in their time, and nobody else's.

use choba_app::{
    ANONYMOUS_SESSIONS, AppError, CART_BYTES_MAX, Caller, HandOver, HandOverCode, HandedOver, Key, Right,
    Role, SESSIONS_MAX, Session, SessionSubject, SessionToken, StartSession,
};
use choba_formats::language::Language;
use choba_store::books::AuditFilter;
use choba_store::sql::{Statement, Type};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::on_both;
use crate::support::{Bench, noon, rakuten, write_row};
use crate::verify_books::sql_text;

on_both!(
    a_token_opens_its_session_and_of_it_only_a_hash_is_kept,
    an_anonymous_session_ends_after_seven_days_however_much_it_is_used,
    a_customers_session_ends_after_thirty_days_or_seven_unused,
    a_session_of_staff_ends_after_twelve_hours_or_one_unused,
    use_is_kept_by_the_minute,
    signing_in_gives_another_token_and_keeps_the_cart,
    a_cart_is_not_carried_to_somebody_else_or_to_another_market,
    an_ended_session_opens_nothing_and_its_cart_is_gone,
    only_own_sessions_are_listed_and_ended,
    staff_end_a_customers_session_with_the_right_for_it_only,
    all_other_sessions_are_ended_at_once,
    the_fifty_first_session_ends_the_one_unused_for_longest,
    an_address_does_not_begin_anonymous_sessions_without_end,
    language_and_market_are_chosen,
    a_cart_is_kept_on_top_of_the_one_that_was_seen_only,
    what_cannot_be_kept_as_a_cart_is_named,
    of_carts_that_are_kept_at_once_one_is_kept,
    a_form_token_fits_its_own_browser_only,
    what_staff_begin_and_end_is_in_the_audit_log,
    a_customer_who_is_handed_over_enters_once,
    of_many_who_enter_at_once_one_does,
    a_hand_over_is_good_for_two_minutes,
    the_same_key_gives_the_same_code,
    nobody_is_handed_over_by_who_may_not,
    a_cart_that_is_handed_over_is_checked_as_a_quote_is,
    what_has_been_over_for_thirty_days_is_forgotten,
);

const HOME: &str = "192.0.2.1";

fn hanako() -> SessionSubject {
    SessionSubject::customer("hanako")
}

fn sato() -> SessionSubject {
    SessionSubject::Staff { staff_id: "sato".to_owned(), role: Role::Agent }
}

fn shop() -> Caller {
    Caller::Machine { key_id: "key_1".to_owned(), rights: vec![Right::OrdersWrite] }
}

fn start(subject: SessionSubject) -> StartSession {
    StartSession {
        subject,
        market: "rakuten-style".to_owned(),
        language: Language::Ja,
        device: "Chrome, Windows".to_owned(),
        address: HOME.to_owned(),
    }
}

fn minutes(count: i64) -> Timestamp {
    noon() + SignedDuration::from_mins(count)
}

fn hours(count: i64) -> Timestamp {
    minutes(count * 60)
}

fn days(count: i64) -> Timestamp {
    hours(count * 24)
}

fn just_before(at: Timestamp) -> Timestamp {
    at - SignedDuration::from_millis(1)
}

async fn started(bench: &Bench, subject: SessionSubject, at: Timestamp) -> (SessionToken, Session) {
    bench.counter.start_session(start(subject), at).await.unwrap()
}

async fn seen(bench: &Bench, token: &SessionToken, at: Timestamp) -> Option<Session> {
    bench.counter.session_of(token, at).await.unwrap()
}

async fn ids(bench: &Bench, caller: &Caller, at: Timestamp) -> Vec<String> {
    let sessions = bench.counter.list_sessions(caller, None, at).await.unwrap();
    sessions.into_iter().map(|session| session.session_id).collect()
}

fn is_gone<T: std::fmt::Debug>(answer: Result<T, AppError>) {
    assert!(matches!(answer, Err(AppError::NotFound { .. })), "{answer:?}");
}

async fn a_token_opens_its_session_and_of_it_only_a_hash_is_kept(bench: Bench) {
    let (token, session) = started(&bench, hanako(), noon()).await;
    assert_eq!(session.caller(), Some(Caller::customer("hanako")));
    assert_eq!((session.device.as_str(), session.language), ("Chrome, Windows", Language::Ja));
    let sent = SessionToken::read(token.reveal()).unwrap();
    assert_eq!(seen(&bench, &sent, noon()).await, Some(session.clone()));
    let elsewhere = bench.another(9).await.session_of(&sent, noon()).await.unwrap();
    assert_eq!(elsewhere, Some(session), "another process knows it too");
    let (other, _) = started(&bench, SessionSubject::Anonymous, noon()).await;
    assert_eq!(seen(&bench, &other, noon()).await.unwrap().caller(), None);
    assert_eq!(seen(&bench, &bench.counter.draw_session_token(), noon()).await, None);
    let kept = sql_text(&bench.database, "sessions");
    assert!(kept.contains("hanako") && !kept.contains(&token.reveal()[..12]), "{kept}");
    let long = StartSession { device: format!("\u{7}{}", "長".repeat(200)), ..start(hanako()) };
    let (_, session) = bench.counter.start_session(long, noon()).await.unwrap();
    assert_eq!(session.device, "長".repeat(80));
}

async fn an_anonymous_session_ends_after_seven_days_however_much_it_is_used(bench: Bench) {
    let (token, _) = started(&bench, SessionSubject::Anonymous, noon()).await;
    for day in 1..7 {
        assert!(seen(&bench, &token, days(day)).await.is_some());
    }
    assert!(seen(&bench, &token, just_before(days(7))).await.is_some());
    assert_eq!(seen(&bench, &token, days(7)).await, None);
}

async fn a_customers_session_ends_after_thirty_days_or_seven_unused(bench: Bench) {
    let (unused, _) = started(&bench, hanako(), noon()).await;
    let (used, _) = started(&bench, hanako(), noon()).await;
    for day in [6, 12, 18, 24] {
        assert!(seen(&bench, &used, days(day)).await.is_some());
    }
    assert!(seen(&bench, &unused, just_before(days(7))).await.is_some());
    let (unused, _) = started(&bench, hanako(), noon()).await;
    assert_eq!(seen(&bench, &unused, days(7)).await, None);
    assert!(seen(&bench, &used, just_before(days(30))).await.is_some());
    assert_eq!(seen(&bench, &used, days(30)).await, None);
}

async fn a_session_of_staff_ends_after_twelve_hours_or_one_unused(bench: Bench) {
    let (unused, _) = started(&bench, sato(), noon()).await;
    assert_eq!(seen(&bench, &unused, hours(1)).await, None);
    let (used, session) = started(&bench, sato(), noon()).await;
    let caller = Caller::Staff { staff_id: "sato".to_owned(), role: Role::Agent };
    assert_eq!(session.caller(), Some(caller));
    for half in 1..24 {
        assert!(seen(&bench, &used, minutes(half * 30)).await.is_some());
    }
    assert_eq!(seen(&bench, &used, hours(12)).await, None);
}

async fn use_is_kept_by_the_minute(bench: Bench) {
    let (token, _) = started(&bench, hanako(), noon()).await;
    let used = |seconds| noon() + SignedDuration::from_secs(seconds);
    assert_eq!(seen(&bench, &token, used(59)).await.unwrap().seen_at, noon());
    let after = seen(&bench, &token, used(60)).await.unwrap();
    assert_eq!((after.seen_at, after.ends_at), (used(60), days(7) + SignedDuration::from_mins(1)));
    assert_eq!(seen(&bench, &token, used(61)).await, Some(after.clone()));
    assert_eq!(seen(&bench, &token, noon()).await, Some(after), "a clock that went back");
}

async fn signing_in_gives_another_token_and_keeps_the_cart(bench: Bench) {
    let (before, _) = started(&bench, SessionSubject::Anonymous, noon()).await;
    bench.counter.keep_cart(&before, 0, Some(r#"{"lines":[]}"#), noon()).await.unwrap();
    let (after, session) = bench.counter.sign_in_session(&before, start(hanako()), noon()).await.unwrap();
    assert_ne!(before, after);
    assert_eq!(seen(&bench, &before, noon()).await, None, "who knew the old token has nothing");
    assert_eq!(session.caller(), Some(Caller::customer("hanako")));
    assert_eq!((session.cart.as_deref(), session.cart_version), (Some(r#"{"lines":[]}"#), 1));
    assert_eq!(seen(&bench, &after, noon()).await, Some(session));
    let unknown = bench.counter.draw_session_token();
    let (_, session) = bench.counter.sign_in_session(&unknown, start(hanako()), noon()).await.unwrap();
    assert_eq!(session.cart, None);
}

async fn a_cart_is_not_carried_to_somebody_else_or_to_another_market(bench: Bench) {
    let cart = Some(r#"{"lines":[]}"#);
    let (before, _) = started(&bench, hanako(), noon()).await;
    bench.counter.keep_cart(&before, 0, cart, noon()).await.unwrap();
    let (again, session) = bench.counter.sign_in_session(&before, start(hanako()), noon()).await.unwrap();
    assert_eq!(session.cart.as_deref(), cart, "the same customer keeps it");
    let taro = start(SessionSubject::customer("taro"));
    let (_, session) = bench.counter.sign_in_session(&again, taro, noon()).await.unwrap();
    assert_eq!((session.cart, session.cart_version), (None, 0));
    assert_eq!(seen(&bench, &again, noon()).await, None);
    let (before, _) = started(&bench, SessionSubject::Anonymous, noon()).await;
    bench.counter.keep_cart(&before, 0, cart, noon()).await.unwrap();
    let elsewhere = StartSession { market: "amazon-style".to_owned(), ..start(hanako()) };
    let (_, session) = bench.counter.sign_in_session(&before, elsewhere, noon()).await.unwrap();
    assert_eq!(session.cart, None);
}

async fn an_ended_session_opens_nothing_and_its_cart_is_gone(bench: Bench) {
    let (token, _) = started(&bench, hanako(), noon()).await;
    bench.counter.keep_cart(&token, 0, Some(r#"{"note":"a surprise"}"#), noon()).await.unwrap();
    for _ in 0..2 {
        bench.counter.end_session(&token, noon()).await.unwrap();
    }
    bench.counter.end_session(&bench.counter.draw_session_token(), noon()).await.unwrap();
    assert_eq!(seen(&bench, &token, noon()).await, None);
    assert!(!sql_text(&bench.database, "sessions").contains("surprise"));
    is_gone(bench.counter.keep_cart(&token, 1, None, noon()).await);
    is_gone(bench.counter.choose_language(&token, Language::En, noon()).await);
    is_gone(bench.counter.choose_market(&token, "amazon-style", noon()).await);
    is_gone(bench.counter.end_other_sessions(&token, noon()).await);
}

async fn only_own_sessions_are_listed_and_ended(bench: Bench) {
    let (token, first) = started(&bench, hanako(), noon()).await;
    let (_, second) = started(&bench, hanako(), minutes(1)).await;
    let (_, over) = started(&bench, hanako(), noon()).await;
    let (hanako, taro) = (Caller::customer("hanako"), Caller::customer("taro"));
    bench.counter.end_session_by_id(&hanako, &over.session_id, noon()).await.unwrap();
    bench.counter.end_session_by_id(&hanako, &over.session_id, noon()).await.unwrap();
    let (_, taros) = started(&bench, SessionSubject::customer("taro"), noon()).await;
    let (_, satos) = started(&bench, sato(), noon()).await;
    let own = [second.session_id.clone(), first.session_id.clone()];
    assert_eq!(ids(&bench, &hanako, minutes(1)).await, own, "the last used first");
    is_gone(bench.counter.list_sessions(&taro, Some("hanako"), noon()).await);
    for foreign in [&taros, &satos] {
        is_gone(bench.counter.end_session_by_id(&hanako, &foreign.session_id, noon()).await);
    }
    is_gone(bench.counter.end_session_by_id(&hanako, "ses_0", noon()).await);
    assert_eq!(ids(&bench, &taro, noon()).await, [taros.session_id]);
    bench.counter.end_session_by_id(&hanako, &first.session_id, noon()).await.unwrap();
    assert_eq!(seen(&bench, &token, noon()).await, None);
    assert_eq!(ids(&bench, &hanako, noon()).await, std::slice::from_ref(&second.session_id));
    assert!(ids(&bench, &hanako, days(8)).await.is_empty(), "what has ended by itself is not open");
}

async fn staff_end_a_customers_session_with_the_right_for_it_only(bench: Bench) {
    let (token, session) = started(&bench, hanako(), noon()).await;
    let staff = |role| Caller::Staff { staff_id: "ito".to_owned(), role };
    let listed = bench.counter.list_sessions(&staff(Role::Auditor), Some("hanako"), noon()).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&session));
    for id in [session.session_id.as_str(), "ses_0"] {
        let ended = bench.counter.end_session_by_id(&staff(Role::Auditor), id, noon()).await;
        assert_eq!(ended, Err(AppError::NotAllowed { right: "cases:write" }));
    }
    let listed = bench.counter.list_sessions(&shop(), Some("hanako"), noon()).await;
    assert_eq!(listed, Err(AppError::NotAllowed { right: "cases:read" }));
    bench.counter.end_session_by_id(&staff(Role::Agent), &session.session_id, noon()).await.unwrap();
    assert_eq!(seen(&bench, &token, noon()).await, None);
    let (_, others) = started(&bench, sato(), noon()).await;
    is_gone(bench.counter.end_session_by_id(&staff(Role::Agent), &others.session_id, noon()).await);
}

async fn all_other_sessions_are_ended_at_once(bench: Bench) {
    let (token, own) = started(&bench, hanako(), noon()).await;
    for _ in 0..3 {
        started(&bench, hanako(), noon()).await;
    }
    let (taros, _) = started(&bench, SessionSubject::customer("taro"), noon()).await;
    assert_eq!(bench.counter.end_other_sessions(&token, noon()).await, Ok(3));
    assert_eq!(bench.counter.end_other_sessions(&token, noon()).await, Ok(0));
    assert_eq!(ids(&bench, &Caller::customer("hanako"), noon()).await, [own.session_id]);
    assert!(seen(&bench, &taros, noon()).await.is_some());
    let (nobody, _) = started(&bench, SessionSubject::Anonymous, noon()).await;
    let (other, _) = started(&bench, SessionSubject::Anonymous, noon()).await;
    assert_eq!(bench.counter.end_other_sessions(&nobody, noon()).await, Ok(0));
    assert!(seen(&bench, &other, noon()).await.is_some());
}

async fn the_fifty_first_session_ends_the_one_unused_for_longest(bench: Bench) {
    let mut tokens = Vec::new();
    for _ in 0..SESSIONS_MAX {
        tokens.push(started(&bench, hanako(), noon()).await.0);
    }
    for used in &tokens[1..] {
        seen(&bench, used, minutes(5)).await.unwrap();
    }
    started(&bench, hanako(), minutes(6)).await;
    assert_eq!(seen(&bench, &tokens[0], minutes(6)).await, None);
    assert!(seen(&bench, &tokens[1], minutes(6)).await.is_some());
    let (_, own) = bench.counter.sign_in_session(&tokens[1], start(hanako()), minutes(7)).await.unwrap();
    let open = ids(&bench, &Caller::customer("hanako"), minutes(7)).await;
    assert_eq!((open.len(), &open[0]), (SESSIONS_MAX, &own.session_id), "one took another's place");
}

static FILL: Statement = Statement::new(
    "test: a limit is reached",
    &[("counted", Type::Int)],
    "UPDATE limits SET counted = :counted FROM {rows} WHERE limits.counted = 1",
);

async fn an_address_does_not_begin_anonymous_sessions_without_end(bench: Bench) {
    let (before, _) = started(&bench, SessionSubject::Anonymous, noon()).await;
    write_row(&bench.counter, "@limits", FILL.write(vec![ANONYMOUS_SESSIONS.most.into()])).await;
    let more = bench.counter.start_session(start(SessionSubject::Anonymous), noon()).await;
    assert!(matches!(more, Err(AppError::TooManyTries { .. })), "{more:?}");
    let more = bench.counter.sign_in_session(&before, start(SessionSubject::Anonymous), noon()).await;
    assert!(matches!(more, Err(AppError::TooManyTries { .. })), "{more:?}");
    assert!(seen(&bench, &before, noon()).await.is_some(), "what is there goes on");
    let elsewhere = StartSession { address: "198.51.100.7".to_owned(), ..start(SessionSubject::Anonymous) };
    assert!(bench.counter.start_session(elsewhere, noon()).await.is_ok());
    assert!(
        bench.counter.start_session(start(hanako()), noon()).await.is_ok(),
        "who is known is not counted"
    );
    assert!(bench.counter.start_session(start(SessionSubject::Anonymous), hours(2)).await.is_ok());
    assert!(!sql_text(&bench.database, "sessions").contains(HOME));
}

async fn language_and_market_are_chosen(bench: Bench) {
    let (token, _) = started(&bench, hanako(), noon()).await;
    bench.counter.keep_cart(&token, 0, Some("{}"), noon()).await.unwrap();
    let chosen = bench.counter.choose_language(&token, Language::En, noon()).await.unwrap();
    assert_eq!((chosen.language, chosen.cart.as_deref()), (Language::En, Some("{}")));
    let same = bench.counter.choose_market(&token, "rakuten-style", noon()).await.unwrap();
    assert_eq!(same, chosen);
    let other = bench.counter.choose_market(&token, "amazon-style", noon()).await.unwrap();
    assert_eq!((other.market.as_str(), other.cart.as_deref(), other.cart_version), ("amazon-style", None, 2));
    assert_eq!(seen(&bench, &token, noon()).await, Some(other));
    let unknown = bench.counter.choose_market(&token, "nowhere", noon()).await;
    assert!(matches!(unknown, Err(AppError::UnknownMarket { .. })));
    let nowhere = StartSession { market: "nowhere".to_owned(), ..start(hanako()) };
    let unknown = bench.counter.start_session(nowhere, noon()).await;
    assert!(matches!(unknown, Err(AppError::UnknownMarket { .. })));
}

async fn a_cart_is_kept_on_top_of_the_one_that_was_seen_only(bench: Bench) {
    let (token, session) = started(&bench, hanako(), noon()).await;
    assert_eq!((session.cart.as_deref(), session.cart_version), (None, 0));
    let keep = async |version, cart| bench.counter.keep_cart(&token, version, cart, noon()).await;
    let one = keep(0, Some(r#"{"a":1}"#)).await.unwrap();
    assert_eq!((one.cart.as_deref(), one.cart_version), (Some(r#"{"a":1}"#), 1));
    assert_eq!(keep(0, Some(r#"{"a":2}"#)).await, Err(AppError::Changed));
    assert_eq!(keep(7, Some(r#"{"a":2}"#)).await, Err(AppError::Changed));
    assert_eq!(keep(0, Some(r#"{"a":1}"#)).await, Ok(one), "the same once more");
    assert_eq!(keep(1, None).await.unwrap().cart, None);
    assert_eq!(seen(&bench, &token, noon()).await.unwrap().cart_version, 2);
}

async fn what_cannot_be_kept_as_a_cart_is_named(bench: Bench) {
    let (token, _) = started(&bench, hanako(), noon()).await;
    let of_length = |length: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(length - 8));
    let longer = of_length(CART_BYTES_MAX + 1);
    for cart in ["", "[]", "{", "7", longer.as_str()] {
        let kept = bench.counter.keep_cart(&token, 0, Some(cart), noon()).await;
        assert!(matches!(&kept, Err(AppError::Field { field, .. }) if field == "/cart"), "{kept:?}");
    }
    bench.counter.keep_cart(&token, 0, Some(&of_length(CART_BYTES_MAX)), noon()).await.unwrap();
}

async fn of_carts_that_are_kept_at_once_one_is_kept(bench: Bench) {
    let (token, _) = started(&bench, hanako(), noon()).await;
    let another = bench.another(3).await;
    let keeping = (0..16).map(|number| {
        let (counter, token) =
            (if number % 2 == 0 { &bench.counter } else { &another }.clone(), token.clone());
        tokio::spawn(async move {
            counter.keep_cart(&token, 0, Some(&format!(r#"{{"n":{number}}}"#)), noon()).await
        })
    });
    let mut kept = Vec::new();
    for task in keeping.collect::<Vec<_>>() {
        match task.await.unwrap() {
            Ok(session) => kept.push(session),
            Err(error) => assert_eq!(error, AppError::Changed),
        }
    }
    assert_eq!(kept.len(), 1);
    assert_eq!(seen(&bench, &token, noon()).await.as_ref(), kept.first());
}

async fn a_form_token_fits_its_own_browser_only(bench: Bench) {
    let counter = &bench.counter;
    let (one, _) = started(&bench, hanako(), noon()).await;
    let (other, _) = started(&bench, hanako(), noon()).await;
    let form = counter.form_token(&one).unwrap();
    assert!(counter.form_token_fits(&one, &form));
    assert!(!counter.form_token_fits(&other, &form));
    assert!(!form.contains(one.reveal()) && !sql_text(&bench.database, "sessions").contains(&form));
    for sent in ["", one.reveal(), &form[1..], &format!("{form}A")] {
        assert!(!counter.form_token_fits(&one, sent));
    }
    let nobody = counter.draw_session_token();
    assert!(counter.form_token_fits(&nobody, &counter.form_token(&nobody).unwrap()));
    assert!(!counter.form_token_fits(&nobody, &form));
    let stranger = bench.with_secrets(choba_app::Secrets { codes: [8; 32] }).await;
    assert!(!stranger.form_token_fits(&one, &form));
}

async fn what_staff_begin_and_end_is_in_the_audit_log(bench: Bench) {
    let (token, first) = started(&bench, sato(), noon()).await;
    let (after, second) = bench.counter.sign_in_session(&token, start(sato()), noon()).await.unwrap();
    bench.counter.end_session(&after, noon()).await.unwrap();
    bench.counter.end_session(&after, noon()).await.unwrap();
    let (hanakos, session) = started(&bench, hanako(), noon()).await;
    bench.counter.end_session(&hanakos, noon()).await.unwrap();
    let (_, others) = started(&bench, hanako(), noon()).await;
    let agent = sato().caller().unwrap();
    bench.counter.end_session_by_id(&agent, &others.session_id, noon()).await.unwrap();
    let rows = bench.counter.audit_log(&Caller::Itself, &AuditFilter::default(), None, 10).await.unwrap();
    let mut told: Vec<_> = rows
        .iter()
        .map(|row| (row.action.as_str(), row.subject.clone(), row.customer_id.as_deref()))
        .collect();
    told.sort();
    let mut expected = vec![
        ("session.started", first.session_id.clone(), None),
        ("session.ended", first.session_id, None),
        ("session.started", second.session_id.clone(), None),
        ("session.ended", second.session_id, None),
        ("session.ended", others.session_id, Some("hanako")),
    ];
    expected.sort();
    assert_eq!(told, expected);
    assert!(rows.iter().all(|row| row.made_by == "staff:sato" && row.subject != session.session_id));
}

fn hand_over(key: &str, cart: Option<String>) -> HandOver {
    let body = cart.clone().unwrap_or_default();
    HandOver {
        caller: shop(),
        customer_id: "hanako".to_owned(),
        market: "rakuten-style".to_owned(),
        language: Language::En,
        cart,
        key: Key::new(key, "hand_over", "hanako", body.as_bytes()).unwrap(),
    }
}

async fn handed(bench: &Bench, key: &str) -> HandedOver {
    bench.counter.hand_over(hand_over(key, None), noon()).await.unwrap()
}

/// The cart's part of a quote's request.
fn cart() -> String {
    let cart = rakuten().line("A@shop-a", 1_000, 2).by("card").0;
    json!({"lines": cart["lines"], "pay": cart["pay"]}).to_string()
}

async fn a_customer_who_is_handed_over_enters_once(bench: Bench) {
    let handed = bench.counter.hand_over(hand_over("k", Some(cart())), noon()).await.unwrap();
    let code = HandOverCode::read(handed.code.reveal()).unwrap();
    let kept = sql_text(&bench.database, "handovers");
    assert!(kept.contains("hanako") && !kept.contains(code.reveal()), "{kept}");
    let (token, session) = bench.counter.enter(&code, "Safari, iPhone", minutes(1)).await.unwrap();
    assert_eq!(session.caller(), Some(Caller::customer("hanako")));
    assert_eq!((session.language, session.device.as_str()), (Language::En, "Safari, iPhone"));
    assert_eq!((session.cart, session.cart_version), (Some(cart()), 1));
    assert!(seen(&bench, &token, minutes(1)).await.is_some());
    is_gone(bench.counter.enter(&code, "Safari, iPhone", minutes(1)).await);
    assert!(!sql_text(&bench.database, "handovers").contains("shop-a"), "the cart is in the session now");
    let unknown = HandOverCode::read(&"0".repeat(32)).unwrap();
    is_gone(bench.counter.enter(&unknown, "", noon()).await);
    let rows = bench.counter.audit_log(&Caller::Itself, &AuditFilter::default(), None, 10).await.unwrap();
    let told = rows.iter().map(|row| (row.made_by.as_str(), row.action.as_str()));
    assert_eq!(told.collect::<Vec<_>>(), [("key:key_1", "customer.handed_over")]);
}

async fn of_many_who_enter_at_once_one_does(bench: Bench) {
    let code = handed(&bench, "k").await.code;
    let another = bench.another(3).await;
    let entering = (0..16).map(|number| {
        let (counter, code) = (if number % 2 == 0 { &bench.counter } else { &another }.clone(), code.clone());
        tokio::spawn(async move { counter.enter(&code, "", noon()).await })
    });
    let mut entered = 0;
    for task in entering.collect::<Vec<_>>() {
        match task.await.unwrap() {
            Ok(_) => entered += 1,
            Err(error) => assert!(matches!(error, AppError::NotFound { .. }), "{error:?}"),
        }
    }
    assert_eq!(entered, 1);
    assert_eq!(ids(&bench, &Caller::customer("hanako"), noon()).await.len(), 1);
}

async fn a_hand_over_is_good_for_two_minutes(bench: Bench) {
    let (one, other) = (handed(&bench, "k1").await, handed(&bench, "k2").await);
    assert_eq!(one.expires_at, minutes(2));
    is_gone(bench.counter.enter(&one.code, "", minutes(2)).await);
    assert!(bench.counter.enter(&other.code, "", just_before(minutes(2))).await.is_ok());
}

async fn the_same_key_gives_the_same_code(bench: Bench) {
    let first = handed(&bench, "k").await;
    let again = bench.counter.hand_over(hand_over("k", None), minutes(1)).await.unwrap();
    assert_eq!(again, first);
    let other = bench.counter.hand_over(hand_over("k", Some(cart())), noon()).await;
    assert_eq!(other, Err(AppError::KeyReused));
    let own = HandOver { caller: Caller::customer("hanako"), ..hand_over("k", None) };
    let own = bench.counter.hand_over(own, noon()).await.unwrap();
    assert_ne!(own.code, first.code, "another caller's key is another key");
    assert!(bench.counter.enter(&first.code, "", minutes(1)).await.is_ok());
    let again = bench.counter.hand_over(hand_over("k", None), minutes(1)).await.unwrap();
    is_gone(bench.counter.enter(&again.code, "", minutes(1)).await);
}

async fn nobody_is_handed_over_by_who_may_not(bench: Bench) {
    let by =
        async |caller| bench.counter.hand_over(HandOver { caller, ..hand_over("k", None) }, noon()).await;
    for role in Role::ALL {
        let staff = by(Caller::Staff { staff_id: "sato".to_owned(), role }).await;
        assert!(matches!(staff, Err(AppError::NotAllowed { .. })), "{staff:?}");
    }
    let reader = Caller::Machine { key_id: "key_2".to_owned(), rights: vec![Right::OrdersRead] };
    assert_eq!(by(reader).await, Err(AppError::NotAllowed { right: "orders:write" }));
    is_gone(by(Caller::customer("taro")).await);
    let nowhere = HandOver { market: "nowhere".to_owned(), ..hand_over("k", None) };
    let nowhere = bench.counter.hand_over(nowhere, noon()).await;
    assert!(matches!(nowhere, Err(AppError::UnknownMarket { .. })));
    assert_eq!(sql_text(&bench.database, "handovers").trim(), "");
}

async fn a_cart_that_is_handed_over_is_checked_as_a_quote_is(bench: Bench) {
    let line = |seller: &str, quantity: i64| {
        rakuten().line(&format!("A@{seller}"), 1_000, quantity).0["lines"].clone()
    };
    let faults = [
        (json!({"lines": line("nobody", 1)}), "/cart/lines/0/seller"),
        (json!({"lines": line("shop-a", 0)}), "/cart/lines/0/quantity"),
        (json!({"lines": line("shop-a", 1), "pay": {"method": {"type": "shells"}}}), "/cart/pay/method/type"),
        (json!({"lines": line("shop-a", 1), "customer": {"orders_before": 0}}), "/cart/customer"),
        (json!({"lines": 7}), "/cart/lines"),
        (json!({}), "/cart"),
    ];
    for (cart, expected) in faults {
        let handed = bench.counter.hand_over(hand_over("k", Some(cart.to_string())), noon()).await;
        let place = match handed {
            Err(AppError::Request(fault)) => fault.pointer,
            Err(AppError::Field { field, .. }) => field,
            other => panic!("{other:?}"),
        };
        assert_eq!(place, expected, "{cart}");
    }
}

async fn what_has_been_over_for_thirty_days_is_forgotten(bench: Bench) {
    let (ended, _) = started(&bench, hanako(), noon()).await;
    bench.counter.end_session(&ended, noon()).await.unwrap();
    let (used, _) = started(&bench, hanako(), noon()).await;
    started(&bench, SessionSubject::Anonymous, noon()).await;
    handed(&bench, "k").await;
    seen(&bench, &used, days(6)).await.unwrap();
    let forget = async |at| bench.counter.forget_sessions(at, 100).await.unwrap();
    assert_eq!(forget(days(30)).await, 0);
    assert_eq!(forget(days(31)).await, 2, "the one that was ended, and the hand-over");
    assert_eq!(forget(days(38)).await, 1, "the anonymous one ended after seven days");
    assert_eq!(forget(days(43)).await, 0, "what was used ended later");
    assert_eq!(forget(days(44)).await, 1);
    assert_eq!(sql_text(&bench.database, "sessions").trim(), "");
}
