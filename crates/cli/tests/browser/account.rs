//! Devices, language and address.

use crate::house::House;
use crate::page::Width;
use crate::wallet::signed_in;

#[tokio::test(flavor = "multi_thread")]
async fn the_account_is_sound_in_both_languages_and_widths() {
    let house = House::open().await;
    for language in ["ja", "en"] {
        for width in Width::BOTH {
            let browser = signed_in(&house, language, width, "hanako").await;
            for (path, name) in [("/account", "account"), ("/account/contact", "account-contact")] {
                browser.go(path).await;
                browser.is_sound(&format!("{name}-{language}")).await;
            }
            browser.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_devices_are_signed_out() {
    let house = House::open().await;
    let (here, there) = (
        signed_in(&house, "ja", Width::Desktop, "hanako").await,
        signed_in(&house, "en", Width::Phone, "hanako").await,
    );
    here.go("/account").await;
    here.until("to see both", async || here.count(".list li.spread").await == 2).await;
    here.press("サインアウトさせる").await;
    here.sees("この端末をサインアウトしました。").await;
    assert_eq!(here.count(".list li.spread").await, 1);
    there.go("/account").await;
    there.sees("Sign in").await;
    assert!(there.path().await.starts_with("/sign-in"), "the other one is not signed in any more");
    there.sign_in("hanako").await;
    there.sees("Sign out").await;
    here.go("/account").await;
    here.press("ほかの端末をすべてサインアウトさせる").await;
    here.sees("ほかの端末をすべてサインアウトしました。").await;
    there.go("/wallet").await;
    there.sees("Sign in").await;
    here.close().await;
    there.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_kept_and_erased() {
    let house = House::open().await;
    let browser = signed_in(&house, "ja", Width::Phone, "hanako").await;
    browser.go("/account/contact").await;
    browser.sees("メールアドレスはまだ登録されていません。").await;
    browser.script("document.querySelector('main form').noValidate = true", Vec::new()).await;
    browser.fill("email", "hanako").await;
    browser.press("保存する").await;
    browser.sees("メールアドレスとして読み取れませんでした").await;
    browser.is_sound("account-contact-wrong").await;
    browser.fill("email", "hanako@example.jp").await;
    browser.press("保存する").await;
    browser.sees("連絡先を保存しました。").await;
    browser.press("連絡先を削除する").await;
    browser.sees("連絡先を削除しました").await;
    browser.sees("メールアドレスはまだ登録されていません。").await;
    browser.close().await;
}
