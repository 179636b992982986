//! Phone numbers: is this number one that the shop publishes?
//!
//! A caller's number is easily forged. "Official" says that the shop publishes the number, never that a call
//! which showed it was the shop's.

use std::borrow::Cow;

use phonenumber::country::JP;
use unicode_normalization::UnicodeNormalization;

use crate::distance::within;
use crate::finding::{Finding, Judgement};
use crate::hidden::{hidden_in, trim_blanks, without_hidden};
use crate::official::Official;
use crate::sign::Sign;

/// A number on the official list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublishedNumber {
    /// Country code and national number: `81120123456`.
    digits: String,
    /// National number without trunk prefix: `120123456`.
    national: String,
    /// As the list writes it: `0120-123-456`.
    written: String,
}

/// A pasted number, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Number {
    digits: String,
    international: bool,
    /// Something besides digits, one leading plus and separators.
    tainted: bool,
    /// Digits of other scripts, kanji digits or letters drawn like digits stood for digits.
    substituted: bool,
    /// Letters on a phone's keys, read as the digits they stand on.
    keyed: String,
    /// Letters that stand for no digit.
    letters: usize,
}

impl Number {
    /// Takes a text apart; nothing is judged yet.
    pub fn read(text: &str) -> Self {
        let text: String = without_label(text.trim()).nfkc().collect();
        let mut parameters = text.split(';');
        let mut number = Self::default();
        number.read_digits(parameters.next().unwrap_or_default());
        for parameter in parameters {
            number.read_parameter(parameter);
        }
        number
    }

    fn read_digits(&mut self, text: &str) {
        for c in without_trunk_zero(text).trim_start_matches(['☎', '☏', '✆', '📞', '📱', ' ']).chars()
        {
            self.read_char(c);
        }
    }

    fn read_char(&mut self, c: char) {
        match c {
            '0'..='9' => self.push(c, c),
            '+' if self.digits.is_empty() && !self.international && !self.tainted => {
                self.international = true
            }
            _ if is_separator(c) => {}
            _ => self.read_stand_in(c),
        }
    }

    fn read_stand_in(&mut self, c: char) {
        if let Some(digit) = other_digit(c).or_else(|| kanji_digit(c)) {
            self.substituted = true;
            self.push(digit, digit);
        } else if let Some(digit) = letter_like_digit(c) {
            self.substituted = true;
            self.push(digit, key_of(c).unwrap_or(digit));
        } else if let Some(key) = key_of(c) {
            self.letters += 1;
            self.keyed.push(key);
        } else {
            self.letters += usize::from(c.is_alphabetic());
            self.tainted = true;
        }
    }

    fn push(&mut self, digit: char, key: char) {
        self.digits.push(digit);
        self.keyed.push(key);
    }

    /// `;phone-context=+81` names the country; any other parameter changes what is dialled.
    fn read_parameter(&mut self, parameter: &str) {
        match parameter.trim().split_once('=') {
            Some(("phone-context", context)) if context.starts_with('+') && !self.international => {
                self.international = true;
                let code: String = context.chars().filter(char::is_ascii_digit).collect();
                self.digits.insert_str(0, &code);
            }
            _ => self.tainted = true,
        }
    }

    /// E.164 of a text that is nothing but a phone number dialled from Japan or with its country code.
    pub fn e164_if_plain(&self) -> Option<String> {
        let plain = !self.tainted && !self.substituted && self.letters == 0;
        let dialable = self.international || self.digits.starts_with('0');
        let number = e164(self.international, &self.digits).filter(|_| plain && dialable)?;
        // Emergency and service numbers parse too; a shop's number has at least eight digits with its country.
        (number.len() > 8).then_some(number)
    }

    /// Takes an E.164 number of the list apart for comparisons.
    pub fn published(e164: &str, written: &str) -> Option<PublishedNumber> {
        let parsed = phonenumber::parse(Some(JP), e164).ok()?;
        Some(PublishedNumber {
            digits: e164.trim_start_matches('+').to_owned(),
            national: parsed.national().to_string(),
            written: written.to_owned(),
        })
    }
}

