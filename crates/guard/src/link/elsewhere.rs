//! The shop's name in a place of the link that has no say in where it goes.

use url::{Host, Url};

use super::percent::decoded;
use crate::finding::Finding;
use crate::official::Official;
use crate::sign::Sign;

/// Looks at user name, first path segment, whatever follows an `@`, and the path of a bare IP address.
pub(crate) fn judge(official: &Official, url: &Url, host: &Host<&str>) -> Option<Finding> {
    in_userinfo(official, url)
        .or_else(|| in_path(official, url))
        .or_else(|| in_path_of_ip(official, url, host))
        .or_else(|| after_at(official, url))
}

fn in_userinfo(official: &Official, url: &Url) -> Option<Finding> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let written = format!("{}:{}", url.username(), url.password().unwrap_or_default());
    let domain = named_or_resembled(official, &twice_decoded(&written))?;
    Some(Finding::lookalike(Some(domain), [Sign::Userinfo]))
}

fn in_path(official: &Official, url: &Url) -> Option<Finding> {
    let first = url.path().split('/').find(|segment| !segment.is_empty() && !is_scheme(segment))?;
    // A domain has a dot; `url` percent-encodes the dots of other scripts.
    if !first.contains(['.', '%']) {
        return None;
    }
    let domain = official.named_in(&twice_decoded(first))?;
    Some(Finding::lookalike(Some(official.domain(domain).to_owned()), [Sign::NameInPath]))
}

fn is_scheme(segment: &str) -> bool {
    matches!(segment, "http:" | "https:")
}

fn in_path_of_ip(official: &Official, url: &Url, host: &Host<&str>) -> Option<Finding> {
    if matches!(host, Host::Domain(_)) {
        return None;
    }
    let domain = named_or_resembled(official, &twice_decoded(url.path()))?;
    Some(Finding::lookalike(Some(domain), [Sign::IpHost, Sign::NameInPath]))
}

fn after_at(official: &Official, url: &Url) -> Option<Finding> {
    let rest = &url[url::Position::BeforePath..];
    if !rest.contains('@') && !rest.contains('%') {
        return None;
    }
    let rest = twice_decoded(rest);
    let mut pieces = rest.split(['@', '＠', '﹫']);
    pieces.next();
    let domain = pieces.find_map(|piece| {
        // What is named must stand right behind the `@`.
        let end = piece.find(|c: char| c.is_whitespace() || "/?#&,;\"'<>".contains(c)).unwrap_or(piece.len());
        official.named_in(&piece[..end])
    })?;
    Some(Finding::lookalike(Some(official.domain(domain).to_owned()), [Sign::NameInPath]))
}

fn named_or_resembled(official: &Official, text: &str) -> Option<String> {
    let named = official.named_in(text).map(|domain| official.domain(domain));
    let resembled = || Some(official.resembled(official.brands().find(text)?.brand, ""));
    named.or_else(resembled).map(str::to_owned)
}

fn twice_decoded(text: &str) -> String {
    decoded(&decoded(text)).into_owned()
}
