//! Statements of every portable form give the same on both databases.

use choba_store::sql::{Decided, Row, Statement, Store, Type, Value};

use crate::counters::Add;
use crate::databases::Database;
use crate::on_both;
use crate::works::Parts;

on_both!(
    every_portable_form_gives_the_same,
    a_read_without_rows_finds_nothing,
    texts_are_ordered_by_their_bytes
);

static NEWEST: Statement = Statement::new(
    "the last two requests",
    &[("customer_id", Type::Text)],
    "SELECT :row, l.request_id FROM {rows} CROSS JOIN LATERAL (
       SELECT request_id FROM requests WHERE customer_id = :customer_id ORDER BY request_id DESC LIMIT 2
     ) AS l ORDER BY l.request_id DESC",
);
static SUM: Statement = Statement::new(
    "sum of requests",
    &[("customer_id", Type::Text)],
    "SELECT :row, CAST(coalesce(sum(q.size), 0) AS bigint), count(q.size) FROM {rows}
     LEFT JOIN requests AS q ON q.customer_id = :customer_id GROUP BY :row",
);
static FORGET: Statement = Statement::new(
    "forget a request",
    &[("customer_id", Type::Text), ("request_id", Type::Text)],
    "DELETE FROM requests WHERE (customer_id, request_id) IN (SELECT :customer_id, :request_id FROM {rows})",
)
.one_each();
static RAISE: Statement = Statement::new(
    "raise a counter that may be new",
    &[("customer_id", Type::Text), ("count", Type::Int)],
    "INSERT INTO counters (customer_id, count) SELECT :customer_id, :count FROM {rows} WHERE true
     ON CONFLICT (customer_id) DO UPDATE SET count = counters.count + excluded.count",
)
.one_each();
static COUNTERS: Statement = Statement::new(
    "counters in order",
    &[("after", Type::Text), ("most", Type::Int)],
    "SELECT :row, c.customer_id, c.count FROM {rows} CROSS JOIN LATERAL (
       SELECT * FROM counters WHERE customer_id > :after ORDER BY customer_id LIMIT :most
     ) AS c ORDER BY c.customer_id",
);

async fn write(store: &Store, statement: &'static Statement, rows: Vec<Vec<Value>>) {
    let writes = move |_: &[Vec<Row>]| {
        Ok(Decided::Write(rows.iter().map(|row| statement.write(row.clone())).collect(), ()))
    };
    store.perform(Parts::new("c", Vec::new(), writes)).await.unwrap();
}

async fn every_portable_form_gives_the_same(database: Database) {
    let store = database.open().await;
    for request in ["r1", "r2", "r3"] {
        store.perform(Add { amount: 5, ..Add::one("c", request) }).await.unwrap();
    }
    let customers = vec![vec!["nobody".into()], vec!["c".into()]];
    let newest = store.read(&NEWEST, customers.clone()).await.unwrap();
    let newest: Vec<_> = newest.iter().map(|row| (row.ordinal(), row.text(0).unwrap())).collect();
    assert_eq!(newest, [(1, "r3"), (1, "r2")]);

    let mut sums = store.read(&SUM, customers).await.unwrap();
    sums.sort_by_key(Row::ordinal);
    let sums: Vec<_> = sums.iter().map(|row| (row.int(0).unwrap(), row.int(1).unwrap())).collect();
    assert_eq!(sums, [(0, 0), (15, 3)]);

    write(&store, &FORGET, vec![vec!["c".into(), "r1".into()], vec!["c".into(), "r3".into()]]).await;
    let newest = store.read(&NEWEST, vec![vec!["c".into()]]).await.unwrap();
    assert_eq!((newest.len(), newest[0].text(0)), (1, Ok("r2")));

    write(&store, &RAISE, vec![vec!["c".into(), Value::Int(2)], vec!["d".into(), Value::Int(3)]]).await;
    let counters = store.read(&COUNTERS, vec![vec!["".into(), Value::Int(9)]]).await.unwrap();
    let counts: Vec<_> = counters.iter().map(|row| row.int(1).unwrap()).collect();
    assert_eq!(counts, [17, 3]);
}

async fn a_read_without_rows_finds_nothing(database: Database) {
    let store = database.open().await;
    assert_eq!(store.read(&SUM, Vec::new()).await, Ok(Vec::new()));
}

async fn texts_are_ordered_by_their_bytes(database: Database) {
    let store = database.open().await;
    let ids = ["b", "B", "a-1", "a1", "あ", "ア", "_"];
    write(&store, &RAISE, ids.map(|id| vec![id.into(), Value::Int(1)]).to_vec()).await;
    let counters = store.read(&COUNTERS, vec![vec!["".into(), Value::Int(9)]]).await.unwrap();
    let found: Vec<_> = counters.iter().map(|row| row.text(0).unwrap()).collect();
    assert_eq!(found, ["B", "_", "a-1", "a1", "b", "あ", "ア"]);
}
