//! New versions of markets, taken over by every process without a restart.

use std::sync::Arc;

pub use choba_store::books::ActiveMarket;
use choba_store::books::{self, AuditFilter, AuditRow};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::audit_log::Action;
use crate::{AppError, Caller, Counter, KnownMarket, Right};

/// What the audit log calls it.
const ACTIVATED: &str = "market.activated";

fn activation(row: AuditRow) -> Option<ActiveMarket> {
    let details: Value = serde_json::from_str(row.details.as_deref()?).ok()?;
    let version = details.get("version")?.as_str()?.to_owned();
    Some(ActiveMarket {
        market: row.subject,
        version,
        activated_at: row.happened_at,
        activated_by: row.made_by,
    })
}

impl Counter {
    /// Puts a version of a market in force, here at once, in other processes when they look. Orders keep the
    /// version they were placed under. It is on the audit log, unless the version was in force already.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], and what the database answers; the old version stays in force then.
    pub async fn activate_market(
        &self,
        caller: &Caller,
        known: KnownMarket,
        at: Timestamp,
    ) -> Result<(), AppError> {
        caller.may(Right::MarketsWrite)?;
        let (name, version) = (known.market.name.clone(), known.market.version.clone());
        let help = (known.help.version().to_owned(), Arc::clone(&known.help_files));
        let before = books::active_markets(&self.store).await?.into_iter().find(|row| row.market == name);
        self.open_market(known, at).await?;
        if before.is_none_or(|before| before.version != version) {
            let action = Action::new(ACTIVATED, &name).with_details(json!({ "version": version }));
            let told = self.audit_row(caller, action, at).append().to_vec();
            books::activate_market(&self.store, &name, &version, &caller.by(), at, told).await?;
        }
        self.activate_help(&name, help).await
    }

    /// The versions of a market that were put in force, the last one first.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`], and what the database answers.
    pub async fn market_history(
        &self,
        caller: &Caller,
        market: &str,
        most: i64,
    ) -> Result<Vec<ActiveMarket>, AppError> {
        caller.may(Right::ReportsRead)?;
        let filter = AuditFilter {
            subject: Some(market.to_owned()),
            action: Some(ACTIVATED.to_owned()),
            ..AuditFilter::default()
        };
        let rows = books::audit_rows(&self.store, &filter, None, most).await?;
        Ok(rows.into_iter().filter_map(activation).collect())
    }

    /// Where help came with the terms, it is put in force with them.
    async fn activate_help(
        &self,
        market: &str,
        (version, files): (String, Arc<Vec<(String, String)>>),
    ) -> Result<(), AppError> {
        if files.is_empty() {
            return Ok(());
        }
        let files = serde_json::to_string(&*files).map_err(|error| AppError::Defect(error.to_string()))?;
        books::activate_help(&self.store, market, &version, &files).await?;
        self.markets.note_help(market, &version);
        Ok(())
    }

    async fn take_over_help(&self) -> Result<(), AppError> {
        for (market, version) in books::active_help(&self.store).await? {
            if self.markets.has_noted_help(&market, &version) {
                continue;
            }
            let known = self.markets.all().into_iter().find(|known| known.market.name == market);
            let files = books::active_help_files(&self.store, &market).await?;
            if let Some((known, files)) = known.zip(files) {
                let files =
                    serde_json::from_str(&files).map_err(|error| AppError::Defect(error.to_string()))?;
                self.markets.open(known.with_help(Arc::new(files)));
                self.markets.note_help(&market, &version);
            }
        }
        Ok(())
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
        self.take_over_help().await?;
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
