//! Cases over HTTP: pictures, mail, templates and macros, lists, who sees what.

use axum::body::Body;
use axum::http::{Method, Request};
use choba_app::MailHook;
use choba_outside::webhook::WebhookSecret;
use choba_server::{Telling, api};
use serde_json::{Value, json};

use crate::support::{Bench, PNG};

const HANAKO: &str = "customer:hanako";
const SATO: &str = "staff:sato:agent";
const MORI: &str = "staff:mori:specialist";
const MARKET: &str = "market=rakuten-style";

async fn opened(bench: &Bench, who: &str, question: &str) -> String {
    let open = json!({"market": "rakuten-style", "topic": "payment", "question": question, "language": "ja",
        "text": "使えません"});
    bench.post(who, "/v1/cases", &open).await.expect(201)["case_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_picture_is_given_back_to_be_saved_and_never_as_a_page() {
    let bench = Bench::new().await;
    let case = opened(&bench, HANAKO, "balance-unusable").await;
    let path = format!("/v1/cases/{case}/attachments");
    let kept = bench.upload(HANAKO, &format!("{path}?name=%E7%8E%84%E9%96%A2.html"), PNG).await.expect(201);
    assert_eq!((&kept["media_type"], &kept["name"]), (&json!("image/png"), &json!("玄関.png")));
    let id = kept["attachment_id"].as_str().unwrap();
    let file = bench.get(SATO, &format!("/v1/attachments/{case}/{id}")).await;
    assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "image/png"));
    assert_eq!(file.header("content-disposition"), "attachment; filename*=UTF-8''%E7%8E%84%E9%96%A2.png");
    assert_eq!(file.header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(
        (file.header("x-content-type-options"), file.header("cache-control")),
        ("nosniff", "no-store")
    );
    assert!(file.bytes.starts_with(&PNG[..8]));
    bench.get("customer:taro", &format!("/v1/attachments/{case}/{id}")).await.expect(404);
    let other = opened(&bench, "customer:taro", "balance-unusable").await;
    bench.get("customer:taro", &format!("/v1/attachments/{other}/{id}")).await.expect(404);
    let page = bench.upload(HANAKO, &format!("{path}?name=a.png"), b"<html>").await.expect(415);
    assert_eq!(page["code"], "attachment_type");
    let two = [PNG, b"PK\x03\x04 and another file"].concat();
    assert_eq!(
        bench.upload(HANAKO, &format!("{path}?name=a.png"), &two).await.expect(422)["code"],
        "attachment_two_files"
    );
    let large = vec![0; 8 * 1024 * 1024 + 2];
    assert_eq!(
        bench.upload(HANAKO, &format!("{path}?name=a.png"), &large).await.expect(413)["code"],
        "attachment_too_large"
    );
    let say = json!({"text": "写真です", "attachments": [id]});
    bench.post(HANAKO, &format!("/v1/cases/{case}/messages"), &say).await.expect(200);
    let foreign = json!({"text": "写真です", "attachments": ["att_of_somebody_else"]});
    bench.post(HANAKO, &format!("/v1/cases/{case}/messages"), &foreign).await.expect(404);
}

#[tokio::test]
async fn a_mail_is_taken_in_where_our_own_server_signed_it() {
    let mut bench = Bench::new().await;
    let text = WebhookSecret::text_of(&[4; 32]);
    let secret = || WebhookSecret::read(&text).unwrap();
    let mail_in = MailHook { our_server: "mx.shop.example".to_owned(), secrets: vec![secret()] };
    bench.service.telling = Telling { mail_in, ..Telling::default() };
    bench.router = api::router(bench.service.clone());
    let case = opened(&bench, HANAKO, "balance-unusable").await;
    let counter = &bench.service.counter;
    let address = counter.reply_address(&case, "hanako@mail.example", "care.shop.example").unwrap();
    let mail = |result: &str| {
        format!(
            "Authentication-Results: mx.shop.example; dmarc={result} header.from=mail.example\r\nFrom: hanako@mail.example\r\nTo: {}\r\n\r\nまだ使えません。\r\n",
            address.as_str()
        )
    };
    let now = bench.service.clock.now().as_second();
    let send = async |raw: &str, signature: String| {
        let request = Request::post("/v1/hooks/mail")
            .header("content-type", "message/rfc822")
            .header("webhook-id", "m1")
            .header("webhook-timestamp", now)
            .header("webhook-signature", signature);
        bench.send(request.body(Body::from(raw.to_owned())).unwrap()).await
    };
    let good = mail("pass");
    for _ in 0..2 {
        let signature = secret().sign("m1", now, good.as_bytes()).unwrap();
        assert_eq!(send(&good, signature).await.expect(202)["outcome"], "said");
    }
    let forged = mail("fail");
    let signature = secret().sign("m1", now, good.as_bytes()).unwrap();
    assert_eq!(send(&forged, signature).await.expect(401)["code"], "not_signed");
    let signature = secret().sign("m1", now, forged.as_bytes()).unwrap();
    assert_eq!(send(&forged, signature).await.expect(202)["outcome"], "unverified");
    let seen = bench.get(SATO, &format!("/v1/cases/{case}/desk")).await.expect(200);
    assert_eq!(seen["case"]["lines"].as_array().unwrap().len(), 2);
    let came = &seen["unverified"][0]["came"];
    let accept = json!({"step": "accept_mail", "came": came});
    bench.post(SATO, &format!("/v1/cases/{case}/route"), &accept).await.expect(200);
    let seen = bench.get(HANAKO, &format!("/v1/cases/{case}")).await.expect(200);
    assert_eq!(seen["lines"].as_array().unwrap().len(), 3);
    let without = Bench::new().await;
    let request = Request::post("/v1/hooks/mail").body(Body::from(good)).unwrap();
    without.send(request).await.expect(401);
}

