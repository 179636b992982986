//! What holds for every operation: description, errors, limits.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::support::Bench;

#[tokio::test]
async fn the_description_is_served_and_readable_by_people() {
    let bench = Bench::new().await;
    let description = bench.get("", "/openapi.json").await.expect(200);
    assert_eq!(description["openapi"], "3.1.0");
    let page = bench.get("", "/docs").await;
    assert_eq!(page.status, 200);
    let page = String::from_utf8(page.bytes).unwrap();
    for path in description["paths"].as_object().unwrap().keys() {
        assert!(page.contains(path), "{path} is not in /docs");
    }
    assert!(!page.contains("http://") && !page.contains("<script"));
}

#[tokio::test]
async fn every_operation_is_described_in_full() {
    let bench = Bench::new().await;
    let description = bench.get("", "/openapi.json").await.expect(200);
    let mut ids = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let what = format!("{method} {path}");
            let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{what}: no id"));
            assert!(!ids.contains(&id.to_owned()), "{what}: its id is used twice");
            ids.push(id.to_owned());
            assert!(operation["summary"].is_string(), "{what}: no summary");
            assert!(operation["tags"][0].is_string(), "{what}: no tag");
            body_has_an_example(&description, operation, &what);
        }
    }
}

fn body_has_an_example(description: &Value, operation: &Value, what: &str) {
    let Some(body) = operation.pointer("/requestBody/content/application~1json") else { return };
    let reference = body["schema"]["$ref"].as_str().unwrap_or_default();
    let schema = description.pointer(reference.trim_start_matches('#'));
    let has = body.get("example").is_some() || schema.is_some_and(|schema| schema.get("example").is_some());
    assert!(has, "{what}: its body has no example");
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let bench = Bench::new().await;
    let problem = bench.get("", "/v1/nothing").await;
    assert_eq!(problem.header("content-type"), "application/problem+json");
    assert_eq!(problem.expect(404)["code"], "not_found");
    assert_eq!(bench.get("key:shop", "/v1/quotes").await.expect(405)["code"], "method");
}

#[tokio::test]
async fn without_a_token_or_with_a_wrong_one_nothing_is_told() {
    let bench = Bench::new().await;
    let missing = bench.post("", "/v1/quotes", &json!({})).await;
    assert_eq!(missing.header("www-authenticate"), "Bearer");
    missing.expect(401);
    bench.post("nobody", "/v1/quotes", &json!({})).await.expect(401);
}

#[tokio::test]
async fn bodies_that_are_no_json_are_refused_with_their_place() {
    let bench = Bench::new().await;
    let send = async |kind: &str, body: &'static [u8]| {
        let request = Request::post("/v1/guard").header("content-type", kind);
        bench.send(request.body(Body::from(body)).unwrap()).await
    };
    send("text/plain", b"{}").await.expect(415);
    assert_eq!(send("application/json", b"{\"market\": ").await.expect(400)["code"], "json");
    assert_eq!(send("application/json", b"\xff\xfe").await.expect(400)["code"], "json");
    let missing = send("application/json", b"{\"market\": \"m\"}").await.expect(422);
    assert_eq!(missing["code"], "field");
    let unknown = send("application/json", b"{\"market\": \"m\", \"input\": \"x\", \"kind\": \"fax\"}").await;
    assert_eq!(unknown.expect(422)["errors"][0]["pointer"], "/kind");
    let mut deep = vec![b'['; 100_000];
    deep.extend(vec![b']'; 100_000]);
    assert!(send("application/json", deep.leak()).await.status.is_client_error());
    send("application/json", vec![b' '; 3 * 1024 * 1024].leak()).await.expect(413);
}

#[tokio::test]
async fn each_answer_has_its_id_and_says_how_much_may_be_asked() {
    let bench = Bench::new().await;
    let answer = bench.post("key:shop", "/v1/quotes", &json!({})).await;
    assert!(!answer.header("x-request-id").is_empty());
    assert!(answer.header("ratelimit").contains("r=5999"));
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn the_service_says_that_it_lives_and_is_ready() {
    let bench = Bench::new().await;
    assert_eq!(bench.get("", "/healthz").await.status, 200);
    assert_eq!(bench.get("", "/readyz").await.status, 200);
}

#[test]
fn no_two_shapes_of_the_api_have_one_name() {
    let mut names: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/api")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for part in text.split("ToSchema").skip(1) {
            let declared = part.split_once("struct ").into_iter().chain(part.split_once("enum "));
            let first = declared.min_by_key(|(before, _)| before.len());
            let Some((before, after)) = first.filter(|(before, _)| !before.contains("\n\n")) else {
                continue;
            };
            let named = before.split_once("schema(as = ").map_or(after, |(_, named)| named);
            names.push(named.split(|letter: char| !letter.is_alphanumeric()).next().unwrap().to_owned());
        }
    }
    assert!(names.len() > 100, "{}", names.len());
    names.sort();
    let twice: Vec<&[String]> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}
