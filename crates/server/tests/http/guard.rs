//! Is this really the shop?

use serde_json::json;

use crate::support::Bench;

#[tokio::test]
async fn anyone_may_ask_whether_a_link_is_the_shops() {
    let bench = Bench::new().await;
    let asked = json!({"market": "amazon-style", "input": "https://amaz0n.co.jp/login"});
    let verdict = bench.post("", "/v1/guard", &asked).await.expect(200);
    assert_eq!(verdict["verdict"], "lookalike");
    assert_eq!(verdict["resembles"], "amazon.co.jp");
}
