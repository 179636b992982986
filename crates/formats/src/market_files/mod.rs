//! A market as files: a directory of TOML that an operator can read and write without us.
//!
//! A market is checked as a whole before it is used. Where anything is wrong nothing is loaded, and the
//! [`Report`] tells all mistakes at once, each with file, line, key, what was found and what was expected.

mod build;
mod diagnostic;
mod help;
mod places;
mod reference;
mod sections;
mod shape;

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use choba_care::contact::Care;
use choba_engine::market::Market;
use include_dir::{Dir, include_dir};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

pub use diagnostic::{Diagnostic, MarketFile, Report};
pub use help::{Help, HelpCategory, check_help, help_that_holds, is_help_file};
pub use reference::reference;

use crate::language::Language;
use build::Names;
use places::Places;
use sections::Sections;

/// The sample markets, carried inside the program.
static SAMPLES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../markets");

/// The most that one file may hold, in bytes; a larger one is refused.
const FILE_MAX: u64 = 16 * 1024 * 1024;

/// A market could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum MarketError {
    /// Neither a sample market nor a directory.
    #[error("there is no market {name:?}: expected a directory of market files, or {known}")]
    Unknown {
        /// As asked for.
        name: String,
        /// The sample markets.
        known: String,
    },
    /// A file or directory could not be read.
    #[error("{path}: {error}")]
    Unreadable {
        /// Which.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// The files have mistakes.
    #[error("{0}")]
    Wrong(Box<Report>),
}

/// Loads the sample market of that name, or the market in that directory.
///
/// ```
/// let market = choba_formats::market_files::load("rakuten-style").unwrap();
/// assert_eq!(market.name, "rakuten-style");
/// ```
pub fn load(name_or_dir: &str) -> Result<Market, MarketError> {
    let files = match sample(name_or_dir) {
        Some(files) => files,
        None => files_in(Path::new(name_or_dir))?,
    };
    check(&files).map_err(|report| MarketError::Wrong(Box::new(report)))
}

/// The names of the sample markets.
pub fn sample_names() -> Vec<&'static str> {
    // What the samples share is a directory too, but has no terms.
    let markets = SAMPLES.dirs().filter(|dir| dir.files().next().is_some());
    markets.filter_map(|dir| dir.path().to_str()).collect()
}

/// The files of the sample market of that name, if there is one: its terms, its help, and the help that it shares.
pub fn sample(name: &str) -> Option<Vec<MarketFile>> {
    let dir = SAMPLES.get_dir(name).filter(|dir| dir.files().next().is_some())?;
    let mut files = carried(dir, is_market_file);
    let help =
        |dir: &Path| SAMPLES.get_dir(dir.join("help")).map(|dir| carried(dir, help::is_article_or_settings));
    let own = help(dir.path()).unwrap_or_default();
    let shared = help::folders(dir.path(), &own);
    files.extend(own);
    files.extend(shared.iter().filter_map(|dir| help(dir)).flatten());
    Some(files)
}

fn carried(dir: &Dir<'static>, is_wanted: fn(&Path) -> bool) -> Vec<MarketFile> {
    let files = dir.files().filter(|file| is_wanted(file.path())).map(|file| MarketFile {
        path: file.path().display().to_string(),
        text: file.contents_utf8().unwrap_or_default().to_owned(),
    });
    sorted(files.collect())
}

/// The files of a market: the terms in its directory, its help, and the help that it shares; each by name.
pub fn files_in(dir: &Path) -> Result<Vec<MarketFile>, MarketError> {
    if !dir.is_dir() {
        let known = crate::suggestion::one_of(sample_names());
        return Err(MarketError::Unknown { name: dir.display().to_string(), known });
    }
    let mut files = read_dir(dir, is_market_file)?;
    let own = dir.join("help");
    let own = if own.is_dir() { read_dir(&own, help::is_article_or_settings)? } else { Vec::new() };
    let shared = help::folders(dir, &own);
    files.extend(own);
    for dir in shared {
        files.extend(read_dir(&dir.join("help"), help::is_article_or_settings)?);
    }
    Ok(files)
}

