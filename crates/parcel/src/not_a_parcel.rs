//! Numbers people take for a parcel's number, and what they are instead.

use crate::country::Country;
use crate::layout::Layout;
use crate::recognise::Context;
use crate::typed::Typed;

/// What a number is that does not name a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotAParcel {
    /// 注文番号: names the order.
    OrderNumber,
    /// 認証番号: a one-time code.
    VerificationCode,
    /// 返品番号: names a return.
    ReturnNumber,
    /// 取引番号: names a payment.
    TransactionId,
    /// 電話番号.
    PhoneNumber,
    /// 郵便番号.
    Postcode,
    /// お知らせ番号: names a missed-delivery slip.
    NoticeNumber,
}

impl NotAParcel {
    /// Every kind.
    pub const ALL: [NotAParcel; 7] = [
        NotAParcel::OrderNumber,
        NotAParcel::VerificationCode,
        NotAParcel::ReturnNumber,
        NotAParcel::TransactionId,
        NotAParcel::PhoneNumber,
        NotAParcel::Postcode,
        NotAParcel::NoticeNumber,
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            NotAParcel::OrderNumber => "order_number",
            NotAParcel::VerificationCode => "verification_code",
            NotAParcel::ReturnNumber => "return_number",
            NotAParcel::TransactionId => "transaction_id",
            NotAParcel::PhoneNumber => "phone_number",
            NotAParcel::Postcode => "postcode",
            NotAParcel::NoticeNumber => "notice_number",
        }
    }
}

/// What the number's own form says beyond doubt, whatever carriers it may fit by chance.
#[inline]
pub(crate) fn certain(typed: &Typed, context: &Context<'_>) -> Option<NotAParcel> {
    let length = typed.symbols().len();
    if typed.plus {
        return (typed.is_digits() && (8..=15).contains(&length)).then_some(NotAParcel::PhoneNumber);
    }
    match length {
        7 if is_all_digits(typed) => Some(NotAParcel::Postcode),
        10 | 11 if looks_like_phone(typed, context) => Some(NotAParcel::PhoneNumber),
        11 | 12 if is_foreign_style_phone(typed) => Some(NotAParcel::PhoneNumber),
        17 | 24 if typed.letters > 0 && is_payment(typed) => Some(NotAParcel::TransactionId),
        17 if is_market_order(typed) => Some(NotAParcel::OrderNumber),
        24 if is_mall_order(typed) => Some(NotAParcel::OrderNumber),
        6..=24 if typed.letters > 2 && is_return(typed.symbols()) => Some(NotAParcel::ReturnNumber),
        20..=44 if typed.letters > 4 && is_provider_payment(typed) => Some(NotAParcel::TransactionId),
        _ => None,
    }
}

/// What the number probably is when no carrier's form fits it, or only without passing.
pub(crate) fn likely(typed: &Typed) -> Option<NotAParcel> {
    if !is_all_digits(typed) {
        return None;
    }
    match typed.symbols() {
        [_, _, _, _, _, _] => Some(NotAParcel::VerificationCode),
        [_, _, _, _, _, _, _, _] => Some(NotAParcel::NoticeNumber),
        [b'0', b'1'..=b'9', rest @ ..] if rest.len() == 8 => Some(NotAParcel::PhoneNumber),
        _ => None,
    }
}

/// Digits, or letters that are misread digits.
fn is_all_digits(typed: &Typed) -> bool {
    typed.digits >= typed.letters && (typed.is_digits() || typed.symbols().iter().all(is_digit_like))
}

fn is_digit_like(symbol: &u8) -> bool {
    matches!(symbol, b'0'..=b'9' | b'O' | b'I' | b'L' | b'|')
}

/// An order of a marketplace: 3-7-7 digits, or `D01-` and 7-7 for digital goods. No carrier has 17 digits.
fn is_market_order(typed: &Typed) -> bool {
    is_all_digits(typed) || is_digital_order(typed.symbols())
}

fn is_digital_order(symbols: &[u8]) -> bool {
    matches!(symbols, [b'D', b'0' | b'O', rest @ ..] if rest.len() == 15 && rest.iter().all(is_digit_like))
}

/// An order of a shopping mall: shop, day, serial: 6-8-10 digits, the day written year first.
fn is_mall_order(typed: &Typed) -> bool {
    let groups = Layout::of_groups(&[6, 8, 10]);
    let day = typed.symbols().get(6..8) == Some(b"20");
    is_all_digits(typed) && (typed.layout == groups || (typed.layout.is_whole() && day))
}

