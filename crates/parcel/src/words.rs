//! Words that stand around pasted numbers, as data: what a carrier is called, and what kind of number a label announces.
//!
//! Latin words are written in lower case and match whole words only; Japanese ones match anywhere.

use crate::carrier::Carrier;
use crate::not_a_parcel::NotAParcel;

/// What a word tells about the number beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Carrier(Carrier),
    /// The number is a parcel's.
    Parcel,
    /// The number is something else.
    Other(NotAParcel),
    /// A label that says nothing: "No.".
    Nothing,
}

use Meaning::{Nothing, Other, Parcel};

const YAMATO: Meaning = Meaning::Carrier(Carrier::courier("yamato"));
const SAGAWA: Meaning = Meaning::Carrier(Carrier::courier("sagawa"));
const JAPAN_POST: Meaning = Meaning::Carrier(Carrier::courier("japan-post"));
const FUKUYAMA: Meaning = Meaning::Carrier(Carrier::courier("fukuyama"));
const SEINO: Meaning = Meaning::Carrier(Carrier::courier("seino"));
const AMAZON: Meaning = Meaning::Carrier(Carrier::courier("amazon"));
const DHL: Meaning = Meaning::Carrier(Carrier::courier("dhl"));
const FEDEX: Meaning = Meaning::Carrier(Carrier::courier("fedex"));
const UPS: Meaning = Meaning::Carrier(Carrier::courier("ups"));
const USPS: Meaning = Meaning::Carrier(Carrier::courier("usps"));
const TNT: Meaning = Meaning::Carrier(Carrier::courier("tnt"));

