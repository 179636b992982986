//! An evening at the desk, from five to six: everything through the API, and everything on the cases' history in the end.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::Bench;

const HANAKO: &str = "customer:hanako";
const MEI: &str = "customer:mei";
const SATO: &str = "staff:sato:agent";
const MORI: &str = "staff:mori:specialist";
const SHOP: &str = "key:shop";

fn id(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no id: {value}")).to_owned()
}

/// The clock, on Monday the 23rd, and whoever is at the desk says that they are.
async fn at(bench: &Bench, clock: &str) {
    bench.it_is(&format!("2026-11-23T{clock}+09:00"));
    for market in ["rakuten-style", "amazon-style"] {
        let presence = json!({"market": market, "queues": ["desk", "parcels"], "ready": true, "calls": true,
            "chats_max": 3});
        bench.write(Method::PUT, SATO, "/v1/callbacks/desk/presence", "-", &presence).await.expect(200);
    }
}

/// An order whose parcel counts as delivered: its id, its number and its shipment.
async fn delivered(bench: &Bench) -> (String, String, String) {
    let line = json!({"id": "1", "sku": "A", "seller": "shop-a", "kind": "physical", "unit_price": 2000,
        "quantity": 2, "tax_rate": "0.10"});
    let order = json!({"customer_id": "hanako", "expected": {"total": 4000}, "card_token": "tok_ok",
        "request": {"market": "rakuten-style", "lines": [line], "pay": {"method": {"type": "card"}}}});
    let placed = bench.post(SHOP, "/v1/orders", &order).await.expect(201);
    let number = id(&placed["number"]);
    let ship = json!({"seller": "shop-a", "carrier": "yamato", "tracking_numbers": ["400000000002"]});
    let shipped = bench.post(SHOP, &format!("/v1/orders/{number}/shipments"), &ship).await.expect(200);
    let shipment = id(&shipped["part"]);
    let told = json!({"events": [{"number": "400000000002", "carrier": "yamato",
        "at": "2026-11-23T10:00:00+09:00", "text": "配達完了（宅配ボックス）"}]});
    bench.it_is("2026-11-23T16:00:00+09:00");
    bench.post(SHOP, &format!("/v1/shipments/{shipment}/events"), &told).await.expect(200);
    (id(&placed["order_id"]), number, shipment)
}

/// The parcel is not there: the guided check opens a case by itself, with what it found out.
async fn parcel_missing(bench: &Bench, shipment: &str) -> String {
    let path = format!("/v1/shipments/{shipment}/missing");
    bench.post(HANAKO, &path, &json!({})).await.expect(200);
    for (node, answer) in [("address", "right"), ("locker", "does_not_open")] {
        let answer = json!({"node": node, "answer": answer});
        bench.post(HANAKO, &format!("{path}/answers"), &answer).await.expect(200);
    }
    bench.service.counter.do_what_is_due("worker", bench.service.clock.now(), 100).await.unwrap();
    let cases = bench.get(HANAKO, "/v1/cases?market=rakuten-style").await.expect(200);
    assert_eq!(cases["data"][0]["question"], "not-received", "{cases}");
    id(&cases["data"][0]["case_id"])
}

async fn taken_by_one_and_answered_by_one(bench: &Bench, case: &str) {
    let listed = bench.get(SATO, "/v1/cases/desk?market=rakuten-style&owner=nobody").await.expect(200);
    assert_eq!(listed["data"][0]["case_id"], case);
    let route = format!("/v1/cases/{case}/route");
    bench.post(SATO, &route, &json!({"step": "take"})).await.expect(200);
    let taken = bench.post(MORI, &route, &json!({"step": "take"})).await.expect(409);
    assert_eq!(
        (&taken["code"], taken["case"]["taken_by"].as_str().map(str::len)),
        (&json!("case_taken"), Some(5))
    );
    let seen = bench.get(SATO, &format!("/v1/cases/{case}/desk")).await.expect(200);
    assert_eq!(seen["checks"].as_array().unwrap().len(), 1, "{}", seen["checks"]);
    let version = &seen["case"]["version"];
    let replies = format!("/v1/cases/{case}/replies");
    let reply = json!({"version": version, "text": "宅配業者に確認しております。"});
    bench.post(SATO, &replies, &reply).await.expect(200);
    let other = json!({"version": version, "text": "ご確認ください。"});
    let moved = bench.post(MORI, &replies, &other).await.expect(409);
    assert_eq!((&moved["code"], &moved["case"]["said"][0]["text"]), (&json!("case_moved"), &reply["text"]));
    let note = json!({"text": "センターに電話済み、折り返し待ち"});
    bench.post(SATO, &format!("/v1/cases/{case}/notes"), &note).await.expect(200);
}

