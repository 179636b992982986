//! Categories and synonyms, put together from all settings of help.

use choba_engine::market::Name;
use serde_json::Value;

use super::HelpCategory;
use super::place::is_help_file;
use super::sections::HelpSection;
use crate::market_files::diagnostic::{Diagnostic, MarketFile};
use crate::market_files::places::{self, Places};
use crate::market_files::shape::Shape;

/// The settings of a market's help: its own, and those of the folders it takes over.
#[derive(Debug, Default)]
pub struct Settings {
    /// The market's own come last, as they stand last where they are put together.
    sections: Vec<HelpSection>,
}

impl Settings {
    /// Reads all settings among the files.
    pub fn read(files: &[MarketFile], mistakes: &mut Vec<Diagnostic>) -> Self {
        let schema = schemars::schema_for!(HelpSection).to_value();
        let mut sections = Vec::new();
        for (file, text) in files.iter().enumerate().filter(|(_, file)| is_settings(&file.path)) {
            sections.extend(section(file, text, &schema, mistakes));
        }
        sections.reverse();
        Self { sections }
    }

    /// All categories; one that several files name is where it was named first.
    pub fn categories(&self) -> Vec<HelpCategory> {
        let mut categories: Vec<HelpCategory> = Vec::new();
        for category in self.sections.iter().flat_map(|section| &section.categories) {
            let name = Name { ja: category.name.ja.clone(), en: category.name.en.clone() };
            match categories.iter_mut().find(|known| known.id == category.id) {
                Some(known) => known.name = name,
                None => categories.push(HelpCategory { id: category.id.clone(), name }),
            }
        }
        categories
    }

    /// Words that mean the same in Japanese.
    pub fn synonyms_ja(&self) -> Vec<Vec<String>> {
        self.sections.iter().flat_map(|section| section.synonyms.ja.clone()).collect()
    }

    /// Words that mean the same in English.
    pub fn synonyms_en(&self) -> Vec<Vec<String>> {
        self.sections.iter().flat_map(|section| section.synonyms.en.clone()).collect()
    }
}

/// Whether a file holds settings of help.
pub fn is_settings(path: &str) -> bool {
    is_help_file(path) && path.ends_with(".toml")
}

/// The other directories that a file of settings names. A file with mistakes names none; they are told elsewhere.
pub fn includes(text: &str) -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct Includes {
        #[serde(default)]
        include: Vec<String>,
    }
    toml::from_str::<Includes>(text).map(|includes| includes.include).unwrap_or_default()
}

fn section(
    file: usize,
    text: &MarketFile,
    schema: &Value,
    mistakes: &mut Vec<Diagnostic>,
) -> Option<HelpSection> {
    let table = places::parse(file, text, mistakes)?;
    let before = mistakes.len();
    Shape { schema, file }.check(&table, mistakes);
    let mut here = Places::default();
    let section = places::read(file, "", table.get_ref(), &mut here);
    if mistakes.len() > before {
        return None;
    }
    let read = serde_json::from_value(Value::Object(section));
    read.map_err(|error| mistakes.push(here.mistake("", error.to_string(), "settings of help".into(), None)))
        .ok()
}
