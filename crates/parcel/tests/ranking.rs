//! Which carrier comes first, and what moves it.
#![allow(clippy::expect_used)] // a test may fail loudly

use choba_parcel::{Answer, Carrier, Country, Hints, Verdict, parse, parse_with};

fn ids(answer: &Answer<'_>) -> Vec<&'static str> {
    answer.candidates().iter().map(|candidate| candidate.carrier().id()).collect()
}

fn used(names: &[&str]) -> Vec<Carrier> {
    names.iter().map(|name| Carrier::from_id(name).expect("known")).collect()
}

#[test]
fn twelve_digits_fit_three_carriers_and_the_commonest_comes_first() {
    let answer = parse("1234-5678-9013");
    assert_eq!(ids(&answer)[..3], ["yamato", "sagawa", "japan-post"]);
    assert!(answer.candidates()[..3].iter().all(|candidate| candidate.verdict() == Verdict::Passes));
    let confidence: Vec<_> = answer.candidates().iter().map(|candidate| candidate.confidence()).collect();
    assert!(confidence.is_sorted_by(|left, right| left >= right) && confidence[0] < 0.7);
}

#[test]
fn japan_comes_before_fedex_when_both_pass() {
    let number = (0..).map(|serial| format!("{}", 200_000_000_000_u64 + serial)).find(|number| {
        let passing = parse(number);
        passing
            .candidates()
            .iter()
            .filter(|one| one.verdict() == Verdict::Passes)
            .any(|one| one.carrier().id() == "fedex")
            && passing.candidates().iter().any(|one| one.carrier().id() == "yamato" && one.is_valid())
    });
    let number = number.expect("one in seventy");
    assert_eq!(parse(&number).carrier().map(Carrier::id), Some("yamato"));
    let abroad = Hints::none().in_country(Country::new("US").expect("letters"));
    assert_eq!(parse_with(&number, &abroad).carrier().map(Carrier::id), Some("fedex"));
    let carriers = used(&["fedex"]);
    assert_eq!(
        parse_with(&number, &Hints::none().used_by_market(&carriers)).carrier().map(Carrier::id),
        Some("fedex")
    );
}

#[test]
fn the_carriers_a_market_uses_come_first() {
    let carriers = used(&["sagawa"]);
    assert_eq!(ids(&parse_with("1234-5678-9013", &Hints::none().used_by_market(&carriers)))[0], "sagawa");
    let carriers = used(&["japan-post", "seino"]);
    assert_eq!(ids(&parse_with("1234-5678-9013", &Hints::none().used_by_market(&carriers)))[0], "japan-post");
}

#[test]
fn the_layout_of_registered_mail_means_japan_post() {
    let carriers = used(&["fukuyama"]);
    let plain =
        parse_with("12345678903", &Hints::none().used_by_market(&carriers)).carrier().map(Carrier::id);
    assert_eq!(plain, Some("fukuyama"));
    assert_eq!(ids(&parse("12345678903")), ["japan-post", "fukuyama", "dhl"]);
    let laid_out = parse("123-45-67890-3");
    assert_eq!(ids(&laid_out)[0], "japan-post");
    assert!(laid_out.candidates()[0].confidence() > parse("12345678903").candidates()[0].confidence());
}

#[test]
fn ten_digits_are_dhls_when_they_pass_and_may_be_seinos() {
    assert_eq!(ids(&parse("3318810025")), ["dhl", "seino"]);
    assert_eq!(ids(&parse("3318810026"))[0], "dhl");
    assert!(!parse("3318810026").is_valid());
    let in_japan = parse_with("3318810026", &Hints::none().in_country(Country::JAPAN));
    assert_eq!((ids(&in_japan)[0], in_japan.candidates()[0].check()), ("seino", None));
    assert_eq!(ids(&parse("西濃運輸 3318810025"))[0], "seino");
}

#[test]
fn no_form_without_check_digit_rescues_one_that_fails() {
    for number in ["LX123456789JP", "RX123456781CN", "CN123456782JP", "RB123456789GB"] {
        let answer = parse(number);
        assert!(!answer.is_valid(), "{answer:?}");
        assert_ne!(answer.carrier().map(Carrier::id), Some("dhl"));
    }
}

#[test]
fn a_form_without_check_digit_never_stands_before_one_that_passes() {
    for number in 0..3000_u64 {
        let text = format!("99{:010}", number * 7_919_131);
        let candidates = parse(&text).candidates().to_vec();
        let first_passing = candidates.iter().position(|one| one.verdict() == Verdict::Passes);
        let first_unchecked = candidates.iter().position(|one| one.verdict() == Verdict::Unchecked);
        if let (Some(passing), Some(unchecked)) = (first_passing, first_unchecked) {
            assert!(passing < unchecked, "{text}");
        }
    }
}

#[test]
fn the_markets_own_99_is_amazons_unless_japans_check_digit_says_otherwise() {
    assert_eq!(ids(&parse("991234567891"))[0], "amazon");
    assert_eq!(ids(&parse("991234567890"))[0], "yamato");
    assert!(ids(&parse("991234567890")).contains(&"amazon"));
}

#[test]
fn the_country_letters_say_whose_post_it_is() {
    for (country, id) in [
        ("JP", "japan-post"),
        ("GB", "royal-mail"),
        ("US", "usps"),
        ("CA", "canada-post"),
        ("DE", "deutsche-post"),
    ] {
        assert_eq!(ids(&parse(&format!("RB123456785{country}")))[0], id);
    }
    for (country, id) in
        [("FR", "la-poste"), ("CN", "china-post"), ("KR", "korea-post"), ("TW", "chunghwa-post")]
    {
        assert_eq!(ids(&parse(&format!("RB123456785{country}")))[0], id);
    }
    assert!(!parse("RB123456785XX").is_valid());
}

#[test]
fn an_unmistakable_beginning_names_its_carrier_even_when_a_character_is_missing() {
    for (text, id) in [
        ("DA123456789", "amazon"),
        ("1Z5R8939035756712", "ups"),
        ("EE47110815FR", "la-poste"),
        ("TBA12345678901", "amazon"),
    ] {
        let answer = parse(text);
        assert_eq!((ids(&answer)[0], answer.is_valid()), (id, false), "{text}");
    }
}

#[test]
fn links_hold_the_number_and_amazon_has_none() {
    let link = |text: &str| parse(text).track_url();
    assert_eq!(
        link("1234-5678-9013").as_deref(),
        Some("https://jizen.kuronekoyamato.co.jp/jizen/servlet/crjz.b.NQ0010?id=123456789013")
    );
    assert_eq!(
        link("佐川 1234-5678-9013").as_deref(),
        Some("https://k2k.sagawa-exp.co.jp/p/web/okurijosearch.do?okurijoNo=123456789013")
    );
    assert_eq!(link("DA1234567890"), None);
    assert_eq!(link("TBA000000000000"), None);
    let answer = parse("1234-5678-9013");
    let links: Vec<_> = answer.candidates().iter().filter_map(|one| answer.track_url_of(one)).collect();
    assert_eq!(links.len(), answer.candidates().len());
}

#[test]
fn mail_from_abroad_can_be_followed_at_japan_post() {
    assert_eq!(parse("RB123456785CN").track_url(), None);
    let in_japan = parse_with("RB123456785CN", &Hints::none().in_country(Country::JAPAN)).track_url();
    assert!(
        in_japan.is_some_and(|link| link.contains("post.japanpost.jp") && link.ends_with("RB123456785CN"))
    );
}
