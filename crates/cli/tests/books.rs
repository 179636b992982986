//! `choba books`, `backup`, `restore` and `export`, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in a test a panic is a failure"
)]

#[allow(unused_imports, reason = "a part of it is enough here")]
#[path = "../../app/tests/app/support/mod.rs"]
mod bench;
mod support;

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bench::{Bench, Database, hanako, noon, rakuten, time};
use choba_app::Whose;
use choba_testbed::Postgres;
use sha2::{Digest as _, Sha256};
use support::{Run, choba, directory, program};

fn on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

/// Some customers with points, coupons and orders.
async fn live_in(bench: &Bench) {
    let whose = hanako();
    bench.grant(&whose, "rakuten:ordinary", 1_000, None).await;
    bench.give_coupon(&whose, "A500").await;
    let cart = rakuten().line("A@shop-a", 2_000, 2).coupon("A500").stored("rakuten", 700).by("card");
    bench.place(&whose, &cart, noon()).await;
    let later = time("2026-11-25T12:00:00+09:00");
    bench.place(&whose, &rakuten().line("B@shop-b", 1_000, 3).by("cod"), later).await;
    let jiro = Whose::new("=jiro, \"次郎\"", "rakuten-style");
    bench.place(&jiro, &rakuten().line("C@shop-c", 1_500, 1).by("cod"), later).await;
}

fn database_of(kind: &str) -> Database {
    if kind == "sqlite" { Database::sqlite() } else { Database::postgres() }
}

/// Books in which something happened; nobody has them open.
fn books(kind: &str) -> Database {
    on(async {
        let bench = Bench::open(database_of(kind)).await;
        live_in(&bench).await;
        bench.counter.store().close().await;
        bench.database
    })
}

fn run_sql(url: &str, sql: &str) {
    match url.strip_prefix("sqlite:") {
        Some(path) => rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap(),
        None => drop(Postgres::shared().query(url.rsplit('/').next().unwrap(), sql)),
    }
}

fn verify(url: &str) -> Run {
    choba(&["books", "verify", "--db", url], "")
}

fn backup(url: &str, to: &Path) {
    let run = choba(&["backup", "--db", url, "--to", to.to_str().unwrap()], "");
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
}

fn restore(url: &str, from: &Path) -> Run {
    choba(&["restore", "--db", url, "--from", from.to_str().unwrap()], "")
}

fn export(url: &str, what: &[&str]) -> String {
    let run = choba(&[&["export"], what, &["--db", url]].concat(), "");
    assert_eq!(run.status, 0, "{}", run.stderr);
    run.stdout
}

/// All that is exported of some books.
fn exports(url: &str) -> [String; 2] {
    [export(url, &["orders"]), export(url, &["journal"])]
}

#[test]
fn fine_books_are_summed_up_and_broken_ones_are_named() {
    for kind in ["sqlite", "postgres"] {
        let database = books(kind);
        let run = verify(&database.url);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{}", run.stdout);
        assert!(run.stdout.ends_with("The books are fine.\n"), "{}", run.stdout);
        run_sql(&database.url, "UPDATE customers SET orders_placed = 9 WHERE customer_id = 'hanako'");
        let run = verify(&database.url);
        assert_eq!(run.status, 1, "{}", run.stderr);
        let line = "customer hanako: orders placed in rakuten-style: expected 2, found 9\n";
        assert!(
            run.stdout.starts_with(line) && run.stdout.ends_with("The books differ: 1.\n"),
            "{}",
            run.stdout
        );
        let run = choba(&["books", "verify", "--json", "--db", &database.url], "");
        let answers = run.answers();
        assert_eq!(answers[0]["difference"]["found"], "9");
        assert_eq!(
            (&answers[1]["summary"]["orders"], &answers[1]["summary"]["differences"]),
            (&3.into(), &1.into())
        );
    }
}