/// Judges a phone number.
pub(crate) fn judge(official: &Official, text: &str) -> Finding {
    let hidden = hidden_in(trim_blanks(text));
    let number = Number::read(&without_hidden(text));
    let mut finding = judge_number(official, &number, hidden.any || text.contains('\\'));
    if finding.verdict == Judgement::Unknown && text.contains('一') {
        finding = judge_with_kanji_dashes(official, text).unwrap_or(finding);
    }
    if text.contains('\\') {
        finding.add(Sign::Backslash);
    }
    if hidden.any {
        finding.add(Sign::HiddenCharacters);
    }
    if hidden.bidi {
        finding.verdict = Judgement::Lookalike;
        finding.add(Sign::ReversedText);
    }
    finding
}

/// The kanji for one is drawn like a dash; a number that needs to be read so is at best a copy.
fn judge_with_kanji_dashes(official: &Official, text: &str) -> Option<Finding> {
    let number = Number::read(&without_hidden(text).replace('一', "-"));
    let finding = judge_number(official, &number, true);
    (finding.verdict == Judgement::Lookalike)
        .then(|| Finding::lookalike(finding.resembles, [Sign::LettersForDigits]))
}

fn judge_number(official: &Official, number: &Number, spoiled: bool) -> Finding {
    let published = |e164: String| official.numbers().iter().find(|known| e164[1..] == known.digits);
    if let Some(known) = number.e164_if_plain().and_then(published) {
        return if spoiled {
            Finding::lookalike(Some(known.written.clone()), [Sign::HiddenCharacters])
        } else {
            Finding::official()
        };
    }
    if number.letters > 2 && !official.numbers().iter().any(|known| spells(number, known)) {
        return text_around(number);
    }
    let resembled = official.numbers().iter().find_map(|known| Some((known, sign_of(number, known)?)));
    match resembled {
        Some((known, sign)) => Finding::lookalike(Some(known.written.clone()), [sign]),
        None if number.digits.is_empty() => Finding::unknown([Sign::NotANumber]),
        None => Finding::unknown([]),
    }
}

/// A sentence, or the name a text message shows instead of a number.
fn text_around(number: &Number) -> Finding {
    let sign = if number.digits.len() >= 3 { Sign::ExtraText } else { Sign::SenderName };
    Finding::unknown([sign])
}

/// What makes a number look like a published one.
fn sign_of(number: &Number, known: &PublishedNumber) -> Option<Sign> {
    let digits = &number.digits;
    let e164 = e164(number.international, digits);
    let full = e164.as_deref().map_or(digits.as_str(), |e164| &e164[1..]);
    if spells(number, known)
        || number.substituted && (full == known.digits || digits.ends_with(&known.national))
    {
        return Some(Sign::LettersForDigits);
    }
    if digits.contains(&known.national) {
        let abroad = full.ends_with(&known.national) && number.international && full != known.digits;
        return Some(if abroad { Sign::OtherCountryCode } else { Sign::ExtraDigits });
    }
    if near(full, &known.digits) || near(digits, &format!("0{}", known.national)) {
        return Some(Sign::SimilarDigits);
    }
    let ends_alike = digits.len() >= 8 && digits.get(digits.len() - 8..) == ending(&known.national);
    ends_alike.then_some(Sign::SameEnding)
}

/// Letters on the keys of a phone that dial the published number.
fn spells(number: &Number, known: &PublishedNumber) -> bool {
    let dialled = || e164(number.international, &number.keyed);
    number.keyed != number.digits && dialled().is_some_and(|dialled| dialled[1..] == known.digits)
}

fn ending(national: &str) -> Option<&str> {
    national.len().checked_sub(8).map(|start| &national[start..])
}

fn near(one: &str, other: &str) -> bool {
    if one.len().abs_diff(other.len()) > 1 {
        return false;
    }
    let chars = |text: &str| text.chars().collect::<Vec<_>>();
    within(&chars(one), &chars(other), 1)
}

