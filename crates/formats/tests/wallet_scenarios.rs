//! Stored value through time: gift cards, renewal, expiry, adjustments, balances at any instant.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use choba_engine::books::{
    Account, CardState, EntryReason, GiftCard, GrantRefusal, RedeemRefusal, balances, expire_cards, issue,
    judge_redeeming, redeem, wallet_at,
};
use choba_engine::market::ReturnReason;
use choba_engine::money::Money;
use choba_engine::order::CancelBy;
use support::orders::{HANAKO, Shop, market_with, part, tokyo};
use support::{amazon, rakuten};

// Gift cards.

fn card(shop: &mut Shop, id: &str, amount: i64) -> GiftCard {
    let operation = shop.operation("staff");
    let policy = shop.market.policies.gift_cards.clone().expect("gift cards");
    let issued = issue(
        &shop.market,
        &policy,
        &operation,
        Money::new(amount),
        vec![id.to_owned()],
        tokyo("2026-11-22 00:00"),
    )
    .expect("cards");
    assert_eq!(issued.entry.check(), Ok(()));
    issued.cards[0].clone()
}

fn redeemed(shop: &mut Shop, card: &GiftCard) {
    let operation = shop.operation("customer");
    let changes = redeem(&shop.books(), &shop.market, &operation, card).expect("a balance");
    shop.write(&changes);
}

#[test]
fn a_gift_card_lives_ten_years_from_its_issue_whenever_it_is_redeemed() {
    let mut shop = Shop::amazon();
    let card = card(&mut shop, "card1", 3_000);
    let judged =
        |at: &str| judge_redeeming(Some(&card), &shop.market, HANAKO, tokyo(at)).map(|card| card.amount);
    let end = tokyo("2036-11-21 23:59:59");
    assert_eq!(
        judged("2026-11-21 23:59:59"),
        Err(RedeemRefusal::NotYetActive { from: tokyo("2026-11-22 00:00") })
    );
    assert_eq!(judged("2026-11-22 00:00"), Ok(Money::new(3_000)));
    assert_eq!(judged("2036-11-21 23:59:59"), Ok(Money::new(3_000)));
    assert_eq!(judged("2036-11-22 00:00"), Err(RedeemRefusal::Expired { at: end }));
    shop.until("2036-11-21 12:00");
    redeemed(&mut shop, &card);
    assert_eq!(shop.wallet(), "gift 3000");
    assert_eq!(shop.until("2036-11-22 00:00").wallet(), "gift 0 (3000 expired)");
}

#[test]
fn a_gift_card_says_who_has_used_it_without_naming_anybody() {
    let mut shop = Shop::amazon();
    let open = card(&mut shop, "card1", 3_000);
    let at = tokyo("2026-11-23 12:00");
    let judged = |state: CardState| {
        let card = GiftCard { state, ..open.clone() };
        judge_redeeming(Some(&card), &shop.market, HANAKO, at).map(drop).map_err(|refusal| refusal.code())
    };
    let by = |customer: &str| customer.to_owned();
    assert_eq!(judged(CardState::Redeemed { customer_id: by(HANAKO), at }), Err("already_used_by_you"));
    assert_eq!(judged(CardState::Redeemed { customer_id: by("taro"), at }), Err("already_used"));
    assert_eq!(judged(CardState::Reserved { customer_id: by("taro") }), Err("already_used"));
    assert_eq!(judged(CardState::Reserved { customer_id: by(HANAKO) }), Ok(()));
    assert_eq!(judged(CardState::Withdrawn), Err("already_used"));
    let of_nobody = judge_redeeming(None, &shop.market, HANAKO, at);
    assert_eq!(of_nobody, Err(RedeemRefusal::Unknown));
    let elsewhere = market_with("rakuten-style", &[], "");
    assert_eq!(judge_redeeming(Some(&open), &elsewhere, HANAKO, at), Err(RedeemRefusal::Unknown));
}

