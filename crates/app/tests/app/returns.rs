//! Returns that do not come.

use choba_app::AppError;
use choba_engine::market::ReturnReason;
use choba_engine::order::{LinePart, OrderRefusal, ReturnState};
use jiff::SignedDuration;

use crate::on_both;
use crate::support::{Bench, books_are_fine, hanako, noon, rakuten, ship_and_deliver, time};

on_both!(
    a_customer_withdraws_a_return_that_has_not_arrived,
    a_return_that_does_not_arrive_is_withdrawn_by_the_worker,
);

async fn asked_for(bench: &Bench, key: &str) -> (String, String) {
    let order =
        bench.place(&hanako(), &rakuten().line("X@shop-a", 1_000, 2).by("card"), noon()).await.order_id;
    ship_and_deliver(bench, "hanako", &order, "shop-a", noon()).await;
    let number = ask_for(bench, &order, key).await.unwrap();
    (order, number)
}

async fn ask_for(bench: &Bench, order: &str, key: &str) -> Result<String, AppError> {
    let parts = vec![LinePart { line_id: "1".to_owned(), quantity: 2 }];
    let (why, key) = (ReturnReason::ChangedMind, Some(bench.key("request_return", key)));
    let at = noon() + SignedDuration::from_hours(1);
    let asked = bench.counter.request_return("hanako", order, parts, why, "customer", key, at).await?;
    Ok(asked.part.unwrap())
}

async fn state(bench: &Bench, order: &str, number: &str) -> ReturnState {
    bench.order(&hanako(), order).await.order.return_of(number).unwrap().state
}

async fn a_customer_withdraws_a_return_that_has_not_arrived(bench: Bench) {
    let (order, number) = asked_for(&bench, "first").await;
    let key = Some(bench.key("withdraw_return", &order));
    for _ in 0..2 {
        let (key, at) = (key.clone(), time("2026-11-22T12:00:00+09:00"));
        bench.counter.withdraw_return("hanako", &order, &number, "customer", key, at).await.unwrap();
    }
    assert_eq!(state(&bench, &order, &number).await, ReturnState::Withdrawn);
    let again = ask_for(&bench, &order, "second").await.unwrap();
    let at = time("2026-11-24T12:00:00+09:00");
    bench.counter.receive_return("hanako", &order, &again, "sato", at).await.unwrap();
    let late = bench.counter.withdraw_return("hanako", &order, &again, "customer", None, at).await;
    let refused = OrderRefusal::WrongReturnState { state: ReturnState::Received };
    assert_eq!(late, Err(AppError::Order(refused)));
    books_are_fine(&bench).await;
}

async fn a_return_that_does_not_arrive_is_withdrawn_by_the_worker(bench: Bench) {
    let (order, number) = asked_for(&bench, "first").await;
    let work = |at: &str| bench.counter.do_what_is_due("worker", time(at), 100);
    assert_eq!(work("2026-12-21T23:59:59+09:00").await.unwrap().returns, 0);
    assert_eq!(state(&bench, &order, &number).await, ReturnState::Requested);
    let report = work("2026-12-22T00:00:00+09:00").await.unwrap();
    assert_eq!((report.returns, report.failed), (1, 0));
    assert_eq!(state(&bench, &order, &number).await, ReturnState::Withdrawn);
    assert_eq!(work("2027-12-22T00:00:00+09:00").await.unwrap().returns, 0);
    books_are_fine(&bench).await;
}
