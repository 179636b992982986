//! Checks parsed market files against the JSON Schema of their types, so that *all* mistakes of shape are
//! found at once, each with its place: unknown and missing keys, wrong types, words and ranges.
//!
//! Only the part of JSON Schema that the types of [`super::sections`] make use of is known here; a test sees
//! to it that they use no other.

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use choba_engine::rate::Rate;

use super::diagnostic::Diagnostic;
use super::places::join;
use super::sections::{ClockText, LateClockText};
use crate::suggestion::{nearest, one_of};

/// Checks one file.
pub struct Shape<'s> {
    pub schema: &'s Value,
    pub file: usize,
}

impl Shape<'_> {
    /// Checks the whole file. Sections may be missing: they may stand in another file.
    pub fn check(&self, table: &Spanned<DeTable<'_>>, mistakes: &mut Vec<Diagnostic>) {
        let properties = &self.schema["properties"];
        self.check_keys("", table.get_ref(), properties, mistakes);
    }

    fn check_keys(
        &self,
        path: &str,
        table: &DeTable<'_>,
        properties: &Value,
        mistakes: &mut Vec<Diagnostic>,
    ) {
        for (key, value) in table {
            let name = join(path, key.get_ref());
            match properties.get(key.get_ref().as_ref()) {
                Some(schema) => self.check_value(&name, value, schema, mistakes),
                None => mistakes.push(self.unknown_key(&name, key.get_ref(), key.span(), properties)),
            }
        }
    }

    fn unknown_key(
        &self,
        name: &str,
        key: &str,
        span: std::ops::Range<usize>,
        properties: &Value,
    ) -> Diagnostic {
        let known: Vec<&str> = names(properties);
        Diagnostic {
            file: Some(self.file),
            span,
            key: name.to_owned(),
            found: format!("the unknown key `{key}`"),
            expected: one_of(known.iter().copied()),
            suggestion: nearest(key, known).map(str::to_owned),
        }
    }

    fn check_value(
        &self,
        path: &str,
        value: &Spanned<DeValue<'_>>,
        schema: &Value,
        mistakes: &mut Vec<Diagnostic>,
    ) {
        let schema = self.resolve(schema);
        if let Some(words) = words(schema) {
            return self.check_word(path, value, &words, mistakes);
        }
        match (kind(schema), value.get_ref()) {
            ("object", DeValue::Table(table)) => {
                self.check_table(path, table, value.span(), schema, mistakes)
            }
            ("array", DeValue::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.check_value(&join(path, &index.to_string()), item, &schema["items"], mistakes);
                }
            }
            ("integer", DeValue::Integer(integer)) => {
                let number = i64::from_str_radix(integer.as_str(), integer.radix());
                if !number.is_ok_and(|number| in_range(number, schema)) {
                    self.push(path, value, integer.as_str().to_owned(), expected(schema), None, mistakes);
                }
            }
            ("boolean", DeValue::Boolean(_)) => {}
            ("string", found) if fits_format(found, schema) => {}
            (_, found) => self.push(path, value, describe(found), expected(schema), None, mistakes),
        }
    }

    fn check_table(
        &self,
        path: &str,
        table: &DeTable<'_>,
        span: std::ops::Range<usize>,
        schema: &Value,
        mistakes: &mut Vec<Diagnostic>,
    ) {
        if schema["additionalProperties"].is_object() {
            for (key, value) in table {
                let name = join(path, key.get_ref());
                if !is_id(key.get_ref()) {
                    let expected = "an id of letters, digits, `-` and `_`, at most 64".to_owned();
                    self.push(&name, value, format!("the id `{}`", key.get_ref()), expected, None, mistakes);
                }
                self.check_value(&name, value, &schema["additionalProperties"], mistakes);
            }
            return;
        }
        self.check_keys(path, table, &schema["properties"], mistakes);
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        for key in required.filter(|key| !table.contains_key(*key)) {
            let about = &self.resolve(&schema["properties"][key])["description"];
            mistakes.push(Diagnostic {
                file: Some(self.file),
                span: span.clone(),
                key: join(path, key),
                found: "nothing".into(),
                expected: format!("`{key}`: {}", about.as_str().unwrap_or("it must be given")),
                suggestion: None,
            });
        }
    }

    fn check_word(
        &self,
        path: &str,
        value: &Spanned<DeValue<'_>>,
        words: &[&str],
        mistakes: &mut Vec<Diagnostic>,
    ) {
        let found = value.get_ref().as_str();
        if !found.is_some_and(|found| words.contains(&found)) {
            let meant = found.and_then(|found| nearest(found, words.iter().copied()));
            let expected = one_of(words.iter().copied());
            self.push(path, value, describe(value.get_ref()), expected, meant, mistakes);
        }
    }

    fn push(
        &self,
        path: &str,
        value: &Spanned<DeValue<'_>>,
        found: String,
        expected: String,
        suggestion: Option<&str>,
        mistakes: &mut Vec<Diagnostic>,
    ) {
        let suggestion = suggestion.map(str::to_owned);
        let (file, span) = (Some(self.file), value.span());
        mistakes.push(Diagnostic { file, span, key: path.to_owned(), found, expected, suggestion });
    }

    /// Follows `$ref` and takes the part of a choice that is not null (an optional key).
    fn resolve<'v>(&'v self, schema: &'v Value) -> &'v Value {
        if let Some(reference) = schema["$ref"].as_str() {
            let pointer = reference.trim_start_matches('#');
            return self.schema.pointer(pointer).map_or(schema, |target| self.resolve(target));
        }
        match schema["anyOf"].as_array() {
            Some(choices) => choices
                .iter()
                .find(|choice| choice["type"] != "null")
                .map_or(schema, |choice| self.resolve(choice)),
            None => schema,
        }
    }
}

