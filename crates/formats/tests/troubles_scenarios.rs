//! What is left when somebody refuses or does not answer, and returns that do not come: stories with the books
//! after each step.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use choba_engine::books::{Ask, EventKind};
use choba_engine::market::ReturnReason;
use choba_engine::order::{
    CancelBy, EndTrouble, HowEnded, OrderRefusal, ReturnState, ask_again, end_trouble, receive, unanswered,
};
use support::orders::{HANAKO, Shop, done, market_with, part, refused};
use support::{amazon, rakuten};

fn told(shop: &Shop, kind: EventKind) -> usize {
    shop.keeper.events(HANAKO).filter(|event| event.kind == kind).count()
}

fn code(result: Result<impl Sized, OrderRefusal>) -> &'static str {
    result.map_or_else(|refusal| refusal.code(), |_| "done")
}

fn asked_again(shop: &mut Shop, order: &str, ask: &Ask) -> &'static str {
    code(shop.change(order, "sato", |books, _, operation, order| ask_again(books, operation, order, ask)))
}

fn ended(shop: &mut Shop, order: &str, ask: &Ask, how: EndTrouble) -> &'static str {
    code(shop.change(order, "sato", |books, _, operation, order| {
        end_trouble(books, operation, order, ask, how, Some("by bank transfer"))
    }))
}

fn not_answered(shop: &mut Shop, order: &str, ask: &Ask) {
    shop.change(order, "system", |books, _, operation, order| unanswered(books, operation, order, ask))
        .expect("noted");
}

fn how(shop: &Shop, order: &str) -> Vec<Option<HowEnded>> {
    let troubles = shop.order(order).troubles;
    troubles.into_iter().map(|trouble| trouble.ended.map(|ended| ended.how)).collect()
}

// What a card promised and does not have to pay.

#[test]
fn what_is_left_of_a_promise_is_let_go_after_the_last_payment() {
    let mut shop = Shop::rakuten();
    let cart = rakuten().line("X@shop-a", 3_000, 1).line("Y@shop-a", 2_000, 1);
    let order = shop.place(&cart.by("card"));
    shop.cancel(&order, Some(&[part("2", 1)]), CancelBy::Customer).expect("cancelled");
    assert_eq!(shop.asks(), "");
    shop.ship(&order, "shop-a", None).expect("shipped");
    assert_eq!(shop.asks(), "capture 3000");
    let capture = shop.ask("capture");
    shop.answer(&capture, &done()).answer(&capture, &done());
    assert_eq!(shop.asks(), "void");
    assert_eq!(shop.agree().payment(&order), "paid: 0 promised, 3000 received, 0 refunded");
}

#[test]
fn nothing_is_let_go_of_a_promise_that_is_paid_as_a_whole() {
    let mut shop = Shop::rakuten();
    let order = shop.place(&rakuten().line("X@shop-a", 5_000, 2).by("card"));
    shop.ship(&order, "shop-a", Some(&[part("1", 1)])).expect("shipped");
    shop.ship(&order, "shop-a", None).expect("shipped");
    shop.agree();
    assert!(!shop.order(&order).payment.let_go);
}

#[test]
fn a_promise_is_not_let_go_while_a_payment_of_it_may_be_asked_for_again() {
    let mut shop = Shop::rakuten();
    let order = shop.place(&rakuten().line("X@shop-a", 3_000, 1).line("Y@shop-a", 2_000, 1).by("card"));
    shop.ship(&order, "shop-a", Some(&[part("1", 1)])).expect("shipped");
    let capture = shop.ask("capture");
    shop.answer(&capture, &refused("issuer_down"));
    shop.cancel(&order, None, CancelBy::Seller).expect("cancelled");
    assert_eq!(shop.asks(), "");
    assert_eq!(asked_again(&mut shop, &order, &capture), "done");
    assert_eq!(shop.asks(), "capture 3000");
    let again = shop.ask("capture");
    shop.answer(&again, &done());
    assert_eq!(shop.asks(), "void");
}

// Troubles.

#[test]
fn a_refused_payment_is_asked_for_anew_until_the_card_pays() {
    let mut shop = Shop::rakuten();
    let order = shop.place(&rakuten().line("X@shop-a", 4_500, 1).by("card"));
    shop.ship(&order, "shop-a", None).expect("shipped");
    let first = shop.ask("capture");
    shop.answer(&first, &refused("insufficient_funds"));
    assert_eq!(told(&shop, EventKind::OrderInTrouble), 1);
    assert_eq!(asked_again(&mut shop, &order, &first), "done");
    assert_eq!(asked_again(&mut shop, &order, &first), "no_trouble");
    let second = shop.ask("capture");
    assert_ne!(second.ask_id, first.ask_id);
    shop.answer(&second, &refused("insufficient_funds"));
    assert_eq!(shop.order(&order).open_troubles().count(), 1);
    assert_eq!(asked_again(&mut shop, &order, &second), "done");
    assert_eq!(shop.agree().payment(&order), "paid: 0 promised, 4500 received, 0 refunded");
    assert_eq!(shop.order(&order).open_troubles().count(), 0);
}

