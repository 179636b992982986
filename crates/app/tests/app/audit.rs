//! The audit log: rows that come with what they tell of, and a chain in which nothing can be changed unseen.

use choba_app::{
    Action, AdjustBalance, AppError, AuditDifference, AuditSummary, Caller, GrantValue, Granter, Key, Look,
    NotedHead, Role, Secrets, verify_audit,
};
use choba_engine::market::LotKind;
use choba_engine::money::Points;
use choba_store::books::{AuditFilter, AuditRow};
use jiff::SignedDuration;

use crate::on_both;
use crate::support::{Bench, Database, hanako, noon};
use crate::verify_books::{run_sql, sql_text};

on_both!(
    rows_are_linked_in_pieces_and_the_log_is_fine,
    the_tables_refuse_changes,
    a_row_that_was_changed_is_named,
    a_row_that_was_removed_is_named,
    a_tail_that_was_cut_is_named,
    rows_that_changed_places_are_named,
    a_log_that_was_written_anew_has_no_seal,
    a_log_that_was_put_back_lacks_the_noted_head,
    rows_that_come_or_go_past_the_program_are_named,
    several_workers_link_each_row_once,
    what_staff_decide_is_recorded_with_it,
    what_staff_are_refused_leaves_no_row,
    the_log_is_checked_for_whoever_may_read_it,
    a_look_needs_a_right_and_a_reason,
    looks_beyond_the_budget_are_refused_and_recorded,
    two_processes_share_one_budget,
    a_customer_sees_who_looked,
);

fn agent() -> Caller {
    Caller::Staff { staff_id: "sato".to_owned(), role: Role::Agent }
}

fn auditor() -> Caller {
    Caller::Staff { staff_id: "ito".to_owned(), role: Role::Auditor }
}

async fn record(bench: &Bench, count: usize) {
    for number in 0..count {
        let at = noon() + SignedDuration::from_millis(i64::try_from(number).unwrap());
        let action = Action::new("test.done", &format!("thing-{number}")).because("日本語の理由");
        bench.counter.record_action(&agent(), action, at).await.unwrap();
    }
}

async fn linked(bench: &Bench, count: usize) -> NotedHead {
    record(bench, count).await;
    while bench.counter.link_audit_rows(3).await.unwrap() > 0 {}
    let (summary, differences) = verify(bench).await;
    assert_eq!(differences, []);
    NotedHead { place: summary.head_place, hash: summary.head_hash }
}

async fn verify(bench: &Bench) -> (AuditSummary, Vec<AuditDifference>) {
    verify_with(bench, None).await
}

async fn verify_with(bench: &Bench, noted: Option<&NotedHead>) -> (AuditSummary, Vec<AuditDifference>) {
    let mut differences = Vec::new();
    let snapshot = bench.counter.store().snapshot().await.unwrap();
    let secrets = Secrets { codes: [7; 32] };
    let mut tell = |found| differences.push(found);
    let summary = verify_audit(snapshot, Some(&secrets), noted, &mut tell).await.unwrap();
    (summary, differences)
}

async fn log(bench: &Bench) -> Vec<AuditRow> {
    bench.counter.audit_log(&auditor(), &AuditFilter::default(), None, 100).await.unwrap()
}

/// The tables refuse changes; who tampers has to switch that off.
fn tamper(database: &Database, sql: &str) {
    let tables = ["audit_rows", "audit_links"];
    let open: String = if database.url.starts_with("sqlite:") {
        let triggers =
            |table| format!("DROP TRIGGER {table}_refuses_update; DROP TRIGGER {table}_refuses_delete;");
        tables.map(triggers).concat()
    } else {
        tables.map(|table| format!("ALTER TABLE {table} DISABLE TRIGGER USER;")).concat()
    };
    run_sql(database, &open);
    run_sql(database, sql);
}

fn row_at(place: i64) -> String {
    format!("(SELECT row_id FROM audit_links WHERE place = {place})")
}

async fn rows_are_linked_in_pieces_and_the_log_is_fine(bench: Bench) {
    let (empty, differences) = verify(&bench).await;
    assert_eq!((empty.linked, empty.differences, differences.len()), (0, 0, 0));
    record(&bench, 7).await;
    assert_eq!(verify(&bench).await.0.waiting, 7);
    let head = linked(&bench, 0).await;
    assert_eq!(head.place, 7);
    let later = linked(&bench, 2).await;
    assert_eq!(later.place, 9);
    let (summary, differences) = verify_with(&bench, Some(&head)).await;
    assert_eq!((summary.linked, summary.waiting, differences), (9, 0, vec![]));
    assert!(summary.seal_checked);
}

