//! Other links inside a link: where it may send its reader on.

use url::Url;

use super::percent::decoded;
use super::scheme::{Scheme, scheme_of};

/// A place a link may lead on to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A link that can be judged in turn.
    Link(String),
    /// Encoded more often than is decoded here.
    Opaque,
}

/// The links in the query, the path and the fragment, each decoded at most twice.
pub(crate) fn targets(url: &Url) -> Vec<Target> {
    let mut targets = Vec::new();
    for (key, value) in url.query_pairs() {
        targets.extend(target_in(&key).or_else(|| target_in(&value)).or_else(|| bare_domain(&key, &value)));
    }
    // Path and fragment are still encoded, unlike the pairs of the query.
    for part in [url.path().get(1..), url.fragment()].into_iter().flatten() {
        targets.extend(absolute_link(part).or_else(|| target_later(part)).map(Target::Link));
    }
    targets
}

fn target_in(value: &str) -> Option<Target> {
    link_in(value).or_else(|| link_in(&decoded(value))).map(Target::Link).or_else(|| opaque(value))
}

fn target_later(part: &str) -> Option<String> {
    if !part.contains('%') {
        return None;
    }
    let once = decoded(part);
    absolute_link(&once).or_else(|| absolute_link(&decoded(&once)))
}

/// A value that is a link, or holds one.
fn link_in(value: &str) -> Option<String> {
    // Browsers skip blanks around a link, and tabs and line ends inside it.
    let value = value.trim_matches(|c: char| c <= ' ' || c.is_whitespace()).replace(['\t', '\n', '\r'], "");
    let relative_to_scheme = ["//", "/\\", "\\\\", "\\/"].iter().any(|start| value.starts_with(start));
    if relative_to_scheme || matches!(scheme_of(&value), Scheme::Web | Scheme::Dangerous) {
        return Some(value);
    }
    absolute_link(&value)
}

/// The first `scheme://` in a text, with all that follows it.
fn absolute_link(text: &str) -> Option<String> {
    let colon = text.find("://")?;
    let name = text[..colon].bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
    (name > 0).then(|| text[colon - name..].to_owned())
}

/// A domain without scheme, in a parameter whose name says that it is a destination.
fn bare_domain(key: &str, value: &str) -> Option<Target> {
    if !names_destination(key) {
        return None;
    }
    let value = decoded(value.trim());
    let host = value.split(['/', '?', '#', ':', '\\']).next()?;
    let host = host.rsplit('@').next()?.trim_end_matches('.').to_lowercase();
    let known = psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.is_known());
    // Names of pages rather than of countries: `next=order.do`.
    let page = [".do", ".pl", ".py"].iter().any(|ending| host.ends_with(ending));
    (host.contains('.') && known && !page).then(|| Target::Link(value.trim().to_owned()))
}

fn names_destination(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let exactly = [
        "continue",
        "dest",
        "destination",
        "forward",
        "go",
        "goto",
        "href",
        "jump",
        "link",
        "location",
        "next",
        "out",
        "target",
        "to",
        "u",
    ];
    exactly.contains(&key.as_str()) || ["url", "uri", "redir", "return"].iter().any(|part| key.contains(part))
}

/// Two layers are taken off; a value that would be a link after more is not followed, but neither trusted.
fn opaque(value: &str) -> Option<Target> {
    if !value.contains('%') {
        return None;
    }
    let twice = decoded(value).to_ascii_lowercase();
    let hides_link = twice.contains("%3a") || twice.contains("%253a") || twice.starts_with("%2");
    hides_link.then_some(Target::Opaque)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Vec<Target> {
        targets(&Url::parse(url).unwrap())
    }

    fn link(text: &str) -> Vec<Target> {
        vec![Target::Link(text.to_owned())]
    }

    #[test]
    fn links_are_found_wherever_they_stand() {
        assert_eq!(of("https://a.example/?next=https%3A%2F%2Fb.example"), link("https://b.example"));
        assert_eq!(of("https://a.example/?next=https%253A%252F%252Fb.example"), link("https://b.example"));
        assert_eq!(of("https://a.example/?next=//b.example/x"), link("//b.example/x"));
        assert_eq!(of("https://a.example/?https://b.example"), link("https://b.example"));
        assert_eq!(of("https://a.example/go/https://b.example"), link("https://b.example"));
        assert_eq!(of("https://a.example/#!https%3a//b.example"), link("https://b.example"));
        assert_eq!(of("https://a.example/?url=b.example.com"), link("b.example.com"));
        assert_eq!(of("https://a.example/?u=javascript:alert(1)"), link("javascript:alert(1)"));
        assert_eq!(of("https://a.example/?next=/%09/b.example"), link("//b.example"));
    }

    #[test]
    fn a_link_beneath_three_layers_is_opaque() {
        assert_eq!(of("https://a.example/?next=https%25253A%25252F%25252Fb.example"), [Target::Opaque]);
    }

    #[test]
    fn what_stays_or_is_only_text_is_no_target() {
        for url in [
            "https://a.example/",
            "https://a.example/?next=/cart",
            "https://a.example/?q=b.example.com",
            "https://a.example/?next=mypage.html",
            "https://a.example/?next=order.do",
            "https://a.example/?filter=size:large",
            "https://a.example/@b.example",
        ] {
            assert_eq!(of(url), [], "{url}");
        }
    }
}