#[test]
fn money_that_a_card_did_not_pay_may_come_another_way_and_goes_back_that_way() {
    let mut shop = Shop::rakuten();
    let order = shop.place(&rakuten().line("X@shop-a", 4_500, 1).by("card"));
    let shipment = shop.ship(&order, "shop-a", None).expect("shipped");
    shop.deliver(&order, &shipment).expect("delivered");
    let capture = shop.ask("capture");
    shop.answer(&capture, &refused("expired"));
    assert_eq!(ended(&mut shop, &order, &capture, EndTrouble::Closed), "wrong_trouble");
    assert_eq!(ended(&mut shop, &order, &capture, EndTrouble::PaidOtherwise), "done");
    assert_eq!(shop.payment(&order), "paid: 0 promised, 4500 received, 0 refunded");
    // The card has paid nothing, so all of its promise is let go.
    assert_eq!(shop.asks(), "void");
    shop.agree().give_back(&order, &[part("1", 1)], ReturnReason::ChangedMind).expect("a return");
    assert_eq!((shop.asks().as_str(), told(&shop, EventKind::TransferNeeded)), ("", 1));
    assert_eq!(shop.payment(&order), "paid: 0 promised, 4500 received, 4500 refunded");
}

#[test]
fn goods_that_came_back_before_the_card_paid_are_refunded_when_it_has() {
    let mut shop = Shop::rakuten();
    let order = shop.place(&rakuten().line("X@shop-a", 1_000, 2).by("card"));
    let shipment = shop.ship(&order, "shop-a", None).expect("shipped");
    shop.deliver(&order, &shipment).expect("delivered");
    let capture = shop.ask("capture");
    shop.answer(&capture, &refused("issuer_down"));
    shop.give_back(&order, &[part("1", 1)], ReturnReason::ChangedMind).expect("a return");
    assert_eq!(shop.asks(), "refund 1000");
    // There is nothing over there to refund.
    shop.agree();
    assert_eq!(asked_again(&mut shop, &order, &capture), "done");
    assert_eq!(shop.asks(), "capture 2600, refund 1000");
    assert_eq!(shop.agree().payment(&order), "paid: 0 promised, 2600 received, 1000 refunded");
}

#[test]
fn points_that_a_partner_does_not_give_are_asked_for_again_or_left() {
    let mut shop = Shop::amazon();
    shop.link("d-point", 1_000);
    let cart = amazon().line("X@amazon", 4_000, 1).stored("d-point", "all").by("card");
    let order = shop.try_place(&cart).expect("placed");
    let (hold, authorise) = (shop.ask("hold"), shop.ask("authorise"));
    shop.answer(&hold, &done()).answer(&authorise, &done());
    let take = shop.ask("take");
    shop.answer(&take, &refused("not_open"));
    assert_eq!(asked_again(&mut shop, &order, &take), "done");
    assert_eq!(shop.asks(), "take 1000");
    let take = shop.ask("take");
    shop.answer(&take, &refused("not_open"));
    assert_eq!(ended(&mut shop, &order, &take, EndTrouble::PaidOtherwise), "wrong_trouble");
    assert_eq!(ended(&mut shop, &order, &take, EndTrouble::Closed), "done");
    let (again, closed) = (HowEnded::AskedAgain(take.ask_id), HowEnded::Closed);
    assert_eq!(how(&shop, &order), [Some(again), Some(closed)]);
}

#[test]
fn a_party_that_never_answers_is_a_trouble_until_it_does() {
    let mut shop = Shop::rakuten();
    let order = shop.try_place(&rakuten().line("X@shop-a", 4_500, 1).by("card")).expect("placed");
    let ask = shop.ask("authorise");
    not_answered(&mut shop, &order, &ask);
    not_answered(&mut shop, &order, &ask);
    assert_eq!((shop.order(&order).troubles.len(), told(&shop, EventKind::OrderInTrouble)), (1, 1));
    assert_eq!(ended(&mut shop, &order, &ask, EndTrouble::Closed), "wrong_trouble");
    // Perhaps it was done, so it stays the same ask.
    assert_eq!(asked_again(&mut shop, &order, &ask), "done");
    assert_eq!(shop.asks(), "authorise 4500");
    not_answered(&mut shop, &order, &ask);
    shop.answer(&ask, &done());
    assert_eq!(shop.payment(&order), "authorised: 4500 promised, 0 received, 0 refunded");
    assert_eq!(how(&shop, &order), [Some(HowEnded::AskedAgain(ask.ask_id)), Some(HowEnded::Answered)]);
}

