//! Codes that prove who is asking: five tries, once, for one matter, however many try at once.

use choba_app::{AppError, Limit, Matter, VerificationLimits, VerificationRefusal};
use jiff::{SignedDuration, Timestamp};

use crate::on_both;
use crate::support::{Bench, noon};
use crate::verify_books::sql_text;

on_both!(
    a_code_proves_its_matter_once,
    a_code_is_worth_nothing_for_another_matter,
    of_a_code_only_a_hash_is_kept_and_it_is_in_no_log,
    another_code_ends_the_one_before,
    at_most_four_codes_are_sent_within_an_hour,
    of_sixty_four_wrong_tries_at_once_five_are_looked_at,
    of_sixty_four_right_tries_at_once_one_succeeds,
    who_asks_for_codes_of_many_matters_has_to_wait,
    an_address_that_guesses_has_to_wait_whoever_it_asks_for,
    guessing_once_at_each_of_many_customers_is_stopped,
    right_codes_count_as_no_failures,
    what_says_nothing_any_more_is_forgotten,
);

fn matter(customer_id: &str, subject: &str) -> Matter {
    Matter {
        customer_id: customer_id.to_owned(),
        purpose: "open_case".to_owned(),
        subject: subject.to_owned(),
    }
}

fn seconds(count: i64) -> Timestamp {
    noon() + SignedDuration::from_secs(count)
}

const HOME: &str = "192.0.2.1";

async fn asked(bench: &Bench, matter: &Matter, at: Timestamp) -> String {
    bench.counter.ask_verification_code(matter, HOME, at).await.unwrap().reveal().to_owned()
}

async fn check(bench: &Bench, matter: &Matter, code: &str, at: Timestamp) -> Result<(), AppError> {
    bench.counter.check_verification_code(matter, code, HOME, at).await
}

/// A code that it is not.
fn not(code: &str) -> String {
    let other = if code.starts_with('0') { '1' } else { '0' };
    format!("{other}{}", &code[1..])
}

fn refused(refusal: VerificationRefusal) -> Result<(), AppError> {
    Err(AppError::Verification(refusal))
}

async fn a_code_proves_its_matter_once(bench: Bench) {
    let matter = matter("hanako", "ord_1");
    assert_eq!(check(&bench, &matter, "000000", noon()).await, refused(VerificationRefusal::NoCode));
    let code = asked(&bench, &matter, noon()).await;
    assert_eq!(code.len(), 6);
    let wrong = check(&bench, &matter, &not(&code), noon()).await;
    assert_eq!(wrong, refused(VerificationRefusal::Wrong { tries_left: 4 }));
    assert_eq!(check(&bench, &matter, &code, seconds(599)).await, Ok(()));
    assert_eq!(check(&bench, &matter, &code, seconds(599)).await, refused(VerificationRefusal::NoCode));
    let late = asked(&bench, &matter, noon()).await;
    assert_eq!(check(&bench, &matter, &late, seconds(600)).await, refused(VerificationRefusal::NoCode));
    let none = check(&bench, &matter, "12345", noon()).await;
    assert!(matches!(none, Err(AppError::Field { field, .. }) if field == "/code"));
}

async fn a_code_is_worth_nothing_for_another_matter(bench: Bench) {
    let own = matter("hanako", "ord_1:5000");
    let code = asked(&bench, &own, noon()).await;
    let others = [
        matter("taro", "ord_1:5000"),
        matter("hanako", "ord_1:9000"),
        Matter { purpose: "see_parcel".to_owned(), ..own.clone() },
        matter("hanak", "o9:open_caseord_1:5000"),
    ];
    for other in others {
        assert_eq!(check(&bench, &other, &code, noon()).await, refused(VerificationRefusal::NoCode));
        asked(&bench, &other, noon()).await;
    }
    assert_eq!(check(&bench, &own, &code, noon()).await, Ok(()));
}

