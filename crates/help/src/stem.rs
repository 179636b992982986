//! English words without their endings, lightly: what is left need not be a word, only the same for all its forms.

/// The stem of a folded word.
pub fn stem(word: &str) -> String {
    if word.len() < 4 || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return word.to_owned();
    }
    let singular = without_plural(word);
    let bare = without_ending(&singular);
    // expire, expired, expiring
    match bare.strip_suffix('e') {
        Some(short) if short.len() >= 3 => short.to_owned(),
        _ => bare,
    }
}

fn without_plural(word: &str) -> String {
    if let Some(short) = word.strip_suffix("ies").filter(|short| short.len() >= 2) {
        return format!("{short}y");
    }
    for ending in ["sses", "ches", "shes", "xes"] {
        if word.ends_with(ending) {
            return word.strip_suffix("es").unwrap_or(word).to_owned();
        }
    }
    match word.strip_suffix('s') {
        Some(short) if !short.ends_with(['s', 'u', 'i']) => short.to_owned(),
        _ => word.to_owned(),
    }
}

fn without_ending(word: &str) -> String {
    for (ending, least) in [("ing", 3), ("ed", 3)] {
        let short = word.strip_suffix(ending).filter(|short| short.len() >= least);
        let has_vowel = |short: &&str| short.contains(['a', 'e', 'i', 'o', 'u', 'y']);
        if let Some(short) = short.filter(has_vowel) {
            return single(short).to_owned();
        }
    }
    word.to_owned()
}

/// cancelled, cancel; but not missed, call.
fn single(word: &str) -> &str {
    let mut backwards = word.chars().rev();
    let (last, before) = (backwards.next(), backwards.next());
    let doubled = last == before && last.is_some_and(|last| !matches!(last, 's' | 'z' | 'f'));
    match word.get(..word.len().saturating_sub(1)) {
        Some(short) if doubled && word.len() > 4 => short,
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_have_one_stem() {
        for forms in [
            &["cancel", "cancels", "cancelled", "canceling", "cancelling"][..],
            &["expire", "expires", "expired", "expiring"],
            &["delivery", "deliveries"],
            &["box", "boxes"],
            &["redeem", "redeemed", "redeeming"],
            &["purchase", "purchases", "purchased"],
            &["call", "calls", "called", "calling"],
        ] {
            let stems: Vec<String> = forms.iter().map(|form| stem(form)).collect();
            assert!(stems.iter().all(|stem| *stem == stems[0]), "{stems:?}");
        }
        assert_eq!(
            (stem("this").as_str(), stem("bus").as_str(), stem("3980").as_str()),
            ("this", "bus", "3980")
        );
    }
}
