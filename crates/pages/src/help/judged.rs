//! Is this really the shop? Whatever in a pasted text could lead somewhere is judged by itself.

use choba_engine::market::Market;
use choba_formats::language::Language;
use choba_guard::{Judgement, Official, Verdict, check};
use choba_server::Problem;

/// The most that is judged of one text.
const JUDGED_MAX: usize = 20;

/// What is said of a link, a number or a sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    pub text: String,
    /// `official`, `lookalike` or `unknown`.
    pub verdict: &'static str,
    pub sentence: String,
    /// What was seen beside what the sentence begins with.
    pub signs: Vec<String>,
}

/// What is said of a text; the worst first. Nothing where it is too long.
///
/// # Errors
/// Where the market's own contacts cannot be read.
pub fn judged(market: &Market, language: Language, text: &str) -> Result<Option<Vec<Judged>>, Problem> {
    let contacts = market.contacts.domains.iter().chain(&market.contacts.phones);
    let contacts: Vec<String> = contacts.cloned().collect();
    let official = Official::from_list(&contacts).map_err(|_| Problem::defect("a market's contacts"))?;
    let verdicts: Result<Vec<Verdict>, _> =
        pieces(text).into_iter().map(|piece| check(&official, piece)).collect();
    Ok(verdicts.ok().map(|mut verdicts| {
        verdicts.sort_by_key(|verdict| rank(verdict.verdict));
        verdicts.iter().map(|verdict| Judged::of(verdict, language)).collect()
    }))
}

fn rank(judgement: Judgement) -> u8 {
    match judgement {
        Judgement::Lookalike => 0,
        Judgement::Unknown => 1,
        Judgement::Official => 2,
    }
}

impl Judged {
    fn of(verdict: &Verdict, language: Language) -> Self {
        let said = |message: choba_guard::Message| match language {
            Language::Ja => message.ja,
            Language::En => message.en,
        };
        Self {
            text: verdict.input.trim().to_owned(),
            verdict: match verdict.verdict {
                Judgement::Official => "official",
                Judgement::Lookalike => "lookalike",
                Judgement::Unknown => "unknown",
            },
            sentence: said(verdict.message()),
            signs: verdict.signs.iter().skip(1).map(|sign| said(sign.message())).collect(),
        }
    }
}

/// The links, senders and numbers of a mail's text; the text itself where it is short or has none.
fn pieces(text: &str) -> Vec<&str> {
    let text = text.trim();
    if !text.contains(['\n', '。', '、']) && text.split_whitespace().count() <= 3 {
        return vec![text];
    }
    let between = |letter: char| letter.is_whitespace() || "<>「」『』【】（）()、。,;\"'".contains(letter);
    let mut found: Vec<&str> = text.split(between).map(trimmed).filter(|piece| leads_on(piece)).collect();
    let mut seen = std::collections::HashSet::new();
    found.retain(|piece| seen.insert(*piece));
    found.truncate(JUDGED_MAX);
    if found.is_empty() { vec![text] } else { found }
}

/// Without the words before a link that stand close to it, as in `こちら→https://…` or `電話:0120-…`.
fn trimmed(piece: &str) -> &str {
    let piece = piece.trim_end_matches(['.', '!', '?', '！', '？', ':', '：']);
    if let Some(at) = piece.find("http://").or_else(|| piece.find("https://")) {
        return piece.get(at..).unwrap_or(piece);
    }
    piece.rsplit(['：', '→', '⇒']).next().unwrap_or(piece)
}

fn leads_on(piece: &str) -> bool {
    let has_domain = piece.rsplit_once('.').is_some_and(|(before, ending)| {
        !before.is_empty() && ending.chars().next().is_some_and(char::is_alphabetic)
    });
    let digits = piece.chars().filter(char::is_ascii_digit).count();
    let is_number =
        digits >= 9 && piece.chars().all(|letter| letter.is_ascii_digit() || "+-()".contains(letter));
    piece.contains("://") || piece.contains('@') || has_domain || is_number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_taken_apart_into_what_could_lead_somewhere() {
        let mail = "お客様の口座は停止されました。\nこちら→https://rakuten.co.jp.login.example/a?b=c\n\
                    電話：0120-123-456、差出人 <info@rakutem.example>。 3,980円以上 送料無料。";
        assert_eq!(
            pieces(mail),
            ["https://rakuten.co.jp.login.example/a?b=c", "0120-123-456", "info@rakutem.example"]
        );
    }

    #[test]
    fn a_short_text_is_judged_as_it_is() {
        assert_eq!(pieces(" Rakuten <a@b.example> "), ["Rakuten <a@b.example>"]);
        assert_eq!(pieces("何もない。文章"), ["何もない。文章"]);
    }
}