#[test]
fn what_is_no_book_is_told_without_passwords() {
    let directory = directory("no-books");
    let missing = directory.join("missing.sqlite");
    let text = directory.join("text.sqlite");
    fs::write(&text, "no database at all, and long enough to be read as a header of one ............")
        .unwrap();
    let empty = Postgres::shared().create_database();
    let sqlite = |path: &Path| format!("sqlite:{}", path.display());
    let cases = [
        (sqlite(&missing), "there is no file"),
        (sqlite(&text), "not a database"),
        (empty, "the database is at migration 0, but this program needs "),
        ("mysql://u:geheim@localhost/x".to_owned(), "neither sqlite: nor postgres://"),
        ("postgres://u:geheim@127.0.0.1:1/x".to_owned(), "not available"),
        ("postgres://u:geheim@127.0.0.1:port/x".to_owned(), "the address of the database cannot be used"),
    ];
    for (url, told) in cases {
        for command in [&["books", "verify"][..], &["export", "orders"]] {
            let run = choba(&[command, &["--db", &url]].concat(), "");
            assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{url}: {}", run.stderr);
            assert!(run.stderr.contains(told) && run.stderr.contains("\nhint: "), "{url}: {}", run.stderr);
            assert!(!run.stderr.contains("geheim"), "{}", run.stderr);
        }
    }
    assert!(!missing.exists());
}

#[test]
fn books_move_from_one_database_to_the_other_and_back() {
    let directory = directory("moved-books");
    let (first, second, third) = (books("sqlite"), database_of("postgres"), database_of("sqlite"));
    let before = exports(&first.url);
    assert_eq!(before[0].lines().count(), 3);
    for (number, (from, to)) in [(&first, &second), (&second, &third)].into_iter().enumerate() {
        let file = directory.join(format!("{number}.choba"));
        backup(&from.url, &file);
        let run = restore(&to.url, &file);
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert!(run.stdout.ends_with("The books are fine.\n"), "{}", run.stdout);
        assert_eq!(exports(&to.url), before);
    }
    let rows = |number| {
        let text = fs::read_to_string(directory.join(format!("{number}.choba"))).unwrap();
        text.lines().filter(|line| line.starts_with('[')).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(rows(0), rows(1));
}

#[test]
fn a_place_with_anything_in_it_stays_as_it_is() {
    let directory = directory("place-not-empty");
    for kind in ["sqlite", "postgres"] {
        let database = books(kind);
        let before = exports(&database.url);
        let file = directory.join(kind);
        backup(&database.url, &file);
        let run = restore(&database.url, &file);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""));
        assert!(
            run.stderr.contains("the place is not empty") && run.stderr.contains("\nhint: "),
            "{}",
            run.stderr
        );
        assert_eq!(exports(&database.url), before);
        let again = choba(&["backup", "--db", &database.url, "--to", file.to_str().unwrap()], "");
        assert_eq!(again.status, 2);
        assert!(again.stderr.contains("is there already"), "{}", again.stderr);
    }
}

#[test]
#[cfg(unix)]
fn a_backup_is_for_its_owner_only_and_leaves_nothing_beside_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = directory("private-backup");
    let file = directory.join("books.choba");
    backup(&books("sqlite").url, &file);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
}

/// The text of a backup with its last line as it has to be.
fn sealed(lines: &[String]) -> String {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let digest: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{text}{{\"sha256\":\"{digest}\"}}\n")
}

#[test]
fn a_file_that_is_not_what_was_written_is_refused() {
    let directory = directory("bad-backups");
    let file = directory.join("good.choba");
    backup(&books("sqlite").url, &file);
    let good = fs::read_to_string(&file).unwrap();
    let mut lines: Vec<String> = good.lines().map(str::to_owned).collect();
    let trailer = lines.pop().unwrap();
    let count = lines.len();
    let cut_at_line = format!("{}\n", lines.join("\n"));
    let cut = |bytes: usize| good[..bytes].to_owned();
    let changed = good.replacen("hanako", "hanaka", 1);
    let newer = lines[0].replacen("\"migration\":", "\"migration\":7", 1);
    let other_tables = sealed(&[vec![newer], lines[1..].to_vec()].concat());
    let fewer = sealed(&lines[..count - 1]);
    let cases = [
        ("cut in its digest", cut(good.len() - 9), "it is cut off"),
        ("cut at a line", cut_at_line, "it is cut off"),
        ("cut in the middle", cut(good.len() / 2), "it is cut off"),
        ("changed", changed, "it was changed or damaged"),
        ("with something after it", format!("{good}{trailer}\n"), "something after the digest"),
        ("of a newer program", other_tables, "it was made with tables of migration 7"),
        ("with a row fewer", fewer, "expected the digest on line"),
        ("no backup", "{\"a\": 1}\n".to_owned(), "line 1: this is no backup of choba"),
        ("no text", "\u{0}\u{1}\n".to_owned(), "line 1: this is no backup of choba"),
        ("empty", String::new(), "line 1: this is no backup of choba"),
    ];
    let place = directory.join("place.sqlite");
    let url = format!("sqlite:{}", place.display());
    for (what, text, told) in cases {
        let bad = directory.join("bad.choba");
        fs::write(&bad, text).unwrap();
        let run = restore(&url, &bad);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{what}");
        assert!(run.stderr.contains(told) && run.stderr.contains("\nhint: "), "{what}: {}", run.stderr);
        assert!(!place.exists(), "{what}");
    }
    let run = restore(&url, &directory.join("missing.choba"));
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("it cannot be read"), "{}", run.stderr);
}

