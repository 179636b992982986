//! Events sent to the endpoints of others: signed, once or more, never lost.

use std::time::Duration;

use choba_app::{
    AppError, Caller, EndpointWanted, EndpointWithSecret, Key, Replay, Right, Role, SECRETS_OVERLAP,
    WebhookReport,
};
use choba_outside::hooks::{HookClient, HookSettings};
use choba_store::books::{DeliveryState, WebhookDelivery, due_deliveries};
use jiff::{SignedDuration, Timestamp};

use crate::on_both;
use crate::receiver::Receiver;
use crate::support::{Bench, hanako, noon, taro};

on_both!(
    an_event_is_sent_signed_and_once,
    an_endpoint_gets_what_it_wants_and_what_comes_after_it_was_made,
    what_fails_is_tried_again_later_with_the_same_id_and_given_up_in_the_end,
    a_crash_between_sending_and_noting_sends_again_with_the_same_id,
    two_processes_send_each_message_once,
    a_slow_endpoint_keeps_no_other_waiting,
    an_endpoint_that_is_gone_is_disabled,
    an_endpoint_that_fails_for_days_is_disabled_and_replayed_when_it_is_back,
    one_message_that_is_refused_keeps_none_behind_it,
    while_a_secret_changes_both_sign,
    a_test_is_sent_and_dead_letters_are_replayed,
    the_same_key_makes_one_endpoint,
    endpoints_are_managed_by_those_who_may,
    a_removed_endpoint_leaves_nothing,
);

const LOOSE: HookSettings = HookSettings {
    plain_allowed: true,
    private_allowed: true,
    patience: Duration::from_millis(300),
    ..HookSettings::STRICT
};

fn operator() -> Caller {
    Caller::Staff { staff_id: "op".to_owned(), role: Role::Operator }
}

fn hooks() -> HookClient {
    HookClient::new(LOOSE).unwrap()
}

fn wanted(url: &str) -> EndpointWanted {
    EndpointWanted { url: url.to_owned(), enabled: true, ..EndpointWanted::default() }
}

fn key(key: &str) -> Key {
    Key::new(key, "make_endpoint", "", b"").unwrap()
}

async fn make(bench: &Bench, name: &str, wanted: &EndpointWanted) -> EndpointWithSecret {
    bench.counter.make_endpoint(&operator(), wanted, &LOOSE, &key(name), noon()).await.unwrap()
}

async fn send(bench: &Bench, at: Timestamp) -> WebhookReport {
    bench.counter.publish_events(at).await.unwrap();
    bench.counter.send_webhooks(&hooks(), at, 100).await.unwrap()
}

async fn messages(bench: &Bench, endpoint: &EndpointWithSecret) -> Vec<WebhookDelivery> {
    let id = &endpoint.endpoint.endpoint_id;
    bench.counter.webhook_deliveries(&operator(), id, None, None, 100).await.unwrap()
}

async fn grant(bench: &Bench) {
    bench.grant(&hanako(), "rakuten:limited", 1, None).await;
}

fn later(seconds: i64) -> Timestamp {
    noon() + SignedDuration::from_secs(seconds)
}

async fn an_event_is_sent_signed_and_once(bench: Bench) {
    let receiver = Receiver::start().await;
    let endpoint = make(&bench, "1", &wanted(&receiver.url())).await;
    grant(&bench).await;
    assert_eq!(send(&bench, noon()).await.delivered, 1);
    assert_eq!(send(&bench, later(100)).await.delivered, 0);
    let came = receiver.came();
    assert_eq!(came.len(), 1);
    assert!(came[0].is_signed_with(endpoint.secret.as_ref().unwrap(), noon()));
    let body: serde_json::Value = serde_json::from_str(&came[0].body).unwrap();
    assert_eq!((body["type"].as_str(), body["id"].as_str()), (Some("wallet.granted"), Some(&*came[0].id)));
    assert_eq!(body["data"]["program"], "rakuten");
}

