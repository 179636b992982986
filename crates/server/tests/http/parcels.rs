//! Parcels over HTTP: news, why there is no number, look-ups, links, redelivery, what is not there.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request};
use choba_app::CarrierSecrets;
use choba_outside::webhook::WebhookSecret;
use choba_server::{Limits, Service, api};
use serde_json::{Value, json};

use crate::support::Bench;

const SHOP: &str = "key:shop";
const ME: &str = "customer:hanako";
const NUMBER: &str = "400000000002";

/// Places an order and sends it under a number; answers the order's number and the shipment's id.
async fn sent(bench: &Bench, number: &str) -> (String, String) {
    let order = json!({
        "customer_id": "hanako",
        "request": {
            "market": "rakuten-style",
            "lines": [{"id": "1", "sku": "A", "seller": "shop-a", "kind": "physical", "unit_price": 2000,
                "quantity": 2, "tax_rate": "0.10"}],
            "pay": {"method": {"type": "card"}},
        },
        "expected": {"total": 4000},
        "card_token": "tok_ok",
    });
    let placed = bench.post(SHOP, "/v1/orders", &order).await.expect(201);
    let order = placed["number"].as_str().unwrap().to_owned();
    let ship = json!({"seller": "shop-a", "carrier": "yamato", "tracking_numbers": [number]});
    let shipped = bench.post(SHOP, &format!("/v1/orders/{order}/shipments"), &ship).await.expect(200);
    (order, shipped["part"].as_str().unwrap().to_owned())
}

fn news(at: &str, text: &str) -> Value {
    json!({"events": [{"number": NUMBER, "carrier": "yamato", "at": at, "text": text}]})
}

async fn delivered(bench: &Bench) -> (String, String) {
    let (order, shipment) = sent(bench, NUMBER).await;
    bench.it_is("2026-11-23T20:00:00+09:00");
    let told = news("2026-11-23T10:00:00+09:00", "配達完了（宅配ボックス）");
    bench.post(SHOP, &format!("/v1/shipments/{shipment}/events"), &told).await.expect(200);
    (order, shipment)
}

#[tokio::test]
async fn an_order_is_followed_from_no_number_to_delivery() {
    let bench = Bench::new().await;
    let (order, shipment) = sent(&bench, "4000-0000-0002").await;
    let path = format!("/v1/orders/{order}/parcels");
    let parcels = bench.get(ME, &path).await.expect(200);
    assert_eq!(parcels["status"], "pending");
    let without = &parcels["without"][0];
    assert_eq!((&without["reason"], &without["ask"]), (&json!("carrier_not_updated"), &json!("nobody")));
    assert_eq!(without["look_again_at"], "2026-11-22T15:00:00Z");
    assert!(without["message"]["ja"].as_str().unwrap().contains("配送業者"));
    bench.it_is("2026-11-23T20:00:00+09:00");
    let events = format!("/v1/shipments/{shipment}/events");
    for (at, text) in [("2026-11-23T10:00:00+09:00", "配達完了"), ("2026-11-22T10:00:00+09:00", "輸送中")]
    {
        assert_eq!(bench.post(SHOP, &events, &news(at, text)).await.expect(200)["new"], 1);
    }
    let parcels = bench.get(ME, &path).await.expect(200);
    assert_eq!(parcels["status"], "delivered");
    assert_eq!(parcels["without"], json!([]));
    let number = &parcels["shipments"][0]["numbers"][0];
    assert_eq!(number["display"], "4000-0000-0002");
    assert_eq!(number["events"][0]["text"], "輸送中");
    assert_eq!(bench.get(ME, &format!("/v1/orders/{order}")).await.expect(200)["state"], "delivered");
    let other =
        json!({"events": [{"number": "400000000013", "carrier": "yamato", "at": "2026-11-23T10:00:00Z"}]});
    let problem = bench.post(SHOP, &events, &other).await.expect(422);
    assert_eq!(problem["errors"][0]["pointer"], "/events/0/number");
    bench.post(ME, &events, &news("2026-11-23T10:00:00+09:00", "配達完了")).await.expect(403);
}

