//! Keys of programs: made, found, rotated, ended; their secrets are nowhere.

use choba_app::{
    ApiKey, ApiKeySecret, ApiKeyState, AppError, Caller, Key, MadeApiKey, MakeApiKey, Right, Role,
};
use jiff::{SignedDuration, Timestamp};

use crate::on_both;
use crate::support::{Bench, noon};
use crate::verify_books::sql_text;

on_both!(
    a_key_is_known_by_its_secret,
    of_a_secret_only_a_hash_is_kept,
    a_key_ends_by_itself_at_its_first_instant_over,
    a_rotated_key_has_two_secrets_for_a_while,
    a_rotation_does_not_lengthen_an_older_secret,
    an_ended_key_is_good_for_nothing,
    nobody_gives_a_right_that_they_do_not_have,
    a_repeated_making_makes_no_second_key,
    keys_are_listed_in_pages,
    the_last_use_is_kept_by_the_hour,
    what_is_done_to_keys_is_in_the_audit_log,
    what_cannot_be_a_key_is_named,
);

fn operator() -> Caller {
    Caller::Staff { staff_id: "sato".to_owned(), role: Role::Operator }
}

fn reader() -> MakeApiKey {
    let rights = vec![Right::OrdersRead, Right::Quotes];
    MakeApiKey { name: "shop".to_owned(), rights, expires_at: None, key: None }
}

async fn made(bench: &Bench) -> MadeApiKey {
    bench.counter.make_api_key(&operator(), reader(), noon()).await.unwrap()
}

async fn caller(bench: &Bench, secret: &ApiKeySecret, at: Timestamp) -> Option<Caller> {
    bench.counter.caller_of_api_key(secret, at).await.unwrap()
}

fn hours(count: i64) -> Timestamp {
    noon() + SignedDuration::from_hours(count)
}

async fn a_key_is_known_by_its_secret(bench: Bench) {
    let (one, other) = (made(&bench).await, made(&bench).await);
    assert_ne!(one.secret, other.secret);
    let rights = vec![Right::Quotes, Right::OrdersRead];
    let key_id = one.key.key_id.clone();
    assert_eq!(caller(&bench, &one.secret, noon()).await, Some(Caller::Machine { key_id, rights }));
    let stranger = bench.another(99).await.make_api_key(&operator(), reader(), noon()).await.unwrap();
    let sent = ApiKeySecret::read(stranger.secret.reveal()).unwrap();
    assert!(caller(&bench, &sent, noon()).await.is_some(), "another process knows it too");
}

async fn of_a_secret_only_a_hash_is_kept(bench: Bench) {
    let made = made(&bench).await;
    let kept = sql_text(&bench.database, "api_key_secrets") + &sql_text(&bench.database, "audit_rows");
    assert!(kept.contains(&made.key.key_id));
    let body = made.secret.reveal().trim_start_matches("choba_live_");
    assert!(!kept.contains(&body[..12]) && !kept.contains("choba_live_"), "{kept}");
}

async fn a_key_ends_by_itself_at_its_first_instant_over(bench: Bench) {
    let make = MakeApiKey { expires_at: Some(hours(1)), ..reader() };
    let made = bench.counter.make_api_key(&operator(), make, noon()).await.unwrap();
    let last = hours(1) - SignedDuration::from_millis(1);
    assert!(caller(&bench, &made.secret, last).await.is_some());
    assert_eq!(caller(&bench, &made.secret, hours(1)).await, None);
    assert_eq!(made.key.state(hours(1)), ApiKeyState::Expired);
    let again =
        bench.counter.rotate_api_key(&operator(), &made.key.key_id, SignedDuration::ZERO, hours(1)).await;
    assert!(matches!(again, Err(AppError::NotFound { .. })));
}

