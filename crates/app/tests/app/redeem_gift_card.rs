//! Redeeming gift cards: once, by one, without helping who guesses.

use choba_app::{AppError, GiftCardCode, IssueGiftCards, IssuedGiftCard, RedeemGiftCard, RedeemedGiftCard};
use choba_engine::books::{CardState, RedeemRefusal};
use choba_engine::money::Money;
use choba_store::books::{self, gift_card_by_id};
use choba_store::sql::{Statement, Type};
use jiff::{SignedDuration, Timestamp};

use crate::gift_cards::{account, batch_of, issue, redeeming};
use crate::on_both;
use crate::support::{Bench, amazon, noon, taro, time, write_row};

on_both!(
    a_card_becomes_balance_that_pays,
    a_repeated_key_gives_the_same_answer_and_books_once,
    refusals_say_why,
    of_sixty_four_who_redeem_one_card_at_once_one_succeeds,
    one_customer_who_redeems_at_once_many_times_is_booked_once,
    a_card_that_was_only_reserved_is_finished,
    a_card_that_was_booked_and_not_confirmed_is_finished_without_booking_again,
    a_reserved_card_is_not_for_others,
    wrong_codes_are_slowed_and_then_locked_out,
    an_address_is_locked_out_whoever_comes_from_it,
    who_failed_often_hears_only_unknown,
    good_codes_lock_nobody_out,
    tries_are_forgotten,
);

/// As a crash between booking and confirming leaves a card.
static UNCONFIRM: Statement = Statement::new(
    "test: unconfirm a card",
    &[("card_id", Type::Text)],
    "UPDATE gift_cards SET state = 'reserved' FROM {rows} WHERE gift_cards.card_id = :card_id",
)
.one_each();

type Outcome = Result<RedeemedGiftCard, AppError>;

async fn a_card(bench: &Bench) -> IssuedGiftCard {
    issue(bench, batch_of(bench, 1, 5_000)).await.cards.remove(0)
}

async fn redeem(bench: &Bench, customer_id: &str, code: &str, key: &str, at: Timestamp) -> Outcome {
    bench.counter.redeem_gift_card(redeeming(customer_id, code, key), at).await
}

async fn state(bench: &Bench, card: &IssuedGiftCard) -> CardState {
    gift_card_by_id(bench.counter.store(), &card.card_id).await.unwrap().unwrap().card.state
}

fn minutes(count: i64) -> Timestamp {
    noon() + SignedDuration::from_mins(count)
}

/// A code of the right form that nobody has.
fn unknown_code(number: usize) -> String {
    let letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let code = letters.chars().find_map(|check| GiftCardCode::read(&format!("{number:016}{check}")));
    code.unwrap().in_groups()
}

async fn a_card_becomes_balance_that_pays(bench: Bench) {
    let card = a_card(&bench).await;
    let typed = card.code.in_groups().to_lowercase().replace('-', "ー");
    let redeemed = redeem(&bench, "taro", &typed, "k", noon()).await.unwrap();
    assert_eq!((redeemed.amount, &*redeemed.program), (Money::new(5_000), "gift"));
    assert_eq!(redeemed.expires_at, card.expires_at);
    assert_eq!(
        state(&bench, &card).await,
        CardState::Redeemed { customer_id: "taro".to_owned(), at: noon() }
    );
    assert_eq!((account(&bench, "wallet").await, account(&bench, "cards_open").await), (5_000, 0));
    let order =
        bench.place(&taro(), &amazon().line("B@amazon", 4_000, 1).stored("gift", "all"), noon()).await;
    assert_eq!(order.total, Money::new(4_000));
    assert_eq!(account(&bench, "wallet").await, 1_000);
}

async fn a_repeated_key_gives_the_same_answer_and_books_once(bench: Bench) {
    let (card, other) = (a_card(&bench).await, a_card(&bench).await);
    let first = redeem(&bench, "taro", &card.code.in_groups(), "k", noon()).await.unwrap();
    for _ in 0..8 {
        assert_eq!(redeem(&bench, "taro", &card.code.in_groups(), "k", minutes(5)).await, Ok(first.clone()));
    }
    let reused = redeem(&bench, "taro", &other.code.in_groups(), "k", noon()).await;
    assert_eq!(reused, Err(AppError::KeyReused));
    assert_eq!(account(&bench, "wallet").await, 5_000);
}

