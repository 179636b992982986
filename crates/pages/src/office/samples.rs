//! The pages of the office from samples.

use choba_app::{
    ActiveMarket, CareReport, CouponReport, ExpiringValue, LiabilityReport, MethodMonth, ProgramLiability,
    ProgramMonth, SellerPayable, WaitingAdjustment,
};
use choba_engine::market::LotKind;
use choba_engine::money::Points;
use jiff::Timestamp;
use jiff::civil::date;

use super::adjustments::AdjustmentsPage;
use super::audit::AuditPage;
use super::gift_cards::{GiftCardsPage, Issued};
use super::keys::KeysPage;
use super::markets::{ChangesShown, FileShown, Found, ListedMarket, MarketPage, MarketsPage, MistakeShown};
use super::overview::{Overview, Tile};
use super::webhooks::WebhooksPage;
use super::{care, coupons, value};
use crate::fields::{Faults, Fields};
use crate::frame::Room;
use crate::samples::{Sample, both};

const HOSTILE: &str = "<script>alert(1)</script>";

fn activated(version: &str) -> ActiveMarket {
    ActiveMarket {
        market: "m".to_owned(),
        version: version.to_owned(),
        activated_at: Timestamp::UNIX_EPOCH,
        activated_by: "<staff>".to_owned(),
    }
}

/// All of them, with something in them and empty.
pub fn all() -> Vec<Sample> {
    [reports(), empty_reports(), overview(), markets(), forms()].into_iter().flatten().collect()
}

fn figures() -> value::Figures {
    let owed = ProgramLiability {
        program: HOSTILE.to_owned(),
        available: 1_200,
        worth: 1_200,
        ..Default::default()
    };
    let sellers = vec![SellerPayable { seller: "shop-a".to_owned(), amount: -50 }];
    let report = LiabilityReport { at: Timestamp::UNIX_EPOCH, programs: vec![owed], sellers };
    let month = ProgramMonth {
        month: date(2026, 11, 1),
        program: "gift".to_owned(),
        granted: 5,
        ..Default::default()
    };
    let expiring = ExpiringValue {
        month: Some(date(2026, 12, 1)),
        program: "rakuten".to_owned(),
        kind: Some(LotKind::Limited),
        points: Points::new(300),
    };
    let never = ExpiringValue { month: None, kind: None, ..expiring.clone() };
    value::Figures {
        owed: vec![(date(2026, 11, 1), report)],
        months: vec![month],
        expiring: vec![expiring, never],
        settled: vec![MethodMonth {
            month: date(2026, 11, 1),
            method: "card".to_owned(),
            received: 5_400,
            given_back: 300,
        }],
    }
}

fn reports() -> Vec<Sample> {
    let coupon = || CouponReport {
        coupon_id: "A500".to_owned(),
        holders: 3,
        uses: 1,
        quota: Some(10),
        taken: Some(1),
    };
    let care: Vec<CareReport> = Vec::new();
    let mut samples = both("office value", Room::Office, |frame| value::report(frame, 6, &figures()));
    samples.extend(both("office coupons", Room::Office, |frame| {
        coupons::report(frame, vec![coupon()], vec![HOSTILE.to_owned()])
    }));
    samples.extend(both("office care", Room::Office, |frame| care::report(frame, 7, &care)));
    samples
}

fn empty_reports() -> Vec<Sample> {
    let none =
        || value::Figures { owed: Vec::new(), months: Vec::new(), expiring: Vec::new(), settled: Vec::new() };
    both("office value empty", Room::Office, |frame| value::report(frame, 3, &none()))
}

fn overview() -> Vec<Sample> {
    let tile = |calls| Tile {
        name: "office-tile-waiting",
        figure: "3".to_owned(),
        href: "/office/adjustments",
        calls,
    };
    both("office", Room::Office, |frame| Overview {
        frame,
        tiles: vec![tile(true), tile(false)],
        troubles: vec![("123-1234567-1234567".to_owned(), HOSTILE.to_owned())],
    })
}

