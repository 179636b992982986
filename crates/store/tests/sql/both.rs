//! What holds on both databases alike.

use choba_store::sql::{ConstraintKind, Decided, Statement, StoreError, Type, Value};
use tokio::task::JoinSet;

use crate::counters::{Add, COUNT, ENSURE, REMEMBER, REQUEST, SET, count};
use crate::databases::{Database, options};
use crate::on_both;
use crate::works::{Parts, hold, together};

on_both!(
    results_reach_the_work_that_asked,
    works_that_meet_share_a_transaction,
    a_work_that_breaks_a_rule_fails_alone,
    a_work_that_conflicts_fails_alone,
    a_work_that_decides_nothing_is_answered,
    a_panic_in_a_decision_fails_alone,
    a_request_that_comes_twice_counts_once,
    one_customer_loses_nothing_among_64_tasks,
    two_stores_on_one_database_lose_nothing,
    a_full_queue_answers_busy,
    a_work_can_read_more,
    a_work_that_never_decides_is_stopped,
    writes_are_run_in_the_order_of_statements,
    an_append_only_table_refuses_changes,
    values_may_be_absent,
    a_row_that_does_not_fit_fails_alone,
    closing_finishes_what_is_queued,
    what_is_not_of_the_expected_type_is_named,
);

async fn results_reach_the_work_that_asked(database: Database) {
    let store = database.open().await;
    for customer in 0..20 {
        let add = Add { amount: customer, ..Add::one(format!("c{customer}"), "first") };
        store.perform(add).await.unwrap();
    }
    let work = |customer: i64| {
        let ids = [customer, 99, 19 - customer].map(|id| Value::from(format!("c{id}")));
        let reads = ids.map(|id| COUNT.read([id])).to_vec();
        Parts::new(&format!("c{customer}"), reads, |rows| {
            let first = rows[0][0].int(0)?;
            assert!(rows[1].is_empty());
            Ok(Decided::Nothing((first, rows[2][0].int(0)?)))
        })
    };
    let answers = together(&store, (0..20).map(work).collect()).await;
    for (customer, answer) in (0..).zip(answers) {
        assert_eq!(answer, Ok((customer, 19 - customer)));
    }
}

async fn works_that_meet_share_a_transaction(database: Database) {
    let store = database.open().await;
    let works = (0..100).map(|customer| Add::one(format!("c{customer}"), "first")).collect();
    assert!(together(&store, works).await.into_iter().all(|answer| answer == Ok(1)));
    let counts = store.counts();
    assert_eq!((counts.batches, counts.works, counts.largest_batch, counts.retries), (2, 101, 100, 0));
}

async fn a_work_that_breaks_a_rule_fails_alone(database: Database) {
    let store = database.open().await;
    let mut works: Vec<_> = (0..10).map(|customer| Add::one(format!("c{customer}"), "first")).collect();
    works[4].amount = -1;
    let answers = together(&store, works).await;
    for (customer, answer) in answers.into_iter().enumerate() {
        match answer {
            Err(StoreError::Constraint {
                kind: ConstraintKind::Check, statement: "set a counter", ..
            }) => {
                assert_eq!(customer, 4);
            }
            answer => assert_eq!(answer, Ok(1), "customer {customer}"),
        }
    }
    assert_eq!((count(&store, "c3").await, count(&store, "c4").await), (1, 0));
}

async fn a_work_that_conflicts_fails_alone(database: Database) {
    let store = database.open().await;
    let work = |customer: i64| {
        let id = Value::from(format!("c{customer}"));
        let seen: i64 = if customer == 7 { 5 } else { 0 };
        Parts::new(&format!("c{customer}"), vec![ENSURE.read([id.clone()])], move |_| {
            Ok(Decided::Write(vec![SET.write([id.clone(), seen.into(), Value::Int(9)])], ()))
        })
    };
    let answers = together(&store, (0..10).map(work).collect()).await;
    for (customer, answer) in answers.into_iter().enumerate() {
        let conflict = Err(StoreError::Conflict { statement: "set a counter" });
        assert_eq!(answer, if customer == 7 { conflict } else { Ok(()) });
    }
}

async fn a_work_that_decides_nothing_is_answered(database: Database) {
    let store = database.open().await;
    let work = Parts::new("c", vec![COUNT.read(["c".into()])], |rows| Ok(Decided::Nothing(rows[0].len())));
    assert_eq!(store.perform(work).await, Ok(0));
}

