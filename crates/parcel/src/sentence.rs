//! Sentences for a person, in Japanese and English.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::answer::Answer;
use crate::candidate::{Candidate, Reason, Verdict};
use crate::carrier::Carrier;
use crate::not_a_parcel::NotAParcel;

/// The same thing in two languages.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Message {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

fn message(ja: impl Into<String>, en: impl Into<String>) -> Message {
    Message { ja: ja.into(), en: en.into() }
}

/// Says the most important thing about a number.
pub(crate) fn of(answer: &Answer<'_>) -> Message {
    match (answer.not_a_parcel(), answer.best()) {
        (Some(kind), _) => of_other(kind),
        (None, Some(best)) => of_candidate(best, &rivals(answer.candidates())),
        (None, None) if answer.normalized().is_empty() => {
            message("番号が見つかりません。", "There is no number in this text.")
        }
        (None, None) => message(
            "どの配送会社の番号の形とも合いません。桁数を確かめてください。",
            "This fits no carrier's numbers; check how many characters it should have.",
        ),
    }
}

/// The carriers whose check digit the number passes as well as it passes the best one's.
fn rivals(candidates: &[Candidate]) -> Vec<Carrier> {
    let named =
        candidates.first().is_some_and(|best| best.reasons().any(|reason| reason == Reason::NamedInText));
    let passing = candidates.iter().filter(|candidate| candidate.verdict == Verdict::Passes);
    if named { Vec::new() } else { passing.map(Candidate::carrier).collect() }
}

fn of_candidate(best: &Candidate, rivals: &[Carrier]) -> Message {
    let (name, name_ja) = (best.carrier().name(), best.carrier().name_ja());
    match best.verdict() {
        Verdict::Passes if rivals.len() > 1 => of_rivals(rivals),
        Verdict::Passes => message(
            format!("{name_ja}の番号です。チェックディジットも合っています。"),
            format!("This is a number of {name}; its check digit is right."),
        ),
        Verdict::Unchecked => message(
            format!(
                "{name_ja}の番号の形です。公開されたチェックディジットがないため、打ち間違いまでは分かりません。"
            ),
            format!(
                "This has the form of {name}; no check digit is publicly known, so typing errors cannot be seen."
            ),
        ),
        Verdict::Fails => message(
            format!("{name_ja}の番号のようですが、どこかが違っています。もう一度見比べてください。"),
            format!(
                "This looks like a number of {name}, but something in it is wrong; compare it once more."
            ),
        ),
    }
}

fn of_rivals(rivals: &[Carrier]) -> Message {
    let ja: Vec<_> = rivals.iter().map(|carrier| carrier.name_ja()).collect();
    let en: Vec<_> = rivals.iter().map(|carrier| carrier.name()).collect();
    message(
        format!(
            "チェックディジットは合っていますが、番号だけでは会社が決まりません。{}の順に確かめてください。",
            ja.join("、")
        ),
        format!(
            "The check digit is right, but the number alone does not tell the carrier: try {} in this order.",
            en.join(", ")
        ),
    )
}

/// What the number is, and where it is used.
fn of_other(kind: NotAParcel) -> Message {
    let (ja, en) = match kind {
        NotAParcel::OrderNumber => (
            "注文番号です。注文履歴やショップへの問い合わせで使います。荷物の追跡には発送メールの送り状番号を使ってください。",
            "This is an order number: use it in your order history and when asking the shop. To follow the parcel, use the tracking number in the dispatch mail.",
        ),
        NotAParcel::VerificationCode => (
            "認証コードのようです。ログインや本人確認の画面で一度だけ使います。誰にも教えないでください。",
            "This looks like a verification code: it is used once, to sign in or prove who you are. Tell it to nobody.",
        ),
        NotAParcel::ReturnNumber => (
            "返品の番号です。返品の手続きや返送する箱に書くときに使います。荷物の追跡には使えません。",
            "This is a return number: it is used for the return itself and on the box you send back. It does not follow a parcel.",
        ),
        NotAParcel::TransactionId => (
            "支払いの取引番号です。請求や返金の問い合わせで使います。荷物の追跡には使えません。",
            "This is a payment's transaction id: use it when asking about a charge or a refund. It does not follow a parcel.",
        ),
        NotAParcel::PhoneNumber => (
            "電話番号のようです。荷物の追跡には送り状番号を使ってください。",
            "This looks like a telephone number. To follow a parcel, use its tracking number.",
        ),
        NotAParcel::Postcode => (
            "郵便番号のようです。住所に使うもので、荷物の追跡には使えません。",
            "This looks like a postcode: it belongs to an address and does not follow a parcel.",
        ),
        NotAParcel::NoticeNumber => (
            "不在票のお知らせ番号のようです。再配達の申し込みで使います。荷物の追跡には送り状番号を使ってください。",
            "This looks like the notice number of a missed-delivery slip: use it to ask for redelivery. To follow the parcel, use its tracking number.",
        ),
    };
    Message { ja: ja.to_string(), en: en.to_string() }
}
