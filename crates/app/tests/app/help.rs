//! Help: what is shown, what is found, what is counted, and what new terms do to articles.

use choba_app::{AppError, Caller, KnownMarket};
use choba_formats::language::Language;
use choba_formats::market_files;
use choba_store::books::QUESTIONS_PER_DAY_MAX;
use jiff::SignedDuration;
use jiff::civil::date;

use crate::on_both;
use crate::support::{Bench, noon};

on_both!(
    a_question_that_finds_nothing_is_counted_by_day_without_what_is_personal,
    nonsense_all_day_fills_no_table,
    questions_are_forgotten_after_ninety_days,
    an_article_that_is_not_true_under_new_terms_is_not_shown,
    help_that_comes_with_terms_is_taken_over_by_other_processes,
);

const MARKET: &str = "rakuten-style";

async fn ask(bench: &Bench, question: &str, days: i64) -> usize {
    let at = noon() + SignedDuration::from_hours(days * 24);
    bench.counter.search_help(MARKET, Language::Ja, question, 3, at).await.unwrap().hits.len()
}

async fn kept(bench: &Bench) -> Vec<(String, i64, String)> {
    let rows = bench.counter.help_searches(MARKET, date(2026, 1, 1), date(2028, 1, 1)).await.unwrap();
    rows.into_iter().map(|row| (row.question, row.times, row.last_day)).collect()
}

async fn a_question_that_finds_nothing_is_counted_by_day_without_what_is_personal(bench: Bench) {
    assert_eq!(ask(&bench, "宇宙船 taro@example.jp", 0).await, 0);
    assert_eq!(ask(&bench, "宇宙船　TARO@example.jp", 1).await, 0);
    assert_eq!(ask(&bench, "宇宙船 9876-5432-1010", 1).await, 0);
    assert_eq!(ask(&bench, "", 1).await, 0);
    assert!(ask(&bench, "返品", 1).await > 0);
    assert_eq!(kept(&bench).await, [("宇宙船 …".to_owned(), 3, "2026-11-22".to_owned())]);
    let of_a_day = bench.counter.help_searches(MARKET, date(2026, 11, 21), date(2026, 11, 22)).await.unwrap();
    assert_eq!(of_a_day[0].times, 1);
    let unknown = bench.counter.search_help("nowhere", Language::Ja, "返品", 3, noon()).await;
    assert!(matches!(unknown, Err(AppError::UnknownMarket { .. })));
}

async fn nonsense_all_day_fills_no_table(bench: Bench) {
    let store = bench.counter.store();
    for number in 0..QUESTIONS_PER_DAY_MAX + 5 {
        let question = format!("q{number}");
        choba_store::books::count_help_search(store, MARKET, "ja", "2026-11-21", &question).await.unwrap();
    }
    choba_store::books::count_help_search(store, MARKET, "ja", "2026-11-21", "q0").await.unwrap();
    let rows =
        choba_store::books::help_searches(store, MARKET, "2026-11-21", "2026-11-22", 10_000).await.unwrap();
    assert_eq!(i64::try_from(rows.len()).unwrap(), QUESTIONS_PER_DAY_MAX);
    assert_eq!((rows[0].question.as_str(), rows[0].times), ("q0", 2));
}

async fn questions_are_forgotten_after_ninety_days(bench: Bench) {
    ask(&bench, "宇宙船", 0).await;
    let days = |days: i64| noon() + SignedDuration::from_hours(days * 24);
    bench.counter.forget_help_searches(days(90)).await.unwrap();
    assert_eq!(kept(&bench).await.len(), 1);
    bench.counter.forget_help_searches(days(91)).await.unwrap();
    assert!(kept(&bench).await.is_empty());
}

/// The market with other terms; its help is given too, or not.
fn with(from: &str, to: &str, help: bool) -> KnownMarket {
    let files = market_files::sample(MARKET).unwrap().into_iter();
    let files = files.filter(|file| help || !market_files::is_help_file(&file.path));
    KnownMarket::from_files(files.map(|file| (file.path, file.text.replace(from, to))).collect()).unwrap()
}

fn fee(bench: &choba_app::Counter) -> String {
    bench.help_article(MARKET, Language::Ja, "cash-on-delivery").unwrap().article.body
}

async fn an_article_that_is_not_true_under_new_terms_is_not_shown(bench: Bench) {
    let article = |id: &str| bench.counter.help_article(MARKET, Language::Ja, id);
    assert!(fee(&bench.counter).contains("330円"));
    article("points-after-coupon").unwrap();
    bench
        .counter
        .activate_market(&Caller::Itself, with("fee = 330", "fee = 440", false), noon())
        .await
        .unwrap();
    assert!(fee(&bench.counter).contains("440円"));
    let other = with("yen = 500\nitems", "yen = 600\nitems", false);
    let later = noon() + SignedDuration::from_secs(1);
    bench.counter.activate_market(&Caller::Itself, other, later).await.unwrap();
    assert!(matches!(article("points-after-coupon"), Err(AppError::NotFound { .. })));
    article("cash-on-delivery").unwrap();
    // Putting the same in force again is nothing new; who may not see reports sees no history.
    let again = with("yen = 500\nitems", "yen = 600\nitems", false);
    bench.counter.activate_market(&Caller::Itself, again, noon()).await.unwrap();
    let history = bench.counter.market_history(&Caller::Itself, MARKET, 10).await.unwrap();
    let now = bench.counter.markets().get(MARKET).unwrap().version.clone();
    assert_eq!((history.len(), &history[0].version, history[0].activated_by.as_str()), (2, &now, "system"));
    assert_ne!(history[0].version, history[1].version);
    let shopper = Caller::customer("hanako");
    let seen = bench.counter.market_history(&shopper, MARKET, 10).await;
    assert!(matches!(seen, Err(AppError::NotAllowed { .. })), "{seen:?}");
    let change = bench.counter.activate_market(&shopper, with("fee = 330", "fee = 1", false), noon()).await;
    assert!(matches!(change, Err(AppError::NotAllowed { .. })), "{change:?}");
}

async fn help_that_comes_with_terms_is_taken_over_by_other_processes(bench: Bench) {
    let other = bench.another(7).await;
    let known = with("お届けのときに配達員へお願いします", "配達員にお渡しください", true);
    bench.counter.activate_market(&Caller::Itself, known, noon()).await.unwrap();
    assert!(fee(&bench.counter).contains("配達員にお渡しください"));
    assert!(!fee(&other).contains("配達員にお渡しください"));
    other.take_over_markets().await.unwrap();
    assert!(fee(&other).contains("配達員にお渡しください"));
    assert_eq!(
        other.help_for(MARKET, Language::En, &["redelivery", "coupons", "redelivery"]).unwrap().len(),
        1 + other
            .help_contents(MARKET, Language::En)
            .unwrap()
            .iter()
            .find(|shelf| shelf.category.id == "coupons")
            .unwrap()
            .articles
            .len()
    );
}
