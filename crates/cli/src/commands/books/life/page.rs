//! A step for a person or a program: what was done, and the books after it.

use std::io::{self, Write as _};
use std::sync::Arc;

use anyhow::Context as _;
use choba_app::{HeldBalance, Wallet};
use choba_engine::books::Balance;
use choba_engine::market::Market;
use choba_engine::order::Order;
use choba_formats::language::Language;
use choba_formats::ledger::Ledger;
use choba_store::books::EntryRow;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// A step, and the books after it.
pub struct Step<'s> {
    /// The message that says what was done: `life-`, the step, and how it was said.
    pub id: &'static str,
    pub at: Timestamp,
    pub said: String,
    /// Entries that the step has made.
    pub entries: &'s [EntryRow],
    pub wallet: &'s Wallet,
    pub order: Option<&'s Order>,
}

/// Where steps are printed.
pub struct Page {
    market: Arc<Market>,
    language: Language,
    json: bool,
    steps: usize,
}

impl Page {
    pub fn new(market: Arc<Market>, language: Language, json: bool) -> Self {
        Self { market, language, json, steps: 0 }
    }

    /// The words of the market.
    pub fn ledger(&self) -> Ledger<'_> {
        Ledger::new(&self.market, self.language)
    }

    /// Prints a step.
    pub fn tell(&mut self, step: &Step<'_>) -> anyhow::Result<()> {
        self.steps += 1;
        let text = if self.json { format!("{}\n", as_json(step)) } else { self.as_text(step) };
        print(&text)
    }

    /// Prints how it ended.
    pub fn end(&self, said: &str, summary: Value) -> anyhow::Result<()> {
        let as_json = || json!({ "step": "verified", "said": said, "books": summary });
        let text = if self.json { format!("{}\n", as_json()) } else { format!("{said}\n") };
        print(&text)
    }

    fn as_text(&self, step: &Step<'_>) -> String {
        let ledger = self.ledger();
        let mut lines = vec![format!("{}. {}", self.steps, ledger.instant(step.at)), step.said.clone()];
        if step.entries.is_empty() {
            lines.push(format!("  {}", ledger.say("ledger-no-entries", [])));
        } else {
            lines.push(format!("  {}", ledger.say("ledger-entries", [])));
            step.entries.iter().for_each(|entry| entry_lines(&ledger, entry, &mut lines));
        }
        lines.push(format!("  {}", ledger.say("ledger-balances", [])));
        lines.extend(balance_lines(&ledger, step.wallet));
        if let Some(order) = step.order {
            lines.extend([ledger.order(order), ledger.payment(order)].map(|line| format!("  {line}")));
        }
        lines.push(String::new());
        lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

fn print(text: &str) -> anyhow::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes()).and_then(|()| output.flush()).context("standard output")
}

fn entry_lines(ledger: &Ledger<'_>, entry: &EntryRow, lines: &mut Vec<String>) {
    lines.push(format!("    {}", ledger.reason(entry.reason)));
    for posting in &entry.postings {
        lines.push(format!("    {}", ledger.posting(&posting.account, &posting.unit, posting.amount)));
    }
}

fn balance_lines(ledger: &Ledger<'_>, wallet: &Wallet) -> Vec<String> {
    let mut lines: Vec<String> = wallet.balances.iter().map(|held| ledger.balance(&balance(held))).collect();
    lines.extend(wallet.owed.iter().map(|owed| {
        let points = ledger.amount(&owed.program, owed.points.units());
        ledger.say("ledger-owed", [("name", ledger.program(&owed.program)), ("owed", points)])
    }));
    if lines.is_empty() {
        lines.push(ledger.say("ledger-no-balances", []));
    }
    lines.iter().map(|line| format!("    {line}")).collect()
}

fn balance(held: &HeldBalance) -> Balance {
    let HeldBalance { program, kind, announced, pending, available, expired } = held.clone();
    Balance { program, kind, announced, pending, available, expired }
}

fn as_json(step: &Step<'_>) -> Value {
    json!({
        "step": step.id.split('-').nth(1),
        "at": step.at,
        "said": step.said,
        "entries": step.entries.iter().map(entry_json).collect::<Vec<Value>>(),
        "balances": step.wallet.balances,
        "owed": step.wallet.owed,
        "order": step.order.map(order_json),
    })
}

fn entry_json(entry: &EntryRow) -> Value {
    let posting = |posting: &choba_store::books::PostingRow| {
        json!({
            "account": posting.account, "unit": posting.unit, "lot_id": posting.lot_id,
            "amount": posting.amount,
        })
    };
    json!({
        "entry_id": entry.entry_id,
        "reason": entry.reason,
        "order_id": entry.order_id,
        "by": entry.made_by,
        "postings": entry.postings.iter().map(posting).collect::<Vec<Value>>(),
    })
}

fn order_json(order: &Order) -> Value {
    let state = |seller: &str| Value::from(order.group_state(seller).code());
    let sellers: Map<String, Value> =
        order.groups.iter().map(|group| (group.seller.clone(), state(&group.seller))).collect();
    json!({
        "order_id": order.order_id,
        "number": order.number,
        "state": order.state().code(),
        "sellers": sellers,
        "payment": {
            "method": order.payment.method,
            "state": order.payment.state.code(),
            "promised": order.payment.promised,
            "received": order.payment.received,
            "refunded": order.payment.refunded,
        },
    })
}
