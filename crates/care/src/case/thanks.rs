//! Words of thanks, which open no solved case.

/// Longer phrases stand before shorter ones that they begin with.
const PHRASES: [&str; 38] = [
    "ありがとうございました",
    "ありがとうございます",
    "有難うございました",
    "有難うございます",
    "ありがとう",
    "有難う",
    "助かりました",
    "解決しました",
    "届きました",
    "了解いたしました",
    "了解しました",
    "了解です",
    "承知いたしました",
    "承知しました",
    "わかりました",
    "分かりました",
    "お世話になりました",
    "感謝します",
    "感謝いたします",
    "どうも",
    "とても",
    "本当に",
    "大変",
    "です",
    "thankyousomuch",
    "thankyouverymuch",
    "thankyou",
    "manythanks",
    "thanksalot",
    "thanks",
    "thx",
    "cheers",
    "okay",
    "ok",
    "gotit",
    "perfect",
    "great",
    "itworksnow",
];

/// Whether a text only thanks: made of nothing but words of thanks, and without a question.
pub fn is_thanks_only(text: &str) -> bool {
    if text.contains(['?', '？']) {
        return false;
    }
    let mut rest: String =
        text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if rest.is_empty() {
        // A heart, a thumb: it says nothing that needs an answer.
        return !text.trim().is_empty();
    }
    while !rest.is_empty() {
        let Some(phrase) = PHRASES.iter().find(|phrase| rest.starts_with(**phrase)) else { return false };
        rest = rest.split_off(phrase.len());
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thanks_alone_are_told_from_a_question() {
        for text in [
            "ありがとうございます！",
            "ありがとう。助かりました(^^)",
            "Thank you so much!!",
            "OK, thanks",
            "👍",
            "届きました。ありがとうございました",
        ] {
            assert!(is_thanks_only(text), "{text}");
        }
        for text in [
            "ありがとう。でもまだ届きません",
            "Thanks, but where is the refund",
            "ok?",
            "ありがとうございます？",
            "まだです",
            "",
            "   ",
        ] {
            assert!(!is_thanks_only(text), "{text}");
        }
    }
}
