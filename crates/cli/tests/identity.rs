//! `choba keys`, `token` and `audit`, as they are used beside a service.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in a test a panic is a failure"
)]

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use choba_app::{ApiKeySecret, Caller, Right, Role};
use choba_server::identity::{Issuers, OwnIssuer};
use choba_testbed::Postgres;
use data_encoding::BASE64URL_NOPAD;
use support::{Run, choba};

/// A data directory with keys, as the service makes it.
struct Data {
    directory: tempfile::TempDir,
}

impl Data {
    fn new() -> Self {
        let data = Self { directory: tempfile::tempdir().unwrap() };
        let keys = format!(r#"{{"codes": "{}", "issuer": "{}"}}"#, "07".repeat(32), "03".repeat(32));
        fs::write(data.file("keys.json"), keys).unwrap();
        fs::set_permissions(data.file("keys.json"), Permissions::from_mode(0o600)).unwrap();
        data
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Runs a command beside this directory.
    fn choba(&self, arguments: &[&str]) -> Run {
        let data = self.directory.path().to_str().unwrap();
        choba(&[arguments, &["--data", data]].concat(), "")
    }

    fn sql(&self, sql: &str) {
        rusqlite::Connection::open(self.file("choba.sqlite")).unwrap().execute_batch(sql).unwrap();
    }
}

fn fine(run: Run) -> String {
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    run.stdout
}

#[test]
fn keys_are_made_listed_rotated_and_ended() {
    let data = Data::new();
    for more in [vec![], vec!["--db".to_owned(), Postgres::shared().create_database()]] {
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        let run = |arguments: &[&str]| data.choba(&[arguments, &more].concat());
        let made = run(&["keys", "make", "--name", "backend", "--right", "quotes", "--right", "orders:read"]);
        assert!(!made.stderr.contains("choba_live_"));
        let secret = fine(made);
        assert!(ApiKeySecret::read(secret.trim()).is_some(), "{secret}");
        let listed = run(&["keys", "list", "--json"]).answers();
        let key_id = listed[0]["key_id"].as_str().unwrap().to_owned();
        assert_eq!((&listed[0]["state"], &listed[0]["made_by"]), (&"active".into(), &"system".into()));
        assert_eq!(listed[0]["rights"], serde_json::json!(["quotes", "orders:read"]));
        let rotated = fine(run(&["keys", "rotate", &key_id, "--grace", "2h"]));
        assert!(ApiKeySecret::read(rotated.trim()).is_some() && rotated != secret);
        fine(run(&["keys", "end", &key_id]));
        let text = fine(run(&["keys", "list"]));
        assert!(text.contains("ended") && !text.contains("choba_live_"), "{text}");
        let over = run(&["keys", "rotate", &key_id]);
        assert_eq!((over.status, over.stdout.as_str()), (2, ""));
    }
}

#[test]
fn what_cannot_be_a_key_is_refused_with_its_reason() {
    let data = Data::new();
    let unknown = data.choba(&["keys", "make", "--name", "x", "--right", "everything"]);
    assert_eq!(unknown.status, 2);
    assert!(unknown.stderr.contains("orders:read"), "{}", unknown.stderr);
    let past = ["keys", "make", "--name", "x", "--right", "quotes", "--expires-at", "2020-01-01T00:00:00Z"];
    let past = data.choba(&past);
    assert_eq!((past.status, past.stdout.as_str()), (2, ""));
    let empty = tempfile::tempdir().unwrap();
    let nowhere = empty.path().join("nowhere");
    let nowhere = ["--data", nowhere.to_str().unwrap()];
    for command in [&["keys", "list"][..], &["token", "--customer", "hanako"]] {
        let run = choba(&[command, &nowhere].concat(), "");
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains("hint:"), "{}", run.stderr);
    }
    assert!(!empty.path().join("nowhere").exists(), "no keys are made by the way");
}

#[test]
fn tokens_are_those_of_the_service_whose_keys_are_there() {
    let data = Data::new();
    let issuers = Issuers::new(&[], Some(&OwnIssuer::from_seed(&[3; 32]))).unwrap();
    let caller = |token: String| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let issued = token.split('.').nth(1).unwrap();
        let claims: serde_json::Value =
            serde_json::from_slice(&BASE64URL_NOPAD.decode(issued.as_bytes()).unwrap()).unwrap();
        let at = jiff::Timestamp::from_second(claims["iat"].as_i64().unwrap()).unwrap();
        runtime.block_on(issuers.identify(token.trim(), at)).unwrap().caller
    };
    let hanako = fine(data.choba(&["token", "--customer", "hanako"]));
    assert_eq!(caller(hanako), Caller::customer("hanako"));
    let sato = fine(data.choba(&["token", "--staff", "sato", "--role", "agent", "--ttl", "1h"]));
    assert_eq!(caller(sato), Caller::Staff { staff_id: "sato".to_owned(), role: Role::Agent });
    for wrong in [
        &["token"][..],
        &["token", "--staff", "sato"],
        &["token", "--customer", "hanako", "--role", "agent"],
        &["token", "--customer", "hanako", "--staff", "sato", "--role", "agent"],
        &["token", "--staff", "sato", "--role", "boss"],
        &["token", "--customer", "@market"],
        &["token", "--customer", "hanako", "--ttl", "800h"],
    ] {
        let run = data.choba(wrong);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{wrong:?}");
    }
}