/// The words.
#[rustfmt::skip] // a table: one meaning a paragraph
pub(crate) static WORDS: &[(&str, Meaning)] = &[
    ("ヤマト", YAMATO), ("クロネコ", YAMATO), ("宅急便", YAMATO), ("ネコポス", YAMATO), ("こねこ便", YAMATO),
    ("ﾔﾏﾄ", YAMATO), ("ｸﾛﾈｺ", YAMATO), ("yamato", YAMATO), ("kuroneko", YAMATO), ("ta-q-bin", YAMATO),
    ("takkyubin", YAMATO),

    ("佐川", SAGAWA), ("飛脚", SAGAWA), ("サガワ", SAGAWA), ("ｻｶﾞﾜ", SAGAWA), ("sagawa", SAGAWA),

    ("日本郵便", JAPAN_POST), ("日本郵政", JAPAN_POST), ("郵便局", JAPAN_POST), ("ゆうパック", JAPAN_POST),
    ("ゆうパケット", JAPAN_POST), ("ゆうプリ", JAPAN_POST), ("レターパック", JAPAN_POST),
    ("クリックポスト", JAPAN_POST), ("スマートレター", JAPAN_POST), ("書留", JAPAN_POST), ("特定記録", JAPAN_POST),
    ("簡易書留", JAPAN_POST), ("国際郵便", JAPAN_POST), ("ﾕｳﾊﾟｯｸ", JAPAN_POST), ("ﾚﾀｰﾊﾟｯｸ", JAPAN_POST),
    ("japan post", JAPAN_POST), ("japanpost", JAPAN_POST), ("yu-pack", JAPAN_POST), ("yupack", JAPAN_POST),
    ("jp post", JAPAN_POST), ("letter pack", JAPAN_POST),

    ("福山通運", FUKUYAMA), ("福通", FUKUYAMA), ("フクツー", FUKUYAMA), ("ﾌｸﾂｰ", FUKUYAMA), ("fukuyama", FUKUYAMA),
    ("fukutsu", FUKUYAMA),
    ("西濃", SEINO), ("セイノー", SEINO), ("カンガルー便", SEINO), ("ｾｲﾉｰ", SEINO), ("seino", SEINO),

    ("アマゾン", AMAZON), ("ｱﾏｿﾞﾝ", AMAZON), ("amazon", AMAZON), ("amzl", AMAZON),
    ("dhl", DHL), ("ディーエイチエル", DHL),
    ("fedex", FEDEX), ("federal express", FEDEX), ("フェデックス", FEDEX),
    ("ups", UPS), ("united parcel service", UPS), ("ユーピーエス", UPS),
    ("usps", USPS), ("us postal service", USPS), ("united states postal service", USPS), ("米国郵便", USPS),
    ("tnt", TNT),
    ("canada post", Meaning::Carrier(Carrier::courier("canada-post"))),
    ("purolator", Meaning::Carrier(Carrier::courier("purolator"))),
    ("canpar", Meaning::Carrier(Carrier::courier("canpar"))),
    ("dpd", Meaning::Carrier(Carrier::courier("dpd"))),
    ("ontrac", Meaning::Carrier(Carrier::courier("ontrac"))),
    ("lasership", Meaning::Carrier(Carrier::courier("lasership"))),
    ("old dominion", Meaning::Carrier(Carrier::courier("old-dominion"))),
    ("royal mail", Meaning::Carrier(Carrier::courier("royal-mail"))),
    ("landmark global", Meaning::Carrier(Carrier::courier("landmark"))),
    ("gofo", Meaning::Carrier(Carrier::courier("gofo"))),
    ("spee-dee", Meaning::Carrier(Carrier::courier("speedee"))), ("speedee", Meaning::Carrier(Carrier::courier("speedee"))),
    ("yodel", Meaning::Carrier(Carrier::courier("yodel"))),
    ("yunexpress", Meaning::Carrier(Carrier::courier("yunexpress"))),

    ("問い合わせ番号", Parcel), ("問合せ番号", Parcel), ("問合わせ番号", Parcel), ("問い合せ番号", Parcel),
    ("問合番号", Parcel), ("問い合わせno", Parcel), ("問合せno", Parcel), ("問い合せno", Parcel),
    ("問い合わせ伝票", Parcel), ("問合せ伝票", Parcel), ("問い合わせ送り状", Parcel), ("問合せ送り状", Parcel),
    ("送り状", Parcel), ("伝票", Parcel), ("追跡", Parcel), ("荷物番号", Parcel), ("配送番号", Parcel),
    ("発送番号", Parcel), ("貨物番号", Parcel), ("引受番号", Parcel), ("トラッキング", Parcel), ("ems", Parcel),
    ("tracking", Parcel), ("track", Parcel), ("tracking#", Parcel), ("waybill", Parcel), ("awb", Parcel),
    ("consignment", Parcel), ("shipment", Parcel), ("parcel", Parcel), ("package", Parcel), ("trk", Parcel),

    ("注文番号", Other(NotAParcel::OrderNumber)), ("注文id", Other(NotAParcel::OrderNumber)), ("注文 id", Other(NotAParcel::OrderNumber)),
    ("注文no", Other(NotAParcel::OrderNumber)), ("受注番号", Other(NotAParcel::OrderNumber)),
    ("購入番号", Other(NotAParcel::OrderNumber)), ("オーダー番号", Other(NotAParcel::OrderNumber)),
    ("予約番号", Other(NotAParcel::OrderNumber)), ("order number", Other(NotAParcel::OrderNumber)),
    ("order no", Other(NotAParcel::OrderNumber)), ("order id", Other(NotAParcel::OrderNumber)),
    ("order #", Other(NotAParcel::OrderNumber)), ("order#", Other(NotAParcel::OrderNumber)),

    ("認証番号", Other(NotAParcel::VerificationCode)), ("認証コード", Other(NotAParcel::VerificationCode)),
    ("確認コード", Other(NotAParcel::VerificationCode)), ("確認番号", Other(NotAParcel::VerificationCode)),
    ("ワンタイム", Other(NotAParcel::VerificationCode)), ("パスコード", Other(NotAParcel::VerificationCode)),
    ("セキュリティコード", Other(NotAParcel::VerificationCode)), ("暗証番号", Other(NotAParcel::VerificationCode)),
    ("verification code", Other(NotAParcel::VerificationCode)), ("security code", Other(NotAParcel::VerificationCode)),
    ("one-time password", Other(NotAParcel::VerificationCode)), ("otp", Other(NotAParcel::VerificationCode)),
    ("passcode", Other(NotAParcel::VerificationCode)), ("verification", Other(NotAParcel::VerificationCode)),

    ("返品番号", Other(NotAParcel::ReturnNumber)), ("返品確認番号", Other(NotAParcel::ReturnNumber)),
    ("返品受付番号", Other(NotAParcel::ReturnNumber)), ("返品承認番号", Other(NotAParcel::ReturnNumber)),
    ("返品id", Other(NotAParcel::ReturnNumber)), ("返品 id", Other(NotAParcel::ReturnNumber)), ("返品no", Other(NotAParcel::ReturnNumber)),
    ("rma", Other(NotAParcel::ReturnNumber)), ("return number", Other(NotAParcel::ReturnNumber)),
    ("return id", Other(NotAParcel::ReturnNumber)), ("return no", Other(NotAParcel::ReturnNumber)),
    ("return authorization", Other(NotAParcel::ReturnNumber)), ("return #", Other(NotAParcel::ReturnNumber)),

    ("取引番号", Other(NotAParcel::TransactionId)), ("取引id", Other(NotAParcel::TransactionId)), ("取引 id", Other(NotAParcel::TransactionId)),
    ("決済番号", Other(NotAParcel::TransactionId)), ("決済id", Other(NotAParcel::TransactionId)),
    ("支払い番号", Other(NotAParcel::TransactionId)), ("支払番号", Other(NotAParcel::TransactionId)),
    ("トランザクション", Other(NotAParcel::TransactionId)), ("transaction", Other(NotAParcel::TransactionId)),
    ("transaction id", Other(NotAParcel::TransactionId)), ("payment id", Other(NotAParcel::TransactionId)),

    ("電話", Other(NotAParcel::PhoneNumber)), ("電話番号", Other(NotAParcel::PhoneNumber)),
    ("携帯", Other(NotAParcel::PhoneNumber)), ("フリーダイヤル", Other(NotAParcel::PhoneNumber)),
    ("ファックス", Other(NotAParcel::PhoneNumber)), ("tel", Other(NotAParcel::PhoneNumber)),
    ("phone", Other(NotAParcel::PhoneNumber)), ("phone number", Other(NotAParcel::PhoneNumber)),
    ("fax", Other(NotAParcel::PhoneNumber)), ("mobile", Other(NotAParcel::PhoneNumber)),
    ("℡", Other(NotAParcel::PhoneNumber)), ("☎", Other(NotAParcel::PhoneNumber)),
    ("📞", Other(NotAParcel::PhoneNumber)),

    ("郵便番号", Other(NotAParcel::Postcode)), ("〒", Other(NotAParcel::Postcode)), ("zip", Other(NotAParcel::Postcode)),
    ("zip code", Other(NotAParcel::Postcode)), ("postal code", Other(NotAParcel::Postcode)),
    ("postcode", Other(NotAParcel::Postcode)),

    ("お知らせ番号", Other(NotAParcel::NoticeNumber)), ("お知らせno", Other(NotAParcel::NoticeNumber)),
    ("不在票", Other(NotAParcel::NoticeNumber)), ("不在連絡票", Other(NotAParcel::NoticeNumber)),
    ("不在通知", Other(NotAParcel::NoticeNumber)), ("notice number", Other(NotAParcel::NoticeNumber)),

    ("no", Nothing), ("nr", Nothing), ("num", Nothing), ("number", Nothing), ("id", Nothing), ("ref", Nothing),
    ("is", Nothing), ("and", Nothing), ("via", Nothing), ("by", Nothing), ("the", Nothing), ("with", Nothing),
    ("from", Nothing), ("to", Nothing), ("my", Nothing), ("your", Nothing), ("item", Nothing), ("code", Nothing),
    ("at", Nothing), ("on", Nothing), ("of", Nothing), ("for", Nothing), ("as", Nothing), ("or", Nothing),
];