#[test]
fn a_restore_that_fails_half_way_leaves_the_place_empty() {
    let directory = directory("half-way");
    let file = directory.join("good.choba");
    backup(&books("sqlite").url, &file);
    let mut lines: Vec<String> = fs::read_to_string(&file).unwrap().lines().map(str::to_owned).collect();
    lines.pop();
    let twice = lines.iter().position(|line| line.contains("wallet:rakuten")).unwrap();
    lines[twice + 1] = lines[twice].clone();
    let bad = directory.join("bad.choba");
    fs::write(&bad, sealed(&lines)).unwrap();
    for kind in ["sqlite", "postgres"] {
        let place = database_of(kind);
        let run = restore(&place.url, &bad);
        assert_eq!(run.status, 2, "{}", run.stderr);
        assert!(run.stderr.contains("restore entries"), "{}", run.stderr);
        let run = restore(&place.url, &file);
        assert_eq!(run.status, 0, "{}", run.stderr);
    }
}

#[test]
fn a_backup_that_is_taken_while_orders_are_placed_is_whole() {
    let directory = directory("under-load");
    for kind in ["sqlite", "postgres"] {
        let file = directory.join(kind);
        let placed = on(place_during_backup(kind, &file));
        let restored = database_of("sqlite");
        let run = restore(&restored.url, &file);
        assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
        let orders = export(&restored.url, &["orders"]).lines().count();
        assert!((20..=placed).contains(&orders), "{orders} of {placed} orders");
    }
}

/// Places orders for as long as a backup is written; answers how many.
async fn place_during_backup(kind: &str, file: &Path) -> usize {
    let bench = Arc::new(Bench::open(database_of(kind)).await);
    let cart = rakuten().line("B@shop-b", 1_000, 3).by("cod");
    let is_over = Arc::new(AtomicBool::new(false));
    let (ready, is_ready) = tokio::sync::oneshot::channel();
    let placing = {
        let (bench, is_over, mut ready) = (Arc::clone(&bench), Arc::clone(&is_over), Some(ready));
        tokio::spawn(async move {
            let mut placed = 0;
            while !is_over.load(Ordering::Relaxed) {
                let whose = Whose::new(&format!("customer-{}", placed % 7), "rakuten-style");
                let at = noon() + jiff::SignedDuration::from_secs(placed);
                bench.place(&whose, &cart, at).await;
                placed += 1;
                if placed == 20 {
                    let _ = ready.take().unwrap().send(());
                }
            }
            usize::try_from(placed).unwrap()
        })
    };
    is_ready.await.unwrap();
    let (url, file) = (bench.database.url.clone(), file.to_owned());
    tokio::task::spawn_blocking(move || backup(&url, &file)).await.unwrap();
    is_over.store(true, Ordering::Relaxed);
    placing.await.unwrap()
}

#[test]
fn exports_have_whole_numbers_and_times_and_no_names() {
    for kind in ["sqlite", "postgres"] {
        let database = books(kind);
        let orders = choba(&["export", "orders", "--db", &database.url], "").answers();
        let of_hanako: Vec<_> = orders.iter().filter(|order| order["customer_id"] == "hanako").collect();
        let first = of_hanako[0];
        assert_eq!(first["placed_at"], "2026-11-21T03:00:00Z");
        assert_eq!((&first["method"], &first["coupons"]), (&"card".into(), &"A500".into()));
        let sum = first["paid_by_method"].as_i64().unwrap() + first["paid_by_stored_value"].as_i64().unwrap();
        assert_eq!((first["total"].as_i64().unwrap(), &first["paid_by_stored_value"]), (sum, &700.into()));
        let late = ["orders", "--from", "2026-11-25T12:00:00+09:00"];
        assert_eq!(export(&database.url, &late).lines().count(), 2);
        let early = ["orders", "--to", "2026-11-25T12:00:00+09:00"];
        assert_eq!(export(&database.url, &early).lines().count(), 1);
        assert_eq!(export(&database.url, &["orders", "--market", "amazon-style"]), "");
        let journal = choba(&["export", "journal", "--db", &database.url], "").answers();
        let yen = journal.iter().filter(|posting| posting["unit"] == "JPY");
        assert_eq!(yen.map(|posting| posting["amount"].as_i64().unwrap()).sum::<i64>(), 0);
        assert!(
            journal.iter().all(|posting| posting.get("note").is_none() && posting.get("made_by").is_none())
        );
    }
}