#[test]
fn the_balance_that_ends_soonest_is_used_first_whichever_was_redeemed_first() {
    let mut shop = Shop::amazon();
    let early = card(&mut shop, "early", 3_000);
    shop.until("2027-05-01 12:00");
    let late = card(&mut shop, "late", 3_000);
    redeemed(&mut shop, &late);
    redeemed(&mut shop, &early);
    let order = shop.place(&amazon().line("X@amazon", 4_000, 1).stored("gift", "all"));
    let used: Vec<i64> = shop.order(&order).tenders[0].lots.iter().map(|lot| lot.points.units()).collect();
    assert_eq!((used, shop.wallet().as_str()), (vec![3_000, 1_000], "gift 2000"));
    let left: Vec<i64> = shop.books().lots.iter().map(|lot| lot.remaining.units()).collect();
    assert_eq!(left, [2_000, 0]);
    // The last used comes back first: it lives longest.
    shop.cancel(&order, None, CancelBy::Customer).expect("cancelled");
    assert_eq!((shop.last_refund(&order).as_str(), shop.wallet().as_str()), ("gift 4000", "gift 6000"));
}

// Renewal.

#[test]
fn ordinary_points_end_with_the_twelfth_month_of_the_newest_grant() {
    let mut shop = Shop::rakuten();
    shop.until("2026-01-31 12:00").grant("rakuten:ordinary", 100, None);
    assert_eq!(shop.until("2026-12-31 23:59:59").wallet(), "rakuten:ordinary 100");
    shop.grant("rakuten:ordinary", 1, None);
    assert_eq!(shop.until("2027-02-28 12:00").wallet(), "rakuten:ordinary 101");
    shop.grant("rakuten:ordinary", 1, None);
    assert_eq!(shop.until("2028-01-31 23:59:59").wallet(), "rakuten:ordinary 102");
    assert_eq!(shop.until("2028-02-01 00:00").wallet(), "rakuten:ordinary 0 (102 expired)");
}

#[test]
fn a_grant_after_the_end_brings_nothing_back() {
    let mut shop = Shop::rakuten();
    shop.until("2026-01-31 12:00").grant("rakuten:ordinary", 100, None);
    // Nobody looked in between: the balance knows all the same.
    assert_eq!(shop.at("2027-01-01 00:00").wallet(), "rakuten:ordinary 0 (100 expired)");
    shop.grant("rakuten:ordinary", 5, None);
    assert_eq!(shop.wallet(), "rakuten:ordinary 5 (100 expired)");
    assert_eq!(shop.until("2027-01-01 00:00").wallet(), "rakuten:ordinary 5 (100 expired)");
    let reasons: Vec<_> = shop.keeper.entries(HANAKO).map(|entry| entry.reason).collect();
    assert_eq!(reasons, [EntryReason::Granted, EntryReason::Granted, EntryReason::Expired]);
}

#[test]
fn other_kinds_keep_their_own_end_and_renew_nothing() {
    let mut shop = Shop::rakuten();
    shop.until("2026-01-31 12:00").grant("rakuten:ordinary", 100, None);
    shop.until("2026-12-01 12:00").grant("rakuten:limited", 50, Some("2027-01-15 23:59:59"));
    shop.grant("rakuten:exchanged", 30, Some("2028-01-15 23:59:59"));
    assert_eq!(
        shop.until("2027-01-01 12:00").wallet(),
        "rakuten:ordinary 0 (100 expired), rakuten:limited 50, rakuten:exchanged 30"
    );
    shop.grant("rakuten:ordinary", 1, None);
    assert_eq!(
        shop.until("2027-01-16 00:00").wallet(),
        "rakuten:ordinary 1 (100 expired), rakuten:limited 0 (50 expired), rakuten:exchanged 30"
    );
}

#[test]
fn pending_points_that_vanish_renew_nothing() {
    let ends_after = |cancelled: bool| {
        let mut shop = Shop::rakuten();
        shop.grant("rakuten:ordinary", 100, None);
        shop.until("2027-10-05 12:00");
        let order = shop.place(&rakuten().line("X@shop-a", 4_500, 1).by("card"));
        assert_eq!(shop.until("2027-10-06 12:00").wallet(), "rakuten:ordinary 100 + 40 pending");
        if cancelled {
            shop.cancel(&order, None, CancelBy::Customer).expect("cancelled");
            assert_eq!(shop.wallet(), "rakuten:ordinary 100");
        }
        shop.until("2027-11-01 00:00").wallet()
    };
    assert_eq!(ends_after(false), "rakuten:ordinary 140");
    assert_eq!(ends_after(true), "rakuten:ordinary 0 (100 expired)");
}

