//! Keys and the audit log over HTTP, with the doorkeeper that serves.

use std::sync::Arc;

use axum::http::Method;
use choba_app::{Caller, Look, Role};
use choba_server::identity::{Identities, Issuers, OwnIssuer, Subject};
use choba_server::{Service, api};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::Bench;

/// A service behind the real doorkeeper, and its issuer.
async fn guarded() -> (Bench, OwnIssuer) {
    let mut bench = Bench::new().await;
    let own = OwnIssuer::from_seed(&[3; 32]);
    let issuers = Issuers::new(&[], Some(&own)).unwrap();
    let doorkeeper = Identities::new(issuers, bench.service.counter.clone());
    bench.service = Service { doorkeeper: Arc::new(doorkeeper), ..bench.service };
    bench.router = api::router(bench.service.clone());
    (bench, own)
}

fn token(bench: &Bench, own: &OwnIssuer, subject: &Subject) -> String {
    own.issue(subject, SignedDuration::from_hours(1), bench.service.clock.now(), "t").unwrap()
}

fn operator() -> Subject {
    Subject::Staff("sato".to_owned(), Role::Operator)
}

#[tokio::test]
async fn a_key_is_made_used_rotated_and_ended() {
    let (bench, own) = guarded().await;
    let operator = token(&bench, &own, &operator());
    let wanted = json!({ "name": "backend", "rights": ["keys:manage", "audit:read"] });
    let made = bench.post(&operator, "/v1/keys", &wanted).await.expect(201);
    let (id, secret) = (made["key"]["key_id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    assert!(secret.starts_with("choba_live_"));
    let listed = bench.get(secret, "/v1/keys").await.expect(200);
    assert_eq!(listed["data"][0]["key_id"], id);
    assert!(!listed.to_string().contains("choba_live_"));
    let path = format!("/v1/keys/{id}/rotate");
    let rotated = bench.post(&operator, &path, &json!({ "grace_seconds": 0 })).await.expect(200);
    bench.get(secret, "/v1/keys").await.expect(401);
    let new = rotated["secret"].as_str().unwrap();
    bench.get(new, "/v1/keys").await.expect(200);
    let path_of_key = format!("/v1/keys/{id}");
    let ended = bench.write(Method::DELETE, &operator, &path_of_key, "k", &json!({})).await;
    assert_eq!(ended.expect(200)["state"], "ended");
    bench.get(new, "/v1/keys").await.expect(401);
    bench.post(&operator, &path, &json!({})).await.expect(404);
}

#[tokio::test]
async fn a_slip_of_copying_is_told_and_other_keys_are_only_refused() {
    let (bench, own) = guarded().await;
    let operator = token(&bench, &own, &operator());
    let wanted = json!({ "name": "backend", "rights": ["keys:manage"] });
    let made = bench.post(&operator, "/v1/keys", &wanted).await.expect(201);
    let secret = made["secret"].as_str().unwrap();
    let slip = bench.get(&secret[..secret.len() - 1], "/v1/keys").await.expect(401);
    assert!(slip["detail"].as_str().unwrap().contains("not copied whole"), "{slip}");
    let ended = bench.get("choba_live_", "/v1/keys").await.expect(401);
    assert_eq!(ended["detail"], slip["detail"]);
    let forged = bench.get("a.b.c", "/v1/keys").await.expect(401);
    assert!(!forged["detail"].as_str().unwrap().contains("copied"));
}

#[tokio::test]
async fn a_repeated_making_says_that_the_secret_was_shown() {
    let (bench, own) = guarded().await;
    let operator = token(&bench, &own, &operator());
    let wanted = json!({ "name": "backend", "rights": ["reports:read"] });
    let post = async || bench.write(Method::POST, &operator, "/v1/keys", "k1", &wanted).await;
    let made = post().await.expect(201);
    let again = post().await.expect(409);
    assert_eq!(again["code"], "made_before");
    assert!(again["detail"].as_str().unwrap().contains(made["key"]["key_id"].as_str().unwrap()));
    let unknown = json!({ "name": "x", "rights": ["quotes", "everything"] });
    let unknown = bench.post(&operator, "/v1/keys", &unknown).await.expect(422);
    assert_eq!(unknown["errors"][0]["pointer"], "/rights/1");
    let more = json!({ "name": "x", "rights": ["personal:reveal"] });
    bench.post(&operator, "/v1/keys", &more).await.expect(403);
}

#[tokio::test]
async fn the_audit_log_is_read_in_pages_by_those_who_may() {
    let (bench, own) = guarded().await;
    let operator = token(&bench, &own, &operator());
    for number in 0..5 {
        let wanted = json!({ "name": format!("key {number}"), "rights": ["quotes"] });
        bench.post(&operator, "/v1/keys", &wanted).await.expect(201);
    }
    let mut names: Vec<Value> = Vec::new();
    let mut path = "/v1/audit?limit=2&action=key.made".to_owned();
    loop {
        let page = bench.get(&operator, &path).await.expect(200);
        names.extend(page["data"].as_array().unwrap().iter().map(|row| row["details"]["name"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/audit?limit=2&action=key.made&after={next}");
    }
    assert_eq!(names.len(), 5);
    names.sort_by_key(Value::to_string);
    assert_eq!(names, [0, 1, 2, 3, 4].map(|number| json!(format!("key {number}"))));
    let by = bench.get(&operator, "/v1/audit?made_by=staff:sato&subject=nothing").await.expect(200);
    assert_eq!(by["data"], json!([]));
    for other in [Subject::Staff("a".to_owned(), Role::Agent), Subject::Customer("hanako".to_owned())] {
        bench.get(&token(&bench, &own, &other), "/v1/audit").await.expect(403);
    }
}

#[tokio::test]
async fn a_customer_sees_who_looked_at_their_data_and_nobody_elses() {
    let (bench, own) = guarded().await;
    let agent = Caller::Staff { staff_id: "sato".to_owned(), role: Role::Agent };
    let look = Look {
        customer_id: "hanako".to_owned(),
        what: "address".to_owned(),
        subject: "case_1".to_owned(),
        reason: "the parcel came back".to_owned(),
    };
    bench.service.counter.record_look(&agent, look, bench.service.clock.now()).await.unwrap();
    let hanako = token(&bench, &own, &Subject::Customer("hanako".to_owned()));
    let looks = bench.get(&hanako, "/v1/customers/hanako/looks").await.expect(200);
    assert_eq!((&looks["data"][0]["by"], &looks["data"][0]["what"]), (&json!("staff"), &json!("address")));
    assert!(!looks.to_string().contains("sato"));
    bench.get(&hanako, "/v1/customers/taro/looks").await.expect(404);
}

#[tokio::test]
async fn others_can_check_the_tokens_of_the_own_issuer() {
    let (bench, own) = guarded().await;
    let keys = bench.get("", "/.well-known/jwks.json").await.expect(200);
    assert_eq!(keys, own.jwks());
    assert_eq!(keys["keys"][0]["d"], Value::Null);
}