async fn an_endpoint_gets_what_it_wants_and_what_comes_after_it_was_made(bench: Bench) {
    let receiver = Receiver::start().await;
    grant(&bench).await;
    bench.counter.publish_events(noon()).await.unwrap();
    let only = EndpointWanted {
        kinds: vec!["wallet.granted".to_owned()],
        market: Some("rakuten-style".to_owned()),
        ..wanted(&receiver.url())
    };
    make(&bench, "1", &only).await;
    bench.grant(&taro(), "gift", 500, None).await;
    assert_eq!(send(&bench, noon()).await.delivered, 0);
    grant(&bench).await;
    assert_eq!(send(&bench, noon()).await.delivered, 1);
    assert_eq!(receiver.came().len(), 1);
}

async fn what_fails_is_tried_again_later_with_the_same_id_and_given_up_in_the_end(bench: Bench) {
    let receiver = Receiver::start().await;
    let endpoint = make(&bench, "1", &wanted(&receiver.url())).await;
    grant(&bench).await;
    receiver.answer(&[500, 0, 503, 500, 500, 500, 500, 500, 500, 500]);
    let mut at = noon();
    let report = send(&bench, at).await;
    assert_eq!((report.failed, report.dead), (1, 0));
    assert_eq!(send(&bench, later(4)).await, WebhookReport::default());
    let mut tries = 1;
    loop {
        let message = messages(&bench, &endpoint).await.remove(0);
        if message.state == DeliveryState::Dead {
            assert_eq!((message.attempts, message.status), (10, Some(500)));
            break;
        }
        at = Timestamp::from_millisecond(message.next_at).unwrap();
        send(&bench, at).await;
        tries += 1;
    }
    assert_eq!(tries, 10);
    let days = at.duration_since(noon()).as_hours();
    assert!((75..=92).contains(&days), "{days}");
    let came = receiver.came();
    assert_eq!(came.len(), 10);
    assert!(came.iter().all(|one| one.id == came[0].id && one.body == came[0].body));
    assert!(came[0].timestamp < came[9].timestamp);
}

async fn a_crash_between_sending_and_noting_sends_again_with_the_same_id(bench: Bench) {
    let receiver = Receiver::start().await;
    let endpoint = make(&bench, "1", &wanted(&receiver.url())).await;
    grant(&bench).await;
    bench.counter.publish_events(noon()).await.unwrap();
    bench.counter.queue_webhooks(noon()).await.unwrap();
    // The process claims the message, sends it, and dies before it can note the answer.
    let id = &endpoint.endpoint.endpoint_id;
    let due = due_deliveries(bench.counter.store(), id, noon().as_millisecond(), 10).await.unwrap();
    let lapses_at = later(31).as_millisecond();
    let claim = choba_store::books::claim_delivery(bench.counter.store(), &due[0], lapses_at);
    assert!(claim.await.unwrap());
    let another = bench.another(2).await;
    assert_eq!(another.send_webhooks(&hooks(), later(30), 100).await.unwrap().delivered, 0);
    assert_eq!(another.send_webhooks(&hooks(), later(31), 100).await.unwrap().delivered, 1);
    assert_eq!(receiver.came()[0].id, due[0].message_id);
}

async fn two_processes_send_each_message_once(bench: Bench) {
    let receiver = Receiver::start().await;
    make(&bench, "1", &wanted(&receiver.url())).await;
    for _ in 0..12 {
        grant(&bench).await;
    }
    bench.counter.publish_events(noon()).await.unwrap();
    let another = bench.another(2).await;
    let (here, there) = (hooks(), hooks());
    let (one, other) = tokio::join!(
        bench.counter.send_webhooks(&here, noon(), 100),
        another.send_webhooks(&there, noon(), 100),
    );
    let delivered = one.unwrap().delivered + other.unwrap().delivered;
    let mut ids: Vec<String> = receiver.came().into_iter().map(|came| came.id).collect();
    assert_eq!((delivered, ids.len()), (12, 12));
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 12);
}

async fn a_slow_endpoint_keeps_no_other_waiting(bench: Bench) {
    let (slow, quick) = (Receiver::start().await, Receiver::start().await);
    make(&bench, "1", &wanted(&slow.url())).await;
    make(&bench, "2", &wanted(&quick.url())).await;
    for _ in 0..5 {
        grant(&bench).await;
    }
    slow.answer(&[0]);
    let report = send(&bench, noon()).await;
    assert_eq!((report.delivered, report.failed), (5, 1));
    assert_eq!((slow.came().len(), quick.came().len()), (1, 5));
}