#[test]
fn a_part_of_pending_points_that_stays_renews_even_where_a_debt_took_the_rest() {
    let mut shop = Shop::rakuten();
    let first = shop.place(&rakuten().line("X@shop-a", 4_500, 1).by("card"));
    shop.until("2026-12-12 12:00").fulfil(&first, "shop-a");
    shop.adjust("rakuten:ordinary", -40, None).expect("spent");
    shop.give_back(&first, &[part("1", 1)], ReturnReason::ChangedMind).expect("a return");
    assert_eq!(shop.debt("rakuten"), 40);
    // 40 + 13 points: the debt takes 40 of them, and the 13 that are left are taken back.
    let second = shop.place(&rakuten().line("X@shop-a", 4_500, 1).line("Y@shop-a", 1_500, 1).by("card"));
    assert_eq!(shop.wallet(), "rakuten:ordinary 0 + 13 announced");
    shop.cancel(&second, Some(&[part("2", 1)]), CancelBy::Customer).expect("cancelled");
    assert_eq!((shop.wallet().as_str(), shop.debt("rakuten")), ("rakuten:ordinary 0", 0));
    assert!(shop.books().lots.iter().all(|lot| !lot.void), "40 of them were granted and stay so");
}

#[test]
fn what_comes_back_to_a_renewed_lot_that_was_empty_still_expires() {
    let mut shop = Shop::rakuten();
    shop.grant("rakuten:ordinary", 100, None);
    shop.until("2027-10-20 12:00").grant("rakuten:ordinary", 1, None);
    let order = shop.place(&rakuten().line("X@shop-a", 50, 1).stored("rakuten", "all").by("card"));
    shop.until("2027-11-05 12:00");
    shop.cancel(&order, None, CancelBy::Customer).expect("cancelled");
    assert_eq!(shop.wallet(), "rakuten:ordinary 101");
    assert_eq!(shop.until("2028-10-01 00:00").wallet(), "rakuten:ordinary 0 (101 expired)");
    let booked = shop.books().lots.iter().map(|lot| lot.expired.units()).sum::<i64>();
    assert_eq!(booked, 101);
}

// Adjustments.

#[test]
fn an_adjustment_needs_a_second_person_above_the_limit() {
    let mut shop = Shop::rakuten();
    assert_eq!(shop.adjust("rakuten:ordinary", 10_000, None), Ok(()));
    assert_eq!(shop.adjust("rakuten:ordinary", 10_001, None), Err("needs_second_person".to_owned()));
    assert_eq!(shop.adjust("rakuten:ordinary", 10_001, Some("sato")), Err("same_person".to_owned()));
    assert_eq!(shop.adjust("rakuten:ordinary", 10_001, Some("suzuki")), Ok(()));
    assert_eq!(shop.wallet(), "rakuten:ordinary 20001");
    assert_eq!(shop.adjust("rakuten:ordinary", -10_001, None), Err("needs_second_person".to_owned()));
    assert_eq!(shop.adjust("rakuten:ordinary", -20_002, Some("suzuki")), Err("too_little".to_owned()));
    assert_eq!(shop.adjust("rakuten:ordinary", -20_000, Some("suzuki")), Ok(()));
    assert_eq!(shop.adjust("rakuten:ordinary", 0, None), Err("nothing".to_owned()));
    assert_eq!(shop.wallet(), "rakuten:ordinary 1");
    assert!(shop.keeper.entries(HANAKO).all(|entry| entry.note.as_deref() == Some("a mistake")));
}

#[test]
fn an_adjustment_takes_what_ends_soonest_and_nothing_pending_or_over() {
    let mut shop = Shop::rakuten();
    shop.grant("rakuten:limited", 10, Some("2027-01-31 23:59:59"));
    shop.grant("rakuten:limited", 10, Some("2026-12-31 23:59:59"));
    shop.grant("rakuten:limited", 10, Some("2026-11-21 23:59:59"));
    shop.grant_from("rakuten:limited", 10, Some("2026-11-30 00:00"), Some("2027-01-31 23:59:59"));
    shop.at("2026-11-22 00:00");
    assert_eq!(shop.adjust("rakuten:limited", -21, None), Err("too_little".to_owned()));
    assert_eq!(shop.adjust("rakuten:limited", -15, None), Ok(()));
    let left: Vec<i64> = shop.books().lots.iter().map(|lot| lot.remaining.units()).collect();
    assert_eq!(left, [5, 0, 10, 10]);
}

#[test]
fn an_adjustment_of_one_market_leaves_another_market_alone() {
    let mut shop = Shop::rakuten();
    shop.grant("rakuten:ordinary", 100, None);
    shop.market = market_with("rakuten-style", &[("name = \"rakuten-style\"", "name = \"another\"")], "");
    assert_eq!(shop.adjust("rakuten:ordinary", -1, None), Err("too_little".to_owned()));
}

