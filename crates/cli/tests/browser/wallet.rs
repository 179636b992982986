//! What a shopper holds: figures, gift codes, partners' programs.

use serde_json::{Value, json};

use crate::house::{House, client};
use crate::page::{Browser, ENTER, Width};

/// A new gift card of the amazon-style market; its code.
async fn gift_code(house: &House, amount: i64, active_from: Option<&str>) -> String {
    let body = json!({"market": "amazon-style", "count": 1, "amount": amount, "active_from": active_from});
    let issued = client().post(format!("{}/v1/gift-cards", house.address)).bearer_auth(&house.key);
    let issued = issued.header("idempotency-key", format!("card-{amount}"));
    let issued = issued.header("content-type", "application/json").body(body.to_string()).send().await;
    let issued: Value = serde_json::from_slice(&issued.unwrap().bytes().await.unwrap()).unwrap();
    issued["cards"][0]["code"].as_str().unwrap().to_owned()
}

/// A browser in which somebody of the demo is signed in.
pub async fn signed_in<'h>(house: &'h House, language: &str, width: Width, person: &str) -> Browser<'h> {
    let browser = Browser::open(house, language, width).await;
    browser.sign_in(person).await;
    browser.sees(if language == "ja" { "サインアウト" } else { "Sign out" }).await;
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wallet_is_sound_in_both_languages_and_widths() {
    let house = House::open().await;
    for language in ["ja", "en"] {
        for width in Width::BOTH {
            let browser = signed_in(&house, language, width, "hanako").await;
            for (path, name) in [
                ("/wallet", "wallet"),
                ("/wallet/history", "wallet-history"),
                ("/wallet/history?program=gift", "wallet-history-empty"),
                ("/wallet/redeem", "wallet-redeem"),
                ("/wallet?on=2027-06-30", "wallet-on"),
            ] {
                browser.go(path).await;
                browser.is_sound(&format!("{name}-{language}")).await;
            }
            browser.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gift_card_is_redeemed_once_and_what_is_wrong_is_said_at_the_field() {
    let house = House::open().await;
    let (code, later) = (gift_code(&house, 3_000, None).await, "2030-01-01T00:00:00+09:00");
    let not_yet = gift_code(&house, 4_000, Some(later)).await;
    let browser = signed_in(&house, "ja", Width::Phone, "taro").await;
    browser.go("/wallet").await;
    browser.sees("1,500円").await;
    browser.press("ギフトカードを登録する").await;
    browser.fill("code", "0123-4567-89AB-CDEF-G").await;
    browser.press("残高に追加する").await;
    browser.sees("この番号のギフトカードは見つかりません").await;
    browser.is_sound("wallet-redeem-refused").await;
    assert_eq!(browser.path().await, "/wallet/redeem", "no code is in an address");
    browser.fill("code", &not_yet).await;
    browser.press("残高に追加する").await;
    browser.sees("2030年1月1日(火) 00:00から使えます").await;
    browser.fill("code", &code.to_lowercase()).await;
    browser.press("残高に追加する").await;
    browser.sees("ギフトカードを残高に追加しました。").await;
    browser.sees("4,500円").await;
    browser.press("残高の履歴").await;
    browser.sees("ギフトカードの登録").await;
    browser.sees("+3,000円").await;
    browser.go("/wallet/redeem").await;
    browser.fill("code", &code).await;
    browser.press("残高に追加する").await;
    browser.sees("にご自分の残高に追加済みです").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_codes_is_told_until_when_to_wait() {
    let house = House::open().await;
    let browser = signed_in(&house, "en", Width::Desktop, "jiro").await;
    browser.go("/wallet/redeem").await;
    browser
        .until("to be stopped", async || {
            browser.fill("code", "0123-4567-89AB-CDEF-G").await;
            browser.press("Add to my balance").await;
            browser.sees("There ").await;
            browser.text().await.contains("There were too many wrong codes. Please try again after")
        })
        .await;
    browser.is_sound("wallet-redeem-locked").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partners_points_are_always_used_unlinked_and_linked_again() {
    let house = House::open().await;
    let browser = signed_in(&house, "ja", Width::Desktop, "taro").await;
    browser.go("/wallet").await;
    browser.press("いつも使う").await;
    browser.sees("これからのお会計で、いつもポイントを使います。").await;
    browser.sees("使える分をすべて使う設定です").await;
    browser.press("dポイントの連携を解除する").await;
    browser.sees("連携を解除しました。").await;
    browser.fill("code", "nonsense").await;
    browser.click("form[action='/wallet/links/d-point'] button").await;
    browser.sees("提携先でこのコードを確認できませんでした").await;
    browser.is_sound("wallet-link-refused").await;
    browser.click("#code-d-point").await;
    browser.script("document.getElementById('code-d-point').value = 'LINK-mbr_taro-2'", Vec::new()).await;
    browser.click("form[action='/wallet/links/d-point'] button").await;
    browser.sees("連携しました。").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn balances_of_another_day_are_told() {
    let house = House::open().await;
    let browser = signed_in(&house, "ja", Width::Desktop, "hanako").await;
    browser.go("/wallet").await;
    browser.sees("期間限定").await;
    browser.go("/wallet?on=2029-12-31").await;
    browser.sees("2029年12月31日の終わりの時点の残高です。").await;
    browser.sees("期限を迎える残高はありません。").await;
    browser.press("いまの残高を見る").await;
    browser.sees("有効期限").await;
    browser.go("/wallet?on=soon").await;
    browser.sees("日付を「2026-12-31」のように入力してください。").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_alone_is_enough_to_redeem_a_gift_card() {
    let house = House::open().await;
    let code = gift_code(&house, 2_000, None).await;
    let browser = signed_in(&house, "ja", Width::Desktop, "taro").await;
    browser.go("/wallet").await;
    browser.tab_to("a[href='/wallet/redeem']").await;
    browser.keys(ENTER).await;
    browser.tab_to("#code").await;
    browser.keys(&code).await;
    browser.keys(ENTER).await;
    browser.sees("ギフトカードを残高に追加しました。").await;
    browser.sees("3,500円").await;
    browser.close().await;
}
