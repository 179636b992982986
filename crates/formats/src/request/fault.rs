//! What is wrong with a request, and where.

use std::fmt;

use super::wire;
use crate::suggestion::nearest;

/// A fault of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The faulty field as a JSON pointer; empty for the whole text.
    pub pointer: String,
    /// What is wrong with it and what was expected.
    pub message: String,
    /// Where in the text, for faults of reading.
    pub place: Option<Place>,
}

/// A place in a text, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in bytes.
    pub column: usize,
}

impl Fault {
    pub(super) fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into(), place: None }
    }

    /// The fault with its place counted from the beginning of a longer text, in which the request begins on `line`.
    pub fn in_text_from(mut self, line: usize) -> Self {
        if let Some(place) = &mut self.place {
            place.line = place.line.saturating_add(line.saturating_sub(1)).max(line);
        }
        self
    }

    /// A value that is none of those known.
    pub(super) fn unknown<'k>(
        pointer: impl Into<String>,
        what: &str,
        found: &str,
        known: impl Iterator<Item = &'k str> + Clone,
    ) -> Self {
        let meant = nearest(found, known.clone());
        let mut message = format!("unknown {what} `{}`", shortened(found));
        match meant {
            Some(meant) => message.push_str(&format!("; did you mean `{meant}`?")),
            None => message.push_str(&format!("; expected {}", few_of(known))),
        }
        Self::new(pointer, message)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.pointer.is_empty() {
            write!(f, "{}: ", self.pointer)?;
        }
        f.write_str(&self.message)?;
        match self.place {
            Some(place) => write!(f, " (line {} column {})", place.line, place.column),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}

/// Reads the text once more, slowly, to say where it is wrong.
pub(super) fn of_json(json: &[u8]) -> Fault {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let read: Result<wire::Request<'_>, _> = serde_path_to_error::deserialize(&mut deserializer);
    let (pointer, error) = match read {
        Err(error) => (pointer(error.path()), error.into_inner()),
        // What follows the request is wrong, not the request.
        Ok(_) => match deserializer.end() {
            Err(error) => (String::new(), error),
            Ok(()) => return Fault::new("", "the request could not be read"),
        },
    };
    let place = Place { line: error.line(), column: error.column() };
    let text = error.to_string();
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
    Fault { pointer, message: message_with_suggestion(message), place: Some(place) }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let segments = path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(format!("/{index}")),
        Segment::Map { key } => Some(format!("/{}", shortened(key).replace('~', "~0").replace('/', "~1"))),
        Segment::Enum { variant } => Some(format!("/{variant}")),
        Segment::Unknown => None,
    });
    segments.collect()
}

/// `` unknown field `x`, expected one of `a`, `b` `` with the nearest of those expected.
fn message_with_suggestion(message: &str) -> String {
    let Some((unknown, expected)) =
        message.strip_prefix("unknown field `").and_then(|rest| rest.split_once("`, expected"))
    else {
        return in_json_words(message);
    };
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    match nearest(unknown, known.iter().copied()) {
        Some(meant) => format!("unknown field `{}`; did you mean `{meant}`?", shortened(unknown)),
        None => format!("unknown field `{}`; expected {}", shortened(unknown), few_of(known.into_iter())),
    }
}

/// A fault of type in the words of JSON, not of the program: `expected a whole number, found the text "x"`.
fn in_json_words(message: &str) -> String {
    let typed = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    let Some((found, expected)) = typed.and_then(|rest| rest.rsplit_once(", expected ")) else {
        return shortened(message);
    };
    let expected = match expected {
        "i64" => "a whole number",
        "a sequence" => "a list",
        "a boolean" => "true or false",
        other if other.starts_with("struct ") => "an object",
        other => other,
    };
    let (kind, value) = found.split_once(' ').unwrap_or((found, ""));
    let found = match kind {
        "map" => "an object".to_owned(),
        "sequence" => "a list".to_owned(),
        "string" => format!("the text {value}"),
        "integer" => format!("the number {}", value.trim_matches('`')),
        "floating" => format!("the number {}", value.trim_start_matches("point ").trim_matches('`')),
        "boolean" => value.trim_matches('`').to_owned(),
        _ => found.to_owned(),
    };
    format!("expected {expected}, found {}", shortened(&found))
}

/// At most twelve names; a market may have thousands.
fn few_of<'k>(mut known: impl Iterator<Item = &'k str>) -> String {
    let few: Vec<&str> = known.by_ref().take(12).collect();
    let more = known.count();
    match more {
        0 => crate::suggestion::one_of(few),
        more => format!("`{}` or one of {more} more", few.join("`, `")),
    }
}

/// Found text is repeated, but never a megabyte of it, and never what would move the cursor.
pub(super) fn shortened(text: &str) -> String {
    let mut short: String =
        text.chars().take(200).map(|char| if char.is_control() { '\u{fffd}' } else { char }).collect();
    if text.chars().nth(200).is_some() {
        short.push('…');
    }
    short
}
