//! Whose host it is: the shop's, one made to look like it, or anyone's.

use std::borrow::Cow;

use url::Host;

use crate::brands::{How, Resemblance};
use crate::finding::{Finding, Judgement};
use crate::official::Official;
use crate::sign::Sign;

/// Judges a host as the URL standard reads it. For an official host `resembles` names the domain it is of.
pub(crate) fn judge_host(official: &Official, host: &Host<&str>) -> Finding {
    match host {
        Host::Domain(name) => judge_name(official, name),
        Host::Ipv4(_) | Host::Ipv6(_) => Finding::unknown([Sign::IpHost]),
    }
}

fn judge_name(official: &Official, name: &str) -> Finding {
    let name = name.strip_suffix('.').unwrap_or(name);
    let gaps = name.split('.').any(str::is_empty);
    if !gaps && let Some(domain) = official.covering(name) {
        let resembles = Some(official.domain(domain).to_owned());
        return Finding { verdict: Judgement::Official, resembles, signs: Vec::new() };
    }
    if !gaps && official.is_beside(name) {
        return Finding::unknown([Sign::BesideOfficial]);
    }
    let mut finding = resembling(official, name);
    if gaps {
        finding.add(Sign::EmptyLabel);
    }
    finding
}

fn resembling(official: &Official, name: &str) -> Finding {
    let punycode = name.contains("xn--");
    let readable: Cow<'_, str> =
        if punycode { idna::domain_to_unicode(name).0.into() } else { Cow::Borrowed(name) };
    let suffix = labels_of_suffix(name);
    for (place, (ascii, readable)) in name.rsplit('.').zip(readable.rsplit('.')).enumerate() {
        if place < suffix.without_owner {
            continue;
        }
        let found = official.brands().find(readable);
        let found = found.or_else(|| if ascii == readable { None } else { official.brands().find(ascii) });
        if let Some(found) = found {
            let signs = signs_of(found, place > suffix.length, readable);
            return Finding::lookalike(Some(official.resembled(found.brand, name).to_owned()), signs);
        }
    }
    match official.brands().find_across(&readable) {
        Some(found) => {
            Finding::lookalike(Some(official.resembled(found.brand, name).to_owned()), [Sign::SubdomainTrick])
        }
        None => Finding::unknown([]),
    }
}

struct SuffixLabels {
    /// How many labels the registry's suffix has.
    length: usize,
    /// How many of them say nothing about whose a host is.
    without_owner: usize,
}

/// The suffix of a registry (`co.jp`, `shop`) says nothing about whose a host is, nor does that of a company under
/// which anyone gets a name (`s3.amazonaws.com`, `github.io`); one that does not exist may be a broken copy.
fn labels_of_suffix(name: &str) -> SuffixLabels {
    let Some(suffix) = psl::suffix(name.as_bytes()) else {
        return SuffixLabels { length: 1, without_owner: 0 };
    };
    let labels = suffix.as_bytes().split(|byte| *byte == b'.').count();
    match suffix.typ() {
        Some(psl::Type::Icann) => SuffixLabels { length: labels, without_owner: labels },
        Some(psl::Type::Private) => SuffixLabels { length: 1, without_owner: labels },
        None => SuffixLabels { length: 1, without_owner: 0 },
    }
}

fn signs_of(found: Resemblance, below: bool, label: &str) -> Vec<Sign> {
    let mut signs = Vec::new();
    if below {
        signs.push(Sign::SubdomainTrick);
    }
    if found.substituted {
        signs.push(Sign::SubstitutedCharacters);
    }
    match found.how {
        How::Near => signs.push(Sign::MisspelledName),
        How::Rearranged => signs.push(Sign::RearrangedWords),
        How::Inside if !below => signs.push(Sign::AddedWords),
        How::Equal if !below && !found.substituted => signs.push(Sign::OtherDomain),
        How::Inside | How::Equal => {}
    }
    if mixes_scripts(label) {
        signs.push(Sign::MixedScript);
    }
    signs
}

/// Latin letters beside kana, kanji, Cyrillic or others in one label.
fn mixes_scripts(label: &str) -> bool {
    label.chars().any(|c| c.is_ascii_alphabetic())
        && label.chars().any(|c| !c.is_ascii() && c.is_alphabetic())
}