fn names(properties: &Value) -> Vec<&str> {
    properties.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

/// The words of a closed choice.
fn words(schema: &Value) -> Option<Vec<&str>> {
    if let Some(words) = schema["enum"].as_array() {
        return Some(words.iter().filter_map(Value::as_str).collect());
    }
    if let Some(word) = schema["const"].as_str() {
        return Some(vec![word]);
    }
    let choices = schema["oneOf"].as_array()?;
    Some(choices.iter().filter_map(words).flatten().collect())
}

/// The one type of a value, an optional one's without null.
fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(kind) => kind,
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("")
        }
        _ => "",
    }
}

fn in_range(number: i64, schema: &Value) -> bool {
    let least = schema["minimum"].as_i64().unwrap_or(i64::MIN);
    let most = schema["maximum"].as_i64().unwrap_or(i64::MAX);
    (least..=most).contains(&number)
}

fn fits_format(value: &DeValue<'_>, schema: &Value) -> bool {
    match (schema["format"].as_str(), value) {
        (Some("factor"), DeValue::String(text)) if text == "multiplier" => true,
        (Some("rate" | "factor"), DeValue::String(text)) => text.parse::<Rate>().is_ok(),
        (Some("rate" | "factor"), DeValue::Float(float)) => float.as_str().parse::<Rate>().is_ok(),
        (Some("rate" | "factor"), DeValue::Integer(integer)) => integer.as_str().parse::<Rate>().is_ok(),
        (Some("date-time"), DeValue::String(text)) => text.parse::<jiff::Timestamp>().is_ok(),
        (Some("date-time"), DeValue::Datetime(datetime)) => {
            datetime.to_string().parse::<jiff::Timestamp>().is_ok()
        }
        (Some("clock"), DeValue::String(text)) => ClockText::minutes(text).is_some(),
        (Some("late-clock"), DeValue::String(text)) => LateClockText::minutes(text).is_some(),
        (None, DeValue::String(_)) => true,
        _ => false,
    }
}

fn expected(schema: &Value) -> String {
    match (kind(schema), schema["format"].as_str()) {
        ("string", Some("rate")) => "a decimal number of at most nine places, such as \"0.10\"".into(),
        ("string", Some("factor")) => "a decimal number, such as \"0.5\", or \"multiplier\"".into(),
        ("string", Some("date-time")) => {
            "a date and time with its offset, such as 2026-12-31T23:59:59+09:00".into()
        }
        ("string", Some("late-clock")) => "a time in quotes from \"00:00\" to \"48:00\"".into(),
        ("string", Some("clock")) => "a time in quotes from \"00:00\" to \"24:00\"".into(),
        ("string", _) => "a text in quotes".into(),
        ("integer", _) => match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
            (Some(least), Some(most)) => format!("a whole number from {least} to {most}"),
            _ => "a whole number".into(),
        },
        ("boolean", _) => "true or false".into(),
        ("array", _) => "a list in [ ]".into(),
        ("object", _) => "a section with keys".into(),
        (other, _) => other.to_owned(),
    }
}

fn describe(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text {text:?}"),
        DeValue::Integer(integer) => format!("the number {}", integer.as_str()),
        DeValue::Float(float) => format!("the number {}", float.as_str()),
        DeValue::Boolean(yes) => yes.to_string(),
        DeValue::Datetime(datetime) => datetime.to_string(),
        DeValue::Array(_) => "a list".into(),
        DeValue::Table(_) => "a section".into(),
    }
}

/// Ids appear in answers, rules and file names.
pub fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_'))
}