#[tokio::test]
async fn templates_and_macros_are_published_by_who_leads_and_used_by_the_desk() {
    let bench = Bench::new().await;
    let case = opened(&bench, HANAKO, "balance-unusable").await;
    let template = json!({"follows": 0, "key": "looking", "language": "ja", "title": "確認中",
        "body": "{{ case_number }} の件、{{ what }} を確認しております。",
        "places": [{"name": "case_number", "kind": "text"}, {"name": "what", "kind": "text"}]});
    let templates = format!("/v1/cases/desk/templates?{MARKET}");
    bench.post(SATO, &templates, &template).await.expect(403);
    assert_eq!(bench.post(MORI, &templates, &template).await.expect(201)["version"], 1);
    let late = bench.post(MORI, &templates, &template).await.expect(422);
    assert_eq!(late["errors"][0]["pointer"], "/follows");
    let mut amount = template.clone();
    amount["key"] = json!("amount");
    amount["body"] = json!("{{ case_number }} {{ what }} 500円");
    assert_eq!(bench.post(MORI, &templates, &amount).await.expect(422)["errors"][0]["pointer"], "/body");
    let listed = bench.get(SATO, &templates).await.expect(200);
    assert!(listed["data"].as_array().unwrap().iter().any(|known| known["key"] == "looking"));
    let preview = format!("/v1/cases/{case}/preview");
    let empty = bench.post(SATO, &preview, &json!({"template": "looking"})).await.expect(422);
    assert_eq!(
        (&empty["code"], &empty["errors"][0]["pointer"]),
        (&json!("template_undefined"), &json!("/typed/what"))
    );
    let filled = json!({"template": "looking", "typed": {"what": "残高"}});
    let filled = bench.post(SATO, &preview, &filled).await.expect(200);
    assert!(filled["text"].as_str().unwrap().ends_with("残高 を確認しております。"));
    let steps = json!([{"step": "note", "text": "確認中"}, {"step": "priority", "priority": "high"},
        {"step": "reply", "template": "looking"}, {"step": "wait_for_customer"}]);
    let wanted = json!({"key": "look", "title": "確認して待つ", "steps": steps});
    let macros = format!("/v1/cases/desk/macros?{MARKET}");
    bench.post(SATO, &macros, &wanted).await.expect(403);
    assert_eq!(bench.post(MORI, &macros, &wanted).await.expect(201)["steps"], steps);
    assert_eq!(bench.get(SATO, &macros).await.expect(200)["data"][0]["version"], 1);
    let version = &bench.get(SATO, &format!("/v1/cases/{case}/desk")).await.expect(200)["case"]["version"];
    let run = json!({"macro": "look", "version": version, "typed": {"what": "残高"}});
    let path = format!("/v1/cases/{case}/macros");
    let ran = bench.write(Method::POST, SATO, &path, "run", &run).await.expect(200);
    assert_eq!(ran["state"], "pending_customer");
    assert_eq!(ran, bench.write(Method::POST, SATO, &path, "run", &run).await.expect(200));
    let seen = bench.get(HANAKO, &format!("/v1/cases/{case}")).await;
    assert_eq!(seen.header("etag"), format!("\"{}\"", ran["version"]));
    assert_eq!(seen.expect(200)["lines"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_desks_list_comes_in_pages_and_can_be_narrowed() {
    let bench = Bench::new().await;
    let mut all = Vec::new();
    for customer in 0..7 {
        all.push(opened(&bench, &format!("customer:c{customer}"), "balance-unusable").await);
    }
    bench.post(SATO, &format!("/v1/cases/{}/route", all[3]), &json!({"step": "take"})).await.expect(200);
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/cases/desk?{MARKET}&queue=desk&limit=3{after}");
        let page = bench.get(SATO, &path).await.expect(200);
        found.extend(
            page["data"].as_array().unwrap().iter().map(|row| row["case_id"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    found.sort();
    all.sort();
    assert_eq!(found, all);
    let list = async |more: &str| {
        let page: Value = bench.get(SATO, &format!("/v1/cases/desk?{MARKET}&{more}")).await.expect(200);
        page["data"].as_array().unwrap().len()
    };
    assert_eq!((list("owner=me").await, list("owner=nobody").await, list("owner=mori").await), (1, 6, 0));
    assert_eq!((list("state=new").await, list("skill=french").await, list("queue=returns").await), (6, 0, 0));
    let mine = bench.get(SATO, &format!("/v1/cases/desk?{MARKET}&owner=me")).await.expect(200);
    let path = format!("/v1/cases/{}/route", mine["data"][0]["case_id"].as_str().unwrap());
    bench.post(SATO, &path, &json!({"step": "release"})).await.expect(200);
    bench.post(SATO, &path, &json!({"step": "assign", "staff_id": "abe"})).await.expect(403);
    bench.post(MORI, &path, &json!({"step": "assign", "staff_id": "abe"})).await.expect(200);
    let up = json!({"step": "escalate", "kind": "hierarchical", "queue": "returns", "skill": "french", "reason": "約束"});
    bench.post(SATO, &path, &up).await.expect(200);
    assert_eq!((list("skill=french").await, list("queue=returns").await), (1, 1));
    bench.post(MORI, &path, &json!({"step": "accept"})).await.expect(200);
    let nothing = bench.post(MORI, &path, &json!({"step": "accept"})).await.expect(409);
    assert_eq!(nothing["code"], "nothing_escalated");
    bench.get(HANAKO, &format!("/v1/cases/desk?{MARKET}")).await.expect(403);
    assert_eq!((list("near=true").await, list("waiting=true").await), (0, 0));
    let give = json!({"action": {"action": "give_goodwill", "program": "rakuten", "kind": "ordinary", "points": 50_000},
        "reason": "お詫び"});
    bench.post(SATO, &format!("/v1/cases/{}/actions", all[0]), &give).await.expect(200);
    let waiting = bench.get(MORI, &format!("/v1/cases/desk?{MARKET}&waiting=true")).await.expect(200);
    assert_eq!(waiting["data"][0]["case_id"], all[0].as_str());
    assert_eq!((&waiting["data"][0]["waiting_actions"], list("waiting=true").await), (&json!(1), 1));
}

#[tokio::test]
async fn a_customer_says_that_it_is_solved_and_that_it_is_not() {
    let bench = Bench::new().await;
    let path = format!("/v1/cases/{}", opened(&bench, HANAKO, "balance-unusable").await);
    bench.post(SATO, &format!("{path}/solved"), &json!({})).await.expect(403);
    bench.post("customer:ichiro", &format!("{path}/solved"), &json!({})).await.expect(404);
    let solved = bench.post(HANAKO, &format!("{path}/solved"), &json!({})).await.expect(200);
    assert_eq!(solved["state"], "solved");
    assert_eq!(bench.post(HANAKO, &format!("{path}/solved"), &json!({})).await.expect(200), solved);
    let seen = bench.get(HANAKO, &path).await.expect(200);
    assert_eq!((&seen["state"], &seen["summary"]), (&json!("solved"), &json!("")));
    let desk = bench.get(SATO, &format!("/v1/cases/desk?{MARKET}")).await.expect(200);
    assert_eq!(desk["data"], json!([]));
    let again = bench.post(HANAKO, &format!("{path}/reopen"), &json!({})).await.expect(200);
    assert_eq!(again["state"], "open");
}

#[tokio::test]
async fn what_is_asked_for_wrongly_names_the_field() {
    let bench = Bench::new().await;
    let open =
        json!({"market": "rakuten-style", "topic": "payment", "question": "not-received", "language": "ja"});
    assert_eq!(bench.post(HANAKO, "/v1/cases", &open).await.expect(422)["errors"][0]["pointer"], "/topic");
    let extra = json!({"market": "rakuten-style", "topic": "payment", "question": "balance-unusable",
        "language": "ja", "private": true});
    bench.post(HANAKO, "/v1/cases", &extra).await.expect(422);
    let case = opened(&bench, HANAKO, "balance-unusable").await;
    let messages = format!("/v1/cases/{case}/messages");
    let empty = bench.post(HANAKO, &messages, &json!({"text": " "})).await.expect(422);
    assert_eq!(empty["errors"][0]["pointer"], "/text");
    let long = json!({"text": "x".repeat(20_001)});
    assert_eq!(bench.post(HANAKO, &messages, &long).await.expect(422)["errors"][0]["pointer"], "/text");
    bench.post(SATO, &messages, &json!({"text": "x"})).await.expect(403);
    let not_now = bench.post(HANAKO, &format!("/v1/cases/{case}/reopen"), &json!({})).await.expect(409);
    assert_eq!((&not_now["code"], &not_now["case"]["state"]), (&json!("case_not_now"), &json!("new")));
    let hole = json!({"version": 2, "text": "{{ name }} 様"});
    let hole = bench.post(SATO, &format!("/v1/cases/{case}/replies"), &hole).await.expect(422);
    assert_eq!(hole["errors"][0]["pointer"], "/text");
}
