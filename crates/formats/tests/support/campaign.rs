//! Random campaigns: what customers, sellers, carriers, payments and time do to orders, in any order.

use std::sync::LazyLock;

use choba_engine::books::{AskKind, AskOutcome};
use choba_engine::market::{Market, ReturnReason};
use choba_engine::money::{Money, Points};
use choba_engine::order::{CancelBy, Finding, refund_by_staff};
use jiff::ToSpan;
use proptest::prelude::*;
use serde_json::json;

use super::Cart;
use super::orders::{Shop, done, market_with, part, refused};

/// Something that happens; small numbers choose among what there is.
#[derive(Clone, Debug)]
pub enum Deed {
    Grant(u8, i64, u8),
    Adjust(u8, i64),
    Place(Wanted),
    Answer(u8, bool),
    Agree,
    Paid(u8),
    Prepare(u8, u8),
    Ship(u8, u8, Option<(u8, i64)>),
    Deliver(u8),
    Cancel(u8, Option<(u8, i64)>, bool),
    Return(u8, u8, i64, bool, bool, bool),
    StaffRefund(u8, u8, i64),
    Wait(i64),
}

/// A cart and how it is paid.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub lines: Vec<(u8, bool, i64, i64)>,
    pub stored: Option<i64>,
    pub partner: Option<i64>,
    pub method: u8,
    pub coupon: bool,
}

const SELLERS: [&str; 2] = ["denki-store", "amazon"];
const KINDS: [&str; 4] = ["amazon:limited", "amazon:ordinary", "gift", "amazon:exchanged"];
const METHODS: [&str; 4] = ["card", "konbini", "cod", "deferred"];

/// A market where everything can happen: gift balance, own points of three kinds, partners, each method.
pub fn market(as_paid: bool, from_refund: bool, at_once: bool) -> Market {
    static MARKETS: LazyLock<Vec<Market>> =
        LazyLock::new(|| (0..8).map(|which| build(which & 1 > 0, which & 2 > 0, which & 4 > 0)).collect());
    MARKETS[usize::from(as_paid) + 2 * usize::from(from_refund) + 4 * usize::from(at_once)].clone()
}

