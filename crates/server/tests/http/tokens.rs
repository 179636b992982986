//! Tokens of trusted issuers, and a corpus of those that are not to be believed.

mod forge;
mod key_server;

use choba_app::{Caller, Role};
use choba_server::identity::{IssuerSettings, Issuers, OwnIssuer, RoleSetting, Subject, TokenFault};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use forge::{Forger, claims, head};
use key_server::KeyServer;

/// When tests ask.
fn now() -> Timestamp {
    Timestamp::from_second(1_795_230_000).unwrap()
}

fn after(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

const ISSUER: &str = "https://id.example/";

fn settings(keys: &Value) -> IssuerSettings {
    IssuerSettings {
        issuer: ISSUER.to_owned(),
        audience: "shop".to_owned(),
        jwks_url: None,
        jwks: Some(keys.to_string()),
        algorithms: ["EdDSA", "ES256", "RS256", "PS256"].map(str::to_owned).to_vec(),
        customer_claim: Some("sub".to_owned()),
        staff_claim: "sub".to_owned(),
        role_claim: Some("groups".to_owned()),
        roles: vec![
            RoleSetting { has: "bosses".to_owned(), role: "operator".to_owned() },
            RoleSetting { has: "desk".to_owned(), role: "agent".to_owned() },
        ],
    }
}

fn all_keys() -> Value {
    json!({ "keys": [Forger::ed(1).public("ed"), Forger::ec().public("ec"), Forger::rsa().public("rsa")] })
}

fn issuers() -> Issuers {
    Issuers::new(&[settings(&all_keys())], Some(&OwnIssuer::from_seed(&[3; 32]))).unwrap()
}

async fn fault(token: &str) -> TokenFault {
    issuers().identify(token, now()).await.expect_err("a token that is not to be believed")
}

/// The usual claims with some of them changed; `null` takes one away.
fn changed(changes: Value) -> Value {
    let mut claims = claims(now());
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            _ => claims[name] = value.clone(),
        }
    }
    claims
}

#[tokio::test]
async fn tokens_of_every_algorithm_that_is_set_are_believed() {
    let forgers = [
        (Forger::ed(1), "EdDSA", "ed"),
        (Forger::ec(), "ES256", "ec"),
        (Forger::rsa(), "RS256", "rsa"),
        (Forger::rsa(), "PS256", "rsa"),
    ];
    for (forger, algorithm, key_id) in forgers {
        let token = forger.token(&head(algorithm, key_id), &claims(now()));
        let identified = issuers().identify(&token, now()).await.unwrap();
        assert_eq!(identified.caller, Caller::customer("hanako"), "{algorithm}");
        assert_eq!(identified.token_id.as_deref(), Some("t1"));
    }
}

#[tokio::test]
async fn roles_make_staff_and_the_first_that_is_set_counts() {
    let caller = async |groups: Value| {
        let claims = changed(json!({ "groups": groups }));
        issuers().identify(&Forger::ed(1).token(&head("EdDSA", "ed"), &claims), now()).await.unwrap().caller
    };
    let staff = |role| Caller::Staff { staff_id: "hanako".to_owned(), role };
    assert_eq!(caller(json!("desk")).await, staff(Role::Agent));
    assert_eq!(caller(json!(["others", "desk", "bosses"])).await, staff(Role::Operator));
    assert_eq!(caller(json!(["others"])).await, Caller::customer("hanako"));
    assert_eq!(caller(json!({ "desk": true })).await, Caller::customer("hanako"));
}

#[tokio::test]
async fn an_issuer_without_customers_names_none() {
    let settings = IssuerSettings { customer_claim: None, ..settings(&all_keys()) };
    let issuers = Issuers::new(&[settings], None).unwrap();
    let token = Forger::ed(1).token(&head("EdDSA", "ed"), &claims(now()));
    assert_eq!(issuers.identify(&token, now()).await.unwrap_err(), TokenFault::Nobody);
}

#[tokio::test]
async fn a_token_without_a_signature_is_nothing() {
    for algorithm in ["none", "None", "NONE", "nOnE", ""] {
        for signature in ["", "AAAA"] {
            let token = format!("{}.{signature}", forge::unsigned(&head(algorithm, "ed"), &claims(now())));
            assert_eq!(fault(&token).await, TokenFault::Algorithm, "{algorithm:?}");
        }
    }
    let token = Forger::ed(1).token(&head("EdDSA", "ed"), &claims(now()));
    let (signed, _) = token.rsplit_once('.').unwrap();
    assert_eq!(fault(&format!("{signed}.")).await, TokenFault::Signature);
    assert_eq!(fault(signed).await, TokenFault::NotAToken);
}