async fn a_panic_in_a_decision_fails_alone(database: Database) {
    let store = database.open().await;
    let work = |customer: usize| {
        Parts::new(&format!("c{customer}"), Vec::new(), move |_| {
            assert!(customer != 2, "a panic that belongs to the test");
            Ok(Decided::Nothing(()))
        })
    };
    let answers = together(&store, (0..5).map(work).collect()).await;
    for (customer, answer) in answers.into_iter().enumerate() {
        assert_eq!(matches!(answer, Err(StoreError::Defect { .. })), customer == 2);
    }
    assert_eq!(store.perform(Add::one("c2", "first")).await, Ok(1));
}

async fn a_request_that_comes_twice_counts_once(database: Database) {
    let store = database.open().await;
    let works = ["one", "two", "one", "two", "three"].map(|request| Add::one("c", request));
    let answers: Vec<_> = together(&store, works.to_vec()).await.into_iter().flatten().collect();
    assert_eq!(answers, [1, 2, 2, 2, 3]);
    assert_eq!(count(&store, "c").await, 3);
}

async fn one_customer_loses_nothing_among_64_tasks(database: Database) {
    let store = database.open().await;
    let mut tasks = JoinSet::new();
    for task in 0..64 {
        let store = store.clone();
        tasks.spawn(async move {
            for request in (task..1_000).step_by(64) {
                store.perform(Add::one("c", format!("r{request}"))).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(count(&store, "c").await, 1_000);
}

async fn two_stores_on_one_database_lose_nothing(database: Database) {
    let (one, other) = tokio::join!(database.open(), database.open());
    let mut tasks = JoinSet::new();
    for request in 0..200 {
        let store = if request % 2 == 0 { one.clone() } else { other.clone() };
        tasks.spawn(async move {
            for customer in ["a", "b"] {
                store.perform(Add::one(customer, format!("r{request}"))).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    assert_eq!((count(&one, "a").await, count(&other, "b").await), (200, 200));
}

async fn a_full_queue_answers_busy(database: Database) {
    let mut options = options();
    options.queued_max = 2;
    let store = database.open_with(options).await;
    let works = ["c1", "c1", "c2"].map(|customer| Add::one(customer, "first")).to_vec();
    assert_eq!(together(&store, works).await, [Ok(1), Ok(1), Err(StoreError::Busy)]);
}

async fn a_work_can_read_more(database: Database) {
    let store = database.open().await;
    store.perform(Add { amount: 3, ..Add::one("c3", "first") }).await.unwrap();
    store.perform(Add { amount: 7, ..Add::one("c7", "first") }).await.unwrap();
    let work = |first: &'static str, second: &'static str| {
        Parts::new(first, vec![COUNT.read([first.into()])], move |rows| match rows {
            [_] => Ok(Decided::ReadMore(vec![COUNT.read([second.into()])])),
            rows => Ok(Decided::Nothing(rows[0][0].int(0)? * 10 + rows[1][0].int(0)?)),
        })
    };
    let answers = together(&store, vec![work("c3", "c7"), work("c7", "c3")]).await;
    assert_eq!(answers, [Ok(37), Ok(73)]);
}

async fn a_work_that_never_decides_is_stopped(database: Database) {
    let store = database.open().await;
    let work = Parts::<()>::new("c", Vec::new(), |_| Ok(Decided::ReadMore(vec![COUNT.read(["c".into()])])));
    assert!(matches!(store.perform(work).await, Err(StoreError::Defect { .. })));
}

static MAKE: Statement = Statement::new(
    "make a counter while writing",
    &[("customer_id", Type::Text)],
    "INSERT INTO counters (customer_id, count) SELECT :customer_id, 0 FROM {rows}",
)
.order(5)
.one_each();

async fn writes_are_run_in_the_order_of_statements(database: Database) {
    let store = database.open().await;
    let work = |customer: &'static str| {
        Parts::new(customer, Vec::new(), move |_| {
            let request = REMEMBER.write([customer.into(), "first".into(), Value::Null, Value::Null]);
            Ok(Decided::Write(vec![request, MAKE.write([customer.into()])], ()))
        })
    };
    assert_eq!(together(&store, vec![work("a"), work("b")]).await, [Ok(()), Ok(())]);
    assert_eq!(store.counts().batches, 2);
}

static ENTER: Statement = Statement::new(
    "enter into the journal",
    &[("entry_id", Type::Text)],
    "INSERT INTO journal (entry_id, note) SELECT :entry_id, 'as it was' FROM {rows}",
);
static ALTER: Statement = Statement::new(
    "alter the journal",
    &[("entry_id", Type::Text)],
    "UPDATE journal SET note = 'other' FROM {rows} WHERE journal.entry_id = :entry_id",
);
static ERASE: Statement = Statement::new(
    "erase from the journal",
    &[("entry_id", Type::Text)],
    "DELETE FROM journal WHERE (entry_id) IN (SELECT :entry_id FROM {rows})",
);
static REPLACE: Statement = Statement::new(
    "replace in the journal",
    &[("entry_id", Type::Text)],
    "INSERT INTO journal (entry_id, note) SELECT :entry_id, 'other' FROM {rows} WHERE true
     ON CONFLICT (entry_id) DO UPDATE SET note = excluded.note",
);

async fn an_append_only_table_refuses_changes(database: Database) {
    let store = database.open().await;
    let work = |statement: &'static Statement| {
        Parts::new("c", Vec::new(), |_| Ok(Decided::Write(vec![statement.write(["e1".into()])], ())))
    };
    store.perform(work(&ENTER)).await.unwrap();
    for (statement, said) in [(&ALTER, "UPDATE"), (&ERASE, "DELETE"), (&REPLACE, "UPDATE")] {
        let refused = store.perform(work(statement)).await.unwrap_err();
        let StoreError::Constraint { kind: ConstraintKind::Refused, message, .. } = refused else {
            panic!("{refused}");
        };
        assert!(message.contains(&format!("journal is append-only: {said} is refused")), "{message}");
    }
}

async fn values_may_be_absent(database: Database) {
    let store = database.open().await;
    let key = [Value::from("c"), Value::from("first")];
    let work = Parts::new("c", vec![ENSURE.read(["c".into()])], |_| {
        let row = ["c".into(), "first".into(), Value::from(None::<&str>), Value::from(None::<i64>)];
        Ok(Decided::Write(vec![REMEMBER.write(row)], ()))
    });
    store.perform(work).await.unwrap();
    let absent = vec![Value::Null, Value::Null];
    let rows = store.read(&REQUEST, vec![absent, key.to_vec()]).await.unwrap();
    assert_eq!((rows.len(), rows[0].ordinal()), (1, 1));
    assert_eq!((rows[0].optional_text(0), rows[0].optional_int(1)), (Ok(None), Ok(None)));
}

async fn a_row_that_does_not_fit_fails_alone(database: Database) {
    let store = database.open().await;
    let work = |customer: &'static str, row: Vec<Value>| {
        Parts::new(customer, vec![COUNT.read(row)], |_| Ok(Decided::Nothing(())))
    };
    let works = vec![work("a", vec!["a".into()]), work("b", vec![Value::Int(1)]), work("c", Vec::new())];
    let answers = together(&store, works).await;
    let fault = |fault: &str| StoreError::Statement { statement: "read a counter", fault: fault.to_owned() };
    assert_eq!(answers[0], Ok(()));
    assert_eq!(answers[1], Err(fault("the value of customer_id is not of type Text")));
    assert_eq!(answers[2], Err(fault("a row of 0 values, expected 1")));
}

async fn closing_finishes_what_is_queued(database: Database) {
    let store = database.open().await;
    let held = hold(&store).await;
    let mut tasks = JoinSet::new();
    for request in 0..20 {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        store.submit(Add::one("c", format!("r{request}")), move |answer| drop(sender.send(answer)));
        tasks.spawn(receiver);
    }
    drop(held);
    store.close().await;
    assert!(tasks.join_all().await.into_iter().all(|answer| answer.unwrap().is_ok()));
    assert_eq!(store.perform(Add::one("c", "late")).await, Err(StoreError::Closed));
    assert_eq!(count(&database.open().await, "c").await, 20);
}

async fn what_is_not_of_the_expected_type_is_named(database: Database) {
    let store = database.open().await;
    store.perform(Add::one("c", "first")).await.unwrap();
    let rows = store.read(&REQUEST, vec![vec!["c".into(), "first".into()]]).await.unwrap();
    let unreadable = |column| StoreError::Unreadable { statement: "read a request", column };
    assert_eq!(rows[0].int(1), Ok(1));
    assert_eq!(rows[0].text(0), Err(unreadable(0)));
    assert_eq!(rows[0].text(1), Err(unreadable(1)));
    assert_eq!(rows[0].optional_int(2), Err(unreadable(2)));
}
