//! Messages to customers, through a real mail server: each once, and never lost.

use std::sync::Arc;
use std::time::Duration;

use choba_app::{AppError, Caller, ContactWanted, MessageReport, OpenCase, Post, Right, Role};
use choba_care::case::Channel;
use choba_engine::order::{CancelBy, Shipping};
use choba_formats::mail::MailLinks;
use choba_outside::mail::{FileMailer, Sender, Smtp, SmtpMailer, SmtpSecurity};
use choba_store::books::{MessageRow, MessageState, messages_of_customer};
use jiff::{SignedDuration, Timestamp};
use mail_parser::MessageParser;

use crate::on_both;
use crate::smtp::{Doing, SmtpServer};
use crate::support::{Bench, amazon, be_there, hanako, noon, rakuten, taro, time};

on_both!(
    an_order_is_confirmed_with_its_bill_in_the_customers_language,
    what_has_to_be_paid_at_a_counter_is_told_with_number_and_deadline,
    a_parcel_that_left_is_told_with_its_number_and_where_to_follow_it,
    a_cancelled_order_and_its_refund_are_told_of,
    a_server_that_says_later_gets_it_later_and_one_that_refuses_gets_it_no_more,
    a_connection_cut_off_after_the_mail_sends_it_again_with_the_same_id,
    without_a_contact_nothing_is_sent,
    an_erased_contact_gets_nothing_any_more,
    what_expires_on_one_day_is_told_once_a_week_before_to_those_who_want_it,
    a_bought_gift_card_is_told_of_without_its_code,
    a_chat_that_ended_is_sent_as_it_was_said,
    a_call_that_did_not_come_about_is_told_of_unless_another_one_was_asked_for,
    two_processes_send_each_message_once,
    contacts_belong_to_their_customers,
    mail_into_files_is_one_file_each,
);

fn links() -> Arc<MailLinks> {
    Arc::new(MailLinks { base_url: "https://shop.example".to_owned() })
}

fn sender() -> Sender {
    Sender::new("帳場 <shop@shop.example>", Some("help@shop.example")).unwrap()
}

fn post(server: &SmtpServer) -> Post {
    let smtp = Smtp {
        host: server.address.ip().to_string(),
        port: server.address.port(),
        security: SmtpSecurity::None,
        credentials: None,
        patience: Duration::from_secs(5),
    };
    Post { mailer: Arc::new(SmtpMailer::new(sender(), &smtp).unwrap()), links: links(), answers_at: None }
}

async fn contact(bench: &Bench, customer_id: &str, market: &str, language: &str) {
    let wanted = ContactWanted {
        email: format!("{customer_id}@customer.example"),
        language: language.to_owned(),
        points_notices: true,
    };
    let caller = Caller::customer(customer_id);
    bench.counter.set_contact(&caller, customer_id, market, &wanted, noon()).await.unwrap();
}

async fn send(bench: &Bench, post: &Post, at: Timestamp) -> MessageReport {
    bench.counter.publish_events(at).await.unwrap();
    bench.counter.send_messages(post, at, 100).await.unwrap()
}

async fn messages(bench: &Bench, customer_id: &str) -> Vec<MessageRow> {
    messages_of_customer(bench.counter.store(), customer_id, 100).await.unwrap()
}

/// Subject, text and receiver of a mail.
fn read(mail: &str) -> (String, String, String) {
    let parsed = MessageParser::default().parse(mail.as_bytes()).unwrap();
    let to = parsed.to().unwrap().first().unwrap().address().unwrap().to_owned();
    (parsed.subject().unwrap().to_owned(), parsed.body_text(0).unwrap().into_owned(), to)
}

fn later(seconds: i64) -> Timestamp {
    noon() + SignedDuration::from_secs(seconds)
}