/// Gift balance did not pay: why stands in the order's own facts.
async fn gift_balance_refused(bench: &Bench) {
    let issue = json!({"market": "amazon-style", "count": 1, "amount": 3000});
    let issued = bench.post(SHOP, "/v1/gift-cards", &issue).await.expect(201);
    let redeem = json!({"market": "amazon-style", "code": issued["cards"][0]["code"]});
    bench.post(MEI, "/v1/gift-cards/redeem", &redeem).await.expect(200);
    let line = json!({"id": "1", "sku": "BOOK", "seller": "yamada-taro", "kind": "physical", "unit_price": 1000,
        "quantity": 1, "tax_rate": "0.10"});
    let request = json!({"market": "amazon-style", "lines": [line],
        "pay": {"stored": [{"program": "gift", "amount": "all"}], "method": {"type": "card"}}});
    let order = json!({"request": request, "expected": {"total": 1350}, "card_token": "tok_ok"});
    let order_id = id(&bench.post(MEI, "/v1/orders", &order).await.expect(201)["order_id"]);
    let open = json!({"market": "amazon-style", "topic": "payment", "question": "balance-unusable",
        "order_id": order_id, "language": "ja", "text": "ギフト券の残高が使えませんでした"});
    let case = id(&bench.post(MEI, "/v1/cases", &open).await.expect(201)["case_id"]);
    let seen = bench.get(SATO, &format!("/v1/cases/{case}/desk")).await.expect(200);
    let refusals = seen["order"]["quote"]["refusals"].as_array().unwrap();
    let why = refusals.iter().find(|refusal| refusal["subject"] == "gift").unwrap();
    assert_eq!(why["code"], "seller_individual");
    let held = seen["wallet"]["balances"].as_array().unwrap();
    assert!(held.iter().any(|held| held["program"] == "gift" && held["available"] == 3000), "{held:?}");
    let reply = json!({"version": seen["case"]["version"], "text": why["message"]["ja"]});
    bench.post(SATO, &format!("/v1/cases/{case}/replies"), &reply).await.expect(200);
    let told = bench.get(MEI, &format!("/v1/cases/{case}")).await.expect(200);
    assert_eq!(told["lines"][1]["text"], why["message"]["ja"]);
    bench.get(HANAKO, &format!("/v1/cases/{case}")).await.expect(404);
}

