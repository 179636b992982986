//! Coming in and going.

use crate::house::{House, client};
use crate::page::{Browser, Width};

#[tokio::test(flavor = "multi_thread")]
async fn the_sign_in_page_is_sound_in_both_languages_and_widths() {
    let house = House::open().await;
    for language in ["ja", "en"] {
        for width in Width::BOTH {
            let browser = Browser::open(&house, language, width).await;
            browser.go("/sign-in").await;
            browser.is_sound(&format!("sign-in-{language}")).await;
            browser.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_signs_in_changes_the_language_and_signs_out() {
    let house = House::open().await;
    let browser = Browser::open(&house, "ja", Width::Phone).await;
    browser.sign_in("hanako").await;
    browser.sees("サインアウト").await;
    browser.press("English").await;
    browser.sees("Sign out").await;
    browser.press("Sign out").await;
    browser.sees("You are signed out.").await;
    assert!(browser.path().await.starts_with("/sign-in"));
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_none_is_refused_at_its_field() {
    let house = House::open().await;
    let browser = Browser::open(&house, "ja", Width::Desktop).await;
    browser.go("/sign-in").await;
    browser.fill("token", "nonsense").await;
    browser.click("#token ~ button, form:has(#token) button").await;
    browser.sees("このトークンは使えません").await;
    browser.is_sound("sign-in-refused").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_its_token_does_nothing_and_can_be_sent_again() {
    let house = House::open().await;
    let sent = client().post(format!("{}/sign-in", house.address)).header("sec-fetch-site", "cross-site");
    let sent = sent.header("content-type", "application/x-www-form-urlencoded").body("person=0").send().await;
    let refused = sent.unwrap();
    assert_eq!(refused.status(), 403);
    let text = refused.text().await.unwrap();
    assert!(!text.contains("name=\"person\""), "what came from elsewhere is not offered to be sent again");

    let browser = Browser::open(&house, "ja", Width::Phone).await;
    browser.go("/sign-in").await;
    browser.script("document.querySelector('main [name=form_token]').value = 'old'", Vec::new()).await;
    browser.press("hanako").await;
    browser.sees("このページは古くなっています").await;
    browser.is_sound("stale-form").await;
    browser.press("もう一度送る").await;
    browser.sees("サインアウト").await;
    browser.close().await;
}
