//! What is said to a person: for each sign one sentence of what was seen, for each judgement one of what to do.
//!
//! Every sentence is written out whole in both languages; only the shop's contact is filled in. Nothing of the
//! pasted text is repeated.

use serde::Serialize;

use crate::finding::Judgement;
use crate::kind::Kind;
use crate::sign::Sign;

/// The same said in Japanese and in English.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

pub(crate) type Pair = (&'static str, &'static str);

/// What was seen, and what to do next.
pub(crate) fn message(
    kind: Kind,
    verdict: Judgement,
    sign: Option<Sign>,
    resembles: Option<&str>,
) -> Message {
    let seen = sign.map_or_else(|| plainly(kind, verdict), observation);
    let advice = match sign {
        Some(sign) if verdict != Judgement::Lookalike => {
            remedy(sign).unwrap_or_else(|| advice(kind, verdict, false))
        }
        _ => advice(kind, verdict, resembles.is_some()),
    };
    let fill = |text: &str| text.replace("{official}", resembles.unwrap_or_default());
    Message { ja: format!("{}{}", seen.0, fill(advice.0)), en: format!("{} {}", seen.1, fill(advice.1)) }
}

/// The judgement alone, where no sign stands out.
fn plainly(kind: Kind, verdict: Judgement) -> Pair {
    match (verdict, kind) {
        (Judgement::Official, Kind::Url) => {
            ("公式のサイトへのリンクです。", "This link goes to the official site.")
        }
        (Judgement::Official, Kind::Phone) => {
            ("公式に案内している電話番号です。", "This is a phone number that the shop publishes.")
        }
        (Judgement::Official, Kind::Email) => {
            ("公式のメールアドレスです。", "This is an official mail address.")
        }
        (Judgement::Lookalike, Kind::Url) => (
            "公式ではないのに、公式に見せかけたリンクです。",
            "This link is not official, but is made to look as if it were.",
        ),
        (Judgement::Lookalike, Kind::Phone) => (
            "公式ではないのに、公式の番号によく似た電話番号です。",
            "This number is not official, but closely resembles one that is.",
        ),
        (Judgement::Lookalike, Kind::Email) => (
            "公式ではないのに、公式に見せかけた差出人です。",
            "This sender is not official, but is made to look as if it were.",
        ),
        (Judgement::Unknown, Kind::Url) => {
            ("公式の一覧にないサイトです。", "This site is not on the official list.")
        }
        (Judgement::Unknown, Kind::Phone) => {
            ("公式の一覧にない電話番号です。", "This phone number is not on the official list.")
        }
        (Judgement::Unknown, Kind::Email) => {
            ("公式の一覧にない差出人です。", "This sender is not on the official list.")
        }
    }
}

/// What to do next.
fn advice(kind: Kind, verdict: Judgement, resembles: bool) -> Pair {
    match (verdict, kind, resembles) {
        (Judgement::Official, Kind::Url, _) => (
            "開いても大丈夫です。開いたあとは、画面の上のアドレスが変わらないことを確かめてください。",
            "You can open it; once there, check that the address at the top stays the same.",
        ),
        (Judgement::Official, Kind::Phone, _) => (
            "こちらからかけるのは安心です。かかってきた電話の番号表示は偽れるので、いったん切って、こちらからかけ直してください。",
            "It is safe to call it; a caller can fake the number shown, so if you were called, hang up and call back yourself.",
        ),
        (Judgement::Official, Kind::Email, _) => (
            "差出人の表示は偽れるので、メールのリンクは使わず、いつものアプリやブックマークから店を開いてください。",
            "Because a sender can be faked, do not use links in the mail; open the shop from your app or bookmark.",
        ),
        (Judgement::Lookalike, Kind::Url, true) => (
            "開かずに、本物の {official} を自分で入力するか、いつものアプリから開いてください。もう情報を入れてしまったときは、すぐにパスワードを変え、カード会社に連絡してください。",
            "Do not open it; type {official} yourself or use your usual app. If you already entered something, change your password and call your card company now.",
        ),
        (Judgement::Lookalike, Kind::Url, false) => (
            "開かずに、店のアドレスを自分で入力するか、いつものアプリから開いてください。もう情報を入れてしまったときは、すぐにパスワードを変え、カード会社に連絡してください。",
            "Do not open it; type the shop's address yourself or use your usual app. If you already entered something, change your password and call your card company now.",
        ),
        (Judgement::Lookalike, Kind::Phone, true) => (
            "かけたり折り返したりせず、公式の {official} に、数字を見ながら自分でかけてください。",
            "Do not call it or call back; dial the official {official} yourself, digit by digit.",
        ),
        (Judgement::Lookalike, Kind::Phone, false) => (
            "かけたり折り返したりせず、公式サイトにある番号に自分でかけてください。",
            "Do not call it or call back; dial the number given on the official site yourself.",
        ),
        (Judgement::Lookalike, Kind::Email, true) => (
            "返信したりリンクや添付を開いたりせず、本物の {official} を自分で開いて、知らせが来ているか確かめてください。",
            "Do not answer it or open its links or files; open the real {official} yourself and look whether there is a notice for you.",
        ),
        (Judgement::Lookalike, Kind::Email, false) => (
            "返信したりリンクや添付を開いたりせず、店を自分で開いて、知らせが来ているか確かめてください。",
            "Do not answer it or open its links or files; open the shop yourself and look whether there is a notice for you.",
        ),
        (Judgement::Unknown, Kind::Url, _) => (
            "パスワードやカード番号は入れずに、店をアプリやブックマークから開いて確かめてください。",
            "Do not enter a password or card number; open the shop from your app or bookmark to check.",
        ),
        (Judgement::Unknown, Kind::Phone, _) => (
            "認証コードやカード番号は伝えずに、公式サイトにある番号にかけて確かめてください。",
            "Tell it no codes or card numbers; call the number given on the official site to check.",
        ),
        (Judgement::Unknown, Kind::Email, _) => (
            "リンクや添付は開かずに、店をアプリやブックマークから開いて確かめてください。",
            "Do not open its links or files; open the shop from your app or bookmark to check.",
        ),
    }
}

