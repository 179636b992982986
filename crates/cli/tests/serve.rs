//! `choba serve`, as it is started, asked and stopped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use choba_outside::webhook::WebhookSecret;
use choba_testbed::Postgres;
use serde_json::{Value, json};

/// A service that runs until it is dropped.
struct Serving {
    child: Child,
    output: BufReader<ChildStdout>,
    address: String,
}

impl Serving {
    fn start(data: &Path, more: &[&str]) -> Self {
        Self::of(choba(data, more))
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening ").expect("where it listens").to_owned();
        Self { child, output, address }
    }

    /// The tokens that the demo prints, by person.
    fn token_of(&mut self, person: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "no token of {person}");
            let words: Vec<&str> = line.split_whitespace().collect();
            if words.first() == Some(&person) {
                return words.last().unwrap().to_string();
            }
        }
    }

    /// Tells it to stop; the exit status.
    fn stop(mut self) -> i32 {
        let stopped = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(stopped.success());
        self.child.wait().unwrap().code().unwrap()
    }

    async fn get(&self, token: &str, path: &str) -> Value {
        let asked = client().get(format!("{}{path}", self.address)).bearer_auth(token);
        asked.send().await.unwrap().json_of().await
    }

    async fn post(&self, token: &str, path: &str, key: &str, body: &Value) -> Value {
        let asked = client().post(format!("{}{path}", self.address)).bearer_auth(token);
        let asked = asked.header("idempotency-key", key).header("content-type", "application/json");
        asked.body(body.to_string()).send().await.unwrap().json_of().await
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn client() -> reqwest::Client {
    // Set by whoever is first; the others find it set.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

trait JsonOf {
    async fn json_of(self) -> Value;
}

impl JsonOf for reqwest::Response {
    async fn json_of(self) -> Value {
        let text = self.text().await.unwrap();
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON: {text}"))
    }
}

fn choba(data: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_choba"));
    // Nothing of the tester's own settings counts.
    command.env_clear().current_dir(data.parent().unwrap());
    command.arg("serve").arg("--listen").arg("127.0.0.1:0").arg("--data").arg(data).args(more);
    command
}

fn order(total: i64) -> Value {
    json!({
        "request": {
            "market": "rakuten-style",
            "lines": [{"id": "1", "sku": "A", "seller": "shop-a", "kind": "physical", "unit_price": 2000,
                "quantity": 2, "tax_rate": "0.10"}],
            "pay": {"method": {"type": "card"}},
        },
        "expected": {"total": total},
        "card_token": "tok_ok",
    })
}

fn verify(url: &str) -> bool {
    let verify = Command::new(env!("CARGO_BIN_EXE_choba")).args(["books", "verify", "--db", url]).output();
    verify.unwrap().status.success()
}

#[tokio::test]
async fn the_demo_has_people_whose_tokens_work_and_books_that_agree() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut serving = Serving::start(&data, &["--demo"]);
    let hanako = serving.token_of("hanako");
    let orders = serving.get(&hanako, "/v1/orders?market=rakuten-style").await;
    let states: Vec<&str> =
        orders["data"].as_array().unwrap().iter().map(|order| order["state"].as_str().unwrap()).collect();
    for state in ["placed", "preparing", "shipped", "delivered", "cancelled"] {
        assert!(states.contains(&state), "{state} is not among {states:?}");
    }
    let auditor = serving.token_of("ito");
    let report = serving.get(&auditor, "/v1/reports/liability?market=amazon-style").await;
    assert!(report["programs"].as_array().unwrap().iter().any(|owed| owed["program"] == "gift"));
    let refused = serving.get(&hanako, "/v1/customers/taro/wallet?market=amazon-style").await;
    assert_eq!(refused["status"], 404);
    assert_eq!(serving.stop(), 0);
    assert!(verify(&format!("sqlite:{}", data.join("choba.sqlite").display())));
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut serving = Serving::start(&data, &["--demo"]);
    let jiro = serving.token_of("jiro");
    let placed = serving.post(&jiro, "/v1/orders", "k", &order(4000)).await;
    assert_eq!(serving.stop(), 0);
    let serving = Serving::start(&data, &[]);
    assert_eq!(serving.post(&jiro, "/v1/orders", "k", &order(4000)).await["number"], placed["number"]);
}

#[tokio::test]
async fn processes_on_one_database_share_orders_and_versions_of_markets() {
    let url = Postgres::shared().create_database();
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut first = Serving::start(&data, &["--db", &url, "--demo"]);
    let jiro = first.token_of("jiro");
    let operator = first.token_of("tanaka");
    let second = Serving::start(&data, &["--db", &url]);
    let placed = first.post(&jiro, "/v1/orders", "k", &order(4000)).await;
    let path = format!("/v1/orders/{}", placed["number"].as_str().unwrap());
    assert_eq!(second.get(&jiro, &path).await["total"], 4000);
    let market = second.get(&operator, "/v1/markets/rakuten-style").await;
    let path = format!("/v1/markets/rakuten-style/versions/{}", market["version"].as_str().unwrap());
    let mut files = second.get(&operator, &path).await;
    for file in files["files"].as_array_mut().unwrap() {
        file["text"] = json!(file["text"].as_str().unwrap().replace("amount = 600", "amount = 650"));
    }
    let new = first.post(&operator, "/v1/markets/rakuten-style/versions", "v", &files).await;
    assert_ne!(new["version"], market["version"]);
    for _ in 0..100 {
        if second.get(&operator, "/v1/markets/rakuten-style").await["version"] == new["version"] {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the second process did not take the new version over");
}

#[tokio::test]
async fn every_figure_of_the_dashboard_is_among_the_metrics() {
    let directory = tempfile::tempdir().unwrap();
    let serving = Serving::start(&directory.path().join("data"), &[]);
    serving.get("nobody", "/v1/markets").await;
    let mut shown = String::new();
    for _ in 0..100 {
        shown =
            client().get(format!("{}/metrics", serving.address)).send().await.unwrap().text().await.unwrap();
        if shown.contains("choba_liability_yen") && shown.contains("choba_worker_steps_total") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let dashboard = include_str!("../../../deploy/grafana/choba.json");
    let figure = |word: &&str| word.starts_with("choba_");
    let letters = |letter: char| !letter.is_ascii_lowercase() && letter != '_';
    let figures: Vec<&str> = dashboard.split(letters).filter(figure).collect();
    assert!(figures.len() > 5);
    for figure in figures {
        assert!(shown.contains(figure), "{figure} is not in\n{shown}");
    }
}

#[tokio::test]
async fn logs_tell_requests_without_anything_personal() {
    let directory = tempfile::tempdir().unwrap();
    let log = std::fs::File::create(directory.path().join("log")).unwrap();
    let mut command = choba(&directory.path().join("data"), &["--demo"]);
    command.env("CHOBA_LOG", "info,choba_server=trace,choba_app=trace,choba_store=trace").stderr(log);
    let mut serving = Serving::of(command);
    let hanako = serving.token_of("hanako");
    serving.get(&hanako, "/v1/orders/250-7777777-7777777?customer_id=hanako-suzuki").await;
    let cart = json!({"market": "secret-market", "lines": [{"sku": "secret-sku"}]});
    serving.post(&hanako, "/v1/quotes", "secret-key", &cart).await;
    serving.get("secret-token", "/v1/markets").await;
    assert_eq!(serving.stop(), 0);
    let logged = std::fs::read_to_string(directory.path().join("log")).unwrap();
    assert!(logged.contains("/v1/orders/{order}"), "{logged}");
    for secret in ["7777777", "suzuki", "secret", hanako.as_str()] {
        assert!(!logged.contains(secret), "{secret} is in\n{logged}");
    }
}

/// The address that the first mail that is written says to answer to.
async fn answered_at(mails: &Path) -> String {
    for _ in 0..200 {
        let files = std::fs::read_dir(mails).into_iter().flatten().flatten();
        for file in files.filter(|file| file.path().extension().is_some_and(|kind| kind == "eml")) {
            let mail = std::fs::read_to_string(file.path()).unwrap();
            if let Some(address) = mail.lines().find_map(|line| line.strip_prefix("Reply-To: ")) {
                return address.trim().to_owned();
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no mail with an address to answer to in {}", mails.display());
}

#[tokio::test]
async fn who_answers_a_mail_is_heard_in_their_case_once_it_is_set_up() {
    let directory = tempfile::tempdir().unwrap();
    let (data, secret) = (directory.path().join("data"), WebhookSecret::text_of(&[4; 32]));
    std::fs::write(directory.path().join("mail.secret"), format!("{secret}\n")).unwrap();
    let settings = "[mail_in]\nserver = \"mx.shop.example\"\nsecret_files = [\"mail.secret\"]\n";
    std::fs::write(directory.path().join("choba.toml"), settings).unwrap();
    let mut serving = Serving::start(&data, &["--demo"]);
    let (hanako, sato) = (serving.token_of("hanako"), serving.token_of("sato"));
    let contact = format!("{}/v1/customers/hanako/contact?market=rakuten-style", serving.address);
    let set = client().put(contact).bearer_auth(&hanako).header("content-type", "application/json");
    let set = set.body(json!({"email": "hanako@mail.example", "language": "ja"}).to_string()).send().await;
    assert_eq!(set.unwrap().status(), 200);
    let open = json!({"market": "rakuten-style", "topic": "payment", "question": "balance-unusable",
        "language": "ja", "text": "残高が使えません"});
    let case = serving.post(&hanako, "/v1/cases", "open", &open).await;
    let path = format!("/v1/cases/{}", case["case_id"].as_str().unwrap());
    let reply = json!({"version": case["version"], "text": "お調べします。"});
    serving.post(&sato, &format!("{path}/replies"), "reply", &reply).await;
    let address = answered_at(&data.join("mail")).await;
    let mail = format!(
        "Authentication-Results: mx.shop.example; dmarc=pass header.from=mail.example\r\nFrom: hanako@mail.example\r\nTo: {address}\r\n\r\nまだ使えません。\r\n"
    );
    let sent = async |secret: &str| {
        #[allow(clippy::disallowed_methods)] // the service that runs has a clock of its own
        let at = jiff::Timestamp::now().as_second();
        let signed = WebhookSecret::read(secret).unwrap().sign("m1", at, mail.as_bytes()).unwrap();
        let posted = client().post(format!("{}/v1/hooks/mail", serving.address)).header("webhook-id", "m1");
        let posted = posted.header("webhook-timestamp", at).header("webhook-signature", signed);
        posted.body(mail.clone()).send().await.unwrap().status().as_u16()
    };
    assert_eq!(sent(&WebhookSecret::text_of(&[5; 32])).await, 401);
    assert_eq!(sent(&secret).await, 202);
    let lines = serving.get(&hanako, &path).await["lines"].clone();
    assert_eq!(lines[2]["text"], "まだ使えません。", "{lines}");
    assert_eq!(serving.stop(), 0);
    // A secret that is none is told before anything starts.
    std::fs::write(directory.path().join("mail.secret"), "hunter2").unwrap();
    let refused = choba(&data, &["--demo"]).output().unwrap();
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("mail_in.secret_files") && told.contains("mail.secret"), "{told}");
    assert!(!refused.status.success() && !told.contains("hunter2"), "{told}");
}

#[test]
fn the_settings_are_shown_without_secrets() {
    let directory = tempfile::tempdir().unwrap();
    let settings = directory.path().join("choba.toml");
    std::fs::write(&settings, "listen = \"127.0.0.1:1\"\ndb = \"postgres://u:hunter2@h/n\"\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_choba"))
        .env_clear()
        .env("CHOBA_LISTEN", "127.0.0.1:2")
        .current_dir(directory.path())
        .args(["serve", "--print-config", "--market", "amazon-style"])
        .output()
        .unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("127.0.0.1:2") && shown.contains("amazon-style"), "{shown}");
    assert!(shown.contains("postgres://u@h/n") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_setting_that_cannot_be_used_is_told_in_a_line() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("choba.toml"), "lissen = 1\n").unwrap();
    let mut child = choba(&directory.path().join("data"), &[]).stderr(Stdio::piped()).spawn().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(2));
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert!(told.contains("choba.toml") && told.contains("lissen"), "{told}");
}
