//! Chats over HTTP: asked for, waited in, talked in from both sides, followed by a stream, over.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Bench, Sent, Stream};

const HANAKO: &str = "customer:hanako";
const SATO: &str = "staff:sato:agent";
const MORI: &str = "staff:mori:agent";
const MARKET: &str = "market=rakuten-style";

pub async fn there(bench: &Bench, who: &str, chats_max: i64) {
    let presence = json!({"market": "rakuten-style", "queues": ["desk"], "ready": true, "calls": false,
        "chats_max": chats_max});
    bench.write(Method::PUT, who, "/v1/callbacks/desk/presence", "-", &presence).await.expect(200);
}

async fn asked(bench: &Bench, who: &str) -> Value {
    let open = json!({"market": "rakuten-style", "topic": "other", "question": "other", "language": "ja"});
    let case = bench.post(who, "/v1/cases", &open).await.json()["case_id"].clone();
    let asked = bench.post(who, "/v1/chats", &json!({"case_id": case})).await;
    assert!(asked.status.is_success(), "{asked:?}");
    asked.json()
}

async fn started(bench: &Bench, who: &str) -> String {
    let asked = asked(bench, who).await;
    assert_eq!(asked["outcome"], "started", "{asked}");
    asked["chat"]["chat_id"].as_str().unwrap().to_owned()
}

async fn say(bench: &Bench, who: &str, chat: &str, client_id: &str, text: &str) -> Value {
    let said = json!({"client_id": client_id, "text": text});
    bench.post(who, &format!("/v1/chats/{chat}/messages"), &said).await.expect(200)
}

async fn next(stream: &mut Stream, event: &str) -> Sent {
    let sent = stream.next().await.unwrap();
    assert_eq!(sent.event, event, "{sent:?}");
    sent
}

#[tokio::test]
async fn a_chat_is_offered_while_somebody_can_take_one_more() {
    let bench = Bench::new().await;
    assert_eq!(asked(&bench, "customer:c0").await["outcome"], "new_offers");
    there(&bench, SATO, 2).await;
    let first = started(&bench, "customer:c0").await;
    bench.it_is("2026-11-21T12:00:01+09:00");
    let chats = [first, started(&bench, "customer:c1").await];
    assert_eq!(asked(&bench, "customer:c0").await["outcome"], "already_open");
    let full = asked(&bench, "customer:c2").await;
    let chat = full["offers"].as_array().unwrap().iter().find(|offer| offer["channel"] == "chat").unwrap();
    assert_eq!((&full["outcome"], &chat["reason"]), (&json!("new_offers"), &json!("no_capacity")));
    let second = bench.get("customer:c1", &format!("/v1/chats/{}", chats[1])).await.expect(200);
    assert_eq!((&second["place"]["ahead"], &second["place"]["wait"]["minutes_to"]), (&json!(1), &json!(10)));
    let next = format!("/v1/chats/desk/next?{MARKET}");
    assert_eq!(bench.post(SATO, &next, &json!({})).await.expect(200)["chat"]["chat_id"], chats[0].as_str());
    let waiting = bench.get(SATO, &format!("/v1/chats/desk?{MARKET}")).await.expect(200);
    assert_eq!(waiting["data"][0]["chat_id"], chats[1].as_str());
    bench.post(SATO, &format!("/v1/chats/{}/end", chats[0]), &json!({})).await.expect(200);
    started(&bench, "customer:c2").await;
    let present = bench.get(SATO, &format!("/v1/callbacks/desk/presence?{MARKET}")).await.expect(200);
    assert_eq!(
        (&present["data"][0]["agent"], &present["data"][0]["chats_max"]),
        (&json!("staff:sato"), &json!(2))
    );
    bench.get(HANAKO, &format!("/v1/callbacks/desk/presence?{MARKET}")).await.expect(403);
}