/// E.164 of digits dialled in Japan, or with a country code.
fn e164(international: bool, digits: &str) -> Option<String> {
    if !(3..=20).contains(&digits.len()) {
        return None;
    }
    let dialled = if international { format!("+{digits}") } else { digits.to_owned() };
    let parsed = phonenumber::parse(Some(JP), dialled).ok()?;
    Some(format!("+{}{}", parsed.code().value(), parsed.national()))
}

/// `+44 (0)20…`: the bracketed zero behind a country code is dialled inside the country only.
fn without_trunk_zero(text: &str) -> Cow<'_, str> {
    match text.split_once("(0)") {
        Some((code, rest)) if is_country_code(code.trim_end()) => format!("{code}{rest}").into(),
        _ => text.into(),
    }
}

fn is_country_code(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The text behind `tel:`, `TEL`, `電話` and their like.
pub(crate) fn without_label(text: &str) -> &str {
    const LABELS: [&str; 14] = [
        "tel:",
        "sms:",
        "smsto:",
        "callto:",
        "facetime:",
        "tel",
        "℡",
        "phone",
        "電話番号",
        "電話",
        "フリーダイヤル",
        "ｔｅｌ",
        "ＴＥＬ",
        "Ｔｅｌ",
    ];
    let label =
        LABELS.iter().find(|label| text.get(..label.len()).is_some_and(|s| s.eq_ignore_ascii_case(label)));
    label.map_or(text, |label| text[label.len()..].trim_start_matches([':', '：', ' ', '.', '/', '　']))
}

/// Dashes of all sorts, blanks, brackets, dots, slashes.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '.' | '(' | ')' | '[' | ']' | '/' | '~' | '_' | '·' | '・' | '‐'
                ..='―' | '⁃' | '−' | '─' | '━' | 'ー' | '〜' | '➖' | '。' | '﹘' | '丨' | '⁻' | '˗'
        )
}

/// Digits of other scripts that NFKC leaves alone: Arabic, Persian, Indic, Thai.
fn other_digit(c: char) -> Option<char> {
    const ZEROS: [u32; 9] = [0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xe50, 0x1040];
    let at = u32::from(c);
    let value = ZEROS.iter().map(|zero| at.wrapping_sub(*zero)).find(|value| *value < 10)?;
    char::from_digit(value, 10)
}

/// 〇一二… and the formal 壱弐参.
pub(crate) fn kanji_digit(c: char) -> Option<char> {
    Some(match c {
        '〇' | '零' | '○' | '◯' => '0',
        '一' | '壱' => '1',
        '二' | '弐' => '2',
        '三' | '参' => '3',
        '四' => '4',
        '五' | '伍' => '5',
        '六' => '6',
        '七' => '7',
        '八' => '8',
        '九' => '9',
        _ => return None,
    })
}

/// Letters drawn like digits, Latin, Greek and Cyrillic.
fn letter_like_digit(c: char) -> Option<char> {
    Some(match c {
        'o' | 'O' | 'о' | 'О' | 'ο' | 'Ο' | 'Q' | 'D' => '0',
        'l' | 'I' | 'i' | '|' | 'і' | 'І' | 'ӏ' | 'ı' | '!' => '1',
        'z' | 'Z' => '2',
        'З' | 'з' | 'Ʒ' => '3',
        's' | 'S' | 'ѕ' | 'Ѕ' => '5',
        'б' | 'G' => '6',
        'B' | 'В' => '8',
        'g' | 'q' => '9',
        _ => return None,
    })
}

fn key_of(c: char) -> Option<char> {
    Some(match c.to_ascii_lowercase() {
        'a'..='c' => '2',
        'd'..='f' => '3',
        'g'..='i' => '4',
        'j'..='l' => '5',
        'm'..='o' => '6',
        'p'..='s' => '7',
        't'..='v' => '8',
        'w'..='z' => '9',
        _ => return None,
    })
}
