//! The markets that are open, and the versions that orders were placed under.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use choba_care::contact::Care;
use choba_engine::market::Market;
use choba_formats::market_files::{self, Help, MarketFile, Report, help_that_holds, is_help_file};

use crate::AppError;

/// A market with the files it comes from.
#[derive(Clone, Debug)]
pub struct KnownMarket {
    /// The market.
    pub market: Arc<Market>,
    /// Its customer care.
    pub care: Arc<Care>,
    /// The files of its terms: name and text.
    pub files: Arc<Vec<(String, String)>>,
    /// Its help articles.
    pub help: Arc<Help>,
    /// The files of its help. There are none where only terms were given, as of a version that is kept for its orders.
    pub help_files: Arc<Vec<(String, String)>>,
}

impl KnownMarket {
    /// Checks files as a market.
    ///
    /// # Errors
    /// All mistakes, as a report for people.
    pub fn from_files(files: Vec<(String, String)>) -> Result<Self, String> {
        Self::checked(files).map_err(|report| report.to_string())
    }

    /// Checks files as a market, its help among them.
    ///
    /// # Errors
    /// All mistakes with their places.
    pub fn checked(files: Vec<(String, String)>) -> Result<Self, Report> {
        let (market, care, help) = market_files::check_with_care_and_help(&texts(&files))?;
        let (help_files, files) = files.into_iter().partition(|(path, _)| is_help_file(path));
        Ok(Self {
            market: Arc::new(market),
            care: Arc::new(care),
            files: Arc::new(files),
            help: Arc::new(help),
            help_files: Arc::new(help_files),
        })
    }

    /// The same terms with other help. An article that is not true under these terms is not shown.
    #[must_use]
    pub fn with_help(self, help_files: Arc<Vec<(String, String)>>) -> Self {
        let help = help_that_holds(&texts(&help_files), &self.market);
        Self { help: Arc::new(help), help_files, ..self }
    }
}

fn texts(files: &[(String, String)]) -> Vec<MarketFile> {
    files.iter().map(|(path, text)| MarketFile { path: path.clone(), text: text.clone() }).collect()
}

/// The markets that are open. A new version takes the place of the old one at once; orders keep theirs.
#[derive(Debug, Default)]
pub struct Markets {
    open: RwLock<HashMap<String, KnownMarket>>,
    versions: RwLock<HashMap<String, Arc<Market>>>,
    /// The versions of help that were put in force and are shown here, by market.
    helps: RwLock<HashMap<String, String>>,
}

impl Markets {
    /// Opens a market, or a new version of one. Where only terms are given, the help that is shown goes on.
    pub fn open(&self, known: KnownMarket) {
        self.keep(Arc::clone(&known.market));
        let known = self.with_known_help(known);
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.insert(known.market.name.clone(), known);
    }

    fn with_known_help(&self, known: KnownMarket) -> KnownMarket {
        if !known.help_files.is_empty() {
            return known;
        }
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let shown = open.get(&known.market.name).map(|shown| Arc::clone(&shown.help_files));
        drop(open);
        match shown {
            Some(shown) => known.with_help(shown),
            None => known,
        }
    }

    /// Keeps a version for the orders that were placed under it.
    pub fn keep(&self, market: Arc<Market>) {
        let mut versions = self.versions.write().unwrap_or_else(PoisonError::into_inner);
        versions.entry(market.version.clone()).or_insert(market);
    }

    /// The open market of that name.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`].
    pub fn get(&self, name: &str) -> Result<Arc<Market>, AppError> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let known = open.get(name).map(|known| Arc::clone(&known.market));
        known.ok_or_else(|| AppError::UnknownMarket { name: name.to_owned() })
    }

    /// The customer care of the open market of that name.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`].
    pub fn care(&self, name: &str) -> Result<Arc<Care>, AppError> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let care = open.get(name).map(|known| Arc::clone(&known.care));
        care.ok_or_else(|| AppError::UnknownMarket { name: name.to_owned() })
    }

    /// The help of the open market of that name.
    ///
    /// # Errors
    /// [`AppError::UnknownMarket`].
    pub fn help(&self, name: &str) -> Result<Arc<Help>, AppError> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let help = open.get(name).map(|known| Arc::clone(&known.help));
        help.ok_or_else(|| AppError::UnknownMarket { name: name.to_owned() })
    }

    /// Notes that a market shows the help that was put in force.
    pub(crate) fn note_help(&self, market: &str, version: &str) {
        let mut helps = self.helps.write().unwrap_or_else(PoisonError::into_inner);
        helps.insert(market.to_owned(), version.to_owned());
    }

    pub(crate) fn has_noted_help(&self, market: &str, version: &str) -> bool {
        let helps = self.helps.read().unwrap_or_else(PoisonError::into_inner);
        helps.get(market).is_some_and(|noted| noted == version)
    }

    /// All open markets, by name.
    pub fn all(&self) -> Vec<KnownMarket> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<KnownMarket> = open.values().cloned().collect();
        all.sort_by(|a, b| a.market.name.cmp(&b.market.name));
        all
    }

    /// The market as it was in a version, if that is known here.
    pub fn version(&self, version: &str) -> Option<Arc<Market>> {
        let versions = self.versions.read().unwrap_or_else(PoisonError::into_inner);
        versions.get(version).map(Arc::clone)
    }
}
