//! The scheme in front of a link, told apart from a host with a port.

/// What kind of address a text begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// `http:` or `https:`.
    Web,
    /// Runs or carries content by itself: `data:`, `javascript:`, `vbscript:`, `blob:`, `filesystem:`.
    Dangerous,
    /// `tel:` and its like.
    Phone,
    /// `mailto:`.
    Mail,
    /// Any other scheme.
    Other,
    /// None: a bare domain, perhaps.
    Missing,
}

/// Reads the scheme as a browser would: tabs and line ends inside it do not count.
pub(crate) fn scheme_of(text: &str) -> Scheme {
    let Some((name, rest)) = split_scheme(text) else { return Scheme::Missing };
    match name.as_str() {
        "http" | "https" => Scheme::Web,
        "data" | "javascript" | "vbscript" | "blob" | "filesystem" => Scheme::Dangerous,
        "tel" | "sms" | "smsto" | "callto" | "facetime" => Scheme::Phone,
        "mailto" => Scheme::Mail,
        _ if is_label(&name) || !is_scheme(&name, rest) => Scheme::Missing,
        _ => Scheme::Other,
    }
}

/// Words that stand in front of a pasted sender or number and are no scheme.
fn is_label(name: &str) -> bool {
    matches!(name, "from" | "sender" | "reply-to" | "phone" | "fax")
}

fn split_scheme(text: &str) -> Option<(String, &str)> {
    let (name, rest) = text.split_once(':')?;
    if name.len() > 64 {
        return None;
    }
    let name: String = name
        .trim_start_matches(|c: char| c <= ' ')
        .chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    let goes_on = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    (begins && goes_on).then_some((name, rest))
}

/// `example.com:443` and `name:password@host` have a colon but no scheme.
fn is_scheme(name: &str, rest: &str) -> bool {
    if rest.starts_with("//") {
        return true;
    }
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or(rest);
    !name.contains('.') && !rest.starts_with(|c: char| c.is_ascii_digit()) && !authority.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_told_from_ports_and_passwords() {
        let table = [
            ("https://a.example", Scheme::Web),
            ("HTTP:a.example", Scheme::Web),
            ("java\nscript:alert(1)", Scheme::Dangerous),
            ("tel:0120", Scheme::Phone),
            ("mailto:a@b.example", Scheme::Mail),
            ("ftp://a.example", Scheme::Other),
            ("intent:x#y", Scheme::Other),
            ("a.example:443/x", Scheme::Missing),
            ("localhost:80", Scheme::Missing),
            ("name:word@a.example", Scheme::Missing),
            ("From: a@b.example", Scheme::Missing),
            ("a.example", Scheme::Missing),
            ("店：a", Scheme::Missing),
        ];
        for (text, scheme) in table {
            assert_eq!(scheme_of(text), scheme, "{text}");
        }
    }
}