fn build(as_paid: bool, from_refund: bool, at_once: bool) -> Market {
    let order = if as_paid { "as_paid" } else { "method_first" };
    let claw_back = if from_refund { "from_refund" } else { "debt" };
    let waits = if at_once {
        "available = { days_after_order = 0 }"
    } else {
        "available = { days_after_shipment = 3 }"
    };
    let replaced = [
        ("order = \"as_paid\"", format!("order = \"{order}\"")),
        ("claw_back = \"debt\"", format!("claw_back = \"{claw_back}\"")),
        ("available = { days_after_shipment = 30 }", waits.to_owned()),
        ("seller_types = [\"platform\"]", "seller_types = [\"platform\", \"store\"]".to_owned()),
    ];
    let replaced: Vec<(&str, &str)> = replaced.iter().map(|(old, new)| (*old, new.as_str())).collect();
    let more = "
[methods.deferred]
name = { ja = \"後払い\", en = \"deferred\" }
fee = 250
[coupons.OFF]
name = { ja = \"333円OFF\", en = \"333 yen off\" }
yen = 333
market = true
";
    market_with("amazon-style", &replaced, more)
}

pub fn wanted() -> impl Strategy<Value = Wanted> {
    let line = (0..2_u8, prop::bool::weighted(0.2), 1..3_000_i64, 1..4_i64);
    let some = |strategy| prop::option::weighted(0.6, strategy);
    (prop::collection::vec(line, 1..4), some(0..4_000_i64), some(0..1_000_i64), 0..4_u8, any::<bool>())
        .prop_map(|(lines, stored, partner, method, coupon)| Wanted {
            lines,
            stored,
            partner,
            method,
            coupon,
        })
}

pub fn deed() -> impl Strategy<Value = Deed> {
    let one = || prop::option::weighted(0.6, (0..3_u8, 1..3_i64));
    let which = || any::<u8>();
    prop_oneof![
        3 => (0..4_u8, 1..3_000_i64, 0..60_u8).prop_map(|(kind, points, days)| Deed::Grant(kind, points, days)),
        1 => (0..4_u8, -500..500_i64).prop_map(|(kind, points)| Deed::Adjust(kind, points)),
        3 => wanted().prop_map(Deed::Place),
        6 => Just(Deed::Agree),
        4 => (which(), prop::bool::weighted(0.9)).prop_map(|(which, yes)| Deed::Answer(which, yes)),
        2 => which().prop_map(Deed::Paid),
        1 => (which(), 0..2_u8).prop_map(|(which, seller)| Deed::Prepare(which, seller)),
        8 => (which(), 0..2_u8, one()).prop_map(|(which, seller, line)| Deed::Ship(which, seller, line)),
        8 => which().prop_map(Deed::Deliver),
        3 => (which(), one(), any::<bool>()).prop_map(|(which, line, seller)| Deed::Cancel(which, line, seller)),
        9 => (which(), 0..3_u8, 1..3_i64, any::<bool>(), prop::bool::weighted(0.2), prop::bool::weighted(0.2))
            .prop_map(|(which, line, count, fault, opened, missing)| Deed::Return(which, line, count, fault, opened, missing)),
        1 => (which(), 0..3_u8, 1..500_i64).prop_map(|(which, line, yen)| Deed::StaffRefund(which, line, yen)),
        3 => (1..200_i64).prop_map(Deed::Wait),
    ]
}

/// A shop with a customer who holds something of everything.
pub fn shop(market: Market) -> Shop {
    let mut shop = Shop::open(market);
    shop.link("d-point", 1_000).member(None, &["OFF"]);
    shop.grant("gift", 3_000, Some("2036-11-21 23:59:59"));
    shop.grant("amazon:limited", 1_500, Some("2026-12-05 23:59:59"));
    shop.grant("amazon:ordinary", 1_500, None);
    shop
}

fn chosen<T>(items: Vec<T>, which: u8) -> Option<T> {
    let place = usize::from(which) % items.len().max(1);
    items.into_iter().nth(place)
}

fn order_ids(shop: &Shop) -> Vec<String> {
    shop.keeper.orders().map(|order| order.order_id.clone()).collect()
}

fn line_ids(shop: &Shop, order_id: &str) -> Vec<String> {
    shop.order(order_id).lines.iter().map(|line| line.line_id.clone()).collect()
}

pub fn cart(wanted: &Wanted) -> Cart {
    let mut cart = super::amazon();
    for (seller, digital, price, quantity) in &wanted.lines {
        let kind = if *digital && wanted.method != 2 { "digital" } else { "physical" };
        cart = cart.line(&format!("X:{kind}@{}", SELLERS[usize::from(*seller)]), *price, *quantity);
    }
    if let Some(points) = wanted.partner {
        cart = cart.stored("d-point", points);
    }
    if let Some(points) = wanted.stored {
        cart = cart.stored("amazon", points / 2).stored("gift", points);
    }
    if wanted.coupon {
        cart = cart.set("/pay/coupons", json!(["OFF"]));
    }
    cart.by(METHODS[usize::from(wanted.method)])
}

/// Does it, where it can be done. Whatever is refused changes nothing; the shop checks its books itself.
pub fn act(shop: &mut Shop, deed: &Deed) {
    let order = |shop: &Shop, which: u8| chosen(order_ids(shop), which);
    let named = |shop: &Shop, order_id: &str, line: Option<(u8, i64)>| {
        line.and_then(|(which, count)| Some(vec![part(&chosen(line_ids(shop, order_id), which)?, count)]))
    };
    match deed {
        Deed::Grant(kind, points, days) => {
            let kind = KINDS[usize::from(*kind)];
            let end = shop.now.to_zoned(shop.market.time_zone.clone()).date() + i64::from(*days).days();
            let end = format!("{end} 23:59:59");
            shop.grant(kind, *points, Some(&end));
        }
        Deed::Adjust(kind, points) => drop(shop.adjust(KINDS[usize::from(*kind)], *points, None)),
        Deed::Place(wanted) => drop(shop.try_place(&cart(wanted))),
        Deed::Answer(which, yes) => answer(shop, *which, *yes),
        Deed::Agree => {
            shop.agree();
        }
        Deed::Paid(which) => {
            if let Some(order_id) = order(shop, *which) {
                drop(shop.paid(&order_id));
            }
        }
        Deed::Prepare(which, seller) => {
            if let Some(order_id) = order(shop, *which) {
                drop(shop.prepare(&order_id, SELLERS[usize::from(*seller)]));
            }
        }
        Deed::Ship(which, seller, line) => {
            if let Some(order_id) = order(shop, *which) {
                let groups = shop.order(&order_id).groups;
                let Some(group) = chosen(groups, *seller) else { return };
                let lines = shop.order(&order_id).lines.into_iter();
                let of_seller = lines.filter(|line| line.seller == group.seller).map(|line| line.line_id);
                let of_seller: Vec<String> = of_seller.collect();
                let parts =
                    line.and_then(|(which, count)| Some(vec![part(&chosen(of_seller, which)?, count)]));
                drop(shop.ship(&order_id, &group.seller, parts.as_deref()));
            }
        }
        Deed::Deliver(which) => deliver_one(shop, *which),
        Deed::Cancel(which, line, by_seller) => {
            if let Some(order_id) = order(shop, *which) {
                let parts = named(shop, &order_id, *line);
                let by = if *by_seller { CancelBy::Seller } else { CancelBy::Customer };
                drop(shop.cancel(&order_id, parts.as_deref(), by));
            }
        }
        Deed::Return(which, line, count, fault, opened, missing) => {
            if let Some(order_id) = order(shop, *which) {
                let Some(parts) = named(shop, &order_id, Some((*line, *count))) else { return };
                let finding =
                    Finding { line_id: parts[0].line_id.clone(), opened: *opened, missing_parts: *missing };
                let reason = if *fault { ReturnReason::Damaged } else { ReturnReason::ChangedMind };
                if let Ok(number) = shop.request_return(&order_id, &parts, reason) {
                    if *opened != *missing {
                        shop.withdraw(&order_id, &number).expect("withdrawn");
                        return;
                    }
                    shop.inspect(&order_id, &number, &[finding]).expect("looked at");
                    shop.refund(&order_id, &number).expect("refunded");
                }
            }
        }
        Deed::StaffRefund(which, line, yen) => {
            if let Some(order_id) = order(shop, *which) {
                let Some(line) = chosen(line_ids(shop, &order_id), *line) else { return };
                drop(shop.change(&order_id, "sato", |books, market, operation, order| {
                    refund_by_staff(books, market, operation, order, &line, Money::new(*yen))
                }));
            }
        }
        Deed::Wait(hours) => wait(shop, *hours),
    }
}

fn wait(shop: &mut Shop, hours: i64) {
    let then = (shop.now + hours.hours()).to_zoned(shop.market.time_zone.clone());
    shop.until(&then.strftime("%Y-%m-%d %H:%M:%S").to_string());
}

/// One of the open asks, not always the oldest, is answered; what is answered once may be answered again.
fn answer(shop: &mut Shop, which: u8, yes: bool) {
    let open: Vec<_> = shop.keeper.asks_open().cloned().collect();
    let Some(ask) = chosen(open, which) else { return };
    let may_refuse =
        matches!(ask.kind, AskKind::Authorise { .. } | AskKind::Hold { .. } | AskKind::Debit { .. });
    let outcome = match (yes || !may_refuse, which % 3) {
        (true, _) => done(),
        (false, 0) => AskOutcome::Unavailable,
        (false, 1) => AskOutcome::Done { reference: None, points: Some(Points::ZERO), payment_number: None },
        (false, _) => refused("no"),
    };
    shop.answer(&ask, &outcome);
    if yes {
        let before = shop.payment(&ask.order_id);
        shop.answer(&ask, &outcome);
        assert_eq!(shop.payment(&ask.order_id), before, "an answer heard twice changes no money");
    }
}

fn deliver_one(shop: &mut Shop, which: u8) {
    let open = shop.keeper.orders().flat_map(|order| {
        let sent = order.shipments.iter().filter(|sent| sent.delivered_at.is_none());
        sent.map(|sent| (order.order_id.clone(), sent.shipment_id.clone()))
    });
    if let Some((order_id, shipment_id)) = chosen(open.collect(), which) {
        shop.deliver(&order_id, &shipment_id).expect("delivered");
    }
}

/// Everything ends: all is answered and paid, what is open is shipped, delivered.
pub fn finish(shop: &mut Shop) {
    shop.agree();
    for order_id in order_ids(shop) {
        drop(shop.paid(&order_id));
        for seller in SELLERS {
            drop(shop.ship(&order_id, seller, None));
        }
    }
    deliver_all(shop);
    shop.agree();
}

pub fn deliver_all(shop: &mut Shop) {
    while shop.keeper.orders().any(|order| order.shipments.iter().any(|sent| sent.delivered_at.is_none())) {
        deliver_one(shop, 0);
    }
}
