//! Two words by which a customer knows that a caller is the shop: the page shows them, and the caller says them first.

const JA: [&str; 64] = [
    "あさひ",
    "あめ",
    "いちご",
    "いぬ",
    "うさぎ",
    "うみ",
    "えき",
    "えんぴつ",
    "おちゃ",
    "おにぎり",
    "かえで",
    "かさ",
    "かばん",
    "かめ",
    "きつね",
    "きりん",
    "くじら",
    "くるま",
    "けしき",
    "こおり",
    "ことり",
    "ごはん",
    "さくら",
    "さかな",
    "しま",
    "しんぶん",
    "すいか",
    "すずめ",
    "せんべい",
    "そら",
    "たいよう",
    "たけ",
    "たまご",
    "ちず",
    "つき",
    "つばめ",
    "てがみ",
    "とけい",
    "とびら",
    "とんぼ",
    "なみ",
    "にじ",
    "にわ",
    "ねこ",
    "のりもの",
    "はし",
    "はな",
    "ひこうき",
    "ひまわり",
    "ふね",
    "ふゆ",
    "ほし",
    "ほん",
    "まど",
    "まり",
    "みかん",
    "みずうみ",
    "もみじ",
    "やま",
    "ゆき",
    "ゆびわ",
    "よる",
    "りんご",
    "わた",
];

const EN: [&str; 64] = [
    "acorn", "anchor", "apple", "autumn", "bakery", "bamboo", "basket", "beacon", "bridge", "butter",
    "candle", "canyon", "carpet", "castle", "cherry", "cloud", "coffee", "copper", "cotton", "desert",
    "dolphin", "dragon", "eagle", "engine", "feather", "forest", "garden", "guitar", "hammer", "harbor",
    "honey", "island", "jacket", "jungle", "kettle", "ladder", "lemon", "lantern", "marble", "meadow",
    "mirror", "museum", "needle", "ocean", "orange", "parrot", "pencil", "pepper", "planet", "pocket",
    "rabbit", "river", "saddle", "silver", "spring", "stone", "summer", "thunder", "tiger", "tunnel",
    "valley", "violin", "window", "winter",
];

/// The pair of words for two random bytes, in a language: Japanese for `ja`, else English.
pub fn pair(language: &str, random: [u8; 2]) -> String {
    let words = if language == "ja" { &JA } else { &EN };
    let word = |byte: u8| words.get(usize::from(byte % 64)).copied().unwrap_or_default();
    let [one, other] = random;
    format!("{} {}", word(one), word(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_word_is_there_once() {
        for words in [JA, EN] {
            assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), 64);
        }
    }

    #[test]
    fn words_are_in_the_customers_language() {
        assert_eq!(pair("ja", [0, 63]), "あさひ わた");
        assert_eq!(pair("en", [64, 2]), "acorn apple");
    }
}