async fn an_order_is_confirmed_with_its_bill_in_the_customers_language(bench: Bench) {
    let server = SmtpServer::start().await;
    contact(&bench, "hanako", "rakuten-style", "ja").await;
    contact(&bench, "taro", "amazon-style", "en").await;
    let cart = rakuten().line("A@shop-a", 1_000, 2).by("card");
    let order = bench.place(&hanako(), &cart, noon()).await;
    bench.place(&taro(), &amazon().line("B@amazon", 4_000, 1).by("card"), noon()).await;
    assert_eq!(send(&bench, &post(&server), noon()).await.sent, 2);
    assert_eq!(send(&bench, &post(&server), later(9_000)).await.sent, 0);
    let mails = server.mails();
    let number = bench.order(&hanako(), &order.order_id).await.order.number;
    let (subject, text, to) =
        mails.iter().map(|mail| read(mail)).find(|mail| mail.2.starts_with("hanako")).unwrap();
    assert_eq!((subject, to.as_str()), (format!("ご注文を承りました({number})"), "hanako@customer.example"));
    for part in
        ["A × 2", "2,000円", "送料", "600円", "合計: 2,600円", "クレジットカード: 2,600円", "18ポイント"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(text.contains(&format!("https://shop.example/orders/{number}")));
    let (subject, text, _) =
        mails.iter().map(|mail| read(mail)).find(|mail| mail.2.starts_with("taro")).unwrap();
    assert!(subject.starts_with("We have your order") && text.contains("Total: ¥4,000"), "{text}");
    for name in ["Message-ID", "Reply-To: help@shop.example", "Auto-Submitted: auto-generated"] {
        assert!(mails[0].contains(name), "{name}");
    }
    assert!(!mails[0].contains("List-Unsubscribe"));
}

async fn what_has_to_be_paid_at_a_counter_is_told_with_number_and_deadline(bench: Bench) {
    let server = SmtpServer::start().await;
    contact(&bench, "hanako", "rakuten-style", "ja").await;
    let cart = rakuten().line("A@shop-a", 5_000, 1).by("konbini");
    let order = bench.place(&hanako(), &cart, noon()).await;
    assert_eq!(send(&bench, &post(&server), noon()).await.sent, 2);
    let number = bench.order(&hanako(), &order.order_id).await.order.payment.payment_number.unwrap();
    let mails: Vec<_> = server.mails().iter().map(|mail| read(mail)).collect();
    let waiting = mails.iter().find(|mail| mail.0.contains("お支払いをお待ちしています")).unwrap();
    assert!(waiting.1.contains(&number) && waiting.1.contains("2026年11月24日(火) 23:59"), "{}", waiting.1);
}

async fn a_parcel_that_left_is_told_with_its_number_and_where_to_follow_it(bench: Bench) {
    let server = SmtpServer::start().await;
    contact(&bench, "hanako", "rakuten-style", "ja").await;
    let order = bench.place(&hanako(), &rakuten().line("A@shop-a", 5_000, 1).by("card"), noon()).await;
    send(&bench, &post(&server), noon()).await;
    server.mails();
    let ship = choba_app::ShipOrder {
        customer_id: "hanako".to_owned(),
        order_id: order.order_id.clone(),
        shipping: Shipping {
            seller: "shop-a".to_owned(),
            parts: None,
            carrier: Some("yamato".to_owned()),
            tracking_numbers: vec!["123456789012".to_owned()],
        },
        by: "shop-a".to_owned(),
        key: None,
    };
    bench.counter.ship_order(ship, later(60)).await.unwrap();
    assert_eq!(send(&bench, &post(&server), later(60)).await.sent, 1);
    let (subject, text, _) = read(&server.mails()[0]);
    assert!(subject.starts_with("商品を発送しました"));
    for part in ["A × 1", "配送会社: ヤマト運輸", "お問い合わせ番号: 123456789012", "https://"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
}

async fn a_cancelled_order_and_its_refund_are_told_of(bench: Bench) {
    let server = SmtpServer::start().await;
    contact(&bench, "hanako", "rakuten-style", "en").await;
    let lot = Some("2026-12-31T23:59:59+09:00");
    bench.grant(&hanako(), "rakuten:limited", 300, lot).await;
    let cart = rakuten().line("A@shop-a", 5_000, 1).stored("rakuten", "all").by("card");
    let order = bench.place(&hanako(), &cart, noon()).await;
    send(&bench, &post(&server), noon()).await;
    server.mails();
    let key = bench.key("cancel_order", &order.order_id);
    let cancelled = bench.counter.cancel_order(
        "hanako",
        &order.order_id,
        None,
        CancelBy::Customer,
        "customer",
        Some(key),
        later(60),
    );
    cancelled.await.unwrap();
    assert_eq!(send(&bench, &post(&server), later(60)).await.sent, 2);
    let mails: Vec<_> = server.mails().iter().map(|mail| read(mail)).collect();
    assert!(
        mails
            .iter()
            .any(|(subject, text, _)| subject.starts_with("About cancelling") && text.contains("A × 1"))
    );
    let (_, text, _) = mails.iter().find(|(subject, ..)| subject.starts_with("Your refund")).unwrap();
    assert!(text.contains("(300 points): ¥300") && text.contains("will not be charged"), "{text}");
}

async fn a_server_that_says_later_gets_it_later_and_one_that_refuses_gets_it_no_more(bench: Bench) {
    let server = SmtpServer::start().await;
    contact(&bench, "hanako", "rakuten-style", "ja").await;
    bench.place(&hanako(), &rakuten().line("A@shop-a", 5_000, 1).by("card"), noon()).await;
    server.next(&[Doing::SayLater, Doing::Refuse]);
    assert_eq!(send(&bench, &post(&server), noon()).await.postponed, 1);
    assert_eq!(send(&bench, &post(&server), later(50)).await, MessageReport::default());
    let message = messages(&bench, "hanako").await.remove(0);
    assert_eq!((message.state, message.fault.as_deref()), (MessageState::Queued, Some("451")));
    assert_eq!(send(&bench, &post(&server), later(61)).await.failed, 1);
    let message = messages(&bench, "hanako").await.remove(0);
    assert_eq!((message.state, message.fault.as_deref()), (MessageState::Failed, Some("550")));
    assert_eq!(send(&bench, &post(&server), later(90_000)).await, MessageReport::default());
    assert!(server.mails().is_empty());
}

async fn a_connection_cut_off_after_the_mail_sends_it_again_with_the_same_id(bench: Bench) {
    let server = SmtpServer::start().await;
    contact(&bench, "hanako", "rakuten-style", "ja").await;
    bench.place(&hanako(), &rakuten().line("A@shop-a", 5_000, 1).by("card"), noon()).await;
    server.next(&[Doing::CutOff]);
    assert_eq!(send(&bench, &post(&server), noon()).await.postponed, 1);
    assert_eq!(send(&bench, &post(&server), later(61)).await.sent, 1);
    let ids: Vec<String> = server.mails().iter().map(|mail| id(mail)).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
}

fn id(mail: &str) -> String {
    let parsed = MessageParser::default().parse(mail.as_bytes()).unwrap();
    parsed.message_id().unwrap().to_owned()
}

async fn without_a_contact_nothing_is_sent(bench: Bench) {
    let server = SmtpServer::start().await;
    bench.place(&hanako(), &rakuten().line("A@shop-a", 5_000, 1).by("card"), noon()).await;
    assert_eq!(send(&bench, &post(&server), noon()).await.skipped, 1);
    contact(&bench, "hanako", "rakuten-style", "ja").await;
    assert_eq!(send(&bench, &post(&server), later(60)).await, MessageReport::default());
}

async fn an_erased_contact_gets_nothing_any_more(bench: Bench) {
    let server = SmtpServer::start().await;
    contact(&bench, "hanako", "rakuten-style", "ja").await;
    let caller = Caller::customer("hanako");
    bench.counter.erase_contact(&caller, "hanako", "rakuten-style", noon()).await.unwrap();
    bench.counter.erase_contact(&caller, "hanako", "rakuten-style", noon()).await.unwrap();
    bench.place(&hanako(), &rakuten().line("A@shop-a", 5_000, 1).by("card"), noon()).await;
    assert_eq!(send(&bench, &post(&server), noon()).await.skipped, 1);
    let gone = bench.counter.contact(&caller, "hanako", "rakuten-style").await;
    assert!(matches!(gone, Err(AppError::NotFound { .. })));
}

async fn what_expires_on_one_day_is_told_once_a_week_before_to_those_who_want_it(bench: Bench) {
    let server = SmtpServer::start().await;
    contact(&bench, "hanako", "rakuten-style", "ja").await;
    let end = Some("2026-12-31T23:59:59+09:00");
    bench.grant(&hanako(), "rakuten:limited", 300, end).await;
    bench.grant(&hanako(), "rakuten:limited", 200, end).await;
    let two_weeks = time("2026-12-18T00:00:00+09:00");
    assert_eq!(bench.counter.do_what_is_due("worker", two_weeks, 100).await.unwrap().lots, 2);
    assert_eq!(send(&bench, &post(&server), two_weeks).await.sent, 0);
    let week = time("2026-12-24T23:59:59+09:00");
    assert_eq!(send(&bench, &post(&server), week - SignedDuration::from_secs(1)).await.sent, 0);
    assert_eq!(send(&bench, &post(&server), week).await.sent, 1);
    assert_eq!(send(&bench, &post(&server), week + SignedDuration::from_hours(24)).await.sent, 0);
    let mail = server.mails().remove(0);
    assert!(mail.contains("List-Unsubscribe: <https://shop.example/account/contact>"));
    let (_, text, _) = read(&mail);
    assert!(text.contains("300ポイント") && text.contains("200ポイント"), "{text}");
    assert!(text.contains("2026年12月31日(木) 23:59"), "{text}");
    let wanted =
        ContactWanted { email: "a@b.example".to_owned(), language: "ja".to_owned(), points_notices: false };
    let caller = Caller::customer("hanako");
    bench.counter.set_contact(&caller, "hanako", "rakuten-style", &wanted, week).await.unwrap();
    bench.grant_at(&hanako(), "rakuten:limited", 5, Some("2027-02-28T23:59:59+09:00"), week).await;
    let near = time("2027-02-22T00:00:00+09:00");
    bench.counter.do_what_is_due("worker", near, 100).await.unwrap();
    assert_eq!(send(&bench, &post(&server), near).await.skipped, 1);
}

async fn a_bought_gift_card_is_told_of_without_its_code(bench: Bench) {
    let server = SmtpServer::start().await;
    contact(&bench, "taro", "amazon-style", "ja").await;
    let cart = amazon().line("G:gift_card@amazon", 3_000, 1).by("card");
    let order = bench.place(&taro(), &cart, noon()).await;
    send(&bench, &post(&server), noon()).await;
    let mails: Vec<_> = server.mails().iter().map(|mail| read(mail)).collect();
    let ready = mails.iter().find(|mail| mail.0.starts_with("ギフトカードの準備ができました")).unwrap();
    let number = bench.order(&taro(), &order.order_id).await.order.number;
    assert!(ready.1.contains(&format!("/orders/{number}")), "{}", ready.1);
}

async fn a_chat_that_ended_is_sent_as_it_was_said(bench: Bench) {
    let server = SmtpServer::start().await;
    contact(&bench, "hanako", "rakuten-style", "en").await;
    let (counter, caller) = (&bench.counter, Caller::customer("hanako"));
    let open = OpenCase {
        topic: "other".to_owned(),
        question: "other".to_owned(),
        order_id: None,
        text: Some("Hello".to_owned()),
        language: "en".to_owned(),
        channel: Channel::Form,
        evidence: serde_json::json!({}),
    };
    let key = bench.key("open_case", "hanako");
    let case = counter.open_case(&caller, &hanako(), open, key, noon()).await.unwrap();
    let chat = counter.start_chat(&caller, &case.case_id, noon()).await.unwrap().chat_id;
    let agent = Caller::Staff { staff_id: "sato".to_owned(), role: Role::Agent };
    counter.take_chat(&agent, &chat, noon()).await.unwrap();
    counter.say_in_chat(&caller, &chat, "c1", "Where is <b>it</b>?", noon()).await.unwrap();
    counter.say_in_chat(&agent, &chat, "a1", "It comes today.", noon()).await.unwrap();
    counter.end_chat(&agent, &chat, noon()).await.unwrap();
    let post = Post { answers_at: Some("care.shop.example".to_owned()), ..post(&server) };
    send(&bench, &post, noon()).await;
    let mails = server.mails();
    let [mail] = mails.as_slice() else { panic!("{} mails", mails.len()) };
    let read = MessageParser::default().parse(mail.as_bytes()).unwrap();
    let answers =
        counter.reply_address(&case.case_id, "hanako@customer.example", "care.shop.example").unwrap();
    let reply_to = read.reply_to().unwrap().first().unwrap().address().unwrap();
    assert_eq!(reply_to, answers.as_str(), "an answer comes to the case that it is about");
    assert_eq!(read.subject(), Some(format!("Your chat with us ({})", case.number).as_str()));
    let (text, html) = (read.body_text(0).unwrap(), read.body_html(0).unwrap());
    for part in ["Where is <b>it</b>?", "It comes today.", "Our desk has ended the chat.", "(our desk)"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!html.contains("<b>it") && !text.contains("sato") && !text.contains("mail-"));
}

async fn a_call_that_did_not_come_about_is_told_of_unless_another_one_was_asked_for(bench: Bench) {
    const NUMBER: &str = "090-1234-5678";
    let server = SmtpServer::start().await;
    contact(&bench, "hanako", "rakuten-style", "ja").await;
    let day = SignedDuration::from_hours(24);
    be_there(&bench.counter, "aki", &["desk"], noon()).await;
    bench.verify(&hanako(), NUMBER, noon()).await;
    bench.call_me(&hanako(), NUMBER, "k1", noon()).await;
    bench.counter.wake_callbacks(noon() + day, 10).await.unwrap();
    send(&bench, &post(&server), noon() + day).await;
    let mails = server.mails();
    let [mail] = mails.as_slice() else { panic!("{} mails", mails.len()) };
    let read = MessageParser::default().parse(mail.as_bytes()).unwrap();
    let text = read.body_text(0).unwrap();
    for part in ["お約束の時間内に", "もう一度お電話を依頼する", "https://shop.example/cases/cas_"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("5678"), "{text}");
    be_there(&bench.counter, "aki", &["desk"], noon() + day).await;
    bench.call_me(&hanako(), NUMBER, "k2", noon() + day).await;
    let missed = noon() + day + day;
    bench.counter.wake_callbacks(missed, 10).await.unwrap();
    be_there(&bench.counter, "aki", &["desk"], missed).await;
    bench.call_me(&hanako(), NUMBER, "k3", missed).await;
    assert_eq!(send(&bench, &post(&server), missed).await.skipped, 1);
    assert!(server.mails().is_empty());
}

async fn two_processes_send_each_message_once(bench: Bench) {
    let server = SmtpServer::start().await;
    contact(&bench, "hanako", "rakuten-style", "ja").await;
    for price in [1_000, 2_000, 3_000, 4_000] {
        bench.place(&hanako(), &rakuten().line("A@shop-a", price, 1).by("card"), noon()).await;
    }
    bench.counter.publish_events(noon()).await.unwrap();
    let (another, post) = (bench.another(2).await, post(&server));
    let (one, other) = tokio::join!(
        bench.counter.send_messages(&post, noon(), 100),
        another.send_messages(&post, noon(), 100),
    );
    assert_eq!(one.unwrap().sent + other.unwrap().sent, 4);
    assert_eq!(server.mails().len(), 4);
}

async fn contacts_belong_to_their_customers(bench: Bench) {
    contact(&bench, "hanako", "rakuten-style", "ja").await;
    let of = |caller: Caller| {
        let counter = bench.counter.clone();
        async move { counter.contact(&caller, "hanako", "rakuten-style").await }
    };
    assert_eq!(of(Caller::customer("hanako")).await.unwrap().email, "hanako@customer.example");
    assert!(matches!(of(Caller::customer("taro")).await, Err(AppError::NotFound { .. })));
    let agent = Caller::Staff { staff_id: "a".to_owned(), role: Role::Agent };
    assert_eq!(of(agent).await.unwrap().email, "h***@c***.example");
    let machine = Caller::Machine { key_id: "k".to_owned(), rights: vec![Right::Quotes] };
    assert!(matches!(of(machine).await, Err(AppError::NotAllowed { .. })));
    let caller = Caller::customer("hanako");
    for (email, language, field) in [
        ("nobody", "ja", "/email"),
        ("a@b.example", "fr", "/language"),
        ("a@b.example\r\nBcc: c@d.example", "ja", "/email"),
    ] {
        let wanted =
            ContactWanted { email: email.to_owned(), language: language.to_owned(), points_notices: true };
        let set = bench.counter.set_contact(&caller, "hanako", "rakuten-style", &wanted, noon()).await;
        assert!(matches!(set, Err(AppError::Field { field: found, .. }) if found == field), "{email}");
    }
}

async fn mail_into_files_is_one_file_each(bench: Bench) {
    let directory = tempfile::tempdir().unwrap();
    let mailer = Arc::new(FileMailer::new(sender(), &directory.path().join("mail")).unwrap());
    contact(&bench, "hanako", "rakuten-style", "ja").await;
    bench.place(&hanako(), &rakuten().line("A@shop-a", 5_000, 1).by("card"), noon()).await;
    assert_eq!(send(&bench, &Post { mailer, links: links(), answers_at: None }, noon()).await.sent, 1);
    let files: Vec<_> =
        std::fs::read_dir(directory.path().join("mail")).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].extension().unwrap(), "eml");
    let (subject, ..) = read(&std::fs::read_to_string(&files[0]).unwrap());
    assert!(subject.starts_with("ご注文を承りました"));
}
