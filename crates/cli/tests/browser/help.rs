//! Help, and checks of links and numbers.

use crate::house::House;
use crate::page::{Browser, Width};
use crate::wallet::signed_in;

#[tokio::test(flavor = "multi_thread")]
async fn help_is_sound_in_both_languages_and_widths() {
    let house = House::open().await;
    for language in ["ja", "en"] {
        for width in Width::BOTH {
            let browser = Browser::open(&house, language, width).await;
            for (path, name) in [
                ("/help", "help"),
                ("/help?q=gift+card", "help-found"),
                ("/help?q=zzzzqqq", "help-nothing"),
                ("/help/cancel-order", "help-article"),
                ("/help/glossary", "help-glossary"),
                ("/check", "check"),
            ] {
                browser.go(path).await;
                browser.is_sound(&format!("{name}-{language}")).await;
            }
            browser.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_is_found_and_leads_to_a_person() {
    let house = House::open().await;
    let browser = Browser::open(&house, "ja", Width::Phone).await;
    browser.go("/help").await;
    browser.fill("q", "注文を取り消したい").await;
    browser.press("検索する").await;
    browser.sees("件の記事が見つかりました").await;
    assert!(browser.count("mark").await > 0, "what was asked for is marked");
    browser.click(".list a").await;
    browser.sees("解決しませんでしたか").await;
    assert!(browser.path().await.starts_with("/help/"));
    browser.go("/help?q=zzzzqqq").await;
    browser.sees("記事が見つかりませんでした").await;
    assert_eq!(browser.count("main .card a[href='/contact']").await, 1);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_and_mails_are_judged_and_nothing_of_them_is_in_an_address() {
    let house = House::open().await;
    let browser = Browser::open(&house, "ja", Width::Phone).await;
    browser.go("/check").await;
    browser.fill("text", "https://amazon.co.jp.login.example:8443/").await;
    browser.press("公式か確かめる").await;
    browser.sees("公式を装っています").await;
    browser.sees("ほかに気になる点").await;
    browser.is_sound("check-lookalike").await;
    assert!(browser.path().await.starts_with("/check"), "{}", browser.path().await);
    assert!(!browser.path().await.contains("login"));
    browser
        .fill("text", "口座を停止しました。こちら→https://amazon.co.jp/ または https://amaz0n.co.jp/ へ。")
        .await;
    browser.press("公式か確かめる").await;
    browser.until("both links", async || browser.count("#shop-answer .notice").await == 2).await;
    browser.sees("公式です").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_told_what_it_is_and_whether_it_is_ones_own() {
    let house = House::open().await;
    let browser = signed_in(&house, "ja", Width::Desktop, "hanako").await;
    browser.go("/check").await;
    browser.fill("number", "１０００-００００-０００１").await;
    browser.press("番号を調べる").await;
    browser.sees("ヤマト").await;
    browser.sees("お客様のご注文の荷物です").await;
    browser.is_sound("check-number").await;
    browser.fill("number", "123-4567890-1234567").await;
    browser.press("番号を調べる").await;
    browser.sees("注文番号").await;
    browser.fill("number", " ").await;
    browser.press("番号を調べる").await;
    browser.sees("調べたい番号を入力してください。").await;
    browser.close().await;
}