#[tokio::test]
async fn both_sides_follow_a_chat_to_its_end_and_come_back_where_they_were() {
    let bench = Bench::new().await;
    there(&bench, SATO, 2).await;
    let chat = started(&bench, HANAKO).await;
    let events = format!("/v1/chats/{chat}/events");
    let mut customer = Stream::open(&bench, HANAKO, &events, None).await;
    assert_eq!(next(&mut customer, "place").await.json()["ahead"], 0);
    say(&bench, HANAKO, &chat, "m1", "もしもし").await;
    assert_eq!(next(&mut customer, "line").await.json()["text"], "もしもし");
    bench.post(SATO, &format!("/v1/chats/{chat}/take"), &json!({})).await.expect(200);
    let taken = bench.post(MORI, &format!("/v1/chats/{chat}/take"), &json!({})).await.expect(409);
    assert_eq!(taken["code"], "chat_taken");
    let joined = next(&mut customer, "line").await;
    assert_eq!((joined.id.as_deref(), &joined.json()["kind"]), (Some("2"), &json!("agent_joined")));
    assert!(!joined.data.contains("sato"));
    let mut agent = Stream::open(&bench, SATO, &events, Some("1")).await;
    assert_eq!(next(&mut agent, "line").await, joined);
    bench.post(SATO, &format!("/v1/chats/{chat}/typing"), &json!({})).await.expect(204);
    assert_eq!(next(&mut customer, "typing").await.json()["by"], "agent");
    let said = say(&bench, SATO, &chat, "m1", "こんにちは").await;
    assert_eq!((&said["seq"], &said["repeated"]), (&json!(3), &json!(false)));
    assert_eq!(say(&bench, SATO, &chat, "m1", "こんにちは").await["repeated"], true);
    drop(customer);
    // Nobody types any more when the customer comes back.
    bench.it_is("2026-11-21T12:00:09+09:00");
    let mut customer = Stream::open(&bench, HANAKO, &events, Some("2")).await;
    for stream in [&mut customer, &mut agent] {
        assert_eq!(next(stream, "line").await.json()["text"], "こんにちは");
    }
    let foreign = json!({"client_id": "x", "text": "x"});
    let foreign = bench.post(MORI, &format!("/v1/chats/{chat}/messages"), &foreign).await;
    assert_eq!(foreign.expect(409)["code"], "chat_not_yours");
    bench.post(SATO, &format!("/v1/chats/{chat}/give-back"), &json!({})).await.expect(200);
    assert_eq!(next(&mut customer, "line").await.json()["kind"], "agent_lost");
    assert_eq!(
        bench.post(HANAKO, &format!("/v1/chats/{chat}/end"), &json!({})).await.expect(200)["last_seq"],
        5
    );
    let mut last = Vec::new();
    while let Some(sent) = customer.next().await {
        last.push((sent.event, sent.data));
    }
    let ended: Value = serde_json::from_str(&last[last.len() - 2].1).unwrap();
    assert_eq!((&ended["kind"], &ended["reason"]), (&json!("ended"), &json!("customer")));
    assert_eq!(last.last(), Some(&("end".to_owned(), "ended".to_owned())));
    let over = json!({"client_id": "m2", "text": "もしもし"});
    let over = bench.post(HANAKO, &format!("/v1/chats/{chat}/messages"), &over).await.expect(409);
    assert_eq!(over["code"], "chat_ended");
    let transcript = bench.get(HANAKO, &format!("/v1/chats/{chat}/transcript")).await.expect(200);
    assert_eq!((transcript["lines"].as_array().unwrap().len(), &transcript["as_frozen"]), (5, &json!(true)));
}

#[tokio::test]
async fn nobody_joins_another_customers_chat() {
    let bench = Bench::new().await;
    there(&bench, SATO, 2).await;
    let chat = started(&bench, HANAKO).await;
    let (taro, path) = ("customer:taro", format!("/v1/chats/{chat}"));
    for what in ["", "/events", "/transcript"] {
        bench.get(taro, &format!("{path}{what}")).await.expect(404);
    }
    for what in ["/typing", "/seen", "/end"] {
        bench.post(taro, &format!("{path}{what}"), &json!({})).await.expect(404);
    }
    bench.post(taro, &format!("{path}/messages"), &json!({"client_id": "a", "text": "x"})).await.expect(404);
    bench.post(taro, &format!("{path}/take"), &json!({})).await.expect(403);
    bench.get("", &format!("{path}/events")).await.expect(401);
    let disguised = json!({"client_id": "a", "text": "x", "from": "agent"});
    bench.post(HANAKO, &format!("{path}/messages"), &disguised).await.expect(422);
    assert_eq!(bench.get(HANAKO, &path).await.expect(200)["last_seq"], 0);
}

#[tokio::test]
async fn one_chat_has_no_more_listeners_than_are_of_use() {
    let bench = Bench::new().await;
    there(&bench, SATO, 2).await;
    let chat = started(&bench, HANAKO).await;
    let events = format!("/v1/chats/{chat}/events");
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(Stream::open(&bench, HANAKO, &events, None).await);
    }
    assert_eq!(bench.get(HANAKO, &events).await.expect(409)["code"], "chat_too_many_listen");
}

#[tokio::test]
async fn a_reader_that_takes_nothing_costs_what_one_line_costs() {
    let bench = Bench::new().await;
    there(&bench, SATO, 2).await;
    let chat = started(&bench, HANAKO).await;
    let mut slow = Stream::open(&bench, HANAKO, &format!("/v1/chats/{chat}/events"), None).await;
    for number in 0..600 {
        say(&bench, HANAKO, &chat, &format!("m{number}"), &number.to_string()).await;
    }
    // What it gets now is read now: all of it, once, in its order.
    let mut read = Vec::new();
    while read.len() < 600 {
        let sent = slow.next().await.unwrap();
        if sent.event == "line" {
            read.push(sent.json()["text"].as_str().unwrap().parse::<u32>().unwrap());
        }
    }
    assert_eq!(read, (0..600).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_another_process_wrote_is_heard_of() {
    let bench = Bench::on_postgres().await;
    there(&bench, SATO, 2).await;
    let chat = started(&bench, HANAKO).await;
    let mut customer = Stream::open(&bench, HANAKO, &format!("/v1/chats/{chat}/events"), None).await;
    next(&mut customer, "place").await;
    let (other, at) = (bench.another().await, bench.service.clock.now());
    let caller = choba_app::Caller::customer("hanako");
    other.say_in_chat(&caller, &chat, "m1", "別の窓から", at).await.unwrap();
    bench.service.counter.follow_chats().await.unwrap();
    assert_eq!(next(&mut customer, "line").await.json()["text"], "別の窓から");
}
