//! Links: where a browser would go, judged without going there.
//!
//! One parser, the URL standard's, decides what the host is. Nothing here compares whole links as strings.

mod elsewhere;
mod host;
pub(crate) mod percent;
mod redirect;
pub(crate) mod scheme;

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use url::{Host, Url};

use crate::finding::{Finding, Judgement};
use crate::hidden::{Hidden, hidden_in, trim_blanks};
use crate::official::Official;
use crate::sign::Sign;

pub(crate) use host::judge_host;
use redirect::{Target, targets};
use scheme::{Scheme, scheme_of};

/// How far redirects are followed inside one text.
const REDIRECTS_MAX: usize = 3;

/// Judges a link or a bare domain.
pub(crate) fn judge(official: &Official, text: &str) -> Finding {
    let (inner, wrapped) = unwrap_quotes(trim_blanks(text));
    let mut finding = judge_to_depth(official, inner, REDIRECTS_MAX);
    if wrapped && finding.verdict == Judgement::Official {
        finding = Finding::unknown([Sign::ExtraText]);
    }
    finding
}

/// Brackets and quotation marks that came along when the link was copied.
fn unwrap_quotes(text: &str) -> (&str, bool) {
    const PAIRS: [(char, char); 7] =
        [('<', '>'), ('"', '"'), ('“', '”'), ('「', '」'), ('『', '』'), ('(', ')'), ('（', '）')];
    for (open, close) in PAIRS {
        if let Some(inner) = text.strip_prefix(open).and_then(|text| text.strip_suffix(close)) {
            return (inner.trim(), true);
        }
    }
    (text, false)
}

fn judge_to_depth(official: &Official, text: &str, redirects_left: usize) -> Finding {
    let text = trim_blanks(text);
    let hidden = hidden_in(text);
    let mut finding = match scheme_of(text) {
        Scheme::Dangerous => Finding::lookalike(None, [Sign::DataScheme]),
        Scheme::Phone | Scheme::Mail | Scheme::Other => Finding::unknown([Sign::OtherScheme]),
        Scheme::Web => judge_web(official, text, text, hidden, redirects_left),
        Scheme::Missing => match with_https(text) {
            Some(link) => judge_web(official, &link, text, hidden, redirects_left),
            None => no_link(official, text),
        },
    };
    if hidden.any {
        finding.add(Sign::HiddenCharacters);
    }
    if hidden.bidi {
        finding.verdict = Judgement::Lookalike;
        finding.add(Sign::ReversedText);
    }
    finding
}

/// A text without scheme is read as `https` if it has a dot, in any of the forms that browsers take for one.
fn with_https(text: &str) -> Option<String> {
    if text.starts_with("//") || text.starts_with("\\\\") {
        return Some(format!("https:{text}"));
    }
    let dotted = text.contains(['.', '。', '．', '｡', '․']);
    (dotted || text.to_ascii_lowercase().contains("%2e")).then(|| format!("https://{text}"))
}

fn judge_web(official: &Official, link: &str, text: &str, hidden: Hidden, redirects_left: usize) -> Finding {
    let Ok(url) = Url::parse(link) else { return unreadable(official, link, text) };
    let Some(host) = url.host() else { return unreadable(official, link, text) };
    let own = judge_place(official, link, &url, &host, hidden);
    let finding = follow(official, own, &url, redirects_left);
    with_plain_signs(finding, &url, link, &host)
}

/// The place a link goes to at first, whatever it leads on to.
fn judge_place(official: &Official, link: &str, url: &Url, host: &Host<&str>, hidden: Hidden) -> Finding {
    let place = judge_host(official, host);
    match place.verdict {
        Judgement::Official => judge_official_host(place, link, url, hidden),
        Judgement::Lookalike => place,
        Judgement::Unknown if place.signs.contains(&Sign::BesideOfficial) => place,
        Judgement::Unknown => elsewhere::judge(official, url, host).unwrap_or(place),
    }
}

