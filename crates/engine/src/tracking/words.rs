//! Carriers' own words for how far a parcel is, as data: adding one is adding a row.
//!
//! Words are compared whole, as far as the first bracket or comma: `配達中` is not `配達中止`. What stands in no row
//! has no status, and nobody guesses one.

use super::ParcelStatus::{
    self, AttemptFailed, AvailableForPickup, Delivered, Exception, InTransit, InfoReceived, OutForDelivery,
    Returned,
};

/// Words, and the carriers that say them; all of them where none is named.
struct Row(&'static [&'static str], ParcelStatus, &'static [&'static str]);

#[rustfmt::skip] // one status, one paragraph
const ROWS: &[Row] = &[
    Row(&["yamato"], InfoReceived, &["出荷指示", "伝票番号登録"]),
    Row(&["yamato"], InTransit, &["荷物受付", "発送", "発送済み", "輸送中", "作業店通過"]),
    Row(&["yamato"], OutForDelivery, &["配達中"]),
    Row(&["yamato"], Delivered, &["配達完了", "投函完了", "お客様引渡完了"]),
    Row(&["yamato"], AttemptFailed, &["持戻", "持戻り", "ご不在", "休業", "転居", "ポスト投函不可"]),
    Row(&["yamato"], AvailableForPickup, &["ご来店予定", "保管中"]),
    Row(&["yamato"], Exception, &["調査中"]),
    Row(&["yamato"], Returned, &["返品"]),

    Row(&["sagawa"], InTransit, &["集荷", "輸送中"]),
    Row(&["sagawa"], OutForDelivery, &["配達中"]),
    Row(&["sagawa"], AttemptFailed, &["持戻り", "持戻", "ご不在"]),
    Row(&["sagawa"], AvailableForPickup, &["保管中"]),
    Row(&["sagawa"], Delivered, &["配達完了"]),

    Row(&["japan-post"], InTransit, &["引受", "中継", "到着"]),
    Row(&["japan-post"], OutForDelivery, &["持ち出し中"]),
    Row(&["japan-post"], AttemptFailed, &["ご不在のため持ち帰り"]),
    Row(&["japan-post"], AvailableForPickup, &["保管"]),
    Row(&["japan-post"], Delivered, &["お届け済み", "窓口でお渡し"]),
    Row(&["japan-post"], Returned, &["差出人に返送済み", "返送"]),

    // Codes of the Universal Postal Union's messages, whoever passes them on.
    Row(&[], InTransit, &["EMA", "EMB", "EXA", "EXB", "EXC", "EMC", "EMJ", "EMK", "EMD", "EDA", "EDB", "EDC", "EMF"]),
    Row(&[], Exception, &["EXD", "EXX", "EME"]),
    Row(&[], AttemptFailed, &["EMH"]),
    Row(&[], Delivered, &["EMI"]),
];

/// What a carrier's words mean. Our own codes are understood from anyone.
pub fn status_of_words(carrier: &str, words: &str) -> Option<ParcelStatus> {
    let word = words.split(['(', '（', '[', '【', '、', ',', '，', '。']).next().unwrap_or_default().trim();
    let says = |row: &&Row| {
        (row.0.is_empty() || row.0.contains(&carrier))
            && row.2.iter().any(|known| known.eq_ignore_ascii_case(word))
    };
    ParcelStatus::read(word).or_else(|| ROWS.iter().find(says).map(|row| row.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_carriers_are_understood() {
        let table = [
            ("yamato", "荷物受付", Some(InTransit)),
            ("yamato", "配達完了（宅配ボックス）", Some(Delivered)),
            ("yamato", "持戻(ご不在)", Some(AttemptFailed)),
            ("yamato", "返品", Some(Returned)),
            ("sagawa", " 保管中 ", Some(AvailableForPickup)),
            ("japan-post", "お届け済み", Some(Delivered)),
            ("japan-post", "差出人に返送済み", Some(Returned)),
            ("japan-post", "EMI", Some(Delivered)),
            ("la-poste", "emh", Some(AttemptFailed)),
            ("dhl", "out_for_delivery", Some(OutForDelivery)),
            // Another carrier's word, another word that begins alike, nothing at all.
            ("dhl", "荷物受付", None),
            ("yamato", "配達中止", None),
            ("yamato", "", None),
        ];
        for (carrier, words, status) in table {
            assert_eq!(status_of_words(carrier, words), status, "{carrier} {words}");
        }
    }

    #[test]
    fn no_carrier_says_one_word_in_two_rows() {
        for carrier in ["yamato", "sagawa", "japan-post"] {
            let of = |row: &&Row| row.0.is_empty() || row.0.contains(&carrier);
            let mut words: Vec<&str> = ROWS.iter().filter(of).flat_map(|row| row.2.iter().copied()).collect();
            words.sort_unstable();
            let all = words.len();
            words.dedup();
            assert_eq!(words.len(), all, "{carrier}");
        }
    }
}
