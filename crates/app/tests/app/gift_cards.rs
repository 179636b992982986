//! Gift cards: issued, bought, replaced.

use choba_app::{
    AppError, IssueGiftCards, IssueOutcome, IssuedBatch, Key, KnownMarket, RedeemGiftCard, Whose,
};
use choba_engine::books::{CardState, RedeemRefusal};
use choba_engine::market::ItemKind;
use choba_engine::money::Money;
use choba_engine::order::OrderRefusal;
use choba_store::books::{MARKET_BOOKS, entries_of_customer};
use choba_store::sql::{Statement, Type, Value};

use crate::on_both;
use crate::support::{Bench, Cart, all_rows, amazon, books_are_fine, noon, taro, time};

on_both!(
    cards_are_issued_with_their_value_in_the_journal,
    a_repeated_key_answers_the_batch_and_never_the_codes,
    counts_and_amounts_have_limits,
    a_batch_of_ten_thousand_is_issued_at_once,
    no_code_is_in_the_database,
    a_bought_card_is_delivered_once_and_paid_by_the_card,
    bought_cards_wait_for_the_payment,
    two_that_deliver_at_once_give_each_card_one_code,
    a_reissued_card_has_a_new_code_and_the_old_one_is_worth_nothing,
    a_redeemed_card_is_not_reissued,
    cards_that_nobody_redeems_in_time_are_booked_and_not_owed_any_more,
);

/// What an account comes to over the journals of all customers.
static ACCOUNT: Statement = Statement::new(
    "test: what an account comes to",
    &[("account", Type::Text)],
    "SELECT :row, CAST(coalesce(sum(p.amount), 0) AS bigint)
     FROM {rows} LEFT JOIN postings AS p ON p.account = :account GROUP BY :row",
);

static HASHES: Statement = Statement::new(
    "test: hashes of codes",
    &[("least", Type::Text)],
    "SELECT :row, g.code_hash FROM {rows} JOIN gift_cards AS g ON g.code_hash > :least",
);

/// What an account of the gift program comes to.
pub async fn account(bench: &Bench, account: &str) -> i64 {
    let row: Vec<Value> = vec![format!("{account}:gift").into()];
    all_rows(&bench.counter, &ACCOUNT, row).await[0].int(0).unwrap()
}

pub fn batch_of(bench: &Bench, count: usize, amount: i64) -> IssueGiftCards {
    IssueGiftCards {
        market: "amazon-style".to_owned(),
        count,
        amount: Money::new(amount),
        active_from: None,
        note: Some("winter campaign".to_owned()),
        by: "keiko".to_owned(),
        key: bench.key("issue_gift_cards", "amazon-style"),
    }
}

pub async fn issue(bench: &Bench, issue: IssueGiftCards) -> IssuedBatch {
    match bench.counter.issue_gift_cards(issue, noon()).await.unwrap() {
        IssueOutcome::Issued(batch) => batch,
        other => panic!("expected cards, found {other:?}"),
    }
}

/// A try by a customer, from an address of their own.
pub fn redeeming(customer_id: &str, code: &str, key: &str) -> RedeemGiftCard {
    RedeemGiftCard {
        whose: Whose::new(customer_id, "amazon-style"),
        code: code.to_owned(),
        address: format!("address of {customer_id}"),
        key: key.to_owned(),
    }
}

async fn cards_are_issued_with_their_value_in_the_journal(bench: Bench) {
    let batch = issue(&bench, batch_of(&bench, 3, 5_000)).await;
    assert_eq!(batch.cards.len(), 3);
    assert_eq!(batch.cards[0].expires_at, time("2036-11-21T23:59:59+09:00"));
    let entries =
        entries_of_customer(bench.counter.store(), MARKET_BOOKS, "amazon-style", "", 10).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].note.as_deref(), &*entries[0].made_by), (Some("winter campaign"), "keiko"));
    assert_eq!(
        (account(&bench, "cards_open").await, account(&bench, "cards_issued").await),
        (15_000, -15_000)
    );
    let kept = bench.counter.gift_cards_of_batch(&batch.batch_id, None, 10).await.unwrap();
    assert!(kept.iter().all(|card| card.state == CardState::Active && card.amount == Money::new(5_000)));
    let after = bench.counter.gift_cards_of_batch(&batch.batch_id, Some(&kept[0].card_id), 10).await.unwrap();
    assert_eq!(after, kept[1..]);
}

async fn a_repeated_key_answers_the_batch_and_never_the_codes(bench: Bench) {
    let asked = batch_of(&bench, 2, 1_000);
    let batch = issue(&bench, asked.clone()).await;
    let again = bench.counter.issue_gift_cards(asked.clone(), noon()).await;
    assert_eq!(again, Ok(IssueOutcome::IssuedBefore { batch_id: batch.batch_id }));
    let key = Key::new(&asked.key.key, "issue_gift_cards", "amazon-style", b"another body").unwrap();
    let other = bench.counter.issue_gift_cards(IssueGiftCards { key, ..asked }, noon()).await;
    assert_eq!(other, Err(AppError::KeyReused));
    assert_eq!(account(&bench, "cards_open").await, 2_000);
}

