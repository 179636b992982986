//! What is true of books and orders whatever happens, in any order.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use choba_engine::books::{balances, wallet_at};
use choba_engine::market::{MethodType, ReturnReason};
use choba_engine::money::Money;
use choba_engine::order::{CancelBy, Order, PaymentState, RefundPart, TenderName};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use support::campaign::{Deed, act, cart, deed, deliver_all, finish, market, shop, wanted};
use support::orders::{HANAKO, Shop, part};

fn parts(order: &Order) -> impl Iterator<Item = &RefundPart> {
    order.refunds.iter().flat_map(|refund| &refund.parts)
}

/// What the method still has, or has and has not given back.
fn with_the_method(order: &Order) -> Money {
    let payment = &order.payment;
    payment.promised.plus(payment.received).and_then(|sum| sum.minus(payment.refunded)).expect("a sum")
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    /// The shop checks its books after each step: entries balance, lots and debts are what was posted, nobody
    /// gets back more than they paid, shares and charges fit, orders survive being written down.
    #[test]
    fn books_fit_together_whatever_happens(
        deeds in prop::collection::vec(deed(), 1..100),
        policies in any::<[bool; 3]>(),
    ) {
        let [as_paid, from_refund, at_once] = policies;
        let mut shop = shop(market(as_paid, from_refund, at_once));
        for deed in &deeds {
            act(&mut shop, deed);
        }
        finish(&mut shop);
        for order in shop.keeper.orders() {
            if order.payment.method == Some(MethodType::Card) {
                prop_assert_eq!(order.payment.promised, Money::ZERO, "a card paid all that it owed");
            }
            if order.payment.state == PaymentState::Refused {
                prop_assert_eq!(with_the_method(order), Money::ZERO);
            }
            let kept = order.total.minus(order.refunded().expect("a sum")).expect("a difference");
            prop_assert!(kept >= Money::ZERO);
        }
    }

    /// What was seen at an instant is what the journal says of that instant later; what is foretold of a later
    /// instant is what is seen then, if nothing happens.
    #[test]
    fn balances_of_any_instant_are_what_a_replay_up_to_it_gives(
        deeds in prop::collection::vec(deed(), 1..40),
        days in 1..500_i64,
    ) {
        let mut shop = shop(market(false, false, true));
        let mut seen = Vec::new();
        for deed in &deeds {
            act(&mut shop, deed);
            seen.retain(|(at, _)| *at != shop.now);
            seen.push((shop.now, balances(&shop.books(), &shop.market, shop.now).expect("balances")));
        }
        let histories = shop.keeper.histories(HANAKO);
        for (at, seen) in seen {
            let told = wallet_at(&histories, &shop.market, at).expect("a wallet").balances;
            prop_assert_eq!(told.into_iter().filter(something).collect::<Vec<_>>(), seen.into_iter().filter(something).collect::<Vec<_>>(), "at {}", at);
        }
        let later = shop.now + jiff::SignedDuration::from_hours(days * 24);
        let foretold = wallet_at(&histories, &shop.market, later).expect("a wallet").balances;
        prop_assert_eq!(&foretold, &balances(&shop.books(), &shop.market, later).expect("balances"));
    }

    /// Everything is cancelled or sent back, by the seller's fault and without deductions: each got back what
    /// they paid, but the fee; no points earned stay.
    #[test]
    fn when_everything_goes_back_so_does_each_yen(
        wanted in wanted(),
        as_paid in any::<bool>(),
        shipped in prop::collection::vec((0..3_u8, 1..3_i64), 0..4),
        cancelled in prop::collection::vec((0..3_u8, 1..3_i64), 0..4),
    ) {
        let mut shop = shop(market(as_paid, false, false));
        let before = shop.wallet();
        let Ok(order_id) = shop.try_place(&cart(&wanted)) else { return Ok(()) };
        shop.agree();
        drop(shop.paid(&order_id));
        for (line, count) in &cancelled {
            drop(shop.cancel(&order_id, Some(&[part(&(line + 1).to_string(), *count)]), CancelBy::Seller));
        }
        for (line, count) in &shipped {
            for seller in ["amazon", "denki-store"] {
                drop(shop.ship(&order_id, seller, Some(&[part(&(line + 1).to_string(), *count)])));
            }
        }
        drop(shop.cancel(&order_id, None, CancelBy::Seller));
        deliver_all(&mut shop);
        shop.agree();
        for line in shop.order(&order_id).lines {
            let here = line.delivered - line.returned;
            for _ in 0..here {
                if shop.give_back(&order_id, &[part(&line.line_id, 1)], ReturnReason::Damaged).is_err() {
                    return Ok(()); // a download is never sent back
                }
            }
        }
        shop.agree();
        let order = shop.order(&order_id);
        // Nothing is kept but a fee of a method that has done its work.
        let all_cancelled = order.cancelled_at.is_some();
        let fee = order.charges.iter().filter(|charge| charge.charge == choba_engine::order::ChargeFor::Fee);
        let fee = Money::sum(fee.map(|charge| charge.amount)).expect("a sum");
        let kept = order.total.minus(order.refunded().expect("a sum")).expect("a difference");
        prop_assert_eq!(kept, if all_cancelled { Money::ZERO } else { fee });
        for tender in &order.tenders {
            if kept.is_zero() {
                prop_assert_eq!(tender.refunded, tender.amount);
            }
            let returned = parts(&order).filter(|part| part.tender == tender.tender);
            let points: i64 = returned.map(|part| part.points.units()).sum();
            if tender.tender != TenderName::Method && kept.is_zero() {
                prop_assert_eq!(points, tender.points.units());
            }
        }
        if kept.is_zero() {
            prop_assert_eq!(with_the_method(&order), Money::ZERO);
        }
        for record in &order.earned {
            prop_assert_eq!(record.granted, record.taken_back);
        }
        if kept.is_zero() {
            prop_assert_eq!(shop.wallet().replace(" + 0 pending", ""), before);
        }
        prop_assert_eq!(shop.debt("amazon"), 0);
    }

    /// Of a line, what is shipped and what is cancelled add up to what a card was asked for.
    #[test]
    fn captures_add_up_to_what_the_card_owes(
        price in 1..1_000_i64,
        quantity in 1..8_i64,
        deeds in prop::collection::vec((1..4_i64, any::<bool>()), 1..8),
        as_paid in any::<bool>(),
    ) {
        let mut shop = shop(market(as_paid, false, false));
        let wanted = support::campaign::Wanted {
            lines: vec![(1, false, price, quantity), (1, false, 500, 1)],
            stored: Some(700),
            partner: None,
            method: 0,
            coupon: true,
        };
        let Ok(order_id) = shop.try_place(&cart(&wanted)) else { return Ok(()) };
        shop.agree();
        for (count, cancels) in &deeds {
            let named = [part("1", *count)];
            if *cancels {
                drop(shop.cancel(&order_id, Some(&named), CancelBy::Seller));
            } else {
                drop(shop.ship(&order_id, "amazon", Some(&named)));
            }
        }
        drop(shop.ship(&order_id, "amazon", None));
        let order = shop.order(&order_id);
        let asked = Money::sum(order.payment.captures.iter().map(|capture| capture.amount)).expect("a sum");
        prop_assert_eq!(asked, order.payment.promised);
        shop.agree();
        prop_assert_eq!(shop.order(&order_id).payment.promised, Money::ZERO);
    }
}

fn something(balance: &choba_engine::books::Balance) -> bool {
    !(balance.pending.is_zero() && balance.available.is_zero() && balance.expired.is_zero())
}

#[test]
fn a_campaign_is_not_mostly_refusals() {
    // What the properties above try must really happen: orders are placed, shipped, cancelled and returned.
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut orders, mut shipments, mut refunds, mut returns) = (0, 0, 0, 0);
    for _ in 0..60 {
        let deeds = prop::collection::vec(deed(), 60..100).new_tree(&mut runner).expect("deeds").current();
        let mut shop: Shop = shop(market(true, false, true));
        deeds.iter().for_each(|deed: &Deed| act(&mut shop, deed));
        for order in shop.keeper.orders() {
            orders += 1;
            shipments += order.shipments.len();
            refunds += order.refunds.len();
            returns += order.returns.len();
        }
    }
    assert!(
        orders > 100 && shipments > 60 && refunds > 60 && returns > 15,
        "{orders} {shipments} {refunds} {returns}"
    );
}
