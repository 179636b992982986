//! Which language a person reads: `--lang`, else what the environment says.

use std::env;

use choba_formats::language::Language;

/// The choice of a language.
#[derive(Clone, Copy, Debug, clap::Args)]
#[group(skip)]
pub struct LanguageChoice {
    /// The language for people; without it, Japanese where LC_ALL, LC_MESSAGES or LANG says so.
    #[arg(long, value_enum, requires = "explain")]
    lang: Option<Tag>,
}

/// The choice of a language for what only people read.
#[derive(Clone, Copy, Debug, clap::Args)]
#[group(skip)]
pub struct LanguageForPeople {
    /// The language; without it, Japanese where LC_ALL, LC_MESSAGES or LANG says so.
    #[arg(long, value_enum)]
    lang: Option<Tag>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Tag {
    Ja,
    En,
}

impl LanguageChoice {
    /// The language chosen.
    pub fn language(self) -> Language {
        chosen(self.lang)
    }
}

impl LanguageForPeople {
    /// The language chosen.
    pub fn language(self) -> Language {
        chosen(self.lang)
    }
}

fn chosen(tag: Option<Tag>) -> Language {
    match tag {
        Some(Tag::Ja) => Language::Ja,
        Some(Tag::En) => Language::En,
        None => of_environment(),
    }
}

fn of_environment() -> Language {
    let named = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()));
    named.map_or(Language::En, |value| Language::of(&value))
}
