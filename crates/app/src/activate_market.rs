//! New versions of markets, taken over by every process without a restart.

use choba_store::books::{self, ActiveMarket};
use jiff::Timestamp;

use crate::{AppError, Counter, KnownMarket};

impl Counter {
    /// Puts a version of a market in force, here at once, in other processes when they look. Orders keep the
    /// version they were placed under.
    ///
    /// # Errors
    /// What the database answers; the old version stays in force then.
    pub async fn activate_market(&self, known: KnownMarket, by: &str, at: Timestamp) -> Result<(), AppError> {
        let (name, version) = (known.market.name.clone(), known.market.version.clone());
        self.open_market(known, at).await?;
        Ok(books::activate_market(&self.store, &name, &version, by, at).await?)
    }

    /// Takes over the versions that were put in force elsewhere, or before this process began. Says how many were new.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn take_over_markets(&self) -> Result<usize, AppError> {
        let mut taken = 0;
        for active in books::active_markets(&self.store).await? {
            let open = self.markets.get(&active.market);
            if open.is_ok_and(|market| market.version == active.version) {
                continue;
            }
            self.markets.open(self.kept_version(&active.version).await?);
            taken += 1;
        }
        Ok(taken)
    }

    /// Which versions are in force since when, by market.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn active_markets(&self) -> Result<Vec<ActiveMarket>, AppError> {
        Ok(books::active_markets(&self.store).await?)
    }

    /// A version from the files that were kept.
    ///
    /// # Errors
    /// [`AppError::NotFound`] where there is none, and what the database answers.
    pub async fn kept_version(&self, version: &str) -> Result<KnownMarket, AppError> {
        let files = books::market_version(&self.store, version).await?;
        let files = files.ok_or_else(|| AppError::not_found("market version", version))?;
        let files = serde_json::from_str(&files).map_err(|error| AppError::Defect(error.to_string()))?;
        KnownMarket::from_files(files).map_err(AppError::Defect)
    }
}