#[tokio::test]
async fn a_public_key_is_never_a_shared_secret() {
    let keys = all_keys();
    for key in keys["keys"].as_array().unwrap() {
        for secret in forge::readings_of(key) {
            for algorithm in ["HS256", "HS384", "HS512"] {
                let head = head(algorithm, key["kid"].as_str().unwrap());
                let token = Forger::hmac(&secret).token(&head, &claims(now()));
                assert_eq!(fault(&token).await, TokenFault::Algorithm);
            }
        }
    }
}

#[tokio::test]
async fn shared_secrets_in_the_settings_are_no_keys() {
    let shared = json!({ "keys": [{ "kty": "oct", "k": "c2VjcmV0", "kid": "s", "alg": "HS256" }] });
    assert_eq!(Issuers::new(&[settings(&shared)], None).unwrap_err().field, "jwks");
    for algorithm in ["HS256", "none", "RS1", "eddsa", ""] {
        let settings = IssuerSettings { algorithms: vec![algorithm.to_owned()], ..settings(&all_keys()) };
        assert_eq!(Issuers::new(&[settings], None).unwrap_err().field, "algorithms", "{algorithm}");
    }
}

#[tokio::test]
async fn a_key_is_used_for_its_own_algorithm_only() {
    for (algorithm, key_id) in
        [("RS256", "ed"), ("EdDSA", "rsa"), ("ES256", "ed"), ("EdDSA", "ec"), ("PS256", "ec")]
    {
        let token = Forger::ed(1).token(&head(algorithm, key_id), &claims(now()));
        assert_eq!(fault(&token).await, TokenFault::Algorithm, "{algorithm} with {key_id}");
    }
    let only = IssuerSettings { algorithms: vec!["ES256".to_owned()], ..settings(&all_keys()) };
    let issuers = Issuers::new(&[only], None).unwrap();
    let token = Forger::ed(1).token(&head("EdDSA", "ed"), &claims(now()));
    assert_eq!(issuers.identify(&token, now()).await.unwrap_err(), TokenFault::Algorithm);
}

#[tokio::test]
async fn what_is_signed_by_others_is_not_believed() {
    let stranger = Forger::ed(9);
    let by_stranger = |head: &Value| stranger.token(head, &claims(now()));
    assert_eq!(fault(&by_stranger(&head("EdDSA", "ed"))).await, TokenFault::Signature);
    assert_eq!(fault(&by_stranger(&head("EdDSA", "unknown"))).await, TokenFault::UnknownKey);
    // The key of another issuer that is trusted too.
    let own = OwnIssuer::from_seed(&[3; 32]);
    let own_key_id = own.jwks()["keys"][0]["kid"].as_str().unwrap().to_owned();
    let own_key = Forger::ed(3).token(&head("EdDSA", &own_key_id), &claims(now()));
    assert_eq!(fault(&own_key).await, TokenFault::UnknownKey);
    let theirs = changed(json!({ "iss": "urn:choba:own", "aud": "choba" }));
    assert_eq!(fault(&Forger::ed(1).token(&head("EdDSA", "ed"), &theirs)).await, TokenFault::UnknownKey);
    let theirs = Forger::ed(1).token(&head("EdDSA", &own_key_id), &theirs);
    assert_eq!(fault(&theirs).await, TokenFault::Signature);
}

#[tokio::test]
async fn keys_that_a_token_brings_along_are_not_looked_at() {
    let stranger = Forger::ed(9);
    let server = KeyServer::start(json!({ "keys": [stranger.public("evil")] })).await;
    let brought = json!({
        "jwk": stranger.public("evil"), "jku": server.url(), "x5u": server.url(), "x5c": ["MIIB"],
    });
    for key_id in ["ed", "evil"] {
        let mut head = head("EdDSA", key_id);
        head.as_object_mut().unwrap().extend(brought.as_object().unwrap().clone());
        let refused = fault(&stranger.token(&head, &claims(now()))).await;
        assert!(matches!(refused, TokenFault::Signature | TokenFault::UnknownKey), "{refused:?}");
    }
    let mut without_id = head("EdDSA", "");
    without_id.as_object_mut().unwrap().remove("kid");
    without_id["jwk"] = stranger.public("evil");
    assert_eq!(fault(&stranger.token(&without_id, &claims(now()))).await, TokenFault::Signature);
    assert_eq!(server.asked(), 0);
}

