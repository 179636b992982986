//! An agent's day: cases, second persons, call-backs, chats, what is masked.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::house::{House, client};
use crate::page::{Browser, ENTER, TAB, Width};
use crate::wallet::signed_in;

/// Asks the API as somebody of the demo.
async fn ask(house: &House, person: &str, path: &str, body: Value) -> Value {
    asked(house, &house.token(person), path, body).await
}

async fn asked(house: &House, token: &str, path: &str, body: Value) -> Value {
    let asked = client().post(format!("{}{path}", house.address)).bearer_auth(token);
    let asked = asked.header("idempotency-key", format!("{path}-{}", body.to_string().len()));
    let asked = asked.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
    let status = asked.status();
    let text = asked.text().await.unwrap();
    assert!(status.is_success(), "{path}: {status} {text}");
    serde_json::from_str(&text).unwrap_or_default()
}

/// Jiro proves his number and asks to be called about something that is answered at any hour.
async fn jiro_waits_for_a_call(house: &House) {
    let mut body = json!({"market": "rakuten-style", "customer_id": "jiro", "number": "090-1234-5678"});
    let code = asked(house, &house.key, "/v1/callbacks/numbers/code", body.clone()).await;
    body["code"] = code["code"].clone();
    body.as_object_mut().unwrap().remove("customer_id");
    ask(house, "jiro", "/v1/callbacks/numbers/verify", body).await;
    let wish = json!({"market": "rakuten-style", "question": "suspicious", "number": "090-1234-5678", "language": "ja"});
    let asked = ask(house, "jiro", "/v1/callbacks", wish).await;
    assert_eq!(asked["outcome"], "requested", "{asked}");
}

/// A browser of a member of staff at a case of the demo, by its question.
async fn at_case<'h>(house: &'h House, person: &str, question: &str) -> Browser<'h> {
    let browser = signed_in(house, "ja", Width::Desktop, person).await;
    in_rakuten(&browser).await;
    browser.go("/desk").await;
    browser.press(question).await;
    browser.sees("これまでの経緯").await;
    browser
}

/// Staff begin in the first market; the demo's cases are in the other.
pub async fn in_rakuten(browser: &Browser<'_>) {
    let chosen = "document.getElementById('market-choice').value";
    let is = browser.script(&format!("return {chosen}"), Vec::new()).await;
    if is != "rakuten-style" {
        let choose = format!(
            "{chosen} = 'rakuten-style'; document.getElementById('market-choice').form.requestSubmit()"
        );
        browser.script(&choose, Vec::new()).await;
        browser
            .until("to be in the other market", async || {
                browser
                    .client
                    .execute(&format!("return {chosen}"), Vec::new())
                    .await
                    .is_ok_and(|is| is == "rakuten-style")
                    && browser.path().await != "/market"
            })
            .await;
    }
}