async fn the_tables_refuse_changes(bench: Bench) {
    linked(&bench, 1).await;
    for sql in ["UPDATE audit_rows SET made_by = 'x'", "DELETE FROM audit_rows", "DELETE FROM audit_links"] {
        let refused = match bench.database.url.strip_prefix("sqlite:") {
            Some(path) => rusqlite::Connection::open(path).unwrap().execute_batch(sql).is_err(),
            None => {
                // What it answers is looked at below: the row is still there.
                let caught = std::panic::catch_unwind(|| run_sql(&bench.database, sql));
                caught.is_err()
            }
        };
        assert!(refused, "{sql}");
    }
    assert_eq!(log(&bench).await.len(), 1);
    assert_eq!(verify(&bench).await.1, []);
}

async fn a_row_that_was_changed_is_named(bench: Bench) {
    linked(&bench, 5).await;
    let row_id = log(&bench).await[2].row_id.clone();
    tamper(&bench.database, &format!("UPDATE audit_rows SET reason = NULL WHERE row_id = '{row_id}'"));
    assert_eq!(verify(&bench).await.1, [AuditDifference::Changed { place: 3, row_id }]);
}

async fn a_row_that_was_removed_is_named(bench: Bench) {
    linked(&bench, 5).await;
    let row_id = log(&bench).await[2].row_id.clone();
    tamper(&bench.database, &format!("DELETE FROM audit_rows WHERE row_id = '{row_id}'"));
    let missing = AuditDifference::RowMissing { place: 3, row_id };
    assert_eq!(verify(&bench).await.1, [missing]);
    run_sql(&bench.database, "DELETE FROM audit_links WHERE place = 3");
    assert_eq!(verify(&bench).await.1, [AuditDifference::LinksMissing { from: 3, to: 3 }]);
}

async fn a_tail_that_was_cut_is_named(bench: Bench) {
    linked(&bench, 5).await;
    let tail = "(SELECT row_id FROM audit_links WHERE place >= 4)";
    tamper(
        &bench.database,
        &format!("DELETE FROM audit_rows WHERE row_id IN {tail}; DELETE FROM audit_links WHERE place >= 4"),
    );
    assert_eq!(verify(&bench).await.1, [AuditDifference::LinksMissing { from: 4, to: 5 }]);
    run_sql(
        &bench.database,
        "UPDATE audit_heads SET place = 3, hash = (SELECT hash FROM audit_links WHERE place = 3)",
    );
    assert_eq!(verify(&bench).await.1, [AuditDifference::SealDiffers { place: 3 }]);
    run_sql(&bench.database, "DELETE FROM audit_heads");
    assert_eq!(verify(&bench).await.1, [AuditDifference::HeadMissing]);
}

async fn rows_that_changed_places_are_named(bench: Bench) {
    linked(&bench, 5).await;
    tamper(
        &bench.database,
        &format!(
            "CREATE TABLE kept AS SELECT {} AS two, {} AS three;
             UPDATE audit_links SET row_id = 'x' WHERE place = 2;
             UPDATE audit_links SET row_id = (SELECT two FROM kept) WHERE place = 3;
             UPDATE audit_links SET row_id = (SELECT three FROM kept) WHERE place = 2;
             DROP TABLE kept;",
            row_at(2),
            row_at(3)
        ),
    );
    let places: Vec<i64> = verify(&bench)
        .await
        .1
        .iter()
        .map(|found| match found {
            AuditDifference::Changed { place, .. } => *place,
            other => panic!("found {other:?}"),
        })
        .collect();
    assert_eq!(places, [2, 3]);
}

async fn a_log_that_was_written_anew_has_no_seal(bench: Bench) {
    linked(&bench, 3).await;
    // Somebody with the program and the database, but not with the keys.
    tamper(
        &bench.database,
        "UPDATE audit_rows SET made_by = 'staff:nobody';
         DELETE FROM audit_links; DELETE FROM audit_heads; INSERT INTO audit_waiting SELECT row_id FROM audit_rows;",
    );
    let forger = bench.with_secrets(Secrets { codes: [8; 32] }).await;
    assert_eq!(forger.link_audit_rows(10).await, Ok(3));
    assert_eq!(verify(&bench).await.1, [AuditDifference::SealDiffers { place: 3 }]);
}

