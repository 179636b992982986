//! Figures in articles: `{{ free_shipping:shop-a }}` stands for what the market says.

use std::ops::Range;

/// A placeholder in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder<'t> {
    /// The bytes it takes, braces included.
    pub span: Range<usize>,
    /// What it asks for.
    pub name: &'t str,
    /// Of what, if it says so.
    pub of: Option<&'t str>,
}

/// The placeholders of a text, in order. Braces that do not close are one without a name.
pub fn placeholders(text: &str) -> Vec<Placeholder<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find("{{")).map(|start| at + start) {
        let inside = start + 2;
        let line_end =
            text.get(inside..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| inside + end);
        let line = text.get(inside..line_end).unwrap_or_default();
        let (content, end) = match line.split_once("}}") {
            Some((content, _)) => (content.trim(), inside + content.len() + 2),
            None => ("", line_end),
        };
        let (name, of) =
            content.split_once(':').map_or((content, None), |(name, of)| (name.trim(), Some(of.trim())));
        found.push(Placeholder { span: start..end, name, of });
        at = end;
    }
    found
}

/// Puts figures in the place of placeholders.
///
/// # Errors
/// The placeholders that `figure` knows nothing for.
pub fn fill<'t>(
    text: &'t str,
    mut figure: impl FnMut(&Placeholder<'t>) -> Option<String>,
) -> Result<String, Vec<Placeholder<'t>>> {
    let (mut filled, mut unknown, mut at) = (String::with_capacity(text.len()), Vec::new(), 0);
    for placeholder in placeholders(text) {
        filled.push_str(text.get(at..placeholder.span.start).unwrap_or_default());
        at = placeholder.span.end;
        match figure(&placeholder) {
            Some(figure) => filled.push_str(&figure),
            None => unknown.push(placeholder),
        }
    }
    filled.push_str(text.get(at..).unwrap_or_default());
    if unknown.is_empty() { Ok(filled) } else { Err(unknown) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_take_the_place_of_placeholders_and_unknown_ones_are_told() {
        let known = |placeholder: &Placeholder<'_>| match (placeholder.name, placeholder.of) {
            ("fee", Some("cod")) => Some("330円".to_owned()),
            _ => None,
        };
        assert_eq!(fill("手数料は{{ fee:cod }}です", known), Ok("手数料は330円です".to_owned()));
        let unknown = fill("{{fee:card}} {{ x", known).unwrap_err();
        assert_eq!((unknown[0].of, unknown[1].name, unknown[1].span.clone()), (Some("card"), "", 13..17));
    }
}
