//! The office: what operators see and change, and what auditors see.

use crate::house::House;
use crate::page::{Browser, Width};

const PAGES: [&str; 10] = [
    "/office",
    "/office/value",
    "/office/coupons",
    "/office/care",
    "/office/markets",
    "/office/gift-cards",
    "/office/adjustments",
    "/office/webhooks",
    "/office/keys",
    "/office/audit",
];

async fn all_pages_are_sound(language: &str, width: Width) {
    let house = House::open().await;
    let browser = Browser::open(&house, language, width).await;
    browser.sign_in("tanaka").await;
    for path in PAGES {
        browser.go(path).await;
        let name = path.trim_start_matches('/').replace('/', "-");
        browser.is_sound(&format!("{name}-{language}")).await;
    }
    browser.go("/office/markets/rakuten-style").await;
    browser.is_sound(&format!("office-market-{language}")).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_sound_in_japanese_on_a_phone() {
    all_pages_are_sound("ja", Width::Phone).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_sound_in_japanese_on_a_desktop() {
    all_pages_are_sound("ja", Width::Desktop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_sound_in_english_on_a_phone() {
    all_pages_are_sound("en", Width::Phone).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_sound_in_english_on_a_desktop() {
    all_pages_are_sound("en", Width::Desktop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_mends_a_market_and_puts_it_in_force() {
    let house = House::open().await;
    let browser = Browser::open(&house, "ja", Width::Desktop).await;
    browser.sign_in("tanaka").await;
    browser.go("/office/markets/rakuten-style").await;
    let before = browser.one("main code").await.text().await.unwrap();
    replace(&browser, "cod", "fee = 330", "fee = \"330\"").await;
    browser.press("確かめる").await;
    browser.sees("か所に間違いがあります").await;
    browser.is_sound("office-market-mistakes").await;
    replace(&browser, "cod", "fee = \"330\"", "fee = 440").await;
    browser.press("確かめる").await;
    browser.sees("間違いはありません").await;
    browser.sees("直近7日の注文で比べると").await;
    browser.until("to see bills compared", async || browser.count("#bills").await == 1).await;
    browser.is_sound("office-market-compared").await;
    browser.press("この内容を適用する").await;
    browser.sees("新しい版を適用しました").await;
    browser.go("/office/markets/rakuten-style").await;
    assert_ne!(browser.one("main code").await.text().await.unwrap(), before);
    replace(&browser, "cod", "fee = 440", "fee = 550").await;
    browser.press("確かめる").await;
    browser.press("この内容を適用する").await;
    browser.sees("新しい版を適用しました").await;
    // Back to the version before, as it was.
    browser.go("/office/markets/rakuten-style").await;
    browser.sees("これまでに適用した版").await;
    browser.is_sound("office-market-history").await;
    browser.press("この版の内容を見る").await;
    browser.sees("以前の版の内容を表示しています").await;
    browser.press("確かめる").await;
    browser.sees("440円").await;
    browser.press("この内容を適用する").await;
    browser.sees("新しい版を適用しました").await;
    browser.go("/office/audit").await;
    browser.sees("market.activated").await;
    browser.close().await;
}

/// Changes the text of the file that has it.
async fn replace(browser: &Browser<'_>, near: &str, old: &str, new: &str) {
    let script = "const [near, old, now] = arguments;\
        const file = [...document.querySelectorAll('textarea')].find(t => t.value.includes(near) && t.value.includes(old));\
        file.value = file.value.replace(old, now); return true";
    browser.script(script, vec![near.into(), old.into(), new.into()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adjustment_waits_for_a_second_person() {
    let house = House::open().await;
    let asking = Browser::open(&house, "ja", Width::Desktop).await;
    asking.sign_in("tanaka").await;
    asking.go("/office/adjustments").await;
    asking.press("調整する").await;
    asking.sees("1以上の数で入力してください").await;
    asking.fill("customer_id", "jiro").await;
    asking.fill("points", "２０，０００").await;
    asking.fill("reason", "お詫び").await;
    asking.press("調整する").await;
    asking.sees("もう1人の承認を待っています").await;
    asking.sees("ご自分の依頼です").await;
    asking.close().await;
    let approving = Browser::open(&house, "ja", Width::Desktop).await;
    approving.sign_in("suzuki").await;
    approving.go("/office/adjustments").await;
    approving.press("承認する").await;
    approving.sees("承認しました").await;
    approving.sees("承認を待っている調整はありません").await;
    approving.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_and_codes_are_shown_once() {
    let house = House::open().await;
    let browser = Browser::open(&house, "en", Width::Desktop).await;
    browser.sign_in("tanaka").await;
    browser.go("/office/gift-cards").await;
    browser.fill("count", "2").await;
    browser.fill("amount", "500").await;
    browser.press("Issue").await;
    browser.until("to see codes", async || browser.count("td.code").await == 2).await;
    browser.is_sound("office-gift-cards-issued").await;
    browser.go("/office/keys").await;
    browser.press("Make the key").await;
    browser.sees("Please enter 1 to 100 letters").await;
    browser.fill("name", "shop").await;
    browser.click("#right-orders\\:read").await;
    browser.press("Make the key").await;
    browser.sees("choba_live_").await;
    browser.is_sound("office-key-made").await;
    browser.go("/office/keys").await;
    assert!(!browser.text().await.contains("choba_live_"));
    browser.press("End – shop").await;
    browser.sees("Ended").await;
    browser.is_sound("office-key-ended").await;
    browser.go("/office/webhooks").await;
    browser.fill("url", "http://127.0.0.1/hook").await;
    browser.press("Add the endpoint").await;
    browser.sees("This was refused").await;
    browser.fill("url", "https://hooks.example/choba").await;
    browser.press("Add the endpoint").await;
    browser.sees("whsec_").await;
    browser.is_sound("office-webhook-made").await;
    browser.go("/office/webhooks").await;
    assert!(!browser.text().await.contains("whsec_"));
    browser.press("https://hooks.example/choba").await;
    browser.sees("Send a test").await;
    browser.is_sound("office-webhook").await;
    browser.press("Send a test").await;
    browser.sees("A test message is on its way").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_sees_and_changes_nothing() {
    let house = House::open().await;
    let browser = Browser::open(&house, "en", Width::Desktop).await;
    browser.sign_in("ito").await;
    for path in
        ["/office", "/office/value", "/office/markets/rakuten-style", "/office/gift-cards", "/office/audit"]
    {
        browser.go(path).await;
        assert_eq!(
            browser.count("main button[value='activate'], main form[action='/office/gift-cards']").await,
            0
        );
        assert!(!browser.text().await.contains("You cannot do this"), "{path}");
    }
    browser.go("/office/keys").await;
    browser.sees("You cannot do this").await;
    browser.close().await;
}
