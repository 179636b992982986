//! The words of pages, in both languages, from message files.

use std::fmt;
use std::sync::OnceLock;

use choba_formats::language::Language;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

macro_rules! messages {
    ($language:literal) => {
        &[
            include_str!(concat!("../messages/", $language, "/shell.ftl")),
            include_str!(concat!("../messages/", $language, "/shop.ftl")),
            include_str!(concat!("../messages/", $language, "/counter.ftl")),
            include_str!(concat!("../messages/", $language, "/orders.ftl")),
            include_str!(concat!("../messages/", $language, "/wallet.ftl")),
            include_str!(concat!("../messages/", $language, "/help.ftl")),
            include_str!(concat!("../messages/", $language, "/care.ftl")),
            include_str!(concat!("../messages/", $language, "/account.ftl")),
            include_str!(concat!("../messages/", $language, "/desk.ftl")),
            include_str!(concat!("../messages/", $language, "/office.ftl")),
        ]
    };
}

const JA: &[&str] = messages!("ja");
const EN: &[&str] = messages!("en");

/// The words of one language.
pub struct Words {
    bundle: FluentBundle<FluentResource>,
}

/// The words of a language.
pub fn words(language: Language) -> &'static Words {
    static IN_JAPANESE: OnceLock<Words> = OnceLock::new();
    static IN_ENGLISH: OnceLock<Words> = OnceLock::new();
    match language {
        Language::Ja => IN_JAPANESE.get_or_init(|| Words::new("ja", JA)),
        Language::En => IN_ENGLISH.get_or_init(|| Words::new("en", EN)),
    }
}

impl Words {
    fn new(tag: &str, files: &[&str]) -> Self {
        let tag: LanguageIdentifier = tag.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        bundle.set_use_isolating(false);
        for file in files {
            // A test sees to it that there are no mistakes in them.
            let resource = FluentResource::try_new((*file).to_owned()).unwrap_or_else(|(read, _)| read);
            let _ = bundle.add_resource(resource);
        }
        Self { bundle }
    }

    /// Whether there is a message of that id.
    pub fn has(&self, id: &str) -> bool {
        self.bundle.has_message(id)
    }

    /// The message of that id, to be given its figures.
    pub fn say(&'static self, id: &str) -> Said {
        Said { words: self, id: id.to_owned(), figures: FluentArgs::new() }
    }
}

/// A message with its figures; it is written where it is shown.
pub struct Said {
    words: &'static Words,
    id: String,
    figures: FluentArgs<'static>,
}

impl Said {
    /// With a figure or a name in it.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<FluentValue<'static>>) -> Self {
        self.figures.set(name, value);
        self
    }
}

impl fmt::Display for Said {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.words.bundle.get_message(&self.id);
        match message.and_then(|message| message.value()) {
            Some(pattern) => {
                let mut faults = Vec::new();
                let text = self.words.bundle.format_pattern(pattern, Some(&self.figures), &mut faults);
                formatter.write_str(&text)
            }
            // Seen on no page: a test renders every page and looks for these marks.
            None => write!(formatter, "⟦{}⟧", self.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn ids(files: &[&str]) -> BTreeSet<String> {
        let mut ids = BTreeSet::new();
        for file in files {
            FluentResource::try_new((*file).to_owned()).map_err(|(_, faults)| faults).unwrap();
            let lines =
                file.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()));
            for id in lines.filter_map(|line| line.split_once(" =")).map(|(id, _)| id.to_owned()) {
                assert!(ids.insert(id.clone()), "{id} is there twice");
            }
        }
        ids
    }

    #[test]
    fn both_languages_have_the_same_messages_without_mistakes() {
        assert_eq!(ids(JA), ids(EN));
    }
}
