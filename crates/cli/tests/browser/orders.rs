//! Living with an order: finding it, cancelling, sending back, following its parcels.

use crate::counter::enter;
use crate::house::House;
use crate::page::{Browser, Width};

/// Opens the order of the list that names goods.
async fn open_order(browser: &Browser<'_>, goods: &str) {
    browser.go("/orders").await;
    browser.press(goods).await;
    browser.sees("これまでの経過").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_cancelled_after_its_customer_has_seen_what_comes_back() {
    let house = House::open().await;
    let browser = Browser::open(&house, "ja", Width::Phone).await;
    enter(&browser, "hanako").await;
    open_order(&browser, "宇治煎茶").await;
    browser.press("キャンセルする").await;
    browser.sees("キャンセルすると戻るもの").await;
    browser.sees("3,300円").await;
    browser.is_sound("cancel-ja-phone").await;
    browser.press("キャンセルを確定する").await;
    browser.sees("キャンセルしました").await;
    browser.sees("キャンセルによる返金").await;
    browser.is_sound("order-cancelled-ja-phone").await;
    browser.go("/orders?tab=cancelled").await;
    browser.sees("宇治煎茶").await;

    open_order(&browser, "商品A").await;
    browser.press("キャンセルする").await;
    browser.sees("発送の準備が始まっているため、キャンセルできません").await;
    assert_eq!(browser.count("button.danger").await, 0);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_an_order_goes_back_after_a_look_at_the_refund() {
    let house = House::open().await;
    let browser = Browser::open(&house, "ja", Width::Desktop).await;
    enter(&browser, "hanako").await;
    open_order(&browser, "有田焼マグカップ").await;
    browser.press("返品する").await;
    browser.press("戻る金額を見る").await;
    browser.sees("理由を選んでください。").await;
    browser.fill("take-1", "５").await;
    browser.press("戻る金額を見る").await;
    browser.sees("0から2までの数字").await;
    browser.is_sound("return-fault-ja-desktop").await;
    browser.fill("take-1", "１").await;
    browser.script("document.querySelector('#reason').value = 'changed_mind'", Vec::new()).await;
    browser.click("#opened").await;
    browser.press("戻る金額を見る").await;
    browser.sees("返品すると戻るもの").await;
    browser.sees("300円を差し引きます").await;
    browser.sees("1,200円").await;
    browser.is_sound("return-ja-desktop").await;
    browser.press("返品を申し込む").await;
    browser.sees("返品を受け付けました").await;
    browser.sees("返品手続き中 1点").await;
    browser.press("返品をやめる").await;
    browser.sees("返品を取り下げました").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parcel_is_followed_delivered_again_and_missed() {
    let house = House::open().await;
    let browser = Browser::open(&house, "ja", Width::Phone).await;
    enter(&browser, "hanako").await;
    open_order(&browser, "和紙のテーブルランプ").await;
    browser.sees("1000-0000-0001").await;
    browser.sees("配送会社で").await;
    browser.is_sound("order-shipped-ja-phone").await;
    browser.press("再配達を依頼する").await;
    browser.press("不在票を持っています").await;
    browser.press("この日時で依頼する").await;
    browser.sees("不在票の番号を入力してください").await;
    browser.sees("ご希望の日時を選んでください").await;
    browser.is_sound("redelivery-fault-ja-phone").await;
    browser.fill("slip_number", "１２３４").await;
    browser.click("#when-1").await;
    browser.press("この日時で依頼する").await;
    browser.sees("不在票の番号ではないようです").await;
    browser.fill("slip_number", "1000-0000-0001").await;
    browser.press("この日時で依頼する").await;
    browser.sees("再配達の依頼を記録しました").await;
    browser.press("再配達を依頼する").await;
    browser.press("依頼を取り消す").await;
    browser.sees("再配達の依頼を取り消しました").await;

    open_order(&browser, "有田焼マグカップ").await;
    browser.press("届いていない場合").await;
    browser.press("確認を始める").await;
    browser.one(".card button").await;
    browser.is_sound("missing-ja-phone").await;
    for _ in 0..12 {
        if browser.count("button[name='answer']").await == 0 {
            break;
        }
        let question = browser.text().await;
        browser.click("p.stack button:last-child").await;
        browser.until("the next question", async || browser.text().await != question).await;
    }
    browser.is_sound("missing-later-ja-phone").await;
    assert_eq!(browser.count("button[name='answer']").await, 0, "it comes to an end or to a wait");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_found_by_its_number_and_others_orders_are_not() {
    let house = House::open().await;
    let browser = Browser::open(&house, "ja", Width::Desktop).await;
    enter(&browser, "hanako").await;
    for (typed, said) in [("", "注文番号を入力してください"), ("かばん", "17桁の数字"), ("1", "17桁の数字")]
    {
        browser.go("/orders").await;
        browser.fill("number", typed).await;
        browser.press("探す").await;
        browser.sees(said).await;
    }
    browser.is_sound("orders-fault-ja-desktop").await;
    open_order(&browser, "コシヒカリ").await;
    browser.sees("お支払い番号").await;
    let path = browser.path().await;
    let wide = |letter: char| letter.to_digit(10).and_then(|digit| char::from_u32('０' as u32 + digit));
    let number: String = path.trim_start_matches("/orders/").chars().filter_map(wide).collect();
    browser.go("/orders").await;
    browser.fill("number", &number).await;
    browser.press("探す").await;
    browser.until("the order", async || browser.path().await == path).await;
    browser.go("/sign-in").await;
    browser.press("taro").await;
    browser.until("to be signed in", async || browser.path().await == "/").await;
    browser.go(&path).await;
    browser.sees("ページが見つかりません").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_orders_are_sound_in_both_languages_and_widths() {
    let house = House::open().await;
    for language in ["ja", "en"] {
        for width in Width::BOTH {
            let browser = Browser::open(&house, language, width).await;
            let shown = format!("{language}-{width:?}").to_lowercase();
            enter(&browser, "hanako").await;
            browser.go("/orders").await;
            browser.is_sound(&format!("orders-{shown}")).await;
            browser.go("/orders?tab=not_shipped").await;
            browser.is_sound(&format!("orders-not-shipped-{shown}")).await;
            for (goods, name) in
                [("コシヒカリ", "pay"), ("商品A", "preparing"), ("マグ", "delivered"), ("トート", "refunded")]
            {
                let english =
                    [("コシヒカリ", "Koshihikari"), ("商品A", "item A"), ("マグ", "mug"), ("トート", "tote")];
                let goods = english
                    .iter()
                    .find(|(ja, _)| language == "en" && *ja == goods)
                    .map_or(goods, |(_, en)| *en);
                browser.go("/orders").await;
                browser.press(goods).await;
                browser.one(".timeline").await;
                browser.open_details().await;
                browser.is_sound(&format!("order-{name}-{shown}")).await;
                let path = browser.path().await;
                if name == "delivered" {
                    browser.go(&format!("{path}/return?asked=1&take-1=1&reason=damaged")).await;
                    browser.is_sound(&format!("return-{shown}")).await;
                }
                if name == "pay" {
                    browser.go(&format!("{path}/cancel")).await;
                    browser.is_sound(&format!("cancel-{shown}")).await;
                }
            }
            browser.close().await;
        }
    }
}
