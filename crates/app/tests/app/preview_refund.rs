//! What would come back, said before it is decided.

use choba_app::{AppError, ReturnThought};
use choba_engine::market::ReturnReason;
use choba_engine::money::Money;
use choba_engine::order::{CancelBy, LinePart, OrderRefusal};
use jiff::SignedDuration;

use crate::on_both;
use crate::support::{Bench, books_are_fine, hanako, noon, rakuten, ship_and_deliver};

on_both!(
    a_cancelling_comes_to_what_its_preview_said_and_the_preview_changes_nothing,
    a_return_is_previewed_with_what_is_kept_back_for_opened_goods,
);

fn part(quantity: i64) -> Vec<LinePart> {
    vec![LinePart { line_id: "1".to_owned(), quantity }]
}

async fn a_cancelling_comes_to_what_its_preview_said_and_the_preview_changes_nothing(bench: Bench) {
    bench.grant(&hanako(), "rakuten:limited", 300, Some("2026-12-31T23:59:59+09:00")).await;
    let cart = rakuten().line("A@shop-a", 2_000, 2).stored("rakuten", "all").by("card");
    let order = bench.place(&hanako(), &cart, noon()).await.order_id;
    let before = bench.order(&hanako(), &order).await.order;
    let at = noon() + SignedDuration::from_hours(1);
    let thought = bench.counter.preview_cancel("hanako", &order, None, at).await.unwrap().unwrap();
    assert_eq!(bench.order(&hanako(), &order).await.order, before);
    let by = CancelBy::Customer;
    let done = bench.counter.cancel_order("hanako", &order, None, by, "customer", None, at).await.unwrap();
    assert_eq!(done.refund.unwrap().parts, thought.parts);
    let again = bench.counter.preview_cancel("hanako", &order, None, at).await;
    assert_eq!(again, Err(AppError::Order(OrderRefusal::Nothing)));
    books_are_fine(&bench).await;
}

async fn a_return_is_previewed_with_what_is_kept_back_for_opened_goods(bench: Bench) {
    let cart = rakuten().line("X@shop-a", 1_000, 2).by("card");
    let order = bench.place(&hanako(), &cart, noon()).await.order_id;
    ship_and_deliver(&bench, "hanako", &order, "shop-a", noon()).await;
    let before = bench.order(&hanako(), &order).await.order;
    let at = noon() + SignedDuration::from_hours(1);
    let thought = |opened, quantity| ReturnThought {
        parts: part(quantity),
        reason: ReturnReason::ChangedMind,
        opened,
        missing_parts: false,
    };
    let preview = |thought| bench.counter.preview_return("hanako", &order, thought, at);
    let whole = preview(thought(false, 1)).await.unwrap().unwrap();
    assert_eq!((whole.net, whole.deducted), (Money::new(1_000), Money::ZERO));
    let opened = preview(thought(true, 1)).await.unwrap().unwrap();
    assert_eq!((opened.net, opened.deducted), (Money::new(1_000), Money::new(200)));
    let too_many = preview(thought(false, 3)).await;
    assert!(matches!(too_many, Err(AppError::Order(OrderRefusal::WrongQuantity { left: 2, .. }))));
    assert_eq!(bench.order(&hanako(), &order).await.order, before);
}
