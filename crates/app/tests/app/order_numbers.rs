//! Numbers of orders, where many ask for one at once.

use std::collections::HashSet;

use choba_store::books::OrderNumbers;
use choba_store::sql::{Statement, Type, Value};
use tokio::task::JoinSet;

use crate::on_both;
use crate::support::{Bench, all_rows};

on_both!(many_at_once_share_the_numbers_that_one_of_them_takes);

static TAKEN: Statement = Statement::new(
    "test: numbers taken",
    &[("name", Type::Text)],
    "SELECT :row, s.next FROM {rows} JOIN number_series AS s ON s.name = :name",
);

async fn many_at_once_share_the_numbers_that_one_of_them_takes(bench: Bench) {
    let numbers = OrderNumbers::default();
    let mut asking = JoinSet::new();
    for _ in 0..1_200 {
        let (numbers, store) = (numbers.clone(), bench.counter.store().clone());
        asking.spawn(async move { numbers.next(&store, |secret| secret.fill(7)).await.unwrap().number });
    }
    let different: HashSet<String> = asking.join_all().await.into_iter().collect();
    assert_eq!(different.len(), 1_200);
    // A block when there was none, and the next one when half of it was gone.
    let taken = all_rows(&bench.counter, &TAKEN, vec![Value::from("orders")]).await;
    assert_eq!(taken[0].int(0), Ok(2_000));
}