#[test]
fn what_is_granted_fits_its_program() {
    let mut shop = Shop::amazon();
    let operation = shop.operation("system");
    let new = |program: &str, points: i64, expires_at: Option<&str>| choba_engine::books::NewGrant {
        program: program.to_owned(),
        kind: None,
        points: choba_engine::money::Points::new(points),
        pending_at: None,
        available_at: None,
        expires_at: expires_at.map(tokyo),
        origin: choba_engine::books::Origin::Grant("op".to_owned()),
    };
    let refusal = |new| {
        let granted: Result<_, GrantRefusal> =
            choba_engine::books::grant(&shop.books(), &shop.market, &operation, new);
        granted.map_or_else(|refusal| refusal.code(), |_| "done")
    };
    assert_eq!(refusal(new("d-point", 1, None)), "not_held_here");
    assert_eq!(refusal(new("gitf", 1, None)), "not_held_here");
    assert_eq!(refusal(new("gift", 0, None)), "nothing");
    assert_eq!(refusal(new("gift", 1, Some("2026-11-21 11:59:59"))), "ends_before_it_begins");
    assert_eq!(refusal(new("gift", 1, None)), "done");
}

// At any instant.

#[test]
fn a_balance_is_known_at_any_instant_past_or_future() {
    let mut shop = Shop::rakuten();
    shop.grant("rakuten:limited", 1_000, Some("2026-12-31 23:59:59"));
    shop.until("2026-11-25 12:00");
    let order = shop.place(&rakuten().line("X@shop-a", 4_500, 1).stored("rakuten:limited", 700).by("card"));
    shop.until("2026-11-28 12:00").cancel(&order, None, CancelBy::Customer).expect("cancelled");
    shop.until("2027-01-10 12:00");
    let held = |at: &str| {
        let wallet = wallet_at(&shop.keeper.histories(HANAKO), &shop.market, tokyo(at)).expect("a wallet");
        let rows = wallet
            .balances
            .iter()
            .map(|row| (row.pending.units(), row.available.units(), row.expired.units()));
        rows.collect::<Vec<_>>()
    };
    assert_eq!(held("2026-11-21 11:59:59"), []);
    assert_eq!(held("2026-11-21 12:00"), [(0, 1_000, 0)]);
    assert_eq!(held("2026-11-26 12:00"), [(0, 300, 0), (40, 0, 0)]);
    assert_eq!(held("2026-11-28 12:00"), [(0, 1_000, 0)]);
    assert_eq!(held("2026-12-31 23:59:59"), [(0, 1_000, 0)]);
    assert_eq!(held("2027-01-01 00:00"), [(0, 0, 1_000)]);
    let now = balances(&shop.books(), &shop.market, shop.now).expect("balances");
    assert_eq!(
        now,
        wallet_at(&shop.keeper.histories(HANAKO), &shop.market, shop.now).expect("a wallet").balances
    );
}

#[test]
fn a_forecast_says_what_ends_in_which_month() {
    let mut shop = Shop::rakuten();
    shop.grant("rakuten:limited", 10, Some("2026-12-15 23:59:59"));
    shop.grant("rakuten:limited", 20, Some("2026-12-31 23:59:59"));
    shop.grant("rakuten:ordinary", 5, None);
    shop.grant_from("rakuten:ordinary", 7, Some("2026-12-20 00:00"), None);
    let forecast = |shop: &Shop, at: &str| {
        let wallet = wallet_at(&shop.keeper.histories(HANAKO), &shop.market, tokyo(at)).expect("a wallet");
        let rows = wallet.forecast(&shop.market).expect("a forecast").into_iter();
        rows.map(|row| (row.month.expect("a month").to_string(), row.points.units())).collect::<Vec<_>>()
    };
    let row = |month: &str, points: i64| (month.to_owned(), points);
    assert_eq!(
        forecast(&shop, "2026-11-21 12:00"),
        [row("2026-12-01", 30), row("2027-10-01", 5), row("2027-11-01", 7)]
    );
    // The lot that ended on the 15th is over, and the newest grant has renewed the older one.
    assert_eq!(forecast(&shop, "2026-12-20 12:00"), [row("2026-12-01", 20), row("2027-11-01", 12)]);
}

