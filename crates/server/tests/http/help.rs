//! Help over HTTP.

use serde_json::json;

use crate::support::Bench;

#[tokio::test]
async fn anyone_may_read_the_contents_and_an_article_in_both_languages() {
    let bench = Bench::new().await;
    let shelves = bench.get("", "/v1/help?market=amazon-style&lang=en").await.expect(200);
    let shelves = shelves["data"].as_array().unwrap();
    assert_eq!(shelves[0]["name"], "Orders");
    let count: usize = shelves.iter().map(|shelf| shelf["articles"].as_array().unwrap().len()).sum();
    assert!(count > 60, "{count}");
    let ja = bench.get("", "/v1/help/okidoki-rate?market=amazon-style").await.expect(200);
    assert!(
        ja["text"].as_str().unwrap().contains("285ポイントで997円分になり、残り3円をカードで払います"),
        "{ja}"
    );
    let en = bench.get("", "/v1/help/okidoki-rate?market=amazon-style&lang=en").await.expect(200);
    assert!(en["html"].as_str().unwrap().starts_with("<p>One point is <strong>3.5 yen</strong>"), "{en}");
    assert_eq!(en["related"][0]["id"], "okidoki-not-usable");
    bench.get("", "/v1/help/okidoki-rate?market=rakuten-style").await.expect(404);
    bench.get("", "/v1/help?market=nowhere").await.expect(404);
    bench.get("", "/v1/help?market=amazon-style&lang=fr").await.expect(422);
}

#[tokio::test]
async fn a_search_answers_with_what_was_asked_marked() {
    let bench = Bench::new().await;
    let asked = "/v1/help/search?market=rakuten-style&q=%E5%8F%96%E3%82%8A%E6%B6%88%E3%81%97&limit=3";
    let found = bench.get("", asked).await.expect(200);
    let first = &found["data"][0];
    assert!(["cancel-order", "cancel-not-possible"].contains(&first["id"].as_str().unwrap()), "{found}");
    let parts = first["title"]["parts"].as_array().unwrap();
    assert!(parts.iter().any(|part| part["marked"] == true), "{found}");
    bench.get("", "/v1/help/search?market=rakuten-style&q=x&limit=21").await.expect(422);
    bench.get("", "/v1/help/search?market=rakuten-style").await.expect(422);
}

#[tokio::test]
async fn what_found_nothing_is_reported_to_who_may_read_reports() {
    let bench = Bench::new().await;
    for _ in 0..2 {
        let asked = "/v1/help/search?market=rakuten-style&q=zzqq%20qqzz%40xxyy.zz";
        assert_eq!(bench.get("", asked).await.expect(200)["data"], json!([]));
    }
    let report = "/v1/reports/help-searches?market=rakuten-style&from=2026-11-21&until=2026-11-22";
    bench.get("", report).await.expect(401);
    let rows = bench.get("key:shop", report).await.expect(200);
    let expected = json!([{"language": "ja", "question": "zzqq …", "times": 2, "last_day": "2026-11-21"}]);
    assert_eq!(rows["data"], expected);
}