fn read_dir(dir: &Path, is_wanted: fn(&Path) -> bool) -> Result<Vec<MarketFile>, MarketError> {
    let unreadable = |path: &Path, error| MarketError::Unreadable { path: path.display().to_string(), error };
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(|error| unreadable(dir, error))? {
        let path = entry.map_err(|error| unreadable(dir, error))?.path();
        if is_wanted(&path) && path.is_file() {
            let text = read_file(&path).map_err(|error| unreadable(&path, error))?;
            files.push(MarketFile { path: path.display().to_string(), text });
        }
    }
    Ok(sorted(files))
}

fn read_file(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.len() > FILE_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a market file may hold at most 16 MiB"));
    }
    fs::read_to_string(path)
}

fn is_market_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

fn sorted(mut files: Vec<MarketFile>) -> Vec<MarketFile> {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Checks the terms of a market and its help.
///
/// # Errors
/// All mistakes; those of help once the terms have none, because articles speak of the terms.
pub fn check_with_help(files: &[MarketFile]) -> Result<(Market, Help), Report> {
    check_with_care_and_help(files).map(|(market, _, help)| (market, help))
}

/// All that a market's files say: its terms, its customer care and its help.
///
/// # Errors
/// As [`check_with_help`].
pub fn check_with_care_and_help(files: &[MarketFile]) -> Result<(Market, Care, Help), Report> {
    let (market, care, places) = check_terms(files)?;
    let help = check_help(files, &market)?;
    // A version that is kept for its orders has no help.
    let has_help = files.iter().any(|file| is_help_file(&file.path));
    let lost = if has_help { lost_articles(&care, &help, &places) } else { Vec::new() };
    if lost.is_empty() { Ok((market, care, help)) } else { Err(Report::new(files, lost)) }
}

/// Articles that questions name and the help does not show: a customer would be led nowhere.
fn lost_articles(care: &Care, help: &Help, places: &Places) -> Vec<Diagnostic> {
    let known: Vec<&str> = help.articles(Language::Ja).iter().map(|article| article.id.as_str()).collect();
    let questions = care.topics.iter().flat_map(|topic| &topic.questions);
    let named = questions.flat_map(|question| {
        let id = question.question_id.as_str();
        question.articles.iter().enumerate().map(move |(place, article)| (id, place, article.as_str()))
    });
    let lost = named.filter(|(_, _, article)| !known.contains(article));
    lost.map(|(id, place, article)| {
        let key = format!("care.questions.{id}.articles.{place}");
        let nearest = crate::suggestion::nearest(article, known.iter().copied());
        places.mistake(
            &key,
            format!("`{article}`"),
            "an article that the market's help shows".into(),
            nearest,
        )
    })
    .collect()
}

/// Checks files as one market and builds it, or tells all mistakes. Help is not looked at: prices do not depend on it.
pub fn check(files: &[MarketFile]) -> Result<Market, Report> {
    check_with_care(files).map(|(market, _)| market)
}

/// The same, with the market's customer care, of which the rules of money know nothing.
pub fn check_with_care(files: &[MarketFile]) -> Result<(Market, Care), Report> {
    check_terms(files).map(|(market, care, _)| (market, care))
}

fn check_terms(files: &[MarketFile]) -> Result<(Market, Care, Places), Report> {
    let schema = schema();
    let mut mistakes = Vec::new();
    let mut places = Places::default();
    let mut merged = Map::new();
    let mut unread = false;
    for (file, text) in files.iter().enumerate().filter(|(_, file)| !is_help_file(&file.path)) {
        let Some(table) = places::parse(file, text, &mut mistakes) else {
            unread = true;
            continue;
        };
        shape::Shape { schema: &schema, file }.check(&table, &mut mistakes);
        let mut here = Places::default();
        let sections = places::read(file, "", table.get_ref(), &mut here);
        merge(&mut merged, sections, "", &here, &mut mistakes);
        places.add(here);
    }
    if !unread {
        require_sections(&merged, &schema, &mut mistakes);
    }
    let built = build_sound_part(merged, &places, version(files), mistakes);
    let (market, care) = built.map_err(|mistakes| Report::new(files, mistakes))?;
    Ok((market, care, places))
}

/// Builds the market. Where there are mistakes of shape already, what has none is still checked for its
/// meaning, so that all mistakes are told at once.
fn build_sound_part(
    mut merged: Map<String, Value>,
    places: &Places,
    version: String,
    mut mistakes: Vec<Diagnostic>,
) -> Result<(Market, Care), Vec<Diagnostic>> {
    let names = Names {
        sellers: ids(&merged, "sellers"),
        programs: ids(&merged, "programs"),
        methods: ids(&merged, "methods"),
    };
    for mistake in &mistakes {
        take_out(&mut merged, &mistake.key);
    }
    let sections: Sections = match serde_json::from_value(Value::Object(merged)) {
        Ok(sections) => sections,
        Err(_) if !mistakes.is_empty() => return Err(mistakes),
        // The shape was checked against the same types, so this is a gap in that check; still no panic.
        Err(error) => return Err(vec![places.mistake("market", error.to_string(), "a market".into(), None)]),
    };
    match build::build(sections, &names, places, version) {
        Ok(built) if mistakes.is_empty() => Ok(built),
        Ok(_) => Err(mistakes),
        Err(more) => {
            mistakes.extend(more);
            Err(mistakes)
        }
    }
}

fn ids(merged: &Map<String, Value>, section: &str) -> Vec<String> {
    merged
        .get(section)
        .and_then(Value::as_object)
        .map(|entries| entries.keys().cloned().collect())
        .unwrap_or_default()
}

/// Takes out the entry, or the section without entries, that a mistake is in.
fn take_out(merged: &mut Map<String, Value>, key: &str) {
    let mut parts = key.split('.');
    let (section, entry) = (parts.next().unwrap_or_default(), parts.next());
    match (merged.get_mut(section), entry) {
        (Some(Value::Object(entries)), Some(entry)) if is_shared(section) => {
            entries.remove(entry);
        }
        _ => {
            merged.remove(section);
        }
    }
}

/// Puts a file's sections to those of the files before it. A section may be spread over files; a key may not.
fn merge(
    into: &mut Map<String, Value>,
    sections: Map<String, Value>,
    path: &str,
    here: &Places,
    mistakes: &mut Vec<Diagnostic>,
) {
    for (key, value) in sections {
        let name = places::join(path, &key);
        match (into.get_mut(&key), value) {
            (Some(Value::Object(known)), Value::Object(more)) if is_shared(&name) => {
                merge(known, more, &name, here, mistakes);
            }
            (Some(_), _) => {
                let expected = "each key in one file only".to_owned();
                mistakes.push(here.mistake(&name, "it again".into(), expected, None));
            }
            (None, value) => {
                into.insert(key, value);
            }
        }
    }
}

/// Sections that hold named entries, which may stand in several files.
fn is_shared(section: &str) -> bool {
    matches!(section, "sellers" | "programs" | "coupons" | "methods" | "policies" | "contacts" | "care")
}

fn require_sections(merged: &Map<String, Value>, schema: &Value, mistakes: &mut Vec<Diagnostic>) {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for section in required.filter(|section| !merged.contains_key(*section)) {
        mistakes.push(Diagnostic {
            file: None,
            span: 0..0,
            key: section.to_owned(),
            found: "no such section in any file".into(),
            expected: format!("a section [{section}]"),
            suggestion: None,
        });
    }
}

/// A digest of names and contents of the terms: the same files, the same version.
fn version(files: &[MarketFile]) -> String {
    let terms = files.iter().filter(|file| !is_help_file(&file.path));
    let contents: BTreeMap<&str, &str> =
        terms.map(|file| (file_name(&file.path), file.text.as_str())).collect();
    digest(contents.into_iter().flat_map(|(name, text)| [name, text]))
}

fn digest<'p>(parts: impl Iterator<Item = &'p str>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The JSON Schema of market files, made from their types.
pub fn schema() -> Value {
    schemars::schema_for!(Sections).to_value()
}