/// A market that has no terms for gift cards.
fn without_cards() -> Vec<(String, String)> {
    let text = "[market]\nname = \"plain\"\ncurrency = \"JPY\"\ntime_zone = \"Asia/Tokyo\"\ntax_rates = [\"0.10\"]\n\
                standard_tax_rate = \"0.10\"\n";
    vec![("market.toml".to_owned(), text.to_owned())]
}

async fn counts_and_amounts_have_limits(bench: Bench) {
    let at = noon();
    bench.counter.open_market(KnownMarket::from_files(without_cards()).unwrap(), at).await.unwrap();
    let market = "plain".to_owned();
    let after_expiry = Some(time("2036-11-22T00:00:00+09:00"));
    for (asked, field) in [
        (batch_of(&bench, 0, 1_000), "/count"),
        (batch_of(&bench, 10_001, 1_000), "/count"),
        (batch_of(&bench, 1, 0), "/amount"),
        (batch_of(&bench, 1, 500_001), "/amount"),
        (IssueGiftCards { active_from: after_expiry, ..batch_of(&bench, 1, 1_000) }, "/active_from"),
        (IssueGiftCards { market, ..batch_of(&bench, 1, 1_000) }, "/market"),
    ] {
        match bench.counter.issue_gift_cards(asked, noon()).await {
            Err(AppError::Field { field: found, .. }) => assert_eq!(found, field),
            other => panic!("expected a fault of {field}, found {other:?}"),
        }
    }
    assert_eq!(account(&bench, "cards_open").await, 0);
}

async fn a_batch_of_ten_thousand_is_issued_at_once(bench: Bench) {
    let batch = issue(&bench, batch_of(&bench, 10_000, 1)).await;
    let mut codes: Vec<String> = batch.cards.iter().map(|card| card.code.in_groups()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), 10_000);
    assert_eq!(account(&bench, "cards_open").await, 10_000);
}

async fn no_code_is_in_the_database(bench: Bench) {
    let batch = issue(&bench, batch_of(&bench, 1, 1_000)).await;
    let hashes = all_rows(&bench.counter, &HASHES, vec!["".into()]).await;
    assert_eq!(hashes.len(), 1);
    let shown = batch.cards[0].code.in_groups();
    let hash = hashes[0].text(0).unwrap();
    assert!(!hash.to_uppercase().contains(&shown.replace('-', "")));
    assert!(!format!("{batch:?}").contains(&shown));
}

fn two_cards() -> Cart {
    amazon().line("GC3000:gift_card@amazon", 3_000, 2).by("card")
}

async fn a_bought_card_is_delivered_once_and_paid_by_the_card(bench: Bench) {
    let order = bench.place(&taro(), &two_cards(), noon()).await;
    let delivered = bench.counter.deliver_gift_cards("taro", &order.order_id, noon()).await.unwrap();
    assert_eq!(delivered.cards.len(), 2);
    assert!(delivered.cards.iter().all(|card| card.amount == Money::new(3_000)));
    let kept = bench.order(&taro(), &order.order_id).await.order;
    assert!(kept.lines.iter().all(|line| line.kind == ItemKind::GiftCard && line.delivered == 2));
    assert_eq!(kept.payment.received, Money::new(6_000));
    assert_eq!((account(&bench, "cards_open").await, account(&bench, "cards_issued").await), (6_000, -6_000));
    let again = bench.counter.deliver_gift_cards("taro", &order.order_id, noon()).await.unwrap();
    assert_eq!(again.cards, []);
    assert_eq!(bench.counter.gift_cards_of_batch(&order.order_id, None, 10).await.unwrap().len(), 2);
    let code = delivered.cards[0].code.in_groups();
    let redeemed = bench.counter.redeem_gift_card(redeeming("jiro", &code, "k"), noon()).await.unwrap();
    assert_eq!(redeemed.amount, Money::new(3_000));
}

async fn bought_cards_wait_for_the_payment(bench: Bench) {
    let order = bench.place(&taro(), &two_cards().by("konbini"), noon()).await;
    let early = bench.counter.deliver_gift_cards("taro", &order.order_id, noon()).await;
    assert!(matches!(early, Err(AppError::Order(OrderRefusal::WrongPaymentState { .. }))), "{early:?}");
    bench.counter.order_paid("taro", &order.order_id, "konbini", noon()).await.unwrap();
    let delivered = bench.counter.deliver_gift_cards("taro", &order.order_id, noon()).await.unwrap();
    assert_eq!(delivered.cards.len(), 2);
    let physical = bench.place(&taro(), &amazon().line("B@amazon", 5_000, 1).by("card"), noon()).await;
    assert_eq!(bench.counter.deliver_gift_cards("taro", &physical.order_id, noon()).await.unwrap().cards, []);
}

