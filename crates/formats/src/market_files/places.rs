//! Market files as parsed text, with the place of every key and value.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, MarketFile};

/// Where the value of a key stands.
#[derive(Clone, Debug)]
pub struct Place {
    pub file: usize,
    pub value: Range<usize>,
}

/// The places of all keys, by their full name (`coupons.A500.items.0`).
#[derive(Debug, Default)]
pub struct Places(BTreeMap<String, Place>);

impl Places {
    /// The place of a key, or of the nearest section around it.
    pub fn find(&self, key: &str) -> Option<&Place> {
        let mut key = key;
        loop {
            if let Some(place) = self.0.get(key) {
                return Some(place);
            }
            key = key.rsplit_once('.')?.0;
        }
    }

    /// A mistake in the value of a key.
    pub fn mistake(
        &self,
        key: &str,
        found: String,
        expected: String,
        suggestion: Option<&str>,
    ) -> Diagnostic {
        let place = self.find(key);
        Diagnostic {
            file: place.map(|place| place.file),
            span: place.map_or(0..0, |place| place.value.clone()),
            key: key.to_owned(),
            found,
            expected,
            suggestion: suggestion.map(str::to_owned),
        }
    }

    /// Takes in the places of another file; a key that stands in both keeps its first place.
    pub fn add(&mut self, other: Self) {
        for (key, place) in other.0 {
            self.0.entry(key).or_insert(place);
        }
    }

    fn note(&mut self, name: &str, file: usize, value: &Spanned<DeValue<'_>>) {
        self.0.insert(name.to_owned(), Place { file, value: value.span() });
    }
}

/// Parses a file. A file with mistakes of syntax is not read further: what comes after one would be guesses.
pub fn parse<'t>(
    file: usize,
    text: &'t MarketFile,
    mistakes: &mut Vec<Diagnostic>,
) -> Option<Spanned<DeTable<'t>>> {
    let (table, errors) = DeTable::parse_recoverable(&text.text);
    for error in &errors {
        let (found, expected) =
            error.message().split_once(", expected ").unwrap_or((error.message(), "TOML"));
        mistakes.push(Diagnostic {
            file: Some(file),
            span: error.span().unwrap_or(0..0),
            key: "(syntax)".into(),
            found: found.to_owned(),
            expected: expected.to_owned(),
            suggestion: None,
        });
    }
    errors.is_empty().then_some(table)
}

/// Notes the places of a table's keys and turns it into JSON for its types.
pub fn read(file: usize, path: &str, table: &DeTable<'_>, places: &mut Places) -> Map<String, Value> {
    let entries = table.iter().map(|(key, value)| {
        let name = join(path, key.get_ref());
        places.note(&name, file, value);
        (key.get_ref().to_string(), read_value(file, &name, value, places))
    });
    entries.collect()
}

fn read_value(file: usize, path: &str, value: &Spanned<DeValue<'_>>, places: &mut Places) -> Value {
    match value.get_ref() {
        DeValue::String(text) => Value::String(text.to_string()),
        // A literal keeps its digits: no float is made of it.
        DeValue::Integer(integer) => integer_value(integer),
        DeValue::Float(float) => Value::String(float.as_str().to_owned()),
        DeValue::Boolean(yes) => Value::Bool(*yes),
        DeValue::Datetime(datetime) => Value::String(datetime.to_string()),
        DeValue::Table(table) => Value::Object(read(file, path, table, places)),
        DeValue::Array(array) => {
            let items = array.iter().enumerate().map(|(index, item)| {
                let name = join(path, &index.to_string());
                places.note(&name, file, item);
                read_value(file, &name, item, places)
            });
            Value::Array(items.collect())
        }
    }
}

fn integer_value(integer: &toml::de::DeInteger<'_>) -> Value {
    match i64::from_str_radix(integer.as_str(), integer.radix()) {
        Ok(integer) => Value::from(integer),
        Err(_) => Value::String(integer.as_str().to_owned()),
    }
}

pub fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
