//! What others wrote stays what it is: text. Nothing of it becomes markup, a header, an event or a placeholder.

use serde_json::{Value, json};

use crate::chats::there;
use crate::support::{Bench, PNG, Stream};

const HANAKO: &str = "customer:hanako";
const SATO: &str = "staff:sato:agent";

/// From the usual lists of what pages, mails, logs and templates were fooled with.
const CORPUS: [&str; 16] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "javascript:alert(1)",
    "</textarea><script>alert(1)</script>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "{{7*7}} ${7*7} <%= 7*7 %> #{7*7}",
    "a\r\nSet-Cookie: session=1",
    "a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>x</h1>",
    "a\nBcc: everybody@example.com",
    "a\n\nevent: end\ndata: ended\n\n",
    "id: 999\ndata: x",
    "\u{202e}gnp.exe",
    "\u{0}\u{1b}[2J",
    "'; DROP TABLE cases; --",
    "\u{feff}＜script＞alert(1)＜/script＞",
];

/// Answers are JSON that nobody takes for a page, whatever is in them.
fn is_json(answer: &crate::support::Answered) {
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    for (name, value) in &answer.headers {
        assert!(!value.as_bytes().contains(&b'\n') && name != "set-cookie", "{name}: {value:?}");
    }
}

#[tokio::test]
async fn what_is_said_in_a_case_is_given_back_as_it_was_said() {
    let bench = Bench::new().await;
    let open = json!({"market": "rakuten-style", "topic": "other", "question": "other", "language": "ja", "text": CORPUS[0]});
    let case =
        bench.post(HANAKO, "/v1/cases", &open).await.expect(201)["case_id"].as_str().unwrap().to_owned();
    for text in &CORPUS[1..] {
        bench.post(HANAKO, &format!("/v1/cases/{case}/messages"), &json!({"text": text})).await.expect(200);
        bench.post(SATO, &format!("/v1/cases/{case}/notes"), &json!({"text": text})).await.expect(200);
        let up = json!({"step": "queue", "queue": "returns", "skill": text, "reason": text});
        bench.post(SATO, &format!("/v1/cases/{case}/route"), &up).await;
    }
    let seen = bench.get(HANAKO, &format!("/v1/cases/{case}")).await;
    is_json(&seen);
    let seen = seen.expect(200);
    let texts: Vec<&str> =
        seen["lines"].as_array().unwrap().iter().filter_map(|line| line["text"].as_str()).collect();
    assert_eq!(texts, CORPUS);
    is_json(&bench.get(SATO, &format!("/v1/cases/{case}/desk")).await);
    is_json(&bench.get(SATO, "/v1/cases/desk?market=rakuten-style").await);
}

#[tokio::test]
async fn what_is_said_in_a_chat_is_one_event_each() {
    let bench = Bench::new().await;
    there(&bench, SATO, 1).await;
    let open = json!({"market": "rakuten-style", "topic": "other", "question": "other", "language": "ja"});
    let case = bench.post(HANAKO, "/v1/cases", &open).await.expect(201)["case_id"].clone();
    let asked = bench.post(HANAKO, "/v1/chats", &json!({"case_id": case})).await.expect(201);
    let path = format!("/v1/chats/{}", asked["chat"]["chat_id"].as_str().unwrap());
    for (number, text) in CORPUS.iter().enumerate() {
        let said = json!({"client_id": format!("m{number}"), "text": text});
        bench.post(HANAKO, &format!("{path}/messages"), &said).await.expect(200);
        let named = json!({"client_id": text, "text": "x"});
        bench.post(HANAKO, &format!("{path}/messages"), &named).await.expect(422);
    }
    bench.post(HANAKO, &format!("{path}/end"), &json!({})).await.expect(200);
    let (mut stream, mut heard) =
        (Stream::open(&bench, HANAKO, &format!("{path}/events"), None).await, Vec::new());
    while let Some(sent) = stream.next().await {
        heard.push(sent);
    }
    assert_eq!(heard.len(), CORPUS.len() + 2);
    for (sent, text) in heard.iter().zip(CORPUS) {
        assert_eq!((sent.event.as_str(), &sent.json()["text"]), ("line", &json!(text)));
    }
}

#[tokio::test]
async fn names_of_files_and_templates_stay_words() {
    let bench = Bench::new().await;
    let open = json!({"market": "rakuten-style", "topic": "other", "question": "other", "language": "ja"});
    let case =
        bench.post(HANAKO, "/v1/cases", &open).await.expect(201)["case_id"].as_str().unwrap().to_owned();
    for text in CORPUS {
        let name: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let kept = bench.upload(HANAKO, &format!("/v1/cases/{case}/attachments?name={name}"), PNG).await;
        let Value::String(id) = &kept.expect(201)["attachment_id"] else { panic!("{kept:?}") };
        let file = bench.get(HANAKO, &format!("/v1/attachments/{case}/{id}")).await;
        let disposition = file.header("content-disposition");
        let name = disposition.strip_prefix("attachment; filename*=UTF-8''").unwrap();
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%-._".contains(&byte)), "{name}");
        assert!(name.ends_with(".png") && file.header("set-cookie").is_empty());
        let typed = json!({"template": text, "typed": {text: text}});
        let unknown = bench.post(SATO, &format!("/v1/cases/{case}/preview"), &typed).await;
        assert_eq!(unknown.header("content-type"), "application/problem+json");
        unknown.expect(404);
        let reply = json!({"version": 1, "text": text});
        let replied = bench.post(SATO, &format!("/v1/cases/{case}/replies"), &reply).await;
        assert!(!String::from_utf8_lossy(&replied.bytes).contains("49"), "{replied:?}");
    }
}