async fn of_a_code_only_a_hash_is_kept_and_it_is_in_no_log(bench: Bench) {
    let matter = matter("hanako", "ord_1");
    let code = bench.counter.ask_verification_code(&matter, HOME, noon()).await.unwrap();
    assert!(!format!("{code:?}").contains(code.reveal()));
    let kept = sql_text(&bench.database, "verification_codes") + &sql_text(&bench.database, "limits");
    for secret in [code.reveal(), "hanako", "ord_1", HOME] {
        assert!(!kept.split(['|', '\n']).any(|value| value.contains(secret) && value.len() < 13), "{kept}");
    }
    assert!(!kept.contains("hanako") && !kept.contains(HOME));
}

async fn another_code_ends_the_one_before(bench: Bench) {
    let matter = matter("hanako", "ord_1");
    let old = asked(&bench, &matter, noon()).await;
    for _ in 0..5 {
        let _ = check(&bench, &matter, &not(&old), noon()).await;
    }
    assert_eq!(check(&bench, &matter, &old, noon()).await, refused(VerificationRefusal::TriedTooOften));
    let new = asked(&bench, &matter, seconds(1)).await;
    if new != old {
        let dead = check(&bench, &matter, &old, seconds(1)).await;
        assert_eq!(dead, refused(VerificationRefusal::Wrong { tries_left: 4 }));
    }
    assert_eq!(check(&bench, &matter, &new, seconds(1)).await, Ok(()));
}

async fn at_most_four_codes_are_sent_within_an_hour(bench: Bench) {
    let matter = matter("hanako", "ord_1");
    for minute in 0..4 {
        asked(&bench, &matter, seconds(60 * minute)).await;
    }
    let again_at = seconds(3_600).as_millisecond();
    let more = bench.counter.ask_verification_code(&matter, HOME, seconds(3_599)).await;
    assert_eq!(more.map(drop), Err(AppError::TooManyTries { again_at }));
    asked(&bench, &matter, seconds(3_600)).await;
}