async fn a_rotated_key_has_two_secrets_for_a_while(bench: Bench) {
    let made = made(&bench).await;
    let grace = SignedDuration::from_hours(2);
    let rotated = bench.counter.rotate_api_key(&operator(), &made.key.key_id, grace, noon()).await.unwrap();
    assert_eq!(rotated.key, made.key);
    for secret in [&made.secret, &rotated.secret] {
        assert!(caller(&bench, secret, hours(1)).await.is_some());
    }
    assert_eq!(caller(&bench, &made.secret, hours(2)).await, None);
    assert!(caller(&bench, &rotated.secret, hours(1_000)).await.is_some());
    let at_once =
        bench.counter.rotate_api_key(&operator(), &made.key.key_id, SignedDuration::ZERO, hours(3)).await;
    assert!(caller(&bench, &at_once.unwrap().secret, hours(3)).await.is_some());
    assert_eq!(caller(&bench, &rotated.secret, hours(3)).await, None);
}

async fn a_rotation_does_not_lengthen_an_older_secret(bench: Bench) {
    let made = made(&bench).await;
    for (at, grace) in [(noon(), 1), (noon(), 24)] {
        let grace = SignedDuration::from_hours(grace);
        bench.counter.rotate_api_key(&operator(), &made.key.key_id, grace, at).await.unwrap();
    }
    assert_eq!(caller(&bench, &made.secret, hours(1)).await, None);
}

async fn an_ended_key_is_good_for_nothing(bench: Bench) {
    let made = made(&bench).await;
    let id = &made.key.key_id;
    let rotated = bench.counter.rotate_api_key(&operator(), id, SignedDuration::from_hours(9), noon()).await;
    let ended = bench.counter.end_api_key(&operator(), id, noon()).await.unwrap();
    assert_eq!(ended.state(noon()), ApiKeyState::Ended);
    assert_eq!(bench.counter.end_api_key(&operator(), id, hours(1)).await, Ok(ended));
    for secret in [&made.secret, &rotated.unwrap().secret] {
        assert_eq!(caller(&bench, secret, noon()).await, None);
    }
    let unknown = bench.counter.end_api_key(&operator(), "key_0", noon()).await;
    assert!(matches!(unknown, Err(AppError::NotFound { .. })));
}

async fn nobody_gives_a_right_that_they_do_not_have(bench: Bench) {
    let denied = |right: Right| Err(AppError::NotAllowed { right: right.as_str() });
    let make = |rights: &[Right]| MakeApiKey { rights: rights.to_vec(), ..reader() };
    let program = Caller::Machine { key_id: "k".to_owned(), rights: vec![Right::KeysManage, Right::Quotes] };
    let more = bench.counter.make_api_key(&program, make(&[Right::Quotes, Right::AuditRead]), noon()).await;
    assert_eq!(more.map(drop), denied(Right::AuditRead));
    assert!(bench.counter.make_api_key(&program, make(&[Right::Quotes]), noon()).await.is_ok());
    let mighty =
        bench.counter.make_api_key(&Caller::Itself, make(&[Right::AuditRead]), noon()).await.unwrap();
    let grace = SignedDuration::ZERO;
    let taken = bench.counter.rotate_api_key(&program, &mighty.key.key_id, grace, noon()).await;
    assert_eq!(taken.map(drop), denied(Right::AuditRead));
    let agent = Caller::Staff { staff_id: "a".to_owned(), role: Role::Agent };
    for other in [agent, Caller::customer("hanako")] {
        let made = bench.counter.make_api_key(&other, make(&[Right::Quotes]), noon()).await;
        assert_eq!(made.map(drop), denied(Right::KeysManage));
        assert_eq!(bench.counter.api_keys(&other, None, 10).await.map(drop), denied(Right::KeysManage));
        let ended = bench.counter.end_api_key(&other, &mighty.key.key_id, noon()).await;
        assert_eq!(ended.map(drop), denied(Right::KeysManage));
    }
}