/// A log of some keys that were made, linked.
fn log() -> Data {
    let data = Data::new();
    for name in ["one", "two", "three"] {
        fine(data.choba(&["keys", "make", "--name", name, "--right", "quotes"]));
    }
    data
}

const OPEN: &str = "DROP TRIGGER audit_rows_refuses_update; DROP TRIGGER audit_rows_refuses_delete;
                    DROP TRIGGER audit_links_refuses_delete;";

#[test]
fn an_audit_log_that_was_not_touched_is_fine() {
    let data = log();
    let verified = fine(data.choba(&["audit", "verify"]));
    assert!(
        verified.contains("The audit log is fine.") && verified.contains("rows in the chain"),
        "{verified}"
    );
    let head = verified.lines().find_map(|line| line.strip_prefix("head ")).unwrap().to_owned();
    fine(data.choba(&["keys", "make", "--name", "four", "--right", "quotes"]));
    fine(data.choba(&["audit", "verify", "--head", &head]));
    let summary = data.choba(&["audit", "verify", "--json"]).answers().pop().unwrap();
    assert_eq!(
        (&summary["summary"]["linked"], &summary["summary"]["seal_checked"]),
        (&4.into(), &true.into())
    );
    let other = head.replace(':', ":0").get(..head.len()).unwrap().to_owned();
    let other = data.choba(&["audit", "verify", "--head", &other]);
    assert_eq!(other.status, 1);
    assert!(other.stdout.contains("the head that was noted is not in the chain"), "{}", other.stdout);
    fs::remove_file(data.file("keys.json")).unwrap();
    let without = data.choba(&["audit", "verify"]);
    assert_eq!(without.status, 0);
    assert!(without.stderr.contains("the seal is not checked"), "{}", without.stderr);
}

#[test]
fn a_row_that_was_changed_removed_or_cut_is_named() {
    let changed = log();
    changed.sql(&format!(
        "{OPEN} UPDATE audit_rows SET made_by = 'x' WHERE row_id = (SELECT min(row_id) FROM audit_rows)"
    ));
    let removed = log();
    removed.sql(&format!(
        "{OPEN} DELETE FROM audit_rows WHERE row_id = (SELECT row_id FROM audit_links WHERE place = 2)"
    ));
    let cut = log();
    cut.sql(&format!("{OPEN} DELETE FROM audit_links WHERE place = 3"));
    for (data, told) in
        [(changed, "place 1: row"), (removed, "place 2: row"), (cut, "place 3: the link was removed")]
    {
        let verified = data.choba(&["audit", "verify"]);
        assert_eq!(verified.status, 1, "{}", verified.stderr);
        assert!(verified.stdout.contains(told), "{told}: {}", verified.stdout);
        let json = data.choba(&["audit", "verify", "--json"]).answers();
        assert!(json[0]["difference"].is_object() && json.last().unwrap()["summary"]["differences"].is_u64());
    }
}

#[test]
fn rows_are_shown_the_newest_first() {
    let data = log();
    let rows = data.choba(&["audit", "show", "--json", "--action", "key.made", "--last", "2"]).answers();
    let names: Vec<&str> = rows.iter().map(|row| row["details"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["three", "two"]);
    let text = fine(data.choba(&["audit", "show", "--by", "system"]));
    assert_eq!(text.lines().count(), 3);
    assert_eq!(fine(data.choba(&["audit", "show", "--customer", "hanako"])), "");
}

#[test]
fn the_page_says_what_each_role_may_do() {
    let page = fs::read_to_string(support::repository("docs/identity.md")).unwrap();
    let staff = |role| Caller::Staff { staff_id: "sato".to_owned(), role };
    let columns = [
        Caller::customer("hanako"),
        staff(Role::Agent),
        staff(Role::Specialist),
        staff(Role::Operator),
        staff(Role::Auditor),
    ];
    for right in Right::all() {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{}` |", right.as_str())));
        let row = row.unwrap_or_else(|| panic!("{}: no row", right.as_str()));
        let told: Vec<bool> = row.split('|').skip(2).take(5).map(|cell| !cell.trim().is_empty()).collect();
        let may: Vec<bool> = columns.iter().map(|caller| caller.has(right)).collect();
        assert_eq!(told, may, "{row}");
    }
}