async fn a_log_that_was_put_back_lacks_the_noted_head(bench: Bench) {
    let early = linked(&bench, 3).await;
    let kept = sql_text(&bench.database, "audit_heads");
    let kept: Vec<&str> = kept.trim().split('|').collect();
    let noted = linked(&bench, 2).await;
    tamper(
        &bench.database,
        &format!(
            "DELETE FROM audit_rows WHERE row_id IN (SELECT row_id FROM audit_links WHERE place > 3);
             DELETE FROM audit_links WHERE place > 3;
             UPDATE audit_heads SET place = 3, hash = '{}', seal = '{}'",
            kept[2], kept[3]
        ),
    );
    assert_eq!(verify_with(&bench, Some(&early)).await.1, []);
    let missing = AuditDifference::NotedHeadMissing { place: 5 };
    assert_eq!(verify_with(&bench, Some(&noted)).await.1, [missing]);
}

async fn rows_that_come_or_go_past_the_program_are_named(bench: Bench) {
    linked(&bench, 2).await;
    record(&bench, 1).await;
    let row_id = sql_text(&bench.database, "audit_waiting").trim().to_owned();
    tamper(
        &bench.database,
        "DELETE FROM audit_rows WHERE row_id = (SELECT row_id FROM audit_waiting);
         INSERT INTO audit_rows (row_id, happened_at, made_by, action, subject)
         VALUES ('0stray', 0, 'staff:x', 'test', 'x')",
    );
    let stray = AuditDifference::Unlinked { row_id: "0stray".to_owned() };
    assert_eq!(verify(&bench).await.1, [stray, AuditDifference::Lost { row_id }]);
}

async fn several_workers_link_each_row_once(bench: Bench) {
    record(&bench, 60).await;
    let another = bench.another(2).await;
    let mut tasks = Vec::new();
    for number in 0..20 {
        let counter = if number % 2 == 0 { bench.counter.clone() } else { another.clone() };
        tasks.push(tokio::spawn(async move { counter.link_audit_rows(4).await.unwrap() }));
    }
    let mut count = 0;
    for task in tasks {
        count += task.await.unwrap();
    }
    assert_eq!(count, 60);
    assert_eq!(linked(&bench, 0).await.place, 60);
}

fn grant(bench: &Bench, points: i64) -> GrantValue {
    GrantValue {
        whose: hanako(),
        program: "rakuten".to_owned(),
        kind: Some(LotKind::Limited),
        points: Points::new(points),
        available_at: None,
        expires_at: Some("2026-12-31T23:59:59+09:00".parse().unwrap()),
        reason: "late parcel".to_owned(),
        by: Granter::Staff("staff:sato".to_owned()),
        key: bench.key("grant_value", "hanako"),
    }
}

async fn what_staff_decide_is_recorded_with_it(bench: Bench) {
    let wanted = grant(&bench, 100);
    bench.counter.grant_value(wanted.clone(), noon()).await.unwrap();
    bench.counter.grant_value(wanted, noon()).await.unwrap();
    let adjust = AdjustBalance {
        whose: hanako(),
        program: "rakuten".to_owned(),
        kind: Some(LotKind::Limited),
        points: 50_000,
        expires_at: Some("2026-12-31T23:59:59+09:00".parse().unwrap()),
        reason: "asked for".to_owned(),
        by: "key:desk".to_owned(),
        key: Key::new("k", "adjust_balance", "hanako", b"").unwrap(),
    };
    bench.counter.adjust_balance(adjust, noon() + SignedDuration::from_secs(1)).await.unwrap();
    let rows = log(&bench).await;
    let told: Vec<_> =
        rows.iter().map(|row| (&*row.made_by, &*row.action, row.customer_id.as_deref())).collect();
    assert_eq!(
        told,
        [("key:desk", "books.changed", Some("hanako")), ("staff:sato", "wallet.granted", Some("hanako")),]
    );
    assert_eq!(rows[1].reason.as_deref(), Some("late parcel"));
    linked(&bench, 0).await;
}

async fn what_staff_are_refused_leaves_no_row(bench: Bench) {
    assert!(bench.counter.grant_value(grant(&bench, 0), noon()).await.is_err());
    let by_campaign = GrantValue { by: Granter::Campaign("spring".to_owned()), ..grant(&bench, 10) };
    bench.counter.grant_value(by_campaign, noon()).await.unwrap();
    assert_eq!(log(&bench).await, []);
}