async fn a_repeated_making_makes_no_second_key(bench: Bench) {
    let key = Some(Key::new("k1", "make_api_key", "", b"").unwrap());
    let make = || MakeApiKey { key: key.clone(), ..reader() };
    let made = bench.counter.make_api_key(&operator(), make(), noon()).await.unwrap();
    let again = bench.counter.make_api_key(&operator(), make(), hours(1)).await;
    let key_id = made.key.key_id.clone();
    assert_eq!(again, Err(AppError::MadeBefore { key_id }));
    assert!(
        bench.counter.make_api_key(&Caller::Itself, make(), noon()).await.is_ok(),
        "another caller's key"
    );
    assert_eq!(bench.counter.api_keys(&operator(), None, 10).await.unwrap().len(), 2);
}

async fn keys_are_listed_in_pages(bench: Bench) {
    let mut made_ids = Vec::new();
    for _ in 0..5 {
        made_ids.push(made(&bench).await.key.key_id);
    }
    made_ids.sort();
    let ids = |keys: Vec<ApiKey>| keys.into_iter().map(|key| key.key_id).collect::<Vec<_>>();
    let first = ids(bench.counter.api_keys(&operator(), None, 3).await.unwrap());
    let rest = ids(bench.counter.api_keys(&operator(), first.last().map(String::as_str), 3).await.unwrap());
    assert_eq!([first, rest].concat(), made_ids);
}

async fn the_last_use_is_kept_by_the_hour(bench: Bench) {
    let made = made(&bench).await;
    let used = async || bench.counter.api_keys(&operator(), None, 1).await.unwrap().remove(0).used_at;
    assert_eq!(used().await, None);
    caller(&bench, &made.secret, noon() + SignedDuration::from_mins(59)).await.unwrap();
    assert_eq!(used().await, Some(noon()));
    caller(&bench, &made.secret, noon() + SignedDuration::from_mins(61)).await.unwrap();
    assert_eq!(used().await, Some(hours(1)));
    caller(&bench, &made.secret, noon()).await.unwrap();
    assert_eq!(used().await, Some(hours(1)), "a clock that went back");
}

async fn what_is_done_to_keys_is_in_the_audit_log(bench: Bench) {
    let made = made(&bench).await;
    let id = &made.key.key_id;
    bench.counter.rotate_api_key(&operator(), id, SignedDuration::ZERO, hours(1)).await.unwrap();
    bench.counter.end_api_key(&operator(), id, hours(2)).await.unwrap();
    bench.counter.end_api_key(&operator(), id, hours(3)).await.unwrap();
    let rows =
        bench.counter.audit_log(&operator(), &choba_store::books::AuditFilter::default(), None, 10).await;
    let told: Vec<(String, String)> =
        rows.unwrap().into_iter().map(|row| (row.made_by, row.action)).collect();
    let by = |action: &str| ("staff:sato".to_owned(), action.to_owned());
    assert_eq!(told, [by("key.ended"), by("key.rotated"), by("key.made")]);
}

async fn what_cannot_be_a_key_is_named(bench: Bench) {
    let fields = [
        (MakeApiKey { name: " ".to_owned(), ..reader() }, "/name"),
        (MakeApiKey { name: "x".repeat(101), ..reader() }, "/name"),
        (MakeApiKey { name: "a\nb".to_owned(), ..reader() }, "/name"),
        (MakeApiKey { rights: Vec::new(), ..reader() }, "/rights"),
        (MakeApiKey { expires_at: Some(noon()), ..reader() }, "/expires_at"),
    ];
    for (make, expected) in fields {
        let made = bench.counter.make_api_key(&operator(), make, noon()).await;
        assert!(matches!(&made, Err(AppError::Field { field, .. }) if field == expected), "{made:?}");
    }
    let key = made(&bench).await.key;
    for grace in [SignedDuration::from_secs(-1), SignedDuration::from_hours(24 * 30 + 1)] {
        let rotated = bench.counter.rotate_api_key(&operator(), &key.key_id, grace, noon()).await;
        assert!(matches!(&rotated, Err(AppError::Field { field, .. }) if field == "/grace_seconds"));
    }
}
