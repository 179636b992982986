//! What must never be kept is masked before it is: card numbers, gift codes, and one-time codes that a customer types.
//!
//! A mask keeps as much as a person needs to know what was meant, and nothing that anyone could use. Numbers that the
//! desk works with stay as they are: order numbers, tracking numbers, amounts, telephone numbers.

/// What a text may hold, beside card numbers.
pub struct Sensitive<'s> {
    /// Whether letters and digits without what stands between them are the code of a gift card.
    pub gift_code: &'s dyn Fn(&str) -> bool,
    /// Whether six digits by themselves are masked: where a customer wrote the text.
    pub one_time_codes: bool,
}

/// The text with everything masked that must not be kept.
pub fn redact(text: &str, sensitive: &Sensitive<'_>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for word in words(text) {
        for run in runs(&word, sensitive) {
            let Some(mask) = mask(text, &run, sensitive) else { continue };
            out.push_str(text.get(done..run.start()).unwrap_or(""));
            out.push_str(&mask);
            done = run.end();
        }
    }
    out.push_str(text.get(done..).unwrap_or(""));
    out
}

/// A letter or digit as ASCII, with its place in the text and its length there.
#[derive(Clone, Copy)]
struct Symbol {
    at: usize,
    length: usize,
    ascii: char,
    /// What stood between it and the one before.
    gap: Option<char>,
}

impl Symbol {
    /// Whether a digit joins it by a dash to the digits before.
    fn is_dashed_digit(&self) -> bool {
        self.ascii.is_ascii_digit() && self.gap.is_some_and(|gap| !gap.is_whitespace())
    }
}

/// Letters and digits that at most one space or dash stands between.
struct Run<'w> {
    symbols: &'w [Symbol],
    /// Whether more digits stand before or after it, joined by a dash.
    dashed: bool,
}

impl Run<'_> {
    fn start(&self) -> usize {
        self.symbols.first().map_or(0, |symbol| symbol.at)
    }

    fn end(&self) -> usize {
        self.symbols.last().map_or(0, |symbol| symbol.at.saturating_add(symbol.length))
    }

    fn ascii(&self) -> String {
        self.symbols.iter().map(|symbol| symbol.ascii).collect()
    }

    /// The lengths of its groups.
    fn groups(&self) -> Vec<usize> {
        let mut groups: Vec<usize> = Vec::new();
        for symbol in self.symbols {
            match groups.last_mut() {
                Some(last) if symbol.gap.is_none() => *last = last.saturating_add(1),
                _ => groups.push(1),
            }
        }
        groups
    }
}

/// Cuts a word into runs that could be one number or code each: from where a group begins, the longest that is one.
fn runs<'w>(word: &'w [Symbol], sensitive: &Sensitive<'_>) -> Vec<Run<'w>> {
    let (mut runs, mut from) = (Vec::new(), 0);
    while from < word.len() {
        let rest = word.get(from..).unwrap_or(&[]);
        let (symbols, after) = rest.split_at(longest(rest, sensitive).clamp(1, rest.len()));
        let dashed = from > 0 && symbols.first().is_some_and(Symbol::is_dashed_digit)
            || after.first().is_some_and(Symbol::is_dashed_digit);
        runs.push(Run { symbols, dashed });
        from = from.saturating_add(symbols.len());
    }
    runs
}

/// How many symbols from the start are one number or code; else the first group.
fn longest(symbols: &[Symbol], sensitive: &Sensitive<'_>) -> usize {
    /// No number and no code has more letters.
    const LONGEST: usize = 19;
    let is_end = |end: &usize| symbols.get(*end).is_none_or(|next| next.gap.is_some());
    let ends = (1..=symbols.len().min(LONGEST)).rev().filter(is_end);
    let is_one = |end: &usize| {
        let run = Run { symbols: symbols.get(..*end).unwrap_or(&[]), dashed: false };
        is_order_number(&run) || is_split_code(&run) || is_for_all(&run, sensitive).is_some()
    };
    let group = symbols.iter().skip(1).position(|symbol| symbol.gap.is_some());
    let one_group = group.map_or(symbols.len(), |place| place.saturating_add(1));
    ends.clone().find(is_one).unwrap_or(one_group)
}