async fn refusals_say_why(bench: Bench) {
    let card = a_card(&bench).await;
    let from = time("2026-12-24T00:00:00+09:00");
    let later = IssueGiftCards { active_from: Some(from), ..batch_of(&bench, 1, 1_000) };
    let later = issue(&bench, later).await.cards.remove(0).code.in_groups();
    redeem(&bench, "taro", &card.code.in_groups(), "k1", noon()).await.unwrap();
    let code = card.code.in_groups();
    let why = |outcome: Outcome| match outcome {
        Err(AppError::Redeem(refusal)) => refusal,
        other => panic!("expected a refusal, found {other:?}"),
    };
    let mine = why(redeem(&bench, "taro", &code, "k2", minutes(1)).await);
    assert_eq!(mine, RedeemRefusal::AlreadyUsedByYou { at: noon() });
    assert_eq!(why(redeem(&bench, "jiro", &code, "k", noon()).await), RedeemRefusal::AlreadyUsed);
    assert_eq!(why(redeem(&bench, "jiro", &later, "k", noon()).await), RedeemRefusal::NotYetActive { from });
    let over = time("2036-11-22T00:00:00+09:00");
    let at = time("2036-11-21T23:59:59+09:00");
    assert_eq!(why(redeem(&bench, "jiro", &later, "k", over).await), RedeemRefusal::Expired { at });
    assert_eq!(why(redeem(&bench, "jiro", "ABC", "k", over).await), RedeemRefusal::Unknown);
    assert_eq!(why(redeem(&bench, "jiro", &unknown_code(1), "k", over).await), RedeemRefusal::Unknown);
}

async fn of_sixty_four_who_redeem_one_card_at_once_one_succeeds(bench: Bench) {
    let card = a_card(&bench).await;
    let another = bench.another(2).await;
    let mut tasks = Vec::new();
    for number in 0..64 {
        let counter = if number % 2 == 0 { bench.counter.clone() } else { another.clone() };
        let try_it = redeeming(&format!("customer-{number}"), &card.code.in_groups(), "k");
        tasks.push(tokio::spawn(async move { counter.redeem_gift_card(try_it, noon()).await }));
    }
    let mut redeemed = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => redeemed += 1,
            Err(error) => assert_eq!(error, AppError::Redeem(RedeemRefusal::AlreadyUsed)),
        }
    }
    assert_eq!(redeemed, 1);
    assert_eq!((account(&bench, "wallet").await, account(&bench, "cards_open").await), (5_000, 0));
    assert!(matches!(state(&bench, &card).await, CardState::Redeemed { .. }));
}

async fn one_customer_who_redeems_at_once_many_times_is_booked_once(bench: Bench) {
    let card = a_card(&bench).await;
    let mut tasks = Vec::new();
    for number in 0..16 {
        let counter = bench.counter.clone();
        let try_it = redeeming("taro", &card.code.in_groups(), &format!("k{number}"));
        tasks.push(tokio::spawn(async move { counter.redeem_gift_card(try_it, noon()).await }));
    }
    let mut redeemed = 0;
    for task in tasks {
        redeemed += usize::from(task.await.unwrap().is_ok());
    }
    assert!(redeemed >= 1);
    assert_eq!((account(&bench, "wallet").await, account(&bench, "cards_open").await), (5_000, 0));
}

/// Takes the first step of redeeming and no other.
async fn only_reserve(bench: &Bench, card: &IssuedGiftCard, customer_id: &str) {
    let row = gift_card_by_id(bench.counter.store(), &card.card_id).await.unwrap().unwrap();
    let reserved = books::reserve_gift_card(bench.counter.store(), &row.code_hash, customer_id, noon());
    let reserved = reserved.await.unwrap().unwrap();
    assert_eq!(reserved.card.state, CardState::Reserved { customer_id: customer_id.to_owned() });
}

async fn a_card_that_was_only_reserved_is_finished(bench: Bench) {
    let card = a_card(&bench).await;
    only_reserve(&bench, &card, "taro").await;
    assert_eq!(bench.counter.finish_reserved_gift_cards(noon(), 10).await, Ok(0));
    assert_eq!(bench.counter.finish_reserved_gift_cards(minutes(1), 10).await, Ok(1));
    assert_eq!(bench.counter.finish_reserved_gift_cards(minutes(2), 10).await, Ok(0));
    assert!(matches!(state(&bench, &card).await, CardState::Redeemed { .. }));
    assert_eq!((account(&bench, "wallet").await, account(&bench, "cards_open").await), (5_000, 0));
}

async fn a_card_that_was_booked_and_not_confirmed_is_finished_without_booking_again(bench: Bench) {
    let card = a_card(&bench).await;
    redeem(&bench, "taro", &card.code.in_groups(), "k", noon()).await.unwrap();
    write_row(&bench.counter, "@test", UNCONFIRM.write(vec![(&card.card_id).into()])).await;
    let mine = redeem(&bench, "taro", &card.code.in_groups(), "k2", noon()).await.unwrap();
    assert_eq!(mine.card_id, card.card_id);
    write_row(&bench.counter, "@test", UNCONFIRM.write(vec![(&card.card_id).into()])).await;
    assert_eq!(bench.counter.finish_reserved_gift_cards(minutes(1), 10).await, Ok(1));
    assert!(matches!(state(&bench, &card).await, CardState::Redeemed { .. }));
    assert_eq!((account(&bench, "wallet").await, account(&bench, "cards_open").await), (5_000, 0));
}