async fn an_endpoint_that_is_gone_is_disabled(bench: Bench) {
    let receiver = Receiver::start().await;
    let endpoint = make(&bench, "1", &wanted(&receiver.url())).await;
    grant(&bench).await;
    receiver.answer(&[410]);
    let report = send(&bench, noon()).await;
    assert_eq!((report.dead, report.disabled), (1, 1));
    let shown = bench.counter.show_endpoint(&operator(), &endpoint.endpoint.endpoint_id).await.unwrap();
    assert_eq!(shown.disabled_because.as_deref(), Some("gone"));
    grant(&bench).await;
    assert_eq!(send(&bench, later(10)).await.delivered, 0);
    assert_eq!(receiver.came().len(), 1);
}

async fn an_endpoint_that_fails_for_days_is_disabled_and_replayed_when_it_is_back(bench: Bench) {
    let receiver = Receiver::start().await;
    let endpoint = make(&bench, "1", &wanted(&receiver.url())).await;
    let id = &endpoint.endpoint.endpoint_id;
    grant(&bench).await;
    receiver.answer(&[500, 500]);
    assert_eq!(send(&bench, noon()).await.disabled, 0);
    // A little more than five days: the first failure was noted a moment after noon.
    let days = noon() + SignedDuration::from_hours(5 * 24) + SignedDuration::from_secs(60);
    assert_eq!(send(&bench, days).await.disabled, 1);
    let shown = bench.counter.show_endpoint(&operator(), id).await.unwrap();
    assert_eq!(shown.disabled_because.as_deref(), Some("failing"));
    grant(&bench).await;
    send(&bench, days).await;
    let again = bench
        .counter
        .change_endpoint(&operator(), id, Some(shown.version), &shown.wanted, &LOOSE, days)
        .await;
    let again = again.unwrap();
    assert!(!again.wanted.enabled, "as it was shown, so it stays");
    let enabled = EndpointWanted { enabled: true, ..shown.wanted };
    let again =
        bench.counter.change_endpoint(&operator(), id, Some(again.version), &enabled, &LOOSE, days).await;
    assert_eq!(again.unwrap().failing_since, None);
    receiver.came();
    let replayed = bench.counter.replay_webhooks(&operator(), id, &Replay::Since(noon()), days).await;
    assert_eq!(replayed.unwrap(), 2);
    let soon = days + SignedDuration::from_secs(600);
    assert_eq!(send(&bench, soon).await.delivered, 2);
    let replayed = bench.counter.replay_webhooks(&operator(), id, &Replay::Since(days), soon).await;
    assert_eq!(replayed.unwrap(), 1);
    assert_eq!(receiver.came().len(), 2);
}

async fn one_message_that_is_refused_keeps_none_behind_it(bench: Bench) {
    let receiver = Receiver::start().await;
    make(&bench, "1", &wanted(&receiver.url())).await;
    for _ in 0..3 {
        grant(&bench).await;
    }
    receiver.answer(&[400]);
    let report = send(&bench, noon()).await;
    assert_eq!((report.delivered, report.failed), (2, 1));
}

async fn while_a_secret_changes_both_sign(bench: Bench) {
    let receiver = Receiver::start().await;
    let made = make(&bench, "1", &wanted(&receiver.url())).await;
    let id = &made.endpoint.endpoint_id;
    let rotated = bench.counter.rotate_secret(&operator(), id, None, SECRETS_OVERLAP, noon()).await.unwrap();
    // The answer was lost: it is asked for again.
    let again = bench.counter.rotate_secret(&operator(), id, None, SECRETS_OVERLAP, noon()).await.unwrap();
    assert_ne!(rotated.secret, again.secret);
    let (old, new) = (made.secret.unwrap(), again.secret.unwrap());
    assert_ne!(old, new);
    grant(&bench).await;
    send(&bench, later(60)).await;
    let came = receiver.came().remove(0);
    assert!(came.is_signed_with(&old, later(60)) && came.is_signed_with(&new, later(60)));
    grant(&bench).await;
    let after = noon() + SECRETS_OVERLAP;
    send(&bench, after).await;
    let came = receiver.came().remove(0);
    assert!(!came.is_signed_with(&old, after) && came.is_signed_with(&new, after));
    let stale = bench.counter.rotate_secret(&operator(), id, Some(1), SECRETS_OVERLAP, noon()).await;
    assert_eq!(stale, Err(AppError::ChangedMeanwhile));
}