#[tokio::test]
async fn carriers_tell_by_themselves_with_their_signature_only() {
    let mut bench = Bench::new().await;
    let (order, _) = sent(&bench, NUMBER).await;
    let secret = WebhookSecret::text_of(&[9; 32]);
    let mut carriers = CarrierSecrets::default();
    carriers.add("yamato", &secret).unwrap();
    bench.service = Service { carriers: Arc::new(carriers), ..bench.service };
    bench.router = api::router(bench.service.clone());
    bench.it_is("2026-11-23T10:01:00+09:00");
    let now = bench.service.clock.now().as_second();
    let body = json!({"type": "tracking.updated", "timestamp": "2026-11-23T10:00:00+09:00", "data": {"events":
        [{"number": NUMBER, "at": "2026-11-23T10:00:00+09:00", "text": "配達完了"}]}});
    let body = body.to_string();
    let signature = WebhookSecret::read(&secret).unwrap().sign("msg_1", now, body.as_bytes()).unwrap();
    let send = async |carrier: &str, signature: &str| {
        let request = Request::post(format!("/v1/hooks/carriers/{carrier}"))
            .header("content-type", "application/json")
            .header("webhook-id", "msg_1")
            .header("webhook-timestamp", now.to_string())
            .header("webhook-signature", signature);
        bench.send(request.body(Body::from(body.clone())).unwrap()).await
    };
    for (carrier, signature) in [("yamato", "v1,AAAA"), ("sagawa", &signature), ("yamato", "")] {
        assert_eq!(send(carrier, signature).await.expect(401)["code"], "not_signed");
    }
    assert_eq!(
        send("yamato", &signature).await.expect(202),
        json!({"new": 1, "known": 0, "without_status": 0})
    );
    assert_eq!(send("yamato", &signature).await.expect(202)["known"], 1);
    let parcels = bench.get(ME, &format!("/v1/orders/{order}/parcels")).await.expect(200);
    assert_eq!(parcels["status"], "delivered");
}

