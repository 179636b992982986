//! What happens to orders: stories with the books after each step, under the sample markets.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use choba_engine::books::{DueKind, EventKind};
use choba_engine::market::ReturnReason;
use choba_engine::money::Money;
use choba_engine::order::{
    CancelBy, Finding, GroupState, Order, OrderRefusal, PaymentState, refund_by_staff,
};
use support::orders::{Shop, done, market_with, part, refused};
use support::{Cart, amazon, rakuten};

const AS_PAID: (&str, &str) = ("order = \"method_first\"", "order = \"as_paid\"");
const FROM_REFUND: (&str, &str) = ("claw_back = \"debt\"", "claw_back = \"from_refund\"");

/// 4,500 yen: 1,000 of limited points that end with November, 3,500 by card.
fn with_limited_points(shop: &mut Shop) -> String {
    shop.grant("rakuten:limited", 1_000, Some("2026-11-30 23:59:59"));
    let cart = rakuten().line("X@shop-a", 3_000, 1).line("Y@shop-a", 1_500, 1);
    let order = shop.place(&cart.stored("rakuten:limited", "all").by("card"));
    assert_eq!(shop.wallet(), "rakuten:limited 0, rakuten:ordinary 0 + 40 announced");
    assert_eq!(shop.payment(&order), "authorised: 3500 promised, 0 received, 0 refunded");
    order
}

fn told(shop: &Shop, kind: EventKind) -> usize {
    shop.keeper.events(support::orders::HANAKO).filter(|event| event.kind == kind).count()
}

fn code(result: Result<impl Sized, OrderRefusal>) -> &'static str {
    result.map_or_else(|refusal| refusal.code(), |_| "done")
}

// Cancelling: who gets back what.

#[test]
fn limited_points_that_ended_meanwhile_do_not_come_back_to_a_customer_who_cancels() {
    let mut shop = Shop::rakuten();
    let order = with_limited_points(&mut shop);
    shop.until("2026-12-01 12:00").cancel(&order, None, CancelBy::Customer).expect("cancelled");
    assert_eq!(shop.last_refund(&order), "card 3500, rakuten 1000 (1000 expired)");
    assert_eq!(shop.wallet(), "rakuten:limited 0");
    assert_eq!(shop.payment(&order), "authorised: 0 promised, 0 received, 0 refunded");
    assert_eq!(shop.asks(), "void");
    assert_eq!(shop.books().orders_placed, 0);
    assert_eq!(shop.order(&order).state(), GroupState::Cancelled);
}

#[test]
fn limited_points_that_ended_come_back_for_some_days_where_the_seller_cancels() {
    let mut shop = Shop::rakuten();
    let order = with_limited_points(&mut shop);
    shop.until("2026-12-01 12:00").cancel(&order, None, CancelBy::Seller).expect("cancelled");
    assert_eq!(shop.last_refund(&order), "card 3500, rakuten 1000 (1000 for some days)");
    assert_eq!(shop.wallet(), "rakuten:limited 1000");
    assert_eq!(shop.until("2026-12-08 23:59:59").wallet(), "rakuten:limited 1000");
    assert_eq!(shop.until("2026-12-09 00:00").wallet(), "rakuten:limited 0 (1000 expired)");
}

#[test]
fn limited_points_come_back_to_their_own_lot_while_it_lives() {
    let mut shop = Shop::rakuten();
    let order = with_limited_points(&mut shop);
    shop.until("2026-11-30 23:59:59").cancel(&order, None, CancelBy::Customer).expect("cancelled");
    assert_eq!(shop.last_refund(&order), "card 3500, rakuten 1000");
    assert_eq!(shop.wallet(), "rakuten:limited 1000");
    assert_eq!(shop.until("2026-12-01 00:00").wallet(), "rakuten:limited 0 (1000 expired)");
}

#[test]
fn the_method_gets_back_first_and_points_last() {
    let mut shop = Shop::rakuten();
    let order = with_limited_points(&mut shop);
    shop.cancel(&order, Some(&[part("1", 1)]), CancelBy::Customer).expect("cancelled");
    assert_eq!(shop.last_refund(&order), "card 3000");
    shop.cancel(&order, Some(&[part("2", 1)]), CancelBy::Customer).expect("cancelled");
    assert_eq!(shop.last_refund(&order), "card 500, rakuten 1000");
}

#[test]
fn each_charge_goes_back_to_those_who_paid_it_where_the_market_says_so() {
    let mut shop = Shop::open(market_with("rakuten-style", &[AS_PAID], ""));
    let order = with_limited_points(&mut shop);
    shop.until("2026-12-01 12:00");
    shop.cancel(&order, Some(&[part("2", 1)]), CancelBy::Customer).expect("cancelled");
    assert_eq!(shop.last_refund(&order), "card 1500");
    shop.cancel(&order, Some(&[part("1", 1)]), CancelBy::Customer).expect("cancelled");
    assert_eq!(shop.last_refund(&order), "rakuten 1000 (1000 expired), card 2000");
    assert_eq!(shop.wallet(), "rakuten:limited 0");
}