/// What to do where a sign calls for something of its own: mostly an answer that could not be given.
fn remedy(sign: Sign) -> Option<Pair> {
    Some(match sign {
        Sign::ExtraText => (
            "リンク、番号、アドレスだけを貼り付けて、もう一度調べてください。",
            "Paste only the link, the number or the address, and check again.",
        ),
        Sign::NoTls => (
            "先頭の http を https に直してから開いてください。",
            "Change the http at its beginning to https, then open it.",
        ),
        Sign::FullwidthAt => (
            "「＠」を半角の「@」に直して、もう一度調べてください。",
            "Replace it with a plain @ and check again.",
        ),
        Sign::NotALink | Sign::NotANumber | Sign::NotASender => (
            "届いたものをそのまま写して、もう一度調べてください。",
            "Copy it exactly as you received it and check again.",
        ),
        _ => return None,
    })
}

/// What was seen.
#[rustfmt::skip] // a table: one row of sentences for each sign
pub(crate) fn observation(sign: Sign) -> Pair {
    match sign {
        Sign::SubstitutedCharacters => ("店の名前の文字が、よく似た別の文字に置きかえられています。", "Letters of the shop's name were replaced by others that look like them."),
        Sign::MisspelledName => ("店の名前に似せていますが、文字が足りない、多い、または入れかわっています。", "It imitates the shop's name, but letters are missing, added, swapped or wrong."),
        Sign::RearrangedWords => ("店の名前の言葉の順番が入れかえられています。", "The words of the shop's name stand in a different order."),
        Sign::AddedWords => ("店の名前に別の文字を足した、店のものではないアドレスです。", "Something was added to the shop's name; the address is not the shop's."),
        Sign::OtherDomain => ("店の名前と同じですが、うしろの部分が違う、店のものではないアドレスです。", "The name is the shop's, but the ending is different; the address is not the shop's."),
        Sign::SubdomainTrick => ("店の名前は途中に入っているだけで、実際の行き先は別のサイトです。", "The shop's name only stands in the middle; the address really belongs to somebody else."),
        Sign::Userinfo => ("「@」の前の文字は飾りで、行き先を決めるのはそのうしろです。店のリンクにこの書き方はありません。", "What stands before the @ is decoration, only what follows it counts; the shop does not write links this way."),
        Sign::NameInPath => ("店の名前はうしろの部分に書いてあるだけで、行き先は別のサイトです。", "The shop's name is only written in the later part of the link, which goes somewhere else."),
        Sign::Punycode => ("見た目を変えられる特別な書き方（xn--）のアドレスです。", "The address is written in a special form (xn--) that can be shown as other letters."),
        Sign::MixedScript => ("英字の中に別の種類の文字がまぜてあります。", "Letters of another script are mixed in among the Latin ones."),
        Sign::IpHost => ("名前ではなく数字だけのアドレスで、だれのサイトか分かりません。", "The address is a bare number instead of a name, so it does not say whose site it is."),
        Sign::OddPort => ("店が使わない入口（ポート番号）が指定されています。", "The link names an entrance (port) that the shop does not use."),
        Sign::EmptyLabel => ("点「.」の並び方がおかしい、正しくないアドレスです。", "The dots of the address are out of place; it is not a proper address."),
        Sign::Redirect => ("開くと、途中から別のサイトへ移されるリンクです。", "This link passes you on to another site."),
        Sign::HiddenCharacters => ("目に見えない文字がまぜてあり、見た目どおりのものではありません。", "Invisible characters are mixed in, so it is not what it looks like."),
        Sign::ReversedText => ("文字の並びを逆に見せる記号が入っていて、見た目と中身が違います。", "It contains marks that turn the reading direction, so it shows something other than it is."),
        Sign::Backslash => ("店のリンクにはない「\\」（円記号）が入っていて、開く場所によって行き先が変わります。", "It contains a backslash, which no link of the shop has and which programs read differently."),
        Sign::DataScheme => ("サイトへのリンクではなく、開くとその場でプログラムや偽の画面が動くものです。", "This is no link to a site: opening it runs a program or shows a made-up page."),
        Sign::OtherScheme => ("ウェブサイトへのリンクではない、別の種類のリンクです。", "This is not a link to a web site, but of another sort."),
        Sign::NoTls => ("公式のサイトですが、通信が守られない http のリンクです。", "This is the official site, but the link (http) is not protected."),
        Sign::BesideOfficial => ("公式のサイトと同じ持ち主のアドレスですが、公式の一覧にはありません。", "The address belongs to the owner of an official site, but is not on the official list itself."),
        Sign::Unreadable => ("アドレスの書き方が壊れていて、正しい行き先がありません。", "The address is broken and leads nowhere properly."),
        Sign::NotALink => ("リンクとして読み取れませんでした。", "This could not be read as a link."),
        Sign::ExtraText => ("ほかの文章や記号がいっしょに入っているため、判定できませんでした。", "There is other text around it, so it could not be judged."),
        Sign::SimilarDigits => ("公式の番号と一か所だけ違う番号です。", "This number differs from an official one in a single place."),
        Sign::ExtraDigits => ("公式の番号に数字を足したり、頭を欠いたりした番号です。", "This is an official number with digits added or its beginning left out."),
        Sign::SameEnding => ("終わりの8けたを公式の番号に合わせた、別の番号です。", "This is another number that ends in the same eight digits as an official one."),
        Sign::OtherCountryCode => ("公式の番号に見えますが、別の国の番号です。", "It looks like an official number, but is one in another country."),
        Sign::LettersForDigits => ("数字のかわりに、似た文字が使われています。", "Characters that look like digits stand in their place."),
        Sign::SenderName => ("番号ではなく名前だけの表示です。送り主の名前はだれでも自由に付けられます。", "This is a name, not a number, and any sender can choose any name."),
        Sign::NotANumber => ("電話番号として読み取れませんでした。", "This could not be read as a phone number."),
        Sign::ExtraMailbox => ("アドレスが二つ以上書かれていて、本当の差出人を隠しています。", "More than one address is written, which hides who really sent it."),
        Sign::NameInDisplayName => ("表示名は店の名前ですが、アドレスは店のものではありません。", "The name shown is the shop's, but the address is not."),
        Sign::NameInComment => ("かっこの中に店の名前がありますが、アドレスは店のものではありません。", "The shop's name stands in brackets, but the address is not the shop's."),
        Sign::NameInLocalPart => ("「@」の前に店の名前がありますが、うしろは店のものではありません。", "The shop's name stands before the @, but what follows is not the shop's."),
        Sign::FullwidthAt => ("全角の「＠」で書かれていて、このままではメールアドレスになりません。", "It is written with a full-width ＠ and is not a mail address as it stands."),
        Sign::NotASender => ("メールアドレスとして読み取れませんでした。", "This could not be read as a mail address."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_speaks_both_languages_in_whole_sentences() {
        for sign in Sign::ALL {
            let (ja, en) = observation(*sign);
            assert!(ja.ends_with('。'), "{sign}: {ja}");
            assert!(en.ends_with('.') && en.starts_with(char::is_uppercase), "{sign}: {en}");
        }
    }

    #[test]
    fn no_placeholder_is_left_in_a_message() {
        for sign in Sign::ALL {
            for verdict in [Judgement::Official, Judgement::Lookalike, Judgement::Unknown] {
                for kind in [Kind::Url, Kind::Phone, Kind::Email] {
                    let said = message(kind, verdict, Some(*sign), Some("example.jp"));
                    assert!(!said.ja.contains('{') && !said.en.contains('{'), "{said:?}");
                }
            }
        }
    }
}