async fn a_test_is_sent_and_dead_letters_are_replayed(bench: Bench) {
    let receiver = Receiver::start().await;
    let endpoint = make(&bench, "1", &wanted(&receiver.url())).await;
    let id = &endpoint.endpoint.endpoint_id;
    let message_id = bench.counter.test_endpoint(&operator(), id, noon()).await.unwrap();
    assert_eq!(send(&bench, noon()).await.delivered, 1);
    let came = receiver.came().remove(0);
    assert_eq!((came.kind().as_str(), &came.id), ("webhook.test", &message_id));
    let replayed = bench.counter.replay_webhooks(&operator(), id, &Replay::One(message_id), later(5)).await;
    assert_eq!(replayed.unwrap(), 1);
    assert_eq!(send(&bench, later(5)).await.delivered, 1);
    let unknown = bench.counter.replay_webhooks(&operator(), id, &Replay::One("x".into()), later(5)).await;
    assert!(matches!(unknown, Err(AppError::NotFound { .. })));
    let dead = Some(DeliveryState::Dead);
    assert!(bench.counter.webhook_deliveries(&operator(), id, dead, None, 10).await.unwrap().is_empty());
}

async fn the_same_key_makes_one_endpoint(bench: Bench) {
    let one = make(&bench, "1", &wanted("http://127.0.0.1:9/")).await;
    let again = make(&bench, "1", &wanted("http://127.0.0.1:9/")).await;
    assert_eq!(one, again);
    let other = make(&bench, "2", &wanted("http://127.0.0.1:9/")).await;
    assert_ne!(one.endpoint.endpoint_id, other.endpoint.endpoint_id);
    assert_eq!(bench.counter.list_endpoints(&operator()).await.unwrap().len(), 2);
    let id = &one.endpoint.endpoint_id;
    bench.counter.rotate_secret(&operator(), id, None, SECRETS_OVERLAP, noon()).await.unwrap();
    assert_eq!(make(&bench, "1", &wanted("http://127.0.0.1:9/")).await.secret, None);
}

async fn endpoints_are_managed_by_those_who_may(bench: Bench) {
    let wanted = wanted("http://127.0.0.1:9/");
    let machine = Caller::Machine { key_id: "k".to_owned(), rights: vec![Right::OrdersRead] };
    let auditor = Caller::Staff { staff_id: "a".to_owned(), role: Role::Auditor };
    for caller in [Caller::customer("hanako"), machine, auditor] {
        let made = bench.counter.make_endpoint(&caller, &wanted, &LOOSE, &key("1"), noon()).await;
        assert!(matches!(made, Err(AppError::NotAllowed { .. })), "{caller:?}");
        assert!(bench.counter.list_endpoints(&caller).await.is_err());
    }
    let strict = HookSettings::STRICT;
    let inner = bench.counter.make_endpoint(&operator(), &wanted, &strict, &key("1"), noon()).await;
    assert!(matches!(inner, Err(AppError::Field { field, .. }) if field == "/url"));
    let unknown = EndpointWanted { kinds: vec!["order.placed".into(), "order.eaten".into()], ..wanted };
    let unknown = bench.counter.make_endpoint(&operator(), &unknown, &LOOSE, &key("1"), noon()).await;
    assert!(matches!(unknown, Err(AppError::Field { field, .. }) if field == "/kinds/1"));
}

async fn a_removed_endpoint_leaves_nothing(bench: Bench) {
    let receiver = Receiver::start().await;
    let endpoint = make(&bench, "1", &wanted(&receiver.url())).await;
    grant(&bench).await;
    bench.counter.publish_events(noon()).await.unwrap();
    bench.counter.queue_webhooks(noon()).await.unwrap();
    let id = &endpoint.endpoint.endpoint_id;
    bench.counter.remove_endpoint(&operator(), id, noon()).await.unwrap();
    assert_eq!(send(&bench, noon()).await.delivered, 0);
    let due = due_deliveries(bench.counter.store(), id, noon().as_millisecond(), 10).await.unwrap();
    assert!(due.is_empty());
    let shown = bench.counter.show_endpoint(&operator(), id).await;
    assert!(matches!(shown, Err(AppError::NotFound { .. })));
}