#[test]
fn the_seller_who_cancels_gives_expired_points_some_days_where_each_charge_goes_back() {
    let mut shop = Shop::open(market_with("rakuten-style", &[AS_PAID], ""));
    let order = with_limited_points(&mut shop);
    shop.until("2026-12-01 12:00").cancel(&order, None, CancelBy::Seller).expect("cancelled");
    assert_eq!(shop.last_refund(&order), "rakuten 1000 (1000 for some days), card 3500");
    assert_eq!(shop.wallet(), "rakuten:limited 1000");
}

#[test]
fn digital_goods_and_memberships_are_never_cancelled_and_nothing_is_once_it_is_prepared() {
    let mut shop = Shop::rakuten();
    let cart = rakuten().line("X@shop-a", 1_000, 1).line("E:digital@shop-b", 1_000, 1);
    let order = shop.place(&cart.line("M:membership@shop-b", 500, 1).by("card"));
    assert_eq!(code(shop.cancel(&order, Some(&[part("2", 1)]), CancelBy::Customer)), "never_cancelled");
    assert_eq!(code(shop.cancel(&order, Some(&[part("3", 1)]), CancelBy::Customer)), "never_cancelled");
    assert_eq!(code(shop.cancel(&order, Some(&[part("1", 2)]), CancelBy::Customer)), "wrong_quantity");
    shop.prepare(&order, "shop-a").expect("prepared");
    assert_eq!(code(shop.cancel(&order, Some(&[part("1", 1)]), CancelBy::Customer)), "too_late_to_cancel");
    assert_eq!(code(shop.cancel(&order, Some(&[part("1", 1)]), CancelBy::Seller)), "done");
    assert_eq!(shop.order(&order).group_state("shop-a"), GroupState::Cancelled);
    assert_eq!(code(shop.cancel(&order, Some(&[part("1", 1)]), CancelBy::Seller)), "wrong_quantity");
}

#[test]
fn shipping_is_frozen_when_a_line_is_cancelled() {
    let mut shop = Shop::rakuten();
    let free = shop.place(&rakuten().line("X@shop-a", 2_000, 1).line("Y@shop-a", 2_000, 1).by("card"));
    shop.cancel(&free, Some(&[part("1", 1)]), CancelBy::Customer).expect("cancelled");
    assert_eq!(shop.last_refund(&free), "card 2000");
    assert_eq!(shop.payment(&free), "authorised: 2000 promised, 0 received, 0 refunded");

    let paid = shop.place(&rakuten().line("X@shop-a", 1_000, 1).line("Y@shop-a", 1_000, 1).by("card"));
    shop.cancel(&paid, Some(&[part("1", 1)]), CancelBy::Customer).expect("cancelled");
    assert_eq!(shop.last_refund(&paid), "card 1000");
    shop.cancel(&paid, Some(&[part("2", 1)]), CancelBy::Customer).expect("cancelled");
    assert_eq!(shop.last_refund(&paid), "card 1600");
}

#[test]
fn an_order_with_something_shipped_is_not_cancelled_as_a_whole() {
    let mut shop = Shop::rakuten();
    let order = shop.place(&rakuten().line("X@shop-a", 1_000, 2).coupons(&[]).by("card"));
    shop.ship(&order, "shop-a", Some(&[part("1", 1)])).expect("shipped");
    shop.cancel(&order, None, CancelBy::Seller).expect("cancelled");
    assert_eq!(shop.order(&order).cancelled_at, None);
    assert_eq!(shop.books().orders_placed, 1);
    assert_eq!(shop.order(&order).group_state("shop-a"), GroupState::Shipped);
    shop.agree();
    assert_eq!(shop.payment(&order), "paid: 0 promised, 1600 received, 0 refunded");
}

#[test]
fn while_others_are_asked_an_order_cannot_be_cancelled_or_sent() {
    let mut shop = Shop::rakuten();
    let order = shop.try_place(&rakuten().line("X@shop-a", 4_500, 1).by("card")).expect("placed");
    assert_eq!(shop.order(&order).payment.state, PaymentState::Asking);
    assert_eq!(code(shop.cancel(&order, None, CancelBy::Customer)), "wrong_payment_state");
    assert_eq!(code(shop.cancel(&order, None, CancelBy::Seller)), "wrong_payment_state");
    assert_eq!(code(shop.prepare(&order, "shop-a")), "wrong_payment_state");
    assert_eq!(code(shop.ship(&order, "shop-a", None)), "wrong_payment_state");
}

// Coupons.

#[test]
fn a_returned_line_gives_its_net_after_coupons_and_the_others_keep_their_discount() {
    let mut shop = Shop::rakuten();
    shop.member(None, &["SHOPA300"]);
    let three = rakuten().line("X@shop-a", 1_000, 1).line("Y@shop-a", 1_000, 1).line("Z@shop-a", 1_000, 1);
    let order = shop.place(&three.names(&["SHOPA300"]).by("card"));
    assert_eq!(shop.wallet(), "rakuten:ordinary 0 + 24 announced");
    shop.fulfil(&order, "shop-a");
    assert_eq!(shop.payment(&order), "paid: 0 promised, 3300 received, 0 refunded");
    shop.give_back(&order, &[part("2", 1)], ReturnReason::ChangedMind).expect("a return");
    assert_eq!(shop.last_refund(&order), "card 900");
    assert_eq!(shop.wallet(), "rakuten:ordinary 0 + 16 announced");
    let nets: Vec<i64> = shop.order(&order).lines.iter().map(|line| line.net.units()).collect();
    assert_eq!(nets, [900, 900, 900]);
    shop.give_back(&order, &[part("1", 1), part("3", 1)], ReturnReason::ChangedMind).expect("a return");
    assert_eq!(shop.last_refund(&order), "card 1800");
    assert_eq!(shop.wallet(), "");
    assert_eq!(shop.payment(&order), "paid: 0 promised, 3300 received, 2700 refunded");
}