#[test]
fn csv_has_names_and_quotes_what_needs_quotes() {
    let database = books("sqlite");
    let orders = export(&database.url, &["orders", "--format", "csv"]);
    let names =
        "order_id,number,customer_id,market,market_version,placed_at,state,payment_state,method,total,";
    assert!(orders.starts_with(names), "{orders}");
    assert!(orders.contains(",\"=jiro, \"\"次郎\"\"\","), "{orders}");
    let whole = export(&database.url, &["orders", "--format", "csv"]);
    let none = export(&database.url, &["orders", "--format", "csv", "--market", "amazon-style"]);
    assert_eq!(whole.lines().next(), none.lines().next());
    assert_eq!(none.lines().count(), 1);
    let journal = export(&database.url, &["journal", "--format", "csv"]);
    let none = export(&database.url, &["journal", "--format", "csv", "--market", "amazon-style"]);
    assert_eq!(journal.lines().next(), none.lines().next());
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let database = books("sqlite");
    let mut command = program(&["export", "journal", "--db", &database.url]);
    let mut running = command.spawn().unwrap();
    drop(running.stdout.take());
    let mut told = String::new();
    running.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!((running.wait().unwrap().code(), told.as_str()), (Some(0), ""));
}

#[test]
fn one_customers_books_are_shown_as_tables() {
    for kind in ["sqlite", "postgres"] {
        let database = books(kind);
        let show = |customer: &str| {
            let named = ["books", "show", "--db", &database.url, "--customer", customer];
            choba(&[&named[..], &["--market", "rakuten-style"]].concat(), "")
        };
        let run = show("hanako");
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert!(run.stdout.contains("ordinary") && run.stdout.contains("order_placed"), "{}", run.stdout);
        let run = show("nobody");
        assert_eq!((run.status, run.stdout.as_str()), (1, ""));
        assert_eq!(
            run.stderr,
            "choba: nothing is known of customer \"nobody\" in market \"rakuten-style\"\n"
        );
    }
}

/// Runs a command of the page in a directory, with its arguments as they stand there.
fn as_on_the_page(line: &str, directory: &Path) -> Run {
    let arguments: Vec<&str> = line.strip_prefix("choba ").unwrap().split(' ').collect();
    support::run(program(&arguments).current_dir(directory), b"")
}

#[test]
fn the_page_about_the_books_says_what_the_program_does() {
    let page = fs::read_to_string(support::repository("docs/books.md")).unwrap();
    let blocks = |language: &str| -> Vec<String> {
        let opening = format!("\n```{language}\n");
        page.split(&opening).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
    };
    let directory = directory("page-about-books");
    let database = books("sqlite");
    fs::copy(database.url.strip_prefix("sqlite:").unwrap(), directory.join("books.sqlite")).unwrap();
    let (commands, shown) = (blocks("sh"), blocks("text"));
    for line in commands.iter().flat_map(|block| block.lines()) {
        let run = as_on_the_page(line, &directory);
        assert_eq!(run.status, 0, "{line}: {}{}", run.stdout, run.stderr);
        if line.starts_with("choba books verify") {
            assert_eq!(run.stdout, shown[0]);
        }
    }
    run_sql(
        &format!("sqlite:{}", directory.join("books.sqlite").display()),
        "UPDATE customers SET orders_placed = 9 WHERE customer_id = 'hanako'",
    );
    let run = as_on_the_page(commands[0].lines().next().unwrap(), &directory);
    assert_eq!(run.status, 1);
    assert!(run.stdout.starts_with(&shown[1]), "{}", run.stdout);
    for what in ["orders", "journal"] {
        let url = format!("sqlite:{}", directory.join("books.sqlite").display());
        let names = export(&url, &[what, "--format", "csv"]);
        for name in names.lines().next().unwrap().split(',') {
            assert!(page.contains(&format!("`{name}`")), "docs/books.md does not name {name}");
        }
    }
}
