//! `/metrics`.

use serde_json::json;

use crate::support::Bench;

#[tokio::test]
async fn metrics_are_for_those_who_may_see_reports() {
    let bench = Bench::new().await;
    bench.get("", "/metrics").await.expect(401);
    bench.get("customer:hanako", "/metrics").await.expect(403);
    assert_eq!(bench.get("key:shop", "/metrics").await.status, 200);
}

#[tokio::test]
async fn metrics_count_requests_by_route_and_tell_nothing_of_their_callers() {
    let bench = Bench::new().await;
    let secret = "order-of-somebody";
    bench.get("customer:hanako-suzuki", &format!("/v1/orders/{secret}")).await.expect(404);
    bench.post("key:shop", "/v1/quotes", &json!({"lines": []})).await.expect(422);
    let shown = String::from_utf8(bench.get("key:shop", "/metrics").await.bytes).unwrap();
    let counted = "choba_http_requests_total{method=\"GET\",route=\"/v1/orders/{order}\",status=\"404\"} ";
    assert!(shown.contains(counted), "{shown}");
    assert!(shown.contains("choba_http_request_duration_seconds_bucket"), "{shown}");
    assert!(shown.contains("choba_store_works_total"), "{shown}");
    assert!(!shown.contains(secret) && !shown.contains("hanako-suzuki"), "{shown}");
}
