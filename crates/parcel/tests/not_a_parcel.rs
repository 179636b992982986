//! Numbers that name no parcel, and parcels' numbers that only look like them.

use choba_parcel::{Country, Hints, NotAParcel, parse, parse_with};

const TABLE: &[(&str, NotAParcel)] = &[
    ("250-1234567-1234567", NotAParcel::OrderNumber),
    ("２５０－１２３４５６７－１２３４５６７", NotAParcel::OrderNumber),
    ("503 7654321 0123456", NotAParcel::OrderNumber),
    ("25012345671234567", NotAParcel::OrderNumber),
    ("25O-1234567-I234567", NotAParcel::OrderNumber),
    ("D01-1234567-1234567", NotAParcel::OrderNumber),
    ("d01-7654321-7654321", NotAParcel::OrderNumber),
    ("DO1-7654321-7654321", NotAParcel::OrderNumber),
    ("213310-20261121-0123456789", NotAParcel::OrderNumber),
    ("注文番号: 250-1234567-1234567", NotAParcel::OrderNumber),
    ("ご注文番号 123456789013", NotAParcel::OrderNumber),
    ("Order #10023456", NotAParcel::OrderNumber),
    ("Order ID: 249-7654321-1234567", NotAParcel::OrderNumber),
    ("123456", NotAParcel::VerificationCode),
    ("１２３４５６", NotAParcel::VerificationCode),
    ("123 456", NotAParcel::VerificationCode),
    ("認証コード: 048213", NotAParcel::VerificationCode),
    ("あなたの確認コードは 048213 です", NotAParcel::VerificationCode),
    ("Your verification code is 482913", NotAParcel::VerificationCode),
    ("返品番号 12345678", NotAParcel::ReturnNumber),
    ("返品確認番号: R123456", NotAParcel::ReturnNumber),
    ("RMA-2026-00123", NotAParcel::ReturnNumber),
    ("DgXyZ123RRMA", NotAParcel::ReturnNumber),
    ("返品ID: 123456789013", NotAParcel::ReturnNumber),
    ("返品 ID D1234567", NotAParcel::ReturnNumber),
    ("P01-1234567-1234567", NotAParcel::TransactionId),
    ("S03-1234567-1234567-C012345", NotAParcel::TransactionId),
    ("取引ID: 9XY12345AB678901C", NotAParcel::TransactionId),
    ("決済番号 1234567890123", NotAParcel::TransactionId),
    ("Transaction ID 5O190127TN364715T", NotAParcel::TransactionId),
    ("txn_1MiN3gLkdIwHu7ixxapQrznl", NotAParcel::TransactionId),
    ("03-1234-5678", NotAParcel::PhoneNumber),
    ("０３－１２３４－５６７８", NotAParcel::PhoneNumber),
    ("(03)1234-5678", NotAParcel::PhoneNumber),
    ("03(1234)5678", NotAParcel::PhoneNumber),
    ("045-123-4567", NotAParcel::PhoneNumber),
    ("0467-12-3456", NotAParcel::PhoneNumber),
    ("0312345678", NotAParcel::PhoneNumber),
    ("090-1234-5678", NotAParcel::PhoneNumber),
    ("09012345678", NotAParcel::PhoneNumber),
    ("080 1234 5678", NotAParcel::PhoneNumber),
    ("070ー1234ー5678", NotAParcel::PhoneNumber),
    ("050-1234-5678", NotAParcel::PhoneNumber),
    ("0120-123-456", NotAParcel::PhoneNumber),
    ("0120123456", NotAParcel::PhoneNumber),
    ("0800-123-4567", NotAParcel::PhoneNumber),
    ("0570-012-345", NotAParcel::PhoneNumber),
    ("+81 90-1234-5678", NotAParcel::PhoneNumber),
    ("+81312345678", NotAParcel::PhoneNumber),
    ("＋８１－９０－１２３４－５６７８", NotAParcel::PhoneNumber),
    ("TEL: 03-1234-5678", NotAParcel::PhoneNumber),
    ("電話番号 0312345674", NotAParcel::PhoneNumber),
    ("〒100-0001", NotAParcel::Postcode),
    ("100-0001", NotAParcel::Postcode),
    ("1000001", NotAParcel::Postcode),
    ("郵便番号 １００－０００１", NotAParcel::Postcode),
    ("お知らせ番号 123456", NotAParcel::NoticeNumber),
    ("お知らせ番号: 12345678", NotAParcel::NoticeNumber),
    ("12345678", NotAParcel::NoticeNumber),
    ("不在票 123-456-78", NotAParcel::NoticeNumber),
];

#[test]
fn each_is_told_apart_and_explained() {
    let mut missed = Vec::new();
    for (text, kind) in TABLE {
        let answer = parse(text);
        if answer.not_a_parcel() != Some(*kind) {
            missed.push((text, kind, answer));
            continue;
        }
        assert!(
            !answer.is_valid() && answer.carrier().is_none() && answer.corrections().is_empty(),
            "{text}"
        );
        assert_eq!(answer.track_url(), None);
        let message = answer.message();
        assert!(message.ja.ends_with('。') && message.en.ends_with('.'), "{text}");
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn a_parcels_number_beside_others_is_the_one_answered() {
    let texts = [
        "ご注文番号 250-1234567-1234567 の商品を佐川急便 1234-5678-9013 で発送しました。お問い合わせ 0120-123-456",
        "〒100-0001 東京都千代田区 TEL 03-1234-5678\nお問い合わせ番号 1234-5678-9013",
        "認証コード 123456 / 追跡番号 1234-5678-9013",
        "2026年11月21日 12:34 発送 1234-5678-9013 (2個口)",
        "2026-11-21 1234-5678-9013",
        "佐川急便 20261121 100-0001 1234-5678-9013",
        "注文番号 250-1234567-1234567 1234-5678-9013",
    ];
    for text in texts {
        let answer = parse(text);
        assert_eq!(answer.normalized(), "123456789013", "{text}");
        assert!(answer.is_valid());
    }
}

#[test]
fn a_landline_that_passes_by_chance_is_a_telephone_in_japan() {
    let number = "0312345670";
    assert_eq!(parse(number).carrier().map(|carrier| carrier.id()), Some("dhl"));
    let in_japan = parse_with(number, &Hints::none().in_country(Country::JAPAN));
    assert_eq!(in_japan.not_a_parcel(), Some(NotAParcel::PhoneNumber));
}

#[test]
fn a_label_does_not_deny_an_unmistakable_number() {
    assert_eq!(parse("order: 1Z5R89390357567127").carrier().map(|carrier| carrier.id()), Some("ups"));
    assert_eq!(parse("注文番号 EE471108151FR").carrier().map(|carrier| carrier.id()), Some("la-poste"));
}