/// A payment of a wallet: `P01-` or `S03-` and 7-7, with a letter and six digits for each charge or refund.
fn is_payment(typed: &Typed) -> bool {
    let symbols = typed.symbols();
    let digits = |range: core::ops::Range<usize>| {
        symbols.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    let head = matches!(symbols.first(), Some(b'P' | b'S' | b'B')) && digits(1..17);
    head && (symbols.len() == 17 || (matches!(symbols[17], b'A' | b'C' | b'R') && digits(18..24)))
}

/// A payment of a card processor: `txn_…`, `ch_…`, `pi_…`.
fn is_provider_payment(typed: &Typed) -> bool {
    let begins = |head: &[u8]| {
        typed.symbols().starts_with(head) && typed.layout == Layout::WHOLE.cut_before(head.len())
    };
    typed.dashed && [&b"TXN"[..], b"CH", b"PI", b"PY", b"RE"].into_iter().any(begins)
}

/// A return authorisation: `RMA…`, or the market's `D…RRMA`.
fn is_return(symbols: &[u8]) -> bool {
    let digits = symbols.iter().any(u8::is_ascii_digit);
    digits && (symbols.starts_with(b"RMA") || symbols.ends_with(b"RRMA"))
}

/// A Japanese number: the groups say so, or it is a mobile or free line that nothing else explains better.
fn looks_like_phone(typed: &Typed, context: &Context<'_>) -> bool {
    if !typed.symbols().starts_with(b"0") || !is_all_digits(typed) {
        return false;
    }
    PHONE_GROUPS.iter().any(|groups| Layout::of_groups(groups) == typed.layout && sums_to(groups, typed))
        || (typed.layout.is_whole() && !context.said.is_parcel() && is_plain_phone(typed.symbols(), context))
}

const PHONE_GROUPS: [&[u8]; 8] =
    [&[2, 4, 4], &[3, 3, 4], &[4, 2, 4], &[5, 1, 4], &[4, 3, 3], &[3, 4, 4], &[4, 3, 4], &[3, 8]];

fn sums_to(groups: &[u8], typed: &Typed) -> bool {
    groups.iter().map(|group| usize::from(*group)).sum::<usize>() == typed.symbols().len()
}

fn is_plain_phone(symbols: &[u8], context: &Context<'_>) -> bool {
    match symbols {
        [b'0', b'5' | b'7' | b'8' | b'9', b'0', b'1'..=b'9', rest @ ..] if rest.len() == 7 => true,
        [b'0', b'1', b'2', b'0', ..] | [b'0', b'5', b'7', b'0', ..] => symbols.len() == 10,
        [b'0', b'8', b'0', b'0', ..] => symbols.len() == 11,
        // A bare landline number fits DHL by chance one time in seven; in Japan the telephone is likelier.
        [b'0', b'1'..=b'9', ..] => symbols.len() == 10 && context.hints.country == Some(Country::JAPAN),
        _ => false,
    }
}

/// `81-90-1234-5678` and `81-3-1234-5678`, typed without the plus.
fn is_foreign_style_phone(typed: &Typed) -> bool {
    let groups = [Layout::of_groups(&[2, 2, 4, 4]), Layout::of_groups(&[2, 1, 4, 4])];
    typed.is_digits() && typed.symbols().starts_with(b"81") && groups.contains(&typed.layout)
}

/// Whether a number called this can be it: a label is sometimes followed by something else first.
pub(crate) fn is_plausible(kind: NotAParcel, typed: &Typed) -> bool {
    let length = typed.symbols().len();
    match kind {
        NotAParcel::OrderNumber | NotAParcel::ReturnNumber | NotAParcel::TransactionId => length >= 5,
        NotAParcel::VerificationCode => (4..=8).contains(&length),
        NotAParcel::PhoneNumber => is_all_digits(typed) && (9..=13).contains(&length),
        NotAParcel::Postcode => matches!(length, 5 | 7 | 9),
        NotAParcel::NoticeNumber => is_all_digits(typed) && (4..=10).contains(&length),
    }
}

/// The number with misread digits put right, where it is digits alone; `|` is a `1` anywhere.
pub(crate) fn reading(typed: &Typed) -> crate::number::Number {
    let mut number = typed.number;
    let digital = is_digital_order(typed.symbols());
    let bars = typed.symbols().iter().filter(|symbol| **symbol == b'|').count();
    let mostly_digits = usize::from(typed.digits) + 2 * bars >= usize::from(typed.letters);
    let digits = digital || (mostly_digits && typed.symbols().iter().all(is_digit_like));
    for symbol in &mut number.symbols_mut()[usize::from(digital)..] {
        *symbol = match *symbol {
            b'O' if digits => b'0',
            b'I' | b'L' if digits => b'1',
            b'|' => b'1',
            other => other,
        };
    }
    number
}