#[test]
fn a_coupon_that_took_nothing_off_is_not_used_up() {
    let more = "[coupons.ANOTHER]
name = { ja = \"別の500円OFF\", en = \"another 500 yen\" }
yen = 500
items = [\"A\"]
ends_at = 2027-12-31T23:59:59+09:00
uses_per_customer = 1
";
    let mut shop = Shop::open(market_with("rakuten-style", &[], more));
    shop.member(None, &["A500", "ANOTHER"]);
    let cart = rakuten().line("A@shop-a", 500, 1).names(&["A500", "ANOTHER"]).by("card");
    let order = shop.place(&cart);
    assert_eq!(shop.order(&order).coupons, ["A500"]);
    let uses: Vec<i64> = shop.books().coupons.iter().map(|held| held.uses).collect();
    assert_eq!(uses, [1, 0]);
}

#[test]
fn a_coupon_comes_back_only_where_the_market_says_so_and_while_it_is_valid() {
    let returning = [("coupons_return = false", "coupons_return = true")];
    let uses_after_cancelling_at = |market: &[(&str, &str)], at: &str, by: CancelBy| {
        let mut shop = Shop::open(market_with("rakuten-style", market, ""));
        shop.member(None, &["SHOPA300"]);
        let order = shop.place(&rakuten().line("X@shop-a", 3_000, 1).names(&["SHOPA300"]).by("card"));
        assert_eq!(shop.books().coupons[0].uses, 1);
        shop.until(at).cancel(&order, None, by).expect("cancelled");
        shop.books().coupons[0].uses
    };
    assert_eq!(uses_after_cancelling_at(&[], "2026-11-22 12:00", CancelBy::Customer), 1);
    assert_eq!(uses_after_cancelling_at(&returning, "2026-11-22 12:00", CancelBy::Customer), 0);
    assert_eq!(uses_after_cancelling_at(&returning, "2026-12-01 00:00", CancelBy::Customer), 1);
}

// Points earned.

/// Earns 40 points, spends them, and sends the goods of the first order back.
fn spends_what_is_taken_back(shop: &mut Shop) -> (String, String) {
    let first = shop.place(&rakuten().line("X@shop-a", 4_500, 1).by("card"));
    shop.until("2026-11-25 12:00").fulfil(&first, "shop-a");
    assert_eq!(shop.until("2026-12-11 23:59:59").wallet(), "rakuten:ordinary 0 + 40 pending");
    assert_eq!(shop.until("2026-12-12 00:00").wallet(), "rakuten:ordinary 40");
    let cart = rakuten().line("Y@shop-a", 1_000, 1).stored("rakuten", "all").by("card");
    let second = shop.place(&cart);
    assert_eq!(shop.wallet(), "rakuten:ordinary 0 + 9 announced");
    shop.until("2026-12-13 12:00");
    shop.give_back(&first, &[part("1", 1)], ReturnReason::ChangedMind).expect("a return");
    (first, second)
}

#[test]
fn points_spent_already_leave_a_debt_that_new_points_pay_first() {
    let mut shop = Shop::rakuten();
    let (first, second) = spends_what_is_taken_back(&mut shop);
    assert_eq!(shop.last_refund(&first), "card 4500");
    assert_eq!((shop.debt("rakuten"), shop.wallet().as_str()), (40, "rakuten:ordinary 0 + 9 pending"));
    shop.grant("rakuten:limited", 15, Some("2026-12-31 23:59:59"));
    assert_eq!(shop.debt("rakuten"), 25);
    let third = shop.place(&rakuten().line("Z@shop-a", 4_500, 1).by("card"));
    assert_eq!(shop.debt("rakuten"), 0);
    assert_eq!(shop.wallet(), "rakuten:ordinary 0 + 9 pending + 15 announced, rakuten:limited 0");

    // What paid the debt was never the customer's: it is owed again.
    shop.cancel(&third, None, CancelBy::Customer).expect("cancelled");
    assert_eq!(
        (shop.debt("rakuten"), shop.wallet().as_str()),
        (25, "rakuten:ordinary 0 + 9 pending, rakuten:limited 0")
    );
    // Points used come back to their lot; the debt stays until new ones come.
    shop.cancel(&second, None, CancelBy::Customer).expect("cancelled");
    assert_eq!(
        (shop.debt("rakuten"), shop.wallet().as_str()),
        (25, "rakuten:ordinary 40, rakuten:limited 0")
    );
}

#[test]
fn points_spent_already_are_taken_from_the_refund_where_the_market_says_so() {
    let mut shop = Shop::open(market_with("rakuten-style", &[FROM_REFUND], ""));
    let (first, _) = spends_what_is_taken_back(&mut shop);
    assert_eq!(shop.last_refund(&first), "card 4460");
    let refund = shop.order(&first).refunds[0].clone();
    assert_eq!((refund.net, refund.kept_for_points), (Money::new(4_500), Money::new(40)));
    assert_eq!((shop.debt("rakuten"), shop.wallet().as_str()), (0, "rakuten:ordinary 0 + 9 pending"));
}

#[test]
fn what_is_kept_for_spent_points_is_taken_from_a_card_that_had_only_promised() {
    let at_once = ("available = { days_after_order = 20 }", "available = { days_after_order = 0 }");
    let mut shop = Shop::open(market_with("rakuten-style", &[FROM_REFUND, at_once], ""));
    let first = shop.place(&rakuten().line("X@shop-a", 4_500, 1).by("card"));
    shop.until("2026-11-22 12:00");
    shop.place(&rakuten().line("Y@shop-a", 1_000, 1).stored("rakuten", "all").by("card"));
    shop.cancel(&first, None, CancelBy::Customer).expect("cancelled");
    assert_eq!(shop.last_refund(&first), "card 4460");
    assert_eq!(shop.asks(), "capture 40");
    assert_eq!(shop.agree().payment(&first), "paid: 0 promised, 40 received, 0 refunded");
}

#[test]
fn nothing_is_kept_of_a_payment_that_was_never_made() {
    let mut shop = Shop::rakuten();
    let (_, second) = spends_what_is_taken_back(&mut shop);
    assert_eq!(shop.agree().debt("rakuten"), 40);
    shop.market = market_with("rakuten-style", &[FROM_REFUND], "");
    // Pending points pay the debt; then the card is declined, and with them the debt is as it was.
    let third = shop.try_place(&rakuten().line("Z@shop-a", 4_500, 1).by("card")).expect("placed");
    assert_eq!(shop.debt("rakuten"), 0);
    let ask = shop.ask("authorise");
    shop.answer(&ask, &refused("insufficient_funds"));
    assert_eq!(shop.payment(&third), "refused: 0 promised, 0 received, 0 refunded");
    assert_eq!((shop.debt("rakuten"), shop.asks().as_str()), (40, ""));
    assert_eq!(shop.order(&second).payment.state, PaymentState::Authorised);
}

#[test]
fn what_had_expired_when_it_was_taken_back_counts_once() {
    let short = ("expires_end_of_month = 2", "expires_end_of_month = 1");
    let mut shop = Shop::open(market_with("rakuten-style", &[short], ""));
    shop.member(Some("gold"), &[]);
    // 20 limited points for each line, all in one lot, usable from 15 December until its end.
    let cart = rakuten().line("X@shop-a", 4_400, 1).line("Y@shop-a", 4_400, 1).by("card");
    let order = shop.place(&cart);
    shop.until("2026-12-10 12:00").fulfil(&order, "shop-a");
    assert_eq!(shop.until("2026-12-15 12:00").wallet(), "rakuten:ordinary 80, rakuten:limited 40");
    shop.adjust("rakuten:limited", -25, None).expect("spent");
    assert_eq!(
        shop.until("2027-01-01 12:00").wallet(),
        "rakuten:ordinary 80, rakuten:limited 0 (15 expired)"
    );
    shop.give_back(&order, &[part("1", 1)], ReturnReason::ChangedMind).expect("a return");
    assert_eq!(shop.debt("rakuten"), 5);
    shop.give_back(&order, &[part("2", 1)], ReturnReason::ChangedMind).expect("a return");
    assert_eq!(shop.debt("rakuten"), 25);
}

#[test]
fn points_that_wait_for_shipment_come_as_units_leave_and_go_as_they_come_back() {
    let mut shop = Shop::amazon();
    let order = shop.place(&amazon().line("X@amazon", 1_100, 3).by("card"));
    assert_eq!(shop.wallet(), "");
    let first = shop.ship(&order, "amazon", Some(&[part("1", 1)])).expect("shipped");
    assert_eq!(shop.wallet(), "amazon:ordinary 0 + 10 pending");
    shop.deliver(&order, &first).expect("delivered");
    shop.agree().give_back(&order, &[part("1", 1)], ReturnReason::Defective).expect("a return");
    assert_eq!(shop.wallet(), "");
    shop.ship(&order, "amazon", None).expect("shipped");
    assert_eq!(shop.wallet(), "amazon:ordinary 0 + 20 pending");
}

#[test]
fn a_partner_gives_its_points_when_nothing_is_left_to_ship() {
    let mut shop = Shop::amazon();
    shop.link("d-point", 0);
    let order = shop.place(&amazon().line("X@amazon", 6_000, 1).line("Y@amazon", 2_000, 1).by("card"));
    shop.ship(&order, "amazon", Some(&[part("1", 1)])).expect("shipped");
    assert_eq!(shop.asks(), "capture 6000");
    shop.agree().cancel(&order, Some(&[part("2", 1)]), CancelBy::Seller).expect("cancelled");
    assert_eq!(shop.asks(), "void, credit 60");
}

// Payments.

#[test]
fn an_order_not_paid_at_the_counter_in_time_ends_and_everything_goes_back() {
    let mut shop = Shop::rakuten();
    shop.member(None, &["SHOPA300"]);
    shop.grant("rakuten:limited", 500, Some("2026-12-31 23:59:59"));
    let cart = rakuten().line("X@shop-a", 5_000, 1).names(&["SHOPA300"]);
    let order = shop.place(&cart.stored("rakuten:limited", "all").by("konbini"));
    assert_eq!(shop.payment(&order), "awaiting_payment: 4200 promised, 0 received, 0 refunded");
    assert_eq!(code(shop.prepare(&order, "shop-a")), "wrong_payment_state");
    assert_eq!(
        shop.until("2026-11-24 23:59:59").payment(&order),
        "awaiting_payment: 4200 promised, 0 received, 0 refunded"
    );
    assert_eq!(shop.until("2026-11-25 00:00").payment(&order), "refused: 0 promised, 0 received, 0 refunded");
    assert_eq!(shop.asks(), "");
    assert_eq!(shop.wallet(), "rakuten:limited 500");
    assert_eq!((shop.books().coupons[0].uses, shop.books().orders_placed), (0, 0));
    assert_eq!(told(&shop, EventKind::PaymentRefused), 1);
    // Money that comes too late has to be sent back, once.
    shop.paid(&order).expect("news");
    shop.paid(&order).expect("the same news");
    assert_eq!(told(&shop, EventKind::TransferNeeded), 1);
    assert_eq!(shop.payment(&order), "refused: 0 promised, 0 received, 0 refunded");
}

#[test]
fn an_order_paid_at_the_counter_is_paid_once_and_outlives_its_deadline() {
    let mut shop = Shop::rakuten();
    let order = shop.place(&rakuten().line("X@shop-a", 4_500, 1).by("konbini"));
    shop.paid(&order).expect("paid");
    shop.paid(&order).expect("the same news");
    assert_eq!(shop.until("2026-12-01 12:00").payment(&order), "paid: 0 promised, 4500 received, 0 refunded");
    shop.cancel(&order, None, CancelBy::Customer).expect("cancelled");
    assert_eq!(shop.payment(&order), "paid: 0 promised, 4500 received, 4500 refunded");
    assert_eq!(told(&shop, EventKind::TransferNeeded), 1);
    shop.paid(&order).expect("the same news");
    assert_eq!(told(&shop, EventKind::TransferNeeded), 1);
}

#[test]
fn money_for_an_order_cancelled_before_it_was_paid_is_sent_back() {
    let mut shop = Shop::rakuten();
    let cart = rakuten().line("X@shop-a", 4_500, 1).line("Y@shop-a", 500, 1);
    let order = shop.place(&cart.by("konbini"));
    assert_eq!(code(shop.cancel(&order, Some(&[part("2", 1)]), CancelBy::Customer)), "wrong_payment_state");
    shop.cancel(&order, None, CancelBy::Customer).expect("cancelled");
    assert_eq!(shop.asks(), "cancel konbini");
    assert_eq!(told(&shop, EventKind::TransferNeeded), 0);
    shop.paid(&order).expect("news");
    assert_eq!(told(&shop, EventKind::TransferNeeded), 1);
    assert_eq!(told(&shop, EventKind::OrderPaid), 0);
}

#[test]
fn an_invoice_is_paid_once_for_what_was_kept() {
    let mut shop = Shop::rakuten();
    let order = shop.place(&rakuten().line("X@shop-a", 3_000, 1).line("Y@shop-a", 2_000, 1).by("deferred"));
    assert_eq!(shop.payment(&order), "authorised: 5250 promised, 0 received, 0 refunded");
    let first = shop.ship(&order, "shop-a", Some(&[part("1", 1)])).expect("shipped");
    shop.deliver(&order, &first).expect("delivered");
    shop.ship(&order, "shop-a", None).expect("shipped");
    let amounts: Vec<i64> =
        shop.order(&order).shipments.iter().map(|sent| sent.method_amount.units()).collect();
    assert_eq!(amounts, [3_250, 2_000]);
    shop.give_back(&order, &[part("1", 1)], ReturnReason::ChangedMind).expect("a return");
    assert_eq!(shop.payment(&order), "authorised: 2250 promised, 0 received, 0 refunded");
    shop.paid(&order).expect("paid");
    assert_eq!(shop.payment(&order), "paid: 0 promised, 2250 received, 0 refunded");
    assert_eq!(told(&shop, EventKind::TransferNeeded), 0);
}

#[test]
fn a_declined_card_ends_the_order_and_there_is_nothing_to_let_go_of() {
    let mut shop = Shop::rakuten();
    shop.grant("rakuten:limited", 1_000, Some("2026-11-30 23:59:59"));
    let cart = rakuten().line("X@shop-a", 4_500, 1).stored("rakuten:limited", "all").by("card");
    let order = shop.try_place(&cart).expect("placed");
    assert_eq!(shop.asks(), "authorise 3500");
    assert_eq!(shop.wallet(), "rakuten:limited 0, rakuten:ordinary 0 + 40 announced");
    let ask = shop.ask("authorise");
    shop.answer(&ask, &refused("insufficient_funds"));
    assert_eq!(shop.payment(&order), "refused: 0 promised, 0 received, 0 refunded");
    assert_eq!((shop.wallet().as_str(), shop.asks().as_str()), ("rakuten:limited 1000", ""));
    assert_eq!(shop.order(&order).state(), GroupState::Cancelled);
    assert_eq!(shop.books().orders_placed, 0);
}

fn with_partner_points(shop: &mut Shop) -> String {
    shop.link("d-point", 1_000);
    let cart = amazon().line("X@amazon", 4_000, 1).stored("d-point", "all").by("card");
    let order = shop.try_place(&cart).expect("placed");
    assert_eq!(shop.asks(), "hold 1000, authorise 3000");
    order
}

#[test]
fn a_partner_that_refuses_ends_the_order_and_the_card_is_let_go() {
    let mut shop = Shop::amazon();
    let order = with_partner_points(&mut shop);
    let hold = shop.ask("hold");
    shop.answer(&hold, &refused("not_enough_points"));
    assert_eq!(shop.payment(&order), "refused: 0 promised, 0 received, 0 refunded");
    assert_eq!(shop.asks(), "void");
    assert_eq!(shop.last_refund(&order), "d-point 1000, card 3000");
}

#[test]
fn a_declined_card_lets_go_of_what_the_partner_holds() {
    let mut shop = Shop::amazon();
    let order = with_partner_points(&mut shop);
    let (hold, authorise) = (shop.ask("hold"), shop.ask("authorise"));
    shop.answer(&hold, &done()).answer(&authorise, &refused("insufficient_funds"));
    assert_eq!(shop.payment(&order), "refused: 0 promised, 0 received, 0 refunded");
    assert_eq!(shop.asks(), "release");
}

#[test]
fn a_partners_points_are_taken_when_the_order_stands_and_given_back_when_it_is_cancelled() {
    let mut shop = Shop::amazon();
    let order = with_partner_points(&mut shop);
    let (hold, authorise) = (shop.ask("hold"), shop.ask("authorise"));
    shop.answer(&authorise, &done());
    assert_eq!(shop.order(&order).payment.state, PaymentState::Asking);
    shop.answer(&hold, &done());
    assert_eq!(shop.asks(), "take 1000");
    assert_eq!(shop.payment(&order), "authorised: 3000 promised, 0 received, 0 refunded");
    shop.agree().cancel(&order, None, CancelBy::Customer).expect("cancelled");
    assert_eq!(shop.asks(), "credit 1000, void");
}

#[test]
fn points_of_three_and_a_half_yen_come_back_all_even_in_parts() {
    let mut shop = Shop::amazon();
    shop.link("okidoki", 285);
    let cart = amazon().line("X@amazon", 500, 2).stored("okidoki", "all").by_linked_card("JCB");
    let order = shop.place(&cart);
    assert_eq!(shop.payment(&order), "authorised: 413 promised, 0 received, 0 refunded");
    shop.cancel(&order, Some(&[part("1", 1)]), CancelBy::Customer).expect("cancelled");
    assert_eq!(
        (shop.last_refund(&order).as_str(), shop.asks().as_str()),
        ("okidoki 499, card 1", "credit 142")
    );
    shop.agree().cancel(&order, None, CancelBy::Customer).expect("cancelled");
    assert_eq!(shop.last_refund(&order), "okidoki 498, card 412");
    assert_eq!(shop.asks(), "credit 143, void");
}

#[test]
fn captures_of_partial_shipments_add_up_exactly() {
    let mut shop = Shop::rakuten();
    shop.member(None, &["SHOPA300"]);
    let cart = rakuten().line("X@shop-a", 700, 3).line("Y@shop-a", 200, 1);
    let order = shop.place(&cart.names(&["SHOPA300"]).by("card"));
    assert_eq!(shop.payment(&order), "authorised: 2600 promised, 0 received, 0 refunded");
    shop.ship(&order, "shop-a", Some(&[part("1", 1)])).expect("shipped");
    shop.ship(&order, "shop-a", Some(&[part("1", 1)])).expect("shipped");
    shop.ship(&order, "shop-a", None).expect("shipped");
    assert_eq!(shop.asks(), "capture 1208, capture 609, capture 783");
    assert_eq!(shop.agree().payment(&order), "paid: 0 promised, 2600 received, 0 refunded");
}

#[test]
fn a_unit_costs_the_same_to_send_whether_or_not_another_was_cancelled_before() {
    let mut shop = Shop::rakuten();
    shop.member(None, &["SHOPA300"]);
    let cart = rakuten().line("X@shop-a", 700, 3).line("Y@shop-a", 200, 1);
    let order = shop.place(&cart.names(&["SHOPA300"]).by("card"));
    shop.cancel(&order, Some(&[part("1", 1)]), CancelBy::Customer).expect("cancelled");
    assert_eq!(shop.last_refund(&order), "card 609");
    shop.ship(&order, "shop-a", Some(&[part("1", 1)])).expect("shipped");
    shop.ship(&order, "shop-a", Some(&[part("1", 1)])).expect("shipped");
    shop.ship(&order, "shop-a", None).expect("shipped");
    assert_eq!(shop.asks(), "capture 1208, capture 609, capture 174");
}

#[test]
fn what_is_cancelled_after_a_part_was_shipped_and_what_is_captured_add_up_exactly() {
    let mut shop = Shop::rakuten();
    shop.member(None, &["SHOPA300"]);
    let cart = rakuten().line("X@shop-a", 700, 3).line("Y@shop-a", 200, 1);
    let order = shop.place(&cart.names(&["SHOPA300"]).by("card"));
    shop.ship(&order, "shop-a", Some(&[part("1", 2)])).expect("shipped");
    shop.cancel(&order, None, CancelBy::Seller).expect("cancelled");
    assert_eq!(shop.last_refund(&order), "card 783");
    assert_eq!(shop.asks(), "capture 1817");
    assert_eq!(shop.agree().payment(&order), "paid: 0 promised, 1817 received, 0 refunded");
}

#[test]
fn what_a_card_has_been_asked_for_is_paid_back_and_not_forgotten() {
    let mut shop = Shop::rakuten();
    shop.grant("rakuten:limited", 1_000, Some("2026-12-31 23:59:59"));
    // Points pay the first line, the card the second.
    let cart = rakuten().line("X@shop-a", 1_000, 1).line("Y@shop-a", 4_000, 1);
    let order = shop.place(&cart.stored("rakuten:limited", "all").by("card"));
    shop.ship(&order, "shop-a", Some(&[part("2", 1)])).expect("shipped");
    assert_eq!(shop.asks(), "capture 4000");
    // The card gets back first, but all of its promise is under way.
    shop.cancel(&order, None, CancelBy::Seller).expect("cancelled");
    assert_eq!(shop.asks(), "capture 4000, refund 1000");
    assert_eq!(shop.agree().payment(&order), "paid: 0 promised, 4000 received, 1000 refunded");
}

#[test]
fn a_capture_answered_twice_is_booked_once() {
    let mut shop = Shop::rakuten();
    let order = shop.place(&rakuten().line("X@shop-a", 4_500, 1).by("card"));
    shop.ship(&order, "shop-a", None).expect("shipped");
    let capture = shop.ask("capture");
    shop.answer(&capture, &done()).answer(&capture, &done());
    assert_eq!(shop.payment(&order), "paid: 0 promised, 4500 received, 0 refunded");
}

#[test]
fn a_capture_that_is_refused_is_a_trouble_to_look_at_once() {
    let mut shop = Shop::rakuten();
    let order = shop.place(&rakuten().line("X@shop-a", 4_500, 1).by("card"));
    shop.ship(&order, "shop-a", None).expect("shipped");
    let capture = shop.ask("capture");
    shop.answer(&capture, &refused("expired")).answer(&capture, &refused("expired"));
    assert_eq!(shop.order(&order).troubles.len(), 1);
    assert_eq!(shop.payment(&order), "authorised: 4500 promised, 0 received, 0 refunded");
}

#[test]
fn cash_on_delivery_is_paid_parcel_by_parcel() {
    let mut shop = Shop::rakuten();
    let order = shop.place(&rakuten().line("X@shop-a", 3_000, 1).line("Y@shop-a", 2_000, 1).by("cod"));
    assert_eq!(shop.payment(&order), "authorised: 5330 promised, 0 received, 0 refunded");
    let first = shop.ship(&order, "shop-a", Some(&[part("2", 1)])).expect("shipped");
    shop.deliver(&order, &first).expect("delivered");
    shop.deliver(&order, &first).expect("heard twice");
    assert_eq!(shop.payment(&order), "authorised: 3000 promised, 2330 received, 0 refunded");
    let second = shop.ship(&order, "shop-a", None).expect("shipped");
    shop.deliver(&order, &second).expect("delivered");
    assert_eq!(shop.payment(&order), "paid: 0 promised, 5330 received, 0 refunded");
}

#[test]
fn a_carrier_collects_nothing_with_a_download() {
    let mut shop = Shop::rakuten();
    shop.grant("rakuten:limited", 500, Some("2026-12-31 23:59:59"));
    let cart = rakuten().line("E:digital@shop-b", 500, 1).line("X@shop-a", 4_000, 1);
    let order = shop.place(&cart.stored("rakuten", "all").by("cod"));
    shop.ship(&order, "shop-b", None).expect("sent");
    let parcel = shop.ship(&order, "shop-a", None).expect("shipped");
    let amounts = [0, 1].map(|place| shop.order(&order).shipments[place].method_amount.units());
    assert_eq!(amounts, [0, 4_330]);
    shop.deliver(&order, &parcel).expect("delivered");
    assert_eq!(shop.payment(&order), "paid: 0 promised, 4330 received, 0 refunded");
}

#[test]
fn an_order_that_stored_value_pays_is_paid_when_it_is_placed() {
    let mut shop = Shop::amazon();
    shop.grant("gift", 5_000, None);
    let order = shop.place(&amazon().line("X@amazon", 4_000, 1).stored("gift", "all"));
    assert_eq!(shop.payment(&order), "paid: 0 promised, 0 received, 0 refunded");
    assert_eq!(told(&shop, EventKind::OrderPaid), 1);
    assert_eq!(shop.wallet(), "gift 1000");
    shop.fulfil(&order, "amazon");
    assert_eq!(shop.order(&order).state(), GroupState::Delivered);
}

// Returns.

fn opened(missing_parts: bool) -> [Finding; 1] {
    [Finding { line_id: "1".to_owned(), opened: true, missing_parts }]
}

fn delivered(shop: &mut Shop, cart: Cart) -> String {
    let order = shop.place(&cart.by("card"));
    shop.fulfil(&order, "shop-a");
    order
}

#[test]
fn opened_goods_and_missing_parts_are_deducted_never_more_than_all() {
    let refund = |market: &[(&str, &str)], findings: &[Finding], reason: ReturnReason| {
        let mut shop = Shop::open(market_with("rakuten-style", market, ""));
        let order = delivered(&mut shop, rakuten().line("X@shop-a", 3_000, 1));
        let number = shop.request_return(&order, &[part("1", 1)], reason).expect("a return");
        shop.inspect(&order, &number, findings).expect("looked at");
        shop.refund(&order, &number).expect("refunded");
        assert_eq!(code(shop.refund(&order, &number)), "wrong_return_state");
        shop.last_refund(&order)
    };
    let greedy = [("opened = \"0.20\"", "opened = \"0.80\"")];
    assert_eq!(refund(&[], &[], ReturnReason::ChangedMind), "card 3000");
    assert_eq!(refund(&[], &opened(false), ReturnReason::ChangedMind), "card 2400");
    assert_eq!(refund(&[], &opened(true), ReturnReason::ChangedMind), "card 900");
    assert_eq!(refund(&greedy, &opened(true), ReturnReason::ChangedMind), "");
    assert_eq!(refund(&greedy, &opened(true), ReturnReason::Defective), "card 3600");
}

#[test]
fn the_seller_at_fault_refunds_shipping_once_nothing_is_kept() {
    let mut shop = Shop::rakuten();
    let order = delivered(&mut shop, rakuten().line("X@shop-a", 1_000, 1).line("Y@shop-a", 1_000, 1));
    shop.give_back(&order, &[part("1", 1)], ReturnReason::Damaged).expect("a return");
    assert_eq!(shop.last_refund(&order), "card 1000");
    shop.give_back(&order, &[part("2", 1)], ReturnReason::WrongItem).expect("a return");
    assert_eq!(shop.last_refund(&order), "card 1600");
    assert_eq!(shop.payment(&order), "paid: 0 promised, 2600 received, 2600 refunded");
}

#[test]
fn a_return_is_asked_for_within_its_window_and_only_of_what_is_there() {
    let mut shop = Shop::rakuten();
    let cart = rakuten().line("X@shop-a", 1_000, 3).line("E:digital@shop-a", 1_000, 1);
    let order = shop.place(&cart.by("card"));
    let why = ReturnReason::ChangedMind;
    assert_eq!(code(shop.request_return(&order, &[part("1", 1)], why)), "not_delivered");
    shop.fulfil(&order, "shop-a");
    assert_eq!(code(shop.request_return(&order, &[part("2", 1)], why)), "never_returned");
    assert_eq!(code(shop.request_return(&order, &[part("1", 2), part("1", 2)], why)), "wrong_quantity");
    shop.until("2026-12-21 23:59:59");
    assert_eq!(code(shop.request_return(&order, &[part("1", 1), part("1", 1)], why)), "done");
    assert_eq!(shop.order(&order).returns[0].lines.len(), 1);
    assert_eq!(code(shop.request_return(&order, &[part("1", 2)], why)), "wrong_quantity");
    shop.until("2026-12-22 00:00");
    assert_eq!(code(shop.request_return(&order, &[part("1", 1)], why)), "return_window_over");
}

#[test]
fn units_of_a_line_give_back_its_net_and_no_yen_more() {
    let mut shop = Shop::rakuten();
    shop.member(None, &["A500"]);
    let order = delivered(&mut shop, rakuten().line("A@shop-a", 500, 3).names(&["A500"]));
    let mut back = Vec::new();
    for _ in 0..3 {
        shop.give_back(&order, &[part("1", 1)], ReturnReason::ChangedMind).expect("a return");
        back.push(shop.last_refund(&order));
    }
    assert_eq!(back, ["card 334", "card 333", "card 333"]);
}

#[test]
fn staff_refunds_and_returns_together_are_never_more_than_was_paid() {
    let mut shop = Shop::rakuten();
    let order = delivered(&mut shop, rakuten().line("X@shop-a", 1_000, 2));
    let by_staff = |shop: &mut Shop, amount: i64| {
        shop.change(&order, "sato", |books, market, operation, order: &Order| {
            refund_by_staff(books, market, operation, order, "1", Money::new(amount))
        })
    };
    assert_eq!(code(by_staff(&mut shop, 2_001)), "too_much");
    assert_eq!(code(by_staff(&mut shop, 0)), "too_much");
    assert_eq!(code(by_staff(&mut shop, 1_500)), "done");
    shop.give_back(&order, &[part("1", 2)], ReturnReason::Defective).expect("a return");
    assert_eq!(shop.last_refund(&order), "card 1100");
    assert_eq!(shop.payment(&order), "paid: 0 promised, 2600 received, 2600 refunded");
    assert_eq!(code(by_staff(&mut shop, 1)), "too_much");
}

#[test]
fn a_deadline_comes_with_the_first_instant_after_its_last_second() {
    let mut shop = Shop::rakuten();
    shop.place(&rakuten().line("X@shop-a", 4_500, 1).by("konbini"));
    let dues: Vec<_> = shop.keeper.dues(support::orders::HANAKO).cloned().collect();
    let deadline = dues.iter().find(|due| due.kind == DueKind::PayDeadline).expect("a deadline");
    assert_eq!(deadline.due_at, support::orders::tokyo("2026-11-25 00:00"));
}
