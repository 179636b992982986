//! Markets and their versions, over HTTP.

use choba_formats::market_files;
use serde_json::{Value, json};

use crate::support::Bench;

fn files() -> Vec<Value> {
    let files = market_files::sample("rakuten-style").unwrap();
    files.into_iter().map(|file| json!({"path": file.path, "text": file.text})).collect()
}

fn with(from: &str, to: &str) -> Value {
    let mut files = files();
    for file in &mut files {
        file["text"] = json!(file["text"].as_str().unwrap().replace(from, to));
    }
    json!({"files": files})
}

#[tokio::test]
async fn a_new_version_is_in_force_at_once_and_orders_keep_theirs() {
    let bench = Bench::new().await;
    let before = bench.get("key:shop", "/v1/markets/rakuten-style").await.expect(200);
    let dearer = with("amount = 600", "amount = 650");
    let path = "/v1/markets/rakuten-style/versions";
    bench.post("staff:a:agent", path, &dearer).await.expect(403);
    let after = bench.post("staff:o:operator", path, &dearer).await.expect(201);
    assert_ne!(before["version"], after["version"]);
    let now = bench.get("key:shop", "/v1/markets").await.expect(200);
    let market = now["data"].as_array().unwrap().iter().find(|market| market["market"] == "rakuten-style");
    assert_eq!(market.unwrap()["version"], after["version"]);
    let old = format!("/v1/markets/rakuten-style/versions/{}", before["version"].as_str().unwrap());
    let old = bench.get("key:shop", &old).await.expect(200);
    let terms =
        files().into_iter().filter(|file| !market_files::is_help_file(file["path"].as_str().unwrap()));
    assert_eq!(old["files"].as_array().unwrap().len(), terms.count());
}

#[tokio::test]
async fn files_with_mistakes_are_refused_and_the_old_version_stays() {
    let bench = Bench::new().await;
    let before = bench.get("key:shop", "/v1/markets/rakuten-style").await.expect(200);
    let wrong = with("minimum_spend", "minimun_spend");
    let checked = bench.post("key:shop", "/v1/markets/check", &wrong).await.expect(200);
    assert_eq!(checked["fine"], false);
    assert_eq!(checked["mistakes"][0]["suggestion"], "minimum_spend");
    assert!(checked["mistakes"][0]["line"].is_u64());
    let refused = bench.post("key:shop", "/v1/markets/rakuten-style/versions", &wrong).await.expect(422);
    assert_eq!(refused["code"], "market_files");
    assert_eq!(bench.get("key:shop", "/v1/markets/rakuten-style").await.expect(200), before);
}

#[tokio::test]
async fn another_process_takes_over_what_was_put_in_force() {
    let bench = Bench::new().await;
    let after = bench
        .post("key:shop", "/v1/markets/rakuten-style/versions", &with("amount = 600", "amount = 650"))
        .await;
    let version = after.expect(201)["version"].clone();
    let other = bench.another().await;
    assert_eq!(other.take_over_markets().await.unwrap(), 1);
    assert_eq!(other.markets().get("rakuten-style").unwrap().version, version.as_str().unwrap());
}
