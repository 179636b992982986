//! The markets that are open, and the versions that orders were placed under.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use choba_care::contact::Care;
use choba_engine::market::Market;
use choba_formats::market_files::{self, MarketFile, Report};

use crate::AppError;

/// A market with the files it comes from.
#[derive(Clone, Debug)]
pub struct KnownMarket {
    /// The market.
    pub market: Arc<Market>,
    /// Its customer care.
    pub care: Arc<Care>,
    /// Its files: name and text.
    pub files: Arc<Vec<(String, String)>>,
}

impl KnownMarket {
    /// Checks files as a market.
    ///
    /// # Errors
    /// All mistakes, as a report for people.
    pub fn from_files(files: Vec<(String, String)>) -> Result<Self, String> {
        Self::checked(files).map_err(|report| report.to_string())
    }

    /// Checks files as a market.
    ///
    /// # Errors
    /// All mistakes with their places.
    pub fn checked(files: Vec<(String, String)>) -> Result<Self, Report> {
        let texts: Vec<MarketFile> =
            files.iter().map(|(path, text)| MarketFile { path: path.clone(), text: text.clone() }).collect();
        let (market, care) = market_files::check_with_care(&texts)?;
        Ok(Self { market: Arc::new(market), care: Arc::new(care), files: Arc::new(files) })
    }
}

/// The markets that are open. A new version takes the place of the old one at once; orders keep theirs.
#[derive(Debug, Default)]
pub struct Markets {
    open: RwLock<HashMap<String, KnownMarket>>,
    versions: RwLock<HashMap<String, Arc<Market>>>,
}

impl Markets {
    /// Opens a market, or a new version of one.
    pub fn open(&self, known: KnownMarket) {
        self.keep(Arc::clone(&known.market));
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.insert(known.market.name.clone(), known);
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
