//! From a problem to a person: contact, calls, chats, cases.
//!
//! Safety has people at every hour, so that these journeys can be made at any.

use serde_json::{Value, json};

use crate::desk::{in_rakuten, is_sound_everywhere};
use crate::house::{House, client};
use crate::page::{Browser, ENTER, Width};
use crate::wallet::signed_in;

const SAFETY: &str = "topic=safety&question=suspicious";

/// What somebody of the desk does over HTTP.
async fn desk(house: &House, method: &str, path: &str, body: Value) -> Value {
    let method = method.parse().unwrap();
    let asked = client().request(method, format!("{}{path}", house.address)).bearer_auth(house.token("sato"));
    let asked = asked.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
    let (status, bytes) = (asked.status(), asked.bytes().await.unwrap());
    assert!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&bytes));
    serde_json::from_slice(&bytes).unwrap_or_default()
}

async fn be_there(house: &House) {
    let there = json!({"market": "rakuten-style", "queues": ["safety"], "ready": true, "calls": true, "chats_max": 3});
    desk(house, "PUT", "/v1/callbacks/desk/presence", there).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contact_is_sound_in_both_languages_and_widths() {
    let house = House::open().await;
    be_there(&house).await;
    for language in ["ja", "en"] {
        for width in Width::BOTH {
            let browser = signed_in(&house, language, width, "hanako").await;
            for (path, name) in [
                ("/contact", "contact"),
                ("/contact?topic=order", "contact-orders"),
                ("/contact?topic=payment", "contact-questions"),
                ("/contact?topic=safety&question=suspicious", "contact-help"),
                ("/contact/call?topic=safety&question=suspicious", "contact-call"),
                ("/contact/calling", "contact-calling"),
                ("/cases", "cases"),
            ] {
                browser.go(path).await;
                browser.is_sound(&format!("{name}-{language}")).await;
            }
            browser.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orders_facts_come_first_and_a_person_is_always_near() {
    let house = House::open().await;
    let browser = signed_in(&house, "ja", Width::Phone, "hanako").await;
    browser.go("/contact").await;
    browser.sees("担当者に相談する").await;
    browser.press("荷物・配送").await;
    browser.sees("どのご注文ですか").await;
    browser.sees("担当者に相談する").await;
    browser.click(".list li:nth-child(6) a").await;
    browser.sees("何をお知りになりたいですか").await;
    browser.click(".list li:first-child a").await;
    browser.sees("現在の状況").await;
    browser.sees("電話をリクエスト").await;
    browser.sees("メッセージを送る").await;
    browser.is_sound("contact-facts").await;
    browser.press("送信する").await;
    browser.sees("内容を入力してください。").await;
    browser.fill("text", "荷物がまだ届きません。").await;
    browser.press("送信する").await;
    browser.sees("送信しました。お返事をお待ちください。").await;
    browser.sees("荷物がまだ届きません。").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_asked_for_with_a_verified_number_and_its_place_and_wait_are_live() {
    let house = House::open().await;
    be_there(&house).await;
    let browser = signed_in(&house, "ja", Width::Phone, "hanako").await;
    browser.go(&format!("/contact/call?{SAFETY}")).await;
    browser.fill("number", "12").await;
    browser.press("電話をリクエストする").await;
    browser.sees("電話番号として読み取れませんでした").await;
    browser.fill("number", "090-1234-5678").await;
    browser.press("電話をリクエストする").await;
    browser.sees("番号の確認").await;
    browser.press("認証番号を送る").await;
    browser.sees("届いた認証番号").await;
    let code = browser.one("strong.code").await.text().await.unwrap();
    browser.fill("code", "000").await;
    browser.press("電話をリクエストする").await;
    browser.sees("認証番号は6桁の数字で入力してください。").await;
    let last: u32 = code.chars().last().and_then(|digit| digit.to_digit(10)).unwrap();
    browser.fill("code", &format!("{}{}", &code[..5], (last + 1) % 10)).await;
    browser.press("電話をリクエストする").await;
    browser.sees("認証番号が違います。あと4回入力できます。").await;
    browser.is_sound("call-code-wrong").await;
    browser.fill("code", &code).await;
    browser.press("電話をリクエストする").await;
    browser.sees("1番目").await;
    browser.sees("合言葉").await;
    browser.sees("残りのお待ち時間").await;
    browser.is_sound("call-queued").await;
    let path = browser.path().await;
    is_sound_everywhere(&house, "hanako", &path, "call-queued").await;

    let call = desk(&house, "POST", "/v1/callbacks/desk/next?market=rakuten-style", json!({})).await;
    browser.sees("まもなくおかけします").await;
    let id = call["callback"]["callback_id"].as_str().unwrap_or_else(|| panic!("{call}"));
    desk(&house, "POST", &format!("/v1/callbacks/{id}/accept?market=rakuten-style"), json!({})).await;
    browser.sees("はい、ただいま私たちからお電話しています。").await;
    browser.is_sound("call-dialling").await;
    is_sound_everywhere(&house, "hanako", &path, "call-dialling").await;
    is_sound_everywhere(&house, "hanako", "/contact/calling", "contact-calling-now").await;
    browser.go("/contact/calling").await;
    browser.sees("はい、ただいま私たちからお電話しています。").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_given_up() {
    let house = House::open().await;
    let browser = signed_in(&house, "en", Width::Desktop, "jiro").await;
    browser.go(&format!("/contact/call?{SAFETY}")).await;
    browser.fill("number", "03-3210-4567").await;
    browser.script("document.querySelector('#call_at').selectedIndex = 1", Vec::new()).await;
    browser.press("Ask for a call").await;
    browser.press("Send a code").await;
    let code = browser.one("strong.code").await.text().await.unwrap();
    browser.fill("code", &code).await;
    browser.press("Ask for a call").await;
    browser.sees("We call you at the time that you chose").await;
    browser.go("/contact/calling").await;
    browser.sees("No, we are not calling you now.").await;
    browser.go("/cases").await;
    browser.press("See your place").await;
    browser.press("Give the call up").await;
    browser.sees("You gave the call up").await;
    browser.is_sound("call-cancelled").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_live_both_ways_and_survives_a_reload() {
    let house = House::open().await;
    be_there(&house).await;
    let browser = signed_in(&house, "ja", Width::Phone, "hanako").await;
    browser.go(&format!("/contact?{SAFETY}")).await;
    browser.press("チャットを始める").await;
    browser.sees("次にご案内します").await;
    browser.fill("text", "変なメールが<b>来ました</b>").await;
    browser.press("送信する").await;
    browser.until("to see it once", async || browser.count("#lines li.mine").await == 1).await;
    browser.sees("変なメールが<b>来ました</b>").await;

    let taken = desk(&house, "POST", "/v1/chats/desk/next?market=rakuten-style", json!({})).await;
    let chat = taken["chat"]["chat_id"].as_str().unwrap_or_else(|| panic!("{taken}"));
    browser.sees("参加しました").await;
    desk(&house, "POST", &format!("/v1/chats/{chat}/typing"), json!({})).await;
    browser.sees("担当者が入力しています…").await;
    let said = json!({"client_id": "m-1", "text": "開かないでください。"});
    desk(&house, "POST", &format!("/v1/chats/{chat}/messages"), said).await;
    browser.sees("開かないでください。").await;
    browser.is_sound("chat").await;
    is_sound_everywhere(&house, "hanako", &format!("/chats/{chat}"), "chat").await;

    browser.client.refresh().await.unwrap();
    browser.sees("開かないでください。").await;
    let said = json!({"client_id": "m-2", "text": "ほかにご心配はありますか。"});
    desk(&house, "POST", &format!("/v1/chats/{chat}/messages"), said).await;
    browser.sees("ほかにご心配はありますか。").await;
    browser.fill("text", "ありません").await;
    browser.press("送信する").await;
    browser.until("to see both", async || browser.count("#lines li.mine").await == 2).await;
    assert_eq!(browser.count("#lines li.theirs").await, 2, "nothing is doubled");
    let seen = desk(&house, "GET", &format!("/v1/chats/{chat}"), json!({})).await;
    assert!(seen["lines"].to_string().contains("ありません"));

    let other = signed_in(&house, "en", Width::Desktop, "jiro").await;
    other.go(&format!("/chats/{chat}")).await;
    other.sees("404").await;
    other.close().await;
    browser.press("チャットを終了する").await;
    browser.sees("お客様がチャットを終了しました。").await;
    assert_eq!(browser.count("#say").await, 0);
    browser.is_sound("chat-over").await;
    is_sound_everywhere(&house, "hanako", &format!("/chats/{chat}"), "chat-over").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_works_without_scripts() {
    let house = House::open().await;
    be_there(&house).await;
    let browser = Browser::without_scripts(&house, "en").await;
    browser.sign_in("jiro").await;
    browser.go(&format!("/contact?{SAFETY}")).await;
    browser.press("Start a chat").await;
    browser.sees("You are next").await;
    browser.fill("text", "Hello").await;
    browser.press("Send").await;
    browser.until("to see it", async || browser.count("#lines li.mine").await == 1).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_chat_in_two_browsers_and_both_reload() {
    let house = House::open().await;
    be_there(&house).await;
    let agent = signed_in(&house, "ja", Width::Desktop, "sato").await;
    in_rakuten(&agent).await;
    let shopper = signed_in(&house, "ja", Width::Phone, "hanako").await;
    shopper.go(&format!("/contact?{SAFETY}")).await;
    shopper.press("チャットを始める").await;
    shopper.fill("text", "1行目").await;
    shopper.keys(ENTER).await;
    shopper.keys("2行目").await;
    shopper.press("送信する").await;
    shopper.until("to see it once", async || shopper.count("#lines li.mine").await == 1).await;
    agent.go("/desk/chats").await;
    agent.press("次のチャットを担当する").await;
    agent.until("both lines of the text", async || agent.text().await.contains("1行目\n2行目")).await;
    let says = async |text: &str| {
        agent.fill("text", text).await;
        agent.click("form[data-says] .actions button").await;
        shopper.sees(text).await;
    };
    says("担当の者です。").await;
    shopper.client.refresh().await.unwrap();
    says("まだいらっしゃいますか。").await;
    agent.client.refresh().await.unwrap();
    agent.sees("まだいらっしゃいますか。").await;
    // With the keyboard alone.
    shopper.tab_to("#say textarea").await;
    shopper.keys("はい、います。").await;
    shopper.tab_to("#say button").await;
    shopper.keys(ENTER).await;
    agent.sees("はい、います。").await;
    for browser in [&agent, &shopper] {
        let text = browser.text().await;
        for line in ["1行目", "2行目", "担当の者です。", "まだいらっしゃいますか。", "はい、います。"]
        {
            assert_eq!(text.matches(line).count(), 1, "{line} in\n{text}");
        }
        browser.is_sound("chat-of-two").await;
    }
    for browser in [agent, shopper] {
        browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_dead_one_way_is_opened_anew_by_either_side() {
    let house = House::open().await;
    be_there(&house).await;
    let agent = signed_in(&house, "ja", Width::Desktop, "sato").await;
    in_rakuten(&agent).await;
    let shopper = signed_in(&house, "ja", Width::Phone, "hanako").await;
    shopper.deafen_first_streams().await;
    shopper.go(&format!("/contact?{SAFETY}")).await;
    shopper.press("チャットを始める").await;
    shopper.fill("text", "聞こえますか").await;
    shopper.press("送信する").await;
    shopper.until("to see it once", async || shopper.count("#lines li.mine").await == 1).await;
    assert_eq!(shopper.script("return window.streams", Vec::new()).await, json!(2));
    agent.go("/desk/chats").await;
    agent.press("次のチャットを担当する").await;
    agent.deafen_first_streams().await;
    agent.client.refresh().await.unwrap();
    agent.fill("text", "聞こえます").await;
    agent.click("form[data-says] .actions button").await;
    agent.until("to see it once", async || agent.text().await.matches("聞こえます").count() == 2).await;
    shopper.sees("聞こえます").await;
    for browser in [agent, shopper] {
        browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_alone_is_enough_to_write_to_a_person() {
    let house = House::open().await;
    let browser = signed_in(&house, "ja", Width::Desktop, "jiro").await;
    browser.go("/contact").await;
    browser.tab_to("main a[href*='topic=payment']").await;
    browser.keys(ENTER).await;
    browser.sees("何をお知りになりたいですか").await;
    browser.tab_to("main .list a").await;
    browser.keys(ENTER).await;
    browser.sees("メッセージを送る").await;
    browser.tab_to("#text").await;
    browser.keys("キーボードだけで書いています。").await;
    browser.tab_to("form:has(#text) button").await;
    browser.keys(ENTER).await;
    browser.sees("送信しました").await;
    browser.close().await;
}

/// A form's file is chosen as a person would.
async fn choose_file(browser: &Browser<'_>, name: &str, bytes: &[u8]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    browser.one("#file").await.send_keys(path.to_str().unwrap()).await.unwrap();
    directory
}

/// A picture of one pixel.
const PNG: &[u8] = &[
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48, 0x44, 0x52, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1F, 0x15, 0xC4, 0x89, 0x00,
    0x00, 0x00, 0x0D, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9C, 0x63, 0xF8, 0xCF, 0xC0, 0xF0, 0x1F, 0x00, 0x05,
    0x00, 0x01, 0xFF, 0x89, 0x99, 0x3D, 0x1D, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42,
    0x60, 0x82,
];

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_answered_with_a_picture_solved_and_opened_again() {
    let house = House::open().await;
    be_there(&house).await;
    let browser = signed_in(&house, "ja", Width::Desktop, "hanako").await;
    browser.go(&format!("/contact?{SAFETY}")).await;
    browser.fill("text", "偽物のサイトを見つけました。").await;
    browser.press("送信する").await;
    browser.sees("送信しました。").await;
    let case = browser.path().await.split('?').next().unwrap().to_owned();
    let untold = "const done = arguments[0]; const body = new FormData(); body.append('text', 'x');\
        fetch(location.pathname, {method: 'POST', body}).then(answer => done(answer.status))";
    let status = browser.client.execute_async(untold, Vec::new()).await.unwrap();
    assert_eq!(status, 403, "a form without its token does nothing");
    browser.go(&case).await;
    assert_eq!(browser.count(".talk li.mine").await, 1);
    let _text = choose_file(&browser, "note.png", b"no picture at all").await;
    browser.press("送信する").await;
    browser.sees("画像として読み取れませんでした").await;
    browser.is_sound("case-file-refused").await;
    let _picture = choose_file(&browser, "site.png", PNG).await;
    browser.fill("text", "画面の写真です。").await;
    browser.press("送信する").await;
    browser.sees("画面の写真です。").await;
    browser.sees("site.png").await;

    browser.press("解決しました").await;
    browser.sees("解決済みにしました").await;
    browser.is_sound("case-solved-by-customer").await;
    is_sound_everywhere(&house, "hanako", &case, "case-solved").await;
    browser.press("まだ解決していません").await;
    browser.sees("もう一度、担当者にお伝えしました").await;
    let id = case.strip_prefix("/cases/").unwrap();
    let seen = desk(&house, "GET", &format!("/v1/cases/{id}/desk"), json!({})).await;
    assert!(seen.to_string().contains("画面の写真です。"), "{seen}");
    browser.go("/cases").await;
    browser.sees("受付番号").await;
    browser.is_sound("cases-some").await;
    browser.go(&case).await;
    for language in ["ja", "en"] {
        browser.is_sound(&format!("case-{language}")).await;
        browser.press(if language == "ja" { "English" } else { "日本語" }).await;
        browser.sees(if language == "ja" { "Your enquiries" } else { "お問い合わせの一覧" }).await;
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_signed_out_meanwhile_loses_nothing_that_they_typed() {
    let house = House::open().await;
    for (width, person) in Width::BOTH.into_iter().zip(["hanako", "jiro"]) {
        let browser = signed_in(&house, "ja", width, person).await;
        browser.go(&format!("/contact?{SAFETY}")).await;
        browser.fill("text", "長い文章を<b>書きました</b>。").await;
        let first = browser.client.window().await.unwrap();
        let second = browser.client.new_window(true).await.unwrap().handle;
        browser.client.switch_to_window(second.clone()).await.unwrap();
        browser.go("/wallet").await;
        browser.press("サインアウト").await;
        browser.sees("サインアウトしました").await;
        browser.client.switch_to_window(first.clone()).await.unwrap();
        browser.press("送信する").await;
        browser.sees("サインインの期限が切れました").await;
        browser.is_sound("signed-out-meanwhile").await;
        browser.client.switch_to_window(second).await.unwrap();
        browser.sign_in(person).await;
        browser.client.switch_to_window(first).await.unwrap();
        browser.press("もう一度送る").await;
        browser.sees("このページは古くなっています").await;
        browser.press("もう一度送る").await;
        browser.sees("送信しました").await;
        browser.sees("長い文章を<b>書きました</b>。").await;
        browser.go("/cases").await;
        browser.close().await;
    }
}