async fn two_that_deliver_at_once_give_each_card_one_code(bench: Bench) {
    let order = bench.place(&taro(), &two_cards(), noon()).await;
    let mut both = Vec::new();
    for _ in 0..8 {
        let (counter, order_id) = (bench.counter.clone(), order.order_id.clone());
        both.push(tokio::spawn(async move { counter.deliver_gift_cards("taro", &order_id, noon()).await }));
    }
    let mut cards = Vec::new();
    for one in both {
        cards.extend(one.await.unwrap().unwrap().cards);
    }
    assert_eq!(cards.len(), 2);
    for (place, card) in cards.iter().enumerate() {
        let try_it = redeeming("jiro", &card.code.in_groups(), &format!("k{place}"));
        bench.counter.redeem_gift_card(try_it, noon()).await.unwrap();
    }
    assert_eq!(account(&bench, "wallet").await, 6_000);
    assert_eq!(account(&bench, "cards_open").await, 0);
}

async fn a_reissued_card_has_a_new_code_and_the_old_one_is_worth_nothing(bench: Bench) {
    let batch = issue(&bench, batch_of(&bench, 1, 5_000)).await;
    let old = &batch.cards[0];
    let later = time("2027-01-05T09:00:00+09:00");
    let new = bench.counter.reissue_gift_card(&old.card_id, "keiko", later).await.unwrap();
    assert_eq!((new.amount, new.expires_at, new.active_from), (old.amount, old.expires_at, old.active_from));
    assert_ne!(new.code, old.code);
    assert_eq!(account(&bench, "cards_open").await, 5_000);
    let used = Err(AppError::Redeem(RedeemRefusal::AlreadyUsed));
    let by_old = redeeming("taro", &old.code.in_groups(), "k1");
    assert_eq!(bench.counter.redeem_gift_card(by_old, later).await, used);
    let again = bench.counter.reissue_gift_card(&old.card_id, "keiko", later).await;
    assert_eq!(again, Err(AppError::Redeem(RedeemRefusal::AlreadyUsed)));
    let by_new = redeeming("taro", &new.code.in_groups(), "k2");
    assert!(bench.counter.redeem_gift_card(by_new, later).await.is_ok());
    assert_eq!(bench.counter.gift_cards_of_batch(&batch.batch_id, None, 10).await.unwrap().len(), 2);
}

async fn a_redeemed_card_is_not_reissued(bench: Bench) {
    let batch = issue(&bench, batch_of(&bench, 1, 5_000)).await;
    let code = batch.cards[0].code.in_groups();
    bench.counter.redeem_gift_card(redeeming("taro", &code, "k"), noon()).await.unwrap();
    let refused = bench.counter.reissue_gift_card(&batch.cards[0].card_id, "keiko", noon()).await;
    assert_eq!(refused, Err(AppError::Redeem(RedeemRefusal::AlreadyUsed)));
    let unknown = bench.counter.reissue_gift_card("card_none", "keiko", noon()).await;
    assert!(matches!(unknown, Err(AppError::NotFound { .. })));
}

async fn cards_that_nobody_redeems_in_time_are_booked_and_not_owed_any_more(bench: Bench) {
    let batch = issue(&bench, batch_of(&bench, 3, 2_000)).await;
    let redeemed = redeeming("taro", &batch.cards[0].code.in_groups(), "redeem");
    bench.counter.redeem_gift_card(redeemed, noon()).await.unwrap();
    let work = |at: &str| bench.counter.do_what_is_due("worker", time(at), 10);
    assert_eq!(work("2036-11-21T23:59:59+09:00").await.unwrap().gift_cards_expired, 0);
    let end = "2036-11-22T00:00:00+09:00";
    let report = work(end).await.unwrap();
    assert_eq!((report.gift_cards_expired, report.failed), (2, 0));
    assert_eq!(work(end).await.unwrap().gift_cards_expired, 0);
    assert_eq!((account(&bench, "cards_open").await, account(&bench, "cards_expired").await), (0, 4_000));
    let owed = bench.counter.liability_report("amazon-style", time(end)).await.unwrap();
    assert_eq!(owed.programs[0].gift_cards, 0);
    let before =
        bench.counter.liability_report("amazon-style", time("2036-11-21T12:00:00+09:00")).await.unwrap();
    assert_eq!(before.programs[0].gift_cards, 4_000);
    let months = bench.counter.value_report("amazon-style", noon(), time("2037-01-01T00:00:00+09:00")).await;
    let months = months.unwrap();
    let told = |month: usize| (months[month].cards_redeemed, months[month].cards_expired);
    assert_eq!((told(0), told(1)), ((2_000, 0), (0, 4_000)));
    let late = redeeming("jiro", &batch.cards[1].code.in_groups(), "late");
    let refused = bench.counter.redeem_gift_card(late, time(end)).await;
    assert!(matches!(refused, Err(AppError::Redeem(RedeemRefusal::Expired { .. }))), "{refused:?}");
    books_are_fine(&bench).await;
}