#[test]
fn a_refund_that_is_answered_at_last_ends_its_trouble() {
    let mut shop = Shop::rakuten();
    let order = shop.place(&rakuten().line("X@shop-a", 4_500, 1).by("card"));
    shop.fulfil(&order, "shop-a");
    shop.give_back(&order, &[part("1", 1)], ReturnReason::ChangedMind).expect("a return");
    let refund = shop.ask("refund");
    not_answered(&mut shop, &order, &refund);
    shop.answer(&refund, &done());
    assert_eq!(how(&shop, &order), [Some(HowEnded::Answered)]);
}

// Returns that do not come.

#[test]
fn a_return_is_withdrawn_until_it_has_arrived_and_its_goods_can_be_returned_again() {
    let mut shop = Shop::rakuten();
    let order = shop.place(&rakuten().line("X@shop-a", 1_000, 2).by("card"));
    shop.fulfil(&order, "shop-a");
    let why = ReturnReason::ChangedMind;
    let first = shop.request_return(&order, &[part("1", 2)], why).expect("a return");
    assert_eq!(code(shop.request_return(&order, &[part("1", 1)], why)), "not_delivered");
    shop.withdraw(&order, &first).expect("withdrawn");
    assert_eq!(code(shop.withdraw(&order, &first)), "wrong_return_state");
    assert_eq!(told(&shop, EventKind::ReturnWithdrawn), 1);
    let second = shop.request_return(&order, &[part("1", 1)], why).expect("a return");
    shop.inspect(&order, &second, &[]).expect("looked at");
    assert_eq!(code(shop.withdraw(&order, &second)), "wrong_return_state");
    shop.refund(&order, &second).expect("refunded");
    assert_eq!(shop.last_refund(&order), "card 1000");
}

#[test]
fn a_return_that_does_not_arrive_in_time_is_withdrawn_and_taken_all_the_same_if_it_comes() {
    let within = ("window_days = 30", "window_days = 30\narrive_within_days = 14");
    let mut shop = Shop::open(market_with("rakuten-style", &[within], ""));
    let order = shop.place(&rakuten().line("X@shop-a", 1_000, 2).by("card"));
    shop.fulfil(&order, "shop-a");
    let number = shop.request_return(&order, &[part("1", 2)], ReturnReason::Damaged).expect("a return");
    let state = |shop: &Shop| shop.order(&order).return_of(&number).expect("the return").state;
    shop.until("2026-12-05 23:59:59");
    assert_eq!(state(&shop), ReturnState::Requested);
    shop.until("2026-12-06 00:00");
    assert_eq!((state(&shop), shop.order(&order).lines[0].returning), (ReturnState::Withdrawn, 0));
    shop.inspect(&order, &number, &[]).expect("it came after all");
    shop.refund(&order, &number).expect("refunded");
    assert_eq!(shop.last_refund(&order), "card 2600");
}

#[test]
fn what_comes_late_is_not_taken_for_goods_that_another_return_is_of() {
    let mut shop = Shop::rakuten();
    let order = shop.place(&rakuten().line("X@shop-a", 1_000, 2).by("card"));
    shop.fulfil(&order, "shop-a");
    let why = ReturnReason::ChangedMind;
    let first = shop.request_return(&order, &[part("1", 2)], why).expect("a return");
    shop.withdraw(&order, &first).expect("withdrawn");
    shop.request_return(&order, &[part("1", 1)], why).expect("another");
    let late =
        shop.change(&order, "staff", |books, _, operation, order| receive(books, operation, order, &first));
    assert_eq!(code(late), "wrong_quantity");
}

// Coupons.

#[test]
fn coupons_come_back_when_nothing_is_kept_whether_it_was_cancelled_or_returned() {
    let returning = [("coupons_return = false", "coupons_return = true")];
    let uses = |market: &[(&str, &str)], at: &str| {
        let mut shop = Shop::open(market_with("rakuten-style", market, ""));
        shop.member(None, &["SHOPA300"]);
        let cart = rakuten().line("X@shop-a", 2_000, 1).line("Y@shop-a", 2_000, 2);
        let order = shop.place(&cart.names(&["SHOPA300"]).by("card"));
        shop.cancel(&order, Some(&[part("1", 1)]), CancelBy::Customer).expect("cancelled");
        shop.until(at).fulfil(&order, "shop-a");
        let why = ReturnReason::ChangedMind;
        shop.give_back(&order, &[part("2", 1)], why).expect("a return");
        let in_part = shop.books().coupons[0].uses;
        shop.give_back(&order, &[part("2", 1)], why).expect("a return");
        (in_part, shop.books().coupons[0].uses)
    };
    assert_eq!(uses(&returning, "2026-11-23 12:00"), (1, 0));
    assert_eq!(uses(&returning, "2026-12-01 12:00"), (1, 1), "the coupon has ended");
    assert_eq!(uses(&[], "2026-11-23 12:00"), (1, 1));
}