fn markets() -> Vec<Sample> {
    let listed = |activated| ListedMarket { name: "m".to_owned(), version: "5b5f".to_owned(), activated };
    let mut samples = both("office markets", Room::Office, |frame| MarketsPage {
        frame,
        markets: vec![listed(None), listed(Some((Timestamp::UNIX_EPOCH, "staff:tanaka".to_owned())))],
    });
    let mistake = || MistakeShown {
        line: 3,
        key: "coupons.A500.yen".to_owned(),
        found: HOSTILE.to_owned(),
        expected: "a number".to_owned(),
        suggestion: Some("500".to_owned()),
    };
    for found in [
        || Found::Nothing,
        || Found::Fine {
            version: "5b5f".to_owned(),
            changes: Box::new(ChangesShown {
                orders: 2,
                changed: 1,
                sections: Vec::new(),
                reasons: vec![HOSTILE.to_owned()],
            }),
        },
        || Found::Mistakes { count: 1, elsewhere: vec!["market.toml: missing".to_owned()] },
    ] {
        samples.extend(both("office market", Room::Office, |frame| MarketPage {
            frame,
            name: "m".to_owned(),
            version: "5b5f".to_owned(),
            files: vec![FileShown {
                path: "market.toml".to_owned(),
                text: "</textarea><script>".to_owned(),
                mistakes: vec![mistake()],
            }],
            found: found(),
            may_change: true,
            is_stale: true,
            earlier: Some("5b60".to_owned()),
            history: vec![activated("5b5f"), activated("5b60")],
        }));
    }
    samples
}

fn forms() -> Vec<Sample> {
    let waiting = || WaitingAdjustment {
        adjustment_id: "adj_1".to_owned(),
        customer_id: "hanako".to_owned(),
        program: "rakuten".to_owned(),
        kind: None,
        points: -20,
        expires_at: None,
        reason: HOSTILE.to_owned(),
        asked_by: "staff:tanaka".to_owned(),
        asked_at: Timestamp::UNIX_EPOCH,
    };
    let mut samples = both("office adjustments", Room::Office, |frame| AdjustmentsPage {
        frame,
        waiting: vec![waiting()],
        programs: vec!["rakuten".to_owned()],
        kinds: vec!["limited", "exchanged", "ordinary"],
        typed: Fields::default(),
        faults: Faults::one("points", HOSTILE),
        key: "k".to_owned(),
        may_ask: true,
        may_approve: true,
        me: "staff:suzuki".to_owned(),
    });
    for before in [false, true] {
        samples.extend(both("office gift cards", Room::Office, |frame| GiftCardsPage {
            frame,
            typed: Fields::default(),
            faults: Faults::none(),
            key: "k".to_owned(),
            may_issue: true,
            issued: Some(Issued {
                batch_id: "batch_1".to_owned(),
                cards: vec![("AAAA-BBBB".to_owned(), "500".to_owned(), "2036".to_owned())],
                before,
            }),
        }));
    }
    samples.extend(both("office keys", Room::Office, |frame| KeysPage {
        frame,
        keys: Vec::new(),
        rights: vec!["orders:read"],
        typed: Fields::default(),
        faults: Faults::one("right", "none"),
        key: "k".to_owned(),
        secret: Some((HOSTILE.to_owned(), "choba_live_x".to_owned())),
    }));
    samples.extend(both("office webhooks", Room::Office, |frame| WebhooksPage {
        frame,
        endpoints: Vec::new(),
        typed: Fields::default(),
        faults: Faults::none(),
        key: "k".to_owned(),
    }));
    samples.extend(both("office audit", Room::Office, |frame| AuditPage {
        frame,
        asked: Fields::default(),
        rows: Vec::new(),
        next: Some("before=1".to_owned()),
        checked: Some((5, 1)),
    }));
    samples
}
