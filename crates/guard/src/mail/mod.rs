//! Mail senders: is this address the shop's?
//!
//! A sender's line is easily forged. "Official" says that the address is the shop's; that the mail is too is for
//! DMARC to say, which only the mail provider sees.

mod address;
mod encoded_word;

use std::borrow::Cow;

use url::Host;

use crate::finding::{Finding, Judgement};
use crate::hidden::{Hidden, hidden_in, trim_blanks, without_hidden};
use crate::link::judge_host;
use crate::link::percent::decoded;
use crate::official::Official;
use crate::sign::Sign;
use address::Address;
use encoded_word::decode_words;

/// Judges a mail sender.
pub(crate) fn judge(official: &Official, text: &str) -> Finding {
    let text = trim_blanks(text);
    let (sender, added) = without_mailto(text);
    // What escapes and encoded words hide is hidden too.
    let encoded = if text.contains("=?") { hidden_in(&decode_words(text)) } else { Hidden::default() };
    let hidden = hidden_in(text).or(hidden_in(&sender)).or(encoded);
    let visible = if hidden.any { without_hidden(&sender).into() } else { sender };
    let mut finding = judge_visible(official, &visible, hidden, added);
    if hidden.any {
        finding.add(Sign::HiddenCharacters);
    }
    if hidden.bidi {
        finding.verdict = Judgement::Lookalike;
        finding.add(Sign::ReversedText);
    }
    finding
}

/// The sender behind `From:` or `mailto:`, and whether a `mailto:` adds receivers.
fn without_mailto(text: &str) -> (Cow<'_, str>, bool) {
    let labelled = |label: &str| {
        text.get(..label.len())
            .filter(|start| start.eq_ignore_ascii_case(label))
            .map(|_| text[label.len()..].trim())
    };
    if let Some(link) = labelled("mailto:") {
        let (sender, query) = link.split_once('?').unwrap_or((link, ""));
        let another = query.contains('@') || query.contains("%40");
        let adds = another
            || query.split('&').any(|pair| {
                let key = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
                matches!(key.as_str(), "to" | "cc" | "bcc")
            });
        return (decoded(sender), adds);
    }
    let sender = ["from:", "sender:", "reply-to:", "差出人:", "差出人："].into_iter().find_map(labelled);
    (Cow::Borrowed(sender.unwrap_or(text)), false)
}

fn judge_visible(official: &Official, text: &str, hidden: Hidden, added: bool) -> Finding {
    let address = Address::read(text);
    let ats = count_ats(text).max(count_ats(&address.display) + count_ats(&address.comments) + 1);
    let several = added || address.mailboxes > 1 || ats > 1 || is_routed(&address.local);
    if !several && !hidden.any && !text.contains('\\') && is_official(official, &address) {
        return match (address.extra_text, address.broken) {
            (false, false) => Finding::official(),
            (true, _) => Finding::unknown([Sign::ExtraText]),
            (_, true) => Finding::unknown([Sign::NotASender]),
        };
    }
    let mut finding = resembling(official, &address, text);
    if several {
        finding.verdict = Judgement::Lookalike;
        finding.add(Sign::ExtraMailbox);
    }
    finding
}

fn count_ats(text: &str) -> usize {
    text.matches(['@', '＠', '﹫']).count()
}

/// `user%other.example@…` and `other.example!user@…` ask the receiver to pass the mail on.
fn is_routed(local: &str) -> bool {
    local.contains(['%', '!'])
}

/// The domain is official as a link's would be, or the whole address is on the list.
fn is_official(official: &Official, address: &Address) -> bool {
    let Some(host) = host_of(&address.domain) else { return false };
    let plain = !address.local.is_empty() && address.local.chars().all(is_plain);
    let whole = || format!("{}@{}", address.local.to_lowercase(), host.trim_end_matches('.'));
    plain
        && (judge_host(official, &Host::Domain(host.as_str())).verdict == Judgement::Official
            || official.is_sender(&whole()))
}

fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || "!#$&'*+-/=?^_`{|}~.\"".contains(c)
}

/// The domain as browsers and mail programs look it up. Nothing that only a link may hold is let through.
fn host_of(domain: &str) -> Option<String> {
    if domain.contains(['/', '\\', '?', '#', '%', ':', '@', '[', ',']) || domain.contains(char::is_whitespace)
    {
        return None;
    }
    match Host::parse(domain) {
        Ok(Host::Domain(name)) => Some(name),
        _ => None,
    }
}

/// Looks for the shop's name in the domain, then wherever else a sender can write it.
fn resembling(official: &Official, address: &Address, text: &str) -> Finding {
    if address.domain.is_empty() || count_ats(text) == 0 {
        return Finding::unknown([Sign::NotASender]);
    }
    if address.local.is_empty() && address.domain.contains(['＠', '﹫']) {
        return fullwidth(official, &address.domain);
    }
    in_domain(official, &address.domain)
        .or_else(|| in_text(official, &address.display, Sign::NameInDisplayName))
        .or_else(|| in_text(official, &address.comments, Sign::NameInComment))
        .or_else(|| in_text(official, &address.local, Sign::NameInLocalPart))
        .unwrap_or_else(|| Finding::unknown([]))
}

/// `info＠example.jp`: written so that machines do not find it. Not an address, but not yet a trick.
fn fullwidth(official: &Official, mailbox: &str) -> Finding {
    let (local, domain) = mailbox.split_once(['＠', '﹫']).unwrap_or(("", mailbox));
    let address = Address { local: local.to_owned(), domain: domain.to_owned(), ..Address::default() };
    let mut finding = if is_official(official, &address) {
        Finding::unknown([])
    } else {
        in_domain(official, domain)
            .or_else(|| in_text(official, local, Sign::NameInLocalPart))
            .unwrap_or_else(|| Finding::unknown([]))
    };
    finding.signs.insert(0, Sign::FullwidthAt);
    finding
}

fn in_domain(official: &Official, domain: &str) -> Option<Finding> {
    let Some(name) = host_of(domain) else {
        let mut finding = in_text(official, domain, Sign::Unreadable)?;
        finding.verdict = Judgement::Lookalike;
        return Some(finding);
    };
    let mut finding = judge_host(official, &Host::Domain(name.as_str()));
    match finding.verdict {
        // The shop's domain, but the line around it was not plain: a copy.
        Judgement::Official => Some(Finding::lookalike(finding.resembles, [])),
        Judgement::Lookalike => {
            if domain.to_ascii_lowercase().contains("xn--") {
                finding.add(Sign::Punycode);
            }
            Some(finding)
        }
        Judgement::Unknown => None,
    }
}

fn in_text(official: &Official, text: &str, sign: Sign) -> Option<Finding> {
    let named = official.named_in(text).map(|domain| official.domain(domain));
    let resembled = || Some(official.resembled(official.brands().find(text)?.brand, ""));
    let domain = named.or_else(resembled)?;
    Some(Finding::lookalike(Some(domain.to_owned()), [sign]))
}