#[tokio::test]
async fn others_see_masked_numbers_and_staff_whole_ones_with_a_reason() {
    let bench = Bench::new().await;
    let (order, shipment) = delivered(&bench).await;
    let path = format!("/v1/orders/{order}/parcels");
    for who in ["staff:sato:agent", "staff:kato:auditor", SHOP] {
        for path in [path.clone(), format!("/v1/orders/{order}")] {
            let text = bench.get(who, &path).await.expect(200).to_string();
            assert!(text.contains("****-****-0002"), "{who} {path}");
            assert!(!text.contains(NUMBER) && !text.contains("4000-0000-0002"), "{who} {path}");
        }
    }
    let why = json!({"reason": "the customer calls"});
    let reveal = format!("{path}/reveal");
    let agent = bench.post("staff:sato:agent", &reveal, &why).await;
    assert_eq!(agent.header("cache-control"), "no-store");
    assert!(agent.expect(200).to_string().contains(NUMBER));
    bench.post("staff:sato:agent", &reveal, &json!({"reason": ""})).await.expect(422);
    bench.post("staff:kato:auditor", &reveal, &why).await.expect(403);
    let taro = "customer:taro";
    for (method, path) in [
        (Method::GET, path),
        (Method::POST, format!("/v1/shipments/{shipment}/share")),
        (Method::DELETE, format!("/v1/shipments/{shipment}/share")),
        (Method::GET, format!("/v1/shipments/{shipment}/redelivery")),
        (Method::DELETE, format!("/v1/shipments/{shipment}/redelivery")),
        (Method::GET, format!("/v1/shipments/{shipment}/missing")),
        (Method::POST, format!("/v1/shipments/{shipment}/missing")),
    ] {
        let there = bench.write(method.clone(), taro, &path, &bench.key(), &json!({})).await;
        let nowhere = path.replace(&shipment, "nowhere").replace(&order, "249-0000000-0000000");
        let nowhere = bench.write(method, taro, &nowhere, &bench.key(), &json!({})).await;
        assert_eq!(
            (there.expect(404)["code"].clone(), nowhere.status.as_u16()),
            (json!("not_found"), 404),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_link_shows_state_and_masked_numbers_only() {
    let bench = Bench::new().await;
    let (_, shipment) = delivered(&bench).await;
    let share = format!("/v1/shipments/{shipment}/share");
    let link = bench.post(ME, &share, &json!({})).await.expect(201);
    let path = link["path"].as_str().unwrap();
    let shown = bench.get("", path).await;
    assert_eq!(shown.header("cache-control"), "no-store");
    let shown = shown.expect(200);
    assert_eq!(shown["status"], "delivered");
    assert_eq!(shown["numbers"], json!([{"number": "****-****-0002", "status": "delivered"}]));
    let mut fields: Vec<&String> = shown.as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(fields, ["expires_at", "numbers", "since", "status", "text"]);
    let wrong = bench.get("", "/v1/shared/AAAA").await.expect(404);
    bench.write(Method::DELETE, ME, &share, "k", &json!({})).await;
    assert_eq!(bench.get("", path).await.expect(404), wrong);
}

#[tokio::test]
async fn redelivery_is_offered_asked_for_and_taken_back() {
    let bench = Bench::new().await;
    let (_, shipment) = sent(&bench, NUMBER).await;
    let path = format!("/v1/shipments/{shipment}/redelivery");
    assert_eq!(bench.get(ME, &path).await.expect(200)["possible"], false);
    let early = bench.post(ME, &path, &json!({"day": "2026-11-24", "slot": "am"})).await.expect(409);
    assert_eq!(early["code"], "not_for_redelivery");
    bench.it_is("2026-11-23T12:00:00+09:00");
    let told = news("2026-11-23T10:00:00+09:00", "持戻（ご不在）");
    bench.post(SHOP, &format!("/v1/shipments/{shipment}/events"), &told).await.expect(200);
    let choice = bench.get(ME, &path).await.expect(200);
    assert_eq!(
        choice["offers"][0],
        json!({"day": "2026-11-23", "slot": "14-16", "from_hour": 14, "to_hour": 16})
    );
    assert_eq!(choice["kept_until"], "2026-11-30");
    assert!(choice["message"]["en"].as_str().unwrap().contains("does not know"));
    let asked = bench.post(ME, &path, &json!({"day": "2026-11-24", "slot": "am"})).await.expect(200);
    assert_eq!(asked["redelivery"]["slot"], "am");
    let never = bench.post(ME, &path, &json!({"day": "2026-12-24", "slot": "am"})).await.expect(409);
    assert_eq!(never["code"], "slot_not_offered");
    let back = bench.write(Method::DELETE, ME, &path, "k", &json!({})).await.expect(200);
    assert!(back["cancelled_at"].is_string());
}

#[tokio::test]
async fn a_missing_parcel_is_looked_for_step_by_step() {
    let bench = Bench::new().await;
    let (_, shipment) = delivered(&bench).await;
    let path = format!("/v1/shipments/{shipment}/missing");
    bench.get(ME, &path).await.expect(404);
    let check = bench.post(ME, &path, &json!({})).await.expect(200);
    assert_eq!((&check["state"], &check["node"]), (&json!("asking"), &json!("address")));
    let answers = format!("{path}/answers");
    let early = bench.post(ME, &answers, &json!({"node": "urgent", "answer": "yes"})).await.expect(409);
    assert_eq!(early["code"], "check_not_there");
    bench.post(ME, &answers, &json!({"node": "address", "answer": "maybe"})).await.expect(422);
    let check = bench.post(ME, &answers, &json!({"node": "address", "answer": "right"})).await.expect(200);
    assert_eq!(check["node"], "locker");
    let ended =
        bench.post(ME, &answers, &json!({"node": "locker", "answer": "does_not_open"})).await.expect(200);
    assert_eq!(ended["outcome"]["ends_in"], "human");
    assert_eq!(ended["outcome"]["code"], "locker_fault");
    assert_eq!(ended["evidence"]["steps"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_number_says_the_same_whether_or_not_it_is_in_the_books() {
    let bench = Bench::new().await;
    let look_up = async |who: &str| bench.get(who, &format!("/v1/parcels/{NUMBER}")).await;
    let before = look_up("").await;
    let (order, _) = sent(&bench, NUMBER).await;
    for who in ["", "customer:taro", SHOP] {
        let after = look_up(who).await;
        assert_eq!((after.status, &after.bytes), (before.status, &before.bytes), "{who}");
    }
    let own = look_up(ME).await.expect(200);
    assert_eq!(own["yours"].as_array().unwrap().len(), 1, "{order}");
    assert_eq!(own["carrier"], before.json()["carrier"]);
    assert_eq!(
        bench.get("", "/v1/parcels/123456?country=Japan").await.expect(422)["errors"][0]["pointer"],
        "#country"
    );
    assert_eq!(bench.get("", "/v1/parcels/123456").await.expect(200)["not_a_parcel"], "verification_code");
}

/// What one look-up after the other is answered, with the sum of the work: each kind in turn, so that a busy machine is
/// busy for both.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "it is about time itself")]
async fn looking_up_takes_as_long_whether_or_not_it_is_in_the_books() {
    let bench = Bench::new().await;
    let there: Vec<String> = (0..5_u64).map(|place| valid(40_000_000_000 + place * 7_919)).collect();
    let absent: Vec<String> = (0..5_u64).map(|place| valid(40_100_000_000 + place * 7_919)).collect();
    for number in &there {
        sent(&bench, number).await;
    }
    let mut taken = [Vec::new(), Vec::new()];
    for round in 0..200 {
        for (numbers, taken) in [&there, &absent].into_iter().zip(&mut taken) {
            let path = format!("/v1/parcels/{}", numbers[round % numbers.len()]);
            let begun = std::time::Instant::now();
            bench.get(&format!("customer:stranger-{round}"), &path).await;
            taken.push(begun.elapsed());
        }
    }
    let [there, absent] = taken.map(|mut taken| {
        taken.sort_unstable();
        taken[taken.len() / 2].as_secs_f64()
    });
    assert!((0.5..2.0).contains(&(there / absent)), "{there} {absent}");
}

/// A number of Yamato's form with its check digit.
fn valid(body: u64) -> String {
    format!("{body}{}", body % 7)
}

#[tokio::test]
async fn whoever_walks_through_a_hundred_thousand_numbers_is_stopped_and_learns_nothing() {
    let mut bench = Bench::new().await;
    sent(&bench, NUMBER).await;
    bench.service = Service { limits: Arc::new(Limits::new(u32::MAX)), ..bench.service };
    bench.router = api::router(bench.service.clone());
    let mut lengths = std::collections::BTreeMap::new();
    for body in 40_000_000_000..40_000_100_000_u64 {
        let answer = bench.get("", &format!("/v1/parcels/{}", valid(body))).await;
        *lengths.entry((answer.status.as_u16(), answer.bytes.len())).or_insert(0_u32) += 1;
        if answer.status == 429 {
            assert_eq!(answer.header("retry-after"), "20");
        }
    }
    let answered: u32 =
        lengths.iter().filter(|((status, _), _)| *status == 200).map(|(_, count)| count).sum();
    let refused: Vec<_> = lengths.keys().filter(|(status, _)| *status == 429).collect();
    assert_eq!((answered, refused.len()), (11, 1), "{lengths:?}");
}