fn look(customer_id: &str) -> Look {
    Look {
        customer_id: customer_id.to_owned(),
        what: "address".to_owned(),
        subject: "case_1".to_owned(),
        reason: "the parcel came back".to_owned(),
    }
}

async fn a_look_needs_a_right_and_a_reason(bench: Bench) {
    let see = async |caller: Caller, look: Look| bench.counter.record_look(&caller, look, noon()).await;
    assert_eq!(see(agent(), look("hanako")).await, Ok(()));
    assert!(matches!(see(auditor(), look("hanako")).await, Err(AppError::NotAllowed { .. })));
    for reason in ["", "  \n", "a\u{0}b"] {
        let without = Look { reason: reason.to_owned(), ..look("hanako") };
        assert!(matches!(see(agent(), without).await, Err(AppError::Field { .. })), "{reason:?}");
    }
    assert_eq!(see(Caller::customer("hanako"), look("hanako")).await, Ok(()));
    assert!(matches!(see(Caller::customer("taro"), look("hanako")).await, Err(AppError::NotFound { .. })));
    assert_eq!(log(&bench).await.len(), 1);
}

async fn looks_beyond_the_budget_are_refused_and_recorded(bench: Bench) {
    for number in 0..40 {
        bench.counter.record_look(&agent(), look(&format!("customer-{number}")), noon()).await.unwrap();
    }
    let refused = bench.counter.record_look(&agent(), look("hanako"), noon()).await;
    assert!(matches!(refused, Err(AppError::TooManyTries { .. })));
    let other = Caller::Staff { staff_id: "abe".to_owned(), role: Role::Agent };
    bench.counter.record_look(&other, look("hanako"), noon()).await.unwrap();
    let of = |action: &str| AuditFilter { action: Some(action.to_owned()), ..AuditFilter::default() };
    let seen = bench.counter.audit_log(&auditor(), &of("personal.look"), None, 100).await.unwrap();
    let kept_out =
        bench.counter.audit_log(&auditor(), &of("personal.look_refused"), None, 100).await.unwrap();
    assert_eq!((seen.len(), kept_out.len()), (41, 1));
}

async fn two_processes_share_one_budget(bench: Bench) {
    let another = bench.another(2).await;
    let mut tasks = Vec::new();
    for number in 0..60 {
        let counter = if number % 2 == 0 { bench.counter.clone() } else { another.clone() };
        tasks.push(tokio::spawn(async move { counter.record_look(&agent(), look("hanako"), noon()).await }));
    }
    let mut seen = 0;
    for task in tasks {
        seen += usize::from(task.await.unwrap().is_ok());
    }
    assert_eq!(seen, 40);
}

async fn a_customer_sees_who_looked(bench: Bench) {
    for customer in ["hanako", "taro", "hanako"] {
        bench.counter.record_look(&agent(), look(customer), noon()).await.unwrap();
    }
    let hanako = Caller::customer("hanako");
    let looks = bench.counter.looks_at_customer(&hanako, "hanako", None, 10).await.unwrap();
    assert_eq!(looks.len(), 2);
    assert!(looks.iter().all(|look| look.what == "address" && look.by == "staff"));
    let others = bench.counter.looks_at_customer(&hanako, "taro", None, 10).await;
    assert!(matches!(others, Err(AppError::NotFound { .. })));
}

async fn the_log_is_checked_for_whoever_may_read_it(bench: Bench) {
    record(&bench, 3).await;
    let (summary, differences) = bench.counter.check_audit_log(&auditor(), 5).await.unwrap();
    assert_eq!(
        (summary.differences, differences.len(), summary.seal_checked),
        (0, 0, summary.head_place > 0)
    );
    let refused = bench.counter.check_audit_log(&agent(), 5).await;
    assert!(matches!(refused, Err(AppError::NotAllowed { .. })));
}

/// Who may commit without `Counter::perform`: it itself, and call-backs, whose changes bring rows of their own along.
const WATCHED: [&str; 2] = ["watched.rs", "change_callback.rs"];

#[test]
fn no_decision_goes_past_the_audit_log() {
    let mut past = Vec::new();
    let mut directories = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    while let Some(directory) = directories.pop() {
        for path in std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                directories.push(path);
            } else if !WATCHED.iter().any(|known| path.ends_with(known))
                && std::fs::read_to_string(&path).unwrap().contains("books::perform(")
            {
                past.push(path);
            }
        }
    }
    assert_eq!(past, Vec::<std::path::PathBuf>::new(), "use `Counter::perform`");
}
