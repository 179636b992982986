//! What a form or a query says, as it was typed.

use std::collections::BTreeMap;
use std::fmt::Display;

/// The fields of a form or a query, in their order; a name may be there more than once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a query or the body of a form.
    pub fn read(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The first value of that name, without space around it; empty where there is none.
    pub fn one(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// All values of that name that are not empty.
    pub fn all<'f>(&'f self, name: &str) -> impl Iterator<Item = &'f str> {
        let named = self.0.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether a box of that name and value is ticked.
    pub fn says(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|said| said == value)
    }

    /// Every field, for a form that sends them again.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A whole number as people type it: full-width figures, commas and a unit are read too.
    pub fn number(&self, name: &str) -> Option<i64> {
        whole_number(self.one(name))
    }
}

/// `1,500`, `１５００`, `1500円`.
pub fn whole_number(typed: &str) -> Option<i64> {
    let narrow = |letter: char| match letter {
        '０'..='９' => {
            char::from_u32(u32::from(letter) - u32::from('０') + u32::from('0')).unwrap_or(letter)
        }
        '，' => ',',
        '￥' => '¥',
        other => other,
    };
    let typed: String = typed.trim().chars().map(narrow).collect();
    let typed = typed.trim_start_matches('¥').trim_end_matches("円").trim_end_matches("ポイント").trim();
    if typed.is_empty() || !typed.chars().all(|letter| letter.is_ascii_digit() || letter == ',') {
        return None;
    }
    typed.replace(',', "").parse().ok()
}

/// What is wrong with a form, said at its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(BTreeMap<&'static str, String>);

impl Faults {
    /// None.
    pub fn none() -> Self {
        Self::default()
    }

    /// One fault.
    pub fn one(field: &'static str, fault: impl Display) -> Self {
        let mut faults = Self::none();
        faults.add(field, fault);
        faults
    }

    /// One more.
    pub fn add(&mut self, field: &'static str, fault: impl Display) {
        self.0.entry(field).or_insert_with(|| fault.to_string());
    }

    /// What is wrong with a field.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str)
    }

    /// The fault of the first field that has one.
    pub fn first(&self) -> Option<&str> {
        self.0.values().next().map(String::as_str)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_type_them() {
        assert_eq!(whole_number(" 1,500円 "), Some(1_500));
        assert_eq!(whole_number("１５００"), Some(1_500));
        assert_eq!(whole_number("￥1500"), Some(1_500));
        assert_eq!(whole_number(""), None);
        assert_eq!(whole_number("-3"), None);
        assert_eq!(whole_number("99999999999999999999"), None);
        assert_eq!(whole_number("千"), None);
    }

    #[test]
    fn a_name_may_be_there_more_than_once() {
        let fields = Fields::read("use=A500&use=SHOP&note=+a%20b+&empty=".as_bytes());
        assert_eq!(fields.all("use").collect::<Vec<_>>(), ["A500", "SHOP"]);
        assert_eq!(fields.one("note"), "a b");
        assert_eq!(fields.one("empty"), "");
        assert!(fields.says("use", "SHOP"));
    }
}