#[tokio::test]
async fn what_must_be_understood_and_is_not_is_refused() {
    for more in
        [json!({ "crit": ["b64"], "b64": false }), json!({ "crit": [] }), json!({ "typ": "logout+jwt" })]
    {
        let mut head = head("EdDSA", "ed");
        head.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(fault(&Forger::ed(1).token(&head, &claims(now()))).await, TokenFault::NotUnderstood);
    }
}

#[tokio::test]
async fn claims_that_do_not_fit_are_refused() {
    let soon = now().as_second() + 31;
    let corpus = [
        (json!({ "iss": "https://id.example" }), TokenFault::UnknownIssuer),
        (json!({ "iss": null }), TokenFault::UnknownIssuer),
        (json!({ "iss": [ISSUER] }), TokenFault::UnknownIssuer),
        (json!({ "aud": "other" }), TokenFault::Audience),
        (json!({ "aud": ["other", "Shop"] }), TokenFault::Audience),
        (json!({ "aud": [] }), TokenFault::Audience),
        (json!({ "aud": { "shop": 1 } }), TokenFault::Audience),
        (json!({ "aud": null }), TokenFault::Audience),
        (json!({ "exp": now().as_second() }), TokenFault::Expired),
        (json!({ "exp": now().as_second() - 1 }), TokenFault::Expired),
        (json!({ "exp": null }), TokenFault::Expired),
        (json!({ "exp": "9999999999" }), TokenFault::Expired),
        (json!({ "exp": 1e300 }), TokenFault::Expired),
        (json!({ "nbf": soon }), TokenFault::NotYet),
        (json!({ "iat": soon }), TokenFault::NotYet),
        (json!({ "nbf": "x" }), TokenFault::NotYet),
        (json!({ "sub": null }), TokenFault::Nobody),
        (json!({ "sub": "" }), TokenFault::Nobody),
        (json!({ "sub": "@market" }), TokenFault::Nobody),
        (json!({ "sub": "a\nb" }), TokenFault::Nobody),
        (json!({ "sub": "x".repeat(129) }), TokenFault::Nobody),
        (json!({ "sub": 7 }), TokenFault::Nobody),
        (json!({ "sub": ["hanako"] }), TokenFault::Nobody),
    ];
    for (changes, expected) in corpus {
        let token = Forger::ed(1).token(&head("EdDSA", "ed"), &changed(changes.clone()));
        assert_eq!(fault(&token).await, expected, "{changes}");
    }
}

#[tokio::test]
async fn a_token_ends_with_its_last_second() {
    let token = Forger::ed(1).token(&head("EdDSA", "ed"), &claims(now()));
    assert!(issuers().identify(&token, after(3_599)).await.is_ok());
    assert_eq!(issuers().identify(&token, after(3_600)).await.unwrap_err(), TokenFault::Expired);
    assert!(issuers().identify(&token, after(-30)).await.is_ok());
    assert_eq!(issuers().identify(&token, after(-31)).await.unwrap_err(), TokenFault::NotYet);
}

#[tokio::test]
async fn every_changed_letter_is_found() {
    let token = Forger::ed(1).token(&head("EdDSA", "ed"), &claims(now()));
    let issuers = issuers();
    for place in 0..token.len() {
        let mut letters = token.clone().into_bytes();
        letters[place] = if letters[place] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(letters).unwrap();
        assert!(issuers.identify(&forged, now()).await.is_err(), "{place}");
    }
    for forged in [format!("{token}="), format!("{token}A"), format!(" {token}"), format!("{token}.x")] {
        assert!(issuers.identify(&forged, now()).await.is_err());
    }
}

