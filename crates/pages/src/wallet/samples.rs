//! Samples of the wallet's pages.

use choba_engine::market::Unit;
use jiff::Timestamp;
use jiff::civil::date;

use super::chart::Chart;
use super::history::{HistoryPage, HistoryRow};
use super::overview::{EndingValue, HeldProgram, LinkedShown, PendingValue, UnlinkedShown, WalletPage};
use super::redeem::RedeemPage;
use super::shown::NamedProgram;
use crate::fields::Faults;
use crate::frame::{Frame, Room};
use crate::samples::{Sample, both};

fn program(id: &str, unit: Unit) -> NamedProgram {
    NamedProgram { id: id.to_owned(), name: format!("<{id}>"), unit }
}

fn full(frame: Frame) -> WalletPage {
    let month = date(2026, 12, 1);
    let points = || program("rakuten", Unit::Point);
    WalletPage {
        on: Some(month),
        programs: vec![HeldProgram {
            program: points(),
            shade: "a",
            available: 1_234,
            kinds: vec![("limited", 234), ("exchanged", 500), ("ordinary", 500)],
            pending: 20,
            owed: 30,
        }],
        pending: vec![PendingValue { program: points(), amount: 20, available_at: Timestamp::UNIX_EPOCH }],
        ending: vec![
            EndingValue { program: points(), kind: Some("limited"), amount: 234, month: Some(month) },
            EndingValue { program: program("gift", Unit::Yen), kind: None, amount: 1_000, month: None },
        ],
        chart: Chart::of(&[(month, 0, 234)]),
        linked: vec![LinkedShown {
            program: program("d-point", Unit::Point),
            balance: 1_000,
            always_use: true,
            seen_at: Some(Timestamp::UNIX_EPOCH),
        }],
        unlinked: vec![UnlinkedShown {
            program: program("okidoki", Unit::Point),
            fault: Some("<b>no</b>".to_owned()),
        }],
        key: "key".to_owned(),
        faults: Faults::one("on", "no day"),
        frame,
    }
}

fn empty(frame: Frame) -> WalletPage {
    WalletPage {
        on: None,
        programs: Vec::new(),
        pending: Vec::new(),
        ending: Vec::new(),
        chart: Chart::default(),
        linked: Vec::new(),
        unlinked: Vec::new(),
        faults: Faults::none(),
        ..full(frame)
    }
}

/// Every change that a wallet can have.
fn rows() -> Vec<HistoryRow> {
    let row = |reason: choba_engine::books::EntryReason| HistoryRow {
        program: program("rakuten", Unit::Point),
        at: Timestamp::UNIX_EPOCH,
        reason: reason.code(),
        order_number: Some("250-1234567-1234567".to_owned()),
        note: Some("<i>winter</i>".to_owned()),
        change: -20,
        balance: 100,
    };
    choba_engine::books::EntryReason::ALL.into_iter().map(row).collect()
}

pub fn all() -> Vec<Sample> {
    let history = |frame, rows: Vec<HistoryRow>| HistoryPage {
        frame,
        programs: vec![program("rakuten", Unit::Point)],
        only: "rakuten".to_owned(),
        is_older: !rows.is_empty(),
        older: (!rows.is_empty()).then(|| "after=x&program=y".to_owned()),
        rows,
    };
    let mut samples = both("wallet", Room::Shopper, full);
    samples.extend(both("wallet, empty", Room::Shopper, empty));
    samples.extend(both("history", Room::Shopper, |frame| history(frame, rows())));
    samples.extend(both("history, empty", Room::Shopper, |frame| history(frame, Vec::new())));
    samples.extend(both("redeem", Room::Shopper, |frame| RedeemPage {
        frame,
        key: "key".to_owned(),
        code: "\"><script>".to_owned(),
        faults: Faults::one("code", "no"),
    }));
    samples
}
