//! Names of queues and questions in the visitor's language, and short forms of what the desk reads.

use std::sync::Arc;

use choba_app::{Counter, Key};
use choba_care::contact::{Care, Name};
use choba_formats::language::Language;

use crate::fields::Fields;

/// The names of a market's care in a language.
#[derive(Clone)]
pub struct Names {
    care: Arc<Care>,
    language: Language,
}

impl Names {
    /// Those of a market; none where it is not open any more.
    pub fn of(counter: &Counter, market: &str, language: Language) -> Self {
        Self { care: counter.markets().care(market).unwrap_or_default(), language }
    }

    /// None: keys stand for themselves.
    #[cfg(test)]
    pub fn none(language: Language) -> Self {
        Self { care: Arc::default(), language }
    }

    fn name(&self, name: &Name) -> String {
        match self.language {
            Language::Ja => name.ja.clone(),
            Language::En => name.en.clone(),
        }
    }

    /// A queue's name; its key where there is none any more.
    pub fn queue(&self, key: &str) -> String {
        self.care.queues.get(key).map_or_else(|| key.to_owned(), |queue| self.name(&queue.name))
    }

    /// Every queue with its name.
    pub fn queues(&self) -> Vec<(String, String)> {
        self.care.queues.keys().map(|key| (key.clone(), self.queue(key))).collect()
    }

    /// Where a queue passes on to.
    pub fn escalates_to(&self, queue: &str) -> Option<String> {
        self.care.queues.get(queue)?.escalates_to.clone()
    }

    /// A question's name; its key where there is none any more.
    pub fn question(&self, key: &str) -> String {
        self.care.question(key).map_or_else(|| key.to_owned(), |(_, question)| self.name(&question.name))
    }

    /// The help articles of a question.
    pub fn articles(&self, question: &str) -> Vec<String> {
        self.care.question(question).map(|(_, question)| question.articles.clone()).unwrap_or_default()
    }
}

/// A new key for a form, so that sending it twice does it once.
pub fn new_key(counter: &Counter) -> String {
    counter.draw_session_token().reveal().to_owned()
}

/// The key of a form with what it says: the same key with another text is another wish, and refused.
///
/// # Errors
/// As [`Key::new`].
pub fn key_of(fields: &Fields, use_case: &str, subject: &str) -> Result<Key, choba_app::AppError> {
    let said = fields.iter().filter(|(name, _)| *name != crate::form::TOKEN);
    let body: Vec<u8> = said.flat_map(|(name, value)| format!("{name}={value}\n").into_bytes()).collect();
    Key::new(fields.one("key"), use_case, subject, &body)
}
