//! Where each yen of an order came from and went.

use choba_app::{AppError, OrderStory, Whose};
use choba_engine::order::CancelBy;

use crate::on_both;
use crate::support::{Bench, hanako, noon, rakuten, time};

on_both!(
    an_order_tells_where_each_yen_came_from_and_went,
    what_went_back_is_part_of_the_story,
    anothers_order_is_not_found,
);

fn amount(story: &OrderStory, account: &str) -> i64 {
    story.accounts.iter().filter(|row| row.account == account).map(|row| row.amount).sum()
}

fn balanced(story: &OrderStory) -> bool {
    let units = ["JPY", "rakuten"];
    units.iter().all(|unit| {
        story.accounts.iter().filter(|row| row.unit == *unit).map(|row| row.amount).sum::<i64>() == 0
    })
}

async fn bought(bench: &Bench) -> String {
    bench.give_coupon(&hanako(), "SHOPA500").await;
    bench.grant(&hanako(), "rakuten:limited", 300, Some("2026-12-31T23:59:59+09:00")).await;
    let cart = rakuten().line("A@shop-a", 4_000, 1).coupon("SHOPA500").stored("rakuten", "all").by("cod");
    bench.place(&hanako(), &cart, noon()).await.order_id
}

async fn an_order_tells_where_each_yen_came_from_and_went(bench: Bench) {
    let order_id = bought(&bench).await;
    let story = bench.counter.order_story(&hanako(), &order_id).await.unwrap();
    assert_eq!(amount(&story, "seller:shop-a"), -3_500);
    assert_eq!(amount(&story, "fees"), -330);
    assert_eq!(amount(&story, "program:rakuten"), 300);
    assert_eq!(amount(&story, "method:cod:promised"), 3_530);
    assert_eq!(amount(&story, "spent:rakuten"), 300);
    assert!(balanced(&story));
    let quote: serde_json::Value = serde_json::from_str(story.quote.get()).unwrap();
    assert_eq!(quote["total"], 3_830);
    assert!(!quote["trace"].as_array().unwrap().is_empty());
    let text = serde_json::to_string(&story).unwrap();
    assert!(text.contains(story.quote.get()), "the quote is told as it was answered");
    let number = story.order.number.clone();
    let by_number = bench.counter.order_story_by_number(&hanako(), &number).await.unwrap();
    assert_eq!(serde_json::to_string(&by_number).unwrap(), text);
}

async fn what_went_back_is_part_of_the_story(bench: Bench) {
    let order_id = bought(&bench).await;
    let at = time("2026-11-21T13:00:00+09:00");
    let by = CancelBy::Customer;
    bench.counter.cancel_order("hanako", &order_id, None, by, "customer", None, at).await.unwrap();
    let story = bench.counter.order_story(&hanako(), &order_id).await.unwrap();
    assert!(story.accounts.is_empty(), "all of it went back: {:?}", story.accounts);
    assert!(story.entries.len() >= 2);
    assert_eq!(story.order.refunds.len(), 1);
    assert!(story.order.history.iter().any(|happened| happened.what == "cancelled"));
}

async fn anothers_order_is_not_found(bench: Bench) {
    let order_id = bought(&bench).await;
    let number = bench.order(&hanako(), &order_id).await.order.number;
    for other in [Whose::new("jiro", "rakuten-style"), Whose::new("hanako", "amazon-style")] {
        let refused = bench.counter.order_story(&other, &order_id).await;
        assert!(matches!(refused, Err(AppError::NotFound { .. })));
        let refused = bench.counter.order_story_by_number(&other, &number).await;
        assert!(matches!(refused, Err(AppError::NotFound { .. })));
    }
}