/// Symbols that belong together, because at most one space or dash stands between each two.
fn words(text: &str) -> Vec<Vec<Symbol>> {
    let mut words: Vec<Vec<Symbol>> = Vec::new();
    let (mut gap, mut joined) = (None, false);
    for (at, letter) in text.char_indices() {
        match symbol(letter) {
            Some(ascii) => {
                let symbol = Symbol { at, length: letter.len_utf8(), ascii, gap };
                match words.last_mut() {
                    Some(word) if joined => word.push(symbol),
                    _ => words.push(vec![Symbol { gap: None, ..symbol }]),
                }
                (gap, joined) = (None, true);
            }
            None if is_unseen(letter) => {}
            None if is_between(letter) && gap.is_none() => gap = Some(letter),
            None => joined = false,
        }
    }
    words
}

fn symbol(letter: char) -> Option<char> {
    const FULL_WIDTH: u32 = 0xFEE0;
    let code = u32::from(letter);
    let full = ('\u{FF01}'..='\u{FF5E}').contains(&letter);
    let half = if full { char::from_u32(code.saturating_sub(FULL_WIDTH))? } else { letter };
    half.is_ascii_alphanumeric().then_some(half)
}

fn is_between(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(
            letter,
            '-' | '_' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30FC}' | '\u{FF0D}' | '\u{FF70}'
        )
}

fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

fn mask(text: &str, run: &Run<'_>, sensitive: &Sensitive<'_>) -> Option<String> {
    if is_order_number(run) {
        return None;
    }
    let six = run.symbols.len() == 6 && run.symbols.iter().all(|symbol| symbol.ascii.is_ascii_digit());
    let code = sensitive.one_time_codes && six && !run.dashed && !is_amount(text, run);
    is_for_all(run, sensitive).or_else(|| code.then(|| "******".to_owned()))
}

/// The mask of what nobody may write: a card number, a code of a gift card.
fn is_for_all(run: &Run<'_>, sensitive: &Sensitive<'_>) -> Option<String> {
    let ascii = run.ascii();
    if is_card(&ascii) {
        return Some(format!("****{}", ascii.get(ascii.len().saturating_sub(4)..).unwrap_or("")));
    }
    let code = ascii.len() == 17 && (sensitive.gift_code)(&ascii);
    (code || is_foreign_gift_code(run)).then(|| "****-****".to_owned())
}

/// Digits of a card: a length and a beginning that issuers use, and Luhn's check digit.
fn is_card(ascii: &str) -> bool {
    if !(14..=19).contains(&ascii.len()) || !ascii.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let beginning: u32 = ascii.get(..4).and_then(|first| first.parse().ok()).unwrap_or(0);
    let known = match beginning {
        3400..=3499 | 3700..=3799 => ascii.len() == 15,
        3000..=3059 | 3095 | 3600..=3699 | 3800..=3999 => ascii.len() >= 14,
        3528..=3589 | 4000..=4999 | 6000..=6999 => ascii.len() >= 16,
        2221..=2720 | 5000..=5999 => ascii.len() >= 16,
        _ => false,
    };
    known && luhn(ascii)
}

/// Every second digit from the right counts double; the sum ends in zero.
fn luhn(digits: &str) -> bool {
    let values = digits.bytes().rev().map(|byte| u32::from(byte.saturating_sub(b'0')));
    let sum: u32 = values
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit.saturating_mul(2).saturating_sub(9),
            (_, digit) => digit.saturating_mul(2),
        })
        .sum();
    sum.is_multiple_of(10)
}

/// 3-7-7 digits: no card, even where the check digit fits.
fn is_order_number(run: &Run<'_>) -> bool {
    run.groups() == [3, 7, 7] && run.ascii().bytes().all(|byte| byte.is_ascii_digit())
}

