//! Sentences in Japanese and English, from message files, with their figures.

mod figures;

use std::sync::OnceLock;

use choba_engine::market::Market;
use choba_engine::refusal::Refusal;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

use crate::language::Language;

/// The message files of each language.
const JA_MESSAGES: &[&str] = &[include_str!("../messages/ja.ftl"), include_str!("../messages/mail/ja.ftl")];
const EN_MESSAGES: &[&str] = &[include_str!("../messages/en.ftl"), include_str!("../messages/mail/en.ftl")];

/// The sentences of one language.
pub struct Sentences {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

/// A refusal in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worded {
    /// What was refused and why.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// The sentences of a language.
pub fn sentences(language: Language) -> &'static Sentences {
    static JA: OnceLock<Sentences> = OnceLock::new();
    static EN: OnceLock<Sentences> = OnceLock::new();
    match language {
        Language::Ja => JA.get_or_init(|| Sentences::new(language, "ja", JA_MESSAGES)),
        Language::En => EN.get_or_init(|| Sentences::new(language, "en", EN_MESSAGES)),
    }
}

impl Sentences {
    fn new(language: Language, tag: &str, messages: &[&str]) -> Self {
        // The message files are part of the program; a test sees to it that they have no mistakes. What could
        // be read of one with mistakes is still of use.
        let read = |text: &&str| {
            FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(resource, _)| resource)
        };
        let tag: LanguageIdentifier = tag.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        bundle.set_use_isolating(false);
        for resource in messages.iter().map(read) {
            let _ = bundle.add_resource(resource);
        }
        Self { language, bundle }
    }

    /// The sentence of that id.
    pub fn say(&self, id: &str, figures: &FluentArgs<'_>) -> String {
        self.part(id, None, figures)
    }

    /// The sentence of that id, if there is one; for those without figures.
    pub fn plain(&self, id: &str) -> Option<String> {
        self.bundle.has_message(id).then(|| self.part(id, None, &FluentArgs::new()))
    }

    /// A refusal and its remedy.
    pub fn refusal(&self, refusal: &Refusal<'_>, market: &Market) -> Worded {
        let id = figures::message_id(refusal);
        let figures = figures::figures(self, refusal, market);
        Worded {
            message: self.begun(self.part(id, None, &figures)),
            remedy: self.part(id, Some("remedy"), &figures),
        }
    }

    /// `285ポイント`, `1 point`.
    pub fn points(&self, number: i64) -> String {
        let mut figures = FluentArgs::with_capacity(2);
        figures.set("number", crate::language::grouped(number, "", ""));
        figures.set("count", number);
        self.say("points", &figures)
    }

    /// Names as a list.
    pub fn list<'n>(&self, names: impl Iterator<Item = &'n str>) -> String {
        let names: Vec<&str> = names.collect();
        if names.is_empty() {
            return self.say("no-methods", &FluentArgs::new());
        }
        names.join(&self.say("list-separator", &FluentArgs::new()))
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// An English sentence may begin with a name that is written small, such as "card"; "d Points" stays as it is.
    fn begun(&self, mut sentence: String) -> String {
        let is_word = sentence.as_bytes().get(1).is_some_and(u8::is_ascii_lowercase);
        if let Some(first) = sentence.get_mut(..1).filter(|_| is_word && self.language == Language::En) {
            first.make_ascii_uppercase();
        }
        sentence
    }

    fn part(&self, id: &str, attribute: Option<&str>, figures: &FluentArgs<'_>) -> String {
        let message = self.bundle.get_message(id);
        let pattern = message.and_then(|message| match attribute {
            Some(attribute) => message.get_attribute(attribute).map(|attribute| attribute.value()),
            None => message.value(),
        });
        // A missing sentence shows its id; a test sees to it that none is missing.
        let Some(pattern) = pattern else { return id.to_owned() };
        let mut errors = Vec::new();
        self.bundle.format_pattern(pattern, Some(figures), &mut errors).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_files_have_no_mistakes_and_no_sentence_is_missing() {
        for messages in JA_MESSAGES.iter().chain(EN_MESSAGES) {
            assert!(FluentResource::try_new((*messages).to_owned()).is_ok());
        }
        for language in [Language::Ja, Language::En] {
            let bundle = &sentences(language).bundle;
            for id in figures::MESSAGE_IDS {
                let message = bundle.get_message(id).unwrap_or_else(|| panic!("{id} in {language:?}"));
                assert!(message.value().is_some());
                assert_eq!(message.get_attribute("remedy").is_some(), !id.starts_with("target-"), "{id}");
            }
        }
    }
}