/// The shop's host is not enough: what surrounds it must be plain too.
fn judge_official_host(place: Finding, link: &str, url: &Url, hidden: Hidden) -> Finding {
    let mut tricks = Vec::new();
    if authority(link).contains('@') {
        tricks.push(Sign::Userinfo);
    }
    if url.port().is_some() {
        tricks.push(Sign::OddPort);
    }
    if link.contains('\\') {
        tricks.push(Sign::Backslash);
    }
    // Escapes in a host are undone before it is read: what they hide is hidden too.
    if hidden.any || hidden_in(&percent::decoded(authority(link))).any {
        tricks.push(Sign::HiddenCharacters);
    }
    if !tricks.is_empty() {
        return Finding::lookalike(place.resembles, tricks);
    }
    if link.contains(char::is_whitespace) {
        return Finding::unknown([Sign::ExtraText]);
    }
    Finding::official()
}

/// User name, password, host and port as they were written.
fn authority(link: &str) -> &str {
    let after_scheme = link.split_once(':').map_or(link, |(_, rest)| rest).trim_start_matches(['/', '\\']);
    after_scheme.split(['/', '\\', '?', '#']).next().unwrap_or(after_scheme)
}

fn follow(official: &Official, own: Finding, url: &Url, redirects_left: usize) -> Finding {
    if own.verdict == Judgement::Lookalike {
        return own;
    }
    let mut leads_on = own.clone();
    for target in targets(url) {
        let target = match target {
            Target::Link(link) if redirects_left > 0 => judge_to_depth(official, &link, redirects_left - 1),
            Target::Link(_) | Target::Opaque => Finding::unknown([]),
        };
        match (own.verdict, target.verdict) {
            (_, Judgement::Lookalike) => return led_to(target),
            (Judgement::Official, Judgement::Unknown) => leads_on = Finding::unknown([Sign::Redirect]),
            (Judgement::Unknown, Judgement::Official) => leads_on.add(Sign::Redirect),
            _ => {}
        }
    }
    leads_on
}

fn led_to(target: Finding) -> Finding {
    let mut signs = vec![Sign::Redirect];
    signs.extend(target.signs.into_iter().filter(|sign| *sign != Sign::Redirect));
    Finding::lookalike(target.resembles, signs)
}

/// Signs that change no verdict but belong to the picture.
fn with_plain_signs(mut finding: Finding, url: &Url, link: &str, host: &Host<&str>) -> Finding {
    if finding.verdict == Judgement::Official {
        if url.scheme() == "http" {
            finding.add(Sign::NoTls);
        }
        return finding;
    }
    let authority = authority(link);
    if authority.contains('@') {
        finding.add(Sign::Userinfo);
    }
    if url.port().is_some() {
        finding.add(Sign::OddPort);
    }
    if authority.to_ascii_lowercase().contains("xn--") {
        finding.add(Sign::Punycode);
    }
    if matches!(host, Host::Ipv4(_) | Host::Ipv6(_)) {
        finding.add(Sign::IpHost);
    }
    finding
}

/// A browser could not open it; a person may still take it for the shop's.
fn unreadable(official: &Official, link: &str, text: &str) -> Finding {
    let named = official.named_in(text).map(|domain| official.domain(domain));
    let resembled = || Some(official.resembled(official.brands().find(authority(link))?.brand, ""));
    match named.or_else(resembled) {
        Some(domain) => Finding::lookalike(Some(domain.to_owned()), [Sign::Unreadable]),
        None => Finding::unknown([Sign::Unreadable]),
    }
}

/// No scheme and no dot: only a copy of a whole domain, dots written in another way, resembles the shop.
fn no_link(official: &Official, text: &str) -> Finding {
    let plain: Cow<'_, str> =
        if text.is_ascii() { text.into() } else { text.nfkc().collect::<String>().into() };
    match official.squeezed_domain(&plain) {
        Some(domain) => Finding::lookalike(Some(official.domain(domain).to_owned()), [Sign::Unreadable]),
        None => Finding::unknown([Sign::NotALink]),
    }
}
