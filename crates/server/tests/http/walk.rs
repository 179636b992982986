//! A walk over every operation that the running service describes, with tokens that must not reach anything.
//!
//! Operations are found in the description, so that one added later is walked without anybody thinking of it. Whose things
//! they could reach is prepared once: see [`prepared`]. Where the walk says that it knows no such thing, prepare one there.

mod operation;
mod prepared;

use axum::http::Method;
use choba_app::Right;
use serde_json::Value;

use crate::support::{Answered, Bench};
use operation::{Naming, Operation, operations};
use prepared::Prepared;

/// Operations for which nobody needs a token, and why that is right.
const OPEN: [(&str, &str); 10] = [
    ("judge_contact", "it knows official contacts only, and tells no data"),
    ("look_up_parcel", "it says what the number itself says; the books are asked for the caller's own only"),
    ("show_shared_shipment", "the link is the proof, and shows masked numbers"),
    ("take_carrier_message", "its signature is the proof"),
    ("take_mail", "its signature is the proof"),
    ("hear_payment_provider", "its signature is the proof"),
    ("hear_dialler", "its signature is the proof"),
    ("list_help", "help is for everybody"),
    ("show_help_article", "help is for everybody"),
    ("search_help", "help is for everybody"),
];

/// The customer who tries to reach what is another's.
const STRANGER: &str = "customer:taro";

struct Walk {
    bench: Bench,
    prepared: Prepared,
    operations: Vec<Operation>,
}

impl Walk {
    async fn begin() -> Self {
        let bench = Bench::new().await;
        let prepared = Prepared::of_hanako(&bench).await;
        let operations = operations(&bench.get("", "/openapi.json").await.expect(200));
        assert!(operations.len() > 40, "{} operations", operations.len());
        Self { bench, prepared, operations }
    }

    async fn ask(&self, who: &str, operation: &Operation, naming: &Naming) -> Answered {
        let path = operation.path(naming, &self.prepared);
        let body = operation.body(naming, &self.prepared);
        self.bench.write(operation.method.clone(), who, &path, &self.bench.key(), &body).await
    }

    /// That it is answered with the same for a thing of hanako's and for one that does not exist, and never does or tells
    /// what was asked for. Gives the fault otherwise.
    async fn tells_nothing(&self, who: &str, operation: &Operation, status: Option<u16>) -> Option<String> {
        let real = self.ask(who, operation, &Naming::theirs()).await;
        let made_up = self.ask(who, operation, &Naming::nothing()).await;
        let (real_text, made_up_text) = (text(&real), text(&made_up));
        let same = self.prepared.without_ids(&real_text) == self.prepared.without_ids(&made_up_text);
        let expected = status.is_none_or(|status| real.status.as_u16() == status);
        let fine = real.status.is_client_error() && real.status == made_up.status && same && expected;
        let fault = || format!("{}: {real_text} but {made_up_text}", operation.id);
        (!fine).then(fault)
    }
}

/// Fails with all faults together.
fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

fn text(answer: &Answered) -> String {
    String::from_utf8_lossy(&answer.bytes).into_owned()
}

#[tokio::test]
async fn the_prepared_things_are_there() {
    let walk = Walk::begin().await;
    let mut seen = 0;
    for operation in walk.operations.iter().filter(|operation| operation.method == Method::GET) {
        if !operation.names_something_of(&walk.prepared) || !operation.is_prepared_in_full(&walk.prepared) {
            continue;
        }
        let answer = walk.ask("key:shop", operation, &Naming::theirs()).await;
        assert!(answer.status.is_success(), "{}: {}", operation.template, text(&answer));
        seen += 1;
    }
    assert!(seen >= 8, "{seen} operations show what is prepared");
}

#[tokio::test]
async fn every_operation_needs_a_token_unless_it_is_open_on_purpose() {
    let walk = Walk::begin().await;
    let mut faults = Vec::new();
    for operation in &walk.operations {
        let open = OPEN.iter().any(|(id, _)| *id == operation.id);
        if operation.rights.is_empty() != open {
            faults.push(format!("{}: describe its `security`, or say here why it is open", operation.id));
        }
        if !open {
            faults.extend(walk.tells_nothing("", operation, Some(401)).await);
        }
    }
    none(&faults);
}

#[tokio::test]
async fn without_its_right_no_operation_does_or_tells_anything() {
    let walk = Walk::begin().await;
    let mut faults = Vec::new();
    for operation in walk.operations.iter().filter(|operation| !operation.rights.is_empty()) {
        let lacking =
            Right::all().filter(|right| !operation.rights.iter().any(|word| word == right.as_str()));
        let words: Vec<&str> = lacking.map(Right::as_str).collect();
        assert!(words.len() < Right::all().count(), "{}: names a right that there is not", operation.id);
        let who = format!("key:reader:{}", words.join(","));
        faults.extend(walk.tells_nothing(&who, operation, Some(403)).await);
    }
    none(&faults);
}

#[tokio::test]
async fn a_customers_token_reaches_nothing_of_another_customer() {
    let walk = Walk::begin().await;
    let (mut refused, mut faults) = (0, Vec::new());
    for operation in &walk.operations {
        if operation.names_something_of(&walk.prepared) {
            faults.extend(walk.tells_nothing(STRANGER, operation, None).await);
            refused += 1;
        }
        // Without naming hanako, as a customer would ask for their own things.
        let answer = walk.ask(STRANGER, operation, &Naming::own()).await;
        let told = walk.prepared.ids_in(&text(&answer));
        let (own, prepared) = (Naming::own(), &walk.prepared);
        let named = format!("{} {}", operation.path(&own, prepared), operation.body(&own, prepared));
        let news: Vec<&str> = told.into_iter().filter(|id| !named.contains(id)).collect();
        let reached = operation.names_in_path(&walk.prepared) && !answer.status.is_client_error();
        if reached || !news.is_empty() {
            faults.push(format!("{}: tells of {news:?}: {}", operation.id, text(&answer)));
        }
    }
    none(&faults);
    assert!(refused >= 30, "{refused} operations name something of a customer");
}

#[tokio::test]
async fn after_all_that_nothing_has_changed_for_its_owner() {
    let walk = Walk::begin().await;
    let seen = async |walk: &Walk| {
        let mut answers = Vec::new();
        for path in ["/v1/orders?market=rakuten-style", "/v1/customers/hanako/wallet?market=rakuten-style"] {
            answers.push(walk.bench.get("customer:hanako", path).await.expect(200));
        }
        for name in ["cases/case", "chats/chat"] {
            let (kind, name) = name.split_once('/').unwrap();
            let path = format!("/v1/{kind}/{}", walk.prepared.private(kind, name).unwrap());
            answers.push(walk.bench.get("customer:hanako", &path).await.expect(200));
        }
        answers
    };
    let before: Vec<Value> = seen(&walk).await;
    for operation in walk.operations.iter().filter(|operation| operation.names_something_of(&walk.prepared)) {
        walk.ask(STRANGER, operation, &Naming::theirs()).await;
        walk.ask(STRANGER, operation, &Naming::own()).await;
    }
    assert_eq!(seen(&walk).await, before);
}