/// That a page is sound for somebody in both languages and widths.
pub async fn is_sound_everywhere(house: &House, person: &str, path: &str, name: &str) {
    for language in ["ja", "en"] {
        for width in Width::BOTH {
            let browser = signed_in(house, language, width, person).await;
            in_rakuten(&browser).await;
            browser.go(path).await;
            browser.one("h1").await;
            browser.is_sound(&format!("{name}-{language}")).await;
            browser.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_the_desk_is_sound_in_both_languages_and_widths() {
    let house = House::open().await;
    for language in ["ja", "en"] {
        for width in Width::BOTH {
            let browser = signed_in(&house, language, width, "suzuki").await;
            in_rakuten(&browser).await;
            let pages = [
                ("/desk", "desk-queue"),
                ("/desk?owner=me", "desk-queue-empty"),
                ("/desk/calls", "desk-calls"),
                ("/desk/chats", "desk-chats"),
                ("/desk/customers", "desk-customers-empty"),
                ("/desk/customers?id=hanako", "desk-customers"),
                ("/desk/templates", "desk-templates"),
            ];
            for (path, name) in pages {
                browser.go(path).await;
                browser.one("#desk-strip p").await;
                browser.is_sound(&format!("{name}-{language}")).await;
            }
            browser.go("/desk").await;
            browser.press(if language == "ja" { "壊れ" } else { "Damaged" }).await;
            browser.one("#timeline").await;
            browser.one("#desk-strip p").await;
            browser.is_sound(&format!("desk-case-{language}")).await;
            browser.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_answers_with_a_template_and_two_who_answer_at_once_do_not_speak_over_each_other() {
    let house = House::open().await;
    let one = at_case(&house, "sato", "荷物のその他").await;
    let other = at_case(&house, "suzuki", "荷物のその他").await;
    one.press("差し込んで確認する").await;
    one.sees("定型文を差し込みました").await;
    let filled = one.script("return document.getElementById('text').value", Vec::new()).await;
    assert!(filled.as_str().unwrap().contains("お問い合わせ番号"), "{filled}");
    one.is_sound("desk-template-filled").await;
    one.press("返信を送る").await;
    one.sees("お客様に返信しました").await;

    other.fill("text", "わたしからもお返事します。").await;
    other.press("返信を送る").await;
    other.sees("ご覧になっている間に、返信がありました").await;
    other.sees("入力した内容は残してあります").await;
    let kept = other.script("return document.getElementById('text').value", Vec::new()).await;
    assert_eq!(kept, "わたしからもお返事します。");
    other.is_sound("desk-two-at-once").await;
    other.press("返信を送る").await;
    other.sees("お客様に返信しました").await;
    for browser in [one, other] {
        browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_is_undone_from_the_case_that_it_went_into() {
    let house = House::open().await;
    let browser = at_case(&house, "sato", "荷物のその他").await;
    browser.press("ほかのお問い合わせにまとめる").await;
    let target = browser.script("return document.getElementById('merge-into').value", Vec::new()).await;
    let target = format!("/desk/cases/{}", target.as_str().unwrap());
    browser.script("document.getElementById('merge-reason').value = '同じ荷物のこと'", Vec::new()).await;
    browser.click("details[open] form button").await;
    browser.sees("まとめました").await;
    browser.go(&target).await;
    browser.is_sound("desk-case-merged-into").await;
    let phone = signed_in(&house, "en", Width::Phone, "sato").await;
    in_rakuten(&phone).await;
    phone.go(&target).await;
    phone.is_sound("desk-case-merged-into").await;
    phone.close().await;
    browser.press("をまとめるのを取り消す").await;
    browser.sees("まとめるのを取り消しました").await;
    assert_eq!(browser.path().await, format!("{target}?done=desk-merge-undone"));
    assert_eq!(browser.count("form[action$='/merge/undo']").await, 0);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_takes_a_second_person_and_is_done_once_they_agree() {
    let house = House::open().await;
    let agent = at_case(&house, "sato", "壊れ").await;
    agent.press("返金する").await;
    agent.fill("amount", "1,000円").await;
    agent.script("document.getElementById('refund-reason').value = '割れていた'", Vec::new()).await;
    agent.click("details[open] form button").await;
    agent.sees("別の担当者の承認が必要です").await;
    agent.is_sound("desk-confirm").await;
    agent.press("承認を依頼する").await;
    agent.sees("承認を依頼しました").await;
    agent.sees("承認待ち").await;

    let second = signed_in(&house, "ja", Width::Desktop, "suzuki").await;
    in_rakuten(&second).await;
    second.go("/desk").await;
    second.script("document.getElementById('filter-only').value = 'waiting'", Vec::new()).await;
    second.press("絞り込む").await;
    second.sees("承認待ち 1件").await;
    assert_eq!(second.count("main ul.list > li").await, 1, "only what waits to be decided");
    second.is_sound("desk-queue-waiting").await;
    second.press("壊れ").await;
    second.press("承認して実行する").await;
    second.sees("手続きが終わりました").await;
    second.sees("返金済み").await;
    second.is_sound("desk-refunded").await;
    for browser in [agent, second] {
        browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_numbers_are_shown_for_a_reason_only_and_a_note_is_not_the_customers() {
    let house = House::open().await;
    let browser = at_case(&house, "sato", "荷物のその他").await;
    assert!(!browser.client.source().await.unwrap().contains("100000000001"));
    browser.press("番号をすべて表示する").await;
    browser.script("document.getElementById('reveal-reason').value = '運送会社に確認'", Vec::new()).await;
    browser.press("記録して表示する").await;
    browser.sees("100000000001").await;
    browser.sees("追跡番号をすべて表示しました").await;
    assert!(!browser.path().await.contains("確認"));
    browser.is_sound("desk-revealed").await;
    browser.fill("note", "運送会社は調査中とのこと").await;
    browser.press("メモを残す").await;
    browser.sees("運送会社は調査中とのこと").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_back_is_accepted_dialled_and_answered() {
    let house = House::open().await;
    jiro_waits_for_a_call(&house).await;
    let browser = signed_in(&house, "ja", Width::Phone, "sato").await;
    in_rakuten(&browser).await;
    browser.go("/desk/customers?id=jiro").await;
    browser.sees("お電話をお待ちです（1番目）").await;
    browser.is_sound("desk-customer-waits-for-a-call").await;
    browser.go("/desk/calls").await;
    browser.press("次の電話を受ける").await;
    browser.sees("先に窓口に入り").await;
    browser.go("/desk").await;
    browser.click("button[name='do'][value='come']").await;
    browser.sees("窓口に入りました").await;
    browser.go("/desk/calls").await;
    browser.press("次の電話を受ける").await;
    browser.sees("受けて番号を表示する").await;
    assert!(!browser.client.source().await.unwrap().contains("tel:"), "no number before it is accepted");
    is_sound_everywhere(&house, "sato", "/desk/calls", "desk-call-offered").await;
    browser.press("受けて番号を表示する").await;
    browser.sees("最初に、この合言葉をお伝えください").await;
    browser.one("a[href='tel:+819012345678']").await;
    is_sound_everywhere(&house, "sato", "/desk/calls", "desk-call-dialling").await;
    browser.click("#words").await;
    browser.press("お客様が出た").await;
    browser.sees("お客様につながりました").await;
    is_sound_everywhere(&house, "sato", "/desk/calls", "desk-call-connected").await;
    browser.fill("summary", "偽のSMSでした。パスワードは変えてもらった。").await;
    browser.press("通話を終えた").await;
    browser.sees("結果を記録しました").await;
    browser.sees("終わりました").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_goes_both_ways_and_survives_a_reload() {
    let house = House::open().await;
    let browser = signed_in(&house, "ja", Width::Desktop, "sato").await;
    in_rakuten(&browser).await;
    browser.go("/desk").await;
    browser.click("button[name='do'][value='come']").await;
    browser.sees("窓口に入りました").await;
    let contact = json!({"market": "rakuten-style", "customer_id": "hanako", "topic": "safety", "question": "suspicious", "text": "変なメールが来ました", "language": "ja"});
    let case = ask(&house, "hanako", "/v1/cases", contact).await;
    let chat = ask(&house, "hanako", "/v1/chats", json!({"case_id": case["case_id"]})).await;
    let chat = chat["chat"]["chat_id"].as_str().unwrap().to_owned();
    let says = async |id: &str, text: &str| {
        let line = json!({"client_id": id, "text": text});
        ask(&house, "hanako", &format!("/v1/chats/{chat}/messages"), line).await
    };
    says("m-1", "こんにちは").await;
    browser.go("/desk/chats").await;
    browser.press("次のチャットを担当する").await;
    browser.sees("こんにちは").await;
    browser.fill("text", "お待たせしました。").await;
    browser.click("form[data-says] .actions button").await;
    browser.sees("お待たせしました。").await;
    says("m-2", "リンクを押してしまいました").await;
    browser.sees("リンクを押してしまいました").await;
    browser.client.refresh().await.unwrap();
    says("m-3", "どうすればよいですか").await;
    browser.sees("どうすればよいですか").await;
    let text = browser.text().await;
    for line in ["こんにちは", "お待たせしました。", "リンクを押してしまいました", "どうすればよいですか"]
    {
        assert_eq!(text.matches(line).count(), 1, "{line} in\n{text}");
    }
    browser.is_sound("desk-chat").await;
    is_sound_everywhere(&house, "sato", "/desk/chats", "desk-chats-live").await;
    is_sound_everywhere(&house, "sato", &format!("/desk/chats/{chat}"), "desk-chat-alone").await;
    browser.press("チャットを終了する").await;
    browser.sees("チャットは終了しました").await;
    let late = client().post(format!("{}/v1/chats/{chat}/messages", house.address));
    let late = late.bearer_auth(house.token("hanako")).header("content-type", "application/json");
    let late = late.body(r#"{"client_id": "m-4", "text": "もしもし"}"#).send().await.unwrap();
    assert_eq!(late.status(), StatusCode::CONFLICT);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_passed_on_to_a_specialist_who_takes_it() {
    let house = House::open().await;
    let agent = at_case(&house, "sato", "荷物のその他").await;
    agent.click("#way button[value='take']").await;
    agent.sees("担当になりました").await;
    agent.press("専門の窓口に引き継ぐ").await;
    agent.script("document.getElementById('escalate-reason').value = '破損の調査が必要'", Vec::new()).await;
    agent.script("document.getElementById('escalate-queue').value = 'returns'", Vec::new()).await;
    agent.click("details[open] form button").await;
    agent.sees("引き継ぎを依頼しました").await;
    agent.sees("引き継ぎ待ち").await;
    // Whoever has it stays until somebody takes it.
    agent.sees("担当: sato").await;
    agent.is_sound("desk-escalated").await;
    let path = agent.path().await.split('?').next().unwrap().to_owned();

    let specialist = signed_in(&house, "en", Width::Phone, "suzuki").await;
    in_rakuten(&specialist).await;
    specialist.go("/desk?queue=returns").await;
    specialist.click(&format!("a[href='{path}']")).await;
    specialist.sees("破損の調査が必要").await;
    specialist.click("button[name='step'][value='accept']").await;
    specialist.sees("suzuki has it").await;
    specialist.is_sound("desk-escalation-taken").await;
    agent.go(&path).await;
    agent.sees("担当: suzuki").await;
    for browser in [agent, specialist] {
        browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wordings_and_macros_are_published_and_a_macro_answers_and_solves() {
    let house = House::open().await;
    let lead = signed_in(&house, "ja", Width::Desktop, "suzuki").await;
    in_rakuten(&lead).await;
    lead.go("/desk/templates").await;
    lead.click("form[action='/desk/templates/macros'] button").await;
    lead.sees("入力してください").await;
    lead.is_sound("desk-macro-fault").await;
    lead.fill("macro_key", "thanks").await;
    lead.fill("macro_title", "お礼をして終える").await;
    lead.fill("steps", "reply: nonsense-template\nsolve: answered").await;
    lead.click("form[action='/desk/templates/macros'] button").await;
    lead.until("a fault at its field", async || lead.count(".field.wrong #steps").await == 1).await;
    let kept = lead.script("return document.getElementById('steps').value", Vec::new()).await;
    assert!(kept.as_str().unwrap().contains("nonsense-template"), "{kept}");
    lead.fill("steps", "note: 確認済み\npriority: low\nreply: acknowledge\nsolve: answered acknowledge")
        .await;
    lead.click("form[action='/desk/templates/macros'] button").await;
    lead.sees("一括の手順を公開しました").await;
    lead.press("新しい版を作る").await;
    lead.fill("body", "{{ market }}です。{{ nobody_knows }}").await;
    lead.click("form[action='/desk/templates'] button").await;
    lead.until("a fault", async || lead.count(".field.wrong").await > 0).await;
    lead.is_sound("desk-template-fault").await;
    lead.close().await;

    let agent = at_case(&house, "sato", "荷物のその他").await;
    agent.click("details:has(#macro) summary").await;
    agent.script("document.getElementById('macro').value = 'thanks'", Vec::new()).await;
    agent.press("実行する").await;
    agent.sees("一括の手順を実行しました").await;
    agent.sees("確認済み").await;
    agent.sees("解決のお知らせ").await;
    agent.is_sound("desk-macro-done").await;
    agent.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn goodwill_a_redelivery_and_a_return_are_done_from_the_case() {
    let house = House::open().await;
    let agent = at_case(&house, "sato", "壊れ").await;
    agent.press("お詫びのポイントを贈る").await;
    agent.fill("points", "たくさん").await;
    agent.script("document.getElementById('goodwill-reason').value = 'お待たせした'", Vec::new()).await;
    agent.click("details[open] form button").await;
    agent
        .until("the fault at its field", async || agent.count(".field.wrong #goodwill-points").await == 1)
        .await;
    let kept = agent.script("return document.getElementById('goodwill-reason').value", Vec::new()).await;
    assert_eq!(kept, "お待たせした");
    agent.is_sound("desk-goodwill-fault").await;
    agent.fill("points", "３００").await;
    agent.click("details[open] form button").await;
    agent.sees("300ポイントを贈ります").await;
    agent.is_sound("desk-confirm-goodwill").await;
    agent.press("実行する").await;
    agent.sees("手続きが終わりました").await;
    agent.press("返品を受け付ける").await;
    agent.script("document.getElementById('return-reason').value = '割れていた'", Vec::new()).await;
    agent.click("details[open] form button").await;
    agent.sees("返品を受け付けます").await;
    agent.is_sound("desk-confirm-return").await;
    agent.press("実行する").await;
    agent.sees("手続きが終わりました").await;
    agent.close().await;

    let agent = at_case(&house, "sato", "荷物のその他").await;
    agent.press("再配達を頼む（").await;
    agent.script("document.getElementById('redeliver-reason-1').value = '不在だった'", Vec::new()).await;
    agent
        .script(
            "const slip = document.getElementById('redeliver-slip-1'); if (slip) slip.checked = true",
            Vec::new(),
        )
        .await;
    agent.click("details[open] form button").await;
    agent.sees("希望の日時を選んでください").await;
    let kept = agent.script("return document.getElementById('redeliver-reason-1').value", Vec::new()).await;
    assert_eq!(kept, "不在だった");
    agent.is_sound("desk-redelivery-fault").await;
    agent.script("document.getElementById('redeliver-when-1').selectedIndex = 2", Vec::new()).await;
    agent.click("details[open] form button").await;
    agent.sees("再配達を頼みます").await;
    agent.is_sound("desk-confirm-redelivery").await;
    agent.press("実行する").await;
    agent.sees("手続きが終わりました").await;
    agent.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_breaks_off_goes_on_with_the_same_agent() {
    let house = House::open().await;
    jiro_waits_for_a_call(&house).await;
    let browser = signed_in(&house, "ja", Width::Desktop, "sato").await;
    in_rakuten(&browser).await;
    browser.go("/desk").await;
    browser.click("button[name='do'][value='come']").await;
    browser.sees("窓口に入りました").await;
    browser.go("/desk/calls").await;
    browser.press("次の電話を受ける").await;
    browser.press("受けて番号を表示する").await;
    browser.click("#words").await;
    browser.press("お客様が出た").await;
    browser.sees("お客様につながりました").await;
    browser.click("button[name='report'][value='dropped']").await;
    browser.sees("結果を記録しました").await;
    browser.sees("切れました。まもなくかけ直します。").await;
    browser.is_sound("desk-call-dropped").await;
    browser.go("/desk/customers?id=jiro").await;
    browser.sees("通話が切れたため、同じ担当者がかけ直します。").await;
    browser.sees("におかけします").await;
    let shopper = signed_in(&house, "ja", Width::Phone, "jiro").await;
    shopper.go("/cases").await;
    shopper.press("順番を見る").await;
    shopper.sees("お電話が途中で切れたため、もう一度おかけします").await;
    shopper.is_sound("call-broke-off").await;
    for browser in [browser, shopper] {
        browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_alone_is_enough_to_answer_a_case() {
    let house = House::open().await;
    let browser = signed_in(&house, "ja", Width::Desktop, "sato").await;
    in_rakuten(&browser).await;
    browser.go("/desk").await;
    browser.tab_to("a.whole").await;
    browser.keys(ENTER).await;
    browser.sees("これまでの経緯").await;
    browser.tab_to("#way button[value='take']").await;
    browser.keys(ENTER).await;
    browser.sees("担当になりました").await;
    browser.tab_to("a[href='#reply']").await;
    browser.keys(ENTER).await;
    browser.tab_to("#reply textarea").await;
    browser.keys("キーボードだけでお返事します。").await;
    browser.keys(TAB).await;
    browser.keys(TAB).await;
    browser.keys(ENTER).await;
    browser.sees("お客様に返信しました").await;
    browser.sees("キーボードだけでお返事します。").await;
    browser.close().await;
}
