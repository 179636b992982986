//! Numbers in running text, with their places.

use choba_parcel::{find, parse};

fn found(text: &str) -> Vec<(String, Option<&'static str>, &str)> {
    find(text)
        .map(|found| {
            let carrier = found.answer.carrier().map(|carrier| carrier.id());
            (found.answer.normalized().to_string(), carrier, &text[found.range.clone()])
        })
        .collect()
}

#[test]
fn several_numbers_with_their_carriers_and_places() {
    let text = "ヤマト運輸：1234-5678-9013、佐川急便：１２３４－５６７８－９０１３、EMS EG 725 089 303 JP\n\
                UPS: 1z5r89390357567127. Thank you!";
    assert_eq!(
        found(text),
        [
            ("123456789013".into(), Some("yamato"), "1234-5678-9013"),
            ("123456789013".into(), Some("sagawa"), "１２３４－５６７８－９０１３"),
            ("EG725089303JP".into(), Some("japan-post"), "EG 725 089 303 JP"),
            ("1Z5R89390357567127".into(), Some("ups"), "1z5r89390357567127"),
        ]
    );
}

#[test]
fn a_list_under_one_heading() {
    let text = "佐川急便のお問い合わせ番号\n1234-5678-9013\n4012-3456-7892\n・4012-3456-7903";
    let carriers: Vec<_> = found(text).into_iter().map(|(_, carrier, _)| carrier).collect();
    assert_eq!(carriers, [Some("sagawa"); 3]);
}

#[test]
fn a_labelled_number_is_found_even_when_it_fails() {
    assert_eq!(found("追跡番号 1234-5678-9012 です").len(), 1);
    assert_eq!(found("ヤマト 123456789017 です").len(), 1);
    assert_eq!(found("数値 123456789017 です").len(), 0);
}

#[test]
fn other_numbers_are_left_out() {
    let text = "注文番号 250-1234567-1234567、電話 03-1234-5678 / 090-1234-5678、〒100-0001、2026年11月21日 12:34、\
                合計 12,800円 (税 1,163円)、認証コード 123456、20261121、192.168.0.1、https://example.com/12345";
    assert_eq!(found(text), []);
}

#[test]
fn prose_with_short_words_does_not_hide_a_number() {
    let text =
        "Hi, my order is late. It was sent on 12 May via DHL with no 3318810025 and I am at 12 Main St.";
    assert_eq!(found(text), [("3318810025".into(), Some("dhl"), "3318810025")]);
}

#[test]
fn a_table_with_bars_and_tabs() {
    let text = "| date | number |\n| 11/21 | 1234-5678-9013 |\n1\t4012-3456-7892\t佐川\n";
    let numbers: Vec<_> = found(text).into_iter().map(|(number, ..)| number).collect();
    assert_eq!(numbers, ["123456789013", "401234567892"]);
}

#[test]
fn labels_glued_to_the_number() {
    assert_eq!(parse("No123456789013").normalized(), "123456789013");
    assert_eq!(parse("UPS1Z5R89390357567127").normalized(), "1Z5R89390357567127");
    assert_eq!(parse("伝票番号123456789013です").normalized(), "123456789013");
}

#[test]
fn a_long_text_takes_time_in_proportion() {
    for part in [
        "1",
        "1 ",
        "12 ",
        "1-",
        "O",
        "| ",
        "あ",
        "1Z5R89390357567127 ",
        "1234-5678-9013 ",
        "A1",
        "\u{202e}",
        "🎁1",
        "No ",
        "+",
        "1. ",
    ] {
        let text = part.repeat(200_000 / part.len());
        let answer = parse(&text);
        assert!(answer.normalized().len() <= 44);
        assert!(find(&text).count() <= 20_000);
    }
}