/// A call about the case breaks off, and goes on at its old place, with the same agent, on the same case.
async fn a_call_breaks_off(bench: &Bench, case: &str, order_id: &str) {
    let market = "market=rakuten-style";
    let ask = json!({"market": "rakuten-style", "customer_id": "hanako", "number": "090-1234-5678"});
    let code = bench.post(SHOP, "/v1/callbacks/numbers/code", &ask).await.expect(200);
    let verify = json!({"market": "rakuten-style", "number": "09012345678", "code": code["code"]});
    bench.post(HANAKO, "/v1/callbacks/numbers/verify", &verify).await.expect(204);
    let wanted = json!({"market": "rakuten-style", "question": "not-received", "order_id": order_id,
        "case_id": case, "number": "090-1234-5678", "language": "ja"});
    bench.post(HANAKO, "/v1/callbacks", &wanted).await.expect(201);
    let next = format!("/v1/callbacks/desk/next?{market}");
    let first = bench.post(SATO, &next, &json!({})).await.expect(200)["callback"].clone();
    let path =
        |what: &str, call: &Value| format!("/v1/callbacks/{}/{what}?{market}", id(&call["callback_id"]));
    bench.post(SATO, &path("accept", &first), &json!({})).await.expect(200);
    let answered = json!({"report": "answered", "words_said": true});
    bench.post(SATO, &path("report", &first), &answered).await.expect(200);
    let lost = json!({"report": "hung_up", "by": "connection_lost", "summary": false});
    bench.post(SATO, &path("report", &first), &lost).await.expect(200);
    at(bench, "17:31:00").await;
    let again = bench.post(SATO, &next, &json!({})).await.expect(200)["callback"].clone();
    assert_eq!(again["follows"], first["callback_id"]);
    assert_eq!((&again["place_at"], &again["case_id"]), (&first["place_at"], &json!(case)));
    bench.post(SATO, &path("accept", &again), &json!({})).await.expect(200);
    bench.post(SATO, &path("report", &again), &answered).await.expect(200);
    let over = json!({"report": "hung_up", "by": "agent", "summary": true});
    assert_eq!(bench.post(SATO, &path("report", &again), &over).await.expect(200)["state"], "completed");
}

/// The same matter once more, in other words: one case, and what is said to either is on it.
async fn an_angry_duplicate_is_merged(bench: &Bench, case: &str, order_id: &str) {
    let open = json!({"market": "rakuten-style", "topic": "parcel", "question": "parcel-other",
        "order_id": order_id, "language": "ja", "text": "いつまで待たせるんですか！"});
    let second = id(&bench.post(HANAKO, "/v1/cases", &open).await.expect(201)["case_id"]);
    let path = format!("/v1/cases/{second}/merge");
    let merge = json!({"case_id": case, "reason": "同じお荷物の件"});
    bench.post(SATO, &path, &merge).await.expect(200);
    bench.post(SATO, &format!("{path}/undo"), &json!({"case_id": case})).await.expect(200);
    bench.post(SATO, &path, &merge).await.expect(200);
    let say = json!({"text": "返金してください。"});
    let said = bench.post(HANAKO, &format!("/v1/cases/{second}/messages"), &say).await.expect(200);
    assert_eq!(said["case_id"], case);
    let merged = bench.post(SATO, &format!("/v1/cases/{second}/route"), &json!({"step": "take"})).await;
    let merged = merged.expect(409);
    assert_eq!((&merged["code"], &merged["case"]["continues_as"]), (&json!("case_merged"), &json!(case)));
}

/// An agent asks, a second person agrees, and the money goes back once.
async fn a_refund_by_two(bench: &Bench, case: &str, number: &str) {
    let path = format!("/v1/cases/{case}/actions");
    let refund = json!({"action": {"action": "refund", "line_id": "1", "amount": 300}, "reason": "お詫び"});
    let asked = bench.write(Method::POST, SATO, &path, "refund", &refund).await.expect(200);
    assert_eq!(asked, bench.write(Method::POST, SATO, &path, "refund", &refund).await.expect(200));
    let decision = format!("{path}/{}/decision", id(&asked["action_id"]));
    bench.post(SATO, &decision, &json!({"agrees": true})).await.expect(403);
    for _ in 0..2 {
        bench.post(MORI, &decision, &json!({"agrees": true})).await.expect(200);
    }
    let order = bench.get(HANAKO, &format!("/v1/orders/{number}")).await.expect(200);
    assert_eq!(order["refunds"].as_array().unwrap().len(), 1, "{order}");
    let seen = bench.get(SATO, &format!("/v1/cases/{case}/desk")).await.expect(200);
    assert_eq!(
        (&seen["actions"][0]["state"], &seen["actions"][0]["approved_by"]),
        (&json!("done"), &json!("mori"))
    );
}