#[tokio::test]
async fn what_is_no_token_is_refused_at_once() {
    let huge = "A".repeat(9_000);
    let deep = data_encoding::BASE64URL_NOPAD.encode(&[b'['; 3_000]);
    for sent in
        ["", ".", "..", "...", "a.b.c", "e30.e30.", "choba", &huge, &format!("{deep}.{deep}.x"), "あ.い.う"]
    {
        assert_eq!(fault(sent).await, TokenFault::NotAToken, "{sent:?}");
    }
}

#[tokio::test]
async fn weak_and_broken_keys_are_not_used() {
    let with = |changes: Value| {
        let mut key = Forger::rsa().public("rsa");
        key.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        json!({ "keys": [key] })
    };
    let ed = |changes: Value| {
        let mut key = Forger::ed(1).public("ed");
        key.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        json!({ "keys": [key] })
    };
    let broken = [
        json!({ "keys": [Forger::weak_rsa().public("rsa")] }),
        with(json!({ "e": "AQ" })),
        with(json!({ "e": "Ag" })),
        with(json!({ "e": "AQAAAAAB" })),
        with(json!({ "n": "AQAB" })),
        with(json!({ "n": "_".repeat(2_000) })),
        with(json!({ "use": "enc" })),
        with(json!({ "key_ops": ["encrypt"] })),
        with(json!({ "alg": "HS256" })),
        with(json!({ "d": "AQAB" })),
        ed(json!({ "x": "AAAA" })),
        ed(json!({ "x": "" })),
        ed(json!({ "crv": "Ed448" })),
        json!({ "keys": [] }),
        json!({}),
        json!([]),
        json!({ "keys": vec![Forger::ed(1).public("ed"); 101] }),
    ];
    for keys in broken {
        assert!(Issuers::new(&[settings(&keys)], None).is_err(), "{keys}");
    }
    let beside = json!({ "keys": [{ "kty": "new" }, 7, Forger::ed(1).public("ed")] });
    assert!(Issuers::new(&[settings(&beside)], None).is_ok());
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_named() {
    let good = || settings(&all_keys());
    let with_url = |url: &str| IssuerSettings { jwks: None, jwks_url: Some(url.to_owned()), ..good() };
    let faults = [
        (IssuerSettings { issuer: String::new(), ..good() }, "issuer"),
        (IssuerSettings { audience: String::new(), ..good() }, "audience"),
        (IssuerSettings { jwks: None, ..good() }, "jwks_url"),
        (IssuerSettings { jwks_url: Some("https://id.example/keys".to_owned()), ..good() }, "jwks_url"),
        (with_url("http://id.example/keys"), "jwks_url"),
        (with_url("http://127.0.0.1.example/keys"), "jwks_url"),
        (with_url("https://user:password@id.example/keys"), "jwks_url"),
        (with_url("file:///etc/keys"), "jwks_url"),
        (IssuerSettings { customer_claim: None, role_claim: None, ..good() }, "customer_claim"),
        (
            IssuerSettings {
                roles: vec![RoleSetting { has: "x".to_owned(), role: "boss".to_owned() }],
                ..good()
            },
            "roles",
        ),
    ];
    for (settings, field) in faults {
        assert_eq!(Issuers::new(&[settings], None).unwrap_err().field, field);
    }
    assert_eq!(Issuers::new(&[good(), good()], None).unwrap_err().field, "issuer");
}

fn fetched(server: &KeyServer) -> Issuers {
    let settings = IssuerSettings { jwks: None, jwks_url: Some(server.url()), ..settings(&json!({})) };
    Issuers::new(&[settings], None).unwrap()
}

fn signed_by(seed: u8, key_id: &str, at: Timestamp) -> String {
    Forger::ed(seed).token(&head("EdDSA", key_id), &claims(at))
}

#[tokio::test]
async fn keys_are_fetched_once_and_again_when_a_new_one_appears() {
    let server = KeyServer::start(json!({ "keys": [Forger::ed(1).public("one")] })).await;
    let issuers = fetched(&server);
    for _ in 0..5 {
        assert!(issuers.identify(&signed_by(1, "one", now()), now()).await.is_ok());
    }
    assert_eq!(server.asked(), 1);
    server.answers(json!({ "keys": [Forger::ed(2).public("two")] }));
    assert!(issuers.identify(&signed_by(2, "two", now()), after(31)).await.is_ok());
    assert_eq!(server.asked(), 2);
    let gone = issuers.identify(&signed_by(1, "one", now()), after(31)).await;
    assert_eq!(gone.unwrap_err(), TokenFault::UnknownKey);
    assert!(issuers.identify(&signed_by(2, "two", after(600)), after(700)).await.is_ok());
    assert_eq!(server.asked(), 3, "kept for ten minutes only");
}

#[tokio::test]
async fn made_up_keys_do_not_make_us_ask_again_and_again() {
    let server = KeyServer::start(json!({ "keys": [Forger::ed(1).public("one")] })).await;
    let issuers = std::sync::Arc::new(fetched(&server));
    let mut tasks = Vec::new();
    for number in 0..50 {
        let issuers = std::sync::Arc::clone(&issuers);
        tasks.push(tokio::spawn(async move {
            issuers.identify(&signed_by(1, &format!("made-up-{number}"), now()), now()).await.unwrap_err()
        }));
    }
    for task in tasks {
        assert_eq!(task.await.unwrap(), TokenFault::UnknownKey);
    }
    assert_eq!(server.asked(), 1);
    assert!(issuers.identify(&signed_by(1, "one", now()), now()).await.is_ok());
}

#[tokio::test]
async fn an_issuer_that_is_away_keeps_nobody_out_whose_key_is_known() {
    let server = KeyServer::start(json!({ "keys": [Forger::ed(1).public("one")] })).await;
    let issuers = fetched(&server);
    assert!(issuers.identify(&signed_by(1, "one", now()), now()).await.is_ok());
    server.fails();
    let later = after(3_600);
    assert!(issuers.identify(&signed_by(1, "one", later), later).await.is_ok());
    let unknown = issuers.identify(&signed_by(1, "other", later), later).await;
    assert_eq!(unknown.unwrap_err(), TokenFault::UnknownKey);
    let a_day_later = after(86_400);
    let over = issuers.identify(&signed_by(1, "one", a_day_later), a_day_later).await;
    assert_eq!(over.unwrap_err(), TokenFault::KeysUnavailable);
}

#[tokio::test]
async fn answers_that_are_no_keys_are_not_taken() {
    let server = KeyServer::start(json!({ "keys": [] })).await;
    let good = json!({ "keys": [Forger::ed(1).public("one")] });
    let refused = async |seconds: i64| {
        let at = after(seconds);
        fetched(&server).identify(&signed_by(1, "one", at), at).await.unwrap_err()
    };
    assert_eq!(refused(0).await, TokenFault::KeysUnavailable);
    server.answers_text(format!("{}{good}", " ".repeat(300 * 1024)));
    assert_eq!(refused(0).await, TokenFault::KeysUnavailable, "too large");
    server.answers_text("<html>".to_owned());
    assert_eq!(refused(0).await, TokenFault::KeysUnavailable);
    server.redirects();
    assert_eq!(refused(0).await, TokenFault::KeysUnavailable, "keys come from where it was told only");
}

#[tokio::test]
async fn the_own_issuer_issues_what_is_believed() {
    let own = OwnIssuer::from_seed(&[3; 32]);
    let hour = SignedDuration::from_hours(1);
    let issue = |subject: Subject| own.issue(&subject, hour, now(), "t7");
    let token = issue(Subject::Customer("hanako".to_owned())).unwrap();
    let identified = issuers().identify(&token, now()).await.unwrap();
    assert_eq!(identified.caller, Caller::customer("hanako"));
    assert_eq!(identified.token_id.as_deref(), Some("t7"));
    for role in Role::ALL {
        let token = issue(Subject::Staff("sato".to_owned(), role)).unwrap();
        let caller = issuers().identify(&token, now()).await.unwrap().caller;
        assert_eq!(caller, Caller::Staff { staff_id: "sato".to_owned(), role });
    }
    assert_eq!(issuers().identify(&token, after(3_600)).await.unwrap_err(), TokenFault::Expired);
    assert!(issue(Subject::Customer("@market".to_owned())).is_err());
    assert!(own.issue(&Subject::Customer("h".to_owned()), SignedDuration::ZERO, now(), "t").is_err());
    let other =
        OwnIssuer::from_seed(&[4; 32]).issue(&Subject::Customer("hanako".to_owned()), hour, now(), "t");
    assert_eq!(fault(&other.unwrap()).await, TokenFault::UnknownKey);
    assert!(!format!("{own:?}").contains("03030303"));
}