async fn a_reserved_card_is_not_for_others(bench: Bench) {
    let card = a_card(&bench).await;
    only_reserve(&bench, &card, "taro").await;
    let other = redeem(&bench, "jiro", &card.code.in_groups(), "k", noon()).await;
    assert_eq!(other, Err(AppError::Redeem(RedeemRefusal::AlreadyUsed)));
    assert!(redeem(&bench, "taro", &card.code.in_groups(), "k", noon()).await.is_ok());
    assert_eq!(account(&bench, "wallet").await, 5_000);
}

/// Fails so often, from an address of its own each time.
async fn fail(bench: &Bench, customer_id: &str, times: usize, at: Timestamp) {
    for number in 0..times {
        let address = format!("192.0.2.{number} of {at}");
        let wrong = RedeemGiftCard { address, ..redeeming(customer_id, &unknown_code(number), "k") };
        let refused = bench.counter.redeem_gift_card(wrong, at).await;
        assert_eq!(refused, Err(AppError::Redeem(RedeemRefusal::Unknown)), "failure {number}");
    }
}

async fn wrong_codes_are_slowed_and_then_locked_out(bench: Bench) {
    let good = a_card(&bench).await.code.in_groups();
    fail(&bench, "taro", 5, noon()).await;
    let again_at = minutes(1).as_millisecond();
    let slowed = redeem(&bench, "taro", &good, "good", noon()).await;
    assert_eq!(slowed, Err(AppError::TooManyTries { again_at }));
    for minute in 1..=5 {
        fail(&bench, "taro", 1, minutes(minute)).await;
    }
    let again_at = minutes(65).as_millisecond();
    let locked = redeem(&bench, "taro", &good, "good", minutes(64)).await;
    assert_eq!(locked, Err(AppError::TooManyTries { again_at }));
    assert!(redeem(&bench, "taro", &good, "good", minutes(65)).await.is_ok());
}

async fn an_address_is_locked_out_whoever_comes_from_it(bench: Bench) {
    let from = |customer: usize, host: usize| RedeemGiftCard {
        address: format!("2001:db8::{host}"),
        ..redeeming(&format!("customer-{customer}"), &unknown_code(customer), "k")
    };
    for number in 0..5 {
        let refused = bench.counter.redeem_gift_card(from(number, number), noon()).await;
        assert_eq!(refused, Err(AppError::Redeem(RedeemRefusal::Unknown)));
    }
    let again_at = minutes(1).as_millisecond();
    let refused = bench.counter.redeem_gift_card(from(9, 9), noon()).await;
    assert_eq!(refused, Err(AppError::TooManyTries { again_at }));
    let elsewhere = RedeemGiftCard { address: "2001:db8:0:1::1".to_owned(), ..from(9, 9) };
    let refused = bench.counter.redeem_gift_card(elsewhere, noon()).await;
    assert_eq!(refused, Err(AppError::Redeem(RedeemRefusal::Unknown)));
}

async fn who_failed_often_hears_only_unknown(bench: Bench) {
    let (used, good) = (a_card(&bench).await.code.in_groups(), a_card(&bench).await.code.in_groups());
    redeem(&bench, "jiro", &used, "k", noon()).await.unwrap();
    fail(&bench, "taro", 3, noon()).await;
    let refused = redeem(&bench, "taro", &used, "k", noon()).await;
    assert_eq!(refused, Err(AppError::Redeem(RedeemRefusal::Unknown)));
    assert!(redeem(&bench, "taro", &good, "good", noon()).await.is_ok());
}

async fn good_codes_lock_nobody_out(bench: Bench) {
    for (place, card) in issue(&bench, batch_of(&bench, 12, 100)).await.cards.iter().enumerate() {
        let key = format!("k{place}");
        assert!(redeem(&bench, "taro", &card.code.in_groups(), &key, noon()).await.is_ok());
        let again = redeem(&bench, "taro", &card.code.in_groups(), &format!("{key}x"), noon()).await;
        assert!(matches!(again, Err(AppError::Redeem(RedeemRefusal::AlreadyUsedByYou { .. }))));
    }
}

async fn tries_are_forgotten(bench: Bench) {
    fail(&bench, "taro", 2, noon()).await;
    assert_eq!(bench.counter.forget_code_attempts(minutes(60), 10).await, Ok(0));
    assert_eq!(bench.counter.forget_code_attempts(minutes(61), 10).await, Ok(3));
    assert_eq!(bench.counter.forget_code_attempts(minutes(61), 10).await, Ok(0));
}