/// At six the desk closes: what was open a moment ago is answered with what is open now.
async fn closing_time(bench: &Bench, case: &str) {
    let offers = "/v1/contact/offers?market=rakuten-style&question=not-received";
    let open = |offers: &Value, channel: &str| {
        let found =
            offers["data"].as_array().unwrap().iter().find(|offer| offer["channel"] == channel).cloned();
        found.unwrap()
    };
    at(bench, "17:59:30").await;
    assert_eq!(open(&bench.get(HANAKO, offers).await.expect(200), "chat")["open"], "now");
    at(bench, "18:00:00").await;
    let closed = bench.get(HANAKO, offers).await.expect(200);
    let chat = open(&closed, "chat");
    assert_eq!((&chat["open"], &chat["reason"]), (&json!("hidden"), &json!("closed")));
    assert_eq!(chat["opens_at"], "2026-11-24T00:00:00Z");
    assert_eq!(open(&closed, "callback")["open"], "scheduled_only");
    let asked = bench.post(HANAKO, "/v1/chats", &json!({"case_id": case})).await.expect(200);
    assert_eq!((&asked["outcome"], &asked["chat"]), (&json!("new_offers"), &json!(null)));
    assert!(asked["offers"].as_array().unwrap().iter().any(|offer| offer["open"] == "later"));
}

/// Every step of the evening is on the history, in order, and its customer sees what is theirs to see.
async fn all_of_it_is_on_the_history(bench: &Bench, case: &str) {
    let seen = bench.get(SATO, &format!("/v1/cases/{case}/desk")).await.expect(200);
    let timeline = seen["timeline"].as_array().unwrap();
    let words: Vec<&str> = timeline.iter().map(|event| event["event"]["event"].as_str().unwrap()).collect();
    let mut after = words.iter();
    for expected in [
        "opened",
        "assigned",
        "said",
        "noted",
        "call_stepped",
        "call_stepped",
        "merged_from",
        "split_off",
        "merged_from",
        "said",
        "action_asked",
        "action_approved",
        "action_done",
        "solved",
    ] {
        assert!(after.any(|word| *word == expected), "{expected} is not where it should be in {words:?}");
    }
    let public = String::from_utf8(bench.get(HANAKO, &format!("/v1/cases/{case}")).await.bytes).unwrap();
    for hidden in ["sato", "mori", "折り返し待ち"] {
        assert!(!public.contains(hidden), "{hidden}: {public}");
    }
    for told in [
        "宅配業者に確認",
        "返金してください",
        "\"line\":\"done\"",
        "\"line\":\"joined\"",
        "\"line\":\"call\"",
    ] {
        assert!(public.contains(told), "{told}: {public}");
    }
}

async fn evening(bench: Bench) {
    let (order_id, number, shipment) = delivered(&bench).await;
    at(&bench, "17:00:00").await;
    let case = parcel_missing(&bench, &shipment).await;
    taken_by_one_and_answered_by_one(&bench, &case).await;
    at(&bench, "17:15:00").await;
    gift_balance_refused(&bench).await;
    at(&bench, "17:30:00").await;
    a_call_breaks_off(&bench, &case, &order_id).await;
    at(&bench, "17:40:00").await;
    an_angry_duplicate_is_merged(&bench, &case, &order_id).await;
    at(&bench, "17:50:00").await;
    a_refund_by_two(&bench, &case, &number).await;
    closing_time(&bench, &case).await;
    let solve = json!({"disposition": "refunded", "summary": "300円を返金いたしました。"});
    bench.post(SATO, &format!("/v1/cases/{case}/solve"), &solve).await.expect(200);
    all_of_it_is_on_the_history(&bench, &case).await;
}

#[tokio::test]
async fn an_evening_at_the_desk_on_sqlite() {
    evening(Bench::new().await).await;
}

#[tokio::test]
async fn an_evening_at_the_desk_on_postgres() {
    evening(Bench::on_postgres().await).await;
}