/// Words that share a bucket; the table does not compile if more do.
const SHARING_MAX: usize = 24;
const BUCKETS: usize = 64;

struct Buckets {
    places: [[u8; SHARING_MAX]; BUCKETS],
    counts: [u8; BUCKETS],
}

static BY_BEGINNING: Buckets = by_beginning();

/// The words that may begin with this text: those whose first bytes fall into the same bucket.
#[inline]
pub(crate) fn words_beginning(text: &[u8]) -> impl Iterator<Item = &'static (&'static str, Meaning)> {
    let bucket = bucket(text);
    let places = &BY_BEGINNING.places[bucket][..usize::from(BY_BEGINNING.counts[bucket])];
    places.iter().map(|place| &WORDS[usize::from(*place)])
}

/// Latin letters differ in their first byte, kana and kanji in their third.
const fn bucket(text: &[u8]) -> usize {
    let telling = if text.len() > 2 && !text[0].is_ascii() { text[2] } else { text[0] };
    telling as usize % BUCKETS
}

const fn by_beginning() -> Buckets {
    let mut buckets = Buckets { places: [[0; SHARING_MAX]; BUCKETS], counts: [0; BUCKETS] };
    assert!(WORDS.len() <= 256, "places are kept in a byte");
    let mut place = 0;
    while place < WORDS.len() {
        let bucket = bucket(WORDS[place].0.as_bytes());
        buckets.places[bucket][buckets.counts[bucket] as usize] = place as u8;
        buckets.counts[bucket] += 1;
        place += 1;
    }
    buckets
}

/// Whether these upper-case Latin letters are a word of the table, and so no part of a number.
pub(crate) fn is_word(letters: &[u8]) -> bool {
    let Some(first) = letters.first() else { return false };
    words_beginning(&[first.to_ascii_lowercase()])
        .any(|(word, _)| word.as_bytes().eq_ignore_ascii_case(letters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_written_as_they_are_looked_for() {
        for (word, _) in WORDS {
            assert_eq!(*word, word.to_lowercase(), "lower case");
            assert_eq!(WORDS.iter().filter(|(other, _)| other == word).count(), 1, "{word} stands once");
        }
    }
}
