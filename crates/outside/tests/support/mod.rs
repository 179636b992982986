//! A sandbox, a client for it, and short ways to ask.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use choba_outside::books::Role;
use choba_outside::client::{BreakerSettings, Limits, Outside, Party, Patience, Transport};
use choba_outside::record::{Authorization, Capture, CreditReason, Hold};
use choba_outside::sandbox::{Clock, Fault, FaultKind, Sandbox, SandboxOptions};
use choba_outside::{Ask, AskError, PartyName, RefusalCode, Reply};
use jiff::Timestamp;

pub const TOKEN: &str = "token-of-the-test";

pub static CARD: LazyLock<PartyName> = LazyLock::new(|| "card".into());
pub static PARTNER: LazyLock<PartyName> = LazyLock::new(|| "d-point".into());

/// A clock that is put forward by hand.
#[derive(Clone)]
pub struct HandClock(Arc<AtomicI64>);

impl HandClock {
    pub fn at(text: &str) -> Self {
        let at: Timestamp = text.parse().unwrap();
        Self(Arc::new(AtomicI64::new(at.as_second())))
    }

    pub fn wait(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn clock(&self) -> Clock {
        let seconds = Arc::clone(&self.0);
        Arc::new(move || Timestamp::from_second(seconds.load(Ordering::SeqCst)).unwrap())
    }
}

pub fn options() -> SandboxOptions {
    SandboxOptions {
        webhook_pause: Duration::from_millis(5),
        slow: Duration::from_millis(600),
        ..SandboxOptions::new(HandClock::at("2026-11-20T12:00:00+09:00").clock(), TOKEN)
    }
}

pub async fn sandbox() -> Sandbox {
    Sandbox::bind("127.0.0.1:0".parse().unwrap(), options()).await.unwrap()
}

pub fn impatient() -> Patience {
    Patience {
        customer_waits: Duration::from_millis(300),
        nobody_waits: Duration::from_millis(300),
        connect: Duration::from_millis(200),
        queue: Duration::from_millis(20),
    }
}

/// A breaker that does not get into the way of a test about something else.
pub fn forgiving() -> BreakerSettings {
    BreakerSettings { failures_in_a_row: 1000, failures_in_window: 1000, ..BreakerSettings::default() }
}

pub fn few_retries() -> Limits {
    Limits { retry_pause: Duration::from_millis(4), ..Limits::default() }
}

pub fn no_retries() -> Limits {
    Limits { retries_max: 0, ..few_retries() }
}

/// A client as a shop has it, but that it tries again sooner.
pub fn outside(sandbox: &Sandbox, change: impl Fn(Party) -> Party) -> Outside {
    let party = |name: &PartyName, role: Role| {
        let party =
            Party::new(name.clone(), &sandbox.base_url(&role), TOKEN.into(), Transport::Encrypted).unwrap();
        change(party.with_limits(few_retries()).with_breaker(forgiving()))
    };
    let parties = vec![party(&CARD, Role::Card), party(&PARTNER, Role::Partner("d-point".to_owned()))];
    Outside::new(parties, 7).unwrap()
}

pub async fn both() -> (Sandbox, Outside) {
    let sandbox = sandbox().await;
    let outside = outside(&sandbox, |party| party);
    (sandbox, outside)
}

pub fn authorise(amount: u64, card_token: &str) -> Ask {
    Ask::Authorise {
        amount,
        currency: "JPY".to_owned(),
        reference: "123-4567890-1234567".to_owned(),
        card_token: card_token.into(),
    }
}

pub fn capture(authorization: &str, amount: u64) -> Ask {
    Ask::Capture { authorization: authorization.to_owned(), amount }
}

pub fn refund(capture: &str, amount: u64) -> Ask {
    Ask::Refund { capture: capture.to_owned(), amount }
}

pub fn hold(account: &str, points: u64) -> Ask {
    Ask::Hold { account: account.to_owned(), points, reference: "order-1".to_owned() }
}

pub fn credit(account: &str, points: u64) -> Ask {
    Ask::Credit {
        account: account.to_owned(),
        points,
        reference: "order-1".to_owned(),
        reason: CreditReason::Earned,
    }
}

pub fn debit(account: &str, points: u64) -> Ask {
    Ask::Debit { account: account.to_owned(), points, reference: "order-1".to_owned() }
}

pub fn balance(account: &str) -> Ask {
    Ask::Balance { account: account.to_owned() }
}

pub fn authorised(reply: Result<Reply, AskError>) -> Authorization {
    match reply {
        Ok(Reply::Authorization(authorization)) => authorization,
        other => panic!("no authorization: {other:?}"),
    }
}

pub fn captured(reply: Result<Reply, AskError>) -> Capture {
    match reply {
        Ok(Reply::Capture(capture)) => capture,
        other => panic!("no capture: {other:?}"),
    }
}

pub fn held(reply: Result<Reply, AskError>) -> Hold {
    match reply {
        Ok(Reply::Hold(hold)) => hold,
        other => panic!("no hold: {other:?}"),
    }
}

/// What is in the account, and what of it is free.
pub async fn points_of(outside: &Outside, account: &str) -> (u64, u64) {
    match outside.ask(&PARTNER, "", &balance(account)).await {
        Ok(Reply::Balance(balance)) => (balance.balance, balance.available),
        other => panic!("no balance: {other:?}"),
    }
}

pub fn refusal(reply: Result<Reply, AskError>) -> (RefusalCode, Option<u64>) {
    match reply {
        Err(AskError::Refused(refusal)) => (refusal.code, refusal.available),
        other => panic!("not refused: {other:?}"),
    }
}

pub fn is_unknown(reply: &Result<Reply, AskError>) -> bool {
    matches!(reply, Err(AskError::Unknown { .. }))
}

pub fn is_unavailable(reply: &Result<Reply, AskError>) -> bool {
    matches!(reply, Err(AskError::Unavailable { .. }))
}

/// So many requests with this operation fail in this way.
pub fn fault(sandbox: &Sandbox, operation: &str, times: u32, kind: FaultKind) {
    sandbox.play_fault(Fault { times, ..Fault::next(operation, kind) });
}

/// How many records of a kind there are in the books of a party.
pub fn count(sandbox: &Sandbox, pointer: &str) -> usize {
    let ledger = sandbox.ledger();
    assert_eq!(ledger["faults"], serde_json::json!([]), "{ledger:#}");
    ledger.pointer(pointer).map_or(0, |records| records.as_object().unwrap().len())
}