#[test]
fn entries_never_go_back_in_time_even_where_a_clock_does() {
    let mut shop = Shop::rakuten();
    shop.grant("rakuten:limited", 10, Some("2026-12-15 23:59:59"));
    shop.at("2026-11-20 12:00").grant("rakuten:limited", 10, Some("2026-12-15 23:59:59"));
    let times: Vec<_> = shop.keeper.entries(HANAKO).map(|entry| entry.at).collect();
    assert_eq!(times, [tokyo("2026-11-21 12:00"); 2]);
}

#[test]
fn postings_of_an_order_say_where_each_yen_came_from_and_went() {
    let mut shop = Shop::rakuten();
    shop.grant("rakuten:limited", 500, Some("2026-12-31 23:59:59"));
    let order = shop.place(&rakuten().line("X@shop-a", 4_500, 1).stored("rakuten", "all").by("cod"));
    let sum = |account: Account| -> i64 {
        let of_order = shop.keeper.entries(HANAKO).filter(|entry| entry.order_id.as_ref() == Some(&order));
        of_order.flat_map(|entry| &entry.postings).filter(|p| p.account == account).map(|p| p.amount).sum()
    };
    assert_eq!(sum(Account::seller("shop-a")), -4_500);
    assert_eq!(sum(Account::fees()), -330);
    assert_eq!(sum(Account::method_promised("cod")), 4_330);
    assert_eq!(sum(Account::program_paid("rakuten")), 500);
    assert_eq!(sum(Account::wallet("rakuten")), -500 + 40);
    assert_eq!(sum(Account::spent("rakuten")), 500);
    assert_eq!(sum(Account::granted("rakuten")), -40);
}

#[test]
fn what_an_order_earns_is_announced_the_same_day_and_pending_from_the_next() {
    let mut shop = Shop::rakuten();
    shop.member(Some("gold"), &[]);
    shop.place(&rakuten().line("X@shop-a", 4_400, 1).by("card"));
    let first = "rakuten:ordinary 0 + 40 announced, rakuten:limited 0 + 20 announced";
    assert_eq!(shop.at("2026-11-21 23:59:59").wallet(), first);
    let next_day = "rakuten:ordinary 0 + 40 pending, rakuten:limited 0 + 20 announced";
    assert_eq!(shop.at("2026-11-22 00:00").wallet(), next_day);
    assert_eq!(shop.at("2026-12-11 23:59:59").wallet(), next_day);
    assert_eq!(shop.at("2026-12-12 00:00").wallet(), "rakuten:ordinary 40, rakuten:limited 0 + 20 announced");
    // What is granted on a day of its own is never pending.
    assert_eq!(shop.at("2026-12-15 00:00").wallet(), "rakuten:ordinary 40, rakuten:limited 20");
}

#[test]
fn what_an_order_earned_is_told_as_of_any_instant_whenever_it_is_asked() {
    let mut shop = Shop::rakuten();
    shop.place(&rakuten().line("X@shop-a", 4_500, 1).by("card"));
    shop.until("2027-02-01 12:00");
    let histories = shop.keeper.histories(HANAKO);
    let held = |at: &str| {
        let wallet = wallet_at(&histories, &shop.market, tokyo(at)).expect("a wallet");
        let row = wallet.balances.first().expect("a balance");
        [row.announced.units(), row.pending.units(), row.available.units()]
    };
    assert_eq!(held("2026-11-21 12:00"), [40, 0, 0]);
    assert_eq!(held("2026-11-22 00:00"), [0, 40, 0]);
    assert_eq!(held("2026-12-12 00:00"), [0, 0, 40]);
}

#[test]
fn cards_that_nobody_redeems_in_time_are_not_owed_any_more() {
    let mut shop = Shop::amazon();
    let (one, other) = (card(&mut shop, "card-1", 3_000), card(&mut shop, "card-2", 500));
    let operation = shop.operation("system");
    let entry = expire_cards(&operation, &[one.clone(), other]).expect("an entry");
    let postings: Vec<(&str, i64)> =
        entry.postings.iter().map(|posting| (posting.account.as_str(), posting.amount)).collect();
    assert_eq!(postings, [("cards_expired:gift", 3_500), ("cards_open:gift", -3_500)]);
    let booked = GiftCard { state: CardState::Expired, ..one };
    // Even if a clock went back meanwhile.
    let refusal = judge_redeeming(Some(&booked), &shop.market, "hanako", shop.now);
    assert_eq!(refusal.expect_err("too late").code(), "expired");
}