/// Codes of other issuers' gift cards, as they print them: 4-6-4 or 4-6-5 capitals and digits, both among them.
fn is_foreign_gift_code(run: &Run<'_>) -> bool {
    let ascii = run.ascii();
    let shape = matches!(*run.groups().as_slice(), [4, 6, 4] | [4, 6, 5]);
    let digit = ascii.bytes().any(|byte| byte.is_ascii_digit());
    let capital = ascii.bytes().any(|byte| byte.is_ascii_uppercase());
    shape && digit && capital && !ascii.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Six digits in two groups of three, as some apps show one-time codes.
fn is_split_code(run: &Run<'_>) -> bool {
    run.groups() == [3, 3] && run.ascii().bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the digits are an amount of money, by what stands beside them.
fn is_amount(text: &str, run: &Run<'_>) -> bool {
    let before = text.get(..run.start()).unwrap_or("").trim_end();
    let after = text.get(run.end()..).unwrap_or("").trim_start();
    before.ends_with(['¥', '￥', ',', '$'])
        || ["円", "yen", "JPY", "ポイント", "pt"].iter().any(|unit| after.starts_with(unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn customer(text: &str) -> String {
        redact(text, &Sensitive { gift_code: &|code| code.ends_with('Z'), one_time_codes: true })
    }

    fn staff(text: &str) -> String {
        redact(text, &Sensitive { gift_code: &|code| code.ends_with('Z'), one_time_codes: false })
    }

    #[test]
    fn card_numbers_are_masked_however_they_are_typed() {
        for typed in [
            "4111111111111111",
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "４１１１１１１１１１１１１１１１",
            "4111ー1111ー1111ー1111",
            "4111\u{200b}1111 1111 1111",
            "5555555555554444",
            "3566002020360505",
            "378282246310005",
            "30569309025904",
        ] {
            let masked = customer(&format!("カードは{typed}です。"));
            assert!(masked.contains("****"), "{typed} → {masked}");
            assert!(!masked.contains("1111-1111") && masked.ends_with("です。"), "{masked}");
        }
        assert_eq!(customer("1 4111 1111 1111 1111 12/30"), "1 ****1111 12/30");
        assert_eq!(customer("番号 4111 1111 1111 1111 期限"), "番号 ****1111 期限");
    }

    #[test]
    fn numbers_that_the_desk_works_with_stay() {
        for kept in [
            "注文番号 250-1234567-1234567 です",
            "お問い合わせ番号 1234-5678-9012",
            "123456789012",
            "電話 090-1234-5678",
            "0120-899-543",
            "0120-899543",
            "〒123-4567",
            "合計 123456円",
            "¥123456",
            "4111111111111112",
            "1Z999AA10123456784",
            "9400111899223197428490",
            "2026-11-25",
        ] {
            assert_eq!(customer(kept), kept);
        }
        // Every order number stays, also one whose digits happen to pass as a card's.
        for last in 0..10 {
            let number = format!("411-1111111-111111{last}");
            assert_eq!(customer(&number), number);
        }
    }

    #[test]
    fn gift_codes_are_masked() {
        assert_eq!(customer("コードは 0123-4567-89AB-CDEFZ でした"), "コードは ****-**** でした");
        assert_eq!(customer("0123456789ABCDEFZ"), "****-****");
        assert_eq!(customer("AQ1B-C2D3E4-F5GH"), "****-****");
        assert_eq!(customer("0123-4567-89AB-CDEFX"), "0123-4567-89AB-CDEFX");
    }

    #[test]
    fn a_one_time_code_is_masked_where_a_customer_types_it() {
        for typed in
            ["123456", "認証番号は123456です", "１２３４５６", "code: 123 456", "123-456", "123456 これ"]
        {
            let masked = customer(typed);
            assert!(masked.contains("******"), "{typed} → {masked}");
        }
        assert_eq!(staff("123456"), "123456");
    }

    proptest! {
        #[test]
        fn no_card_number_is_left_in_any_text(before in "[ぁ-んa-z、。\n]{0,12}", digits in proptest::collection::vec(0_u32..10, 15), after in "[ぁ-ん。!\n]{0,12}", separator in prop_oneof![Just(""), Just(" "), Just("-")]) {
            let mut number: String = std::iter::once('4').chain(digits.iter().skip(1).map(|digit| char::from_digit(*digit, 10).unwrap())).collect();
            let check = (0..10).find(|check| luhn(&format!("{number}{check}"))).unwrap();
            number.push(char::from_digit(check, 10).unwrap());
            let groups: Vec<&str> = (0..4).map(|group| &number[group * 4..group * 4 + 4]).collect();
            let typed = groups.join(separator);
            let before = format!("{before} ");
            let masked = customer(&format!("{before}{typed}{after}"));
            prop_assert!(!masked.contains(&typed), "{masked}");
            prop_assert!(masked.contains(&number[12..]));
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,80}") {
            let once = customer(&text);
            prop_assert_eq!(customer(&once), once);
        }
    }
}