/// Tries these codes at once, over two processes; tells what each was answered.
async fn at_once(bench: &Bench, matter: &Matter, codes: Vec<String>) -> Vec<Result<(), AppError>> {
    let another = bench.another(2).await.with_verification_limits(without_limits());
    let one = bench.counter.clone().with_verification_limits(without_limits());
    let mut tasks = Vec::new();
    for (place, code) in codes.into_iter().enumerate() {
        let counter = if place % 2 == 0 { one.clone() } else { another.clone() };
        let matter = matter.clone();
        tasks.push(tokio::spawn(async move {
            counter.check_verification_code(&matter, &code, HOME, noon()).await
        }));
    }
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

fn without_limits() -> VerificationLimits {
    let many = Limit::new(1_000_000, SignedDuration::from_hours(1));
    VerificationLimits {
        sent_to_customer: many,
        asked_from_address: many,
        sent_to_all: many,
        wrong_for_customer: many,
        wrong_from_address: many,
        wrong_of_all: many,
    }
}

async fn of_sixty_four_wrong_tries_at_once_five_are_looked_at(bench: Bench) {
    let matter = matter("hanako", "ord_1");
    let code = asked(&bench, &matter, noon()).await;
    let answers = at_once(&bench, &matter, vec![not(&code); 64]).await;
    let wrong = |answer: &&Result<(), AppError>| {
        matches!(answer, Err(AppError::Verification(VerificationRefusal::Wrong { .. })))
    };
    assert_eq!(answers.iter().filter(wrong).count(), 4);
    let rest = answers.iter().filter(|answer| !wrong(answer));
    assert!(rest.into_iter().all(|answer| *answer == refused(VerificationRefusal::TriedTooOften)));
    let late = at_once(&bench, &matter, vec![code]).await;
    assert_eq!(late, [refused(VerificationRefusal::TriedTooOften)]);
}

async fn of_sixty_four_right_tries_at_once_one_succeeds(bench: Bench) {
    let matter = matter("hanako", "ord_1");
    let code = asked(&bench, &matter, noon()).await;
    let answers = at_once(&bench, &matter, vec![code; 64]).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(answers.iter().filter(|answer| **answer == refused(VerificationRefusal::NoCode)).count(), 63);
}

async fn who_asks_for_codes_of_many_matters_has_to_wait(bench: Bench) {
    let ask = async |number: i64, customer: &str, at: Timestamp| {
        let matter = matter(customer, &format!("ord_{number}"));
        bench.counter.ask_verification_code(&matter, &format!("10.0.0.{number}"), at).await.map(drop)
    };
    for number in 0..10 {
        assert_eq!(ask(number, "hanako", noon()).await, Ok(()));
    }
    assert!(matches!(ask(10, "hanako", noon()).await, Err(AppError::TooManyTries { .. })));
    assert_eq!(ask(10, "taro", noon()).await, Ok(()));
    assert_eq!(ask(10, "hanako", seconds(7_200)).await, Ok(()));
}

async fn an_address_that_guesses_has_to_wait_whoever_it_asks_for(bench: Bench) {
    let mut stopped_at = None;
    for customer in 0..40 {
        let matter = matter(&format!("customer-{customer}"), "ord_1");
        if let Err(AppError::TooManyTries { .. }) = check(&bench, &matter, "000000", noon()).await {
            stopped_at = stopped_at.or(Some(customer));
        }
    }
    assert_eq!(stopped_at, Some(30));
    let own = matter("hanako", "ord_1");
    let elsewhere = bench.counter.check_verification_code(&own, "000000", "198.51.100.1", noon()).await;
    assert_eq!(elsewhere, refused(VerificationRefusal::NoCode));
}

async fn guessing_once_at_each_of_many_customers_is_stopped(bench: Bench) {
    let wrong_of_all = Limit::new(50, SignedDuration::from_hours(1));
    let limits = VerificationLimits { wrong_of_all, ..VerificationLimits::default() };
    let counter = bench.counter.clone().with_verification_limits(limits);
    let mut tasks = Vec::new();
    for number in 0..200 {
        let (counter, matter) = (counter.clone(), matter(&format!("customer-{number}"), "ord_1"));
        tasks.push(tokio::spawn(async move {
            let address = format!("10.0.{}.{}", number / 100, number % 100);
            counter.check_verification_code(&matter, "000000", &address, noon()).await
        }));
    }
    let mut looked_at = 0;
    for task in tasks {
        match task.await.unwrap() {
            Err(AppError::TooManyTries { .. }) => {}
            other => {
                assert_eq!(other, refused(VerificationRefusal::NoCode));
                looked_at += 1;
            }
        }
    }
    assert_eq!(looked_at, 50);
}

async fn right_codes_count_as_no_failures(bench: Bench) {
    let limits = VerificationLimits {
        sent_to_customer: without_limits().sent_to_customer,
        ..VerificationLimits::default()
    };
    let limits = VerificationLimits { asked_from_address: limits.sent_to_customer, ..limits };
    let counter = bench.counter.clone().with_verification_limits(limits);
    for number in 0..40 {
        let matter = matter("hanako", &format!("ord_{number}"));
        let code = counter.ask_verification_code(&matter, HOME, noon()).await.unwrap();
        assert_eq!(counter.check_verification_code(&matter, code.reveal(), HOME, noon()).await, Ok(()));
    }
}

async fn what_says_nothing_any_more_is_forgotten(bench: Bench) {
    let matter = matter("hanako", "ord_1");
    let code = asked(&bench, &matter, noon()).await;
    check(&bench, &matter, &code, noon()).await.unwrap();
    assert_eq!(bench.counter.forget_verifications(seconds(3_599), 100).await, Ok(0));
    let forgotten = bench.counter.forget_verifications(seconds(3 * 3_600), 100).await.unwrap();
    assert_eq!(forgotten, 7, "a code and six counts");
    assert_eq!(sql_text(&bench.database, "verification_codes").trim(), "");
    assert_eq!(sql_text(&bench.database, "limits").trim(), "");
}
